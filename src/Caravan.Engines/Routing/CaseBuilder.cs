namespace Caravan.Engines.Routing;

/// <summary>Makes a <see cref="RoutingCase"/> of a problem that has no faults.</summary>
internal static class CaseBuilder
{
    /// <summary>Later than anything, with room to add.</summary>
    public const int Never = 1 << 29;

    public static RoutingCase Build(RoutingProblem problem)
    {
        var (jobs, vehicles) = (problem.Jobs.Count, problem.Vehicles.Count);
        var visits = jobs + 2 * problem.Shipments.Count;
        var tasks = jobs + problem.Shipments.Count;
        var reloadStart = new int[vehicles + 1];
        reloadStart[0] = visits + 2 * vehicles;
        for (var v = 0; v < vehicles; v++)
            reloadStart[v + 1] = reloadStart[v] + problem.Vehicles[v].ReloadsMax * problem.Vehicles[v].ReloadPlaces.Count;
        var nodes = reloadStart[vehicles];

        var origin = Origin(problem);
        var spots = new Spots(problem, nodes, reloadStart);
        var goods = new CaseGoods(problem, visits);
        var times = new CaseTimes(problem, nodes, visits, reloadStart, origin);
        var arcs = new CaseArcs(problem, spots, origin);
        var types = TypesOf(problem, arcs.ClassOf);
        var typeCount = types.Length == 0 ? 0 : types.Max() + 1;
        var isPlain = IsPlain(problem, goods, times, arcs, typeCount);

        var built = new RoutingCase
        {
            Problem = problem,
            VisitCount = visits,
            VehicleCount = vehicles,
            TaskCount = tasks,
            JobCount = jobs,
            NodeCount = nodes,
            SpotCount = spots.Count,
            DimensionCount = goods.DimensionCount,
            OwnDimensionCount = goods.OwnDimensionCount,
            OriginSecond = origin,
            CostScale = arcs.Scale,
            Spot = spots.OfNode,
            Ready = times.Ready,
            Due = times.Due,
            Service = times.Service,
            Setup = times.Setup,
            Release = times.Release,
            WindowStart = times.WindowStart,
            Windows = times.Windows,
            Delivery = goods.Delivery,
            Pickup = goods.Pickup,
            Shift = goods.Shift,
            Penalty = CasePenalties.Of(problem, arcs),
            Prize = [.. problem.Jobs.Select(job => job.Prize).Concat(problem.Shipments.Select(one => one.Prize)).Select(prize => prize * arcs.Scale ?? -1)],
            VehicleClass = arcs.ClassOf,
            VehicleType = types,
            TypeCount = typeCount,
            Fixed = [.. problem.Vehicles.Select(vehicle => vehicle.FixedCost * arcs.Scale)],
            Capacity = goods.Capacity,
            Obstacle = new UnassignedReason?[tasks * typeCount],
            IsFit = new bool[tasks * typeCount],
            Classes = arcs.Classes,
            ReloadVehicle = ReloadsOf(reloadStart, (v, _) => v),
            ReloadChoice = ReloadsOf(reloadStart, (v, i) => i / problem.Vehicles[v].ReloadsMax),
            ReloadStart = reloadStart,
            IsPlain = isPlain && (goods.IsSummed || jobs == 0),
            IsWalked = IsWalked(problem, goods, times),
            HasTraffic = problem.Travel.Any(matrix => matrix.Traffic is not null),
            Neighbours = new CaseNeighbours(visits, arcs.Classes[0], spots, times),
        };
        CaseObstacles.Find(built);
        return built;
    }

    private static int[] ReloadsOf(int[] start, Func<int, int, int> what)
    {
        var all = new int[start[^1] - start[0]];
        for (var v = 0; v + 1 < start.Length; v++)
        {
            for (var i = start[v]; i < start[v + 1]; i++)
                all[i - start[0]] = what(v, i - start[v]);
        }

        return all;
    }

