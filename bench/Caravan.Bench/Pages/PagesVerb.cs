using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Caravan.Bench.Pages;

/// <summary>
/// How long each page takes on the demo network (324 locations, 77,560 stock cells) with some orders in it: from asking to the last byte on a connection
/// that is open already, one page at a time; the middle of many answers and the one in a hundred. Kilobytes are those of the page itself.
/// </summary>
internal static class PagesVerb
{
    private const double GoalMs = 100;
    private const int WarmUps = 20;

    public static Command Create()
    {
        var orders = new Option<int>("--orders") { Description = "How many orders to place first.", DefaultValueFactory = _ => 200 };
        var times = new Option<int>("--times") { Description = "How often to ask for each page.", DefaultValueFactory = _ => 101 };
        var verb = new Command("pages", "Milliseconds of each page on the demo network.") { orders, times };
        verb.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(orders), Math.Max(1, parsed.GetValue(times)), cancel));
        return verb;
    }

    private static async Task<int> RunAsync(int orders, int times, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("caravan-bench-").FullName;
        var figures = new Figures("pages");
        List<(string Name, double P50, double P99, double Kilobytes)> pages = [];
        try
        {
            await using var server = await ServerProcess.StartAsync(folder, ["--simulate", "off"], new Dictionary<string, string>(), cancel);
            using var client = new HttpClient { BaseAddress = server.Address };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await FirstOrder.KeyAsync(folder, cancel));
            var goods = await FirstOrder.GoodsAsync(client, cancel);
            for (var i = 0; i < orders; i++)
                await FirstOrder.PlaceAsync(client, goods, string.Create(CultureInfo.InvariantCulture, $"P-{i}"), i, cancel);
            client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
            foreach (var (name, path) in await PathsAsync(client, cancel))
            {
                var (p50, p99, kilobytes) = await AskAsync(client, path, times, cancel);
                pages.Add((name, p50, p99, kilobytes));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        foreach (var (name, p50, p99, kilobytes) in pages)
        {
            figures.Add($"{name}_p50_ms", p50, "ms");
            figures.Add($"{name}_p99_ms", p99, "ms");
            figures.Add($"{name}_kb", kilobytes, "KB");
        }

        figures.Add("slowest_page_p50_ms", pages.Max(page => page.P50), "ms");
        figures.Add("slowest_page_p99_ms", pages.Max(page => page.P99), "ms");
        figures.Add("goal_ms", GoalMs, "ms");
        figures.Print();
        return 0;
    }

    private static async Task<List<(string Name, string Path)>> PathsAsync(HttpClient client, CancellationToken cancel)
    {
        var order = await FirstAsync("/v1/orders?limit=1");
        var node = await FirstAsync("/v1/locations?limit=1");
        var courier = await FirstAsync("/v1/couriers?limit=1");
        List<(string, string)> paths =
        [
            ("start", "/"), ("design", "/design"), ("board", "/operations"), ("inbox", "/operations/inbox"), ("orders", "/operations/orders"), ("orders_late", "/operations/orders?show=late"),
            ("figures_today", "/operations/figures?period=today"), ("figures_90_days", "/operations/figures?period=quarter"), ("network", "/operations/network"), ("feeds", "/operations/feeds"), ("lots", "/operations/lots"),
            ("stop_sells", "/operations/stop-sells"), ("rules", "/operations/rules"), ("routes", "/operations/routes"), ("connect", "/operations/feeds/connect"), ("returns", "/operations/returns"), ("edi", "/operations/edi"), ("shadow", "/operations/shadow"), ("picking", "/picking"), ("couriers", "/courier"),
            ("shop", "/shop/lantern"), ("basket", "/shop/lantern/basket"), ("place", "/shop/lantern/place"),
        ];
        if (order is { } there)
        {
            paths.Add(("order", $"/operations/orders/{there.GetProperty("id").GetString()}"));
            paths.Add(("track", there.GetProperty("trackingPath").GetString()!)); // Every order has one.
        }

        paths.Add(("draft_of_rules", $"/operations/rules/{await MadeAsync("/v1/sourcing-rules", JsonContent.Create(new { note = "bench", weights = new { loadMinutes = 5 } }))}"));
        using var export = new StringContent($"location,item,quantity\n{string.Concat((await client.GetFromJsonAsync<JsonElement>("/v1/items?limit=200", cancel)).GetProperty("items").EnumerateArray().Select(item => $"nowhere,{item.GetProperty("sku").GetString()},1\n"))}", System.Text.Encoding.UTF8, "text/csv");
        paths.Add(("connecting", $"/operations/feeds/connect/{await MadeAsync("/v1/feed-connections", export)}"));
        if (node is { } place)
            paths.Add(("node_to_pick", $"/picking/{place.GetProperty("id").GetString()}"));
        if (courier is { } rider)
            paths.Add(("courier", $"/courier/{rider.GetProperty("id").GetString()}"));
        return paths;

        async Task<string> MadeAsync(string path, HttpContent content)
        {
            using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), content, cancel);
            return answer.IsSuccessStatusCode
                ? (await answer.Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("id").GetString()! // What is made has an id.
                : throw new InvalidOperationException($"{path} answers {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancel)}");
        }

        async Task<JsonElement?> FirstAsync(string path) => (await client.GetFromJsonAsync<JsonElement>(path, cancel)).GetProperty("items").EnumerateArray().Select(one => (JsonElement?)one).FirstOrDefault();
    }

    private static async Task<(double P50, double P99, double Kilobytes)> AskAsync(HttpClient client, string path, int times, CancellationToken cancel)
    {
        List<double> all = [];
        var bytes = 0;
        for (var i = -WarmUps; i < times; i++)
        {
            var since = Stopwatch.GetTimestamp();
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), cancel);
            bytes = (await answer.Content.ReadAsByteArrayAsync(cancel)).Length;
            if (!answer.IsSuccessStatusCode)
                throw new InvalidOperationException($"{path} answers {(int)answer.StatusCode}.");
            if (i >= 0)
                all.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds); // Those before compile it.
        }

        all.Sort();
        return (all[all.Count / 2], all[Math.Min(all.Count - 1, all.Count * 99 / 100)], bytes / 1000.0);
    }
}
