using Caravan.Platform.Ids;
using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>The cells and the ledger in SQL: reading, the changes of single cells, and reservations, which are the hot path.</summary>
internal static class StockStore
{
    /// <summary>Some of an item's cells have changed: the subject is the item.</summary>
    public const string Topic = "stock";

    // SQLite takes 32,766 parameters a statement; lists go in slices well below that.
    private const int SliceLength = 500;

    // Beyond so many, all of an owner's items are announced as changed.
    private const int AnnouncedMax = 1_000;

    private const string MovementHead = "INSERT INTO stock_movements (tenant, id, item, location, kind, on_hand_delta, reserved_delta, held_delta, picked_delta, cause, at)";

    private const string InsertMovement = $"{MovementHead} SELECT @p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10 WHERE NOT EXISTS ({IsClosed}) ON CONFLICT DO NOTHING";

    private const string IsClosed = "SELECT 1 FROM stock_movements_closed WHERE tenant = @p0 AND item = @p2 AND location = @p3 AND kind = @p4 AND cause = @p9";

    private const string IsWritten = "SELECT 1 FROM stock_movements WHERE tenant = @p0 AND id = @p1";

    private const string IsFresh = "(feed IS NULL OR (SELECT f.fresh_until FROM feeds f WHERE f.tenant = stock_cells.tenant AND f.id = stock_cells.feed) >= @p4)";

    // Negative to take a reservation back. Where there is enough to take, sellable needs no floor.
    private const string ReserveIfThere =
        $"""
        UPDATE stock_cells SET reserved = reserved + @p3, sellable = sellable - @p3
        WHERE tenant = @p0 AND item = @p1 AND location = @p2 AND sellable >= @p3 AND {IsFresh}
        """;

    private const string TakeBackReservation = "UPDATE stock_cells SET reserved = reserved - @p3, sellable = sellable + @p3 WHERE tenant = @p0 AND item = @p1 AND location = @p2";

    private const string DeleteMovement = "DELETE FROM stock_movements WHERE tenant = @p0 AND item = @p1 AND location = @p2 AND kind = @p3 AND cause = @p4";

    private const string IsMoved = "SELECT 1 FROM stock_movements WHERE tenant = @p0 AND item = @p1 AND location = @p2 AND kind = @p3 AND cause = @p4 UNION ALL SELECT 1 FROM stock_movements_closed WHERE tenant = @p0 AND item = @p1 AND location = @p2 AND kind = @p3 AND cause = @p4";

    private const string LeftNow = $"SELECT sellable FROM stock_cells WHERE tenant = @p0 AND item = @p1 AND location = @p2 AND @p3 = @p3 AND {IsFresh}";

    private const string ReadCell = "SELECT on_hand, reserved, held, feed_buffer, safety_units, safety_percent, picked, has_lots FROM stock_cells WHERE tenant = @p0 AND item = @p1 AND location = @p2";

    private const string OpenCell = "INSERT INTO stock_cells (tenant, item, location, on_hand, reserved, held, buffer, sellable, feed, as_of, safety_units, safety_percent) VALUES (@p0, @p1, @p2, 0, 0, 0, 0, 0, NULL, @p3, @p4, @p5)";

    private const string WriteCell =
        "UPDATE stock_cells SET on_hand = @p3, reserved = @p4, held = @p5, sellable = @p6, picked = @p7, buffer = @p8, has_lots = @p9 WHERE tenant = @p0 AND item = @p1 AND location = @p2";

    private const string CellHead = "INSERT INTO stock_cells (tenant, item, location, on_hand, reserved, held, buffer, sellable, feed, as_of, safety_units, safety_percent)";

    private static readonly string OrAddGoods =
        $"""
        ON CONFLICT (tenant, item, location) DO UPDATE SET on_hand = stock_cells.on_hand + excluded.on_hand,
            buffer = {SafetySql.Buffer("(stock_cells.on_hand + excluded.on_hand)", "stock_cells.")}, sellable = {SafetySql.Sellable("(stock_cells.on_hand + excluded.on_hand)", "stock_cells.")}
        """;

    /// <summary>Tells those who keep copies of these cells that they have changed.</summary>
    public static void Announce(Tx tx, IEnumerable<StockKey> keys)
    {
        foreach (var ofOwner in keys.GroupBy(key => key.Owner, key => key.Item))
        {
            var items = ofOwner.Distinct().Take(AnnouncedMax + 1).ToList();
            foreach (var item in items.Count > AnnouncedMax ? [default] : items)
                tx.Announce(Topic, ofOwner.Key, item.Value);
        }
    }

