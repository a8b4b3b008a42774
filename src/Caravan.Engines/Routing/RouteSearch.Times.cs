namespace Caravan.Engines.Routing;

/// <content>Earliest departures, latest arrivals, and how a step is undone.</content>
internal sealed partial class RouteSearch<TMode>
{
    private readonly Node[] _saved;
    private readonly int[] _savedNode;
    private readonly int[] _savedAfter;
    private readonly int[] _savedRoute;
    private readonly int[] _savedStart;
    private readonly int[] _savedSize;
    private readonly int[] _savedSum;
    private readonly long[] _touchedAt;
    private readonly int[] _absentBefore;
    private int _savedRoutes;
    private int _absentCountBefore;
    private long _step = 1;
    private long _costBefore;
    private long _absentCostBefore;

    private void BeginStep()
    {
        _step++;
        (_savedRoutes, _costBefore, _absentCostBefore, _absentCountBefore) = (0, _cost0, _absentCost, _absentCount);
        _absent.AsSpan(0, _absentCount).CopyTo(_absentBefore);
    }

    /// <summary>Keeps a route as it is, before the step's first change to it.</summary>
    private void Touch(int route)
    {
        if (_touchedAt[route] == _step)
            return;
        _touchedAt[route] = _step;
        NoteChange(route);
        var at = _savedStart[_savedRoutes];
        for (var node = _case.StartOf(route); ; node = _nodes[node].Next)
        {
            (_saved[at], _savedNode[at], _savedAfter[at]) = (_nodes[node], node, _after[node]);
            at++;
            if (node == _case.EndOf(route))
                break;
        }

        var dimensions = _case.DimensionCount;
        for (var d = 0; d < dimensions; d++)
            _savedSum[_savedRoutes * dimensions + d] = _sum[route * dimensions + d];
        (_savedRoute[_savedRoutes], _savedSize[_savedRoutes]) = (route, _size[route]);
        _savedStart[++_savedRoutes] = at;
    }

    /// <summary>Everything is as it was before the step.</summary>
    private void UndoStep()
    {
        // What came into a touched route leaves it first; it may have come from another that is put back.
        for (var i = 0; i < _savedRoutes; i++)
        {
            var route = _savedRoute[i];
            for (var node = _nodes[_case.StartOf(route)].Next; node != _case.EndOf(route); node = _nodes[node].Next)
                _nodes[node].Route = -1;
        }

        var dimensions = _case.DimensionCount;
        for (var i = 0; i < _savedRoutes; i++)
        {
            var route = _savedRoute[i];
            for (var at = _savedStart[i]; at < _savedStart[i + 1]; at++)
                (_nodes[_savedNode[at]], _after[_savedNode[at]]) = (_saved[at], _savedAfter[at]);
            for (var d = 0; d < dimensions; d++)
                _sum[route * dimensions + d] = _savedSum[i * dimensions + d];
            var was = _size[route];
            _size[route] = _savedSize[i];
            if ((was == 0) != (_savedSize[i] == 0))
                TurnUsed(route, _savedSize[i] != 0);
        }

        (_cost0, _absentCost, _absentCount) = (_costBefore, _absentCostBefore, _absentCountBefore);
        _absentBefore.AsSpan(0, _absentCount).CopyTo(_absent);
    }

