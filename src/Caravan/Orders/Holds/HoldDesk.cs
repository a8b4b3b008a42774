using Caravan.Network;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Orders.Holds;

/// <summary>What to hold, and for where: a place or a station by the soonest service (or the one named), or what lies at one location.</summary>
public sealed record HoldRequest(Basket Basket, LocationId? Location, DeliveryService? Service, TimeSpan For);

/// <summary>
/// Goods held for carts. A hold is a reservation of stock like an order's, with an end: it is settled by one conditional update
/// in the transaction that gives the goods back, so that whoever tries at once (the customer, an order, the clock of any
/// server), one of them does it. All doors join the caller's transaction.
/// </summary>
public sealed class HoldDesk
{
    private static readonly HashSet<LocationId> Nowhere = [];

    private readonly BasketReader baskets;
    private readonly Planner planner;
    private readonly StockBook stock;
    private readonly NetworkMap map;

    internal HoldDesk(BasketReader baskets, Planner planner, StockBook stock, NetworkMap map)
    {
        this.baskets = baskets;
        this.planner = planner;
        this.stock = stock;
        this.map = map;
    }

    /// <summary>Reserves goods until a time: all of them or nothing.</summary>
    public async Task<HoldOutcome> HoldAsync(Tx tx, HoldRequest request, CancellationToken cancel)
    {
        var place = request.Location is { } id ? (await map.CurrentAsync(cancel)).Find(id) : null;
        if (request.Location is not null && place is null)
            return new HoldOutcome.Faulty([new Fault { Pointer = "#/location", Detail = "There is no such location." }]);

        var basket = place is null ? request.Basket : request.Basket with { Destination = place.Point };
        var (lines, station, _, faults) = await baskets.ResolveAsync(tx, basket, request.Service, cancel);
        if (faults.Count > 0)
            return new HoldOutcome.Faulty(faults);

        var facts = await baskets.FactsAsync(tx, basket, lines, station, Nowhere, tx.Now, cancel);
        var (takes, refused) = place is null ? Sourced(facts, request) : Lying(facts, place);
        if (refused is not null)
            return new HoldOutcome.Refused(refused);

        var hold = new Hold
        {
            Seller = request.Basket.Seller,
            Id = HoldId.New(tx.Now),
            CreatedAt = tx.Now,
            ExpiresAt = tx.Now + request.For,
            Lines = [.. lines.Select(line => new HoldLine(line.Line, line.Item, line.Sku, line.Quantity))],
            Takes = takes,
        };
        if (await stock.ReserveAsync(tx, hold.Cells, hold.Cause) is not ReserveOutcome.Reserved)
            throw new InvalidOperationException($"Hold {hold.Id} was planned on true numbers and could not be reserved."); // Nobody else writes inside our transaction.

        await HoldStore.InsertAsync(tx, hold);
        return new HoldOutcome.Done(hold);
    }

    /// <summary>A hold.</summary>
    public Task<Hold?> FindAsync(Db db, PartnerId seller, HoldId id) => HoldStore.FindAsync(db, seller, id);

    /// <summary>Lets it hold until so long from now.</summary>
    public async Task<HoldOutcome> ExtendAsync(Tx tx, PartnerId seller, HoldId id, TimeSpan by)
    {
        var isHeld = await HoldStore.ExtendAsync(tx, seller, id, tx.Now + by);
        return await HoldStore.FindAsync(tx, seller, id) is not { } hold ? new HoldOutcome.Unknown() : isHeld ? new HoldOutcome.Done(hold) : new HoldOutcome.Gone(hold);
    }

    /// <summary>Gives its goods back. One that was given back before, or has expired, stays so.</summary>
    public async Task<HoldOutcome> ReleaseAsync(Tx tx, PartnerId seller, HoldId id)
    {
        if (await SettleAsync(tx, seller, id, HoldState.Released) is { } settled)
            return new HoldOutcome.Done(settled);

        return await HoldStore.FindAsync(tx, seller, id) is not { } hold ? new HoldOutcome.Unknown() : hold.State == HoldState.Ordered ? new HoldOutcome.Gone(hold) : new HoldOutcome.Done(hold);
    }

    /// <summary>Settles a hold and gives its goods back, if nobody has before and its time allows; the hold, when it was so.</summary>
    internal async Task<Hold?> SettleAsync(Tx tx, PartnerId seller, HoldId id, HoldState to)
    {
        var hold = await HoldStore.SettleAsync(tx, seller, id, to);
        if (hold is not null)
            await stock.ReleaseAsync(tx, hold.Cells, hold.Cause);
        return hold;
    }

    /// <summary>A cell fell short: holds give way to orders, the newest first. How many units of it they gave back.</summary>
    internal async Task<int> GiveWayAsync(Tx tx, ShortfallEvent shortfall)
    {
        var given = 0;
        foreach (var (seller, id) in await HoldStore.ClaimsAsync(tx, shortfall.Owner, shortfall.Item, shortfall.Location))
        {
            if (given >= shortfall.Quantity)
                break;

            var hold = await SettleAsync(tx, seller, id, HoldState.Withdrawn);
            given += hold?.Cells.First(cell => cell.Owner == shortfall.Owner && cell.Item == shortfall.Item && cell.Location == shortfall.Location).Quantity ?? 0;
        }

        return given;
    }

    private (IReadOnlyList<HoldTake> Takes, PlaceOutcome.Refused? Refused) Sourced(OrderFacts facts, HoldRequest request)
    {
        DeliveryService[] services = request.Service is { } one ? [one]
            : request.Basket.Destination is null ? [DeliveryService.PickUp]
            : [DeliveryService.WithinHour, DeliveryService.SameDay, DeliveryService.NextDay];
        PlaceOutcome.Refused? refused = null;
        foreach (var service in services)
        {
            switch (planner.Make(facts, service))
            {
                case Plan.Made made:
                    return ([.. made.Nodes.SelectMany(node => node.Takes, (node, take) => new HoldTake(take.Line, node.Location.Id, take.Owner, take.Item, take.Quantity))], null);
                case Plan.Refused no:
                    refused = new PlaceOutcome.Refused(no.Reason, no.Sentence, no.Lines, no.Closest);
                    break;
            }
        }

        return ([], refused);
    }

    /// <summary>What lies at one location, whatever can be delivered from there: the seller's own stock first.</summary>
    private static (IReadOnlyList<HoldTake> Takes, PlaceOutcome.Refused? Refused) Lying(OrderFacts facts, Location place)
    {
        var node = facts.Nodes.FirstOrDefault(node => node.Node.Id == place.Id) ?? new NodeOffers(place, 0);
        List<HoldTake> takes = [];
        List<LineLeft> lacking = [];
        foreach (var line in facts.Lines)
        {
            var own = Planner.Split(facts, node, line.Line, line.Quantity).ToList();
            var found = own.Sum(take => take.Quantity);
            takes.AddRange(own.Select(take => new HoldTake(take.Line, place.Id, take.Owner, take.Item, take.Quantity)));
            if (found < line.Quantity)
                lacking.Add(new LineLeft(line.Line, line.Sku, line.Quantity, found, [new PlaceLeft(place.Id, place.Name, found, 0)]));
        }

        return lacking.Count == 0 ? (takes, null) : ([], new PlaceOutcome.Refused(PlanRefusal.OutOfStock, $"{place.Name} has not enough of it.", lacking, null));
    }
}
