using System.Text.Json;
using Caravan.Network;
using Caravan.Orders.Holds;
using Caravan.Orders.Supplies;
using Caravan.Partners;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;
using Caravan.Stock;
using Caravan.Stock.Stops;

namespace Caravan.Orders.Desk;

/// <summary>
/// Decides many orders in one transaction, in the order of their arrival, each whole or not at all: known requests get their
/// answers again, plans that still hold are reserved, the rest are planned anew on the true numbers; then all are written.
/// </summary>
internal sealed class DeskBatch(OrderMaker maker, BasketReader baskets, StockBook stock, HoldDesk holds, PartnerBook partners, DeskQuotas quotas, BackOrdering waiting, StopSellBook stops, NodeLoads loads, Outbox outbox)
{
    private static readonly HashSet<LocationId> Nowhere = [];

    /// <summary>Decides the orders. Those whose key or number another one of the batch has come back undecided, for the next batch.</summary>
    public async Task RunAsync(Tx tx, IReadOnlyList<DeskOrder> orders, CancellationToken cancel)
    {
        var open = await UnknownAsync(tx, orders);
        var placed = await ReserveAsync(tx, open);
        tx.Known = []; // Nobody else writes inside our transaction: of many who want what has run out, the first one reads for all.
        foreach (var order in open.Where(order => !placed.Contains(order)))
        {
            if (order.Request.Hold is { } hold ? await PlanHeldAsync(tx, order, hold, cancel) : await PlanAnewAsync(tx, order, cancel))
            {
                placed.Add(order);
                OrderFactsReader.Changed(tx, order.Ready!.Takes); // Whoever is placed is ready.
            }
        }

        tx.Known = null;

        await WriteAsync(tx, placed);
    }

    /// <summary>
    /// On PostgreSQL, where other writers are at work beside this one: decides those that need no more than what they were planned on,
    /// which what is written guards (decision 40). The rest comes back undecided, for <see cref="RunAsync"/>.
    /// </summary>
    /// <param name="tx">A lane's transaction.</param>
    /// <param name="orders">The orders.</param>
    /// <param name="isLocking">Whether to lock the cells and look first, since they have turned out not to hold enough for all.</param>
    public async Task<bool> RunPlannedAsync(Tx tx, IReadOnlyList<DeskOrder> orders, bool isLocking)
    {
        var later = tx.Later ?? throw new InvalidOperationException("Only a lane's transaction gathers what it does.");
        var (free, _) = await quotas.SplitAsync(tx, await PlannedAsync(tx, await UnknownAsync(tx, orders)));
        if (isLocking && free.Count > 0)
        {
            var isThere = await StockBook.LockAsync(tx, free.ConvertAll(order => ReservationOf(order.Ready!))); // Who is planned is ready.
            free = [.. free.Where((_, i) => isThere[i])];
        }

        if (free.Count == 0)
            return false;

        await StockBook.ReserveAllAsync(tx, later, free.ConvertAll(order => ReservationOf(order.Ready!)), isLocking); // As above.
        await WriteAsync(tx, free);
        return true;
    }

    // Sorts out repeated requests, taken numbers, and what was decided before.
    private static async Task<List<DeskOrder>> UnknownAsync(Tx tx, IReadOnlyList<DeskOrder> orders)
    {
        var answers = await KeptAnswers.OfAsync(tx, orders.Select(order => order.Keyed).OfType<KeyedRequest>());
        var taken = await OrderRows.FindAsync(tx, orders.Select(order => (order.Request.Basket.Seller, order.Request.Channel, order.Request.Number)));
        var open = new List<DeskOrder>(orders.Count);
        var keys = new HashSet<(PartnerId, string)>(orders.Count);
        var numbers = new HashSet<(PartnerId, string, string)>(orders.Count);
        foreach (var order in orders)
        {
            var (seller, request) = (order.Request.Basket.Seller, order.Request);
            order.Outcome = null;
            order.Ready = order.Prepared; // What an earlier try of this transaction planned was undone with it.
            if (order.Keyed is { } keyed && answers.TryGetValue((seller, keyed.Key), out var kept))
                order.Outcome = IdempotentWrites.IsSame(kept, keyed) ? new DeskOutcome(null, kept) : new DeskOutcome(null, IsKeyReused: true);
            else if (taken.TryGetValue((seller, request.Channel, request.Number), out var known))
                order.Outcome = new DeskOutcome(new PlaceOutcome.Known(known));
            else if (order.Decided is { } decided)
                order.Outcome = new DeskOutcome(decided);
            else if ((order.Keyed is null || keys.Add((seller, order.Keyed.Key))) & numbers.Add((seller, request.Channel, request.Number)))
                open.Add(order);
        }

        return open;
    }

