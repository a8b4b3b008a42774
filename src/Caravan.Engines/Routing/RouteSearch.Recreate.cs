namespace Caravan.Engines.Routing;

/// <content>The recreation: tasks go back one by one, each where it costs least.</content>
internal sealed partial class RouteSearch<TMode>
{
    private const int NeighboursLeast = 40; // Enough where routes are short;
    private const int NeighboursMost = 100; // in long ones the good places lie farther down the list.
    private const int PairNeighbours = 60;
    private const double BlinkShare = 0.01;
    private const double OpeningShare = 0.3;    // So many steps think a new vehicle cheaper than it is, for one stop alone never pays it,
    private const double OpeningDiscount = 0.3; // and what it really costs decides at the step's end.
    private const int SmallCase = 60; // So few visits that every place is tried.

    private readonly int[] _sequence;
    private readonly long[] _missed; // how often a task found no place, while vehicles are being saved
    private int _neighbourCount;
    private int _blinkIn;
    private bool _isSavingVehicles;
    private double _idleDiscount = 1;

    // The best place found so far for a task: its visits go behind these nodes; a reload may come with it.
    private long _placeCost;
    private int _placeRoute;
    private int _placeFirst;
    private int _placeSecond;
    private int _placeReload;
    private bool _isReloadBefore;

    /// <summary>Puts the pool back, in its order. False when the step has become dearer than <paramref name="limit"/> allows, and is to be undone.</summary>
    private bool Recreate(long limit)
    {
        _idleDiscount = !_isSavingVehicles && _case.Problem.Objective == RoutingObjective.Cost && _dice.Share() < OpeningShare ? _dice.Share() : 1;
        for (var i = 0; i < _poolCount; i++)
        {
            var task = _pool[i];
            var penalty = _case.Penalty[task];
            var room = _isSavingVehicles ? long.MaxValue : limit - _cost0 - _absentCost;
            FindPlace(task, Math.Min(room, penalty));
            if (_placeRoute >= 0)
            {
                Place(task);
                continue;
            }

            if (penalty > room)
                return false;
            _absent[_absentCount++] = task;
            _absentCost += penalty;
        }

        return true;
    }

    private void FindPlace(int task, long below)
    {
        (_placeCost, _placeRoute, _placeReload) = (below, -1, -1);
        if (TMode.IsPlain && !_case.IsFit[task])
            return; // All vehicles are alike, and none can.
        if (_hasPairs && _case.IsPair(task))
        {
            FindPairPlace(task);
            return;
        }

        var visit = task;
        if (_case.VisitCount > SmallCase && _neighbourCount > 0)
        {
            FindBesideNeighbours(visit, task);
            if (_placeRoute < 0 && (_isSavingVehicles || below >= _case.Penalty[task]))
                FindAnywhere(visit, task);
        }
        else
        {
            FindAnywhere(visit, task);
        }

        FindIdle(task, visit, visit);
    }

    private void FindBesideNeighbours(int visit, int task)
    {
        foreach (var other in _case.NeighboursOf(visit)[.._neighbourCount])
        {
            var route = _nodes[other].Route;
            if (route < 0)
                continue;
            Try(visit, task, route, other, _nodes[other].Next);
            Try(visit, task, route, _nodes[other].Prev, other);
        }
    }

    private void FindAnywhere(int visit, int task)
    {
        for (var i = 0; i < _usedCount; i++)
        {
            var route = _used[i];
            var end = _case.EndOf(route);
            for (var (node, next) = (_case.StartOf(route), 0); node != end; node = next)
            {
                next = _nodes[node].Next;
                Try(visit, task, route, node, next);
            }
        }
    }

