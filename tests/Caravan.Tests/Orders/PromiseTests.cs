using System.Text.Json;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Orders;

public sealed class PromiseTests
{
    private static readonly object Here = new { latitude = OrderWorld.Customer.Latitude, longitude = OrderWorld.Customer.Longitude };

    [Fact]
    public async Task Each_service_is_promised_its_time_and_price_and_place()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.ReceiveAsync("logistics", "tea", "warehouse", 5);

        var options = Options(await PromiseAsync(world, Here));

        // 10:00 in Beijing is 2:00 UTC: within the hour by 3:00, same day by 22:00 (14:00 UTC), next day within 24 hours.
        Assert.Equal(world.Now.AddHours(1), options["withinHour"].GetProperty("promisedAt").GetDateTimeOffset());
        Assert.Equal(world.Now.AddHours(12), options["sameDay"].GetProperty("promisedAt").GetDateTimeOffset());
        Assert.Equal(world.Now.AddHours(24), options["nextDay"].GetProperty("promisedAt").GetDateTimeOffset());
        // Ten minutes to pick, in the station's own building, and the fifteen that one may think about it.
        Assert.Equal(world.Now.AddMinutes(25), options["pickUp"].GetProperty("promisedAt").GetDateTimeOffset());
        Assert.Equal(800, options["withinHour"].GetProperty("price").GetProperty("amount").GetInt64());
        Assert.Equal("The near one", options["withinHour"].GetProperty("from")[0].GetProperty("name").GetString());
        Assert.Equal("The warehouse one", options["nextDay"].GetProperty("from")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task What_cannot_be_promised_says_why_and_what_is_closest()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);

        // 30 km south: out of the five kilometres of a store's hour, within the forty of its day.
        var far = Options(await PromiseAsync(world, new { latitude = OrderWorld.North(-30_000).Latitude, longitude = OrderWorld.Customer.Longitude }));
        world.Caravan.Clock.Advance(TimeSpan.FromHours(15)); // 1:00 at night.
        var night = Options(await PromiseAsync(world, Here));

        Assert.Equal("outOfArea", far["withinHour"].GetProperty("reason").GetString());
        Assert.Equal("The near one", far["withinHour"].GetProperty("closest").GetProperty("name").GetString());
        Assert.True(far["sameDay"].GetProperty("isAvailable").GetBoolean());
        Assert.Equal("closed", night["withinHour"].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task After_the_cut_off_it_is_too_late_and_without_stock_it_is_out_of_stock()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 1);
        world.Caravan.Clock.Advance(TimeSpan.FromHours(7)); // 17:00; the cut-off was at 16:00.

        var late = Options(await PromiseAsync(world, Here));
        var two = Options(await PromiseAsync(world, Here, quantity: 2));

        Assert.Equal("tooLate", late["sameDay"].GetProperty("reason").GetString());
        Assert.Equal("outOfStock", two["withinHour"].GetProperty("reason").GetString());
        Assert.Equal(1, two["withinHour"].GetProperty("lines")[0].GetProperty("left").GetInt32());
    }

    [Fact]
    public async Task A_region_that_is_switched_off_promises_nothing()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);

        await world.Chain.Http.ReplaceAsync("/v1/regions", new { code = "bj", name = "Beijing", centre = Here, isActive = false });
        var off = Options(await PromiseAsync(world, Here));

        Assert.Equal("regionOff", off["withinHour"].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task An_order_is_placed_on_a_promise_until_it_runs_out_and_for_its_goods_only()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        var promise = await PromiseAsync(world, Here);
        var id = promise.GetProperty("id").GetString();

        var other = await PlaceAsync(world, "1", id, quantity: 2);
        var kept = await PlaceAsync(world, "2", id, quantity: 1);
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(16));
        var late = await PlaceAsync(world, "3", id, quantity: 1);

        Assert.Equal((409, "urn:caravan:problem:promise-gone"), (other.Status, other.Body.GetProperty("type").GetString()));
        Assert.Equal(201, kept.Status);
        Assert.Equal(Options(promise)["withinHour"].GetProperty("promisedAt").GetDateTimeOffset(), kept.Body.GetProperty("promisedAt").GetDateTimeOffset());
        Assert.Equal((409, "urn:caravan:problem:promise-gone"), (late.Status, late.Body.GetProperty("type").GetString()));
    }

    private static Task<(int Status, JsonElement Body, HttpResponseMessage Response)> PlaceAsync(OrderWorld world, string number, string? promise, int quantity) =>
        world.Chain.Http.SubmitAsync("/v1/orders", new { number, service = "withinHour", lines = new[] { new { sku = "tea", quantity } }, destination = Here, promise }, key: number);

    private static async Task<JsonElement> PromiseAsync(OrderWorld world, object destination, int quantity = 1)
    {
        var answer = await world.Chain.Http.SubmitAsync("/v1/promises", new { lines = new[] { new { sku = "tea", quantity } }, destination });
        Assert.True(answer.Status == 201, answer.Body.ToString());
        return answer.Body;
    }

    private static Dictionary<string, JsonElement> Options(JsonElement promise) =>
        promise.GetProperty("options").EnumerateArray().ToDictionary(option => option.GetProperty("service").GetString()!);
}
