using System.Text.RegularExpressions;
using Caravan.Tests.Fulfilment;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Caravan.Tests.Browser;

/// <summary>The day of who leads operations, in a real browser: what goes wrong is seen in the inbox and put right from there.</summary>
[Trait("Store", "once")]
public sealed class LeadsDayTests
{
    [Theory]
    [InlineData("desk-lead", 1280, 900)]
    [InlineData("phone-lead", 390, 844)]
    public async Task A_feed_breaks_the_inbox_says_what_it_costs_and_the_order_is_sourced_elsewhere(string name, int width, int height)
    {
        await using var world = await OrderWorld.StartAsync();
        var feed = (await world.Chain.Http.SubmitAsync("/v1/feeds", new { name = "till", itemCodes = "sku", breakerPercent = 10 })).Response.Headers.Location!.ToString(); // Just made.
        await SnapshotAsync(world, feed, tea: 10);
        var order = await world.PlaceAsync("A-1", lines: OrderWorld.Line("tea", 2));
        await using var window = await Chromium.OpenAsync(world.Caravan, name, width, height);
        var page = window.Page;
        await window.SignInAsync(world.Chain.Key);
        Assert.Equal(202, await SnapshotAsync(world, feed, tea: 0));

        // The snapshot would take nearly all away: it waits for a person, and says until when the feed's figures are good.
        await page.GetByRole(AriaRole.Link, new() { Name = "Inbox", Exact = true }).ClickAsync();
        var waiting = page.Locator(".exception", new() { HasText = "till: a snapshot waits" });
        await Expect(waiting).ToContainTextAsync(new Regex(@"\d+ (min|s)( \d+ min)? left|\d+ h \d+ min left"));
        await window.ShootAsync("snapshot-waits");
        await waiting.GetByRole(AriaRole.Button, new() { Name = "It is true, take it" }).ClickAsync();

        // It was true: the order's goods are not there, and nobody else has them. Its cost and its clock stand beside it, by themselves.
        var risk = page.Locator(".exception", new() { HasText = "Order A-1 is at risk" });
        await Expect(risk).ToContainTextAsync("CN¥24.00 at stake");
        await Expect(risk).ToContainTextAsync(new Regex(@"\d+ min left"));
        await Expect(waiting).ToHaveCountAsync(0);
        await window.ShootAsync("order-at-risk");

        // Goods come in elsewhere; the button looks for them.
        await world.ReceiveAsync("chain", "tea", "mid", 5);
        await risk.GetByRole(AriaRole.Button, new() { Name = "Look for it again" }).ClickAsync();
        await Expect(risk).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "Order A-1 is at risk" })).ToBeVisibleAsync();
        await page.GotoAsync($"/operations/orders/{order.GetProperty("id").GetString()}");
        await Expect(page.GetByText("The mid one").First).ToBeVisibleAsync();
        await window.ShootAsync("sourced-again");
        Assert.Equal(2, (await world.CellAsync("chain", "tea", "mid"))!.Reserved);
        Assert.Empty(window.Faults);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_a_picker_does_not_find_comes_from_elsewhere_and_what_nobody_has_comes_into_the_inbox()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await world.Orders.ReceiveAsync("chain", "tea", "mid", 2);
        var list = await world.NearListAsync("B-1");
        await using var window = await Chromium.OpenAsync(world.Caravan, "desk-short", 1280, 900);
        var page = window.Page;
        await window.SignInAsync(world.Orders.Chain.Key);

        await page.GotoAsync($"/picking/list/{list.GetProperty("id").GetString()}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Not on shelf" }).First.ClickAsync();
        var again = await world.ListAsync(world.Chain, "B-1", "waiting", "mid");
        await page.GotoAsync("/operations/orders");
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "B-1" })).ToContainTextAsync("The mid one");

        await page.GotoAsync($"/picking/list/{again.GetProperty("id").GetString()}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Not on shelf" }).First.ClickAsync();
        await page.GotoAsync("/operations/inbox");
        var lacks = page.Locator(".exception", new() { HasText = "Order B-1 lacks 2 × tea" });
        await Expect(lacks).ToContainTextAsync("CN¥24.00 at stake");
        await window.ShootAsync("short-pick");
        await lacks.GetByRole(AriaRole.Button, new() { Name = "Customer told" }).ClickAsync();

        await Expect(lacks).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "Order B-1 lacks 2 × tea" })).ToBeVisibleAsync();
        Assert.Empty(window.Faults);
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_is_stopped_cannot_be_bought_until_it_is_sold_again()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 9);
        await using var shopper = await Chromium.OpenAsync(world.Caravan, "phone-stopped", 390, 844);
        await using var window = await Chromium.OpenAsync(world.Caravan, "desk-stop", 1280, 900);
        var (shop, page) = (shopper.Page, window.Page);
        await window.SignInAsync(world.Chain.Key);
        await shop.GotoAsync("/shop/chain");
        await shop.GetByRole(AriaRole.Button, new() { Name = "Add tea to the basket" }).ClickAsync();
        await Expect(shop.Locator("#basket-bar")).ToContainTextAsync("1 item");
        await shop.GotoAsync("/shop/chain/place");
        await shop.GetByText("Near The near one").ClickAsync();
        await shop.GetByLabel("Street, house and door").FillAsync("12 Lane of Lanterns");
        await shop.GetByRole(AriaRole.Button, new() { Name = "See when it can be there" }).ClickAsync();
        await Expect(shop.Locator(".promise").First.GetByRole(AriaRole.Button)).ToBeVisibleAsync();

        await page.GotoAsync("/operations/stop-sells");
        await page.GetByLabel("SKU").FillAsync("tea");
        await page.GetByLabel("Why").FillAsync("The seal may leak");
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop selling it" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "The seal may leak" })).ToBeVisibleAsync();
        await window.ShootAsync("stopped");
        await shop.Locator(".promise").First.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(shop).Not.ToHaveURLAsync(new Regex("/track/"));
        Assert.Empty((await world.Chain.Http.FetchAsync("/v1/orders")).Body.GetProperty("items").EnumerateArray());
        await shopper.ShootAsync("cannot-be-had");

        await page.GetByRole(AriaRole.Button, new() { Name = "Sell again" }).ClickAsync();
        await Expect(page.GetByText("Nothing is stopped")).ToBeVisibleAsync();
        await shop.GotoAsync("/shop/chain/place");
        await shop.GetByText("Near The near one").ClickAsync();
        await shop.GetByRole(AriaRole.Button, new() { Name = "See when it can be there" }).ClickAsync();
        await shop.Locator(".promise").First.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(shop).ToHaveURLAsync(new Regex("/track/"));
        Assert.Empty(window.Faults);
    }

    private static async Task<int> SnapshotAsync(OrderWorld world, string feed, int tea) =>
        (await world.Chain.Http.SubmitAsync($"{feed}/snapshots", new { asOf = world.Now, lines = new[] { new { location = "near", item = "tea", quantity = tea }, new { location = "near", item = "apples", quantity = 10 } } })).Status;
}
