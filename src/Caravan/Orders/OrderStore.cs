using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Orders.Supplies;
using Caravan.Platform;
using Caravan.Platform.Storage;

namespace Caravan.Orders;

internal static class OrderStore
{
    private const string OrderColumns = "tenant, id, channel, number, service, placed_at, requested_at, promised_at, currency, goods_amount, delivery_amount, latitude, longitude, address, station, promise, tracking_secret, proof_code, is_at_risk";
    private const string LineColumns = "tenant, order_id, line, item, sku, gtin, name, quantity, price_amount, weight_grams, temperature_class, allows_substitute, substitute_for";
    private const string FulfilmentColumns = "tenant, id, order_id, location, operator, ready_at, due_at, distance_metres, is_open";
    private const string AllocationColumns = "tenant, fulfilment, line, owner, item, order_id, location, quantity, reserved, released, picked, packed, shipped, delivered, short, cancelled, returned";

    private static readonly RowStatement<(Order Order, Allocation Now)> Units = RowStatement<(Order Order, Allocation Now)>.Update(
        "allocations",
        "reserved, released, picked, packed, shipped, delivered, short, cancelled, returned",
        "tenant, order_id, fulfilment, line, owner",
        (row, one) => row.Number(one.Now[LineStatus.Reserved]).Number(one.Now[LineStatus.Released]).Number(one.Now[LineStatus.Picked]).Number(one.Now[LineStatus.Packed]).Number(one.Now[LineStatus.Shipped])
            .Number(one.Now[LineStatus.Delivered]).Number(one.Now[LineStatus.Short]).Number(one.Now[LineStatus.Cancelled]).Number(one.Now[LineStatus.Returned])
            .Id(one.Order.Seller).Id(one.Order.Id).Id(one.Now.Fulfilment).Number(one.Now.Line).Id(one.Now.Owner));

    private static readonly RowStatement<(Order Order, Allocation Now)> Claims = RowStatement<(Order Order, Allocation Now)>.Delete(
        "claims",
        "tenant, location, fulfilment, line, seller, item",
        (row, one) => row.Id(one.Now.Owner).Id(one.Now.Location).Id(one.Now.Fulfilment).Number(one.Now.Line).Id(one.Order.Seller).Id(one.Now.Item));

    public static Task<OrderId?> FindIdAsync(Db db, PartnerId seller, string channel, string number) =>
        db.FirstAsync<OrderId?>("SELECT id FROM orders WHERE tenant = @seller AND channel = @channel AND number = @number", new { seller, channel, number });

    public static Task<OrderId?> OrderOfAsync(Db db, PartnerId seller, FulfilmentId fulfilment) =>
        db.FirstAsync<OrderId?>("SELECT order_id FROM fulfilments WHERE tenant = @seller AND id = @fulfilment", new { seller, fulfilment });

    public static async Task<Order?> FindAsync(Db db, PartnerId seller, OrderId order) =>
        await LoadAsync(db, seller, await db.QueryAsync<OrderRow>($"SELECT {OrderColumns} FROM orders WHERE tenant = @seller AND id = @order", new { seller, order })) is [var found] ? found : null;

    public static async Task<IReadOnlyList<Order>> FindManyAsync(Db db, PartnerId seller, IReadOnlyCollection<OrderId> orders) =>
        await LoadAsync(db, seller, await db.QueryAsync<OrderRow>($"SELECT {OrderColumns} FROM orders WHERE tenant = @seller AND id IN @ids", new { seller, ids = orders.ToKeys(db) }));

    /// <param name="db">Where to read.</param>
    /// <param name="seller">Whose orders.</param>
    /// <param name="before">Only those placed before this one.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="condition">SQL of ours on <c>orders</c>; may name <c>@now</c>.</param>
    /// <param name="now">The instant.</param>
    public static async Task<IReadOnlyList<Order>> ListAsync(Db db, PartnerId seller, OrderId? before, int count, string condition = "1 = 1", DateTimeOffset now = default) =>
        await LoadAsync(db, seller, await db.QueryAsync<OrderRow>(
            $"SELECT {OrderColumns} FROM orders WHERE tenant = @seller AND (@before IS NULL OR id < @before) AND {condition} ORDER BY id DESC LIMIT @count", new { seller, before, count, now }));

