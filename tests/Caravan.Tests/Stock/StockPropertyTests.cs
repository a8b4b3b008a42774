using System.Text;
using Caravan.Platform.Storage;
using Caravan.Stock;
using Caravan.Tests.Platform;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Tests.Stock;

public sealed class StockPropertyTests
{
    private static readonly string[] Skus = ["A00", "A01"];
    private static readonly string[] Places = ["S1", "S2"];

    // What a history is made of: an act (which, on which cell, of how many, how far in the past).
    private sealed record Act(int Kind, int Sku, int Place, int Quantity, int MinutesAgo);

    [Fact]
    public async Task Random_histories_keep_the_books_and_replays_change_nothing()
    {
        await using var world = await StockWorld.StartAsync();
        var gross = await world.AddFeedAsync(new { name = "gross", itemCodes = "sku", breakerPercent = 100, buffer = 1 });
        var net = await world.AddFeedAsync(new { name = "net", itemCodes = "sku", breakerPercent = 100, isNetOfOrders = true });
        var histories = ActGen().ListOf(25).Sample(25, 40);
        var round = 0;

        foreach (var history in histories)
        {
            round++;
            Dictionary<(string, string), List<(string Cause, StockTake Take)>> reserved = [];
            var step = 0;
            foreach (var act in history)
            {
                world.Caravan.Clock.Advance(TimeSpan.FromSeconds(7));
                await DoAsync(world, gross, net, act, $"r{round}s{step++}", reserved);
            }

            var told = $"History {round}: {string.Join("; ", history)}";
            var differences = await world.AuditAsync();
            Assert.True(differences.Count == 0, $"{told}\n{string.Join("\n", differences)}");
            Assert.True(await world.Caravan.Store.ReadAsync(db => db.ValueAsync<long>("SELECT COUNT(*) FROM stock_cells WHERE sellable < 0 OR reserved < 0 OR on_hand < 0"), TestCaravan.Cancel) == 0, told);
        }
    }

    [Fact]
    public async Task Snapshots_in_any_order_converge_to_the_newest_figures()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync();
        var start = world.Now;
        var round = 0;
        foreach (var order in Gen.Shuffle((int[])[0, 1, 2, 3, 4]).Sample(5, 12).Prepend([4, 0, 1, 2, 3]))
        {
            // A day apart, so that the rounds do not mix. The newest says 104 for A00 and leaves A01 out.
            world.Caravan.Clock.Advance(TimeSpan.FromDays(1));
            round++;
            var asOf = start.AddDays(round).AddMinutes(-60);
            foreach (var minute in order)
            {
                var lines = new List<(string, string, object?)> { ("S1", "A00", 100 + minute) };
                if (minute != 4)
                    lines.Add(("S1", "A01", 50 + minute));
                Assert.Equal(200, (await world.SnapshotAsync(feed, asOf.AddMinutes(minute), [.. lines])).Status);
            }

            Assert.Equal((104, 0), (await world.OnHandAsync("A00", "S1"), await world.OnHandAsync("A01", "S1")));
        }

        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task Any_text_as_a_file_is_answered_and_never_a_fault_of_ours()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync();
        var piece = Gen.Elements("location", "item", "quantity", "change", "S1", "A00", "7", "-1", "1e9", "\"", "\"\"", ",", ";", "\t", "\n", "\r\n", "\r", "\0", "é", "\uFEFF", "\uD83D\uDE00", "~", "'; DROP TABLE feeds; --", "9999999999999999999", " ");
        var texts = piece.ListOf(40).Select(pieces => string.Concat(pieces)).Sample(40, 150)
            .Concat(piece.ListOf(30).Select(pieces => "location,item,quantity\n" + string.Concat(pieces)).Sample(40, 150));

        foreach (var text in texts)
        {
            var answer = await world.FileAsync(feed, text, text.Length % 2 == 0 ? "" : "&kind=delta");
            Assert.True(answer.Status is 200 or 400, $"{answer.Status} for {Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}");
        }

