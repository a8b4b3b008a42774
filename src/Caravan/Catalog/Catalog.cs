using Caravan.Platform;
using Caravan.Platform.Storage;

namespace Caravan.Catalog;

/// <summary>An item of its owner's catalogue; companies' items are the same article when their GTIN-14 is.</summary>
public sealed record Item(
    PartnerId Owner,
    ItemId Id,
    string Sku,
    string? Gtin,
    string Name,
    string Category,
    TemperatureClass TemperatureClass,
    int WeightGrams,
    Money Price)
{
    /// <summary>Whether its stock is received by lot: medicines, fresh food.</summary>
    public bool IsLotControlled { get; init; }

    /// <summary>Whether a picker must take the lot that expires first, and no other.</summary>
    public bool IsLotOrderStrict { get; init; }

    /// <summary>How many days a lot must have left when the customer gets it.</summary>
    public int MinimumShelfLifeDays { get; init; }

    /// <summary>Whether it is sold again only on somebody's word once it was out of sight: what is kept cold, medicines, and what is kept by lot.</summary>
    public bool IsReleasedByHand => TemperatureClass != TemperatureClass.Ambient || IsLotControlled || MedicineWords.Any(word => Category.Contains(word, StringComparison.OrdinalIgnoreCase));

    // As shops call their shelves of medicines; the temperature class tells only of those that are kept cold.
    private static readonly string[] MedicineWords = ["medicine", "pharma", "prescription"];

    /// <summary>From when it may be had; before, it can only be ordered ahead.</summary>
    public DateTimeOffset? AvailableFrom { get; init; }
}

/// <summary>The companies' catalogues.</summary>
public sealed class ItemCatalog
{
    private const int ItemsMax = 300_000;

    // By what an item is called: an owner's SKU, an owner's GTIN, an owner's id. An owner who has no such item is remembered too.
    private readonly Recent<(PartnerId Owner, string Code), Named> bySku = new(ItemsMax, _ => 1);
    private readonly Recent<(PartnerId Owner, string Code), Named> byGtin = new(ItemsMax, _ => 1);
    private readonly Recent<(PartnerId Owner, ItemId Id), Named> byId = new(ItemsMax, _ => 1);

    internal ItemCatalog(Store store)
    {
        store.Caches["items by gtin"] = () => byGtin.State;
        store.Caches["items by id"] = () => byId.State;
        store.Caches["items by sku"] = () => bySku.State;
        store.Listen(ItemStore.Topic, _ =>
        {
            byGtin.Clear();
            byId.Clear();
            bySku.Clear();
        });
    }

    /// <summary>Adds items or, where the owner has the SKU already, replaces what is said of them; the id stays.</summary>
    public Task PutAsync(Tx tx, IReadOnlyCollection<Item> items) => ItemStore.PutAsync(tx, items);

    /// <summary>An owner's items by SKU; unknown ones are left out.</summary>
    public Task<IReadOnlyList<Item>> BySkuAsync(Db db, PartnerId owner, IReadOnlyCollection<string> skus) =>
        RememberedAsync<(PartnerId Owner, string Code)>(db, bySku, [.. skus.Select(sku => (Owner: owner, Code: sku))], missing => ItemStore.BySkuAsync(db, owner, [.. missing.Select(key => key.Code)]), item => (item.Owner, item.Sku));

    /// <summary>Owners' items by GTIN-14; unknown ones are left out.</summary>
    public Task<IReadOnlyList<Item>> ByGtinAsync(Db db, IReadOnlyCollection<PartnerId> owners, IReadOnlyCollection<string> gtins) =>
        RememberedAsync<(PartnerId Owner, string Code)>(
            db,
            byGtin,
            [.. owners.SelectMany(owner => gtins.Select(gtin => (Owner: owner, Code: gtin)))],
            missing => ItemStore.ByGtinAsync(db, [.. missing.Select(key => key.Owner).Distinct()], [.. missing.Select(key => key.Code).Distinct()]),
            item => (item.Owner, item.Gtin!)); // Found by it.

