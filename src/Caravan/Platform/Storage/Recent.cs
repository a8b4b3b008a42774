using System.Collections.Concurrent;

namespace Caravan.Platform.Storage;

/// <summary>
/// What was read lately, bounded by weight: two generations, of which the older is dropped when the younger is full, and what
/// is asked for again moves into the younger. It holds copies of what the store says, never the truth itself: whoever changes
/// the store forgets the key after the commit, and what comes from a snapshot older than that is not kept.
/// </summary>
/// <param name="weightMax">How much both generations weigh together at most.</param>
/// <param name="weigh">The weight of an entry.</param>
internal sealed class Recent<TKey, TValue>(long weightMax, Func<TValue, long> weigh)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock turning = new();
    private volatile ConcurrentDictionary<TKey, TValue> young = new();
    private volatile ConcurrentDictionary<TKey, TValue> old = new();
    private long youngWeight;
    private long oldWeight;
    private long forgottenAt;
    private long hits;
    private long misses;

    /// <summary>How it does, about: it is counted without locks.</summary>
    public CacheState State => new(Interlocked.Read(ref youngWeight) + Interlocked.Read(ref oldWeight), weightMax, hits, misses);

    public TValue? Find(TKey key)
    {
        if (young.TryGetValue(key, out var value))
        {
            hits++;
            return value;
        }

        if (!old.TryRemove(key, out value))
        {
            misses++;
            return null;
        }

        hits++;
        Add(key, value);
        return value;
    }

    /// <summary>Keeps what the store said, unless something was forgotten since <paramref name="readAt"/> (<see cref="Db.ReadAt"/>): it might be that.</summary>
    public void Keep(TKey key, TValue value, long readAt)
    {
        if (readAt < Interlocked.Read(ref forgottenAt))
            return;

        Add(key, value);
        if (readAt < Interlocked.Read(ref forgottenAt))
            Remove(key);
    }

    public void Forget(TKey key)
    {
        Turn.Latest(ref forgottenAt);
        Remove(key);
    }

    public void Clear()
    {
        Turn.Latest(ref forgottenAt);
        old = new();
        young = new();
        Interlocked.Exchange(ref youngWeight, 0);
        Interlocked.Exchange(ref oldWeight, 0);
    }

    private void Add(TKey key, TValue value)
    {
        young[key] = value;
        if (Interlocked.Add(ref youngWeight, weigh(value)) <= weightMax / 2)
            return;

        lock (turning)
        {
            if (Interlocked.Read(ref youngWeight) <= weightMax / 2)
                return;

            old = young;
            young = new();
            Interlocked.Exchange(ref oldWeight, Interlocked.Exchange(ref youngWeight, 0));
        }
    }

    private void Remove(TKey key)
    {
        young.TryRemove(key, out _);
        old.TryRemove(key, out _);
    }
}

/// <summary>What came before what in this process: numbers that only grow.</summary>
internal static class Turn
{
    private static long last;

    public static long Next() => Interlocked.Increment(ref last);

    /// <summary>Sets the next one, unless somebody has set a later one meanwhile.</summary>
    public static void Latest(ref long turn)
    {
        var next = Next();
        for (var before = Interlocked.Read(ref turn); before < next;)
            before = Interlocked.CompareExchange(ref turn, next, before) is var found && found == before ? next : found;
    }
}
