using Caravan.Network;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Caravan.Stock.Lots;

namespace Caravan.Stock;

/// <summary>A company's own stock: what is where, what moved, what is short; receipts and counts for those without a system.</summary>
internal static class StockEndpoints
{
    private const int LinesMax = 5_000;
    private const int LongestCause = 100;

    public static void MapStockEndpoints(this IEndpointRouteBuilder routes)
    {
        var stock = routes.MapGroup("/v1/stock").WithTags("Stock").NeedsScope(Area.Stock);
        stock.MapGet("", Cells).WithSummary("Your stock, cell by cell").Produces<Page<CellBody>>();
        stock.MapGet("/movements", Movements).WithSummary("Your ledger, newest first").Produces<Page<MovementBody>>();
        stock.MapGet("/audit", Audit).WithSummary("Whether your cells are what your ledger says: the last round of the audit, and every difference it found").Produces<AuditBody>();
        stock.MapPost("/receipts", Receive).WithSummary("Goods that came to a location").Produces<LinesTaken>().ProducesProblem(400);
        stock.MapPost("/adjustments", Adjust).WithSummary("Stock that was found, broken or counted").Produces<LinesTaken>().ProducesProblem(400);
    }

    private static async Task<IResult> Cells(Caller caller, Store store, TimeProvider clock, CancellationToken cancel, ItemId? item = null, LocationId? location = null, string? cursor = null, int limit = 50)
    {
        var check = new Check().That(TryCursor(cursor, out var after), "?cursor", "Give the 'next' of the page before.").Range(limit, "?limit", 1, Page<CellBody>.Longest);
        if (check.Failed)
            return check.Refusal;

        var rows = await store.ReadAsync(db => StockQueries.CellsAsync(db, caller.Tenant, item, location, after, limit + 1, clock.GetUtcNow()), cancel);
        return TypedResults.Ok(Page<CellBody>.Of(rows, limit, cell => $"{cell.Item}~{cell.Location}"));
    }

    private static async Task<IResult> Movements(Caller caller, Store store, CancellationToken cancel, ItemId? item = null, LocationId? location = null, MovementId? cursor = null, int limit = 50)
    {
        var check = new Check().Range(limit, "?limit", 1, Page<MovementBody>.Longest);
        if (check.Failed)
            return check.Refusal;

        var rows = await store.ReadAsync(db => StockQueries.MovementsAsync(db, caller.Tenant, item, location, cursor, limit + 1), cancel);
        return TypedResults.Ok(Page<MovementBody>.Of(rows, limit, movement => movement.Id.ToString()));
    }

    private static async Task<IResult> Audit(Caller caller, Store store, CancellationToken cancel) => TypedResults.Ok(await store.ReadAsync(async db =>
    {
        var books = await StockBooksStore.FindAsync(db, caller.Tenant);
        var all = new StockRange(caller.Tenant, default, default, StockRange.LastItem, StockRange.LastLocation);
        return new AuditBody(
            books?.ClosedUntil,
            books is { LastStartedAt: { } last } ? new AuditRoundBody(last, books.LastFinishedAt, books.LastCells) : null,
            books is { StartedAt: { } started } ? new AuditRoundBody(started, null, books.Cells) : null,
            await StockBooksStore.CountDifferencesAsync(db, caller.Tenant),
            await StockBooksStore.DifferencesAsync(db, all, Page<DifferenceBody>.Longest));
    }, cancel));

    private static Task<IResult> Receive(HttpContext context, Caller caller, ReceiptBody body, StockHand hand)
    {
        var check = NamedItems.Check(new Check().Text(body.Cause, "#/cause", LongestCause), body.Lines, LinesMax, least: 1);
        return check.Failed
            ? Task.FromResult<IResult>(check.Refusal)
            : hand.RunAsync(context, caller, body.Location, $"receipt:{body.Cause}", [.. body.Lines.Select(line => new HandLine(line.Item, line.Sku, "quantity", MovementKind.Receive, line.Quantity, line.Lots))]);
    }

