using Caravan.Network;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Outbox;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Stock.Lots;

namespace Caravan.Stock;

/// <summary>What became of a document.</summary>
internal enum DocumentOutcome
{
    Applied,
    Waiting,
    Replayed,

    /// <summary>It is large, and goes into the book slice by slice; the document says how far it is.</summary>
    Applying,
}

/// <summary>Takes documents into the book: order, breaker, cells, ledger, rejected lines, freshness, in one transaction.</summary>
internal sealed class FeedIntake(FeedCodes codes, SafetyBook safety, Outbox outbox, FeedWake wake)
{
    private const int RetriedMax = 20_000;

    /// <summary>Takes a new document. <paramref name="onGap"/> hears of the feed when a numbered document is missing.</summary>
    public async Task<Outcome> TakeAsync(Tx tx, NetworkSnapshot network, Feed feed, FeedDraft draft, Action<Feed> onGap)
    {
        var known = await codes.FindAsync(tx, network, feed, draft.Lines, draft.Scope, tx.Now);
        if (CheckScope(draft.Scope, known) is { Failed: true } check)
            return Outcome.Refuse(check.Refusal);

        if (await AdmitAsync(tx, feed, draft, onGap) is { } answered)
            return answered;

        var document = new FeedDocument
        {
            Id = FeedDocumentId.New(tx.Now),
            Kind = draft.Kind,
            AsOf = draft.AsOf,
            Sequence = draft.Sequence,
            Lines = draft.Lines.Count,
            ReceivedAt = tx.Now,
        };
        return await DoAsync(tx, feed, document, draft.Scope, draft.Lines, known, isBreakerOn: draft.Kind == DocumentKind.Snapshot);
    }

    /// <summary>Whether a document's turn has come; else what is answered. What it makes moot is put away.</summary>
    public static async Task<Outcome?> AdmitAsync(Tx tx, Feed feed, FeedDraft draft, Action<Feed> onGap)
    {
        if (draft.Sequence is { } sequence && sequence <= feed.LastSequence)
            return Receipt(DocumentOutcome.Replayed, await FeedDocumentStore.OfSequenceAsync(tx, feed, sequence), []);

        if (await FeedPartStore.ApplyingAsync(tx, feed) is { } under)
            return Outcome.Refuse(Problem.Of(409, "feed-applying", "A large document is being applied", $"Document {under.Document} goes into the book slice by slice: {under.Handled} of {under.Lines} lines so far. Send this one again when it is applied.", ("document", under.Document.ToString()), ("handled", under.Handled), ("lines", under.Lines)));

        var waiting = await FeedDocumentStore.WaitingAsync(tx, feed);
        if (Refuse(feed, draft, waiting, onGap) is { } refusal)
            return Outcome.Refuse(refusal);

        // One that waits and is older than a snapshot of everything has nothing more to say.
        if (draft.Kind == DocumentKind.Snapshot && draft.Scope.IsWhole)
        {
            foreach (var older in waiting.Where(older => draft.Sequence is not null || older.AsOf <= draft.AsOf))
            {
                await FeedDocumentStore.PutAsync(tx, feed, older with { State = DocumentState.Superseded, DecidedAt = tx.Now }, null);
                await FeedPartStore.ForgetAsync(tx, feed.Tenant, older.Id);
            }
        }

        return null;
    }

    /// <summary>A person has looked at a waiting document and throws it away.</summary>
    public static async Task<FeedDocument> DiscardAsync(Tx tx, Feed feed, FeedDocument document)
    {
        var discarded = document with { State = DocumentState.Discarded, DecidedAt = tx.Now };
        await FeedDocumentStore.PutAsync(tx, feed, discarded, null);
        await FeedPartStore.ForgetAsync(tx, feed.Tenant, document.Id);

        // Its number is missing now: what is built on it cannot be taken.
        if (document.Sequence is not null)
            await FeedStore.AwaitSnapshotAsync(tx, feed);
        return discarded;
    }

