using Caravan.Platform.Storage;

namespace Caravan.Stock.Lots;

/// <summary>
/// Holds lots against their movements (the sums of closed days and the open lines), cells against their lots, and what is held
/// against its reasons: a cell's held changes with its lots, and otherwise only with goods that came back, and with their grading.
/// </summary>
internal static class LotAudit
{
    public static async Task RunAsync(Db db, StockRange? range, List<StockDifference> differences)
    {
        if (await db.FirstAsync<int>($"SELECT 1 FROM stock_lots l {In(range, "l")} LIMIT 1", range) == 0)
            return;

        foreach (var row in await db.QueryAsync<LotRow>(
            $"""
            SELECT l.tenant, l.item, l.location, l.code, l.on_hand, l.picked, l.returned, l.held, l.hold_reason IS NOT NULL OR l.is_past = 1 AS is_blocked,
                l.closed_on_hand + COALESCE(SUM(m.on_hand_delta), 0) AS moved_on_hand, l.closed_picked + COALESCE(SUM(m.picked_delta), 0) AS moved_picked,
                l.closed_returned + COALESCE(SUM(m.returned_delta), 0) AS moved_returned, l.closed_held + COALESCE(SUM(m.held_delta), 0) AS moved_held
            FROM stock_lots l LEFT JOIN (
                SELECT lm.tenant, lm.lot, lm.on_hand_delta, lm.picked_delta, lm.returned_delta, lm.held_delta
                FROM stock_movements s JOIN stock_lot_movements lm ON lm.tenant = s.tenant AND lm.movement = s.id {In(range, "s")}) m ON m.tenant = l.tenant AND m.lot = l.id
            {In(range, "l")}
            GROUP BY l.tenant, l.id, l.item, l.location, l.code, l.on_hand, l.picked, l.returned, l.held, l.hold_reason, l.is_past, l.closed_on_hand, l.closed_picked, l.closed_returned, l.closed_held
            """,
            range))
        {
            var key = new StockKey(row.Tenant, row.Item, row.Location);
            var shelf = Math.Max(0, row.OnHand - row.Picked);
            Compare(key, $"lot {row.Code} on hand", row.OnHand, row.MovedOnHand);
            Compare(key, $"lot {row.Code} picked", row.Picked, row.MovedPicked);
            Compare(key, $"lot {row.Code} returned", row.Returned, row.MovedReturned);
            Compare(key, $"lot {row.Code} held", row.Held, row.MovedHeld);
            Compare(key, $"lot {row.Code} to hold", row.Held, row.IsBlocked ? shelf : Math.Min(row.Returned, shelf));
        }

        foreach (var row in await db.QueryAsync<CellRow>(
            $"""
            SELECT l.tenant, l.item, l.location, MAX(c.on_hand) AS on_hand, MAX(c.picked) AS picked, MAX(c.held) AS held, MAX(c.has_lots) AS has_lots,
                SUM(l.on_hand) AS lots_on_hand, SUM(l.picked) AS lots_picked, SUM(l.held) AS lots_held
            FROM stock_lots l JOIN stock_cells c ON c.tenant = l.tenant AND c.item = l.item AND c.location = l.location
            {In(range, "l")}
            GROUP BY l.tenant, l.item, l.location
            """,
            range))
        {
            var key = new StockKey(row.Tenant, row.Item, row.Location);
            Compare(key, "lots' on hand, at most", row.LotsOnHand, Math.Min(row.LotsOnHand, row.OnHand));
            Compare(key, "lots' picked, at most", row.LotsPicked, Math.Min(row.LotsPicked, row.Picked));
            Compare(key, "lots' held, at most", row.LotsHeld, Math.Min(row.LotsHeld, row.Held));
            Compare(key, "kept by lot", row.HasLots, 1);
        }

        foreach (var row in await db.QueryAsync<HeldRow>(
            $"""
            SELECT tenant, item, location, SUM(cell_held) AS cell_held, SUM(lots_held) AS lots_held
            FROM (
                SELECT s.tenant, s.item, s.location, s.held_delta AS cell_held, 0 AS lots_held FROM stock_movements s {In(range, "s")} {(range is null ? "WHERE" : "AND")} s.kind NOT IN ('Return', 'Grade') AND s.held_delta <> 0
                UNION ALL
                SELECT s.tenant, s.item, s.location, 0, lm.held_delta FROM stock_movements s JOIN stock_lot_movements lm ON lm.tenant = s.tenant AND lm.movement = s.id
                {In(range, "s")} {(range is null ? "WHERE" : "AND")} s.kind NOT IN ('Return', 'Grade') AND lm.held_delta <> 0) both_books
            GROUP BY tenant, item, location HAVING SUM(cell_held) <> SUM(lots_held)
            """,
            range))
        {
            Compare(new StockKey(row.Tenant, row.Item, row.Location), "held with lots", row.CellHeld, row.LotsHeld);
        }

        void Compare(StockKey key, string what, long isNow, long shouldBe)
        {
            if (isNow != shouldBe)
                differences.Add(new StockDifference(key, what, isNow, shouldBe));
        }
    }

    private static string In(StockRange? range, string table) => range is null
        ? ""
        : $"WHERE {table}.tenant = @Owner AND ({table}.item, {table}.location) > (@AfterItem, @AfterLocation) AND ({table}.item, {table}.location) <= (@ToItem, @ToLocation)";

    private sealed record LotRow
    {
        public PartnerId Tenant { get; init; }
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public string Code { get; init; } = "";
        public int OnHand { get; init; }
        public int Picked { get; init; }
        public int Returned { get; init; }
        public int Held { get; init; }
        public bool IsBlocked { get; init; }
        public long MovedOnHand { get; init; }
        public long MovedPicked { get; init; }
        public long MovedReturned { get; init; }
        public long MovedHeld { get; init; }
    }

    private sealed record CellRow
    {
        public PartnerId Tenant { get; init; }
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public int OnHand { get; init; }
        public int Picked { get; init; }
        public int Held { get; init; }
        public int HasLots { get; init; }
        public long LotsOnHand { get; init; }
        public long LotsPicked { get; init; }
        public long LotsHeld { get; init; }
    }

    private sealed record HeldRow
    {
        public PartnerId Tenant { get; init; }
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public long CellHeld { get; init; }
        public long LotsHeld { get; init; }
    }
}
