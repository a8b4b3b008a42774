using System.Buffers;
using System.Diagnostics;

namespace Caravan.Engines.Sourcing;

/// <summary>
/// Finds the fewest nodes, and among those the closest, that fill every line together.
/// <para>
/// Method: for one node, two nodes and so on (iterative deepening) a depth-first branch and bound. At each level it takes the scarcest line
/// still open: some node that offers it must be in, so each is tried in turn, the closest first, and left out of everything
/// tried after it, which makes the search visit every set once. A branch is cut when the nodes still allowed cannot fill what is open,
/// by the sum of shares or by any one scarce line, or when even the closest ones would travel farther than the best found.
/// Where a parcel is worth a number of seconds the deepening goes on past the first answer, for as long as one node more could still
/// save more than that: each level then looks for what beats the best so far.
/// </para>
/// <para>
/// A step is one node tried; it counts once more for every 32 lines, so that the limit bounds time. Memory: one row of open
/// needs a level. Recursion is as deep as the nodes allowed, which the greedy answer bounds.
/// </para>
/// </summary>
internal sealed class SplitSearch
{
    // Shares are sums of at most some thousand fractions; rounding stays far below this.
    private const double Slack = 1e-6;

    private const int LinesAStep = 32;

    private readonly SplitProblem _split;
    private readonly SplitBounds _bounds;
    private readonly int _stepLimit;
    private readonly int _stepCost;
    private readonly int[] _excludedAt;   // 0: free; otherwise the level (from 1) that chose or has done with the node
    private readonly int[] _chosen;
    private readonly int[] _open;         // open needs, a row a level
    private readonly int _parcelSeconds;
    private int[]? _best;                 // of this number of nodes
    private long _bestTravel = long.MaxValue;
    private int[]? _bestOfAll;
    private long _bestCost = long.MaxValue;
    private int _steps;
    private bool _isCutShort;

    private SplitSearch(SplitProblem split, SplitBounds bounds, int depthMax, int stepLimit, int parcelSeconds, int[] open)
    {
        (_split, _bounds, _stepLimit, _parcelSeconds, _open) = (split, bounds, stepLimit, parcelSeconds, open);
        _stepCost = 1 + split.LineCount / LinesAStep;
        _excludedAt = new int[split.NodeCount];
        _chosen = new int[depthMax];
    }

    /// <summary>Solves what the reduction left.</summary>
    /// <param name="split">The reduced problem.</param>
    /// <param name="nodesMax">How many nodes may be added to the forced ones.</param>
    /// <param name="stepLimit">How many steps may be spent.</param>
    /// <param name="parcelSeconds">What a node less is worth; <see cref="int.MaxValue"/>, more than any way.</param>
    /// <returns>The candidates to add, or null; and whether the answer, or that there is none, is proven.</returns>
    public static (int[]? Candidates, bool IsProven, int Steps) Solve(SplitProblem split, int nodesMax, int stepLimit, int parcelSeconds)
    {
        if (split.LineCount == 0)
            return ([], true, 0);

        var bounds = new SplitBounds(split);
        var greedy = GreedySplit.Choose(split, bounds.Cover);
        var depthMax = Math.Min(nodesMax, parcelSeconds == int.MaxValue ? greedy.Length : split.NodeCount);
        var open = ArrayPool<int>.Shared.Rent((depthMax + 1) * split.LineCount);
        try
        {
            var search = new SplitSearch(split, bounds, depthMax, stepLimit, parcelSeconds, open);
            search.Deepen(depthMax, greedy);
            var candidates = search._bestOfAll is { } best ? Array.ConvertAll(best, node => split.Candidates[node]) : null;
            return (candidates, !search._isCutShort, search._steps);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(open);
        }
    }

    private void Deepen(int depthMax, int[] greedy)
    {
        _split.Needs.CopyTo(_open, 0);
        for (var count = _bounds.NodesMin; count <= depthMax && !_isCutShort && MayBeBetter(count); count++)
        {
            (_best, _bestTravel) = (null, _bestOfAll is null ? long.MaxValue : _bestCost - Cost(count) - 1);
            if (count == greedy.Length && _bounds.TravelOf(greedy) is var travel && travel <= _bestTravel)
                Record(greedy, travel);
            Try(depth: 0, left: count, travel: 0);
            if (_best is not null)
                (_bestOfAll, _bestCost) = (_best, Cost(count) + _bestTravel);
        }

        // Cut short before its own level was reached, the greedy answer is still an answer.
        if (_bestOfAll is null && greedy.Length <= depthMax)
            _bestOfAll = greedy;
    }

