using System.Collections.Concurrent;
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
public sealed class FleetOutlook
{
    /// <summary>How far a courier may be for a delivery within the hour, as the crow flies.</summary>
    public const int WithinHourMetres = 8_000;

    /// <summary>What an open stop takes: the way to it and the time there.</summary>
    public const int StopSeconds = 300;

    /// <summary>Said where nobody is: a week.</summary>
    public const int NeverSeconds = RouteClock.LegSecondsMax;

    private const double MetresPerDegree = GreatCircle.EarthRadiusMetres * Math.PI / 180;
    private const int SampleMetres = 2_000;
    private const int SecondsOfADay = 86_400;

    // What is open now says little of the couriers' state much later.
    private static readonly TimeSpan QueueMatters = TimeSpan.FromHours(1);

    private readonly TravelTimes travel;
    private readonly ShipRights rights;
    private readonly IReadOnlyList<(PartnerId Carrier, List<CourierLoad> Couriers)> fleets;
    private readonly DateTimeOffset now;
    private readonly DateTimeOffset at;
    private readonly Lazy<Dictionary<string, Candidate[]>> soon;
    private readonly Lazy<Dictionary<string, Candidate[]>> later;
    private readonly ConcurrentDictionary<(LocationId, bool), CourierOutlook> outlooks = new();

    internal FleetOutlook(TravelTimes travel, ShipRights rights, IReadOnlyList<(PartnerId Carrier, List<CourierLoad> Couriers)> fleets, DateTimeOffset now, DateTimeOffset at)
    {
        this.travel = travel;
        this.rights = rights;
        this.fleets = fleets;
        this.now = now;
        this.at = at;
        soon = new(() => ByRegion(DeliveryService.WithinHour));
        later = new(() => ByRegion(DeliveryService.SameDay));
    }

    /// <summary>A fleet on paper: one courier of the carrier's at each of the nodes, on shift day and night, with nothing to do.</summary>
    public static FleetOutlook FreeAt(IEnumerable<Location> nodes, PartnerId carrier, TravelTimes travel, DateTimeOffset at)
    {
        var couriers = nodes.Select(node => new CourierLoad { Region = node.Region, Vehicle = VehicleKind.Scooter, Latitude = node.Point.Latitude, Longitude = node.Point.Longitude, ShiftStart = "00:00", ShiftEnd = "00:00", TimeZone = node.Hours.Zone.Id, IsOnDuty = true }).ToList();
        return new FleetOutlook(travel, new ShipRights(carrier, []), [(carrier, couriers)], at, at);
    }

    /// <summary>
    /// How many could carry from an origin and how soon the best is there. Within the hour: couriers on shift within 8 km. Else: couriers
    /// of the region who are on shift, or will be within a day; the wait for their shift counts. A station needs no courier and answers as if one stood there.
    /// </summary>
    public CourierOutlook Of(Location origin, DeliveryService service) => service == DeliveryService.PickUp
        ? new CourierOutlook(1, 0)
        : outlooks.TryGetValue((origin.Id, service == DeliveryService.WithinHour), out var known) ? known
        : outlooks.GetOrAdd((origin.Id, service == DeliveryService.WithinHour), _ => OfOne(origin, service));

    private CourierOutlook OfOne(Location origin, DeliveryService service)
    {
        var isWithinHour = service == DeliveryService.WithinHour;
        var candidates = (isWithinHour ? soon : later).Value.GetValueOrDefault(origin.Region) ?? [];
        return OfOne(origin, candidates, isWithinHour ? WithinHourMetres : double.PositiveInfinity, SecondsPerMetre(origin.Point));
    }

