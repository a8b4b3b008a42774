using System.Collections.Immutable;

namespace Caravan.Demo;

/// <summary>
/// A made-up trade in six real cities: an invented logistics company, store chain and rider fleet, their agreements, places, articles,
/// stock and couriers. Pure: one seed gives one network, on every machine. About 80,000 stock rows of eight bytes; all in all under
/// 2 MB and a few tens of milliseconds. Immutable, so any thread may read it.
/// </summary>
internal sealed class DemoNetwork
{
    public const string Currency = "CNY";

    private DemoNetwork(ulong seed)
    {
        Seed = seed;
        Regions = [.. DemoCities.All.Select(city => city.Region)];
        Items = DemoItems.Generate(DemoRandom.Stream(seed, DemoStream.Items));
        Locations = DemoLocations.Generate(DemoRandom.Stream(seed, DemoStream.Locations));
        Stock = DemoStock.Generate(Locations, Items, DemoRandom.Stream(seed, DemoStream.Stock));
        Couriers = DemoCouriers.Generate(Locations, DemoRandom.Stream(seed, DemoStream.Couriers));
        Agreements = DemoAgreements.Between(Locations);
    }

    public ulong Seed { get; }

    public ImmutableArray<DemoRegion> Regions { get; }

    /// <summary>The three companies, in the order of <see cref="DemoParty"/>.</summary>
    public ImmutableArray<DemoCompany> Companies { get; } =
    [
        new(DemoParty.SilkRoad, Slug: "silkroad", Name: "Silk Road Logistics", DemoTrade.Logistics, CodePrefix: "SR"),
        new(DemoParty.Lantern, Slug: "lantern", Name: "Lantern Stores", DemoTrade.StoreChain, CodePrefix: "LT"),
        new(DemoParty.Swift, Slug: "swift", Name: "Swift Riders", DemoTrade.RiderFleet, CodePrefix: "SW"),
    ];

    public ImmutableArray<DemoAgreement> Agreements { get; }

    public ImmutableArray<DemoLocation> Locations { get; }

    /// <summary>Best seller first: the item at index i is asked for in proportion to 1 / (i + 21).</summary>
    public ImmutableArray<DemoItem> Items { get; }

    /// <summary>Sorted by location, then item; indexes are into <see cref="Locations"/> and <see cref="Items"/>.</summary>
    public ImmutableArray<DemoStockRow> Stock { get; }

    public ImmutableArray<DemoCourier> Couriers { get; }

    public static DemoNetwork Generate(ulong seed) => new(seed);

    /// <summary>A customer's door somewhere in the six cities, each as likely as the others; districts by people.</summary>
    public static DeliveryPoint Sample(DemoRandom random) => SampleIn(DemoCities.All[random.Below(DemoCities.All.Length)], random);

    /// <summary>A customer's door in one city, for regions can be switched off.</summary>
    /// <exception cref="ArgumentException">No pilot city has this code.</exception>
    public static DeliveryPoint Sample(DemoRandom random, string regionCode)
    {
        foreach (var city in DemoCities.All)
        {
            if (city.Region.Code == regionCode)
                return SampleIn(city, random);
        }

        throw new ArgumentException($"No pilot city has the code {regionCode}.", nameof(regionCode));
    }

    private static DeliveryPoint SampleIn(DemoCities.City city, DemoRandom random)
    {
        var district = DemoCities.PickDistrict(city, random);
        var point = DemoCities.PickPoint(city, district, random);
        return new(
            RegionCode: city.Region.Code,
            DistrictName: district.Name,
            point,
            AddressText: $"{district.Name} District, {city.Region.Name} (demo address {random.Between(1_000, 9_999)})");
    }
}
