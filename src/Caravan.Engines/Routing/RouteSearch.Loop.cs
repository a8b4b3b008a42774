using System.Diagnostics;

namespace Caravan.Engines.Routing;

/// <content>The loop: ruin, recreate, keep or undo, cooler and cooler.</content>
internal sealed partial class RouteSearch<TMode>
{
    private const int TailTries = 4; // They cost a tenth of a ruin.
    private const int ChainFrom = 500;
    private const long ClockMask = 63;
    private const long WatchMask = 4095;

    private readonly int[] _bestNext;
    private readonly int[] _bestAbsent;
    private readonly int[] _changed;     // routes that may not be as in the best plan
    private readonly bool[] _isChanged;
    private int _changedCount;
    private int _bestAbsentCount;
    private int _bestUsed;
    private long _bestCost = long.MaxValue;
    private long _bestRoutesCost;
    private bool _isStopped;

    public long Iterations { get; private set; }

    public long BestCost => _bestCost;

    /// <summary>Puts everything in once, by the recreation alone.</summary>
    public void Construct()
    {
        BeginStep();
        _poolCount = 0;
        for (var i = 0; i < _absentCount; i++)
            _pool[_poolCount++] = _absent[i];
        (_absentCount, _absentCost) = (0, 0);
        if (_poolCount > ChainFrom)
            ChainPool();
        else
            SortPool();
        Recreate(long.MaxValue / 4);
        AssertCost();
        KeepBest();
    }

    /// <summary>
    /// A first order for many tasks: from the farthest on, each followed by its nearest neighbour that still waits. So vehicles fill up one quarter after
    /// the other; put in at random, the first few would spread all vehicles over the whole map.
    /// </summary>
    private void ChainPool()
    {
        var isWaiting = new bool[_case.TaskCount];
        foreach (var task in _pool.AsSpan(0, _poolCount))
            isWaiting[task] = true;
        var farthestFirst = _pool[.._poolCount];
        Array.Sort(Array.ConvertAll(farthestFirst, task => -DepotCost(_case.FirstVisit(task))), farthestFirst);
        _poolCount = 0;
        foreach (var farthest in farthestFirst)
        {
            for (var task = farthest; task >= 0 && isWaiting[task]; task = NextWaiting(task, isWaiting))
                (isWaiting[task], _pool[_poolCount++]) = (false, task);
        }
    }

    private int NextWaiting(int task, bool[] isWaiting)
    {
        foreach (var visit in _case.NeighboursOf(_case.FirstVisit(task)))
        {
            if (isWaiting[_case.TaskOf(visit)])
                return _case.TaskOf(visit);
        }

        return -1;
    }

    /// <summary>Searches from the present plan on.</summary>
    public void Anneal(in SearchLimits limits)
    {
        var scale = Math.Max(1, (double)_cost0 / Math.Max(1, _case.TaskCount - _absentCount));
        var (hot, cold) = (limits.Hot * scale, limits.Cold * scale);
        var temperature = hot;
        long lastGain = 0;
        for (long done = 0; !_isStopped; done++)
        {
            if ((done & ClockMask) == 0)
            {
                var share = limits.ShareOf(done, done - lastGain);
                if (share >= 1)
                    break;
                temperature = hot * Math.Pow(cold / hot, share);
                ChooseNeighbours();
            }

            Iterations++;
            if (_canSwapTails)
            {
                for (var i = 0; i < TailTries; i++)
                    SwapTails(TotalCost + (long)(-temperature * Math.Log(1 - _dice.Share())));
                if (!_hasPairs)
                    SwapSegments(TotalCost + (long)(-temperature * Math.Log(1 - _dice.Share())));
                if (TotalCost < _bestCost)
                {
                    KeepBest();
                    lastGain = done;
                }
            }

            var limit = TotalCost + (long)(-temperature * Math.Log(1 - _dice.Share()));
            BeginStep();
            Ruin();
            SortPool();
            if (!RefreshRuined() || !Recreate(limit))
            {
                UndoStep();
            }
            else if (TotalCost < _bestCost)
            {
                KeepBest();
                lastGain = done;
                if (_bestAbsentCount == 0 && _bestCost <= limits.TargetCost)
                    break;
            }
            else if (TotalCost > limit)
            {
                UndoStep();
            }

            if ((Iterations & WatchMask) == 0 && limits.Watch is { } watch && !watch(Progress()))
                _isStopped = true;
        }

        AssertCost();
    }

