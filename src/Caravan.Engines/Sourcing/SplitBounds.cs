using System.Numerics;

namespace Caravan.Engines.Sourcing;

/// <summary>
/// What can be said of a split before searching: how much so many nodes can fill at most, how far they travel at least, and who offers a line.
/// Built in O(nodes × lines), and O(nodes log nodes) more for each line that no single node can fill; asking costs next to nothing.
/// </summary>
internal sealed class SplitBounds
{
    private readonly SplitProblem _split;
    private readonly double[] _coverMax;       // by count of nodes
    private readonly long[] _travelMin;        // by count of nodes
    private readonly int[] _suppliers;         // by line, then by travel
    private readonly int[] _suppliersStart;
    private readonly (int Line, long[] OfferMax)[] _scarce;   // lines that no single node fills; offers by count of nodes

    public SplitBounds(SplitProblem split)
    {
        _split = split;
        Cover = new double[split.NodeCount];
        for (var node = 0; node < Cover.Length; node++)
            Cover[node] = ShareOf(split.OffersOf(node));

        var covers = Cover.AsSpan().ToArray();
        covers.AsSpan().Sort((a, b) => b.CompareTo(a));
        _coverMax = Accumulate<double>(covers);
        _travelMin = Accumulate<long>(Array.ConvertAll(split.TravelSeconds, seconds => (long)seconds));
        (_suppliers, _suppliersStart) = Suppliers(split);
        _scarce = [.. Enumerable.Range(0, split.LineCount).Where(IsScarce).Select(line => (line, OfferMax(line)))];
        NodesMin = 1;
        while (!CanFill(split.Needs, NodesMin) || CoverMax(NodesMin) < split.LineCount - 1e-6)
            NodesMin++;
    }

    /// <summary>The sum of shares of needs that each node fills alone.</summary>
    public double[] Cover { get; }

    /// <summary>Fewer nodes than this cannot fill all.</summary>
    public int NodesMin { get; }

    public double CoverMax(int count) => _coverMax[Math.Min(count, _coverMax.Length - 1)];

    public long TravelMin(int count) => _travelMin[Math.Min(count, _travelMin.Length - 1)];

    /// <summary>Who offers a line, the closest first.</summary>
    public ReadOnlySpan<int> SuppliersOf(int line) => _suppliers.AsSpan(_suppliersStart[line].._suppliersStart[line + 1]);

    /// <summary>The sum of shares of needs.</summary>
    public double ShareOf(ReadOnlySpan<int> quantities)
    {
        var weights = _split.Weights;
        var share = 0.0;
        for (var line = 0; line < quantities.Length; line++)
            share += quantities[line] * weights[line];
        return share;
    }

    /// <summary>Whether so many nodes could fill each scarce line on its own.</summary>
    public bool CanFill(ReadOnlySpan<int> open, int count)
    {
        foreach (var (line, offerMax) in _scarce)
            if (open[line] > offerMax[Math.Min(count, offerMax.Length - 1)])
                return false;
        return true;
    }

    public long TravelOf(ReadOnlySpan<int> nodes)
    {
        var travel = 0L;
        foreach (var node in nodes)
            travel += _split.TravelSeconds[node];
        return travel;
    }

    private bool IsScarce(int line)
    {
        foreach (var node in SuppliersOf(line))
            if (_split.OffersOf(node)[line] >= _split.Needs[line])
                return false;
        return true;
    }

    private long[] OfferMax(int line)
    {
        var offers = Array.ConvertAll(SuppliersOf(line).ToArray(), node => (long)_split.OffersOf(node)[line]);
        offers.AsSpan().Sort();
        offers.AsSpan().Reverse();
        return Accumulate<long>(offers);
    }

    private static (int[] Suppliers, int[] Start) Suppliers(SplitProblem split)
    {
        var start = new int[split.LineCount + 1];
        for (var node = 0; node < split.NodeCount; node++)
        {
            var offers = split.OffersOf(node);
            for (var line = 0; line < offers.Length; line++)
                start[line + 1] += offers[line] > 0 ? 1 : 0;
        }

        for (var line = 0; line < split.LineCount; line++)
            start[line + 1] += start[line];

        var suppliers = new int[start[^1]];
        var next = start.AsSpan(0, split.LineCount).ToArray();
        for (var node = 0; node < split.NodeCount; node++)
        {
            var offers = split.OffersOf(node);
            for (var line = 0; line < offers.Length; line++)
                if (offers[line] > 0)
                    suppliers[next[line]++] = node;
        }

        return (suppliers, start);
    }

    /// <summary>Sums of the first none, one, two and so on.</summary>
    private static T[] Accumulate<T>(ReadOnlySpan<T> values) where T : INumber<T>
    {
        var sums = new T[values.Length + 1];
        for (var i = 0; i < values.Length; i++)
            sums[i + 1] = sums[i] + values[i];
        return sums;
    }
}