    // An agreement may have ended, or less of a cell may be left than its share needs, since the plan was made.
    private async Task<List<DeskOrder>> PlannedAsync(Tx tx, List<DeskOrder> orders)
    {
        var grants = new Dictionary<PartnerId, IReadOnlyList<Agreement>>();
        var stopped = await stops.CurrentAsync(tx);
        var planned = new List<DeskOrder>(orders.Count);
        foreach (var order in orders)
        {
            if (order.Ready is { } ready && await MayTakeAsync(tx, order, ready.Plan, grants, stopped))
                planned.Add(order);
        }

        return planned;
    }

    private async Task<HashSet<DeskOrder>> ReserveAsync(Tx tx, List<DeskOrder> orders)
    {
        var (free, limited) = await quotas.SplitAsync(tx, await PlannedAsync(tx, orders));
        var isReserved = await stock.ReserveAsync(tx, free.ConvertAll(order => ReservationOf(order.Ready!))); // Ready, just above.
        HashSet<DeskOrder> placed = [.. free.Where((_, i) => isReserved[i])];
        if (limited.Count > 0)
            placed.UnionWith(await quotas.ReserveAsync(tx, limited));
        return placed;
    }

    private async Task<bool> MayTakeAsync(Tx tx, DeskOrder order, Plan.Made plan, Dictionary<PartnerId, IReadOnlyList<Agreement>> grants, StopSells stopped)
    {
        var seller = order.Request.Basket.Seller;
        foreach (var node in plan.Nodes)
        {
            foreach (var take in node.Takes)
            {
                if (stopped.IsStopped(seller, order.Lines[take.Line - 1].Item, take.Owner, take.Item, node.Location.Id, node.Location.Operator, feed: null))
                    return false; // Planned a moment before; a feed's stop came a moment too late for it.
                if (take.Owner == seller)
                    continue;

                if (!grants.TryGetValue(seller, out var granted))
                    grants[seller] = granted = stopped.Allowed(seller, await partners.GrantedToAsync(tx, seller, AgreementKind.SellStock, tx.Now));
                if (OrderFactsReader.ShareOf(granted, take.Owner, order.Lines[take.Line - 1].Gtin, node.Location) < take.SharePercent)
                    return false;
            }
        }

        return true;
    }

    private async Task<bool> PlanAnewAsync(Tx tx, DeskOrder order, CancellationToken cancel)
    {
        ReadyOrder? ready = null;
        PlaceOutcome? refused = null;
        if (order.Ahead.Count == 0)
            (ready, refused) = await maker.MakeAsync(order, await baskets.FactsAsync(tx, order.Request.Basket, order.Lines, order.Station, Nowhere, tx.Now, cancel), cancel);
        if (ready is null && order.MayWait.Count > 0)
            (ready, refused) = await waiting.MakeAsync(tx, order, refused, cancel);
        if (refused is not null)
        {
            order.Outcome = new DeskOutcome(refused);
            return false;
        }

        order.Ready = ready;
        if (await quotas.SplitAsync(tx, [order]) is (_, [_]))
        {
            var isTaken = (await quotas.ReserveAsync(tx, [order])).Count == 1;
            if (isTaken)
                await BackOrdering.ReserveAsync(tx, order.Ready!.Order); // Set just above.
            order.Outcome = isTaken ? null : new DeskOutcome(new PlaceOutcome.Refused(PlanRefusal.OutOfStock, "What is left is kept for another channel, or more than the agreement lets you take.", [], null));
            return isTaken;
        }

        if (ready!.Takes.Count == 0 || await stock.ReserveAsync(tx, [ReservationOf(ready)]) is [true]) // Ready, for it was not refused.
        {
            await BackOrdering.ReserveAsync(tx, ready.Order);
            return true;
        }

        throw new InvalidOperationException($"Order {order.Request.Number} was planned on true numbers and could not be reserved."); // Nobody else writes inside our transaction.
    }

