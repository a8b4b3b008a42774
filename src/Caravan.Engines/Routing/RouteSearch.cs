using System.Diagnostics;

namespace Caravan.Engines.Routing;

/// <summary>Chooses at compile time which code a search runs, so that rich problems cost plain ones nothing.</summary>
internal interface ISearchMode
{
    /// <summary>One type of vehicle, one matrix, one window, one sum of goods.</summary>
    static abstract bool IsPlain { get; }
}

/// <summary>See <see cref="ISearchMode.IsPlain"/>.</summary>
internal readonly struct PlainMode : ISearchMode
{
    public static bool IsPlain => true;
}

/// <summary>Everything a problem can say.</summary>
internal readonly struct RichMode : ISearchMode
{
    public static bool IsPlain => false;
}

/// <summary>A stop within a route: linked to its neighbours, with what is needed to try a place beside it in constant time.</summary>
internal struct Node
{
    public int Prev;
    public int Next;

    /// <summary>The vehicle, or −1 when it is in no route.</summary>
    public int Route;

    public int Spot;

    /// <summary>The earliest departure.</summary>
    public int Early;

    /// <summary>The latest arrival with which the rest of the route holds; never reached for what is frozen, so that nothing is put before it.</summary>
    public int Late;

    public int CostNext;
    public int TimeNext;
}

