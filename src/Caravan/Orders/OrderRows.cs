using Caravan.Platform.Storage;
using Microsoft.Data.Sqlite;

namespace Caravan.Orders;

/// <summary>The rows of new orders, many at a time.</summary>
internal static class OrderRows
{
    private static readonly Table<Order> Orders = new(
        "orders",
        "tenant, id, channel, number, service, placed_at, requested_at, promised_at, currency, goods_amount, delivery_amount, latitude, longitude, address, station, promise, tracking_secret, proof_code",
        (row, order) => row.Id(order.Seller).Id(order.Id).Text(order.Channel).Text(order.Number).Text(order.Service.ToString()).Instant(order.PlacedAt).Instant(order.RequestedAt).Instant(order.PromisedAt)
            .Text(order.Currency).Number(order.GoodsAmount).Number(order.DeliveryAmount).Real(order.Destination.Latitude).Real(order.Destination.Longitude).Text(order.Address)
            .Id(order.Station).Id(order.Promise).Text(order.TrackingSecret).Text(order.ProofCode));

    private static readonly Table<(Order Order, OrderLine Line)> Lines = new(
        "order_lines",
        "tenant, order_id, line, item, sku, gtin, name, quantity, price_amount, weight_grams, temperature_class, allows_substitute, substitute_for",
        (row, one) => row.Id(one.Order.Seller).Id(one.Order.Id).Number(one.Line.Line).Id(one.Line.Item).Text(one.Line.Sku).Text(one.Line.Gtin).Text(one.Line.Name).Number(one.Line.Quantity)
            .Number(one.Line.PriceAmount).Number(one.Line.WeightGrams).Text(one.Line.TemperatureClass.ToString())
            .Number(one.Line.AllowsSubstitute ? 1 : 0).Number(one.Line.SubstituteFor));

    private static readonly Table<(PartnerId Seller, FulfilmentOrder Fulfilment)> Fulfilments = new(
        "fulfilments",
        "tenant, id, order_id, location, operator, ready_at, due_at, distance_metres, is_open",
        (row, one) => row.Id(one.Seller).Id(one.Fulfilment.Id).Id(one.Fulfilment.Order).Id(one.Fulfilment.Location).Id(one.Fulfilment.Operator).Instant(one.Fulfilment.ReadyAt).Instant(one.Fulfilment.DueAt)
            .Number(one.Fulfilment.DistanceMetres).Number(1));

    private static readonly Table<(PartnerId Seller, OrderId Order, Allocation Allocation)> Allocations = new(
        "allocations",
        "tenant, fulfilment, line, owner, item, order_id, location, quantity, reserved, released, picked, packed, shipped, delivered, short, cancelled, returned",
        (row, one) => row.Id(one.Seller).Id(one.Allocation.Fulfilment).Number(one.Allocation.Line).Id(one.Allocation.Owner).Id(one.Allocation.Item).Id(one.Order).Id(one.Allocation.Location)
            .Number(one.Allocation.Quantity).Number(one.Allocation.Quantity).Number(0).Number(0).Number(0).Number(0).Number(0).Number(0).Number(0).Number(0));

    private static readonly Table<(PartnerId Seller, Allocation Allocation)> Claims = new(
        "claims",
        "tenant, item, location, seller, fulfilment, line",
        (row, one) => row.Id(one.Allocation.Owner).Id(one.Allocation.Item).Id(one.Allocation.Location).Id(one.Seller).Id(one.Allocation.Fulfilment).Number(one.Allocation.Line));

    private static readonly Table<(PartnerId Operator, LocationId Location, long Hour, int Orders)> Loads = new(
        "node_loads",
        "tenant, location, hour, orders",
        (row, one) => row.Id(one.Operator).Id(one.Location).Number(one.Hour).Number(one.Orders),
        "ON CONFLICT (tenant, hour, location) DO UPDATE SET orders = node_loads.orders + excluded.orders");

    private static readonly Table<(Order Order, byte[] Note)> Notes = new(
        "sourcing_reports",
        "tenant, order_id, round, cause, at, body",
        (row, one) => row.Id(one.Order.Seller).Id(one.Order.Id).Number(1).Text("placed").Instant(one.Order.PlacedAt).Text(one.Note));

