using Caravan.Catalog;
using Caravan.Network;
using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>Says what the owner's rules keep back in cells, as rules, catalogue and network are now.</summary>
internal sealed class SafetyBook(ItemCatalog catalog, NetworkMap map)
{
    /// <summary>What the rules keep back in some of an owner's cells; nothing in others.</summary>
    public async Task<Func<StockKey, Safety>> OfAsync(Db db, PartnerId owner, IReadOnlyCollection<StockKey> keys)
    {
        if (keys.Count == 0)
            return _ => default;

        var items = keys.Select(key => key.Item).Distinct().ToList();
        var rules = await SafetyStore.OfItemsAsync(db, owner, items);
        if (rules.Count == 0)
            return _ => default;

        var categories = rules.Exists(rule => rule.Scope.Category is not null) ? (await catalog.ByIdAsync(db, owner, items)).ToDictionary(item => item.Id, item => item.Category) : [];
        var network = await map.CurrentAsync(CancellationToken.None);
        return key => SafetyRule.For(rules, new SafetySubject(key.Item, categories.GetValueOrDefault(key.Item, ""), key.Location, network.Find(key.Location)?.Kind));
    }
}
