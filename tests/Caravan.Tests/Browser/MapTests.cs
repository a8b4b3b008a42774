using System.Collections.Concurrent;
using Caravan.Tests.Orders;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Caravan.Tests.Browser;

/// <summary>The map's land: of a city only the cells that are in view, and nothing waits for them.</summary>
[Trait("Store", "once")]
public sealed class MapTests
{
    private const int CellsMax = 6;
    private const int BytesMax = 400_000;

    [Fact]
    public async Task A_map_of_a_city_fetches_the_cells_of_the_coast_that_it_shows_and_no_more()
    {
        await using var world = await OrderWorld.StartAsync();
        await using var window = await Chromium.OpenAsync(world.Caravan, "land", 1280, 900);
        var fetched = new ConcurrentDictionary<string, int>();
        window.Page.Response += async (_, response) =>
        {
            if (response.Url.EndsWith(".json", StringComparison.Ordinal))
                fetched[response.Url.Split('/')[^1]] = (await response.BodyAsync()).Length;
        };

        await window.SignInAsync(world.Chain.Key);
        await window.Page.Locator("caravan-map[data-land=drawn]").WaitForAsync();
        await window.ShootAsync("board");

        // Beijing lies at 39.9 north, 116.4 east: 29 cells of ten degrees east of the date line, 12 north of the pole.
        Assert.Contains("coast-29-12.json", fetched.Keys);
        Assert.InRange(fetched.Count, 1, CellsMax);
        Assert.All(fetched.Keys, name => Assert.StartsWith("coast-", name, StringComparison.Ordinal));
        Assert.InRange(fetched.Values.Sum(), 1, BytesMax);
        Assert.Empty(window.Faults);
    }

    [Fact]
    public async Task Places_and_lines_are_there_before_the_land_is()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        var order = await world.PlaceAsync("A-1");
        await using var window = await Chromium.OpenAsync(world.Caravan, "no-land", 1280, 900);
        await window.Page.RouteAsync("**/built/coast-*.json", _ => { }); // It never comes.
        await window.SignInAsync(world.Chain.Key);

        await window.Page.GotoAsync($"/operations/orders/{order.GetProperty("id").GetString()}");
        await window.Page.Locator("caravan-map[data-state=ready]").WaitForAsync();

        await Expect(window.Page.Locator(".map-mark--customer")).ToBeVisibleAsync();
        await Expect(window.Page.Locator("caravan-map[data-land=drawn]")).ToHaveCountAsync(0);
        await window.ShootAsync("order");
    }
}
