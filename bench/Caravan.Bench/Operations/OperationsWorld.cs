using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Caravan.Bench.Orders;

namespace Caravan.Bench.Operations;

/// <summary>A company with stores and items on a server, spoken to as its people's systems do: over HTTP.</summary>
internal sealed class OperationsWorld : IDisposable
{
    private const int Stores = 40;
    private const int ItemsABatch = 1_000;
    private const int Plenty = 1_000;
    private static readonly string[] Always = ["00:00-24:00"];
    private static readonly string[] Classes = ["ambient"];
    private readonly HttpClient http;
    private readonly int items;
    private readonly int rounds;
    private string feed = "";
    private int orders;

    public OperationsWorld(Uri address, string key, int items, int rounds)
    {
        (this.items, this.rounds) = (items, rounds);
        http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>Puts the company's catalogue, stores and stock there.</summary>
    public async Task SeedAsync(CancellationToken cancel)
    {
        var skus = Enumerable.Range(0, items).Select(Sku).Concat(Enumerable.Range(0, rounds).SelectMany(round => new[] { Probe(round), Stopped(round), Short(round) })).ToList();
        foreach (var batch in skus.Chunk(ItemsABatch))
            await SendAsync(HttpMethod.Put, "/v1/items", new { items = batch.Select(sku => new { sku, name = sku, weightGrams = 300, price = new { amount = 900, currency = "CNY" } }) }, cancel);
        await SendAsync(HttpMethod.Put, "/v1/regions", new { code = "east", name = "East", centre = new { latitude = 31.2, longitude = 121.4 }, isActive = true }, cancel);
        for (var store = 0; store < Stores; store++)
        {
            var place = new
            {
                code = Store(store),
                name = $"Store {store}",
                kind = "store",
                region = "east",
                point = new { latitude = 31.2 + (store * 0.002), longitude = 121.4 },
                timeZone = "Etc/UTC",
                hours = Enumerable.Repeat(Always, 7),
                throughputPerHour = 1_000_000,
                handlingMinutes = 60,
                temperatureClasses = Classes,
                nextDayCutOff = "23:59:00",
                nextDayMetres = 60_000,
            };
            await SendAsync(HttpMethod.Put, "/v1/locations", place, cancel);
        }

        using var made = await SendAsync(HttpMethod.Post, "/v1/feeds", new { name = "bench", itemCodes = "sku", staleAfterMinutes = 31 * 24 * 60, breakerPercent = 100 }, cancel);
        feed = made.RootElement.GetProperty("id").GetString()!; // A feed has one.
        var text = new StringBuilder("location,item,quantity\n");
        for (var item = 0; item < items; item++)
        {
            for (var store = 0; store < Stores; store++)
                text.Append(CultureInfo.InvariantCulture, $"{Store(store)},{Sku(item)},{Plenty}\n");
        }

        for (var round = 0; round < rounds; round++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Store(0)},{Stopped(round)},{Plenty}\n");
            text.Append(CultureInfo.InvariantCulture, $"{Store(0)},{Short(round)},5\n{Store(1)},{Short(round)},5\n");
        }

        await FileAsync("delta", text.ToString(), cancel);
    }

    /// <summary>From sending a delta of so many lines until an order for what it has brought is taken.</summary>
    public async Task<TimeSpan> FeedToSellableAsync(int round, int lines, CancellationToken cancel)
    {
        var text = new StringBuilder("location,item,quantity\n");
        for (var line = 0; line < lines - 1; line++)
            text.Append(CultureInfo.InvariantCulture, $"{Store(line % Stores)},{Sku(line / Stores % items)},{Plenty + round + 1}\n");
        text.Append(CultureInfo.InvariantCulture, $"{Store(0)},{Probe(round)},5\n");
        if (await OrderAsync(Probe(round), 5, cancel) is (HttpStatusCode.Created, _))
            throw new BenchException("What has not come yet was sold.");

        var since = Stopwatch.GetTimestamp();
        await FileAsync("delta", text.ToString(), cancel);
        while (await OrderAsync(Probe(round), 5, cancel) is not (HttpStatusCode.Created, _))
            cancel.ThrowIfCancellationRequested();
        return Stopwatch.GetElapsedTime(since);
    }

