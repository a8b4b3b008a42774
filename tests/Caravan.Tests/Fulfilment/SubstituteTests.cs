using System.Text.Json;
using Caravan.Orders;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Fulfilment;

/// <summary>Something else in the tote, where the customer agrees and the seller lets it.</summary>
public sealed class SubstituteTests
{
    [Fact]
    public async Task What_is_put_in_is_a_line_of_its_own_never_dearer_and_goes_to_the_customer()
    {
        await using var world = await StartAsync();
        var list = await PlaceAsync(world, "1", 3);

        var offered = (await world.Chain.FetchAsync($"{FulfilmentWorld.PathOf(list)}/substitutes")).Body.GetProperty("lines");
        await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 1, quantity = 1 });
        var done = await FulfilmentWorld.ActAsync(world.Chain, list, "substitute", new { line = 1, quantity = 2, code = "02900000000025" });
        var after = (await world.Chain.FetchAsync($"{FulfilmentWorld.PathOf(list)}/substitutes")).Body.GetProperty("lines");
        await FulfilmentWorld.ActAsync(world.Chain, list, "pack");
        await world.CarryAsync((await world.OrderAsync("1")).ProofCode);
        await world.UntilAsync(async () => (await world.OrderAsync("1")).Status == LineStatus.Delivered);

        Assert.Equal(("apples", 4), (offered[0].GetProperty("substitutes")[0].GetProperty("sku").GetString(), offered[0].GetProperty("substitutes")[0].GetProperty("sellable").GetInt32()));
        Assert.Equal(0, after.GetArrayLength());
        Assert.Equal([(1, "tea", 1, 2, null), (2, "apples", 2, 0, 1)], done.GetProperty("lines").EnumerateArray().OrderBy(line => line.GetProperty("line").GetInt32())
            .Select(line => (line.GetProperty("line").GetInt32(), line.GetProperty("sku").GetString()!, line.GetProperty("picked").GetInt32(), line.GetProperty("short").GetInt32(), line.TryGetProperty("substituteFor", out var ordered) && ordered.ValueKind == JsonValueKind.Number ? ordered.GetInt32() : (int?)null)));
        var order = await world.OrderAsync("1");
        Assert.Equal((1, 2, 2), (order.UnitsOf(1, LineStatus.Delivered), order.UnitsOf(1, LineStatus.Short), order.UnitsOf(2, LineStatus.Delivered)));
        Assert.Equal(900, order.Lines[1].PriceAmount);
        Assert.Equal((1, 0), (order.Lines[1].SubstituteFor, (await world.Orders.CellAsync("chain", "tea", "near"))!.OnHand));
        Assert.Equal(2, (await world.Orders.CellAsync("chain", "apples", "near"))!.OnHand);
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_list_of_which_nothing_was_there_goes_out_with_what_was_put_in()
    {
        await using var world = await StartAsync();
        var list = await PlaceAsync(world, "1", 2);

        await FulfilmentWorld.ActAsync(world.Chain, list, "substitute", new { line = 1, quantity = 2, code = "apples" });
        var packed = await FulfilmentWorld.ActAsync(world.Chain, list, "pack");
        Assert.Equal(200, (await world.Chain.SubmitAsync($"/v1/orders/{(await world.OrderAsync("1")).Id}:cancel", new { })).Status);

        Assert.Equal("packed", packed.GetProperty("status").GetString());
        Assert.Equal((2, 2), ((await world.OrderAsync("1")).UnitsOf(1, LineStatus.Short), (await world.OrderAsync("1")).UnitsOf(2, LineStatus.Cancelled)));
        Assert.Equal((4, 0), ((await world.Orders.CellAsync("chain", "apples", "near"))!.OnHand, (await world.Orders.CellAsync("chain", "apples", "near"))!.Reserved));
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Nothing_is_put_in_that_was_not_agreed_to_is_not_allowed_or_is_not_there()
    {
        await using var world = await StartAsync();
        var agreed = await PlaceAsync(world, "1", 2);
        var silent = await PlaceAsync(world, "2", 1, allow: false);
        var path = FulfilmentWorld.PathOf(agreed);

        var statuses = new[]
        {
            await world.Chain.SubmitAsync($"{FulfilmentWorld.PathOf(silent)}:substitute", new { line = 1, quantity = 1, code = "apples" }),
            await world.Chain.SubmitAsync($"{path}:substitute", new { line = 1, quantity = 1, code = "milk" }),
            await world.Chain.SubmitAsync($"{path}:substitute", new { line = 1, quantity = 3, code = "apples" }),
            await world.Chain.SubmitAsync($"{path}:substitute", new { line = 7, quantity = 1, code = "apples" }),
            await world.Logistics.SubmitAsync($"{path}:substitute", new { line = 1, quantity = 1, code = "apples" }),
        };
        await world.Orders.PlaceAsync("3", lines: FulfilmentWorld.Line("apples", 3));
        var gone = await world.Chain.SubmitAsync($"{path}:substitute", new { line = 1, quantity = 2, code = "apples" });

        Assert.Equal([(409, "substitute-not-agreed"), (409, "not-a-substitute"), (409, "not-that-many-left"), (400, "invalid-request"), (404, "not-found"), (409, "substitute-out-of-stock")],
            statuses.Append(gone).Select(one => (one.Status, one.Body.GetProperty("type").GetString()!.Split(':')[^1])));
        Assert.Equal(0, (await world.Chain.FetchAsync($"{FulfilmentWorld.PathOf(silent)}/substitutes")).Body.GetProperty("lines").GetArrayLength());
        Assert.Equal(2, (await world.OrderAsync("1")).UnitsOf(1, LineStatus.Released));
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task The_rules_of_what_may_go_instead_are_checked_item_by_item()
    {
        await using var world = await OrderWorld.StartAsync();
        var (tea, apples, milk) = (world.Items[("chain", "tea")], world.Items[("chain", "apples")], world.Items[("chain", "milk")]);

        var faulty = await world.Chain.Http.ReplaceAsync($"/v1/items/{tea}/substitutes", new { items = new object[] { tea, apples, apples, milk, world.Items[("logistics", "apples")] } });
        var ofOthers = await world.Logistics.Http.ReplaceAsync($"/v1/items/{tea}/substitutes", new { items = Array.Empty<string>() });
        var set = await world.Chain.Http.ReplaceAsync($"/v1/items/{tea}/substitutes", new { items = new object[] { apples } });
        var read = await world.Chain.Http.FetchAsync($"/v1/items/{tea}/substitutes");

        Assert.Equal(["#/items/0", "#/items/2", "#/items/3", "#/items/4"], faulty.Body.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("pointer").GetString()).Distinct());
        Assert.Equal((400, 404, 200), (faulty.Status, ofOthers.Status, set.Status));
        Assert.Equal("apples", Assert.Single(read.Body.GetProperty("items").EnumerateArray()).GetProperty("sku").GetString());
    }

    [Fact]
    public async Task The_picker_sees_what_may_go_instead_and_taps_it()
    {
        await using var world = await StartAsync();
        var list = await PlaceAsync(world, "1", 2);
        var path = $"/picking/list/{list.GetProperty("id").GetString()}";
        using var visitor = new PageVisitor(world.Caravan);
        await visitor.OpenAsync(path);
        await visitor.SubmitAsync("/sign-in", ("key", world.Orders.Chain.Key));

        await visitor.OpenAsync(path);
        var offered = visitor.Text;
        await visitor.SubmitAsync($"{path}/substitute");

        Assert.Contains("Put in 2 × apples instead of tea", offered, StringComparison.Ordinal);
        Assert.Contains("2 picked, instead of tea", visitor.Text, StringComparison.Ordinal);
        Assert.Equal(2, (await world.OrderAsync("1")).UnitsOf(2, LineStatus.Picked));
    }

    private static async Task<FulfilmentWorld> StartAsync()
    {
        var world = await FulfilmentWorld.StartAsync();
        var items = world.Orders.Items;
        Assert.Equal(200, (await world.Chain.ReplaceAsync("/v1/items", new { items = new[] { new { sku = "apples", name = "apples", gtin = "02900000000025", weightGrams = 500, price = new { amount = 900, currency = "CNY" } } } })).Status);
        Assert.Equal(200, (await world.Chain.ReplaceAsync($"/v1/items/{items[("chain", "tea")]}/substitutes", new { items = new object[] { items[("chain", "apples")] } })).Status);
        await world.Orders.ReceiveAsync("chain", "apples", "near", 4);
        return world;
    }

    private static async Task<JsonElement> PlaceAsync(FulfilmentWorld world, string number, int quantity, bool allow = true)
    {
        await world.Orders.ReceiveAsync("chain", "tea", "near", quantity);
        await world.Orders.PlaceAsync(number, lines: new { sku = "tea", quantity, allowSubstitute = allow });
        return await world.ListAsync(world.Chain, number);
    }
}
