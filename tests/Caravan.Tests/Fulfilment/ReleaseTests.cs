using System.Text.Json;
using Caravan.Fulfilment.Releases;
using Caravan.Network;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Fulfilment;

/// <summary>Nodes that say yes or no to what they are given.</summary>
public sealed class ReleaseTests
{
    [Fact]
    public async Task What_a_node_declines_goes_to_the_next_closest_and_never_back()
    {
        await using var world = await StartAsync("near", "mid");
        foreach (var node in (string[])["near", "mid", "far"])
            await world.Orders.ReceiveAsync("chain", "tea", node, 5);
        var first = await world.NearListAsync();

        var declined = await world.Chain.SubmitAsync($"{FulfilmentWorld.PathOf(first)}:decline", new { reason = "noStaff" });
        var again = await world.Chain.SubmitAsync($"{FulfilmentWorld.PathOf(first)}:decline", new { reason = "closed" });
        var second = await OpenListAsync(world, "mid");
        var alsoDeclined = await world.Chain.SubmitAsync($"{FulfilmentWorld.PathOf(second)}:decline", new { reason = "other", note = "flooded" });
        var third = await OpenListAsync(world, "far");
        var late = await world.Chain.SubmitAsync($"{FulfilmentWorld.PathOf(first)}:acknowledge", null);
        var order = await world.OrderAsync("1");

        Assert.Equal((200, 200, 200), (declined.Status, again.Status, alsoDeclined.Status));
        Assert.Equal(("declined", "noStaff", 0), (Text(declined.Body, "state"), Text(again.Body, "reason"), declined.Body.GetProperty("unitsLeft").GetInt32()));
        Assert.Equal("urn:caravan:problem:release-gone", Text(late.Body, "type"));
        Assert.Equal(2, third.GetProperty("lines")[0].GetProperty("left").GetInt32());
        Assert.Equal(["far", "mid", "near"], order.Fulfilments.Select(one => world.Orders.Nodes.Single(node => node.Value.Id == one.Location).Key).Order());
        Assert.Equal((0, 0, 2), await ReservedAsync(world));
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Silence_counts_as_a_no_but_not_while_the_node_is_closed_nor_once_it_picks()
    {
        await using var world = await StartAsync("near");
        await world.Orders.ReceiveAsync("chain", "tea", "near", 5);
        await world.Orders.ReceiveAsync("chain", "tea", "mid", 5);
        var silent = await world.NearListAsync("1");
        var picking = await world.NearListAsync("2");
        await FulfilmentWorld.ActAsync(world.Chain, picking, "pick", new { line = 1, quantity = 1 });

        world.Orders.Caravan.Clock.Advance(TimeSpan.FromMinutes(6));
        await world.Orders.Caravan.Services.GetRequiredService<ReleaseWatch>().RunOnceAsync(TestCaravan.Cancel);
        var moved = await OpenListAsync(world, "mid");
        var states = (await ReleaseAsync(world, silent), await ReleaseAsync(world, picking));
        var refused = await world.Chain.SubmitAsync($"{FulfilmentWorld.PathOf(picking)}:decline", new { reason = "noStaff" });

        Assert.Equal("1", Text(moved, "orderNumber"));
        Assert.Equal(("timedOut", "acknowledged"), (Text(states.Item1, "state"), Text(states.Item2, "state")));
        Assert.Equal((409, "urn:caravan:problem:picking-begun"), (refused.Status, Text(refused.Body, "type")));
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Time_stands_still_while_a_node_is_closed()
    {
        await using var world = await OrderWorld.StartAsync();
        var hours = OpeningHours.TryParse([.. Enumerable.Repeat<IReadOnlyList<string>>(["08:00-20:00"], 7)], "UTC", out _)!; // These hours are right.
        var night = new DateTimeOffset(2026, 11, 3, 23, 0, 0, TimeSpan.Zero);
        var node = world.Nodes["near"] with { Hours = hours };

        Assert.Equal(night.AddHours(9).AddMinutes(5), ReleaseDesk.ByWhen(node, night, TimeSpan.FromMinutes(5)));
        Assert.Equal(night.AddHours(12).AddMinutes(5), ReleaseDesk.ByWhen(node, night.AddHours(12), TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public async Task What_nobody_else_has_stays_and_is_told_and_the_node_may_still_say_yes()
    {
        await using var world = await StartAsync("near");
        await world.Orders.ReceiveAsync("chain", "tea", "near", 5);
        var list = await world.NearListAsync();

        var declined = await world.Chain.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:decline", new { reason = "tooMuchWork" });
        var told = (await world.Chain.FetchAsync("/v1/exceptions")).Body.GetProperty("items").EnumerateArray().Single(entry => Text(entry, "kind") == "declinedRelease");
        var tried = await world.Chain.SubmitAsync($"/v1/exceptions/{Text(told, "id")}:do", new { act = "sourceAgain" });
        var yes = await world.Chain.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:acknowledge", null);
        var after = (await world.Chain.FetchAsync("/v1/exceptions")).Body.GetProperty("items").EnumerateArray().Where(entry => Text(entry, "kind") == "declinedRelease");

        Assert.Equal(2, declined.Body.GetProperty("unitsLeft").GetInt32());
        Assert.Equal(2, told.GetProperty("units").GetInt32());
        Assert.Equal(409, tried.Status);
        Assert.Equal((200, "acknowledged"), (yes.Status, Text(yes.Body, "state")));
        Assert.Empty(after);
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_was_called_off_has_not_been_promised_by_the_node()
    {
        await using var world = await StartAsync("near");
        var list = await world.NearListAsync();
        await world.Chain.SubmitAsync($"/v1/orders/{(await world.OrderAsync("1")).Id}:cancel", new { });
        await world.ListAsync(world.Chain, "1", "cancelled");

        world.Orders.Caravan.Clock.Advance(TimeSpan.FromMinutes(6));
        await world.Orders.Caravan.Services.GetRequiredService<ReleaseWatch>().RunOnceAsync(TestCaravan.Cancel);

        var release = await ReleaseAsync(world, list);
        Assert.Equal(("timedOut", 0), (Text(release, "state"), release.GetProperty("unitsLeft").GetInt32()));
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task The_page_asks_and_takes_the_answer_and_a_node_without_a_rule_is_not_asked()
    {
        await using var world = await StartAsync("near");
        await world.Orders.ReceiveAsync("chain", "tea", "near", 5);
        await world.Orders.ReceiveAsync("chain", "tea", "mid", 5);
        var list = await world.NearListAsync();
        var path = $"/picking/list/{Text(list, "id")}";
        using var visitor = new PageVisitor(world.Orders.Caravan);
        await visitor.OpenAsync(path);
        await visitor.SubmitAsync("/sign-in", ("key", world.Orders.Chain.Key));

        await visitor.OpenAsync(path);
        var asked = visitor.Text;
        await visitor.SubmitAsync($"{path}/decline", ("reason", "Closed"));
        var elsewhere = await OpenListAsync(world, "mid");
        await visitor.OpenAsync($"/picking/list/{Text(elsewhere, "id")}");

        Assert.Contains("Can you do it?", asked, StringComparison.Ordinal);
        Assert.DoesNotContain("Can you do it?", visitor.Text, StringComparison.Ordinal);
        Assert.Equal(404, (await world.Chain.FetchAsync($"{FulfilmentWorld.PathOf(elsewhere)}/release")).Status);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_441)]
    public async Task A_rule_has_bounds_and_is_the_operators_own(int minutes)
    {
        await using var world = await StartAsync();
        var rule = $"/v1/locations/{world.Orders.Nodes["near"].Id}/release-rule";

        var faulty = await world.Chain.ReplaceAsync(rule, new { acknowledgeWithinMinutes = minutes });

        Assert.Equal((400, "#/acknowledgeWithinMinutes"), (faulty.Status, faulty.Body.GetProperty("errors")[0].GetProperty("pointer").GetString()));
        Assert.Equal(404, (await world.Orders.Stranger.Http.ReplaceAsync(rule, new { acknowledgeWithinMinutes = 5 })).Status);
        Assert.Equal(404, (await world.Chain.FetchAsync(rule)).Status);
    }

    private static async Task<FulfilmentWorld> StartAsync(params string[] answering)
    {
        var world = await FulfilmentWorld.StartAsync();
        foreach (var node in answering)
            Assert.Equal(200, (await world.Chain.ReplaceAsync($"/v1/locations/{world.Orders.Nodes[node].Id}/release-rule", new { acknowledgeWithinMinutes = 5 })).Status);
        return world;
    }

    private static async Task<JsonElement> ReleaseAsync(FulfilmentWorld world, JsonElement list) => (await world.Chain.FetchAsync($"{FulfilmentWorld.PathOf(list)}/release")).Body;

    private static string? Text(JsonElement body, string name) => body.GetProperty(name).GetString();

    private static async Task<(int Near, int Mid, int Far)> ReservedAsync(FulfilmentWorld world) =>
        ((await world.Orders.CellAsync("chain", "tea", "near"))!.Reserved, (await world.Orders.CellAsync("chain", "tea", "mid"))!.Reserved, (await world.Orders.CellAsync("chain", "tea", "far"))!.Reserved);

    // What was sourced anew is on its way through the outbox for an instant.
    private static async Task<JsonElement> OpenListAsync(FulfilmentWorld world, string node)
    {
        while (true)
        {
            var lists = (await world.Chain.FetchAsync($"/v1/pick-lists?location={world.Orders.Nodes[node].Id}&status=waiting")).Body.GetProperty("items");
            if (lists.GetArrayLength() > 0)
                return lists[0];
            await Task.Delay(TimeSpan.FromMilliseconds(20), TestCaravan.Cancel);
        }
    }
}
