using Caravan.Engines.Geo;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Engines.Tests.Geo;

public sealed class GreatCircleTests
{
    [Theory]
    [InlineData(double.NaN, 0)]
    [InlineData(0, double.NaN)]
    [InlineData(double.PositiveInfinity, 0)]
    [InlineData(90.0001, 0)]
    [InlineData(-90.0001, 0)]
    [InlineData(0, 180.0001)]
    [InlineData(0, -180.0001)]
    public void A_point_off_the_globe_is_refused(double latitude, double longitude)
    {
        Assert.False(GeoPoint.TryCreate(latitude, longitude, out var point));
        Assert.Equal(default, point);
    }

    [Theory]
    [InlineData(90, 180)]
    [InlineData(-90, -180)]
    [InlineData(52.5, 13.4)]
    public void A_point_on_the_globe_is_taken(double latitude, double longitude)
    {
        Assert.True(GeoPoint.TryCreate(latitude, longitude, out var point));
        Assert.Equal(new GeoPoint(latitude, longitude), point);
    }

    [Fact]
    public void One_degree_of_a_great_circle_is_111195_metres()
    {
        // 6,371,008.8 × π / 180 = 111,195.08
        Assert.Equal(111_195, GreatCircle.Metres(new(0, 0), new(0, 1)));
        Assert.Equal(111_195, GreatCircle.Metres(new(89.5, 0), new(89.5, 180)));
        Assert.Equal(111_195, GreatCircle.Metres(new(0, 179.5), new(0, -179.5)));
    }

    [Fact]
    public void Opposite_points_are_half_the_way_around_apart()
    {
        // 6,371,008.8 × π = 20,015,114.3
        Assert.Equal(GreatCircle.MetresMax, GreatCircle.Metres(new(90, 0), new(-90, 0)));
        Assert.Equal(GreatCircle.MetresMax, GreatCircle.Metres(new(0, -180), new(0, 0)));
    }

    [Fact]
    public void Both_directions_are_equally_far() =>
        Prop.ForAll(Places.Any.Two().ToArbitrary(), pair => GreatCircle.Metres(pair.Item1, pair.Item2) == GreatCircle.Metres(pair.Item2, pair.Item1))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_detour_is_no_shorter() =>
        Prop.ForAll(Places.Any.Three().ToArbitrary(), three =>
        {
            var (a, b, c) = three;

            // Each of three roundings may err by half a metre.
            return GreatCircle.Metres(a, c) <= GreatCircle.Metres(a, b) + GreatCircle.Metres(b, c) + 2;
        }).QuickCheckThrowOnFailure();
}
