using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>The cells and the ledger in SQL: reading, the changes of single cells, and reservations, which are the hot path.</summary>
internal static class StockStore
{
    // SQLite takes 32,766 parameters a statement; lists go in slices well below that.
    private const int SliceLength = 500;

    private const string InsertMovement =
        """
        INSERT INTO stock_movements (tenant, id, item, location, kind, on_hand_delta, reserved_delta, held_delta, cause, at)
        VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9) ON CONFLICT DO NOTHING
        """;

    private const string IsFresh = "(feed IS NULL OR (SELECT f.fresh_until FROM feeds f WHERE f.tenant = stock_cells.tenant AND f.id = stock_cells.feed) >= @p4)";

    // Negative to take a reservation back. Where there is enough to take, sellable needs no floor.
    private const string ReserveIfThere =
        $"""
        UPDATE stock_cells SET reserved = reserved + @p3, sellable = sellable - @p3
        WHERE tenant = @p0 AND item = @p1 AND location = @p2 AND sellable >= @p3 AND {IsFresh}
        """;

    private const string TakeBackReservation = "UPDATE stock_cells SET reserved = reserved - @p3, sellable = sellable + @p3 WHERE tenant = @p0 AND item = @p1 AND location = @p2";

    private const string DeleteMovement = "DELETE FROM stock_movements WHERE tenant = @p0 AND item = @p1 AND location = @p2 AND kind = @p3 AND cause = @p4";

    private const string IsMoved = "SELECT 1 FROM stock_movements WHERE tenant = @p0 AND item = @p1 AND location = @p2 AND kind = @p3 AND cause = @p4";

    private const string LeftNow = $"SELECT sellable FROM stock_cells WHERE tenant = @p0 AND item = @p1 AND location = @p2 AND @p3 = @p3 AND {IsFresh}";

    private const string ReadCell = "SELECT on_hand, reserved, held, buffer FROM stock_cells WHERE tenant = @p0 AND item = @p1 AND location = @p2";

    private const string OpenCell = "INSERT INTO stock_cells (tenant, item, location, on_hand, reserved, held, buffer, sellable, feed, as_of) VALUES (@p0, @p1, @p2, 0, 0, 0, 0, 0, NULL, @p3)";

    private const string WriteCell =
        "UPDATE stock_cells SET on_hand = @p3, reserved = @p4, held = @p5, sellable = @p6 WHERE tenant = @p0 AND item = @p1 AND location = @p2";

    private const string Receive =
        """
        INSERT INTO stock_cells (tenant, item, location, on_hand, reserved, held, buffer, sellable, feed, as_of)
        VALUES (@p0, @p1, @p2, @p3, 0, 0, 0, @p3, NULL, @p4)
        ON CONFLICT (tenant, item, location) DO UPDATE SET on_hand = stock_cells.on_hand + excluded.on_hand,
            sellable = CASE WHEN stock_cells.on_hand + excluded.on_hand > stock_cells.reserved + stock_cells.held + stock_cells.buffer
                THEN stock_cells.on_hand + excluded.on_hand - stock_cells.reserved - stock_cells.held - stock_cells.buffer ELSE 0 END
        """;

    public static async Task<IReadOnlyList<StockCell>> CellsAsync(Db db, IReadOnlyCollection<(PartnerId Owner, ItemId Item)> items, DateTimeOffset now)
    {
        // Owner by owner: every statement names one tenant.
        List<StockCell> cells = [];
        foreach (var ofOwner in items.Distinct().GroupBy(item => item.Owner, item => item.Item))
        {
            foreach (var slice in ofOwner.Chunk(SliceLength))
            {
                var rows = await db.QueryAsync<CellRow>(
                    """
                    SELECT c.tenant, c.item, c.location, c.on_hand, c.reserved, c.sellable, c.as_of, c.feed IS NOT NULL AND COALESCE(f.fresh_until, 0) < @now AS is_stale
                    FROM stock_cells c LEFT JOIN feeds f ON f.tenant = c.tenant AND f.id = c.feed
                    WHERE c.tenant = @owner AND c.item IN @keys
                    """,
                    new { owner = ofOwner.Key, keys = slice.ToKeys(db), now });
                cells.AddRange(rows.Select(row => row.ToCell()));
            }
        }

        return cells;
    }