    private static Task<IResult> Adjust(HttpContext context, Caller caller, AdjustmentBody body, StockHand hand)
    {
        var check = new Check().Text(body.Cause, "#/cause", LongestCause).List(body.Lines, "#/lines", LinesMax);
        for (var i = 0; i < (check.Failed ? 0 : body.Lines.Count); i++)
        {
            var line = body.Lines[i];
            check.That(line is not null, $"#/lines/{i}", "A line is an object.");
            if (line is null)
                continue;

            NamedItems.Check(check, line.Item, line.Sku, i)
                .That(line.Change is null != line.Counted is null, $"#/lines/{i}/change", "Give a change or what was counted, one of the two.")
                .Range(line.Change ?? 0, $"#/lines/{i}/change", -FeedQuantity.Max, FeedQuantity.Max)
                .Range(line.Counted ?? 0, $"#/lines/{i}/counted", 0, FeedQuantity.Max);
            LotEndpoints.Check(check, line.Lots, $"#/lines/{i}/lots", line.Counted ?? line.Change ?? 0, line.Counted is null ? -FeedQuantity.Max : 0);
        }

        return check.Failed
            ? Task.FromResult<IResult>(check.Refusal)
            : hand.RunAsync(context, caller, body.Location, $"adjustment:{body.Cause}", [.. body.Lines.Select(line => line.Counted is { } counted
                ? new HandLine(line.Item, line.Sku, "counted", MovementKind.Count, counted, line.Lots)
                : new HandLine(line.Item, line.Sku, "change", MovementKind.Adjust, line.Change ?? 0, line.Lots))]);
    }

    private static bool TryCursor(string? cursor, out (ItemId Item, LocationId Location) after)
    {
        after = default;
        if (cursor is null)
            return true;
        if (cursor.Split('~') is not [var first, var second] || !ItemId.TryParse(first, null, out var item) || !LocationId.TryParse(second, null, out var location))
            return false;

        after = (item, location);
        return true;
    }
}

/// <summary>One line that a person sends: of what, and the field it stands in.</summary>
internal sealed record HandLine(ItemId? Item, string? Sku, string Field, MovementKind Kind, int Quantity, IReadOnlyList<LotLineBody>? Lots);

/// <summary>Writes what people send by hand into the book.</summary>
internal sealed class StockHand(NamedItems names, NetworkMap map, FeedCodes codes, StockBook book, IdempotentWrites writes)
{
    public async Task<IResult> RunAsync(HttpContext context, Caller caller, LocationId location, string cause, IReadOnlyList<HandLine> lines)
    {
        var network = await map.CurrentAsync(context.RequestAborted);
        return await writes.RunAsync(context, caller, async tx =>
        {
            var found = new Check();
            var places = await codes.PlacesAsync(tx, network, caller.Tenant, tx.Now);
            if (!places.Contains(location) || network.Find(location) is not { } place)
                return Outcome.Refuse(found.That(false, "#/location", "There is no such location where you may hold stock.").Refusal);

            var items = await names.FindAsync(tx, caller.Tenant, [.. lines.Select(line => (line.Item, line.Sku))], found);
            var changed = 0;
            for (var i = 0; i < lines.Count; i++)
            {
                var line = lines[i];
                if (items[i] is not { } item)
                    continue;

                if (line.Quantity > 0 && (place.TemperatureMask & (1u << (int)item.TemperatureClass)) == 0)
                    found.That(false, $"#/lines/{i}/item", $"It is kept {item.TemperatureClass}, and '{place.Name}' cannot.");
                else if (item.IsLotControlled && line.Kind == MovementKind.Receive && (line.Lots?.Sum(lot => (long)lot.Quantity) ?? 0) != line.Quantity)
                    found.That(false, $"#/lines/{i}/lots", "Every unit of this item has a lot: name lots that make up the quantity.");
                else
                    await WriteAsync(tx, new StockKey(caller.Tenant, item.Id, location), line, i);
            }

            return found.Failed ? Outcome.Refuse(found.Refusal) : new Answer(200, new LinesTaken(lines.Count, changed));

            async Task WriteAsync(Tx tx, StockKey key, HandLine line, int at)
            {
                var (isChanged, fault) = await book.ByHandAsync(tx, key, line.Kind, line.Quantity, cause, [.. (line.Lots ?? []).Select(lot => lot.ToLine())]);
                changed += isChanged ? 1 : 0;
                if (fault is not null)
                    found.That(false, $"#/lines/{at}/{(fault.Lot is { } lot ? $"lots/{lot}" : line.Field)}", fault.Detail);
            }
        });
    }
}
