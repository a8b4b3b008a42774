using System.Diagnostics;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Caravan.Stock.Lots;

namespace Caravan.Fulfilment;

internal static class PickEndpoints
{
    private const int LinesMax = 600;
    private const int QuantityMax = 1_000_000;
    private const int CodeLength = 200;
    private const int ReasonLength = 200;
    private const int LotLength = 20;

    public static void MapPickEndpoints(this IEndpointRouteBuilder routes)
    {
        var lists = routes.MapGroup("/v1/pick-lists").WithTags("Fulfilment").NeedsScope(Area.Fulfilment);
        lists.MapGet("", List).WithSummary("Pick lists of your locations, oldest first").Produces<Page<PickListBody>>().ProducesProblem(400).ProducesProblem(404);
        lists.MapGet("/{id}", Get).WithSummary("A pick list, lines in shelf order").Produces<PickListBody>().ProducesProblem(404);
        lists.MapPost("/{id}:pick", Pick).WithSummary("Units go into the tote: by line, or by a scanned SKU or GTIN").Produces<PickListBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        lists.MapPost("/{id}:short", Short).WithSummary("Units are not on the shelf: stock is corrected and they are sourced from elsewhere").Produces<PickListBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        lists.MapGet("/{id}/substitutes", Substitutes).WithSummary("What may go instead of lines still to be picked, where the customer agrees").Produces<SubstitutesOfferedBody>().ProducesProblem(404);
        lists.MapPost("/{id}:substitute", Substitute).WithSummary("Something else goes into the tote, where the customer agrees and the seller lets it").Produces<PickListBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        lists.MapPost("/{id}:pack", Pack).WithSummary("Everything picked is in its bags; couriers may come").Produces<PickListBody>().ProducesProblem(404).ProducesProblem(409);
        lists.MapPost("/{id}:handOver", HandOver).WithSummary("The customer collects it: hand over against the code").Produces<PickListBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
    }

    private static async Task<IResult> List(Caller caller, Store store, NetworkMap map, PickFloor floor, TimeProvider clock, CancellationToken cancel, LocationId? location = null, string? status = null, FulfilmentId? cursor = null, int limit = 50)
    {
        var check = new Check()
            .Range(limit, "?limit", 1, Page<PickListBody>.Longest)
            .Word<PickListStatus>(status, "?status", out var wanted);
        if (check.Failed)
            return check.Refusal;
        if (location is { } id && await map.CurrentAsync(cancel) is var network && (network.Find(id) is not { } at || !network.IsWorkedBy(at, caller.Tenant)))
            return Problem.NotFound("location");

        var (rows, lots) = await store.ReadAsync(
            async db =>
            {
                var rows = await PickListStore.PageAsync(db, caller.Tenant, location, wanted, cursor, limit + 1);
                return (rows, await floor.LotsAsync(db, rows, clock.GetUtcNow()));
            },
            cancel);
        return TypedResults.Ok(Page<PickListBody>.Of([.. rows.Select((list, i) => BodyOf(list, lots[i]))], limit, list => list.Id.ToString()));
    }

    private static async Task<IResult> Get(FulfilmentId id, Caller caller, Store store, PickFloor floor, TimeProvider clock, CancellationToken cancel) =>
        await store.ReadAsync(async db => await floor.FindAsync(db, caller.Tenant, id) is { } list ? BodyOf(list, (await floor.LotsAsync(db, [list], clock.GetUtcNow()))[0]) : null, cancel) is { } body
            ? TypedResults.Ok(body)
            : Problem.NotFound("pick list");

