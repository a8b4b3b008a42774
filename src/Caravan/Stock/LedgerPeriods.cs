using System.Buffers.Binary;
using Caravan.Platform.Storage;
using Caravan.Stock.Lots;

namespace Caravan.Stock;

/// <summary>
/// Closes the days of a ledger that are over for long enough: their lines are added to the balances of their cells and leave
/// the open period. Whatever a clock says, a line is either open or in its cell's balance, for both change in one transaction;
/// a line that is dated back into a closed day is open until the next closing.
/// </summary>
internal static class LedgerPeriods
{
    /// <summary>How many lines one transaction closes or forgets: who places an order may have to wait for it.</summary>
    private const int StepLength = 200;

    private const int SliceLength = 500;

    private const string OrAddSums =
        """
        ON CONFLICT (tenant, item, location) DO UPDATE SET on_hand = stock_balances.on_hand + excluded.on_hand, reserved = stock_balances.reserved + excluded.reserved,
            held = stock_balances.held + excluded.held, picked = stock_balances.picked + excluded.picked
        """;

    private const string Columns = "tenant, id, item, location, kind, on_hand_delta, reserved_delta, held_delta, picked_delta, cause, at";

    // Acts of ours are done once whatever is repeated: their causes are made with them. What somebody outside names as a cause
    // (a delivery note, a count sheet) may come again after any time, and is kept for ever: it is a small part of the ledger.
    private const string IsForgettable = "(kind IN ('Reserve', 'Release', 'Pick', 'Ship', 'WriteOff', 'Hold') OR substr(cause, 1, 4) = 'fdc_')";

    /// <summary>Closes some of the lines written before an instant; says whether there may be more.</summary>
    public static async Task<bool> CloseAsync(Tx tx, PartnerId owner, DateTimeOffset until)
    {
        var lines = await tx.QueryAsync<Line>(
            "SELECT id, item, location, on_hand_delta, reserved_delta, held_delta, picked_delta FROM stock_movements WHERE tenant = @owner AND id < @floor ORDER BY id LIMIT @count",
            new { owner, floor = FirstIdAt(until), count = StepLength });
        if (lines.Count == 0)
        {
            await StockBooksStore.SetClosedAsync(tx, owner, until);
            return false;
        }

        var keys = lines.Select(line => line.Id).ToKeys(tx);
        var closed = await tx.ExecuteAsync($"INSERT INTO stock_movements_closed ({Columns}) SELECT {Columns} FROM stock_movements WHERE tenant = @owner AND id IN @keys", new { owner, keys });
        var taken = await tx.ExecuteAsync("DELETE FROM stock_movements WHERE tenant = @owner AND id IN @keys", new { owner, keys });

        // Another server was quicker with some of them: what it did stands, what was begun here goes.
        if (closed != lines.Count || taken != lines.Count)
        {
            tx.Undo();
            return true;
        }

        var sums = lines.GroupBy(line => (line.Item, line.Location)).OrderBy(cell => cell.Key).ToList();
        await Prepared.InsertAsync(tx, "INSERT INTO stock_balances (tenant, item, location, on_hand, reserved, held, picked)", 7, OrAddSums, sums, (cell, values, at) =>
        {
            values[at] = owner.Value;
            values[at + 1] = cell.Key.Item.Value;
            values[at + 2] = cell.Key.Location.Value;
            values[at + 3] = cell.Sum(line => (long)line.OnHandDelta);
            values[at + 4] = cell.Sum(line => (long)line.ReservedDelta);
            values[at + 5] = cell.Sum(line => (long)line.HeldDelta);
            values[at + 6] = cell.Sum(line => (long)line.PickedDelta);
        });
        await LotStore.CloseAsync(tx, owner, keys);
        return true;
    }

    /// <summary>Forgets some of the closed lines written before an instant, those that nobody can repeat; says whether there may be more.</summary>
    public static async Task<bool> ForgetAsync(Tx tx, PartnerId owner, DateTimeOffset until)
    {
        var after = (await StockBooksStore.FindAsync(tx, owner))?.ForgottenAfter ?? default;
        var ids = await tx.QueryAsync<MovementId>(
            "SELECT id FROM stock_movements_closed WHERE tenant = @owner AND id > @after AND id < @floor ORDER BY id LIMIT @count",
            new { owner, after, floor = FirstIdAt(until), count = StepLength });
        if (ids.Count == 0)
            return false;

        await tx.ExecuteAsync(
            $"DELETE FROM stock_movements_closed WHERE tenant = @owner AND id > @after AND id <= @last AND {IsForgettable}",
            new { owner, after, last = ids[^1] });
        await StockBooksStore.SetForgottenAsync(tx, owner, ids[^1]);
        return ids.Count == StepLength;
    }

    /// <summary>Those of an owner's cells that had goods received by a cause in a closed period.</summary>
    public static async Task<HashSet<StockKey>> ReceivedAsync(Tx tx, IReadOnlyCollection<StockKey> keys, string cause)
    {
        HashSet<StockKey> found = [];
        foreach (var ofOwner in keys.GroupBy(key => key.Owner, key => key.Item))
        {
            foreach (var slice in ofOwner.Distinct().Chunk(SliceLength))
            {
                foreach (var row in await tx.QueryAsync<Line>(
                    "SELECT id, item, location FROM stock_movements_closed WHERE tenant = @owner AND item IN @items AND kind = 'Receive' AND cause = @cause",
                    new { owner = ofOwner.Key, items = slice.ToKeys(tx), cause }))
                {
                    found.Add(new StockKey(ofOwner.Key, row.Item, row.Location));
                }
            }
        }

        return found;
    }

    /// <summary>The least id that a movement of this millisecond can have: ids begin with their time.</summary>
    public static MovementId FirstIdAt(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, at.ToUnixTimeMilliseconds() << 16);
        bytes[6..].Clear();
        return new MovementId(new Guid(bytes, bigEndian: true));
    }

    private sealed record Line
    {
        public MovementId Id { get; init; }
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public int OnHandDelta { get; init; }
        public int ReservedDelta { get; init; }
        public int HeldDelta { get; init; }
        public int PickedDelta { get; init; }
    }
}
