using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Orders;

/// <summary>
/// The real program is killed again and again while orders come in, and clients ask again with the same keys: nothing
/// that was acknowledged is lost, nothing is sold twice. More rounds: CARAVAN_KILLS=100.
/// </summary>
[Trait("Store", "once")]
public sealed partial class KillTests
{
    private const int Clients = 12;
    private const int Units = 1_000_000;
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("CARAVAN_KILLS") ?? "5", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_is_sold_twice_when_the_program_is_killed()
    {
        var folder = Directory.CreateTempSubdirectory("caravan-kill-").FullName;
        var key = await AddPartnerAsync(folder);
        var acknowledged = new ConcurrentDictionary<string, string>();
        var asked = 0;
        var program = await StartAsync(folder, key);
        await FillAsync(program.Http);
        for (var round = 0; round < Rounds; round++)
        {
            // Killed while the answer of some is on its way: those are asked for again, with the same keys, after the start.
            var open = new ConcurrentBag<string>();
            var clients = Enumerable.Range(0, Clients).Select(_ => PlaceUntilCutOffAsync(program.Http, () => $"k{Interlocked.Increment(ref asked)}", acknowledged, open)).ToList();
            await Task.Delay(Random.Shared.Next(200, 700), TestCaravan.Cancel);
            program.Process.Kill();
            await Task.WhenAll(clients);
            program.Process.Dispose();
            program = await StartAsync(folder, key);
            foreach (var number in open)
                Assert.True(await TryPlaceAsync(program.Http, number, acknowledged), $"Order {number} was not taken after the start.");
        }

        var stored = await ListAsync(program.Http);
        var cell = (await program.Http.FetchAsync("/v1/stock")).Body.GetProperty("items")[0];
        program.Process.Kill();
        program.Process.Dispose();
        Directory.Delete(folder, recursive: true);

        Assert.True(acknowledged.Count > Rounds, "Orders were placed between the kills.");
        Assert.Equal(acknowledged.Count, stored.Count);
        Assert.All(acknowledged, order => Assert.Equal(order.Value, stored[order.Key]));
        Assert.Equal(stored.Count, cell.GetProperty("reserved").GetInt32());
        Assert.Equal(Units - stored.Count, cell.GetProperty("sellable").GetInt32());
    }

    private static async Task PlaceUntilCutOffAsync(HttpClient http, Func<string> next, ConcurrentDictionary<string, string> acknowledged, ConcurrentBag<string> open)
    {
        while (true)
        {
            var number = next();
            if (await TryPlaceAsync(http, number, acknowledged))
                continue;

            open.Add(number);
            return;
        }
    }

    private static async Task<bool> TryPlaceAsync(HttpClient http, string number, ConcurrentDictionary<string, string> acknowledged)
    {
        try
        {
            var answer = await http.SubmitAsync("/v1/orders", OrderWorld.OrderBody(number, "nextDay"), key: number);
            if (answer.Status != 201)
                return false;

            var id = answer.Body.GetProperty("id").GetString()!; // Every order has one.
            Assert.Equal(id, acknowledged.GetOrAdd(number, id));
            return true;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or TaskCanceledException)
        {
            return false;
        }
    }

    private static async Task<Dictionary<string, string>> ListAsync(HttpClient http)
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

    private static async Task FillAsync(HttpClient http)
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
        var receipt = await http.SubmitAsync("/v1/stock/receipts", new { location = place.Body.GetProperty("id").GetString(), cause = "opening", lines = new[] { new { sku = "tea", quantity = Units } } });
        Assert.True(item.Status == 200 && place.Status is 200 or 201 && receipt.Status is 200 or 201, $"{item.Body} {place.Body} {receipt.Body}");
    }

    private static async Task<string> AddPartnerAsync(string folder)
    {
        using var program = Run("partner", "add", "kill", "Kill", "--data", folder);
        var said = await program.StandardOutput.ReadToEndAsync(TestCaravan.Cancel);
        return Key().Match(said).Value;
    }

    private static async Task<(Process Process, HttpClient Http)> StartAsync(string folder, string key)
    {
        var program = Run("--data", folder, "--demo", "off", "--urls", "http://127.0.0.1:0");
        while (await program.StandardOutput.ReadLineAsync(TestCaravan.Cancel) is { } line)
        {
            if (!line.StartsWith("Caravan is serving on", StringComparison.Ordinal))
                continue;

            _ = program.StandardOutput.ReadToEndAsync(TestCaravan.Cancel); // So that it never waits for a reader.
            var http = new HttpClient { BaseAddress = new Uri(line.Split(' ')[^1]), Timeout = TimeSpan.FromSeconds(30) };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            return (program, http);
        }

        throw new InvalidOperationException("The program did not start.");
    }

    private static Process Run(params string[] words) =>
        Process.Start(new ProcessStartInfo("dotnet", [typeof(CaravanServer).Assembly.Location, .. words]) { RedirectStandardOutput = true })!; // Started, or it throws.

    [GeneratedRegex("crv_[a-z0-9]+_[a-z0-9]+")]
    private static partial Regex Key();
}
