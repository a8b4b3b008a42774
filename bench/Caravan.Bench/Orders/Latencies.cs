using System.Numerics;

namespace Caravan.Bench.Orders;

/// <summary>
/// A histogram of waits in microseconds: 64 steps between each power of two and the next, so that a figure is at most 1.6 % off.
/// </summary>
internal sealed class Latencies
{
    private const int StepBits = 6;
    private const int Steps = 1 << StepBits;
    private readonly long[] counts = new long[Steps * 40];
    private long total;

    public void Add(long microseconds)
    {
        counts[IndexOf(Math.Max(microseconds, 0))]++;
        total++;
    }

    /// <summary>The wait in milliseconds that this share of all did not exceed.</summary>
    public double Milliseconds(double share)
    {
        var rank = (long)Math.Ceiling(share * total);
        var seen = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            seen += counts[i];
            if (seen >= rank && seen > 0)
                return UpperEdge(i) / 1_000.0;
        }

        return 0;
    }

    public void Add(Latencies other)
    {
        for (var i = 0; i < counts.Length; i++)
            counts[i] += other.counts[i];
        total += other.total;
    }

    // Below 64 every microsecond has its own step; above, the six bits after the leading one choose the step.
    private static int IndexOf(long microseconds)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)microseconds | 1) - StepBits);
        return Math.Min((shift << StepBits) + (int)(microseconds >> shift), (Steps * 40) - 1);
    }

    private static long UpperEdge(int index)
    {
        var shift = Math.Max(0, (index >> StepBits) - 1);
        return (((long)index - ((long)shift << StepBits) + 1) << shift) - 1;
    }
}
