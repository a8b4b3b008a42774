using System.Text.Json;
using Caravan.Orders;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Orders;

/// <summary>Orders that wait for their money: nobody works on them before, and what is not paid in time goes back.</summary>
public sealed class PaymentTests
{
    [Fact]
    public async Task Nobody_is_told_of_an_order_before_it_is_paid()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 3);

        var (order, path) = await PlaceAsync(world, "1");
        var before = await ToldAsync(world);
        var paid = await world.Chain.Http.SubmitAsync($"{path}:pay", new { reference = "till 7" });
        var again = await world.Chain.Http.SubmitAsync($"{path}:pay", new { });
        var after = await ToldAsync(world);

        Assert.Equal("awaited", order.GetProperty("payment").GetProperty("state").GetString());
        Assert.Empty(before);
        Assert.Equal((200, 200), (paid.Status, again.Status));
        Assert.Equal(("paid", "till 7"), (again.Body.GetProperty("payment").GetProperty("state").GetString(), again.Body.GetProperty("payment").GetProperty("reference").GetString()));
        Assert.Equal([FulfilmentEvent.Placed], after);
        world.Caravan.Clock.Advance(TimeSpan.FromHours(1));
        await ExpireAsync(world);
        Assert.Equal(1, (await world.CellAsync("chain", "tea", "near"))!.Reserved);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_is_not_paid_in_time_is_called_off_and_its_goods_go_back()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 3);
        var (_, path) = await PlaceAsync(world, "1", OrderWorld.Line("tea", 3));

        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(30));
        await ExpireAsync(world);
        var order = (await world.Chain.Http.FetchAsync(path)).Body;
        var tooLate = await world.Chain.Http.SubmitAsync($"{path}:pay", new { });

        Assert.Equal(("cancelled", "unpaid"), (order.GetProperty("status").GetString(), order.GetProperty("payment").GetProperty("state").GetString()));
        Assert.Equal((409, "urn:caravan:problem:payment-not-awaited"), (tooLate.Status, tooLate.Body.GetProperty("type").GetString()));
        Assert.Equal((3, 0), (await world.CellAsync("chain", "tea", "near")) is { } cell ? (cell.Sellable, cell.Reserved) : default);
        Assert.Empty(await ToldAsync(world));
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task When_the_money_and_the_end_of_the_time_meet_one_of_them_wins()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.AddVansAsync(5);
        await world.ReceiveAsync("chain", "tea", "near", 12);
        var other = ActivatorUtilities.CreateInstance<Expiry>(world.Caravan.Services);
        List<string> paths = [];
        for (var i = 0; i < 12; i++)
            paths.Add((await PlaceAsync(world, $"{i}")).Path);
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(30));

        var pays = paths.Select(path => world.Chain.Http.SubmitAsync($"{path}:pay", new { })).ToList();
        await Task.WhenAll([.. pays, ExpireAsync(world), other.RunOnceAsync(TestCaravan.Cancel), ExpireAsync(world)]);

        var paid = 0;
        foreach (var (path, pay) in paths.Zip(pays))
        {
            var isPaid = (await pay).Status == 200;
            paid += isPaid ? 1 : 0;
            var order = (await world.Chain.Http.FetchAsync(path)).Body;
            Assert.Equal(isPaid ? "paid" : "unpaid", order.GetProperty("payment").GetProperty("state").GetString());
            Assert.Equal(!isPaid, order.GetProperty("status").GetString() == "cancelled");
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{paid} of 12 paid");
        Assert.Equal(paid, (await ToldAsync(world)).Count);
        Assert.Equal((12 - paid, paid), (await world.CellAsync("chain", "tea", "near")) is { } cell ? (cell.Sellable, cell.Reserved) : default);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task An_order_that_is_called_off_by_hand_awaits_no_payment_any_more()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 3);
        var (_, path) = await PlaceAsync(world, "1", OrderWorld.Line("tea", 3));

        var partly = await world.Chain.Http.SubmitAsync($"{path}:cancel", new { lines = new[] { new { line = 1, quantity = 1 } } });
        var wholly = await world.Chain.Http.SubmitAsync($"{path}:cancel", new { });
        var tooLate = await world.Chain.Http.SubmitAsync($"{path}:pay", new { });
        world.Caravan.Clock.Advance(TimeSpan.FromHours(1));
        await ExpireAsync(world);

        Assert.Equal(("awaited", "unpaid"), (partly.Body.GetProperty("payment").GetProperty("state").GetString(), wholly.Body.GetProperty("payment").GetProperty("state").GetString()));
        Assert.Equal(409, tooLate.Status);
        Assert.Equal(3, (await world.CellAsync("chain", "tea", "near"))!.Sellable);
        Assert.Empty(await ToldAsync(world));
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_hold_becomes_an_order_that_waits_for_its_money()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 1);
        var hold = (await world.Chain.Http.SubmitAsync("/v1/reservations", new { minutes = 5, destination = new { latitude = 39.9, longitude = 116.4 }, lines = new[] { OrderWorld.Line("tea", 1) } })).Body.GetProperty("id").GetString();

        var (order, path) = await PlaceAsync(world, "1", reservation: hold);
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(10));
        await ExpireAsync(world);
        var paid = await world.Chain.Http.SubmitAsync($"{path}:pay", new { });

        Assert.Equal("awaited", order.GetProperty("payment").GetProperty("state").GetString());
        Assert.Equal((200, "reserved"), (paid.Status, paid.Body.GetProperty("status").GetString()));
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_time_to_pay_that_is_over_is_named_and_an_order_without_one_awaits_nothing()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 2);

        var over = await world.Chain.Http.SubmitAsync("/v1/orders", BodyOf("1", world.Now, null), key: "1");
        var plain = await world.PlaceAsync("2");
        var pay = await world.Chain.Http.SubmitAsync($"/v1/orders/{plain.GetProperty("id").GetString()}:pay", new { });

        Assert.Equal((400, "#/payBy"), (over.Status, Assert.Single(over.Body.Faults())));
        Assert.False(plain.TryGetProperty("payment", out _));
        Assert.Equal((409, "urn:caravan:problem:payment-not-awaited"), (pay.Status, pay.Body.GetProperty("type").GetString()));
    }

    private static async Task<(JsonElement Order, string Path)> PlaceAsync(OrderWorld world, string number, object? line = null, string? reservation = null)
    {
        var placed = await world.Chain.Http.SubmitAsync("/v1/orders", BodyOf(number, world.Now.AddMinutes(30), reservation, line), key: $"key-{number}");
        Assert.True(placed.Status == 201, placed.Body.ToString());
        return (placed.Body, $"/v1/orders/{placed.Body.GetProperty("id").GetString()}");
    }

    private static object BodyOf(string number, DateTimeOffset payBy, string? reservation, object? line = null) => new
    {
        number,
        service = "sameDay",
        payBy,
        reservation,
        lines = new[] { line ?? OrderWorld.Line("tea", 1) },
        destination = new { latitude = OrderWorld.Customer.Latitude, longitude = OrderWorld.Customer.Longitude, address = "12 Lane of Lanterns" },
    };

    // What nodes have been told, in order.
    private static async Task<List<string>> ToldAsync(OrderWorld world) =>
        [.. (await world.Caravan.EventsAsync(world.Chain.Id)).Select(happened => happened.Type).Where(type => type is FulfilmentEvent.Placed or FulfilmentEvent.Reduced)];

    private static Task ExpireAsync(OrderWorld world) => world.Caravan.Services.GetRequiredService<Expiry>().RunOnceAsync(TestCaravan.Cancel);
}