    /// <summary>Where these items lie and what may be reserved there.</summary>
    public static async Task<List<Shelf>> ShelvesAsync(Db db, IReadOnlyCollection<(PartnerId Owner, ItemId Item)> items, Func<PartnerId, FeedId, long, FeedClock> clockOf)
    {
        // Owner by owner: every statement names one tenant.
        List<Shelf> shelves = [];
        foreach (var ofOwner in items.Distinct().GroupBy(item => item.Owner, item => item.Item))
        {
            foreach (var slice in ofOwner.Chunk(SliceLength))
            {
                var rows = (await db.ReadAsync(
                    """
                    SELECT c.item, c.location, c.sellable, c.feed, f.fresh_until
                    FROM stock_cells c LEFT JOIN feeds f ON f.tenant = c.tenant AND f.id = c.feed
                    WHERE c.tenant = @owner AND c.item IN @keys
                    """,
                    new { owner = ofOwner.Key, keys = slice.ToKeys(db) },
                    row => new ShelfRow(row.Id<ItemIdKind>(0), row.Id<LocationIdKind>(1), row.Number(2), row.IsNull(3) ? null : clockOf(ofOwner.Key, row.Id<FeedIdKind>(3), row.IsNull(4) ? 0 : row.Milliseconds(4))))).ToLookup(row => row.Item);
                foreach (var item in slice)
                {
                    var cells = rows[item].ToArray();
                    var feeds = Array.Exists(cells, cell => cell.Feed is not null) ? Array.ConvertAll(cells, cell => cell.Feed) : null;
                    shelves.Add(new Shelf(ofOwner.Key, item, Array.ConvertAll(cells, cell => cell.Location), Array.ConvertAll(cells, cell => cell.Sellable), feeds));
                }
            }
        }

        return shelves;
    }

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
                    SELECT c.tenant, c.item, c.location, c.on_hand, c.reserved, c.sellable, c.as_of, c.feed IS NOT NULL AND (f.fresh_until IS NULL OR f.fresh_until < @now) AS is_stale
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
        tx.Announce(Topic, take.Owner, take.Item.Value);
        if (await Prepared.ExecuteAsync(tx, ReserveIfThere, take.Owner.Value, take.Item.Value, take.Location.Value, take.Quantity, tx.Now) == 0)
            return await IsMovedAsync(tx, StockKey.Of(take), MovementKind.Reserve, cause) ? null : false;

        if (await AddAsync(tx, new Movement(take.Owner, take.Item, take.Location, MovementKind.Reserve, 0, take.Quantity, 0, 0, cause)))
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
            reader => new StockCellState(reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2), new Safety(reader.GetInt32(3), reader.GetInt32(4), reader.GetInt32(5)), reader.GetInt32(6), reader.GetInt32(7) != 0),
            key.Owner.Value,
            key.Item.Value,
            key.Location.Value);

    public static Task OpenAsync(Tx tx, StockKey key, Safety safety) =>
        Prepared.ExecuteAsync(tx, OpenCell, key.Owner.Value, key.Item.Value, key.Location.Value, tx.Now, safety.Units, safety.Percent);

    public static Task WriteAsync(Tx tx, StockKey key, StockCellState state)
    {
        tx.Announce(Topic, key.Owner, key.Item.Value);
        return Prepared.ExecuteAsync(tx, WriteCell, key.Owner.Value, key.Item.Value, key.Location.Value, state.OnHand, state.Reserved, state.Held, state.Sellable, state.Picked, state.Buffer, state.HasLots ? 1 : 0);
    }

    /// <summary>Writes a line of the ledger; false when it stands there already.</summary>
    public static Task<bool> AddAsync(Tx tx, Movement movement) => AddAsync(tx, MovementId.New(tx.Now), movement);

    /// <inheritdoc cref="AddAsync(Tx, Movement)"/>
    public static async Task<bool> AddAsync(Tx tx, MovementId id, Movement movement) => await Prepared.ExecuteAsync(
        tx,
        InsertMovement,
        movement.Owner.Value,
        id.Value,
        movement.Item.Value,
        movement.Location.Value,
        movement.Kind.ToString(),
        movement.OnHandDelta,
        movement.ReservedDelta,
        movement.HeldDelta,
        movement.PickedDelta,
        movement.Cause,
        tx.Now) > 0;

    /// <summary>Writes lines of the ledger in one go, and says of each whether it was new.</summary>
    public static async Task<bool[]> AddAsync(Tx tx, IReadOnlyList<Movement> movements)
    {
        var ids = NewIds(tx.Now, movements.Count);
        var next = 0;
        var added = await Prepared.InsertAsync(tx, MovementHead, 11, "ON CONFLICT DO NOTHING", movements, (movement, values, at) =>
        {
            values[at] = movement.Owner.Value;
            values[at + 1] = ids[next++].Value;
            values[at + 2] = movement.Item.Value;
            values[at + 3] = movement.Location.Value;
            values[at + 4] = movement.Kind.ToString();
            values[at + 5] = movement.OnHandDelta;
            values[at + 6] = movement.ReservedDelta;
            values[at + 7] = movement.HeldDelta;
            values[at + 8] = movement.PickedDelta;
            values[at + 9] = movement.Cause;
            values[at + 10] = tx.Now;
        });
        var isNew = new bool[movements.Count];
        Array.Fill(isNew, added == movements.Count);
        for (var i = 0; i < isNew.Length && added > 0 && added < movements.Count; i++)
            isNew[i] = await Prepared.FirstAsync(tx, IsWritten, _ => true, movements[i].Owner.Value, ids[i].Value);
        return isNew;
    }

    /// <summary>Adds goods to cells, opening those that are not there with what a rule keeps back in them.</summary>
    public static Task AddGoodsAsync(Tx tx, IReadOnlyList<StockTake> goods, Func<StockKey, Safety> safetyOf)
    {
        Announce(tx, goods.Select(StockKey.Of));
        return Prepared.InsertAsync(tx, CellHead, 12, OrAddGoods, goods, (take, values, at) =>
        {
            values[at] = take.Owner.Value;
            values[at + 1] = take.Item.Value;
            values[at + 2] = take.Location.Value;
            values[at + 3] = take.Quantity;
            var cell = new StockCellState(take.Quantity, 0, 0, safetyOf(StockKey.Of(take)));
            values[at + 4] = values[at + 5] = 0;
            values[at + 6] = cell.Buffer;
            values[at + 7] = cell.Sellable;
            values[at + 8] = null;
            values[at + 9] = tx.Now;
            values[at + 10] = cell.Safety.Units;
            values[at + 11] = cell.Safety.Percent;
        });
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

    private readonly record struct ShelfRow(ItemId Item, LocationId Location, int Sellable, FeedClock? Feed);

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
