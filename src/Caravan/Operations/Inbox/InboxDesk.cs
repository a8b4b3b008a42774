using Caravan.Delivery;
using Caravan.Fulfilment.Releases;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Caravan.Stock;
using Caravan.Stock.Stops;

namespace Caravan.Operations.Inbox;

/// <summary>What a person can do about an exception.</summary>
public enum ExceptionAct
{
    /// <summary>Look after it, so that colleagues need not.</summary>
    Take,

    /// <summary>It is dealt with: while its cause lasts it is not told again.</summary>
    Solve,

    /// <summary>The waiting document is true: it is taken.</summary>
    AcceptDocument,

    /// <summary>The waiting document is not true: it is thrown away.</summary>
    DiscardDocument,

    /// <summary>Nothing more is sold of what is short, or from the node, until the stop is lifted.</summary>
    StopSelling,

    /// <summary>Look once more for stock elsewhere.</summary>
    SourceAgain,

    /// <summary>Ask another courier.</summary>
    AskAnotherCourier,
}

/// <summary>An act on an exception, and what became of it.</summary>
/// <param name="Entry">As it is now; null when there is none.</param>
/// <param name="Why">Why nothing was done; null when it was.</param>
internal sealed record ActDone(InboxEntry? Entry, string? Why);

/// <summary>The inbox: read, and acted on; what an act changes is looked at once more in the same transaction's wake.</summary>
internal sealed class InboxDesk(Store store, InboxKeeper keeper, FeedDoor feeds, StopSellDesk stops, OrderDesk orders, ReleaseDesk releases, DeliveryDesk delivery, NetworkMap map, TimeProvider clock)
{
    private const int TimesMax = 2_000;
    private const int SolvedShown = 20;
    private static readonly TimeSpan FiguresOver = TimeSpan.FromDays(7);

    /// <summary>What can be done about an exception that waits.</summary>
    public static IReadOnlyList<ExceptionAct> ActsOn(InboxEntry entry)
    {
        if (entry.SolvedAt is not null)
            return [];

        IReadOnlyList<ExceptionAct> own = entry.Kind switch
        {
            ExceptionKind.WaitingDocument => [ExceptionAct.AcceptDocument, ExceptionAct.DiscardDocument],
            ExceptionKind.Shortfall or ExceptionKind.NodeOverCapacity or ExceptionKind.LatePicking => [ExceptionAct.StopSelling],
            ExceptionKind.OrderAtRisk or ExceptionKind.DeclinedRelease => [ExceptionAct.SourceAgain],
            ExceptionKind.LateParcel => [ExceptionAct.AskAnotherCourier],
            _ => [],
        };
        return [.. own, .. entry.TakenBy is null ? (ExceptionAct[])[ExceptionAct.Take] : [], ExceptionAct.Solve];
    }

    /// <summary>A page where one sees more of it, or does what a button cannot.</summary>
    public static string? LinkOf(InboxEntry entry) => entry.Kind switch
    {
        ExceptionKind.StaleFeed or ExceptionKind.BrokenFeed or ExceptionKind.WaitingDocument => "/operations/feeds",
        ExceptionKind.OrderAtRisk or ExceptionKind.ShortPick => $"/operations/orders/{entry.Subject}",
        ExceptionKind.DeclinedRelease => $"/operations/parcels/{entry.Subject}",
        ExceptionKind.NodeOverCapacity or ExceptionKind.LatePicking => $"/picking/{entry.Subject}",
        ExceptionKind.NoCourier or ExceptionKind.LateParcel or ExceptionKind.FailedDelivery when ParcelReference.TryParse(entry.Subject[(entry.Subject.IndexOf('~', StringComparison.Ordinal) + 1)..], out var parcel) => $"/operations/parcels/{parcel.Fulfilment}",
        _ => null,
    };

    /// <summary>What waits, the most urgent first.</summary>
    public static async Task<IReadOnlyList<InboxEntry>> OpenAsync(Db db, PartnerId company) => [.. (await InboxStore.LastingAsync(db, company))
        .Where(entry => entry.SolvedAt is null).OrderBy(entry => entry.DueAt ?? DateTimeOffset.MaxValue).ThenByDescending(entry => entry.Cost?.Amount ?? 0).ThenBy(entry => entry.OpenedAt)];

