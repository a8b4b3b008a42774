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
    Money Price);

/// <summary>The companies' catalogues.</summary>
public sealed class ItemCatalog
{
    /// <summary>Adds items or, where the owner has the SKU already, replaces what is said of them; the id stays.</summary>
    public Task PutAsync(Tx tx, IReadOnlyCollection<Item> items) => ItemStore.PutAsync(tx, items);

    /// <summary>An owner's items by SKU; unknown ones are left out.</summary>
    public Task<IReadOnlyList<Item>> BySkuAsync(Db db, PartnerId owner, IReadOnlyCollection<string> skus) => ItemStore.BySkuAsync(db, owner, skus);

    /// <summary>Owners' items by GTIN-14; unknown ones are left out.</summary>
    public Task<IReadOnlyList<Item>> ByGtinAsync(Db db, IReadOnlyCollection<PartnerId> owners, IReadOnlyCollection<string> gtins) => ItemStore.ByGtinAsync(db, owners, gtins);

    /// <summary>An owner's items by id; unknown ones are left out.</summary>
    public Task<IReadOnlyList<Item>> ByIdAsync(Db db, PartnerId owner, IReadOnlyCollection<ItemId> ids) => ItemStore.ByIdAsync(db, owner, ids);

    /// <summary>
    /// An owner's items in order of SKU, those after <paramref name="afterSku"/>, whose name, SKU or GTIN holds <paramref name="search"/>;
    /// of one category only, when it is named.
    /// </summary>
    public Task<IReadOnlyList<Item>> ListAsync(Db db, PartnerId owner, string afterSku, string? search, int count, string? category = null) => ItemStore.ListAsync(db, owner, afterSku, search, count, category);

    /// <summary>The categories of an owner's items, by name.</summary>
    public Task<IReadOnlyList<string>> CategoriesAsync(Db db, PartnerId owner) => ItemStore.CategoriesAsync(db, owner);
}

internal static class CatalogRoom
{
    public static IServiceCollection AddCatalog(this IServiceCollection services) =>
        services.AddSingleton<ItemCatalog>().AddCatalogJson();

    public static void MapCatalog(this IEndpointRouteBuilder routes) => routes.MapItemEndpoints();
}