    // The hot loop: candidates × origins. Whether a carrier may carry from here is asked once a carrier, and couriers come grouped by carrier.
    private CourierOutlook OfOne(Location origin, Candidate[] candidates, double metresMax, double[] secondsPerMetre)
    {
        var (latitude, longitude) = (origin.Point.Latitude, origin.Point.Longitude);
        var metresPerDegreeEast = MetresPerDegree * Math.Cos(double.DegreesToRadians(latitude));
        var (count, bestSeconds, best) = (0, double.MaxValue, -1);
        var (carrier, mayCarry) = (default(PartnerId), false);
        for (var i = 0; i < candidates.Length; i++)
        {
            ref readonly var candidate = ref candidates[i];
            if (i == 0 || candidate.Carrier != carrier)
            {
                carrier = candidate.Carrier;
                mayCarry = rights.MayCarry(carrier, origin);
            }

            if (!mayCarry)
                continue;

            var north = (candidate.Latitude - latitude) * MetresPerDegree;
            var east = (candidate.Longitude - longitude) * metresPerDegreeEast;
            var metres = Math.Sqrt((north * north) + (east * east));
            if (metres > metresMax)
                continue;

            count++;
            var seconds = candidate.WaitSeconds + (metres * secondsPerMetre[(int)candidate.Vehicle]);
            if (seconds < bestSeconds)
                (bestSeconds, best) = (seconds, i);
        }

        if (best < 0)
            return new CourierOutlook(0, NeverSeconds);

        var chosen = candidates[best];
        return new CourierOutlook(count, chosen.WaitSeconds + travel.Between(new GeoPoint(chosen.Latitude, chosen.Longitude), origin.Point, chosen.Vehicle, at).Seconds);
    }

    private Dictionary<string, Candidate[]> ByRegion(DeliveryService service) =>
        Candidates(service).GroupBy(candidate => candidate.Region).ToDictionary(group => group.Key, group => group.ToArray());

    // Within the hour only who is on shift at that moment; else also who will be within a day, and then the wait for the shift counts.
    private List<Candidate> Candidates(DeliveryService service)
    {
        var isSoon = at < now + QueueMatters;
        var waits = new Dictionary<(string, string, string), int?>();
        var candidates = new List<Candidate>();
        foreach (var (carrier, couriers) in fleets)
        {
            foreach (var courier in couriers)
            {
                if (isSoon && (!courier.IsOnDuty || courier.OpenStops + 2 > RoutePlan.StopsMax(courier.Vehicle)))
                    continue;

                // Most couriers share a handful of shifts.
                var shift = (courier.ShiftStart, courier.ShiftEnd, courier.TimeZone);
                if (!waits.TryGetValue(shift, out var wait))
                    waits.Add(shift, wait = WaitFor(new Shift(Shift.TimeOf(courier.ShiftStart), Shift.TimeOf(courier.ShiftEnd), courier.TimeZone), service, at));
                if (wait is { } seconds)
                    candidates.Add(new Candidate(carrier, courier.Region, courier.Vehicle, courier.Latitude, courier.Longitude, seconds + (isSoon ? courier.OpenStops * StopSeconds : 0)));
            }
        }

        return candidates;
    }

    private static int? WaitFor(Shift shift, DeliveryService service, DateTimeOffset at) => (shift.Next(at).From - at).TotalSeconds switch
    {
        <= 0 => 0,
        var seconds => service == DeliveryService.WithinHour || seconds > SecondsOfADay ? null : (int)seconds,
    };

    // How long each vehicle takes for a metre around here, so that couriers are compared without asking for every pair.
    private double[] SecondsPerMetre(GeoPoint place)
    {
        var there = new GeoPoint(place.Latitude + (place.Latitude > 0 ? -1 : 1) * SampleMetres / MetresPerDegree, place.Longitude);
        Debug.Assert(there.IsValid, "Two kilometres toward the equator stay on the globe.");
        return Array.ConvertAll(Enum.GetValues<VehicleKind>(), vehicle => travel.Between(place, there, vehicle, at).Seconds / (double)SampleMetres);
    }

    private readonly record struct Candidate(PartnerId Carrier, string Region, VehicleKind Vehicle, double Latitude, double Longitude, int WaitSeconds);
}
