namespace Caravan.Engines.Routing;

/// <summary>
/// Writes one route down: when each step happens, breaks among them. A vehicle starts as late as it can without ending later, so that it waits less
/// on the road; with traffic, or under way, it starts as soon as it may.
/// </summary>
internal sealed class Timetable(RoutingCase built)
{
    private readonly RouteWalk _walk = new(built);

    public RoutePlan Write(int vehicle, List<int> nodes)
    {
        var sequence = nodes.ToArray();
        if (!_walk.Holds(vehicle, sequence))
            throw new InvalidOperationException("A plan that the search held does not hold.");
        var start = _walk.StartSecond;
        var breaks = _walk.Breaks.CountOf(vehicle);
        var end = _walk.Departure(sequence.Length - 1, breaks);
        if (built.Classes[built.VehicleClass[vehicle]].Traffic is null && _walk.FrozenCount(vehicle) == 0 && _walk.FreeSecond(vehicle) < 0)
            start = LatestStart(vehicle, sequence, start, end);
        _walk.Drive(vehicle, sequence, start);
        return new Writing(built, _walk, vehicle, sequence).Write();
    }

    /// <summary>Leaving later never ends sooner: the latest start with the same end is found by halving.</summary>
    private int LatestStart(int vehicle, int[] nodes, int start, int end)
    {
        var (holds, fails) = (start, end + 1);
        while (fails - holds > 1)
        {
            var middle = holds + (fails - holds) / 2;
            if (_walk.Drive(vehicle, nodes, middle) == end)
                holds = middle;
            else
                fails = middle;
        }

        return holds;
    }

    private sealed class Writing(RoutingCase built, RouteWalk walk, int vehicle, int[] nodes)
    {
        private readonly List<PlanStep> _steps = [];
        private readonly int[] _load = new int[built.DimensionCount];
        private readonly int[] _kept = new int[built.DimensionCount];
        private readonly ArcClass _arcs = built.Classes[built.VehicleClass[vehicle]];
        private long _metres;
        private long _driven;
        private long _cost = built.Fixed[vehicle];

        public RoutePlan Write()
        {
            var breaksAt = BreaksAt();
            var now = walk.Departure(0, breaksAt[0]);
            LoadTrip(0);
            Add(PlanStepKind.Start, -1, PlaceOf(nodes[0]), now, 0, 0, 0, 0);
            for (var i = 1; i < nodes.Length; i++)
                now = Leg(i, now, breaksAt[i - 1], breaksAt[i]);
            return new RoutePlan(vehicle, _steps, _cost / built.CostScale, _metres, _driven);
        }

        /// <summary>How many breaks are over at each node's departure.</summary>
        private int[] BreaksAt()
        {
            var at = new int[nodes.Length];
            at[^1] = walk.Breaks.CountOf(vehicle);
            for (var i = nodes.Length - 1; i > 0; i--)
                at[i - 1] = walk.BreaksBefore(i, at[i]);
            return at;
        }

        private int Leg(int position, int now, int breaksBefore, int breaksAfter)
        {
            var (from, node) = (nodes[position - 1], nodes[position]);
            var arc = built.Spot[from] * built.SpotCount + built.Spot[node];
            var left = _arcs.Traffic is null ? _arcs.Driving[arc] : _arcs.Driving[arc] * 1000L;
            for (var k = breaksBefore; k < breaksAfter; k++)
            {
                var begin = walk.Breaks.StartOf(vehicle, k, now);
                var done = Math.Min(left, _arcs.Traffic is { } traffic ? traffic.Work(now, begin) : begin - now);
                var stop = _arcs.Traffic is { } clock ? clock.Arrive(now, done) : now + (int)done;
                (_driven, left) = (_driven + (stop - now), left - done);
                Add(PlanStepKind.Break, k, -1, stop, begin - stop, 0, walk.Breaks.ServiceOf(vehicle, k), 0);
                now = begin + walk.Breaks.ServiceOf(vehicle, k);
            }

            var arrival = _arcs.Traffic is { } flow ? flow.Arrive(now, left) : now + (int)left;
            _driven += arrival - now;
            _metres += _arcs.Metres[arc];
            _cost += _arcs.Cost[arc];
            return Serve(position, node, arrival, built.Spot[from] == built.Spot[node] ? 0 : built.Setup[node]);
        }

