using System.Globalization;
using System.Text.Json;
using Caravan.Delivery;
using Caravan.Engines.Sourcing;
using Caravan.Fulfilment;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Bench.Orders.Aged;

/// <summary>Rows of one table: its columns, how many there are, and each row's values as <see cref="Platform.Storage.Backup.TableRows"/> takes them.</summary>
internal sealed record HistoryTable(string Name, string Columns, long Count, IEnumerable<object?[]> Rows);

/// <summary>
/// What a history leaves in the tables: what the service itself would have written and not thrown away since. Promises, holds,
/// claims and answers to repeated requests are gone but for the last day's; of events a week is left.
/// </summary>
internal sealed class HistoryRows(History history, PartnerId tenant, long closedUntil)
{
    private const int OrderKind = 1;
    private const int FulfilmentKind = 2;
    private const int JobKind = 3;
    private const int ReceiptKind = 4;
    private const int MovementKinds = 5; // And the two after it.
    private const int NodesNoted = 10;
    private const long DayMilliseconds = 86_400_000;
    private const int EventsKeptDays = 7;
    private const int HashLength = 32;
    private static readonly string Ambient = nameof(TemperatureClass.Ambient);
    private static readonly string NextDay = nameof(DeliveryService.NextDay);
    private readonly object owner = tenant.Value;
    private readonly Dictionary<(Guid Item, Guid Location), long[]> balances = [];

    /// <summary>All tables; that of the balances last, for it is what the closed lines before it add up to.</summary>
    public IEnumerable<HistoryTable> Tables(Guid carrier, Guid courier)
    {
        var note = Note();
        yield return EachOrder(
            "orders",
            "tenant, id, channel, number, service, placed_at, requested_at, promised_at, currency, goods_amount, delivery_amount, latitude, longitude, address, station, promise, tracking_secret, proof_code, is_at_risk",
            one => [owner, OrderId(one), "api", Number(one), NextDay, one.PlacedAt, null, one.DueAt, "CNY", one.Cell.Price, 300L, one.Cell.Latitude, one.Cell.Longitude, "Bench Road 1", null, null, "0123456789abcdef", "1234", 0L]);
        yield return EachOrder(
            "order_lines",
            "tenant, order_id, line, item, sku, gtin, name, quantity, price_amount, weight_grams, temperature_class",
            one => [owner, OrderId(one), 1L, one.Cell.Item, one.Cell.Sku, null, one.Cell.Name, 1L, one.Cell.Price, (long)one.Cell.WeightGrams, Ambient]);
        yield return EachOrder("sourcing_reports", "tenant, order_id, round, cause, at, body", one => [owner, OrderId(one), 1L, "placed", one.PlacedAt, note]);
        yield return EachOrder(
            "fulfilments",
            "tenant, id, order_id, location, operator, ready_at, due_at, distance_metres, is_open",
            one => [owner, FulfilmentId(one), OrderId(one), one.Cell.Location, owner, one.PackedAt, one.DueAt, 1_200L, 0L]);
        yield return EachOrder(
            "allocations",
            "tenant, fulfilment, line, owner, item, order_id, location, quantity, reserved, released, picked, packed, shipped, delivered, short, cancelled, returned",
            one => [owner, FulfilmentId(one), 1L, owner, one.Cell.Item, OrderId(one), one.Cell.Location, 1L, 0L, 0L, 0L, 0L, 0L, 1L, 0L, 0L, 0L]);
        yield return EachOrder(
            "pick_lists",
            "tenant, id, order_tenant, order_id, order_number, location, service, station, station_operator, is_collected_here, status, ready_at, due_at, released_at, packed_at, handed_over_at, wrong_codes, override_reason",
            one => [owner, FulfilmentId(one), owner, OrderId(one), Number(one), one.Cell.Location, NextDay, null, null, 0L, nameof(PickListStatus.HandedOver), one.PackedAt, one.DueAt, one.PlacedAt, one.PackedAt, one.ShippedAt, 0L, null]);
        yield return EachOrder(
            "pick_lines",
            "tenant, pick_list, line, owner, item, sku, gtin, name, category, temperature_class, quantity, picked, short, cancelled, put_back, short_reason",
            one => [owner, FulfilmentId(one), 1L, owner, one.Cell.Item, one.Cell.Sku, null, one.Cell.Name, "", Ambient, 1L, 1L, 0L, 0L, 0L, null]);
        yield return EachOrder(
            "pick_parcels",
            "tenant, pick_list, temperature_class, job, status",
            one => [owner, FulfilmentId(one), Ambient, JobId(one), nameof(BagStatus.HandedOver)]);
        yield return EachOrder(
            "jobs",
            "tenant, id, reference, origin, latitude, longitude, address, service, ready_at, due_at, weight_grams, temperature_class, proof_code, status, packed_at, carrier, courier, assigned_at, accepted_at, collected_at, finished_at, estimated_at, attempts, code_failures, failure_reason, override_reason, waits_for, declined_by",
            one => [owner, JobId(one), new ParcelReference(new FulfilmentId(FulfilmentId(one)), TemperatureClass.Ambient).ToString(), one.Cell.Location, one.Cell.Latitude, one.Cell.Longitude, "Bench Road 1", NextDay, one.PackedAt, one.DueAt, (long)one.Cell.WeightGrams, Ambient, "1234", nameof(JobStatus.Delivered), one.PackedAt, carrier, courier, one.PlacedAt, one.PickedAt, one.ShippedAt, one.DeliveredAt, null, 0L, 0L, null, null, null, null]);
        const string Ledger = "tenant, id, item, location, kind, on_hand_delta, reserved_delta, held_delta, picked_delta, cause, at";
        yield return new HistoryTable("stock_movements_closed", Ledger, history.Movements, Movements().Where(one => one.At < closedUntil).Select(Closed));
        yield return new HistoryTable("stock_movements", Ledger, history.Movements, Movements().Where(one => one.At >= closedUntil).Select(one => one.Row));
        yield return new HistoryTable("stock_balances", "tenant, item, location, on_hand, reserved, held, picked", balances.Count, balances.OrderBy(cell => cell.Key.Item).ThenBy(cell => cell.Key.Location)
            .Select(cell => (object?[])[owner, cell.Key.Item, cell.Key.Location, cell.Value[0], cell.Value[1], 0L, cell.Value[2]]));
        yield return new HistoryTable("outbox", "tenant, type, subject, payload, at", history.Orders / History.Days * EventsKeptDays, history.Since(history.Now - (EventsKeptDays * DayMilliseconds)).SelectMany(Events));
        yield return new HistoryTable("idempotency_keys", "tenant, key, request_hash, status, location, body, at", history.Orders / History.Days, history.Since(history.Now - DayMilliseconds)
            .Select(one => (object?[])[owner, Number(one), new byte[HashLength], 201L, $"/v1/orders/{new OrderId(OrderId(one))}", $$"""{"id":"{{new OrderId(OrderId(one))}}","number":"{{Number(one)}}"}""", one.PlacedAt]));
    }

