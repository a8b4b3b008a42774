using Caravan.Catalog;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Caravan.Storefronts;

/// <summary>Looking around in a shop and filling a basket. Open to everybody; works without script.</summary>
internal static class ShopEndpoints
{
    private const int ItemsPerPage = 24;
    private const int SearchLongest = 100;

    public static void MapShopEndpoints(this IEndpointRouteBuilder routes)
    {
        var shop = routes.MapGroup("/shop").AllowAnonymous().ExcludeFromDescription();
        shop.MapGet("", List);
        shop.MapGet("/{slug}", Browse);
        shop.MapGet("/{slug}/basket", Basket);
        shop.MapPost("/{slug}/basket", Put);
    }

    private static async Task<IResult> List(Store store, ShopWindow window, Settings settings, CancellationToken cancel) =>
        new RazorComponentResult<ShopListPage>(new { Shops = await store.ReadAsync(window.OpenAsync, cancel), settings.IsDemo });

    private static async Task<IResult> Browse(string slug, HttpContext context, Store store, ShopReader reader, ItemCatalog catalog, string? q = null, string? category = null, string? after = null, string? near = null)
    {
        var search = string.IsNullOrWhiteSpace(q) ? null : q.Trim()[..Math.Min(q.Trim().Length, SearchLongest)];
        var page = await store.ReadAsync<BrowsePage?>(async db =>
        {
            if (await reader.ReadAsync(db, context, slug) is not { } shop)
                return null;

            var store = await reader.NearAsync(shop.Seller.Id, shop.Place, context.RequestAborted);
            var items = near is not null && store is not null
                ? await reader.OnShelfAsync(db, shop.Seller.Id, store.Store, ItemId.TryParse(after, null, out var last) ? last : null, ItemsPerPage)
                : Page<Item>.Of([.. await catalog.ListAsync(db, shop.Seller.Id, after ?? "", search, ItemsPerPage + 1, string.IsNullOrEmpty(category) ? null : category)], ItemsPerPage, item => item.Sku);
            return new BrowsePage(shop, await catalog.CategoriesAsync(db, shop.Seller.Id), items, store);
        }, context.RequestAborted);
        return page is null
            ? Problem.NotFound("shop")
            : new RazorComponentResult<ShopPage>(new { page.Shop, page.Categories, page.Items, Search = search, Category = category, IsFirstPage = after is null, page.Near, IsNear = near is not null && page.Near is not null });
    }

    private static async Task<IResult> Basket(string slug, HttpContext context, ShopReader reader) =>
        await reader.ReadAsync(context, slug) is { } shop ? new RazorComponentResult<BasketPage>(new { Shop = shop }) : Problem.NotFound("shop");

    // "step" adds to what is there, "quantity" replaces it; a basket is the shopper's own, so nothing here is refused.
    private static async Task<IResult> Put(string slug, HttpContext context, Store store, ShopReader reader, ItemCatalog catalog, [FromForm] string item, [FromForm] int? step, [FromForm] int? quantity, [FromForm(Name = "return")] string? returnTo)
    {
        var found = await store.ReadAsync<(Shop Shop, Item? Item)?>(async db =>
            await reader.ReadAsync(db, context, slug) is { } shop
                ? (shop, ItemId.TryParse(item, null, out var id) && await catalog.ByIdAsync(db, shop.Seller.Id, [id]) is [var one] ? one : null)
                : null, context.RequestAborted);
        if (found is not var (shop, wanted) || wanted is null)
            return Problem.NotFound("item of this shop");

        var before = shop.Lines.Select(line => new BasketEntry(line.Item.Id, line.Quantity)).ToList();
        var basket = ShopperCookies.With(before, wanted.Id, quantity ?? shop.QuantityOf(wanted.Id) + (step ?? 1));
        ShopperCookies.Keep(context, slug, basket);
        if (!context.Request.Headers.ContainsKey("HX-Request"))
            return Results.Redirect(AccessRoom.LocalPath(returnTo ?? shop.Path) + (returnTo?.Contains('#', StringComparison.Ordinal) == true ? "" : $"#i-{wanted.Id}"));

        var now = await store.ReadAsync(db => reader.LinesAsync(db, shop.Seller.Id, basket), context.RequestAborted);
        return new RazorComponentResult<ItemChanged>(new { Shop = shop with { Lines = now }, Item = wanted, Return = AccessRoom.LocalPath(returnTo ?? shop.Path) });
    }

    private sealed record BrowsePage(Shop Shop, IReadOnlyList<string> Categories, Page<Item> Items, NearStore? Near);
}
