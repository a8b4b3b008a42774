namespace Caravan.Engines.Routing;

/// <content>Fewer vehicles: one is dissolved, and the others have to take its stops.</content>
internal sealed partial class RouteSearch<TMode>
{
    private const double SavingHot = 0.5;
    private const double SavingCold = 0.01;

    /// <summary>Dissolves vehicles as long as the others absorb what they had. Ends with the best plan, which then keeps its count.</summary>
    public void SaveVehicles(in SearchLimits limits)
    {
        _isSavingVehicles = true;
        var least = VehiclesLeast();
        var scale = Math.Max(1, (double)_cost0 / Math.Max(1, _case.TaskCount));
        var (hot, cold) = (SavingHot * scale, SavingCold * scale);
        var temperature = hot;
        var absentMissed = AbsentMissed(); // What found no place at first goes in before a vehicle is saved.
        for (long done = 0; !_isStopped; done++)
        {
            if (_absentCount == 0)
            {
                if (_bestAbsentCount > 0 || _usedCount < _bestUsed || TotalCost < _bestCost)
                    KeepBest();
                if (_usedCount <= least || !Dissolve())
                    break;
                (_vehiclesMax, absentMissed) = (_usedCount, AbsentMissed());
            }

            if ((done & ClockMask) == 0)
            {
                var share = limits.ShareOf(done, 0);
                if (share >= 1)
                    break;
                temperature = hot * Math.Pow(cold / hot, share);
            }

            Iterations++;
            var (cost, absent) = (_cost0, _absentCount);
            BeginStep();
            Ruin();
            SortPool();
            if (!RefreshRuined() || !Recreate(long.MaxValue / 4))
            {
                UndoStep();
                continue;
            }

            var missed = AbsentMissed();
            for (var i = 0; i < _absentCount; i++)
                _missed[_absent[i]]++;
            if (missed < absentMissed || (missed == absentMissed && _absentCount <= absent && _cost0 < cost - temperature * Math.Log(1 - _dice.Share())))
                absentMissed = AbsentMissed();
            else
            {
                UndoStep();
                absentMissed = AbsentMissed();
            }

            if ((Iterations & WatchMask) == 0 && limits.Watch is { } watch && !watch(Progress()))
                _isStopped = true;
        }

        _isSavingVehicles = false;
        if (_bestAbsentCount < _case.TaskCount)
            GoToBest();
        _vehiclesMax = _bestAbsentCount == 0 ? Math.Max(1, _usedCount) : _case.VehicleCount;
    }

    private long AbsentMissed()
    {
        long sum = 0;
        for (var i = 0; i < _absentCount; i++)
            sum += 1 + _missed[_absent[i]];
        return sum;
    }

    /// <summary>Takes everything out of the route whose stops have been missed least; false when no route may be dissolved.</summary>
    private bool Dissolve()
    {
        var (best, least) = (-1, long.MaxValue);
        for (var i = 0; i < _usedCount; i++)
        {
            var sum = 0L;
            var isFree = true;
            for (var node = _nodes[_case.StartOf(_used[i])].Next; node != _case.EndOf(_used[i]); node = _nodes[node].Next)
            {
                if (node < _case.VisitCount)
                    sum += 1 + _missed[_case.TaskOf(node)];
                isFree &= !_isFrozen[node];
            }

            if (isFree && sum < least)
                (best, least) = (_used[i], sum);
        }

        if (best < 0)
            return false;
        BeginStep();
        Touch(best);
        _poolCount = 0;
        for (var node = _nodes[_case.StartOf(best)].Next; node != _case.EndOf(best);)
        {
            var next = _nodes[node].Next;
            if (node < _case.VisitCount)
            {
                if (_hasPairs && next == _case.PartnerOf(node))
                    next = _nodes[next].Next;
                RemoveTask(node);
            }
            else
            {
                Unlink(node);
            }

            node = next;
        }

        Refresh(best);
        for (var i = 0; i < _poolCount; i++)
        {
            _absent[_absentCount++] = _pool[i];
            _absentCost += _case.Penalty[_pool[i]];
        }

        return true;
    }

    /// <summary>Fewer vehicles than this cannot carry the goods, were they all the largest.</summary>
    private int VehiclesLeast()
    {
        var least = 1;
        for (var d = 0; d < _case.DimensionCount; d++)
        {
            long delivered = 0, taken = 0, largest = 1;
            for (var visit = 0; visit < _case.VisitCount; visit++)
            {
                delivered += _case.Delivery[visit * _case.DimensionCount + d];
                taken += _case.Pickup[visit * _case.DimensionCount + d];
            }

            for (var v = 0; v < _case.VehicleCount; v++)
                largest = Math.Max(largest, (1L + _case.Problem.Vehicles[v].ReloadsMax) * _case.Capacity[v * _case.DimensionCount + d]);
            least = (int)Math.Max(least, (Math.Max(delivered, taken) + largest - 1) / largest);
        }

        return least;
    }
}
