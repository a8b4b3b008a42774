using System.Text.Json;
using Caravan.Catalog;
using Caravan.Delivery;
using Caravan.Orders;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;
using Caravan.Returns;
using Caravan.Tests.Fulfilment;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Returns;

/// <summary>The world of orders after its customers have got their goods.</summary>
internal sealed class ReturnsWorld : IAsyncDisposable
{
    public const string Api = "/v1/returns";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private ReturnsWorld(FulfilmentWorld floor) => Floor = floor;

    public FulfilmentWorld Floor { get; }

    public OrderWorld Orders => Floor.Orders;

    public TestCaravan Caravan => Floor.Caravan;

    public HttpClient Chain => Floor.Chain;

    public HttpClient Logistics => Floor.Logistics;

    public static async Task<ReturnsWorld> StartAsync() => new(await FulfilmentWorld.StartAsync());

    /// <summary>An order that its customer has collected where it lay.</summary>
    public async Task<Order> DeliverAsync(string number, params object[] lines)
    {
        await Orders.PlaceAsync(number, lines: lines);
        return await DeliverPlacedAsync(number);
    }

    /// <summary>As above, collected at the station in the near store: whatever couriers do.</summary>
    public async Task<Order> DeliverAtStationAsync(string number, params object[] lines)
    {
        var placed = await Chain.SubmitAsync("/v1/orders", new { number, service = "pickUp", station = Floor.Node("station"), lines }, key: $"key-{number}");
        Assert.True(placed.Status == 201, placed.Body.ToString());
        return await DeliverPlacedAsync(number);
    }

    /// <summary>A placed order that its customer has collected where its people are.</summary>
    public async Task<Order> DeliverPlacedAsync(string number)
    {
        var order = await Floor.OrderAsync(number);
        var desk = Caravan.Services.GetRequiredService<OrderDesk>();
        await Caravan.Store.WriteAsync(async tx =>
        {
            foreach (var fulfilment in order.Fulfilments)
            {
                await desk.ReleaseAsync(tx, order.Seller, fulfilment.Id);
                Assert.Null(await desk.PickedAsync(tx, order.Seller, fulfilment.Id));
                await desk.PackedAsync(tx, order.Seller, fulfilment.Id);
                await desk.CollectedAsync(tx, order.Seller, fulfilment.Id);
            }
        }, TestCaravan.Cancel);
        return await Floor.OrderAsync(number);
    }

    /// <summary>An order whose couriers found nobody and brought everything back.</summary>
    public async Task<Order> BringBackAsync(string number, params object[] lines)
    {
        await Orders.PlaceAsync(number, lines: lines);
        var list = await Floor.ListAsync(Chain, number);
        foreach (var line in list.GetProperty("lines").EnumerateArray())
            list = await FulfilmentWorld.ActAsync(Chain, list, "pick", new { line = line.GetProperty("line").GetInt32(), quantity = line.GetProperty("left").GetInt32() });
        await FulfilmentWorld.ActAsync(Chain, list, "pack");
        var order = await Floor.OrderAsync(number);
        var parcels = order.Fulfilments.SelectMany(one => one.Allocations).Select(one => order.Lines[one.Line - 1].TemperatureClass).Distinct().Count();
        for (var brought = 0; brought < parcels;)
        {
            await Caravan.Services.GetRequiredService<Dispatcher>().DispatchOnceAsync(TestCaravan.Cancel);
            var jobs = (await Chain.FetchAsync("/v1/jobs")).Body.GetProperty("items").EnumerateArray();
            foreach (var job in jobs.Where(job => job.GetProperty("status").GetString() == "assigned" && job.TryGetProperty("courier", out _)))
            {
                var carrier = job.GetProperty("carrier").GetString() == Orders.Chain.Id.ToString() ? Chain : Logistics;
                var path = $"/v1/couriers/{job.GetProperty("courier").GetProperty("id").GetString()}/jobs/{job.GetProperty("id").GetString()}";
                foreach (var act in new[] { "accept", "collect", "fail", "return" })
                {
                    var answer = await carrier.SubmitAsync($"{path}:{act}", act == "fail" ? new { reason = "nobody home" } : null);
                    Assert.True(answer.Status == 200, $"{act}: {answer.Body}");
                }

                brought++;
            }
        }

        return order;
    }