    /// <summary>The orders that have these numbers already.</summary>
    public static async Task<Dictionary<(PartnerId Seller, string Channel, string Number), OrderId>> FindAsync(Tx tx, IEnumerable<(PartnerId Seller, string Channel, string Number)> numbers)
    {
        if (tx.IsPostgres)
        {
            var rows = await PostgresRows.Of(numbers, (row, one) => row.Id(one.Seller).Text(one.Channel).Text(one.Number)).QueryAsync(
                tx,
                "SELECT o.tenant, o.channel, o.number, o.id FROM unnest($1, $2, $3) AS asked (tenant, channel, number) JOIN orders AS o ON o.tenant = asked.tenant AND o.channel = asked.channel AND o.number = asked.number",
                row => (Key: (new PartnerId(row.GetGuid(0)), row.GetString(1), row.GetString(2)), Id: new OrderId(row.GetGuid(3))));
            return rows.DistinctBy(row => row.Key).ToDictionary(row => row.Key, row => row.Id);
        }

        var known = new Dictionary<(PartnerId, string, string), OrderId>();
        var find = SqliteStatement.Of((SqliteConnection)tx.Connection, "SELECT id FROM orders WHERE tenant = ? AND channel = ? AND number = ?");
        foreach (var (seller, channel, number) in numbers)
        {
            find.Id(seller).Text(channel).Text(number);
            if (find.First(row => (OrderId?)row.IdAt<Platform.Ids.OrderIdKind>(0)) is { } id)
                known[(seller, channel, number)] = id;
        }

        return known;
    }

    /// <summary>New orders, each with the note of how it was sourced.</summary>
    public static async Task InsertAsync(Tx tx, IReadOnlyCollection<(Order Order, byte[] Note)> placed)
    {
        // On PostgreSQL in the order in which all servers lock numbers: two that have the same orders never wait for each other in a circle.
        await Orders.InsertAsync(tx, tx.IsPostgres
            ? placed.Select(one => one.Order).OrderBy(order => order.Seller).ThenBy(order => order.Channel, StringComparer.Ordinal).ThenBy(order => order.Number, StringComparer.Ordinal)
            : placed.Select(one => one.Order));
        await Lines.InsertAsync(tx, placed.SelectMany(one => one.Order.Lines, (one, line) => (one.Order, line)));
        await Notes.InsertAsync(tx, placed);
        await PaymentStore.Awaited.InsertAsync(tx, placed.Where(one => one.Order.Payment is not null).Select(one => (one.Order.Seller, one.Order.Id, one.Order.Payment!.PayBy))); // Filtered just before.
        await InsertAsync(tx, [.. placed.SelectMany(one => one.Order.Fulfilments, (one, fulfilment) => (one.Order.Seller, fulfilment))]);
    }

    /// <summary>A line that was put in for another, at a node that works on the order already.</summary>
    public static async Task InsertAsync(Tx tx, Order order, OrderLine line, Allocation allocation)
    {
        await Lines.InsertAsync(tx, [(order, line)]);
        await Allocations.InsertAsync(tx, [(order.Seller, order.Id, allocation)]);
        await Claims.InsertAsync(tx, [(order.Seller, allocation)]);
    }

    /// <summary>What nodes are given to do.</summary>
    public static async Task InsertAsync(Tx tx, IReadOnlyCollection<(PartnerId Seller, FulfilmentOrder Fulfilment)> given)
    {
        await Fulfilments.InsertAsync(tx, given);
        await Allocations.InsertAsync(tx, given.SelectMany(one => one.Fulfilment.Allocations, (one, allocation) => (one.Seller, one.Fulfilment.Order, allocation)));
        await Claims.InsertAsync(tx, given.SelectMany(one => one.Fulfilment.Allocations, (one, allocation) => (one.Seller, allocation)));
        await Loads.InsertAsync(tx, given.GroupBy(one => (one.Fulfilment.Operator, one.Fulfilment.Location)).OrderBy(node => node.Key.Operator).ThenBy(node => node.Key.Location)
            .Select(node => (node.Key.Operator, node.Key.Location, NodeLoads.HourOf(tx.Now), node.Count())));
    }
}
