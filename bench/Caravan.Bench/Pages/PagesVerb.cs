using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Caravan.Bench.Pages;

/// <summary>How long each page takes on the demo network (324 locations, 77,560 stock cells) with some orders in it: the middle one of many answers, whole, from asking to the last byte.</summary>
internal static class PagesVerb
{
    private const double GoalMs = 100;

    public static Command Create()
    {
        var orders = new Option<int>("--orders") { Description = "How many orders to place first.", DefaultValueFactory = _ => 200 };
        var times = new Option<int>("--times") { Description = "How often to ask for each page.", DefaultValueFactory = _ => 21 };
        var verb = new Command("pages", "Milliseconds of each page on the demo network.") { orders, times };
        verb.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(orders), Math.Max(1, parsed.GetValue(times)), cancel));
        return verb;
    }

    private static async Task<int> RunAsync(int orders, int times, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("caravan-bench-").FullName;
        var figures = new Figures("pages");
        var slowest = 0.0;
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
                var milliseconds = await MiddleAsync(client, path, times, cancel);
                figures.Add($"{name}_ms", milliseconds, "ms");
                slowest = Math.Max(slowest, milliseconds);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        figures.Add("slowest_page_ms", slowest, "ms");
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
            ("stop_sells", "/operations/stop-sells"), ("returns", "/operations/returns"), ("edi", "/operations/edi"), ("shadow", "/operations/shadow"), ("picking", "/picking"), ("couriers", "/courier"),
            ("shop", "/shop/lantern"), ("basket", "/shop/lantern/basket"), ("place", "/shop/lantern/place"),
        ];
        if (order is { } there)
        {
            paths.Add(("order", $"/operations/orders/{there.GetProperty("id").GetString()}"));
            paths.Add(("track", there.GetProperty("trackingPath").GetString()!)); // Every order has one.
        }

        if (node is { } place)
            paths.Add(("node_to_pick", $"/picking/{place.GetProperty("id").GetString()}"));
        if (courier is { } rider)
            paths.Add(("courier", $"/courier/{rider.GetProperty("id").GetString()}"));
        return paths;

        async Task<JsonElement?> FirstAsync(string path) => (await client.GetFromJsonAsync<JsonElement>(path, cancel)).GetProperty("items").EnumerateArray().Select(one => (JsonElement?)one).FirstOrDefault();
    }

    private static async Task<double> MiddleAsync(HttpClient client, string path, int times, CancellationToken cancel)
    {
        List<double> all = [];
        for (var i = -3; i < times; i++)
        {
            var since = Stopwatch.GetTimestamp();
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), cancel);
            await answer.Content.ReadAsByteArrayAsync(cancel);
            if (!answer.IsSuccessStatusCode)
                throw new InvalidOperationException($"{path} answers {(int)answer.StatusCode}.");
            if (i >= 0)
                all.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds); // The first three compile it.
        }

        all.Sort();
        return all[all.Count / 2];
    }
}
