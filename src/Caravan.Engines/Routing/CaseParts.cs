namespace Caravan.Engines.Routing;

/// <summary>Where nodes lie: the caller's places, and behind them nowhere, whence and whither every way is 0, when a vehicle's start or end is open.</summary>
internal sealed class Spots
{
    public Spots(RoutingProblem problem, int nodeCount, int[] reloadStart)
    {
        var placeCount = problem.Travel[0].PlaceCount;
        var visits = Visits(problem).ToList();
        IsIdentity = problem.Vehicles.All(vehicle => vehicle is { StartPlace: not null, EndPlace: not null });
        Count = IsIdentity ? placeCount : placeCount + 1;
        OfNode = new int[nodeCount];
        for (var i = 0; i < visits.Count; i++)
            OfNode[i] = visits[i].Place;
        for (var v = 0; v < problem.Vehicles.Count; v++)
        {
            var vehicle = problem.Vehicles[v];
            OfNode[visits.Count + 2 * v] = vehicle.StartPlace ?? placeCount;
            OfNode[visits.Count + 2 * v + 1] = vehicle.EndPlace ?? placeCount;
            for (var i = reloadStart[v]; i < reloadStart[v + 1]; i++)
                OfNode[i] = vehicle.ReloadPlaces[(i - reloadStart[v]) / vehicle.ReloadsMax];
        }
    }

    /// <summary>Whether spots are the caller's places, so that the caller's matrices serve as they are.</summary>
    public bool IsIdentity { get; }

    public int Count { get; }

    public int[] OfNode { get; }

    public static IEnumerable<RoutingJob> Visits(RoutingProblem problem) => problem.Jobs.Concat(problem.Shipments.SelectMany(one => (RoutingJob[])[one.Pickup, one.Delivery]));
}

/// <summary>What goods there are and what holds them; a compartment is a dimension of its own.</summary>
internal sealed class CaseGoods
{
    public CaseGoods(RoutingProblem problem, int visitCount)
    {
        OwnDimensionCount = problem.Vehicles.Select(vehicle => vehicle.Capacity.Count)
            .Concat(problem.Jobs.Select(job => Math.Max(job.Delivery.Count, job.Pickup.Count))).Concat(problem.Shipments.Select(one => one.Amount.Count)).DefaultIfEmpty(0).Max();
        var compartments = problem.Jobs.Select(job => job.Compartment + 1 ?? 0).Concat(problem.Shipments.Select(one => one.Compartment + 1 ?? 0)).DefaultIfEmpty(0).Max();
        DimensionCount = OwnDimensionCount + compartments;
        (Delivery, Pickup, Shift) = (new int[visitCount * DimensionCount], new int[visitCount * DimensionCount], new int[visitCount * DimensionCount]);
        for (var i = 0; i < problem.Jobs.Count; i++)
        {
            Put(Delivery, i, problem.Jobs[i].Delivery, problem.Jobs[i].Compartment, sign: 1);
            Put(Pickup, i, problem.Jobs[i].Pickup, problem.Jobs[i].Compartment, sign: 1);
        }

        for (var s = 0; s < problem.Shipments.Count; s++)
        {
            var visit = problem.Jobs.Count + 2 * s;
            Put(Shift, visit, problem.Shipments[s].Amount, problem.Shipments[s].Compartment, sign: 1);
            Put(Shift, visit + 1, problem.Shipments[s].Amount, problem.Shipments[s].Compartment, sign: -1);
        }

        Capacity = new int[problem.Vehicles.Count * DimensionCount];
        for (var v = 0; v < problem.Vehicles.Count; v++)
        {
            var vehicle = problem.Vehicles[v];
            for (var d = 0; d < DimensionCount; d++)
            {
                var compartment = d - OwnDimensionCount;
                Capacity[v * DimensionCount + d] = compartment >= 0
                    ? compartment < vehicle.Compartments.Count ? vehicle.Compartments[compartment] : 0
                    : vehicle.Capacity.Count == 0 ? RoutingProblem.AmountMax : d < vehicle.Capacity.Count ? vehicle.Capacity[d] : 0;
            }
        }

        IsSummed = problem.Shipments.Count == 0 ? !Delivery.Any(one => one != 0) || !Pickup.Any(one => one != 0) : problem.Jobs.Count == 0 && DimensionCount <= 1;
    }