    /// <summary>From stopping an item until an order for it is refused.</summary>
    public async Task<TimeSpan> StopSellAsync(int round, CancellationToken cancel)
    {
        if (await OrderAsync(Stopped(round), 1, cancel) is not (HttpStatusCode.Created, _))
            throw new BenchException("What is to be stopped could not be sold before.");

        var since = Stopwatch.GetTimestamp();
        using var stop = await SendAsync(HttpMethod.Post, "/v1/stock/stop-sells", new { sku = Stopped(round), reason = "bench" }, cancel);
        while (await OrderAsync(Stopped(round), 1, cancel) is (HttpStatusCode.Created, _))
            cancel.ThrowIfCancellationRequested();
        return Stopwatch.GetElapsedTime(since);
    }

    /// <summary>From a picker's "not on shelf" until another store has taken the units over.</summary>
    public async Task<TimeSpan> ShortPickAsync(int round, CancellationToken cancel)
    {
        var (status, order) = await OrderAsync(Short(round), 3, cancel);
        if (status != HttpStatusCode.Created)
            throw new BenchException($"The order that is to be picked short was answered {status}: {order}");

        var first = order.GetProperty("fulfilments")[0].GetProperty("location").GetString();
        var list = await ListAsync(order.GetProperty("number").GetString()!, cancel); // An order has one.
        var since = Stopwatch.GetTimestamp();
        using (await SendAsync(HttpMethod.Post, $"/v1/pick-lists/{list}:short", new { line = 1, quantity = 3, reason = "notOnShelf" }, cancel))
        {
            while (true)
            {
                using var now = await SendAsync(HttpMethod.Get, $"/v1/orders/{order.GetProperty("id").GetString()}", null, cancel);
                if (now.RootElement.GetProperty("fulfilments").EnumerateArray().Any(one => one.GetProperty("location").GetString() != first))
                    return Stopwatch.GetElapsedTime(since);
                cancel.ThrowIfCancellationRequested();
            }
        }
    }

    public void Dispose() => http.Dispose();

    private static string Sku(int item) => $"B{item:000000}";

    private static string Probe(int round) => $"PROBE-{round:0000}";

    private static string Stopped(int round) => $"STOP-{round:0000}";

    private static string Short(int round) => $"SHORT-{round:0000}";

    private static string Store(int store) => $"S{store:000}";

    private async Task<string> ListAsync(string number, CancellationToken cancel)
    {
        while (true)
        {
            using var lists = await SendAsync(HttpMethod.Get, "/v1/pick-lists?status=waiting&limit=200", null, cancel);
            foreach (var list in lists.RootElement.GetProperty("items").EnumerateArray())
            {
                if (list.GetProperty("orderNumber").GetString() == number)
                    return list.GetProperty("id").GetString()!; // A list has one.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancel);
        }
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> OrderAsync(string sku, int quantity, CancellationToken cancel)
    {
        var number = $"W-{Interlocked.Increment(ref orders)}";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/orders")
        {
            Content = JsonContent.Create(new { number, service = "nextDay", lines = new[] { new { sku, quantity } }, destination = new { latitude = 31.2, longitude = 121.41, address = "Bench Road 1" } }),
        };
        request.Headers.Add("Idempotency-Key", number);
        using var answer = await http.SendAsync(request, cancel);
        var body = await answer.Content.ReadAsStringAsync(cancel);
        return answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict
            ? (answer.StatusCode, JsonSerializer.Deserialize<JsonElement>(body))
            : throw new BenchException($"An order for {sku} was answered {(int)answer.StatusCode}: {body}");
    }

    private async Task FileAsync(string kind, string text, CancellationToken cancel)
    {
        var asOf = Uri.EscapeDataString(TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
        using var content = new StringContent(text, Encoding.UTF8, "text/csv");
        using var answer = await http.PostAsync(new Uri($"/v1/feeds/{feed}/files?kind={kind}&asOf={asOf}", UriKind.Relative), content, cancel);
        var body = await answer.Content.ReadAsStringAsync(cancel);
        if (answer.StatusCode != HttpStatusCode.OK)
            throw new BenchException($"The file was answered {(int)answer.StatusCode}: {body}");
        if (JsonSerializer.Deserialize<JsonElement>(body).GetProperty("document").GetProperty("rejected").GetInt32() > 0)
            throw new BenchException($"Lines of the bench's own file were rejected: {body}");
    }

    private async Task<JsonDocument> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await http.SendAsync(request, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(text) : throw new BenchException($"{method} {path} was answered {(int)answer.StatusCode}: {text}");
    }
}
