using Caravan.Catalog;
using Caravan.Network;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Caravan.Stock;

namespace Caravan.Orders.Supplies;

/// <summary>A company's dated supply: announce it, move it, receive it, call it off.</summary>
internal static class SupplyEndpoints
{
    private const int QuantityMax = 10_000_000;
    private const int LongestText = 100;

    public static void MapSupplyEndpoints(this IEndpointRouteBuilder routes)
    {
        var supply = routes.MapGroup("/v1/supply").WithTags("Supply").NeedsScope(Area.Orders);
        supply.MapGet("", List).WithSummary("Your dated supply, newest first").Produces<Page<SupplyBody>>();
        supply.MapGet("/{id}", Get).WithSummary("A supply: how much is to come, when, and how much of it orders wait for").Produces<SupplyBody>().ProducesProblem(404);
        supply.MapPost("", Announce).WithSummary("Goods that are expected at a location: orders that may wait reserve them").Produces<SupplyBody>(201).ProducesProblem(400).ProducesProblem(409);
        supply.MapPatch("/{id}", Change).WithSummary("More or less of it comes, or at another time: orders that wait get a new time, or are marked at risk").Produces<SupplyBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        supply.MapPost("/{id}:receive", Receive).WithSummary("Some of it, or all that is left, has come: orders that wait get theirs first").Produces<SupplyBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        supply.MapPost("/{id}:cancel", Cancel).WithSummary("No more of it comes").Produces<SupplyBody>().ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<IResult> List(Caller caller, Store store, CancellationToken cancel, string? state = null, ItemId? item = null, SupplyId? cursor = null, int limit = 50)
    {
        var check = new Check().Range(limit, "?limit", 1, Page<SupplyBody>.Longest).Word<SupplyState>(state, "?state", out var wanted);
        if (check.Failed)
            return check.Refusal;

        var rows = await store.ReadAsync(db => SupplyStore.ListAsync(db, caller.Tenant, wanted, item, cursor, limit + 1), cancel);
        return TypedResults.Ok(Page<SupplyBody>.Of(rows.ConvertAll(SupplyBody.Of), limit, supply => supply.Id.ToString()));
    }

    private static async Task<IResult> Get(SupplyId id, Caller caller, Store store, CancellationToken cancel) =>
        await store.ReadAsync(db => SupplyStore.FindAsync(db, caller.Tenant, id), cancel) is { } supply ? TypedResults.Ok(SupplyBody.Of(supply)) : Problem.NotFound("supply");

    private static async Task<IResult> Announce(HttpContext context, Caller caller, SupplyRequest body, ItemCatalog catalog, NetworkMap map, StockPlaces places, SupplyDesk desk, IdempotentWrites writes)
    {
        var check = new Check()
            .Range(body.Quantity, "#/quantity", 1, QuantityMax)
            .Text(body.Reference, "#/reference", LongestText)
            .That(body.Item is null != body.Sku is null, "#/item", "Give an item's id or its SKU, one of the two.");
        if (check.Failed)
            return check.Refusal;

        var network = await map.CurrentAsync(context.RequestAborted);
        return await writes.RunAsync(context, caller, async tx =>
        {
            var items = body.Item is { } named ? await catalog.ByIdAsync(tx, caller.Tenant, [named]) : await catalog.BySkuAsync(tx, caller.Tenant, [body.Sku!]); // One of the two, checked above.
            var item = items.Count == 0 ? null : items[0];
            var place = network.Find(body.Location);
            var found = new Check()
                .That(item is not null, body.Item is null ? "#/sku" : "#/item", "There is no such item of yours.")
                .That(place is not null && await places.MayHoldAsync(tx, network, caller.Tenant, body.Location, tx.Now), "#/location", "There is no such location where you may hold stock.")
                .That(item is null || place is null || (place.TemperatureMask & (1u << (int)item.TemperatureClass)) != 0, "#/location", "The location does not keep goods of this temperature.");
            if (item is null || found.Failed)
                return Outcome.Refuse(found.Refusal);
            if (await SupplyStore.FindIdAsync(tx, caller.Tenant, body.Reference, item.Id) is { } known)
                return Outcome.Refuse(Problem.Of(409, "supply-exists", "This supply exists", $"You have announced this item by '{body.Reference}': change it with PATCH /v1/supply/{known}.", ("supply", known.ToString())));

            var supply = new Supply
            {
                Owner = caller.Tenant,
                Id = SupplyId.New(tx.Now),
                Kind = body.Kind,
                Item = item.Id,
                Location = body.Location,
                Reference = body.Reference,
                Quantity = body.Quantity,
                ExpectedAt = body.ExpectedAt,
                CreatedAt = tx.Now,
            };
            return new Answer(201, SupplyBody.Of(await desk.AddAsync(tx, supply, context.RequestAborted)), $"/v1/supply/{supply.Id}");
        });
    }

    private static Task<IResult> Change(HttpContext context, SupplyId id, Caller caller, SupplyChange body, SupplyDesk desk, IdempotentWrites writes)
    {
        var check = new Check().Range(body.Quantity ?? 1, "#/quantity", 1, QuantityMax).That(body.Quantity is not null || body.ExpectedAt is not null, "#/quantity", "Give a quantity or a time.");
        return check.Failed ? Task.FromResult<IResult>(check.Refusal) : OpenAsync(context, id, caller, writes, async (tx, supply) =>
            body.Quantity <= supply.Received
                ? Outcome.Refuse(Problem.Of(409, "supply-received", "So many have come already", $"{supply.Received} have come. Give more than that, or receive the last of it with 'isLast'.", ("received", supply.Received)))
                : new Answer(200, SupplyBody.Of(await desk.ChangeAsync(tx, supply, body.Quantity ?? supply.Quantity, body.ExpectedAt ?? supply.ExpectedAt, context.RequestAborted))));
    }

    private static Task<IResult> Receive(HttpContext context, SupplyId id, Caller caller, SupplyReceipt body, SupplyDesk desk, IdempotentWrites writes)
    {
        var check = new Check().Range(body.Quantity ?? 1, "#/quantity", 1, QuantityMax).Text(body.Cause, "#/cause", LongestText);
        return check.Failed ? Task.FromResult<IResult>(check.Refusal) : OpenAsync(context, id, caller, writes, async (tx, supply) =>
            body.Quantity > supply.ToCome
                ? Outcome.Refuse(Problem.Of(409, "more-than-expected", "More than expected", $"{supply.ToCome} are to come. Raise the quantity first with PATCH /v1/supply/{id}.", ("toCome", supply.ToCome)))
                : new Answer(200, SupplyBody.Of(await desk.ReceiveAsync(tx, supply, body.Quantity ?? supply.ToCome, body.Cause, body.IsLast, context.RequestAborted))));
    }

    private static Task<IResult> Cancel(HttpContext context, SupplyId id, Caller caller, SupplyDesk desk, IdempotentWrites writes) =>
        OpenAsync(context, id, caller, writes, async (tx, supply) => new Answer(200, SupplyBody.Of(await desk.CancelAsync(tx, supply, context.RequestAborted))));

    private static Task<IResult> OpenAsync(HttpContext context, SupplyId id, Caller caller, IdempotentWrites writes, Func<Tx, Supply, Task<Outcome>> act) => writes.RunAsync(context, caller, async tx =>
        await SupplyStore.FindAsync(tx, caller.Tenant, id) is not { } supply ? Outcome.Refuse(Problem.NotFound("supply"))
        : supply.State != SupplyState.Expected ? Outcome.Refuse(Problem.Of(409, "supply-closed", "Nothing more is to come", $"It is {(supply.State == SupplyState.Received ? "received" : "cancelled")}. Announce new supply with POST /v1/supply."))
        : await act(tx, supply));
}

/// <summary>Goods of one item that are expected; the reference is your own number, of a purchase order say.</summary>
internal sealed record SupplyRequest(LocationId Location, int Quantity, DateTimeOffset ExpectedAt, string Reference)
{
    public ItemId? Item { get; init; }
    public string? Sku { get; init; }
    public SupplyKind Kind { get; init; }
}

/// <summary>How many come in all, or when; what is left out stays.</summary>
internal sealed record SupplyChange
{
    public int? Quantity { get; init; }
    public DateTimeOffset? ExpectedAt { get; init; }
}

/// <summary>What has come: so many, or all that is left. The cause (a delivery note) makes it be counted once; with isLast no more comes.</summary>
internal sealed record SupplyReceipt(string Cause)
{
    public int? Quantity { get; init; }
    public bool IsLast { get; init; }
}

/// <summary>A supply as it is answered.</summary>
internal sealed record SupplyBody(SupplyId Id, SupplyKind Kind, SupplyState State, ItemId Item, LocationId Location, string Reference, int Quantity, int Received, int Reserved, int Free, DateTimeOffset ExpectedAt, DateTimeOffset CreatedAt, DateTimeOffset? ClosedAt)
{
    public static SupplyBody Of(Supply supply) => new(
        supply.Id, supply.Kind, supply.State, supply.Item, supply.Location, supply.Reference, supply.Quantity, supply.Received, supply.Reserved, supply.Free, supply.ExpectedAt, supply.CreatedAt, supply.ClosedAt);
}