    public int DimensionCount { get; }

    public int OwnDimensionCount { get; }

    public int[] Delivery { get; }

    public int[] Pickup { get; }

    public int[] Shift { get; }

    public int[] Capacity { get; }

    /// <summary>Whether the fullest moment of a route follows from sums: only deliveries, only pickups, or shipments of one dimension.</summary>
    public bool IsSummed { get; }

    private void Put(int[] all, int visit, IReadOnlyList<int> amounts, int? compartment, int sign)
    {
        for (var d = 0; d < amounts.Count; d++)
            all[visit * DimensionCount + d] = sign * amounts[d];
        if (compartment is { } own && amounts.Count > 0)
            all[visit * DimensionCount + OwnDimensionCount + own] = sign * amounts[0];
    }
}

/// <summary>When nodes may be served.</summary>
internal sealed class CaseTimes
{
    public CaseTimes(RoutingProblem problem, int nodeCount, int visitCount, int[] reloadStart, long origin)
    {
        (Ready, Due, Service, Setup, Release, WindowStart) = (new int[nodeCount], new int[nodeCount], new int[nodeCount], new int[nodeCount], new int[visitCount], new int[nodeCount + 1]);
        List<int> windows = [];
        var node = 0;
        foreach (var visit in Spots.Visits(problem))
        {
            WindowStart[node] = windows.Count;
            (Service[node], Setup[node]) = (visit.ServiceSeconds, visit.SetupSeconds);
            Release[node] = visit.ReleaseSecond is { } release ? Clamp(release - origin) : 0;
            foreach (var window in visit.Windows.Count == 0 ? Always : visit.Windows)
                windows.AddRange([Clamp(window.FromSecond - origin), Until(window.ToSecond - origin)]);
            (Ready[node], Due[node]) = (windows[WindowStart[node]], windows[^1]);
            node++;
        }

        HasSeveralWindows = windows.Count > 2 * visitCount;
        HasReleases = Release.Any(release => release > 0);
        HasSetups = Setup.Any(setup => setup > 0);
        for (; node < nodeCount; node++)
        {
            WindowStart[node] = windows.Count;
            var vehicle = node < reloadStart[0] ? (node - visitCount) / 2 : VehicleOf(node, reloadStart);
            Ready[node] = problem.Vehicles[vehicle].Shift is { } shift ? Clamp(shift.FromSecond - origin) : 0;
            Due[node] = problem.Vehicles[vehicle].Shift is { } until ? Clamp(until.ToSecond - origin) : CaseBuilder.Never;
            Service[node] = node < reloadStart[0] ? 0 : problem.Vehicles[vehicle].ReloadSeconds;
            windows.AddRange([Ready[node], Due[node]]);
        }

        (WindowStart[nodeCount], Windows) = (windows.Count, [.. windows]);
    }

    private static readonly RoutingWindow[] Always = [new(long.MinValue / 2, long.MaxValue / 2)];

    public int[] Ready { get; }

    public int[] Due { get; }

    public int[] Service { get; }

    public int[] Setup { get; }

    public int[] Release { get; }

    public int[] WindowStart { get; }

    public int[] Windows { get; }

    public bool HasSeveralWindows { get; }

    public bool HasReleases { get; }

    public bool HasSetups { get; }

    private static int Clamp(long second) => (int)Math.Clamp(second, 0, CaseBuilder.Never);

    // What ends before anybody starts is never reached.
    private static int Until(long second) => (int)Math.Clamp(second, -1, CaseBuilder.Never);

    private static int VehicleOf(int node, int[] reloadStart)
    {
        var vehicle = 0;
        while (reloadStart[vehicle + 1] <= node)
            vehicle++;
        return vehicle;
    }
}
