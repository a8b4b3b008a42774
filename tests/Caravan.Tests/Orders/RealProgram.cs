using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Orders;

/// <summary>The real program in a process of its own, and clients that note what it acknowledges.</summary>
internal sealed partial class RealProgram : IDisposable
{
    private readonly Process process;

    private RealProgram(Process process, HttpClient http)
    {
        this.process = process;
        Http = http;
    }

    public HttpClient Http { get; }

    /// <summary>A company of the store's, and its key.</summary>
    public static async Task<string> AddPartnerAsync(string folder, string store = "")
    {
        using var program = Run(["partner", "add", "kill", "Kill", "--data", folder, .. StoreWords(store)]);
        var said = await program.StandardOutput.ReadToEndAsync(TestCaravan.Cancel);
        return Key().Match(said) is { Success: true } key ? key.Value : throw new InvalidOperationException($"No company was added: {said}");
    }

    public static async Task<RealProgram> StartAsync(string folder, string key, string store = "")
    {
        var program = Run(["--data", folder, "--demo", "off", "--urls", "http://127.0.0.1:0", .. StoreWords(store)]);
        while (await program.StandardOutput.ReadLineAsync(TestCaravan.Cancel) is { } line)
        {
            if (!line.StartsWith("Caravan is serving on", StringComparison.Ordinal))
                continue;

            _ = program.StandardOutput.ReadToEndAsync(TestCaravan.Cancel); // So that it never waits for a reader.
            var http = new HttpClient { BaseAddress = new Uri(line.Split(' ')[^1]), Timeout = TimeSpan.FromSeconds(30) };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            return new RealProgram(program, http);
        }

        throw new InvalidOperationException("The program did not start.");
    }

    /// <summary>Killed as if the power had gone.</summary>
    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
        Http.Dispose();
    }

    /// <summary>A warehouse that is always open, one item in it, and so many units.</summary>
    public static async Task FillAsync(HttpClient http, int units)
    {
        var item = await http.ReplaceAsync("/v1/items", new { items = new[] { new { sku = "tea", name = "Tea", weightGrams = 500, price = new { amount = 1_200, currency = "CNY" } } } });
        var place = await http.ReplaceAsync("/v1/locations", new
        {
            code = "W1",
            name = "Warehouse",
            kind = "warehouse",
            region = "bj",
            point = new { latitude = OrderWorld.Customer.Latitude, longitude = OrderWorld.Customer.Longitude },
            timeZone = "Etc/UTC",
            hours = Enumerable.Repeat(new[] { "00:00-24:00" }, 7),
            throughputPerHour = 1_000_000,
            handlingMinutes = 10,
            temperatureClasses = new[] { "ambient" },
            nextDayCutOff = "23:59:00",
            nextDayMetres = 100_000,
        });
        var receipt = await http.SubmitAsync("/v1/stock/receipts", new { location = place.Body.GetProperty("id").GetString(), cause = "opening", lines = new[] { new { sku = "tea", quantity = units } } });
        Assert.True(item.Status == 200 && place.Status is 200 or 201 && receipt.Status is 200 or 201, $"{item.Body} {place.Body} {receipt.Body}");
    }

    /// <summary>Orders one unit under a key: the status, or none when no answer came. What is acknowledged is noted, and is the same for the same key.</summary>
    public static async Task<int?> TryPlaceAsync(HttpClient http, string number, ConcurrentDictionary<string, string> acknowledged)
    {
        try
        {
            var answer = await http.SubmitAsync("/v1/orders", OrderWorld.OrderBody(number, "nextDay"), key: number);
            if (answer.Status == 201)
            {
                var id = answer.Body.GetProperty("id").GetString()!; // Every order has one.
                Assert.Equal(id, acknowledged.GetOrAdd(number, id));
            }

            return answer.Status;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or TaskCanceledException or ObjectDisposedException or JsonException)
        {
            return null;
        }
    }

    /// <summary>All stored orders: their ids by number.</summary>
    public static async Task<Dictionary<string, string>> ListAsync(HttpClient http)
    {
        var stored = new Dictionary<string, string>();
        for (var cursor = ""; ;)
        {
            var page = await http.FetchAsync($"/v1/orders?limit=200{cursor}");
            foreach (var order in page.Body.GetProperty("items").EnumerateArray())
                stored.Add(order.GetProperty("number").GetString()!, order.GetProperty("id").GetString()!); // Every order has both.
            if (!page.Body.TryGetProperty("next", out var next) || next.GetString() is not { } place)
                return stored;

            cursor = $"&cursor={place}";
        }
    }

    private static string[] StoreWords(string store) => store.Length == 0 ? [] : ["--store", store];

    private static Process Run(string[] words) =>
        Process.Start(new ProcessStartInfo("dotnet", [typeof(CaravanServer).Assembly.Location, .. words]) { RedirectStandardOutput = true })!; // Started, or it throws.

    [GeneratedRegex("crv_[a-z0-9]+_[a-z0-9]+")]
    private static partial Regex Key();
}
