using Caravan.Engines.Dispatch;
using Caravan.Engines.Routing;

namespace Caravan.Delivery;

/// <summary>
/// In which order a courier makes the stops of a route, by the engine Routing: one vehicle that is under way, whose plan stands. The first stop
/// stays once the courier has said yes to it, for the way there has begun. Nobody who is promised a time is made later than that time, or than
/// the present order makes them anyway; when the present order is late, an order that is late for nobody is sought first. Pure: the same route and
/// moment give the same order. Cost: some milliseconds a route.
/// </summary>
internal static class RouteOrder
{
    /// <summary>The search's budget: a handful of parcels is at its best long before.</summary>
    public const int Iterations = 400;

    /// <summary>A new order must save this much driving, or a tenth of it in lateness: for less nobody is sent another way.</summary>
    public const int WorthChangingSeconds = 60;

    private const int LatenessWeight = 10; // As the chooser of couriers weighs it.
    private const int Day = 86_400;

    /// <summary>The best order found; the present one, the same list, when none is worth the change.</summary>
    public static IReadOnlyList<StopState> Improve(RoutePlan plan, Courier courier, IReadOnlyList<StopState> stops, DateTimeOffset shiftEnd)
    {
        if (stops.Count < 3)
            return stops;
        var round = new Round(plan, courier, stops, shiftEnd);
        var (best, bestCost) = (stops, round.CostOf(Enumerable.Range(0, stops.Count)) - WorthChangingSeconds);
        foreach (var isStrict in round.IsLate ? (bool[])[true, false] : [false])
        {
            if (round.Search(isStrict, Iterations) is { Unassigned.Count: 0 } found && round.OrderOf(found) is var order && round.CostOf(order) <= bestCost)
                (best, bestCost) = ([.. order.Select(index => stops[index])], round.CostOf(order));
        }

        return best;
    }

    /// <summary>What each stop's job adds to the route's driving, in seconds, as the engine tells it of the order that stands.</summary>
    public static IReadOnlyList<int> Added(RoutePlan plan, Courier courier, IReadOnlyList<StopState> stops, DateTimeOffset shiftEnd)
    {
        if (stops.Count == 0)
            return [];
        var round = new Round(plan, courier, stops, shiftEnd);
        var added = new int[stops.Count];
        if (round.Search(isStrict: false, iterations: 0) is not { } standing)
            return added;
        foreach (var step in standing.Routes.SelectMany(route => route.Steps))
        {
            if (round.IndexOf(step) is { } index)
                added[index] = (int)step.MarginalCost;
        }

        return added;
    }

    /// <summary>A route as the engine reads it. Place 0 is where the courier is, place i + 1 stop i.</summary>
    private sealed class Round
    {
        private readonly RoutePlan _plan;
        private readonly Courier _courier;
        private readonly IReadOnlyList<StopState> _stops;
        private readonly Stop[] _own;
        private readonly StopTimes[] _times;
        private readonly int[] _seconds;
        private readonly int _places;
        private readonly int _shiftEnd;
        private readonly List<int> _jobs = [];                               // stops whose goods are aboard already
        private readonly List<(int Pickup, int Dropoff)> _shipments = [];    // stops of parcels still to be fetched

        public Round(RoutePlan plan, Courier courier, IReadOnlyList<StopState> stops, DateTimeOffset shiftEnd)
        {
            (_plan, _courier, _stops, _places) = (plan, courier, stops, stops.Count + 1);
            _seconds = plan.Matrix(courier, stops);
            _own = plan.StopsOf(stops);
            _times = RouteClock.Arrivals(0, _own, _seconds, _places);
            _shiftEnd = Math.Max(plan.SecondOf(shiftEnd), _times[^1].DepartureSecond); // Who is late already is not stopped in the street.
            for (var i = 0; i < stops.Count; i++)
            {
                if (stops[i].Kind == RouteStopKind.Pickup)
                    _shipments.Add((i, IndexOf(stops[i].Job.Id, RouteStopKind.Dropoff)));
                else if (IndexOf(stops[i].Job.Id, RouteStopKind.Pickup) < 0)
                    _jobs.Add(i);
            }
        }

