using System.Text.Json;
using Caravan.Orders;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Operations;

public sealed class BoardTests
{
    [Fact]
    public async Task A_company_sees_its_own_orders_and_nobody_elses()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        var order = await world.PlaceAsync("A-1");
        using var chain = await SignedInAsync(world, world.Chain.Key);
        using var stranger = await SignedInAsync(world, world.Stranger.Key);
        var path = $"/operations/orders/{order.GetProperty("id").GetString()}";

        // The order's first event comes to its story through the outbox.
        for (var until = DateTime.UtcNow.AddSeconds(20); DateTime.UtcNow < until && !chain.Text.Contains("Ordered and reserved", StringComparison.Ordinal);)
            await chain.OpenAsync(path);
        Assert.Equal(200, chain.Status);
        Assert.Contains("Why this shelf", chain.Text, StringComparison.Ordinal);
        Assert.Contains("The near one is the closest that can serve", chain.Text, StringComparison.Ordinal);
        Assert.Contains("Ordered and reserved", chain.Text, StringComparison.Ordinal);
        await stranger.OpenAsync(path);
        Assert.Equal(404, stranger.Status);
        await stranger.OpenAsync("/operations/orders");
        Assert.DoesNotContain("A-1", stranger.Text, StringComparison.Ordinal);
        await stranger.OpenAsync("/operations");
        Assert.DoesNotContain("The near one", stranger.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_region_switched_off_is_promised_from_no_longer_until_it_is_on_again()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        using var chain = await SignedInAsync(world, world.Chain.Key);

        await chain.OpenAsync("/operations/network");
        await chain.SubmitAsync("/operations/network/regions");
        Assert.Contains("Switch on", chain.Text, StringComparison.Ordinal);
        var off = await world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("off"), key: "off");
        await chain.SubmitAsync("/operations/network/regions");
        var on = await world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("on"), key: "on");

        Assert.Equal(409, off.Status);
        Assert.Equal(201, on.Status);
    }

    [Fact]
    public async Task Nobody_switches_a_region_that_is_not_theirs()
    {
        await using var world = await OrderWorld.StartAsync();
        using var stranger = await SignedInAsync(world, world.Stranger.Key);
        using var chain = await SignedInAsync(world, world.Chain.Key);
        await chain.OpenAsync("/operations/network");
        await stranger.OpenAsync("/operations/network");
        var form = chain.Page.Forms.First(one => one.GetAttribute("action") == "/operations/network/regions");
        var token = stranger.Page.QuerySelector("input[name=__RequestVerificationToken]")!.GetAttribute("value")!;

        await stranger.SubmitAsync(form, ("__RequestVerificationToken", token));

        Assert.Equal(404, stranger.Status);
    }

    [Fact]
    public async Task Orders_are_counted_and_filtered_by_how_they_stand()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.PlaceAsync("kept");
        world.Caravan.Clock.Advance(TimeSpan.FromSeconds(1));
        var gone = await world.PlaceAsync("gone");
        await world.Chain.Http.SubmitAsync($"/v1/orders/{gone.GetProperty("id").GetString()}:cancel", new { }, key: "cancel");
        var board = world.Caravan.Services.GetRequiredService<OrderBoard>();
        var since = world.Now.AddHours(-1);

        var before = await world.Caravan.Store.ReadAsync(db => board.TallyAsync(db, world.Chain.Id, since, world.Now), TestCaravan.Cancel);
        world.Caravan.Clock.Advance(TimeSpan.FromHours(2));
        var after = await world.Caravan.Store.ReadAsync(db => board.TallyAsync(db, world.Chain.Id, since, world.Now), TestCaravan.Cancel);

        Assert.Equal((2, 1, 0), (before.Placed, before.Open, before.Late));
        Assert.Equal((2, 1, 1), (after.Placed, after.Open, after.Late));
        Assert.Equal(["gone"], await NumbersAsync(OrderFilter.Cancelled));
        Assert.Equal(["kept"], await NumbersAsync(OrderFilter.Open));
        Assert.Equal(["kept"], await NumbersAsync(OrderFilter.Late));
        Assert.Equal(["gone", "kept"], await NumbersAsync(OrderFilter.All));
        Assert.Empty(await NumbersAsync(OrderFilter.Delivered));

        async Task<IEnumerable<string>> NumbersAsync(OrderFilter filter) =>
            (await world.Caravan.Store.ReadAsync(db => board.ListAsync(db, world.Chain.Id, filter, null, 10, world.Now), TestCaravan.Cancel)).Select(order => order.Number);
    }

    [Fact]
    public async Task Orders_with_missing_goods_and_orders_at_risk_are_listed_page_by_page()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        var orders = new List<JsonElement>();
        foreach (var number in (string[])["A-1", "A-2", "A-3"])
        {
            orders.Add(await world.PlaceAsync(number));
            world.Caravan.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var desk = world.Caravan.Services.GetRequiredService<OrderDesk>();
        foreach (var order in (JsonElement[])[orders[0], orders[2]])
        {
            var fulfilment = FulfilmentId.Parse(order.GetProperty("fulfilments")[0].GetProperty("id").GetString()!, null); // Every fulfilment has an id.
            await world.Caravan.Store.WriteAsync(tx => desk.ShortAsync(tx, world.Chain.Id, fulfilment, 1, 1, TestCaravan.Cancel), TestCaravan.Cancel);
        }

        await world.Caravan.Store.WriteAsync(tx => OrderStore.SetAtRiskAsync(tx, world.Chain.Id, OrderId.Parse(orders[1].GetProperty("id").GetString()!, null), true), TestCaravan.Cancel); // As above.
        var first = await PageAsync(OrderFilter.Short, null);
        var second = await PageAsync(OrderFilter.Short, first[0].Id);
        var third = await PageAsync(OrderFilter.Short, second[0].Id);
        var atRisk = await PageAsync(OrderFilter.AtRisk, null);

        Assert.Equal(["A-3", "A-1"], [.. first.Concat(second).Select(order => order.Number)]);
        Assert.Empty(third);
        Assert.Equal("A-2", Assert.Single(atRisk).Number);

        Task<IReadOnlyList<Order>> PageAsync(OrderFilter filter, OrderId? before) => world.Caravan.Store.ReadAsync(
            db => world.Caravan.Services.GetRequiredService<OrderBoard>().ListAsync(db, world.Chain.Id, filter, before, 1, world.Now), TestCaravan.Cancel);
    }

    [Fact]
    public async Task The_board_resumes_where_the_browser_stopped_listening()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.PlaceAsync("A-1");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestCaravan.Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/operations/events?lastEventId=0");

        using var response = await world.Chain.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop.Token));
        List<string> events = [];
        while (!events.Contains("event: refresh"))
            events.Add(await reader.ReadLineAsync(stop.Token) ?? throw new EndOfStreamException());
        await stop.CancelAsync();

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("event: hello", events);
    }

    [Theory]
    [InlineData("/operations")]
    [InlineData("/operations/inbox")]
    [InlineData("/operations/figures")]
    public async Task What_happens_after_a_page_was_read_and_before_it_listens_is_told(string path)
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        using var chain = await SignedInAsync(world, world.Chain.Key);
        await chain.OpenAsync(path);
        var place = chain.Page.Body!.GetAttribute("data-place"); // The parser always makes a body.

        await world.PlaceAsync("A-1");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestCaravan.Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/operations/events?lastEventId={place}");
        using var response = await world.Chain.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop.Token));
        string? line;
        while ((line = await reader.ReadLineAsync(stop.Token)) != "event: refresh")
            Assert.NotNull(line);
        await stop.CancelAsync();

        Assert.Matches("^[0-9]+$", place);
    }

    private static async Task<PageVisitor> SignedInAsync(OrderWorld world, string key)
    {
        var visitor = new PageVisitor(world.Caravan);
        await visitor.OpenAsync("/sign-in");
        await visitor.SubmitAsync("/sign-in", ("key", key));
        Assert.Equal("/operations", visitor.Path);
        return visitor;
    }
}
