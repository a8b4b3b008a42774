namespace Caravan.Engines.Geo;

/// <summary>
/// A place on Earth in WGS 84 degrees. <see cref="TryCreate"/> is the door for numbers from outside;
/// the constructor trusts its caller.
/// </summary>
/// <param name="Latitude">−90 (south) to 90.</param>
/// <param name="Longitude">−180 (west) to 180.</param>
public readonly record struct GeoPoint(double Latitude, double Longitude)
{
    /// <summary>Whether both numbers are on the globe (and numbers at all).</summary>
    public bool IsValid => Latitude is >= -90 and <= 90 && Longitude is >= -180 and <= 180;

    /// <summary>Makes a point of two numbers, unless they are no place on Earth.</summary>
    public static bool TryCreate(double latitude, double longitude, out GeoPoint point)
    {
        point = new GeoPoint(latitude, longitude);
        if (point.IsValid)
            return true;
        point = default;
        return false;
    }
}
