namespace Caravan.Engines.Routing;

/// <summary>
/// What has to be driven and by whom: the whole input of <see cref="Router"/>. Distances are metres and durations seconds, both whole numbers
/// from 0 to <see cref="ArcMax"/>; moments are seconds on the caller's clock (unix time will do) that span at most <see cref="SpanMax"/>.
/// </summary>
public sealed record RoutingProblem
{
    /// <summary>The longest arc in metres, seconds or cost: 2^27.</summary>
    public const int ArcMax = 1 << 27;

    /// <summary>The longest span of time that a problem covers: 2^29 seconds, seventeen years.</summary>
    public const int SpanMax = 1 << 29;

    /// <summary>The largest amount of goods of one job, and the capacity that is as good as any: 2^29.</summary>
    public const int AmountMax = 1 << 29;

    /// <summary>Places, at most.</summary>
    public const int PlacesMax = 20_000;

    /// <summary>Jobs and shipments, at most.</summary>
    public const int TasksMax = 16_000;

    /// <summary>Vehicles, at most.</summary>
    public const int VehiclesMax = 5_000;

    /// <summary>One matrix a profile of vehicle; a vehicle names its own by index.</summary>
    public required IReadOnlyList<TravelMatrix> Travel { get; init; }

    /// <summary>Who can drive.</summary>
    public required IReadOnlyList<RoutingVehicle> Vehicles { get; init; }

    /// <summary>Single stops.</summary>
    public IReadOnlyList<RoutingJob> Jobs { get; init; } = [];

    /// <summary>Goods fetched at one place and brought to another by the same vehicle.</summary>
    public IReadOnlyList<RoutingShipment> Shipments { get; init; } = [];

    /// <summary>What is best.</summary>
    public RoutingObjective Objective { get; init; }

    /// <summary>The plan that is being driven, or none; see <see cref="StandingPlan"/>.</summary>
    public StandingPlan? Standing { get; init; }
}

/// <summary>What is best: after as many priorities and tasks as possible are served.</summary>
public enum RoutingObjective
{
    /// <summary>The least cost; a vehicle more is welcome when it saves.</summary>
    Cost,

    /// <summary>The fewest vehicles, then the least cost.</summary>
    VehiclesFirst,
}

/// <summary>From when to when, both ends included, in seconds on the caller's clock.</summary>
/// <param name="FromSecond">Service starts no sooner; who is early waits.</param>
/// <param name="ToSecond">Service starts no later.</param>
public readonly record struct RoutingWindow(long FromSecond, long ToSecond);

/// <summary>How far and how long it is between places: <c>value[from * PlaceCount + to]</c>. Directions may differ; detours may be shorter.</summary>
/// <param name="PlaceCount">How many places there are.</param>
/// <param name="Seconds">Durations, row by row.</param>
/// <param name="Metres">Distances, row by row; the same array as <paramref name="Seconds"/> halves the memory.</param>
/// <param name="Traffic">How fast traffic flows by the hour, or always alike.</param>
/// <param name="Costs">What an arc costs, row by row, in the place of what vehicles say of hours and kilometres; or none.</param>
public sealed record TravelMatrix(int PlaceCount, int[] Seconds, int[] Metres, TrafficSpeeds? Traffic = null, int[]? Costs = null);

/// <summary>
/// How fast traffic flows, as parts in a thousand of the matrix's speed. The speed changes while a vehicle drives, so who leaves later never
/// arrives sooner (Ichoua, Gendreau and Potvin, European Journal of Operational Research 144, 2003).
/// </summary>
/// <param name="FromSeconds">Ascending moments at which a speed begins; before the first it is 1000.</param>
/// <param name="Permille">The speed from then on, 50 to 4000.</param>
public sealed record TrafficSpeeds(IReadOnlyList<long> FromSeconds, IReadOnlyList<int> Permille);

/// <summary>One stop.</summary>
public sealed record RoutingJob
{
    /// <summary>The caller's number.</summary>
    public required long Id { get; init; }

    /// <summary>Index of the place.</summary>
    public required int Place { get; init; }

    /// <summary>Time spent there, 0 to 2^27.</summary>
    public int ServiceSeconds { get; init; }

    /// <summary>Time spent before that when the vehicle comes from another place (parking, say).</summary>
    public int SetupSeconds { get; init; }

    /// <summary>When service may start, ascending and apart; empty is always.</summary>
    public IReadOnlyList<RoutingWindow> Windows { get; init; } = [];

    /// <summary>What is brought, by dimension; it is aboard from the depot on.</summary>
    public IReadOnlyList<int> Delivery { get; init; } = [];

    /// <summary>What is taken along, by dimension; it stays aboard up to the depot.</summary>
    public IReadOnlyList<int> Pickup { get; init; } = [];

    /// <summary>What a vehicle must be able to do.</summary>
    public IReadOnlyList<int> Skills { get; init; } = [];

    /// <summary>0 to 100; of two that cannot both be served, the higher one is.</summary>
    public int Priority { get; init; }

    /// <summary>What leaving it out costs; null: it is left out only when it must be.</summary>
    public long? Prize { get; init; }

    /// <summary>The goods are at the depot from then on; null is always.</summary>
    public long? ReleaseSecond { get; init; }

    /// <summary>The compartment the goods need, 0 to 7, or null; see <see cref="RoutingVehicle.Compartments"/>.</summary>
    public int? Compartment { get; init; }

    /// <summary>What the caller calls it; not read.</summary>
    public string? Description { get; init; }
}