        public bool IsLate => _times.Zip(_own).Any(pair => pair.First.LatenessSeconds(pair.Second) > 0);

        /// <summary>Driving, and lateness as it weighs.</summary>
        public long CostOf(IEnumerable<int> order)
        {
            var (at, now, cost) = (0, 0, 0L);
            foreach (var index in order)
            {
                var leg = _seconds[(at * _places) + index + 1];
                var times = RouteClock.Serve(_own[index], now + leg);
                cost += leg + (LatenessWeight * (long)times.LatenessSeconds(_own[index]));
                (at, now) = (index + 1, times.DepartureSecond);
            }

            return cost;
        }

        public RoutingPlan? Search(bool isStrict, int iterations)
        {
            if (_shipments.Exists(one => one.Dropoff < 0))
                return null;
            var problem = new RoutingProblem
            {
                Travel = [new TravelMatrix(_places, _seconds, _seconds)],
                Vehicles = [VehicleOf()],
                Jobs = [.. _jobs.Select(index => JobOf(index, isStrict) with { Delivery = [_own[index].LoadGrams] })],
                Shipments = [.. _shipments.Select(one => new RoutingShipment { Pickup = JobOf(one.Pickup, isStrict), Delivery = JobOf(one.Dropoff, isStrict), Amount = [_own[one.Pickup].LoadGrams] })],
                Standing = new StandingPlan { Routes = [new StandingRoute(0, [.. _stops.Select((_, index) => StandingOf(index))], IsUnderWay ? 1 : 0)] },
            };
            return Router.Solve(problem, new RoutingBudget { Iterations = iterations }) is RoutingOutcome.Solved solved ? solved.Plan : null;
        }

        public List<int> OrderOf(RoutingPlan plan) => [.. plan.Routes.SelectMany(route => route.Steps).Select(IndexOf).OfType<int>()];

        /// <summary>Which stop a step is; null for the route's ends.</summary>
        public int? IndexOf(PlanStep step) => step.Kind switch
        {
            PlanStepKind.Job => _jobs[step.Index],
            PlanStepKind.Pickup => _shipments[step.Index].Pickup,
            PlanStepKind.Delivery => _shipments[step.Index].Dropoff,
            _ => null,
        };

        private bool IsUnderWay => _stops[0].Job.Status != JobStatus.Assigned;

        private int IndexOf(JobId job, RouteStopKind kind)
        {
            for (var i = 0; i < _stops.Count; i++)
            {
                if (_stops[i].Job.Id == job && _stops[i].Kind == kind)
                    return i;
            }

            return -1;
        }

        private StandingStop StandingOf(int index) =>
            _jobs.IndexOf(index) is >= 0 and var job ? new StandingStop(PlanStepKind.Job, job)
            : _stops[index].Kind == RouteStopKind.Pickup ? new StandingStop(PlanStepKind.Pickup, _shipments.FindIndex(one => one.Pickup == index))
            : new StandingStop(PlanStepKind.Delivery, _shipments.FindIndex(one => one.Dropoff == index));

        // A box that was made smaller since carries what it carries.
        private RoutingVehicle VehicleOf()
        {
            var aboard = _jobs.Sum(index => (long)_own[index].LoadGrams);
            var most = aboard;
            foreach (var stop in _own)
                most = Math.Max(most, aboard += stop.Kind == StopKind.Pickup ? stop.LoadGrams : -stop.LoadGrams);
            return new RoutingVehicle { Id = 0, StartPlace = 0, Shift = new RoutingWindow(0, _shiftEnd), Capacity = [(int)Math.Clamp(most, _courier.CapacityGrams, RoutingProblem.AmountMax)] };
        }

        private RoutingJob JobOf(int index, bool isStrict)
        {
            var stop = _own[index];
            var until = stop.DueSecond == int.MaxValue ? _shiftEnd + Day : isStrict ? Math.Max(stop.DueSecond, 0) : Math.Max(stop.DueSecond, _times[index].StartSecond);
            return new RoutingJob { Id = index, Place = index + 1, ServiceSeconds = stop.ServiceSeconds, Windows = [new RoutingWindow(stop.ReadySecond, Math.Max(until, stop.ReadySecond))] };
        }
    }
}