    /// <summary>What was solved last.</summary>
    public async Task<IReadOnlyList<InboxEntry>> SolvedAsync(Db db, PartnerId company) => await InboxStore.SolvedAsync(db, company, clock.GetUtcNow() - FiguresOver, null, SolvedShown);

    /// <summary>How many wait, and how long solving took in the last seven days.</summary>
    public async Task<InboxFigures> FiguresAsync(Db db, PartnerId company)
    {
        var now = clock.GetUtcNow();
        var (open, overdue) = await InboxStore.CountAsync(db, company, now);
        var times = await InboxStore.TimesAsync(db, company, now - FiguresOver, TimesMax);
        return new InboxFigures(open, overdue, times.Count, Share(times, 0.5), Share(times, 0.95));
    }

    /// <summary>Does an act, and looks at once what is left.</summary>
    public async Task<ActDone> DoAsync(Caller caller, ExceptionId id, ExceptionAct act, CancellationToken cancel)
    {
        var done = await store.WriteAsync(tx => DoAsync(tx, caller, id, act, cancel), cancel);
        if (done is not { Entry: not null, Why: null })
            return done;

        await keeper.LookAsync(caller.Tenant, cancel);
        return new ActDone(await store.ReadAsync(db => InboxStore.FindAsync(db, caller.Tenant, id), cancel), null);
    }

    private async Task<ActDone> DoAsync(Tx tx, Caller caller, ExceptionId id, ExceptionAct act, CancellationToken cancel)
    {
        if (await InboxStore.FindAsync(tx, caller.Tenant, id) is not { } entry)
            return new ActDone(null, null);
        if (!ActsOn(entry).Contains(act))
            return new ActDone(entry, entry.SolvedAt is not null ? "It is solved already." : "This does not help against it, or is done already.");

        switch (act)
        {
            case ExceptionAct.Take:
                await InboxStore.TakeAsync(tx, caller.Tenant, id, caller.Name);
                return new ActDone(entry, null);
            case ExceptionAct.Solve:
                await InboxStore.SolveAsync(tx, caller.Tenant, id, caller.Name);
                return new ActDone(entry, null);
            case ExceptionAct.StopSelling:
                if ((await stops.MakeAsync(tx, caller, StopFor(entry))).Stop is null)
                    return new ActDone(entry, "It cannot be stopped: the item or location is gone, or too many stops are in force.");
                await InboxStore.SolveAsync(tx, caller.Tenant, id, caller.Name);
                return new ActDone(entry, null);
            case ExceptionAct.SourceAgain when entry.Kind == ExceptionKind.DeclinedRelease:
                var left = FulfilmentId.TryParse(entry.Subject, null, out var fulfilment) ? await releases.TryAgainAsync(tx, caller.Tenant, fulfilment, cancel) : null;
                return new ActDone(entry, left > 0 ? $"Still nobody else has {left} of the units." : null);
            case ExceptionAct.SourceAgain:
                return new ActDone(entry, OrderId.TryParse(entry.Subject, null, out var order) && await orders.SourceAgainAsync(tx, caller.Tenant, order, cancel) ? null : "The order is gone.");
            case ExceptionAct.AskAnotherCourier:
                return new ActDone(entry, JobId.TryParse(entry.Subject.Split('~')[0], null, out var job) && await delivery.AskAnotherAsync(tx, caller.Tenant, job) ? null : "No courier was asked yet, or the courier has the parcel already.");
            default:
                var network = await map.CurrentAsync(cancel);
                return new ActDone(entry, entry.Subject.Split('~') is [var one, var two] && FeedId.TryParse(one, null, out var feed) && FeedDocumentId.TryParse(two, null, out var document)
                    && await feeds.DecideAsync(tx, network, caller.Tenant, feed, document, act == ExceptionAct.AcceptDocument) ? null : "The document no longer waits, or can no longer be taken.");
        }
    }

    private static StopSellRequest StopFor(InboxEntry entry)
    {
        var parts = entry.Subject.Split('~');
        var request = new StopSellRequest(entry.What.Length <= 200 ? entry.What : entry.What[..200]) { Location = LocationId.TryParse(parts[^1], null, out var location) ? location : null };
        return entry.Kind == ExceptionKind.Shortfall && ItemId.TryParse(parts[0], null, out var item) ? request with { Item = item } : request;
    }

    private static double? Share(List<double> sorted, double share) => sorted.Count == 0 ? null : sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];
}
