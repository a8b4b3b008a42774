using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Orders.Desk;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Orders.Supplies;

/// <summary>
/// What becomes of dated supply, and with it of the orders that wait for it. What has come is the waiting orders' before anybody else
/// sees it, in one transaction, shared out by the owner's allocation rule; who loses supply that slips or is cut waits for other supply,
/// or is marked at risk until there is some.
/// </summary>
internal sealed class SupplyDesk(StockBook stock, BackOrdering waiting, BasketReader baskets, NetworkMap map, NodeLoads loads, Outbox outbox)
{
    private static readonly HashSet<LocationId> Nowhere = [];

    /// <summary>New supply: who waits without any is given of it first.</summary>
    public async Task<Supply> AddAsync(Tx tx, Supply supply, CancellationToken cancel)
    {
        await SupplyStore.InsertAsync(tx, supply);
        return await CoverAsync(tx, supply, cancel);
    }

    /// <summary>It comes at another time, or more or less of it does.</summary>
    public async Task<Supply> ChangeAsync(Tx tx, Supply supply, int quantity, DateTimeOffset expectedAt, CancellationToken cancel)
    {
        var (reserved, concerned) = await ShrinkAsync(tx, supply, quantity - supply.Received);
        var after = supply with { Quantity = quantity, ExpectedAt = expectedAt, Reserved = reserved };
        await SupplyStore.UpdateAsync(tx, after);
        if (expectedAt != supply.ExpectedAt)
            concerned.UnionWith((await SupplyStore.WaitingAsync(tx, supply.Owner, supply.Item, supply.Id, isWithNone: false)).Select(one => one.Order));
        await RedateAsync(tx, supply.Owner, concerned, cancel);
        return await CoverAsync(tx, after, cancel);
    }

    /// <summary>It does not come: whoever waited for it waits for other supply, or is at risk.</summary>
    public async Task<Supply> CancelAsync(Tx tx, Supply supply, CancellationToken cancel)
    {
        var (_, concerned) = await ShrinkAsync(tx, supply, 0);
        var after = supply with { Reserved = 0, State = SupplyState.Cancelled, ClosedAt = tx.Now };
        await SupplyStore.UpdateAsync(tx, after);
        await RedateAsync(tx, supply.Owner, concerned, cancel);
        return after;
    }

    /// <summary>Units of it have come; with <paramref name="isLast"/> no more will. A cause that was told before changes nothing.</summary>
    public async Task<Supply> ReceiveAsync(Tx tx, Supply supply, int units, string cause, bool isLast, CancellationToken cancel)
    {
        var goods = new StockTake(supply.Owner, supply.Item, supply.Location, units);
        var receipt = $"supply:{supply.Id}:{cause}";
        if (await stock.IsReceivedAsync(tx, goods, receipt))
            return supply;

        await stock.ReceiveAsync(tx, [goods], receipt);
        var (given, rest) = await GiveAsync(tx, supply, units, cancel);
        var toCome = isLast ? 0 : supply.Quantity - supply.Received - units;
        var (reserved, concerned) = await ShrinkAsync(tx, rest, toCome);
        concerned.UnionWith(given);
        var after = supply with { Received = supply.Received + units, Reserved = reserved, State = toCome == 0 ? SupplyState.Received : SupplyState.Expected, ClosedAt = toCome == 0 ? tx.Now : null };
        await SupplyStore.UpdateAsync(tx, after);
        await RedateAsync(tx, supply.Owner, concerned, cancel);
        return after;
    }

    /// <summary>Works out anew when orders are complete and whether they are at risk; says so where it has changed.</summary>
    public async Task RedateAsync(Tx tx, PartnerId seller, IReadOnlyCollection<OrderId> orders, CancellationToken cancel)
    {
        foreach (var id in orders.Order())
        {
            var order = (await OrderStore.FindAsync(tx, seller, id))!; // It waits, so it is there.
            var waits = order.BackOrders.Where(part => part.Waiting > 0).ToList();
            var promisedAt = await PromisedAsync(tx, order, waits, cancel) ?? order.PromisedAt;
            var isAtRisk = await OrderRisk.IsAtRiskAsync(tx, order);
            if (promisedAt != order.PromisedAt)
            {
                await OrderStore.SetPromisedAsync(tx, seller, id, promisedAt);
                await TellAsync(tx, order, OrderEvent.Rescheduled);
            }

            await OrderRisk.SetAsync(tx, outbox, order, isAtRisk);
            await TellAsync(tx, order, OrderEvent.Changed);
        }
    }