    /// <summary>Reserves one take if there is enough and it is fresh. A reservation that was made before stays as it is.</summary>
    public static async Task<bool?> ReserveAsync(Tx tx, StockTake take, string cause)
    {
        if (await Prepared.ExecuteAsync(tx, ReserveIfThere, take.Owner.Value, take.Item.Value, take.Location.Value, take.Quantity, tx.Now) == 0)
            return await IsMovedAsync(tx, StockKey.Of(take), MovementKind.Reserve, cause) ? null : false;

        if (await AddAsync(tx, new Movement(take.Owner, take.Item, take.Location, MovementKind.Reserve, 0, take.Quantity, 0, cause)))
            return true;

        await Prepared.ExecuteAsync(tx, TakeBackReservation, take.Owner.Value, take.Item.Value, take.Location.Value, take.Quantity);
        return null;
    }

    /// <summary>As if it had never been reserved: for a list of which another take fell short.</summary>
    public static async Task UnmakeReservationAsync(Tx tx, StockTake take, string cause)
    {
        await Prepared.ExecuteAsync(tx, TakeBackReservation, take.Owner.Value, take.Item.Value, take.Location.Value, take.Quantity);
        await Prepared.ExecuteAsync(tx, DeleteMovement, take.Owner.Value, take.Item.Value, take.Location.Value, nameof(MovementKind.Reserve), cause);
    }

    /// <summary>What of a cell may be reserved now; 0 when it is stale or not there.</summary>
    public static Task<int> LeftAsync(Tx tx, StockTake take) =>
        Prepared.FirstAsync(tx, LeftNow, reader => reader.GetInt32(0), take.Owner.Value, take.Item.Value, take.Location.Value, 0, tx.Now);

    public static async Task<bool> IsMovedAsync(Tx tx, StockKey key, MovementKind kind, string cause) =>
        await Prepared.FirstAsync(tx, IsMoved, _ => true, key.Owner.Value, key.Item.Value, key.Location.Value, kind.ToString(), cause);

    public static Task<StockCellState?> ReadAsync(Tx tx, StockKey key) =>
        Prepared.FirstAsync<StockCellState?>(
            tx,
            ReadCell,
            reader => new StockCellState(reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2), reader.GetInt32(3)),
            key.Owner.Value,
            key.Item.Value,
            key.Location.Value);

    public static Task OpenAsync(Tx tx, StockKey key) =>
        Prepared.ExecuteAsync(tx, OpenCell, key.Owner.Value, key.Item.Value, key.Location.Value, tx.Now);

    public static Task WriteAsync(Tx tx, StockKey key, StockCellState state) =>
        Prepared.ExecuteAsync(tx, WriteCell, key.Owner.Value, key.Item.Value, key.Location.Value, state.OnHand, state.Reserved, state.Held, state.Sellable);

    /// <summary>Writes a line of the ledger; false when it stands there already.</summary>
    public static async Task<bool> AddAsync(Tx tx, Movement movement, MovementId? id = null) => await Prepared.ExecuteAsync(
        tx,
        InsertMovement,
        movement.Owner.Value,
        (id ?? MovementId.New(tx.Now)).Value,
        movement.Item.Value,
        movement.Location.Value,
        movement.Kind.ToString(),
        movement.OnHandDelta,
        movement.ReservedDelta,
        movement.HeldDelta,
        movement.Cause,
        tx.Now) > 0;

    /// <summary>Adds goods to a cell, opening it when it is not there.</summary>
    public static async Task<bool> ReceiveAsync(Tx tx, StockTake goods, string cause, MovementId id)
    {
        if (!await AddAsync(tx, new Movement(goods.Owner, goods.Item, goods.Location, MovementKind.Receive, goods.Quantity, 0, 0, cause), id))
            return false;

        await Prepared.ExecuteAsync(tx, Receive, goods.Owner.Value, goods.Item.Value, goods.Location.Value, goods.Quantity, tx.Now);
        return true;
    }

    /// <summary>Ids of movements in rising order: they go to the end of the key, and a page shows them as they were written.</summary>
    public static MovementId[] NewIds(DateTimeOffset now, int count)
    {
        var ids = new MovementId[count];
        for (var i = 0; i < count; i++)
            ids[i] = MovementId.New(now);
        Array.Sort(ids);
        return ids;
    }

    private sealed record CellRow
    {
        public PartnerId Tenant { get; init; }
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public int OnHand { get; init; }
        public int Reserved { get; init; }
        public int Sellable { get; init; }
        public DateTimeOffset AsOf { get; init; }
        public bool IsStale { get; init; }

        public StockCell ToCell() => new(Tenant, Item, Location, OnHand, Reserved, Sellable, AsOf, IsStale);
    }
}
