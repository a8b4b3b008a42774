using Caravan.Engines.Dispatch;
using Caravan.Engines.Geo;
using Caravan.Network;

namespace Caravan.Delivery;

/// <summary>What the dispatcher read in one snapshot.</summary>
internal sealed record DispatchState(
    IReadOnlyList<JobState> Waiting,
    IReadOnlyList<Courier> Couriers,
    ILookup<CourierId, StopState> Stops,
    IReadOnlyDictionary<PartnerId, ShipRights> Rights,
    NetworkSnapshot Network);

/// <summary>What a round decides about a job.</summary>
internal abstract record DispatchStep(JobState Job)
{
    /// <summary>Give it to a courier whose route is <paramref name="Before"/>.</summary>
    public sealed record Assign(JobState Job, Courier Courier, IReadOnlyList<StopState> Before, IReadOnlyList<StopState> After) : DispatchStep(Job);

    /// <summary>Nobody can take it now, and why.</summary>
    public sealed record Wait(JobState Job, string Reason) : DispatchStep(Job);
}

/// <summary>
/// One round of dispatch, in memory and pure: waiting jobs, the most urgent first, each to the courier to whom it adds the
/// least (engine <see cref="CourierChooser"/>), among the 25 nearest to the origin who may carry it; then the stops of the chosen one are put in the best order
/// (<see cref="RouteOrder"/>). Later jobs of the round see the routes that earlier ones made.
/// </summary>
internal sealed class DispatchRound(DispatchState state, TravelTimes travel, DateTimeOffset now)
{
    /// <summary>How many couriers are weighed for a job.</summary>
    public const int CandidatesMax = 25;

    /// <summary>A courier is chosen so long before one must set out: early enough to plan, late enough to know who is where.</summary>
    public static readonly TimeSpan Lookahead = TimeSpan.FromMinutes(10);

    /// <summary>Spare time on the way to the origin.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);

    /// <summary>Nobody is sent out earlier than this before a parcel is ready, however far away.</summary>
    public static readonly TimeSpan WayMax = TimeSpan.FromMinutes(20);

    private readonly RoutePlan plan = new(state.Network, travel, now);
    private readonly Dictionary<CourierId, IReadOnlyList<StopState>> routes = [];
    private readonly ILookup<string, Courier> byRegion = state.Couriers.Where(courier => courier.IsOnDuty).ToLookup(courier => courier.Region);
    private readonly Dictionary<Shift, (DateTimeOffset From, DateTimeOffset To)> shifts = [];

    public IEnumerable<DispatchStep> Run()
    {
        foreach (var job in state.Waiting)
        {
            if (Decide(job) is { } step)
                yield return step;
        }
    }

    private DispatchStep? Decide(JobState job)
    {
        if (state.Network.Find(job.Origin) is not { } origin)
            return new DispatchStep.Wait(job, "Its origin is no longer in the network.");

        var candidates = Candidates(job, origin);
        if (candidates.Count == 0)
            return new DispatchStep.Wait(job, $"No courier who may carry it is on shift and has room in region {origin.Region}.");
        if (!IsTime(job, origin, candidates[0]))
            return null;

        var declined = DeliveryJson.ReadDeclined(job.DeclinedBy).Where(one => one.Until > now).Select(one => one.Courier).ToHashSet();
        var couriers = candidates.Select((courier, index) => plan.RouteFor(index, courier, RouteOf(courier), ShiftOf(courier).To, job, origin.Point, ObstaclesOf(courier, job, origin, declined))).ToList();
        var decision = CourierChooser.Choose(plan.NewJobOf(job, RouteClock.StopsMax), couriers, DispatchRules.Default with { MaxStops = RoutePlan.VanStopsMax });
        if (decision is not DispatchDecision.Assigned assigned)
            return new DispatchStep.Wait(job, Reason(decision.Evaluations));

        var chosen = candidates[assigned.CourierIndex];
        var before = RouteOf(chosen);
        var after = RouteOrder.Improve(plan, chosen, Insert(before, chosen, job, assigned.PickupPosition, assigned.DropoffPosition), ShiftOf(chosen).To);
        routes[chosen.Id] = after;
        return new DispatchStep.Assign(job, chosen, before, after);
    }

