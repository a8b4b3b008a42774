using System.Text.Json;
using Caravan.Orders;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Orders;

/// <summary>Stock that falls short of what is reserved: who keeps it, and who is told.</summary>
public sealed class ShortfallTests
{
    [Fact]
    public async Task A_shortfall_names_its_orders_in_turn_and_who_is_left_without_is_at_risk_until_it_is_gone()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 9);
        var (first, second, third) = (await PlaceAsync(world, "1", "web", 3), await PlaceAsync(world, "2", "web", 3), await PlaceAsync(world, "3", "web", 3));

        await CountAsync(world, 4);
        await UntilAsync(world, second, isAtRisk: true);
        await UntilAsync(world, third, isAtRisk: true);
        var shortfall = (await world.Chain.Http.FetchAsync("/v1/stock/shortfalls")).Body.GetProperty("items").EnumerateArray().Single();
        var keeps = (await OrderAsync(world, first)).GetProperty("isAtRisk").GetBoolean();
        await CountAsync(world, 6);
        await UntilAsync(world, second, isAtRisk: false);
        var still = (await OrderAsync(world, third)).GetProperty("isAtRisk").GetBoolean();
        await CountAsync(world, 9);
        await UntilAsync(world, third, isAtRisk: false);

        // Four are left of nine: three for the first, one for the second.
        Assert.Equal((5, 3), (shortfall.GetProperty("quantity").GetInt32(), shortfall.GetProperty("claimsInAll").GetInt32()));
        Assert.Equal(["1 3 False", "2 1 True", "3 0 True"], shortfall.GetProperty("claims").EnumerateArray().Select(claim => $"{claim.GetProperty("number").GetString()} {claim.GetProperty("kept").GetInt32()} {claim.GetProperty("isAtRisk").GetBoolean()}"));
        Assert.Equal((false, true), (keeps, still));
        Assert.Empty((await world.Chain.Http.FetchAsync("/v1/stock/shortfalls")).Body.GetProperty("items").EnumerateArray());
        var events = (await world.Caravan.EventsAsync(world.Chain.Id, third.GetProperty("id").GetString())).Select(happened => happened.Type).ToList();
        Assert.Equal((1, 1), (events.Count(type => type == OrderEvent.AtRisk), events.Count(type => type == OrderEvent.NotAtRisk)));
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task The_owners_rule_says_who_keeps_the_goods_also_when_it_changes()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 8);
        var (web, live) = (await PlaceAsync(world, "1", "web", 4), await PlaceAsync(world, "2", "live", 4));

        await CountAsync(world, 4);
        await UntilAsync(world, live, isAtRisk: true);
        Assert.Equal(200, (await world.Chain.Http.ReplaceAsync("/v1/stock/allocation-rule", new { rule = "channelPriority", channels = new[] { "live" } })).Status);
        await UntilAsync(world, live, isAtRisk: false);
        await UntilAsync(world, web, isAtRisk: true);
        await world.Chain.Http.ReplaceAsync("/v1/stock/allocation-rule", new { rule = "fairShare" });
        await UntilAsync(world, live, isAtRisk: true);
        var claims = (await world.Chain.Http.FetchAsync("/v1/stock/shortfalls")).Body.GetProperty("items")[0].GetProperty("claims").EnumerateArray().Select(claim => claim.GetProperty("kept").GetInt32());

        Assert.Equal([2, 2], claims);
        Assert.Equal("fairShare", (await world.Chain.Http.FetchAsync("/v1/stock/allocation-rule")).Body.GetProperty("rule").GetString());
    }

    [Fact]
    public async Task Who_is_left_without_is_sourced_from_elsewhere_and_calling_another_off_takes_the_risk_away()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 6);
        var (first, second) = (await PlaceAsync(world, "1", "web", 3), await PlaceAsync(world, "2", "web", 3));
        await world.ReceiveAsync("chain", "tea", "mid", 3);

        await CountAsync(world, 3);
        while ((await OrderAsync(world, second)).GetProperty("fulfilments").GetArrayLength() < 2)
            await Task.Yield(); // The news of it is on its way through the outbox.
        await CountAsync(world, 2);
        await UntilAsync(world, first, isAtRisk: true);
        await world.Chain.Http.SubmitAsync($"/v1/orders/{first.GetProperty("id").GetString()}:cancel", new { lines = new[] { new { line = 1, quantity = 1 } } });
        await UntilAsync(world, first, isAtRisk: false);

        Assert.False((await OrderAsync(world, second)).GetProperty("isAtRisk").GetBoolean());
        Assert.Equal((2, 3), ((await world.CellAsync("chain", "tea", "near"))!.Reserved, (await world.CellAsync("chain", "tea", "mid"))!.Reserved));
        await world.AssertBooksAgreeAsync();
    }

    [Theory]
    [InlineData("""{"rule":"channelPriority"}""", "#/channels")]
    [InlineData("""{"rule":"fairShare","channels":["web"]}""", "#/channels")]
    [InlineData("""{"rule":"channelPriority","channels":["web","web"]}""", "#/channels/0")]
    [InlineData("""{"rule":"channelPriority","channels":["web",null]}""", "#/channels/1")]
    public async Task A_rule_that_cannot_be_names_the_field(string body, string field)
    {
        await using var world = await OrderWorld.StartAsync();

        var answer = await world.Chain.Http.ReplaceAsync("/v1/stock/allocation-rule", body);

        Assert.Equal(400, answer.Status);
        Assert.Contains(field.Replace("/0", "", StringComparison.Ordinal), string.Join(" ", answer.Body.Faults()), StringComparison.Ordinal);
    }

    private static async Task UntilAsync(OrderWorld world, JsonElement order, bool isAtRisk)
    {
        while ((await OrderAsync(world, order)).GetProperty("isAtRisk").GetBoolean() != isAtRisk)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestCaravan.Cancel); // The news of it is on its way through the outbox.
    }

    private static async Task<JsonElement> OrderAsync(OrderWorld world, JsonElement order) => (await world.Chain.Http.FetchAsync($"/v1/orders/{order.GetProperty("id").GetString()}")).Body;

    private static async Task<JsonElement> PlaceAsync(OrderWorld world, string number, string channel, int quantity)
    {
        world.Caravan.Clock.Advance(TimeSpan.FromSeconds(1));
        var placed = await world.Chain.Http.SubmitAsync("/v1/orders", new
        {
            number,
            channel,
            service = "sameDay",
            lines = new[] { OrderWorld.Line("tea", quantity) },
            destination = new { latitude = OrderWorld.Customer.Latitude, longitude = OrderWorld.Customer.Longitude, address = "12 Lane of Lanterns" },
        }, key: $"key-{number}");
        Assert.True(placed.Status == 201, placed.Body.ToString());
        return placed.Body;
    }

    private static async Task CountAsync(OrderWorld world, int counted) => Assert.Equal(200, (await world.Chain.Http.SubmitAsync(
        "/v1/stock/adjustments", new { location = world.Nodes["near"].Id.ToString(), cause = $"count {counted} {Guid.NewGuid()}", lines = new[] { new { sku = "tea", counted } } })).Status);
}
