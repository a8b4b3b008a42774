using System.Text.Json;
using Caravan.Stock;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Stock;

/// <summary>The audit that runs by itself, and days of the ledger that are closed.</summary>
public sealed class StockAuditTests
{
    private static readonly TimeSpan OpenPeriod = TimeSpan.FromDays(3);

    [Fact]
    public async Task A_closed_day_lies_in_the_balances_and_can_still_be_read()
    {
        await using var world = await StockWorld.StartAsync();
        await FillAsync(world);
        var before = await LedgerAsync(world);

        world.Caravan.Clock.Advance(OpenPeriod);
        await world.WriteAsync(tx => world.Book.ShipAsync(tx, [world.Take("A00", "S1", 1)], "ship 2"));
        await RunAsync(world);

        Assert.Equal(1, await CountAsync(world, "stock_movements"));
        Assert.Equal(before.Count, await CountAsync(world, "stock_movements_closed"));
        Assert.Equal(before, (await LedgerAsync(world))[1..]);
        Assert.Empty(await world.AuditAsync());
        Assert.Equal("2026-11-05T00:00:00+00:00", (await AuditAsync(world)).GetProperty("closedUntil").GetString());
    }

    [Fact]
    public async Task What_was_done_in_a_closed_day_is_not_done_again_by_its_cause()
    {
        await using var world = await StockWorld.StartAsync();
        await FillAsync(world);
        world.Caravan.Clock.Advance(OpenPeriod);
        await RunAsync(world);
        var before = (await world.CellAsync("A00", "S1"))!;

        await FillAsync(world);

        Assert.Equal(before, await world.CellAsync("A00", "S1"));
        Assert.Equal(0, await CountAsync(world, "stock_movements"));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task Past_its_keeping_the_ledger_forgets_orders_and_feeds_but_no_cause_from_outside()
    {
        await using var world = await StockWorld.StartAsync();
        await FillAsync(world);
        world.Caravan.Clock.Advance(OpenPeriod);
        await RunAsync(world);
        var before = (await world.CellAsync("A00", "S1"))!;

        world.Caravan.Clock.Advance(TimeSpan.FromDays(400));
        await RunAsync(world);
        var kinds = (await LedgerAsync(world)).Select(line => line.Kind).Distinct().Order().ToList();
        await ReceiveAsync(world);

        Assert.Equal(["adjust", "receive", "return"], kinds);
        Assert.Equal(before.OnHand, (await world.CellAsync("A00", "S1"))!.OnHand);
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task A_line_that_a_wrong_clock_dates_back_into_a_closed_day_counts_all_the_same()
    {
        await using var world = await StockWorld.StartAsync();
        await FillAsync(world);
        world.Caravan.Clock.Advance(OpenPeriod);
        await RunAsync(world);

        world.Caravan.Clock.Advance(-OpenPeriod);
        await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, [world.Take("A00", "S1", 7)], "late"));
        world.Caravan.Clock.Advance(OpenPeriod);
        var open = await world.AuditAsync();
        world.Caravan.Clock.Advance(TimeSpan.FromDays(1));
        await RunAsync(world);

        Assert.Empty(open);
        Assert.Equal(0, await CountAsync(world, "stock_movements"));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task A_figure_from_before_a_closed_day_is_brought_up_by_what_happened_in_it()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync();
        var asOf = world.Now.AddMinutes(-1);
        await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, [world.Take("A00", "S1", 5)], "delivery"));
        world.Caravan.Clock.Advance(OpenPeriod);
        await RunAsync(world);

        Assert.Equal(200, (await world.SnapshotAsync(feed, asOf, ("S1", "A00", 100))).Status);

        // 100 lay there before the 5 came.
        Assert.Equal(105, await world.OnHandAsync("A00", "S1"));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task A_difference_is_named_to_its_owner_alone_until_it_is_mended()
    {
        await using var world = await StockWorld.StartAsync();
        await FillAsync(world);
        await TamperAsync(world, 1);
        await RunAsync(world);
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(1));
        await RunAsync(world);
        var wrong = await AuditAsync(world);
        var others = (await world.Stranger.FetchAsync("/v1/stock/audit")).Body;

        await TamperAsync(world, -1);
        await RunAsync(world);
        var right = await AuditAsync(world);

        var named = wrong.GetProperty("differences").EnumerateArray().ToDictionary(one => one.GetProperty("what").GetString()!, one => (one.GetProperty("isNow").GetInt32(), one.GetProperty("shouldBe").GetInt32()));
        Assert.Equal((15, 14), named["on hand"]);
        Assert.Equal(2, wrong.GetProperty("differencesInAll").GetInt32()); // What is sellable no longer follows either.
        Assert.All(wrong.GetProperty("differences").EnumerateArray(), one => Assert.Equal(world.Items["A00"].ToString(), one.GetProperty("item").GetString()));
        Assert.True(wrong.GetProperty("differences")[0].GetProperty("since").GetDateTimeOffset() < wrong.GetProperty("lastRound").GetProperty("finishedAt").GetDateTimeOffset());
        Assert.Equal(0, others.GetProperty("differencesInAll").GetInt32());
        Assert.Equal((0, 2), (right.GetProperty("differencesInAll").GetInt32(), right.GetProperty("lastRound").GetProperty("cells").GetInt32()));
    }

    [Fact]
    public async Task Movements_without_a_cell_are_named_also_behind_the_last_cell()
    {
        await using var world = await StockWorld.StartAsync();
        await FillAsync(world);
        await world.WriteAsync(tx => tx.ExecuteAsync("DELETE FROM stock_cells WHERE tenant = @owner", new { owner = world.Owner }));

        await RunAsync(world);

        Assert.Equal(["cells", "cells"], (await AuditAsync(world)).GetProperty("differences").EnumerateArray().Select(one => one.GetProperty("what").GetString()));
    }

    [Fact]
    public async Task Under_load_and_with_two_servers_the_audit_never_names_what_is_right()
    {
        await using var world = await StockWorld.StartAsync();
        await FillAsync(world);
        world.Caravan.Clock.Advance(OpenPeriod);
        var other = ActivatorUtilities.CreateInstance<StockAuditor>(world.Caravan.Services);
        using var done = new CancellationTokenSource();

        var writers = Enumerable.Range(0, 6).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 40; i++)
            {
                var take = world.Take(StockWorld.Sku(i % 3), i % 2 == 0 ? "S1" : "S2", 1);
                await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, [take], $"in {writer} {i}"));
                await world.ReserveAsync($"ful {writer} {i}", take);
                await world.WriteAsync(tx => world.Book.ShipAsync(tx, [take], $"ful {writer} {i}"));
            }
        }, TestCaravan.Cancel)).ToList();
        var rounds = 0;
        while (rounds == 0 || writers.Exists(writer => !writer.IsCompleted))
        {
            await Task.WhenAll(RunAsync(world), other.RunOnceAsync(isNow: true, TestCaravan.Cancel));
            rounds++;
            Assert.Equal(0, (await AuditAsync(world)).GetProperty("differencesInAll").GetInt32());
        }

        await Task.WhenAll(writers);
        TestContext.Current.TestOutputHelper!.WriteLine($"{rounds} rounds beside 720 movements");
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task It_runs_by_itself()
    {
        await using var world = await StockWorld.StartAsync();
        await FillAsync(world);
        await TamperAsync(world, 1);

        JsonElement audit;
        do
        {
            world.Caravan.Clock.Advance(TimeSpan.FromSeconds(10));
            audit = await AuditAsync(world);
        }
        while (!audit.TryGetProperty("lastRound", out _));

        Assert.Equal(2, audit.GetProperty("differencesInAll").GetInt32());
    }

    // At S1 20 came, 3 of 5 that were reserved went, 1 came back, 4 broke: 14 are left.
    private static async Task FillAsync(StockWorld world)
    {
        await ReceiveAsync(world);
        await world.ReserveAsync("ful_1", world.Take("A00", "S1", 5));
        await world.WriteAsync(async tx =>
        {
            await world.Book.PickAsync(tx, [world.Take("A00", "S1", 3)], "ful_1");
            await world.Book.ShipAsync(tx, [world.Take("A00", "S1", 3)], "ful_1");
            await world.Book.ReturnAsync(tx, [world.Take("A00", "S1", 1)], "ret_1", isRestocked: true);
            await world.Book.ReceiveAsync(tx, [world.Take("A00", "S2", 3)], "bulk");
        });
        Assert.Equal(200, (await world.Http.SubmitAsync("/v1/stock/adjustments", new { location = world.Places["S1"].ToString(), cause = "broken", lines = new[] { new { sku = "A00", change = -4 } } })).Status);
    }

    private static async Task ReceiveAsync(StockWorld world) =>
        Assert.Equal(200, (await world.Http.SubmitAsync("/v1/stock/receipts", new { location = world.Places["S1"].ToString(), cause = "note", lines = new[] { new { sku = "A00", quantity = 20 } } })).Status);

    private static Task TamperAsync(StockWorld world, int by) => world.WriteAsync(tx =>
        tx.ExecuteAsync("UPDATE stock_cells SET on_hand = on_hand + @by WHERE tenant = @owner AND item = @item AND location = @place", new { owner = world.Owner, item = world.Items["A00"], place = world.Places["S1"], by }));

    private static Task RunAsync(StockWorld world) => world.Caravan.Services.GetRequiredService<StockAuditor>().RunOnceAsync(isNow: true, TestCaravan.Cancel);

    private static async Task<JsonElement> AuditAsync(StockWorld world) => (await world.Http.FetchAsync("/v1/stock/audit")).Body;

    private static Task<int> CountAsync(StockWorld world, string table) => world.Caravan.Store.ReadAsync(db => db.ValueAsync<int>($"SELECT COUNT(*) FROM {table}"), TestCaravan.Cancel);

    private static async Task<List<(string Id, string Kind)>> LedgerAsync(StockWorld world) =>
        [.. (await world.Http.FetchAsync("/v1/stock/movements?limit=200")).Body.GetProperty("items").EnumerateArray().Select(line => (line.GetProperty("id").GetString()!, line.GetProperty("kind").GetString()!))];
}
