using System.Diagnostics;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Delivery;

internal static class JobEndpoints
{
    public const int LongestReason = 200;
    private const int LongestCode = 40;

    public static void MapJobEndpoints(this IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapGroup("/v1/jobs").WithTags("Jobs").NeedsScope(Area.Delivery);
        jobs.MapGet("", List).WithSummary("The jobs you ship, the newest first").Produces<Page<JobBody>>();
        jobs.MapGet("/{id}", Get).WithSummary("A job that you ship, carry, or hold at your station").Produces<JobBody>().ProducesProblem(404);
        jobs.MapPost("/{id}:hand-over", HandOver).WithSummary("A parcel at a station is collected by the customer, against the code").Produces<JobBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
    }

    /// <summary>A code or a dispatcher's word, and not both.</summary>
    public static Check CheckOf(DeliverBody body) => new Check()
        .That((body.Code is null) != (body.Override is null), "#/code", "Give the customer's code, or an override with the reason; not both.")
        .Text(body.Code, "#/code", LongestCode, optional: true)
        .Text(body.Override, "#/override", LongestReason, optional: true);

    /// <summary>What an act answers. A wrong code is an answer and no refusal, since it is counted: a repeated request is not counted twice.</summary>
    public static async Task<Outcome> AnswerAsync(Tx tx, ActOutcome outcome)
    {
        switch (outcome)
        {
            case ActOutcome.Done { Job: var job }:
                return new Answer(200, BodyOf((await JobStore.SeeAsync(tx, job.Shipper, job.Id))!)); // Jobs are never deleted.
            case ActOutcome.NotFound:
                return Outcome.Refuse(Problem.NotFound("job of this courier"));
            case ActOutcome.Refused { Why: ActRefusal.WrongCode } wrong:
                var details = Problem.Details(422, "wrong-code", "Not the customer's code", wrong.Detail, ("attemptsLeft", wrong.AttemptsLeft));
                return new Answer(422, details);
            case ActOutcome.Refused { Why: ActRefusal.NotPacked } refused:
                return Outcome.Refuse(Problem.Of(409, "not-packed", "Not packed yet", refused.Detail));
            case ActOutcome.Refused { Why: ActRefusal.CodeLocked } refused:
                return Outcome.Refuse(Problem.Of(409, "code-locked", "Too many wrong codes", refused.Detail));
            case ActOutcome.Refused refused:
                return Outcome.Refuse(Problem.Of(409, "job-status", "Not possible where the job stands", refused.Detail));
            default:
                throw new UnreachableException();
        }
    }

    private static async Task<IResult> List(Caller caller, Store store, CancellationToken cancel, JobId? cursor = null, string? status = null, int limit = 50)
    {
        var check = new Check()
            .Word<JobStatus>(status, "?status", out var wanted)
            .Range(limit, "?limit", 1, Page<JobBody>.Longest);
        if (check.Failed)
            return check.Refusal;

        var rows = await store.ReadAsync(db => JobStore.ListAsync(db, caller.Tenant, wanted, cursor, limit + 1), cancel);
        return TypedResults.Ok(Page<JobBody>.Of([.. rows.Select(BodyOf)], limit, job => job.Id.ToString()));
    }

    private static async Task<IResult> Get(JobId id, Caller caller, Store store, DeliveryDesk desk, CancellationToken cancel) =>
        await store.ReadAsync(db => desk.FindSeenAsync(db, caller.Tenant, id), cancel) is { } job ? TypedResults.Ok(BodyOf(job)) : Problem.NotFound("job");

    private static async Task<IResult> HandOver(JobId id, HttpContext context, Caller caller, DeliverBody body, DeliveryDesk desk, IdempotentWrites writes) =>
        CheckOf(body) is { Failed: true } check
            ? check.Refusal
            : await writes.RunAsync(context, caller, async tx => await AnswerAsync(tx, await desk.HandOverAsync(tx, caller.Tenant, id, body.Code, body.Override)));

    private static JobBody BodyOf(SeenJob job) =>
        new(
            job.Id,
            job.Tenant,
            job.Reference,
            job.Origin,
            new PositionBody(job.Latitude, job.Longitude),
            job.Address,
            job.Service,
            job.Status,
            job.ReadyAt,
            job.DueAt,
            job.EstimatedAt,
            job.PackedAt is not null,
            job.WeightGrams,
            job.TemperatureClass,
            job.Carrier,
            job.Courier is { } courier ? new JobCourierBody(courier, job.CourierCode, job.Vehicle, job.CourierPoint is { } point ? PositionBody.Of(point) : null) : null,
            job.Attempts,
            JobLife.CodeFailuresMax - job.CodeFailures,
            job.WaitsFor,
            job.FailureReason);
}