    /// <summary>A route with the two stops of a job put in; positions count in the new list.</summary>
    private static List<StopState> Insert(IReadOnlyList<StopState> route, Courier courier, JobState job, int pickupPosition, int dropoffPosition)
    {
        List<StopState> stops = [.. route];
        stops.Insert(pickupPosition, new StopState(courier.Carrier, courier.Id, RouteStopKind.Pickup, job, null));
        stops.Insert(dropoffPosition, new StopState(courier.Carrier, courier.Id, RouteStopKind.Dropoff, job, null));
        return stops;
    }

    // The nearest first, as the crow flies.
    private List<Courier> Candidates(JobState job, Location origin)
    {
        var rights = state.Rights[job.Tenant];
        return [.. byRegion[origin.Region]
            .Where(courier => ShiftOf(courier).From <= now && rights.MayCarry(courier.Carrier, origin) && RouteOf(courier).Count + 2 <= RoutePlan.StopsMax(courier.Vehicle))
            .Select(courier => (Courier: courier, Metres: GreatCircle.Metres(courier.Point, origin.Point)))
            .OrderBy(pair => pair.Metres)
            .Take(CandidatesMax)
            .Select(pair => pair.Courier)];
    }

    private bool IsTime(JobState job, Location origin, Courier nearest)
    {
        if (job.Service == DeliveryService.WithinHour)
            return true;

        var way = TimeSpan.FromSeconds(plan.Seconds(nearest.Point, origin.Point, nearest.Vehicle));
        return job.CollectableAt - (way < WayMax ? way : WayMax) - Margin <= now + Lookahead;
    }

    private static CourierObstacle ObstaclesOf(Courier courier, JobState job, Location origin, HashSet<CourierId> declined)
    {
        var obstacles = CourierObstacle.None;
        if (declined.Contains(courier.Id))
            obstacles |= CourierObstacle.Declined;
        if (GreatCircle.Metres(origin.Point, job.Destination) > TripMetresMax(courier.Vehicle))
            obstacles |= CourierObstacle.WrongVehicle;
        return obstacles;
    }

    /// <summary>How far a parcel is carried by muscle or moped.</summary>
    private static int TripMetresMax(VehicleKind vehicle) => vehicle switch
    {
        VehicleKind.Foot => 3_000,
        VehicleKind.Bicycle => 10_000,
        VehicleKind.Scooter => 25_000,
        _ => int.MaxValue,
    };

    private IReadOnlyList<StopState> RouteOf(Courier courier)
    {
        if (!routes.TryGetValue(courier.Id, out var stops))
            routes.Add(courier.Id, stops = [.. state.Stops[courier.Id]]);
        return stops;
    }

    private (DateTimeOffset From, DateTimeOffset To) ShiftOf(Courier courier)
    {
        var shift = new Shift(courier.ShiftStart, courier.ShiftEnd, courier.TimeZone);
        if (!shifts.TryGetValue(shift, out var span))
            shifts.Add(shift, span = shift.Next(now));
        return span;
    }

    private static string Reason(IReadOnlyList<CourierEvaluation> evaluations) =>
        $"None of the {evaluations.Count} nearest couriers can take it: "
        + string.Join(", ", evaluations.GroupBy(Said).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Count()} {group.Key}")) + ".";

    private static string Said(CourierEvaluation evaluation) => evaluation switch
    {
        { Verdict: CourierVerdict.Blocked, Obstacles: var obstacles } when obstacles.HasFlag(CourierObstacle.Declined) => "declined or did not answer",
        { Verdict: CourierVerdict.Blocked, Obstacles: var obstacles } when obstacles.HasFlag(CourierObstacle.WrongVehicle) => "cannot ride so far",
        { Verdict: CourierVerdict.TooManyStops } => "have a full route",
        { Verdict: CourierVerdict.WrongTemperature } => "cannot keep it cold",
        { Verdict: CourierVerdict.OverCapacity } => "cannot carry the weight",
        { Verdict: CourierVerdict.PastShiftEnd } => "end their shift too soon",
        _ => "are busy",
    };
}
