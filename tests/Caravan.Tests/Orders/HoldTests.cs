using System.Text.Json;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Orders.Desk;
using Caravan.Orders.Holds;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Orders;

/// <summary>Goods held for carts: reserved, and given back or ordered exactly once.</summary>
public sealed class HoldTests
{
    private static readonly object Here = new { latitude = OrderWorld.Customer.Latitude, longitude = OrderWorld.Customer.Longitude };

    [Fact]
    public async Task A_hold_keeps_its_goods_from_others_until_its_time_is_over()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 3);

        var hold = await HoldAsync(world, 2);
        var tooMany = await OrderAsync(world, "1", 2);
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        await ExpireAsync(world);
        var stillHeld = (await world.CellAsync("chain", "tea", "near"))!;
        world.Caravan.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await ExpireAsync(world);
        var over = await world.Chain.Http.FetchAsync(PathOf(hold));
        var enough = await OrderAsync(world, "2", 3);

        Assert.Equal((409, 2), (tooMany.Status, stillHeld.Reserved));
        Assert.Equal("expired", over.Body.GetProperty("state").GetString());
        Assert.Equal(201, enough.Status);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task An_order_takes_the_goods_of_the_hold_it_names_and_no_other_order_does()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 2);
        await world.ReceiveAsync("logistics", "tea", "warehouse", 9);
        var hold = await HoldAsync(world, 2);

        var order = await OrderAsync(world, "1", 2, hold);
        var replayed = await OrderAsync(world, "1", 2, hold);
        var second = await OrderAsync(world, "2", 2, hold);
        var held = (await world.Chain.Http.FetchAsync(PathOf(hold))).Body;
        var released = await world.Chain.Http.SubmitAsync($"{PathOf(hold)}:release", null);

        Assert.Equal((201, "near"), (order.Status, world.NodeOf(order.Body)));
        Assert.Equal(order.Body.GetProperty("id").GetString(), replayed.Body.GetProperty("id").GetString());
        Assert.Equal((409, "urn:caravan:problem:reservation-gone"), (second.Status, second.Body.GetProperty("type").GetString()));
        Assert.Equal(("ordered", order.Body.GetProperty("id").GetString()), (held.GetProperty("state").GetString(), held.GetProperty("order").GetString()));
        Assert.Equal(409, released.Status);
        Assert.Equal((0, 2), (await world.CellAsync("chain", "tea", "near")) is { } cell ? (cell.Sellable, cell.Reserved) : default);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task An_order_of_more_than_was_held_takes_the_rest_from_elsewhere_and_of_less_gives_the_rest_back()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 4);

        var more = await OrderAsync(world, "1", 3, await HoldAsync(world, 2));
        await world.ReceiveAsync("chain", "tea", "near", 4);
        var less = await OrderAsync(world, "2", 1, await HoldAsync(world, 3));

        // 8 came, 3 and 1 are ordered.
        Assert.Equal((201, 201), (more.Status, less.Status));
        Assert.Equal((4, 4), (await world.CellAsync("chain", "tea", "near")) is { } cell ? (cell.Sellable, cell.Reserved) : default);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_transaction_that_is_done_again_takes_the_goods_out_of_the_hold_again()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        var hold = await HoldAsync(world, 2);
        var services = world.Caravan.Services;
        var basket = new Basket(world.Chain.Id, [new BasketLine("tea", null, null, 2)], OrderWorld.Customer, null);
        var read = await world.Caravan.Store.ReadAsync(db => services.GetRequiredService<BasketReader>().ResolveAsync(db, basket, DeliveryService.WithinHour, TestCaravan.Cancel), TestCaravan.Cancel);
        var asked = new DeskOrder(new OrderRequest(basket, "web", "1", DeliveryService.WithinHour, "here", Hold: HoldId.Parse(hold, null)), read.Lines, null, null) { Services = [DeliveryService.WithinHour], Currency = "CNY" };
        var batches = services.GetRequiredService<DeskBatch>();

        await world.Caravan.Store.WriteAsync(
            async tx =>
            {
                await batches.RunAsync(tx, [asked], TestCaravan.Cancel);
                tx.Undo(); // As after a conflict with another server.
            },
            TestCaravan.Cancel);
        await world.Caravan.Store.WriteAsync(tx => batches.RunAsync(tx, [asked], TestCaravan.Cancel), TestCaravan.Cancel);
        var held = (await world.Chain.Http.FetchAsync(PathOf(hold))).Body;

        Assert.IsType<PlaceOutcome.Placed>(asked.Outcome?.Outcome);
        Assert.Equal("ordered", held.GetProperty("state").GetString());
        Assert.Equal((3, 2), (await world.CellAsync("chain", "tea", "near")) is { } cell ? (cell.Sellable, cell.Reserved) : default);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_refused_order_leaves_the_hold_as_it_was()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 2);
        var hold = await HoldAsync(world, 2);

        var refused = await OrderAsync(world, "1", 3, hold);
        var held = (await world.Chain.Http.FetchAsync(PathOf(hold))).Body;
        var order = await OrderAsync(world, "2", 2, hold);

        Assert.Equal((409, "urn:caravan:problem:out-of-stock"), (refused.Status, refused.Body.GetProperty("type").GetString()));
        Assert.Equal("held", held.GetProperty("state").GetString());
        Assert.Equal(201, order.Status);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_hold_is_extended_while_it_holds_and_released_as_often_as_one_likes()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 2);
        var hold = await HoldAsync(world, 2);

        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(9));
        var extended = await world.Chain.Http.SubmitAsync($"{PathOf(hold)}:extend", new { minutes = 5 });
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(4));
        await ExpireAsync(world);
        var held = (await world.CellAsync("chain", "tea", "near"))!.Reserved;
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(1));
        var tooLate = await world.Chain.Http.SubmitAsync($"{PathOf(hold)}:extend", new { minutes = 5 });
        var tooLateToOrder = await OrderAsync(world, "1", 2, hold);
        var released = await world.Chain.Http.SubmitAsync($"{PathOf(hold)}:release", null);
        var again = await world.Chain.Http.SubmitAsync($"{PathOf(hold)}:release", null);

        Assert.Equal((200, 2), (extended.Status, held));
        Assert.Equal((409, 409), (tooLate.Status, tooLateToOrder.Status));
        Assert.Contains(released.Body.GetProperty("state").GetString(), (string[])["released", "expired"]); // The clock may have been quicker.
        Assert.Equal((200, released.Body.ToString()), (again.Status, again.Body.ToString()));
        Assert.Equal(2, (await world.CellAsync("chain", "tea", "near"))!.Sellable);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_lies_at_a_location_is_held_there_whatever_can_be_delivered_from_it()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "far", 2);
        await world.ReceiveAsync("chain", "tea", "near", 9);
        world.Caravan.Clock.Advance(TimeSpan.FromHours(15)); // One in the night.

        var held = await world.Chain.Http.SubmitAsync("/v1/reservations", new { minutes = 10, location = world.Nodes["far"].Id.ToString(), lines = new[] { OrderWorld.Line("tea", 2) } });
        var tooMany = await world.Chain.Http.SubmitAsync("/v1/reservations", new { minutes = 10, location = world.Nodes["far"].Id.ToString(), lines = new[] { OrderWorld.Line("tea", 1) } });

        Assert.Equal(201, held.Status);
        var take = Assert.Single(held.Body.GetProperty("takes").EnumerateArray());
        Assert.Equal((world.Nodes["far"].Id.ToString(), 2), (take.GetProperty("location").GetString(), take.GetProperty("quantity").GetInt32()));
        Assert.Equal((409, 0), (tooMany.Status, tooMany.Body.GetProperty("lines")[0].GetProperty("left").GetInt32()));
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Holds_and_orders_at_once_take_each_unit_once()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.AddVansAsync(5);
        await world.ReceiveAsync("chain", "tea", "near", 20);

        var answers = await Task.WhenAll(Enumerable.Range(0, 48).Select(number => number % 2 == 0
            ? world.Chain.Http.SubmitAsync("/v1/reservations", new { minutes = 10, service = "sameDay", destination = Here, lines = new[] { OrderWorld.Line("tea", 1) } })
            : world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody($"{number}", "sameDay"), key: $"{number}")));

        Assert.Equal(20, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => Assert.Equal(409, answer.Status));
        Assert.Equal((0, 20), (await world.CellAsync("chain", "tea", "near")) is { } cell ? (cell.Sellable, cell.Reserved) : default);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Whoever_tries_to_settle_a_hold_at_once_one_of_them_does()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.AddVansAsync(5);
        await world.ReceiveAsync("chain", "tea", "near", 16);
        var other = ActivatorUtilities.CreateInstance<Expiry>(world.Caravan.Services);
        var holds = new List<string>();
        for (var i = 0; i < 16; i++)
            holds.Add(await HoldAsync(world, 1, minutes: i < 8 ? 10 : 1));
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(2));

        // Of the first eight each is released and ordered at once; of the others each is released and expires, on two servers.
        var orders = holds.Take(8).Select((hold, number) => OrderAsync(world, $"{number}", 1, hold, "sameDay")).ToList();
        var releases = holds.Select(hold => world.Chain.Http.SubmitAsync($"{PathOf(hold)}:release", null)).ToList();
        await Task.WhenAll([.. orders, .. releases, ExpireAsync(world), other.RunOnceAsync(TestCaravan.Cancel)]);

        var ordered = 0;
        foreach (var (hold, order) in holds.Zip(orders))
        {
            var isOrdered = (await order).Status == 201;
            ordered += isOrdered ? 1 : 0;
            Assert.Equal(isOrdered ? "ordered" : "released", (await world.Chain.Http.FetchAsync(PathOf(hold))).Body.GetProperty("state").GetString());
        }

        foreach (var hold in holds.Skip(8))
            Assert.Contains((await world.Chain.Http.FetchAsync(PathOf(hold))).Body.GetProperty("state").GetString(), (string[])["expired", "released"]);
        Assert.Equal((16 - ordered, ordered), (await world.CellAsync("chain", "tea", "near")) is { } cell ? (cell.Sellable, cell.Reserved) : default);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_clock_that_jumps_settles_nothing_twice()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 3);
        var hold = await HoldAsync(world, 2);

        foreach (var hours in (int[])[1, -1, 2, -2])
        {
            world.Caravan.Clock.Advance(TimeSpan.FromHours(hours));
            await ExpireAsync(world);
        }

        Assert.Equal("expired", (await world.Chain.Http.FetchAsync(PathOf(hold))).Body.GetProperty("state").GetString());
        Assert.Equal((3, 0), (await world.CellAsync("chain", "tea", "near")) is { } cell ? (cell.Sellable, cell.Reserved) : default);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_was_over_while_nobody_looked_goes_back_when_the_server_is_there_again()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 3);
        var hold = await HoldAsync(world, 2);
        var unpaid = await world.Chain.Http.SubmitAsync("/v1/orders", new { number = "1", service = "sameDay", payBy = world.Now.AddMinutes(10), lines = new[] { OrderWorld.Line("tea", 1) }, destination = new { latitude = 39.9, longitude = 116.4, address = "12 Lane of Lanterns" } }, key: "1");
        Assert.Equal(201, unpaid.Status);

        await world.RestartAsync();
        do
        {
            world.Caravan.Clock.Advance(TimeSpan.FromMinutes(10)); // By itself: nobody asks for it here.
        }
        while ((await world.CellAsync("chain", "tea", "near"))!.Reserved > 0);

        Assert.Equal("expired", (await world.Chain.Http.FetchAsync(PathOf(hold))).Body.GetProperty("state").GetString());
        Assert.Equal("cancelled", (await world.Chain.Http.FetchAsync($"/v1/orders/{unpaid.Body.GetProperty("id").GetString()}")).Body.GetProperty("status").GetString());
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task When_stock_falls_short_a_hold_gives_way_to_an_order()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        var order = await world.PlaceAsync("1", "withinHour", OrderWorld.Line("tea", 3));
        var hold = await HoldAsync(world, 2);

        Assert.Equal(200, (await world.Chain.Http.SubmitAsync("/v1/stock/adjustments", new { location = world.Nodes["near"].Id.ToString(), cause = "count", lines = new[] { new { sku = "tea", counted = 3 } } })).Status);
        while ((await world.Chain.Http.FetchAsync(PathOf(hold))).Body.GetProperty("state").GetString() == "held")
            await Task.Yield(); // The news of it is on its way through the outbox.

        var after = (await world.Chain.Http.FetchAsync($"/v1/orders/{order.GetProperty("id").GetString()}")).Body;
        Assert.Equal("withdrawn", (await world.Chain.Http.FetchAsync(PathOf(hold))).Body.GetProperty("state").GetString());
        Assert.Equal((false, 3), (after.GetProperty("isAtRisk").GetBoolean(), (await world.CellAsync("chain", "tea", "near"))!.Reserved));
        await world.AssertBooksAgreeAsync();
    }

    [Theory]
    [InlineData("""{"minutes":0,"lines":[{"sku":"tea","quantity":1}],"destination":{"latitude":39.9,"longitude":116.4}}""", "#/minutes")]
    [InlineData("""{"minutes":1441,"lines":[{"sku":"tea","quantity":1}],"destination":{"latitude":39.9,"longitude":116.4}}""", "#/minutes")]
    [InlineData("""{"minutes":5,"lines":[{"sku":"tea","quantity":1}]}""", "#/location")]
    [InlineData("""{"minutes":5,"lines":[{"sku":"tea","quantity":1}],"location":"loc_01h455vb4pex5vsknk084sn02q"}""", "#/location")]
    [InlineData("""{"minutes":5,"lines":[{"sku":"rope","quantity":1}],"destination":{"latitude":39.9,"longitude":116.4}}""", "#/lines/0/sku")]
    [InlineData("""{"minutes":5,"lines":[{"sku":"tea","quantity":1}],"service":"pickUp","destination":{"latitude":39.9,"longitude":116.4}}""", "#/station")]
    public async Task A_hold_that_cannot_be_names_the_field(string body, string field)
    {
        await using var world = await OrderWorld.StartAsync();

        var answer = await world.Chain.Http.SubmitAsync("/v1/reservations", body);

        Assert.Equal(400, answer.Status);
        Assert.Contains(field, answer.Body.Faults());
    }

    private static async Task<string> HoldAsync(OrderWorld world, int quantity, int minutes = 10)
    {
        var held = await world.Chain.Http.SubmitAsync("/v1/reservations", new { minutes, destination = Here, lines = new[] { OrderWorld.Line("tea", quantity) } });
        Assert.True(held.Status == 201, held.Body.ToString());
        return held.Body.GetProperty("id").GetString()!; // A hold has an id.
    }

    private static Task<(int Status, JsonElement Body, HttpResponseMessage Response)> OrderAsync(OrderWorld world, string number, int quantity, string? reservation = null, string service = "withinHour") =>
        world.Chain.Http.SubmitAsync("/v1/orders", new { number, service, reservation, lines = new[] { OrderWorld.Line("tea", quantity) }, destination = new { latitude = OrderWorld.Customer.Latitude, longitude = OrderWorld.Customer.Longitude, address = "12 Lane of Lanterns" } }, key: $"key-{number}");

    private static Task ExpireAsync(OrderWorld world) => world.Caravan.Services.GetRequiredService<Expiry>().RunOnceAsync(TestCaravan.Cancel);

    private static string PathOf(string hold) => $"/v1/reservations/{hold}";
}
