using Caravan.Platform.Storage;

namespace Caravan.Orders.Supplies;

/// <summary>Units that wait, with what decides whose turn it is.</summary>
internal sealed record WaitingUnits(OrderId Order, int Line, SupplyId Supply, int Waiting, string Channel, DateTimeOffset PlacedAt, DateTimeOffset PromisedAt);

/// <summary>Dated supply, and the orders that wait for it, in SQL.</summary>
internal static class SupplyStore
{
    private const string Columns = "tenant, id, kind, item, location, reference, state, quantity, received, reserved, expected_at, created_at, closed_at";

    private static readonly Table<(PartnerId Seller, OrderId Order, BackOrder BackOrder)> Waiting = new(
        "back_orders",
        "tenant, order_id, line, supply, item, waiting, cancelled",
        (row, one) => row.Id(one.Seller).Id(one.Order).Number(one.BackOrder.Line).Id(one.BackOrder.Supply ?? default).Id(one.BackOrder.Item).Number(one.BackOrder.Waiting).Number(one.BackOrder.Cancelled));

    public static async Task<Supply?> FindAsync(Db db, PartnerId owner, SupplyId id) =>
        (await db.FirstAsync<Row>($"SELECT {Columns} FROM supplies WHERE tenant = @owner AND id = @id", new { owner, id }))?.ToSupply();

    public static Task<SupplyId?> FindIdAsync(Db db, PartnerId owner, string reference, ItemId item) =>
        db.FirstAsync<SupplyId?>("SELECT id FROM supplies WHERE tenant = @owner AND reference = @reference AND item = @item", new { owner, reference, item });

    /// <summary>Supplies, newest first, those before a cursor; of one state or item when it is named.</summary>
    public static async Task<List<Supply>> ListAsync(Db db, PartnerId owner, SupplyState? state, ItemId? item, SupplyId? before, int count) =>
        (await db.QueryAsync<Row>(
            $"""
            SELECT {Columns} FROM supplies
            WHERE tenant = @owner {(before is null ? "" : "AND id < @before")} {(state is null ? "" : "AND state = @state")} {(item is null ? "" : "AND item = @item")} ORDER BY id DESC LIMIT @count
            """,
            new { owner, before, state = state?.ToString(), item, count })).ConvertAll(row => row.ToSupply());

    /// <summary>What of some items is still to come to an owner.</summary>
    public static async Task<List<Supply>> OpenAsync(Db db, PartnerId owner, IReadOnlyCollection<ItemId> items) =>
        (await db.QueryAsync<Row>($"SELECT {Columns} FROM supplies WHERE tenant = @owner AND state = 'Expected' AND item IN @keys ORDER BY expected_at, id", new { owner, keys = items.ToKeys(db) })).ConvertAll(row => row.ToSupply());

    public static Task InsertAsync(Tx tx, Supply supply) => tx.ExecuteAsync(
        """
        INSERT INTO supplies (tenant, id, kind, item, location, reference, state, quantity, received, reserved, expected_at, created_at)
        VALUES (@Owner, @Id, @kind, @Item, @Location, @Reference, @state, @Quantity, @Received, @Reserved, @ExpectedAt, @CreatedAt)
        """,
        new { supply.Owner, supply.Id, kind = supply.Kind.ToString(), supply.Item, supply.Location, supply.Reference, state = supply.State.ToString(), supply.Quantity, supply.Received, supply.Reserved, supply.ExpectedAt, supply.CreatedAt });

    public static Task UpdateAsync(Tx tx, Supply supply) => tx.ExecuteAsync(
        "UPDATE supplies SET state = @state, quantity = @Quantity, received = @Received, reserved = @Reserved, expected_at = @ExpectedAt, closed_at = @ClosedAt WHERE tenant = @Owner AND id = @Id",
        new { supply.Owner, supply.Id, state = supply.State.ToString(), supply.Quantity, supply.Received, supply.Reserved, supply.ExpectedAt, supply.ClosedAt });

    /// <summary>Reserves units to come, if so many are nobody's; negative: gives them back.</summary>
    public static async Task<bool> ReserveAsync(Tx tx, PartnerId owner, SupplyId id, int units) => await tx.ExecuteAsync(
        "UPDATE supplies SET reserved = reserved + @units WHERE tenant = @owner AND id = @id AND state = 'Expected' AND quantity - received - reserved >= @units AND reserved + @units >= 0",
        new { owner, id, units }) > 0;

    public static Task InsertAsync(Tx tx, IEnumerable<(PartnerId Seller, OrderId Order, BackOrder BackOrder)> waiting) => Waiting.InsertAsync(tx, waiting);