        Assert.Empty(await world.AuditAsync());
    }

    private static Gen<Act> ActGen() =>
        from kind in Gen.Choose(0, 9)
        from sku in Gen.Choose(0, 1)
        from place in Gen.Choose(0, 1)
        from quantity in Gen.Choose(0, 12)
        from minutes in Gen.Choose(0, 3)
        select new Act(kind, sku, place, quantity, minutes);

    private static async Task DoAsync(StockWorld world, string gross, string net, Act act, string cause, Dictionary<(string, string), List<(string Cause, StockTake Take)>> reserved)
    {
        var (sku, place) = (Skus[act.Sku], Places[act.Place]);
        var take = world.Take(sku, place, act.Quantity + 1);
        var open = reserved.TryGetValue((sku, place), out var known) ? known : reserved[(sku, place)] = [];
        var feed = act.Place == 0 ? gross : net;
        var asOf = world.Now.AddMinutes(-act.MinutesAgo);
        switch (act.Kind)
        {
            case 0:
                await TwiceAsync(world, tx => world.Book.ReceiveAsync(tx, [take], cause));
                break;
            case 1 or 2:
                if (await world.ReserveAsync(cause, take) is ReserveOutcome.Reserved)
                {
                    Assert.IsType<ReserveOutcome.Reserved>(await world.ReserveAsync(cause, take));
                    open.Add((cause, take));
                }

                break;
            case 3 or 4 or 5 when open.Count > 0:
                var (of, reservedTake) = open[^1];
                open.RemoveAt(open.Count - 1);
                if (act.Kind == 4 && act.Quantity % 2 == 0)
                    await TwiceAsync(world, tx => world.Book.PickAsync(tx, [reservedTake], of));
                await TwiceAsync(world, tx => act.Kind switch
                {
                    3 => world.Book.ReleaseAsync(tx, [reservedTake], of),
                    4 => world.Book.ShipAsync(tx, [reservedTake], of),
                    _ => world.Book.WriteOffAsync(tx, [reservedTake], of),
                });
                break;
            case 6:
                await TwiceAsync(world, tx => world.Book.ReturnAsync(tx, [take], cause, act.Quantity % 2 == 0));
                break;
            case 7 or 8:
                await SendTwiceAsync(world, $"{feed}/snapshots", new { asOf, scope = new { locations = new[] { place } }, lines = new[] { new { location = place, item = sku, quantity = act.Quantity } } });
                break;
            case 9:
                await SendTwiceAsync(world, $"{feed}/deltas", new { asOf, lines = new[] { new { location = place, item = sku, change = act.Quantity - 6 } } });
                break;
        }
    }

    private static async Task TwiceAsync(StockWorld world, Func<Tx, Task> write)
    {
        await world.WriteAsync(write);
        var once = await StateAsync(world);
        await CloseAsync(world);
        await world.WriteAsync(write);
        Assert.Equal(once, await StateAsync(world));
    }

    // Every other time the whole ledger is closed in between, so that what is repeated is looked for in closed periods too.
    private static async Task CloseAsync(StockWorld world)
    {
        while (world.Now.Second % 2 == 0 && await world.Caravan.Store.WriteAsync(tx => LedgerPeriods.CloseAsync(tx, world.Owner, tx.Now.AddDays(1)), TestCaravan.Cancel))
        {
            // The next lines.
        }
    }

    private static async Task SendTwiceAsync(StockWorld world, string path, object body)
    {
        Assert.Equal(200, (await world.Http.SubmitAsync(path, body)).Status);
        var once = await StateAsync(world);
        await CloseAsync(world);
        Assert.Equal(200, (await world.Http.SubmitAsync(path, body)).Status);
        Assert.Equal(once, await StateAsync(world));
    }

    private static async Task<string> StateAsync(StockWorld world) => string.Join("; ", (await world.Caravan.Store.ReadAsync(
        db => db.QueryAsync<CellRow>("SELECT item, location, on_hand, reserved, held, sellable, picked FROM stock_cells ORDER BY tenant, item, location"),
        TestCaravan.Cancel)));

    private sealed record CellRow
    {
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public int OnHand { get; init; }
        public int Reserved { get; init; }
        public int Held { get; init; }
        public int Sellable { get; init; }
        public int Picked { get; init; }
    }
}