    private static async Task<IResult> Pick(HttpContext context, FulfilmentId id, Caller caller, PickBody body, PickFloor floor, IdempotentWrites writes)
    {
        var check = new Check()
            .That((body.Line is null) != (body.Code is null), body.Line is null ? "#/line" : "#/code", "Say what was picked by exactly one of line or code.")
            .That(body.Quantity is not null || body.Line is null, "#/quantity", "Say how many units of the line were picked.")
            .That(body.Owner is null || body.Line is not null, "#/owner", "An owner goes with a line; a code names the goods by itself.")
            .Text(body.Code, "#/code", CodeLength, optional: true)
            .Text(body.Lot, "#/lot", LotLength, optional: true);
        if (body.Line is { } line)
            check.Range(line, "#/line", 1, LinesMax);
        if (body.Quantity is { } quantity)
            check.Range(quantity, "#/quantity", 1, QuantityMax);
        if (check.Failed)
            return check.Refusal;

        return await writes.RunAsync(context, caller, async tx => await AnsweredAsync(tx, floor, body.Code is { } code
            ? await floor.ScanAsync(tx, caller.Tenant, id, code, body.Quantity ?? 1, body.Lot)
            : await floor.PickAsync(tx, caller.Tenant, id, body.Line!.Value, body.Quantity!.Value, body.Owner, body.Lot))); // Both checked above.
    }

    private static async Task<IResult> Short(HttpContext context, FulfilmentId id, Caller caller, ShortBody body, PickFloor floor, IdempotentWrites writes)
    {
        var check = new Check().Range(body.Line, "#/line", 1, LinesMax).Range(body.Quantity, "#/quantity", 1, QuantityMax);
        return check.Failed
            ? check.Refusal
            : await writes.RunAsync(context, caller, async tx => await AnsweredAsync(tx, floor, await floor.ShortAsync(tx, caller.Tenant, id, body.Line, body.Quantity, body.Reason, context.RequestAborted, body.Owner), isShort: true));
    }

    private static async Task<IResult> Substitutes(FulfilmentId id, Caller caller, Store store, PickFloor floor, TimeProvider clock, CancellationToken cancel) =>
        await store.ReadAsync(async db => await floor.FindAsync(db, caller.Tenant, id) is { } list ? await floor.SubstitutesAsync(db, list, clock.GetUtcNow()) : null, cancel) is { } offered
            ? TypedResults.Ok(new SubstitutesOfferedBody([.. offered.OrderBy(line => line.Key).Select(line => new LineSubstitutes(line.Key, [.. line.Value.Select(one => new SubstituteOffer(one.Item.Id, one.Item.Sku, one.Item.Gtin, one.Item.Name, one.Item.Price, one.Sellable))]))]))
            : Problem.NotFound("pick list");

    private static async Task<IResult> Substitute(HttpContext context, FulfilmentId id, Caller caller, SubstituteBody body, PickFloor floor, IdempotentWrites writes)
    {
        var check = new Check().Range(body.Line, "#/line", 1, LinesMax).Range(body.Quantity, "#/quantity", 1, QuantityMax).Text(body.Code, "#/code", CodeLength).Text(body.Lot, "#/lot", LotLength, optional: true);
        return check.Failed
            ? check.Refusal
            : await writes.RunAsync(context, caller, async tx => await AnsweredAsync(tx, floor, await floor.SubstituteAsync(tx, caller.Tenant, id, body.Line, body.Quantity, body.Code, body.Lot)));
    }

    private static Task<IResult> Pack(HttpContext context, FulfilmentId id, Caller caller, PickFloor floor, IdempotentWrites writes) =>
        writes.RunAsync(context, caller, async tx => await AnsweredAsync(tx, floor, await floor.PackAsync(tx, caller.Tenant, id)));

    private static async Task<IResult> HandOver(HttpContext context, FulfilmentId id, Caller caller, HandOverBody body, PickFloor floor, IdempotentWrites writes)
    {
        var check = new Check()
            .That((body.Code is null) != (body.Override is null), body.Code is null ? "#/code" : "#/override", "Give the customer's code or, when it is locked, an override that says why; one of the two.")
            .Text(body.Code, "#/code", CodeLength, optional: true)
            .Text(body.Override, "#/override", ReasonLength, optional: true);
        return check.Failed
            ? check.Refusal
            : await writes.RunAsync(context, caller, async tx => await AnsweredAsync(tx, floor, await floor.HandOverAsync(tx, caller.Tenant, id, body.Code, body.Override is null ? null : $"{caller.Name}: {body.Override}")));
    }

