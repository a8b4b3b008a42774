namespace Caravan.Engines.Routing;

/// <summary>One set of matrices for all vehicles that drive alike. The caller's arrays serve as they are where nothing has to be changed.</summary>
internal sealed class CaseArcs
{
    private readonly RoutingProblem _problem;
    private readonly Spots _spots;
    private readonly Dictionary<int[], int[]> _transposed = [];

    public CaseArcs(RoutingProblem problem, Spots spots, long origin)
    {
        (_problem, _spots) = (problem, spots);
        Scale = ScaleOf(problem);
        ClassOf = new int[problem.Vehicles.Count];
        Dictionary<(int Profile, int Hour, int Kilometre, int Speed), int> known = [];
        List<ArcClass> classes = [];
        for (var v = 0; v < ClassOf.Length; v++)
        {
            var vehicle = problem.Vehicles[v];
            var key = (vehicle.Profile, vehicle.CostPerHour, vehicle.CostPerKilometre, vehicle.SpeedPercent);
            if (!known.TryGetValue(key, out ClassOf[v]))
            {
                known[key] = ClassOf[v] = classes.Count;
                classes.Add(Make(vehicle, origin));
            }
        }

        Classes = [.. classes];
    }

    public int Scale { get; }

    public int[] ClassOf { get; }

    public ArcClass[] Classes { get; }

    /// <summary>Costs that are not whole by the second and metre are kept in hundredths.</summary>
    public static int ScaleOf(RoutingProblem problem) =>
        problem.Vehicles.All(vehicle => (problem.Travel[vehicle.Profile].Costs is not null) || (vehicle.CostPerHour % 3600 == 0 && vehicle.CostPerKilometre % 1000 == 0)) ? 1 : 100;

    /// <summary>What an arc costs, scaled.</summary>
    public static double CostOf(RoutingVehicle vehicle, TravelMatrix matrix, int arc, int scale) =>
        matrix.Costs is { } costs ? (double)costs[arc] * scale : scale * (vehicle.CostPerHour / 3600.0 * SecondsOf(vehicle, matrix, arc) + vehicle.CostPerKilometre / 1000.0 * matrix.Metres[arc]);

    /// <summary>How long an arc takes this vehicle without traffic.</summary>
    public static int SecondsOf(RoutingVehicle vehicle, TravelMatrix matrix, int arc) =>
        vehicle.SpeedPercent == 100 ? matrix.Seconds[arc] : (int)Math.Round(matrix.Seconds[arc] * 100.0 / vehicle.SpeedPercent, MidpointRounding.AwayFromZero);

    private ArcClass Make(RoutingVehicle vehicle, long origin)
    {
        var matrix = _problem.Travel[vehicle.Profile];
        var driving = vehicle.SpeedPercent == 100 ? Spread(matrix.Seconds) : Fill(arc => SecondsOf(vehicle, matrix, arc));
        var metres = Spread(matrix.Metres);
        var cost = matrix.Costs is { } costs && Scale == 1 ? Spread(costs)
            : matrix.Costs is null && Scale == 1 && vehicle is { CostPerHour: 3600, CostPerKilometre: 0, SpeedPercent: 100 } ? driving
            : matrix.Costs is null && Scale == 1 && vehicle is { CostPerHour: 0, CostPerKilometre: 1000 } ? metres
            : Fill(arc => (int)Math.Round(CostOf(vehicle, matrix, arc, Scale), MidpointRounding.AwayFromZero));
        var traffic = matrix.Traffic is { } speeds ? new TrafficClock(speeds, origin) : null;
        var time = traffic is null ? driving : Array.ConvertAll(driving, seconds => (int)(seconds * 1000L / traffic.FastestPermille));
        return new ArcClass(cost, Transposed(cost), time, Transposed(time), driving, metres, traffic);
    }

    private int[] Spread(int[] values) => _spots.IsIdentity ? values : Fill(arc => values[arc]);

    private int[] Fill(Func<int, int> value)
    {
        var (count, places) = (_spots.Count, _problem.Travel[0].PlaceCount);
        var all = new int[count * count];
        for (var from = 0; from < places; from++)
        {
            for (var to = 0; to < places; to++)
                all[from * count + to] = value(from * places + to);
        }

        return all;
    }

    /// <summary>The same array when both directions are alike.</summary>
    private int[] Transposed(int[] values)
    {
        if (_transposed.TryGetValue(values, out var known))
            return known;
        var count = _spots.Count;
        return _transposed[values] = IsSymmetric(values, count) ? values : Turn(values, count);
    }

    private const int Block = 64; // Lines of the one and columns of the other stay in the cache.

    private static bool IsSymmetric(int[] values, int count)
    {
        for (var rows = 0; rows < count; rows += Block)
        {
            for (var columns = 0; columns <= rows; columns += Block)
            {
                for (var i = rows; i < Math.Min(rows + Block, count); i++)
                {
                    for (var j = columns; j < Math.Min(columns + Block, i); j++)
                    {
                        if (values[i * count + j] != values[j * count + i])
                            return false;
                    }
                }
            }
        }

        return true;
    }

    private static int[] Turn(int[] values, int count)
    {
        var turned = new int[values.Length];
        for (var rows = 0; rows < count; rows += Block)
        {
            for (var columns = 0; columns < count; columns += Block)
            {
                for (var i = rows; i < Math.Min(rows + Block, count); i++)
                {
                    for (var j = columns; j < Math.Min(columns + Block, count); j++)
                        turned[j * count + i] = values[i * count + j];
                }
            }
        }

        return turned;
    }
}

/// <summary>What leaving a task out costs: its prize, else so much that a higher priority, then one task more, outweighs every way.</summary>
internal static class CasePenalties
{
    private const double Roof = 1L << 60;

    public static long[] Of(RoutingProblem problem, CaseArcs arcs)
    {
        var tasks = problem.Jobs.Count + problem.Shipments.Count;
        var longest = arcs.Classes.Select(one => one.Cost.Length == 0 ? 0 : one.Cost.Max()).DefaultIfEmpty(0).Max();
        var all = (2.0 * longest + 1) * (2 * tasks + 2) + problem.Vehicles.Sum(vehicle => (double)vehicle.FixedCost * arcs.Scale);
        var task = (long)Math.Min(all, Roof / Math.Max(1, 2 * tasks));
        var priorities = problem.Jobs.Sum(job => (double)job.Priority) + problem.Shipments.Sum(one => (double)one.Priority);
        var priority = (long)Math.Min((double)task * (tasks + 1), Roof / 2 / Math.Max(1, priorities));
        return
        [
            .. problem.Jobs.Select(job => job.Prize * arcs.Scale ?? task + job.Priority * priority),
            .. problem.Shipments.Select(one => one.Prize * arcs.Scale ?? task + one.Priority * priority),
        ];
    }
}
