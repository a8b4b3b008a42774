namespace Caravan.Engines.Routing;

/// <summary>
/// Drives through one route and says whether it holds: windows, goods, breaks, reloads, release times, traffic and limits. For every node it keeps
/// the earliest departure for each number of breaks taken so far; since who leaves later never arrives sooner, nothing else has to be known.
/// Cost: nodes × breaks². Not for two threads at once; allocates nothing after it was made.
/// </summary>
internal sealed class RouteWalk
{
    public const int Unreached = int.MaxValue;
    private const int DutyTriesMax = 32;

    private readonly RoutingCase _case;
    private readonly int _labels;
    private readonly int[] _departure;     // [position * _labels + breaks taken]
    private readonly int[] _driven;        // time at the wheel that goes with it
    private readonly byte[] _cameFrom;     // breaks taken before the leg
    private readonly int[] _tripRelease;
    private readonly int[] _tripDelivery;
    private readonly int[] _aboard;
    private readonly int[] _kept;          // pickups of jobs, which leave at a reload
    private readonly BreakTable _breaks;
    private readonly int[] _frozen;        // a vehicle's frozen stops
    private readonly int[] _free;          // when they are over, or −1
    private readonly int[] _breaksTaken;

    public RouteWalk(RoutingCase built)
    {
        _case = built;
        _breaks = new BreakTable(built);
        _labels = _breaks.CountMax + 1;
        var longest = built.VisitCount + 2 + built.Problem.Vehicles.Select(vehicle => vehicle.ReloadsMax * vehicle.ReloadPlaces.Count).DefaultIfEmpty(0).Max();
        (_departure, _driven, _cameFrom) = (new int[longest * _labels], new int[longest * _labels], new byte[longest * _labels]);
        (_tripRelease, _tripDelivery) = (new int[longest], new int[longest * Math.Max(1, built.DimensionCount)]);
        (_aboard, _kept) = (new int[built.DimensionCount], new int[built.DimensionCount]);
        (_frozen, _free, _breaksTaken) = (new int[built.VehicleCount], new int[built.VehicleCount], new int[built.VehicleCount]);
        Array.Fill(_free, -1);
        foreach (var route in built.Problem.Standing?.Routes ?? [])
        {
            _frozen[route.Vehicle] = route.FrozenCount;
            _free[route.Vehicle] = route.FreeSecond is { } free ? (int)Math.Clamp(free - built.OriginSecond, 0, CaseBuilder.Never) : -1;
            _breaksTaken[route.Vehicle] = route.BreaksTaken;
        }
    }

    /// <summary>When the last walk's route began.</summary>
    public int StartSecond { get; private set; }

    public BreakTable Breaks => _breaks;

    public int FrozenCount(int vehicle) => _frozen[vehicle];

    public int BreaksTaken(int vehicle) => _breaksTaken[vehicle];

    public int FreeSecond(int vehicle) => _free[vehicle];

    /// <summary>The earliest departure from a position of the last walk, whatever breaks were taken.</summary>
    public int EarliestDeparture(int position)
    {
        var least = Unreached;
        for (var k = 0; k < _labels; k++)
            least = Math.Min(least, _departure[position * _labels + k]);
        return least;
    }

    /// <summary>The earliest departure from a position of the last walk with so many breaks taken.</summary>
    public int Departure(int position, int breaks) => _departure[position * _labels + breaks];

    /// <summary>How many breaks had been taken before the leg to a position that is left with so many.</summary>
    public int BreaksBefore(int position, int breaks) => _cameFrom[position * _labels + breaks];

    /// <summary>Time at the wheel up to a position.</summary>
    public int Driven(int position, int breaks) => _driven[position * _labels + breaks];

    /// <summary>Whether a vehicle can drive these nodes, its start and end included.</summary>
    public bool Holds(int vehicle, ReadOnlySpan<int> nodes)
    {
        var one = _case.Problem.Vehicles[vehicle];
        if (!SumUp(vehicle, one, nodes, out var work))
            return false;

        var start = Math.Max(_case.Ready[nodes[0]], _tripRelease[0]);
        var end = Drive(vehicle, nodes, start);
        if (end == Unreached)
            return false;
        if (one.DutySecondsMax is not { } duty || end - (long)start <= duty)
            return true;
        if (work > duty || _free[vehicle] >= 0)
            return false;

        // Leaving later never ends sooner, so each failed start moves the least possible one; the first that holds is the earliest.
        for (var tries = 0; tries < DutyTriesMax; tries++)
        {
            start = (int)(end - duty);
            end = Drive(vehicle, nodes, start);
            if (end == Unreached)
                return false;
            if (end - (long)start <= duty)
                return true;
        }

        return false;
    }

