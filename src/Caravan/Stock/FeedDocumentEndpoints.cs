using System.Globalization;
using System.Text.Json;
using Caravan.Network;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Stock;

/// <summary>What a feed sends: snapshots, deltas and files; what waits and what was rejected.</summary>
internal static class FeedDocumentEndpoints
{
    private const int ScopeMax = 5_000;
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan OldestAsOf = TimeSpan.FromDays(366);

    public static void MapFeedDocumentEndpoints(this IEndpointRouteBuilder routes)
    {
        var feeds = routes.MapGroup("/v1/feeds/{id}").WithTags("Feeds").NeedsScope(Area.Stock);
        feeds.MapPost("/snapshots", Snapshot).WithSummary("All figures of the feed, or all in a scope; what is left out is zero").Produces<FeedReceipt>().Produces<FeedReceipt>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        feeds.MapPost("/deltas", Delta).WithSummary("Figures or changes since the last document; without lines a sign of life").Produces<FeedReceipt>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        feeds.MapPost("/files", FeedFileEndpoint.Send).WithSummary("A file of the feed: CSV with the columns location, item, quantity (or change), or as the feed was connected; up to 10 million lines").Accepts<string>("text/csv").Produces<FeedReceipt>().Produces<FeedReceipt>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        feeds.MapGet("/documents", Documents).WithSummary("Documents taken, newest first").Produces<Page<FeedDocument>>().ProducesProblem(404);
        feeds.MapGet("/documents/{document}", Document).WithSummary("One document").Produces<FeedDocument>().ProducesProblem(404);
        feeds.MapPost("/documents/{document}/accept", Accept).WithSummary("Let a waiting document through the breaker").Produces<FeedReceipt>().ProducesProblem(404).ProducesProblem(409);
        feeds.MapPost("/documents/{document}/discard", Discard).WithSummary("Throw a waiting document away").Produces<FeedDocument>().ProducesProblem(404).ProducesProblem(409);
        feeds.MapGet("/rejected", Rejected).WithSummary("Lines that were rejected and have not been mended").Produces<Page<RejectedLine>>().ProducesProblem(404);
        feeds.MapPost("/rejected:retry", Retry).WithSummary("Try rejected lines again").Produces<RetryReceipt>().ProducesProblem(404);
    }

    private static Task<IResult> Snapshot(FeedId id, HttpContext context, Caller caller, SnapshotBody body, FeedPost post)
    {
        var check = new Check()
            .That(body.Scope is null or { Locations: not null } or { Items: not null }, "#/scope", "Name locations or items, or leave the scope out.")
            .That(body.Scope?.Locations is null or { Count: > 0 and <= ScopeMax }, "#/scope/locations", $"Give 1 to {ScopeMax} codes.")
            .That(body.Scope?.Items is null or { Count: > 0 and <= ScopeMax }, "#/scope/items", $"Give 1 to {ScopeMax} codes.");
        CheckCodes(check, body.Scope?.Locations, "#/scope/locations");
        CheckCodes(check, body.Scope?.Items, "#/scope/items");
        if (check.Failed)
            return Task.FromResult<IResult>(check.Refusal);

        return post.RunAsync(id, context, caller, check, DocumentKind.Snapshot, body.AsOf, body.Sequence, new FeedScope { Locations = body.Scope?.Locations, Items = body.Scope?.Items }, body.Lines);
    }

    private static void CheckCodes(Check check, List<string>? codes, string at)
    {
        for (var i = 0; i < Math.Min(codes?.Count ?? 0, ScopeMax); i++)
            check.Text(codes![i], $"{at}/{i}", FeedEndpoints.LongestCode); // Counted just before, so there is a list.
    }

    private static Task<IResult> Delta(FeedId id, HttpContext context, Caller caller, DeltaBody body, FeedPost post) =>
        post.RunAsync(id, context, caller, new Check(), DocumentKind.Delta, body.AsOf, body.Sequence, new FeedScope(), body.Lines);

    private static async Task<IResult> Documents(FeedId id, Caller caller, Store store, CancellationToken cancel, FeedDocumentId? cursor = null, int limit = 50)
    {
        var check = new Check().Range(limit, "?limit", 1, Page<FeedDocument>.Longest);
        if (check.Failed)
            return check.Refusal;

        var rows = await store.ReadAsync(async db => await FeedStore.FindAsync(db, caller.Tenant, id) is { } feed ? await FeedDocumentStore.ListAsync(db, feed, cursor, limit + 1) : null, cancel);
        return rows is null ? Problem.NotFound("feed of yours") : TypedResults.Ok(Page<FeedDocument>.Of(rows, limit, document => document.Id.ToString()));
    }

    private static async Task<IResult> Document(FeedId id, FeedDocumentId document, Caller caller, Store store, CancellationToken cancel) =>
        await store.ReadAsync(async db => await FeedStore.FindAsync(db, caller.Tenant, id) is { } feed ? await FeedDocumentStore.FindAsync(db, feed, document) : null, cancel) is { } found
            ? TypedResults.Ok(found)
            : Problem.NotFound("document of this feed");

    private static async Task<IResult> Accept(FeedId id, FeedDocumentId document, HttpContext context, Caller caller, NetworkMap map, FeedIntake intake, IdempotentWrites writes)
    {
        var network = await map.CurrentAsync(context.RequestAborted);
        return await WhenWaitingAsync(id, document, context, caller, writes, (tx, feed, waiting) => intake.AcceptAsync(tx, network, feed, waiting));
    }

