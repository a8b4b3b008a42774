using System.Collections.Concurrent;
using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>
/// What may still be reserved, in memory: loaded item by item as it is asked for, bounded, and forgotten when a commit changed it.
/// It is never the truth: a reservation is decided by the store, so that an old number here costs a retry and nothing else.
/// </summary>
internal sealed class Availability
{
    private const long BytesMax = 100_000_000;

    private readonly Recent<(PartnerId Owner, ItemId Item), Shelf> shelves = new(BytesMax, shelf => shelf.Weight);
    private readonly ConcurrentDictionary<(PartnerId Owner, FeedId Feed), FeedClock> feeds = new();

    public Availability(Store store)
    {
        store.Caches["shelves"] = () => shelves.State;
        store.Listen(StockStore.Topic, change =>
        {
            if (change.Subject == Guid.Empty)
                shelves.Clear();
            else
                shelves.Forget((change.Tenant, new ItemId(change.Subject)));
        });
        store.Listen(FeedStore.Topic, change =>
        {
            if (change.Subject != Guid.Empty)
                ClockOf(change.Tenant, new FeedId(change.Subject), change.Number);
        });
    }

    /// <summary>The shelves of these items; those that nobody has any of are empty.</summary>
    public async ValueTask<IReadOnlyList<Shelf>> OfAsync(Db db, IReadOnlyCollection<(PartnerId Owner, ItemId Item)> items)
    {
        var found = new List<Shelf>(items.Count);
        List<(PartnerId, ItemId)>? missing = null;
        foreach (var item in items)
        {
            if (shelves.Find(item) is { } shelf)
                found.Add(shelf);
            else
                (missing ??= []).Add(item);
        }

        if (missing is null)
            return found;

        var readAt = db.ReadAt;
        foreach (var shelf in await StockStore.ShelvesAsync(db, missing, ClockOf))
        {
            // Who was quicker has a shelf that plans were made on meanwhile; another one beside it would not know of them.
            var kept = shelves.Find((shelf.Owner, shelf.Item));
            if (kept is null)
                shelves.Keep((shelf.Owner, shelf.Item), shelf, readAt);
            found.Add(kept ?? shelf);
        }

        return found;
    }

    /// <summary>Plans are made on what others have not planned to take: it is taken off now. Off which shelf is the answer, for whoever gives it back.</summary>
    public Shelf? Plan(StockTake take)
    {
        var shelf = shelves.Find((take.Owner, take.Item));
        shelf?.Add(take.Location, -take.Quantity);
        return shelf;
    }

    /// <summary>What was planned is stored. A shelf that was read meanwhile may know of it or not: it is read again.</summary>
    public void Taken(StockTake take, Shelf? plannedOn)
    {
        if (plannedOn is null || !ReferenceEquals(shelves.Find((take.Owner, take.Item)), plannedOn))
            shelves.Forget((take.Owner, take.Item));
    }

    private FeedClock ClockOf(PartnerId owner, FeedId feed, long freshUntil)
    {
        var clock = feeds.GetOrAdd((owner, feed), key => new FeedClock(key.Feed));
        clock.FreshUntil = freshUntil;
        return clock;
    }
}
