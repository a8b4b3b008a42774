using Caravan.Catalog;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Orders.Desk;
using Caravan.Orders.Holds;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Sim;

/// <summary>Those who ask the servers for something: shoppers, and the people who bring, count, price, cancel and pick.</summary>
internal sealed class Customers
{
    private readonly Scheduler scheduler;
    private readonly SimDisk disk;
    private readonly Judge judge;
    private readonly Tally tally;
    private readonly Party party;
    private readonly List<Task> tasks = [];
    private readonly List<(string Number, OrderId Id)> placed = [];
    private readonly List<HoldId> carts = [];
    private readonly Random dice;
    private long price = 1_200;

    public Customers(Scheduler scheduler, SimDisk disk, Judge judge, Tally tally)
    {
        (this.scheduler, this.disk, this.judge, this.tally, dice) = (scheduler, disk, judge, tally, scheduler.Dice);
        party = new Party(scheduler, "clients");
        party.Begin(() =>
        {
            tasks.Add(StockAsync());
            var shoppers = dice.Next(2, 7);
            for (var shopper = 0; shopper < shoppers; shopper++)
                tasks.Add(ShopAsync(shopper));
            tasks.Add(KeepHouseAsync());
            return true;
        });
    }

    public bool AreServed => tasks.TrueForAll(task => task.IsCompleted);

    public string Waiting => $"{tasks.Count(task => !task.IsCompleted)} of {tasks.Count} clients wait";

    /// <summary>Throws what a client has found out.</summary>
    public void Check()
    {
        foreach (var task in tasks)
        {
            if (task.IsFaulted)
                task.GetAwaiter().GetResult();
        }
    }

    /// <summary>After all is at rest every server must say the price and the stock that are stored, however the news reached it.</summary>
    public void LookAtTheEnd(Action go)
    {
        var stored = judge.Value("SELECT price_amount FROM items WHERE sku = 'tea' AND tenant = (SELECT tenant FROM partners WHERE slug = 'chain')");
        foreach (var server in disk.Servers)
        {
            var amount = Ask(server, go, async db => (await server.Get<ItemCatalog>().BySkuAsync(db, Town.Chain, ["tea"]))[0].Price.Amount);
            if (amount != stored)
                throw new ViolationException($"{server.Name} still says that tea costs {amount}; it costs {stored}.");

            foreach (var item in Town.Items)
            {
                var shelf = Ask(server, go, async db => (await server.Get<StockBook>().ShelvesAsync(db, [(item.Owner, item.Id)]))[0]);
                var left = Enumerable.Range(0, shelf.Count).ToDictionary(shelf.LocationAt, shelf.SellableAt);
                foreach (var cell in judge.Cells(item))
                {
                    if (left.GetValueOrDefault(cell.Location) != cell.Sellable)
                        throw new ViolationException($"{server.Name} still says that {left.GetValueOrDefault(cell.Location)} {item.Sku} may be sold from {Town.Places.First(place => place.Id == cell.Location).Code}; it is {cell.Sellable}.");
                }
            }
        }
    }

    private static T Ask<T>(SimServer server, Action go, Func<Db, Task<T>> read)
        where T : notnull
    {
        var said = server.AskAsync(_ => server.Get<Store>().ReadAsync(read, CancellationToken.None));
        while (!said.IsCompleted)
            go();
        return said.GetAwaiter().GetResult();
    }

    private async Task ShopAsync(int shopper)
    {
        var orders = dice.Next(1, 7);
        for (var order = 0; order < orders; order++)
        {
            await scheduler.DelayAsync(party, TimeSpan.FromMilliseconds(dice.Next(200)));
            var number = $"{shopper}-{order}";
            var hasRival = dice.Next(12) == 0;
            DateTimeOffset? payBy = dice.Next(4) == 0 ? SimClock.Start.AddTicks(scheduler.Ticks).AddMilliseconds(dice.Next(100, 4_000)) : null;
            var wish = new Wish(number, $"{number}/a", Lines(), dice.Next(4) == 0 ? DeliveryService.SameDay : DeliveryService.NextDay, hasRival, payBy);
            if (hasRival)
                await Task.WhenAll(PlaceAsync(wish, isAlone: false), PlaceAsync(wish with { Key = $"{number}/b" }, isAlone: false));
            else if (disk.Strikes(Fault.RequestDuplicated, 0.2, disk.Servers[0]))
                await Task.WhenAll(PlaceAsync(wish, isAlone: false), PlaceAsync(wish, isAlone: false));
            else
                await PlaceAsync(wish);
            if (disk.Strikes(Fault.RequestDuplicated, 0.1, disk.Servers[0]))
                await PlaceAsync(wish);
            if (payBy is not null && placed.FindIndex(one => one.Number == number) is >= 0 and var awaiting && dice.Next(4) > 0)
                tasks.Add(PayAsync(placed[awaiting].Id));
        }
    }