    /// <summary>An owner's items by id; unknown ones are left out.</summary>
    public Task<IReadOnlyList<Item>> ByIdAsync(Db db, PartnerId owner, IReadOnlyCollection<ItemId> ids) =>
        RememberedAsync<(PartnerId Owner, ItemId Id)>(db, byId, [.. ids.Select(id => (Owner: owner, Id: id))], missing => ItemStore.ByIdAsync(db, owner, [.. missing.Select(key => key.Id)]), item => (item.Owner, item.Id));

    /// <summary>
    /// An owner's items in order of SKU, those after <paramref name="afterSku"/>, whose name, SKU or GTIN holds <paramref name="search"/>;
    /// of one category only, when it is named.
    /// </summary>
    public Task<IReadOnlyList<Item>> ListAsync(Db db, PartnerId owner, string afterSku, string? search, int count, string? category = null) => ItemStore.ListAsync(db, owner, afterSku, search, count, category);

    /// <summary>What may be put in instead of an owner's items, the best first; items that have nothing are left out.</summary>
    public async Task<IReadOnlyDictionary<ItemId, IReadOnlyList<Item>>> SubstitutesAsync(Db db, PartnerId owner, IReadOnlyCollection<ItemId> items)
    {
        var ids = await SubstituteStore.OfAsync(db, owner, items);
        var known = (await ByIdAsync(db, owner, [.. ids.SelectMany(of => of).Distinct()])).ToDictionary(item => item.Id);
        return ids.ToDictionary(of => of.Key, of => (IReadOnlyList<Item>)[.. of.Where(known.ContainsKey).Select(id => known[id])]);
    }

    /// <summary>Says what may be put in instead of an owner's item, the best first.</summary>
    public Task SetSubstitutesAsync(Tx tx, PartnerId owner, ItemId item, IReadOnlyList<ItemId> substitutes) => SubstituteStore.SetAsync(tx, owner, item, substitutes);

    /// <summary>The categories of an owner's items, by name.</summary>
    public Task<IReadOnlyList<string>> CategoriesAsync(Db db, PartnerId owner) => ItemStore.CategoriesAsync(db, owner);

    // In a transaction items are read, else remembered from the last time.
    private async Task<IReadOnlyList<Item>> RememberedAsync<TKey>(Db db, Recent<TKey, Named> recent, IReadOnlyCollection<TKey> keys, Func<IReadOnlyCollection<TKey>, Task<IReadOnlyList<Item>>> read, Func<Item, TKey> keyOf)
        where TKey : notnull
    {
        if (db is Tx)
            return await read(keys);

        List<Item> found = new(keys.Count);
        List<TKey> missing = [];
        foreach (var key in keys)
        {
            if (recent.Find(key) is not { } named)
                missing.Add(key);
            else if (named.Item is { } item)
                found.Add(item);
        }

        if (missing.Count == 0)
            return found;

        var readAt = db.ReadAt;
        var items = await read(missing);
        foreach (var item in items)
            Keep(item, readAt);
        var absent = missing.ToHashSet();
        absent.ExceptWith(items.Select(keyOf));
        foreach (var key in absent)
            recent.Keep(key, new Named(null), readAt);
        return [.. found, .. items];
    }

    // Who asked for an item by one of its names will ask for it by another.
    private void Keep(Item item, long readAt)
    {
        var named = new Named(item);
        bySku.Keep((item.Owner, item.Sku), named, readAt);
        byId.Keep((item.Owner, item.Id), named, readAt);
        if (item.Gtin is not null)
            byGtin.Keep((item.Owner, item.Gtin), named, readAt);
    }

    private sealed record Named(Item? Item);
}

internal static class CatalogRoom
{
    public static IServiceCollection AddCatalog(this IServiceCollection services) =>
        services.AddSingleton(provider => new ItemCatalog(provider.GetRequiredService<Store>())).AddCatalogJson();

    public static void MapCatalog(this IEndpointRouteBuilder routes) => routes.MapItemEndpoints();
}
