namespace Caravan.Engines.Routing;

/// <summary>Writes the best plan of a search: steps with times, what each task costs, and why a task is left out.</summary>
internal static class PlanWriter<TMode>
    where TMode : struct, ISearchMode
{
    public static RoutingPlan Write(RoutingCase built, RouteSearch<TMode> search, double bytesPerIteration)
    {
        var timetable = new Timetable(built);
        List<RoutePlan> routes = [];
        for (var v = 0; v < built.VehicleCount; v++)
        {
            if (search.BestRoute(v) is { Count: > 2 } nodes)
                routes.Add(timetable.Write(v, nodes));
        }

        List<Unassigned> unassigned = [];
        foreach (var task in search.BestAbsent)
            unassigned.Add(Explain(built, search, task));
        return new RoutingPlan
        {
            Routes = routes,
            Unassigned = [.. unassigned.OrderBy(one => one.IsShipment).ThenBy(one => one.Index)],
            Cost = routes.Sum(route => route.Cost),
            Iterations = search.Iterations,
            BytesPerIteration = bytesPerIteration,
        };
    }

    private static Unassigned Explain(RoutingCase built, RouteSearch<TMode> search, int task)
    {
        var (isShipment, index) = (task >= built.JobCount, task < built.JobCount ? task : task - built.JobCount);
        var obstacles = Enumerable.Range(0, built.TypeCount).Select(type => built.Obstacle[task * built.TypeCount + type]).ToList();
        if (obstacles.TrueForAll(obstacle => obstacle is not null))
        {
            // The obstacle that came nearest to being none: who has the skills lacks the room, who has the room lacks the time.
            return new Unassigned(isShipment, index, obstacles.Max()!.Value, null); // All have one.
        }

        var cheapest = search.CheapestPlace(task);
        var reason = cheapest is not null ? UnassignedReason.CostsMore : search.FitsAlone(task) ? UnassignedReason.NoRoom : UnassignedReason.Limits;
        return new Unassigned(isShipment, index, reason, cheapest / built.CostScale);
    }
}
