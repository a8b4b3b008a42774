using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Stock.Stops;

/// <summary>Stop-sells over HTTP.</summary>
internal static class StopSellEndpoints
{
    private const int ReasonLength = 200;

    public static void MapStopSellEndpoints(this IEndpointRouteBuilder routes)
    {
        var stops = routes.MapGroup("/v1/stock/stop-sells").WithTags("Stock").NeedsScope(Area.Stock);
        stops.MapGet("", List).WithSummary("Your stop-sells, newest first; with ?active=true only those in force").Produces<Page<StopSellBody>>();
        stops.MapGet("/{id}", Get).WithSummary("A stop-sell, who made it and who lifted it").Produces<StopSellBody>().ProducesProblem(404);
        stops.MapPost("", Make).WithSummary("Stop selling an item, a location, an item there, a feed's stock, or what an agreement or a partner lets be sold; on every server within a second").Produces<StopSellBody>(201).ProducesProblem(400).ProducesProblem(409);
        stops.MapPost("/{id}:lift", Lift).WithSummary("Sell it again").Produces<StopSellBody>().ProducesProblem(404);
    }

    private static async Task<IResult> List(Caller caller, Store store, CancellationToken cancel, bool active = false, StopSellId? cursor = null, int limit = 50)
    {
        var check = new Check().Range(limit, "?limit", 1, Page<StopSellBody>.Longest);
        if (check.Failed)
            return check.Refusal;

        var rows = await store.ReadAsync(db => StopSellStore.ListAsync(db, caller.Tenant, active, cursor, limit + 1), cancel);
        return TypedResults.Ok(Page<StopSellBody>.Of(rows.ConvertAll(StopSellBody.Of), limit, stop => stop.Id.ToString()));
    }

    private static async Task<IResult> Get(StopSellId id, Caller caller, Store store, CancellationToken cancel) =>
        await store.ReadAsync(db => StopSellStore.FindAsync(db, caller.Tenant, id), cancel) is { } stop ? TypedResults.Ok(StopSellBody.Of(stop)) : Problem.NotFound("stop-sell");

    private static async Task<IResult> Make(HttpContext context, Caller caller, StopSellRequest body, StopSellDesk desk, IdempotentWrites writes)
    {
        var check = new Check()
            .Text(body.Reason, "#/reason", ReasonLength)
            .That(body.Item is null || body.Sku is null, "#/item", "Give an item's id or its SKU, one of the two.")
            .That(StopSellDesk.IsOneThing(body), "#/item", "Name one thing: an item (at a location, if you like), a location, a feed, an agreement or a partner.");
        return check.Failed ? check.Refusal : await writes.RunAsync(context, caller, async tx => await desk.MakeAsync(tx, caller, body) switch
        {
            ({ } stop, _) => new Answer(201, StopSellBody.Of(stop), $"/v1/stock/stop-sells/{stop.Id}"),
            (_, var refusal) => Outcome.Refuse(refusal!), // One of the two.
        });
    }

    private static Task<IResult> Lift(HttpContext context, StopSellId id, Caller caller, StopSellDesk desk, IdempotentWrites writes) => writes.RunAsync(context, caller, async tx =>
        await desk.LiftAsync(tx, caller, id) is { } stop ? new Answer(200, StopSellBody.Of(stop)) : Outcome.Refuse(Problem.NotFound("stop-sell")));
}

/// <summary>A stop-sell as it is answered.</summary>
internal sealed record StopSellBody(StopSellId Id, ItemId? Item, LocationId? Location, FeedId? Feed, AgreementId? Agreement, PartnerId? Partner, string Reason, string MadeBy, DateTimeOffset MadeAt, string? LiftedBy, DateTimeOffset? LiftedAt)
{
    public static StopSellBody Of(StopSell stop) => new(stop.Id, stop.Item, stop.Location, stop.Feed, stop.Agreement, stop.Partner, stop.Reason, stop.MadeBy, stop.MadeAt, stop.LiftedBy, stop.LiftedAt);
}
