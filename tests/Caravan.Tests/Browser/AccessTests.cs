using Caravan.Tests.Orders;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Caravan.Tests.Browser;

/// <summary>
/// WCAG 2.2 AA on every page: by axe-core, from web/node_modules, and by tests of our own for what it has no rule for. Nothing is asked of
/// the network.
/// </summary>
[Trait("Store", "once")]
public sealed class AccessTests
{
    private const int Reflow = 320;
    private static readonly string Axe = Path.Combine(Repository.Root, "web", "node_modules", "axe-core", "axe.min.js");

    [Fact]
    public async Task Every_page_passes_axe_by_day_and_by_night_on_a_desk_and_on_a_phone()
    {
        await using var world = await OrderWorld.StartAsync();
        var list = await PageList.MakeAsync(world);
        var axe = await ScriptAsync();
        await using var window = await Chromium.OpenAsync(world.Caravan, "axe", 1280, 900);
        await window.Page.AddInitScriptAsync(axe);
        List<string> faults = [.. list.Forgotten()];
        Dictionary<string, string> titles = [];

        // Opened anew by night: a page that changes its colours while it is looked at has some of both for an instant.
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await window.Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
            foreach (var path in list.Paths)
            {
                await OpenAsync(window, world, path);
                if (!path.Contains('?', StringComparison.Ordinal))
                    titles[path] = await window.Page.TitleAsync();
                foreach (var (width, height) in new[] { (1280, 900), (390, 844) })
                {
                    await window.Page.SetViewportSizeAsync(width, height);
                    await SettleAsync(window.Page);

                    // What is no matter of colour is the same by night.
                    faults.AddRange((await window.Page.EvaluateAsync<string[]>("""
                        async (isDark) => {
                          const only = isDark ? { type: "rule", values: ["color-contrast"] } : { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
                          const { violations } = await window.axe.run(document, { runOnly: only, resultTypes: ["violations"] });
                          return violations.flatMap((rule) => rule.nodes.slice(0, 3).map((node) => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary.replaceAll("\n", " ").slice(0, 240)}`));
                        }
                        """, scheme == ColorScheme.Dark)).Select(fault => $"{path} ({width}, {scheme}): {fault}"));
                }

                await window.Page.SetViewportSizeAsync(1280, 900);
            }
        }

