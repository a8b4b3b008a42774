using System.Globalization;
using Caravan.Partners;
using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Caravan.Operations;

/// <summary>The company's access keys: to make, to make anew and to revoke. A new key is shown on the answer to its form and never again.</summary>
internal static class KeyPages
{
    private const string Home = "/operations/keys";

    /// <summary>For how long an old key goes on when the page makes it anew.</summary>
    private const int KeepMinutes = 24 * 60;

    public static void MapKeyPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup(Home).ExcludeFromDescription().NeedsScope(Area.Keys);
        pages.MapGet("", Show);
        pages.MapPost("", Make);
        pages.MapPost("/{id}/rotate", Rotate);
        pages.MapPost("/{id}/revoke", Revoke);
        pages.MapPost("/sessions/{session}/end", End);
    }

    private static Task<IResult> Show(HttpContext context, Caller caller, KeysReader reader, CancellationToken cancel) => reader.PageAsync(context, caller, null, null, null, cancel);

    private static async Task<IResult> Make(HttpContext context, Caller caller, Store store, KeyDesk desk, KeysReader reader, TimeProvider clock, IFormCollection form, CancellationToken cancel)
    {
        var name = form["name"].ToString().Trim();
        var isLimited = form["may"] == "some";
        var scopes = isLimited ? Scopes.Read(form["scopes"].ToString().Replace(',', ' ')) : Scopes.All;
        var days = form["days"].ToString();
        var hasDays = int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var lasts);
        var fault = new Check().Text(name, "name", KeyDesk.NameLength).Failed ? $"Give a name of up to {KeyDesk.NameLength} characters: what the key is for."
            : isLimited && scopes == default ? "Tick what the key may do, or let it do everything."
            : days.Length > 0 && (!hasDays || lasts is < 1 or > 3_650) ? "Give a number of days from 1 to 3650, or leave it empty for a key without an end."
            : null;
        if (fault is not null)
            return await reader.PageAsync(context, caller, null, fault, form, cancel);

        return await AnswerAsync(context, caller, store, reader, tx => desk.MakeAsync(tx, caller, name, scopes, hasDays ? clock.GetUtcNow().AddDays(lasts) : null), form, cancel);
    }

    private static Task<IResult> Rotate(HttpContext context, KeyId id, Caller caller, Store store, KeyDesk desk, KeysReader reader, CancellationToken cancel) =>
        AnswerAsync(context, caller, store, reader, tx => desk.RotateAsync(tx, caller, id, KeepMinutes), null, cancel);

    private static async Task<IResult> Revoke(HttpContext context, KeyId id, Caller caller, Store store, KeyDesk desk, KeysReader reader, CancellationToken cancel) =>
        await store.WriteAsync(tx => desk.RevokeAsync(tx, caller, id), cancel) switch
        {
            null => Results.Redirect(Home),
            ProblemHttpResult { StatusCode: StatusCodes.Status409Conflict } problem => await reader.PageAsync(context, caller, null, problem.ProblemDetails.Detail, null, cancel),
            { } refusal => refusal,
        };

    private static async Task<IResult> End(string session, Caller caller, Store store, CancellationToken cancel) =>
        await store.WriteAsync(tx => ApiKeys.EndSessionAsync(tx, caller.Tenant, session), cancel) ? Results.Redirect(Home) : Problem.NotFound("open session");

    private static async Task<IResult> AnswerAsync(HttpContext context, Caller caller, Store store, KeysReader reader, Func<Tx, Task<(MadeKey? Made, IResult? Refusal)>> work, IFormCollection? form, CancellationToken cancel)
    {
        var (made, refusal) = await store.WriteAsync(work, cancel); // A refusal has written nothing.
        return made is not null || refusal is ProblemHttpResult { StatusCode: StatusCodes.Status409Conflict or StatusCodes.Status403Forbidden }
            ? await reader.PageAsync(context, caller, made, (refusal as ProblemHttpResult)?.ProblemDetails.Detail, form, cancel)
            : refusal!; // One of the two.
    }

    /// <summary>Reads the page.</summary>
    internal sealed class KeysReader(Store store, PartnerBook partners, TimeProvider clock)
    {
        public Task<IResult> PageAsync(HttpContext context, Caller caller, MadeKey? made, string? fault, IFormCollection? asked, CancellationToken cancel)
        {
            context.Response.Headers.CacheControl = "no-store";
            return store.ReadAsync<IResult>(async db => new RazorComponentResult<KeysPage>(new
            {
                Company = await partners.FindAsync(db, caller.Tenant),
                Keys = await KeyDesk.ActiveAsync(db, caller.Tenant, clock.GetUtcNow()),
                Sessions = await ApiKeys.SessionsAsync(db, caller.Tenant, clock.GetUtcNow()),
                Session = AccessRoom.SessionOf(context),
                caller.Scopes,
                Current = caller.Key,
                Made = made,
                Fault = fault,
                Asked = made is null ? asked?.ToDictionary(field => field.Key, field => field.Value.ToString()) ?? [] : [],
            })
            { StatusCode = fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest }, cancel);
        }
    }
}
