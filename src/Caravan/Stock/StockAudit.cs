using Caravan.Platform.Storage;
using Caravan.Stock.Lots;

namespace Caravan.Stock;

/// <summary>A number of a cell that is not what the ledger, or its own rule, makes of it.</summary>
internal sealed record StockDifference(StockKey Key, string What, long IsNow, long ShouldBe)
{
    /// <summary>What is missing when movements lie on no cell.</summary>
    public const string NoCell = "cells";

    public override string ToString() => What == NoCell
        ? $"{Key.Owner} {Key.Item} at {Key.Location}: there are movements but no cell."
        : $"{Key.Owner} {Key.Item} at {Key.Location}: {What} is {IsNow} and should be {ShouldBe}.";
}

/// <summary>Cells from one key (exclusive) to another of one owner, in key order.</summary>
internal sealed record StockRange(PartnerId Owner, ItemId AfterItem, LocationId AfterLocation, ItemId ToItem, LocationId ToLocation)
{
    public static ItemId LastItem { get; } = new(Guid.AllBitsSet);

    public static LocationId LastLocation { get; } = new(Guid.AllBitsSet);
}

/// <summary>
/// Holds the cells against the ledger they are the sums of (the balances of closed periods and the open lines), and each
/// derived number against its rule. A snapshot suffices: every act writes its cell and its line in one transaction.
/// </summary>
internal static class StockAudit
{
    private const string InRange = "WHERE tenant = @Owner AND (item, location) > (@AfterItem, @AfterLocation) AND (item, location) <= (@ToItem, @ToLocation)";

    /// <summary>The differences of some cells; without a range, of all cells of all owners.</summary>
    public static async Task<List<StockDifference>> RunAsync(Db db, StockRange? range = null)
    {
        List<StockDifference> differences = [];
        foreach (var row in await db.QueryAsync<Row>(Compared(range is null ? "" : InRange), range))
        {
            var key = new StockKey(row.Tenant, row.Item, row.Location);
            if (row.Cells == 0)
            {
                differences.Add(new StockDifference(key, StockDifference.NoCell, 0, 1));
                continue;
            }

            var state = new StockCellState(row.OnHand, row.Reserved, row.Held, new Safety(row.FeedBuffer, row.SafetyUnits, row.SafetyPercent));
            Compare("on hand", row.OnHand, row.MovedOnHand);
            Compare("reserved", row.Reserved, row.MovedReserved);
            Compare("held", row.Held, row.MovedHeld);
            Compare("picked", row.Picked, row.MovedPicked);
            Compare("buffer", row.Buffer, state.Buffer);
            Compare("sellable", row.Sellable, state.Sellable);
            Compare("shortfall", row.Shortfall, state.Shortfall);

            void Compare(string what, long isNow, long shouldBe)
            {
                if (isNow != shouldBe)
                    differences.Add(new StockDifference(key, what, isNow, shouldBe));
            }
        }

        await LotAudit.RunAsync(db, range, differences);
        return differences;
    }

    private static string Compared(string where) =>
        $"""
        SELECT tenant, item, location, SUM(cells) AS cells, SUM(on_hand) AS on_hand, SUM(reserved) AS reserved, SUM(held) AS held, SUM(buffer) AS buffer, SUM(feed_buffer) AS feed_buffer, SUM(safety_units) AS safety_units, SUM(safety_percent) AS safety_percent, SUM(sellable) AS sellable, SUM(picked) AS picked,
            SUM(shortfall) AS shortfall, SUM(moved_on_hand) AS moved_on_hand, SUM(moved_reserved) AS moved_reserved, SUM(moved_held) AS moved_held, SUM(moved_picked) AS moved_picked
        FROM (
            SELECT tenant, item, location, 1 AS cells, on_hand, reserved, held, buffer, feed_buffer, safety_units, safety_percent, sellable, picked, 0 AS shortfall, 0 AS moved_on_hand, 0 AS moved_reserved, 0 AS moved_held, 0 AS moved_picked FROM stock_cells {where}
            UNION ALL SELECT tenant, item, location, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, quantity, 0, 0, 0, 0 FROM stock_shortfalls {where}
            UNION ALL SELECT tenant, item, location, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, on_hand, reserved, held, picked FROM stock_balances {where}
            UNION ALL SELECT tenant, item, location, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, on_hand_delta, reserved_delta, held_delta, picked_delta FROM stock_movements {where}) both_books
        GROUP BY tenant, item, location
        HAVING SUM(cells) <> 1 OR SUM(on_hand) <> SUM(moved_on_hand) OR SUM(reserved) <> SUM(moved_reserved) OR SUM(held) <> SUM(moved_held) OR SUM(picked) <> SUM(moved_picked)
            OR SUM(buffer) <> {SafetySql.Buffer("SUM(on_hand)", feedBuffer: "SUM(feed_buffer)", units: "SUM(safety_units)", percent: "SUM(safety_percent)")}
            OR SUM(sellable) <> CASE WHEN SUM(on_hand) > SUM(reserved) + SUM(held) + SUM(buffer) THEN SUM(on_hand) - SUM(reserved) - SUM(held) - SUM(buffer) ELSE 0 END
            OR SUM(shortfall) <> CASE WHEN SUM(on_hand) <= SUM(held) THEN SUM(reserved) WHEN SUM(reserved) > SUM(on_hand) - SUM(held) THEN SUM(reserved) - SUM(on_hand) + SUM(held) ELSE 0 END
        """;

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
        public int FeedBuffer { get; init; }
        public int SafetyUnits { get; init; }
        public int SafetyPercent { get; init; }
        public int Sellable { get; init; }
        public long MovedOnHand { get; init; }
        public long MovedReserved { get; init; }
        public long MovedHeld { get; init; }
        public int Picked { get; init; }
        public long MovedPicked { get; init; }
        public int Shortfall { get; init; }
    }
}
