using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>
/// Quotas as those who plan and decide orders need them. Which items they concern is remembered, so that an order whose items none
/// concerns asks the store nothing; what they leave is read, in a transaction as it is.
/// </summary>
public sealed class QuotaBook
{
    private const int OwnersMax = 100_000;

    private readonly StockBook stock;
    private readonly Recent<PartnerId, Concerned> concerned = new(OwnersMax, one => 1 + one.Items.Count + one.Agreements.Count);

    internal QuotaBook(Store store, StockBook stock)
    {
        this.stock = stock;
        store.Caches["quotas"] = () => concerned.State;
        store.Listen(QuotaStore.Topic, change => concerned.Forget(change.Tenant));
    }

    /// <summary>Those of the items that a quota in force concerns for a buyer: of a neighbour's, also those that any agreement with a quota may cover.</summary>
    internal async ValueTask<IReadOnlyList<(PartnerId Owner, ItemId Item)>> ConcernedAsync(Db db, IEnumerable<(PartnerId Owner, ItemId Item)> items, DateTimeOffset now)
    {
        List<(PartnerId, ItemId)>? found = null;
        foreach (var item in items)
        {
            if ((await OfAsync(db, item.Owner, now)).Has(item.Item, now))
                (found ??= []).Add(item);
        }

        return found ?? (IReadOnlyList<(PartnerId, ItemId)>)[];
    }

    /// <summary>What quotas leave of these items now: on the truth in a transaction, else on what is remembered of the shelves.</summary>
    internal async Task<QuotaLedger> LedgerAsync(Db db, IReadOnlyCollection<(PartnerId Owner, ItemId Item)> items, DateTimeOffset now)
    {
        List<Quota> quotas = [];
        Dictionary<QuotaCount, int> counts = [];
        foreach (var owner in items.Select(item => item.Owner).Distinct())
        {
            var own = await QuotaStore.InForceAsync(db, owner, now);
            quotas.AddRange(own);
            foreach (var (count, units) in await QuotaStore.CountsAsync(db, owner, own.ConvertAll(quota => quota.Id), now))
                counts[count] = units;
        }

        var cells = (await stock.ShelvesAsync(db, items)).SelectMany(shelf => Enumerable.Range(0, shelf.Count).Select(i =>
            (new StockTake(shelf.Owner, shelf.Item, shelf.LocationAt(i), shelf.SellableAt(i)), shelf.IsStaleAt(i, now))));
        return new QuotaLedger(quotas, counts, cells, now);
    }

    /// <summary>Counts what an order has taken against its quotas.</summary>
    internal static Task UseAsync(Tx tx, PartnerId seller, OrderId order, IReadOnlyCollection<QuotaUse> uses) => uses.Count == 0 ? Task.CompletedTask : QuotaStore.UseAsync(tx, seller, order, uses);

    /// <summary>Units that an order's lines took were called off, or not found: they count against no quota any more.</summary>
    internal async Task GiveBackAsync(Tx tx, PartnerId seller, OrderId order, IReadOnlyCollection<(int Line, StockTake Units)> lines)
    {
        var counted = await ConcernedAsync(tx, lines.Select(line => (line.Units.Owner, line.Units.Item)).Distinct(), tx.Now);
        foreach (var (line, units) in lines.Where(line => line.Units.Quantity > 0 && counted.Contains((line.Units.Owner, line.Units.Item))))
            await QuotaStore.GiveBackAsync(tx, seller, order, line, units);
    }

    private async ValueTask<Concerned> OfAsync(Db db, PartnerId owner, DateTimeOffset now)
    {
        if (concerned.Find(owner) is { } known)
            return known;

        // What a transaction reads may never be committed.
        var readAt = db.ReadAt;
        var read = Concerned.Of(await QuotaStore.InForceAsync(db, owner, now));
        if (db is not Tx)
            concerned.Keep(owner, read, readAt);
        return read;
    }

    /// <summary>Until when quotas concern an owner's items, or all of them by its agreements.</summary>
    private sealed record Concerned(IReadOnlyDictionary<ItemId, DateTimeOffset> Items, IReadOnlyCollection<AgreementId> Agreements, DateTimeOffset AllUntil)
    {
        public static Concerned Of(IReadOnlyList<Quota> quotas) => new(
            quotas.Where(quota => quota.Item is not null).GroupBy(quota => quota.Item!.Value).ToDictionary(item => item.Key, item => item.Max(quota => quota.Until ?? DateTimeOffset.MaxValue)), // Filtered just before.
            [.. quotas.Select(quota => quota.Agreement).OfType<AgreementId>()],
            quotas.Where(quota => quota.Item is null).Select(quota => quota.Until ?? DateTimeOffset.MaxValue).DefaultIfEmpty(DateTimeOffset.MinValue).Max());

        public bool Has(ItemId item, DateTimeOffset now) => AllUntil > now || (Items.TryGetValue(item, out var until) && until > now);
    }
}
