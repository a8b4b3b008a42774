namespace Caravan.Engines.Routing;

/// <content>The ruin: strings of stops around a seed, one a route.</content>
internal sealed partial class RouteSearch<TMode>
{
    private const int StringMax = 10;
    private const int RemovedMean = 10;
    private const double SplitShare = 0.5;
    private const double SplitGrowth = 0.99; // A preserved part grows by one with 1 − β, β = 0.01.

    private readonly int[] _pool;
    private readonly long[] _poolKey;
    private readonly long[] _removedAt;
    private int _poolCount;

    private void Ruin()
    {
        _poolCount = 0;
        for (var i = 0; i < _absentCount; i++)
            _pool[_poolCount++] = _absent[i];
        (_absentCount, _absentCost) = (0, 0);
        if (_usedCount == 0)
            return;

        var present = _case.TaskCount - _poolCount;
        var average = (double)present / _usedCount * (_hasPairs ? 2 : 1);
        var longest = Math.Min(StringMax, average);
        var stringsMax = 4.0 * RemovedMean / (1 + longest) - 1;
        var strings = (int)(_dice.Share() * stringsMax + 1);
        var seed = _dice.Below(_case.VisitCount);
        var ruined = 0;
        RuinAt(seed, longest, ref ruined);
        foreach (var visit in _case.NeighboursOf(seed))
        {
            if (ruined >= strings)
                break;
            RuinAt(visit, longest, ref ruined);
        }
    }

    private void RuinAt(int visit, double longest, ref int ruined)
    {
        var route = _nodes[visit].Route;
        if (route < 0 || _touchedAt[route] == _step || (!TMode.IsPlain && _isFrozen[visit]))
            return;
        Touch(route);
        ruined++;
        var length = (int)(_dice.Share() * Math.Min(longest, _size[route]) + 1);
        length = Math.Min(length, _size[route]);
        var kept = 0;
        if (length > 1 && length < _size[route] && _dice.Share() < SplitShare)
        {
            kept = 1;
            while (length + kept < _size[route] && _dice.Share() < SplitGrowth)
                kept++;
        }

        RemoveString(visit, length, kept);
    }

    /// <summary>Removes a string that contains the visit; with <paramref name="kept"/> a part within it stays.</summary>
    private void RemoveString(int visit, int length, int kept)
    {
        // How far the string may reach before the visit: no farther than the route, and so that it fits behind.
        var whole = length + kept;
        var (before, behind) = (0, 0);
        var first = visit;
        for (var node = _nodes[visit].Prev; before < whole - 1 && !IsEdge(node); node = _nodes[node].Prev)
            before++;
        for (var node = _nodes[visit].Next; behind < whole - 1 && !IsEdge(node); node = _nodes[node].Next)
            behind++;
        var least = Math.Max(0, whole - 1 - behind);
        if (least > before)
            (least, whole) = (before, before + behind + 1);
        var back = least + _dice.Below(before - least + 1);
        for (var i = 0; i < back; i++)
            first = _nodes[first].Prev;

        var keepFrom = kept == 0 ? whole : 1 + _dice.Below(Math.Max(1, length - 1));
        for (var (i, node) = (0, first); i < whole && !IsEdge(node); i++)
        {
            var next = _nodes[node].Next;
            if (i < keepFrom || i >= keepFrom + kept)
            {
                // A shipment's other half leaves with it, and may have been the next one.
                var partner = node < _case.VisitCount ? _case.PartnerOf(node) : -1;
                if (partner >= 0 && next == partner)
                    (next, i) = (_nodes[next].Next, i + 1);
                RemoveTask(node);
            }

            node = next;
        }
    }

    private bool IsEdge(int node) => (node >= _case.VisitCount && node < _case.ReloadFirst) || (!TMode.IsPlain && _isFrozen[node]);

    private void RemoveTask(int node)
    {
        if (node >= _case.VisitCount)
            return;
        var (task, route) = (_case.TaskOf(node), _nodes[node].Route);
        if (_hasPairs && _case.IsPair(task))
        {
            if (!TMode.IsPlain && _isFrozen[_case.FirstVisit(task)])
                return;
            Unlink(_case.PartnerOf(node));
        }

        Unlink(node);
        _cost0 -= ChangeCost(task, route);
        _pool[_poolCount++] = task;
    }

    /// <summary>Brings the ruined routes' times up; false when one does not hold without what was removed.</summary>
    private bool RefreshRuined()
    {
        for (var i = 0; i < _savedRoutes; i++)
        {
            if (!Refresh(_savedRoute[i]) || (!TMode.IsPlain && !DropIdleReloads(_savedRoute[i])))
                return false;
        }

        return true;
    }

    /// <summary>A reload that is no longer needed goes.</summary>
    private bool DropIdleReloads(int route)
    {
        if (_case.ReloadStart[route] == _case.ReloadStart[route + 1])
            return true;
        for (var node = _case.ReloadStart[route]; node < _case.ReloadStart[route + 1]; node++)
        {
            if (_nodes[node].Route < 0 || _isFrozen[node])
                continue;
            var (prev, cost) = (_nodes[node].Prev, _cost0);
            Unlink(node);
            if (_cost0 > cost || !Refresh(route))
            {
                Link(node, prev);
                if (!Refresh(route))
                    return false;
            }
        }

        return true;
    }
}
