using System.Diagnostics;

namespace Caravan.Engines.Dispatch;

/// <summary>
/// Finds the cheapest places for one job in one route, walking the route for every pair of places. What stands before the pickup is walked
/// once a pickup, what lies between pickup and dropoff once a pair, and only the rest anew. Travel and lateness only grow along a
/// walk, so a walk that already costs as much as the best is left.
/// </summary>
internal readonly ref struct JobInsertion
{
    private readonly NewJob _job;
    private readonly ReadOnlySpan<Stop> _stops;
    private readonly ReadOnlySpan<int> _travelSeconds;
    private readonly int _availableSecond;
    private readonly int _shiftEndSecond;
    private readonly int _capacityGrams;
    private readonly int _onBoardGrams;
    private readonly int _latenessWeight;

    public JobInsertion(in NewJob job, CourierRoute courier, ReadOnlySpan<Stop> stops, int latenessWeight)
    {
        (_job, _latenessWeight) = (job, latenessWeight);
        _stops = stops;
        _travelSeconds = courier.TravelSeconds;
        (_availableSecond, _shiftEndSecond) = (courier.AvailableSecond, courier.ShiftEndSecond);
        (_capacityGrams, _onBoardGrams) = (courier.CapacityGrams, courier.OnBoardGrams);
    }

    private int PickupPoint => _stops.Length + 1;

    private int DropoffPoint => _stops.Length + 2;

    /// <summary>The cheapest places, or why there are none.</summary>
    public Place Best()
    {
        var best = new Place(CourierVerdict.OverCapacity, Cost: long.MaxValue);
        var start = new Walk(Point: 0, _availableSecond, _onBoardGrams, LoadGramsMax: _onBoardGrams, TravelSeconds: 0, LatenessSeconds: 0);
        var planned = WalkOn(start, from: 0, costMax: long.MaxValue, baseCost: 0);
        if (IsOverloaded(planned))
            return best;
        var baseCost = CostOf(planned);

        var before = start;
        for (var pickup = 0; pickup <= _stops.Length; pickup++)
        {
            var between = Step(before, PickupPoint, _job.Pickup);
            for (var dropoff = pickup + 1; dropoff <= _stops.Length + 1 && !IsOverloaded(between); dropoff++)
            {
                if (CostOf(between) - baseCost >= best.Cost)
                    break;
                Weigh(between, pickup, dropoff, planned, baseCost, ref best);
                if (dropoff <= _stops.Length)
                    between = Step(between, dropoff, _stops[dropoff - 1]);
            }

            if (pickup < _stops.Length)
                before = Step(before, pickup + 1, _stops[pickup]);
        }

        return best;
    }

    /// <summary>Finishes the route with the dropoff next, and keeps the places if they are better.</summary>
    private void Weigh(in Walk between, int pickup, int dropoff, in Walk planned, long baseCost, ref Place best)
    {
        var handedOver = Step(between, DropoffPoint, _job.Dropoff);
        var end = WalkOn(handedOver, from: dropoff - 1, best.Cost, baseCost);
        var cost = CostOf(end) - baseCost;
        if (IsOverloaded(end) || cost >= best.Cost)
            return;
        if (end.Second > _shiftEndSecond)
        {
            // Some place is light enough, so the shift is what stands in the way, unless another place does.
            if (best.Refusal is not null)
                best = best with { Refusal = CourierVerdict.PastShiftEnd };
            return;
        }

        var arrival = between.Second + _travelSeconds[between.Point * (_stops.Length + 3) + DropoffPoint];
        best = new Place(
            Refusal: null,
            cost,
            pickup,
            dropoff,
            (int)(end.TravelSeconds - planned.TravelSeconds),
            end.LatenessSeconds - planned.LatenessSeconds,
            arrival);
    }

    /// <summary>Serves the planned stops from one on; ends early, overloaded or too dear, when it need not go on.</summary>
    private Walk WalkOn(in Walk start, int from, long costMax, long baseCost)
    {
        var walk = start;
        for (var i = from; i < _stops.Length; i++)
        {
            if (IsOverloaded(walk) || CostOf(walk) - baseCost >= costMax)
                break;
            walk = Step(walk, i + 1, _stops[i]);
        }

        return walk;
    }

    private Walk Step(in Walk walk, int point, in Stop stop)
    {
        var travel = _travelSeconds[walk.Point * (_stops.Length + 3) + point];
        var times = RouteClock.Serve(stop, walk.Second + travel);
        Debug.Assert(travel >= 0, "Checked at the door.");
        var load = walk.LoadGrams + (stop.Kind == StopKind.Pickup ? stop.LoadGrams : -stop.LoadGrams);
        return new Walk(
            point,
            times.DepartureSecond,
            load,
            Math.Max(load, walk.LoadGramsMax),
            walk.TravelSeconds + travel,
            walk.LatenessSeconds + times.LatenessSeconds(stop));
    }

    private long CostOf(in Walk walk) => walk.TravelSeconds + walk.LatenessSeconds * _latenessWeight;

    private bool IsOverloaded(in Walk walk) => walk.LoadGramsMax > _capacityGrams;

    /// <summary>A courier on the way: where, when, with how much (now and at most), and what it has cost.</summary>
    private readonly record struct Walk(int Point, int Second, long LoadGrams, long LoadGramsMax, long TravelSeconds, long LatenessSeconds);

    /// <summary>Places of pickup and dropoff in the new list of stops and what they cost, or why there are none.</summary>
    internal readonly record struct Place(
        CourierVerdict? Refusal,
        long Cost,
        int PickupPosition = -1,
        int DropoffPosition = -1,
        int AddedTravelSeconds = 0,
        long AddedLatenessSeconds = 0,
        int DropoffArrivalSecond = 0);
}
