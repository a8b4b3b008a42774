using System.Globalization;
using System.Text;
using Caravan.Catalog;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Orders.Desk;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Storage;
using Caravan.Stock;
using Caravan.Tests.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Sim;

/// <summary>
/// A seller with two places on one real store, commanded through the rooms' doors, and what they say in the words of
/// <see cref="NaiveStock"/>. Several sellers share a store and its commits; each goes through sequences one after the other.
/// </summary>
internal sealed class Differential(WebApplication app, TestClock clock, int seller)
{
    /// <summary>What the feed keeps back of each cell.</summary>
    public const int Buffer = 1;

    private static readonly GeoPoint Customer = new(39.9, 116.4);

    private readonly List<(OrderId Id, string Number, Act Act)> orders = [];
    private readonly List<Act> receipts = [];
    private ItemId[] items = [];
    private int sequence;
    private int step;

    private PartnerId Seller { get; } = new(Number(seller, 1));

    private FeedId TheFeed { get; } = new(Number(seller, 2));

    private LocationId[] Places { get; } = [new(Number(seller, 10)), new(Number(seller, 11))];

    private Store Store => Get<Store>();

    /// <summary>Founds the seller: two places and a feed.</summary>
    public Task FoundAsync() => WriteAsync(FillAsync);

    /// <summary>Begins a sequence: two items that nobody has of.</summary>
    public async Task BeginAsync(int number)
    {
        (sequence, step) = (number, 0);
        orders.Clear();
        receipts.Clear();
        items = [.. Enumerable.Range(0, 2).Select(item => new ItemId(new Guid($"01900000-0000-7000-8001-{(number * 10) + item:d12}")))];
        await Store.WriteAsync(
            tx => Get<ItemCatalog>().PutAsync(tx, [.. items.Select((id, item) => new Item(Seller, id, Sku(item), null, Sku(item), "", TemperatureClass.Ambient, 500, new Money(100, "CNY")))]), TestCaravan.Cancel);
    }

    /// <summary>Does a command and says how it went.</summary>
    public async Task<string> DoAsync(Act act)
    {
        step++;
        clock.Advance(TimeSpan.FromMilliseconds(10));
        var take = new StockTake(Seller, items[act.Item], Places[act.Place], act.Quantity + 1);
        var cause = $"s{sequence} {step}";
        var book = Get<StockBook>();
        switch (act.Kind)
        {
            case ActKind.Place:
                return await PlaceAsync(act, $"{sequence}-{step}", $"{sequence}-{step}");
            case ActKind.PlaceAgain:
                return orders.Count == 0 ? "none" : await PlaceAsync(Chosen(act).Act, Chosen(act).Number, Chosen(act).Number);
            case ActKind.SameNumber:
                return orders.Count == 0 ? "none" : await PlaceAsync(act, Chosen(act).Number, $"{Chosen(act).Number}/{step}");
            case ActKind.Receive:
                receipts.Add(act with { Order = step });
                await WriteAsync(tx => book.ReceiveAsync(tx, [take], cause));
                return "received";
            case ActKind.ReceiveAgain:
                if (receipts.Count == 0)
                    return "none";
                var receipt = receipts[act.Order % receipts.Count];
                await WriteAsync(tx => book.ReceiveAsync(tx, [new StockTake(Seller, items[receipt.Item], Places[receipt.Place], receipt.Quantity + 1)], $"s{sequence} {receipt.Order}"));
                return "received";
            case ActKind.Count:
                await WriteAsync(tx => book.ByHandAsync(tx, StockKey.Of(take), MovementKind.Count, act.Quantity, cause));
                return "counted";
            case ActKind.Adjust:
                return await Store.WriteAsync(tx => book.ByHandAsync(tx, StockKey.Of(take), MovementKind.Adjust, act.Quantity - 3, cause), TestCaravan.Cancel) is null ? "impossible" : "adjusted";
            case ActKind.Snapshot:
                return await SnapshotAsync(act);
            case ActKind.Return:
                await WriteAsync(tx => book.ReturnAsync(tx, [take], cause, isRestocked: act.Second == 0));
                return "returned";
            default:
                return orders.Count == 0 ? "none" : await FollowAsync(act.Kind, Chosen(act).Id);
        }
    }

