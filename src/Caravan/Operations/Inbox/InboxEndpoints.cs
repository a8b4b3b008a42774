using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Operations.Inbox;

/// <summary>The inbox over HTTP.</summary>
internal static class InboxEndpoints
{
    public static void MapInboxEndpoints(this IEndpointRouteBuilder routes)
    {
        var inbox = routes.MapGroup("/v1/exceptions").WithTags("Exceptions").NeedsScope(Area.Operations);
        inbox.MapGet("", List).WithSummary("What has gone wrong and waits for somebody, the most urgent first; with ?solved=true what was solved in the last days").Produces<Page<ExceptionBody>>();
        inbox.MapGet("/figures", Figures).WithSummary("How many exceptions wait, and how long it took to solve those of the last seven days").Produces<InboxFigures>();
        inbox.MapGet("/{id}", Get).WithSummary("One exception").Produces<ExceptionBody>().ProducesProblem(404);
        inbox.MapPost("/{id}:do", Do).WithSummary("Do one of the acts that the exception names").Produces<ExceptionBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<IResult> List(Caller caller, Store store, InboxDesk desk, InboxKeeper keeper, CancellationToken cancel, bool solved = false)
    {
        await keeper.LookAsync(caller.Tenant, cancel);
        return TypedResults.Ok(await store.ReadAsync(async db =>
            new Page<ExceptionBody>([.. (solved ? await desk.SolvedAsync(db, caller.Tenant) : await InboxDesk.OpenAsync(db, caller.Tenant)).Select(ExceptionBody.Of)], null), cancel));
    }

    private static async Task<IResult> Figures(Caller caller, Store store, InboxDesk desk, CancellationToken cancel) =>
        TypedResults.Ok(await store.ReadAsync(db => desk.FiguresAsync(db, caller.Tenant), cancel));

    private static async Task<IResult> Get(ExceptionId id, Caller caller, Store store, CancellationToken cancel) =>
        await store.ReadAsync(db => InboxStore.FindAsync(db, caller.Tenant, id), cancel) is { } entry ? TypedResults.Ok(ExceptionBody.Of(entry)) : Problem.NotFound("exception");

    private static async Task<IResult> Do(ExceptionId id, Caller caller, ActBody body, InboxDesk desk, CancellationToken cancel) => await desk.DoAsync(caller, id, body.Act, cancel) switch
    {
        { Entry: null } => Problem.NotFound("exception"),
        { Why: { } why } => Problem.Of(409, "act-not-possible", "That cannot be done now", why),
        { Entry: { } entry } => TypedResults.Ok(ExceptionBody.Of(entry)),
    };
}

/// <summary>An act on an exception.</summary>
internal sealed record ActBody(ExceptionAct Act);

/// <summary>An exception as it is answered, and what can be done about it.</summary>
internal sealed record ExceptionBody(
    ExceptionId Id,
    ExceptionKind Kind,
    string Subject,
    string What,
    string Detail,
    int Units,
    Platform.Money? Cost,
    DateTimeOffset OpenedAt,
    DateTimeOffset? DueAt,
    string? TakenBy,
    DateTimeOffset? TakenAt,
    string? SolvedBy,
    DateTimeOffset? SolvedAt,
    DateTimeOffset? EndedAt,
    IReadOnlyList<ExceptionAct> Acts)
{
    public static ExceptionBody Of(InboxEntry entry) => new(
        entry.Id, entry.Kind, entry.Subject, entry.What, entry.Detail, entry.Units, entry.Cost, entry.OpenedAt, entry.DueAt, entry.TakenBy, entry.TakenAt, entry.SolvedBy, entry.SolvedAt, entry.EndedAt, InboxDesk.ActsOn(entry));
}