/// <summary>Goods that one vehicle fetches and then brings.</summary>
public sealed record RoutingShipment
{
    /// <summary>Where they are fetched. Place, service, setup and windows of it count.</summary>
    public required RoutingJob Pickup { get; init; }

    /// <summary>Where they are brought. Place, service, setup and windows of it count.</summary>
    public required RoutingJob Delivery { get; init; }

    /// <summary>How much, by dimension.</summary>
    public IReadOnlyList<int> Amount { get; init; } = [];

    /// <summary>What a vehicle must be able to do.</summary>
    public IReadOnlyList<int> Skills { get; init; } = [];

    /// <summary>0 to 100.</summary>
    public int Priority { get; init; }

    /// <summary>What leaving it out costs; null: it is left out only when it must be.</summary>
    public long? Prize { get; init; }

    /// <summary>The compartment the goods need, 0 to 7, or null.</summary>
    public int? Compartment { get; init; }
}

/// <summary>A vehicle with its driver.</summary>
public sealed record RoutingVehicle
{
    /// <summary>The caller's number.</summary>
    public required long Id { get; init; }

    /// <summary>Which matrix it drives by.</summary>
    public int Profile { get; init; }

    /// <summary>Where it starts; null: at its first stop.</summary>
    public int? StartPlace { get; init; }

    /// <summary>Where it ends; null: at its last stop.</summary>
    public int? EndPlace { get; init; }

    /// <summary>When it may drive; null is always.</summary>
    public RoutingWindow? Shift { get; init; }

    /// <summary>What it carries, by dimension; empty is anything.</summary>
    public IReadOnlyList<int> Capacity { get; init; } = [];

    /// <summary>What each of its compartments carries, by compartment; goods that need one find room only there. Counted by the first dimension.</summary>
    public IReadOnlyList<int> Compartments { get; init; } = [];

    /// <summary>What it can do.</summary>
    public IReadOnlyList<int> Skills { get; init; } = [];

    /// <summary>What using it costs.</summary>
    public int FixedCost { get; init; }

    /// <summary>What an hour of driving costs.</summary>
    public int CostPerHour { get; init; } = 3600;

    /// <summary>What a kilometre costs.</summary>
    public int CostPerKilometre { get; init; }

    /// <summary>How much faster than the matrix it drives, in parts of a hundred, 20 to 500.</summary>
    public int SpeedPercent { get; init; } = 100;

    /// <summary>The most stops it makes; null is any.</summary>
    public int? TasksMax { get; init; }

    /// <summary>The most metres it drives; null is any.</summary>
    public long? MetresMax { get; init; }

    /// <summary>The most time at the wheel, whenever it starts; null is any.</summary>
    public long? DrivingSecondsMax { get; init; }

    /// <summary>The most time from start to end, whenever it starts; null is any.</summary>
    public long? DutySecondsMax { get; init; }

    /// <summary>Pauses, all of which it takes when it drives, in this order.</summary>
    public IReadOnlyList<RoutingBreak> Breaks { get; init; } = [];

    /// <summary>Depots where it may unload and load anew between two stops.</summary>
    public IReadOnlyList<int> ReloadPlaces { get; init; } = [];

    /// <summary>How often it may, 0 to 16.</summary>
    public int ReloadsMax { get; init; }

    /// <summary>How long that takes.</summary>
    public int ReloadSeconds { get; init; }
}

/// <summary>A pause, on the road or at a stop.</summary>
public sealed record RoutingBreak
{
    /// <summary>The caller's number.</summary>
    public required long Id { get; init; }

    /// <summary>When it may start; empty is always.</summary>
    public IReadOnlyList<RoutingWindow> Windows { get; init; } = [];

    /// <summary>How long it takes.</summary>
    public int ServiceSeconds { get; init; }

    /// <summary>The most that may be aboard meanwhile, by dimension; empty is anything.</summary>
    public IReadOnlyList<int> LoadMax { get; init; } = [];
}

/// <summary>
/// A plan that is being driven. Its frozen steps stay where they are; the others change only where it saves more than
/// <see cref="ChangePenalty"/> for every task that goes to another vehicle.
/// </summary>
public sealed record StandingPlan
{
    /// <summary>The routes, at most one a vehicle.</summary>
    public required IReadOnlyList<StandingRoute> Routes { get; init; }

    /// <summary>What a task that changes its vehicle must save, in cost.</summary>
    public int ChangePenalty { get; init; }
}

/// <summary>What one vehicle is doing.</summary>
/// <param name="Vehicle">Index of the vehicle.</param>
/// <param name="Stops">Its stops in order.</param>
/// <param name="FrozenCount">So many of them, from the first on, are done or under way; their windows no longer count.</param>
/// <param name="FreeSecond">When the vehicle leaves the last frozen stop (or its start, when none is frozen); null: as it can.</param>
/// <param name="BreaksTaken">So many of its breaks are over.</param>
public sealed record StandingRoute(int Vehicle, IReadOnlyList<StandingStop> Stops, int FrozenCount = 0, long? FreeSecond = null, int BreaksTaken = 0);

/// <summary>One stop of a standing route.</summary>
/// <param name="Kind">A job, a shipment's pickup, or its delivery; a reload when <paramref name="Index"/> is the reload place's index with the vehicle.</param>
/// <param name="Index">Index among jobs, shipments, or reload places.</param>
public readonly record struct StandingStop(PlanStepKind Kind, int Index);