    /// <summary>Every cell of the sequence's items, in the words of <see cref="NaiveStock.State"/>.</summary>
    public async Task<string> StateAsync()
    {
        var rows = await Store.ReadAsync(
            db => db.QueryAsync<Row>(
                """
                SELECT c.item, c.location, c.on_hand, c.reserved, c.held, c.sellable, COALESCE(s.quantity, 0) AS short
                FROM stock_cells c LEFT JOIN stock_shortfalls s ON s.tenant = c.tenant AND s.item = c.item AND s.location = c.location
                WHERE c.tenant = @Seller AND c.item IN @keys AND c.on_hand + c.reserved + c.held > 0
                """,
                new { Seller, keys = items.ToKeys(db) }),
            TestCaravan.Cancel);
        return string.Join("; ", rows.OrderBy(row => (Array.IndexOf(items, row.Item), Array.IndexOf(Places, row.Location))).Select(row =>
            string.Create(CultureInfo.InvariantCulture, $"{Array.IndexOf(items, row.Item)}{Array.IndexOf(Places, row.Location)}: {row.OnHand},{row.Reserved},{row.Held},{row.Sellable},{row.Short}")));
    }

    private T Get<T>()
        where T : notnull => app.Services.GetRequiredService<T>();

    private static Guid Number(int seller, int number) => new($"01900000-0000-7000-8000-{(seller * 100) + number:d12}");

    private string Sku(int item) => $"s{sequence}-{item}";

    private (OrderId Id, string Number, Act Act) Chosen(Act act) => orders[act.Order % orders.Count];

    private Task WriteAsync(Func<Tx, Task> work) => Store.WriteAsync(work, TestCaravan.Cancel);

    private async Task<string> PlaceAsync(Act act, string number, string key)
    {
        List<BasketLine> lines = [new(Sku(act.Item), null, null, act.Quantity + 1)];
        if (act.Second > 0)
            lines.Add(new BasketLine(Sku(1 - act.Item), null, null, act.Second));
        var request = new OrderRequest(new Basket(Seller, lines, Customer, null), "web", number, DeliveryService.NextDay, "12 Lane of Lanterns");
        var hash = Encoding.UTF8.GetBytes($"{number} {act.Item} {act.Quantity} {act.Second}");
        var outcome = await Get<OrderPlacing>().PlaceAsync(request, null, new KeyedRequest(Seller, key, hash), TestCaravan.Cancel);
        switch (outcome)
        {
            case { Outcome: PlaceOutcome.Placed placed }:
                orders.Add((placed.Order.Id, number, act));
                return $"placed {string.Join(' ', placed.Order.Fulfilments.SelectMany(one => one.Allocations).OrderBy(one => one.Line).ThenBy(one => one.Location).Select(one => $"{CellOf(one)}={one.Quantity}"))}";
            case { Outcome: PlaceOutcome.Refused refused }:
                return $"refused {refused.Reason}";
            case { Outcome: PlaceOutcome.Known known }:
                return $"known {orders.FindIndex(order => order.Id == known.Order)}";
            case { Kept: { } kept }:
                return $"again {orders.FindIndex(order => kept.Location == $"/v1/orders/{order.Id}")}";
            default:
                return outcome.ToString();
        }
    }