    /// <summary>Brings a whole route's times up; says whether it still holds (a detour may have been the shorter way).</summary>
    private bool Refresh(int route)
    {
        var (start, end) = (_case.StartOf(route), _case.EndOf(route));
        NoteChange(route);
        if (!TMode.IsPlain && _isWalked)
            return RefreshByWalk(route, start, end);

        var (node, early, load) = (start, _ready[start], 0);
        if (!TMode.IsPlain && _walk.FrozenCount(route) == 0 && _walk.FreeSecond(route) >= 0)
            early = Math.Max(early, _walk.FreeSecond(route));
        var position = 0;
        while (node != end)
        {
            ref var here = ref _nodes[node];
            here.Early = early;
            early += here.TimeNext;
            node = here.Next;
            position++;
            if (!TMode.IsPlain && position <= _walk.FrozenCount(route))
            {
                // What is done is done, whatever its window said.
                early = position == _walk.FrozenCount(route) && _walk.FreeSecond(route) >= 0 ? _walk.FreeSecond(route) : Math.Max(early, _ready[node]) + _service[node];
            }
            else
            {
                if (early > _due[node])
                    return false;
                early = Math.Max(early, _ready[node]) + _service[node];
            }

            if (_hasPairs && node != end)
                _after[node] = load += _load1[node];
        }

        RefreshLate(start, end);
        return true;
    }

    private void RefreshLate(int start, int end)
    {
        var late = _due[end];
        _nodes[end].Late = late;
        for (var node = _nodes[end].Prev; node != start; node = _nodes[node].Prev)
        {
            ref var here = ref _nodes[node];
            here.Late = late = Math.Min(_due[node], late - here.TimeNext - _service[node]);
            if (!TMode.IsPlain && _isFrozen[node])
                here.Late = int.MinValue;
        }
    }

    private bool RefreshByWalk(int route, int start, int end)
    {
        if (_size[route] == 0)
        {
            (_nodes[start].Early, _nodes[end].Late) = (_ready[start], _due[end]);
            return true;
        }

        var nodes = SequenceOf(route);
        if (!_walk.Holds(route, nodes))
            return false;
        var load = 0;
        for (var i = 0; i < nodes.Length; i++)
        {
            // A duty's end moves the start; only what holds for the earliest start bounds every insertion.
            _nodes[nodes[i]].Early = _walk.StartSecond > _ready[start] ? _ready[start] : _walk.EarliestDeparture(i);
            if (nodes[i] < _case.VisitCount && _hasPairs)
                load += _load1[nodes[i]];
            _after[nodes[i]] = load;
        }

        if (_walk.StartSecond > _ready[start])
            RefreshEarliest(start, end);
        RefreshLate(start, end);
        return true;
    }

    /// <summary>Lower bounds of departures: windows and ways only.</summary>
    private void RefreshEarliest(int start, int end)
    {
        var (node, early) = (start, _ready[start]);
        while (node != end)
        {
            _nodes[node].Early = early;
            early += _nodes[node].TimeNext;
            node = _nodes[node].Next;
            early = Math.Max(early, _ready[node]) + _service[node];
        }
    }

    private Span<int> SequenceOf(int route)
    {
        var count = 0;
        for (var node = _case.StartOf(route); ; node = _nodes[node].Next)
        {
            _sequence[count++] = node;
            if (node == _case.EndOf(route))
                return _sequence.AsSpan(0, count);
        }
    }

    /// <summary>Departures behind a new stop and arrivals before it, as far as they change.</summary>
    private void RefreshAround(int visit)
    {
        var node = visit;
        ref var here = ref _nodes[node];
        ref var before = ref _nodes[here.Prev];
        var early = Math.Max(before.Early + before.TimeNext, _ready[node]) + _service[node];
        here.Early = early;
        while (true)
        {
            early += _nodes[node].TimeNext;
            node = _nodes[node].Next;
            if (node >= _case.VisitCount)
                break;
            early = Math.Max(early, _ready[node]) + _service[node];
            if (_nodes[node].Early == early)
                break;
            _nodes[node].Early = early;
        }

        node = visit;
        var late = Math.Min(_due[node], _nodes[here.Next].Late - here.TimeNext - _service[node]);
        here.Late = late;
        while (true)
        {
            node = _nodes[node].Prev;
            if (node >= _case.VisitCount)
                break;
            ref var earlier = ref _nodes[node];
            late = Math.Min(_due[node], late - earlier.TimeNext - _service[node]);
            if (earlier.Late == late)
                break;
            earlier.Late = late;
        }
    }
}