    /// <summary>Tries a vehicle of each type that stands idle.</summary>
    private void FindIdle(int task, int first, int last)
    {
        if (_usedCount >= _vehiclesMax)
            return;
        var isPreferred = _case.Problem.Objective == RoutingObjective.Cost;
        if (!isPreferred && _placeRoute >= 0)
            return;
        for (var type = 0; type < _idleCount.Length; type++)
        {
            if (_idleCount[type] == 0 || !_case.IsFit[task * _case.TypeCount + type])
                continue;
            var route = _idle[_idleStart[type] + _idleCount[type] - 1];
            var start = _case.StartOf(route);
            var (cost, placed) = (_placeCost, _placeRoute);
            _placeRoute = -1;
            if (_idleDiscount < 1)
                _placeCost = (long)Math.Min(_placeCost / _idleDiscount, long.MaxValue / 4);
            if (first == last)
            {
                _blinkIn++; // The last resort is not overlooked.
                Try(first, task, route, start, _case.EndOf(route));
            }
            else
            {
                TryPairTogether(task, first, last, route, start, _case.EndOf(route));
            }


            if (_placeRoute < 0)
                (_placeCost, _placeRoute) = (cost, placed);
        }
    }

    /// <summary>Tries a stop between two others.</summary>
    private void Try(int visit, int task, int route, int node, int next)
    {
        if (--_blinkIn == 0)
        {
            SkipToNextBlink();
            return;
        }

        if (!TMode.IsPlain)
        {
            TryRich(visit, task, route, node, next);
            return;
        }

        ref var before = ref _nodes[node];
        ref var behind = ref _nodes[next];
        var row = _nodes[visit].Spot * _spots;
        var added = _costBack[row + before.Spot] + _cost[row + behind.Spot] - before.CostNext;
        if (added >= _placeCost)
            return;
        var arrival = before.Early + _timeBack[row + before.Spot];
        if (arrival > _due[visit] || Math.Max(arrival, _ready[visit]) + _service[visit] + _time[row + behind.Spot] > behind.Late)
            return;
        if (_sum.Length > 0 && _sum[route] + _load1[visit] > _case.Capacity[route])
            return;
        (_placeCost, _placeRoute, _placeFirst) = (added, route, node);
    }

    private void TryRich(int visit, int task, int route, int node, int next)
    {
        var arcs = _case.Classes[_case.VehicleClass[route]];
        ref var before = ref _nodes[node];
        ref var behind = ref _nodes[next];
        var row = _nodes[visit].Spot * _spots;
        var added = arcs.CostBack[row + before.Spot] + arcs.Cost[row + behind.Spot] - (long)before.CostNext + ChangeCost(task, route);
        if (added >= _placeCost || !_case.IsFit[task * _case.TypeCount + _case.VehicleType[route]])
            return;
        var arrival = before.Early + arcs.TimeBack[row + before.Spot];
        if (arrival > _due[visit] || Math.Max(arrival, _ready[visit]) + _service[visit] + arcs.Time[row + behind.Spot] > behind.Late)
            return;
        var fits = !_isSummed || HasRoom(visit, route);
        if (fits && (!_isWalked || HoldsWith(route, node, visit, -1, -1)))
        {
            (_placeCost, _placeRoute, _placeFirst, _placeReload) = (added, route, node, -1);
            return;
        }

        for (var reload = _case.ReloadStart[route]; reload < _case.ReloadStart[route + 1]; reload++)
        {
            if (_nodes[reload].Route < 0)
                TryWithReload(visit, task, route, node, next, reload);
        }
    }

    private bool HasRoom(int visit, int route)
    {
        var dimensions = _case.DimensionCount;
        for (var d = 0; d < dimensions; d++)
        {
            var (of, at) = (route * dimensions + d, visit * dimensions + d);
            if (_sum[of] + _case.Delivery[at] + _case.Pickup[at] > _case.Capacity[of])
                return false;
        }

        return true;
    }

