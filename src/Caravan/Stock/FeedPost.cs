using Caravan.Network;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Stock;

/// <summary>
/// The way of a document from the wire into the book. A small one is one piece of work on the writer; one of more lines than a slice
/// is stored first, judged, and applied slice by slice, so that orders go on between its slices.
/// </summary>
internal sealed class FeedPost(Store store, NetworkMap map, FeedIntake intake, FeedSlices slices, IdempotentWrites writes, FeedWake wake, TimeProvider clock)
{
    /// <summary>A document in JSON.</summary>
    public Task<IResult> RunAsync(FeedId id, HttpContext context, Caller caller, Check check, DocumentKind kind, DateTimeOffset asOf, long? sequence, FeedScope scope, List<DocumentLineBody> bodies)
    {
        check.That(bodies.Count <= FeedDraft.LinesMax, "#/lines", $"At most {FeedDraft.LinesMax} lines; this has {bodies.Count}. Send a file, or parts, each with its own scope.");
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

        if (draft.Lines.Count > FeedUpload.PartLines)
        {
            var upload = new FeedUpload(store, caller.Tenant, id, clock);
            foreach (var line in draft.Lines)
                await upload.AddAsync(line, context.RequestAborted);
            return await RunAsync(id, context, caller, upload, draft.Kind, draft.AsOf, draft.Sequence, draft.Scope);
        }

        var network = await map.CurrentAsync(context.RequestAborted);
        Feed? gap = null;
        var result = await writes.RunAsync(context, caller, async tx =>
        {
            gap = null;
            return await FeedStore.FindAsync(tx, caller.Tenant, id) is { } feed
                ? await intake.TakeAsync(tx, network, feed, draft, behind => gap = behind)
                : Outcome.Refuse(Problem.NotFound("feed of yours"));
        });
        await TellGapAsync(gap, context.RequestAborted);
        return result;
    }

    /// <summary>A document whose lines have come and lie in the store.</summary>
    public async Task<IResult> RunAsync(FeedId id, HttpContext context, Caller caller, FeedUpload upload, DocumentKind kind, DateTimeOffset asOf, long? sequence, FeedScope scope)
    {
        var isTaken = false;
        try
        {
            if (await store.ReadAsync(db => FeedStore.FindAsync(db, caller.Tenant, id), context.RequestAborted) is not { } found)
                return Problem.NotFound("feed of yours");

            var stored = await upload.EndAsync(kind, asOf, sequence, scope, context.RequestAborted);
            var judged = await slices.JudgeAsync(found, stored, context.RequestAborted);
            var network = await map.CurrentAsync(context.RequestAborted);
            Feed? gap = null;
            DocumentOutcome? outcome = null;

            // Were we not told how it ended, it may have been taken: then its lines stay.
            isTaken = true;
            var result = await writes.RunAsync(context, caller, async tx =>
            {
                (gap, outcome) = (null, null);
                if (await FeedStore.FindAsync(tx, caller.Tenant, id) is not { } feed)
                    return Outcome.Refuse(Problem.NotFound("feed of yours"));

                var begun = await slices.BeginAsync(tx, network, feed, stored, judged, behind => gap = behind);
                outcome = (begun.Answer?.Value as FeedReceipt)?.Outcome;
                return begun;
            });
            isTaken = outcome is DocumentOutcome.Applying or DocumentOutcome.Waiting;
            await TellGapAsync(gap, context.RequestAborted);
            if (outcome is not DocumentOutcome.Applying)
                return result;

            // A document of the size that was always answered when it was in the book still is; whoever sends more comes back for it.
            if (stored.Lines > FeedDraft.LinesMax)
            {
                wake.Apply(caller.Tenant, stored.Document);
                return result;
            }

            var (keyed, _) = await IdempotentWrites.ReadAsync(context, caller, isKeyRequired: false);
            var receipt = await slices.ApplyAsync(caller.Tenant, stored.Document, judged, (tx, done) => keyed is null ? Task.CompletedTask : writes.AnswerAnewAsync(tx, keyed, new Answer(200, done)), context.RequestAborted);
            return receipt is null ? result : TypedResults.Ok(receipt);
        }
        finally
        {
            if (!isTaken)
                await upload.ForgetAsync();
        }
    }

    // The refusal has left no trace; that the feed is behind must stay.
    private async Task TellGapAsync(Feed? gap, CancellationToken cancel)
    {
        if (gap is not null)
            await store.WriteAsync(tx => FeedStore.AwaitSnapshotAsync(tx, gap), cancel);
    }
}
