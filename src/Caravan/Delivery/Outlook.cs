using System.Diagnostics;
using Caravan.Engines.Dispatch;
using Caravan.Engines.Geo;
using Caravan.Network;

namespace Caravan.Delivery;

/// <summary>
/// Whether and how soon couriers could be at each of many origins: rough on purpose, for a promise is asked while a
/// shopper waits. Distances are on a plane (error below 0.1 % within a region), and a courier's open stops weigh a fixed time each.
/// Cost: origins × couriers multiplications; the travel estimate is asked once an origin.
/// </summary>
internal sealed class Outlook(TravelTimes travel, ShipRights rights, DateTimeOffset now)
{
    /// <summary>How far a courier may be for a delivery within the hour, as the crow flies.</summary>
    public const int WithinHourMetres = 8_000;

    /// <summary>What an open stop takes: the way to it and the time there.</summary>
    public const int StopSeconds = 300;

    /// <summary>Said where nobody is: a week.</summary>
    public const int NeverSeconds = RouteClock.LegSecondsMax;

    private const double MetresPerDegree = GreatCircle.EarthRadiusMetres * Math.PI / 180;
    private const int SampleMetres = 2_000;

    // What is open now says little of the couriers' state much later.
    private static readonly TimeSpan QueueMatters = TimeSpan.FromHours(1);

    private readonly double[] secondsPerMetre = new double[Enum.GetValues<VehicleKind>().Length];

    public IReadOnlyDictionary<LocationId, CourierOutlook> Of(IReadOnlyCollection<Location> origins, IReadOnlyList<CourierLoad> couriers, DeliveryService service, DateTimeOffset at)
    {
        var outlooks = new Dictionary<LocationId, CourierOutlook>(origins.Count);
        if (service == DeliveryService.PickUp)
        {
            foreach (var origin in origins)
                outlooks[origin.Id] = new CourierOutlook(1, 0);
            return outlooks;
        }

        foreach (var origin in origins)
        {
            Sample(origin.Point, at);
            break;
        }

        var byRegion = Candidates(couriers, service, at).ToLookup(candidate => candidate.Courier.Region);
        foreach (var origin in origins)
            outlooks[origin.Id] = OfOne(origin, byRegion[origin.Region], service, at);
        return outlooks;
    }

    private CourierOutlook OfOne(Location origin, IEnumerable<Candidate> candidates, DeliveryService service, DateTimeOffset at)
    {
        var metresPerDegreeEast = MetresPerDegree * Math.Cos(double.DegreesToRadians(origin.Point.Latitude));
        var (count, bestSeconds, best) = (0, double.MaxValue, default(Candidate));
        foreach (var candidate in candidates)
        {
            var north = (candidate.Courier.Point.Latitude - origin.Point.Latitude) * MetresPerDegree;
            var east = (candidate.Courier.Point.Longitude - origin.Point.Longitude) * metresPerDegreeEast;
            var metres = Math.Sqrt((north * north) + (east * east));
            if ((service == DeliveryService.WithinHour && metres > WithinHourMetres) || !rights.MayCarry(candidate.Courier.Carrier, origin))
                continue;

            count++;
            var seconds = candidate.WaitSeconds + (metres * secondsPerMetre[(int)candidate.Courier.Vehicle]);
            if (seconds < bestSeconds)
                (bestSeconds, best) = (seconds, candidate);
        }

        return best is null
            ? new CourierOutlook(0, NeverSeconds)
            : new CourierOutlook(count, best.WaitSeconds + travel.Between(best.Courier.Point, origin.Point, best.Courier.Vehicle, at).Seconds);
    }

    // Within the hour only who is on shift at that moment; else also who will be within a day, and then the wait for the shift counts.
    private List<Candidate> Candidates(IReadOnlyList<CourierLoad> couriers, DeliveryService service, DateTimeOffset at)
    {
        var isSoon = at < now + QueueMatters;
        var shifts = new Dictionary<Shift, int?>();
        var candidates = new List<Candidate>(couriers.Count);
        foreach (var load in couriers)
        {
            var courier = load.Courier;
            if ((isSoon && !courier.IsOnDuty) || (isSoon && load.OpenStops + 2 > RoutePlan.StopsMax(courier.Vehicle)))
                continue;

            var shift = new Shift(courier.ShiftStart, courier.ShiftEnd, courier.TimeZone);
            if (!shifts.TryGetValue(shift, out var wait))
            {
                var seconds = (shift.Next(at).From - at).TotalSeconds;
                wait = seconds <= 0 ? 0 : service == DeliveryService.WithinHour || seconds > 86_400 ? null : (int)seconds;
                shifts.Add(shift, wait);
            }

            if (wait is { } waitSeconds)
                candidates.Add(new Candidate(courier, waitSeconds + (isSoon ? load.OpenStops * StopSeconds : 0)));
        }

        return candidates;
    }

    // How long each vehicle takes for a metre around here, so that couriers are compared without asking for every pair.
    private void Sample(GeoPoint place, DateTimeOffset at)
    {
        var there = new GeoPoint(place.Latitude + (place.Latitude > 0 ? -1 : 1) * SampleMetres / MetresPerDegree, place.Longitude);
        Debug.Assert(there.IsValid, "Two kilometres toward the equator stay on the globe.");
        foreach (var vehicle in Enum.GetValues<VehicleKind>())
            secondsPerMetre[(int)vehicle] = travel.Between(place, there, vehicle, at).Seconds / (double)SampleMetres;
    }

    private sealed record Candidate(Courier Courier, int WaitSeconds);
}
