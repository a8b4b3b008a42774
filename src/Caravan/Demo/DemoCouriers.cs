using System.Collections.Immutable;

namespace Caravan.Demo;

/// <summary>Vans at the warehouses, the chain's bicycles and scooters at some stores, and about twenty riders spread over every city.</summary>
internal static class DemoCouriers
{
    private const DemoTemperatures Chilled = DemoTemperatures.Ambient | DemoTemperatures.Chilled;
    private const int ChainCouriersPerCity = 6;

    public static ImmutableArray<DemoCourier> Generate(ImmutableArray<DemoLocation> locations, DemoRandom random)
    {
        var couriers = ImmutableArray.CreateBuilder<DemoCourier>(initialCapacity: 216);
        foreach (var city in DemoCities.All)
        {
            AddVans(couriers, city, locations, random);
            AddChainCouriers(couriers, city, locations, random);
            AddRiders(couriers, city, random);
        }

        return couriers.DrainToImmutable();
    }

    /// <summary>All vans have a freezer; one at each warehouse that keeps medicine has a validated box for it.</summary>
    private static void AddVans(
        ImmutableArray<DemoCourier>.Builder couriers, DemoCities.City city, ImmutableArray<DemoLocation> locations, DemoRandom random)
    {
        var number = 0;
        foreach (var warehouse in locations)
        {
            if (warehouse.Kind != DemoLocationKind.Warehouse || warehouse.RegionCode != city.Region.Code)
                continue;

            var vanCount = random.Between(3, 4);
            for (var index = 0; index < vanCount; index++)
            {
                couriers.Add(new(
                    Code: $"SR-{city.Region.ShortCode}-{++number:D3}",
                    DemoParty.SilkRoad,
                    RegionCode: city.Region.Code,
                    DemoVehicle.Van,
                    warehouse.Point,
                    HomeLocationCode: warehouse.Code,
                    CapacityGrams: random.Between(8, 12) * 100_000,
                    Temperatures: Chilled | DemoTemperatures.Frozen
                        | (index == 0 ? warehouse.Temperatures & DemoTemperatures.Medicine : DemoTemperatures.None),
                    Shift: index % 2 == 0 ? Shift(startsHour: 8, hours: 10) : Shift(startsHour: 12, hours: 10)));
            }
        }
    }

    private static void AddChainCouriers(
        ImmutableArray<DemoCourier>.Builder couriers, DemoCities.City city, ImmutableArray<DemoLocation> locations, DemoRandom random)
    {
        DemoLocation[] stores = [.. locations.Where(location =>
            location.Operator == DemoParty.Lantern && location.RegionCode == city.Region.Code)];
        random.Shuffle<DemoLocation>(stores);
        for (var index = 0; index < ChainCouriersPerCity; index++)
        {
            var isBicycle = index % 2 == 0;
            couriers.Add(new(
                Code: $"LT-{city.Region.ShortCode}-{index + 1:D3}",
                DemoParty.Lantern,
                RegionCode: city.Region.Code,
                Vehicle: isBicycle ? DemoVehicle.Bicycle : DemoVehicle.Scooter,
                stores[index].Point,
                HomeLocationCode: stores[index].Code,
                CapacityGrams: isBicycle ? 15_000 : 30_000,
                Chilled,
                Shift: index < ChainCouriersPerCity / 2 ? Shift(startsHour: 8, hours: 8) : Shift(startsHour: 14, hours: 8)));
        }
    }

    /// <summary>Day, evening and a few night shifts. Every second rider carries frozen goods, every fourth medicine.</summary>
    private static void AddRiders(ImmutableArray<DemoCourier>.Builder couriers, DemoCities.City city, DemoRandom random)
    {
        var riderCount = random.Between(19, 22);
        for (var index = 0; index < riderCount; index++)
        {
            var temperatures = Chilled;
            if (index % 2 == 0)
                temperatures |= DemoTemperatures.Frozen;
            if (index % 4 == 1)
                temperatures |= DemoTemperatures.Medicine;

            couriers.Add(new(
                Code: $"SW-{city.Region.ShortCode}-{index + 1:D3}",
                DemoParty.Swift,
                RegionCode: city.Region.Code,
                DemoVehicle.Scooter,
                DemoCities.PickPoint(city, DemoCities.PickDistrict(city, random), random),
                HomeLocationCode: null,
                CapacityGrams: random.Between(20, 30) * 1_000,
                temperatures,
                Shift: random.Below(100) switch
                {
                    < 45 => Shift(startsHour: 8, hours: 10),
                    < 88 => Shift(startsHour: 13, hours: 10),
                    _ => Shift(startsHour: 22, hours: 9),
                }));
        }
    }

    private static DemoShift Shift(int startsHour, int hours) => new(StartsMinute: startsHour * 60, LengthMinutes: hours * 60);
}
