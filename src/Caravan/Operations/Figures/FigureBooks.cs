using Caravan.Partners;
using Caravan.Platform.Storage;

namespace Caravan.Operations.Figures;

/// <summary>The boards' sums held against the orders themselves, and built anew from them. Both walk all orders: an operator's verbs.</summary>
internal sealed class FigureBooks(Store store, PartnerBook partners, FigureCounter counter)
{
    /// <summary>Where a company's sums are not what its orders count as. An order whose change waits to be counted is such a place.</summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync(CancellationToken cancel)
    {
        var (right, stored) = (new FigureChange(), new FigureChange());
        foreach (var company in await store.ReadAsync(partners.AllAsync, cancel))
        {
            await EachPageAsync(company.Id, page =>
            {
                foreach (var (_, facts) in page)
                    right.Take(company.Id, facts, 1);
                return Task.CompletedTask;
            }, cancel);
            await store.ReadAsync(async db => { await FigureStore.LoadAsync(db, company.Id, stored); return 0; }, cancel);
        }

        return
        [
            .. Compare("counts", right.Counts, stored.Counts, counts => counts is null || counts.IsNothing, (one, other) => one.Plus(other, -1).IsNothing),
            .. Compare("distances", right.Distances, stored.Distances, parts => parts == 0, (one, other) => one == other),
            .. Compare("turnover", right.Stock, stored.Stock, units => units == 0, (one, other) => one == other),
        ];
    }

    /// <summary>Throws the sums away and counts all orders. How many there are.</summary>
    public async Task<int> RebuildAsync(CancellationToken cancel)
    {
        var companies = await store.ReadAsync(partners.AllAsync, cancel);
        await store.WriteAsync(async tx =>
        {
            foreach (var company in companies)
                await FigureStore.ForgetAsync(tx, company.Id);
        }, cancel);

        var orders = 0;
        foreach (var company in companies)
        {
            await EachPageAsync(company.Id, async page =>
            {
                orders += page.Count;
                await store.WriteAsync(tx => counter.CountAsync(tx, company.Id, [.. page.Select(one => one.Order)]), cancel);
            }, cancel);
        }

        return orders;
    }

    private async Task EachPageAsync(PartnerId company, Func<IReadOnlyList<(OrderId Order, CountedOrder Facts)>, Task> take, CancellationToken cancel)
    {
        OrderId? before = null;
        do
        {
            before = await counter.PageAsync(company, before, take, cancel);
        }
        while (before is not null);
    }

    private static IEnumerable<string> Compare<TKey, T>(string what, Dictionary<TKey, T> right, Dictionary<TKey, T> stored, Func<T?, bool> isNothing, Func<T, T, bool> areSame)
        where TKey : notnull
    {
        foreach (var key in right.Keys.Union(stored.Keys))
        {
            var (one, other) = (right.GetValueOrDefault(key), stored.GetValueOrDefault(key));
            if (isNothing(one) && isNothing(other))
                continue;
            if (one is null || other is null || isNothing(one) || isNothing(other) || !areSame(one, other))
                yield return $"{what} of {key}: the orders say {one?.ToString() ?? "nothing"}, the sums {other?.ToString() ?? "nothing"}";
        }
    }
}