    /// <summary>The returns of an order as soon as there are so many; waits for the outbox, not for the clock.</summary>
    public async Task<List<JsonElement>> OfOrderAsync(Order order, int count)
    {
        var outbox = Caravan.Services.GetRequiredService<Outbox>();
        while (true)
        {
            var changed = outbox.Changed;
            var found = (await Chain.FetchAsync($"{Api}?order={order.Id}")).Body.GetProperty("items").EnumerateArray().ToList();
            if (found.Count >= count)
                return found;

            await Task.WhenAny(changed, Task.Delay(200, TestCaravan.Cancel)).WaitAsync(Patience, TestCaravan.Cancel);
        }
    }

    public async Task<JsonElement> AuthoriseAsync(Order order, params object[] lines)
    {
        var answer = await Chain.SubmitAsync(Api, new { order = order.Id.ToString(), lines });
        Assert.True(answer.Status == 201, answer.Body.ToString());
        return answer.Body;
    }

    public static async Task<JsonElement> ActAsync(HttpClient http, JsonElement one, string act, object? body = null)
    {
        var answer = await TryAsync(http, one, act, body);
        Assert.True(answer.Status == 200, $"{act}: {answer.Body}");
        return answer.Body;
    }

    public static Task<(int Status, JsonElement Body, HttpResponseMessage Response)> TryAsync(HttpClient http, JsonElement one, string act, object? body = null, string? key = null) =>
        http.SubmitAsync($"{Api}/{one.GetProperty("id").GetString()}:{act}", body, key);

    public static object Wish(int line, int quantity, string reason = "notWanted") => new { line, quantity, reason };

    public static object Judge(string cause, int line, int quantity, string grade, string disposition, object? release = null, object? refund = null, string? lot = null, bool fromHold = false) =>
        new { cause, lines = new[] { new { line, quantity, grade, disposition, release, refund, lot, fromHold } } };

    public static string? Problem((int Status, JsonElement Body, HttpResponseMessage Response) answer) =>
        answer.Body.TryGetProperty("type", out var type) ? type.GetString()!["urn:caravan:problem:".Length..] : null; // A problem has a type.

    public static string State(JsonElement one) => one.GetProperty("state").GetString()!; // Every return has one.

    /// <summary>On hand, held and sellable.</summary>
    public async Task<(int OnHand, int Held, int Sellable)> CellAsync(string company, string sku, string node)
    {
        var cell = (await Orders.CellAsync(company, sku, node))!; // The tests ask for cells that there are.
        var held = await Caravan.Store.ReadAsync(
            db => db.ValueAsync<int>("SELECT held FROM stock_cells WHERE tenant = @Owner AND item = @Item AND location = @Location", new { cell.Owner, cell.Item, cell.Location }), TestCaravan.Cancel);
        return (cell.OnHand, held, cell.Sellable);
    }

    /// <summary>What the outbox says is to be paid back, and where it says so.</summary>
    public async Task<List<(long Sequence, RefundDueEvent Refund)>> RefundsAsync()
    {
        // On PostgreSQL an event may wait for a transaction that began before it: of another test, even, on the shared server.
        while (await Caravan.Store.ReadAsync(Outbox.IsHeldUpAsync, TestCaravan.Cancel))
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestCaravan.Cancel);
        return await Caravan.Store.ReadAsync(async db => (await Outbox.ReadAllAsync(db, 0, [RefundDueEvent.Type], 10_000)).ConvertAll(happened => (happened.Sequence, RefundDueEvent.Of(happened))), TestCaravan.Cancel);
    }

    /// <summary>Makes an item one that is kept by lot, or of another category.</summary>
    public Task ChangeItemAsync(string sku, Func<Item, Item> change) => Caravan.Store.WriteAsync(async tx =>
    {
        var catalog = Caravan.Services.GetRequiredService<ItemCatalog>();
        await catalog.PutAsync(tx, [change((await catalog.BySkuAsync(tx, Orders.Chain.Id, [sku]))[0])]);
    }, TestCaravan.Cancel);

    /// <summary>The books agree, and each unit that is held beyond its lots waits in a return that will let it out.</summary>
    public async Task AssertBooksAgreeAsync()
    {
        await Orders.AssertBooksAgreeAsync();
        Assert.Empty(await Caravan.Store.ReadAsync(ReturnAudit.RunAsync, TestCaravan.Cancel));
    }

    public ValueTask DisposeAsync() => Floor.DisposeAsync();
}
