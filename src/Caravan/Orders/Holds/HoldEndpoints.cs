using System.Diagnostics;
using Caravan.Network;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Orders.Holds;

/// <summary>Cart holds over HTTP: make, read, extend, release. An order takes one by naming it.</summary>
internal static class HoldEndpoints
{
    private const int MinutesMax = 24 * 60;

    public static void MapHoldEndpoints(this IEndpointRouteBuilder routes)
    {
        var holds = routes.MapGroup("/v1/reservations").WithTags("Orders").NeedsScope(Area.Orders);
        holds.MapPost("", Hold).WithSummary("Hold goods for a cart for some minutes; they go back by themselves").Produces<HoldBody>(201).ProducesProblem(400).ProducesProblem(409);
        holds.MapGet("/{id}", Get).WithSummary("A hold: until when, from where, and what became of it").Produces<HoldBody>().ProducesProblem(404);
        holds.MapPost("/{id}:extend", Extend).WithSummary("Hold on for so many minutes from now").Produces<HoldBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        holds.MapPost("/{id}:release", Release).WithSummary("Give the goods back").Produces<HoldBody>().ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<IResult> Hold(HttpContext context, Caller caller, HoldRequestBody body, HoldDesk desk, IdempotentWrites writes)
    {
        var check = OrderEndpoints.CheckBasket(body.Lines, body.Destination)
            .Range(body.Minutes, "#/minutes", 1, MinutesMax)
            .That(body.Location is null || (body.Destination is null && body.Station is null), "#/location", "Hold what lies at a location, or for a destination or station; not both.")
            .That(body.Location is not null || body.Destination is not null || body.Station is not null, "#/location", "Say where: a location, a destination or a station.");
        if (check.Failed)
            return check.Refusal;

        var request = new HoldRequest(OrderEndpoints.BasketOf(caller, body.Lines, body.Destination, body.Station), body.Location, body.Service, TimeSpan.FromMinutes(body.Minutes));
        return await writes.RunAsync(context, caller, async tx => await desk.HoldAsync(tx, request, context.RequestAborted) switch
        {
            HoldOutcome.Done done => new Answer(201, HoldBody.Of(done.Hold), $"/v1/reservations/{done.Hold.Id}"),
            HoldOutcome.Faulty faulty => Outcome.Refuse(Problem.Invalid(faulty.Faults)),
            HoldOutcome.Refused refused => Outcome.Refuse(OrderEndpoints.Refusal(refused.Why)),
            _ => throw new UnreachableException(),
        });
    }

    private static async Task<IResult> Get(HoldId id, Caller caller, Store store, HoldDesk desk, CancellationToken cancel) =>
        await store.ReadAsync(db => desk.FindAsync(db, caller.Tenant, id), cancel) is { } hold ? TypedResults.Ok(HoldBody.Of(hold)) : Problem.NotFound("reservation");

    private static async Task<IResult> Extend(HttpContext context, HoldId id, Caller caller, ExtendBody body, HoldDesk desk, IdempotentWrites writes)
    {
        var check = new Check().Range(body.Minutes, "#/minutes", 1, MinutesMax);
        return check.Failed ? check.Refusal : await writes.RunAsync(context, caller, async tx => Answered(await desk.ExtendAsync(tx, caller.Tenant, id, TimeSpan.FromMinutes(body.Minutes))));
    }

    private static Task<IResult> Release(HttpContext context, HoldId id, Caller caller, HoldDesk desk, IdempotentWrites writes) =>
        writes.RunAsync(context, caller, async tx => Answered(await desk.ReleaseAsync(tx, caller.Tenant, id)));

    private static Outcome Answered(HoldOutcome outcome) => outcome switch
    {
        HoldOutcome.Done done => new Answer(200, HoldBody.Of(done.Hold)),
        HoldOutcome.Gone gone => Outcome.Refuse(Problem.Of(409, "reservation-gone", "The reservation holds no more", gone.Hold.State == HoldState.Ordered ? $"Order {gone.Hold.Order} has taken its goods." : "Its goods have been given back. Make a new one with POST /v1/reservations.")),
        HoldOutcome.Unknown => Outcome.Refuse(Problem.NotFound("reservation")),
        _ => throw new UnreachableException(),
    };
}

/// <summary>What to hold and for how many minutes: what lies at a location, or what would serve a destination or station.</summary>
internal sealed record HoldRequestBody(int Minutes, List<LineBody> Lines)
{
    public LocationId? Location { get; init; }
    public DestinationBody? Destination { get; init; }
    public LocationId? Station { get; init; }
    public DeliveryService? Service { get; init; }
}

/// <summary>For how many minutes from now.</summary>
internal sealed record ExtendBody(int Minutes);

/// <summary>A hold as it is answered.</summary>
internal sealed record HoldBody(HoldId Id, HoldState State, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? SettledAt, OrderId? Order, IReadOnlyList<HoldLine> Lines, IReadOnlyList<HoldTake> Takes)
{
    public static HoldBody Of(Hold hold) => new(hold.Id, hold.State, hold.CreatedAt, hold.ExpiresAt, hold.SettledAt, hold.Order, hold.Lines, hold.Takes);
}
