using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Caravan.Bench.Orders;

/// <summary>Puts the bench world on a server over its public API, telling how long each part took.</summary>
internal sealed class WorldSeeding(BenchWorld world, Uri address, string key)
{
    private const int ItemsABatch = 1_000;

    // Some ten locations a file.
    private const int LinesAFile = 2_000;
    private const int AtOnce = 8;
    private const double SlowSeconds = 60;

    // A node is told an order long before a courier must set out for it, as with any next-day parcel.
    private const int HandlingMinutes = 60;
    private static readonly string[] Always = ["00:00-24:00"];

    public async Task RunAsync(CancellationToken cancel)
    {
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var zone = NoonZone(TimeProvider.System.GetUtcNow());
        var seconds = 0.0;
        seconds += await TimedAsync($"{BenchWorld.Items:N0} items", () => PutItemsAsync(client, cancel));
        seconds += await TimedAsync($"{world.Places.Length:N0} locations", () => PutNetworkAsync(client, zone, cancel));
        seconds += await TimedAsync($"{world.Cells().Count():N0} stock cells", () => FeedAsync(client, cancel));
        if (seconds > SlowSeconds)
            Console.Error.WriteLine($"Seeding over the API took {seconds:N0} s, more than {SlowSeconds:N0} s: the slowest line above is why.");
    }

    private static async Task<double> TimedAsync(string what, Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Seeded {what} in {seconds:N1} s."));
        return seconds;
    }

    /// <summary>A time zone in which it is about noon, so that no cut-off or midnight falls into a run.</summary>
    private static string NoonZone(DateTimeOffset now)
    {
        var ahead = 12 - now.UtcDateTime.Hour; // −11 to 12; the names of these zones count the other way.
        return ahead == 0 ? "Etc/UTC" : $"Etc/GMT{(ahead > 0 ? '-' : '+')}{Math.Abs(ahead)}";
    }

    private static async Task PutItemsAsync(HttpClient client, CancellationToken cancel)
    {
        for (var from = 0; from < BenchWorld.Items; from += ItemsABatch)
        {
            var items = Enumerable.Range(from, Math.Min(ItemsABatch, BenchWorld.Items - from))
                .Select(item => new { sku = BenchWorld.Sku(item), name = $"Bench item {item}", weightGrams = 200 + (item % 800), price = new { amount = 100 + (item % 5_000), currency = "CNY" } });
            await ExpectAsync(await client.PutAsJsonAsync("/v1/items", new { items }, cancel), cancel);
        }
    }

    private async Task PutNetworkAsync(HttpClient client, string zone, CancellationToken cancel)
    {
        foreach (var (name, latitude, longitude) in BenchWorld.Regions)
        {
            await ExpectAsync(await client.PutAsJsonAsync("/v1/regions", new { code = name, name, centre = new { latitude, longitude }, isActive = true }, cancel), cancel);
            await ExpectAsync(await client.PutAsJsonAsync("/v1/couriers", Courier(name, latitude, longitude, zone), cancel), cancel);
        }

        await Parallel.ForEachAsync(world.Places, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (place, stop) =>
            await ExpectAsync(await client.PutAsJsonAsync("/v1/locations", Location(place, zone), stop), stop));
    }

    private static object Courier(string region, double latitude, double longitude, string zone) => new
    {
        code = $"van-{region}",
        region,
        vehicle = "van",
        point = new { latitude, longitude },
        capacityGrams = 800_000,
        temperatureClasses = new[] { "ambient" },
        shiftStart = "06:00:00",
        shiftEnd = "22:00:00",
        timeZone = zone,
    };

    private static object Location(BenchLocation place, string zone) => new
    {
        code = place.Code,
        name = $"{(place.IsWarehouse ? "Warehouse" : "Store")} {place.Code}",
        kind = place.IsWarehouse ? "warehouse" : "store",
        region = place.Region,
        point = new { latitude = place.Latitude, longitude = place.Longitude },
        timeZone = zone,
        hours = Enumerable.Repeat(Always, 7),
        throughputPerHour = 1_000_000,
        handlingMinutes = HandlingMinutes,
        temperatureClasses = new[] { "ambient" },
        nextDayCutOff = "23:59:00",
        nextDayMetres = place.IsWarehouse ? 400_000 : 60_000,
    };

    private async Task FeedAsync(HttpClient client, CancellationToken cancel)
    {
        using var made = await ExpectAsync(await client.PostAsJsonAsync("/v1/feeds", new { name = "bench", itemCodes = "sku", staleAfterMinutes = 31 * 24 * 60, breakerPercent = 100 }, cancel), cancel);
        var feed = made.RootElement.GetProperty("id").GetString();
        foreach (var lines in world.Cells().Chunk(LinesAFile))
        {
            var file = new StringBuilder("location,item,quantity\n", 24 * lines.Length);
            foreach (var (place, item, units) in lines)
                file.Append(CultureInfo.InvariantCulture, $"{world.Places[place].Code},{BenchWorld.Sku(item)},{units}\n");
            var asOf = Uri.EscapeDataString(TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
            using var content = new StringContent(file.ToString(), Encoding.UTF8, "text/csv");
            using var receipt = await ExpectAsync(await client.PostAsync(new Uri($"/v1/feeds/{feed}/files?kind=delta&asOf={asOf}", UriKind.Relative), content, cancel), cancel);
            if (receipt.RootElement.GetProperty("rejectedLines").GetArrayLength() > 0)
                throw new BenchException($"The feed rejected lines of the bench world: {receipt.RootElement}");
        }
    }

    private static async Task<JsonDocument> ExpectAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        using (answer)
        {
            var body = await answer.Content.ReadAsStringAsync(cancel);
            return answer.IsSuccessStatusCode
                ? JsonDocument.Parse(body)
                : throw new BenchException($"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri?.PathAndQuery} was answered {(int)answer.StatusCode}: {body}");
        }
    }
}
