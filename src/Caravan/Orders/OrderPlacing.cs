using System.Collections.Frozen;
using Caravan.Network;
using Caravan.Orders.Desk;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;

namespace Caravan.Orders;

/// <summary>
/// Choose, reserve, store: one durable step. Items, stock and couriers are read from memory and the order planned on them,
/// side by side with others; the desk then decides it in a transaction, and plans it anew there when the stock has just run out.
/// </summary>
internal sealed class OrderPlacing(Store store, BasketReader baskets, OrderMaker maker, DeskQueue desk, TimeProvider clock)
{
    private static readonly HashSet<LocationId> Nowhere = [];

    /// <summary>Places an order by the service it asks for, or by the first of these that can serve it.</summary>
    public async Task<DeskOutcome> PlaceAsync(OrderRequest request, IReadOnlyList<DeliveryService>? services, KeyedRequest? keyed, CancellationToken cancel) =>
        await desk.DecideAsync(await store.ReadAsync(db => PrepareAsync(db, request, services ?? [request.Service], keyed, cancel), cancel));

    /// <summary>Places many, each by itself, and returns when all are decided; some are planned while others are written.</summary>
    public async Task<IReadOnlyList<Task<DeskOutcome>>> PlaceManyAsync(IReadOnlyList<OrderRequest> requests, CancellationToken cancel)
    {
        foreach (var ofSeller in requests.GroupBy(request => request.Basket.Seller))
        {
            await store.ReadAsync(async db =>
            {
                await baskets.WarmAsync(db, ofSeller.Key, [.. ofSeller.SelectMany(request => request.Basket.Lines)]);
                return true;
            }, cancel);
        }

        var decisions = new Task<DeskOutcome>[requests.Count];
        await Parallel.ForAsync(0, requests.Count, cancel, async (i, stop) => decisions[i] = desk.DecideAsync(await store.ReadAsync(db => PrepareAsync(db, requests[i], [requests[i].Service], keyed: null, stop), stop)));
        await ((Task)Task.WhenAll(decisions)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return decisions;
    }

    private async Task<DeskOrder> PrepareAsync(Db db, OrderRequest request, IReadOnlyList<DeliveryService> services, KeyedRequest? keyed, CancellationToken cancel)
    {
        var read = await baskets.ResolveAsync(db, request.Basket, request.Service, cancel);
        var (lines, station, currency, faults) = read;
        if (faults.Count > 0)
            return Decided(new PlaceOutcome.Faulty(faults));

        var now = clock.GetUtcNow();
        if (request.PayBy <= now)
            return Decided(new PlaceOutcome.Faulty([new Fault { Pointer = "#/payBy", Detail = "The time to pay is over already: give a later one." }]));

        DateTimeOffset? promised = null;
        if (request.Promise is { } promise && read.Ahead is null)
        {
            (promised, var gone) = await PromiseBook.RedeemAsync(db, promise, request, lines, now);
            if (gone is not null)
                return Decided(new PlaceOutcome.PromiseGone(gone));
        }

        var asked = new DeskOrder(request, lines, station, keyed) { Services = services, Promised = promised, Currency = currency, Ahead = read.Ahead ?? FrozenDictionary<int, DateTimeOffset>.Empty, MayWait = promised is null ? read.MayWait ?? FrozenSet<int>.Empty : FrozenSet<int>.Empty };
        if (request.Hold is not null || read.Ahead is not null)
            return asked; // What is not out yet waits for supply; a hold's goods are in the hold, and come out of it in the desk.

        var facts = await baskets.FactsAsync(db, request.Basket, lines, station, Nowhere, now, cancel);
        var (ready, _) = await maker.MakeAsync(asked, facts, cancel); // Refused here is decided in the desk: what is remembered may be old.
        return new DeskOrder(request, lines, station, keyed) { Services = services, Promised = promised, Currency = currency, MayWait = asked.MayWait, Prepared = ready, Planned = ready?.Takes ?? [] };

        DeskOrder Decided(PlaceOutcome outcome) => new(request, lines, station, keyed) { Services = services, Currency = "", Decided = outcome };
    }
}
