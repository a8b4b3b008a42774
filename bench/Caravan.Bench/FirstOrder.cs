using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Caravan.Bench;

/// <summary>
/// What a newcomer waits for: from starting the server on an empty folder to serving, and to the first order placed; how much
/// memory it then holds, and after the load; and how many orders a second it takes from 1, 32 and 256 clients, sourcing and everything included.
/// </summary>
internal static class FirstOrder
{
    public static Command Create()
    {
        var seconds = new Option<int>("--seconds") { Description = "How long to place orders with each number of clients.", DefaultValueFactory = _ => 5 };
        var verb = new Command("first-order", "Start to serving, start to first order, memory, orders a second.") { seconds };
        verb.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(seconds), cancel));
        return verb;
    }

    private static async Task<int> RunAsync(int seconds, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("caravan-bench-").FullName;
        var figures = new Figures("first-order");
        var started = Stopwatch.GetTimestamp();
        try
        {
            await using var server = await ServerProcess.StartAsync(folder, ["--simulate", "off"], new Dictionary<string, string>(), cancel);
            using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 512, AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = server.Address };
            figures.Add("start_seconds", Stopwatch.GetElapsedTime(started).TotalSeconds, "s");

            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await KeyAsync(folder, cancel));
            var goods = await GoodsAsync(client, cancel);
            if (!await PlaceAsync(client, goods, "first", 0, cancel))
                throw new InvalidOperationException("The first order was refused.");
            figures.Add("first_order_seconds", Stopwatch.GetElapsedTime(started).TotalSeconds, "s");
            figures.Add("rss_mb", server.ResidentMegabytes, "MB");

            foreach (var clients in new[] { 1, 32, 256 })
                figures.Add($"orders_per_second_c{clients}", await RateAsync(client, goods, clients, seconds, cancel), "1/s");
            figures.Add("rss_after_load_mb", server.ResidentMegabytes, "MB");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        figures.Print();
        return 0;
    }

    // The keys are written when the demo is in.
    internal static async Task<string> KeyAsync(string folder, CancellationToken cancel)
    {
        while (!File.Exists(Path.Combine(folder, "demo-keys.json")) || new FileInfo(Path.Combine(folder, "demo-keys.json")).Length == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancel);
        using var keys = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "demo-keys.json"), cancel));
        return keys.RootElement.GetProperty("lantern").GetString()!; // The demo has this company.
    }

    // Goods of the chain that can be had next day at each of a hundred addresses: asked for, not assumed.
    internal static async Task<List<(string Sku, double Latitude, double Longitude)>> GoodsAsync(HttpClient client, CancellationToken cancel)
    {
        var items = await client.GetFromJsonAsync<JsonElement>("/v1/items?limit=200", cancel);
        var locations = await client.GetFromJsonAsync<JsonElement>("/v1/locations?limit=200", cancel);
        var places = locations.GetProperty("items").EnumerateArray().Select(location => location.GetProperty("point")).ToList();
        var goods = new List<(string, double, double)>();
        foreach (var (index, item) in items.GetProperty("items").EnumerateArray().Index())
        {
            var place = places[index % places.Count];
            goods.Add((item.GetProperty("sku").GetString()!, place.GetProperty("latitude").GetDouble() + 0.003, place.GetProperty("longitude").GetDouble() + 0.003)); // Every item has a SKU.
        }

        return goods;
    }

    private static async Task<double> RateAsync(HttpClient client, List<(string Sku, double Latitude, double Longitude)> goods, int clients, int seconds, CancellationToken cancel)
    {
        var placed = 0;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async one =>
        {
            for (var i = 0; Stopwatch.GetElapsedTime(started).TotalSeconds < seconds; i++)
            {
                if (await PlaceAsync(client, goods, string.Create(CultureInfo.InvariantCulture, $"c{clients}-{one}-{i}"), (one * 31) + i, cancel))
                    Interlocked.Increment(ref placed);
            }
        }));
        return placed / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    internal static async Task<bool> PlaceAsync(HttpClient client, List<(string Sku, double Latitude, double Longitude)> goods, string number, int seed, CancellationToken cancel)
    {
        // The first order tries goods until some can be had; the others take what comes.
        for (var attempt = 0; attempt < (number == "first" ? goods.Count : 1); attempt++)
        {
            var (sku, latitude, longitude) = goods[(seed + attempt) % goods.Count];
            foreach (var service in new[] { "withinHour", "sameDay", "nextDay" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/orders")
                {
                    Content = JsonContent.Create(new { number, service, lines = new[] { new { sku, quantity = 1 } }, destination = new { latitude, longitude, address = "bench" } }),
                };
                request.Headers.Add("Idempotency-Key", number + service);
                using var answer = await client.SendAsync(request, cancel);
                if (answer.StatusCode == HttpStatusCode.Created)
                    return true;
                if (answer.StatusCode != HttpStatusCode.Conflict && answer.StatusCode != HttpStatusCode.ServiceUnavailable)
                    throw new InvalidOperationException($"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancel)}");
            }
        }

        return false;
    }
}
