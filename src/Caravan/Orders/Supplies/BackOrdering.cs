using System.Diagnostics;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Orders.Desk;
using Caravan.Platform.Storage;

namespace Caravan.Orders.Supplies;

/// <summary>
/// Orders some of whose lines wait for supply: those that stock has run out for, where the customer is content to wait, and those of
/// items that are not out yet. A line waits whole; it takes from supplies the earliest first. Only who would be refused comes here.
/// </summary>
internal sealed class BackOrdering(BasketReader baskets, OrderMaker maker, Planner planner)
{
    private static readonly HashSet<LocationId> Nowhere = [];

    /// <summary>Makes the order with lines that wait; or says, as before, why it cannot be had.</summary>
    public async Task<(ReadyOrder? Ready, PlaceOutcome? Refused)> MakeAsync(Tx tx, DeskOrder order, PlaceOutcome? refused, CancellationToken cancel)
    {
        var waiting = order.Ahead.Keys.ToHashSet();
        while (true)
        {
            if (refused is not null)
            {
                if (refused is not PlaceOutcome.Refused { Reason: PlanRefusal.OutOfStock, Lines: [_, ..] lacking } || !lacking.All(line => order.MayWait.Contains(line.Line)))
                    return (null, refused);

                waiting.UnionWith(lacking.Select(line => line.Line));
            }

            var (parts, promisedAt, lacks) = await WaitAsync(tx, order, waiting, cancel);
            if (lacks is not null)
                return (null, refused ?? lacks);

            List<OrderLine> now = [.. order.Lines.Where(line => !waiting.Contains(line.Line))];
            if (now.Count == 0)
                return (await maker.WaitingAsync(order, parts, promisedAt, tx.Now, cancel), null);

            var facts = await baskets.FactsAsync(tx, order.Request.Basket, now, order.Station, Nowhere, tx.Now, cancel);
            (var ready, refused) = await maker.MakeAsync(order, facts, cancel, parts, promisedAt);
            if (ready is not null)
                return (ready, null);
        }
    }

    /// <summary>Reserves the supply that an order waits for; it was free a moment ago, in this transaction.</summary>
    public static async Task ReserveAsync(Tx tx, Order order)
    {
        foreach (var part in order.BackOrders.OrderBy(part => part.Supply))
        {
            if (!await SupplyStore.ReserveAsync(tx, order.Seller, part.Supply!.Value, part.Waiting)) // A new order waits for something.
                throw new UnreachableException($"Supply {part.Supply} was free for order {order.Number} and could not be reserved.");
        }
    }

    /// <summary>When units from a supply would be with the customer; null when its location cannot bring them.</summary>
    public DateTimeOffset? PromiseOf(OrderFacts facts, Supply supply, OrderLine line, DeliveryService service, DateTimeOffset expectedAt)
    {
        if (facts.Network.Find(supply.Location) is not { } node)
            return null;

        var offers = new NodeOffers(node, GreatCircle.Metres(node.Point, facts.Destination));
        offers.Add(new Offer(line.Line, supply.Owner, line.Item, line.Quantity, SharePercent: 100, IsStale: false));
        var at = expectedAt > facts.Now ? expectedAt : facts.Now;
        var opens = node.Hours.NextOpen(at)?.From ?? at;
        foreach (var start in opens > at ? new[] { at, opens } : [at])
        {
            foreach (var choice in ServicesOf(service))
            {
                if (planner.Make(facts with { Lines = [line], Nodes = [offers], OrdersThisHour = new Dictionary<LocationId, int>(), Now = start }, choice) is Plan.Made made)
                    return made.PromisedAt;
            }
        }

        return null;
    }

    private static IEnumerable<DeliveryService> ServicesOf(DeliveryService service) =>
        service == DeliveryService.PickUp ? [service] : new[] { service, DeliveryService.SameDay, DeliveryService.NextDay }.Distinct();

    private async Task<(IReadOnlyList<BackOrder> Parts, DateTimeOffset PromisedAt, PlaceOutcome? Short)> WaitAsync(Tx tx, DeskOrder order, HashSet<int> waiting, CancellationToken cancel)
    {
        List<OrderLine> lines = [.. order.Lines.Where(line => waiting.Contains(line.Line))];
        var facts = await baskets.FactsAsync(tx, order.Request.Basket, lines, order.Station, Nowhere, tx.Now, cancel);
        var supplies = (await SupplyStore.OpenAsync(tx, order.Request.Basket.Seller, [.. lines.Select(line => line.Item)])).ToLookup(supply => supply.Item);
        List<BackOrder> parts = [];
        List<LineLeft> lacking = [];
        var promisedAt = tx.Now;
        foreach (var line in lines)
        {
            var promises = supplies[line.Item].Where(supply => supply.Free > 0).ToDictionary(supply => supply.Id, supply => PromiseOf(facts, supply, line, order.Services[0], Later(supply.ExpectedAt, order.Ahead.GetValueOrDefault(line.Line))));
            if (Supply.Take(supplies[line.Item].Where(supply => promises.GetValueOrDefault(supply.Id) is not null), line.Quantity) is not { } taken)
            {
                lacking.Add(new LineLeft(line.Line, line.Sku, line.Quantity, 0, []));
                continue;
            }

            parts.AddRange(taken.Select(part => new BackOrder(line.Line, part.From.Id, line.Item, part.Units)));
            promisedAt = taken.Select(part => promises[part.From.Id]!.Value).Append(promisedAt).Max(); // Filtered just before.
        }

        return lacking.Count == 0
            ? (parts, promisedAt, null)
            : ([], promisedAt, new PlaceOutcome.Refused(PlanRefusal.OutOfStock, $"Not enough is expected of {string.Join(", ", lacking.Take(3).Select(line => line.Sku))}.", lacking, null));
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
