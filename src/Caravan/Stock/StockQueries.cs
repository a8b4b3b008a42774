using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>Lists of an owner's own stock, for endpoints and pages.</summary>
internal static class StockQueries
{
    /// <summary>Cells in key order, those after a cursor, of one item or one location when named.</summary>
    public static Task<List<CellBody>> CellsAsync(Db db, PartnerId owner, ItemId? item, LocationId? location, (ItemId Item, LocationId Location) after, int count, DateTimeOffset now) =>
        db.QueryAsync<CellBody>(
            $"""
            SELECT c.item, c.location, c.on_hand, c.reserved, c.held, c.buffer, c.sellable, c.picked, c.feed, c.as_of, c.feed IS NOT NULL AND (f.fresh_until IS NULL OR f.fresh_until < @now) AS is_stale
            FROM stock_cells c LEFT JOIN feeds f ON f.tenant = c.tenant AND f.id = c.feed
            WHERE c.tenant = @owner AND (c.item, c.location) > (@afterItem, @afterLocation)
                {(item is null ? "" : "AND c.item = @item")} {(location is null ? "" : "AND c.location = @location")}
            ORDER BY c.item, c.location LIMIT @count
            """,
            new { owner, item, location, afterItem = after.Item, afterLocation = after.Location, count, now });

    /// <summary>Items with something to sell at a location, in key order; what a silent feed speaks for is left out.</summary>
    public static Task<List<ItemId>> OnShelfAsync(Db db, PartnerId owner, LocationId location, ItemId after, int count, DateTimeOffset now) =>
        db.QueryAsync<ItemId>(
            """
            SELECT c.item FROM stock_cells c LEFT JOIN feeds f ON f.tenant = c.tenant AND f.id = c.feed
            WHERE c.tenant = @owner AND c.location = @location AND c.item > @after AND c.sellable > 0 AND (c.feed IS NULL OR f.fresh_until >= @now)
            ORDER BY c.item LIMIT @count
            """,
            new { owner, location, after, count, now });

    /// <summary>What lies at each location, of all items together.</summary>
    public static async Task<IReadOnlyList<(LocationId Location, long Units)>> OnHandAsync(Db db, PartnerId owner) =>
        [.. (await db.QueryAsync<OnHandRow>("SELECT location, CAST(SUM(on_hand) AS BIGINT) AS units FROM stock_cells WHERE tenant = @owner GROUP BY location", new { owner })).Select(row => (row.Location, row.Units))];

    /// <summary>Movements of open and closed periods, newest first, those before a cursor.</summary>
    public static Task<List<MovementBody>> MovementsAsync(Db db, PartnerId owner, ItemId? item, LocationId? location, MovementId? before, int count)
    {
        return db.QueryAsync<MovementBody>(
            $"SELECT * FROM ({Of("stock_movements")}) open_period UNION ALL SELECT * FROM ({Of("stock_movements_closed")}) closed_periods ORDER BY id DESC LIMIT @count",
            new { owner, item, location, before, count });

        string Of(string table) =>
            $"""
            SELECT id, item, location, kind, on_hand_delta, reserved_delta, held_delta, picked_delta, cause, at FROM {table}
            WHERE tenant = @owner {(before is null ? "" : "AND id < @before")} {(item is null ? "" : "AND item = @item")} {(location is null ? "" : "AND location = @location")}
            ORDER BY id DESC LIMIT @count
            """;
    }

    /// <summary>Open shortfalls in key order, those after a cursor.</summary>
    public static Task<List<Shortfall>> ShortfallsAsync(Db db, PartnerId owner, (ItemId Item, LocationId Location) after, int count) =>
        db.QueryAsync<Shortfall>(
            """
            SELECT item, location, quantity, since FROM stock_shortfalls
            WHERE tenant = @owner AND (item, location) > (@afterItem, @afterLocation) ORDER BY item, location LIMIT @count
            """,
            new { owner, afterItem = after.Item, afterLocation = after.Location, count });

    private sealed record OnHandRow
    {
        public LocationId Location { get; init; }
        public long Units { get; init; }
    }
}
