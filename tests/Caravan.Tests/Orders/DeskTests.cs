using Caravan.Tests.Platform;

namespace Caravan.Tests.Orders;

/// <summary>Many orders at once at the order desk: what is remembered may be old, what is sold is exact.</summary>
public sealed class DeskTests
{
    [Fact]
    public async Task A_hot_item_is_sold_to_the_last_unit_and_not_once_more()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("logistics", "tea", "warehouse", 40);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody($"hot-{number}", "nextDay"), key: $"hot-{number}")));

        Assert.Equal(40, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer =>
        {
            Assert.Equal(409, answer.Status);
            Assert.Equal("urn:caravan:problem:out-of-stock", answer.Body.GetProperty("type").GetString());
        });
        var cell = await world.CellAsync("logistics", "tea", "warehouse");
        Assert.Equal((0, 40), (cell!.Sellable, cell.Reserved));
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task When_the_closest_runs_out_in_a_rush_the_next_closest_serves_the_rest()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.AddVansAsync(5);
        await world.ReceiveAsync("chain", "tea", "near", 20);
        await world.ReceiveAsync("chain", "tea", "mid", 20);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(number => world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody($"rush-{number}", "sameDay"), key: $"rush-{number}")));

        Assert.All(answers, answer => Assert.True(answer.Status == 201, answer.Body.ToString()));
        Assert.Equal(20, answers.Count(answer => world.NodeOf(answer.Body) == "near"));
        Assert.Equal(20, answers.Count(answer => world.NodeOf(answer.Body) == "mid"));
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task One_number_under_many_keys_at_once_is_one_order()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 50);

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(key => world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("same"), key: $"key-{key}")));

        Assert.Single(answers, answer => answer.Status == 201);
        Assert.All(answers.Where(answer => answer.Status != 201), answer => Assert.Equal("urn:caravan:problem:order-exists", answer.Body.GetProperty("type").GetString()));
        Assert.Equal(49, (await world.CellAsync("chain", "tea", "near"))!.Sellable);
    }

    [Fact]
    public async Task What_is_remembered_is_forgotten_when_it_changes()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("logistics", "tea", "warehouse", 1);

        await world.PlaceAsync("first", "nextDay");
        var soldOut = await world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("second", "nextDay"), key: "second");
        await world.ReceiveAsync("logistics", "tea", "warehouse", 5);
        var restocked = await world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("third", "nextDay"), key: "third");
        var priced = await world.Chain.Http.ReplaceAsync("/v1/items", new { items = new[] { new { sku = "tea", gtin = "02900000000018", name = "tea", weightGrams = 500, price = new { amount = 999, currency = "CNY" } } } });
        var dearer = await world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("fourth", "nextDay"), key: "fourth");
        var revoked = await world.Logistics.Http.SendAsync(HttpMethod.Delete, $"/v1/agreements/{world.Agreement}");
        var withoutRight = await world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("fifth", "nextDay"), key: "fifth");

        Assert.Equal(409, soldOut.Status);
        Assert.Equal(201, restocked.Status);
        Assert.Equal(200, priced.Status);
        Assert.Equal(999, dearer.Body.GetProperty("goods").GetProperty("amount").GetInt64());
        Assert.True(revoked.Status is 200 or 204, revoked.Body.ToString());
        Assert.Equal(409, withoutRight.Status);
    }

    [Fact]
    public async Task A_full_share_of_a_neighbours_cell_leaves_the_rest_to_its_owner()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.Logistics.Http.SendAsync(HttpMethod.Delete, $"/v1/agreements/{world.Agreement}");
        await world.GrantShareAsync(50);
        await world.ReceiveAsync("logistics", "tea", "warehouse", 10);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(number => world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody($"half-{number}", "nextDay", OrderWorld.Line("tea", 3)), key: $"half-{number}")));

        // Of 10 a half is 5: 3 go, and of the 7 that are left a half is 3: 3 go, and of 4 a half is 2.
        Assert.Equal(2, answers.Count(answer => answer.Status == 201));
        Assert.Equal(4, (await world.CellAsync("logistics", "tea", "warehouse"))!.Sellable);
    }
}
