namespace Caravan.Engines.Routing;

/// <content>A plan that is being driven is where the search begins.</content>
internal sealed partial class RouteSearch<TMode>
{
    /// <summary>Takes over a standing plan; a route that does not hold loses stops from its end until it does. Says what is wrong with what is frozen.</summary>
    public RoutingFault? Adopt(StandingPlan standing)
    {
        Span<bool> isPlaced = new bool[_case.TaskCount];
        for (var r = 0; r < standing.Routes.Count; r++)
        {
            var route = standing.Routes[r];
            var (vehicle, behind) = (route.Vehicle, _case.StartOf(route.Vehicle));
            for (var i = 0; i < route.Stops.Count; i++)
            {
                var node = route.Stops[i] is { Kind: PlanStepKind.Reload } reload ? FreeReload(vehicle, reload.Index) : NodeOf(route.Stops[i]);
                if (node < 0)
                    return new RoutingFault($"/standing/routes/{r}/stops/{i}", "The vehicle has no such reload left.");
                Link(node, behind);
                behind = node;
                if (i < route.FrozenCount)
                    _isFrozen[node] = true;
                if (node < _case.VisitCount)
                {
                    isPlaced[_case.TaskOf(node)] = true;
                    _home[_case.TaskOf(node)] = vehicle;
                }
            }

            while (!Refresh(vehicle))
            {
                var last = _nodes[_case.EndOf(vehicle)].Prev;
                if (last >= _case.VisitCount && last < _case.ReloadFirst || _isFrozen[last] || (last < _case.VisitCount && _case.IsPair(_case.TaskOf(last)) && _isFrozen[_case.FirstVisit(_case.TaskOf(last))]))
                    return new RoutingFault($"/standing/routes/{r}", "What is frozen cannot be finished within the vehicle's shift, goods and limits, even with the rest of its stops left out.");
                if (last < _case.VisitCount)
                {
                    isPlaced[_case.TaskOf(last)] = false;
                    if (_case.PartnerOf(last) is >= 0 and var partner)
                        Unlink(partner);
                }

                Unlink(last);
            }
        }

        (_absentCount, _absentCost) = (0, 0);
        for (var task = 0; task < _case.TaskCount; task++)
        {
            if (isPlaced[task])
                continue;
            _absent[_absentCount++] = task;
            _absentCost += _case.Penalty[task];
        }

        return null;
    }

    private int NodeOf(StandingStop stop) => stop.Kind switch
    {
        PlanStepKind.Job => stop.Index,
        PlanStepKind.Pickup => _case.FirstVisit(_case.JobCount + stop.Index),
        _ => _case.FirstVisit(_case.JobCount + stop.Index) + 1,
    };

    private int FreeReload(int vehicle, int choice)
    {
        for (var node = _case.ReloadStart[vehicle]; node < _case.ReloadStart[vehicle + 1]; node++)
        {
            if (_nodes[node].Route < 0 && _case.ReloadChoice[node - _case.ReloadFirst] == choice)
                return node;
        }

        return -1;
    }
}