/// <summary>
/// The search: takes strings of neighbouring stops out of some routes and puts them back one by one where each costs least, forgets what did not
/// pay, and now and then keeps what costs a little more, ever less so (ruin and recreate by slack induction: Christiaens and Vanden Berghe,
/// "Slack induction by string removals for vehicle routing problems", Transportation Science 54(2), 2020; simulated annealing). Our own: places are tried
/// only beside a stop's neighbours, and a step is given up as soon as what it has cost shows that it will be refused.
/// <para>
/// A place costs constant time to try: earliest departure before, latest arrival behind. What that does not settle (<see cref="RoutingCase.IsWalked"/>)
/// is driven through by <see cref="RouteWalk"/> once it is known to be cheaper than the best so far. Nothing is allocated after it was made. One
/// search is one thread's.
/// </para>
/// </summary>
internal sealed partial class RouteSearch<TMode>
    where TMode : struct, ISearchMode
{
    private readonly RoutingCase _case;
    private readonly RouteWalk _walk;
    private readonly Node[] _nodes;
    private readonly int[] _ready;
    private readonly int[] _due;
    private readonly int[] _service;
    private readonly int[] _cost;       // of the first class; plain mode needs no other
    private readonly int[] _costBack;
    private readonly int[] _time;
    private readonly int[] _timeBack;
    private readonly int[] _load1;      // what a visit adds to its route's sum, in the first dimension
    private readonly int[] _sum;        // a route's goods: [route * dimensions + d]
    private readonly int[] _after;      // aboard after a visit (shipments of one dimension)
    private readonly int[] _size;
    private readonly int[] _used;       // vehicles that drive, in no order
    private readonly int[] _usedAt;
    private readonly int[] _idle;       // vehicles that do not, type by type
    private readonly int[] _idleAt;
    private readonly int[] _idleStart;
    private readonly int[] _idleCount;
    private readonly int[] _absent;     // tasks in no route
    private readonly bool[] _isFrozen;
    private readonly int[] _home;       // the standing plan's vehicle of a task, or −1
    private readonly int _changePenalty;
    private readonly bool _hasPairs;
    private readonly bool _isSummed;
    private readonly bool _isWalked;
    private readonly int _spots;
    private int _usedCount;
    private int _absentCount;
    private int _vehiclesMax;
    private long _cost0;                // of the routes, fixed costs and changes included
    private long _absentCost;
    private Dice _dice;

    public RouteSearch(RoutingCase built, ulong seed)
    {
        (_case, _walk, _dice) = (built, new RouteWalk(built), new Dice(seed));
        (_ready, _due, _service, _spots) = (built.Ready, built.Due, built.Service, built.SpotCount);
        var first = built.Classes[0];
        (_cost, _costBack, _time, _timeBack) = (first.Cost, first.CostBack, first.Time, first.TimeBack);
        (_hasPairs, _isWalked) = (built.TaskCount > built.JobCount, !TMode.IsPlain && built.IsWalked);
        _isSummed = IsSummedBy(built);
        _nodes = new Node[built.NodeCount];
        for (var i = 0; i < _nodes.Length; i++)
            _nodes[i] = new Node { Prev = -1, Next = -1, Route = -1, Spot = built.Spot[i] };
        _load1 = new int[built.VisitCount];
        for (var i = 0; i < _load1.Length && built.DimensionCount > 0; i++)
            _load1[i] = built.Delivery[i * built.DimensionCount] + built.Pickup[i * built.DimensionCount] + built.Shift[i * built.DimensionCount];
        (_sum, _after, _size) = (new int[built.VehicleCount * built.DimensionCount], new int[built.NodeCount], new int[built.VehicleCount]);
        (_used, _usedAt, _idle, _idleAt) = (new int[built.VehicleCount], new int[built.VehicleCount], new int[built.VehicleCount], new int[built.VehicleCount]);
        (_idleStart, _idleCount) = (new int[built.TypeCount + 1], new int[built.TypeCount]);
        (_absent, _isFrozen, _home) = (new int[built.TaskCount], new bool[built.NodeCount], new int[built.TaskCount]);
        _changePenalty = (built.Problem.Standing?.ChangePenalty ?? 0) * built.CostScale;
        _vehiclesMax = built.VehicleCount;
        Array.Fill(_home, -1);

        _saved = new Node[built.NodeCount + 2 * built.VehicleCount + 2];
        (_savedNode, _savedAfter) = (new int[_saved.Length], new int[_saved.Length]);
        (_savedRoute, _savedStart, _savedSize, _savedSum) = (new int[built.VehicleCount], new int[built.VehicleCount + 1], new int[built.VehicleCount], new int[_sum.Length]);
        _touchedAt = new long[built.VehicleCount];
        _absentBefore = new int[built.TaskCount];
        (_pool, _poolKey, _removedAt) = (new int[built.TaskCount], new long[built.TaskCount], new long[built.TaskCount]);
        (_changed, _isChanged) = (new int[built.VehicleCount], new bool[built.VehicleCount]);
        (_bestNext, _bestAbsent) = (new int[built.NodeCount], new int[built.TaskCount]);
        _sequence = new int[built.NodeCount + 4];
        _missed = new long[built.TaskCount];
        _neighbourCount = Math.Min(built.NeighbourCount, _hasPairs ? PairNeighbours : NeighboursLeast);
        _routeMark = new long[built.VehicleCount];
        _detour = new int[built.NodeCount];
        _canSwapTails = CanSwapTails();
        SkipToNextBlink();
        Clear();
    }

    /// <summary>Cost of what is driven and of what is left out.</summary>
    public long TotalCost => _cost0 + _absentCost;

    public int UsedCount => _usedCount;

    public int AbsentCount => _absentCount;

    private static bool IsSummedBy(RoutingCase built)
    {
        var hasDelivery = built.Delivery.AsSpan().ContainsAnyExcept(0);
        var hasPickup = built.Pickup.AsSpan().ContainsAnyExcept(0);
        return !(hasDelivery && hasPickup) && built.TaskCount == built.JobCount && built.ReloadFirst == built.NodeCount;
    }

    /// <summary>Every vehicle stands idle, every task is absent.</summary>
    private void Clear()
    {
        (_usedCount, _absentCount, _cost0, _absentCost) = (0, 0, 0, 0);
        Array.Clear(_idleStart);
        for (var v = 0; v < _case.VehicleCount; v++)
            _idleStart[_case.VehicleType[v] + 1]++;
        for (var t = 0; t < _case.TypeCount; t++)
            (_idleStart[t + 1], _idleCount[t]) = (_idleStart[t + 1] + _idleStart[t], 0);
        for (var i = 0; i < _case.VisitCount; i++)
            _nodes[i].Route = -1;
        for (var i = _case.ReloadFirst; i < _case.NodeCount; i++)
            _nodes[i].Route = -1;

        // The lowest number lies on top, so that vehicles are taken in order.
        for (var v = _case.VehicleCount - 1; v >= 0; v--)
        {
            var (start, end) = (_case.StartOf(v), _case.EndOf(v));
            (_nodes[start].Next, _nodes[end].Prev) = (end, start);
            (_nodes[start].Route, _nodes[end].Route) = (v, v);
            (_nodes[start].Early, _nodes[start].Late, _nodes[end].Late) = (_ready[start], int.MinValue, _due[end]);
            (_nodes[start].CostNext, _nodes[start].TimeNext) = (-_case.Fixed[v], TimeOf(v, start, end));
            _size[v] = 0;
            NoteChange(v);
            PushIdle(v);
        }

        Array.Clear(_sum);
        Array.Clear(_after);
        for (var task = 0; task < _case.TaskCount; task++)
        {
            _absent[_absentCount++] = task;
            _absentCost += _case.Penalty[task];
        }
    }

    private void PushIdle(int vehicle)
    {
        var type = _case.VehicleType[vehicle];
        _idleAt[vehicle] = _idleStart[type] + _idleCount[type]++;
        _idle[_idleAt[vehicle]] = vehicle;
    }

    /// <summary>A vehicle begins or ends to drive; called when its size has changed from or to 0.</summary>
    private void TurnUsed(int vehicle, bool isUsed)
    {
        if (isUsed)
        {
            var type = _case.VehicleType[vehicle];
            var last = _idle[_idleStart[type] + --_idleCount[type]];
            (_idle[_idleAt[vehicle]], _idleAt[last]) = (last, _idleAt[vehicle]);
            (_usedAt[vehicle], _used[_usedCount]) = (_usedCount, vehicle);
            _usedCount++;
        }
        else
        {
            var last = _used[--_usedCount];
            (_used[_usedAt[vehicle]], _usedAt[last]) = (last, _usedAt[vehicle]);
            PushIdle(vehicle);
        }
    }

    private int CostOf(int vehicle, int from, int to) => TMode.IsPlain ? _cost[_nodes[from].Spot * _spots + _nodes[to].Spot] : _case.Classes[_case.VehicleClass[vehicle]].Cost[_nodes[from].Spot * _spots + _nodes[to].Spot];

    private int TimeOf(int vehicle, int from, int to) => TMode.IsPlain ? _time[_nodes[from].Spot * _spots + _nodes[to].Spot] : _case.Classes[_case.VehicleClass[vehicle]].Time[_nodes[from].Spot * _spots + _nodes[to].Spot];

    /// <summary>Puts a node behind another; times are brought up by who calls.</summary>
    private void Link(int node, int behind)
    {
        ref var before = ref _nodes[behind];
        var (route, next) = (before.Route, before.Next);
        ref var here = ref _nodes[node];
        _cost0 -= before.CostNext;
        (here.Prev, here.Next, here.Route) = (behind, next, route);
        (before.Next, _nodes[next].Prev) = (node, node);
        (before.CostNext, before.TimeNext) = (CostOf(route, behind, node), TimeOf(route, behind, node));
        (here.CostNext, here.TimeNext) = (CostOf(route, node, next), TimeOf(route, node, next));
        _cost0 += before.CostNext + here.CostNext;
        if (_size[route]++ == 0)
            TurnUsed(route, isUsed: true);
        AddGoods(route, node, 1);
    }

    /// <summary>Takes a node out of its route; times are brought up by who calls.</summary>
    private void Unlink(int node)
    {
        ref var here = ref _nodes[node];
        var (route, prev, next) = (here.Route, here.Prev, here.Next);
        ref var before = ref _nodes[prev];
        _cost0 -= before.CostNext + here.CostNext;
        (before.Next, _nodes[next].Prev, here.Route) = (next, prev, -1);
        before.TimeNext = TimeOf(route, prev, next);
        if (--_size[route] == 0)
        {
            before.CostNext = -_case.Fixed[route];
            TurnUsed(route, isUsed: false);
        }
        else
        {
            before.CostNext = CostOf(route, prev, next);
        }

        _cost0 += before.CostNext;
        AddGoods(route, node, -1);
    }

    private void AddGoods(int route, int node, int sign)
    {
        if (node >= _case.VisitCount)
            return;
        if (TMode.IsPlain)
        {
            if (_sum.Length > 0)
                _sum[route] += sign * _load1[node];
            return;
        }

        var dimensions = _case.DimensionCount;
        for (var d = 0; d < dimensions; d++)
            _sum[route * dimensions + d] += sign * (_case.Delivery[node * dimensions + d] + _case.Pickup[node * dimensions + d]);
    }

    private int ChangeCost(int task, int route) => TMode.IsPlain || _home[task] < 0 || _home[task] == route ? 0 : _changePenalty;

    [Conditional("DEBUG")]
    private void AssertCost()
    {
        long sum = 0;
        for (var i = 0; i < _usedCount; i++)
        {
            var start = _case.StartOf(_used[i]);
            sum += _case.Fixed[_used[i]];
            for (var node = start; node != _case.EndOf(_used[i]); node = _nodes[node].Next)
            {
                sum += CostOf(_used[i], node, _nodes[node].Next);
                if (node < _case.VisitCount && !_case.IsDelivery(node))
                    sum += ChangeCost(_case.TaskOf(node), _used[i]);
            }
        }

        Debug.Assert(sum == _cost0, "What was added and taken is what the routes cost.");
    }
}
