using System.Diagnostics;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;
using Caravan.Stock;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Stock;

public sealed class LedgerTests
{
    [Fact]
    public async Task Reserving_takes_every_line_or_none_and_says_what_is_left()
    {
        await using var world = await StockWorld.StartAsync();
        await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, [world.Take("A00", "S1", 5), world.Take("A01", "S1", 2)], "opening"));

        var first = await world.ReserveAsync("ful_1", world.Take("A00", "S1", 4), world.Take("A01", "S1", 2));
        var second = await world.ReserveAsync("ful_2", world.Take("A00", "S1", 1), world.Take("A01", "S1", 1));

        Assert.IsType<ReserveOutcome.Reserved>(first);
        var lacking = Assert.Single(Assert.IsType<ReserveOutcome.Short>(second).Lacking);
        Assert.Equal((world.Items["A01"], 0), (lacking.Take.Item, lacking.Left));
        Assert.Equal(1, (await world.CellAsync("A00", "S1"))!.Sellable);
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task A_short_reservation_leaves_the_rest_of_its_transaction_alone()
    {
        await using var world = await StockWorld.StartAsync();
        await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, [world.Take("A00", "S1", 1), world.Take("A00", "S2", 9)], "opening"));

        await world.WriteAsync(async tx =>
        {
            Assert.IsType<ReserveOutcome.Short>(await world.Book.ReserveAsync(tx, [world.Take("A00", "S1", 1), world.Take("A01", "S1", 1)], "ful_1"));
            Assert.IsType<ReserveOutcome.Reserved>(await world.Book.ReserveAsync(tx, [world.Take("A00", "S2", 2)], "ful_1"));
            Assert.IsType<ReserveOutcome.Reserved>(await world.Book.ReserveAsync(tx, [world.Take("A00", "S1", 1)], "ful_1"));
        });

        Assert.Equal(0, (await world.CellAsync("A00", "S1"))!.Sellable);
        Assert.Equal(7, (await world.CellAsync("A00", "S2"))!.Sellable);
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task The_same_change_is_never_made_twice()
    {
        await using var world = await StockWorld.StartAsync();
        StockTake[] two = [world.Take("A00", "S1", 2)];
        for (var i = 0; i < 2; i++)
        {
            await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, [world.Take("A00", "S1", 6)], "opening"));
            Assert.IsType<ReserveOutcome.Reserved>(await world.ReserveAsync("ful_1", two));
            Assert.IsType<ReserveOutcome.Reserved>(await world.ReserveAsync("ful_2", two));
            Assert.IsType<ReserveOutcome.Reserved>(await world.ReserveAsync("ful_3", two));
        }

        for (var i = 0; i < 2; i++)
        {
            await world.WriteAsync(tx => world.Book.ReleaseAsync(tx, two, "ful_1"));
            await world.WriteAsync(tx => world.Book.ShipAsync(tx, two, "ful_2"));
            await world.WriteAsync(tx => world.Book.WriteOffAsync(tx, two, "ful_3"));
            await world.WriteAsync(tx => world.Book.ReturnAsync(tx, [world.Take("A00", "S1", 1)], "ret_1", isRestocked: true));
            await world.WriteAsync(tx => world.Book.ReturnAsync(tx, [world.Take("A00", "S1", 1)], "ret_2", isRestocked: false));
        }

        // 6 received − 2 shipped − 2 written off + 2 returned = 4, of which 1 is held.
        var cell = (await world.CellAsync("A00", "S1"))!;
        Assert.Equal((4, 0, 3), (cell.OnHand, cell.Reserved, cell.Sellable));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task Stock_counted_below_what_is_reserved_is_a_shortfall_that_is_told_when_it_grows()
    {
        await using var world = await StockWorld.StartAsync();
        await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, [world.Take("A00", "S1", 10)], "opening"));
        await world.ReserveAsync("ful_1", world.Take("A00", "S1", 8));

        // 8 reserved: 5 counted lack 3, 2 counted lack 6, 4 counted lack 4 (no news), goods received end it.
        foreach (var (cause, counted) in ((string, int)[])[("c1", 5), ("c2", 2), ("c3", 4)])
            Assert.Equal(200, (await world.Http.SubmitAsync("/v1/stock/adjustments", new { location = world.Places["S1"].ToString(), cause, lines = new[] { new { sku = "A00", counted } } })).Status);
        var open = await world.Http.FetchAsync("/v1/stock/shortfalls");
        await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, [world.Take("A00", "S1", 10)], "more"));
        var after = await world.Http.FetchAsync("/v1/stock/shortfalls");

        var events = await world.Caravan.EventsAsync(world.Owner);
        Assert.Equal([3, 6], events.Where(one => one.Type == ShortfallEvent.Type).Select(one => ShortfallEvent.Of(one).Quantity));
        Assert.Equal(4, open.Body.GetProperty("items")[0].GetProperty("quantity").GetInt32());
        Assert.Equal(0, after.Body.GetProperty("items").GetArrayLength());
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task The_audit_names_a_cell_that_was_tampered_with()
    {
        await using var world = await StockWorld.StartAsync();
        await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, [world.Take("A00", "S1", 10)], "opening"));
        await world.WriteAsync(tx => tx.ExecuteAsync("UPDATE stock_cells SET on_hand = on_hand + 1 WHERE tenant = @owner", new { owner = world.Owner }));

        var differences = await world.AuditAsync();

        Assert.Contains(differences, one => one.Contains("on hand is 11 and should be 10", StringComparison.Ordinal));
        Assert.Contains(differences, one => one.Contains("sellable is 10 and should be 11", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Eighty_thousand_cells_are_received_in_one_go()
    {
        await using var world = await StockWorld.StartAsync();
        LocationId[] locations = [.. Enumerable.Range(0, 80).Select(_ => LocationId.New(world.Now))];
        ItemId[] items = [.. Enumerable.Range(0, 1000).Select(_ => ItemId.New(world.Now))];
        StockTake[] goods = [.. from location in locations from item in items select new StockTake(world.Owner, item, location, 5)];

        var watch = Stopwatch.StartNew();
        await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, goods, "opening"));
        TestContext.Current.TestOutputHelper!.WriteLine($"received in {watch.ElapsedMilliseconds} ms");
        await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, goods, "opening"));
        watch.Restart();
        await world.WriteAsync(async tx =>
        {
            for (var i = 0; i < 5_000; i++)
                await world.Book.ReserveAsync(tx, [goods[i], goods[i + 20_000]], $"ful_{i}");
        });
        TestContext.Current.TestOutputHelper!.WriteLine($"5,000 reservations of two lines in {watch.ElapsedMilliseconds} ms");

        Assert.Empty(await world.AuditAsync());
        Assert.Equal(80, (await world.Caravan.Store.ReadAsync(db => world.Book.CellsAsync(db, [(world.Owner, items[0])], world.Now), TestCaravan.Cancel)).Count);
    }
}
