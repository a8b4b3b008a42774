using Caravan.Catalog;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Orders.Desk;
using Caravan.Orders.Holds;
using Caravan.Orders.Rules;
using Caravan.Orders.Supplies;
using Caravan.Platform;
using Caravan.Platform.Outbox;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Stock;
using Caravan.Stock.Lots;

namespace Caravan.Orders;

/// <summary>A basket and where it should go. A line names its item by the seller's SKU, by GTIN, or by id.</summary>
public sealed record Basket(PartnerId Seller, IReadOnlyList<BasketLine> Lines, GeoPoint? Destination, LocationId? Station)
{
    /// <summary>Where it is sold, if that is known: a channel may have stock kept for it.</summary>
    public string? Channel { get; init; }

    /// <summary>When stock has run out, its lines may wait for supply.</summary>
    public bool AllowsBackorder { get; init; }
}

/// <summary>One line of a basket; the price is the catalogue's unless it is said.</summary>
public sealed record BasketLine(string? Sku, string? Gtin, ItemId? Item, int Quantity, long? PriceAmount = null)
{
    /// <summary>When stock has run out, it may wait for supply.</summary>
    public bool AllowsBackorder { get; init; }

    /// <summary>When it is not on the shelf, something else may be put in.</summary>
    public bool AllowsSubstitute { get; init; }
}

/// <summary>An order as it is asked for. It takes the goods of the hold it names; with <c>PayBy</c> it waits until then for its payment.</summary>
public sealed record OrderRequest(Basket Basket, string Channel, string Number, DeliveryService Service, string Address, PromiseId? Promise = null, DateTimeOffset? RequestedAt = null, HoldId? Hold = null, DateTimeOffset? PayBy = null);

/// <summary>How placing an order went.</summary>
public abstract record PlaceOutcome
{
    private PlaceOutcome()
    {
    }

    /// <summary>It is reserved and stored.</summary>
    public sealed record Placed(Order Order) : PlaceOutcome;

    /// <summary>It cannot be had, and why, and what is left where.</summary>
    public sealed record Refused(PlanRefusal Reason, string Sentence, IReadOnlyList<LineLeft> Lines, ClosestNode? Closest) : PlaceOutcome;

    /// <summary>The request itself has faults.</summary>
    public sealed record Faulty(IReadOnlyList<Fault> Faults) : PlaceOutcome;

    /// <summary>The seller has an order of this number in this channel already.</summary>
    public sealed record Known(OrderId Order) : PlaceOutcome;

    /// <summary>The promise has run out, is unknown, or was for something else.</summary>
    public sealed record PromiseGone(string Why) : PlaceOutcome;

    /// <summary>The hold it names is unknown, over, or settled.</summary>
    public sealed record HoldGone : PlaceOutcome;
}

/// <summary>How cancelling went.</summary>
public abstract record CancelOutcome
{
    private CancelOutcome()
    {
    }

    /// <summary>Called off; the order as it is now.</summary>
    public sealed record Cancelled(Order Order) : CancelOutcome;

    /// <summary>More was to be cancelled of a line than has not left yet.</summary>
    public sealed record TooLate(int Line, int Cancellable) : CancelOutcome;

    /// <summary>There is no such order or line.</summary>
    public sealed record Unknown(string What) : CancelOutcome;
}

/// <summary>Something happened to an order. Subject: the order. Tenant: the seller.</summary>
public sealed record OrderEvent(OrderId Order, string Number)
{
    /// <summary>It was placed.</summary>
    public const string Placed = "orders.placed";

    /// <summary>Some of it has moved on, was called off or went short.</summary>
    public const string Changed = "orders.changed";

    /// <summary>What it waits for comes sooner or later than it did: it has a new promised time.</summary>
    public const string Rescheduled = "orders.rescheduled";

    /// <summary>Something of it is not in sight, or has fallen short.</summary>
    public const string AtRisk = "orders.at-risk";

    /// <summary>Nothing of it is at risk any more.</summary>
    public const string NotAtRisk = "orders.not-at-risk";
}

/// <summary>Something happened to a fulfilment order. Subject: the order. Tenant: the seller.</summary>
public sealed record FulfilmentEvent(FulfilmentId Fulfilment, OrderId Order, LocationId Location, PartnerId Operator)
{
    /// <summary>A node was given work.</summary>
    public const string Placed = "orders.fulfilment-placed";

    /// <summary>Units of it were called off.</summary>
    public const string Reduced = "orders.fulfilment-reduced";

