using System.Text.Json;
using Caravan.Stock;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Orders;

/// <summary>Quotas: units kept for a channel, and the most that a partner may take.</summary>
public sealed class QuotaTests
{
    [Fact]
    public async Task Others_leave_what_is_unsold_of_a_channels_quota_and_the_channel_uses_it_up()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 10);
        await QuotaAsync(world, new { sku = "tea", channel = "live", units = 4, until = world.Now.AddDays(1) });

        // 10 are there and 4 are kept: others get 6. The channel has sold 3 of its 4: others must leave 1.
        var tooMany = await PlaceAsync(world, "1", "web", 7);
        var six = await PlaceAsync(world, "2", "web", 6);
        var none = await PlaceAsync(world, "3", "web", 1);
        var own = await PlaceAsync(world, "4", "live", 3);
        var still = await PlaceAsync(world, "5", "web", 1);
        var rest = await PlaceAsync(world, "6", "live", 1);

        Assert.Equal((409, 201, 409, 201, 409, 201), (tooMany.Status, six.Status, none.Status, own.Status, still.Status, rest.Status));
        Assert.Equal("urn:caravan:problem:out-of-stock", tooMany.Body.GetProperty("type").GetString());
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_quota_over_all_locations_leaves_each_of_them_free_as_long_as_enough_is_left_in_all()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.ReceiveAsync("chain", "tea", "mid", 5);
        await QuotaAsync(world, new { sku = "tea", channel = "live", units = 4, until = world.Now.AddDays(1) });

        var five = await PlaceAsync(world, "1", "web", 5);
        var two = await PlaceAsync(world, "2", "web", 2);
        var one = await PlaceAsync(world, "3", "web", 1);

        Assert.Equal((201, "near"), (five.Status, world.NodeOf(five.Body)));
        Assert.Equal((409, 201), (two.Status, one.Status));
        Assert.Equal(4, (await world.CellAsync("chain", "tea", "mid"))!.Sellable);
    }

    [Fact]
    public async Task A_quota_at_one_location_leaves_the_others_free()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.ReceiveAsync("chain", "tea", "mid", 5);
        await QuotaAsync(world, new { sku = "tea", channel = "live", location = world.Nodes["near"].Id.ToString(), units = 4, until = world.Now.AddDays(1) });

        var two = await PlaceAsync(world, "1", "web", 2);
        var own = await PlaceAsync(world, "2", "live", 5);

        Assert.Equal(("mid", "near"), (world.NodeOf(two.Body), world.NodeOf(own.Body)));
    }

    [Fact]
    public async Task A_quota_that_is_over_or_ended_keeps_nothing_and_cancelled_units_are_unsold_again()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 10);
        await QuotaAsync(world, new { sku = "tea", channel = "live", units = 6, until = world.Now.AddHours(1) });

        var own = await PlaceAsync(world, "1", "live", 6);
        var four = await PlaceAsync(world, "2", "web", 4);
        Assert.Equal(200, (await world.Chain.Http.SubmitAsync($"/v1/orders/{own.Body.GetProperty("id").GetString()}:cancel", new { })).Status);
        var kept = await PlaceAsync(world, "3", "web", 1);
        world.Caravan.Clock.Advance(TimeSpan.FromHours(1));
        var over = await PlaceAsync(world, "4", "web", 1);
        var second = await QuotaAsync(world, new { sku = "tea", channel = "live", units = 6, until = world.Now.AddHours(1) });
        var keptAgain = await PlaceAsync(world, "5", "web", 1);
        Assert.Equal(204, (await world.Chain.Http.SendAsync(HttpMethod.Delete, $"/v1/stock/quotas/{second}")).Status);
        var ended = await PlaceAsync(world, "6", "web", 1);

        Assert.Equal((201, 201, 409, 201, 409, 201), (own.Status, four.Status, kept.Status, over.Status, keptAgain.Status, ended.Status));
    }

    [Fact]
    public async Task A_partner_takes_no_more_under_an_agreement_than_its_quota_allows_a_day()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("logistics", "tea", "warehouse", 50);
        await world.ReceiveAsync("logistics", "apples", "warehouse", 50);
        var quota = await world.Logistics.Http.SubmitAsync("/v1/stock/quotas", new { agreement = world.Agreement.ToString(), units = 5, perItem = true, perDay = true });
        Assert.True(quota.Status == 201, quota.Body.ToString());

        var tooMany = await PlaceAsync(world, "1", "web", 6, "nextDay");
        var four = await PlaceAsync(world, "2", "web", 4, "nextDay");
        var two = await PlaceAsync(world, "3", "web", 2, "nextDay");
        var apples = await PlaceAsync(world, "4", "web", 5, "nextDay", "apples");
        var taken = (await world.Logistics.Http.FetchAsync($"/v1/stock/quotas/{quota.Body.GetProperty("id").GetString()}")).Body.GetProperty("taken").GetInt32();
        await world.Chain.Http.SubmitAsync($"/v1/orders/{four.Body.GetProperty("id").GetString()}:cancel", new { lines = new[] { new { line = 1, quantity = 1 } } });
        var again = await PlaceAsync(world, "5", "web", 2, "nextDay");
        world.Caravan.Clock.Advance(TimeSpan.FromHours(24));
        var tomorrow = await PlaceAsync(world, "6", "web", 5, "nextDay");

        Assert.Equal((409, 201, 409, 201, 201, 201), (tooMany.Status, four.Status, two.Status, apples.Status, again.Status, tomorrow.Status));
        Assert.Equal(9, taken);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task When_a_hundred_orders_race_each_channel_gets_what_is_its_own_and_not_one_more()
    {
        await using var world = await OrderWorld.StartAsync();
        var second = TestStore.IsPostgres ? await TestCaravan.StartAsync(clock: world.Caravan.Clock, folder: world.Caravan.Folder) : null;
        var desks = second is null ? [world.Chain.Http] : new[] { world.Chain.Http, second.Client(world.Chain.Key) };
        await world.ReceiveAsync("chain", "tea", "near", 12);
        await world.ReceiveAsync("chain", "tea", "mid", 18);
        await QuotaAsync(world, new { sku = "tea", channel = "live", units = 10, until = world.Now.AddDays(1) });
        var ofApp = await QuotaAsync(world, new { sku = "tea", channel = "app", location = world.Nodes["mid"].Id.ToString(), units = 5, until = world.Now.AddDays(1) });
        await NewsAsync(desks);

        // 30 units: 10 for live, 5 at Mid for app, 15 for anybody. 100 orders: 10 of live, 5 of app, 85 of the web. Whoever of app
        // was quick enough to be served from Near, where nothing is kept for it, has left what is kept at Mid.
        var placed = await Task.WhenAll(Enumerable.Range(0, 100).Select(async n =>
        {
            var channel = n % 10 == 0 ? "live" : n % 20 == 5 ? "app" : "web";
            var answer = await desks[n % desks.Length].SubmitAsync("/v1/orders", BodyOf($"{n}", channel, 1, "sameDay"), key: $"key-{n}");
            return (Channel: channel, answer.Status);
        }));

        var told = string.Join(", ", placed.GroupBy(one => one).Select(one => $"{one.Key.Channel} {one.Key.Status}: {one.Count()}"));
        Assert.True(placed.All(one => one.Status is 201 or 409), told);
        Assert.True(placed.Where(one => one.Channel != "web").All(one => one.Status == 201), told);
        var taken = (await world.Chain.Http.FetchAsync($"/v1/stock/quotas/{ofApp}")).Body.GetProperty("taken").GetInt32();
        Assert.True(placed.Count(one => one is { Channel: "web", Status: 201 }) == 10 + taken, $"{told}; {taken} kept for app were taken");
        await world.AssertBooksAgreeAsync();
        if (second is not null)
            await second.StopAsync();
    }

    [Fact]
    public async Task When_many_orders_race_a_partner_gets_its_quota_and_not_one_more()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("logistics", "tea", "warehouse", 50);
        await world.Logistics.Http.SubmitAsync("/v1/stock/quotas", new { agreement = world.Agreement.ToString(), units = 7 });

        var placed = await Task.WhenAll(Enumerable.Range(0, 30).Select(n => PlaceAsync(world, $"{n}", "web", 1, "nextDay")));

        Assert.Equal((7, 23), (placed.Count(one => one.Status == 201), placed.Count(one => one.Status == 409)));
        Assert.Equal(7, (await world.CellAsync("logistics", "tea", "warehouse"))!.Reserved);
    }

    [Fact]
    public async Task What_is_wrong_with_a_quota_is_named()
    {
        await using var world = await OrderWorld.StartAsync();

        var bad = await world.Chain.Http.SubmitAsync("/v1/stock/quotas", new { units = 0, channel = "a", agreement = world.Agreement.ToString(), until = world.Now });
        var foreign = await world.Chain.Http.SubmitAsync("/v1/stock/quotas", new { units = 1, agreement = world.Agreement.ToString() });
        var first = await QuotaAsync(world, new { sku = "tea", channel = "live", units = 4, until = world.Now.AddDays(1) });
        var twice = await world.Chain.Http.SubmitAsync("/v1/stock/quotas", new { sku = "tea", channel = "live", units = 5, until = world.Now.AddDays(1) });

        Assert.Equal(["#/units", "#/channel", "#/until"], bad.Body.Faults());
        Assert.Equal(["#/agreement"], foreign.Body.Faults());
        Assert.Equal((409, first), (twice.Status, twice.Body.GetProperty("quota").GetString()));
    }

    // A new quota reaches another server with the news.
    private static async Task NewsAsync(IReadOnlyList<HttpClient> desks)
    {
        foreach (var http in desks)
            await http.FetchAsync("/v1/stock/quotas");
        if (desks.Count > 1)
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, TestCaravan.Cancel);
    }

    private static object BodyOf(string number, string channel, int quantity, string service, string sku = "tea") => new
    {
        number,
        channel,
        service,
        lines = new[] { OrderWorld.Line(sku, quantity) },
        destination = new { latitude = OrderWorld.Customer.Latitude, longitude = OrderWorld.Customer.Longitude, address = "12 Lane of Lanterns" },
    };

    private static Task<(int Status, JsonElement Body, HttpResponseMessage Response)> PlaceAsync(OrderWorld world, string number, string channel, int quantity, string service = "withinHour", string sku = "tea") =>
        world.Chain.Http.SubmitAsync("/v1/orders", BodyOf(number, channel, quantity, service, sku), key: $"{channel}-{number}");

    private static async Task<string> QuotaAsync(OrderWorld world, object quota)
    {
        var answer = await world.Chain.Http.SubmitAsync("/v1/stock/quotas", quota);
        Assert.True(answer.Status == 201, answer.Body.ToString());
        return answer.Body.GetProperty("id").GetString()!; // A quota has an id.
    }
}
