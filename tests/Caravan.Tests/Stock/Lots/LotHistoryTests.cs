using Caravan.Platform.Storage;
using Caravan.Stock;
using Caravan.Stock.Lots;
using Caravan.Tests.Platform;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Stock.Lots;

/// <summary>Random histories of one item at two places against a naive book of lots, and holds that race with picks.</summary>
public sealed class LotHistoryTests
{
    private static readonly string[] Codes = ["A", "B", "C", "D"];

    private sealed record Act(int Kind, int Code, int Quantity, int Days);

    private sealed record Open(string Cause, FulfilmentId Fulfilment, StockTake Take)
    {
        public bool IsPicked { get; init; }
    }

    [Fact]
    public async Task Random_histories_of_lots_keep_the_books_and_pick_what_a_naive_book_would()
    {
        await using var world = await StockWorld.StartAsync();
        var acts = from kind in Gen.Elements(0, 1, 2, 0, 1, 2, 3, 4, 3, 4, 5, 6, 7, 5, 6, 7, 8, 9, 8, 10, 11, 12, 13) from code in Gen.Choose(0, 3) from quantity in Gen.Choose(1, 5) from days in Gen.Choose(0, 6) select new Act(kind, code, quantity, days);
        var round = 0;
        var picks = 0;

        foreach (var history in acts.ListOf(30).Sample(30, 30))
        {
            round++;
            var step = 0;
            List<Open> open = [];
            List<Open> gone = [];
            foreach (var act in history)
            {
                world.Caravan.Clock.Advance(TimeSpan.FromMinutes(7));
                picks += await DoAsync(world, act, $"h{round}s{step++}", open, gone) ? 1 : 0;
            }

            var told = $"History {round}: {string.Join("; ", history)}";
            var differences = await world.AuditAsync();
            Assert.True(differences.Count == 0, $"{told}\n{string.Join("\n", differences)}");
            Assert.True(await world.CountAsync("SELECT COUNT(*) FROM stock_lot_picks WHERE picked > 0") == await TracedAsync(world), told);
            foreach (var one in open)
                await EndAsync(world, one);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{picks} picks were held against the naive book");
        Assert.True(picks > 20);
        Assert.Empty(await world.AuditAsync());
        Assert.Equal(0, await world.CountAsync("SELECT SUM(picked) FROM stock_lots"));
    }

    [Fact]
    public async Task Nothing_is_picked_of_a_lot_after_it_is_held_and_all_of_it_is_somewhere()
    {
        await using var world = await StockWorld.StartAsync();
        await world.ReceiveLotsAsync("A00", "S1", "note", 60, world.Lot("L1", 30, 2), world.Lot("L2", 30, 9));
        await world.ReserveAsync("ful_all", world.Take("A00", "S1", 60));
        var lot = (await world.LotsAsync("A00", "S1"))["L1"];

        var pickers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 15; i++)
                await world.PickAsync(world.Take("A00", "S1", 1), world.Claim(world.NewFulfilment()));
        }, TestCaravan.Cancel)).ToList();
        var holder = Task.Run(async () =>
        {
            while ((await world.LotsAsync("A00", "S1"))["L1"].Picked < 5)
                await Task.Yield();
            await world.ActAsync(lot, "hold", new { reason = "recall" });
        }, TestCaravan.Cancel);
        await Task.WhenAll([holder, .. pickers]);

        var after = await world.LotsAsync("A00", "S1");
        var hold = await world.CountAsync("SELECT held_delta FROM stock_lot_movements WHERE kind = 'Hold'");
        Assert.Equal(30 - after["L1"].Picked, hold); // What was held then is what is left: none was picked since.
        Assert.Equal(hold, after["L1"].Held);
        Assert.Equal(after["L1"].Picked, await world.CountAsync("SELECT SUM(p.picked) FROM stock_lot_picks p JOIN stock_lots l ON l.tenant = p.tenant AND l.id = p.lot WHERE l.code = 'L1'"));
        Assert.Empty(await world.AuditAsync());
    }

    // Each row of the trace names a lot that is in a tote.
    private static Task<long> TracedAsync(StockWorld world) =>
        world.CountAsync("SELECT COUNT(*) FROM stock_lot_picks p JOIN stock_lots l ON l.tenant = p.tenant AND l.id = p.lot WHERE p.picked > 0 AND p.picked <= l.picked");

    private static async Task<bool> DoAsync(StockWorld world, Act act, string cause, List<Open> open, List<Open> gone)
    {
        const string Place = "S1";
        var code = Codes[act.Code];
        var take = world.Take("A00", Place, act.Quantity);
        var reserved = open.FindIndex(one => !one.IsPicked);
        var picked = open.FindIndex(one => one.IsPicked);
        switch (act.Kind)
        {
            case 0 or 1 or 2:
                // The same code with another day is refused, and changes nothing.
                Assert.Contains((await world.ReceiveLotsAsync("A00", Place, cause, act.Quantity + (act.Days % 2), world.Lot($"{code}{act.Days}", act.Quantity, act.Days))).Status, (int[])[200, 400]);
                break;
            case 3 or 4:
                if (await world.ReserveAsync(cause, take) is ReserveOutcome.Reserved)
                    open.Add(new Open(cause, world.NewFulfilment(), take));
                break;
            case 5 or 6 or 7 when reserved >= 0:
                return await PickAsync(world, open, reserved, act);
            case 8 when picked >= 0:
                await TwiceAsync(world, tx => world.Book.ShipAsync(tx, [open[picked].Take], $"ship {cause}", world.Claim(open[picked].Fulfilment)));
                gone.Add(open[picked]);
                open.RemoveAt(picked);
                break;
            case 9 when picked >= 0:
                await EndAsync(world, open[picked]);
                open.RemoveAt(picked);
                break;
            case 10 when gone.Count > 0:
                await TwiceAsync(world, tx => world.Book.ReturnAsync(tx, [gone[^1].Take], $"return {cause}", act.Quantity % 2 == 0, world.Claim(gone[^1].Fulfilment)));
                gone.RemoveAt(gone.Count - 1);
                break;
            case 10 when reserved >= 0:
                await TwiceAsync(world, tx => world.Book.WriteOffAsync(tx, [open[reserved].Take], $"short {cause}", world.Claim(open[reserved].Fulfilment)));
                open.RemoveAt(reserved);
                break;
            case 11:
                foreach (var lot in (await world.LotsAsync("A00", Place)).Values.Skip(act.Code).Take(1))
                    await world.ActAsync(lot, lot.HoldReason is null ? "hold" : "release", lot.HoldReason is null ? new { reason = "quality" } : null);
                break;
            case 12:
                await world.Http.SubmitAsync("/v1/stock/adjustments", new { location = world.Places[Place].ToString(), cause, lines = new[] { act.Days % 2 == 0 ? (object)new { sku = "A00", counted = act.Quantity * 4 } : new { sku = "A00", change = -act.Quantity } } });
                break;
            case 13:
                world.Caravan.Clock.Advance(TimeSpan.FromHours(act.Days * 5));
                await world.ExpireAsync();
                break;
        }

        return false;
    }

    private static async Task<bool> PickAsync(StockWorld world, List<Open> open, int at, Act act)
    {
        var one = open[at];
        var cell = (await world.CellAsync("A00", "S1"))!;
        var lots = await world.LotsAsync("A00", "S1");
        var claim = world.Claim(one.Fulfilment, dueHours: act.Days * 8);
        if (await world.PickAsync(one.Take, claim, $"pick {one.Cause}") is { } refusal)
        {
            // Then there are packs that may not go, and too few that may.
            Assert.Equal(LotFault.NoneGood, refusal.Fault);
            Assert.True(refusal.Left < one.Take.Quantity);
            return true;
        }

        open[at] = one with { IsPicked = true };
        var packs = lots.Values
            .Where(lot => lot.HoldReason is null && !(lot.SellUntil <= world.Now) && !(lot.SellUntil <= claim.DueAt))
            .SelectMany(lot => Enumerable.Repeat(lot, Math.Max(0, lot.OnHand - lot.Picked - lot.Returned)))
            .OrderBy(lot => lot.ExpiresOn).ThenBy(lot => lot.ReceivedAt).ThenBy(lot => lot.Code, StringComparer.Ordinal)
            .Take(one.Take.Quantity).CountBy(lot => lot.Code).ToDictionary();
        var after = await world.LotsAsync("A00", "S1");
        var taken = after.Values.Select(lot => (lot.Code, Units: lot.Picked - lots[lot.Code].Picked)).Where(lot => lot.Units != 0).ToDictionary(lot => lot.Code, lot => lot.Units);
        Assert.Equal(packs, taken);
        Assert.True(cell.Reserved >= one.Take.Quantity);
        return true;
    }

    private static async Task EndAsync(StockWorld world, Open one)
    {
        if (one.IsPicked)
            await TwiceAsync(world, tx => world.Book.PutBackAsync(tx, [one.Take], $"back {one.Cause}", world.Claim(one.Fulfilment)));
        await TwiceAsync(world, tx => world.Book.ReleaseAsync(tx, [one.Take], one.Cause));
    }

    private static async Task TwiceAsync(StockWorld world, Func<Tx, Task> write)
    {
        await world.Caravan.Services.GetRequiredService<LotExpiry>().RunOnceAsync(isRecheck: false, TestCaravan.Cancel); // Or the server's own may come in between.
        await world.WriteAsync(write);
        var once = await StateAsync(world);
        await world.WriteAsync(write);
        Assert.Equal(once, await StateAsync(world));
    }

    private static async Task<string> StateAsync(StockWorld world) =>
        $"{await world.CellAsync("A00", "S1")} {string.Join("; ", (await world.LotsAsync("A00", "S1")).Values)} {await world.CountAsync("SELECT SUM(picked) + 1000 * SUM(shipped) + 1000000 * SUM(returned) FROM stock_lot_picks")}";
}
