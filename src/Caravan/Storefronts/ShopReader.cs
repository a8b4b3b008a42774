using Caravan.Catalog;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Storefronts;

/// <summary>Reads a shop with the basket of whoever asks.</summary>
internal sealed class ShopReader(Store store, ShopWindow window, ItemCatalog catalog, StockBook stock, PartnerBook partners, NetworkMap map, Settings settings, TimeProvider clock)
{
    public Task<Shop?> ReadAsync(HttpContext context, string slug) => store.ReadAsync(db => ReadAsync(db, context, slug), context.RequestAborted);

    public async Task<Shop?> ReadAsync(Db db, HttpContext context, string slug) =>
        await window.FindAsync(db, slug) is { } seller
            ? new Shop(seller, await LinesAsync(db, seller.Id, ShopperCookies.Basket(context)), ShopperCookies.Place(context), settings.IsDemo)
            : null;

    /// <summary>An item that has left the catalogue leaves the basket.</summary>
    public async Task<IReadOnlyList<ShopLine>> LinesAsync(Db db, PartnerId seller, IReadOnlyList<BasketEntry> basket)
    {
        var items = (await catalog.ByIdAsync(db, seller, [.. basket.Select(entry => entry.Item)])).ToDictionary(item => item.Id);
        return [.. basket.Where(entry => items.ContainsKey(entry.Item)).Select(entry => new ShopLine(items[entry.Item], entry.Quantity))];
    }

    /// <summary>Where the seller's own stock lies, and the stock that others let it sell.</summary>
    public async Task<IReadOnlyList<ShopRegion>> RegionsAsync(Db db, PartnerId seller, CancellationToken cancel)
    {
        var grants = await partners.GrantedToAsync(db, seller, AgreementKind.SellStock, clock.GetUtcNow());
        return SamplePlaces.Of(await map.CurrentAsync(cancel), grants.Select(grant => grant.Grantor).Append(seller).ToHashSet());
    }

    /// <summary>The seller's store around the corner: the closest that brings things to this place within the hour; null when there is none.</summary>
    public async Task<NearStore?> NearAsync(PartnerId seller, ShopperPlace? place, CancellationToken cancel)
    {
        if (place is null)
            return null;

        var network = await map.CurrentAsync(cancel);
        return network.Locations
            .Where(location => location.Operator == seller && location.Kind == LocationKind.Store && location.IsActive && network.IsRegionOn(location))
            .Select(location => new NearStore(location, Engines.Geo.GreatCircle.Metres(location.Point, place.Point)))
            .Where(near => near.Metres <= near.Store.WithinHourMetres)
            .OrderBy(near => !near.Store.Hours.IsOpen(clock.GetUtcNow()))
            .ThenBy(near => near.Metres)
            .FirstOrDefault();
    }

    /// <summary>What stands on a store's shelf, after an item.</summary>
    public async Task<Page<Item>> OnShelfAsync(Db db, PartnerId seller, Location shelf, ItemId? after, int count)
    {
        var ids = Page<ItemId>.Of([.. await stock.OnShelfAsync(db, seller, shelf.Id, after, count + 1, clock.GetUtcNow())], count, id => id.ToString());
        var items = (await catalog.ByIdAsync(db, seller, ids.Items)).ToDictionary(item => item.Id);
        return new Page<Item>([.. ids.Items.Where(items.ContainsKey).Select(id => items[id])], ids.Next);
    }

    /// <summary>The time zone of a place: that of the closest node.</summary>
    public async Task<string> ZoneAsync(ShopperPlace place, CancellationToken cancel) =>
        (await map.CurrentAsync(cancel)).Locations.MinBy(location => Engines.Geo.GreatCircle.Metres(location.Point, place.Point))?.Hours.Zone.Id ?? "UTC";
}

/// <summary>A store around the corner.</summary>
public sealed record NearStore(Location Store, int Metres);
