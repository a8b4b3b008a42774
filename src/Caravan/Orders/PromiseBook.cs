using System.Text.Json;
using Caravan.Network;
using Caravan.Platform;
using Caravan.Platform.Pruning;
using Caravan.Platform.Storage;

namespace Caravan.Orders;

/// <summary>What one service could do for a basket.</summary>
/// <param name="Service">Which service.</param>
/// <param name="IsAvailable">Whether it can be had.</param>
/// <param name="PromisedAt">When it would be there at the latest.</param>
/// <param name="ExpectedAt">When it would be there if all goes well.</param>
/// <param name="Price">What the delivery costs.</param>
/// <param name="From">The nodes it would come from.</param>
/// <param name="Reason">Why not, as a word.</param>
/// <param name="Because">Why, or why not, as a sentence.</param>
/// <param name="Lines">What is left of lines that are short.</param>
/// <param name="Closest">The closest node with everything, when it cannot serve.</param>
/// <param name="Station">Where the customer collects, when it is picked up; name it in the order.</param>
public sealed record PromiseOption(
    DeliveryService Service,
    bool IsAvailable,
    DateTimeOffset? PromisedAt,
    DateTimeOffset? ExpectedAt,
    Money? Price,
    IReadOnlyList<PromiseNode> From,
    PlanRefusal? Reason,
    string Because,
    IReadOnlyList<LineLeft> Lines,
    ClosestNode? Closest,
    PromiseNode? Station = null);

/// <summary>A node that goods would come from.</summary>
public sealed record PromiseNode(LocationId Location, string Name, LocationKind Kind, int Metres, double Latitude, double Longitude);

/// <summary>What was promised, and until when an order may be placed on it. It reserves nothing.</summary>
public sealed record Promise(PromiseId Id, DateTimeOffset ExpiresAt, IReadOnlyList<PromiseOption> Options);

/// <summary>How promising went.</summary>
public abstract record PromiseOutcome
{
    private PromiseOutcome()
    {
    }

    /// <summary>Here is what can be had.</summary>
    public sealed record Made(Promise Promise) : PromiseOutcome;

    /// <summary>The basket has faults.</summary>
    public sealed record Faulty(IReadOnlyList<Platform.Problems.Fault> Faults) : PromiseOutcome;
}

/// <summary>Answers, for a basket and a place, what each service can do; and remembers it for a while.</summary>
public sealed class PromiseBook
{
    /// <summary>How long an order may be placed on a promise.</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromMinutes(15);

    // Nobody goes farther to collect.
    private const int StationMetresMax = 30_000;

    private static readonly HashSet<LocationId> Nowhere = [];
    private readonly Store store;
    private readonly PromiseRows rows;
    private readonly BasketReader baskets;
    private readonly Planner planner;
    private readonly NetworkMap map;
    private readonly TimeProvider clock;

    internal PromiseBook(Store store, BasketReader baskets, Planner planner, NetworkMap map, TimeProvider clock)
    {
        this.store = store;
        rows = new PromiseRows(store);
        this.baskets = baskets;
        this.planner = planner;
        this.map = map;
        this.clock = clock;
    }

    /// <summary>Promises that have been forgotten, also those of companies that ask for no more.</summary>
    internal static Pruning Pruning => new("promises that have run out", IsOfEachTenant: true, (tx, tenant, most) => tx.ExecuteAsync(
        "DELETE FROM promises WHERE tenant = @tenant AND id IN (SELECT p.id FROM promises AS p WHERE p.tenant = @tenant AND p.expires_at < @old ORDER BY p.expires_at LIMIT @most)",
        new { tenant, old = tx.Now - TimeToLive, most }));

    /// <summary>Promises a basket. Without a station, the closest one that the seller may hand over at is taken for pick-up.</summary>
    public async Task<PromiseOutcome> PromiseAsync(Basket basket, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var (options, lines, faults) = await store.ReadAsync(db => OptionsAsync(db, basket, now, cancel), cancel);
        if (faults.Count > 0)
            return new PromiseOutcome.Faulty(faults);

        var promise = new Promise(PromiseId.New(now), now + TimeToLive, options);
        var kept = new KeptPromise([.. lines.Select(line => new KeptLine(line.Item, line.Quantity))], [.. options.Where(option => option.IsAvailable).Select(option => new KeptOption(option.Service, option.PromisedAt!.Value))], promise); // An available option has its time.
        await rows.WriteAsync(new PromiseRow(basket.Seller, promise.Id, promise.ExpiresAt, JsonSerializer.SerializeToUtf8Bytes(kept, OrderJson.Default.KeptPromise)));
        return new PromiseOutcome.Made(promise);
    }

    /// <summary>A promise that has not been forgotten.</summary>
    public async Task<Promise?> FindAsync(Db db, PartnerId seller, PromiseId id) => (await KeptAsync(db, seller, id))?.Promise;

