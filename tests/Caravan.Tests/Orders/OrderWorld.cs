using System.Text.Json;
using Caravan.Catalog;
using Caravan.Delivery;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Stock;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Orders;

/// <summary>
/// Beijing in small, at 10:00 on a Tuesday. The chain (seller) has three stores: Near 1 km north of the customer, Mid 2 km,
/// Far 4 km. The logistics company has a warehouse 20 km north and a station in Near. Its stock may be sold by the chain.
/// Tea and apples are in both catalogues under the same GTIN; milk is the chain's own and chilled.
/// </summary>
internal sealed class OrderWorld : IAsyncDisposable
{
    public static readonly GeoPoint Customer = new(39.9000, 116.4000);
    private static readonly IReadOnlyList<IReadOnlyList<string>> Always = [.. Enumerable.Repeat<IReadOnlyList<string>>(["07:00-23:00"], 7)];

    private OrderWorld(TestCaravan caravan) => Caravan = caravan;

    public TestCaravan Caravan { get; private set; }

    public (PartnerId Id, HttpClient Http, string Key) Chain { get; private set; }

    public (PartnerId Id, HttpClient Http, string Key) Logistics { get; private set; }

    public (PartnerId Id, HttpClient Http, string Key) Stranger { get; private set; }

    public AgreementId Agreement { get; private set; }

    public Dictionary<string, Location> Nodes { get; } = [];

    public Dictionary<(string Company, string Sku), ItemId> Items { get; } = [];

    public StockBook Stock => Caravan.Services.GetRequiredService<StockBook>();

    public DateTimeOffset Now => Caravan.Clock.GetUtcNow();

    public static async Task<OrderWorld> StartAsync(Func<Settings, Settings>? change = null)
    {
        var world = new OrderWorld(await TestCaravan.StartAsync(change));
        world.Chain = await world.Caravan.AddPartnerAsync("chain");
        world.Logistics = await world.Caravan.AddPartnerAsync("logistics");
        world.Stranger = await world.Caravan.AddPartnerAsync("stranger");
        await world.Caravan.Store.WriteAsync(world.FillAsync, TestCaravan.Cancel);
        return world;
    }

    public static GeoPoint North(double metres) => new(Customer.Latitude + (metres / 111_195.08), Customer.Longitude);

    public static object Line(string sku, int quantity) => new { sku, quantity };

    public static object OrderBody(string number, string service = "withinHour", params object[] lines) => new
    {
        number,
        service,
        lines = lines.Length == 0 ? [Line("tea", 1)] : lines,
        destination = new { latitude = Customer.Latitude, longitude = Customer.Longitude, address = "12 Lane of Lanterns" },
    };

    public async Task<JsonElement> PlaceAsync(string number, string service = "withinHour", params object[] lines)
    {
        var placed = await Chain.Http.SubmitAsync("/v1/orders", OrderBody(number, service, lines), key: $"key-{number}");
        Assert.True(placed.Status == 201, placed.Body.ToString());
        return placed.Body;
    }

    public Task ReceiveAsync(string company, string sku, string node, int quantity) => Caravan.Store.WriteAsync(
        tx => Stock.ReceiveAsync(tx, [new StockTake(company == "chain" ? Chain.Id : Logistics.Id, Items[(company, sku)], Nodes[node].Id, quantity)], $"test {Guid.NewGuid()}"), TestCaravan.Cancel);

    public async Task<StockCell?> CellAsync(string company, string sku, string node) =>
        (await Caravan.Store.ReadAsync(db => Stock.CellsAsync(db, [(company == "chain" ? Chain.Id : Logistics.Id, Items[(company, sku)])], Now), TestCaravan.Cancel))
            .SingleOrDefault(cell => cell.Location == Nodes[node].Id);

    public async Task AssertBooksAgreeAsync() =>
        Assert.Empty(await Caravan.Store.ReadAsync(Stock.AuditAsync, TestCaravan.Cancel));

    /// <summary>The name of the node that serves all of an order.</summary>
    public string NodeOf(JsonElement order) => Nodes.Single(node => node.Value.Id.ToString() == order.GetProperty("fulfilments").EnumerateArray().Single().GetProperty("location").GetString()).Key;

    public async Task RestartAsync()
    {
        await Caravan.StopAsync();
        Caravan = await TestCaravan.StartAsync(clock: Caravan.Clock, folder: Caravan.Folder);
        Chain = Chain with { Http = Caravan.Client(Chain.Key) };
        Logistics = Logistics with { Http = Caravan.Client(Logistics.Key) };
        Stranger = Stranger with { Http = Caravan.Client(Stranger.Key) };
    }

    public ValueTask DisposeAsync() => Caravan.DisposeAsync();

