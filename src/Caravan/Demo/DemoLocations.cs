using System.Collections.Immutable;
using System.Diagnostics;

namespace Caravan.Demo;

/// <summary>
/// Warehouses at the fringe, stores where people live, and in two stores of every city a shop and a pick-up station of the logistics
/// company. Order: city by city, in a city warehouses, stores, shops, stations.
/// </summary>
internal static class DemoLocations
{
    public const int HostsPerCity = 2;

    private const DemoTemperatures AllButMedicine = DemoTemperatures.Ambient | DemoTemperatures.Chilled | DemoTemperatures.Frozen;

    // Shared by all locations that keep the same hours or offer the same services.
    private static readonly ImmutableArray<DemoOpening> AllDay = Week(opens: 0, closes: 24, weekendOpens: 0, weekendCloses: 24);
    private static readonly ImmutableArray<DemoOpening> SixToMidnight = Week(opens: 6, closes: 24, weekendOpens: 6, weekendCloses: 24);
    private static readonly ImmutableArray<DemoOpening> SevenToEleven = Week(opens: 7, closes: 23, weekendOpens: 7, weekendCloses: 23);
    private static readonly ImmutableArray<DemoOpening> Short = Week(opens: 8, closes: 22, weekendOpens: 9, weekendCloses: 21);

    private static readonly ImmutableArray<DemoServiceArea> FromWarehouse =
    [
        new(DemoService.SameDay, RadiusMetres: 40_000, CutOff: new(16, 0)),
        new(DemoService.NextDay, RadiusMetres: 300_000, CutOff: new(23, 0)),
    ];

    private static readonly ImmutableArray<ImmutableArray<DemoServiceArea>> FromStore =
    [
        [new(DemoService.WithinTheHour, RadiusMetres: 4_000, CutOff: null)],
        [new(DemoService.WithinTheHour, RadiusMetres: 5_000, CutOff: null)],
        [new(DemoService.WithinTheHour, RadiusMetres: 6_000, CutOff: null)],
    ];

    public static ImmutableArray<DemoLocation> Generate(DemoRandom random)
    {
        var locations = ImmutableArray.CreateBuilder<DemoLocation>(initialCapacity: 324);
        foreach (var city in DemoCities.All)
        {
            AddWarehouses(locations, city, random);
            var firstStore = locations.Count;
            AddStores(locations, city, random);
            AddHosted(locations, city, Hosts(locations, firstStore, random));
        }

        return locations.DrainToImmutable();
    }

    private static void AddWarehouses(ImmutableArray<DemoLocation>.Builder locations, DemoCities.City city, DemoRandom random)
    {
        for (var index = 0; index < city.WarehouseSites.Length; index++)
        {
            var (area, point) = city.WarehouseSites[index];
            var isFirst = index == 0;
            locations.Add(new(
                Code: $"SR-{city.Region.ShortCode}-W{index + 1}",
                Name: $"Silk Road {city.Region.Name} {area}",
                DemoLocationKind.Warehouse,
                DemoParty.SilkRoad,
                HostCode: null,
                RegionCode: city.Region.Code,
                DistrictName: area,
                point,
                city.Region.TimeZone,
                Week: isFirst ? AllDay : SixToMidnight,
                FromWarehouse,
                ThroughputPerHour: random.Between(8, 18) * 50,
                HandlingMinutes: random.Between(9, 12) * 5,
                Temperatures: isFirst ? AllButMedicine | DemoTemperatures.Medicine : AllButMedicine));
        }
    }