    private long Cost(int nodes) => (long)nodes * _parcelSeconds;

    private bool MayBeBetter(int count) => _bestOfAll is null || (_parcelSeconds < int.MaxValue && Cost(count) + _bounds.TravelMin(count) < _bestCost);

    private void Try(int depth, int left, long travel)
    {
        var open = _open.AsSpan(depth * _split.LineCount, _split.LineCount);
        var line = open.IndexOfAnyExcept(0);
        Debug.Assert(left > 0, "There is a node left to choose.");
        if (line < 0)
            return; // Fewer nodes are enough: their level has seen them.

        var openShare = _bounds.ShareOf(open);
        var suppliers = _bounds.SuppliersOf(line);
        if (left == 1)
        {
            Complete(depth, travel, open, openShare, suppliers);
            return;
        }

        foreach (var node in suppliers)
        {
            if (_excludedAt[node] != 0)
                continue;
            if (travel + _split.TravelSeconds[node] + _bounds.TravelMin(left - 1) > _bestTravel || !Step())
                break;
            _excludedAt[node] = depth + 1;
            if (_bounds.Cover[node] + _bounds.CoverMax(left - 1) < openShare - Slack)
                continue;
            _chosen[depth] = node;
            if (Take(depth, node, left - 1))
                Try(depth + 1, left - 1, travel + _split.TravelSeconds[node]);
        }

        foreach (var node in suppliers)
            if (_excludedAt[node] == depth + 1)
                _excludedAt[node] = 0;
    }

    /// <summary>The last node has to fill all that is open; the first that does is the closest.</summary>
    private void Complete(int depth, long travel, ReadOnlySpan<int> open, double openShare, ReadOnlySpan<int> suppliers)
    {
        foreach (var node in suppliers)
        {
            if (_excludedAt[node] != 0)
                continue;
            if (travel + _split.TravelSeconds[node] > _bestTravel || !Step())
                return;
            if (_bounds.Cover[node] < openShare - Slack || !Fills(_split.OffersOf(node), open))
                continue;
            _chosen[depth] = node;
            Record(_chosen.AsSpan(0, depth + 1), travel + _split.TravelSeconds[node]);
            return;
        }
    }

    /// <summary>Writes the next level's open needs; false when so few further nodes cannot fill them.</summary>
    private bool Take(int depth, int node, int left)
    {
        var lineCount = _split.LineCount;
        var offers = _split.OffersOf(node);
        var before = _open.AsSpan(depth * lineCount, lineCount);
        var after = _open.AsSpan((depth + 1) * lineCount, lineCount);
        for (var line = 0; line < after.Length; line++)
            after[line] = Math.Max(0, before[line] - offers[line]);
        return _bounds.CanFill(after, left);
    }

    private static bool Fills(ReadOnlySpan<int> offers, ReadOnlySpan<int> open)
    {
        for (var line = 0; line < open.Length; line++)
            if (offers[line] < open[line])
                return false;
        return true;
    }

    private bool Step()
    {
        if (_steps > _stepLimit - _stepCost)
            _isCutShort = true;
        else
            _steps += _stepCost;
        return !_isCutShort;
    }

    private void Record(ReadOnlySpan<int> nodes, long travel)
    {
        Debug.Assert(travel <= _bestTravel, "Farther branches are cut.");
        if (_best is null || travel < _bestTravel || HasLowerIndices(nodes, _best))
            (_best, _bestTravel) = (nodes.ToArray(), travel);
    }

    /// <summary>Compares two sets of one size by their candidates' indices, ascending.</summary>
    private bool HasLowerIndices(ReadOnlySpan<int> nodes, int[] others)
    {
        var candidates = _split.Candidates;
        var mine = Array.ConvertAll(nodes.ToArray(), node => candidates[node]);
        var theirs = Array.ConvertAll(others, node => candidates[node]);
        Array.Sort(mine);
        Array.Sort(theirs);
        return mine.AsSpan().SequenceCompareTo(theirs) < 0;
    }
}