    /// <summary>A person has looked at a waiting document and says it is true.</summary>
    public async Task<Outcome> AcceptAsync(Tx tx, NetworkSnapshot network, Feed feed, FeedDocument document)
    {
        if (await FeedPartStore.FindAsync(tx, feed.Tenant, document.Id) is { } stored)
        {
            var applying = document with { State = DocumentState.Applying, DecidedAt = tx.Now, Note = null, Handled = 0 };
            if (stored.Scope.IsWhole)
                await FeedDocumentStore.ResolveOlderAsync(tx, feed, document.AsOf);
            await FeedDocumentStore.PutAsync(tx, feed, applying, null);
            await FeedPartStore.PutAsync(tx, stored with { State = IntakeState.Applying, MovedAt = tx.Now });
            tx.AfterCommit(() => wake.Apply(feed.Tenant, document.Id));
            return Receipt(DocumentOutcome.Applying, applying, []);
        }

        var body = await FeedDocumentStore.BodyAsync(tx, feed, document.Id);
        var known = await codes.FindAsync(tx, network, feed, body.Lines, body.Scope, tx.Now);
        if (CheckScope(body.Scope, known) is { Failed: true } check)
            return Outcome.Refuse(check.Refusal);

        return await DoAsync(tx, feed, document with { DecidedAt = tx.Now, Note = null }, body.Scope, body.Lines, known, isBreakerOn: false);
    }

    /// <summary>Tries rejected lines again, each as of its own document. How many were tried and how many taken.</summary>
    public async Task<(int Tried, int Taken)> RetryAsync(Tx tx, NetworkSnapshot network, Feed feed)
    {
        var rejected = await FeedDocumentStore.MendableAsync(tx, feed, RetriedMax);
        var taken = 0;
        foreach (var ofDocument in rejected.GroupBy(line => line.Document))
        {
            var asOf = ofDocument.First().AsOf;
            List<FeedLine> lines = [.. ofDocument.Select(line => new FeedLine(line.Line, line.Location, line.Item, line.Quantity, line.IsChange))];
            var scope = new FeedScope();
            var known = await codes.FindAsync(tx, network, feed, lines, scope, tx.Now);
            var (planned, still) = known.Sort(feed.Tenant, lines, scope, asOf, []);
            await FeedDocumentStore.RejectAsync(tx, feed, ofDocument.Key, still);
            if (planned.Count == 0)
                continue;

            var (plan, cells) = await PlanAsync(tx, feed, asOf, isNumbered: false, planned, null, null);
            await WriteAsync(tx, feed, ofDocument.Key, asOf, plan.Writes, cells);
            var stillOpen = still.Select(line => line.Line).ToHashSet();
            await FeedDocumentStore.ResolveAsync(tx, feed, ofDocument.Key, lines.Select(line => line.Number).Where(line => !stillOpen.Contains(line)));
            taken += lines.Count - still.Count;
        }

        return (rejected.Count, taken);
    }

    /// <summary>Whether every code of a scope is known.</summary>
    public static Check CheckScope(FeedScope scope, KnownCodes known)
    {
        var check = new Check();
        for (var i = 0; i < (scope.Locations?.Count ?? 0); i++)
            check.That(known.Locations.TryGetValue(scope.Locations![i], out var location) && known.Places.Contains(location.Id), $"#/scope/locations/{i}", $"'{scope.Locations[i]}' is neither mapped nor the code of a location of yours.");
        for (var i = 0; i < (scope.Items?.Count ?? 0); i++)
            check.That(known.Items.ContainsKey(scope.Items![i]), $"#/scope/items/{i}", $"'{scope.Items[i]}' is neither mapped nor an item of yours.");
        return check;
    }

