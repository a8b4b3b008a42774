using System.Text.Json;
using Caravan.Delivery;
using Caravan.Network;
using Caravan.Orders.Desk;
using Caravan.Orders.Holds;
using Caravan.Orders.Supplies;
using Caravan.Platform;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;
using Caravan.Stock;
using Caravan.Stock.Lots;

namespace Caravan.Orders;

/// <summary>What happens to an order after it is placed: units move on, are called off, go short and are sourced anew.</summary>
internal sealed class OrderChanging(BasketReader baskets, Planner planner, StockBook stock, HoldDesk holds, DeliveryDesk delivery, DeskQuotas quotas, NetworkMap map, NodeLoads loads, Outbox outbox)
{
    // Those not yet touched are called off first.
    private static readonly LineStatus[] Cancellable = [LineStatus.Reserved, LineStatus.Released, LineStatus.Picked, LineStatus.Packed];

    public async Task<CancelOutcome> CancelAsync(Tx tx, PartnerId seller, OrderId id, IReadOnlyDictionary<int, int>? lines)
    {
        if (await OrderStore.FindAsync(tx, seller, id) is not { } order)
            return new CancelOutcome.Unknown("order");

        var gone = await GoneAsync(tx, order);
        var wanted = lines ?? order.Lines.ToDictionary(line => line.Line, line => OpenOf(order, line.Line, gone).Sum(one => one.Open) + order.UnitsOf(line.Line, LineStatus.BackOrdered));
        foreach (var (line, units) in wanted)
        {
            if (line < 1 || line > order.Lines.Count)
                return new CancelOutcome.Unknown($"line {line}");

            var open = OpenOf(order, line, gone).Sum(one => one.Open) + order.UnitsOf(line, LineStatus.BackOrdered);
            if (units > open)
                return new CancelOutcome.TooLate(line, open);
        }

        if (wanted.Values.Sum() == 0 && order.Lines.Count > 0 && order.Status != LineStatus.Cancelled)
            return new CancelOutcome.TooLate(1, 0);

        List<Allocation> changed = [];
        foreach (var (line, units) in wanted)
        {
            var left = units - await CancelWaitingAsync(tx, order, line, units);
            foreach (var allocation in OpenOf(order, line, gone).OrderBy(one => Array.FindIndex(Cancellable, status => one[status] > 0)))
            {
                var taken = Math.Min(left, allocation.Open);
                if (taken == 0)
                    continue;

                changed.Add(Take(allocation, taken, LineStatus.Cancelled));
                left -= taken;
            }
        }

        var cause = $"cancel {id} {Guid.CreateVersion7():N}";
        foreach (var ofNode in changed.GroupBy(one => one.Fulfilment))
            await stock.PutBackAsync(tx, TakesOf(order, ofNode, one => one[LineStatus.Picked] + one[LineStatus.Packed]), $"{cause} {ofNode.Key}", ClaimOf(order, ofNode.Key));
        await stock.ReleaseAsync(tx, TakesOf(order, changed, one => one.Open), cause);
        await quotas.GiveBackAsync(tx, order, changed);
        await OrderStore.UpdateAsync(tx, order, changed);
        await TellReducedAsync(tx, seller, order, changed);
        if (order.Payment is { State: PaymentState.Awaited } && wanted.Values.Sum() == order.Fulfilments.SelectMany(one => one.Allocations).Sum(one => one.Open) + order.BackOrders.Sum(part => part.Waiting))
            await PaymentStore.SettleAsync(tx, seller, id, PaymentState.Unpaid);
        if (order.IsAtRisk)
            await OrderRisk.UnmarkAsync(tx, outbox, seller, id);
        return new CancelOutcome.Cancelled((await OrderStore.FindAsync(tx, seller, id))!); // It was there above, in this transaction.
    }

