using Caravan.Network;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Fulfilment.Releases;

/// <summary>Releases over HTTP: which nodes say yes or no, and what they say.</summary>
internal static class ReleaseEndpoints
{
    private const int MinutesMax = 1_440;
    private const int NoteLength = 200;

    public static void MapReleaseEndpoints(this IEndpointRouteBuilder routes)
    {
        var rules = routes.MapGroup("/v1/locations/{id}/release-rule").WithTags("Fulfilment").NeedsScope(Area.Fulfilment);
        rules.MapGet("", GetRule).WithSummary("How long the people of your location may take to say yes or no to work").Produces<ReleaseRuleBody>().ProducesProblem(404);
        rules.MapPut("", PutRule).WithSummary("The people of your location say yes or no to work, in so many minutes; what they decline or leave unanswered is sourced from elsewhere").Produces<ReleaseRuleBody>().ProducesProblem(400).ProducesProblem(404);
        rules.MapDelete("", DeleteRule).WithSummary("Work at your location needs no yes any more").Produces(204).ProducesProblem(404);

        var lists = routes.MapGroup("/v1/pick-lists").WithTags("Fulfilment").NeedsScope(Area.Fulfilment);
        lists.MapGet("/{id}/release", Get).WithSummary("Whether your node has said yes or no to a pick list, and until when it may").Produces<ReleaseBody>().ProducesProblem(404);
        lists.MapPost("/{id}:acknowledge", Acknowledge).WithSummary("Your node does it").Produces<ReleaseBody>().ProducesProblem(404).ProducesProblem(409);
        lists.MapPost("/{id}:decline", Decline).WithSummary("Your node does not do it: the goods are sourced from elsewhere").Produces<ReleaseBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<IResult> GetRule(LocationId id, Caller caller, Store store, CancellationToken cancel) =>
        (await store.ReadAsync(db => ReleaseStore.RulesAsync(db, caller.Tenant), cancel)).TryGetValue(id, out var minutes) ? TypedResults.Ok(new ReleaseRuleBody(minutes)) : Problem.NotFound("release rule of a location of yours");

    private static async Task<IResult> PutRule(LocationId id, HttpContext context, Caller caller, ReleaseRuleBody body, NetworkMap map, IdempotentWrites writes)
    {
        var check = new Check().Range(body.AcknowledgeWithinMinutes, "#/acknowledgeWithinMinutes", 1, MinutesMax);
        if (check.Failed)
            return check.Refusal;
        if ((await map.CurrentAsync(context.RequestAborted)).Find(id)?.Operator != caller.Tenant)
            return Problem.NotFound("location of yours");

        return await writes.RunAsync(context, caller, async tx =>
        {
            await ReleaseStore.SetRuleAsync(tx, caller.Tenant, id, body.AcknowledgeWithinMinutes);
            return new Answer(200, body);
        });
    }

    private static async Task<IResult> DeleteRule(LocationId id, HttpContext context, Caller caller, NetworkMap map, Store store)
    {
        if ((await map.CurrentAsync(context.RequestAborted)).Find(id)?.Operator != caller.Tenant)
            return Problem.NotFound("location of yours");

        await store.WriteAsync(tx => ReleaseStore.SetRuleAsync(tx, caller.Tenant, id, null), context.RequestAborted);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> Get(FulfilmentId id, Caller caller, Store store, ReleaseDesk desk, CancellationToken cancel) =>
        await store.ReadAsync(db => desk.FindAsync(db, caller.Tenant, id), cancel) is { } release ? TypedResults.Ok(ReleaseBody.Of(release)) : Problem.NotFound("release of a pick list of yours");

    private static Task<IResult> Acknowledge(FulfilmentId id, HttpContext context, Caller caller, ReleaseDesk desk, IdempotentWrites writes) =>
        writes.RunAsync(context, caller, async tx => await AnsweredAsync(tx, desk, caller, id, await desk.AcknowledgeAsync(tx, caller.Tenant, id, caller.Name)));

    private static async Task<IResult> Decline(FulfilmentId id, HttpContext context, Caller caller, DeclineBody body, ReleaseDesk desk, IdempotentWrites writes)
    {
        var check = new Check()
            .Text(body.Note, "#/note", NoteLength, optional: true)
            .That(body.Reason != DeclineReason.Other || !string.IsNullOrWhiteSpace(body.Note), "#/note", "Say in a note what it is.");
        return check.Failed ? check.Refusal : await writes.RunAsync(context, caller, async tx =>
            await AnsweredAsync(tx, desk, caller, id, await desk.DeclineAsync(tx, caller.Tenant, id, body.Reason, body.Note, caller.Name, context.RequestAborted)));
    }

    private static async Task<Outcome> AnsweredAsync(Tx tx, ReleaseDesk desk, Caller caller, FulfilmentId id, ReleaseAnswer answer) => answer switch
    {
        ReleaseAnswer.Done => new Answer(200, ReleaseBody.Of((await desk.FindAsync(tx, caller.Tenant, id))!)), // It was answered just now.
        ReleaseAnswer.NotFound => Outcome.Refuse(Problem.NotFound("release of a pick list of yours")),
        ReleaseAnswer.TooLate => Outcome.Refuse(Problem.Of(409, "release-gone", "The work has gone elsewhere", "It was declined, or not acknowledged in time, and its goods are sourced from another node.")),
        _ => Outcome.Refuse(Problem.Of(409, "picking-begun", "Picking has begun", "Who has begun to pick has said yes. Say of each line what is not on the shelf, with :short.")),
    };
}

/// <summary>How long the people of a location may take to say yes or no.</summary>
internal sealed record ReleaseRuleBody(int AcknowledgeWithinMinutes);

/// <summary>Why not.</summary>
internal sealed record DeclineBody(DeclineReason Reason)
{
    public string? Note { get; init; }
}

/// <summary>A release as it is answered.</summary>
internal sealed record ReleaseBody(FulfilmentId Id, LocationId Location, ReleaseState State, DateTimeOffset ReleasedAt, DateTimeOffset AcknowledgeBy, DateTimeOffset? AnsweredAt, string? AnsweredBy, DeclineReason? Reason, string? Note, int UnitsLeft)
{
    public static ReleaseBody Of(NodeRelease release) => new(release.Id, release.Location, release.State, release.ReleasedAt, release.AcknowledgeBy, release.AnsweredAt, release.AnsweredBy, release.Reason, release.Note, release.UnitsLeft);
}