    // The last of what is there already, and of what waits; what waits for nothing has no time of its own.
    private async Task<DateTimeOffset?> PromisedAsync(Tx tx, Order order, List<BackOrder> waits, CancellationToken cancel)
    {
        if (waits.Count == 0)
            return null;

        var lines = order.Lines.Where(line => waits.Exists(part => part.Line == line.Line)).ToList();
        var station = order.Station is { } at ? (await map.CurrentAsync(cancel)).Find(at) : null;
        var facts = await baskets.FactsAsync(tx, new Basket(order.Seller, [], order.Destination, order.Station) { Channel = order.Channel }, lines, station, Nowhere, tx.Now, cancel);
        var supplies = (await SupplyStore.OpenAsync(tx, order.Seller, [.. lines.Select(line => line.Item)])).ToDictionary(supply => supply.Id);
        var times = order.Fulfilments.Where(one => one.Allocations.Any(allocation => allocation.Open > 0)).Select(one => one.DueAt).ToList();
        foreach (var part in waits)
        {
            if (part.Supply is { } id && supplies.TryGetValue(id, out var supply) && waiting.PromiseOf(facts, supply, order.Lines[part.Line - 1], order.Service, supply.ExpectedAt) is { } promise)
                times.Add(promise);
            else
                times.Add(order.PromisedAt);
        }

        return times.Max();
    }

    // Who waits for nothing is given of what is free, in the rule's order.
    private async Task<Supply> CoverAsync(Tx tx, Supply supply, CancellationToken cancel)
    {
        var orphans = (await SupplyStore.WaitingAsync(tx, supply.Owner, supply.Item, default, isWithNone: true)).ToList();
        if (orphans.Count == 0 || supply.Free == 0)
            return supply;

        var covered = 0;
        HashSet<OrderId> concerned = [];
        foreach (var (claimant, given) in Allotment.Share(await AllocationStore.OfAsync(tx, supply.Owner), orphans.Select(one => ClaimantOf(supply.Owner, one)), supply.Free).Where(one => one.Given > 0))
        {
            await SupplyStore.MoveAsync(tx, supply.Owner, claimant.Order, claimant.Line, null, supply.Item, -given);
            await SupplyStore.MoveAsync(tx, supply.Owner, claimant.Order, claimant.Line, supply.Id, supply.Item, given);
            covered += given;
            concerned.Add(claimant.Order);
        }

        await SupplyStore.ReserveAsync(tx, supply.Owner, supply.Id, covered);
        await RedateAsync(tx, supply.Owner, concerned, cancel);
        return supply with { Reserved = supply.Reserved + covered };
    }

    /// <summary>Shares what has come out to who waits for this supply or for none, reserves it at its location and gives it to the node.</summary>
    private async Task<(IEnumerable<OrderId> Orders, Supply Left)> GiveAsync(Tx tx, Supply supply, int units, CancellationToken cancel)
    {
        var waits = await SupplyStore.WaitingAsync(tx, supply.Owner, supply.Item, supply.Id, isWithNone: true);
        var wanted = waits.Sum(one => one.Waiting);
        if (wanted == 0)
            return ([], supply);

        // Goods that were short at the location are covered first.
        var reserved = await stock.ReserveArrivedAsync(tx, new StockTake(supply.Owner, supply.Item, supply.Location, Math.Min(units, wanted)), $"supply {supply.Id} {Guid.CreateVersion7():N}");
        var claimants = waits.GroupBy(one => (one.Order, one.Line)).Select(line => ClaimantOf(supply.Owner, line.First()) with { Units = line.Sum(one => one.Waiting) });
        var shares = Allotment.Share(await AllocationStore.OfAsync(tx, supply.Owner), claimants, reserved).Where(one => one.Given > 0).ToList();
        var released = 0;
        foreach (var (claimant, given) in shares)
        {
            var own = Math.Min(given, waits.Where(one => one.Order == claimant.Order && one.Line == claimant.Line && one.Supply == supply.Id).Sum(one => one.Waiting));
            if (own > 0)
                await SupplyStore.MoveAsync(tx, supply.Owner, claimant.Order, claimant.Line, supply.Id, supply.Item, -own);
            if (given > own)
                await SupplyStore.MoveAsync(tx, supply.Owner, claimant.Order, claimant.Line, null, supply.Item, own - given);
            released += own;
        }

        await SupplyStore.ReserveAsync(tx, supply.Owner, supply.Id, -released);
        foreach (var ofOrder in shares.GroupBy(one => one.Claimant.Order))
            await FulfilAsync(tx, supply, ofOrder.Key, [.. ofOrder.Select(one => (one.Claimant.Line, one.Given))], cancel);
        return (shares.Select(one => one.Claimant.Order).Distinct(), supply with { Reserved = supply.Reserved - released });
    }