    /// <summary>Moves units of a fulfilment order (of one line and one owner, when named) from a state to the next. A pick may be refused for its lot: undo the transaction.</summary>
    public async Task<LotRefusal?> AdvanceAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment, LineStatus from, LineStatus to, int? line = null, int? units = null, PartnerId? owner = null, string? lot = null)
    {
        var (order, own) = await LoadAsync(tx, seller, fulfilment);
        List<Allocation> changed = [];
        var left = units ?? int.MaxValue;
        foreach (var allocation in own.Allocations.Where(one => (line is null || one.Line == line) && (owner is null || one.Owner == owner)))
        {
            var moved = Math.Min(left, allocation[from]);
            if (moved == 0)
                continue;

            changed.Add(allocation.Move(from, to, moved));
            left -= moved;
        }

        if (units is not null && left > 0)
            throw new ArgumentOutOfRangeException(nameof(units), units, $"Line {line} of {fulfilment} has {left} fewer units {from}.");
        if (changed.Count == 0)
            return null;

        if (to == LineStatus.Picked && await stock.PickAsync(tx, TakesOf(order, changed, one => -one[LineStatus.Picked]), $"pick {fulfilment} {Guid.CreateVersion7():N}", ClaimOf(order, fulfilment) with { Lot = lot }) is { } refusal)
            return refusal;
        await OrderStore.UpdateAsync(tx, order, changed);
        await TellAsync(tx, order);
        return null;
    }

    /// <summary>The people of these nodes know of their work: reserved units become released.</summary>
    public async Task ReleaseAsync(Tx tx, IReadOnlyCollection<(Order Order, FulfilmentOrder Fulfilment)> given)
    {
        var changed = given.SelectMany(one => one.Fulfilment.Allocations, (one, allocation) => (one.Order, Allocation: allocation)).Where(one => one.Allocation[LineStatus.Reserved] > 0)
            .Select(one => (one.Order, Allocation: one.Allocation.Move(LineStatus.Reserved, LineStatus.Released, one.Allocation[LineStatus.Reserved]))).ToList();
        await OrderStore.UpdateAsync(tx, changed);
        await outbox.AddAsync(tx, changed.Select(one => one.Order).DistinctBy(order => order.Id).Select(ChangedEventOf));
    }

    public async Task<int> ShortAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment, int line, int units, PartnerId? owner, CancellationToken cancel)
    {
        var (order, own) = await LoadAsync(tx, seller, fulfilment);
        await WriteOffAsync(tx, order, own, line, units, owner);
        var found = await SourceAnewAsync(tx, order, new Dictionary<int, int> { [line] = units }, [own.Location], "short pick", cancel);
        await TellAsync(tx, order);
        return found ? units : 0;
    }

    /// <summary>Units of a line are not on the shelf: stock is corrected, and they are short.</summary>
    public async Task WriteOffAsync(Tx tx, Order order, FulfilmentOrder own, int line, int units, PartnerId? owner)
    {
        List<Allocation> changed = [];
        var left = units;
        foreach (var allocation in own.Allocations.Where(one => one.Line == line && (owner is null || one.Owner == owner)))
        {
            var moved = Math.Min(left, allocation[LineStatus.Reserved] + allocation[LineStatus.Released]);
            if (moved > 0)
                changed.Add(TakeFrom(allocation, moved, LineStatus.Short, [LineStatus.Released, LineStatus.Reserved]));
            left -= moved;
        }

        if (left > 0)
            throw new ArgumentOutOfRangeException(nameof(units), units, $"Line {line} of {own.Id} has {units - left} units to pick.");

        await stock.WriteOffAsync(tx, TakesOf(order, changed, one => one.Open), $"short {own.Id} {line} {Guid.CreateVersion7():N}", ClaimOf(order, own.Id));
        await quotas.GiveBackAsync(tx, order, changed);
        await OrderStore.UpdateAsync(tx, order, changed);
    }

    /// <summary>
    /// A cell holds less than is reserved there: holds give way, and those whom the owner's allocation rule leaves without are sourced
    /// from elsewhere, the last in turn first; where that does not suffice, others who can be are. Who is left without is at risk.
    /// </summary>
    public async Task CoverShortfallAsync(Tx tx, ShortfallEvent shortfall, CancellationToken cancel)
    {
        var (owner, item, location) = (shortfall.Owner, shortfall.Item, shortfall.Location);
        if (await ShortfallClaims.QuantityAsync(tx, owner, item, location) is not (> 0 and var missing))
            return;

        var left = missing - await holds.GiveWayAsync(tx, shortfall with { Quantity = missing });
        var claims = await ShortfallClaims.OfAsync(tx, owner, item, location);
        foreach (var claim in claims.AsEnumerable().Reverse().OrderByDescending(claim => claim.IsAtRisk))
        {
            if (left <= 0)
                break;

            var (order, own) = await LoadAsync(tx, claim.Claimant.Seller, claim.Fulfilment);
            var allocation = own.Allocations.First(one => one.Line == claim.Claimant.Line && one.Owner == owner);
            var units = Math.Min(left, claim.IsAtRisk ? claim.Claimant.Units - claim.Kept : claim.Claimant.Units);
            if (!await SourceAnewAsync(tx, order, new Dictionary<int, int> { [allocation.Line] = units }, [own.Location], "stock fell short", cancel))
                continue;

            await LeaveAsync(tx, order, [TakeFrom(allocation, units, LineStatus.Short, [LineStatus.Reserved, LineStatus.Released])], "shortfall");
            await OrderRisk.UnmarkAsync(tx, outbox, order.Seller, order.Id);
            left -= units;
        }

        foreach (var (seller, id) in (await ShortfallClaims.OfAsync(tx, owner, item, location)).Where(claim => claim.IsAtRisk).Select(claim => (claim.Claimant.Seller, claim.Claimant.Order)).Distinct())
        {
            var order = (await OrderStore.FindAsync(tx, seller, id))!; // It has a claim.
            if (await OrderRisk.SetAsync(tx, outbox, order, isAtRisk: true))
                await TellAsync(tx, order);
        }
    }

    /// <summary>
    /// A node does not do what it was given: what other nodes have is sourced from there, all of it together where that can be.
    /// How many units nobody else has: they stay with the node.
    /// </summary>
    public async Task<int> DeclineAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment, HashSet<LocationId> notAt, string cause, CancellationToken cancel)
    {
        var (order, own) = await LoadAsync(tx, seller, fulfilment);
        var open = own.Allocations.Where(one => OpenUnits(one) > 0).ToList();
        var all = open.GroupBy(one => one.Line).ToDictionary(line => line.Key, line => line.Sum(OpenUnits));
        if (open.Count == 0)
            return 0;

        HashSet<int> found = await SourceAnewAsync(tx, order, all, notAt, cause, cancel) ? [.. all.Keys] : [];
        var oneByOne = found.Count == 0 && all.Count > 1;
        foreach (var (line, units) in all)
        {
            if (oneByOne && await SourceAnewAsync(tx, order, new Dictionary<int, int> { [line] = units }, notAt, cause, cancel))
                found.Add(line);
        }

        await LeaveAsync(tx, order, [.. open.Where(one => found.Contains(one.Line)).Select(one => TakeFrom(one, OpenUnits(one), LineStatus.Short, [LineStatus.Reserved, LineStatus.Released]))], cause);
        await TellAsync(tx, order);
        return open.Where(one => !found.Contains(one.Line)).Sum(OpenUnits);
    }

    /// <summary>Looks once more for what an order has reserved where stock fell short; false when there is no such order.</summary>
    public async Task<bool> SourceAgainAsync(Tx tx, PartnerId seller, OrderId id, CancellationToken cancel)
    {
        if (await OrderStore.FindAsync(tx, seller, id) is not { } order)
            return false;

        var open = order.Fulfilments.SelectMany(one => one.Allocations).Where(one => one[LineStatus.Reserved] + one[LineStatus.Released] > 0);
        foreach (var (owner, item, location) in open.Select(one => (one.Owner, one.Item, one.Location)).Distinct().ToList())
            await CoverShortfallAsync(tx, new ShortfallEvent(owner, item, location, 0), cancel);
        return true;
    }

    /// <summary>Less is short in a cell than was: who is at risk no more loses the mark.</summary>
    public async Task EaseShortfallAsync(Tx tx, ShortfallEvent shortfall)
    {
        foreach (var (seller, id) in await ShortfallClaims.AtRiskAsync(tx, shortfall.Owner, shortfall.Item, shortfall.Location))
        {
            if (await OrderRisk.UnmarkAsync(tx, outbox, seller, id) is { } order)
                await TellAsync(tx, order);
        }
    }

    public async Task CollectedAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment)
    {
        var (order, own) = await LoadAsync(tx, seller, fulfilment);
        await ShipAsync(tx, order, own.Allocations, LineStatus.Delivered);
    }

    public async Task HandedOverAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment, IReadOnlySet<TemperatureClass> parcels)
    {
        var (order, own) = await LoadAsync(tx, seller, fulfilment);
        var goods = own.Allocations.Where(one => parcels.Contains(order.Lines[one.Line - 1].TemperatureClass)).ToList();
        var carried = goods.Where(one => one[LineStatus.Shipped] > 0).Select(one => one.Move(LineStatus.Shipped, LineStatus.Delivered, one[LineStatus.Shipped])).ToList();
        if (carried.Count > 0)
        {
            await OrderStore.UpdateAsync(tx, order, carried);
            await TellAsync(tx, order);
        }

        // What is packed still: collected where it was packed, or carried here by a courier of whom the order has not heard yet.
        await ShipAsync(tx, order, goods.Select(one => carried.Find(moved => moved.Line == one.Line && moved.Owner == one.Owner) ?? one), LineStatus.Delivered);
    }

    /// <summary>Packed units leave the node: stock and order change together.</summary>
    public async Task ShipAsync(Tx tx, Order order, IEnumerable<Allocation> allocations, LineStatus to)
    {
        var changed = allocations.Where(one => one[LineStatus.Packed] > 0).Select(one => (Before: one, After: one.Move(LineStatus.Packed, to, one[LineStatus.Packed]))).ToList();
        if (changed.Count == 0)
            return;

        await stock.ShipAsync(tx, [.. changed.Select(one => new StockTake(one.Before.Owner, one.Before.Item, one.Before.Location, one.Before[LineStatus.Packed]))], $"ship {changed[0].Before.Fulfilment} {Guid.CreateVersion7():N}", ClaimOf(order, changed[0].Before.Fulfilment));
        await OrderStore.UpdateAsync(tx, order, changed.Select(one => one.After));
        await TellAsync(tx, order);
    }

    public static async Task<(Order Order, FulfilmentOrder Own)> LoadAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment)
    {
        var id = await OrderStore.OrderOfAsync(tx, seller, fulfilment) ?? throw new ArgumentException($"{seller} has no fulfilment order {fulfilment}.", nameof(fulfilment));
        var order = (await OrderStore.FindAsync(tx, seller, id))!; // A fulfilment order's order is never deleted.
        return (order, order.Fulfilments.First(one => one.Id == fulfilment));
    }

    public Task TellAsync(Tx tx, Order order) => outbox.AddAsync(tx, [ChangedEventOf(order)]);

    private static NewEvent ChangedEventOf(Order order) =>
        new(order.Seller, OrderEvent.Changed, order.Id.ToString(), JsonSerializer.SerializeToUtf8Bytes(new OrderEvent(order.Id, order.Number), OrderJson.Default.OrderEvent));

    /// <summary>For whom a node's acts on lots are.</summary>
    public static LotClaim ClaimOf(Order order, FulfilmentId fulfilment) => new(order.Seller, order.Id, fulfilment, order.Fulfilments.First(one => one.Id == fulfilment).DueAt);

    /// <summary>Finds units elsewhere and gives them to other nodes; false when nobody has them all.</summary>
    private static int OpenUnits(Allocation allocation) => allocation[LineStatus.Reserved] + allocation[LineStatus.Released];

    // What was sourced from elsewhere is no longer wanted here: its reservations, its part of quotas, its place on the pick list.
    private async Task LeaveAsync(Tx tx, Order order, List<Allocation> moved, string cause)
    {
        if (moved.Count == 0)
            return;

        await stock.ReleaseAsync(tx, TakesOf(order, moved, one => one.Open), $"{cause} {moved[0].Fulfilment} {moved[0].Line} {Guid.CreateVersion7():N}");
        await quotas.GiveBackAsync(tx, order, moved);
        await OrderStore.UpdateAsync(tx, order, moved);
        await TellReducedAsync(tx, order.Seller, order, moved);
    }

    private async Task<bool> SourceAnewAsync(Tx tx, Order order, Dictionary<int, int> units, HashSet<LocationId> notAt, string cause, CancellationToken cancel)
    {
        var lines = order.Lines.Where(line => units.ContainsKey(line.Line)).Select(line => line with { Quantity = units[line.Line] }).ToList();
        var basket = new Basket(order.Seller, [], order.Destination, order.Station) { Channel = order.Channel };
        var station = order.Station is { } id ? (await map.CurrentAsync(cancel)).Find(id) : null;
        var facts = await baskets.FactsAsync(tx, basket, lines, station, notAt, tx.Now, cancel);

        // First as promised; a late parcel is still better than none.
        Plan plan = new Plan.Refused(PlanRefusal.OutOfStock, "", [], null, SourcingNote.Nobody(order.Service));
        foreach (var service in new[] { order.Service, DeliveryService.SameDay, DeliveryService.NextDay }.Distinct().Where(service => station is null || service == DeliveryService.PickUp))
        {
            plan = planner.Make(facts, service);
            if (plan is Plan.Made)
                break;
        }

        await OrderStore.InsertNoteAsync(tx, order.Seller, order.Id, cause, plan.Note);
        if (plan is not Plan.Made made)
            return false;

        var takes = made.Nodes.SelectMany(node => node.Takes.Select(take => take.At(node.Location.Id))).ToList();
        if (await stock.ReserveAsync(tx, takes, $"{cause} {order.Id} {Guid.CreateVersion7():N}") is not ReserveOutcome.Reserved)
            return false;

        await quotas.CountAsync(tx, order, made);
        List<FulfilmentOrder> fulfilments = [];
        foreach (var node in made.Nodes)
            fulfilments.Add(OrderMaker.FulfilmentOf(order.Id, node, made.PromisedAt > order.PromisedAt ? made.PromisedAt : order.PromisedAt, tx.Now));
        await OrderRows.InsertAsync(tx, [.. fulfilments.Select(one => (order.Seller, one))]);
        if (order.IsToBeWorkedOn)
            await outbox.AddAsync(tx, fulfilments.Select(one => DeskBatch.FulfilmentEventOf(order.Seller, one)));
        loads.CountAfterCommit(tx, fulfilments);
        return true;
    }

    // What waits is called off first, what waits for nothing before the rest; its supply is others'.
    private static async Task<int> CancelWaitingAsync(Tx tx, Order order, int line, int units)
    {
        var left = units;
        foreach (var part in order.BackOrders.Where(part => part.Line == line && part.Waiting > 0).OrderBy(part => part.Supply is not null))
        {
            var some = Math.Min(left, part.Waiting);
            if (some == 0)
                continue;

            await SupplyStore.MoveAsync(tx, order.Seller, order.Id, line, part.Supply, part.Item, -some, some);
            if (part.Supply is { } supply)
                await SupplyStore.ReserveAsync(tx, order.Seller, supply, -some);
            left -= some;
        }

        return units - left;
    }

    private async Task TellReducedAsync(Tx tx, PartnerId seller, Order order, List<Allocation> changed)
    {
        foreach (var id in order.IsToBeWorkedOn ? changed.Select(one => one.Fulfilment).Distinct() : [])
        {
            var own = order.Fulfilments.First(one => one.Id == id);
            await outbox.AddAsync(tx, seller, FulfilmentEvent.Reduced, order.Id.ToString(), new FulfilmentEvent(id, order.Id, own.Location, own.Operator), OrderJson.Default.FulfilmentEvent);
        }

        await TellAsync(tx, order);
    }

    private static IEnumerable<Allocation> OpenOf(Order order, int line, HashSet<string> gone) =>
        order.Fulfilments.SelectMany(fulfilment => fulfilment.Allocations).Where(one => one.Line == line && one.Open > 0 && !gone.Contains(ParcelOf(order, one)));

    // A courier may have the parcel already though we have not heard of it yet: its goods are no longer ours to give back.
    private async Task<HashSet<string>> GoneAsync(Tx tx, Order order)
    {
        var parcels = order.Fulfilments.SelectMany(fulfilment => fulfilment.Allocations).Select(one => ParcelOf(order, one)).Distinct().ToList();
        var jobs = await delivery.FindAsync(tx, order.Seller, parcels);
        return [.. jobs.Where(job => job.Status is JobStatus.Collected or JobStatus.OutForDelivery or JobStatus.Delivered or JobStatus.Failed).Select(job => job.Reference)];
    }

    private static string ParcelOf(Order order, Allocation allocation) =>
        new ParcelReference(allocation.Fulfilment, order.Lines[allocation.Line - 1].TemperatureClass).ToString();

    private static Allocation Take(Allocation allocation, int units, LineStatus to) => TakeFrom(allocation, units, to, Cancellable);

    private static Allocation TakeFrom(Allocation allocation, int units, LineStatus to, IReadOnlyList<LineStatus> from)
    {
        foreach (var status in from)
        {
            var moved = Math.Min(units, allocation[status]);
            allocation = allocation.Move(status, to, moved);
            units -= moved;
        }

        return allocation;
    }

    // What each cell gets back: what its allocations have lost, by some count of their units, against the order as it was
    // loaded. Units that were sourced anew may have come back to a cell that gave some of the order before.
    private static List<StockTake> TakesOf(Order before, IEnumerable<Allocation> changed, Func<Allocation, int> count)
    {
        var counted = before.Fulfilments.SelectMany(fulfilment => fulfilment.Allocations).ToDictionary(one => (one.Fulfilment, one.Line, one.Owner), count);
        return [.. changed
            .GroupBy(one => (one.Owner, one.Item, one.Location), one => counted[(one.Fulfilment, one.Line, one.Owner)] - count(one))
            .Select(cell => new StockTake(cell.Key.Owner, cell.Key.Item, cell.Key.Location, cell.Sum()))
            .Where(take => take.Quantity > 0)];
    }
}
