using Caravan.Engines.Geo;

namespace Caravan.Network;

/// <summary>
/// How long it takes from a place to another. Today an estimate (great circle × detour × speed by vehicle and hour);
/// a road router can be put behind this door without its callers noticing.
/// </summary>
public sealed class TravelTimes
{
    // Speeds are told by the local hour. Cities we serve lie near the longitude of their clock, so the sun's hour will do.
    private const double DegreesPerHour = 15;

    /// <summary>The travel from a place to another by a vehicle that leaves at an instant.</summary>
    public Travel Between(GeoPoint from, GeoPoint to, VehicleKind vehicle, DateTimeOffset leavesAt) =>
        TravelEstimate.Between(from, to, vehicle, HourAt(from, leavesAt));

    /// <summary>What a way of this straight length takes at the least, from anywhere within an hour's difference of the sun.</summary>
    public int AtLeastSeconds(int metres, VehicleKind vehicle, GeoPoint near, DateTimeOffset leavesAt)
    {
        var hour = HourAt(near, leavesAt);
        var least = TravelEstimate.Along(metres, vehicle, hour).Seconds;
        least = Math.Min(least, TravelEstimate.Along(metres, vehicle, (hour + 1) % 24).Seconds);
        return Math.Min(least, TravelEstimate.Along(metres, vehicle, (hour + 23) % 24).Seconds);
    }

    private static int HourAt(GeoPoint place, DateTimeOffset at) =>
        at.ToUniversalTime().AddHours(Math.Round(place.Longitude / DegreesPerHour)).Hour;
}
