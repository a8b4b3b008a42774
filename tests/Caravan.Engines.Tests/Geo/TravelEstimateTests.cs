using Caravan.Engines.Geo;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Engines.Tests.Geo;

public sealed class TravelEstimateTests
{
    private static readonly Gen<(VehicleKind Vehicle, int Hour)> Ride =
        from vehicle in Gen.Elements(Enum.GetValues<VehicleKind>())
        from hour in Gen.Choose(0, 23)
        select (vehicle, hour);

    [Fact]
    public void A_walk_of_one_kilometre_takes_seventeen_minutes()
    {
        var travel = TravelEstimate.Between(new(0, 0), new(0, 0.009), VehicleKind.Foot, localHour: 12);

        // 0.009° = 1,001 m; × 1.35 = 1,351 m; at 4.8 km/h 1,013.5 s
        Assert.Equal(new Travel(1_351, 1_014), travel);
    }

    [Fact]
    public void A_long_haul_runs_at_motorway_speed()
    {
        var travel = TravelEstimate.Between(new(45, 0), new(50, 0), VehicleKind.Truck, localHour: 2);

        // 5° = 555,975 m: 5 km × 1.35 at 22 km/h + 25 km × 1.30 at 42 km/h + 525.975 km × 1.20 at 75 km/h = 9.496 h
        Assert.Equal(6_750 + 32_500 + 631_170, travel.Metres);
        Assert.InRange(travel.Seconds, 34_185, 34_190);
    }

    [Fact]
    public void Rush_hour_slows_a_van_but_no_bicycle()
    {
        GeoPoint from = new(52.5, 13.4), to = new(52.53, 13.4);

        Assert.True(TravelEstimate.Between(from, to, VehicleKind.Van, 17).Seconds > TravelEstimate.Between(from, to, VehicleKind.Van, 3).Seconds);
        Assert.Equal(TravelEstimate.Between(from, to, VehicleKind.Bicycle, 17), TravelEstimate.Between(from, to, VehicleKind.Bicycle, 3));
    }

    [Fact]
    public void Staying_takes_no_time() =>
        Assert.Equal(default, TravelEstimate.Between(new(1, 1), new(1, 1), VehicleKind.Van, 8));

    [Fact]
    public void There_and_back_take_the_same() =>
        Prop.ForAll(Places.Any.Two().ToArbitrary(), Ride.ToArbitrary(), (places, ride) =>
            TravelEstimate.Between(places.Item1, places.Item2, ride.Vehicle, ride.Hour)
                == TravelEstimate.Between(places.Item2, places.Item1, ride.Vehicle, ride.Hour)).QuickCheckThrowOnFailure();

    [Fact]
    public void Farther_never_takes_less() =>
        Prop.ForAll(Gen.Choose(0, 1_000_000).Two().ToArbitrary(), Ride.ToArbitrary(), (steps, ride) =>
        {
            // Steps of 1 / 100,000 degree of latitude are a little over a metre.
            var near = TravelEstimate.Between(new(0, 0), new(Math.Min(steps.Item1, steps.Item2) / 1e5, 0), ride.Vehicle, ride.Hour);
            var far = TravelEstimate.Between(new(0, 0), new(Math.Max(steps.Item1, steps.Item2) / 1e5, 0), ride.Vehicle, ride.Hour);
            return near.Metres <= far.Metres && near.Seconds <= far.Seconds;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(-1)]
    [InlineData(24)]
    public void An_hour_off_the_clock_is_a_bug(int hour) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TravelEstimate.Between(default, default, VehicleKind.Van, hour));

    [Fact]
    public void A_vehicle_that_does_not_exist_is_a_bug() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TravelEstimate.Between(default, default, (VehicleKind)9, 0));
}
