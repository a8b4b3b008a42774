using System.Data.Common;
using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>The cells that a document speaks of: read in few queries, written in few statements.</summary>
internal static class FeedCellStore
{
    // Up to here a lookup by key is cheaper than reading whole locations.
    private const int FewKeys = 1_000;
    private const int SliceLength = 500;

    private const string Columns = "item, location, on_hand, reserved, held, feed_buffer, safety_units, safety_percent, picked, has_lots, as_of, feed";
    private const string OfKey = "SELECT on_hand, reserved, held, feed_buffer, safety_units, safety_percent, picked, has_lots, as_of, feed FROM stock_cells WHERE tenant = @p0 AND item = @p1 AND location = @p2";
    private static readonly string OfCells = string.Join(", ", Columns.Split(", ").Select(column => $"c.{column}"));

    // Feeds' own figures are no acts of ours. Their causes begin with the prefix of a document's id.
    private const string Moved =
        """
        SELECT item, location, SUM(on_hand_delta) AS on_hand,
            SUM(CASE WHEN kind IN ('Reserve', 'Release') THEN -reserved_delta WHEN kind IN ('Receive', 'Return', 'Adjust', 'Count', 'Transfer') THEN on_hand_delta ELSE 0 END) AS available
        FROM (
            SELECT item, location, kind, on_hand_delta, reserved_delta FROM stock_movements WHERE tenant = @owner AND id >= @floor AND at > @asOf AND substr(cause, 1, 4) <> 'fdc_'
            UNION ALL
            SELECT item, location, kind, on_hand_delta, reserved_delta FROM stock_movements_closed WHERE tenant = @owner AND id >= @floor AND at > @asOf AND substr(cause, 1, 4) <> 'fdc_') moved
        GROUP BY item, location
        """;

    /// <summary>Reads the cells of some keys, and those in a snapshot's scope.</summary>
    public static async Task<Dictionary<StockKey, FeedCell>> ReadAsync(Tx tx, Feed feed, IReadOnlyCollection<StockKey> keys, IReadOnlyCollection<LocationId>? scope, bool isWhole)
    {
        Dictionary<StockKey, FeedCell> cells = new(keys.Count);
        if (isWhole)
            Keep(await tx.QueryAsync<Row>($"SELECT {Columns} FROM stock_cells WHERE tenant = @Tenant AND feed = @Id", new { feed.Tenant, feed.Id }));

        var missing = keys.Where(key => !cells.ContainsKey(key)).ToList();
        var locations = scope?.ToHashSet() ?? [];
        if (missing.Count > FewKeys)
            locations.UnionWith(missing.Select(key => key.Location));
        foreach (var slice in locations.Chunk(SliceLength))
            Keep(await tx.QueryAsync<Row>($"SELECT {Columns} FROM stock_cells WHERE tenant = @Tenant AND location IN @slice", new { feed.Tenant, slice = slice.ToKeys(tx) }));

        foreach (var key in missing)
        {
            if (!locations.Contains(key.Location))
                Keep(await tx.QueryAsync<Row>($"SELECT {Columns} FROM stock_cells WHERE tenant = @Owner AND item = @Item AND location = @Location", new { key.Owner, key.Item, key.Location }));
        }

        return cells;

        void Keep(List<Row> rows)
        {
            foreach (var row in rows)
                cells[new StockKey(feed.Tenant, row.Item, row.Location)] = row.ToCell();
        }
    }

    /// <summary>Reads the cells of some keys, and no more.</summary>
    public static async Task<Dictionary<StockKey, FeedCell>> ReadAsync(Db db, PartnerId owner, IReadOnlyCollection<StockKey> keys)
    {
        Dictionary<StockKey, FeedCell> cells = new(keys.Count);
        if (db.IsPostgres)
        {
            foreach (var slice in keys.Chunk(SliceLength))
            {
                Keep(await db.QueryAsync<Row>(
                    $"""
                    SELECT {OfCells} FROM unnest(@items, @locations) AS k (item, location)
                    JOIN stock_cells c ON c.tenant = @owner AND c.item = k.item AND c.location = k.location
                    """,
                    new { owner, items = slice.Select(key => key.Item.Value).ToArray(), locations = slice.Select(key => key.Location.Value).ToArray() }));
            }

            return cells;
        }

        foreach (var key in keys)
        {
            // In a slice's transaction the statement is prepared: a thousand of them are most of its reading.
            if (db is not Tx tx)
                Keep(await db.QueryAsync<Row>($"SELECT {Columns} FROM stock_cells WHERE tenant = @Owner AND item = @Item AND location = @Location", new { key.Owner, key.Item, key.Location }));
            else if (await Prepared.FirstAsync(tx, OfKey, OfSqlite, key.Owner.Value, key.Item.Value, key.Location.Value) is { } row)
                cells[key] = row.ToCell();
        }

        return cells;

        void Keep(List<Row> rows)
        {
            foreach (var row in rows)
                cells[new StockKey(owner, row.Item, row.Location)] = row.ToCell();
        }
    }

