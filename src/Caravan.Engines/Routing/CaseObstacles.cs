namespace Caravan.Engines.Routing;

/// <summary>Which type of vehicle can serve which task when it does nothing else, and why not.</summary>
internal static class CaseObstacles
{
    public static void Find(RoutingCase built)
    {
        var problem = built.Problem;
        var first = new int[built.TypeCount];
        Array.Fill(first, -1);
        for (var v = built.VehicleCount - 1; v >= 0; v--)
            first[built.VehicleType[v]] = v;
        var skills = first.Select(v => problem.Vehicles[v].Skills.ToHashSet()).ToArray();

        for (var task = 0; task < built.TaskCount; task++)
        {
            var wanted = task < built.JobCount ? problem.Jobs[task].Skills : problem.Shipments[task - built.JobCount].Skills;
            for (var type = 0; type < first.Length; type++)
            {
                var obstacle = !skills[type].IsSupersetOf(wanted) ? UnassignedReason.Skills
                    : !Holds(built, first[type], task) ? UnassignedReason.Capacity
                    : !IsInTime(built, first[type], task) ? UnassignedReason.Time
                    : !IsWithinLimits(built, first[type], task) ? UnassignedReason.Limits
                    : (UnassignedReason?)null;
                built.Obstacle[task * built.TypeCount + type] = obstacle;
                built.IsFit[task * built.TypeCount + type] = obstacle is null;
            }
        }
    }

    private static bool Holds(RoutingCase built, int vehicle, int task)
    {
        var (visit, dimensions) = (built.FirstVisit(task), built.DimensionCount);
        for (var d = 0; d < dimensions; d++)
        {
            var most = Math.Max(Math.Max(built.Delivery[visit * dimensions + d], built.Pickup[visit * dimensions + d]), built.Shift[visit * dimensions + d]);
            if (most > built.Capacity[vehicle * dimensions + d])
                return false;
        }

        return true;
    }

    private static bool IsInTime(RoutingCase built, int vehicle, int task)
    {
        var arcs = built.Classes[built.VehicleClass[vehicle]];
        var (node, visit, now) = (built.StartOf(vehicle), built.FirstVisit(task), Math.Max(built.Ready[built.StartOf(vehicle)], built.Release[built.FirstVisit(task)]));
        for (var stops = built.IsPair(task) ? 2 : 1; stops > 0; stops--, node = visit++)
        {
            now = Serve(built, visit, now + arcs.Time[built.Spot[node] * built.SpotCount + built.Spot[visit]]);
            if (now < 0)
                return false;
        }

        var end = built.EndOf(vehicle);
        return now + arcs.Time[built.Spot[node] * built.SpotCount + built.Spot[end]] <= built.Due[end];
    }

    /// <summary>When a visit is left that is reached then; −1 when too late.</summary>
    private static int Serve(RoutingCase built, int visit, int arrival)
    {
        for (var w = built.WindowStart[visit]; w < built.WindowStart[visit + 1]; w += 2)
        {
            if (arrival <= built.Windows[w + 1])
                return Math.Max(arrival, built.Windows[w]) + built.Service[visit];
        }

        return -1;
    }

    private static bool IsWithinLimits(RoutingCase built, int vehicle, int task)
    {
        var one = built.Problem.Vehicles[vehicle];
        if (one.TasksMax is { } most && most < (built.IsPair(task) ? 2 : 1))
            return false;

        var arcs = built.Classes[built.VehicleClass[vehicle]];
        long metres = 0, driving = 0;
        var (node, visit) = (built.StartOf(vehicle), built.FirstVisit(task));
        for (var stops = built.IsPair(task) ? 2 : 1; stops > 0; stops--, node = visit++)
            Add(visit);
        Add(built.EndOf(vehicle));
        return metres <= (one.MetresMax ?? long.MaxValue) && driving <= (one.DrivingSecondsMax ?? long.MaxValue);

        void Add(int to)
        {
            var arc = built.Spot[node] * built.SpotCount + built.Spot[to];
            metres += arcs.Metres[arc];
            driving += arcs.Traffic is { } traffic ? arcs.Driving[arc] * 1000L / traffic.FastestPermille : arcs.Driving[arc];
        }
    }
}
