using Caravan.Catalog;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Caravan.Storefronts;

/// <summary>From a basket to an order: where to, the promise, and the one button.</summary>
internal static class CheckoutEndpoints
{
    private const string Channel = "web";
    private const int NumberLetters = 10;

    public static void MapCheckoutEndpoints(this IEndpointRouteBuilder routes)
    {
        var shop = routes.MapGroup("/shop/{slug}").AllowAnonymous().ExcludeFromDescription();
        shop.MapGet("/place", Place);
        shop.MapPost("/place", SetPlace);
        shop.MapPost("/promises", AskPromise);
        shop.MapGet("/promises/{id}", ShowPromise);
        shop.MapPost("/orders", PlaceOrder);
    }

    private static Task<IResult> Place(string slug, HttpContext context, Store store, ShopReader reader, string? region = null) =>
        PlacePageAsync(slug, context, store, reader, region, null, null);

    private static async Task<IResult> SetPlace(string slug, HttpContext context, Store store, ShopReader reader, PromiseBook promises, [AsParameters] PlaceForm form)
    {
        var address = (form.Address ?? "").Trim();
        var typed = !string.IsNullOrWhiteSpace(form.Latitude) || !string.IsNullOrWhiteSpace(form.Longitude);
        var chosen = (form.Place ?? "").Split('~', 3);
        if (address.Length > ShopperCookies.AddressLongest)
            return await PlacePageAsync(slug, context, store, reader, form.Region, form, $"At most {ShopperCookies.AddressLongest} characters for the address.");
        if (!(typed ? ShopperCookies.TryPoint(form.Latitude, form.Longitude, out var point) : ShopperCookies.TryPoint(chosen.ElementAtOrDefault(0), chosen.ElementAtOrDefault(1), out point)))
            return await PlacePageAsync(slug, context, store, reader, form.Region, form, typed ? "Latitude is −90 to 90 and longitude −180 to 180 degrees, such as 31.2304 and 121.4737." : "Choose one of the places, or say exactly where.");

        if (await reader.ReadAsync(context, slug) is not { } shop)
            return Problem.NotFound("shop");

        var label = typed ? $"{form.Latitude}, {form.Longitude}" : chosen.ElementAtOrDefault(2) ?? "";
        var place = new ShopperPlace(point, form.Region ?? "", address.Length > 0 ? address : label[..Math.Min(label.Length, ShopperCookies.AddressLongest)]);
        ShopperCookies.Keep(context, slug, place);
        return shop.Lines.Count == 0 ? Results.Redirect($"{shop.Path}?near=1") : await AskAsync(shop with { Place = place }, promises, context);
    }

    private static async Task<IResult> AskPromise(string slug, HttpContext context, ShopReader reader, PromiseBook promises) => await reader.ReadAsync(context, slug) switch
    {
        null => Problem.NotFound("shop"),
        { Lines.Count: 0 } shop => Results.Redirect($"{shop.Path}/basket"),
        { Place: null } shop => Results.Redirect($"{shop.Path}/place"),
        var shop => await AskAsync(shop, promises, context),
    };

    private static async Task<IResult> AskAsync(Shop shop, PromiseBook promises, HttpContext context) =>
        await promises.PromiseAsync(BasketOf(shop, null), context.RequestAborted) is PromiseOutcome.Made made
            ? Results.Redirect($"{shop.Path}/promises/{made.Promise.Id}")
            : Results.Redirect($"{shop.Path}/basket"); // Faults of a basket are goods that have left the catalogue; the basket page drops them.

    private static async Task<IResult> ShowPromise(string slug, PromiseId id, HttpContext context, Store store, ShopReader reader, PromiseBook promises)
    {
        var (shop, promise) = await store.ReadAsync(
            async db => await reader.ReadAsync(db, context, slug) is { } shop ? (shop, await promises.FindAsync(db, shop.Seller.Id, id)) : default,
            context.RequestAborted);
        if (shop is null)
            return Problem.NotFound("shop");
        if (shop.Place is null || shop.Lines.Count == 0 || promise is null)
            return Results.Redirect($"{shop.Path}/basket");

        return await PromisePageAsync(shop, promise, null, context, reader);
    }

