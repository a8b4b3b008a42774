using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Caravan.Tests.Browser;

/// <summary>The integrator's first hour: from an export and a key to an item that can be bought.</summary>
[Trait("Store", "once")]
public sealed class ConnectWalkTests
{
    private const string Export = "Bestand vom 03.11.2026;;;\nFiliale;Artikelnr;Bezeichnung;Bestand\nnear;tea;Grüner Tee;1.250,00\nThe mid one;TEA;Grüner Tee;7,00\nfar;apple;Äpfel;12,00\nnear;4,00638E+12;Honig;3,00\n";

    [Theory]
    [InlineData("desk-connect", 1280, 900, true)]
    [InlineData("phone-connect", 390, 844, true)]
    [InlineData("plain-connect", 390, 844, false)]
    public async Task An_integrator_goes_from_an_export_to_a_sellable_item(string name, int width, int height, bool hasScript)
    {
        await using var world = await OrderWorld.StartAsync();
        await using var window = await Chromium.OpenAsync(world.Caravan, name, width, height, hasScript);
        var page = window.Page;
        await page.GotoAsync("/operations/feeds");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Key" }).FillAsync(world.Chain.Key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Connect a stock system" }).First.ClickAsync();
        await window.ShootAsync("start");
        await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "bestand.csv", MimeType = "text/csv", Buffer = System.Text.Encoding.Latin1.GetBytes(Export) });
        await page.GetByLabel("What the feed is to be called", new() { Exact = false }).FillAsync("warehouse");
        await page.GetByRole(AriaRole.Button, new() { Name = "Look at it" }).ClickAsync();

        // The guesses, each with how sure it is.
        await Expect(page.Locator("h1")).ToContainTextAsync("Connect warehouse");
        await Expect(page.GetByLabel("Item", new() { Exact = true })).ToHaveValueAsync("Artikelnr");
        await Expect(page.GetByLabel("Location", new() { Exact = true })).ToHaveValueAsync("Filiale");
        await Expect(page.GetByLabel("Quantity", new() { Exact = true })).ToHaveValueAsync("Bestand");
        await Expect(page.GetByLabel("Encoding", new() { Exact = true })).ToHaveValueAsync("windows-1252");
        await Expect(page.GetByText("A guess,").First).ToBeVisibleAsync();
        await window.ShootAsync("guesses");

        // One is put right by keyboard, the codes are taken in bulk and one by hand.
        await page.GetByLabel("The quantity is", new() { Exact = true }).SelectOptionAsync("available");
        await page.GetByRole(AriaRole.Button, new() { Name = "Use these" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByLabel("The quantity is", new() { Exact = true })).ToHaveValueAsync("available");
        await page.GetByRole(AriaRole.Button, new() { Name = "Take all of so many per cent and more" }).ClickAsync();
        await page.GetByLabel("Item 'apple'", new() { Exact = false }).FillAsync("apples");
        await page.GetByRole(AriaRole.Button, new() { Name = "Map these" }).ClickAsync();
        await Expect(page.GetByText("4,00638E+12").First).ToBeVisibleAsync();
        await Expect(page.GetByText("spreadsheet").First).ToBeVisibleAsync();
        await Expect(page.GetByText("Dry run: nothing has changed yet")).ToBeVisibleAsync();
        await window.ShootAsync("dry-run");
        Assert.Null(await world.CellAsync("chain", "tea", "near"));

        await page.GetByRole(AriaRole.Button, new() { Name = "Go live with this file" }).ClickAsync();
        await Expect(page.GetByText("The feed is live").First).ToBeVisibleAsync();
        await Expect(page.GetByText("curl").First).ToBeVisibleAsync();
        await window.ShootAsync("live");

        Assert.Equal(1_250, (await world.CellAsync("chain", "tea", "near"))!.Sellable); // Just went live.
        await world.PlaceAsync("first", "withinHour", OrderWorld.Line("tea", 2));
        Assert.Empty(window.Faults);
    }

    [Fact]
    public async Task What_was_begun_is_there_after_a_restart_and_may_be_given_up()
    {
        await using var world = await OrderWorld.StartAsync();
        using var content = new StringContent("location,item,quantity\nnear,tea,5\n", System.Text.Encoding.UTF8, "text/csv");
        var begun = await world.Chain.Http.SubmitAsync("/v1/feed-connections?name=kept", content);
        await world.RestartAsync();

        using var lead = new PageVisitor(world.Caravan);
        await lead.OpenAsync("/sign-in");
        await lead.SubmitAsync("/sign-in", ("key", world.Chain.Key));
        await lead.OpenAsync("/operations/feeds/connect");
        Assert.Contains("kept", lead.Text, StringComparison.Ordinal);
        await lead.OpenAsync($"/operations/feeds/connect/{begun.Body.GetProperty("id").GetString()}");
        Assert.Contains("Go live with this file", lead.Text, StringComparison.Ordinal);
        await lead.SubmitAsync($"/operations/feeds/connect/{begun.Body.GetProperty("id").GetString()}/forget");
        Assert.Empty((await world.Chain.Http.FetchAsync("/v1/feed-connections")).Body.GetProperty("items").EnumerateArray());
    }
}
