namespace Caravan.Engines.Routing;

/// <summary>
/// Looks a plan through without knowing how it was made: every rule of <see cref="RoutingProblem"/>, from the plan's own steps and moments, with plain
/// sums over the caller's records. Says in words what is broken; nothing is fine.
/// </summary>
public static class RoutingChecker
{
    /// <summary>What is broken in a plan.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="plan">The plan.</param>
    public static IReadOnlyList<string> Check(RoutingProblem problem, RoutingPlan plan)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(plan);
        List<string> broken = [];
        Dictionary<(PlanStepKind, int), int> seen = [];
        HashSet<int> vehicles = [];
        foreach (var route in plan.Routes)
        {
            if (!vehicles.Add(route.Vehicle))
                broken.Add($"Vehicle {route.Vehicle} has two routes.");
            new RouteCheck(problem, route, broken, seen).Run();
        }

        foreach (var one in plan.Unassigned)
        {
            seen[(one.IsShipment ? PlanStepKind.Pickup : PlanStepKind.Job, one.Index)] = seen.GetValueOrDefault((one.IsShipment ? PlanStepKind.Pickup : PlanStepKind.Job, one.Index)) + 1;
            if (one.IsShipment)
                seen[(PlanStepKind.Delivery, one.Index)] = seen.GetValueOrDefault((PlanStepKind.Delivery, one.Index)) + 1;
        }

        for (var i = 0; i < problem.Jobs.Count; i++)
            Once((PlanStepKind.Job, i));
        for (var i = 0; i < problem.Shipments.Count; i++)
        {
            Once((PlanStepKind.Pickup, i));
            Once((PlanStepKind.Delivery, i));
        }

        if (plan.Cost != plan.Routes.Sum(route => route.Cost))
            broken.Add("The plan's cost is not its routes'.");
        return broken;