    // A promise becomes one order at most: the number is made of the promise's id, and a number never becomes two orders.
    private static async Task<IResult> PlaceOrder(string slug, HttpContext context, Store store, ShopReader reader, PromiseBook promises, OrderDesk desk, [FromForm(Name = "key")] PromiseId key, [FromForm] DeliveryService service, [FromForm] string? station, [FromForm] bool substitutes = false)
    {
        if (await reader.ReadAsync(context, slug) is not { } shop)
            return Problem.NotFound("shop");

        // The second tap comes with an empty basket, for the first has emptied it.
        var number = NumberOf(key);
        if (await store.ReadAsync(db => desk.FindAsync(db, shop.Seller.Id, Channel, number), context.RequestAborted) is { } earlier)
            return earlier.Promise == key ? Done(context, shop, earlier) : Results.Redirect($"{shop.Path}/basket");
        if (shop.Place is null || shop.Lines.Count == 0)
            return Results.Redirect($"{shop.Path}/basket");

        var basket = BasketOf(shop, service == DeliveryService.PickUp && LocationId.TryParse(station, null, out var at) ? at : null, substitutes);
        switch (await desk.PlaceAsync(new OrderRequest(basket, Channel, number, service, shop.Place.Address, key), context.RequestAborted))
        {
            case PlaceOutcome.Placed placed:
                return Done(context, shop, placed.Order);
            case PlaceOutcome.Known known when await store.ReadAsync(db => desk.FindAsync(db, shop.Seller.Id, known.Order), context.RequestAborted) is { } order && order.Promise == key:
                return Done(context, shop, order);
            case PlaceOutcome.Refused refused:
                return await RefusedPageAsync(shop, new OrderRefusal("Somebody was a moment faster", refused.Sentence, refused.Lines, refused.Closest), context, reader);
            case PlaceOutcome.PromiseGone:
                return await RefusedPageAsync(shop, new OrderRefusal("These times no longer hold", "They were kept for you for a quarter of an hour, or the basket has changed since. Nothing was ordered; look at the times again.", [], null), context, reader);
            default:
                return await RefusedPageAsync(shop, new OrderRefusal("That did not work", "Nothing was ordered. Look at the times again.", [], null), context, reader);
        }
    }

    private static IResult Done(HttpContext context, Shop shop, Order order)
    {
        ShopperCookies.EmptyBasket(context, shop.Seller.Slug);
        return Results.Redirect(order.TrackingPath);
    }

    private static async Task<IResult> PlacePageAsync(string slug, HttpContext context, Store store, ShopReader reader, string? region, PlaceForm? form, string? fault)
    {
        var (shop, regions) = await store.ReadAsync(
            async db => await reader.ReadAsync(db, context, slug) is { } found ? (found, await reader.RegionsAsync(db, found.Seller.Id, context.RequestAborted)) : default,
            context.RequestAborted);
        if (shop is null)
            return Problem.NotFound("shop");

        var current = regions.OrderByDescending(one => one.Code == (region ?? shop.Place?.Region)).ThenByDescending(one => one.IsActive).FirstOrDefault();
        return new RazorComponentResult<PlacePage>(new { Shop = shop, Regions = regions, Current = current, Form = form ?? new PlaceForm(), Fault = fault })
        {
            StatusCode = fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest,
        };
    }

    private static async Task<IResult> PromisePageAsync(Shop shop, Promise promise, OrderRefusal? refusal, HttpContext context, ShopReader reader)
    {
        var clock = context.RequestServices.GetRequiredService<TimeProvider>();
        var catalog = context.RequestServices.GetRequiredService<ItemCatalog>();
        var store = context.RequestServices.GetRequiredService<Store>();
        var substitutes = await store.ReadAsync(db => catalog.SubstitutesAsync(db, shop.Seller.Id, [.. shop.Lines.Select(line => line.Item.Id)]), context.RequestAborted);
        return new RazorComponentResult<PromisePage>(new { Shop = shop, Promise = promise, Refusal = refusal, HasSubstitutes = substitutes.Count > 0, Now = clock.GetUtcNow(), Zone = await reader.ZoneAsync(shop.Place!, context.RequestAborted) }); // Callers have seen to the place.
    }

    private static async Task<IResult> RefusedPageAsync(Shop shop, OrderRefusal refusal, HttpContext context, ShopReader reader)
    {
        // What can be had now stands under why it could not: one tap further.
        var promises = context.RequestServices.GetRequiredService<PromiseBook>();
        context.Response.StatusCode = StatusCodes.Status409Conflict;
        return await promises.PromiseAsync(BasketOf(shop, null), context.RequestAborted) is PromiseOutcome.Made made
            ? await PromisePageAsync(shop, made.Promise, refusal, context, reader)
            : Results.Redirect($"{shop.Path}/basket");
    }

    private static Basket BasketOf(Shop shop, LocationId? station, bool allowsSubstitutes = false) =>
        new(shop.Seller.Id, [.. shop.Lines.Select(line => new BasketLine(null, null, line.Item.Id, line.Quantity) { AllowsSubstitute = allowsSubstitutes })], shop.Place!.Point, station); // Callers have seen to the place.

    internal static string NumberOf(PromiseId promise) => "WEB-" + promise.ToString()[^NumberLetters..].ToUpperInvariant();
}

/// <summary>Why an order could not be had after all.</summary>
public sealed record OrderRefusal(string Title, string Sentence, IReadOnlyList<LineLeft> Lines, ClosestNode? Closest);

/// <summary>Where to: one of the places, or exact degrees, and the address for the courier.</summary>
public sealed record PlaceForm
{
    [FromForm]
    public string? Region { get; init; }

    [FromForm]
    public string? Place { get; init; }

    [FromForm]
    public string? Latitude { get; init; }

    [FromForm]
    public string? Longitude { get; init; }

    [FromForm]
    public string? Address { get; init; }
}
