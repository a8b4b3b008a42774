using System.Buffers;
using System.Diagnostics;

namespace Caravan.Engines.Sourcing;

/// <summary>
/// What is left to decide about a split once the obvious is settled: which nodes must take part anyhow, and which need not be looked at.
/// <para>
/// Method, each step keeping the best answer reachable. Nodes without which a line cannot be filled are forced, and what they give
/// is taken off the need. Lines then filled are dropped, offers are cut to the need that is left, and nodes offering nothing are dropped.
/// A node is dropped too when a closer one fills whole every line to which it could give anything: together with that one it would be idle,
/// and in its stead that one is better (dominance, as in set covering: Beasley, "An algorithm for set covering problem", EJOR 31, 1987).
/// </para>
/// <para>
/// Nodes are numbered by weighed seconds (the travel of all that follows) and then by index, lines by how few nodes offer them, the scarcest first.
/// <c>Offers[node * LineCount + line]</c>. The matrices are rented; dispose of the problem to give them back.
/// </para>
/// </summary>
internal sealed class SplitProblem : IDisposable
{
    /// <summary>Dominance is sought among so many of the closest nodes; farther ones seldom dominate and would make it quadratic.</summary>
    private const int DominatorsMax = 64;

    private int[] _offers = [];

    /// <summary>Why there is nothing to search, if so.</summary>
    public UnavailableReason? Refusal { get; private set; }

    /// <summary>Candidates that take part in every possible answer.</summary>
    public List<int> Forced { get; } = [];

    /// <summary>Candidate index of each node.</summary>
    public int[] Candidates { get; private set; } = [];

    public int[] TravelSeconds { get; private set; } = [];

    /// <summary>What is still needed of each line, at least 1.</summary>
    public int[] Needs { get; private set; } = [];

    /// <summary>One by the need of each line: what turns a quantity into a share.</summary>
    public double[] Weights { get; private set; } = [];

    public int NodeCount => Candidates.Length;

    public int LineCount => Needs.Length;

    public ReadOnlySpan<int> OffersOf(int node) => _offers.AsSpan(node * LineCount, LineCount);

