using System.Text.Json;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Orders;

/// <summary>Stop-sells: nothing of what is stopped is sold, wherever it is ordered, until the stop is lifted.</summary>
public sealed class StopSellTests
{
    private const string Stops = "/v1/stock/stop-sells";

    [Fact]
    public async Task An_item_is_stopped_everywhere_and_sold_again_when_the_stop_is_lifted()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.ReceiveAsync("logistics", "tea", "warehouse", 5);
        await world.PlaceAsync("before");

        var stop = await StopAsync(world, new { sku = "tea", reason = "found glass in it" });
        var refused = await PlaceAsync(world, "1");
        var apples = await PlaceAsync(world, "2", "apples");
        var lifted = await world.Chain.Http.SubmitAsync($"{Stops}/{stop}:lift", null);
        var again = await PlaceAsync(world, "3");

        Assert.Equal((409, 409, 201), (refused.Status, apples.Status, again.Status)); // There are no apples.
        Assert.Equal("urn:caravan:problem:out-of-stock", refused.Body.GetProperty("type").GetString());
        Assert.Equal(200, lifted.Status);
        Assert.False(string.IsNullOrEmpty(lifted.Body.GetProperty("liftedBy").GetString()));
        Assert.Equal("found glass in it", (await world.Chain.Http.FetchAsync($"{Stops}/{stop}")).Body.GetProperty("reason").GetString());
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_location_an_item_there_an_agreement_and_a_partner_are_passed_over_and_the_rest_is_sold()
    {
        await using var world = await OrderWorld.StartAsync();
        foreach (var node in (string[])["near", "mid"])
            await world.ReceiveAsync("chain", "tea", node, 20);
        await world.ReceiveAsync("logistics", "apples", "warehouse", 20);
        Assert.Equal("near", world.NodeOf((await PlaceAsync(world, "1")).Body));

        var location = await StopAsync(world, new { location = world.Nodes["near"].Id.ToString(), reason = "flooded" });
        Assert.Equal("mid", world.NodeOf((await PlaceAsync(world, "2")).Body));
        await LiftAsync(world, location);
        Assert.Equal("near", world.NodeOf((await PlaceAsync(world, "3")).Body));

        var there = await StopAsync(world, new { sku = "tea", location = world.Nodes["near"].Id.ToString(), reason = "smells" });
        Assert.Equal("mid", world.NodeOf((await PlaceAsync(world, "4")).Body));
        await LiftAsync(world, there);

        foreach (var source in new object[] { new { agreement = world.Agreement.ToString(), reason = "dispute" }, new { partner = world.Logistics.Id.ToString(), reason = "strike" } })
        {
            Assert.Equal("warehouse", world.NodeOf((await PlaceAsync(world, $"a{Guid.NewGuid():N}", "apples", "nextDay")).Body));
            var stop = await StopAsync(world, source);
            Assert.Equal(409, (await PlaceAsync(world, $"b{Guid.NewGuid():N}", "apples", "nextDay")).Status);
            await LiftAsync(world, stop);
        }

        // The other side may stop it as well.
        var theirs = await world.Logistics.Http.SubmitAsync(Stops, new { partner = world.Chain.Id.ToString(), reason = "unpaid" });
        Assert.Equal(201, theirs.Status);
        Assert.Equal(409, (await PlaceAsync(world, "9", "apples", "nextDay")).Status);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_stop_made_while_orders_pour_in_is_in_force_for_every_order_that_comes_after_its_answer()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 10_000);
        using var stopping = new CancellationTokenSource();
        var storm = Enumerable.Range(0, 8).Select(async client =>
        {
            for (var i = 0; !stopping.IsCancellationRequested; i++)
                await PlaceAsync(world, $"storm-{client}-{i}");
        }).ToList();
        while ((await world.CellAsync("chain", "tea", "near"))!.Reserved < 20)
            await Task.Delay(20, TestCaravan.Cancel);

        await StopAsync(world, new { sku = "tea", reason = "recall" });
        await Task.Delay(200, TestCaravan.Cancel);
        await stopping.CancelAsync();
        await Task.WhenAll(storm);
        var reserved = (await world.CellAsync("chain", "tea", "near"))!.Reserved;
        var after = await PlaceAsync(world, "after");

