using System.Diagnostics;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Microsoft.Playwright;

namespace Caravan.Tests.Browser;

/// <summary>What a page is asked on the walk.</summary>
internal enum Asked
{
    /// <summary>Whether it stands in the list of pages.</summary>
    List,

    /// <summary>What axe-core has rules for.</summary>
    Axe,

    /// <summary>What holds of it as it stands: names, labels, sizes, stillness.</summary>
    Standing,

    /// <summary>Whether it is worked without a mouse.</summary>
    Keyboard,

    /// <summary>Whether it bears larger text, more space and a narrow window.</summary>
    Reflow,
}

/// <summary>A fault of a page.</summary>
internal sealed record PageFault(Asked Asked, string Words);

/// <summary>
/// One walk through every page, once, in one window: what the tests of access ask of a page is asked while it stands open. axe-core comes from
/// web/node_modules; nothing is asked of the network.
/// </summary>
public sealed class PageWalk
{
    private const string MoreSpace = "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }";
    private const int ScrollersMax = 30;

    /// <summary>For who mends a page: CARAVAN_PAGES=/operations/rules looks at no other, and keeps how it looks on a desk and on a phone.</summary>
    private static readonly string Only = Environment.GetEnvironmentVariable("CARAVAN_PAGES") ?? "";

    private static readonly string[] Rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    private static readonly string[] RulesOfColour = ["color-contrast", "link-in-text-block"];
    private static readonly string AxePath = Path.Combine(Repository.Root, "web", "node_modules", "axe-core", "axe.min.js");
    internal static readonly string AccessPath = Path.Combine(Repository.Root, "tests", "Caravan.Tests", "Browser", "access.js");

    private Task<IReadOnlyList<PageFault>>? walk;

    /// <summary>What was found of one kind; the first who asks walks.</summary>
    internal async Task<IEnumerable<string>> FaultsAsync(Asked asked) => (await (walk ??= WalkAsync())).Where(fault => fault.Asked == asked).Select(fault => fault.Words);

    internal static async Task<string> AxeAsync()
    {
        if (!File.Exists(AxePath))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", $"There is no {AxePath}: npm ci in web/, to look at the pages with axe-core.");
            Assert.Fail($"CI=true and there is no {AxePath}.");
        }