        void Once((PlanStepKind, int) stop)
        {
            if (seen.GetValueOrDefault(stop) != 1)
                broken.Add($"{stop} is there {seen.GetValueOrDefault(stop)} times.");
        }
    }

    private sealed class RouteCheck(RoutingProblem problem, RoutePlan route, List<string> broken, Dictionary<(PlanStepKind, int), int> seen)
    {
        private readonly RoutingVehicle _vehicle = problem.Vehicles[route.Vehicle];
        private readonly StandingRoute? _standing = problem.Standing?.Routes.FirstOrDefault(one => one.Vehicle == route.Vehicle);
        private readonly Dictionary<(int Compartment, int Dimension), long> _aboard = [];
        private readonly Dictionary<(int Compartment, int Dimension), long> _taken = [];
        private readonly HashSet<int> _fetched = [];
        private TravelMatrix Matrix => problem.Travel[_vehicle.Profile];

        public void Run()
        {
            var steps = route.Steps;
            if (steps.Count < 3 || steps[0].Kind != PlanStepKind.Start || steps[^1].Kind != PlanStepKind.End)
            {
                Break("does not go from a start over something to an end");
                return;
            }

            Need(steps[0].Place == (_vehicle.StartPlace ?? -1), "starts elsewhere");
            Need(steps[^1].Place == (_vehicle.EndPlace ?? -1), "ends elsewhere");
            Shift();
            Load(0);
            Ways();
            for (var i = 1; i < steps.Count - 1; i++)
                Step(i);
            Need(_fetched.Count == 0, "ends with a shipment aboard");
            Breaks();
            Limits();
            FrozenPrefix();
        }

        private void Step(int index)
        {
            var step = route.Steps[index];
            var isFrozen = StopsUpTo(index) <= (_standing?.FrozenCount ?? 0);
            switch (step.Kind)
            {
                case PlanStepKind.Job:
                    Stop(problem.Jobs[step.Index], step, isFrozen);
                    Need(problem.Jobs[step.Index].Skills.All(_vehicle.Skills.Contains), $"lacks a skill for job {step.Index}");
                    Need(problem.Jobs[step.Index].ReleaseSecond is not { } release || LastLoading(index) >= release, $"leaves before the goods of job {step.Index} are there");
                    Move(problem.Jobs[step.Index].Delivery, problem.Jobs[step.Index].Compartment, -1, _aboard);
                    Move(problem.Jobs[step.Index].Pickup, problem.Jobs[step.Index].Compartment, 1, _aboard);
                    Move(problem.Jobs[step.Index].Pickup, problem.Jobs[step.Index].Compartment, 1, _taken);
                    break;
                case PlanStepKind.Pickup:
                    Stop(problem.Shipments[step.Index].Pickup, step, isFrozen);
                    Need(problem.Shipments[step.Index].Skills.All(_vehicle.Skills.Contains), $"lacks a skill for shipment {step.Index}");
                    Move(problem.Shipments[step.Index].Amount, problem.Shipments[step.Index].Compartment, 1, _aboard);
                    _fetched.Add(step.Index);
                    break;
                case PlanStepKind.Delivery:
                    Stop(problem.Shipments[step.Index].Delivery, step, isFrozen);
                    Need(_fetched.Remove(step.Index), $"brings shipment {step.Index} without having fetched it");
                    Move(problem.Shipments[step.Index].Amount, problem.Shipments[step.Index].Compartment, -1, _aboard);
                    break;
                case PlanStepKind.Reload:
                    Need(_vehicle.ReloadPlaces.Contains(step.Place), "reloads at a place that is not its depot");
                    Need(step.ServiceSeconds >= _vehicle.ReloadSeconds, "reloads in no time");
                    foreach (var (key, amount) in _taken)
                        _aboard[key] -= amount;
                    _taken.Clear();
                    Load(index);
                    break;
                case PlanStepKind.Break:
                    Pause(_vehicle.Breaks[step.Index], step);
                    break;
                default:
                    Break($"has a {step.Kind} in its middle");
                    break;
            }

            foreach (var ((compartment, dimension), amount) in _aboard)
                Need(amount >= 0 && amount <= Capacity(compartment, dimension), $"carries {amount} of dimension {dimension}, compartment {compartment}, at step {index}");
        }

        private void Stop(RoutingJob stop, PlanStep step, bool isFrozen)
        {
            seen[(step.Kind, step.Index)] = seen.GetValueOrDefault((step.Kind, step.Index)) + 1;
            Need(step.Place == stop.Place, $"serves {step.Kind} {step.Index} elsewhere");
            var begin = step.ArrivalSecond + step.WaitingSeconds;
            Need(isFrozen || stop.Windows.Count == 0 || stop.Windows.Any(window => begin >= window.FromSecond && begin <= window.ToSecond), $"serves {step.Kind} {step.Index} outside its windows");
            Need(isFrozen || step.ServiceSeconds == stop.ServiceSeconds && (step.SetupSeconds == stop.SetupSeconds || (step.SetupSeconds == 0 && PlaceBefore(step) == stop.Place)), $"serves {step.Kind} {step.Index} in another time");
        }

        private int PlaceBefore(PlanStep step) => route.Steps.TakeWhile(one => !ReferenceEquals(one, step)).Last(one => one.Kind != PlanStepKind.Break).Place;

        /// <summary>Each way takes the time it takes, breaks on it taken out.</summary>
        private void Ways()
        {
            var (from, last, cost) = (route.Steps[0], route.Steps[0], (double)_vehicle.FixedCost);
            long metres = 0, driving = 0;
            List<(long From, long To)> rolls = [];
            foreach (var step in route.Steps.Skip(1))
            {
                Need(step.WaitingSeconds >= 0 && step.ArrivalSecond >= last.DepartureSecond, $"is at {step.Kind} before it has left the last step");
                rolls.Add((last.DepartureSecond, step.ArrivalSecond));
                driving += step.ArrivalSecond - last.DepartureSecond;
                last = step;
                if (step.Kind == PlanStepKind.Break)
                    continue;
                if (from.Place >= 0 && step.Place >= 0)
                {
                    var arc = from.Place * Matrix.PlaceCount + step.Place;
                    var isDone = _standing?.FreeSecond is not null && StopsUpTo(route.Steps.ToList().IndexOf(step)) <= _standing.FrozenCount;
                    Need(isDone || Rolled(rolls) >= Work(arc), $"drives faster than it can to {step.Kind} {step.Index}");
                    metres += Matrix.Metres[arc];
                    cost += Matrix.Costs is { } costs ? costs[arc] : _vehicle.CostPerHour / 3600.0 * Work(arc) / 1000 + _vehicle.CostPerKilometre / 1000.0 * Matrix.Metres[arc];
                }

                from = step;
                rolls.Clear();
            }

            Need(metres == route.Metres, $"says {route.Metres} metres and drives {metres}");
            Need(driving == route.DrivingSeconds, $"says {route.DrivingSeconds} seconds at the wheel and drives {driving}");
            Need(Math.Abs(cost - route.Cost) <= 1 + 0.01 * route.Steps.Count, $"says it costs {route.Cost} and costs {cost}");
            Need(metres <= (_vehicle.MetresMax ?? long.MaxValue), "drives too far");
            Need(driving <= (_vehicle.DrivingSecondsMax ?? long.MaxValue), "is too long at the wheel");
        }

        /// <summary>An arc in thousandths of a second at full speed.</summary>
        private long Work(int arc) => _vehicle.SpeedPercent == 100 ? Matrix.Seconds[arc] * 1000L : (long)Math.Round(Matrix.Seconds[arc] * 100.0 / _vehicle.SpeedPercent, MidpointRounding.AwayFromZero) * 1000;

        private long Rolled(List<(long From, long To)> rolls)
        {
            var done = 0L;
            foreach (var (from, to) in rolls)
            {
                if (Matrix.Traffic is not { } traffic)
                {
                    done += (to - from) * 1000;
                    continue;
                }

                var edges = traffic.FromSeconds.Where(edge => edge > from && edge < to).Prepend(from).Append(to).ToList();
                for (var i = 0; i + 1 < edges.Count; i++)
                {
                    var speed = 1000;
                    for (var s = 0; s < traffic.FromSeconds.Count && traffic.FromSeconds[s] <= edges[i]; s++)
                        speed = traffic.Permille[s];
                    done += (edges[i + 1] - edges[i]) * speed;
                }
            }

            return done;
        }

        private void Pause(RoutingBreak pause, PlanStep step)
        {
            var begin = step.ArrivalSecond + step.WaitingSeconds;
            Need(pause.Windows.Count == 0 || pause.Windows.Any(window => begin >= window.FromSecond && begin <= window.ToSecond), $"pauses outside the windows of break {step.Index}");
            Need(step.ServiceSeconds == pause.ServiceSeconds, $"pauses not as long as break {step.Index}");
            for (var d = 0; d < pause.LoadMax.Count; d++)
                Need(_aboard.GetValueOrDefault((-1, d)) <= pause.LoadMax[d], $"carries too much in break {step.Index}");
        }

        private void Breaks()
        {
            var taken = route.Steps.Where(step => step.Kind == PlanStepKind.Break).Select(step => step.Index).ToList();
            var first = _standing?.BreaksTaken ?? 0;
            Need(taken.SequenceEqual(Enumerable.Range(first, _vehicle.Breaks.Count - first)), "does not take its breaks in order");
        }

        private void Limits()
        {
            Need(route.Steps.Count(IsStop) <= (_vehicle.TasksMax ?? int.MaxValue), "makes too many stops");
            Need(route.Steps[^1].ArrivalSecond - route.Steps[0].ArrivalSecond <= (_vehicle.DutySecondsMax ?? long.MaxValue), "is on duty too long");
            Need(route.Steps.Count(step => step.Kind == PlanStepKind.Reload) <= (long)_vehicle.ReloadsMax * _vehicle.ReloadPlaces.Count, "reloads too often");
        }

        private void Shift()
        {
            if (_vehicle.Shift is not { } shift)
                return;
            Need(route.Steps[0].ArrivalSecond >= shift.FromSecond, "starts before its shift");
            Need(route.Steps[^1].DepartureSecond <= shift.ToSecond, "ends after its shift");
        }

        private void FrozenPrefix()
        {
            if (_standing is null)
                return;
            var stops = route.Steps.Where(step => IsStop(step) || step.Kind == PlanStepKind.Reload).Select(step => new StandingStop(step.Kind, step.Index)).Take(_standing.FrozenCount);
            Need(stops.SequenceEqual(_standing.Stops.Take(_standing.FrozenCount)), "changes what is frozen");
        }

        /// <summary>What is loaded at the start or a reload: the deliveries up to the next reload.</summary>
        private void Load(int index)
        {
            foreach (var step in route.Steps.Skip(index + 1).TakeWhile(step => step.Kind != PlanStepKind.Reload).Where(step => step.Kind == PlanStepKind.Job))
                Move(problem.Jobs[step.Index].Delivery, problem.Jobs[step.Index].Compartment, 1, _aboard);
            foreach (var ((compartment, dimension), amount) in _aboard)
                Need(amount <= Capacity(compartment, dimension), $"loads {amount} of dimension {dimension}, compartment {compartment}");
        }

        private long LastLoading(int index) => route.Steps.Take(index).Last(step => step.Kind is PlanStepKind.Start or PlanStepKind.Reload).DepartureSecond;

        private static void Move(IReadOnlyList<int> amounts, int? compartment, int sign, Dictionary<(int, int), long> where)
        {
            for (var d = 0; d < amounts.Count; d++)
                where[(-1, d)] = where.GetValueOrDefault((-1, d)) + sign * amounts[d];
            if (compartment is { } own && amounts.Count > 0)
                where[(own, 0)] = where.GetValueOrDefault((own, 0)) + sign * amounts[0];
        }

        private long Capacity(int compartment, int dimension) =>
            compartment >= 0 ? compartment < _vehicle.Compartments.Count ? _vehicle.Compartments[compartment] : 0
            : _vehicle.Capacity.Count == 0 ? long.MaxValue : dimension < _vehicle.Capacity.Count ? _vehicle.Capacity[dimension] : 0;

        private int StopsUpTo(int index) => route.Steps.Take(index + 1).Count(step => IsStop(step) || step.Kind == PlanStepKind.Reload);

        private static bool IsStop(PlanStep step) => step.Kind is PlanStepKind.Job or PlanStepKind.Pickup or PlanStepKind.Delivery;

        private void Need(bool holds, string otherwise)
        {
            if (!holds)
                Break(otherwise);
        }

        private void Break(string how) => broken.Add($"Vehicle {route.Vehicle} {how}.");
    }
}
