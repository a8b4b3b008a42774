namespace Caravan.Engines.Routing;

/// <content>Questions about a plan that stands; asked after the search.</content>
internal sealed partial class RouteSearch<TMode>
{
    /// <summary>What the cheapest place for an absent task costs now, scaled; null when there is none.</summary>
    public long? CheapestPlace(int task)
    {
        _blinkIn = int.MaxValue;
        (_placeCost, _placeRoute, _placeReload) = (long.MaxValue / 4, -1, -1);
        var visit = _case.FirstVisit(task);
        if (_case.IsPair(task))
        {
            for (var i = 0; i < _usedCount; i++)
                FindInRoute(task, visit, _used[i]);
        }
        else
        {
            FindAnywhere(visit, task);
        }

        var known = _placeRoute;
        _placeRoute = -1;
        FindIdle(task, visit, _case.IsPair(task) ? visit + 1 : visit);
        return known >= 0 || _placeRoute >= 0 ? _placeCost : null;
    }

    /// <summary>
    /// Whether some vehicle could serve the task if it did nothing else. Of one with frozen stops, which it cannot leave out, what was found for its type
    /// counts: it is those stops that take the room.
    /// </summary>
    public bool FitsAlone(int task)
    {
        var visit = _case.FirstVisit(task);
        for (var v = 0; v < _case.VehicleCount; v++)
        {
            if (!_case.IsFit[task * _case.TypeCount + _case.VehicleType[v]])
                continue;
            if (_walk.FrozenCount(v) > 0)
                return true;
            int[] nodes = _case.IsPair(task) ? [_case.StartOf(v), visit, visit + 1, _case.EndOf(v)] : [_case.StartOf(v), visit, _case.EndOf(v)];
            if (_walk.Holds(v, nodes))
                return true;
        }

        return false;
    }
}
