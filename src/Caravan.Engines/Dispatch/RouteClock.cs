using System.Diagnostics;

namespace Caravan.Engines.Dispatch;

/// <summary>When a courier reaches a stop, begins there and leaves.</summary>
/// <param name="ArrivalSecond">The courier is there.</param>
/// <param name="StartSecond">Service starts: on arrival, or when the stop is ready.</param>
/// <param name="DepartureSecond">Service is over.</param>
public readonly record struct StopTimes(int ArrivalSecond, int StartSecond, int DepartureSecond)
{
    /// <summary>How long after its due second the stop is served.</summary>
    public int LatenessSeconds(Stop stop) => Math.Max(0, StartSecond - stop.DueSecond);
}

/// <summary>
/// Tells when a courier will be where, so that "your order is five stops away, here at 14:20" stays true while the day moves.
/// <para>
/// Method: walk the stops once; arrival = departure before + travel, start = the later of arrival and ready,
/// departure = start + service. A courier who is early waits, and the waiting delays all that follows.
/// </para>
/// <para>
/// Shapes: <c>travelSeconds[from * points + to]</c>, point 0 where the courier is, point i + 1 stop i; more points may follow and are not read.
/// Units: seconds since an instant of the caller's choice, within ± 2^29. With at most <see cref="StopsMax"/> stops and legs and
/// services up to <see cref="LegSecondsMax"/> no sum leaves an <see cref="int"/>. Cost: time and memory linear in the stops.
/// Any thread may call it; nothing is shared. Throws <see cref="ArgumentException"/> on shapes or numbers out of range.
/// </para>
/// </summary>
public static class RouteClock
{
    /// <summary>The most stops a route may have.</summary>
    public const int StopsMax = 64;

    /// <summary>The longest leg or service: a week, which is beyond any courier's day and far from overflow.</summary>
    public const int LegSecondsMax = 7 * 86_400;

    /// <summary>The farthest any given moment may lie from the caller's zero.</summary>
    public const int MomentMax = 1 << 29;

    /// <summary>The times of a courier's stops as they are planned now.</summary>
    /// <param name="route">The courier; its matrix has room for a new job, which is not used.</param>
    public static StopTimes[] Arrivals(CourierRoute route)
    {
        ArgumentNullException.ThrowIfNull(route);
        ArgumentNullException.ThrowIfNull(route.Stops);
        return Arrivals(route.AvailableSecond, route.Stops, route.TravelSeconds, route.Stops.Count + 3);
    }

    /// <summary>The times of a list of stops.</summary>
    /// <param name="availableSecond">When the courier can leave point 0.</param>
    /// <param name="stops">The stops in order.</param>
    /// <param name="travelSeconds">Row-major, <paramref name="pointCount"/> squared.</param>
    /// <param name="pointCount">Points in the matrix, at least the stops and one.</param>
    public static StopTimes[] Arrivals(int availableSecond, IReadOnlyList<Stop> stops, ReadOnlySpan<int> travelSeconds, int pointCount)
    {
        ArgumentNullException.ThrowIfNull(stops);
        ArgumentOutOfRangeException.ThrowIfLessThan(pointCount, stops.Count + 1);
        RequireMoment(availableSecond, nameof(availableSecond));
        RequireMatrix(travelSeconds, pointCount, nameof(travelSeconds));
        RequireStops(stops, nameof(stops));

        var times = new StopTimes[stops.Count];
        var clock = availableSecond;
        for (var i = 0; i < times.Length; i++)
        {
            times[i] = Serve(stops[i], clock + travelSeconds[i * pointCount + i + 1]);
            clock = times[i].DepartureSecond;
        }

        return times;
    }

    /// <summary>The times of one stop that is reached at a moment.</summary>
    /// <param name="stop">The stop, its numbers within the bounds.</param>
    /// <param name="arrivalSecond">When the courier is there.</param>
    public static StopTimes Serve(in Stop stop, int arrivalSecond)
    {
        var start = Math.Max(arrivalSecond, stop.ReadySecond);
        Debug.Assert(start <= int.MaxValue - stop.ServiceSeconds, "Limits on moments, legs and stops keep sums inside an int.");
        return new StopTimes(arrivalSecond, start, start + stop.ServiceSeconds);
    }

    internal static void RequireMoment(int second, string name)
    {
        if (second is < -MomentMax or > MomentMax)
            throw new ArgumentOutOfRangeException(name, second, "Moments are seconds within ± 2^29 of the caller's zero.");
    }

    internal static void RequireMatrix(ReadOnlySpan<int> travelSeconds, int pointCount, string name)
    {
        if (travelSeconds.Length != pointCount * pointCount)
            throw new ArgumentException($"Expected {pointCount} × {pointCount} travel times, got {travelSeconds.Length}.", name);
        if (travelSeconds.ContainsAnyExceptInRange(0, LegSecondsMax))
            throw new ArgumentException($"Travel seconds lie from 0 to {LegSecondsMax}.", name);
    }

    internal static void RequireStops(IReadOnlyList<Stop> stops, string name)
    {
        if (stops.Count > StopsMax)
            throw new ArgumentException($"A route has at most {StopsMax} stops, got {stops.Count}.", name);
        for (var i = 0; i < stops.Count; i++)
            RequireStop(stops[i], name);
    }

    internal static void RequireStop(in Stop stop, string name)
    {
        RequireMoment(stop.ReadySecond, name);
        if (stop.DueSecond < -MomentMax)
            throw new ArgumentOutOfRangeException(name, stop.DueSecond, "A due second lies no further back than 2^29; int.MaxValue means never late.");
        if (stop.ServiceSeconds is < 0 or > LegSecondsMax)
            throw new ArgumentException($"Service seconds lie from 0 to {LegSecondsMax}, got {stop.ServiceSeconds}.", name);
        if (stop.LoadGrams < 0)
            throw new ArgumentException($"A load is at least 0 grams, got {stop.LoadGrams}; the kind of stop gives the sign.", name);
        if (stop.Kind is not (StopKind.Pickup or StopKind.Dropoff))
            throw new ArgumentException($"A stop is a pickup or a dropoff, got {stop.Kind}.", name);
    }
}