    /// <summary>The facts of such an event.</summary>
    public static FulfilmentEvent Of(OutboxEvent happened) => happened.Read(OrderJson.Default.FulfilmentEvent);
}

/// <summary>A parcel that could not be delivered is back at its node, and its units are on the book there. Subject: the order. Tenant: the seller.</summary>
/// <param name="Order">The order.</param>
/// <param name="Fulfilment">Its part that was in the parcel.</param>
/// <param name="Location">The node.</param>
/// <param name="Operator">Who works there.</param>
/// <param name="Units">What was in it.</param>
public sealed record ParcelReturnedEvent(OrderId Order, FulfilmentId Fulfilment, LocationId Location, PartnerId Operator, IReadOnlyList<ReturnedUnits> Units)
{
    /// <summary>Its outbox type.</summary>
    public const string Type = "orders.parcel-returned";

    /// <summary>The facts of such an event.</summary>
    public static ParcelReturnedEvent Of(OutboxEvent happened) => happened.Read(OrderJson.Default.ParcelReturnedEvent);
}

/// <summary>Units of an order line that came back undelivered: sellable again, or held until they are graded.</summary>
public sealed record ReturnedUnits(int Line, PartnerId Owner, ItemId Item, int Quantity, bool IsRestocked, IReadOnlyList<ReturnedLot> Lots);

/// <summary>The order desk: promises, orders, and where every unit of them stands.</summary>
public sealed class OrderDesk
{
    private readonly OrderPlacing placing;
    private readonly OrderChanging changing;
    private readonly OrderPayments payments;
    private readonly NetworkMap map;
    private readonly LotDesk lots;
    private readonly Substituting substituting;

    internal OrderDesk(OrderPlacing placing, OrderChanging changing, Substituting substituting, OrderPayments payments, NetworkMap map, LotDesk lots)
    {
        this.substituting = substituting;
        this.map = map;
        this.lots = lots;
        this.placing = placing;
        this.changing = changing;
        this.payments = payments;
    }

    /// <summary>Sources, reserves and stores an order in one durable step.</summary>
    public Task<PlaceOutcome> PlaceAsync(OrderRequest request, CancellationToken cancel) => PlaceSoonestAsync(request, [request.Service], cancel);

    /// <summary>Places an order by the first of these services that can serve it, whatever service it asks for.</summary>
    public async Task<PlaceOutcome> PlaceSoonestAsync(OrderRequest request, IReadOnlyList<DeliveryService> services, CancellationToken cancel) =>
        (await placing.PlaceAsync(request, services, keyed: null, cancel)).Outcome!; // Without a key there is no answer of an earlier request.

    /// <summary>An order, whole.</summary>
    public Task<Order?> FindAsync(Db db, PartnerId seller, OrderId order) => OrderStore.FindAsync(db, seller, order);

    /// <summary>Those of these orders that there are.</summary>
    public Task<IReadOnlyList<Order>> FindManyAsync(Db db, PartnerId seller, IReadOnlyCollection<OrderId> orders) => OrderStore.FindManyAsync(db, seller, orders);

    /// <summary>An order by the seller's own number.</summary>
    public async Task<Order?> FindAsync(Db db, PartnerId seller, string channel, string number) =>
        await OrderStore.FindIdAsync(db, seller, channel, number) is { } id ? await OrderStore.FindAsync(db, seller, id) : null;

    /// <summary>The order that a tracking link leads to; what stands behind <c>/track/</c>.</summary>
    public Task<Order?> TrackAsync(Db db, string token) => OrderStore.TrackAsync(db, token);

    /// <summary>A seller's orders, newest first, those before <paramref name="before"/>.</summary>
    public Task<IReadOnlyList<Order>> ListAsync(Db db, PartnerId seller, OrderId? before, int count) => OrderStore.ListAsync(db, seller, before, count);

    /// <summary>A fulfilment order with the order it is part of.</summary>
    public async Task<(Order Order, FulfilmentOrder Fulfilment)?> FulfilmentAsync(Db db, PartnerId seller, FulfilmentId fulfilment) =>
        await OrderStore.OrderOfAsync(db, seller, fulfilment) is { } id && await OrderStore.FindAsync(db, seller, id) is { } order
            ? (order, order.Fulfilments.First(one => one.Id == fulfilment))
            : null;