    private Task<string> FollowAsync(ActKind kind, OrderId id) => Store.WriteAsync(async tx =>
    {
        var desk = Get<OrderDesk>();
        var order = (await desk.FindAsync(tx, Seller, id))!; // It was placed.
        switch (kind)
        {
            case ActKind.Ship:
                foreach (var fulfilment in order.Fulfilments)
                {
                    await desk.ReleaseAsync(tx, Seller, fulfilment.Id);
                    await desk.PickedAsync(tx, Seller, fulfilment.Id);
                    await desk.PackedAsync(tx, Seller, fulfilment.Id);
                    await desk.CollectedAsync(tx, Seller, fulfilment.Id);
                }

                return "shipped";
            case ActKind.Cancel:
                return await desk.CancelAsync(tx, Seller, id, null) is CancelOutcome.Cancelled ? "cancelled" : "too late";
            case ActKind.CancelSome:
                // Of two parcels that give a line, either may be the smaller by chance: their ids are of one millisecond.
                if (order.Fulfilments.SelectMany(one => one.Allocations).Where(one => one.Line == 1 && one.Open > 0).Select(one => one.Location).Distinct().Count() > 1)
                    return "split";
                if (await desk.CancelAsync(tx, Seller, id, new Dictionary<int, int> { [1] = 1 }) is not CancelOutcome.Cancelled some)
                    return "too late";
                var before = order.Fulfilments.SelectMany(one => one.Allocations).ToDictionary(one => (one.Fulfilment, one.Line, one.Owner), one => one.Open);
                return $"cancelled {CellOf(some.Order.Fulfilments.SelectMany(one => one.Allocations).Single(one => one.Open != before[(one.Fulfilment, one.Line, one.Owner)]))}";
            default:
                if (order.Fulfilments.SelectMany(one => one.Allocations).OrderBy(one => one.Line).ThenBy(one => one.Location).ThenBy(one => one.Quantity).FirstOrDefault(one => one.Open > 0) is not { } missed)
                    return "none";
                return $"short {await desk.ShortAsync(tx, Seller, missed.Fulfilment, missed.Line, 1, CancellationToken.None)} {CellOf(missed)}";
        }
    }, TestCaravan.Cancel);

    private string CellOf(Allocation allocation) => $"{Array.IndexOf(items, allocation.Item)}{Array.IndexOf(Places, allocation.Location)}";

    private async Task<string> SnapshotAsync(Act act)
    {
        var network = await Get<NetworkMap>().CurrentAsync(TestCaravan.Cancel);
        var draft = new FeedDraft(DocumentKind.Snapshot, clock.GetUtcNow(), null, new FeedScope { Locations = [Code(act.Place)], Items = [Sku(act.Item)] }, [new FeedLine(1, Code(act.Place), Sku(act.Item), $"{act.Quantity + 1}", IsChange: false)]);
        var outcome = await Store.WriteAsync(async tx => await Get<FeedIntake>().TakeAsync(tx, network, (await FeedStore.FindAsync(tx, Seller, TheFeed))!, draft, _ => { }), TestCaravan.Cancel); // The feed is put by FillAsync.
        return outcome.Answer?.Status == 200 ? "taken" : "not taken";
    }

    private static string Code(int place) => place == 0 ? "near" : "far";

    private async Task FillAsync(Tx tx)
    {
        await tx.ExecuteAsync("INSERT INTO partners (tenant, slug, name, is_demo, created_at) VALUES (@Seller, @slug, @slug, 0, @Now)", new { Seller, slug = $"seller-{seller}", tx.Now });
        await Get<NetworkMap>().PutAsync(tx, [.. Places.Select((id, place) => new Location
        {
            Operator = Seller,
            Id = id,
            Code = Code(place),
            Name = Code(place),
            Kind = LocationKind.Warehouse,
            Region = "bj",
            Point = new GeoPoint(Customer.Latitude + (0.01 * (place + 1)), Customer.Longitude),
            Hours = OpeningHours.TryParse([.. Enumerable.Repeat<IReadOnlyList<string>>(["00:00-24:00"], 7)], "Etc/UTC", out _)!, // These hours are right.
            NextDayCutOff = new TimeOnly(23, 59),
            ThroughputPerHour = 1_000_000,
            HandlingMinutes = 10,
            TemperatureMask = 15,
            WithinHourMetres = 0,
            SameDayMetres = 0,
            NextDayMetres = 300_000,
        })]);
        await FeedStore.PutAsync(tx, new Feed { Tenant = Seller, Id = TheFeed, Name = "wms", ItemCodes = ItemCodes.Sku, Buffer = Buffer, StaleAfterMinutes = 100_000, BreakerPercent = 100, CreatedAt = tx.Now });
    }

    private sealed record Row
    {
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public int OnHand { get; init; }
        public int Reserved { get; init; }
        public int Held { get; init; }
        public int Sellable { get; init; }
        public int Short { get; init; }
    }
}