    private async Task FulfilAsync(Tx tx, Supply supply, OrderId id, IReadOnlyList<(int Line, int Units)> lines, CancellationToken cancel)
    {
        var order = (await OrderStore.FindAsync(tx, supply.Owner, id))!; // It waited, so it is there.
        var node = (await map.CurrentAsync(cancel)).Find(supply.Location)!; // Supply is only announced for locations that are there, and none is deleted.
        var opens = node.Hours.NextOpen(tx.Now)?.From ?? tx.Now;
        var plan = new PlanNode(
            node,
            (opens > tx.Now ? opens : tx.Now).AddMinutes(node.HandlingMinutes),
            order.PromisedAt,
            GreatCircle.Metres(node.Point, order.Destination),
            0,
            [.. lines.Select(line => new PlanTake(line.Line, supply.Owner, supply.Item, line.Units, SharePercent: 100))]);
        var fulfilment = OrderMaker.FulfilmentOf(id, plan, order.PromisedAt, tx.Now);
        await OrderRows.InsertAsync(tx, [(order.Seller, fulfilment)]);
        if (order.IsToBeWorkedOn)
            await outbox.AddAsync(tx, [DeskBatch.FulfilmentEventOf(order.Seller, fulfilment)]);
        loads.CountAfterCommit(tx, [fulfilment]);
    }

    // Fewer are to come than are waited for: the last in turn wait for other supply, the earliest first, or for any.
    private static async Task<(int Reserved, HashSet<OrderId> Concerned)> ShrinkAsync(Tx tx, Supply supply, int keep)
    {
        HashSet<OrderId> concerned = [];
        if (supply.Reserved <= keep)
            return (supply.Reserved, concerned);

        var waits = await SupplyStore.WaitingAsync(tx, supply.Owner, supply.Item, supply.Id, isWithNone: false);
        await SupplyStore.ReserveAsync(tx, supply.Owner, supply.Id, keep - supply.Reserved);
        var others = (await SupplyStore.OpenAsync(tx, supply.Owner, [supply.Item])).Where(other => other.Id != supply.Id && other.Free > 0).ToList();
        foreach (var (claimant, given) in Allotment.Share(await AllocationStore.OfAsync(tx, supply.Owner), waits.Select(one => ClaimantOf(supply.Owner, one)), keep))
        {
            var lost = claimant.Units - given;
            if (lost == 0)
                continue;

            concerned.Add(claimant.Order);
            await SupplyStore.MoveAsync(tx, supply.Owner, claimant.Order, claimant.Line, supply.Id, supply.Item, -lost);
            for (var i = 0; i < others.Count && lost > 0; i++)
            {
                var units = Math.Min(lost, others[i].Free);
                if (units == 0)
                    continue;

                await SupplyStore.MoveAsync(tx, supply.Owner, claimant.Order, claimant.Line, others[i].Id, supply.Item, units);
                await SupplyStore.ReserveAsync(tx, supply.Owner, others[i].Id, units);
                others[i] = others[i] with { Reserved = others[i].Reserved + units };
                lost -= units;
            }

            if (lost > 0)
                await SupplyStore.MoveAsync(tx, supply.Owner, claimant.Order, claimant.Line, null, supply.Item, lost);
        }

        return (keep, concerned);
    }

    private Task TellAsync(Tx tx, Order order, string what) =>
        outbox.AddAsync(tx, order.Seller, what, order.Id.ToString(), new OrderEvent(order.Id, order.Number), OrderJson.Default.OrderEvent);

    private static Claimant ClaimantOf(PartnerId seller, WaitingUnits one) => new(seller, one.Channel, one.Order, one.Line, one.PlacedAt, one.PromisedAt, one.Waiting);
}