    private static void AddStores(ImmutableArray<DemoLocation>.Builder locations, DemoCities.City city, DemoRandom random)
    {
        var number = 0;
        var counts = StoresPerDistrict(city);
        for (var index = 0; index < counts.Length; index++)
        {
            var district = city.Region.Districts[index];
            for (var inDistrict = 1; inDistrict <= counts[index]; inDistrict++)
            {
                number++;
                var temperatures = DemoTemperatures.Ambient | DemoTemperatures.Chilled;
                if (random.Percent(85))
                    temperatures |= DemoTemperatures.Frozen;
                if (random.Percent(30))
                    temperatures |= DemoTemperatures.Medicine;

                locations.Add(new(
                    Code: $"LT-{city.Region.ShortCode}-S{number:D3}",
                    Name: $"Lantern {district.Name} {inDistrict:D2}",
                    DemoLocationKind.Store,
                    DemoParty.Lantern,
                    HostCode: null,
                    RegionCode: city.Region.Code,
                    DistrictName: district.Name,
                    DemoCities.PickPoint(city, district, random),
                    city.Region.TimeZone,
                    Week: random.Below(100) switch { < 10 => AllDay, < 25 => Short, _ => SevenToEleven },
                    FromStore[random.Below(FromStore.Length)],
                    ThroughputPerHour: random.Between(4, 12) * 5,
                    HandlingMinutes: random.Between(6, 12),
                    temperatures));
            }
        }
    }

    /// <summary>One store in every district, the rest by people: whole shares first, then the largest remainders (Hamilton's method).</summary>
    private static int[] StoresPerDistrict(DemoCities.City city)
    {
        var districts = city.Region.Districts;
        var people = districts.Sum(district => district.PeopleTenThousands);
        var toShare = city.StoreCount - districts.Length;

        int[] counts = [.. districts.Select(district => 1 + (toShare * district.PeopleTenThousands / people))];
        var largestRemaindersFirst = Enumerable.Range(0, districts.Length)
            .OrderByDescending(index => toShare * districts[index].PeopleTenThousands % people)
            .ThenBy(index => index);
        foreach (var index in largestRemaindersFirst.Take(city.StoreCount - counts.Sum()))
            counts[index]++;

        Debug.Assert(counts.Sum() == city.StoreCount, "Every store has a district.");
        return counts;
    }

    /// <summary>Two stores of the city in different districts.</summary>
    private static DemoLocation[] Hosts(ImmutableArray<DemoLocation>.Builder locations, int firstStore, DemoRandom random)
    {
        var first = locations[firstStore + random.Below(locations.Count - firstStore)];
        DemoLocation second;
        do
            second = locations[firstStore + random.Below(locations.Count - firstStore)];
        while (second.DistrictName == first.DistrictName);

        return [first, second];
    }

    private static void AddHosted(ImmutableArray<DemoLocation>.Builder locations, DemoCities.City city, DemoLocation[] hosts)
    {
        for (var index = 0; index < hosts.Length; index++)
        {
            locations.Add(hosts[index] with
            {
                Code = $"SR-{city.Region.ShortCode}-S{index + 1}",
                Name = $"Silk Road shop in {hosts[index].Name}",
                Operator = DemoParty.SilkRoad,
                HostCode = hosts[index].Code,
                ThroughputPerHour = 12,
                HandlingMinutes = 8,
                Temperatures = DemoTemperatures.Ambient | DemoTemperatures.Chilled,
            });
        }

        for (var index = 0; index < hosts.Length; index++)
        {
            locations.Add(hosts[index] with
            {
                Code = $"SR-{city.Region.ShortCode}-P{index + 1}",
                Name = $"Silk Road pick-up in {hosts[index].Name}",
                Kind = DemoLocationKind.Station,
                Operator = DemoParty.SilkRoad,
                HostCode = hosts[index].Code,
                Services = [],
                ThroughputPerHour = 40,
                HandlingMinutes = 3,
                Temperatures = DemoTemperatures.Ambient | DemoTemperatures.Chilled,
            });
        }
    }

    /// <summary>Hours of the day; 24 is the midnight that ends it.</summary>
    private static ImmutableArray<DemoOpening> Week(int opens, int closes, int weekendOpens, int weekendCloses) =>
    [
        .. new[] { DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday }
            .Select(day => new DemoOpening(day, OpensMinute: opens * 60, ClosesMinute: closes * 60)),
        .. new[] { DayOfWeek.Saturday, DayOfWeek.Sunday }
            .Select(day => new DemoOpening(day, OpensMinute: weekendOpens * 60, ClosesMinute: weekendCloses * 60)),
    ];
}
