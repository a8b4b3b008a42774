using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>Holds the cells against the ledger they are the sums of, and each derived number against its rule.</summary>
internal static class StockAudit
{
    public static async Task<IReadOnlyList<string>> RunAsync(Db db)
    {
        List<string> differences = [];
        var rows = await db.QueryAsync<Row>(
            """
            SELECT tenant, item, location, SUM(cells) AS cells, SUM(on_hand) AS on_hand, SUM(reserved) AS reserved, SUM(held) AS held, SUM(buffer) AS buffer, SUM(sellable) AS sellable,
                SUM(shortfall) AS shortfall, SUM(moved_on_hand) AS moved_on_hand, SUM(moved_reserved) AS moved_reserved, SUM(moved_held) AS moved_held, SUM(picked) AS picked, SUM(moved_picked) AS moved_picked
            FROM (
                SELECT tenant, item, location, 1 AS cells, on_hand, reserved, held, buffer, sellable, 0 AS shortfall, 0 AS moved_on_hand, 0 AS moved_reserved, 0 AS moved_held, picked, 0 AS moved_picked FROM stock_cells
                UNION ALL SELECT tenant, item, location, 0, 0, 0, 0, 0, 0, quantity, 0, 0, 0, 0, 0 FROM stock_shortfalls
                UNION ALL SELECT tenant, item, location, 0, 0, 0, 0, 0, 0, 0, on_hand_delta, reserved_delta, held_delta, 0, picked_delta FROM stock_movements) both_books
            GROUP BY tenant, item, location
            HAVING SUM(cells) <> 1 OR SUM(on_hand) <> SUM(moved_on_hand) OR SUM(reserved) <> SUM(moved_reserved) OR SUM(held) <> SUM(moved_held) OR SUM(picked) <> SUM(moved_picked)
                OR SUM(sellable) <> CASE WHEN SUM(on_hand) > SUM(reserved) + SUM(held) + SUM(buffer) THEN SUM(on_hand) - SUM(reserved) - SUM(held) - SUM(buffer) ELSE 0 END
                OR SUM(shortfall) <> CASE WHEN SUM(on_hand) <= SUM(held) THEN SUM(reserved) WHEN SUM(reserved) > SUM(on_hand) - SUM(held) THEN SUM(reserved) - SUM(on_hand) + SUM(held) ELSE 0 END
            """);
        foreach (var row in rows)
        {
            var cell = $"{row.Tenant} {row.Item} at {row.Location}";
            if (row.Cells == 0)
            {
                differences.Add($"{cell}: there are movements but no cell.");
                continue;
            }

            var state = new StockCellState(row.OnHand, row.Reserved, row.Held, row.Buffer);
            Compare("on hand", row.OnHand, row.MovedOnHand);
            Compare("reserved", row.Reserved, row.MovedReserved);
            Compare("held", row.Held, row.MovedHeld);
            Compare("picked", row.Picked, row.MovedPicked);
            Compare("sellable", row.Sellable, state.Sellable);
            Compare("shortfall", row.Shortfall, state.Shortfall);

            void Compare(string what, long isNow, long shouldBe)
            {
                if (isNow != shouldBe)
                    differences.Add($"{cell}: {what} is {isNow} and should be {shouldBe}.");
            }
        }

        return differences;
    }

    private sealed record Row
    {
        public PartnerId Tenant { get; init; }
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public int Cells { get; init; }
        public int OnHand { get; init; }
        public int Reserved { get; init; }
        public int Held { get; init; }
        public int Buffer { get; init; }
        public int Sellable { get; init; }
        public long MovedOnHand { get; init; }
        public long MovedReserved { get; init; }
        public long MovedHeld { get; init; }
        public int Picked { get; init; }
        public long MovedPicked { get; init; }
        public int Shortfall { get; init; }
    }
}
