using Caravan.Delivery;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Platform;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Caravan.Orders;

internal static class OrderEndpoints
{
    private const int LinesMax = 600;
    private const int QuantityMax = 1_000_000;
    private const int LongestReference = 100;

    public static void MapOrderEndpoints(this IEndpointRouteBuilder routes)
    {
        var orders = routes.MapGroup("/v1/orders").WithTags("Orders").NeedsScope(Area.Orders);
        orders.MapPost("", Place).WithSummary("Place an order: sourced, reserved and stored in one durable step").Produces<OrderBody>(201).ProducesProblem(400).ProducesProblem(409).ProducesProblem(422);
        orders.MapGet("", List).WithSummary("Your orders, newest first").Produces<Page<OrderBody>>();
        orders.MapGet("/{id}", Get).WithSummary("An order, whole").Produces<OrderBody>().ProducesProblem(404);
        orders.MapGet("/{id}/sourcing", Sourcing).WithSummary("Why this shelf: the candidates, and why each won or lost").Produces<SourcingBody>().ProducesProblem(404);
        orders.MapGet("/{id}/lots", Lots).WithSummary("Which lots the order got").Produces<OrderLotsBody>().ProducesProblem(404);
        orders.MapPost("/{id}:pay", Pay).WithSummary("The money for an order that waited for it has come: its nodes are told").Produces<OrderBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        orders.MapPost("/{id}:cancel", Cancel).WithSummary("Call off what has not left yet, whole or in part").Produces<OrderBody>().ProducesProblem(404).ProducesProblem(409);
    }

    public static void MapPromiseEndpoints(this IEndpointRouteBuilder routes)
    {
        var promises = routes.MapGroup("/v1/promises").WithTags("Orders").NeedsScope(Area.Orders);
        promises.MapPost("", MakePromise).WithSummary("When could it be there, from where, at what price, by each service").Produces<Promise>(201).ProducesProblem(400);
        promises.MapGet("/{id}", GetPromise).WithSummary("A promise you were given").Produces<Promise>().ProducesProblem(404);
    }

