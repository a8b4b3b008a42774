namespace Caravan.Engines.Dispatch;

/// <summary>Whether goods come aboard or leave.</summary>
public enum StopKind
{
    /// <summary>The courier takes the goods.</summary>
    Pickup,

    /// <summary>The courier hands the goods over.</summary>
    Dropoff,
}

/// <summary>
/// One halt of a courier. All moments are seconds since an instant the caller chooses (say, the start of its tick),
/// within ± 2^29, so that they fit an <see cref="int"/> with room to add.
/// </summary>
/// <param name="Job">The caller's number for the job.</param>
/// <param name="Kind">Pickup or dropoff.</param>
/// <param name="ReadySecond">Service starts no sooner; a courier who is early waits.</param>
/// <param name="DueSecond">Service should start by then; later is allowed and costs; <see cref="int.MaxValue"/> is never late.</param>
/// <param name="ServiceSeconds">Time spent at the stop once service starts, at least 0.</param>
/// <param name="LoadGrams">What is taken or handed over, at least 0; <paramref name="Kind"/> gives the sign.</param>
public readonly record struct Stop(int Job, StopKind Kind, int ReadySecond, int DueSecond, int ServiceSeconds, int LoadGrams);

/// <summary>Why a courier may not be asked at all; the caller decides these.</summary>
[Flags]
public enum CourierObstacle
{
    /// <summary>Nothing stands in the way.</summary>
    None = 0,

    /// <summary>Not on shift.</summary>
    OffShift = 1,

    /// <summary>On a break.</summary>
    OnBreak = 2,

    /// <summary>Works another zone.</summary>
    OutOfZone = 4,

    /// <summary>The vehicle does not suit the job.</summary>
    WrongVehicle = 8,

    /// <summary>Has already declined this job.</summary>
    Declined = 16,

    /// <summary>Has not been heard of for too long.</summary>
    Unreachable = 32,

    /// <summary>Suspended.</summary>
    Suspended = 64,
}

/// <summary>A courier and what is planned: where, when, how much, and the stops still to make, in order.</summary>
/// <param name="Courier">The caller's number for the courier.</param>
/// <param name="AvailableSecond">When the courier can leave the present position.</param>
/// <param name="ShiftEndSecond">The last stop must be done by then.</param>
/// <param name="CapacityGrams">The most the vehicle carries, at least 0.</param>
/// <param name="OnBoardGrams">What is aboard now, at least 0; dropoffs whose pickup is done are part of it.</param>
/// <param name="TemperatureClasses">Bit <c>c</c> is set when the vehicle keeps temperature class <c>c</c>.</param>
/// <param name="Stops">The stops still to make, at most <see cref="RouteClock.StopsMax"/>.</param>
/// <param name="TravelSeconds">
/// <c>TravelSeconds[from * (n + 3) + to]</c> for n stops: point 0 is where the courier is, 1 to n are the stops,
/// n + 1 the new pickup, n + 2 the new dropoff. Each at least 0 and at most <see cref="RouteClock.LegSecondsMax"/>;
/// the two directions may differ, and a detour may be shorter.
/// </param>
/// <param name="Obstacles">What keeps the courier out, or none.</param>
public sealed record CourierRoute(
    int Courier,
    int AvailableSecond,
    int ShiftEndSecond,
    int CapacityGrams,
    int OnBoardGrams,
    uint TemperatureClasses,
    IReadOnlyList<Stop> Stops,
    int[] TravelSeconds,
    CourierObstacle Obstacles = CourierObstacle.None);

/// <summary>A job without a courier: fetch here, bring there.</summary>
/// <param name="Pickup">Where the goods are; kind pickup.</param>
/// <param name="Dropoff">Where they go; kind dropoff, same job and load.</param>
/// <param name="TemperatureClass">How they must be kept on the way, 0 to 31.</param>
public readonly record struct NewJob(Stop Pickup, Stop Dropoff, int TemperatureClass);

/// <summary>The house rules of choosing.</summary>
/// <param name="LatenessWeight">What one second of lateness weighs, in seconds of travel, 0 to 1000.</param>
/// <param name="MaxStops">The most stops a route may have with the new ones, 2 to <see cref="RouteClock.StopsMax"/>.</param>
public readonly record struct DispatchRules(int LatenessWeight, int MaxStops)
{
    /// <summary>A late customer weighs ten times a driving courier; at most twelve stops.</summary>
    public static DispatchRules Default => new(LatenessWeight: 10, MaxStops: 12);
}
