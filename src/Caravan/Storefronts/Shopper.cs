using System.Globalization;
using Caravan.Catalog;
using Caravan.Engines.Geo;
using Caravan.Partners;
using Caravan.Platform;

namespace Caravan.Storefronts;

/// <summary>What is in the basket: an item and how many.</summary>
internal readonly record struct BasketEntry(ItemId Item, int Quantity);

/// <summary>Where it should go.</summary>
public sealed record ShopperPlace(GeoPoint Point, string Region, string Address);

/// <summary>A basket's item as it is sold today.</summary>
public sealed record ShopLine(Item Item, int Quantity)
{
    public Money Total => Item.Price * Quantity;
}

/// <summary>A shop as one shopper sees it.</summary>
public sealed record Shop(Partner Seller, IReadOnlyList<ShopLine> Lines, ShopperPlace? Place, bool IsDemo)
{
    public string Path => $"/shop/{Seller.Slug}";

    public int Count => Lines.Sum(line => line.Quantity);

    public Money? Total => Lines.Count == 0 ? null : Lines.Skip(1).Aggregate(Lines[0].Total, (sum, line) => sum + line.Total);

    public int QuantityOf(ItemId item) => Lines.FirstOrDefault(line => line.Item.Id == item)?.Quantity ?? 0;
}

/// <summary>
/// What a shopper's browser remembers for us, since shoppers have no account: two cookies of one shop. They hold no secret and
/// name no person but by the address; whoever changes them changes only their own basket.
/// Basket: <c>01h455vb4pex5vsknk084sn02q.2~…</c>, items without their prefix and how many.
/// Place: <c>31.2304|121.4737|CN-SH|address</c>, the address percent-encoded.
/// </summary>
internal static class ShopperCookies
{
    public const int LinesMax = 60; // 1.8 KB: browsers keep 4.
    public const int QuantityMax = 99;
    public const int AddressLongest = 200;
    private const string BasketName = "caravan-basket";
    private const string PlaceName = "caravan-place";
    private const string ItemPrefix = "itm_";
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    public static IReadOnlyList<BasketEntry> Basket(HttpContext context) => ReadBasket(context.Request.Cookies[BasketName]);

    public static ShopperPlace? Place(HttpContext context) => ReadPlace(context.Request.Cookies[PlaceName]);

    public static void Keep(HttpContext context, string slug, IReadOnlyList<BasketEntry> basket) => Write(context, slug, BasketName, WriteBasket(basket));

    public static void Keep(HttpContext context, string slug, ShopperPlace place) => Write(context, slug, PlaceName, WritePlace(place));

    public static void EmptyBasket(HttpContext context, string slug) => context.Response.Cookies.Delete(BasketName, Options(context, slug));

    /// <summary>A basket with one item's quantity set; 0 takes it out.</summary>
    public static IReadOnlyList<BasketEntry> With(IReadOnlyList<BasketEntry> basket, ItemId item, int quantity)
    {
        quantity = Math.Clamp(quantity, 0, QuantityMax);
        var index = basket.ToList().FindIndex(entry => entry.Item == item);
        if (index < 0)
            return quantity == 0 || basket.Count >= LinesMax ? basket : [.. basket, new BasketEntry(item, quantity)];

        return quantity == 0
            ? [.. basket.Where(entry => entry.Item != item)]
            : [.. basket.Select(entry => entry.Item == item ? entry with { Quantity = quantity } : entry)];
    }

    internal static string WriteBasket(IReadOnlyList<BasketEntry> basket) =>
        string.Join('~', basket.Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Item.ToString()[ItemPrefix.Length..]}.{entry.Quantity}")));

    /// <summary>What cannot be read is left out: a cookie is nobody's fault.</summary>
    internal static IReadOnlyList<BasketEntry> ReadBasket(string? cookie)
    {
        List<BasketEntry> basket = [];
        foreach (var part in (cookie ?? "").Split('~', LinesMax + 1).Take(LinesMax))
        {
            if (part.Split('.') is [var id, var count]
                && ItemId.TryParse(ItemPrefix + id, null, out var item)
                && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var quantity)
                && quantity is > 0 and <= QuantityMax
                && basket.TrueForAll(entry => entry.Item != item))
            {
                basket.Add(new BasketEntry(item, quantity));
            }
        }

        return basket;
    }

    internal static string WritePlace(ShopperPlace place) =>
        string.Create(CultureInfo.InvariantCulture, $"{place.Point.Latitude:0.######}|{place.Point.Longitude:0.######}|{Uri.EscapeDataString(place.Region)}|{Uri.EscapeDataString(place.Address)}");

    internal static ShopperPlace? ReadPlace(string? cookie) =>
        (cookie ?? "").Split('|') is [var latitude, var longitude, var region, var address]
        && TryPoint(latitude, longitude, out var point)
        && Uri.UnescapeDataString(address) is { Length: <= AddressLongest } said
            ? new ShopperPlace(point, Uri.UnescapeDataString(region), said)
            : null;

    public static bool TryPoint(string? latitude, string? longitude, out GeoPoint point)
    {
        point = default;
        return double.TryParse(latitude, NumberStyles.Float, CultureInfo.InvariantCulture, out var north)
            && double.TryParse(longitude, NumberStyles.Float, CultureInfo.InvariantCulture, out var east)
            && GeoPoint.TryCreate(north, east, out point);
    }

    private static void Write(HttpContext context, string slug, string name, string value)
    {
        var options = Options(context, slug);
        options.MaxAge = Kept;
        context.Response.Cookies.Append(name, value, options);
    }

    private static CookieOptions Options(HttpContext context, string slug) => new()
    {
        Path = $"/shop/{slug}",
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
        IsEssential = true,
    };
}