    public static SplitProblem Reduce(SourcingProblem problem)
    {
        var split = new SplitProblem();
        var order = EligibleByTravel(problem);
        var lineCount = problem.Lines.Length;
        var offers = ArrayPool<int>.Shared.Rent(order.Length * lineCount);
        try
        {
            CutOffers(problem, order, offers);
            split.Settle(problem, order, offers);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(offers);
        }

        return split;
    }

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_offers);
        _offers = [];
    }

    private static int[] EligibleByTravel(SourcingProblem problem)
    {
        var candidates = problem.Candidates;
        var keys = new long[candidates.Length];
        var count = 0;
        for (var i = 0; i < candidates.Length; i++)
            if (Sourcer.IsEligible(problem, candidates[i]))
                keys[count++] = ((long)candidates[i].WeighedSeconds << 32) | (uint)i;
        Array.Sort(keys, 0, count);

        var order = new int[count];
        for (var i = 0; i < count; i++)
            order[i] = (int)keys[i];
        return order;
    }

    /// <summary>Offers by node and line, no more than wanted and nothing of what the node does not keep cool (or warm).</summary>
    private static void CutOffers(SourcingProblem problem, int[] order, int[] offers)
    {
        var lines = problem.Lines;
        for (var node = 0; node < order.Length; node++)
        {
            ref readonly var candidate = ref problem.Candidates[order[node]];
            var sellable = problem.Sellable.AsSpan(order[node] * lines.Length, lines.Length);
            var row = offers.AsSpan(node * lines.Length, lines.Length);
            for (var line = 0; line < row.Length; line++)
                row[line] = Sourcer.Keeps(candidate, lines[line]) ? Math.Min(sellable[line], lines[line].Quantity) : 0;
        }
    }

    private void Settle(SourcingProblem problem, int[] order, int[] offers)
    {
        var lineCount = problem.Lines.Length;
        var spare = new long[lineCount];
        var need = new int[lineCount];
        for (var line = 0; line < lineCount; line++)
            spare[line] = -(need[line] = problem.Lines[line].Quantity);
        for (var node = 0; node < order.Length; node++)
        {
            var row = offers.AsSpan(node * lineCount, lineCount);
            for (var line = 0; line < row.Length; line++)
                spare[line] += row[line];
        }

        if (order.Length == 0)
            Refusal = UnavailableReason.NoEligibleNode;
        else if (spare.AsSpan().ContainsAnyInRange(long.MinValue, -1))
            Refusal = UnavailableReason.NotEnoughStock;
        if (Refusal is not null)
            return;

        var isForced = Force(order, offers, spare, need);
        if (Forced.Count > problem.MaxNodes)
            Refusal = UnavailableReason.NeedsMoreNodes;
        else
            Compact(problem, order, offers, need, isForced);
    }

    /// <summary>Finds the nodes whose absence leaves some line unfilled, and takes their offers off the need.</summary>
    private bool[] Force(int[] order, int[] offers, long[] spare, int[] need)
    {
        var isForced = new bool[order.Length];
        for (var node = 0; node < order.Length; node++)
        {
            var row = offers.AsSpan(node * need.Length, need.Length);
            for (var line = 0; line < row.Length && !isForced[node]; line++)
                isForced[node] = row[line] > spare[line];
            if (!isForced[node])
                continue;
            Forced.Add(order[node]);
            for (var line = 0; line < row.Length; line++)
                need[line] = Math.Max(0, need[line] - row[line]);
        }

        return isForced;
    }

    private void Compact(SourcingProblem problem, int[] order, int[] offers, int[] need, bool[] isForced)
    {
        var lines = OpenLines(offers, need, isForced);
        Needs = Array.ConvertAll(lines, line => need[line]);
        Weights = Array.ConvertAll(Needs, quantity => 1.0 / quantity);
        _offers = ArrayPool<int>.Shared.Rent(order.Length * lines.Length);

        var wordCount = (lines.Length + 63) / 64;
        var whole = new ulong[DominatorsMax * wordCount];
        var any = new ulong[wordCount];
        var kept = new List<int>(order.Length);
        for (var node = 0; node < order.Length && lines.Length > 0; node++)
        {
            if (isForced[node])
                continue;
            var row = _offers.AsSpan(kept.Count * lines.Length, lines.Length);
            for (var i = 0; i < lines.Length; i++)
                row[i] = Math.Min(offers[node * need.Length + lines[i]], Needs[i]);

            MarkOffered(row, any, atLeast: null);
            if (!any.AsSpan().ContainsAnyExcept(0ul)
                || IsDominated(any, whole, Math.Min(kept.Count, DominatorsMax)))
                continue;
            if (kept.Count < DominatorsMax)
                MarkOffered(row, whole.AsSpan(kept.Count * wordCount, wordCount), atLeast: Needs);
            kept.Add(order[node]);
        }

        Candidates = [.. kept];
        TravelSeconds = Array.ConvertAll(Candidates, candidate => problem.Candidates[candidate].WeighedSeconds);
        Debug.Assert(lines.Length == 0 || kept.Count > 0, "What is still needed is still offered.");
    }

    /// <summary>Lines with a need left, the one that the fewest nodes offer first: a search that branches there branches least.</summary>
    private static int[] OpenLines(int[] offers, int[] need, bool[] isForced)
    {
        var suppliers = new int[need.Length];
        for (var node = 0; node < isForced.Length; node++)
        {
            if (isForced[node])
                continue;
            var row = offers.AsSpan(node * need.Length, need.Length);
            for (var line = 0; line < row.Length; line++)
                suppliers[line] += row[line] > 0 ? 1 : 0;
        }

        return [.. Enumerable.Range(0, need.Length).Where(line => need[line] > 0).OrderBy(line => suppliers[line])];
    }

    /// <summary>One bit a line: offered at all, or at least as much as stated.</summary>
    private static void MarkOffered(ReadOnlySpan<int> offers, Span<ulong> bits, int[]? atLeast)
    {
        bits.Clear();
        for (var line = 0; line < offers.Length; line++)
            bits[line >> 6] |= (offers[line] >= (atLeast is null ? 1 : atLeast[line]) ? 1ul : 0ul) << line;
    }

    private static bool IsDominated(ReadOnlySpan<ulong> any, ReadOnlySpan<ulong> whole, int dominatorCount)
    {
        for (var dominator = 0; dominator < dominatorCount; dominator++)
        {
            var word = 0;
            while (word < any.Length && (any[word] & ~whole[dominator * any.Length + word]) == 0)
                word++;
            if (word == any.Length)
                return true;
        }

        return false;
    }
}