    public static async Task<Order?> TrackAsync(Db db, string token)
    {
        if (token.Split('-') is not [var company, var number, var secret] || !PartnerId.TryParse($"ptn_{company}", null, out var seller) || !OrderId.TryParse($"ord_{number}", null, out var order))
            return null;

        return await FindAsync(db, seller, order) is { } found && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(found.TrackingSecret), Encoding.UTF8.GetBytes(secret)) ? found : null;
    }

    /// <summary>Writes where an order's allocations' units stand, and forgets the claims of those none of which waits on stock any more.</summary>
    public static Task UpdateAsync(Tx tx, Order order, IEnumerable<Allocation> allocations) => UpdateAsync(tx, [.. allocations.Select(one => (order, one))]);

    /// <summary>As above, for many orders.</summary>
    public static async Task UpdateAsync(Tx tx, IReadOnlyCollection<(Order Order, Allocation Allocation)> changed)
    {
        await Units.RunAsync(tx, changed);
        await Claims.RunAsync(tx, changed.Where(one => one.Allocation.Open == 0));
    }

    public static Task SetOperatorAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment, PartnerId @operator) =>
        tx.ExecuteAsync("UPDATE fulfilments SET operator = @operator WHERE tenant = @seller AND id = @fulfilment", new { seller, fulfilment, @operator });

    public static Task SetPromisedAsync(Tx tx, PartnerId seller, OrderId order, DateTimeOffset promisedAt) =>
        tx.ExecuteAsync("UPDATE orders SET promised_at = @promisedAt WHERE tenant = @seller AND id = @order", new { seller, order, promisedAt });

    public static Task SetAtRiskAsync(Tx tx, PartnerId seller, OrderId order, bool isAtRisk) =>
        tx.ExecuteAsync("UPDATE orders SET is_at_risk = @isAtRisk WHERE tenant = @seller AND id = @order", new { seller, order, isAtRisk });

    /// <summary>Who waits on a cell, the newest orders first: they are the first to be sourced anew.</summary>
    public static Task<List<ClaimRow>> ClaimsAsync(Db db, PartnerId owner, ItemId item, LocationId location) =>
        db.QueryAsync<ClaimRow>("SELECT seller, fulfilment, line FROM claims WHERE tenant = @owner AND item = @item AND location = @location ORDER BY fulfilment DESC", new { owner, item, location });

    public static Task InsertNoteAsync(Tx tx, PartnerId seller, OrderId order, string cause, SourcingNote note) => tx.ExecuteAsync(
        """
        INSERT INTO sourcing_reports (tenant, order_id, round, cause, at, body)
        SELECT @seller, @order, COALESCE(MAX(round), 0) + 1, @cause, @now, @body FROM sourcing_reports WHERE tenant = @seller AND order_id = @order
        """,
        new { seller, order, cause, now = tx.Now, body = JsonSerializer.Serialize(note, SourcingNoteJson.Default.SourcingNote) });

    public static async Task<IReadOnlyList<(string Cause, DateTimeOffset At, SourcingNote Note)>> NotesAsync(Db db, PartnerId seller, OrderId order) =>
        [.. (await db.QueryAsync<ReportRow>("SELECT cause, at, body FROM sourcing_reports WHERE tenant = @seller AND order_id = @order ORDER BY round", new { seller, order }))
            .Select(row => (row.Cause, row.At, JsonSerializer.Deserialize(row.Body, SourcingNoteJson.Default.SourcingNote)!))]; // Written by InsertNoteAsync.

    private static async Task<IReadOnlyList<Order>> LoadAsync(Db db, PartnerId seller, List<OrderRow> rows)
    {
        if (rows.Count == 0)
            return [];

        // Sorted here: asked to sort by a key, SQLite would walk all of the seller's rows along it.
        var ids = rows.Select(row => row.Id).ToKeys(db);
        var lines = (await db.QueryAsync<LineRow>($"SELECT {LineColumns} FROM order_lines WHERE tenant = @seller AND order_id IN @ids", new { seller, ids })).OrderBy(row => row.Line).ToLookup(row => row.OrderId);
        var fulfilments = (await db.QueryAsync<FulfilmentRow>($"SELECT {FulfilmentColumns} FROM fulfilments WHERE tenant = @seller AND order_id IN @ids", new { seller, ids })).OrderBy(row => row.Id).ToLookup(row => row.OrderId);
        var allocations = (await db.QueryAsync<AllocationRow>($"SELECT {AllocationColumns} FROM allocations WHERE tenant = @seller AND order_id IN @ids", new { seller, ids })).OrderBy(row => (row.Line, row.Owner)).ToLookup(row => row.Fulfilment);
        var waiting = await SupplyStore.OfAsync(db, seller, ids);
        var payments = await PaymentStore.OfAsync(db, seller, ids);
        return [.. rows.Select(row => row.ToOrder([.. waiting[row.Id]], payments.GetValueOrDefault(row.Id), [.. lines[row.Id].Select(line => line.ToLine())], [.. fulfilments[row.Id].Select(one => one.ToFulfilment([.. allocations[one.Id].Select(allocation => allocation.ToAllocation())]))]))];
    }

    internal sealed record ClaimRow
    {
        public PartnerId Seller { get; init; }
        public FulfilmentId Fulfilment { get; init; }
        public int Line { get; init; }
    }

    private sealed record ReportRow
    {
        public string Cause { get; init; } = "";
        public DateTimeOffset At { get; init; }
        public string Body { get; init; } = "";
    }

    private sealed record OrderRow
    {
        public PartnerId Tenant { get; init; }
        public OrderId Id { get; init; }
        public string Channel { get; init; } = "";
        public string Number { get; init; } = "";
        public DeliveryService Service { get; init; }
        public DateTimeOffset PlacedAt { get; init; }
        public DateTimeOffset? RequestedAt { get; init; }
        public DateTimeOffset PromisedAt { get; init; }
        public string Currency { get; init; } = "";
        public long GoodsAmount { get; init; }
        public long DeliveryAmount { get; init; }
        public double Latitude { get; init; }
        public double Longitude { get; init; }
        public string Address { get; init; } = "";
        public LocationId? Station { get; init; }
        public PromiseId? Promise { get; init; }
        public string TrackingSecret { get; init; } = "";
        public string ProofCode { get; init; } = "";
        public bool IsAtRisk { get; init; }

        public Order ToOrder(IReadOnlyList<BackOrder> backOrders, OrderPayment? payment, IReadOnlyList<OrderLine> lines, IReadOnlyList<FulfilmentOrder> fulfilments) => new()
        {
            Seller = Tenant,
            Id = Id,
            Channel = Channel,
            Number = Number,
            Service = Service,
            PlacedAt = PlacedAt,
            RequestedAt = RequestedAt,
            PromisedAt = PromisedAt,
            Currency = Currency,
            GoodsAmount = GoodsAmount,
            DeliveryAmount = DeliveryAmount,
            Destination = new GeoPoint(Latitude, Longitude),
            Address = Address,
            Station = Station,
            Promise = Promise,
            Payment = payment,
            TrackingSecret = TrackingSecret,
            ProofCode = ProofCode,
            IsAtRisk = IsAtRisk,
            Lines = lines,
            Fulfilments = fulfilments,
            BackOrders = backOrders,
        };
    }

    private sealed record LineRow
    {
        public OrderId OrderId { get; init; }
        public int Line { get; init; }
        public ItemId Item { get; init; }
        public string Sku { get; init; } = "";
        public string? Gtin { get; init; }
        public string Name { get; init; } = "";
        public int Quantity { get; init; }
        public long PriceAmount { get; init; }
        public int WeightGrams { get; init; }
        public TemperatureClass TemperatureClass { get; init; }
        public bool AllowsSubstitute { get; init; }
        public int? SubstituteFor { get; init; }

        public OrderLine ToLine() => new()
        {
            Line = Line,
            Item = Item,
            Sku = Sku,
            Gtin = Gtin,
            Name = Name,
            Quantity = Quantity,
            PriceAmount = PriceAmount,
            WeightGrams = WeightGrams,
            TemperatureClass = TemperatureClass,
            AllowsSubstitute = AllowsSubstitute,
            SubstituteFor = SubstituteFor,
        };
    }

    private sealed record FulfilmentRow
    {
        public FulfilmentId Id { get; init; }
        public OrderId OrderId { get; init; }
        public LocationId Location { get; init; }
        public PartnerId Operator { get; init; }
        public DateTimeOffset ReadyAt { get; init; }
        public DateTimeOffset DueAt { get; init; }
        public int DistanceMetres { get; init; }

        public FulfilmentOrder ToFulfilment(IReadOnlyList<Allocation> allocations) =>
            new() { Id = Id, Order = OrderId, Location = Location, Operator = Operator, ReadyAt = ReadyAt, DueAt = DueAt, DistanceMetres = DistanceMetres, Allocations = allocations };
    }

    private sealed record AllocationRow
    {
        public FulfilmentId Fulfilment { get; init; }
        public int Line { get; init; }
        public PartnerId Owner { get; init; }
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public int Reserved { get; init; }
        public int Released { get; init; }
        public int Picked { get; init; }
        public int Packed { get; init; }
        public int Shipped { get; init; }
        public int Delivered { get; init; }
        public int Short { get; init; }
        public int Cancelled { get; init; }
        public int Returned { get; init; }

        public Allocation ToAllocation() => new()
        {
            Fulfilment = Fulfilment,
            Line = Line,
            Owner = Owner,
            Item = Item,
            Location = Location,
            Units = [Reserved, Released, Picked, Packed, Shipped, Delivered, Short, Cancelled, Returned, 0],
        };
    }
}