    private static Row OfSqlite(DbDataReader row) => new()
    {
        OnHand = row.GetInt32(0),
        Reserved = row.GetInt32(1),
        Held = row.GetInt32(2),
        FeedBuffer = row.GetInt32(3),
        SafetyUnits = row.GetInt32(4),
        SafetyPercent = row.GetInt32(5),
        Picked = row.GetInt32(6),
        HasLots = row.GetInt32(7) != 0,
        AsOf = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(8)),
        Feed = row.IsDBNull(9) ? null : new FeedId(new Guid((byte[])row[9], bigEndian: true)),
    };

    /// <summary>The next cells, in order of their keys, that a snapshot may leave out: what the feed has told of, and in some locations also what no feed has.</summary>
    public static async Task<List<StockKey>> NextAsync(Db db, Feed feed, LocationId? location, StockKey after, int count) =>
        [.. (await db.QueryAsync<KeyRow>(
            location is null
                ? "SELECT item, location FROM stock_cells WHERE tenant = @Tenant AND feed = @Id AND (item, location) > (@afterItem, @afterLocation) ORDER BY item, location LIMIT @count"
                : "SELECT item, location FROM stock_cells WHERE tenant = @Tenant AND location = @location AND item > @afterItem AND (feed IS NULL OR feed = @Id) ORDER BY item LIMIT @count",
            new { feed.Tenant, feed.Id, location, afterItem = after.Item, afterLocation = after.Location, count })).Select(row => new StockKey(feed.Tenant, row.Item, row.Location))];

    /// <summary>What we did to an owner's cells after an instant.</summary>
    public static async Task<Dictionary<StockKey, MovedSince>> MovedSinceAsync(Db db, PartnerId owner, DateTimeOffset asOf) =>
        (await db.QueryAsync<MovedRow>(Moved, new { owner, floor = LedgerPeriods.FirstIdAt(asOf), asOf }))
            .ToDictionary(row => new StockKey(owner, row.Item, row.Location), row => new MovedSince(row.OnHand, row.Available));

    /// <summary>The lines of the ledger that are ours, not a feed's, made after an instant, from an id on.</summary>
    public static async Task<List<(MovementId Id, StockKey Key, MovedSince Moved)>> MovesFromAsync(Tx tx, PartnerId owner, DateTimeOffset asOf, MovementId floor) =>
        [.. (await tx.QueryAsync<LineRow>(
            """
            SELECT id, item, location, kind, on_hand_delta, reserved_delta FROM stock_movements
            WHERE tenant = @owner AND id >= @floor AND at > @asOf AND substr(cause, 1, 4) <> 'fdc_'
            """,
            new { owner, floor, asOf })).Select(row => (row.Id, new StockKey(owner, row.Item, row.Location), new MovedSince(
                row.OnHandDelta,
                row.Kind is MovementKind.Reserve or MovementKind.Release ? -row.ReservedDelta
                    : row.Kind is MovementKind.Receive or MovementKind.Return or MovementKind.Adjust or MovementKind.Count or MovementKind.Transfer ? row.OnHandDelta : 0)))];

    /// <summary>Writes what a plan makes of the cells; the feed now speaks for them.</summary>
    public static Task WriteAsync(Tx tx, Feed feed, DateTimeOffset asOf, IReadOnlyList<CellWrite> writes, IReadOnlyDictionary<StockKey, FeedCell> cells)
    {
        StockStore.Announce(tx, writes.Select(write => write.Key));
        return Prepared.InsertAsync(
            tx,
            "INSERT INTO stock_cells (tenant, item, location, on_hand, reserved, held, buffer, sellable, feed, as_of, feed_buffer, safety_units, safety_percent)",
            13,
            "ON CONFLICT (tenant, item, location) DO UPDATE SET on_hand = excluded.on_hand, held = excluded.held, buffer = excluded.buffer, feed_buffer = excluded.feed_buffer, sellable = excluded.sellable, feed = excluded.feed, as_of = excluded.as_of",
            writes,
            (write, values, at) =>
            {
                values[at] = write.Key.Owner.Value;
                values[at + 1] = write.Key.Item.Value;
                values[at + 2] = write.Key.Location.Value;
                values[at + 3] = write.After.OnHand;
                values[at + 4] = write.After.Reserved;
                values[at + 5] = write.After.Held;
                values[at + 6] = write.After.Buffer;
                values[at + 7] = write.After.Sellable;
                values[at + 8] = feed.Id.Value;

                // A change on top of a figure does not make the figure older; a numbered figure sets the time as it says.
                values[at + 9] = write.IsChange && cells.TryGetValue(write.Key, out var cell) && cell.Feed is not null && cell.AsOf > asOf ? cell.AsOf : asOf;
                values[at + 10] = write.After.Safety.FeedUnits;
                values[at + 11] = write.After.Safety.Units;
                values[at + 12] = write.After.Safety.Percent;
            });
    }

    private sealed record Row
    {
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public int OnHand { get; init; }
        public int Reserved { get; init; }
        public int Held { get; init; }
        public int FeedBuffer { get; init; }
        public int SafetyUnits { get; init; }
        public int SafetyPercent { get; init; }
        public int Picked { get; init; }
        public bool HasLots { get; init; }
        public DateTimeOffset AsOf { get; init; }
        public FeedId? Feed { get; init; }

        public FeedCell ToCell() => new(new StockCellState(OnHand, Reserved, Held, new Safety(FeedBuffer, SafetyUnits, SafetyPercent), Picked, HasLots), AsOf, Feed);
    }

    private sealed record KeyRow
    {
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
    }

    private sealed record LineRow
    {
        public MovementId Id { get; init; }
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public MovementKind Kind { get; init; }
        public int OnHandDelta { get; init; }
        public int ReservedDelta { get; init; }
    }

    private sealed record MovedRow
    {
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public long OnHand { get; init; }
        public long Available { get; init; }
    }
}
