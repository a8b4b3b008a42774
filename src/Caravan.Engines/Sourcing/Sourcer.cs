using System.Diagnostics;

namespace Caravan.Engines.Sourcing;

/// <summary>
/// Decides from which warehouses or stores an order is served: from the closest that has everything, and only when none
/// has everything from as few as possible together, so that the customer opens one parcel rather than three.
/// <para>
/// Rules. A node counts when it has no obstacle and its ready plus travel seconds meet the deadline; it counts for a line when
/// it keeps the line's temperature. Closest is least weighed seconds (travel and handicap), then least ready seconds, then the lower
/// index. A split is the fewest nodes, then the least sum of their weighed seconds, then the set with the lowest indices. Where a parcel
/// is worth a number of seconds, a set costs that for each node and its weighed seconds; the least cost wins, then fewer nodes, then as
/// before. Within the chosen nodes each line comes whole from the closest that has it whole; only when none has, it is taken from the
/// closest on until it is filled.
/// </para>
/// <para>
/// Method: one pass finds a single node. Splitting is the set multicover problem (NP-hard): the problem is first made smaller
/// (<see cref="SplitProblem"/>), then solved by iterative deepening on the number of nodes with branch and bound inside
/// (<see cref="SplitSearch"/>), starting from a greedy answer (Chvátal, "A greedy heuristic for the set-covering problem",
/// Mathematics of Operations Research 4(3), 1979), which stands when the step limit is met.
/// </para>
/// <para>
/// Shapes: <c>Sellable[candidate * Lines.Length + line]</c>. Units: seconds and the items' own units. Cost for n candidates and
/// m lines: O(n m) when one node serves all, allocating only the answer; a split adds O(n m) memory and at most
/// <see cref="SourcingProblem.StepLimit"/> steps, each counting once more for every 32 lines; so does one node against a split where a parcel has its price. Any thread may call it, and the same
/// problem gives the same answer. Throws <see cref="ArgumentException"/> on shapes or numbers out of range.
/// </para>
/// </summary>
public static class Sourcer
{
    /// <summary>Chooses the nodes for one order.</summary>
    /// <param name="problem">The order, the nodes and their stock.</param>
    public static SourcingDecision Decide(SourcingProblem problem)
    {
        Require(problem);
        var node = ClosestWithEverything(problem);
        return node < 0 ? Split(problem)
            : !MayASplitBeCloser(problem, node) ? SourcingReport.Sourced(problem, [node], isProvenBest: true, steps: 0)
            : Split(problem) switch
            {
                SourcingDecision.Sourced { NodeCount: > 1 } split when Cost(problem, split) < (long)problem.ParcelSeconds + problem.Candidates[node].WeighedSeconds => split,
                SourcingDecision.Sourced { IsProvenBest: var isProven, Steps: var steps } => SourcingReport.Sourced(problem, [node], isProven, steps),
                SourcingDecision.Unavailable { Steps: var steps } => SourcingReport.Sourced(problem, [node], isProvenBest: false, steps),
                _ => throw new UnreachableException(),
            };
    }

    // A search that was cut short may have found nothing better than what one node costs.
    private static long Cost(SourcingProblem problem, SourcingDecision.Sourced split)
    {
        var cost = 0L;
        foreach (var node in split.Allocations.Select(allocation => allocation.Candidate).Distinct())
            cost += (long)problem.ParcelSeconds + problem.Candidates[node].WeighedSeconds;
        return cost;
    }

    // Only where a parcel has its price, and the two closest nodes together with one parcel more would beat the one that has everything.
    private static bool MayASplitBeCloser(SourcingProblem problem, int node)
    {
        if (problem.ParcelSeconds == int.MaxValue || problem.MaxNodes == 1)
            return false;

        var (first, second) = (long.MaxValue / 4, long.MaxValue / 4);
        foreach (ref readonly var candidate in problem.Candidates.AsSpan())
        {
            if (!IsEligible(problem, candidate) || candidate.WeighedSeconds >= second)
                continue;
            long weighed = candidate.WeighedSeconds;
            (first, second) = weighed < first ? (weighed, first) : (first, weighed);
        }

        return first + second + problem.ParcelSeconds < problem.Candidates[node].WeighedSeconds;
    }