    /// <summary>What of some orders waits, or was called off while it did.</summary>
    public static async Task<ILookup<OrderId, BackOrder>> OfAsync(Db db, PartnerId seller, SqlKeys orders) =>
        (await db.QueryAsync<BackOrderRow>("SELECT order_id, line, supply, item, waiting, cancelled FROM back_orders WHERE tenant = @seller AND order_id IN @orders", new { seller, orders }))
            .OrderBy(row => (row.Line, row.Supply)).ToLookup(row => row.OrderId, row => new BackOrder(row.Line, row.Supply == default ? null : row.Supply, row.Item, row.Waiting, row.Cancelled));

    /// <summary>Who waits for units of an item: of some supply, or without any.</summary>
    public static Task<List<WaitingUnits>> WaitingAsync(Db db, PartnerId seller, ItemId item, SupplyId supply, bool isWithNone) => QueryAsync(
        db,
        $"""
        SELECT b.order_id, b.line, b.supply, b.waiting, o.channel, o.placed_at, o.promised_at FROM back_orders b JOIN orders o ON o.tenant = b.tenant AND o.id = b.order_id
        WHERE b.tenant = @seller AND b.item = @item AND b.waiting > 0 AND (b.supply = @supply {(isWithNone ? "OR b.supply = @none" : "")})
        """,
        new { seller, item, supply, none = default(SupplyId) });

    /// <summary>Adds to the units of a line that wait for a supply (none: for any), or takes from them; they may have been called off.</summary>
    public static async Task MoveAsync(Tx tx, PartnerId seller, OrderId order, int line, SupplyId? supply, ItemId item, int waiting, int cancelled = 0)
    {
        var args = new { seller, order, line, supply = supply ?? default, item, waiting, cancelled };
        if (await tx.ExecuteAsync("UPDATE back_orders SET waiting = waiting + @waiting, cancelled = cancelled + @cancelled WHERE tenant = @seller AND order_id = @order AND line = @line AND supply = @supply", args) == 0)
            await tx.ExecuteAsync("INSERT INTO back_orders (tenant, order_id, line, supply, item, waiting, cancelled) VALUES (@seller, @order, @line, @supply, @item, @waiting, @cancelled)", args);
        else if (waiting < 0)
            await tx.ExecuteAsync("DELETE FROM back_orders WHERE tenant = @seller AND order_id = @order AND line = @line AND supply = @supply AND waiting = 0 AND cancelled = 0", args);
    }

    /// <summary>Every supply whose reserved units are not those of the orders that wait for it, in words.</summary>
    public static async Task<IReadOnlyList<string>> AuditAsync(Db db, PartnerId owner) =>
        [.. (await db.QueryAsync<AuditRow>(
            """
            SELECT s.id, s.reserved, COALESCE((SELECT SUM(b.waiting) FROM back_orders b WHERE b.tenant = s.tenant AND b.supply = s.id), 0) AS waiting
            FROM supplies s WHERE s.tenant = @owner AND s.reserved <> COALESCE((SELECT SUM(b.waiting) FROM back_orders b WHERE b.tenant = s.tenant AND b.supply = s.id), 0)
            """,
            new { owner })).Select(row => $"Supply {row.Id} has {row.Reserved} units reserved, and {row.Waiting} wait for it.")];

    private static async Task<List<WaitingUnits>> QueryAsync(Db db, string sql, object args) =>
        (await db.QueryAsync<WaitingRow>(sql, args)).ConvertAll(row => new WaitingUnits(row.OrderId, row.Line, row.Supply, row.Waiting, row.Channel, row.PlacedAt, row.PromisedAt));

    private sealed record Row
    {
        public PartnerId Tenant { get; init; }
        public SupplyId Id { get; init; }
        public SupplyKind Kind { get; init; }
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public string Reference { get; init; } = "";
        public SupplyState State { get; init; }
        public int Quantity { get; init; }
        public int Received { get; init; }
        public int Reserved { get; init; }
        public DateTimeOffset ExpectedAt { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
        public DateTimeOffset? ClosedAt { get; init; }

        public Supply ToSupply() => new()
        {
            Owner = Tenant,
            Id = Id,
            Kind = Kind,
            Item = Item,
            Location = Location,
            Reference = Reference,
            State = State,
            Quantity = Quantity,
            Received = Received,
            Reserved = Reserved,
            ExpectedAt = ExpectedAt,
            CreatedAt = CreatedAt,
            ClosedAt = ClosedAt,
        };
    }

    private sealed record BackOrderRow
    {
        public OrderId OrderId { get; init; }
        public int Line { get; init; }
        public SupplyId Supply { get; init; }
        public ItemId Item { get; init; }
        public int Waiting { get; init; }
        public int Cancelled { get; init; }
    }

    private sealed record WaitingRow
    {
        public OrderId OrderId { get; init; }
        public int Line { get; init; }
        public SupplyId Supply { get; init; }
        public int Waiting { get; init; }
        public string Channel { get; init; } = "";
        public DateTimeOffset PlacedAt { get; init; }
        public DateTimeOffset PromisedAt { get; init; }
    }

    private sealed record AuditRow
    {
        public SupplyId Id { get; init; }
        public int Reserved { get; init; }
        public long Waiting { get; init; }
    }
}