    /// <summary>The stop with a visit to a depot right before or right behind it.</summary>
    private void TryWithReload(int visit, int task, int route, int node, int next, int reload)
    {
        var change = ChangeCost(task, route) - (long)_nodes[node].CostNext;
        var before = CostOf(route, node, reload) + CostOf(route, reload, visit) + CostOf(route, visit, next) + change;
        if (before < _placeCost && HoldsWith(route, node, reload, reload, visit))
            (_placeCost, _placeRoute, _placeFirst, _placeReload, _isReloadBefore) = (before, route, node, reload, true);
        var behind = CostOf(route, node, visit) + CostOf(route, visit, reload) + CostOf(route, reload, next) + change;
        if (behind < _placeCost && HoldsWith(route, node, visit, visit, reload))
            (_placeCost, _placeRoute, _placeFirst, _placeReload, _isReloadBefore) = (behind, route, node, reload, false);
    }

    /// <summary>Drives through a route with one node behind another, and perhaps a second one behind a third (which may be the first new one).</summary>
    private bool HoldsWith(int route, int behindFirst, int first, int behindSecond, int second)
    {
        var count = 0;
        for (var node = _case.StartOf(route); ; node = _nodes[node].Next)
        {
            _sequence[count++] = node;
            if (node == behindFirst)
            {
                _sequence[count++] = first;
                if (behindSecond == first)
                    _sequence[count++] = second;
            }

            if (node == behindSecond)
                _sequence[count++] = second;
            if (node == _case.EndOf(route))
                return _walk.Holds(route, _sequence.AsSpan(0, count));
        }
    }

    /// <summary>Puts a task where the search found it to cost least.</summary>
    private void Place(int task)
    {
        Touch(_placeRoute);
        var visit = _case.FirstVisit(task);
        _cost0 += ChangeCost(task, _placeRoute);
        if (_hasPairs && _case.IsPair(task))
        {
            Link(visit, _placeFirst);
            Link(visit + 1, _placeSecond);
            Refresh(_placeRoute);
            return;
        }

        if (_placeReload >= 0 && _isReloadBefore)
        {
            Link(_placeReload, _placeFirst);
            Link(visit, _placeReload);
        }
        else
        {
            Link(visit, _placeFirst);
            if (_placeReload >= 0)
                Link(_placeReload, visit);
        }

        if (TMode.IsPlain)
            RefreshAround(visit);
        else
            Refresh(_placeRoute);
    }

    private void SkipToNextBlink() => _blinkIn = 1 + (int)(Math.Log(1 - _dice.Share()) / Math.Log(1 - BlinkShare));

    /// <summary>In which order the pool goes back: at random, large first, far first, near first, or by windows.</summary>
    private void SortPool()
    {
        var order = _dice.Below(17);
        for (var i = 0; i < _poolCount; i++)
        {
            var task = _pool[i];
            var visit = _case.FirstVisit(task);
            long key = order switch
            {
                < 4 => (long)(_dice.Next() >> 33),
                < 8 => _isSavingVehicles && order < 6 ? -_missed[task] : -(long)(_load1.Length > 0 ? Math.Abs(_load1[visit]) : 0),
                < 10 => -(long)DepotCost(visit),
                < 11 => DepotCost(visit),
                < 13 => _due[visit] - _ready[visit],
                < 15 => _ready[visit],
                _ => -(long)_due[visit],
            };
            _poolKey[i] = key;
        }

        if (_poolCount > 64)
        {
            _poolKey.AsSpan(0, _poolCount).Sort(_pool.AsSpan(0, _poolCount));
            return;
        }

        for (var i = 1; i < _poolCount; i++)
        {
            var (key, task, j) = (_poolKey[i], _pool[i], i - 1);
            for (; j >= 0 && _poolKey[j] > key; j--)
                (_poolKey[j + 1], _pool[j + 1]) = (_poolKey[j], _pool[j]);
            (_poolKey[j + 1], _pool[j + 1]) = (key, task);
        }
    }

    private int DepotCost(int visit) => _costBack[_nodes[visit].Spot * _spots + _nodes[_case.StartOf(0)].Spot];
}
