using System.Diagnostics;

namespace Caravan.Engines.Routing;

/// <content>
/// Two routes exchange a string of stops each, in their order (CROSS: Taillard, Badeau, Gendreau, Guertin and Potvin, Transportation Science 31, 1997),
/// one gives a string to another, or a string becomes a route of its own: what the recreation, which puts stops back one by one, finds hard in long routes.
/// </content>
internal sealed partial class RouteSearch<TMode>
{
    private const int SegmentNeighbours = 10;
    private const int SegmentMax = 8;
    private const int CarvedMax = 32;

    private readonly int[] _ownLeave = new int[SegmentMax];
    private readonly int[] _ownNode = new int[SegmentMax];
    private readonly int[] _ownLoad = new int[SegmentMax];

    // The best exchange found: what follows `first` up to `ownLast` (or nothing, −1) against what begins at `tail` up to `theirLast`.
    private long _segmentCost;
    private int _segmentTail;
    private int _segmentTheirLast;
    private int _segmentOwnLast;

    /// <summary>Tries the strings behind a stop against those at its neighbours; takes the best exchange when it costs less than <paramref name="limit"/> allows.</summary>
    private void SwapSegments(long limit)
    {
        var first = _dice.Below(_case.VisitCount);
        var route = _nodes[first].Route;
        if (route < 0)
            return;

        (_segmentCost, _segmentTail) = (Math.Min(limit - TotalCost, int.MaxValue / 2), -1);
        var row = _nodes[first].Spot * _spots;
        foreach (var tail in _case.NeighboursOf(first)[..Math.Min(SegmentNeighbours, _case.NeighbourCount)])
        {
            if (_nodes[tail].Route is >= 0 and var other && other != route && _nodes[first].Early + _time[row + _nodes[tail].Spot] <= _due[tail])
                TrySegments(route, first, other, tail);
        }

        if (_usedCount < _vehiclesMax && !_isSavingVehicles)
            TryCarving(first, _idle[_idleStart[0] + _idleCount[0] - 1]);
        if (_segmentTail >= 0)
            ExchangeSegments(route, first);
    }

    private void TrySegments(int route, int first, int other, int tail)
    {
        ref var here = ref _nodes[first];
        ref var before = ref _nodes[_nodes[tail].Prev];
        var joined = (long)_cost[here.Spot * _spots + _nodes[tail].Spot] - here.CostNext - before.CostNext;

        // How long the own string may be, and when the other vehicle leaves each of its stops.
        var (count, leave, load, spot, node) = (0, before.Early, 0, before.Spot, here.Next);
        for (; count < SegmentMax && node < _case.VisitCount; count++, node = _nodes[node].Next)
        {
            var arrival = leave + _time[spot * _spots + _nodes[node].Spot];
            if (arrival > _due[node])
                break;
            leave = Math.Max(arrival, _ready[node]) + _service[node];
            load += _sum.Length == 0 ? 0 : _load1[node];
            (_ownNode[count], _ownLeave[count], _ownLoad[count], spot) = (node, leave, load, _nodes[node].Spot);
        }

        var entry = count == 0 ? 0 : _cost[before.Spot * _spots + _nodes[here.Next].Spot];
        (leave, load, spot, node) = (here.Early, 0, here.Spot, tail);
        for (var steps = 0; steps < SegmentMax && node < _case.VisitCount; steps++)
        {
            var arrival = leave + _time[spot * _spots + _nodes[node].Spot];
            if (arrival > _due[node])
                return;
            leave = Math.Max(arrival, _ready[node]) + _service[node];
            load += _sum.Length == 0 ? 0 : _load1[node];
            ref var last = ref _nodes[node];
            spot = last.Spot;
            ref var behind = ref _nodes[last.Next];
            var row = spot * _spots;
            var partly = joined - last.CostNext;

            // The string alone goes over.
            ref var own = ref _nodes[here.Next];
            var closing = before.Route == other && _nodes[tail].Prev >= _case.VisitCount && last.Next >= _case.VisitCount ? -_case.Fixed[other] : _cost[before.Spot * _spots + behind.Spot];
            var added = partly + _cost[row + own.Spot] + closing;
            if (added < _segmentCost && leave + _time[row + own.Spot] <= own.Late && before.Early + _time[before.Spot * _spots + behind.Spot] <= behind.Late
                && (_sum.Length == 0 || _sum[route] + load <= _case.Capacity[route]))
            {
                (_segmentCost, _segmentTail, _segmentTheirLast, _segmentOwnLast) = (added, tail, node, -1);
            }

            partly += entry;
            if (partly < _segmentCost)
                TryBack(route, other, partly, node, tail, leave, load, count);
            node = last.Next;
        }
    }