    private static IResult? Refuse(Feed feed, FeedDraft draft, List<FeedDocument> waiting, Action<Feed> onGap)
    {
        var isWholeSnapshot = draft.Kind == DocumentKind.Snapshot && draft.Scope.IsWhole;
        var isGap = draft.Sequence > feed.LastSequence + 1 && !isWholeSnapshot;
        if (isGap && waiting.Count == 0)
            onGap(feed);
        if (waiting is [var first, ..] && (draft.Kind == DocumentKind.Delta || isGap))
            return Problem.Of(409, "feed-waiting", "A snapshot waits for a person", $"Document {first.Id} would take away too much and waits: accept or discard it, or send a newer snapshot of everything.", ("document", first.Id.ToString()));
        var isNext = draft.Sequence == feed.LastSequence + 1;
        if (isGap || (feed.State == FeedState.AwaitingSnapshot && !isWholeSnapshot && !isNext))
        {
            return Problem.Of(
                409,
                "feed-gap",
                "Documents are missing",
                $"The last document taken has sequence {feed.LastSequence}. Send a snapshot without a scope and with a sequence above {feed.LastSequence}, then go on from there.",
                ("lastSequence", feed.LastSequence),
                ("snapshotAbove", feed.LastSequence));
        }

        return null;
    }

    private async Task<Outcome> DoAsync(Tx tx, Feed feed, FeedDocument document, FeedScope scope, List<FeedLine> lines, KnownCodes known, bool isBreakerOn)
    {
        HashSet<StockKey> touched = [];
        var (planned, rejected) = known.Sort(feed.Tenant, lines, scope, document.AsOf, touched);
        var (plan, cells) = await PlanAsync(
            tx, feed, document.AsOf, document.Sequence is not null, planned, touched, document.Kind == DocumentKind.Snapshot ? (scope, known) : null);
        document = document with
        {
            State = DocumentState.Applied,
            Changed = plan.Changed,
            Unchanged = plan.Unchanged,
            Outdated = plan.Outdated,
            Zeroed = plan.Zeroed,
            Rejected = rejected.Count,
        };
        if (isBreakerOn && plan.Trips(feed.BreakerPercent, out var why))
        {
            document = document with { State = DocumentState.Waiting, Note = why };
            await FeedDocumentStore.PutAsync(tx, feed, document, new WaitingBody(scope, lines));
            return Receipt(DocumentOutcome.Waiting, document, rejected);
        }

        if (document.Kind == DocumentKind.Snapshot && scope.IsWhole)
            await FeedDocumentStore.ResolveOlderAsync(tx, feed, document.AsOf);
        else
            await FeedDocumentStore.ResolveRepeatedAsync(tx, feed, document.AsOf, rejected);
        await WriteAsync(tx, feed, document.Id, document.AsOf, plan.Writes, cells);
        await FeedDocumentStore.PutAsync(tx, feed, document, null);
        await FeedDocumentStore.RejectAsync(tx, feed, document.Id, rejected);
        var isNewestWhole = document.Kind == DocumentKind.Snapshot && scope.IsWhole && !(feed.WholeAsOf > document.AsOf);
        await FeedStore.PutAsync(tx, feed.HeardOf(document.AsOf) with
        {
            State = FeedState.Live,
            LastSequence = Math.Max(feed.LastSequence, document.Sequence ?? 0),
            WholeAsOf = isNewestWhole ? document.AsOf : feed.WholeAsOf,
        });
        return Receipt(DocumentOutcome.Applied, document, rejected);
    }

