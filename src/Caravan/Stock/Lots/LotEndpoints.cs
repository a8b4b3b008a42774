using System.Globalization;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Stock.Lots;

/// <summary>A company's lots: what is where until when, holds, and which orders got what.</summary>
internal static class LotEndpoints
{
    private const int LinesMax = 100;
    private const int NoteLength = 200;

    public static void MapLotEndpoints(this IEndpointRouteBuilder routes)
    {
        var lots = routes.MapGroup("/v1/lots").WithTags("Stock").NeedsScope(Area.Stock);
        lots.MapGet("", List).WithSummary("Your lots of which something is there, those that expire first first").Produces<Page<LotBody>>().ProducesProblem(400);
        lots.MapGet("/{id}", Get).WithSummary("One of your lots").Produces<LotBody>().ProducesProblem(404);
        lots.MapGet("/{id}/movements", Movements).WithSummary("A lot's ledger, newest first").Produces<Page<LotMovementBody>>().ProducesProblem(400).ProducesProblem(404);
        lots.MapGet("/{id}/orders", Orders).WithSummary("Which orders got some of it, wherever its code lay: for a recall").Produces<Page<LotOrder>>().ProducesProblem(400).ProducesProblem(404);
        lots.MapPost("/{id}:hold", Hold).WithSummary("It must not be sold, here or everywhere; what is sellable falls at once").Produces<LotsBody>().ProducesProblem(400).ProducesProblem(404);
        lots.MapPost("/{id}:release", Release).WithSummary("It may be sold again, as far as its time allows").Produces<LotsBody>().ProducesProblem(404);
    }

    /// <summary>Checks what a line says of its lots, before anything is read.</summary>
    public static void Check(Check check, List<LotLineBody>? lots, string at, int total, int least)
    {
        if (lots is null)
            return;

        check.List(lots, at, LinesMax);
        HashSet<string> codes = [];
        long sum = 0;
        for (var i = 0; i < Math.Min(lots.Count, LinesMax); i++)
        {
            if (lots[i] is not { } lot)
            {
                check.That(false, $"{at}/{i}", "A lot is an object.");
                continue;
            }

            sum += lot.Quantity;
            check.That(LotLine.IsCode(lot.Code), $"{at}/{i}/code", $"Give 1 to {LotLine.LongestCode} characters that a GS1 code may hold (AI 10): letters, digits and punctuation, no blanks.")
                .That(lot.Code is null || codes.Add(lot.Code), $"{at}/{i}/code", "This lot stands in the line twice; add it up.")
                .Range(lot.Quantity, $"{at}/{i}/quantity", least, FeedQuantity.Max)
                .That(lot.ExpiresOn is not { } day || (day >= LotLine.FirstDay && day <= LotLine.LastDay), $"{at}/{i}/expiresOn", "Give a day of this century.");
        }

        check.That(total < 0 ? sum >= total : sum <= total, at, $"The lots make {sum} and the line {total}: a line holds its lots, and what it holds besides has no lot.");
    }

    private static async Task<IResult> List(Caller caller, Store store, CancellationToken cancel, ItemId? item = null, LocationId? location = null, DateOnly? expiresBefore = null, bool? isHeld = null, string? cursor = null, int limit = 50)
    {
        var check = new Check().That(TryCursor(cursor, out var after), "?cursor", "Give the 'next' of the page before.").Range(limit, "?limit", 1, Page<LotBody>.Longest);
        if (check.Failed)
            return check.Refusal;

        var rows = await store.ReadAsync(db => LotStore.ListAsync(db, caller.Tenant, item, location, expiresBefore, isHeld, after, limit + 1), cancel);
        return TypedResults.Ok(Page<LotBody>.Of(rows.ConvertAll(LotBody.Of), limit, lot => $"{LotStore.Text(lot.ExpiresOn) ?? "9999-12-31"}~{lot.Id}"));
    }

    private static async Task<IResult> Get(LotId id, Caller caller, Store store, CancellationToken cancel) =>
        await store.ReadAsync(db => LotStore.FindAsync(db, caller.Tenant, id), cancel) is { } lot ? TypedResults.Ok(LotBody.Of(lot)) : Problem.NotFound("lot");

    private static async Task<IResult> Movements(LotId id, Caller caller, Store store, CancellationToken cancel, MovementId? cursor = null, int limit = 50)
    {
        var check = new Check().Range(limit, "?limit", 1, Page<LotMovementBody>.Longest);
        return check.Failed ? check.Refusal : await store.ReadAsync<IResult>(
            async db => await LotStore.FindAsync(db, caller.Tenant, id) is null
                ? Problem.NotFound("lot")
                : TypedResults.Ok(Page<LotMovementBody>.Of(await LotStore.MovementsAsync(db, caller.Tenant, id, cursor, limit + 1), limit, movement => movement.Movement.ToString())),
            cancel);
    }

    private static async Task<IResult> Orders(LotId id, Caller caller, Store store, CancellationToken cancel, string? cursor = null, int limit = 50)
    {
        var check = new Check().That(TryCursorOfOrders(cursor, out var after), "?cursor", "Give the 'next' of the page before.").Range(limit, "?limit", 1, Page<LotOrder>.Longest);
        return check.Failed ? check.Refusal : await store.ReadAsync<IResult>(
            async db => await LotStore.FindAsync(db, caller.Tenant, id) is not { } lot
                ? Problem.NotFound("lot")
                : TypedResults.Ok(Page<LotOrder>.Of(await LotTraces.OrdersAsync(db, caller.Tenant, lot.Item, lot.Code, after, limit + 1), limit, one => $"{one.Fulfilment}~{one.Lot}")),
            cancel);
    }

    private static async Task<IResult> Hold(HttpContext context, LotId id, Caller caller, HoldLotBody body, LotDesk desk, IdempotentWrites writes)
    {
        var check = new Check().Text(body.Note, "#/note", NoteLength, optional: true);
        return check.Failed ? check.Refusal : await writes.RunAsync(context, caller, async tx => Answered(await desk.HoldAsync(tx, caller.Tenant, id, body.Reason, body.Note, caller.Name, body.Everywhere)));
    }

    private static Task<IResult> Release(HttpContext context, LotId id, Caller caller, ReleaseLotBody body, LotDesk desk, IdempotentWrites writes) =>
        writes.RunAsync(context, caller, async tx => Answered(await desk.ReleaseAsync(tx, caller.Tenant, id, body.Everywhere)));

    private static Outcome Answered(IReadOnlyList<StockLot>? lots) =>
        lots is null ? Outcome.Refuse(Problem.NotFound("lot")) : new Answer(200, new LotsBody([.. lots.Select(LotBody.Of)]));

    private static bool TryCursor(string? cursor, out (string ExpiresOn, LotId Id) after)
    {
        after = ("", default);
        if (cursor is null)
            return true;
        if (cursor.Split('~') is not [var day, var id] || !DateOnly.TryParseExact(day, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) || !LotId.TryParse(id, null, out var lot))
            return false;

        after = (day, lot);
        return true;
    }

    private static bool TryCursorOfOrders(string? cursor, out (FulfilmentId Fulfilment, LotId Lot) after)
    {
        after = default;
        if (cursor is null)
            return true;
        if (cursor.Split('~') is not [var first, var second] || !FulfilmentId.TryParse(first, null, out var fulfilment) || !LotId.TryParse(second, null, out var lot))
            return false;

        after = (fulfilment, lot);
        return true;
    }
}
