using Caravan.Engines.Geo;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Engines.Tests.Geo;

/// <summary>Points where mistakes hide: in one city, at the poles, at the antimeridian, and anywhere.</summary>
internal static class Places
{
    public static Gen<GeoPoint> Any { get; } = Gen.OneOf(
        Around(latitude: 52.5, longitude: 13.4, spread: 0.1),
        Around(latitude: 0, longitude: 180, spread: 0.5),
        Around(latitude: 0, longitude: -180, spread: 0.5),
        Around(latitude: 90, longitude: 0, spread: 180),
        Around(latitude: -89.9, longitude: 170, spread: 10),
        Around(latitude: 0, longitude: 0, spread: 180));

    /// <summary>Points on a raster, so that equal distances and equal points occur.</summary>
    private static Gen<GeoPoint> Around(double latitude, double longitude, double spread) =>
        from north in Gen.Choose(-20, 20)
        from east in Gen.Choose(-20, 20)
        select new GeoPoint(
            Math.Clamp(latitude + north * spread / 20, -90, 90),
            Math.Clamp(longitude + east * spread / 20, -180, 180));
}
