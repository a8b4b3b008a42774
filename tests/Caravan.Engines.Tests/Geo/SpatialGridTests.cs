using Caravan.Engines.Geo;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Engines.Tests.Geo;

public sealed class SpatialGridTests
{
    private static readonly Gen<(GeoPoint[] Points, GeoPoint From)> World =
        from points in Places.Any.ArrayOf()
        from more in Places.Any.ArrayOf(30)
        from start in Places.Any
        select ((GeoPoint[])[.. points, .. more], start);

    private static readonly Config ManyCases = Config.QuickThrowOnFailure.WithMaxTest(1_000);

    [Fact]
    public void Within_agrees_with_measuring_every_point()
    {
        var radius = Gen.OneOf(Gen.Choose(0, 2_000), Gen.Choose(0, 100_000), Gen.Choose(0, GreatCircle.MetresMax), Gen.Constant(int.MaxValue));
        Check.One(ManyCases, Prop.ForAll(World.ToArbitrary(), radius.ToArbitrary(), (world, metres) =>
            new SpatialGrid(world.Points).Within(world.From, metres)
                .SequenceEqual(ByDistance(world.Points, world.From).TakeWhile(i => GreatCircle.Metres(world.From, world.Points[i]) <= metres))));
    }

    [Fact]
    public void Nearest_agrees_with_measuring_every_point() =>
        Check.One(ManyCases, Prop.ForAll(World.ToArbitrary(), Gen.Choose(0, 60).ToArbitrary(), (world, count) =>
            new SpatialGrid(world.Points).Nearest(world.From, count).SequenceEqual(ByDistance(world.Points, world.From).Take(count))));

    [Fact]
    public void Neighbours_across_the_antimeridian_are_found()
    {
        var grid = new SpatialGrid([new(0, 179.999), new(0, -179.999), new(0, 180), new(0, -180), new(0, 0)]);

        Assert.Equal([2, 3, 0, 1], grid.Within(new(0, 180), 200));
        Assert.Equal([2, 3, 0, 1], grid.Within(new(0, -180), 200));
    }

    [Fact]
    public void Neighbours_across_a_pole_are_found()
    {
        var grid = new SpatialGrid([new(89.999, 0), new(89.999, 180), new(89.999, -90), new(80, 0)]);

        Assert.Equal([0, 2, 1], grid.Within(new(89.999, 0), 300));
    }

    [Fact]
    public void Equal_distances_go_by_index()
    {
        var grid = new SpatialGrid([new(1, 0), new(0, 1), new(-1, 0), new(0, -1), new(0, 1)]);

        Assert.Equal([0, 1, 2], grid.Nearest(new(0, 0), 3));
    }

    [Fact]
    public void An_empty_grid_finds_nothing()
    {
        var grid = new SpatialGrid([]);

        Assert.Empty(grid.Nearest(default, 5));
        Assert.Empty(grid.Within(default, int.MaxValue));
    }

    [Fact]
    public void Questions_out_of_range_are_bugs()
    {
        var grid = new SpatialGrid([default]);

        Assert.Throws<ArgumentException>(() => new SpatialGrid([new(91, 0)]));
        Assert.Throws<ArgumentException>(() => grid.Within(new(0, double.NaN), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => grid.Within(default, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => grid.Nearest(default, -1));
    }

    private static int[] ByDistance(GeoPoint[] points, GeoPoint from) =>
        [.. Enumerable.Range(0, points.Length).OrderBy(i => GreatCircle.Metres(from, points[i])).ThenBy(i => i)];
}
