using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Caravan.Stock;

namespace Caravan.Orders;

/// <summary>A company's stock that has fallen short, with the orders that hold it.</summary>
internal static class ShortfallEndpoints
{
    private const int OrdersMax = 200;

    public static void MapShortfallEndpoints(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/stock/shortfalls", List).WithTags("Stock").NeedsScope(Area.Stock)
        .WithSummary("Cells where more is reserved than is there, with the orders that hold reservations, in the order of your allocation rule").Produces<Page<ShortfallBody>>();

    private static async Task<IResult> List(Caller caller, Store store, StockBook stock, CancellationToken cancel, string? cursor = null, int limit = 50)
    {
        var check = new Check().That(TryCursor(cursor, out var after), "?cursor", "Give the 'next' of the page before.").Range(limit, "?limit", 1, Page<ShortfallBody>.Longest);
        if (check.Failed)
            return check.Refusal;

        return TypedResults.Ok(await store.ReadAsync(async db =>
        {
            var page = Page<Shortfall>.Of([.. await stock.ShortfallsAsync(db, caller.Tenant, after, limit + 1)], limit, one => $"{one.Item}~{one.Location}");
            List<ShortfallBody> bodies = [];
            foreach (var one in page.Items)
            {
                // A partner's order is its own: it is counted, and named to nobody else.
                var claims = await ShortfallClaims.OfAsync(db, caller.Tenant, one.Item, one.Location);
                bodies.Add(new ShortfallBody(one.Item, one.Location, one.Quantity, one.Since, claims.Count, [.. claims.Take(OrdersMax).Select(claim => ClaimBody.Of(claim, isOwn: claim.Claimant.Seller == caller.Tenant))]));
            }

            return new Page<ShortfallBody>(bodies, page.Next);
        }, cancel));
    }

    private static bool TryCursor(string? cursor, out (ItemId Item, LocationId Location) after)
    {
        after = default;
        if (cursor is null)
            return true;
        if (cursor.Split('~') is not [var first, var second] || !ItemId.TryParse(first, null, out var item) || !LocationId.TryParse(second, null, out var location))
            return false;

        after = (item, location);
        return true;
    }
}

/// <summary>A cell of yours where more is reserved than is there, and the first 200 of the claims on it, in the order of your rule.</summary>
internal sealed record ShortfallBody(ItemId Item, LocationId Location, int Quantity, DateTimeOffset Since, int ClaimsInAll, IReadOnlyList<ClaimBody> Claims);

/// <summary>Units that an order holds there, and how many of them the rule leaves it. A partner's order is not named.</summary>
internal sealed record ClaimBody(PartnerId Seller, OrderId? Order, string? Number, string? Channel, int Line, int Units, int Kept, bool IsAtRisk, DateTimeOffset PlacedAt, DateTimeOffset PromisedAt)
{
    public static ClaimBody Of(ShortfallClaim claim, bool isOwn) => new(
        claim.Claimant.Seller,
        isOwn ? claim.Claimant.Order : null,
        isOwn ? claim.Number : null,
        isOwn ? claim.Claimant.Channel : null,
        claim.Claimant.Line,
        claim.Claimant.Units,
        claim.Kept,
        claim.IsAtRisk,
        claim.Claimant.PlacedAt,
        claim.Claimant.PromisedAt);
}