        private int Serve(int position, int node, int arrival, int setup)
        {
            var leave = walk.Departure(position, BreaksSoFar());
            if (node < built.VisitCount)
            {
                Exchange(node);
                var isFrozen = position <= walk.FrozenCount(vehicle);
                if (isFrozen && walk.FreeSecond(vehicle) is >= 0 and var free)
                    return ServeFrozen(position, node, Math.Min(arrival, free), position == walk.FrozenCount(vehicle) ? free : Math.Min(leave, free));
                var begin = isFrozen ? arrival : walk.BeginOf(node, arrival);
                Add(KindOf(node), IndexOf(node), PlaceOf(node), arrival, begin - arrival, setup, built.Service[node], Marginal(position));
                return Math.Max(leave, begin);
            }

            if (node >= built.ReloadFirst)
            {
                LoadTrip(position);
                Add(PlanStepKind.Reload, built.ReloadChoice[node - built.ReloadFirst], PlaceOf(node), arrival, leave - built.Service[node] - arrival, 0, built.Service[node], 0);
                return leave;
            }

            Array.Clear(_load);
            Add(PlanStepKind.End, -1, PlaceOf(node), arrival, 0, 0, 0, 0);
            return arrival;
        }

        /// <summary>What is done was done by when the vehicle is known to be free, however long it should have taken.</summary>
        private int ServeFrozen(int position, int node, int arrival, int leave)
        {
            var service = Math.Min(built.Service[node], leave - arrival);
            Add(KindOf(node), IndexOf(node), PlaceOf(node), arrival, leave - arrival - service, 0, service, Marginal(position));
            return leave;
        }

        private PlanStepKind KindOf(int node) => node < built.JobCount ? PlanStepKind.Job : built.IsDelivery(node) ? PlanStepKind.Delivery : PlanStepKind.Pickup;

        private int IndexOf(int node) => node < built.JobCount ? node : (node - built.JobCount) / 2;

        private int BreaksSoFar() => walk.BreaksTaken(vehicle) + _steps.Count(step => step.Kind == PlanStepKind.Break);

        private void LoadTrip(int position)
        {
            var dimensions = built.DimensionCount;
            for (var d = 0; d < dimensions; d++)
            {
                _load[d] -= _kept[d];
                _kept[d] = 0;
            }

            for (var i = position + 1; i < nodes.Length && nodes[i] < built.VisitCount; i++)
            {
                for (var d = 0; d < dimensions; d++)
                    _load[d] += built.Delivery[nodes[i] * dimensions + d];
            }
        }

        private void Exchange(int node)
        {
            var dimensions = built.DimensionCount;
            for (var d = 0; d < dimensions; d++)
            {
                var at = node * dimensions + d;
                _load[d] += built.Pickup[at] + built.Shift[at] - built.Delivery[at];
                _kept[d] += built.Pickup[at];
            }
        }

        /// <summary>What the route would save without the task at a position, both stops of a shipment together.</summary>
        private long Marginal(int position)
        {
            var task = built.TaskOf(nodes[position]);
            long with = 0, without = 0;
            var last = nodes[0];
            var isAny = false;
            for (var i = 1; i < nodes.Length; i++)
            {
                with += _arcs.Cost[built.Spot[nodes[i - 1]] * built.SpotCount + built.Spot[nodes[i]]];
                if (nodes[i] < built.VisitCount && built.TaskOf(nodes[i]) == task)
                    continue;
                isAny |= nodes[i] < built.VisitCount;
                without += _arcs.Cost[built.Spot[last] * built.SpotCount + built.Spot[nodes[i]]];
                last = nodes[i];
            }

            return ((isAny ? with - without : with + built.Fixed[vehicle]) + built.CostScale - 1) / built.CostScale;
        }

        private int PlaceOf(int node) => built.Spot[node] < built.Problem.Travel[0].PlaceCount ? built.Spot[node] : -1;

        private void Add(PlanStepKind kind, int index, int place, int arrival, int waiting, int setup, int service, long marginal) => _steps.Add(
            new PlanStep(kind, index, place, arrival + built.OriginSecond, Math.Max(0, waiting), setup, service, _driven, _metres, [.. _load], marginal));
    }
}
