using Caravan.Engines.Geo;
using Caravan.Storefronts;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Tests.Storefronts;

public sealed class ShopperCookieTests
{
    private static readonly ItemId[] Items = [.. Enumerable.Range(0, 70).Select(_ => ItemId.New(DateTimeOffset.UnixEpoch))];

    [Fact]
    public void A_basket_reads_back_as_it_was_written()
    {
        Prop.ForAll(Gen.Choose(1, ShopperCookies.QuantityMax).ArrayOf().ToArbitrary(), quantities =>
        {
            var basket = quantities.Take(ShopperCookies.LinesMax).Select((quantity, index) => new BasketEntry(Items[index], quantity)).ToList();
            return ShopperCookies.ReadBasket(ShopperCookies.WriteBasket(basket)).SequenceEqual(basket);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Whatever_stands_in_a_cookie_reads_as_some_basket_and_some_place_or_none()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
        {
            _ = ShopperCookies.ReadPlace(text);
            return ShopperCookies.ReadBasket(text).Count <= ShopperCookies.LinesMax;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_place_reads_back_as_it_was_written()
    {
        var place = new ShopperPlace(new GeoPoint(31.2304, -121.4737), "CN-SH", "12 Lane; of ~Lanterns~, 灯笼巷");

        Assert.Equal(place, ShopperCookies.ReadPlace(ShopperCookies.WritePlace(place)));
    }

    [Fact]
    public void A_full_basket_fits_into_a_cookie()
    {
        var basket = Items.Take(ShopperCookies.LinesMax).Select(item => new BasketEntry(item, ShopperCookies.QuantityMax)).ToList();

        Assert.True(ShopperCookies.WriteBasket(basket).Length < 3_000);
        Assert.Equal(ShopperCookies.LinesMax, ShopperCookies.With(basket, Items[^1], 1).Count);
    }

    [Fact]
    public void Setting_a_quantity_to_nothing_takes_the_item_out()
    {
        IReadOnlyList<BasketEntry> basket = [new(Items[0], 2), new(Items[1], 1)];

        Assert.Equal([new BasketEntry(Items[1], 1)], ShopperCookies.With(basket, Items[0], 0));
        Assert.Equal([new BasketEntry(Items[0], 5), new BasketEntry(Items[1], 1)], ShopperCookies.With(basket, Items[0], 5));
        Assert.Equal(ShopperCookies.QuantityMax, ShopperCookies.With(basket, Items[0], int.MaxValue)[0].Quantity);
    }
}
