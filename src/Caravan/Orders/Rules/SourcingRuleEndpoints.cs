using System.Text;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Orders.Rules;

/// <summary>Rules of sourcing over HTTP.</summary>
internal static class SourcingRuleEndpoints
{
    private const int DaysMeant = 7;

    public static void MapSourcingRuleEndpoints(this IEndpointRouteBuilder routes)
    {
        var rules = routes.MapGroup("/v1/sourcing-rules").WithTags("Orders").NeedsScope(Area.Orders);
        rules.MapGet("", List).WithSummary("Your rules of sourcing, drafts and versions, newest first; the highest version is in force").Produces<Page<RuleSetBody>>();
        rules.MapGet("/{id}", Get).WithSummary("A draft or a version, who made and who published it").Produces<RuleSetBody>().ProducesProblem(404);
        rules.MapPost("", Make).WithSummary("Write a draft: weights, order of kinds of node, and regions, cut-offs and safety rules to change with them; nothing is in force before it is published").Produces<RuleSetBody>(201).ProducesProblem(400).ProducesProblem(409);
        rules.MapPut("/{id}", Change).WithSummary("Write a draft anew; its simulation is void").Produces<RuleSetBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        rules.MapDelete("/{id}", Discard).WithSummary("Throw a draft away").Produces(204).ProducesProblem(404).ProducesProblem(409);
        rules.MapPost("/{id}:simulate", Simulate).WithSummary("Try a draft on the orders of the last days; it runs after the answer, and tells how far it is at /simulation").Produces<SimulationBody>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        rules.MapGet("/{id}/simulation", GetSimulation).WithSummary("How far a simulation is, or what would differ: both sides in figures, and the orders that would be served otherwise").Produces<SimulationBody>().ProducesProblem(404);
        rules.MapGet("/{id}/simulation.csv", GetCsv).WithSummary("Every order of a simulation with both decisions and why, as CSV").Produces(200, contentType: "text/csv").ProducesProblem(404);
        rules.MapPost("/{id}:publish", Publish).WithSummary("Put a simulated draft in force on every server; or an earlier version again, which undoes what came after it").Produces<RuleSetBody>().ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<IResult> List(Caller caller, Store store, SourcingRulesDesk desk, CancellationToken cancel, RuleSetId? cursor = null, int limit = 50)
    {
        var check = new Check().Range(limit, "?limit", 1, Page<RuleSetBody>.Longest);
        if (check.Failed)
            return check.Refusal;

        var (rows, current) = await store.ReadAsync(async db => (await desk.ListAsync(db, caller.Tenant, cursor, limit + 1), await desk.InForceAsync(db, caller.Tenant)), cancel);
        return TypedResults.Ok(Page<RuleSetBody>.Of(rows.ConvertAll(row => RuleSetBody.Of(row, current)), limit, row => row.Id.ToString()));
    }

    private static async Task<IResult> Get(RuleSetId id, Caller caller, Store store, SourcingRulesDesk desk, CancellationToken cancel)
    {
        var (found, current) = await store.ReadAsync(async db => (await desk.FindAsync(db, caller.Tenant, id), await desk.InForceAsync(db, caller.Tenant)), cancel);
        return found is null ? Problem.NotFound("rule set") : TypedResults.Ok(RuleSetBody.Of(found, current));
    }

    private static async Task<IResult> Make(HttpContext context, Caller caller, RulesRequest body, SourcingRulesDesk desk, IdempotentWrites writes)
    {
        var check = SourcingRulesDesk.Check(body);
        return check.Failed ? check.Refusal : await writes.RunAsync(context, caller, async tx => await desk.MakeAsync(tx, caller, body) switch
        {
            ({ } draft, _) => new Answer(201, RuleSetBody.Of(draft, null), $"/v1/sourcing-rules/{draft.Id}"),
            (_, var refusal) => Outcome.Refuse(refusal!), // One of the two.
        });
    }

    private static async Task<IResult> Change(HttpContext context, RuleSetId id, Caller caller, RulesRequest body, SourcingRulesDesk desk, IdempotentWrites writes)
    {
        var check = SourcingRulesDesk.Check(body);
        return check.Failed ? check.Refusal : await writes.RunAsync(context, caller, async tx => await desk.ChangeAsync(tx, caller, id, body) switch
        {
            ({ } draft, _) => new Answer(200, RuleSetBody.Of(draft, null)),
            (_, var refusal) => Outcome.Refuse(refusal!), // One of the two.
        });
    }

    private static Task<IResult> Discard(HttpContext context, RuleSetId id, Caller caller, SourcingRulesDesk desk, IdempotentWrites writes) =>
        writes.RunAsync(context, caller, async tx => await desk.DiscardAsync(tx, caller, id) is { } refusal ? Outcome.Refuse(refusal) : new Answer(204));

    private static async Task<IResult> Simulate(HttpContext context, RuleSetId id, Caller caller, SourcingRulesDesk desk, IdempotentWrites writes, int days = DaysMeant)
    {
        var check = new Check().Range(days, "?days", 1, SourcingRulesDesk.DaysMax);
        return check.Failed ? check.Refusal : await writes.RunAsync(context, caller, async tx => await desk.SimulateAsync(tx, caller, id, days) switch
        {
            ({ } asked, _) => new Answer(202, SimulationBody.Of(asked), $"/v1/sourcing-rules/{id}/simulation"),
            (_, var refusal) => Outcome.Refuse(refusal!), // One of the two.
        });
    }

    private static async Task<IResult> GetSimulation(RuleSetId id, Caller caller, Store store, SourcingRulesDesk desk, CancellationToken cancel) =>
        await store.ReadAsync(db => desk.SimulationAsync(db, caller.Tenant, id), cancel) is { } simulation ? TypedResults.Ok(SimulationBody.Of(simulation)) : Problem.NotFound("simulation");

    private static async Task<IResult> GetCsv(RuleSetId id, Caller caller, Store store, SourcingRulesDesk desk, CancellationToken cancel) =>
        await store.ReadAsync(db => desk.SimulationAsync(db, caller.Tenant, id), cancel) is { Report: { } report } ? Results.File(Encoding.UTF8.GetBytes(SimulationCsv.Of(report)), "text/csv; charset=utf-8", "simulation.csv") : Problem.NotFound("finished simulation");

    private static Task<IResult> Publish(HttpContext context, RuleSetId id, Caller caller, SourcingRulesDesk desk, IdempotentWrites writes) =>
        writes.RunAsync(context, caller, async tx => await desk.PublishAsync(tx, caller, id) switch
        {
            ({ } published, _) => new Answer(200, RuleSetBody.Of(published, published)),
            (_, var refusal) => Outcome.Refuse(refusal!), // One of the two.
        });
}