    /// <summary>Drives with a given start; says when the end is reached, or <see cref="Unreached"/>.</summary>
    public int Drive(int vehicle, ReadOnlySpan<int> nodes, int start)
    {
        StartSecond = start;
        var (labels, trip, breakCount) = (_labels, 0, _breaks.CountOf(vehicle));
        var departure = _departure.AsSpan(0, nodes.Length * labels);
        departure[..labels].Fill(Unreached);
        departure[_breaksTaken[vehicle]] = _frozen[vehicle] == 0 && _free[vehicle] >= 0 ? Math.Max(start, _free[vehicle]) : start;
        _driven[_breaksTaken[vehicle]] = 0;
        BeginTrip(trip, isFirst: true);
        if (!Fits(vehicle))
            return Unreached;

        for (var i = 1; i < nodes.Length; i++)
        {
            var isReached = Leg(vehicle, nodes[i - 1], nodes[i], i, breakCount);
            if (!isReached || !Serve(vehicle, nodes, i, ref trip))
                return Unreached;
        }

        var last = departure[(nodes.Length - 1) * labels + breakCount];
        if (last != Unreached && _case.Problem.Vehicles[vehicle].DrivingSecondsMax is { } most && _driven[(nodes.Length - 1) * labels + breakCount] > most)
            return Unreached;
        return last;
    }

    /// <summary>What follows from sums: limits of stops and metres, and what each trip carries and waits for.</summary>
    private bool SumUp(int vehicle, RoutingVehicle one, ReadOnlySpan<int> nodes, out long work)
    {
        var arcs = _case.Classes[_case.VehicleClass[vehicle]];
        var (dimensions, trip, stops) = (_case.DimensionCount, 0, 0);
        var metres = 0L;
        work = 0;
        _tripRelease[0] = 0;
        _tripDelivery.AsSpan(0, dimensions).Clear();
        for (var i = 1; i < nodes.Length; i++)
        {
            var (arc, node) = (_case.Spot[nodes[i - 1]] * _case.SpotCount + _case.Spot[nodes[i]], nodes[i]);
            metres += arcs.Metres[arc];
            work += arcs.Time[arc] + _case.Service[node];
            if (node < _case.VisitCount)
            {
                stops++;
                _tripRelease[trip] = Math.Max(_tripRelease[trip], _case.Release[node]);
                for (var d = 0; d < dimensions; d++)
                    _tripDelivery[trip * dimensions + d] += _case.Delivery[node * dimensions + d];
            }
            else if (node >= _case.ReloadFirst)
            {
                trip++;
                _tripRelease[trip] = 0;
                _tripDelivery.AsSpan(trip * dimensions, dimensions).Clear();
            }
        }

        return metres <= (one.MetresMax ?? long.MaxValue) && stops <= (one.TasksMax ?? int.MaxValue);
    }

    private void BeginTrip(int trip, bool isFirst)
    {
        var dimensions = _case.DimensionCount;
        for (var d = 0; d < dimensions; d++)
        {
            _aboard[d] = (isFirst ? 0 : _aboard[d] - _kept[d]) + _tripDelivery[trip * dimensions + d];
            _kept[d] = 0;
        }
    }

    private bool Fits(int vehicle)
    {
        var dimensions = _case.DimensionCount;
        for (var d = 0; d < dimensions; d++)
        {
            if (_aboard[d] > _case.Capacity[vehicle * dimensions + d])
                return false;
        }

        return true;
    }

    /// <summary>Arrivals at a position, for each number of breaks taken.</summary>
    private bool Leg(int vehicle, int from, int to, int position, int breakCount)
    {
        var arcs = _case.Classes[_case.VehicleClass[vehicle]];
        var driving = arcs.Driving[_case.Spot[from] * _case.SpotCount + _case.Spot[to]];
        var (before, now) = ((position - 1) * _labels, position * _labels);
        _departure.AsSpan(now, _labels).Fill(Unreached);
        var isReached = false;
        for (var k = 0; k <= breakCount; k++)
        {
            if (_departure[before + k] == Unreached)
                continue;
            isReached = true;
            var (second, wheel) = (_departure[before + k], _driven[before + k]);
            var left = arcs.Traffic is null ? driving : driving * 1000L;
            Arrive(k, k);
            for (var taken = k; taken < breakCount; taken++)
            {
                var pause = _breaks.StartOf(vehicle, taken, second);
                if (pause == Unreached || !_breaks.Allows(vehicle, taken, _aboard))
                    break;
                var done = Math.Min(left, arcs.Traffic is { } traffic ? traffic.Work(second, pause) : pause - second);
                wheel += arcs.Traffic is { } clock ? clock.Arrive(second, done) - second : (int)done;
                left -= done;
                second = pause + _breaks.ServiceOf(vehicle, taken);
                Arrive(k, taken + 1);
            }

            void Arrive(int origin, int breaks)
            {
                var at = arcs.Traffic is { } traffic ? traffic.Arrive(second, left) : second + (int)left;
                if (at >= _departure[now + breaks])
                    return;
                _departure[now + breaks] = at;
                _driven[now + breaks] = wheel + (at - second);
                _cameFrom[now + breaks] = (byte)origin;
            }
        }

        return isReached;
    }

