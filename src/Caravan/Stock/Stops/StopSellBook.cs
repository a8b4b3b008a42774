using Caravan.Platform.Storage;

namespace Caravan.Stock.Stops;

/// <summary>
/// Stops as those who plan and decide orders need them: read once, and again when somebody has made or lifted one. Where servers
/// share a store, another's stop is seen with its news, and half a second later even without.
/// </summary>
public sealed class StopSellBook
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(500);

    private readonly Recent<int, Kept> kept = new(2, _ => 1);
    private readonly bool isShared;

    internal StopSellBook(Store store)
    {
        isShared = store.Postgres is not null;
        store.Listen(StopSellStore.Topic, _ => kept.Forget(0));
    }

    /// <summary>All stops in force.</summary>
    public async ValueTask<StopSells> CurrentAsync(Db db)
    {
        if (kept.Find(0) is { } known && (!isShared || TimeProvider.System.GetElapsedTime(known.LookedAt) < LookAgainAfter))
            return known.Stops;

        var (readAt, now) = (db.ReadAt, TimeProvider.System.GetTimestamp());
        var stops = await StopSellStore.ActiveAsync(db);
        var found = stops.Count == 0 ? StopSells.None : new StopSells(stops);
        if (db is not Tx)
            kept.Keep(0, new Kept(found, now), readAt); // What a transaction reads may never be committed.
        return found;
    }

    private sealed record Kept(StopSells Stops, long LookedAt);
}