    // The goods of a hold go back and to its order in one go: from the shelves where they were held if that serves, else from any.
    // When nothing serves, the hold stays as it was.
    private async Task<bool> PlanHeldAsync(Tx tx, DeskOrder order, HoldId id, CancellationToken cancel)
    {
        var seller = order.Request.Basket.Seller;
        tx.Known = []; // What it holds goes back, or is taken by it.
        await Database.ExecuteAsync(tx.Connection, tx.Transaction, "SAVEPOINT held");
        PlaceOutcome? refused = new PlaceOutcome.HoldGone();
        if (await holds.SettleAsync(tx, seller, id, HoldState.Ordered) is { } hold)
        {
            var facts = await baskets.FactsAsync(tx, order.Request.Basket, order.Lines, order.Station, Nowhere, tx.Now, cancel);
            foreach (var choice in new[] { facts.Within(hold.Takes), facts })
            {
                (order.Ready, refused) = await maker.MakeAsync(order, choice, cancel);
                if (order.Ready is not { } ready || await stock.ReserveAsync(tx, [ReservationOf(ready)]) is not [true])
                    continue;

                await quotas.CountAsync(tx, ready.Order, ready.Plan);
                await HoldStore.SetOrderAsync(tx, seller, id, ready.Order.Id);
                await Database.ExecuteAsync(tx.Connection, tx.Transaction, "RELEASE held");
                return true;
            }
        }

        await Database.ExecuteAsync(tx.Connection, tx.Transaction, "ROLLBACK TO held; RELEASE held");
        tx.Known = [];
        order.Outcome = new DeskOutcome(refused ?? throw new InvalidOperationException($"Order {order.Request.Number} was planned on true numbers and could not be reserved.")); // Nobody else writes inside our transaction.
        return false;
    }

    internal static Reservation ReservationOf(ReadyOrder ready) =>
        new(ready.Order.Id.ToString(), [.. ready.Plan.Nodes.SelectMany(node => node.Takes, (node, take) => take.WantedAt(node.Location.Id))]);

    private async Task WriteAsync(Tx tx, IReadOnlyCollection<DeskOrder> placed)
    {
        if (placed.Count == 0)
            return;

        await OrderRows.InsertAsync(tx, [.. placed.Select(order => (order.Ready!.Order, order.Ready.Note))]); // Whoever is placed is ready.
        if (placed.Any(order => order.Ready!.Order.BackOrders.Count > 0))
            await SupplyStore.InsertAsync(tx, placed.SelectMany(order => order.Ready!.Order.BackOrders, (order, part) => (order.Ready!.Order.Seller, order.Ready.Order.Id, part)));
        await KeptAnswers.KeepAsync(tx, placed.Where(order => order.Keyed is not null).Select(order => (order.Keyed!, order.Ready!.Answer!))); // A keyed order has its answer.
        await outbox.AddAsync(tx, placed.SelectMany(order => EventsOf(order.Ready!.Order)));
        loads.CountAfterCommit(tx, [.. placed.SelectMany(order => order.Ready!.Order.Fulfilments)]);
        foreach (var order in placed)
            order.Outcome = new DeskOutcome(new PlaceOutcome.Placed(order.Ready!.Order), order.Ready.Answer);
    }

    private static IEnumerable<NewEvent> EventsOf(Order order)
    {
        // Nobody works on what is not paid.
        foreach (var fulfilment in order.IsToBeWorkedOn ? order.Fulfilments : [])
            yield return FulfilmentEventOf(order.Seller, fulfilment);
        yield return new NewEvent(order.Seller, OrderEvent.Placed, order.Id.ToString(), JsonSerializer.SerializeToUtf8Bytes(new OrderEvent(order.Id, order.Number), OrderJson.Default.OrderEvent));
    }

    /// <summary>A node was given work.</summary>
    public static NewEvent FulfilmentEventOf(PartnerId seller, FulfilmentOrder fulfilment) => new(
        seller,
        FulfilmentEvent.Placed,
        fulfilment.Order.ToString(),
        JsonSerializer.SerializeToUtf8Bytes(new FulfilmentEvent(fulfilment.Id, fulfilment.Order, fulfilment.Location, fulfilment.Operator), OrderJson.Default.FulfilmentEvent));
}