    /// <summary>Turns arrivals into departures.</summary>
    private bool Serve(int vehicle, ReadOnlySpan<int> nodes, int position, ref int trip)
    {
        var (node, now) = (nodes[position], position * _labels);
        var isFrozen = position <= _frozen[vehicle];
        var service = _case.Service[node] + (_case.Spot[nodes[position - 1]] == _case.Spot[node] ? 0 : _case.Setup[node]);
        if (node < _case.VisitCount)
        {
            if (!Exchange(vehicle, node))
                return false;
        }
        else if (node >= _case.ReloadFirst)
        {
            BeginTrip(++trip, isFirst: false);
            if (!Fits(vehicle))
                return false;
        }

        var isAny = false;
        for (var k = 0; k < _labels; k++)
        {
            if (_departure[now + k] == Unreached)
                continue;
            var begin = isFrozen ? _departure[now + k] : BeginOf(node, _departure[now + k]);
            if (begin == Unreached)
            {
                _departure[now + k] = Unreached;
                continue;
            }

            var leave = begin + service;
            if (node >= _case.ReloadFirst)
                leave = Math.Max(leave, _tripRelease[trip]);
            if (isFrozen && position == _frozen[vehicle] && _free[vehicle] >= 0)
                leave = _free[vehicle];
            (_departure[now + k], isAny) = (leave, true);
        }

        return isAny;
    }

    /// <summary>When service begins for who arrives then; <see cref="Unreached"/> when all windows are over.</summary>
    public int BeginOf(int node, int arrival)
    {
        for (var w = _case.WindowStart[node]; w < _case.WindowStart[node + 1]; w += 2)
        {
            if (arrival <= _case.Windows[w + 1])
                return Math.Max(arrival, _case.Windows[w]);
        }

        return Unreached;
    }

    private bool Exchange(int vehicle, int visit)
    {
        var dimensions = _case.DimensionCount;
        for (var d = 0; d < dimensions; d++)
        {
            var at = visit * dimensions + d;
            _aboard[d] += _case.Pickup[at] + _case.Shift[at] - _case.Delivery[at];
            _kept[d] += _case.Pickup[at];
            if (_aboard[d] > _case.Capacity[vehicle * dimensions + d])
                return false;
        }

        return true;
    }
}

/// <summary>The breaks of all vehicles.</summary>
internal sealed class BreakTable
{
    private readonly int[] _first;
    private readonly int[] _windowStart;
    private readonly int[] _windows;
    private readonly int[] _service;
    private readonly int[]?[] _loadMax;

    public BreakTable(RoutingCase built)
    {
        var vehicles = built.Problem.Vehicles;
        var all = vehicles.SelectMany(vehicle => vehicle.Breaks).ToList();
        _first = new int[vehicles.Count + 1];
        for (var v = 0; v < vehicles.Count; v++)
            _first[v + 1] = _first[v] + vehicles[v].Breaks.Count;
        CountMax = vehicles.Select(vehicle => vehicle.Breaks.Count).DefaultIfEmpty(0).Max();
        _service = [.. all.Select(pause => pause.ServiceSeconds)];
        _loadMax = [.. all.Select(pause => pause.LoadMax.Count == 0 ? null : pause.LoadMax.ToArray())];
        _windowStart = new int[all.Count + 1];
        List<int> windows = [];
        for (var i = 0; i < all.Count; i++)
        {
            foreach (var window in all[i].Windows)
                windows.AddRange([Clamp(window.FromSecond - built.OriginSecond), (int)Math.Clamp(window.ToSecond - built.OriginSecond, -1, CaseBuilder.Never)]);
            if (all[i].Windows.Count == 0)
                windows.AddRange([0, CaseBuilder.Never]);
            _windowStart[i + 1] = windows.Count;
        }

        _windows = [.. windows];
    }

    public int CountMax { get; }

    public int CountOf(int vehicle) => _first[vehicle + 1] - _first[vehicle];

    public int ServiceOf(int vehicle, int index) => _service[_first[vehicle] + index];

    /// <summary>When a break begins for who could begin it from then on.</summary>
    public int StartOf(int vehicle, int index, int second)
    {
        var pause = _first[vehicle] + index;
        for (var w = _windowStart[pause]; w < _windowStart[pause + 1]; w += 2)
        {
            if (second <= _windows[w + 1])
                return Math.Max(second, _windows[w]);
        }

        return RouteWalk.Unreached;
    }

    public bool Allows(int vehicle, int index, ReadOnlySpan<int> aboard)
    {
        if (_loadMax[_first[vehicle] + index] is not { } most)
            return true;
        for (var d = 0; d < Math.Min(most.Length, aboard.Length); d++)
        {
            if (aboard[d] > most[d])
                return false;
        }

        return true;
    }

    private static int Clamp(long second) => (int)Math.Clamp(second, 0, CaseBuilder.Never);
}