    /// <summary>The earliest moment that is said; nothing is planned before it.</summary>
    private static long Origin(RoutingProblem problem)
    {
        var shifts = problem.Vehicles.Where(vehicle => vehicle.Shift is not null).Select(vehicle => vehicle.Shift!.Value.FromSecond).ToList(); // The line before says so.
        if (shifts.Count == problem.Vehicles.Count)
            return shifts.Min();
        var windows = problem.Jobs.Concat(problem.Shipments.SelectMany(one => (RoutingJob[])[one.Pickup, one.Delivery])).SelectMany(job => job.Windows).Concat(problem.Vehicles.SelectMany(vehicle => vehicle.Breaks).SelectMany(pause => pause.Windows));
        return Math.Min(0, windows.Select(window => window.FromSecond).Concat(shifts).DefaultIfEmpty(0).Min()) is var least && least < 0 ? least : Lowest(windows, shifts);
    }

    // Without a shift a vehicle starts at 0, unless all that is said lies so far from there (unix time) that 0 would be another age.
    private static long Lowest(IEnumerable<RoutingWindow> windows, List<long> shifts)
    {
        var (low, high) = (long.MaxValue, 0L);
        foreach (var window in windows)
            (low, high) = (Math.Min(low, window.FromSecond), Math.Max(high, window.ToSecond));
        foreach (var shift in shifts)
            (low, high) = (Math.Min(low, shift), Math.Max(high, shift));
        return high < RoutingProblem.SpanMax / 2 ? 0 : Math.Max(0, low - RoutingProblem.SpanMax / 4);
    }

    private static bool IsPlain(RoutingProblem problem, CaseGoods goods, CaseTimes times, CaseArcs arcs, int typeCount) =>
        typeCount == 1 && arcs.Classes.Length == 1 && goods.DimensionCount <= 1 && problem.Standing is null && !times.HasSeveralWindows && !times.HasReleases && !times.HasSetups
        && (problem.Jobs.Count == 0 || problem.Shipments.Count == 0)
        && problem.Travel.All(matrix => matrix.Traffic is null) && problem.Vehicles.All(IsPlain);

    private static bool IsPlain(RoutingVehicle vehicle) =>
        vehicle.Breaks.Count == 0 && (vehicle.ReloadsMax == 0 || vehicle.ReloadPlaces.Count == 0)
        && vehicle.TasksMax is null && vehicle.MetresMax is null && vehicle.DrivingSecondsMax is null && vehicle.DutySecondsMax is null;

    private static bool IsWalked(RoutingProblem problem, CaseGoods goods, CaseTimes times) =>
        times.HasSeveralWindows || times.HasReleases || times.HasSetups || !goods.IsSummed
        || problem.Travel.Any(matrix => matrix.Traffic is not null) || !problem.Vehicles.All(IsPlain);

    /// <summary>Vehicles that are alike in everything are one type: of those that stand idle, one is tried.</summary>
    private static int[] TypesOf(RoutingProblem problem, int[] classOf)
    {
        Dictionary<string, int> known = [];
        var types = new int[problem.Vehicles.Count];
        var standing = problem.Standing?.Routes.Select(route => route.Vehicle).ToHashSet() ?? [];
        for (var v = 0; v < types.Length; v++)
        {
            var one = problem.Vehicles[v];
            var key = string.Join(
                '|', classOf[v], one.StartPlace, one.EndPlace, one.Shift, string.Join(',', one.Capacity), string.Join(',', one.Compartments), string.Join(',', one.Skills.Order()), one.FixedCost, one.TasksMax, one.MetresMax,
                one.DrivingSecondsMax, one.DutySecondsMax, string.Join(';', one.Breaks.Select(pause => $"{string.Join(',', pause.Windows)} {pause.ServiceSeconds} {string.Join(',', pause.LoadMax)}")),
                string.Join(',', one.ReloadPlaces), one.ReloadsMax, one.ReloadSeconds, standing.Contains(v) ? v : -1);
            if (!known.TryGetValue(key, out types[v]))
                known[key] = types[v] = known.Count;
        }

        return types;
    }
}
