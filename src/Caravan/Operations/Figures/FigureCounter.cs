using System.Runtime.InteropServices;
using Caravan.Delivery;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;
using NodaTime;

namespace Caravan.Operations.Figures;

/// <summary>What some orders change in the sums: what they count as now, less what they were counted as.</summary>
internal sealed class FigureChange
{
    public Dictionary<CountKey, FigureCounts> Counts { get; } = [];

    public Dictionary<DistanceKey, long> Distances { get; } = [];

    public Dictionary<OwnStockKey, long> Stock { get; } = [];

    public List<(PartnerId Company, OrderId Order, CountedOrder Facts)> Orders { get; } = [];

    /// <summary>Takes an order's facts in, or away where <paramref name="sign"/> is −1.</summary>
    public void Take(PartnerId company, CountedOrder facts, int sign)
    {
        foreach (var (key, counts) in facts.CountsOf(company))
            Counts[key] = (Counts.GetValueOrDefault(key) ?? new FigureCounts()).Plus(counts, sign);
        foreach (var (key, parts) in facts.DistancesOf(company))
            CollectionsMarshal.GetValueRefOrAddDefault(Distances, key, out _) += sign * parts;
        foreach (var (key, units) in facts.StockOf())
            CollectionsMarshal.GetValueRefOrAddDefault(Stock, key, out _) += sign * units;
    }
}

/// <summary>
/// Keeps the boards' sums: when an order is placed or changes, what it was counted as is taken away and what it is now is added, in the
/// transaction that moves the subscriber's place. Counting an order twice changes nothing.
/// </summary>
internal sealed class FigureCounter(OrderDesk orders, DeliveryDesk delivery, NetworkMap map, Store store)
{
    private const int OrdersAtOnce = 200;
    private const int CountedMax = 20_000;

    // On SQLite, where events are numbered in the order of their commits: the last event when an order was counted. What is told of it up to
    // there is in the sums.
    private readonly Recent<OrderId, Through> counted = new(CountedMax, _ => 1);

    /// <summary>Hears of every order that is placed or changes.</summary>
    public Subscription OfOrders => new(
        "operations.figures",
        [OrderEvent.Placed, OrderEvent.Changed, OrderEvent.Rescheduled],
        (tx, happened) => OnOrdersAsync(tx, [happened]))
    { HandleMany = OnOrdersAsync, KeepsBehind = "fulfilment.orders" }; // An order is given to its nodes when it is placed: counted then, it is counted for both.

    /// <summary>Where a company's days begin: the zone of its first location, as for its board.</summary>
    public static DateTimeZone ZoneOf(NetworkSnapshot network, PartnerId company) => network.Locations.FirstOrDefault(location => location.Operator == company)?.Hours.Zone ?? DateTimeZone.Utc;

    /// <summary>Counts some orders of a company as they are now.</summary>
    public async Task CountAsync(Tx tx, PartnerId company, IReadOnlyCollection<OrderId> which)
    {
        var change = new FigureChange();
        foreach (var (order, facts) in await FactsAsync(tx, company, await orders.FindManyAsync(tx, company, which)))
            change.Orders.Add((company, order, facts));
        var counted = await FigureStore.CountedAsync(tx, company, which);
        foreach (var (_, order, facts) in change.Orders)
        {
            if (counted.TryGetValue(order, out var before))
                change.Take(company, before, -1);
            change.Take(company, facts, 1);
        }

        await FigureStore.AddAsync(tx, change);
    }

    /// <summary>What a company's orders from the newest to the oldest count as now, a page at a time: for a check, or to build the sums anew.</summary>
    public async Task<OrderId?> PageAsync(PartnerId company, OrderId? before, Func<IReadOnlyList<(OrderId Order, CountedOrder Facts)>, Task> take, CancellationToken cancel)
    {
        var (page, last) = await store.ReadAsync(async db =>
        {
            var found = await orders.ListAsync(db, company, before, OrdersAtOnce);
            return (await FactsAsync(db, company, found), found.Count == OrdersAtOnce ? found[^1].Id : (OrderId?)null);
        }, cancel);
        await take(page);
        return last;
    }

    private async Task<IReadOnlyList<(OrderId Order, CountedOrder Facts)>> FactsAsync(Db db, PartnerId company, IReadOnlyList<Order> found)
    {
        var network = await map.CurrentAsync(CancellationToken.None);
        var zone = ZoneOf(network, company);

        // Of what has not left yet no parcel has come to its end.
        var parcels = found.Where(HasLeft).ToDictionary(order => order.Id, order => BoardReader.ParcelsOf(order).ToList());
        var ends = parcels.Count == 0 ? null : (await delivery.EndsAsync(db, company, [.. parcels.Values.SelectMany(one => one)])).ToLookup(end => end.Reference);
        return [.. found.Select(order => (order.Id, CountedOrder.Of(order, parcels.TryGetValue(order.Id, out var own) ? [.. own.SelectMany(parcel => ends![parcel])] : [], zone, location => network.Find(location)?.Region ?? "")))]; // Read where there are parcels.
    }

    private static bool HasLeft(Order order) => order.Fulfilments.Any(part => part.Allocations.Any(one => one[LineStatus.Shipped] + one[LineStatus.Delivered] + one[LineStatus.Returned] > 0));

    private async Task OnOrdersAsync(Tx tx, IReadOnlyList<OutboxEvent> happened)
    {
        var through = tx.IsPostgres ? null : new Through(await Outbox.NewestAsync(tx));
        foreach (var group in happened.GroupBy(one => one.Tenant))
        {
            HashSet<OrderId> touched = [];
            foreach (var one in group)
            {
                if (OrderId.TryParse(one.Subject, null, out var order))
                {
                    if (counted.Find(order) is not { } last || last.Sequence < one.Sequence)
                        touched.Add(order);
                }
                else if (ParcelReference.TryParse(JobEvent.Of(one).Reference, out var parcel) && await orders.FulfilmentAsync(tx, group.Key, parcel.Fulfilment) is { } known)
                    touched.Add(known.Order.Id);
            }

            foreach (var some in touched.Chunk(OrdersAtOnce))
                await CountAsync(tx, group.Key, some);
            if (through is not null)
            {
                tx.AfterCommit(() =>
                {
                    foreach (var order in touched)
                        counted.Keep(order, through, Turn.Next());
                });
            }
        }
    }

    private sealed record Through(long Sequence);
}
