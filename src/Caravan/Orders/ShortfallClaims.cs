using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Orders;

/// <summary>An order's units on a cell that has fallen short: whether the rule leaves it all of them.</summary>
internal sealed record ShortfallClaim(Claimant Claimant, FulfilmentId Fulfilment, string Number, int Kept)
{
    public bool IsAtRisk => Kept < Claimant.Units;
}

/// <summary>Who keeps the goods of a cell that has fallen short, by its owner's allocation rule.</summary>
internal static class ShortfallClaims
{
    /// <summary>How much is short in a cell; nothing when it is not.</summary>
    public static Task<int?> QuantityAsync(Db db, PartnerId owner, ItemId item, LocationId location) =>
        db.FirstAsync<int?>("SELECT quantity FROM stock_shortfalls WHERE tenant = @owner AND item = @item AND location = @location", new { owner, item, location });

    /// <summary>The orders marked as at risk that hold reservations in a cell.</summary>
    public static async Task<List<(PartnerId Seller, OrderId Order)>> AtRiskAsync(Db db, PartnerId owner, ItemId item, LocationId location)
    {
        List<(PartnerId, OrderId)> marked = [];
        foreach (var ofSeller in (await OrderStore.ClaimsAsync(db, owner, item, location)).GroupBy(claim => claim.Seller))
        {
            marked.AddRange((await db.QueryAsync<OrderId>(
                "SELECT DISTINCT o.id FROM fulfilments f JOIN orders o ON o.tenant = f.tenant AND o.id = f.order_id WHERE f.tenant = @seller AND f.id IN @keys AND o.is_at_risk = 1 ORDER BY o.id",
                new { seller = ofSeller.Key, keys = ofSeller.Select(claim => claim.Fulfilment).Distinct().ToKeys(db) })).Select(id => (ofSeller.Key, id)));
        }

        return marked;
    }

    /// <summary>The orders that hold reservations in a cell, in the rule's order; none when it is not short. What is in a tote is its order's.</summary>
    public static async Task<List<ShortfallClaim>> OfAsync(Db db, PartnerId owner, ItemId item, LocationId location)
    {
        if (await QuantityAsync(db, owner, item, location) is not { } missing)
            return [];

        List<(Claimant Claimant, ClaimRow Row)> claims = [];
        foreach (var ofSeller in (await OrderStore.ClaimsAsync(db, owner, item, location)).GroupBy(claim => claim.Seller))
        {
            foreach (var row in await db.QueryAsync<ClaimRow>(
                """
                SELECT a.fulfilment, a.line, a.order_id, o.channel, o.number, o.placed_at, o.promised_at, a.reserved + a.released AS units
                FROM allocations a JOIN orders o ON o.tenant = a.tenant AND o.id = a.order_id
                WHERE a.tenant = @seller AND a.fulfilment IN @keys AND a.owner = @owner AND a.item = @item AND a.location = @location AND a.reserved + a.released > 0
                """,
                new { seller = ofSeller.Key, keys = ofSeller.Select(claim => claim.Fulfilment).Distinct().ToKeys(db), owner, item, location }))
            {
                claims.Add((new Claimant(ofSeller.Key, row.Channel, row.OrderId, row.Line, row.PlacedAt, row.PromisedAt, row.Units), row));
            }
        }

        // What holds and orders have on the shelf less what is missing there.
        var there = Math.Max(0, claims.Sum(claim => claim.Claimant.Units) - missing);
        var rows = claims.GroupBy(claim => claim.Claimant).ToDictionary(same => same.Key, same => new Queue<ClaimRow>(same.Select(claim => claim.Row)));
        return [.. Allotment.Share(await AllocationStore.OfAsync(db, owner), claims.Select(claim => claim.Claimant), there).Select(share =>
        {
            var row = rows[share.Claimant].Dequeue();
            return new ShortfallClaim(share.Claimant, row.Fulfilment, row.Number, share.Given);
        })];
    }

    private sealed record ClaimRow
    {
        public FulfilmentId Fulfilment { get; init; }
        public int Line { get; init; }
        public OrderId OrderId { get; init; }
        public string Channel { get; init; } = "";
        public string Number { get; init; } = "";
        public DateTimeOffset PlacedAt { get; init; }
        public DateTimeOffset PromisedAt { get; init; }
        public int Units { get; init; }
    }
}
