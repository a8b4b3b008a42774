namespace Caravan.Engines.Routing;

/// <summary>
/// Which visits go well beside each other: near, and without much waiting or lateness between their windows (Vidal, Crainic, Gendreau and Prins,
/// Computers and Operations Research 40, 2013, whose weights these are). Each visit's list is in ascending order of that.
/// </summary>
internal static class CaseNeighbours
{
    private const int CountMax = 100;
    private const int WaitWeightPercent = 20;
    private const int LatenessWeightPercent = 100;

    public static int[] Of(int visitCount, ArcClass[] classes, Spots spots, CaseTimes times, out int count)
    {
        count = Math.Max(0, Math.Min(visitCount - 1, CountMax));
        var all = new int[visitCount * count];
        if (count == 0)
            return all;

        var (arcs, spotCount) = (classes[0], spots.Count);
        var (keys, visits) = (new long[visitCount], new int[visitCount]);
        for (var i = 0; i < visitCount; i++)
        {
            var from = spots.OfNode[i] * spotCount;
            var others = 0;
            for (var j = 0; j < visitCount; j++)
            {
                if (j == i)
                    continue;
                var to = from + spots.OfNode[j];
                var there = Apart(arcs.Cost[to], times.Due[i] + times.Service[i] + arcs.Time[to], times.Ready[i] + times.Service[i] + arcs.Time[to], times.Ready[j], times.Due[j]);
                var back = Apart(arcs.CostBack[to], times.Due[j] + times.Service[j] + arcs.TimeBack[to], times.Ready[j] + times.Service[j] + arcs.TimeBack[to], times.Ready[i], times.Due[i]);
                keys[others] = (Math.Min(there, back) << 15) | (long)j;
                others++;
            }

            Smallest(keys.AsSpan(0, others), count);
            keys.AsSpan(0, count).Sort();
            for (var k = 0; k < count; k++)
                all[i * count + k] = (int)(keys[k] & 0x7FFF);
        }

        return all;
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
