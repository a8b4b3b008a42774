using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Caravan.Tests.Browser;

/// <summary>The first hour of who connects a company: from its key, by a real web shop's goods, to the first promise and the first order.</summary>
[Trait("Store", "once")]
public sealed partial class IntegratorsHourTests
{
    private const int Goods = 400;
    private static readonly IReadOnlyList<IReadOnlyList<string>> Always = [.. Enumerable.Repeat<IReadOnlyList<string>>(["00:00-23:59"], 7)];

    [Fact]
    public async Task From_the_key_to_the_first_order_by_a_real_shops_goods()
    {
        var goods = await GoodsAsync();
        await using var caravan = await TestCaravan.StartAsync();
        var (_, http, key) = await caravan.AddPartnerAsync("retailer");
        await using var window = await Chromium.OpenAsync(caravan, "integrator", 1280, 900);
        var page = window.Page;

        // Items, a location and a courier, by the API: what there must be before anything is promised.
        var items = await http.ReplaceAsync("/v1/items", new { items = goods.Select(one => new { sku = one.Sku, name = one.Name, weightGrams = 300, price = new { amount = one.Pence, currency = "GBP" } }) });
        Assert.True(items.Status == 200, items.Body.ToString());
        var place = await http.ReplaceAsync("/v1/locations", new
        {
            code = "LON-1",
            name = "London",
            kind = "store",
            region = "london",
            point = new { latitude = 51.5, longitude = -0.12 },
            timeZone = "Europe/London",
            hours = Always,
            throughputPerHour = 60,
            handlingMinutes = 10,
            temperatureClasses = new[] { "ambient" },
            withinHourMetres = 5_000,
            sameDayMetres = 20_000,
            nextDayMetres = 100_000,
            sameDayCutOff = "16:00",
            nextDayCutOff = "22:00",
        });
        Assert.True(place.Status == 200, place.Body.ToString());

        var van = await http.ReplaceAsync("/v1/couriers", new
        {
            code = "VAN-1",
            region = "london",
            vehicle = "van",
            point = new { latitude = 51.5, longitude = -0.12 },
            capacityGrams = 500_000,
            temperatureClasses = new[] { "ambient" },
            shiftStart = "06:00",
            shiftEnd = "22:00",
            timeZone = "Europe/London",
        });
        Assert.True(van.Status == 200, van.Body.ToString());

        // The export as a till writes it: other words for the columns, a name in place of the code, dashes in the codes, thousands with a comma, Windows' letters.
        var export = "Stock report £\r\nBranch;Product code;Description;Free stock\r\n" + string.Concat(goods.Select((one, index) => $"London;{(index % 40 == 1 ? one.Sku.ToLowerInvariant() + "-" : one.Sku)};\"{one.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\";{(index == 0 ? "1,200" : $"{20 + index}")}\r\n"));
        await page.GotoAsync("/");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in to operations" }).ClickAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Key" }).FillAsync(key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Feeds", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Connect a stock system" }).First.ClickAsync();
        await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "stock.csv", MimeType = "text/csv", Buffer = Encoding.Latin1.GetBytes(export) });
        await page.GetByRole(AriaRole.Button, new() { Name = "Look at it" }).ClickAsync();

        await Expect(page.GetByLabel("Item", new() { Exact = true })).ToHaveValueAsync("Product code");
        await Expect(page.GetByLabel("Location", new() { Exact = true })).ToHaveValueAsync("Branch");
        await Expect(page.GetByLabel("Quantity", new() { Exact = true })).ToHaveValueAsync("Free stock");
        await window.ShootAsync("guesses");
        await page.GetByRole(AriaRole.Button, new() { Name = "Take all of so many per cent and more" }).ClickAsync();
        await Expect(page.GetByText("Dry run: nothing has changed yet")).ToBeVisibleAsync();
        await Expect(page.Locator(".stat", new() { HasText = "Lines taken" })).ToContainTextAsync($"{goods.Count}");
        await window.ShootAsync("dry-run");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go live with this file" }).ClickAsync();
        await Expect(page.GetByText("The feed is live").First).ToBeVisibleAsync();

        // The line that the page prints sends the next file, here by hand.
        var line = await page.Locator("pre", new() { HasText = "--data-binary" }).First.InnerTextAsync();
        var next = NextFile().Match(line).Groups[1].Value;
        using var file = new ByteArrayContent(Encoding.Latin1.GetBytes(export));
        file.Headers.ContentType = new("text/csv");
        caravan.Clock.Advance(TimeSpan.FromMinutes(1));
        var sent = await http.SubmitAsync($"{next}{caravan.Clock.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}", file);
        Assert.True(sent.Status is 200 or 201, $"{sent.Status} {sent.Body}");

        var (sku, destination) = (goods[0].Sku, new { latitude = 51.51, longitude = -0.12, address = "Fleet Street 1" });
        var promise = await http.SubmitAsync("/v1/promises", new { lines = new[] { OrderWorld.Line(sku, 2) }, destination });
        Assert.True(promise.Status == 201, promise.Body.ToString());
        Assert.Contains(promise.Body.GetProperty("options").EnumerateArray(), option => option.GetProperty("isAvailable").GetBoolean());
        var order = await http.SubmitAsync("/v1/orders", new { number = "W-1", service = "nextDay", lines = new[] { OrderWorld.Line(sku, 2) }, destination }, key: "first");
        Assert.True(order.Status == 201, order.Body.ToString());
        await page.GotoAsync("/operations/orders");
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "W-1" })).ToContainTextAsync("London");
        await window.ShootAsync("first-order");
        Assert.Empty(window.Faults);
    }

    // The first goods of the file, each with its code, its name and its price.
    private static async Task<List<(string Sku, string Name, long Pence)>> GoodsAsync()
    {
        Dictionary<string, (string Sku, string Name, long Pence)> goods = new(StringComparer.OrdinalIgnoreCase);
        await using var packed = File.OpenRead(Repository.SharedData("retail", "uci_online_retail_240006rows.csv.gz"));
        await using var plain = new GZipStream(packed, CompressionMode.Decompress);
        using var reader = new StreamReader(plain, Encoding.Latin1);
        await reader.ReadLineAsync(TestCaravan.Cancel); // InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
        while (goods.Count < Goods && await reader.ReadLineAsync(TestCaravan.Cancel) is { } line)
        {
            if (line.Contains('"', StringComparison.Ordinal))
                continue; // There are enough whose names have no comma.

            var fields = line.Split(',');
            var (sku, name, price) = (fields[1], fields[2].Trim(), decimal.Parse(fields[5], CultureInfo.InvariantCulture));
            if (sku.Length >= 5 && char.IsDigit(sku[0]) && name.Length > 0 && price > 0)
                goods.TryAdd(sku, (sku, name, (long)(price * 100)));
        }

        return [.. goods.Values];
    }

    [GeneratedRegex("\"(?:https?://[^/]+)?(/v1/feeds/[^\"$]+)")]
    private static partial Regex NextFile();
}