    private static SourcingDecision Split(SourcingProblem problem)
    {
        using var split = SplitProblem.Reduce(problem);
        if (split.Refusal is { } refusal)
            return SourcingReport.Unavailable(problem, refusal, steps: 0);

        var (nodes, isProven, steps) = SplitSearch.Solve(split, problem.MaxNodes - split.Forced.Count, problem.StepLimit, problem.ParcelSeconds);
        if (nodes is null)
            return SourcingReport.Unavailable(problem, isProven ? UnavailableReason.NeedsMoreNodes : UnavailableReason.StepLimitMet, steps);
        return SourcingReport.Sourced(problem, [.. split.Forced, .. nodes], isProven, steps);
    }

    /// <summary>The closest node that can serve every line whole, or −1. Nodes no closer than the best so far are not opened.</summary>
    private static int ClosestWithEverything(SourcingProblem problem)
    {
        var best = -1;
        var needed = TemperaturesOf(problem.Lines);
        for (var i = 0; i < problem.Candidates.Length; i++)
        {
            ref readonly var candidate = ref problem.Candidates[i];
            if ((best < 0 || IsCloser(candidate, problem.Candidates[best]))
                && (needed & ~candidate.TemperatureClasses) == 0
                && IsEligible(problem, candidate)
                && HasEverything(problem, i))
                best = i;
        }

        return best;
    }

    internal static bool IsCloser(in Candidate a, in Candidate b) =>
        a.WeighedSeconds != b.WeighedSeconds ? a.WeighedSeconds < b.WeighedSeconds : a.ReadySeconds < b.ReadySeconds;

    internal static bool IsEligible(SourcingProblem problem, in Candidate candidate) =>
        candidate.Obstacles == Obstacle.None && SecondsLate(problem, candidate) <= 0;

    internal static long SecondsLate(SourcingProblem problem, in Candidate candidate) =>
        problem.DeadlineSeconds == int.MaxValue ? 0 : (long)candidate.ReadySeconds + candidate.TravelSeconds - problem.DeadlineSeconds;

    internal static bool Keeps(in Candidate candidate, in DemandLine line) =>
        (candidate.TemperatureClasses >> line.TemperatureClass & 1) != 0;

    private static uint TemperaturesOf(DemandLine[] lines)
    {
        var classes = 0u;
        foreach (var line in lines)
            classes |= 1u << line.TemperatureClass;
        return classes;
    }

    private static bool HasEverything(SourcingProblem problem, int candidate)
    {
        var lines = problem.Lines;
        var sellable = problem.Sellable.AsSpan(candidate * lines.Length, lines.Length);
        for (var line = 0; line < sellable.Length; line++)
            if (sellable[line] < lines[line].Quantity)
                return false;
        return true;
    }

    private static void Require(SourcingProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var (lines, candidates, sellable) = (problem.Lines, problem.Candidates, problem.Sellable);
        if (lines is not { Length: > 0 })
            throw new ArgumentException("An order has at least one line.", nameof(problem));
        if (candidates is null || sellable is null || sellable.Length != (long)candidates.Length * lines.Length)
            throw new ArgumentException($"Expected candidates × {lines.Length} lines of sellable stock, got {sellable?.Length}.", nameof(problem));
        if (problem.MaxNodes < 1 || problem.StepLimit < 0 || problem.ParcelSeconds < 0)
            throw new ArgumentException("An order takes at least one node, and steps and a parcel's seconds are at least 0.", nameof(problem));
        foreach (ref readonly var line in lines.AsSpan())
            if (line.Quantity < 1 || line.TemperatureClass is < 0 or > 31)
                throw new ArgumentException($"{line}: quantities are at least 1, temperature classes lie from 0 to 31.", nameof(problem));
        foreach (ref readonly var candidate in candidates.AsSpan())
            if (candidate.TravelSeconds < 0 || candidate.ReadySeconds < 0 || candidate.HandicapSeconds < 0 || candidate.WeighedSeconds < 0)
                throw new ArgumentException($"{candidate}: seconds are at least 0, and travel and handicap fit together in an int.", nameof(problem));
        if (sellable.AsSpan().ContainsAnyInRange(int.MinValue, -1))
            throw new ArgumentException("Sellable stock is at least 0.", nameof(problem));
        Debug.Assert(lines.Length > 0, "Everything below may rely on at least one line.");
    }
}