    private async Task<(FeedPlan Plan, Dictionary<StockKey, FeedCell> Cells)> PlanAsync(
        Tx tx,
        Feed feed,
        DateTimeOffset asOf,
        bool isNumbered,
        List<PlannedLine> lines,
        HashSet<StockKey>? touched,
        (FeedScope Scope, KnownCodes Known)? snapshot)
    {
        HashSet<LocationId>? locations = null;
        HashSet<ItemId>? items = null;
        var isWhole = false;
        if (snapshot is var (scope, known))
        {
            isWhole = scope.Locations is null && !scope.IsLocationsInFile;
            locations = scope.IsLocationsInFile
                ? [.. known.Locations.Values.Select(location => location.Id).Where(known.Places.Contains)]
                : scope.Locations?.Select(code => known.Locations[code].Id).ToHashSet();
            items = scope.Items?.Select(code => known.Items[code].Id).ToHashSet();
        }

        var cells = await FeedCellStore.ReadAsync(tx, feed, [.. lines.Select(line => line.Key)], locations, isWhole);
        var absent = snapshot is null ? [] : cells.Where(cell => IsAbsent(cell.Key, cell.Value)).Select(cell => cell.Key).ToList();
        var moved = await FeedCellStore.MovedSinceAsync(tx, feed.Tenant, asOf);
        var safetyOf = await safety.OfAsync(tx, feed.Tenant, [.. lines.Select(line => line.Key).Where(key => !cells.ContainsKey(key))]);
        return (FeedPlan.Make(feed, asOf, isNumbered, lines, absent, cells, moved, safetyOf), cells);

        // In a snapshot of everything, what the feed has told of before; in one of some locations, also what nobody feeds there.
        bool IsAbsent(StockKey key, FeedCell cell) =>
            touched?.Contains(key) != true
            && (cell.Feed == feed.Id || (cell.Feed is null && locations is not null))
            && (locations is null || locations.Contains(key.Location))
            && (items is null || items.Contains(key.Item));
    }

    /// <summary>Puts what a document makes of some cells into the book, with the ledger's lines for it.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="feed">Whose document.</param>
    /// <param name="document">The document, of which the ledger's lines tell.</param>
    /// <param name="asOf">When its figures were true.</param>
    /// <param name="planned">What becomes of the cells.</param>
    /// <param name="cells">The cells as they stand.</param>
    /// <param name="step">Told beside the line where a document may come to a cell more than once.</param>
    public async Task WriteAsync(Tx tx, Feed feed, FeedDocumentId document, DateTimeOffset asOf, IReadOnlyList<CellWrite> planned, Dictionary<StockKey, FeedCell> cells, string step = "")
    {
        // Of a cell that is kept by lot a figure says how much, not of what: its lots follow by their own rule.
        List<CellWrite> writes = [.. planned];
        Dictionary<StockKey, LotShelf> shelves = [];
        for (var i = 0; i < writes.Count; i++)
        {
            if (!writes[i].Before.HasLots || writes[i].After.OnHand == writes[i].Before.OnHand)
                continue;

            var shelf = await LotStore.ShelfAsync(tx, writes[i].Key, writes[i].Before);
            shelves.Add(writes[i].Key, shelf);
            writes[i] = writes[i] with { After = shelf.Settle(writes[i].After) };
        }

        await FeedCellStore.WriteAsync(tx, feed, asOf, writes, cells);
        var moved = writes.Where(write => write.After.OnHand != write.Before.OnHand).ToLookup(write => shelves.ContainsKey(write.Key));
        await StockStore.AddAsync(tx, [.. moved[false].Select(MovementOf)]);
        foreach (var write in moved[true])
        {
            var (id, movement) = (MovementId.New(tx.Now), MovementOf(write));
            await StockStore.AddAsync(tx, id, movement);
            await LotStore.SaveAsync(tx, id, movement.Kind, movement.Cause, shelves[write.Key]);
        }

        foreach (var write in writes)
            await Shortfalls.KeepAsync(tx, outbox, write.Key, write.Before.Shortfall, write.After.Shortfall);

        Movement MovementOf(CellWrite write) => write.Before.MovementTo(
            write.After,
            write.Key,
            write.IsChange ? MovementKind.Adjust : MovementKind.Count,
            $"{document}:{(write.Line == 0 ? "absent" : write.Line)}{step}");
    }

    /// <summary>What is answered.</summary>
    public static Answer Receipt(DocumentOutcome outcome, FeedDocument? document, List<RejectedLine> rejected) =>
        new(outcome is DocumentOutcome.Waiting or DocumentOutcome.Applying ? 202 : 200, FeedReceipt.Of(outcome, document, rejected));
}