    private static async Task<Outcome> AnsweredAsync(Tx tx, PickFloor floor, PickOutcome outcome, bool isShort = false) => outcome switch
    {
        PickOutcome.Done done => new Answer(200, BodyOf(done.List, (await floor.LotsAsync(tx, [done.List], tx.Now))[0]) with { FoundElsewhere = isShort ? done.FoundElsewhere : null }),
        PickOutcome.NotFound => Outcome.Refuse(Problem.NotFound("pick list")),
        // A wrong code is counted: an answer, so that its effect stays.
        PickOutcome.Refused { Counted: not null } refused => new Answer(422, DetailsOf(refused)),
        PickOutcome.Refused refused => Outcome.Refuse(TypedResults.Problem(DetailsOf(refused))),
        _ => throw new UnreachableException(),
    };

    private static Microsoft.AspNetCore.Mvc.ProblemDetails DetailsOf(PickOutcome.Refused refused)
    {
        var (status, type, title) = refused.Why switch
        {
            PickRefusal.NoSuchLine => (400, "invalid-request", "The request has faults"),
            PickRefusal.NotOnList => (409, "not-on-pick-list", "Not on this list"),
            PickRefusal.TooMany => (409, "not-that-many-left", "Not that many are left"),
            PickRefusal.NotOpen => (409, "pick-list-closed", "The list is closed"),
            PickRefusal.NotAllPicked => (409, "not-all-picked", "Units are left to pick"),
            PickRefusal.NotHere => (409, "nothing-to-hand-over", "Nothing to hand over"),
            PickRefusal.WrongCode => (422, "wrong-code", "Not the customer's code"),
            PickRefusal.CodeLocked => (409, "code-locked", "Too many wrong codes"),
            PickRefusal.NotLocked => (409, "code-not-tried", "Ask for the code"),
            PickRefusal.LotUnknown => (409, "lot-unknown", "No such lot here"),
            PickRefusal.LotHeld => (409, "lot-held", "The lot is held"),
            PickRefusal.LotExpired => (409, "lot-expired", "The lot is too old"),
            PickRefusal.LotNotNext => (409, "lot-not-next", "Another lot goes first"),
            PickRefusal.NoSubstitute => (409, "substitute-not-agreed", "Nothing may come instead"),
            PickRefusal.NotASubstitute => (409, "not-a-substitute", "Not this instead of that"),
            PickRefusal.SubstituteOut => (409, "substitute-out-of-stock", "The book has none of it here"),
            PickRefusal.NoLotGood => (409, "no-lot-good", "What is here may not be sold"),
            _ => throw new UnreachableException(),
        };
        var details = Problem.Details(status, type, title, refused.Detail);
        if (refused.Field.Length > 0)
            details.Extensions["errors"] = new[] { new Fault { Pointer = $"#/{refused.Field}", Detail = refused.Detail } };
        if (refused.Left is { } left)
            details.Extensions[refused.Why is PickRefusal.WrongCode or PickRefusal.CodeLocked ? "attemptsLeft" : "left"] = left;
        return details;
    }

    private static PickListBody BodyOf(PickList list, IReadOnlyList<IReadOnlyList<LotUnits>> lots) => new(
        list.Id,
        list.Operator,
        list.Seller,
        list.Order,
        list.OrderNumber,
        list.Location,
        list.Service,
        list.Station,
        list.Status,
        list.ReadyAt,
        list.DueAt,
        list.ReleasedAt,
        list.PackedAt,
        list.HandedOverAt,
        [.. list.InShelfOrder.Select(line => new PickLineBody(line.Line, line.Owner, line.Item, line.Sku, line.Gtin, line.Name, line.TemperatureClass, line.Quantity, line.Picked, line.Short, line.Cancelled, line.Left, line.PutBack, line.ShortReason, lots[IndexOf(list, line)], line.SubstituteFor))],
        [.. list.Bags.Select(bag => new BagBody(new ParcelReference(list.Id, bag.TemperatureClass).ToString(), bag.TemperatureClass, bag.Status, bag.Job, bag.Sscc?.ToString()))]);

    private static int IndexOf(PickList list, PickLine line)
    {
        var index = 0;
        while (list.Lines[index] != line)
            index++;
        return index;
    }
}
