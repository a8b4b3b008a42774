using System.Text.Json;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Orders;

public sealed class OrderTests
{
    [Fact]
    public async Task An_order_is_sourced_from_the_closest_node_that_has_it_all_and_says_why()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.ReceiveAsync("chain", "tea", "mid", 5);
        await world.ReceiveAsync("chain", "apples", "mid", 5);
        await world.ReceiveAsync("chain", "tea", "far", 5);
        await world.ReceiveAsync("chain", "apples", "far", 5);

        var order = await world.PlaceAsync("1", lines: [OrderWorld.Line("tea", 2), OrderWorld.Line("apples", 1)]);
        var sourcing = await world.Chain.Http.FetchAsync($"/v1/orders/{order.GetProperty("id").GetString()}/sourcing");

        Assert.Equal("mid", world.NodeOf(order));
        Assert.Equal("reserved", order.GetProperty("status").GetString());
        Assert.Equal(3, (await world.CellAsync("chain", "tea", "mid"))!.Sellable);
        var round = sourcing.Body.GetProperty("rounds")[0];
        Assert.StartsWith("The mid one is the closest that can serve and has all 2 lines", round.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        var verdicts = round.GetProperty("candidates").EnumerateArray().ToDictionary(one => one.GetProperty("code").GetString()!, one => one.GetProperty("verdict").GetString());
        Assert.Equal("chosen", verdicts["mid"]);
        Assert.Equal("lacksStock", verdicts["near"]);
        Assert.Equal("farther", verdicts["far"]);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task An_order_is_split_only_when_no_single_node_has_all()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.ReceiveAsync("chain", "apples", "far", 5);

        var order = await world.PlaceAsync("1", lines: [OrderWorld.Line("tea", 1), OrderWorld.Line("apples", 1)]);

        Assert.Equal(2, order.GetProperty("fulfilments").GetArrayLength());
    }

    [Fact]
    public async Task Stock_of_another_company_is_sold_under_an_agreement_and_no_longer_when_it_is_revoked()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("logistics", "tea", "warehouse", 5);

