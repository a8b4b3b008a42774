namespace Caravan.Engines.Routing;

/// <content>Places for shipments: a pickup and a delivery in one route.</content>
internal sealed partial class RouteSearch<TMode>
{
    private readonly long[] _routeMark;
    private readonly int[] _detour; // what the delivery costs behind a node, then the least from that node on
    private long _mark;

    private void FindPairPlace(int task)
    {
        var pickup = _case.FirstVisit(task);
        var before = _placeCost;
        if (_case.VisitCount > 2 * SmallCase)
        {
            _mark++;
            MarkRoutes(pickup, task);
            MarkRoutes(pickup + 1, task);
            if (_placeRoute < 0 && (_isSavingVehicles || before >= _case.Penalty[task]))
            {
                for (var i = 0; i < _usedCount; i++)
                {
                    if (_routeMark[_used[i]] != _mark)
                        FindInRoute(task, pickup, _used[i]);
                }
            }
        }
        else
        {
            for (var i = 0; i < _usedCount; i++)
                FindInRoute(task, pickup, _used[i]);
        }

        FindIdle(task, pickup, pickup + 1);
    }

    private void MarkRoutes(int visit, int task)
    {
        foreach (var other in _case.NeighboursOf(visit)[.._neighbourCount])
        {
            var route = _nodes[other].Route;
            if (route < 0 || _routeMark[route] == _mark)
                continue;
            _routeMark[route] = _mark;
            FindInRoute(task, _case.FirstVisit(task), route);
        }
    }

    private void FindInRoute(int task, int pickup, int route)
    {
        if (!TMode.IsPlain && !_case.IsFit[task * _case.TypeCount + _case.VehicleType[route]])
            return;
        var arcs = _case.Classes[TMode.IsPlain ? 0 : _case.VehicleClass[route]];
        var delivery = pickup + 1;
        var (start, end, change) = (_case.StartOf(route), _case.EndOf(route), ChangeCost(task, route));
        var (rowP, rowD) = (_nodes[pickup].Spot * _spots, _nodes[delivery].Spot * _spots);
        var between = arcs.Cost[rowP + _nodes[delivery].Spot];

        // From the end: the least the delivery costs behind this node or a later one.
        var least = int.MaxValue / 2;
        for (var node = _nodes[end].Prev; ; node = _nodes[node].Prev)
        {
            ref var here = ref _nodes[node];
            var detour = arcs.CostBack[rowD + here.Spot] + arcs.Cost[rowD + _nodes[here.Next].Spot] - here.CostNext;
            _detour[node] = least = Math.Min(least, detour);
            if (node == start)
                break;
        }

        for (var node = start; node != end; node = _nodes[node].Next)
        {
            ref var here = ref _nodes[node];
            var next = here.Next;
            ref var behind = ref _nodes[next];
            var added = arcs.CostBack[rowP + here.Spot] + arcs.Cost[rowP + behind.Spot] - here.CostNext + change;
            var together = arcs.CostBack[rowP + here.Spot] + between + arcs.Cost[rowD + behind.Spot] - here.CostNext + change;
            var isApartDear = next == end || added + (long)_detour[next] >= _placeCost;
            if (isApartDear && together >= _placeCost)
                continue;
            if (here.Early > _due[pickup])
                break;
            var arrival = here.Early + arcs.TimeBack[rowP + here.Spot];
            if (arrival > _due[pickup] || !LoadAllows(node, pickup, route))
                continue;
            if (--_blinkIn == 0)
            {
                SkipToNextBlink();
                continue;
            }

            var left = Math.Max(arrival, _ready[pickup]) + _service[pickup];
            if (together < _placeCost && behind.Late != int.MinValue)
            {
                var there = left + arcs.Time[rowP + _nodes[delivery].Spot];
                if (there <= _due[delivery] && Math.Max(there, _ready[delivery]) + _service[delivery] + arcs.Time[rowD + behind.Spot] <= behind.Late
                    && (!_isWalked || HoldsWith(route, node, pickup, pickup, delivery)))
                {
                    (_placeCost, _placeRoute, _placeFirst, _placeSecond) = (together, route, node, pickup);
                }
            }

            if (!isApartDear)
                FindDelivery(arcs, route, node, pickup, added, left + arcs.Time[rowP + behind.Spot]);
        }
    }

    /// <summary>With the pickup behind a node, goes along what follows and tries the delivery behind each.</summary>
    private void FindDelivery(ArcClass arcs, int route, int pickupBehind, int pickup, int added, int arrival)
    {
        var (end, delivery) = (_case.EndOf(route), pickup + 1);
        var rowD = _nodes[delivery].Spot * _spots;
        for (var node = _nodes[pickupBehind].Next; node != end; node = _nodes[node].Next)
        {
            ref var here = ref _nodes[node];
            if (arrival > here.Late || added + (long)_detour[node] >= _placeCost || !LoadAllows(node, pickup, route))
                return;
            var left = Math.Max(arrival, _ready[node]) + _service[node];
            if (left > _due[delivery])
                return;
            ref var behind = ref _nodes[here.Next];
            var cost = added + (long)(arcs.CostBack[rowD + here.Spot] + arcs.Cost[rowD + behind.Spot] - here.CostNext);
            if (cost < _placeCost)
            {
                var there = left + arcs.TimeBack[rowD + here.Spot];
                if (there <= _due[delivery] && Math.Max(there, _ready[delivery]) + _service[delivery] + arcs.Time[rowD + behind.Spot] <= behind.Late
                    && (!_isWalked || HoldsWith(route, pickupBehind, pickup, node, delivery)))
                {
                    (_placeCost, _placeRoute, _placeFirst, _placeSecond) = (cost, route, pickupBehind, node);
                }
            }

            arrival = left + here.TimeNext;
        }
    }

    /// <summary>Whether the goods fit behind a node; only known here when shipments of one dimension are all there is.</summary>
    private bool LoadAllows(int node, int pickup, int route)
    {
        if (!TMode.IsPlain && (_case.DimensionCount != 1 || _case.JobCount > 0 || _case.ReloadFirst < _case.NodeCount))
            return true;
        return _sum.Length == 0 || (node >= _case.VisitCount ? 0 : _after[node]) + _load1[pickup] <= _case.Capacity[route];
    }

    private void TryPairTogether(int task, int pickup, int delivery, int route, int start, int end)
    {
        var arcs = _case.Classes[TMode.IsPlain ? 0 : _case.VehicleClass[route]];
        var (rowP, rowD) = (_nodes[pickup].Spot * _spots, _nodes[delivery].Spot * _spots);
        var added = arcs.CostBack[rowP + _nodes[start].Spot] + arcs.Cost[rowP + _nodes[delivery].Spot] + arcs.Cost[rowD + _nodes[end].Spot] - (long)_nodes[start].CostNext + ChangeCost(task, route);
        if (added >= _placeCost)
            return;
        var left = Math.Max(_nodes[start].Early + arcs.TimeBack[rowP + _nodes[start].Spot], _ready[pickup]) + _service[pickup];
        var there = Math.Max(left + arcs.Time[rowP + _nodes[delivery].Spot], _ready[delivery]) + _service[delivery];
        if (left - _service[pickup] > _due[pickup] || there - _service[delivery] > _due[delivery] || there + arcs.Time[rowD + _nodes[end].Spot] > _nodes[end].Late || !LoadAllows(start, pickup, route))
            return;
        if (!_isWalked || HoldsWith(route, start, pickup, pickup, delivery))
            (_placeCost, _placeRoute, _placeFirst, _placeSecond) = (added, route, start, pickup);
    }
}
