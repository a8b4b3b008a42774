using Caravan.Network;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>
/// Takes large documents into the book slice by slice, each in a transaction of its own that gives way to orders. A document is
/// judged as a whole first (its turn, its duplicates, the breaker), and then cannot be refused any more. A snapshot goes in twice: what
/// it lowers and leaves out first, the rest after that, so that while it goes in less may be promised than is there, never more. How far
/// it is stands in the store with each slice: after a crash any server goes on from there, and where two do, one sees the other's step and
/// leaves it.
/// </summary>
internal sealed partial class FeedSlices(Store store, NetworkMap map, FeedCodes codes, FeedIntake intake, FeedJudge judge, SafetyBook safety, FeedWake wake, TimeProvider clock, ILogger<FeedSlices> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    // Whoever applies it moves it on many times a second.
    private static readonly TimeSpan StandsAfter = TimeSpan.FromSeconds(10);
    private readonly HashSet<FeedDocumentId> mine = [];
    private readonly Lock gate = new();

    /// <summary>What a large document would do, before it is taken.</summary>
    public async Task<FeedJudgement> JudgeAsync(Feed feed, StoredDocument stored, CancellationToken cancel) =>
        await judge.JudgeAsync(await map.CurrentAsync(cancel), feed, stored, isWhole: stored.Kind == DocumentKind.Snapshot, clock.GetUtcNow(), cancel);

    /// <summary>Takes a document that has been judged: from here on it goes into the book, or waits for a person.</summary>
    public async Task<Outcome> BeginAsync(Tx tx, NetworkSnapshot network, Feed feed, StoredDocument stored, FeedJudgement judged, Action<Feed> onGap)
    {
        var known = await codes.FindAsync(tx, network, feed, [], stored.Scope, tx.Now);
        if (FeedIntake.CheckScope(stored.Scope, known) is { Failed: true } check)
            return Outcome.Refuse(check.Refusal);
        if (await FeedIntake.AdmitAsync(tx, feed, new FeedDraft(stored.Kind, stored.AsOf, stored.Sequence, stored.Scope, []), onGap) is { } answered)
            return answered;

        var document = new FeedDocument
        {
            Id = stored.Document,
            Kind = stored.Kind,
            AsOf = stored.AsOf,
            Sequence = stored.Sequence,
            Lines = stored.Lines,
            State = DocumentState.Applying,
            Handled = 0,
            ReceivedAt = tx.Now,
        };
        if (stored.Kind == DocumentKind.Snapshot && judged.Breaker.Trips(feed.BreakerPercent, out var why))
        {
            document = document with { State = DocumentState.Waiting, Note = why, Handled = null, Rejected = judged.Rejected, Changed = judged.Changed, Zeroed = judged.Zeroed };
            await FeedDocumentStore.PutAsync(tx, feed, document, null);
            await FeedPartStore.PutAsync(tx, stored with { State = IntakeState.Waiting, MovedAt = tx.Now });
            return FeedIntake.Receipt(DocumentOutcome.Waiting, document, []);
        }

        if (stored.Kind == DocumentKind.Snapshot && stored.Scope.IsWhole)
            await FeedDocumentStore.ResolveOlderAsync(tx, feed, stored.AsOf);
        await FeedDocumentStore.PutAsync(tx, feed, document, null);
        await FeedPartStore.PutAsync(tx, stored with { State = IntakeState.Applying, MovedAt = tx.Now, Step = stored.Kind == DocumentKind.Snapshot ? 0 : stored.Parts + 1 });
        return FeedIntake.Receipt(DocumentOutcome.Applying, document, []);
    }

    /// <summary>Applies a document from where it is to its end; null when somebody else does.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="document">Which.</param>
    /// <param name="judged">What is known of it, when that was just found out.</param>
    /// <param name="finished">Joins the last transaction.</param>
    /// <param name="cancel">Stops between slices; what is done stays done.</param>
    public async Task<FeedReceipt?> ApplyAsync(PartnerId owner, FeedDocumentId document, FeedJudgement? judged, Func<Tx, FeedReceipt, Task>? finished, CancellationToken cancel)
    {
        lock (gate)
        {
            if (!mine.Add(document))
                return null;
        }

        try
        {
            var network = await map.CurrentAsync(cancel);
            var (stored, feed) = await store.ReadAsync(
                async db => await FeedPartStore.FindAsync(db, owner, document) is { State: IntakeState.Applying } found ? (found, await FeedStore.FindAsync(db, owner, found.Feed)) : (null, null), cancel);
            if (stored is null || feed is null)
                return null;

            judged ??= await judge.JudgeAsync(network, feed, stored, isWhole: false, clock.GetUtcNow(), cancel);
            var moves = new FeedMoves(owner, stored.AsOf);
            while (stored.Step <= 2 * stored.Parts)
            {
                cancel.ThrowIfCancellationRequested();
                if (stored.Step == stored.Parts)
                {
                    await foreach (var page in judge.AbsentAsync(network, feed, stored, judged, clock.GetUtcNow(), cancel))
                    {
                        if (await StepAsync(stored, stored.Step, tx => LeaveOutAsync(tx, stored, page, moves)) is not { } left)
                            return null;
                        stored = left;
                    }
                }

                var part = stored.Step % (stored.Parts + 1);
                var isLowering = stored.Step < stored.Parts;
                var isIdle = stored.Step == stored.Parts || (isLowering && judged.Lowers?[part] == false);
                var to = stored.Step + 1;
                while (isIdle && to < stored.Parts && judged.Lowers?[to] == false)
                    to++;
                if (await StepAsync(stored, to, tx => isIdle ? Task.FromResult(stored) : TakePartAsync(tx, stored, part, isLowering, judged, moves)) is not { } next)
                    return null;
                stored = next;
            }

            var done = stored;
            return await store.WriteLaterAsync(tx => EndAsync(tx, done, finished), cancel);
        }
        finally
        {
            lock (gate)
                mine.Remove(document);
        }
    }

    /// <summary>Applies what was handed over, and goes on with documents that nobody moves; how many came to their end.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancel)
    {
        var ended = 0;
        while (wake.TryTake(out var next))
            ended += await ApplyAsync(next.Owner, next.Document, null, null, cancel) is null ? 0 : 1;
        foreach (var standing in await store.ReadAsync(db => FeedPartStore.StandingAsync(db, clock.GetUtcNow() - StandsAfter), cancel))
            ended += await ApplyAsync(standing.Tenant, standing.Document, null, null, cancel) is null ? 0 : 1;
        return ended;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Trouble with the store must not end the work: it is logged, and gone on with.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailure(exception);
            }

            await wake.WaitAsync(Every, clock, stoppingToken);
        }
    }

    // One slice: null when the document is not where we left it, for somebody else has moved it on.
    private Task<StoredDocument?> StepAsync(StoredDocument from, int to, Func<Tx, Task<StoredDocument>> slice) => store.WriteLaterAsync(
        async tx =>
        {
            if (await FeedPartStore.FindAsync(tx, from.Tenant, from.Document) is not { State: IntakeState.Applying } now || now.Step != from.Step)
                return null;

            var next = await slice(tx) with { Step = to, MovedAt = tx.Now };
            await FeedPartStore.PutAsync(tx, next);
            await FeedDocumentStore.TellAsync(tx, next);
            return (StoredDocument?)next;
        },
        CancellationToken.None);

    private async Task<StoredDocument> TakePartAsync(Tx tx, StoredDocument stored, int part, bool isLowering, FeedJudgement judged, FeedMoves moves)
    {
        var feed = await FeedAsync(tx, stored);
        var network = await map.CurrentAsync(CancellationToken.None);
        var lines = await FeedPartStore.LinesAsync(tx, stored, part);
        var known = await codes.FindAsync(tx, network, feed, lines, stored.Scope, tx.Now);
        var (planned, rejected) = FeedJudge.Sort(known, feed, stored, judged, lines);
        var cells = await FeedCellStore.ReadAsync(tx, feed.Tenant, [.. planned.Select(line => line.Key)]);
        var safetyOf = await safety.OfAsync(tx, feed.Tenant, [.. planned.Select(line => line.Key).Where(key => !cells.ContainsKey(key))]);
        var plan = FeedPlan.Make(feed, stored.AsOf, stored.Sequence is not null, planned, [], cells, await moves.UntilAsync(tx), safetyOf);
        var counts = stored.Counts;
        if (isLowering)
        {
            var lowered = plan.Writes.Where(write => write.After.OnHand < write.Before.OnHand || write.After.Sellable < write.Before.Sellable).ToList();
            await intake.WriteAsync(tx, feed, stored.Document, stored.AsOf, lowered, cells, ":lower");
            return stored with { Counts = counts with { Lowered = counts.Lowered + lowered.Count(write => write.After.OnHand != write.Before.OnHand) } };
        }

        var fresh = plan.Writes.Where(write => !(cells.TryGetValue(write.Key, out var cell) && cell.Feed == feed.Id && cell.AsOf == stored.AsOf && write.After == write.Before)).ToList();
        await intake.WriteAsync(tx, feed, stored.Document, stored.AsOf, fresh, cells);
        if (stored.Kind != DocumentKind.Snapshot || !stored.Scope.IsWhole)
            await FeedDocumentStore.ResolveRepeatedAsync(tx, feed, stored.AsOf, rejected);
        await FeedDocumentStore.RejectAsync(tx, feed, stored.Document, rejected);
        return stored with
        {
            Counts = counts with
            {
                Changed = counts.Changed + plan.Changed,
                Unchanged = counts.Unchanged + plan.Unchanged,
                Outdated = counts.Outdated + plan.Outdated,
                Rejected = counts.Rejected + rejected.Count,
            },
        };
    }

    private async Task<StoredDocument> LeaveOutAsync(Tx tx, StoredDocument stored, List<StockKey> page, FeedMoves moves)
    {
        var feed = await FeedAsync(tx, stored);
        var cells = await FeedCellStore.ReadAsync(tx, feed.Tenant, page);

        // In a snapshot of everything, what the feed has told of; in one of some locations, also what nobody feeds there.
        var isWhole = stored.Scope.Locations is null && !stored.Scope.IsLocationsInFile;
        var absent = page.Where(key => cells.TryGetValue(key, out var cell) && (cell.Feed == feed.Id || (cell.Feed is null && !isWhole))).ToList();
        var plan = FeedPlan.Make(feed, stored.AsOf, stored.Sequence is not null, [], absent, cells, await moves.UntilAsync(tx), _ => default);
        await intake.WriteAsync(tx, feed, stored.Document, stored.AsOf, plan.Writes, cells);
        return stored with { Counts = stored.Counts with { Zeroed = stored.Counts.Zeroed + plan.Zeroed } };
    }

    private static async Task<FeedReceipt?> EndAsync(Tx tx, StoredDocument stored, Func<Tx, FeedReceipt, Task>? finished)
    {
        if (await FeedPartStore.FindAsync(tx, stored.Tenant, stored.Document) is not { State: IntakeState.Applying })
            return null;

        var feed = await FeedAsync(tx, stored);
        var isWhole = stored.Kind == DocumentKind.Snapshot && stored.Scope.IsWhole && !(feed.WholeAsOf > stored.AsOf);
        await FeedStore.PutAsync(tx, feed.HeardOf(stored.AsOf) with
        {
            State = FeedState.Live,
            LastSequence = Math.Max(feed.LastSequence, stored.Sequence ?? 0),
            WholeAsOf = isWhole ? stored.AsOf : feed.WholeAsOf,
        });
        var document = await FeedDocumentStore.FindAsync(tx, feed, stored.Document) ?? throw new InvalidOperationException($"Document {stored.Document} is applied and is not there.");
        document = document with { State = DocumentState.Applied, Handled = null };
        await FeedDocumentStore.PutAsync(tx, feed, document, null);
        await FeedPartStore.ForgetAsync(tx, stored.Tenant, stored.Document);
        var receipt = FeedReceipt.Of(DocumentOutcome.Applied, document, await FeedDocumentStore.FirstRejectedAsync(tx, feed, stored.Document, FeedReceipt.Shown));
        if (finished is not null)
            await finished(tx, receipt);
        return receipt;
    }

    private static async Task<Feed> FeedAsync(Tx tx, StoredDocument stored) =>
        await FeedStore.FindAsync(tx, stored.Tenant, stored.Feed) ?? throw new InvalidOperationException($"Feed {stored.Feed} of document {stored.Document} is gone.");

    [LoggerMessage(Level = LogLevel.Warning, Message = "A large stock document could not be gone on with; it is tried again in a moment.")]
    private partial void LogFailure(Exception exception);
}
