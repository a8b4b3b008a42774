using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Tenancy;

namespace Caravan.Stock.Connect;

/// <summary>Connecting a stock system step by step, for programs and for <c>caravan feed connect</c>.</summary>
internal static class ConnectionEndpoints
{
    public static void MapConnectionEndpoints(this IEndpointRouteBuilder routes)
    {
        var all = routes.MapGroup("/v1/feed-connections").WithTags("Feeds").NeedsScope(Area.Stock);
        all.MapGet("", List).WithSummary("Feeds on their way").Produces<Page<ConnectionEntry>>();
        all.MapPost("", Begin).WithSummary("Begin a feed with a file: what is guessed of it, each with how sure that is").Accepts<string>("text/csv").Produces<Connection>(201).ProducesProblem(400).WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(ConnectionDesk.FileBytesMax));
        all.MapGet("/{id}", Get).WithSummary("Guesses, unknown codes with suggestions, and the dry run").Produces<Connection>().ProducesProblem(404);
        all.MapPatch("/{id}", Change).WithSummary("Put guesses right, map codes; what is left out stays").Produces<Connection>().ProducesProblem(400).ProducesProblem(404);
        all.MapPost("/{id}:accept", Accept).WithSummary("Take all suggestions that are likely enough").Produces<AcceptedCodes>().ProducesProblem(400).ProducesProblem(404);
        all.MapPost("/{id}:go-live", GoLive).WithSummary("Make the feed and take the file as its first snapshot; repeated, it is done once").Produces<LiveBody>().ProducesProblem(400).ProducesProblem(404);
        all.MapDelete("/{id}", Forget).WithSummary("Give it up; a feed that is live stays").Produces(204).ProducesProblem(404);
    }

    private static async Task<IResult> List(Caller caller, ConnectionDesk desk, CancellationToken cancel) =>
        TypedResults.Ok(new Page<ConnectionEntry>([.. await desk.ListAsync(caller.Tenant, cancel)], null));

    private static async Task<IResult> Begin(HttpContext context, Caller caller, ConnectionDesk desk, CancellationToken cancel, string? name = null, string? fileName = null)
    {
        var check = new Check().Text(name, "?name", 100, optional: true).Text(fileName, "?fileName", 200, optional: true);
        if (check.Failed)
            return check.Refusal;

        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes, cancel);
        var (id, fault) = await desk.BeginAsync(caller.Tenant, name, fileName, bytes.ToArray(), cancel);
        return id is { } made && await desk.FindAsync(caller.Tenant, made, cancel) is { } connection
            ? TypedResults.Created($"/v1/feed-connections/{made}", connection)
            : Problem.Invalid(new Fault { Pointer = "#", Detail = fault ?? "The file cannot be read." });
    }

    private static async Task<IResult> Get(FeedConnectionId id, Caller caller, ConnectionDesk desk, CancellationToken cancel) =>
        await desk.FindAsync(caller.Tenant, id, cancel) is { } connection ? TypedResults.Ok(connection) : Missing();

    private static async Task<IResult> Change(FeedConnectionId id, Caller caller, ConnectionChoices body, ConnectionDesk desk, CancellationToken cancel) =>
        await desk.ChooseAsync(caller.Tenant, id, body, cancel) switch
        {
            null => Missing(),
            { Count: > 0 } faults => Problem.Invalid(faults),
            _ => await Get(id, caller, desk, cancel),
        };

    private static async Task<IResult> Accept(FeedConnectionId id, Caller caller, AcceptBody body, ConnectionDesk desk, CancellationToken cancel)
    {
        var check = new Check().Range(body.AtLeastPercent, "#/atLeastPercent", 50, 100);
        if (check.Failed)
            return check.Refusal;

        return await desk.AcceptAsync(caller.Tenant, id, body.AtLeastPercent, cancel) is var (items, locations) ? TypedResults.Ok(new AcceptedCodes(items, locations)) : Missing();
    }

    private static async Task<IResult> GoLive(FeedConnectionId id, Caller caller, GoLiveBody body, ConnectionDesk desk, CancellationToken cancel) =>
        await desk.GoLiveAsync(caller.Tenant, id, body.AcceptsBreaker, cancel) switch
        {
            WentLive.Live live => TypedResults.Ok(new LiveBody(live.Feed, live.Document, live.IsWaiting)),
            WentLive.Refused refused => Problem.Invalid(new Fault { Pointer = refused.Pointer, Detail = refused.Why }),
            _ => Missing(),
        };

    private static async Task<IResult> Forget(FeedConnectionId id, Caller caller, ConnectionDesk desk, CancellationToken cancel) =>
        await desk.ForgetAsync(caller.Tenant, id, cancel) ? TypedResults.NoContent() : Missing();

    private static IResult Missing() => Problem.NotFound("feed of yours that is on its way");
}
