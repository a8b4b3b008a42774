using System.Diagnostics;

namespace Caravan.Engines.Geo;

/// <summary>
/// How far two places are apart as the crow flies.
/// <para>
/// Method: the haversine formula (R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68, 1984) on a sphere of the
/// IUGG's mean Earth radius; at most about 0.6 % off the ellipsoid, far less than any road differs from the straight line.
/// </para>
/// <para>Constant time, no allocation, any thread. Points must be valid; this hot path only asserts it.</para>
/// </summary>
public static class GreatCircle
{
    /// <summary>IUGG mean radius R1.</summary>
    public const double EarthRadiusMetres = 6_371_008.8;

    /// <summary>Half the way around the Earth: nothing is farther.</summary>
    public const int MetresMax = 20_015_114;

    /// <summary>The distance in whole metres, 0 to <see cref="MetresMax"/>; exactly the same in both directions.</summary>
    public static int Metres(GeoPoint a, GeoPoint b)
    {
        Debug.Assert(a.IsValid && b.IsValid, "Points from outside come through GeoPoint.TryCreate.");
        var sinLatitude = Math.Sin(double.DegreesToRadians(b.Latitude - a.Latitude) / 2);
        var sinLongitude = Math.Sin(double.DegreesToRadians(b.Longitude - a.Longitude) / 2);

        // The cosines are multiplied first, so that swapping a and b rounds alike.
        var cosines = Math.Cos(double.DegreesToRadians(a.Latitude)) * Math.Cos(double.DegreesToRadians(b.Latitude));
        var haversine = sinLatitude * sinLatitude + sinLongitude * sinLongitude * cosines;
        return (int)Math.Round(2 * EarthRadiusMetres * Math.Asin(Math.Sqrt(Math.Min(1, haversine))));
    }
}
