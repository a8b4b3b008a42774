using System.Diagnostics;

namespace Caravan.Engines.Routing;

/// <content>
/// Two routes change what follows a stop of each (2-opt*: Potvin and Rousseau, Journal of the Operational Research Society 46, 1995), one is
/// split in two, or two are joined: what strings of ten stops cannot bring about in long routes.
/// </content>
internal sealed partial class RouteSearch<TMode>
{
    private const int TailNeighbours = 20;

    private bool _canSwapTails;

    /// <summary>Whether what follows a stop means the same in every route.</summary>
    private bool CanSwapTails()
    {
        if (!TMode.IsPlain)
            return false;
        for (var task = _case.JobCount; task < _case.TaskCount; task++)
        {
            // Nothing aboard must mean that nothing is on its way.
            if (_load1.Length == 0 || _load1[_case.FirstVisit(task)] <= 0)
                return false;
        }

        return true;
    }

    /// <summary>Tries a stop's tail against those of its neighbours; takes the best exchange when it costs less than <paramref name="limit"/> allows.</summary>
    private void SwapTails(long limit)
    {
        var first = _dice.Below(_case.VisitCount);
        var route = _nodes[first].Route;
        if (route < 0 || (_hasPairs && _after[first] != 0))
            return;

        ref var here = ref _nodes[first];
        var (best, bestTail) = (Math.Min(limit - TotalCost, int.MaxValue / 2), -1);
        var row = here.Spot * _spots;
        foreach (var tail in _case.NeighboursOf(first)[..Math.Min(TailNeighbours, _case.NeighbourCount)])
        {
            if (_nodes[tail].Route >= 0 && _nodes[tail].Route != route)
                TryTails(route, first, row, tail, ref best, ref bestTail);
        }

        if (_usedCount < _vehiclesMax && here.Next < _case.VisitCount && !_isSavingVehicles)
            TryTails(route, first, row, _case.EndOf(_idle[_idleStart[0] + _idleCount[0] - 1]), ref best, ref bestTail);
        if (bestTail >= 0)
            ExchangeTails(route, first, bestTail, best);
    }

    private void TryTails(int route, int first, int row, int tail, ref long best, ref int bestTail)
    {
        ref var here = ref _nodes[first];
        ref var there = ref _nodes[tail];
        ref var before = ref _nodes[there.Prev];
        var (own, other) = (here.Next, there.Route);
        var joined = there.Prev >= _case.VisitCount && own >= _case.VisitCount ? -_case.Fixed[other] : _cost[before.Spot * _spots + _nodes[own].Spot];
        var added = (long)_cost[row + there.Spot] + joined - here.CostNext - before.CostNext;
        if (added >= best)
            return;
        if (here.Early + _time[row + there.Spot] > there.Late || before.Early + _time[before.Spot * _spots + _nodes[own].Spot] > _nodes[own].Late)
            return;
        if (_hasPairs ? there.Prev < _case.VisitCount && _after[there.Prev] != 0 : !LoadsAllowTails(route, first, other, tail))
            return;
        (best, bestTail) = (added, tail);
    }

    private bool LoadsAllowTails(int route, int first, int other, int tail)
    {
        if (_sum.Length == 0)
            return true;
        var (mine, theirs) = (0L, 0L);
        for (var node = first; node < _case.VisitCount; node = _nodes[node].Prev)
            mine += _load1[node];
        for (var node = tail; node < _case.VisitCount; node = _nodes[node].Next)
            theirs += _load1[node];
        return mine + theirs <= _case.Capacity[route] && _sum[route] + (long)_sum[other] - mine - theirs <= _case.Capacity[other];
    }

    private void ExchangeTails(int route, int first, int tail, long added)
    {
        var other = _nodes[tail].Route;
        TurnTails(route, first, tail);
        _cost0 += added;
        var holds = Refresh(route) & Refresh(other);
        Debug.Assert(holds, "The times said that it would hold.");
        AssertCost();
    }

    /// <summary>What follows a stop changes its route with what begins at another; the caller counts the cost and brings times up.</summary>
    private void TurnTails(int route, int first, int tail)
    {
        var (other, own, before) = (_nodes[tail].Route, _nodes[first].Next, _nodes[tail].Prev);
        var (mine, theirs) = (Move(own, other), Move(tail, route));
        Attach(first, tail, _case.EndOf(route), _case.EndOf(other), theirs.Last);
        Attach(before, own, _case.EndOf(other), _case.EndOf(route), mine.Last);
        var (sizeRoute, sizeOther) = (_size[route], _size[other]);
        (_size[route], _size[other]) = (sizeRoute - mine.Count + theirs.Count, sizeOther + mine.Count - theirs.Count);
        if (_sum.Length > 0)
            (_sum[route], _sum[other]) = (_sum[route] - mine.Load + theirs.Load, _sum[other] + mine.Load - theirs.Load);
        Debug.Assert(_size[route] > 0, "The stop before the tail stays.");
        if ((sizeOther == 0) != (_size[other] == 0))
            TurnUsed(other, _size[other] != 0);
        if (_size[other] == 0)
            _nodes[before].CostNext = -_case.Fixed[other];
    }

    /// <summary>Gives a tail to another route; says its last stop (or −1), its stops and goods.</summary>
    private (int Last, int Count, int Load) Move(int node, int route)
    {
        var (last, count, load) = (-1, 0, 0);
        for (; node < _case.VisitCount; node = _nodes[node].Next)
        {
            _nodes[node].Route = route;
            load += _sum.Length == 0 || _hasPairs ? 0 : _load1[node];
            (last, count) = (node, count + 1);
        }

        return (last, count, load);
    }

    private void Attach(int node, int tail, int end, int tailsEnd, int last)
    {
        var next = tail == tailsEnd ? end : tail;
        (_nodes[node].Next, _nodes[next].Prev) = (next, node);
        (_nodes[node].CostNext, _nodes[node].TimeNext) = (_cost[_nodes[node].Spot * _spots + _nodes[next].Spot], _time[_nodes[node].Spot * _spots + _nodes[next].Spot]);
        if (last >= 0)
            (_nodes[last].Next, _nodes[end].Prev) = (end, last);
    }
}