        faults.AddRange(titles.GroupBy(one => one.Value).Where(group => group.Count() > 1).Select(group => $"{string.Join(" and ", group.Select(one => one.Key))} have the title {group.Key}."));
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.DoesNotContain(window.Faults, fault => !fault.Contains("there-is-no-such-page", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_page_is_walked_by_keyboard_and_bears_larger_text_more_space_and_a_narrow_window()
    {
        await using var world = await OrderWorld.StartAsync();
        var list = await PageList.MakeAsync(world);
        await using var window = await Chromium.OpenAsync(world.Caravan, "keys", 1280, 900);
        List<string> faults = [];

        foreach (var path in list.Paths)
        {
            await OpenAsync(window, world, path);
            var page = window.Page;
            faults.AddRange((await page.EvaluateAsync<string[]>(Still)).Select(fault => $"{path}: {fault}"));
            faults.AddRange((await TabbedAsync(page)).Select(fault => $"{path}: {fault}"));

            // 1.4.4: twice as large; 1.4.12: more space; 1.4.10: 1280 px at 400 %. Never sideways, and nothing cut off.
            await LookAsync("at 200 % text", "html { font-size: 225% !important }");
            await LookAsync("with more space", "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }");
            await page.SetViewportSizeAsync(Reflow, 640);
            await LookAsync("at 400 %", "");
            await LookAsync("at 400 % with more space", "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }");
            await page.SetViewportSizeAsync(1280, 900);

            async Task LookAsync(string how, string css) => faults.AddRange((await page.EvaluateAsync<string[]>(Cut, css)).Select(fault => $"{path} {how}: {fault}"));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task A_fault_in_a_form_is_tied_to_its_field_and_the_skip_link_skips()
    {
        await using var world = await OrderWorld.StartAsync();
        await using var window = await Chromium.OpenAsync(world.Caravan, "fault", 1280, 900);
        var page = window.Page;

        await page.GotoAsync("/sign-in");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Key" }).FillAsync("crv_nonsense");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        var field = page.GetByRole(AriaRole.Textbox, new() { Name = "Key" });
        await Expect(field).ToHaveAttributeAsync("aria-invalid", "true");
        foreach (var id in (await field.GetAttributeAsync("aria-describedby"))!.Split(' ')) // Expected by the next line.
            await Expect(page.Locator($"#{id}")).Not.ToBeEmptyAsync();
        await page.Keyboard.PressAsync("Tab");
        while (!await page.EvaluateAsync<bool>("document.activeElement.classList.contains('skip')"))
            await page.Keyboard.PressAsync("Shift+Tab");
        await Expect(page.Locator(".skip")).ToBeInViewportAsync();
        await page.Keyboard.PressAsync("Enter");

        Assert.Equal("main", await page.EvaluateAsync<string>("document.activeElement.id"));
    }

    [Fact]
    public async Task A_plot_is_read_by_the_arrow_keys_and_its_numbers_stand_in_a_table_without_script()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 9);
        await world.PlaceAsync("A-1", lines: OrderWorld.Line("tea", 2));
        await world.PlaceAsync("A-2", lines: OrderWorld.Line("tea", 1));
        await using var plain = await Chromium.OpenAsync(world.Caravan, "plot-plain", 390, 844, hasScript: false);
        await SignInAsync(plain, world.Chain.Key);
        await using var window = await Chromium.OpenAsync(world.Caravan, "plot", 1280, 900);
        await SignInAsync(window, world.Chain.Key);

        await UntilCountedAsync(window.Page, 2);
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

    internal static async Task SignInAsync(Chromium window, string key)
    {
        await window.Page.GotoAsync("/sign-in");
        await window.Page.GetByRole(AriaRole.Textbox, new() { Name = "Key" }).FillAsync(key);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(window.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/operations$"));
    }

    private static async Task UntilCountedAsync(IPage page, int orders)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            await page.GotoAsync("/operations/figures");
            if (await page.Locator(".stat", new() { HasText = "Orders" }).First.Locator(".stat__figure").InnerTextAsync() == $"{orders}")
                return;
        }
    }

    private static async Task OpenAsync(Chromium window, OrderWorld world, string path)
    {
        await window.Page.Context.SetExtraHTTPHeadersAsync([new("Authorization", $"Bearer {PageList.KeyOf(world, path)}")]);
        await window.Page.GotoAsync(path);
        if (await window.Page.Locator("caravan-map").CountAsync() > 0)
            await window.Page.Locator("caravan-map[data-state=ready]").First.WaitForAsync();
        await SettleAsync(window.Page);
    }

    // Two frames: what was asked of the page is drawn.
    private static Task SettleAsync(IPage page) => page.EvaluateAsync("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");

    private static async Task<string> ScriptAsync()
    {
        if (!File.Exists(Axe))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", $"There is no {Axe}: npm ci in web/, to look at the pages with axe-core.");
            Assert.Fail($"CI=true and there is no {Axe}.");
        }

        return await File.ReadAllTextAsync(Axe, Platform.TestCaravan.Cancel);
    }

    // Tab goes through everything that can be worked, in the order it stands in, shows where it is, hides nothing of it, and comes out at the end.
    private static async Task<string[]> TabbedAsync(IPage page)
    {
        var count = await page.EvaluateAsync<int>(Reachable);
        List<string> faults = [];
        await page.EvaluateAsync("() => { document.activeElement?.blur?.(); window.scrollTo(0, 0); getSelection().removeAllRanges(); }");
        for (var step = 0; step < count; step++)
        {
            await page.Keyboard.PressAsync("Tab");
            faults.AddRange(await page.EvaluateAsync<string[]>(Focused, step));
        }

        await page.Keyboard.PressAsync("Tab");
        if (await page.EvaluateAsync<bool>("() => document.activeElement !== null && document.activeElement !== document.body && window.__order.indexOf(document.activeElement) > 0"))
            faults.Add("the keyboard does not come out of the page");
        return [.. faults];
    }

    private const string Reachable = """
        () => {
          const can = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
          const radios = new Set();
          window.__order = [...document.querySelectorAll(can)].filter((one) => {
            if (one.tabIndex < 0 || one.disabled || !one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) return false;
            if (one.type !== "radio") return true;
            const group = one.form?.querySelectorAll(`input[name="${CSS.escape(one.name)}"]`) ?? [one];
            const checked = [...group].find((other) => other.checked);
            if (checked ? checked !== one : radios.has(one.name)) return false;
            radios.add(one.name);
            return true;
          });
          return window.__order.length;
        }
        """;

    private const string Focused = """
        (step) => {
          const one = document.activeElement, wanted = window.__order[step], faults = [];
          const name = (element) => element ? `${element.tagName.toLowerCase()}${element.id ? "#" + element.id : ""} "${(element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 40)}"` : "nothing";
          if (one !== wanted) return [`step ${step}: the keyboard is at ${name(one)}, not at ${name(wanted)}`];
          const outlines = [one, one.closest("label, .choice, .field, .map__canvas"), one.nextElementSibling].filter(Boolean).map((element) => getComputedStyle(element));
          if (!outlines.some((style) => (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none")) faults.push(`${name(one)} does not show that it has the focus`);
          const box = one.getBoundingClientRect();
          if (box.width > 0 && box.height > 0) {
            const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 2), y = Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 2);
            const top = document.elementFromPoint(x, y);
            const labels = [...(one.labels ?? [])];
            if (!top || !(one.contains(top) || top.contains(one) || labels.some((label) => label.contains(top)))) faults.push(`${name(one)} has the focus and is hidden by ${name(top)}`);
          }
          return faults;
        }
        """;

    // What must hold on a page as it stands: 2.5.8, one h1, a language, polite live regions, errors tied to fields, stillness for those who ask for it.
    private const string Still = """
        () => {
          const faults = [], name = (element) => `${element.tagName.toLowerCase()}${element.id ? "#" + element.id : ""} "${(element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 40)}"`;
          if (document.querySelectorAll("h1").length !== 1) faults.push(`${document.querySelectorAll("h1").length} headings of the first level`);
          if (!document.documentElement.lang) faults.push("no language");
          for (const one of document.querySelectorAll("[aria-live=assertive]")) faults.push(`${name(one)} interrupts`);
          for (const one of document.querySelectorAll(".field__error")) if (!document.querySelector(`[aria-describedby~="${one.id}"][aria-invalid=true]`)) faults.push(`${name(one)} is tied to no field`);
          for (const one of document.querySelectorAll("input:not([type=hidden]), select, textarea")) if (!one.labels?.length && !one.ariaLabel && !one.getAttribute("aria-labelledby")) faults.push(`${name(one)} has no label`);
          const boxes = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
            .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !(one.tagName === "A" && getComputedStyle(one).display === "inline") && !one.closest(".skip, .sr-only"))
            .map((one) => ({ one, box: (one.type === "radio" || one.type === "checkbox" ? one.closest("label") ?? one : one).getBoundingClientRect() }));
          const small = boxes.filter(({ box }) => box.width > 0 && (box.width < 24 || box.height < 24));
          for (const { one, box } of small) {
            const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
            if (boxes.some((other) => other.one !== one && other.box.left < x + 12 && other.box.right > x - 12 && other.box.top < y + 12 && other.box.bottom > y - 12)) faults.push(`${name(one)} is ${Math.round(box.width)} × ${Math.round(box.height)} and crowded`);
          }
          for (const one of document.querySelectorAll("body *")) {
            const style = getComputedStyle(one);
            if ([style.transitionDuration, style.animationDuration].some((text) => text.split(",").some((part) => parseFloat(part) > 0.011))) { faults.push(`${name(one)} moves, though less motion is asked for`); break; }
          }
          return faults;
        }
        """;

    private const string Cut = """
        async (css) => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(css);
          document.adoptedStyleSheets = [sheet];
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          const faults = [], root = document.documentElement;
          if (root.scrollWidth > root.clientWidth) {
            const widest = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1 && !one.closest(".sr-only")).at(-1);
            faults.push(`scrolls sideways by ${root.scrollWidth - root.clientWidth}: ${widest?.tagName}.${widest?.className}`);
          }
          for (const one of document.querySelectorAll("main *, header *, footer *")) {
            const { overflowX, overflowY } = getComputedStyle(one);
            if (one.closest(".sr-only, .map__canvas, svg, .plot__canvas, .map") || !one.checkVisibility() || ![...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
            if ((overflowX === "hidden" && one.scrollWidth > one.clientWidth + 1) || (overflowY === "hidden" && one.scrollHeight > one.clientHeight + 1)) faults.push(`${one.tagName}.${one.className} "${one.textContent.trim().slice(0, 40)}" is cut off`);
          }
          document.adoptedStyleSheets = [];
          return faults;
        }
        """;
}