    // The money comes in time, at its end, or after it, and perhaps twice.
    private async Task PayAsync(OrderId order)
    {
        await scheduler.DelayAsync(party, TimeSpan.FromMilliseconds(dice.Next(4_500)));
        await Task.WhenAll(Enumerable.Range(0, disk.Strikes(Fault.RequestDuplicated, 0.2, disk.Servers[0]) ? 2 : 1).Select(async _ =>
            judge.Payments.Hear(order, await HearAsync($"pay {order}", (server, tx, _) => server.Get<OrderDesk>().PayAsync(tx, Town.Chain, order, "till 7")))));
    }

    private List<(string, int)> Lines()
    {
        var first = dice.Next(Town.Skus.Length);
        List<(string, int)> lines = [(Town.Skus[first], dice.Next(1, 4))];
        if (dice.Next(2) == 0)
            lines.Add((Town.Skus[(first + 1) % Town.Skus.Length], dice.Next(1, 3)));
        return lines;
    }

    // Asked again and again, of whichever server, until one answers.
    private async Task PlaceAsync(Wish wish, bool isAlone = true)
    {
        var mayBeStored = !isAlone;
        while (true)
        {
            var server = disk.Servers[dice.Next(disk.Servers.Count)];
            var before = judge.AnswerOf(wish.Key);
            mayBeStored |= before is not null;
            tally.Asked++;
            try
            {
                var outcome = await server.AskAsync(one => one.Get<OrderPlacing>().PlaceAsync(wish.Request(Town.Chain, Town.Customer), null, wish.Keyed(Town.Chain), CancellationToken.None), wish.Key);
                disk.Trace($"{server.Name}: {wish}: {Words(outcome)}");
                judge.Hear(wish, outcome, before);
                Count(outcome);
                return;
            }
            catch (Exception fault) when (IsTrouble(fault))
            {
                tally.Unanswered++;
                mayBeStored |= fault is ServerDiedException or StoreOutcomeUnknownException;
                if (!mayBeStored)
                    judge.CheckNotStored(wish, fault);
                disk.Trace($"{server.Name}: {wish}: {fault.GetType().Name}");
                await scheduler.DelayAsync(party, TimeSpan.FromMilliseconds(dice.Next(1, 100)));
            }
        }
    }

    private async Task StockAsync()
    {
        List<StockTake> goods = [.. Town.Shelves.Select(shelf => shelf with { Quantity = dice.Next(1, 7) })];
        await DoAsync("receive the opening stock", (server, tx, _) => server.Get<StockBook>().ReceiveAsync(tx, goods, "opening"));
    }

    private async Task KeepHouseAsync()
    {
        var acts = dice.Next(2, 14);
        for (var act = 0; act < acts; act++)
        {
            await scheduler.DelayAsync(party, TimeSpan.FromMilliseconds(dice.Next(120)));
            var (cause, shelf) = ($"act {act}", Town.Shelves[dice.Next(Town.Shelves.Count)]);
            var quantity = dice.Next(0, 5);
            switch (dice.Next(10))
            {
                case 0:
                    await DoAsync($"receive {quantity + 1}", (server, tx, _) => server.Get<StockBook>().ReceiveAsync(tx, [shelf with { Quantity = quantity + 1 }], cause));
                    break;
                case 1:
                    await DoAsync($"count {quantity}", (server, tx, _) => server.Get<StockBook>().ByHandAsync(tx, StockKey.Of(shelf), MovementKind.Count, quantity, cause));
                    break;
                case 2 or 6:
                    price++;
                    await DoAsync($"price {price}", (server, tx, _) => server.Get<ItemCatalog>().PutAsync(tx, [Town.Items[0] with { Price = Town.Items[0].Price with { Amount = price } }]));
                    break;
                case 3 when placed.Count > 0:
                    var cancelled = placed[dice.Next(placed.Count)].Id;
                    await DoAsync($"cancel {cancelled}", (server, tx, _) => server.Get<OrderDesk>().CancelAsync(tx, Town.Chain, cancelled, null));
                    break;
                case 4 when placed.Count > 0:
                    var picked = placed[dice.Next(placed.Count)].Id;
                    await DoAsync($"hand over {picked}", (server, tx, _) => HandOverAsync(server, tx, picked));
                    break;
                case 7 or 8:
                    var (sku, holdFor) = (Town.Skus[dice.Next(Town.Skus.Length)], TimeSpan.FromMilliseconds(dice.Next(20, 1_500)));
                    await DoAsync($"hold {quantity + 1} {sku} for {holdFor.TotalMilliseconds} ms", (server, tx, _) => HoldAsync(server, tx, sku, quantity + 1, holdFor));
                    break;
                case 9 when carts.Count > 0:
                    var cart = carts[dice.Next(carts.Count)];
                    await DoAsync($"give {cart} back", (server, tx, _) => server.Get<HoldDesk>().ReleaseAsync(tx, Town.Chain, cart));
                    break;
                case 5 when placed.Count > 0:
                    var missed = placed[dice.Next(placed.Count)].Id;
                    await DoAsync($"not on shelf {missed}", (server, tx, isFirst) => MissAsync(server, tx, missed, isFirst));
                    break;
            }
        }
    }