    private HistoryTable EachOrder(string name, string columns, Func<PastOrder, object?[]> row) => new(name, columns, history.Orders, history.All().Select(row));

    private static string Number(PastOrder one) => one.Index.ToString("'H'0000000000", CultureInfo.InvariantCulture);

    private Guid OrderId(PastOrder one) => history.Id(OrderKind, one.Index, one.PlacedAt);

    private Guid FulfilmentId(PastOrder one) => history.Id(FulfilmentKind, one.Index, one.PlacedAt);

    private Guid JobId(PastOrder one) => history.Id(JobKind, one.Index, one.PlacedAt + 1_000);

    // By time, nearly: a receipt comes before its orders, and an order's own lines one after the other.
    private IEnumerable<(long At, object?[] Row)> Movements()
    {
        for (var receipt = 0; receipt < history.Receipts; receipt++)
        {
            var (at, cell, units) = history.Receipt(receipt);
            yield return (at, Line(ReceiptKind, receipt, at, cell, MovementKind.Receive, units, 0, 0, $"note {receipt}"));
            for (var i = receipt * History.OrdersAReceipt; i < (receipt * History.OrdersAReceipt) + units; i++)
            {
                var one = history[i];
                var cause = new FulfilmentId(FulfilmentId(one)).ToString();
                yield return (one.PlacedAt, Line(MovementKinds, i, one.PlacedAt, cell, MovementKind.Reserve, 0, 1, 0, cause));
                yield return (one.PickedAt, Line(MovementKinds + 1, i, one.PickedAt, cell, MovementKind.Pick, 0, 0, 1, cause));
                yield return (one.ShippedAt, Line(MovementKinds + 2, i, one.ShippedAt, cell, MovementKind.Ship, -1, -1, -1, cause));
            }
        }
    }

    private object?[] Line(int idKind, long number, long at, HistoryCell cell, MovementKind kind, int onHand, int reserved, int picked, string cause) =>
        [owner, history.Id(idKind, number, at), cell.Item, cell.Location, kind.ToString(), (long)onHand, (long)reserved, 0L, (long)picked, cause, at];

    private object?[] Closed((long At, object?[] Row) line)
    {
        var key = ((Guid)line.Row[2]!, (Guid)line.Row[3]!); // The item and the location, which every line has.
        if (!balances.TryGetValue(key, out var sums))
            balances.Add(key, sums = new long[3]);
        sums[0] += (long)line.Row[5]!; // The three that change, as above.
        sums[1] += (long)line.Row[6]!;
        sums[2] += (long)line.Row[8]!;
        return line.Row;
    }

    private IEnumerable<object?[]> Events(PastOrder one)
    {
        var order = new OrderId(OrderId(one)).ToString();
        var job = new JobId(JobId(one)).ToString();
        foreach (var (type, subject, at) in ((string, string, long)[])
        [
            (OrderEvent.Placed, order, one.PlacedAt), (FulfilmentEvent.Placed, order, one.PlacedAt), (JobEvent.Assigned, job, one.PickedAt), (JobEvent.Accepted, job, one.PickedAt),
            (JobEvent.Collected, job, one.ShippedAt), (JobEvent.Delivered, job, one.DeliveredAt),
        ])
        {
            yield return [owner, type, subject, $$"""{"order":"{{order}}","job":"{{job}}","number":"{{Number(one)}}","status":"done","at":{{at}}}""", at];
        }
    }

    // As long as those of a big network are.
    private string Note()
    {
        var nodes = Enumerable.Range(0, NodesNoted).Select(i => new NodeNote(new LocationId(history[i % history.Orders].Cell.Location), 1_000 + (i * 731), 300 + (i * 67), 3_600, i == 0 ? VerdictKind.Chosen : VerdictKind.LacksStock, Obstacle.None, 0, i == 0 ? 1 : 0, i == 0 ? 0 : 1)).ToList();
        return JsonSerializer.Serialize(new SourcingNote(DeliveryService.NextDay, true, 1, 36, nodes, nodes[1]), SourcingNoteJson.Default.SourcingNote);
    }
}
