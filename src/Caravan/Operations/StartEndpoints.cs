using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Screens;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Caravan.Storefronts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Caravan.Operations;

/// <summary>The ways in: the start page, signing in, and the parts that pages are made of.</summary>
internal static class StartEndpoints
{
    private const int DemosShown = 12;

    public static void MapStartEndpoints(this IEndpointRouteBuilder routes)
    {
        var start = routes.MapGroup("").AllowAnonymous().ExcludeFromDescription();
        start.MapGet("/", Start);
        start.MapGet("/sign-in", SignIn);
        start.MapGet("/design", Design);
        start.MapPost("/demo/sign-in", DemoSignIn);
    }

    private static async Task<IResult> Start(HttpContext context, Store store, PartnerBook partners, ShopWindow shops, Settings settings, CancellationToken cancel)
    {
        var caller = Caller.TryOf(context);
        var (company, open) = await store.ReadAsync(async db => (caller is null ? null : await partners.FindAsync(db, caller.Tenant), await shops.OpenAsync(db)), cancel);
        return new RazorComponentResult<StartPage>(new { Company = company?.Name, Shops = open, settings.IsDemo });
    }

    private static async Task<IResult> SignIn(Store store, PartnerBook partners, Settings settings, CancellationToken cancel, string? failed = null, [FromQuery(Name = "return")] string? returnTo = null)
    {
        var demos = settings.IsDemo ? (await store.ReadAsync(partners.AllAsync, cancel)).Where(partner => partner.IsDemo).Take(DemosShown).ToList() : [];
        return new RazorComponentResult<SignInPage>(new
        {
            Return = returnTo is null ? "/operations" : AccessRoom.LocalPath(returnTo),
            HasFailed = failed is not null,
            settings.IsDemo,
            Demos = (IReadOnlyList<SignInPage.DemoDoor>)[.. demos.Select(partner => new SignInPage.DemoDoor(partner.Id.ToString(), partner.Name, partner.Slug))],
        });
    }

    private static IResult Design(string? theme = null) =>
        new RazorComponentResult<DesignPage>(new { Theme = theme is "light" or "dark" ? theme : null });

    // Only demo companies, and only where the demo is on: there, anybody may be anybody.
    private static async Task<IResult> DemoSignIn(HttpContext context, ApiKeys keys, Store store, PartnerBook partners, Settings settings, [FromForm] string partner, [FromForm(Name = "return")] string? returnTo)
    {
        var found = settings.IsDemo && PartnerId.TryParse(partner, null, out var id) ? await store.ReadAsync(db => partners.FindAsync(db, id), context.RequestAborted) : null;
        if (found is not { IsDemo: true })
            return Problem.NotFound("demo company");

        await AccessRoom.StartSessionAsync(context, keys, new Caller(found.Id, "demo"));
        return Results.Redirect(returnTo is null ? "/operations" : AccessRoom.LocalPath(returnTo));
    }
}
