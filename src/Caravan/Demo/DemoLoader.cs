using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Caravan.Catalog;
using Caravan.Delivery;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Access;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Demo;

/// <summary>
/// Puts the generated demo network into an empty store, through the doors of the rooms, in one transaction: a start that
/// is cut off leaves nothing. The demo keys are printed at every start, so they are also kept readable, for this computer's
/// user alone, in <c>demo-keys.json</c> of the data folder; keys of real companies are stored hashed only.
/// </summary>
internal sealed class DemoLoader(Store store, Settings settings, PartnerBook partners, ItemCatalog catalog, NetworkMap map, StockBook stock, DeliveryDesk delivery)
{
    public const string SellerSlug = "lantern";

    /// <summary>The demo network's seed.</summary>
    public const ulong Seed = 20261111;

    private string KeysFile => Path.Combine(settings.DataFolder, "demo-keys.json");

    public async Task SeedOnceAsync(CancellationToken cancel)
    {
        if (!settings.IsDemo || await store.ReadAsync(async db => (await partners.AllAsync(db)).Count > 0, cancel))
            return;

        await SeedNetworkAsync(withGoods: true, withAgreements: true, cancel);

        // Eighty thousand rows have passed through; a server that will run for months gives their memory back.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    /// <summary>Fills an empty store with the network: with or without the demo's own goods (without them the companies share all of the stock that others bring), and with or without agreements between the two companies.</summary>
    public async Task SeedNetworkAsync(bool withGoods, bool withAgreements, CancellationToken cancel)
    {
        var network = DemoNetwork.Generate(Seed);
        var keys = await store.WriteAsync(tx => SeedAsync(tx, network, withGoods, withAgreements), cancel);
        if (keys.Count == 0)
            return;

        await File.WriteAllTextAsync(KeysFile, JsonSerializer.Serialize(keys, DemoJson.Default.DictionaryStringString), cancel);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(KeysFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>The demo companies' keys; none where this store's demo was seeded elsewhere.</summary>
    public async Task<IReadOnlyDictionary<string, string>> KeysAsync(CancellationToken cancel) =>
        File.Exists(KeysFile)
            ? JsonSerializer.Deserialize(await File.ReadAllTextAsync(KeysFile, cancel), DemoJson.Default.DictionaryStringString) ?? []
            : [];

    /// <summary>A promise asked for by curl: two goods of the store in the middle of the first city, to an address around the corner.</summary>
    public async Task<string> CurlAsync(string address, string key, CancellationToken cancel)
    {
        var network = await map.CurrentAsync(cancel);
        return await store.ReadAsync(async db =>
        {
            var seller = (await partners.AllAsync(db)).First(partner => partner.Slug == SellerSlug);
            var items = await catalog.ListAsync(db, seller.Id, "", null, 20);
            var cells = await stock.CellsAsync(db, [.. items.Select(item => (item.Owner, item.Id))], DateTimeOffset.MaxValue);
            var best = cells.Where(cell => cell.Sellable > 5).GroupBy(cell => cell.Location).OrderByDescending(group => group.Count()).First();
            var store = network.Find(best.Key)!; // Stock lies at locations of the network.
            var skus = best.Take(2).Select(cell => items.First(item => item.Id == cell.Item).Sku);
            var lines = string.Join(",", skus.Select(sku => $$"""{"sku":"{{sku}}","quantity":1}"""));
            var place = string.Create(CultureInfo.InvariantCulture, $"\"latitude\":{store.Point.Latitude + 0.004:0.0000},\"longitude\":{store.Point.Longitude + 0.004:0.0000}");
            var body = $"{{\"lines\":[{lines}],\"destination\":{{{place}}}}}";
            return $"  curl -s {address}/v1/promises -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{body}'";
        }, cancel);
    }

    private async Task<Dictionary<string, string>> SeedAsync(Tx tx, DemoNetwork network, bool withGoods, bool withAgreements)
    {
        var companies = new Dictionary<DemoParty, PartnerId>();
        var keys = new Dictionary<string, string>();
        if ((await partners.AllAsync(tx)).Count > 0)
            return keys; // Another server was quicker.

        foreach (var company in network.Companies)
        {
            var partner = await partners.AddAsync(tx, company.Slug, company.Name, isDemo: true);
            companies[company.Party] = partner.Id;
            keys[company.Slug] = await ApiKeys.CreateAsync(tx, partner.Id, "demo");
        }

        // Each company switches its own regions on and off.
        await map.PutAsync(tx, [.. companies.Values.SelectMany(company => network.Regions.Select(region => new Region(company, region.Code, region.Name, PointOf(region.Centre), IsActive: true)))]);
        var locations = LocationsOf(tx, network, companies);
        await map.PutAsync(tx, locations);
        await GrantAsync(tx, network, companies, locations, withAgreements, isWholeShared: !withGoods);
        if (withGoods)
        {
            var items = await ItemsAsync(tx, network, companies);
            await stock.ReceiveAsync(
                tx,
                [.. network.Stock.Select(row => new StockTake(locations[row.LocationIndex].Operator, items[network.Locations[row.LocationIndex].Operator][row.ItemIndex], locations[row.LocationIndex].Id, row.Quantity))],
                "demo: opening stock");
        }

        await delivery.PutAsync(tx, [.. network.Couriers.Select(courier => CourierOf(tx, courier, network, companies))]);
        return keys;
    }

    private static List<Location> LocationsOf(Tx tx, DemoNetwork network, Dictionary<DemoParty, PartnerId> companies)
    {
        var ids = network.Locations.ToDictionary(location => location.Code, _ => LocationId.New(tx.Now));
        return [.. network.Locations.Select(location => new Location
        {
            Operator = companies[location.Operator],
            Id = ids[location.Code],
            Code = location.Code,
            Name = location.Name,
            Kind = Enum.Parse<LocationKind>(location.Kind.ToString()),
            HostedIn = location.HostCode is null ? null : ids[location.HostCode],
            Region = location.RegionCode,
            Point = PointOf(location.Point),
            Hours = HoursOf(location),
            SameDayCutOff = CutOffOf(location, DemoService.SameDay),
            NextDayCutOff = CutOffOf(location, DemoService.NextDay),
            ThroughputPerHour = location.ThroughputPerHour,
            HandlingMinutes = location.HandlingMinutes,
            TemperatureMask = (uint)location.Temperatures,
            WithinHourMetres = RadiusOf(location, DemoService.WithinTheHour),
            SameDayMetres = RadiusOf(location, DemoService.SameDay),
            NextDayMetres = RadiusOf(location, DemoService.NextDay),
        })];
    }

    private async Task GrantAsync(Tx tx, DemoNetwork network, Dictionary<DemoParty, PartnerId> companies, List<Location> locations, bool withNeighbours, bool isWholeShared)
    {
        foreach (var agreement in network.Agreements.Where(one => withNeighbours || one.Grantor == DemoParty.Swift))
        {
            var kind = agreement.Kind switch
            {
                DemoAgreementKind.SellFromStock => AgreementKind.SellStock,
                DemoAgreementKind.Carry => AgreementKind.Ship,
                DemoAgreementKind.HandOver => AgreementKind.HandOver,
                DemoAgreementKind.Host => AgreementKind.Host,
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            var codes = agreement.LocationCodes.ToHashSet();
            var scope = codes.Count == 0 ? null : locations.Where(location => codes.Contains(location.Code)).Select(location => location.Id).ToList();
            await partners.GrantAsync(tx, new Agreement(
                AgreementId.New(tx.Now), companies[agreement.Grantor], companies[agreement.Grantee], kind, null, scope, null, isWholeShared ? 100 : agreement.StockSharePercent ?? 100, tx.Now, null, null));
        }
    }

    private async Task<Dictionary<DemoParty, ItemId[]>> ItemsAsync(Tx tx, DemoNetwork network, Dictionary<DemoParty, PartnerId> companies)
    {
        var ids = new Dictionary<DemoParty, ItemId[]>();
        foreach (var (party, company) in companies)
        {
            ids[party] = new ItemId[network.Items.Length];
            List<Item> own = [];
            for (var i = 0; i < network.Items.Length; i++)
            {
                var item = network.Items[i];
                if (item.SkuOf(party) is not { } sku)
                    continue;

                ids[party][i] = ItemId.New(tx.Now);
                own.Add(new Item(company, ids[party][i], sku, item.Gtin, item.Name, item.Category, ClassOf(item.Temperature), item.WeightGrams, new Money(item.PriceMinor, DemoNetwork.Currency)));
            }

            await catalog.PutAsync(tx, own);
            if (party == DemoParty.Lantern)
                await SubstitutesAsync(tx, own);
        }

        return ids;
    }

    // Instead of an item may go its neighbours in price of the same category, kept as cold.
    private async Task SubstitutesAsync(Tx tx, List<Item> items)
    {
        foreach (var alike in items.GroupBy(item => (item.Owner, item.Category, item.TemperatureClass)))
        {
            var byPrice = alike.OrderBy(item => item.Price.Amount).ThenBy(item => item.Sku, StringComparer.Ordinal).ToList();
            for (var i = 0; i < byPrice.Count; i++)
                await catalog.SetSubstitutesAsync(tx, alike.Key.Owner, byPrice[i].Id, [.. new[] { i - 1, i + 1 }.Where(at => at >= 0 && at < byPrice.Count).Select(at => byPrice[at].Id)]);
        }
    }

    private static Courier CourierOf(Tx tx, DemoCourier courier, DemoNetwork network, Dictionary<DemoParty, PartnerId> companies) => new()
    {
        Carrier = companies[courier.Carrier],
        Id = CourierId.New(tx.Now),
        Code = courier.Code,
        Region = courier.RegionCode,
        Vehicle = Enum.Parse<VehicleKind>(courier.Vehicle.ToString()),
        Point = PointOf(courier.Home),
        CapacityGrams = courier.CapacityGrams,
        TemperatureMask = (uint)courier.Temperatures,
        ShiftStart = TimeOf(courier.Shift.StartsMinute),
        ShiftEnd = TimeOf((courier.Shift.StartsMinute + courier.Shift.LengthMinutes) % 1440),
        TimeZone = network.Regions.First(region => region.Code == courier.RegionCode).TimeZone,
        IsSimulated = true,
    };

    private static OpeningHours HoursOf(DemoLocation location)
    {
        var week = Enumerable.Range(0, 7).Select(_ => new List<string>()).ToList();
        foreach (var opening in location.Week)
            week[((int)opening.Day + 6) % 7].Add(string.Create(CultureInfo.InvariantCulture, $"{opening.OpensMinute / 60:00}:{opening.OpensMinute % 60:00}-{opening.ClosesMinute / 60:00}:{opening.ClosesMinute % 60:00}"));
        return OpeningHours.TryParse(week, location.TimeZone, out var fault) ?? throw new InvalidOperationException($"{location.Code}: {fault}");
    }

    private static int RadiusOf(DemoLocation location, DemoService service) => location.Services.Where(area => area.Service == service).Select(area => area.RadiusMetres).FirstOrDefault();

    // No cut-off said: as long as the day lasts.
    private static TimeOnly? CutOffOf(DemoLocation location, DemoService service) =>
        location.Services.Any(area => area.Service == service) ? location.Services.First(area => area.Service == service).CutOff ?? new TimeOnly(23, 59) : null;

    private static TemperatureClass ClassOf(DemoTemperatures one) => TemperatureClasses.FromMask((uint)one).Single();

    private static GeoPoint PointOf(DemoPoint point) => new(point.Latitude, point.Longitude);

    private static TimeOnly TimeOf(int minute) => new(minute / 60 % 24, minute % 60);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(DemoReport))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class DemoJson : JsonSerializerContext;
