using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Caravan.Partners;

internal static class PartnerEndpoints
{
    public static void MapPartnerEndpoints(this IEndpointRouteBuilder routes)
    {
        var partners = routes.MapGroup("/v1").WithTags("Partners").NeedsScope(Area.Partners);
        partners.MapGet("/me", Me).WithSummary("The company whose key this is");
        partners.MapGet("/partners", List).WithSummary("Companies that you have an agreement with, and your own");
        partners.MapGet("/agreements", Agreements).WithSummary("Agreements in which you are one of the two, also ended ones");
        partners.MapPost("/agreements", Grant).WithSummary("Grant another company something of yours").Produces<Agreement>(201).ProducesProblem(400).ProducesProblem(404);
        partners.MapDelete("/agreements/{id}", Revoke).WithSummary("Take a grant of yours back; it holds no longer for any order after this").ProducesProblem(404);
    }

    private static async Task<Ok<PartnerBody>> Me(Caller caller, Store store, PartnerBook book, CancellationToken cancel)
    {
        var me = await store.ReadAsync(db => book.FindAsync(db, caller.Tenant), cancel);
        return TypedResults.Ok(BodyOf(me!)); // A key's company is never deleted.
    }

    private static async Task<Ok<Page<PartnerBody>>> List(Caller caller, Store store, CancellationToken cancel)
    {
        var seen = await store.ReadAsync(async db =>
        {
            var dealsWith = (await PartnerStore.OfAsync(db, caller.Tenant)).SelectMany(agreement => new[] { agreement.Grantor, agreement.Grantee }).Append(caller.Tenant).ToHashSet();
            return (await PartnerStore.ManyAsync(db, dealsWith)).Select(BodyOf).ToList();
        }, cancel);
        return TypedResults.Ok(new Page<PartnerBody>(seen, null));
    }

    private static async Task<Ok<Page<Agreement>>> Agreements(Caller caller, Store store, CancellationToken cancel) =>
        TypedResults.Ok(new Page<Agreement>(await store.ReadAsync(db => PartnerStore.OfAsync(db, caller.Tenant), cancel), null));

    private static async Task<IResult> Grant(HttpContext context, Caller caller, GrantBody body, PartnerBook book, IdempotentWrites writes)
    {
        var check = new Check()
            .Range(body.SharePercent, "#/sharePercent", 1, 100)
            .Text(body.Region, "#/region", 20, optional: true)
            .That(body.Grantee != caller.Tenant, "#/grantee", "A company needs no agreement with itself.")
            .That(body.To is null || body.To > (body.From ?? DateTimeOffset.MinValue), "#/to", "The end must be after the beginning.")
            .That(body.Gtins is null or { Count: > 0 and <= 10_000 }, "#/gtins", "Give 1 to 10000 GTINs, or leave the field out for all items.")
            .That(body.Locations is null or { Count: > 0 and <= 10_000 }, "#/locations", "Give 1 to 10000 locations, or leave the field out for all of yours.");
        for (var i = 0; i < (body.Gtins?.Count ?? 0); i++)
            check.That(body.Gtins![i] is { Length: 14 } gtin && gtin.All(char.IsAsciiDigit), $"#/gtins/{i}", "Give a GTIN as 14 digits.");
        if (check.Failed)
            return check.Refusal;

        return await writes.RunAsync(context, caller, async tx =>
        {
            if (await book.FindAsync(tx, body.Grantee) is null)
                return Outcome.Refuse(Problem.NotFound("partner"));

            var agreement = new Agreement(AgreementId.New(tx.Now), caller.Tenant, body.Grantee, body.Kind, body.Gtins, body.Locations, body.Region, body.SharePercent, body.From ?? tx.Now, body.To, null);
            await book.GrantAsync(tx, agreement);
            return new Answer(201, agreement, $"/v1/agreements/{agreement.Id}");
        });
    }

    private static Task<IResult> Revoke(HttpContext context, Caller caller, AgreementId id, IdempotentWrites writes) =>
        writes.RunAsync(context, caller, async tx => await PartnerStore.RevokeAsync(tx, caller.Tenant, id)
            ? new Answer(204)
            : Outcome.Refuse(Problem.NotFound("agreement of yours")));

    private static PartnerBody BodyOf(Partner partner) => new(partner.Id, partner.Slug, partner.Name, partner.IsDemo);
}
