using System.Text.RegularExpressions;
using Caravan.Tests.Platform;
using Microsoft.Playwright;

namespace Caravan.Tests.Browser;

/// <summary>
/// Debian's Chromium, driven by Playwright, on one Caravan. What a page writes to its console as an error, be it a fault of a
/// script or something that the content policy forbids, is a fault of the test. Screenshots go to artifacts/TestResults/screens.
/// </summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const string Program = "/usr/bin/chromium";
    private const float PatienceMs = 120_000;
    private readonly IPlaywright playwright;
    private readonly IBrowser browser;
    private readonly List<string> faults = [];
    private readonly string name;
    private readonly bool hasScript;
    private int shots;

    private Chromium(IPlaywright playwright, IBrowser browser, IPage page, string name, bool hasScript)
    {
        this.hasScript = hasScript;
        this.playwright = playwright;
        this.browser = browser;
        this.name = name;
        Page = page;
        page.Console += (_, message) => Note(message.Type == "error", message.Text);
        page.PageError += (_, error) => Note(true, error);
        page.Response += (_, response) => Note(response.Status >= 500, $"{response.Status} {response.Url}");
        page.SetDefaultTimeout(PatienceMs);
    }

    public IPage Page { get; }

    /// <summary>What went wrong in the pages so far.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (faults)
                return [.. faults];
        }
    }

    /// <summary>Opens a window. Without Chromium the test is skipped, but not where everything must be tested.</summary>
    public static async Task<Chromium> OpenAsync(TestCaravan caravan, string name, int width, int height, bool hasScript = true)
    {
        if (!File.Exists(Program))
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", $"There is no {Program}: apt-get install chromium, to walk through the pages.");
            Assert.Fail($"CI=true and there is no {Program}.");
        }

        Environment.SetEnvironmentVariable("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        Assertions.SetDefaultExpectTimeout(PatienceMs); // Otherwise five seconds, which a busy machine takes for one step of many.
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Program,
            Args = ["--no-sandbox", "--enable-unsafe-swiftshader", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
        });
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = caravan.Address.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = height },
            JavaScriptEnabled = hasScript,
            ReducedMotion = ReducedMotion.Reduce,
        });
        return new Chromium(playwright, browser, await context.NewPageAsync(), name, hasScript);
    }

    /// <summary>Opens operations with a company's key, as people do.</summary>
    public async Task SignInAsync(string key)
    {
        await Page.GotoAsync("/sign-in?return=/operations");
        await Page.GetByRole(AriaRole.Textbox, new() { Name = "Key" }).FillAsync(key);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(Page).ToHaveURLAsync(new Regex("/operations$"));
    }

    /// <summary>Keeps how the page looks, by day and by night, and sees that it never needs scrolling sideways.</summary>
    public async Task ShootAsync(string what)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "TestResults", "screens")).FullName;
        shots++;
        if (hasScript && await Page.Locator("caravan-map").CountAsync() > 0)
            await Page.Locator("caravan-map[data-state=ready]").First.WaitForAsync();
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
            await Page.ScreenshotAsync(new PageScreenshotOptions { FullPage = true, Path = Path.Combine(folder, $"{name}-{shots:00}-{what}-{(scheme == ColorScheme.Light ? "light" : "dark")}.png") });
        }

        await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
        Assert.True(await Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), $"{what} is wider than the window.");
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }

    private void Note(bool isFault, string text)
    {
        if (!isFault)
            return;

        lock (faults)
            faults.Add($"{Page.Url}: {text}");
    }
}
