using Caravan.Engines.Geo;
using Caravan.Platform;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using NodaTime;

namespace Caravan.Delivery;

internal static class CourierEndpoints
{
    private const int CapacityGramsMax = 40_000_000; // A truck.
    private const string OffTheGlobe = "Latitude is −90 to 90 and longitude −180 to 180 degrees.";

    public static void MapCourierEndpoints(this IEndpointRouteBuilder routes)
    {
        var couriers = routes.MapGroup("/v1/couriers").WithTags("Couriers").NeedsScope(Area.Delivery);
        couriers.MapPut("", Put).WithSummary("Add a courier, or replace the one with its code").Produces<CourierBody>().ProducesProblem(400);
        couriers.MapGet("", List).WithSummary("Your couriers, by code").Produces<Page<CourierBody>>();
        couriers.MapGet("/{id}", Get).WithSummary("One of your couriers").Produces<CourierBody>().ProducesProblem(404);
        couriers.MapGet("/{id}/route", Route).WithSummary("What a courier does next, in order, with the expected times").Produces<Page<RouteStopBody>>().ProducesProblem(404);
        couriers.MapPut("/{id}/position", Move).WithSummary("A courier has moved; estimates follow").Produces(204).ProducesProblem(400).ProducesProblem(404);
        couriers.MapPut("/{id}/duty", SetDuty).WithSummary("Whether a courier takes new jobs").Produces<CourierBody>().ProducesProblem(404);

        var jobs = couriers.MapGroup("/{id}/jobs");
        jobs.MapPost("/{jobId}:accept", Accept).WithSummary("The courier says yes").Acts();
        jobs.MapPost("/{jobId}:decline", Decline).WithSummary("The courier says no, or gives it back before collecting it").Acts();
        jobs.MapPost("/{jobId}:collect", Collect).WithSummary("The courier has the parcel").Acts();
        jobs.MapPost("/{jobId}:deliver", Deliver).WithSummary("Handed over against the customer's code, or on a dispatcher's word").Acts().ProducesProblem(422);
        jobs.MapPost("/{jobId}:fail", Fail).WithSummary("Could not be handed over").Acts();
        jobs.MapPost("/{jobId}:return", Return).WithSummary("Back at its origin").Acts();
    }

