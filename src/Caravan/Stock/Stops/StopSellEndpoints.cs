using Caravan.Network;
using Caravan.Partners;
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
        var stops = routes.MapGroup("/v1/stock/stop-sells").WithTags("Stock");
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

    private static Task<IResult> Lift(HttpContext context, StopSellId id, Caller caller, IdempotentWrites writes) => writes.RunAsync(context, caller, async tx =>
        await StopSellStore.LiftAsync(tx, caller.Tenant, id, caller.Name) ? new Answer(200, StopSellBody.Of((await StopSellStore.FindAsync(tx, caller.Tenant, id))!)) : Outcome.Refuse(Problem.NotFound("stop-sell"))); // It was there a moment ago.
}

/// <summary>Makes stops, by HTTP and by page alike.</summary>
internal sealed class StopSellDesk(NamedItems names, FeedCodes codes, NetworkMap map, PartnerBook partners)
{
    private const int StopsMax = 1_000;

    /// <summary>Whether it names one thing that can be stopped.</summary>
    public static bool IsOneThing(StopSellRequest asked)
    {
        var isOfGoods = asked.Item is not null || asked.Sku is not null || asked.Location is not null;
        return (isOfGoods ? 1 : 0) + (asked.Feed is null ? 0 : 1) + (asked.Agreement is null ? 0 : 1) + (asked.Partner is null ? 0 : 1) == 1;
    }

    /// <summary>Makes a stop, or says what it names that is not there.</summary>
    public async Task<(StopSell? Stop, IResult? Refusal)> MakeAsync(Tx tx, Caller caller, StopSellRequest asked)
    {
        var company = caller.Tenant;
        var network = await map.CurrentAsync(CancellationToken.None);
        var item = (await names.ByEitherAsync(tx, company, [(asked.Item, asked.Sku)]))[0];
        var found = new Check()
            .That((asked.Item is null && asked.Sku is null) || item is not null, asked.Item is null ? "#/sku" : "#/item", "There is no such item of yours.")
            .That(asked.Location is not { } location || network.Find(location)?.Operator == company || (await codes.PlacesAsync(tx, network, company, tx.Now)).Contains(location), "#/location", "There is no such location that you run or where you may hold stock.")
            .That(asked.Feed is not { } feed || await FeedStore.FindAsync(tx, company, feed) is not null, "#/feed", "There is no such feed of yours.")
            .That(asked.Agreement is not { } agreement || (await partners.AgreementsOfAsync(tx, company)).Any(one => one.Id == agreement), "#/agreement", "There is no such agreement of yours.")
            .That(asked.Partner is not { } partner || (partner != company && await partners.FindAsync(tx, partner) is not null), "#/partner", "There is no such partner.");
        if (found.Failed)
            return (null, found.Refusal);
        if (await StopSellStore.CountAsync(tx, company) >= StopsMax)
            return (null, Problem.Of(409, "too-many-stop-sells", "Too many stop-sells", $"A company has at most {StopsMax} in force: lift one first, or stop a whole location or feed."));

        var stop = new StopSell
        {
            Company = company,
            Id = StopSellId.New(tx.Now),
            Item = item?.Id,
            Location = asked.Location,
            Feed = asked.Feed,
            Agreement = asked.Agreement,
            Partner = asked.Partner,
            Reason = asked.Reason,
            MadeBy = caller.Name,
            MadeAt = tx.Now,
        };
        await StopSellStore.InsertAsync(tx, stop);
        return (stop, null);
    }
}

/// <summary>What must not be sold, and why.</summary>
internal sealed record StopSellRequest(string Reason)
{
    public ItemId? Item { get; init; }
    public string? Sku { get; init; }
    public LocationId? Location { get; init; }
    public FeedId? Feed { get; init; }
    public AgreementId? Agreement { get; init; }
    public PartnerId? Partner { get; init; }
}

/// <summary>A stop-sell as it is answered.</summary>
internal sealed record StopSellBody(StopSellId Id, ItemId? Item, LocationId? Location, FeedId? Feed, AgreementId? Agreement, PartnerId? Partner, string Reason, string MadeBy, DateTimeOffset MadeAt, string? LiftedBy, DateTimeOffset? LiftedAt)
{
    public static StopSellBody Of(StopSell stop) => new(stop.Id, stop.Item, stop.Location, stop.Feed, stop.Agreement, stop.Partner, stop.Reason, stop.MadeBy, stop.MadeAt, stop.LiftedBy, stop.LiftedAt);
}
