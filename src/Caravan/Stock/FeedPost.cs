using Caravan.Network;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Stock;

/// <summary>The way of a document from the wire into the book.</summary>
internal sealed class FeedPost(Store store, NetworkMap map, FeedIntake intake, IdempotentWrites writes, TimeProvider clock)
{
    /// <summary>A document in JSON.</summary>
    public Task<IResult> RunAsync(FeedId id, HttpContext context, Caller caller, Check check, DocumentKind kind, DateTimeOffset asOf, long? sequence, FeedScope scope, List<DocumentLineBody> bodies)
    {
        check.That(bodies.Count <= FeedDraft.LinesMax, "#/lines", $"At most {FeedDraft.LinesMax} lines; this has {bodies.Count}. Send parts, each with its own scope.");
        List<FeedLine> lines = new(bodies.Count);
        for (var i = 0; i < bodies.Count && !check.Failed; i++)
        {
            if (bodies[i] is null)
                check.That(false, $"#/lines/{i}", "A line is an object.");
            else if (FeedDocumentEndpoints.LineOf(check, bodies[i], i) is { } line)
                lines.Add(line);
        }

        FeedDocumentEndpoints.CheckFigures(check, kind, lines);
        return RunAsync(id, context, caller, check, new FeedDraft(kind, asOf, sequence, scope, lines));
    }

    /// <summary>A document as it was read.</summary>
    public async Task<IResult> RunAsync(FeedId id, HttpContext context, Caller caller, Check check, FeedDraft draft)
    {
        FeedDocumentEndpoints.CheckTimes(check, draft.AsOf, draft.Sequence, clock.GetUtcNow());
        if (check.Failed)
            return check.Refusal;

        var network = await map.CurrentAsync(context.RequestAborted);
        Feed? gap = null;
        var result = await writes.RunAsync(context, caller, async tx =>
        {
            gap = null;
            return await FeedStore.FindAsync(tx, caller.Tenant, id) is { } feed
                ? await intake.TakeAsync(tx, network, feed, draft, behind => gap = behind)
                : Outcome.Refuse(Problem.NotFound("feed of yours"));
        });

        // The refusal has left no trace; that the feed is behind must stay.
        if (gap is not null)
            await store.WriteAsync(tx => FeedStore.AwaitSnapshotAsync(tx, gap), context.RequestAborted);
        return result;
    }
}
