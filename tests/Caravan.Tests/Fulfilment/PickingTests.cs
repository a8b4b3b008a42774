using System.Text.Json;
using Caravan.Orders;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Fulfilment;

public sealed class PickingTests
{
    [Fact]
    public async Task An_order_is_picked_packed_collected_and_delivered()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await world.Orders.ReceiveAsync("chain", "milk", "near", 1);
        await world.Orders.ReceiveAsync("chain", "tea", "near", 2);
        await world.Orders.PlaceAsync("1", lines: [FulfilmentWorld.Line("milk", 1), FulfilmentWorld.Line("tea", 2)]);

        var list = await world.ListAsync(world.Chain, "1");
        var begun = await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 2, quantity = 2 });
        var early = await world.Chain.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:pack", null);
        var picked = await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 1, quantity = 1 });
        var packed = await FulfilmentWorld.ActAsync(world.Chain, list, "pack");
        await world.CarryAsync();
        var collected = await world.ListAsync(world.Chain, "1", "collected");

        Assert.Equal("waiting", list.GetProperty("status").GetString());
        Assert.Equal(["tea", "milk"], list.GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("sku").GetString())); // What must stay cold comes last.
        Assert.Equal(["ambient", "chilled"], list.GetProperty("parcels").EnumerateArray().Select(parcel => parcel.GetProperty("temperatureClass").GetString()));
        Assert.Equal("picking", begun.GetProperty("status").GetString());
        Assert.Equal(409, early.Status);
        Assert.Equal(1, early.Body.GetProperty("left").GetInt32());
        Assert.Equal("picked", picked.GetProperty("status").GetString());
        Assert.Equal("packed", packed.GetProperty("status").GetString());
        Assert.Equal("collected", collected.GetProperty("status").GetString());
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_delivered_order_is_handed_over_on_the_floors_list_as_well()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var list = await world.NearListAsync();
        await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 1, quantity = 2 });
        await FulfilmentWorld.ActAsync(world.Chain, list, "pack");

        await world.CarryAsync((await world.OrderAsync("1")).ProofCode);
        var done = await world.ListAsync(world.Chain, "1", "handedOver");
        var open = await world.Chain.FetchAsync("/v1/pick-lists?status=waiting");

        Assert.Equal("handedOver", done.GetProperty("parcels")[0].GetProperty("status").GetString());
        Assert.Equal(0, open.Body.GetProperty("items").GetArrayLength());
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_neighbours_goods_are_picked_by_scanning_their_own_codes()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await world.Orders.ReceiveAsync("logistics", "tea", "warehouse", 4);
        await world.Orders.PlaceAsync("1", "nextDay", FulfilmentWorld.Line("tea", 4));
        var list = await world.ListAsync(world.Logistics, "1");

        var byGtin = await FulfilmentWorld.ActAsync(world.Logistics, list, "pick", new { code = "2900000000018" });
        var bySku = await FulfilmentWorld.ActAsync(world.Logistics, list, "pick", new { code = "tea", quantity = 2 });
        var foreign = await world.Logistics.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:pick", new { code = "02900000000025" });
        var tooMany = await world.Logistics.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:pick", new { code = "tea", quantity = 2 });
        var byMatrix = await FulfilmentWorld.ActAsync(world.Logistics, list, "pick", new { code = "]d2010290000000001810LOT7" });
        var again = await world.Logistics.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:pick", new { code = "tea" });

        Assert.Equal(1, byGtin.GetProperty("lines")[0].GetProperty("picked").GetInt32());
        Assert.Equal(3, bySku.GetProperty("lines")[0].GetProperty("picked").GetInt32());
        Assert.Equal(409, foreign.Status);
        Assert.Equal("urn:caravan:problem:not-on-pick-list", foreign.Body.GetProperty("type").GetString());
        Assert.Contains("#/code", foreign.Body.Faults());
        Assert.Equal(409, tooMany.Status);
        Assert.Equal(1, tooMany.Body.GetProperty("left").GetInt32());
        Assert.Equal("picked", byMatrix.GetProperty("status").GetString());
        Assert.Equal(409, again.Status);
    }

    [Fact]
    public async Task What_is_not_on_the_shelf_is_picked_at_the_next_store_and_the_books_agree()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var list = await world.NearListAsync(quantity: 3);
        await world.Orders.ReceiveAsync("chain", "tea", "mid", 5);
        await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 1, quantity = 1 });

        var shorted = await FulfilmentWorld.ActAsync(world.Chain, list, "short", new { line = 1, quantity = 2, reason = "damaged" });
        var elsewhere = await world.ListAsync(world.Chain, "1", "waiting", "mid");
        var packed = await FulfilmentWorld.ActAsync(world.Chain, list, "pack");

        Assert.Equal(2, shorted.GetProperty("foundElsewhere").GetInt32());
        Assert.Equal("picked", shorted.GetProperty("status").GetString());
        Assert.Equal("damaged", shorted.GetProperty("lines")[0].GetProperty("shortReason").GetString());
        Assert.Equal(2, elsewhere.GetProperty("lines")[0].GetProperty("quantity").GetInt32());
        Assert.Equal("packed", packed.GetProperty("status").GetString());
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_list_of_which_nothing_is_there_is_closed_and_no_courier_comes()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var list = await world.NearListAsync();

        var closed = await FulfilmentWorld.ActAsync(world.Chain, list, "short", new { line = 1, quantity = 2 });
        var jobs = await world.Chain.FetchAsync("/v1/jobs");
        var late = await world.Chain.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:pack", null);

        Assert.Equal(0, closed.GetProperty("foundElsewhere").GetInt32());
        Assert.Equal("closed", closed.GetProperty("status").GetString());
        Assert.Equal("cancelled", closed.GetProperty("parcels")[0].GetProperty("status").GetString());
        Assert.Equal("cancelled", jobs.Body.GetProperty("items")[0].GetProperty("status").GetString());
        Assert.Equal(409, late.Status);
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_is_called_off_while_it_is_picked_leaves_the_list_and_goes_back_on_the_shelf()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await world.Orders.ReceiveAsync("chain", "milk", "near", 1);
        await world.Orders.ReceiveAsync("chain", "tea", "near", 2);
        var order = await world.Orders.PlaceAsync("1", lines: [FulfilmentWorld.Line("tea", 2), FulfilmentWorld.Line("milk", 1)]);
        var list = await world.ListAsync(world.Chain, "1");
        await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 1, quantity = 2 });
        var cancel = $"/v1/orders/{order.GetProperty("id").GetString()}:cancel";

        var partly = await world.Chain.SubmitAsync(cancel, new { lines = new[] { new { line = 2, quantity = 1 } } });
        var picked = await world.ListAsync(world.Chain, "1", "picked");
        var wholly = await world.Chain.SubmitAsync(cancel, new { });
        var cancelled = await world.ListAsync(world.Chain, "1", "cancelled");
        var jobs = await world.Chain.FetchAsync("/v1/jobs");

        Assert.Equal(200, partly.Status);
        Assert.Equal(["toPack", "cancelled"], picked.GetProperty("parcels").EnumerateArray().Select(parcel => parcel.GetProperty("status").GetString()));
        Assert.Equal(200, wholly.Status);
        Assert.Equal(2, cancelled.GetProperty("lines")[0].GetProperty("putBack").GetInt32());
        Assert.All(jobs.Body.GetProperty("items").EnumerateArray(), job => Assert.Equal("cancelled", job.GetProperty("status").GetString()));
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_repeated_pick_with_its_key_is_counted_once()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var list = await world.NearListAsync();

        var first = await world.Chain.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:pick", new { line = 1, quantity = 1 }, key: "p1");
        var again = await world.Chain.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:pick", new { line = 1, quantity = 1 }, key: "p1");

        Assert.Equal(200, again.Status);
        Assert.True(JsonElement.DeepEquals(first.Body, again.Body));
        Assert.Equal(1, (await world.OrderAsync("1")).UnitsOf(1, LineStatus.Picked));
    }

    [Fact]
    public async Task Nobody_sees_or_works_another_companys_list()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var list = await world.NearListAsync();

        foreach (var http in new[] { world.Stranger, world.Logistics })
        {
            Assert.Equal(404, (await http.FetchAsync(FulfilmentWorld.PathOf(list))).Status);
            Assert.Equal(404, (await http.FetchAsync($"/v1/pick-lists?location={world.Node("near")}")).Status);
            Assert.Equal(404, (await http.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:pick", new { line = 1, quantity = 1 })).Status);
            Assert.Equal(404, (await http.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:short", new { line = 1, quantity = 1 })).Status);
            Assert.Equal(404, (await http.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:pack", null)).Status);
            Assert.Equal(404, (await http.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:handOver", new { code = "123456" })).Status);
            Assert.Equal(0, (await http.FetchAsync("/v1/pick-lists")).Body.GetProperty("items").GetArrayLength());
        }

        Assert.Equal(401, (await world.Caravan.Anonymous.FetchAsync("/v1/pick-lists")).Status);
    }

    [Fact]
    public async Task Faults_are_refused_by_the_name_of_their_field()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var list = await world.NearListAsync();
        (string Act, string Body, string Pointer)[] faults =
        [
            ("pick", "{}", "#/line"),
            ("pick", """{"line":1}""", "#/quantity"),
            ("pick", """{"line":1,"quantity":0}""", "#/quantity"),
            ("pick", """{"line":1,"quantity":1.5}""", "#/quantity"),
            ("pick", """{"line":1,"quantity":1e400}""", "#/quantity"),
            ("pick", """{"line":0,"quantity":1}""", "#/line"),
            ("pick", """{"line":9,"quantity":1}""", "#/line"),
            ("pick", """{"line":1,"quantity":1,"code":"tea"}""", "#/code"),
            ("pick", """{"code":" "}""", "#/code"),
            ("pick", """{"code":"a\u0007b"}""", "#/code"),
            ("pick", """{"code":"tea","owner":"ptn_01h455vb4pex5vsknk084sn02q"}""", "#/owner"),
            ("pick", """{"line":1,"quantity":1,"owner":"ptn_01h455vb4pex5vsknk084sn02q"}""", "#/owner"),
            ("pick", """{"line":1,"quantity":1,"owner":"me"}""", "#/owner"),
            ("pick", """{"line":1,"qty":1}""", "#/qty"),
            ("pick", """{"line":1,"line":1,"quantity":1}""", "#/line"),
            ("pick", "[]", "#"),
            ("short", """{"line":1}""", "#/quantity"),
            ("short", """{"line":1,"quantity":-1}""", "#/quantity"),
            ("short", """{"line":1,"quantity":1,"reason":"stolen"}""", "#/reason"),
            ("short", """{"line":1,"quantity":1,"reason":0}""", "#/reason"),
            ("handOver", "{}", "#/code"),
            ("handOver", """{"code":"1","override":"x"}""", "#/override"),
            ("handOver", """{"override":""}""", "#/override"),
        ];

        foreach (var (act, body, pointer) in faults)
        {
            var answer = await world.Chain.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:{act}", body);
            Assert.True(answer.Status == 400 && answer.Body.Faults().Contains(pointer), $"{act} {body}: {answer.Status} {answer.Body}");
        }

        foreach (var (path, parameter) in new[] { ("?status=lost", "?status"), ("?status=1", "?status"), ("?limit=0", "?limit"), ("?cursor=x", "cursor"), ("?location=near", "location"), ("/ful_x", "id") })
        {
            var answer = await world.Chain.FetchAsync($"/v1/pick-lists{path}");
            Assert.True(answer.Status == 400 && answer.Body.Faults().Contains(parameter), $"{path}: {answer.Status} {answer.Body}");
        }

        var tooMany = await world.Chain.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:pick", new { line = 1, quantity = 3 });
        Assert.Equal(409, tooMany.Status);
        Assert.Contains("#/quantity", tooMany.Body.Faults());
    }

    [Fact]
    public async Task Lists_go_page_by_page_and_by_location()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await world.NearListAsync("1", 1);
        world.Caravan.Clock.Advance(TimeSpan.FromSeconds(1)); // Ids of one millisecond have no order.
        await world.NearListAsync("2", 1);

        var first = await world.Chain.FetchAsync($"/v1/pick-lists?limit=1&location={world.Node("near")}&status=waiting");
        var second = await world.Chain.FetchAsync($"/v1/pick-lists?limit=1&cursor={first.Body.GetProperty("next").GetString()}");
        var elsewhere = await world.Chain.FetchAsync($"/v1/pick-lists?location={world.Node("far")}");

        Assert.Equal("1", first.Body.GetProperty("items")[0].GetProperty("orderNumber").GetString());
        Assert.Equal("2", second.Body.GetProperty("items")[0].GetProperty("orderNumber").GetString());
        Assert.False(second.Body.TryGetProperty("next", out _));
        Assert.Equal(0, elsewhere.Body.GetProperty("items").GetArrayLength());
    }
}
