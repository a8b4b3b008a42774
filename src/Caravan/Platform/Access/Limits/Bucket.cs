namespace Caravan.Platform.Access.Limits;

/// <summary>How long one takes to come back, and how many there are at most. No time at all: no limit.</summary>
internal readonly record struct Rate(TimeSpan Every, int Burst)
{
    public bool IsNone => Every <= TimeSpan.Zero;

    /// <summary>How long it takes until all have come back, in whole seconds.</summary>
    public long WindowSeconds => (long)Math.Ceiling((Every * Burst).TotalSeconds);

    /// <summary>So many a second; 0: no limit.</summary>
    public static Rate Of(int perSecond, int burst) => perSecond <= 0 ? default : new Rate(TimeSpan.FromSeconds(1) / perSecond, burst);
}

/// <summary>What came of asking a bucket.</summary>
/// <param name="IsTaken">Whether one was left.</param>
/// <param name="Left">How many are left now.</param>
/// <param name="Wait">Until one is there again; nothing when one was taken.</param>
/// <param name="FullIn">Until all are there again.</param>
internal readonly record struct Taken(bool IsTaken, int Left, TimeSpan Wait, TimeSpan FullIn);

/// <summary>
/// A token bucket in one number: the instant at which it will be full again (the generic cell rate algorithm, ITU-T I.371). Nothing
/// refills it; what has come back is told by the clock. From any thread, without a lock. A clock that is set back costs at most what
/// a full bucket takes to fill.
/// </summary>
internal sealed class Bucket
{
    private long fullAt;

    /// <summary>Takes one, if one is left.</summary>
    public Taken Take(DateTimeOffset now, Rate rate)
    {
        var (at, interval, whole) = (now.UtcTicks, rate.Every.Ticks, rate.Every.Ticks * rate.Burst);
        while (true)
        {
            var before = Interlocked.Read(ref fullAt);
            if (before > at + whole)
            {
                Interlocked.CompareExchange(ref fullAt, at + whole, before); // The clock was set back.
                continue;
            }

            var after = Math.Max(before, at) + interval;
            if (after - at > whole)
                return new Taken(false, 0, TimeSpan.FromTicks(after - at - whole), TimeSpan.FromTicks(after - at - interval));
            if (Interlocked.CompareExchange(ref fullAt, after, before) == before)
                return new Taken(true, (int)((whole - (after - at)) / interval), TimeSpan.Zero, TimeSpan.FromTicks(after - at));
        }
    }
}
