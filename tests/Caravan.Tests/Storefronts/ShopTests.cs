using Caravan.Tests.Orders;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Storefronts;

public sealed class ShopTests
{
    [Fact]
    public async Task A_double_tap_on_order_is_one_order()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        using var visitor = await AtPromiseAsync(world, 2);
        var form = visitor.Page.Forms.First(one => one.GetAttribute("action") == "/shop/chain/orders");

        await visitor.SubmitAsync(form);
        var first = visitor.Path;
        await visitor.SubmitAsync(form);

        Assert.StartsWith("/track/", first, StringComparison.Ordinal);
        Assert.Equal(first, visitor.Path);
        var orders = await world.Chain.Http.FetchAsync("/v1/orders");
        var only = Assert.Single(orders.Body.GetProperty("items").EnumerateArray());
        Assert.StartsWith("WEB-", only.GetProperty("number").GetString(), StringComparison.Ordinal);
        Assert.Equal("web", only.GetProperty("channel").GetString());
        Assert.Equal(2, (await world.CellAsync("chain", "tea", "near"))!.Reserved);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task When_somebody_was_faster_the_shopper_hears_what_is_left()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        using var visitor = await AtPromiseAsync(world, 4);
        await world.PlaceAsync("faster", "withinHour", OrderWorld.Line("tea", 3));

        await visitor.SubmitAsync("/shop/chain/orders");

        Assert.Equal(409, visitor.Status);
        Assert.Contains("Somebody was a moment faster", visitor.Text, StringComparison.Ordinal);
        Assert.Contains("tea: 2 of 4 can still be had", visitor.Text, StringComparison.Ordinal);
        Assert.Contains("Nothing was ordered", visitor.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_promise_that_has_run_out_is_asked_for_again()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        using var visitor = await AtPromiseAsync(world, 1);
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(16));

        await visitor.SubmitAsync("/shop/chain/orders");

        Assert.Equal(409, visitor.Status);
        Assert.Contains("These times no longer hold", visitor.Text, StringComparison.Ordinal);
        await visitor.SubmitAsync("/shop/chain/orders");
        Assert.StartsWith("/track/", visitor.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_promise_of_the_same_number_never_leads_to_somebody_elses_order()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        using var shopper = await AtPromiseAsync(world, 1);
        await shopper.SubmitAsync("/shop/chain/orders");
        var order = (await world.Chain.Http.FetchAsync("/v1/orders")).Body.GetProperty("items")[0];

        using var thief = await AtPromiseAsync(world, 1);
        var form = thief.Page.Forms.First(one => one.GetAttribute("action") == "/shop/chain/orders");
        var known = order.GetProperty("number").GetString()!["WEB-".Length..].ToLowerInvariant();
        await thief.SubmitAsync(form, ("key", form.QuerySelector("[name=key]")!.GetAttribute("value")![..^known.Length] + known));

        Assert.DoesNotContain("/track/", thief.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pick_up_names_the_station_and_is_ordered_there()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        using var visitor = await AtPromiseAsync(world, 1);

        var form = visitor.Page.Forms.First(one => one.QuerySelector("[name=service]")?.GetAttribute("value") == "PickUp");
        await visitor.SubmitAsync(form);

        Assert.True(visitor.Path.StartsWith("/track/", StringComparison.Ordinal), visitor.Text);
        Assert.Contains("Show this code at The station one", visitor.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_had_says_why_and_what_is_closest()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("logistics", "tea", "warehouse", 5);

        using var visitor = await AtPromiseAsync(world, 1);

        Assert.Contains("Not possible this time", visitor.Text, StringComparison.Ordinal);
        Assert.Contains("Within the hour", visitor.Text, StringComparison.Ordinal);
        Assert.Contains("The warehouse one", visitor.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("999", "0")]
    [InlineData("north", "east")]
    [InlineData("39.9", "")]
    [InlineData("NaN", "0")]
    public async Task A_place_that_is_none_is_asked_for_again(string latitude, string longitude)
    {
        await using var world = await OrderWorld.StartAsync();
        using var visitor = new PageVisitor(world.Caravan);

        await visitor.OpenAsync("/shop/chain/place");
        await visitor.SubmitAsync("/shop/chain/place", ("latitude", latitude), ("longitude", longitude));

        Assert.Equal(400, visitor.Status);
        Assert.Contains("Latitude is −90 to 90", visitor.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_finds_by_name_and_says_when_there_is_nothing()
    {
        await using var world = await OrderWorld.StartAsync();
        using var visitor = new PageVisitor(world.Caravan);

        await visitor.OpenAsync("/shop/chain?q=TEA");
        Assert.NotNull(visitor.Page.QuerySelector(".item"));
        Assert.DoesNotContain("milk", visitor.Text, StringComparison.Ordinal);
        await visitor.OpenAsync("/shop/chain?q=%3Cscript%3E");
        Assert.Contains("Nothing is called “<script>”", visitor.Text, StringComparison.Ordinal);
        await visitor.OpenAsync("/shop/nobody");
        Assert.Equal(404, visitor.Status);
    }

    [Fact]
    public async Task Who_says_where_they_are_sees_what_is_on_the_shelf_around_the_corner()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.ReceiveAsync("chain", "apples", "far", 5);
        using var visitor = new PageVisitor(world.Caravan);

        await visitor.OpenAsync("/shop/chain/place");
        await visitor.SubmitAsync("/shop/chain/place", ("latitude", "39.9"), ("longitude", "116.4"));

        Assert.Equal("/shop/chain?near=1", visitor.Path);
        Assert.Contains("On the shelf at The near one", visitor.Text, StringComparison.Ordinal);
        Assert.Equal(["tea"], visitor.Page.QuerySelectorAll(".item h3").Select(item => item.TextContent));
    }

    [Fact]
    public async Task Tracking_is_not_listed_nor_told_to_other_sites_and_cannot_be_guessed()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        var order = await world.PlaceAsync("A-1");
        var path = order.GetProperty("trackingPath").GetString()!;

        var page = await world.Caravan.Anonymous.FetchAsync(path);
        var guessed = await world.Caravan.Anonymous.FetchAsync(path[..^1] + (path[^1] == 'a' ? 'b' : 'a'));

        Assert.Equal(200, page.Status);
        Assert.Equal("no-referrer", page.Response.Headers.GetValues("Referrer-Policy").Single());
        Assert.Contains("noindex", page.Response.Headers.GetValues("X-Robots-Tag").Single(), StringComparison.Ordinal);
        Assert.Equal(404, guessed.Status);
    }

    /// <summary>A shopper with so much tea, on the page that says when it can be there.</summary>
    private static async Task<PageVisitor> AtPromiseAsync(OrderWorld world, int tea)
    {
        var visitor = new PageVisitor(world.Caravan);
        await visitor.OpenAsync("/shop/chain");
        var add = visitor.Page.QuerySelector($"#add-{world.Items[("chain", "tea")]}")!.Closest("form") as AngleSharp.Html.Dom.IHtmlFormElement;
        await visitor.SubmitAsync(add!, ("quantity", tea.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        await visitor.OpenAsync("/shop/chain/place");
        await visitor.SubmitAsync("/shop/chain/place", ("latitude", "39.9"), ("longitude", "116.4"), ("address", "12 Lane of Lanterns"));
        Assert.StartsWith("/shop/chain/promises/prm_", visitor.Path, StringComparison.Ordinal);
        return visitor;
    }
}