        var order = await world.PlaceAsync("1", "nextDay");
        await world.Logistics.Http.SendAsync(HttpMethod.Delete, $"/v1/agreements/{world.Agreement}");
        var refused = await world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("2", "nextDay"), key: "2");

        Assert.Equal("warehouse", world.NodeOf(order));
        Assert.Equal(world.Logistics.Id.ToString(), order.GetProperty("fulfilments")[0].GetProperty("allocations")[0].GetProperty("owner").GetString());
        Assert.Equal(409, refused.Status);
        Assert.Equal(4, (await world.CellAsync("logistics", "tea", "warehouse"))!.Sellable);
    }

    [Fact]
    public async Task Stock_that_ran_out_is_refused_with_what_is_left_and_where()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 2);
        await world.ReceiveAsync("chain", "tea", "far", 1);

        var refused = await world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("1", lines: OrderWorld.Line("tea", 4)), key: "1");

        Assert.Equal(409, refused.Status);
        Assert.Equal("urn:caravan:problem:out-of-stock", refused.Body.GetProperty("type").GetString());
        var line = refused.Body.GetProperty("lines")[0];
        Assert.Equal(4, line.GetProperty("wanted").GetInt32());
        Assert.Equal(3, line.GetProperty("left").GetInt32());
        Assert.Equal(["The near one", "The far one"], line.GetProperty("where").EnumerateArray().Select(place => place.GetProperty("name").GetString()));
        Assert.Equal(2, (await world.CellAsync("chain", "tea", "near"))!.Sellable);
    }

    [Fact]
    public async Task The_same_key_gets_the_same_answer_and_the_same_number_never_becomes_two_orders()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);

        var first = await world.PlaceAsync("1");
        var again = await world.PlaceAsync("1");
        var otherKey = await world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("1"), key: "other");

        Assert.True(JsonElement.DeepEquals(first, again));
        Assert.Equal(409, otherKey.Status);
        Assert.Equal(first.GetProperty("id").GetString(), otherKey.Body.GetProperty("order").GetString());
        Assert.Equal(4, (await world.CellAsync("chain", "tea", "near"))!.Sellable);
    }

    [Fact]
    public async Task A_hot_item_is_never_sold_twice_however_many_ask_at_once()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 20);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody($"hot-{i}"), key: $"hot-{i}")));

        Assert.Equal(20, answers.Count(answer => answer.Status == 201));
        Assert.Equal(30, answers.Count(answer => answer.Status == 409));
        Assert.Equal(0, (await world.CellAsync("chain", "tea", "near"))!.Sellable);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Hundred_duplicates_at_once_are_one_order()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 200);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("dup"), key: "dup")));

        Assert.All(answers, answer => Assert.Equal(201, answer.Status));
        Assert.Single(answers.Select(answer => answer.Body.GetProperty("id").GetString()).Distinct());
        Assert.Equal(199, (await world.CellAsync("chain", "tea", "near"))!.Sellable);
    }

    [Fact]
    public async Task Cancelling_in_part_gives_stock_back_and_says_how_much_can_still_be_cancelled()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        var order = await world.PlaceAsync("1", lines: OrderWorld.Line("tea", 3));
        var path = $"/v1/orders/{order.GetProperty("id").GetString()}:cancel";

        var part = await world.Chain.Http.SubmitAsync(path, new { lines = new[] { new { line = 1, quantity = 1 } } });
        var tooMuch = await world.Chain.Http.SubmitAsync(path, new { lines = new[] { new { line = 1, quantity = 3 } } });
        var foreign = await world.Stranger.Http.SubmitAsync(path, new { });
        var rest = await world.Chain.Http.SubmitAsync(path, new { });

        Assert.Equal(200, part.Status);
        Assert.Equal(1, part.Body.GetProperty("lines")[0].GetProperty("units").GetProperty("cancelled").GetInt32());
        Assert.Equal(409, tooMuch.Status);
        Assert.Equal(2, tooMuch.Body.GetProperty("cancellable").GetInt32());
        Assert.Equal(404, foreign.Status);
        Assert.Equal("cancelled", rest.Body.GetProperty("status").GetString());
        Assert.Equal(5, (await world.CellAsync("chain", "tea", "near"))!.Sellable);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_node_with_all_the_orders_it_can_pick_in_an_hour_is_passed_over()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 100);
        await world.ReceiveAsync("chain", "tea", "mid", 100);

        // Near picks 60 orders an hour; vans enough to carry them.
        await world.AddVansAsync(5);
        for (var i = 0; i < 60; i++)
            Assert.Equal("near", world.NodeOf(await world.PlaceAsync($"{i}", "sameDay")));

        var next = await world.PlaceAsync("60", "sameDay");

        Assert.Equal("mid", world.NodeOf(next));
    }

    [Fact]
    public async Task Chilled_goods_do_not_come_from_a_node_that_cannot_keep_them()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "milk", "warehouse", 5);
        await world.ReceiveAsync("chain", "milk", "far", 5);

        var order = await world.PlaceAsync("1", "sameDay", OrderWorld.Line("milk", 1));

        Assert.Equal("far", world.NodeOf(order));
    }

    [Fact]
    public async Task What_is_read_by_another_company_is_not_found()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        var order = await world.PlaceAsync("1");
        var id = order.GetProperty("id").GetString();

        Assert.Equal(404, (await world.Stranger.Http.FetchAsync($"/v1/orders/{id}")).Status);
        Assert.Equal(404, (await world.Stranger.Http.FetchAsync($"/v1/orders/{id}/sourcing")).Status);
        Assert.Equal(0, (await world.Stranger.Http.FetchAsync("/v1/orders")).Body.GetProperty("items").GetArrayLength());
        Assert.Equal(1, (await world.Chain.Http.FetchAsync("/v1/orders")).Body.GetProperty("items").GetArrayLength());
    }
}