    private static async Task<IResult> MakePromise(Caller caller, PromiseBody body, PromiseBook promises, CancellationToken cancel)
    {
        var check = CheckBasket(body.Lines, body.Destination);
        if (check.Failed)
            return check.Refusal;

        return await promises.PromiseAsync(BasketOf(caller, body.Lines, body.Destination, body.Station), cancel) switch
        {
            PromiseOutcome.Made made => TypedResults.Created($"/v1/promises/{made.Promise.Id}", made.Promise),
            PromiseOutcome.Faulty faulty => Problem.Invalid(faulty.Faults),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static async Task<IResult> GetPromise(PromiseId id, Caller caller, Store store, PromiseBook promises, CancellationToken cancel) =>
        await store.ReadAsync(db => promises.FindAsync(db, caller.Tenant, id), cancel) is { } promise ? TypedResults.Ok(promise) : Problem.NotFound("promise");

    private static async Task<IResult> Place(HttpContext context, Caller caller, PlaceBody body, OrderPlacing placing)
    {
        var check = CheckOrder(body);
        if (check.Failed)
            return check.Refusal;

        var (keyed, fault) = await IdempotentWrites.ReadAsync(context, caller, isKeyRequired: true);
        if (fault is not null)
            return fault;

        return await placing.PlaceAsync(RequestOf(caller, body), services: null, keyed, context.RequestAborted) switch
        {
            { Kept: { } answer } decided => IdempotentWrites.Result(answer, isReplayed: decided.Outcome is null),
            { IsKeyReused: true } => IdempotentWrites.Reused(keyed!.Key), // It is required, so it is there.
            { Outcome: { } outcome } => ProblemOf(outcome, body),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>What is wrong with an order before anything is looked up.</summary>
    public static Check CheckOrder(PlaceBody body) => CheckBasket(body.Lines, body.Destination)
        .Text(body.Number, "#/number", 100)
        .Text(body.Channel, "#/channel", 50);

    public static OrderRequest RequestOf(Caller caller, PlaceBody body) =>
        new(BasketOf(caller, body.Lines, body.Destination, body.Station) with { Channel = body.Channel, AllowsBackorder = body.AllowBackorder }, body.Channel, body.Number, body.Service, body.Destination?.Address ?? "", body.Promise, body.RequestedAt, body.Reservation, body.PayBy);

    /// <summary>Why an order was not placed.</summary>
    public static ProblemHttpResult ProblemOf(PlaceOutcome outcome, PlaceBody body) => outcome switch
    {
        PlaceOutcome.Faulty faulty => Problem.Invalid(faulty.Faults),
        PlaceOutcome.Known known => Problem.Of(409, "order-exists", "This order exists", $"You have an order '{body.Number}' in channel '{body.Channel}': see GET /v1/orders/{known.Order}. A number never becomes two orders.", ("order", known.Order.ToString())),
        PlaceOutcome.PromiseGone gone => Problem.Of(409, "promise-gone", "The promise does not hold", gone.Why),
        PlaceOutcome.HoldGone => Problem.Of(409, "reservation-gone", "The reservation holds no more", "Its time is over, it is settled, or there is none. Place the order without it, or make a new one with POST /v1/reservations."),
        PlaceOutcome.Refused refused => Refusal(refused),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static async Task<IResult> List(Caller caller, Store store, OrderDesk desk, OrderBodies bodies, CancellationToken cancel, OrderId? cursor = null, int limit = 50)
    {
        var check = new Check().Range(limit, "?limit", 1, Page<OrderBody>.Longest);
        if (check.Failed)
            return check.Refusal;

        return TypedResults.Ok(await store.ReadAsync(async db =>
        {
            var rows = await desk.ListAsync(db, caller.Tenant, cursor, limit + 1);
            var page = Page<Order>.Of([.. rows], limit, order => order.Id.ToString());
            List<OrderBody> items = [];
            foreach (var order in page.Items)
                items.Add(await bodies.OfAsync(db, order, cancel));
            return new Page<OrderBody>(items, page.Next);
        }, cancel));
    }

    private static async Task<IResult> Get(OrderId id, Caller caller, Store store, OrderDesk desk, OrderBodies bodies, CancellationToken cancel) =>
        await store.ReadAsync(async db => await desk.FindAsync(db, caller.Tenant, id) is { } order ? await bodies.OfAsync(db, order, cancel) : null, cancel) is { } body
            ? TypedResults.Ok(body)
            : Problem.NotFound("order");

    private static async Task<IResult> Lots(OrderId id, Caller caller, Store store, OrderDesk desk, CancellationToken cancel) =>
        await store.ReadAsync(db => desk.LotsAsync(db, caller.Tenant, id), cancel) is { } lots ? TypedResults.Ok(new OrderLotsBody(id, lots)) : Problem.NotFound("order");

    private static async Task<IResult> Sourcing(OrderId id, Caller caller, Store store, OrderDesk desk, CancellationToken cancel)
    {
        var rounds = await store.ReadAsync(db => desk.SourcingAsync(db, caller.Tenant, id), cancel);
        return rounds.Count == 0
            ? Problem.NotFound("order")
            : TypedResults.Ok(new SourcingBody(id, [.. rounds.Select(round => new SourcingRoundBody(round.Cause, round.At, round.Report.Sentence, round.Report.IsProvenBest, round.Report.CandidatesInAll, round.Report.Candidates))]));
    }

    private static async Task<IResult> Cancel(HttpContext context, OrderId id, Caller caller, CancelBody body, OrderDesk desk, OrderBodies bodies, IdempotentWrites writes)
    {
        var check = new Check().That(body.Lines is null or { Count: > 0 and <= LinesMax }, "#/lines", $"Give 1 to {LinesMax} lines, or leave the field out to cancel everything.");
        for (var i = 0; i < (body.Lines?.Count ?? 0); i++)
        {
            if (body.Lines![i] is null)
            {
                check.That(false, $"#/lines/{i}", "A line is an object.");
                continue;
            }

            check.Range(body.Lines[i].Line, $"#/lines/{i}/line", 1, LinesMax).Range(body.Lines[i].Quantity, $"#/lines/{i}/quantity", 1, QuantityMax)
                .That(body.Lines.FindIndex(line => line?.Line == body.Lines[i].Line) == i, $"#/lines/{i}/line", "This line stands in the list twice.");
        }

        if (check.Failed)
            return check.Refusal;

        var lines = body.Lines?.ToDictionary(line => line.Line, line => line.Quantity);
        return await writes.RunAsync(context, caller, async tx => await desk.CancelAsync(tx, caller.Tenant, id, lines) switch
        {
            CancelOutcome.Cancelled cancelled => new Answer(200, await bodies.OfAsync(tx, cancelled.Order, context.RequestAborted)),
            CancelOutcome.TooLate late => Outcome.Refuse(Problem.Of(409, "too-late-to-cancel", "Too late to cancel", $"Of line {late.Line} only {late.Cancellable} units have not left yet. Cancel those, or have the parcel returned.", ("line", late.Line), ("cancellable", late.Cancellable))),
            CancelOutcome.Unknown unknown => Outcome.Refuse(Problem.NotFound(unknown.What)),
            _ => throw new System.Diagnostics.UnreachableException(),
        });
    }

    private static async Task<IResult> Pay(HttpContext context, OrderId id, Caller caller, PayBody body, OrderDesk desk, OrderBodies bodies, IdempotentWrites writes)
    {
        var check = new Check().Text(body.Reference, "#/reference", LongestReference, optional: true);
        return check.Failed ? check.Refusal : await writes.RunAsync(context, caller, async tx => await desk.PayAsync(tx, caller.Tenant, id, body.Reference) switch
        {
            PayOutcome.Paid paid => new Answer(200, await bodies.OfAsync(tx, paid.Order, context.RequestAborted)),
            PayOutcome.NotAwaited { Order.Payment: null } => Outcome.Refuse(Problem.Of(409, "payment-not-awaited", "No payment is awaited", "The order was placed without payBy: its nodes were told at once.")),
            PayOutcome.NotAwaited => Outcome.Refuse(Problem.Of(409, "payment-not-awaited", "The payment came too late", "The order was called off and its goods were given back: pay the money back, or place the order again.")),
            PayOutcome.Unknown => Outcome.Refuse(Problem.NotFound("order")),
            _ => throw new System.Diagnostics.UnreachableException(),
        });
    }

    internal static ProblemHttpResult Refusal(PlaceOutcome.Refused refused) => Problem.Of(
        409,
        refused.Reason == PlanRefusal.OutOfStock ? "out-of-stock" : "not-served",
        refused.Reason == PlanRefusal.OutOfStock ? "Out of stock" : "Cannot be served",
        refused.Sentence,
        ("reason", char.ToLowerInvariant(refused.Reason.ToString()[0]) + refused.Reason.ToString()[1..]),
        ("lines", refused.Lines),
        ("closest", refused.Closest));

    internal static Check CheckBasket(List<LineBody> lines, DestinationBody? destination)
    {
        var check = new Check().List(lines, "#/lines", LinesMax);
        for (var i = 0; i < Math.Min(lines.Count, LinesMax); i++)
        {
            var line = lines[i];
            if (line is null)
            {
                check.That(false, $"#/lines/{i}", "A line is an object.");
                continue;
            }

            check.Range(line.Quantity, $"#/lines/{i}/quantity", 1, QuantityMax)
                .That((line.Sku is null ? 0 : 1) + (line.Gtin is null ? 0 : 1) + (line.Item is null ? 0 : 1) == 1, $"#/lines/{i}", "Name the item by exactly one of sku, gtin or item.")
                .Text(line.Sku, $"#/lines/{i}/sku", 50, optional: true)
                .Text(line.Gtin, $"#/lines/{i}/gtin", 14, optional: true);
        }

        if (destination is not null)
        {
            check.That(GeoPoint.TryCreate(destination.Latitude, destination.Longitude, out _), "#/destination", "Latitude is −90 to 90 and longitude −180 to 180 degrees.")
                .Text(destination.Address, "#/destination/address", 300, optional: true);
        }

        return check;
    }

    internal static Basket BasketOf(Caller caller, List<LineBody> lines, DestinationBody? destination, LocationId? station) => new(
        caller.Tenant,
        [.. lines.Select(line => new BasketLine(line.Sku, line.Gtin, line.Item, line.Quantity) { AllowsBackorder = line.AllowBackorder, AllowsSubstitute = line.AllowSubstitute })],
        destination is null ? null : new GeoPoint(destination.Latitude, destination.Longitude),
        station);
}

/// <summary>Puts orders into words for the wire.</summary>
internal sealed class OrderBodies(DeliveryDesk delivery, NetworkMap map)
{
    private static readonly (LineStatus Status, string Name)[] Statuses = [.. Enum.GetValues<LineStatus>().Select(status => (status, Lower(status.ToString())))];

    public async Task<OrderBody> OfAsync(Db db, Order order, CancellationToken cancel)
    {
        var network = await map.CurrentAsync(cancel);
        return Of(order, network, await delivery.FindAsync(db, order.Seller, [.. order.Fulfilments.SelectMany(one => References(order, one))]));
    }

    /// <summary>An order and the jobs of its parcels; a new one has none.</summary>
    public static OrderBody Of(Order order, NetworkSnapshot network, IReadOnlyList<Job> parcels)
    {
        var jobs = parcels.ToDictionary(job => job.Reference);
        return new OrderBody(
            order.Id,
            order.Channel,
            order.Number,
            order.Service,
            order.Status,
            order.PlacedAt,
            order.RequestedAt,
            order.PromisedAt,
            jobs.Values.Where(job => job.Status != JobStatus.Cancelled).Max(job => job.EstimatedAt),
            new Money(order.GoodsAmount, order.Currency),
            new Money(order.DeliveryAmount, order.Currency),
            new DestinationBody(order.Destination.Latitude, order.Destination.Longitude) { Address = order.Address },
            order.Station,
            order.Promise,
            order.IsAtRisk,
            order.Payment,
            order.TrackingPath,
            [.. order.Lines.Select(line => new OrderLineBody(line.Line, line.Item, line.Sku, line.Gtin, line.Name, line.Quantity, new Money(line.PriceAmount, order.Currency), Units(status => order.UnitsOf(line.Line, status)), line.AllowsSubstitute, line.SubstituteFor))],
            [.. order.Fulfilments.Select(one => new FulfilmentBody(
                one.Id,
                one.Location,
                network.Find(one.Location)?.Name ?? "",
                one.Status,
                one.ReadyAt,
                one.DueAt,
                one.DistanceMetres,
                [.. one.Allocations.Select(allocation => new AllocationBody(allocation.Line, allocation.Owner, allocation.Quantity, Units(status => allocation[status])))],
                jobs.Count == 0 ? [] : [.. References(order, one).Where(jobs.ContainsKey).Select(reference => jobs[reference]).Select(job => new ParcelBody(job.Reference, WordOf(job.Status), job.EstimatedAt, job.CourierCode))]))],
            order.BackOrders);
    }

    private static IEnumerable<string> References(Order order, FulfilmentOrder fulfilment) =>
        fulfilment.Allocations.Select(one => new ParcelReference(fulfilment.Id, order.Lines[one.Line - 1].TemperatureClass).ToString()).Distinct();

    private static Dictionary<string, int> Units(Func<LineStatus, int> units)
    {
        var said = new Dictionary<string, int>(1); // Most often all of them stand at one status.
        foreach (var (status, name) in Statuses)
        {
            if (units(status) is > 0 and var there)
                said.Add(name, there);
        }

        return said;
    }

    private static string WordOf(JobStatus status) => Lower(status.ToString());

    private static string Lower(string word) => char.ToLowerInvariant(word[0]) + word[1..];
}