    private static Task<IResult> Discard(FeedId id, FeedDocumentId document, HttpContext context, Caller caller, IdempotentWrites writes) =>
        WhenWaitingAsync(id, document, context, caller, writes, async (tx, feed, waiting) => new Answer(200, await FeedIntake.DiscardAsync(tx, feed, waiting)));

    private static async Task<IResult> Rejected(FeedId id, Caller caller, Store store, CancellationToken cancel, string? cursor = null, int limit = 50)
    {
        // A cursor is the last entry's document and line: fdc_…~17.
        FeedDocumentId document = default;
        var line = 0;
        var isCursor = cursor is null
            || (cursor.Split('~') is [var first, var second] && FeedDocumentId.TryParse(first, null, out document) && int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out line));
        var check = new Check().That(isCursor, "?cursor", "Give the 'next' of the page before.").Range(limit, "?limit", 1, Page<RejectedLine>.Longest);
        if (check.Failed)
            return check.Refusal;

        var rows = await store.ReadAsync(async db => await FeedStore.FindAsync(db, caller.Tenant, id) is { } feed ? await FeedDocumentStore.RejectedAsync(db, feed, document, line, limit + 1) : null, cancel);
        return rows is null ? Problem.NotFound("feed of yours") : TypedResults.Ok(Page<RejectedLine>.Of(rows, limit, one => $"{one.Document}~{one.Line}"));
    }

    private static async Task<IResult> Retry(FeedId id, HttpContext context, Caller caller, NetworkMap map, FeedIntake intake, IdempotentWrites writes)
    {
        var network = await map.CurrentAsync(context.RequestAborted);
        return await writes.RunAsync(context, caller, async tx =>
        {
            if (await FeedStore.FindAsync(tx, caller.Tenant, id) is not { } feed)
                return Outcome.Refuse(Problem.NotFound("feed of yours"));

            var (tried, taken) = await intake.RetryAsync(tx, network, feed);
            return new Answer(200, new RetryReceipt(tried, taken));
        });
    }

    private static Task<IResult> WhenWaitingAsync(FeedId id, FeedDocumentId document, HttpContext context, Caller caller, IdempotentWrites writes, Func<Tx, Feed, FeedDocument, Task<Outcome>> decide) =>
        writes.RunAsync(context, caller, async tx =>
        {
            if (await FeedStore.FindAsync(tx, caller.Tenant, id) is not { } feed || await FeedDocumentStore.FindAsync(tx, feed, document) is not { } found)
                return Outcome.Refuse(Problem.NotFound("document of this feed"));

            return found.State == DocumentState.Waiting
                ? await decide(tx, feed, found)
                : Outcome.Refuse(Problem.Of(409, "document-not-waiting", "The document does not wait", $"It is {found.State} already; there is nothing to decide."));
        });

    /// <summary>A snapshot is made of figures: a change says nothing about what is there.</summary>
    public static void CheckFigures(Check check, DocumentKind kind, List<FeedLine> lines)
    {
        if (kind == DocumentKind.Snapshot && lines.Find(line => line.IsChange) is { } line)
            check.That(false, $"#/lines/{line.Number - 1}/change", "A snapshot is made of figures. Send changes as a delta.");
    }

    /// <summary>What every document must be before it is opened.</summary>
    public static void CheckTimes(Check check, DateTimeOffset asOf, long? sequence, DateTimeOffset now) => check
        .That(asOf <= now + ClockSlack, "#/asOf", "Figures from the future are not taken; check the clock of the system that sends them.")
        .That(asOf >= now - OldestAsOf, "#/asOf", "These figures are more than a year old.")
        .That(sequence is null or (> 0 and <= long.MaxValue / 2), "#/sequence", "Count documents from 1.");

    /// <summary>The line as it came, or what keeps the whole document from being read.</summary>
    public static FeedLine? LineOf(Check check, DocumentLineBody line, int index)
    {
        var isFigure = line.Quantity is { ValueKind: not JsonValueKind.Null };
        var isChange = line.Change is { ValueKind: not JsonValueKind.Null };
        if (isFigure && isChange)
        {
            check.That(false, $"#/lines/{index}", "A line gives a quantity or a change, not both.");
            return null;
        }

        var value = isChange ? line.Change : line.Quantity;
        var text = value switch
        {
            null => "",
            { ValueKind: JsonValueKind.String } word => TextOf(word),
            { ValueKind: JsonValueKind.Null } => "",
            { } other => other.GetRawText(),
        };
        return new FeedLine(index + 1, Short(line.Location), Short(line.Item), Short(text), isChange);
    }

    // Half a character (a lone "\ud800") is no text: the line is rejected with it as it was written.
    private static string TextOf(JsonElement word)
    {
        try
        {
            return word.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            return word.GetRawText();
        }
    }

    // Kept with the line when it is rejected, so bounded; control characters match no code.
    private static string Short(string? text)
    {
        var trimmed = text?.Trim() ?? "";
        return trimmed.Length <= FeedEndpoints.LongestCode ? trimmed : trimmed[..FeedEndpoints.LongestCode];
    }
}
