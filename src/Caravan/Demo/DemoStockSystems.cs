using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Caravan.Platform;
using Caravan.Platform.Slots;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Caravan.Demo;

/// <summary>
/// Plays the two demo companies' stock systems: each connects a feed over HTTP with its own key, as a partner would, and
/// reports every minute what its tills have sold and its suppliers have brought. What it reports is made up.
/// </summary>
internal sealed partial class DemoStockSystems(DemoLoader loader, Settings settings, WorkSlots slots, IServer server, IHttpClientFactory clients, TimeProvider clock, ILogger<DemoStockSystems> log) : BackgroundService
{
    private const string FeedName = "Tills and goods-in (simulated)";
    private const int LinesPerReport = 8;
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);
    private static readonly (DemoParty Party, string Slug)[] Systems = [(DemoParty.Lantern, "lantern"), (DemoParty.SilkRoad, "silkroad")];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!settings.IsDemo || !settings.IsSimulated)
            return;

        try
        {
            await Task.Delay(FirstWait, clock, stoppingToken);
            var network = DemoNetwork.Generate(DemoLoader.Seed);
            var random = new DemoRandom((ulong)clock.GetUtcNow().ToUnixTimeSeconds());
            while (true)
            {
                await slots.MineAsync("demo stock systems", stoppingToken);
                foreach (var (party, slug) in Systems)
                    await TryReportAsync(network, party, slug, random, stoppingToken);
                await Task.Delay(Pause, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops, and so do we.
        }
    }

    private async Task TryReportAsync(DemoNetwork network, DemoParty party, string slug, DemoRandom random, CancellationToken cancel)
    {
        try
        {
            var keys = await loader.KeysAsync(cancel);
            if (server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is not { } address || !keys.TryGetValue(slug, out var key))
                return;

            using var http = clients.CreateClient();
            http.BaseAddress = new Uri(address.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal));
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            var feed = await FeedAsync(http, cancel);
            var body = JsonSerializer.Serialize(new DemoReport(clock.GetUtcNow(), [.. Lines(network, party, random)]), DemoJson.Default.DemoReport);
            using var content = new StringContent(body, MediaTypeHeaderValue.Parse("application/json"));
            using var answer = await http.PostAsync(new Uri($"/v1/feeds/{feed}/deltas", UriKind.Relative), content, cancel);
            answer.EnsureSuccessStatusCode();
        }
        catch (HttpRequestException fault)
        {
            LogUnheard(slug, fault);
        }
    }

    private static async Task<string> FeedAsync(HttpClient http, CancellationToken cancel)
    {
        var feeds = await http.GetFromJsonAsync("/v1/feeds", DemoJson.Default.JsonElement, cancel);
        foreach (var feed in feeds.GetProperty("items").EnumerateArray())
        {
            if (feed.GetProperty("name").GetString() == FeedName)
                return feed.GetProperty("id").GetString()!; // A feed has an id.
        }

        using var content = new StringContent($$"""{"name":"{{FeedName}}","itemCodes":"sku"}""", MediaTypeHeaderValue.Parse("application/json"));
        using var made = await http.PostAsync(new Uri("/v1/feeds", UriKind.Relative), content, cancel);
        made.EnsureSuccessStatusCode();
        return (await made.Content.ReadFromJsonAsync(DemoJson.Default.JsonElement, cancel)).GetProperty("id").GetString()!; // As above.
    }

    // Seven in eight lines are a sale at the till, one brings a fresh case.
    private static IEnumerable<DemoReportLine> Lines(DemoNetwork network, DemoParty party, DemoRandom random)
    {
        var told = new HashSet<int>();
        while (told.Count < LinesPerReport)
        {
            var index = random.Below(network.Stock.Length);
            var row = network.Stock[index];
            var location = network.Locations[row.LocationIndex];
            if (location.Operator != party || network.Items[row.ItemIndex].SkuOf(party) is not { } sku || !told.Add(index))
                continue;

            yield return new DemoReportLine(location.Code, sku, random.Below(LinesPerReport) == 0 ? 12 : -1);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The simulated stock system of {Company} was not heard.")]
    private partial void LogUnheard(string company, Exception fault);
}

internal sealed record DemoReport(DateTimeOffset AsOf, IReadOnlyList<DemoReportLine> Lines);

internal sealed record DemoReportLine(string Location, string Item, int Change);