        Assert.Equal(409, after.Status);
        Assert.Equal(reserved, (await world.CellAsync("chain", "tea", "near"))!.Reserved);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Others_neither_see_nor_lift_a_stop_and_what_is_not_there_cannot_be_stopped()
    {
        await using var world = await OrderWorld.StartAsync();
        var stop = await StopAsync(world, new { sku = "tea", reason = "test" });

        Assert.Equal(404, (await world.Stranger.Http.FetchAsync($"{Stops}/{stop}")).Status);
        Assert.Equal(404, (await world.Stranger.Http.SubmitAsync($"{Stops}/{stop}:lift", null)).Status);
        Assert.Equal(0, (await world.Stranger.Http.FetchAsync(Stops)).Body.GetProperty("items").GetArrayLength());
        foreach (var (body, field) in new (object, string)[]
        {
            (new { reason = "nothing" }, "#/item"),
            (new { sku = "tea", partner = world.Logistics.Id.ToString(), reason = "two things" }, "#/item"),
            (new { sku = "none", reason = "unknown" }, "#/sku"),
            (new { location = world.Nodes["warehouse"].Id.ToString().Replace("loc_0", "loc_1", StringComparison.Ordinal), reason = "unknown" }, "#/location"),
            (new { sku = "tea", reason = "" }, "#/reason"),
        })
        {
            var refused = await world.Chain.Http.SubmitAsync(Stops, body);
            Assert.Equal((400, field), (refused.Status, refused.Body.GetProperty("errors")[0].GetProperty("pointer").GetString()));
        }
    }

    [Fact]
    public async Task A_stop_holds_on_every_server_within_a_second()
    {
        var name = $"stops-{Guid.NewGuid():n}";
        var store = await TestStore.DatabaseAsync(name);
        await using (var world = await OrderWorld.StartAsync(settings => settings with { Store = store }))
        await using (var other = await TestCaravan.StartAsync(settings => settings with { Store = store }, world.Caravan.Clock))
        {
            await world.ReceiveAsync("chain", "tea", "near", 20);
            using var there = other.Client(world.Chain.Key);
            Assert.Equal(201, (await PlaceAsync(there, "1")).Status);

            var stop = await StopAsync(world, new { sku = "tea", reason = "recall" });
            await Task.Delay(TimeSpan.FromSeconds(1), TestCaravan.Cancel);
            var refused = await PlaceAsync(there, "2");
            await LiftAsync(world, stop);
            await Task.Delay(TimeSpan.FromSeconds(1), TestCaravan.Cancel);

            Assert.Equal((409, 201), (refused.Status, (await PlaceAsync(there, "3")).Status));
        }

        await TestStore.DropAsync(name);
    }

    [Fact]
    public async Task The_page_stops_shows_and_lifts_and_says_what_is_missing()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        using var visitor = new PageVisitor(world.Caravan);
        await visitor.OpenAsync("/operations/stop-sells");
        await visitor.SubmitAsync("/sign-in", ("key", world.Chain.Key));
        await visitor.OpenAsync("/operations/stop-sells");

        await visitor.SubmitAsync("/operations/stop-sells", ("what", "location"), ("location", "nowhere"), ("reason", "flooded"));
        var faulty = (visitor.Text, (await PlaceAsync(world, "1")).Status);
        await visitor.SubmitAsync("/operations/stop-sells", ("what", "item-at-location"), ("sku", "tea"), ("location", "near"), ("reason", "smells of petrol"));
        var stopped = (visitor.Text, (await PlaceAsync(world, "2")).Status);
        var path = visitor.Page.QuerySelector("form[action$='/lift']")!.GetAttribute("action")!; // The stop just made.
        await visitor.SubmitAsync(path);
        var lifted = (visitor.Text, (await PlaceAsync(world, "3")).Status);

        Assert.Contains("There is no location 'nowhere'", faulty.Text, StringComparison.Ordinal);
        Assert.Equal((201, 409, 201), (faulty.Status, stopped.Status, lifted.Status));
        Assert.Contains("smells of petrol", stopped.Text, StringComparison.Ordinal);
        Assert.Contains("Nothing is stopped", lifted.Text, StringComparison.Ordinal);
        Assert.Contains("Lifted lately", lifted.Text, StringComparison.Ordinal);
    }

    private static async Task<string> StopAsync(OrderWorld world, object body)
    {
        var made = await world.Chain.Http.SubmitAsync(Stops, body);
        Assert.True(made.Status == 201, made.Body.ToString());
        return made.Body.GetProperty("id").GetString()!; // Every stop has its id.
    }

    private static async Task LiftAsync(OrderWorld world, string stop) => Assert.Equal(200, (await world.Chain.Http.SubmitAsync($"{Stops}/{stop}:lift", null)).Status);

    private static Task<(int Status, JsonElement Body, HttpResponseMessage Response)> PlaceAsync(OrderWorld world, string number, string sku = "tea", string service = "withinHour") =>
        PlaceAsync(world.Chain.Http, number, sku, service);

    private static Task<(int Status, JsonElement Body, HttpResponseMessage Response)> PlaceAsync(HttpClient http, string number, string sku = "tea", string service = "withinHour") =>
        http.SubmitAsync("/v1/orders", OrderWorld.OrderBody(number, service, OrderWorld.Line(sku, 1)), key: $"key-{number}");
}