        return await File.ReadAllTextAsync(AxePath, TestCaravan.Cancel);
    }

    private static async Task<IReadOnlyList<PageFault>> WalkAsync()
    {
        var axe = await AxeAsync();
        await using var world = await OrderWorld.StartAsync();
        var list = await PageList.MakeAsync(world);
        await using var window = await Chromium.OpenAsync(world.Caravan, "access", 1280, 900);
        await window.Page.Context.AddCookiesAsync(list.Cookies.Select(cookie => new Cookie { Name = cookie.Name, Value = cookie.Value, Url = $"{world.Caravan.Address}shop/chain" }));
        await window.Page.AddInitScriptAsync(axe);
        await window.Page.AddInitScriptAsync(scriptPath: AccessPath);

        // The land is nothing to read, and large.
        await window.Page.RouteAsync("**/built/{land,borders,coast}-*.json", route => route.FulfillAsync(new RouteFulfillOptions { ContentType = "application/json", Body = """{"type":"FeatureCollection","features":[]}""" }));
        List<PageFault> faults = [.. list.Forgotten().Select(words => new PageFault(Asked.List, words))];
        Dictionary<string, string> titles = [];
        foreach (var path in list.Paths.Where(path => path.Contains(Only, StringComparison.Ordinal)))
        {
            var since = Stopwatch.GetTimestamp();
            await window.Page.Context.SetExtraHTTPHeadersAsync([new("Authorization", $"Bearer {PageList.KeyOf(world, path)}")]);
            await window.Page.GotoAsync(path);
            if (await window.Page.Locator("caravan-map").CountAsync() > 0)
                await window.Page.Locator("caravan-map[data-state=ready]").First.WaitForAsync();
            if (!path.Contains('?', StringComparison.Ordinal))
                titles[path] = await window.Page.TitleAsync();
            await AskAsync(window.Page, (asked, fault) => faults.Add(new PageFault(asked, $"{path}: {fault}")));
            if (Only.Length > 0)
                await ShootAsync(window, path);
            TestContext.Current.TestOutputHelper!.WriteLine($"{Stopwatch.GetElapsedTime(since).TotalMilliseconds,6:0} ms {path}");
        }

        faults.AddRange(titles.GroupBy(one => one.Value).Where(group => group.Count() > 1).Select(group => new PageFault(Asked.Standing, $"{string.Join(" and ", group.Select(one => one.Key))} have the title {group.Key}.")));
        faults.AddRange(window.Faults.Where(fault => !fault.Contains("there-is-no-such-page", StringComparison.Ordinal)).Select(fault => new PageFault(Asked.Standing, fault)));
        return faults;
    }

    private static async Task ShootAsync(Chromium window, string path)
    {
        foreach (var (width, height) in new[] { (1280, 900), (390, 844) })
        {
            await window.Page.SetViewportSizeAsync(width, height);
            await window.ShootAsync($"{path.Split('/', '?')[^1]}-{width}");
        }

        await window.Page.SetViewportSizeAsync(1280, 900);
    }

    // By day on a desk first, whole; then on a phone, and by night only what colours and sizes may change.
    private static async Task AskAsync(IPage page, Action<Asked, string> tell)
    {
        await TellAsync(Asked.Axe, "tags => access.axe(tags)", Rules);
        await TellAsync(Asked.Standing, "() => [...access.standing(), ...access.targets()]");
        await TabAsync(page, fault => tell(Asked.Keyboard, fault));

        // 1.4.4: twice as large; 1.4.12: more space; 1.4.10: a window of 1280 px at 400 %. Never sideways, and nothing cut off.
        await TellAsync(Asked.Reflow, "css => access.bears(css)", "html { font-size: 225% !important }", "at 200 % text: ");
        await TellAsync(Asked.Reflow, "css => access.bears(css)", MoreSpace, "with more space: ");
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await page.SetViewportSizeAsync(390, 844);
        await page.EvaluateAsync("access.drawn()");
        await TellAsync(Asked.Axe, "rules => access.axe(null, rules)", RulesOfColour, "on a phone by night: ");
        await TellAsync(Asked.Standing, "() => access.targets()", how: "on a phone: ");
        await page.SetViewportSizeAsync(320, 640);
        await TellAsync(Asked.Reflow, "css => access.bears(css)", "", "at 400 %: ");
        await TellAsync(Asked.Reflow, "css => access.bears(css)", MoreSpace, "at 400 % with more space: ");
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
        await page.SetViewportSizeAsync(1280, 900);

        async Task TellAsync(Asked asked, string question, object? about = null, string how = "")
        {
            foreach (var fault in await page.EvaluateAsync<string[]>(question, about))
                tell(asked, how + fault);
        }
    }

    // Tab goes through everything that can be worked, in the order it stands in, shows where it is, hides nothing of it, and comes out at the end.
    private static async Task TabAsync(IPage page, Action<string> tell)
    {
        var count = await page.EvaluateAsync<int>("access.ordered()");
        var scrollers = 0;
        for (var step = 0; step < count;)
        {
            await page.Keyboard.PressAsync("Tab");
            var found = await page.EvaluateAsync<string[]?>("step => access.focused(step)", step);
            if (found is null && ++scrollers < ScrollersMax)
                continue;

            foreach (var fault in found ?? ["the keyboard stops at too many boxes that scroll"])
                tell(fault);
            if (found is null || found.Any(fault => fault.StartsWith("step ", StringComparison.Ordinal)))
                return; // After one stop at the wrong place all others are at the wrong place.

            step++;
        }

        await page.Keyboard.PressAsync("Tab");
        foreach (var fault in await page.EvaluateAsync<string[]>("access.trapped()"))
            tell(fault);
    }
}
