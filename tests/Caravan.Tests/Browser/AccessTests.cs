using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Caravan.Tests.Browser;

/// <summary>WCAG 2.2 AA on every page, by axe-core and by questions of our own for what it has no rule for.</summary>
[Trait("Store", "once")]
public sealed class AccessTests(PageWalk walk) : IClassFixture<PageWalk>
{
    [Fact]
    public async Task Every_page_there_is_is_looked_at_or_it_is_said_why_not() => await AssertNoneAsync(Asked.List);

    [Fact]
    public async Task Every_page_passes_axe_by_day_on_a_desk_and_by_night_on_a_phone() => await AssertNoneAsync(Asked.Axe);

    [Fact]
    public async Task Every_page_is_called_as_it_reads_keeps_still_and_is_easily_hit() => await AssertNoneAsync(Asked.Standing);

    [Fact]
    public async Task Every_page_is_walked_by_the_Tab_key_in_order_seen_and_out_again() => await AssertNoneAsync(Asked.Keyboard);

    [Fact]
    public async Task Every_page_bears_text_twice_as_large_more_space_and_a_narrow_window() => await AssertNoneAsync(Asked.Reflow);

    [Fact]
    public async Task A_fault_in_a_form_is_tied_to_its_field_and_the_skip_link_skips()
    {
        await using var world = await OrderWorld.StartAsync();
        await using var window = await Chromium.OpenAsync(world.Caravan, "fault", 1280, 900);
        var page = window.Page;

        await page.GotoAsync("/sign-in");
        var field = page.GetByRole(AriaRole.Textbox, new() { Name = "Key" });
        await field.FillAsync("crv_nonsense");
        await field.PressAsync("Enter");
        await Expect(field).ToHaveAttributeAsync("aria-invalid", "true");
        foreach (var id in (await field.GetAttributeAsync("aria-describedby"))!.Split(' ')) // A fault is described.
            await Expect(page.Locator($"#{id}")).Not.ToBeEmptyAsync();

        // The first stop of the keyboard, seen as soon as it is there.
        await page.AddInitScriptAsync(scriptPath: PageWalk.AccessPath);
        await page.GotoAsync("/sign-in");
        await page.EvaluateAsync("access.begin()");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".skip")).ToBeFocusedAsync();
        await Expect(page.Locator(".skip")).ToBeInViewportAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#main")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        Assert.True(await page.EvaluateAsync<bool>("document.querySelector('#main').contains(document.activeElement)"));
        Assert.Empty(window.Faults);
    }

    [Fact]
    public async Task Space_and_Enter_press_open_and_choose_and_Escape_closes()
    {
        await using var world = await OrderWorld.StartAsync();
        await using var window = await Chromium.OpenAsync(world.Caravan, "press", 1280, 900);
        var page = window.Page;
        await window.SignInAsync(world.Chain.Key);

        // A mark of the map opens, its words take the keyboard, and Escape gives it back.
        await page.Locator("caravan-map[data-state=ready]").WaitForAsync();
        var mark = page.Locator(".map-mark, .map-cluster").First;
        await mark.FocusAsync();
        while (await mark.EvaluateAsync<bool>("one => one.classList.contains('map-cluster')"))
        {
            await page.Keyboard.PressAsync("Enter"); // Zooms in, until there are marks.
            await page.Locator(".map-mark").First.WaitForAsync();
            mark = page.Locator(".map-mark").First;
        }

        await mark.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        Assert.True(await page.EvaluateAsync<bool>("document.querySelector('[role=dialog]').contains(document.activeElement)"));
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(page.Locator(".map-mark:focus")).ToHaveCountAsync(1);

        // A list that folds, by Space; a button, by Space; a box, by Space.
        await page.Locator(".map__list summary").FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await Expect(page.Locator(".map__list")).ToHaveAttributeAsync("open", "");
        await page.GotoAsync("/operations/network");
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch off Beijing" }).FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Switch on Beijing" })).ToBeVisibleAsync();
        await page.GotoAsync("/design");
        var box = page.GetByLabel("Keep it chilled on the way");
        var was = await box.IsCheckedAsync();
        await box.FocusAsync();
        await page.Keyboard.PressAsync("Space");
        Assert.NotEqual(was, await box.IsCheckedAsync());
        Assert.Empty(window.Faults);
    }

    [Fact]
    public async Task A_plot_is_read_by_the_arrow_keys_and_its_numbers_stand_in_a_table_without_script()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 9);
        await world.PlaceAsync("A-1", lines: OrderWorld.Line("tea", 2));
        await world.PlaceAsync("A-2", lines: OrderWorld.Line("tea", 1));
        await PageList.CountedAsync(world, 2);
        await using var plain = await Chromium.OpenAsync(world.Caravan, "plot-plain", 390, 844, hasScript: false);
        await plain.SignInAsync(world.Chain.Key);
        await using var window = await Chromium.OpenAsync(world.Caravan, "plot", 1280, 900);
        await window.SignInAsync(world.Chain.Key);

        await window.Page.GotoAsync("/operations/figures");
        var slider = window.Page.GetByRole(AriaRole.Slider, new() { Name = "Orders through their states: read the values" });
        await slider.FocusAsync();
        var now = await slider.GetAttributeAsync("aria-valuetext");
        await window.Page.Keyboard.PressAsync("ArrowLeft");
        var before = await slider.GetAttributeAsync("aria-valuetext");
        await window.ShootAsync("figures");
        await plain.Page.GotoAsync("/operations/figures");
        await plain.ShootAsync("figures");

        Assert.Equal("3 Nov: At the node 2", now);
        Assert.Equal("2 Nov: nothing", before);
        await Expect(plain.Page.Locator("#plot-orders-table tbody tr")).ToContainTextAsync("2");
        await Expect(plain.Page.Locator("#plot-orders-table tbody tr")).ToBeVisibleAsync();
        Assert.Empty(window.Faults);
    }

    private async Task AssertNoneAsync(Asked asked)
    {
        List<string> faults = [.. await walk.FaultsAsync(asked)];
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }
}
