using System.Diagnostics;

namespace Caravan.Engines.Sourcing;

/// <summary>
/// Puts an answer into words for the caller: what to take from where, what is short, and what became of every candidate.
/// Linear in candidates times lines.
/// </summary>
internal static class SourcingReport
{
    public static SourcingDecision.Sourced Sourced(SourcingProblem problem, int[] nodes, bool isProvenBest, int steps)
    {
        var candidates = problem.Candidates;
        Array.Sort(nodes, (a, b) => Sourcer.IsCloser(candidates[a], candidates[b]) ? -1 : Sourcer.IsCloser(candidates[b], candidates[a]) ? 1 : a.CompareTo(b));

        var travelSeconds = 0L;
        foreach (var node in nodes)
            travelSeconds += candidates[node].TravelSeconds;
        return new SourcingDecision.Sourced(
            Allocate(problem, nodes), nodes.Length, travelSeconds, isProvenBest, steps, Verdicts(problem, nodes));
    }

    public static SourcingDecision.Unavailable Unavailable(SourcingProblem problem, UnavailableReason reason, int steps) =>
        new(reason, Shortages(problem), steps, Verdicts(problem, []));

    /// <summary>Takes each line from the closest node that has it whole, or else from the closest on.</summary>
    private static Allocation[] Allocate(SourcingProblem problem, int[] nodes)
    {
        var lines = problem.Lines;
        var allocations = new List<Allocation>(lines.Length);
        for (var line = 0; line < lines.Length; line++)
        {
            var wanted = lines[line].Quantity;
            var whole = Array.FindIndex(nodes, node => Offer(problem, node, line) >= wanted);
            for (var i = Math.Max(whole, 0); wanted > 0; i++)
            {
                Debug.Assert(i < nodes.Length, "The chosen nodes hold what is wanted.");
                var quantity = Math.Min(wanted, Offer(problem, nodes[i], line));
                if (quantity > 0)
                    allocations.Add(new Allocation(nodes[i], line, quantity));
                wanted -= quantity;
            }
        }

        Debug.Assert(nodes.All(node => allocations.Any(allocation => allocation.Candidate == node)), "No chosen node is idle.");
        return [.. allocations];
    }

    private static int Offer(SourcingProblem problem, int candidate, int line) =>
        Sourcer.Keeps(problem.Candidates[candidate], problem.Lines[line]) ? problem.Sellable[candidate * problem.Lines.Length + line] : 0;

    private static LineShortage[] Shortages(SourcingProblem problem)
    {
        var lines = problem.Lines;
        var shortages = new LineShortage[lines.Length];
        for (var line = 0; line < lines.Length; line++)
            shortages[line] = new LineShortage(line, lines[line].Quantity, AtEligible: 0, AtBlocked: 0);

        for (var i = 0; i < problem.Candidates.Length; i++)
        {
            ref readonly var candidate = ref problem.Candidates[i];
            var isEligible = Sourcer.IsEligible(problem, candidate);
            for (var line = 0; line < lines.Length; line++)
            {
                var sellable = problem.Sellable[i * lines.Length + line];
                ref var shortage = ref shortages[line];
                shortage = isEligible && Sourcer.Keeps(candidate, lines[line])
                    ? shortage with { AtEligible = (int)Math.Min(int.MaxValue, (long)shortage.AtEligible + sellable) }
                    : shortage with { AtBlocked = Math.Max(shortage.AtBlocked, sellable) };
            }
        }

        return shortages;
    }

    private static Verdict[] Verdicts(SourcingProblem problem, int[] nodes)
    {
        if (!problem.WithVerdicts)
            return [];

        var verdicts = new Verdict[problem.Candidates.Length];
        var chosen = 0L;
        foreach (var node in nodes)
            chosen += problem.Candidates[node].WeighedSeconds;
        if (nodes.Length > 1)
            chosen += (nodes.Length - 1L) * problem.ParcelSeconds;
        for (var i = 0; i < verdicts.Length; i++)
            verdicts[i] = VerdictOf(problem, i, chosen, isSplit: nodes.Length > 1);
        foreach (var node in nodes)
            verdicts[node] = verdicts[node] with { Kind = VerdictKind.Chosen, SecondsBehind = 0 };
        return verdicts;
    }

    /// <summary>The verdict on a candidate that was not chosen.</summary>
    private static Verdict VerdictOf(SourcingProblem problem, int index, long chosenSeconds, bool isSplit)
    {
        ref readonly var candidate = ref problem.Candidates[index];
        var (served, lacking, unkept, offersAny) = Weigh(problem, index);
        Verdict As(VerdictKind kind, in Candidate it, long secondsBehind = 0, bool byTemperature = false) =>
            new(index, kind, it.Obstacles, secondsBehind, served, byTemperature ? unkept : lacking);

        if (candidate.Obstacles != Obstacle.None)
            return As(VerdictKind.Blocked, candidate);
        if (Sourcer.SecondsLate(problem, candidate) is > 0 and var late)
            return As(VerdictKind.TooLate, candidate, late);
        if (lacking < 0)
            return As(VerdictKind.Farther, candidate, candidate.WeighedSeconds - chosenSeconds);
        if (isSplit && offersAny)
            return As(VerdictKind.NotNeeded, candidate);
        return unkept >= 0
            ? As(VerdictKind.WrongTemperature, candidate, byTemperature: true)
            : As(VerdictKind.LacksStock, candidate);
    }

    /// <summary>Lines served whole, the first that is not, the first whose temperature is not kept, and whether there is anything at all.</summary>
    private static (int Served, int Lacking, int Unkept, bool OffersAny) Weigh(SourcingProblem problem, int index)
    {
        var lines = problem.Lines;
        var sellable = problem.Sellable.AsSpan(index * lines.Length, lines.Length);
        var classes = problem.Candidates[index].TemperatureClasses;
        var (served, lacking, unkept, offersAny) = (0, -1, -1, false);
        for (var line = 0; line < sellable.Length; line++)
        {
            ref readonly var wanted = ref lines[line];
            var isKept = (classes >> wanted.TemperatureClass & 1) != 0;
            offersAny |= isKept && sellable[line] > 0;
            if (isKept && sellable[line] >= wanted.Quantity)
            {
                served++;
                continue;
            }

            if (lacking < 0)
                lacking = line;
            if (!isKept && unkept < 0)
                unkept = line;
        }

        return (served, lacking, unkept, offersAny);
    }
}
