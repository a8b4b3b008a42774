using System.Globalization;
using System.Text;
using System.Text.Json;
using Caravan.Catalog;
using Caravan.Platform.Storage;
using Caravan.Stock;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Stock;

/// <summary>
/// A company with the stores S1 and S2 (ambient and chilled) and S3 (ambient only), thirty items A00 to A29 with GTINs, of
/// which A29 is chilled; and a stranger.
/// </summary>
internal sealed class StockWorld : IAsyncDisposable
{
    private StockWorld(TestCaravan caravan) => Caravan = caravan;

    public TestCaravan Caravan { get; }

    public PartnerId Owner { get; private set; }

    public HttpClient Http { get; private set; } = null!; // Set by StartAsync.

    public HttpClient Stranger { get; private set; } = null!; // Set by StartAsync.

    public Dictionary<string, LocationId> Places { get; } = [];

    public LocationId StrangersPlace { get; private set; }

    public Dictionary<string, ItemId> Items { get; } = [];

    public StockBook Book => Caravan.Services.GetRequiredService<StockBook>();

    public DateTimeOffset Now => Caravan.Clock.GetUtcNow();

    public static string GtinOf(int number)
    {
        var thirteen = string.Create(CultureInfo.InvariantCulture, $"0690123{number:000000}");
        return thirteen + Gtin.CheckDigit(thirteen);
    }

    public static async Task<StockWorld> StartAsync()
    {
        var world = new StockWorld(await TestCaravan.StartAsync());
        (world.Owner, world.Http, _) = await world.Caravan.AddPartnerAsync("alpha");
        (_, world.Stranger, _) = await world.Caravan.AddPartnerAsync("stranger");
        var items = Enumerable.Range(0, 30).Select(n => new
        {
            sku = Sku(n),
            gtin = GtinOf(n),
            name = Sku(n),
            weightGrams = 500,
            price = new { amount = 100, currency = "CNY" },
            temperatureClass = n == 29 ? "chilled" : "ambient",
        });
        Assert.Equal(200, (await world.Http.ReplaceAsync("/v1/items", new { items })).Status);
        foreach (var item in (await world.Http.FetchAsync("/v1/items?limit=200")).Body.GetProperty("items").EnumerateArray())
            world.Items.Add(item.GetProperty("sku").GetString()!, ItemId.Parse(item.GetProperty("id").GetString()!, null));
        foreach (var code in (string[])["S1", "S2", "S3"])
            world.Places.Add(code, await AddPlaceAsync(world.Http, code, code == "S3" ? ["ambient"] : ["ambient", "chilled"]));
        world.StrangersPlace = await AddPlaceAsync(world.Stranger, "X1", ["ambient"]);
        return world;
    }

    public static string Sku(int number) => string.Create(CultureInfo.InvariantCulture, $"A{number:00}");

    public async Task<string> AddFeedAsync(object? settings = null)
    {
        var answer = await Http.SubmitAsync("/v1/feeds", settings ?? new { name = "wms", itemCodes = "sku", breakerPercent = 100 });
        Assert.Equal(201, answer.Status);
        return answer.Response.Headers.Location!.ToString();
    }

    public Task<(int Status, JsonElement Body, HttpResponseMessage Response)> SnapshotAsync(string feed, DateTimeOffset asOf, params (string Location, string Item, object? Quantity)[] lines) =>
        Http.SubmitAsync($"{feed}/snapshots", new { asOf, lines = lines.Select(line => new { location = line.Location, item = line.Item, quantity = line.Quantity }) });

    public Task<(int Status, JsonElement Body, HttpResponseMessage Response)> FileAsync(string feed, string text, string query = "", HttpClient? by = null) =>
        (by ?? Http).SubmitAsync($"{feed}/files?asOf={Uri.EscapeDataString(Now.ToString("O", CultureInfo.InvariantCulture))}{query}", new StringContent(text, Encoding.UTF8, "text/csv"));

    public StockTake Take(string sku, string place, int quantity) => new(Owner, Items[sku], Places[place], quantity);

    public Task<ReserveOutcome> ReserveAsync(string cause, params StockTake[] takes) => Caravan.Store.WriteAsync(tx => Book.ReserveAsync(tx, takes, cause), TestCaravan.Cancel);

    public Task WriteAsync(Func<Tx, Task> work) => Caravan.Store.WriteAsync(work, TestCaravan.Cancel);

    public async Task<StockCell?> CellAsync(string sku, string place) =>
        (await Caravan.Store.ReadAsync(db => Book.CellsAsync(db, [(Owner, Items[sku])], Now), TestCaravan.Cancel)).FirstOrDefault(cell => cell.Location == Places[place]);

    public async Task<int> OnHandAsync(string sku, string place) => (await CellAsync(sku, place))?.OnHand ?? 0;

    public Task<IReadOnlyList<string>> AuditAsync() => Caravan.Store.ReadAsync(Book.AuditAsync, TestCaravan.Cancel);

    public ValueTask DisposeAsync() => Caravan.DisposeAsync();

    private static async Task<LocationId> AddPlaceAsync(HttpClient http, string code, string[] temperatureClasses)
    {
        var answer = await http.ReplaceAsync("/v1/locations", new
        {
            code,
            name = code,
            kind = "store",
            region = "north",
            point = new { latitude = 39.9, longitude = 116.4 },
            timeZone = "Asia/Shanghai",
            hours = Enumerable.Repeat((string[])["07:00-23:00"], 7),
            throughputPerHour = 60,
            handlingMinutes = 10,
            temperatureClasses,
        });
        Assert.Equal(200, answer.Status);
        return LocationId.Parse(answer.Body.GetProperty("id").GetString()!, null);
    }
}