    /// <summary>Each time an order was sourced, first to last.</summary>
    public async Task<IReadOnlyList<(string Cause, DateTimeOffset At, SourcingReport Report)>> SourcingAsync(Db db, PartnerId seller, OrderId order)
    {
        if (await OrderStore.FindAsync(db, seller, order) is not { } found)
            return [];

        var network = await map.CurrentAsync(CancellationToken.None);
        return [.. (await OrderStore.NotesAsync(db, seller, order)).Select(round => (round.Cause, round.At, SourcingWords.Report(round.Note, network, found.Lines)))];
    }

    /// <summary>The lots that an order got, whoever owned them; null when there is no such order.</summary>
    public async Task<IReadOnlyList<LotOrder>?> LotsAsync(Db db, PartnerId seller, OrderId order)
    {
        if (await OrderStore.FindAsync(db, seller, order) is not { } found)
            return null;

        List<LotOrder> got = [];
        foreach (var owner in found.Fulfilments.SelectMany(fulfilment => fulfilment.Allocations).Select(one => one.Owner).Distinct().Order())
            got.AddRange(await lots.OfOrderAsync(db, owner, order));
        return got;
    }

    /// <summary>A node does not do what it was given: the goods are sourced from any but these nodes. How many units nobody else has: they stay.</summary>
    public Task<int> DeclineAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment, HashSet<LocationId> notAt, string cause, CancellationToken cancel) => changing.DeclineAsync(tx, seller, fulfilment, notAt, cause, cancel);

    /// <summary>Looks once more for what an order has reserved where stock fell short; false when there is no such order.</summary>
    public Task<bool> SourceAgainAsync(Tx tx, PartnerId seller, OrderId order, CancellationToken cancel) => changing.SourceAgainAsync(tx, seller, order, cancel);

    /// <summary>Calls off units that have not left; <paramref name="lines"/> null: everything.</summary>
    public Task<CancelOutcome> CancelAsync(Tx tx, PartnerId seller, OrderId order, IReadOnlyDictionary<int, int>? lines) => changing.CancelAsync(tx, seller, order, lines);

    /// <summary>The money for an order that waited for it has come: its nodes are told. Saying it again changes nothing.</summary>
    public Task<PayOutcome> PayAsync(Tx tx, PartnerId seller, OrderId order, string? reference) => payments.PayAsync(tx, seller, order, reference);

    /// <summary>Another company's people do what a node was given: those of the location that it stands in.</summary>
    public Task GiveToAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment, PartnerId @operator) => OrderStore.SetOperatorAsync(tx, seller, fulfilment, @operator);

    /// <summary>The node's people know of it: reserved units become released.</summary>
    public async Task ReleaseAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment) => await changing.ReleaseAsync(tx, [await OrderChanging.LoadAsync(tx, seller, fulfilment)]);

    /// <summary>As above, for many.</summary>
    public Task ReleaseAsync(Tx tx, IReadOnlyCollection<(Order Order, FulfilmentOrder Fulfilment)> given) => changing.ReleaseAsync(tx, given);

    /// <summary>Everything released is in the tote. Where its lots cannot serve, it says why: undo the transaction.</summary>
    public Task<LotRefusal?> PickedAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment) => changing.AdvanceAsync(tx, seller, fulfilment, LineStatus.Released, LineStatus.Picked);

    /// <summary>Units of a line, of one owner's stock and one lot when named, are in the tote. Where the lot cannot serve, it says why: undo the transaction.</summary>
    public Task<LotRefusal?> PickedAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment, int line, int units, PartnerId? owner = null, string? lot = null) =>
        changing.AdvanceAsync(tx, seller, fulfilment, LineStatus.Released, LineStatus.Picked, line, units, owner, lot);

    /// <summary>Everything picked is in the parcel.</summary>
    public Task PackedAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment) => changing.AdvanceAsync(tx, seller, fulfilment, LineStatus.Picked, LineStatus.Packed);

    /// <summary>Units of a line (of one owner's stock, when named) are not on the shelf: stock is corrected, and the units are sourced from elsewhere when anyone has them. Says how many were found elsewhere.</summary>
    public Task<int> ShortAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment, int line, int units, CancellationToken cancel, PartnerId? owner = null) =>
        changing.ShortAsync(tx, seller, fulfilment, line, units, owner, cancel);

    /// <summary>Something else is in the tote instead of units of a line, where the customer has agreed; on a refusal undo the transaction.</summary>
    public Task<SubstituteOutcome> SubstituteAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment, int line, int units, Func<Item, bool> isIt, string? lot = null) =>
        substituting.SubstituteAsync(tx, seller, fulfilment, line, units, isIt, lot);

    /// <summary>What may be put in instead of these lines of a fulfilment order, the best first, and how many of it may be sold at its node.</summary>
    public async Task<IReadOnlyDictionary<int, IReadOnlyList<(Item Item, int Sellable)>>> SubstitutesAsync(Db db, PartnerId seller, FulfilmentId fulfilment, IReadOnlyCollection<int> lines, DateTimeOffset now) =>
        await FulfilmentAsync(db, seller, fulfilment) is { } known
            ? await substituting.OfferedAsync(db, seller, known.Order, known.Fulfilment.Location, lines, now)
            : new Dictionary<int, IReadOnlyList<(Item, int)>>();

    /// <summary>The customer collected it at the node or station: stock leaves, units are delivered. The code was checked by the caller.</summary>
    public Task CollectedAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment) => changing.CollectedAsync(tx, seller, fulfilment);

    /// <summary>
    /// As <see cref="CollectedAsync"/>, for the parcels of these temperature classes only, and also when a courier has brought them to the
    /// station: packed or shipped units are delivered.
    /// </summary>
    public Task HandedOverAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment, IReadOnlySet<TemperatureClass> parcels) => changing.HandedOverAsync(tx, seller, fulfilment, parcels);
}

