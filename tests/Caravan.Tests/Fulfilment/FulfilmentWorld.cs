using System.Text.Json;
using Caravan.Delivery;
using Caravan.Orders;
using Caravan.Platform.Outbox;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Fulfilment;

/// <summary>The world of orders, seen from the picking floor.</summary>
internal sealed class FulfilmentWorld : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private FulfilmentWorld(OrderWorld orders) => Orders = orders;

    public OrderWorld Orders { get; }

    public TestCaravan Caravan => Orders.Caravan;

    public HttpClient Chain => Orders.Chain.Http;

    public HttpClient Logistics => Orders.Logistics.Http;

    public HttpClient Stranger => Orders.Stranger.Http;

    public static async Task<FulfilmentWorld> StartAsync() => new(await OrderWorld.StartAsync());

    public static object Line(string sku, int quantity) => new { sku, quantity };

    public string Node(string name) => Orders.Nodes[name].Id.ToString();

    /// <summary>An order of two teas that the chain's near store picks; its list.</summary>
    public async Task<JsonElement> NearListAsync(string number = "1", int quantity = 2)
    {
        await Orders.ReceiveAsync("chain", "tea", "near", quantity);
        await Orders.PlaceAsync(number, lines: Line("tea", quantity));
        return await ListAsync(Chain, number);
    }

    /// <summary>An order of a tea that is collected at the station in the near store, from there or from the warehouse.</summary>
    public async Task<JsonElement> StationListAsync(string from, string number = "1")
    {
        await Orders.ReceiveAsync(from == "near" ? "chain" : "logistics", "tea", from, 1);
        var placed = await Chain.SubmitAsync("/v1/orders", new { number, service = "pickUp", station = Node("station"), lines = new[] { Line("tea", 1) } }, key: $"key-{number}");
        Assert.True(placed.Status == 201, placed.Body.ToString());
        return await ListAsync(from == "near" ? Chain : Logistics, number);
    }

    /// <summary>The pick list of an order, as soon as it is there and as it should be; waits for the outbox, not for the clock.</summary>
    public async Task<JsonElement> ListAsync(HttpClient http, string number, string? status = null, string? location = null)
    {
        var found = default(JsonElement);
        await UntilAsync(async () =>
        {
            var answer = await http.FetchAsync("/v1/pick-lists");
            found = answer.Body.GetProperty("items").EnumerateArray().FirstOrDefault(list =>
                list.GetProperty("orderNumber").GetString() == number
                && (status is null || list.GetProperty("status").GetString() == status)
                && (location is null || list.GetProperty("location").GetString() == Node(location)));
            return found.ValueKind == JsonValueKind.Object;
        });
        return found;
    }

    /// <summary>Until what other rooms do of themselves is done; looks again when the outbox has moved.</summary>
    public async Task UntilAsync(Func<Task<bool>> isDone)
    {
        var outbox = Caravan.Services.GetRequiredService<Outbox>();
        while (true)
        {
            var changed = outbox.Changed;
            if (await isDone())
                return;

            await changed.WaitAsync(Patience, TestCaravan.Cancel);
        }
    }

    public static string PathOf(JsonElement list) => $"/v1/pick-lists/{list.GetProperty("id").GetString()}";

    public static async Task<JsonElement> ActAsync(HttpClient http, JsonElement list, string act, object? body = null)
    {
        var answer = await http.SubmitAsync($"{PathOf(list)}:{act}", body);
        Assert.True(answer.Status == 200, answer.Body.ToString());
        return answer.Body;
    }

    public async Task<Order> OrderAsync(string number) =>
        await Caravan.Store.ReadAsync(db => Caravan.Services.GetRequiredService<OrderDesk>().FindAsync(db, Orders.Chain.Id, "api", number), TestCaravan.Cancel)
        ?? throw new InvalidOperationException($"There is no order {number}.");

    /// <summary>Every job that the chain ships gets its courier, who says yes and collects it; then hands it over, when a code is given.</summary>
    public async Task CarryAsync(string? code = null)
    {
        await Caravan.Services.GetRequiredService<Dispatcher>().DispatchOnceAsync(TestCaravan.Cancel);
        var jobs = await Chain.FetchAsync("/v1/jobs");
        foreach (var job in jobs.Body.GetProperty("items").EnumerateArray().Where(job => job.TryGetProperty("courier", out _)))
        {
            var carrier = job.GetProperty("carrier").GetString() == Orders.Chain.Id.ToString() ? Chain : Logistics;
            var path = $"/v1/couriers/{job.GetProperty("courier").GetProperty("id").GetString()}/jobs/{job.GetProperty("id").GetString()}";
            foreach (var act in code is null ? ["accept", "collect"] : new[] { "accept", "collect", "deliver" })
            {
                var answer = await carrier.SubmitAsync($"{path}:{act}", act == "deliver" ? new { code } : null);
                Assert.True(answer.Status == 200, $"{act}: {answer.Body}");
            }
        }
    }

    public ValueTask DisposeAsync() => Orders.DisposeAsync();
}