    private static RouteHandlerBuilder Acts(this RouteHandlerBuilder endpoint) => endpoint.Produces<JobBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);

    private static async Task<IResult> Put(HttpContext context, Caller caller, CourierBody body, DeliveryDesk desk, IdempotentWrites writes)
    {
        var check = new Check()
            .That(body.Id is null, "#/id", "The id is ours to give; a courier is found by its code.")
            .Text(body.Code, "#/code", 50)
            .Text(body.Region, "#/region", 20)
            .That(GeoPoint.TryCreate(body.Point.Latitude, body.Point.Longitude, out var point), "#/point", OffTheGlobe)
            .Range(body.CapacityGrams, "#/capacityGrams", 1, CapacityGramsMax)
            .List(body.TemperatureClasses, "#/temperatureClasses", 4)
            .That(IsWholeMinute(body.ShiftStart), "#/shiftStart", "Give a time in whole minutes, such as 08:00.")
            .That(IsWholeMinute(body.ShiftEnd), "#/shiftEnd", "Give a time in whole minutes, such as 22:00; 00:00 is midnight.")
            .That(DateTimeZoneProviders.Tzdb.GetZoneOrNull(body.TimeZone) is not null, "#/timeZone", "Give an IANA time zone such as Asia/Shanghai.");
        if (check.Failed)
            return check.Refusal;

        return await writes.RunAsync(context, caller, async tx =>
        {
            var courier = new Courier
            {
                Carrier = caller.Tenant,
                Id = CourierId.New(tx.Now),
                Code = body.Code,
                Region = body.Region,
                Vehicle = body.Vehicle,
                Point = point,
                CapacityGrams = body.CapacityGrams,
                TemperatureMask = body.TemperatureClasses.ToMask(),
                ShiftStart = body.ShiftStart,
                ShiftEnd = body.ShiftEnd,
                TimeZone = body.TimeZone,
                IsOnDuty = body.IsOnDuty,
                IsSimulated = body.IsSimulated,
            };
            await desk.PutAsync(tx, [courier]);
            var stored = await CourierStore.FindAsync(tx, caller.Tenant, body.Code);
            return new Answer(200, BodyOf(stored!)); // Written just above.
        });
    }

    private static async Task<IResult> List(Caller caller, Store store, CancellationToken cancel, string? cursor = null, int limit = 50)
    {
        var check = new Check().Text(cursor, "?cursor", 100, optional: true).Range(limit, "?limit", 1, Page<CourierBody>.Longest);
        if (check.Failed)
            return check.Refusal;

        var rows = await store.ReadAsync(db => CourierStore.ListAsync(db, caller.Tenant, cursor ?? "", limit + 1), cancel);
        return TypedResults.Ok(Page<CourierBody>.Of([.. rows.Select(BodyOf)], limit, courier => courier.Code));
    }

    private static async Task<IResult> Get(CourierId id, Caller caller, Store store, CancellationToken cancel) =>
        await store.ReadAsync(db => CourierStore.FindAsync(db, caller.Tenant, id), cancel) is { } courier ? TypedResults.Ok(BodyOf(courier)) : Problem.NotFound("courier");

    private static async Task<IResult> Route(CourierId id, Caller caller, Store store, DeliveryDesk desk, CancellationToken cancel) =>
        await store.ReadAsync(db => desk.RouteAsync(db, caller.Tenant, id), cancel) is { } stops
            ? TypedResults.Ok(new Page<RouteStopBody>([.. stops.Select(BodyOf)], null))
            : Problem.NotFound("courier");

    private static async Task<IResult> Move(CourierId id, HttpContext context, Caller caller, PositionBody body, DeliveryDesk desk, IdempotentWrites writes)
    {
        var check = new Check()
            .That(body.Latitude is >= -90 and <= 90, "#/latitude", OffTheGlobe)
            .That(body.Longitude is >= -180 and <= 180, "#/longitude", OffTheGlobe);
        if (check.Failed)
            return check.Refusal;

        return await writes.RunAsync(context, caller, async tx => await desk.MoveAsync(tx, caller.Tenant, id, new GeoPoint(body.Latitude, body.Longitude))
            ? new Answer(204)
            : Outcome.Refuse(Problem.NotFound("courier")));
    }

    private static Task<IResult> SetDuty(CourierId id, HttpContext context, Caller caller, DutyBody body, DeliveryDesk desk, IdempotentWrites writes) =>
        writes.RunAsync(context, caller, async tx => await desk.SetDutyAsync(tx, caller.Tenant, id, body.IsOnDuty) && await CourierStore.FindAsync(tx, caller.Tenant, id) is { } courier
            ? new Answer(200, BodyOf(courier))
            : Outcome.Refuse(Problem.NotFound("courier")));

    private static Task<IResult> Accept(CourierId id, JobId jobId, HttpContext context, Caller caller, DeliveryDesk desk, IdempotentWrites writes) =>
        ActAsync(context, caller, id, jobId, new CourierAct.Accept(), desk, writes);

    private static Task<IResult> Decline(CourierId id, JobId jobId, HttpContext context, Caller caller, DeliveryDesk desk, IdempotentWrites writes) =>
        ActAsync(context, caller, id, jobId, new CourierAct.Decline(), desk, writes);

    private static Task<IResult> Collect(CourierId id, JobId jobId, HttpContext context, Caller caller, DeliveryDesk desk, IdempotentWrites writes) =>
        ActAsync(context, caller, id, jobId, new CourierAct.Collect(), desk, writes);

    private static async Task<IResult> Deliver(CourierId id, JobId jobId, HttpContext context, Caller caller, DeliverBody body, DeliveryDesk desk, IdempotentWrites writes) =>
        JobEndpoints.CheckOf(body) is { Failed: true } check
            ? check.Refusal
            : await ActAsync(context, caller, id, jobId, new CourierAct.Deliver(body.Code, body.Override), desk, writes);

    private static async Task<IResult> Fail(CourierId id, JobId jobId, HttpContext context, Caller caller, FailBody body, DeliveryDesk desk, IdempotentWrites writes) =>
        new Check().Text(body.Reason, "#/reason", JobEndpoints.LongestReason) is { Failed: true } check
            ? check.Refusal
            : await ActAsync(context, caller, id, jobId, new CourierAct.Fail(body.Reason), desk, writes);

    private static Task<IResult> Return(CourierId id, JobId jobId, HttpContext context, Caller caller, DeliveryDesk desk, IdempotentWrites writes) =>
        ActAsync(context, caller, id, jobId, new CourierAct.Return(), desk, writes);

    private static Task<IResult> ActAsync(HttpContext context, Caller caller, CourierId id, JobId job, CourierAct act, DeliveryDesk desk, IdempotentWrites writes) =>
        writes.RunAsync(context, caller, async tx => await JobEndpoints.AnswerAsync(tx, await desk.ActAsync(tx, caller.Tenant, id, job, act)));

    private static bool IsWholeMinute(TimeOnly time) => time.Ticks % TimeSpan.TicksPerMinute == 0;

    private static CourierBody BodyOf(Courier courier) =>
        new(
            courier.Code,
            courier.Region,
            courier.Vehicle,
            PositionBody.Of(courier.Point),
            courier.CapacityGrams,
            TemperatureClasses.FromMask(courier.TemperatureMask),
            courier.ShiftStart,
            courier.ShiftEnd,
            courier.TimeZone)
        {
            Id = courier.Id,
            IsOnDuty = courier.IsOnDuty,
            IsSimulated = courier.IsSimulated,
        };

    private static RouteStopBody BodyOf(RouteStop stop) =>
        new(
            stop.Job,
            stop.Reference,
            stop.Kind,
            PositionBody.Of(stop.Point),
            stop.Place,
            stop.Service,
            stop.Status,
            stop.IsPacked,
            stop.ReadyAt,
            stop.DueAt,
            stop.EstimatedAt,
            stop.WeightGrams,
            stop.TemperatureClass,
            stop.AddedSeconds);
}
