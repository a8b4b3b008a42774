using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Orders.Supplies;
using Caravan.Platform;
using Caravan.Platform.Ids;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Orders;

internal static class OrderStore
{
    private const string OrderColumns = "id, channel, number, service, placed_at, requested_at, promised_at, currency, goods_amount, delivery_amount, latitude, longitude, address, station, promise, tracking_secret, proof_code, is_at_risk";
    private const string LineColumns = "order_id, line, item, sku, gtin, name, quantity, price_amount, weight_grams, temperature_class, allows_substitute, substitute_for";
    private const string FulfilmentColumns = "id, order_id, location, operator, ready_at, due_at, distance_metres";
    private const string AllocationColumns = "fulfilment, line, owner, item, location, reserved, released, picked, packed, shipped, delivered, short, cancelled, returned";
    private const int FirstState = 5;

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
        await LoadAsync(db, seller, await db.ReadAsync($"SELECT {OrderColumns} FROM orders WHERE tenant = @seller AND id = @order", new { seller, order }, row => OrderOf(seller, row))) is [var found] ? found : null;

    public static async Task<IReadOnlyList<Order>> FindManyAsync(Db db, PartnerId seller, IReadOnlyCollection<OrderId> orders) =>
        await LoadAsync(db, seller, await db.ReadAsync($"SELECT {OrderColumns} FROM orders WHERE tenant = @seller AND id IN @ids", new { seller, ids = orders.ToKeys(db) }, row => OrderOf(seller, row)));

    /// <param name="db">Where to read.</param>
    /// <param name="seller">Whose orders.</param>
    /// <param name="before">Only those placed before this one.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="condition">SQL of ours on <c>orders</c>; may name <c>@now</c>.</param>
    /// <param name="now">The instant.</param>
    public static async Task<IReadOnlyList<Order>> ListAsync(Db db, PartnerId seller, OrderId? before, int count, string condition = "1 = 1", DateTimeOffset now = default) =>
        await LoadAsync(db, seller, await db.ReadAsync(
            $"SELECT {OrderColumns} FROM orders WHERE tenant = @seller AND (@before IS NULL OR id < @before) AND {condition} ORDER BY id DESC LIMIT @count", new { seller, before, count, now }, row => OrderOf(seller, row)));

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

    private static async Task<IReadOnlyList<Order>> LoadAsync(Db db, PartnerId seller, List<Order> orders)
    {
        if (orders.Count == 0)
            return [];

        // Sorted here: asked to sort by a key, SQLite would walk all of the seller's rows along it.
        var ids = orders.Select(order => order.Id).ToKeys(db);
        var lines = (await db.ReadAsync($"SELECT {LineColumns} FROM order_lines WHERE tenant = @seller AND order_id IN @ids", new { seller, ids }, LineOf)).OrderBy(one => one.Line.Line).ToLookup(one => one.Order, one => one.Line);
        var allocations = (await db.ReadAsync($"SELECT {AllocationColumns} FROM allocations WHERE tenant = @seller AND order_id IN @ids", new { seller, ids }, AllocationOf)).OrderBy(one => (one.Line, one.Owner)).ToLookup(one => one.Fulfilment);
        var fulfilments = (await db.ReadAsync($"SELECT {FulfilmentColumns} FROM fulfilments WHERE tenant = @seller AND order_id IN @ids", new { seller, ids }, row => FulfilmentOf(row, allocations))).OrderBy(one => one.Id).ToLookup(one => one.Order);
        var waiting = await SupplyStore.OfAsync(db, seller, ids);
        var payments = await PaymentStore.OfAsync(db, seller, ids);
        return [.. orders.Select(order => order with { BackOrders = [.. waiting[order.Id]], Payment = payments.GetValueOrDefault(order.Id), Lines = [.. lines[order.Id]], Fulfilments = [.. fulfilments[order.Id]] })];
    }

    // The order's own row; what belongs to it is added in LoadAsync.
    private static Order OrderOf(PartnerId seller, RowReader row) => new()
    {
        Seller = seller,
        Id = row.Id<OrderIdKind>(0),
        Channel = row.Text(1),
        Number = row.Text(2),
        Service = row.Named<DeliveryService>(3),
        PlacedAt = row.Instant(4),
        RequestedAt = row.InstantOrNull(5),
        PromisedAt = row.Instant(6),
        Currency = row.Text(7),
        GoodsAmount = row.Long(8),
        DeliveryAmount = row.Long(9),
        Destination = new GeoPoint(row.Real(10), row.Real(11)),
        Address = row.Text(12),
        Station = row.IdOrNull<LocationIdKind>(13),
        Promise = row.IdOrNull<PromiseIdKind>(14),
        TrackingSecret = row.Text(15),
        ProofCode = row.Text(16),
        IsAtRisk = row.IsTrue(17),
        Lines = [],
        Fulfilments = [],
        BackOrders = [],
    };

    private static (OrderId Order, OrderLine Line) LineOf(RowReader row) => (row.Id<OrderIdKind>(0), new OrderLine
    {
        Line = row.Number(1),
        Item = row.Id<ItemIdKind>(2),
        Sku = row.Text(3),
        Gtin = row.TextOrNull(4),
        Name = row.Text(5),
        Quantity = row.Number(6),
        PriceAmount = row.Long(7),
        WeightGrams = row.Number(8),
        TemperatureClass = row.Named<TemperatureClass>(9),
        AllowsSubstitute = row.IsTrue(10),
        SubstituteFor = row.IsNull(11) ? null : row.Number(11),
    });

    private static FulfilmentOrder FulfilmentOf(RowReader row, ILookup<FulfilmentId, Allocation> allocations)
    {
        var id = row.Id<FulfilmentIdKind>(0);
        return new FulfilmentOrder
        {
            Id = id,
            Order = row.Id<OrderIdKind>(1),
            Location = row.Id<LocationIdKind>(2),
            Operator = row.Id<PartnerIdKind>(3),
            ReadyAt = row.Instant(4),
            DueAt = row.Instant(5),
            DistanceMetres = row.Number(6),
            Allocations = [.. allocations[id]],
        };
    }

    private static Allocation AllocationOf(RowReader row)
    {
        var units = new int[Allocation.States]; // No unit of an allocation waits for supply.
        for (var status = 0; status < units.Length - 1; status++)
            units[status] = row.Number(FirstState + status);
        return new Allocation
        {
            Fulfilment = row.Id<FulfilmentIdKind>(0),
            Line = row.Number(1),
            Owner = row.Id<PartnerIdKind>(2),
            Item = row.Id<ItemIdKind>(3),
            Location = row.Id<LocationIdKind>(4),
            Units = units,
        };
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
}