    /// <summary>The promised time for an order, or why the promise does not hold for it.</summary>
    internal static async Task<(DateTimeOffset At, string? Gone)> RedeemAsync(Db db, PromiseId id, OrderRequest request, IReadOnlyList<OrderLine> lines, DateTimeOffset now)
    {
        if (await KeptAsync(db, request.Basket.Seller, id) is not { } kept)
            return (default, "The promise is unknown or forgotten. Ask for a new one with POST /v1/promises.");
        if (kept.Promise.ExpiresAt <= now)
            return (default, "The promise has run out. Ask for a new one with POST /v1/promises.");
        if (!kept.Lines.Select(line => (line.Item, line.Quantity)).ToHashSet().SetEquals(lines.Select(line => (line.Item, line.Quantity))))
            return (default, "The promise was for other goods. Ask for a new one with the lines of this order.");

        return kept.Options.FirstOrDefault(option => option.Service == request.Service) is { } option
            ? (option.PromisedAt, null)
            : (default, "This service was not among those promised. Choose one that was, or ask for a new promise.");
    }

    private static async Task<KeptPromise?> KeptAsync(Db db, PartnerId seller, PromiseId id) =>
        await db.FirstAsync<string>("SELECT body FROM promises WHERE tenant = @seller AND id = @id", new { seller, id }) is { } body
            ? JsonSerializer.Deserialize(body, OrderJson.Default.KeptPromise)
            : null;

    private async Task<(IReadOnlyList<PromiseOption> Options, IReadOnlyList<OrderLine> Lines, IReadOnlyList<Platform.Problems.Fault> Faults)> OptionsAsync(Db db, Basket basket, DateTimeOffset now, CancellationToken cancel)
    {
        var (lines, station, currency, faults) = await baskets.ResolveAsync(db, basket, null, cancel);
        if (faults.Count > 0)
            return ([], lines, faults);

        station ??= await ClosestStationAsync(db, basket, cancel);
        var facts = await baskets.FactsAsync(db, basket, lines, station, Nowhere, now, cancel);
        IEnumerable<DeliveryService> services = basket.Destination is null ? [DeliveryService.PickUp] : [DeliveryService.WithinHour, DeliveryService.SameDay, DeliveryService.NextDay, DeliveryService.PickUp];
        return ([.. services.Select(service => OptionOf(facts, service, currency))], lines, faults);
    }

    private PromiseOption OptionOf(OrderFacts facts, DeliveryService service, string currency)
    {
        if (service == DeliveryService.PickUp && facts.Station is null)
            return new PromiseOption(service, false, null, null, null, [], PlanRefusal.OutOfArea, "There is no station near this place.", [], null);

        return planner.Make(facts, service) switch
        {
            Plan.Made made => new PromiseOption(
                service,
                true,
                made.PromisedAt,
                made.Nodes.Max(node => node.ArrivesAt),
                new Money(DeliveryPrice.Of(service, facts.Lines), currency),
                [.. made.Nodes.Select(node => NodeOf(node.Location, node.Metres))],
                null,
                (service == DeliveryService.PickUp ? $"At {facts.Station!.Name}. " : "") + SourcingWords.Sentence(made.Note, facts.Network, facts.Lines), // A pick-up is only planned with a station.
                [],
                null,
                service == DeliveryService.PickUp ? NodeOf(facts.Station!, Engines.Geo.GreatCircle.Metres(facts.Station!.Point, facts.Destination)) : null), // As above.
            Plan.Refused refused => new PromiseOption(service, false, null, null, null, [], refused.Reason, refused.Sentence, refused.Lines, refused.Closest),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static PromiseNode NodeOf(Location location, int metres) =>
        new(location.Id, location.Name, location.Kind, metres, location.Point.Latitude, location.Point.Longitude);

    private async Task<Location?> ClosestStationAsync(Db db, Basket basket, CancellationToken cancel)
    {
        var stations = (await map.CurrentAsync(cancel)).Stations;
        if (stations.Count == 0 || basket.Destination is not { } place)
            return null;

        var mayHandOver = await baskets.HandOverRuleAsync(db, basket.Seller);
        return stations
            .Where(location => location.IsActive && mayHandOver(location))
            .Select(location => (location, Metres: Engines.Geo.GreatCircle.Metres(location.Point, place)))
            .Where(one => one.Metres <= StationMetresMax)
            .OrderBy(one => one.Metres)
            .Select(one => one.location)
            .FirstOrDefault();
    }
}

internal sealed record KeptPromise(IReadOnlyList<KeptLine> Lines, IReadOnlyList<KeptOption> Options, Promise Promise);

internal sealed record KeptLine(ItemId Item, int Quantity);

internal sealed record KeptOption(DeliveryService Service, DateTimeOffset PromisedAt);