    /// <summary>How far down its neighbours a stop looks for places: the farther, the longer routes are.</summary>
    private void ChooseNeighbours()
    {
        if (!_hasPairs && _usedCount > 0)
            _neighbourCount = Math.Min(_case.NeighbourCount, Math.Clamp(5 * _case.VisitCount / _usedCount - 10, NeighboursLeast, NeighboursMost));
    }

    public RoutingProgress Progress() => new(Iterations, _bestUsed, _bestRoutesCost / _case.CostScale, _bestAbsentCount);

    private void NoteChange(int route)
    {
        if (_isChanged[route])
            return;
        (_isChanged[route], _changed[_changedCount]) = (true, route);
        _changedCount++;
    }

    private void KeepBest()
    {
        (_bestCost, _bestRoutesCost, _bestUsed, _bestAbsentCount) = (TotalCost, _cost0, _usedCount, _absentCount);
        for (var i = 0; i < _changedCount; i++)
        {
            var (route, end) = (_changed[i], _case.EndOf(_changed[i]));
            for (var node = _case.StartOf(route); node != end; node = _nodes[node].Next)
                _bestNext[node] = _nodes[node].Next;
            _isChanged[route] = false;
        }

        _changedCount = 0;
        _absent.AsSpan(0, _absentCount).CopyTo(_bestAbsent);
    }

    /// <summary>Makes the best plan the present one.</summary>
    public void GoToBest()
    {
        Clear();
        for (var v = 0; v < _case.VehicleCount; v++)
        {
            var (node, end) = (_case.StartOf(v), _case.EndOf(v));
            while (_bestNext[node] != end)
            {
                Link(_bestNext[node], node);
                node = _bestNext[node];
                if (node < _case.VisitCount && !_case.IsDelivery(node))
                    _cost0 += ChangeCost(_case.TaskOf(node), v);
            }

            var holds = Refresh(v);
            Debug.Assert(holds, "The best plan holds.");
        }

        (_absentCount, _absentCost) = (0, 0);
        for (var i = 0; i < _bestAbsentCount; i++)
        {
            _absent[_absentCount++] = _bestAbsent[i];
            _absentCost += _case.Penalty[_bestAbsent[i]];
        }

        Debug.Assert(TotalCost == _bestCost, "The best plan costs what was noted.");
    }

    /// <summary>The best plan's route of a vehicle, start and end included.</summary>
    public List<int> BestRoute(int vehicle)
    {
        List<int> nodes = [_case.StartOf(vehicle)];
        while (nodes[^1] != _case.EndOf(vehicle))
            nodes.Add(_bestNext[nodes[^1]]);
        return nodes;
    }

    public ReadOnlySpan<int> BestAbsent => _bestAbsent.AsSpan(0, _bestAbsentCount);
}

/// <summary>How long a search goes on and how it cools.</summary>
internal readonly struct SearchLimits
{
    public required RoutingBudget Budget { get; init; }

    /// <summary>When the clock showed what at the beginning.</summary>
    public double StartedAt { get; init; }

    /// <summary>Seconds and iterations of this part of the search.</summary>
    public double Seconds { get; init; }

    public long Iterations { get; init; }

    public long WithoutGain { get; init; }

    public double Hot { get; init; }

    public double Cold { get; init; }

    public long TargetCost { get; init; }

    public Func<RoutingProgress, bool>? Watch => Budget.Watch;

    /// <summary>How much of the budget is spent; 1 and more ends the search.</summary>
    public double ShareOf(long iterations, long withoutGain)
    {
        var share = Math.Max((double)iterations / Iterations, (double)withoutGain / WithoutGain);
        if (Budget.Clock is { } clock && Seconds < double.MaxValue)
            share = Math.Max(share, (clock() - StartedAt) / Seconds);
        return share;
    }
}
