using Caravan.Catalog;
using Caravan.Partners;
using Caravan.Platform.Storage;

namespace Caravan.Storefronts;

/// <summary>The shops that are open to everybody: one for each company that sells something.</summary>
public sealed class ShopWindow(PartnerBook partners, ItemCatalog catalog)
{
    private const int SlugLongest = 100;

    /// <summary>The companies with a shop, by name.</summary>
    public async Task<IReadOnlyList<Partner>> OpenAsync(Db db)
    {
        List<Partner> open = [];
        foreach (var partner in await partners.AllAsync(db))
        {
            if ((await catalog.ListAsync(db, partner.Id, "", null, 1)).Count > 0)
                open.Add(partner);
        }

        return open;
    }

    /// <summary>A shop by the name in its address.</summary>
    public async Task<Partner?> FindAsync(Db db, string slug) =>
        slug.Length <= SlugLongest ? (await partners.AllAsync(db)).FirstOrDefault(partner => partner.Slug == slug) : null;
}

internal static class StorefrontsRoom
{
    public static IServiceCollection AddStorefronts(this IServiceCollection services) => services.AddSingleton<ShopWindow>().AddSingleton<ShopReader>().AddSingleton<TrackReader>();

    public static void MapStorefronts(this IEndpointRouteBuilder routes)
    {
        routes.MapShopEndpoints();
        routes.MapCheckoutEndpoints();
        routes.MapTrackEndpoints();
    }
}
