namespace Caravan.Engines.Routing;

/// <summary>
/// Which visits go well beside each other: near, and without much waiting or lateness between their windows (Vidal, Crainic, Gendreau and Prins,
/// Computers and Operations Research 40, 2013, whose weights these are). Each visit's list is in ascending order of that, and is made when it is
/// first asked for: a short search of a large plan asks for few. One search is one thread's, and so is this.
/// </summary>
internal sealed class CaseNeighbours
{
    private const int CountMax = 100;
    private const int WaitWeightPercent = 20;
    private const int LatenessWeightPercent = 100;

    private readonly ArcClass _arcs;
    private readonly Spots _spots;
    private readonly CaseTimes _times;
    private readonly int _visitCount;
    private readonly int[] _all;
    private readonly bool[] _isKnown;
    private readonly long[] _keys;

    public CaseNeighbours(int visitCount, ArcClass arcs, Spots spots, CaseTimes times)
    {
        (_visitCount, _arcs, _spots, _times) = (visitCount, arcs, spots, times);
        Count = Math.Max(0, Math.Min(visitCount - 1, CountMax));
        (_all, _isKnown, _keys) = (new int[visitCount * Count], new bool[visitCount], new long[4 * Count]);
    }

    /// <summary>How long each list is.</summary>
    public int Count { get; }

    public ReadOnlySpan<int> Of(int visit)
    {
        if (!_isKnown[visit])
            Find(visit);
        return _all.AsSpan(visit * Count, Count);
    }

    /// <summary>The nearest so far are sifted whenever the room for candidates is full; most others are then too far by their way alone.</summary>
    private void Find(int i)
    {
        _isKnown[i] = true;
        var from = _spots.OfNode[i] * _spots.Count;
        var (done, begun, ready, due) = (_times.Due[i] + _times.Service[i], _times.Ready[i] + _times.Service[i], _times.Ready[i], _times.Due[i]);
        var (others, farthest) = (0, long.MaxValue);
        for (var j = 0; j < _visitCount; j++)
        {
            var to = from + _spots.OfNode[j];
            if (Math.Min(_arcs.Cost[to], _arcs.CostBack[to]) > farthest || j == i)
                continue;
            var there = Apart(_arcs.Cost[to], done + _arcs.Time[to], begun + _arcs.Time[to], _times.Ready[j], _times.Due[j]);
            var back = Apart(_arcs.CostBack[to], _times.Due[j] + _times.Service[j] + _arcs.TimeBack[to], _times.Ready[j] + _times.Service[j] + _arcs.TimeBack[to], ready, due);
            var apart = Math.Min(there, back);
            if (apart > farthest)
                continue;
            _keys[others++] = (apart << 15) | (long)j;
            if (others < _keys.Length)
                continue;
            Smallest(_keys, Count);
            others = Count;
            farthest = 0;
            for (var k = 0; k < Count; k++)
                farthest = Math.Max(farthest, _keys[k] >> 15);
        }

        Smallest(_keys.AsSpan(0, others), Count);
        _keys.AsSpan(0, Count).Sort();
        for (var k = 0; k < Count; k++)
            _all[i * Count + k] = (int)(_keys[k] & 0x7FFF);
    }

    private static long Apart(long cost, long latest, long earliest, long ready, long due) =>
        cost + Math.Max(0, ready - latest) * WaitWeightPercent / 100 + Math.Max(0, earliest - due) * LatenessWeightPercent / 100;

    /// <summary>Brings the smallest keys to the front, in no order (Hoare's selection).</summary>
    private static void Smallest(Span<long> keys, int count)
    {
        var (low, high) = (0, keys.Length - 1);
        while (low < high)
        {
            var pivot = keys[(low + high) >>> 1];
            var (i, j) = (low, high);
            while (i <= j)
            {
                while (keys[i] < pivot)
                    i++;
                while (keys[j] > pivot)
                    j--;
                if (i <= j)
                {
                    (keys[i], keys[j]) = (keys[j], keys[i]);
                    i++;
                    j--;
                }
            }

            if (count - 1 <= j)
                high = j;
            else if (count - 1 >= i)
                low = i;
            else
                return;
        }
    }
}