internal static class OrdersRoom
{
    public static IServiceCollection AddOrders(this IServiceCollection services) =>
        services
            .AddSingleton<OrderFactsReader>()
            .AddSingleton<NodeLoads>()
            .AddSingleton<BasketReader>()
            .AddSingleton<Planner>()
            .AddSingleton<SourcingRuleBook>()
            .AddSingleton<Simulator>().AddHostedService(provider => provider.GetRequiredService<Simulator>())
            .AddSingleton(provider => new SourcingRulesDesk(provider.GetRequiredService<NetworkMap>(), provider.GetRequiredService<BufferDesk>(), provider.GetRequiredService<TimeProvider>()))
            .AddRoomJson(RulesJson.Default)
            .AddSingleton<OrderMaker>()
            .AddSingleton<DeskQuotas>()
            .AddSingleton<BackOrdering>()
            .AddSingleton<SupplyDesk>()
            .AddSingleton<DeskBatch>()
            .AddSingleton(PromiseBook.Pruning)
            .AddSingleton(NodeLoads.Pruning)
            .AddSingleton(Simulator.Pruning)
            .AddSingleton<DeskFigures>()
            .AddSingleton<DeskQueue>()
            .AddSingleton<OrderPlacing>()
            .AddSingleton<OrderChanging>()
            .AddSingleton<Substituting>()
            .AddSingleton<OrderPayments>()
            .AddSingleton(provider => new HoldDesk(provider.GetRequiredService<BasketReader>(), provider.GetRequiredService<Planner>(), provider.GetRequiredService<StockBook>(), provider.GetRequiredService<NetworkMap>()))
            .AddSingleton<Expiry>()
            .AddHostedService(provider => provider.GetRequiredService<Expiry>())
            .AddSingleton(provider => new PromiseBook(
                provider.GetRequiredService<Store>(), provider.GetRequiredService<BasketReader>(), provider.GetRequiredService<Planner>(), provider.GetRequiredService<NetworkMap>(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton(provider => new OrderDesk(provider.GetRequiredService<OrderPlacing>(), provider.GetRequiredService<OrderChanging>(), provider.GetRequiredService<Substituting>(), provider.GetRequiredService<OrderPayments>(), provider.GetRequiredService<NetworkMap>(), provider.GetRequiredService<LotDesk>()))
            .AddSingleton<OrderBoard>()
            .AddSingleton<OrderBodies>()
            .AddSingleton<OrderFollowing>()
            .AddSingleton(provider => provider.GetRequiredService<OrderFollowing>().OfDeliveries)
            .AddSingleton(provider => provider.GetRequiredService<OrderFollowing>().OfShortfalls)
            .AddRoomJson(OrderJson.Default);

    public static void MapOrders(this IEndpointRouteBuilder routes)
    {
        routes.MapPromiseEndpoints();
        routes.MapOrderEndpoints();
        routes.MapIntakeEndpoints();
        routes.MapHoldEndpoints();
        routes.MapSupplyEndpoints();
        routes.MapShortfallEndpoints();
        routes.MapSourcingRuleEndpoints();
    }
}