    // A hold that is not acknowledged may be there all the same; it ends by itself.
    private async Task HoldAsync(SimServer server, Tx tx, string sku, int quantity, TimeSpan time)
    {
        var basket = new Basket(Town.Chain, [new BasketLine(sku, null, null, quantity)], Town.Customer, null);
        if (await server.Get<HoldDesk>().HoldAsync(tx, new HoldRequest(basket, null, DeliveryService.NextDay, time), CancellationToken.None) is HoldOutcome.Done done)
            tx.AfterCommit(() => carts.Add(done.Hold.Id));
    }

    private static async Task HandOverAsync(SimServer server, Tx tx, OrderId id)
    {
        var desk = server.Get<OrderDesk>();
        var order = (await desk.FindAsync(tx, Town.Chain, id))!; // It was placed.
        foreach (var fulfilment in order.IsToBeWorkedOn ? order.Fulfilments : [])
        {
            await desk.ReleaseAsync(tx, Town.Chain, fulfilment.Id);
            await desk.PickedAsync(tx, Town.Chain, fulfilment.Id);
            await desk.PackedAsync(tx, Town.Chain, fulfilment.Id);
            await desk.CollectedAsync(tx, Town.Chain, fulfilment.Id);
        }
    }

    private static async Task MissAsync(SimServer server, Tx tx, OrderId id, bool isFirst)
    {
        var desk = server.Get<OrderDesk>();
        var order = (await desk.FindAsync(tx, Town.Chain, id))!; // It was placed.
        var allocation = order.Fulfilments.SelectMany(one => one.Allocations).FirstOrDefault(one => one[LineStatus.Reserved] > 0);
        if (allocation is not null && isFirst && order.IsToBeWorkedOn)
            await desk.ShortAsync(tx, Town.Chain, allocation.Fulfilment, allocation.Line, 1, CancellationToken.None, allocation.Owner);
    }

    // Repeated until it is answered, on whichever server; the cause says that it is the same act.
    private Task DoAsync(string what, Func<SimServer, Tx, bool, Task> act) => HearAsync(what, async (server, tx, isFirst) =>
    {
        await act(server, tx, isFirst);
        return true;
    });

    private async Task<T> HearAsync<T>(string what, Func<SimServer, Tx, bool, Task<T>> act)
        where T : notnull
    {
        tally.OtherActs++;
        for (var isFirst = true; ; isFirst = false)
        {
            var server = disk.Servers[dice.Next(disk.Servers.Count)];
            try
            {
                var done = await server.AskAsync(one => one.Get<Store>().WriteAsync(tx => act(one, tx, isFirst), CancellationToken.None));
                disk.Trace($"{server.Name}: {what}: {(done is PayOutcome outcome ? outcome.GetType().Name : "done")}");
                return done;
            }
            catch (Exception fault) when (IsTrouble(fault))
            {
                disk.Trace($"{server.Name}: {what}: {fault.GetType().Name}");
                await scheduler.DelayAsync(party, TimeSpan.FromMilliseconds(dice.Next(1, 100)));
            }
        }
    }

    private void Count(DeskOutcome outcome)
    {
        if (outcome.Outcome is PlaceOutcome.Placed done)
        {
            tally.Placed++;
            placed.Add((done.Order.Number, done.Order.Id));
        }
        else if (outcome.Kept is not null)
        {
            tally.Replayed++;
        }
        else
        {
            tally.Refused++;
        }
    }

    // What a client may see in a world like this. Anything else is a fault of ours.
    internal static bool IsTrouble(Exception fault) => fault is ServerDiedException or StoreBusyException or StoreOutcomeUnknownException || fault.Message.Contains("simulated", StringComparison.Ordinal);

    private static string Words(DeskOutcome outcome) => outcome switch
    {
        { IsKeyReused: true } => "key reused",
        { Outcome: PlaceOutcome.Placed done } => $"placed {done.Order.Id}",
        { Kept: { } kept } => $"again {kept.Location}",
        { Outcome: PlaceOutcome.Refused refused } => $"refused, {refused.Reason}",
        _ => outcome.Outcome!.GetType().Name, // One of the two is there.
    };
}
