namespace Caravan.Engines.Routing;

/// <summary>What is wrong with a standing plan.</summary>
internal static class StandingFaults
{
    public static void Find(RoutingProblem problem, Action<string, string> add)
    {
        if (problem.Standing is not { } standing)
            return;
        if (standing.ChangePenalty is < 0 or > RoutingProblem.ArcMax / 100)
            add("/standing/change_penalty", $"A penalty is 0 to {RoutingProblem.ArcMax / 100}.");
        HashSet<int> vehicles = [];
        HashSet<(PlanStepKind, int)> stops = [];
        for (var r = 0; r < standing.Routes.Count; r++)
        {
            var (route, at) = (standing.Routes[r], $"/standing/routes/{r}");
            if (route.Vehicle < 0 || route.Vehicle >= problem.Vehicles.Count || !vehicles.Add(route.Vehicle))
            {
                add($"{at}/vehicle", "A vehicle there is, once.");
                continue;
            }

            if (route.FrozenCount < 0 || route.FrozenCount > route.Stops.Count)
                add($"{at}/frozen", "As many of the stops as there are, at most.");
            if (route.BreaksTaken < 0 || route.BreaksTaken > problem.Vehicles[route.Vehicle].Breaks.Count)
                add($"{at}/breaks_taken", "As many breaks as the vehicle has, at most.");
            Stops(problem, route, at, stops, add);
        }
    }

    private static void Stops(RoutingProblem problem, StandingRoute route, string at, HashSet<(PlanStepKind, int)> seen, Action<string, string> add)
    {
        HashSet<int> aboard = [];
        for (var i = 0; i < route.Stops.Count; i++)
        {
            var (stop, here) = (route.Stops[i], $"{at}/stops/{i}");
            var count = stop.Kind switch
            {
                PlanStepKind.Job => problem.Jobs.Count,
                PlanStepKind.Pickup or PlanStepKind.Delivery => problem.Shipments.Count,
                PlanStepKind.Reload => problem.Vehicles[route.Vehicle].ReloadsMax == 0 ? 0 : problem.Vehicles[route.Vehicle].ReloadPlaces.Count,
                _ => 0,
            };
            if (stop.Index < 0 || stop.Index >= count)
                add(here, "A job, a shipment's pickup or delivery, or a reload that the problem has.");
            else if (stop.Kind != PlanStepKind.Reload && !seen.Add((stop.Kind, stop.Index)))
                add(here, "It stands elsewhere in the plan too.");
            else if (stop.Kind == PlanStepKind.Pickup)
                aboard.Add(stop.Index);
            else if (stop.Kind == PlanStepKind.Delivery && !aboard.Remove(stop.Index))
                add(here, "Its pickup comes before it in the same route.");
        }

        foreach (var index in aboard)
            add(at, $"Shipment {index} is fetched and not brought.");
    }
}