    /// <summary>With their string up to a stop, tries every length of the own one.</summary>
    private void TryBack(int route, int other, long partly, int theirLast, int tail, int leave, int load, int count)
    {
        ref var last = ref _nodes[theirLast];
        ref var behind = ref _nodes[last.Next];
        var row = last.Spot * _spots;
        for (var j = 0; j < count; j++)
        {
            ref var ownLast = ref _nodes[_ownNode[j]];
            ref var next = ref _nodes[ownLast.Next];
            var added = partly - ownLast.CostNext + _cost[row + next.Spot] + _cost[ownLast.Spot * _spots + behind.Spot];
            if (added >= _segmentCost || leave + _time[row + next.Spot] > next.Late || _ownLeave[j] + _time[ownLast.Spot * _spots + behind.Spot] > behind.Late)
                continue;
            if (_sum.Length > 0 && (_sum[route] + load - _ownLoad[j] > _case.Capacity[route] || _sum[other] - load + _ownLoad[j] > _case.Capacity[other]))
                continue;
            (_segmentCost, _segmentTail, _segmentTheirLast, _segmentOwnLast) = (added, tail, theirLast, _ownNode[j]);
        }
    }

    /// <summary>Tries to make what follows a stop, up to each later one, a route of its own.</summary>
    private void TryCarving(int first, int idle)
    {
        ref var here = ref _nodes[first];
        var (start, end) = (_case.StartOf(idle), _case.EndOf(idle));
        var (leave, load, node, spot) = (_nodes[start].Early, 0, here.Next, _nodes[start].Spot);
        if (node >= _case.VisitCount)
            return;
        var opening = (long)_cost[spot * _spots + _nodes[node].Spot] + _case.Fixed[idle] - here.CostNext;
        for (var steps = 0; steps < CarvedMax && node < _case.VisitCount; steps++)
        {
            ref var last = ref _nodes[node];
            leave = Math.Max(leave + _time[spot * _spots + last.Spot], _ready[node]) + _service[node];
            load += _sum.Length == 0 ? 0 : _load1[node];
            ref var behind = ref _nodes[last.Next];
            spot = last.Spot;
            var added = opening - last.CostNext + _cost[spot * _spots + _nodes[end].Spot] + _cost[here.Spot * _spots + behind.Spot];
            if (leave - _service[node] > _due[node] || (_sum.Length > 0 && load > _case.Capacity[idle]))
                return;
            if (added < _segmentCost && last.Next < _case.VisitCount && leave + _time[spot * _spots + _nodes[end].Spot] <= _due[end] && here.Early + _time[here.Spot * _spots + behind.Spot] <= behind.Late)
                (_segmentCost, _segmentTail, _segmentTheirLast, _segmentOwnLast) = (added, end, -1, node);
            node = last.Next;
        }
    }

    /// <summary>Exchanges what follows twice: at the strings' beginnings, then behind their ends.</summary>
    private void ExchangeSegments(int route, int first)
    {
        var (other, before) = (_nodes[_segmentTail].Route, _nodes[_segmentTail].Prev);
        TurnTails(route, first, _segmentTail);
        var mine = _segmentTheirLast >= 0 ? _segmentTheirLast : first;
        var theirs = _segmentOwnLast >= 0 ? _segmentOwnLast : before;
        TurnTails(route, mine, _nodes[theirs].Next);
        _cost0 += _segmentCost;
        var holds = Refresh(route) & Refresh(other);
        Debug.Assert(holds, "The times said that it would hold.");
        AssertCost();
    }
}