    private async Task FillAsync(Caravan.Platform.Storage.Tx tx)
    {
        var map = Caravan.Services.GetRequiredService<NetworkMap>();
        Add("near", Chain.Id, LocationKind.Store, 1_000);
        Add("mid", Chain.Id, LocationKind.Store, 2_000);
        Add("far", Chain.Id, LocationKind.Store, 4_000);
        Add("warehouse", Logistics.Id, LocationKind.Warehouse, 20_000);
        Add("station", Logistics.Id, LocationKind.Station, 1_000, Nodes["near"].Id);
        await map.PutAsync(tx, Nodes.Values.ToList());
        await map.PutAsync(tx, [new Region(Chain.Id, "bj", "Beijing", Customer, true), new Region(Logistics.Id, "bj", "Beijing", Customer, true)]);

        var catalog = Caravan.Services.GetRequiredService<ItemCatalog>();
        await catalog.PutAsync(tx, [
            Item(Chain.Id, "chain", "tea", "02900000000018", TemperatureClass.Ambient),
            Item(Chain.Id, "chain", "apples", "02900000000025", TemperatureClass.Ambient),
            Item(Chain.Id, "chain", "milk", null, TemperatureClass.Chilled),
            Item(Logistics.Id, "logistics", "tea", "02900000000018", TemperatureClass.Ambient),
            Item(Logistics.Id, "logistics", "apples", "02900000000025", TemperatureClass.Ambient),
        ]);
        Agreement = AgreementId.New(tx.Now);
        await Caravan.Services.GetRequiredService<PartnerBook>().GrantAsync(tx, new Agreement(Agreement, Logistics.Id, Chain.Id, AgreementKind.SellStock, null, null, null, 100, tx.Now, null, null));
        await Caravan.Services.GetRequiredService<PartnerBook>().GrantAsync(tx, new Agreement(AgreementId.New(tx.Now), Logistics.Id, Chain.Id, AgreementKind.HandOver, null, null, null, 100, tx.Now, null, null));
        await Caravan.Services.GetRequiredService<PartnerBook>().GrantAsync(tx, new Agreement(AgreementId.New(tx.Now), Logistics.Id, Chain.Id, AgreementKind.Ship, null, null, null, 100, tx.Now, null, null));
        await Caravan.Services.GetRequiredService<PartnerBook>().GrantAsync(tx, new Agreement(AgreementId.New(tx.Now), Chain.Id, Logistics.Id, AgreementKind.Host, null, null, null, 100, tx.Now, null, null));
        await Caravan.Services.GetRequiredService<DeliveryDesk>().PutAsync(tx, [Courier(Chain.Id, "C-1", VehicleKind.Scooter, 1_500), Courier(Logistics.Id, "V-1", VehicleKind.Van, 18_000)]);
    }

    private void Add(string name, PartnerId company, LocationKind kind, double metresNorth, LocationId? host = null) => Nodes[name] = new Location
    {
        Operator = company,
        Id = LocationId.New(Now),
        Code = name,
        Name = $"The {name} one",
        Kind = kind,
        HostedIn = host,
        Region = "bj",
        Point = North(metresNorth),
        Hours = OpeningHours.TryParse(Always, "Asia/Shanghai", out _)!, // These hours are right.
        SameDayCutOff = new TimeOnly(16, 0),
        NextDayCutOff = new TimeOnly(22, 0),
        ThroughputPerHour = 60,
        HandlingMinutes = 10,
        TemperatureMask = kind == LocationKind.Warehouse ? 1u : 3u,
        WithinHourMetres = kind == LocationKind.Store ? 5_000 : 0,
        SameDayMetres = kind == LocationKind.Station ? 0 : 40_000,
        NextDayMetres = kind == LocationKind.Warehouse ? 300_000 : 0,
    };

    private Item Item(PartnerId owner, string company, string sku, string? gtin, TemperatureClass temperature)
    {
        Items[(company, sku)] = ItemId.New(Now);
        return new Item(owner, Items[(company, sku)], sku, gtin, sku, "", temperature, 500, new Money(1_200, "CNY"));
    }

    /// <summary>The chain may sell a share of the logistics company's stock.</summary>
    public Task GrantShareAsync(int percent) => Caravan.Store.WriteAsync(
        tx => Caravan.Services.GetRequiredService<PartnerBook>().GrantAsync(tx, new Agreement(AgreementId.New(tx.Now), Logistics.Id, Chain.Id, AgreementKind.SellStock, null, null, null, percent, tx.Now, null, null)),
        TestCaravan.Cancel);

    /// <summary>More of the logistics company's vans.</summary>
    public Task AddVansAsync(int count) => Caravan.Store.WriteAsync(
        tx => Caravan.Services.GetRequiredService<DeliveryDesk>().PutAsync(tx, [.. Enumerable.Range(2, count).Select(number => Courier(Logistics.Id, $"V-{number}", VehicleKind.Van, 18_000))]),
        TestCaravan.Cancel);

    /// <summary>More of the chain's scooters: one that has five parcels is asked for no other within the hour.</summary>
    public Task AddScootersAsync(int count) => Caravan.Store.WriteAsync(
        tx => Caravan.Services.GetRequiredService<DeliveryDesk>().PutAsync(tx, [.. Enumerable.Range(2, count).Select(number => Courier(Chain.Id, $"C-{number}", VehicleKind.Scooter, 1_500))]),
        TestCaravan.Cancel);

    private static Courier Courier(PartnerId carrier, string code, VehicleKind vehicle, double metresNorth) => new()
    {
        Carrier = carrier,
        Id = CourierId.New(DateTimeOffset.UnixEpoch),
        Code = code,
        Region = "bj",
        Vehicle = vehicle,
        Point = North(metresNorth),
        CapacityGrams = 200_000,
        TemperatureMask = 15,
        ShiftStart = new TimeOnly(6, 0),
        ShiftEnd = new TimeOnly(23, 0),
        TimeZone = "Asia/Shanghai",
    };
}
