namespace Caravan.Demo;

/// <summary>
/// The demo's dice: SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014;
/// constants of Vigna's public-domain splitmix64.c). The sequence is a contract: one seed gives one network for ever and on every
/// machine, which System.Random does not promise. Not for secrets. One thread at a time: every draw moves the state.
/// </summary>
internal sealed class DemoRandom(ulong seed)
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;
    private ulong state = seed;

    /// <summary>A sequence of its own for one part of the network, so that a change in one part leaves the others as they were.</summary>
    public static DemoRandom Stream(ulong seed, DemoStream stream) =>
        new(Mix(seed + GoldenGamma) ^ Mix(((ulong)stream + 1) * GoldenGamma));

    /// <summary>The next 64 bits.</summary>
    public ulong Next() => Mix(state += GoldenGamma);

    /// <summary>A whole number from 0 to <paramref name="bound"/> - 1; <paramref name="bound"/> is at least 1.</summary>
    /// <remarks>High half of a 128-bit product. The bias is at most bound / 2^64, far below what a demo can show.</remarks>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        return (int)Math.BigMul(Next(), (ulong)bound, out _);
    }

    /// <summary>A whole number from <paramref name="from"/> to <paramref name="to"/>, both included.</summary>
    public int Between(int from, int to) => from + Below(to - from + 1);

    /// <summary>True in <paramref name="percent"/> of a hundred draws.</summary>
    public bool Percent(int percent) => Below(100) < percent;

    /// <summary>Fisher and Yates' shuffle, in place.</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (var last = values.Length - 1; last > 0; last--)
        {
            var other = Below(last + 1);
            (values[last], values[other]) = (values[other], values[last]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

/// <summary>The parts of the network that draw from sequences of their own. Numbers are part of the contract: add, never reorder.</summary>
internal enum DemoStream
{
    Items = 0,
    Locations = 1,
    Stock = 2,
    Couriers = 3,
}
