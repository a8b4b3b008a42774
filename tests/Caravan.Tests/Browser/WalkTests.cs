using System.Text.RegularExpressions;
using Caravan.Tests.Orders;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Caravan.Tests.Browser;

/// <summary>The walks that people take through the pages, in a real browser: on a desk, on a phone, and without script.</summary>
[Trait("Store", "once")]
public sealed partial class WalkTests
{
    [Theory]
    [InlineData("desk", 1280, 900, true)]
    [InlineData("phone", 390, 844, true)]
    [InlineData("plain", 390, 844, false)]
    public async Task A_shopper_fills_a_basket_sees_the_promise_orders_and_follows_the_parcel(string name, int width, int height, bool hasScript)
    {
        await using var world = await StockedAsync();
        await using var window = await Chromium.OpenAsync(world.Caravan, name, width, height, hasScript);
        var page = window.Page;

        await page.GotoAsync("/");
        await window.ShootAsync("start");
        await page.GetByRole(AriaRole.Link, new() { Name = "Try the shop" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add tea to the basket" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "One more of tea" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add milk to the basket" }).ClickAsync();
        await Expect(page.Locator("#basket-bar")).ToContainTextAsync("3 items");
        await window.ShootAsync("shop");
        await page.Locator("#basket-bar a").ClickAsync();
        await Expect(page.Locator(".basket__total")).ToContainTextAsync("36.00");
        await window.ShootAsync("basket");
        await page.GetByRole(AriaRole.Link, new() { Name = "Choose a place" }).ClickAsync();
        await page.GetByText("Near The near one").ClickAsync();
        await page.GetByLabel("Street, house and door").FillAsync("12 Lane of Lanterns");
        await window.ShootAsync("place");
        await page.GetByRole(AriaRole.Button, new() { Name = "See when it can be there" }).ClickAsync();
        await Expect(page.Locator(".promise").First).ToContainTextAsync("Within the hour");
        await Expect(page.Locator(".promise").First).ToContainTextAsync("From The near one");
        await window.ShootAsync("promise");
        await page.Locator(".promise").First.GetByRole(AriaRole.Button).ClickAsync();

        await Expect(page).ToHaveURLAsync(TrackUrl());
        await Expect(page.Locator("h1")).ToContainTextAsync("Arriving");
        await Expect(page.Locator(".code__digits")).ToHaveTextAsync(SixDigits());
        await Expect(page.GetByText("Kept for you").Or(page.GetByText("Being picked and packed")).First).ToBeVisibleAsync();
        if (hasScript)
            await Expect(page.Locator("caravan-map .map__canvas")).ToBeVisibleAsync();
        await window.ShootAsync("track");

        await page.GetByText("Cancel this order").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Yes, cancel it" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Cancelled");
        await window.ShootAsync("cancelled");
        Assert.Empty(window.Faults);
        await world.AssertBooksAgreeAsync();
    }

    [Theory]
    [InlineData("desk-operations", 1280, 900)]
    [InlineData("phone-operations", 390, 844)]
    public async Task An_operator_signs_in_and_reads_an_orders_story(string name, int width, int height)
    {
        await using var world = await StockedAsync();
        await world.PlaceAsync("A-1", "withinHour", OrderWorld.Line("tea", 2), OrderWorld.Line("milk", 1));
        await using var window = await Chromium.OpenAsync(world.Caravan, name, width, height);
        var page = window.Page;

        await page.GotoAsync("/operations");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Key" }).FillAsync(world.Chain.Key);
        await window.ShootAsync("sign-in");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page.GetByText("Orders today")).ToBeVisibleAsync();
        await Expect(page.Locator("caravan-map .map__canvas")).ToBeVisibleAsync();
        await window.ShootAsync("board");
        await page.GetByRole(AriaRole.Link, new() { Name = "A-1" }).ClickAsync();
        await Expect(page.Locator("h2", new() { HasText = "Why this shelf" })).ToBeVisibleAsync();
        await Expect(page.GetByText("The near one is the closest that can serve").First).ToBeVisibleAsync();
        await Expect(page.GetByText("Ordered and reserved")).ToBeVisibleAsync();
        await window.ShootAsync("story");
        await page.GotoAsync("/operations/network");
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch off Beijing" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Switch on Beijing" })).ToBeVisibleAsync();
        await window.ShootAsync("network");
        await page.GotoAsync("/operations/feeds");
        await window.ShootAsync("feeds");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/$"));
        Assert.Empty(window.Faults);
    }

    [Fact]
    public async Task The_tracking_page_changes_by_itself_when_the_order_does()
    {
        await using var world = await StockedAsync();
        var order = await world.PlaceAsync("A-1", "withinHour", OrderWorld.Line("tea", 1));
        await using var window = await Chromium.OpenAsync(world.Caravan, "live", 390, 844);

        await window.Page.GotoAsync(order.GetProperty("trackingPath").GetString()!); // Every order has one.
        await Expect(window.Page.Locator("caravan-live#track")).ToHaveAttributeAsync("data-state", "live");
        await Caravan.Tests.Platform.HttpWords.SubmitAsync(world.Chain.Http, $"/v1/orders/{order.GetProperty("id").GetString()}:cancel", new { }, key: "cancel");

        await Expect(window.Page.Locator("h1")).ToHaveTextAsync("Cancelled");
        Assert.Empty(window.Faults);
    }

    private static async Task<OrderWorld> StockedAsync()
    {
        var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 20);
        await world.ReceiveAsync("chain", "milk", "near", 20);
        await world.ReceiveAsync("chain", "tea", "mid", 20);
        await world.ReceiveAsync("chain", "apples", "far", 20);
        await world.ReceiveAsync("logistics", "tea", "warehouse", 20);
        return world;
    }

    [GeneratedRegex(@"/track/[a-z0-9]{26}-[a-z0-9]{26}-[a-z0-9]{20}$")]
    private static partial Regex TrackUrl();

    [GeneratedRegex(@"^\d{3}\s?\d{3}$")]
    private static partial Regex SixDigits();
}
