namespace Caravan.Engines.Sourcing;

/// <summary>The answer of <see cref="Sourcer.Decide"/>: where everything comes from, or why it cannot be had.</summary>
public abstract record SourcingDecision
{
    private SourcingDecision(IReadOnlyList<Verdict> verdicts) => Verdicts = verdicts;

    /// <summary>One verdict a candidate, in the candidates' order; empty when the problem did not ask for them.</summary>
    public IReadOnlyList<Verdict> Verdicts { get; }

    /// <summary>The order can be served in full.</summary>
    /// <param name="Allocations">What to take from where, by line and then from the closest node on; never an empty quantity.</param>
    /// <param name="NodeCount">How many nodes take part.</param>
    /// <param name="TravelSeconds">The travel seconds of those nodes added up.</param>
    /// <param name="IsProvenBest">False when the step limit was met, so that a better split may exist.</param>
    /// <param name="Steps">Search steps spent; 0 when one node serves all.</param>
    /// <param name="Verdicts">See <see cref="SourcingDecision.Verdicts"/>.</param>
    public sealed record Sourced(
        IReadOnlyList<Allocation> Allocations,
        int NodeCount,
        long TravelSeconds,
        bool IsProvenBest,
        int Steps,
        IReadOnlyList<Verdict> Verdicts) : SourcingDecision(Verdicts);

    /// <summary>The order cannot be served in full.</summary>
    /// <param name="Reason">What stands in the way.</param>
    /// <param name="Lines">Every line of the order with what could be had of it.</param>
    /// <param name="Steps">Search steps spent.</param>
    /// <param name="Verdicts">See <see cref="SourcingDecision.Verdicts"/>.</param>
    public sealed record Unavailable(
        UnavailableReason Reason,
        IReadOnlyList<LineShortage> Lines,
        int Steps,
        IReadOnlyList<Verdict> Verdicts) : SourcingDecision(Verdicts);
}

/// <summary>Take this much of a line from a node.</summary>
/// <param name="Candidate">Index of the node.</param>
/// <param name="Line">Index of the line.</param>
/// <param name="Quantity">At least 1.</param>
public readonly record struct Allocation(int Candidate, int Line, int Quantity);

/// <summary>Why an order cannot be served.</summary>
public enum UnavailableReason
{
    /// <summary>Every node is blocked or too late.</summary>
    NoEligibleNode,

    /// <summary>All eligible nodes together lack at least one line.</summary>
    NotEnoughStock,

    /// <summary>The stock is there, but it takes more nodes than the order may be split over.</summary>
    NeedsMoreNodes,

    /// <summary>The stock is there, but no split was found before the step limit; it is not proven that there is none.</summary>
    StepLimitMet,
}

/// <summary>What could be had of one line.</summary>
/// <param name="Line">Index of the line.</param>
/// <param name="Wanted">The quantity ordered.</param>
/// <param name="AtEligible">What all nodes that may serve the line hold together.</param>
/// <param name="AtBlocked">The most that any one node holds which may not serve the line (blocked, too late, wrong temperature).</param>
public readonly record struct LineShortage(int Line, int Wanted, int AtEligible, int AtBlocked)
{
    /// <summary>Whether this line is one of those that are lacking.</summary>
    public bool IsShort => AtEligible < Wanted;
}

/// <summary>What became of a candidate. The first that applies is reported.</summary>
public enum VerdictKind
{
    /// <summary>It serves the order or a part of it.</summary>
    Chosen,

    /// <summary>An obstacle keeps it out.</summary>
    Blocked,

    /// <summary>It cannot be there by the deadline.</summary>
    TooLate,

    /// <summary>It could serve the whole order, but a closer node can too, or closer nodes together where that may be.</summary>
    Farther,

    /// <summary>It could give something to a split, but the chosen nodes do without it.</summary>
    NotNeeded,

    /// <summary>It does not keep the temperature of at least one line.</summary>
    WrongTemperature,

    /// <summary>It has too little of at least one line.</summary>
    LacksStock,
}

/// <summary>What became of one candidate and why, for the people who ask.</summary>
/// <param name="Candidate">Index of the node.</param>
/// <param name="Kind">What became of it.</param>
/// <param name="Obstacles">What keeps it out when blocked.</param>
/// <param name="SecondsBehind">Too late: past the deadline. Farther: weighed seconds beyond the chosen node's; beyond those of a split, parcels counted. Else 0.</param>
/// <param name="LinesServed">How many lines it could serve whole, by stock and temperature, whatever else keeps it out.</param>
/// <param name="FirstLineLacking">
/// The first line whose temperature it does not keep (wrong temperature), else the first it could not serve whole; −1 when there is none.
/// </param>
public readonly record struct Verdict(
    int Candidate,
    VerdictKind Kind,
    Obstacle Obstacles,
    long SecondsBehind,
    int LinesServed,
    int FirstLineLacking);
