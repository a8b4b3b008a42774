using System.Text.Json;
using Caravan.Stock;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Stock;

public sealed class TransferTests
{
    [Fact]
    public async Task What_is_in_transit_cannot_be_reserved_anywhere_and_what_has_come_can()
    {
        await using var world = await StockWorld.StartAsync();
        await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, [world.Take("A00", "S1", 10)], "opening"));

        var sent = await SendAsync(world, "T-1", ("A00", 6));
        var (from, to) = (await world.CellAsync("A00", "S1"), await world.CellAsync("A00", "S2"));
        var early = await world.ReserveAsync("ful_1", world.Take("A00", "S2", 1));
        var received = await world.Http.SubmitAsync(PathOf(sent.Body), new { cause = "note 1" });

        Assert.Equal((201, "inTransit"), (sent.Status, sent.Body.GetProperty("state").GetString()));
        Assert.Equal((4, null), (from!.Sellable, to));
        Assert.IsType<ReserveOutcome.Short>(early);
        Assert.Equal((200, "received"), (received.Status, received.Body.GetProperty("state").GetString()));
        Assert.IsType<ReserveOutcome.Reserved>(await world.ReserveAsync("ful_1", world.Take("A00", "S2", 6)));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task What_came_by_one_note_is_counted_once_and_what_never_came_is_lost_when_it_is_closed()
    {
        await using var world = await StockWorld.StartAsync();
        await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, [world.Take("A00", "S1", 10), world.Take("A01", "S1", 10)], "opening"));
        var path = PathOf((await SendAsync(world, "T-1", ("A00", 6), ("A01", 2))).Body);

        object first = new { cause = "note 1", lines = new[] { new { sku = "A00", quantity = 4 } } };
        foreach (var _ in Enumerable.Range(0, 2))
            Assert.Equal("inTransit", (await world.Http.SubmitAsync(path, first)).Body.GetProperty("state").GetString());
        var tooMany = await world.Http.SubmitAsync(path, new { cause = "note 2", lines = new[] { new { sku = "A00", quantity = 3 } } });
        var last = await world.Http.SubmitAsync(path, new { cause = "note 3", lines = new[] { new { sku = "A01", quantity = 2 } }, isLast = true });
        var late = await world.Http.SubmitAsync(path, new { cause = "note 4" });
        var repeated = await world.Http.SubmitAsync(path, first);

        Assert.Equal(["#/lines"], tooMany.Body.Faults());
        Assert.Equal("closed", last.Body.GetProperty("state").GetString());
        Assert.Equal((409, 200), (late.Status, repeated.Status));
        Assert.Equal((4, 4, 2), (await world.OnHandAsync("A00", "S1"), await world.OnHandAsync("A00", "S2"), await world.OnHandAsync("A01", "S2")));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task Only_what_nobody_waits_for_may_be_sent_and_a_refusal_sends_nothing()
    {
        await using var world = await StockWorld.StartAsync();
        await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, [world.Take("A00", "S1", 10), world.Take("A01", "S1", 5)], "opening"));
        await world.ReserveAsync("ful_1", world.Take("A01", "S1", 4));

        var refused = await SendAsync(world, "T-1", ("A00", 3), ("A01", 2));
        var sent = await SendAsync(world, "T-1", ("A00", 3), ("A01", 1));
        var again = await SendAsync(world, "T-1", ("A00", 1));

        Assert.Equal((409, "urn:caravan:problem:not-enough-free"), (refused.Status, refused.Body.GetProperty("type").GetString()));
        var lacking = Assert.Single(refused.Body.GetProperty("lines").EnumerateArray());
        Assert.Equal((world.Items["A01"].ToString(), 1), (lacking.GetProperty("item").GetString(), lacking.GetProperty("free").GetInt32()));
        Assert.Equal((201, 409), (sent.Status, again.Status));
        Assert.Equal(sent.Body.GetProperty("id").GetString(), again.Body.GetProperty("transfer").GetString());
        Assert.Equal((7, 4), (await world.OnHandAsync("A00", "S1"), await world.OnHandAsync("A01", "S1")));
        Assert.Empty(await world.AuditAsync());
    }

    [Theory]
    [InlineData("to", "S1", "A00", "#/to")]
    [InlineData("to", "S3", "A29", "#/lines/0/item")]
    [InlineData("from", "X1", "A00", "#/from")]
    [InlineData("to", "X1", "A00", "#/to")]
    [InlineData("to", "S2", "A99", "#/lines/0/sku")]
    public async Task A_transfer_that_cannot_be_names_the_field(string end, string place, string sku, string field)
    {
        await using var world = await StockWorld.StartAsync();
        var where = place == "X1" ? world.StrangersPlace : world.Places[place];
        var (from, to) = end == "from" ? (where, world.Places["S2"]) : (world.Places["S1"], where);

        var refused = await world.Http.SubmitAsync("/v1/stock/transfers", new { from = from.ToString(), to = to.ToString(), reference = "T-1", lines = new[] { new { sku, quantity = 1 } } });

        Assert.Equal(400, refused.Status);
        Assert.Contains(field, refused.Body.Faults());
    }

    [Fact]
    public async Task The_ledger_of_a_cell_is_read_page_by_page_and_by_its_owner_alone()
    {
        await using var world = await StockWorld.StartAsync();
        await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, [world.Take("A00", "S1", 10), world.Take("A00", "S2", 1)], "opening"));
        world.Caravan.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.ReserveAsync("ful_1", world.Take("A00", "S1", 4));
        world.Caravan.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.WriteAsync(tx => world.Book.PickAsync(tx, [world.Take("A00", "S1", 3)], "ful_1"));
        world.Caravan.Clock.Advance(TimeSpan.FromSeconds(1));
        await SendAsync(world, "T-1", ("A00", 2));

        var path = $"/v1/stock/movements?item={world.Items["A00"]}&location={world.Places["S1"]}&limit=3";
        var first = (await world.Http.FetchAsync(path)).Body;
        var second = (await world.Http.FetchAsync($"{path}&cursor={first.GetProperty("next").GetString()}")).Body;
        var others = (await world.Stranger.FetchAsync(path)).Body;

        Assert.Equal([("transfer", -2, 0, 0), ("pick", 0, 0, 3), ("reserve", 0, 4, 0)], first.GetProperty("items").EnumerateArray().Select(Line));
        Assert.Equal([("receive", 10, 0, 0)], second.GetProperty("items").EnumerateArray().Select(Line));
        Assert.Equal(0, others.GetProperty("items").GetArrayLength());
        Assert.Empty(await world.AuditAsync());

        static (string?, int, int, int) Line(JsonElement one) =>
            (one.GetProperty("kind").GetString(), one.GetProperty("onHandDelta").GetInt32(), one.GetProperty("reservedDelta").GetInt32(), one.GetProperty("pickedDelta").GetInt32());
    }

    private static Task<(int Status, JsonElement Body, HttpResponseMessage Response)> SendAsync(StockWorld world, string reference, params (string Sku, int Quantity)[] lines) =>
        world.Http.SubmitAsync("/v1/stock/transfers", new
        {
            from = world.Places["S1"].ToString(),
            to = world.Places["S2"].ToString(),
            reference,
            lines = lines.Select(line => new { sku = line.Sku, quantity = line.Quantity }),
        });

    private static string PathOf(JsonElement transfer) => $"/v1/stock/transfers/{transfer.GetProperty("id").GetString()}:receive";
}
