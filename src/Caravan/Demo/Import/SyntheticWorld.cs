using System.Globalization;
using System.Text;
using Caravan.Catalog;
using Caravan.Demo;
using Caravan.Engines.Geo;
using Caravan.Platform;

namespace Caravan.Demo.Import;

/// <summary>
/// What a web shop's orders do not tell is made up by these rules, from hashes of the shop's own codes, so that every run
/// makes the same world. They are printed with every result.
/// </summary>
internal static class SyntheticWorld
{
    /// <summary>How many stores of the chain in each city keep the whole catalogue.</summary>
    public const int FlagshipsPerCity = 4;

    private const int WarehousePercent = 55;
    private const int StockPercent = 200;
    private const int LeastStock = 60;

    public static IReadOnlyList<string> Rules =>
    [
        "The network is the demo network: 12 warehouses of the logistics company, 288 stores of the chain, six cities.",
        "Served as one, the chain sells and may take all of the logistics company's stock; alone, each sells its own.",
        "Each customer lives at one address, drawn by customer number near a city district by its population; rows without a customer are drawn by order number.",
        "Every item of the file is in both companies' catalogues under one made-up GTIN; it weighs 100 to 1,500 g and keeps at room temperature.",
        $"Opening stock of an item is {StockPercent} % of what the whole file orders of it, and {LeastStock} more: {WarehousePercent} % in the 12 warehouses, the rest in {FlagshipsPerCity} large stores of the chain in each city, both by the cities' people.",
        "The clock is the file's own, told as Beijing time; each order takes the soonest service it can get: within the hour, the same day, the next day.",
        "A cancellation calls off units of the customer's latest order that still has them. Nothing is delivered before the end of the file, and everything then.",
    ];

    public static Item ItemOf(PartnerId owner, string sku, string name, long price, DateTimeOffset now)
    {
        var hash = Hash($"item {sku}");
        var digits = string.Create(CultureInfo.InvariantCulture, $"029{hash % 10_000_000_000:0000000000}");
        return new Item(
            owner,
            ItemId.New(now),
            sku,
            digits + Gtin.CheckDigit(digits),
            name.Length == 0 ? sku : name,
            "",
            TemperatureClass.Ambient,
            100 + (int)(hash % 1_401),
            new Money(price, "GBP"));
    }

    public static (GeoPoint Point, string Address) AddressOf(FileOrder order)
    {
        var place = DemoNetwork.Sample(new DemoRandom(Hash(order.Customer is null ? $"order {order.Number}" : $"customer {order.Customer}")));
        return (new GeoPoint(place.Point.Latitude, place.Point.Longitude), place.AddressText);
    }

    /// <summary>Where an item's opening stock lies: rows of (index of location, quantity).</summary>
    public static IEnumerable<(int Location, int Quantity)> StockOf(long ordered, DemoNetwork network, int[] warehouses, int[] stores)
    {
        var total = (ordered * StockPercent / 100) + LeastStock;
        return Share(network, warehouses, total * WarehousePercent / 100).Concat(Share(network, stores, total * (100 - WarehousePercent) / 100));
    }

    private static IEnumerable<(int Location, int Quantity)> Share(DemoNetwork network, int[] places, long total)
    {
        var people = Array.ConvertAll(places, place => network.Regions.First(region => region.Code == network.Locations[place].RegionCode).Districts.Sum(district => (long)district.PeopleTenThousands));
        var everybody = people.Sum();
        return places.Select((place, i) => (place, (int)(total * people[i] / everybody)));
    }

    // FNV-1a, 64 bits: small, and the same on every machine and runtime.
    private static ulong Hash(string text) => Encoding.UTF8.GetBytes(text).Aggregate(14_695_981_039_346_656_037, (hash, one) => unchecked((hash ^ one) * 1_099_511_628_211));
}
