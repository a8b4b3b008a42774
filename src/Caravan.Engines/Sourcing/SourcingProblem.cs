namespace Caravan.Engines.Sourcing;

/// <summary>
/// Why a node may not serve an order at all. The caller decides these from agreements, calendars and switches;
/// the engine only respects and reports them.
/// </summary>
[Flags]
public enum Obstacle
{
    /// <summary>Nothing stands in the way.</summary>
    None = 0,

    /// <summary>Selling is switched off in the node's region.</summary>
    RegionOff = 1,

    /// <summary>The address lies outside the node's service area.</summary>
    OutsideServiceArea = 2,

    /// <summary>The node is closed.</summary>
    Closed = 4,

    /// <summary>Today's last moment for new orders has passed.</summary>
    CutOffPassed = 8,

    /// <summary>The node already has as many orders as it can pack.</summary>
    AtCapacity = 16,

    /// <summary>No agreement lets this seller sell from this node.</summary>
    NoAgreement = 32,

    /// <summary>The node's stock report is too old to be believed.</summary>
    StaleStock = 64,

    /// <summary>The node does not offer the delivery service that was asked for.</summary>
    ServiceNotOffered = 128,

    /// <summary>No courier can fetch from the node in time.</summary>
    NoCourier = 256,

    /// <summary>The node, or the partner that runs it, is suspended.</summary>
    Suspended = 512,
}

/// <summary>One line of an order: how much is wanted and how it must be kept.</summary>
/// <param name="Quantity">Wanted, in the item's unit, at least 1.</param>
/// <param name="TemperatureClass">The class it must be kept in, 0 to 31; the caller gives the numbers their meaning.</param>
public readonly record struct DemandLine(int Quantity, int TemperatureClass);

/// <summary>One warehouse or store that might serve the order.</summary>
/// <param name="TravelSeconds">From the node to the customer, at least 0.</param>
/// <param name="ReadySeconds">Until the parcel can leave the node, at least 0.</param>
/// <param name="TemperatureClasses">Bit <c>c</c> is set when the node keeps temperature class <c>c</c>.</param>
/// <param name="Obstacles">What keeps the node out, or <see cref="Obstacle.None"/>.</param>
public readonly record struct Candidate(int TravelSeconds, int ReadySeconds, uint TemperatureClasses, Obstacle Obstacles)
{
    /// <summary>
    /// As how many seconds farther away the node counts when nodes are compared, at least 0; it comes no later for that. 0, unless the
    /// caller would rather have others serve.
    /// </summary>
    public int HandicapSeconds { get; init; }

    /// <summary>How far it counts: the travel and the handicap. Together they are no more than <see cref="int.MaxValue"/>.</summary>
    public int WeighedSeconds => TravelSeconds + HandicapSeconds;
}

/// <summary>
/// All that <see cref="Sourcer"/> has to know of one order. The arrays are read during the call and not kept,
/// so a caller may fill and reuse them.
/// </summary>
public sealed class SourcingProblem
{
    /// <summary>Enough search to prove the best of ordinary orders, and a bound of some milliseconds (tens, with hundreds of lines) on the rest.</summary>
    public const int DefaultStepLimit = 100_000;

    /// <summary>The order's lines, at least one.</summary>
    public required DemandLine[] Lines { get; init; }

    /// <summary>The nodes to choose from, in the order that settles ties; may be empty.</summary>
    public required Candidate[] Candidates { get; init; }

    /// <summary>What each node may still sell of each line, at least 0: <c>Sellable[candidate * Lines.Length + line]</c>.</summary>
    public required int[] Sellable { get; init; }

    /// <summary>Ready plus travel seconds may not exceed it; <see cref="int.MaxValue"/> means that there is no deadline.</summary>
    public int DeadlineSeconds { get; init; } = int.MaxValue;

    /// <summary>The most nodes that may share the order (parcels the customer accepts), at least 1.</summary>
    public int MaxNodes { get; init; } = 1;

    /// <summary>
    /// How many seconds of the way one parcel less is worth, at least 0: a split is taken when it saves more than that for each parcel more.
    /// <see cref="int.MaxValue"/>, as few parcels as can be, whatever the way.
    /// </summary>
    public int ParcelSeconds { get; init; } = int.MaxValue;

    /// <summary>How many candidates the search for a split may weigh, each counting once more for every 32 lines; 0 asks for the quick answer only.</summary>
    public int StepLimit { get; init; } = DefaultStepLimit;

    /// <summary>Whether to tell of every candidate why it was chosen or not; without it <see cref="SourcingDecision.Verdicts"/> is empty.</summary>
    public bool WithVerdicts { get; init; } = true;
}
