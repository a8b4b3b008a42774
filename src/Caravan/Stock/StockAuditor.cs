using System.Diagnostics;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>
/// Looks after the ledgers: closes days that are over, forgets what is past its keeping, and holds every cell against its
/// movements, round after round. It goes in small steps, each a read on a snapshot and a short write that gives way to
/// orders, and rests four times as long as it works. Several servers take turns, company by company.
/// </summary>
internal sealed partial class StockAuditor(Store store, PartnerBook partners, Settings settings, TimeProvider clock, ILogger<StockAuditor> log) : BackgroundService
{
    // A step looks through the whole open period once, whichever its cells: the ledger is not kept by cell.
    private const int RangeLength = 100_000;
    private const int RestPerWork = 4;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RoundEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan HeldFor = TimeSpan.FromMinutes(1);

    private readonly string name = Guid.CreateVersion7().ToString("N");

    /// <summary>Does for all companies what is due; with <paramref name="isNow"/>, a round of the audit too, whenever the last was.</summary>
    public async Task RunOnceAsync(bool isNow, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var due = await store.ReadAsync(async db =>
        {
            List<(PartnerId Owner, bool IsClosingDue, bool IsRoundDue)> due = [];
            foreach (var partner in await partners.AllAsync(db))
            {
                var books = await StockBooksStore.FindAsync(db, partner.Id);
                var isClosingDue = books?.ClosedUntil is not { } closed || closed < ClosedUntil(now);
                var isRoundDue = isNow || books?.StartedAt is not null || books?.LastFinishedAt is not { } last || last + RoundEvery <= now;
                if (isClosingDue || isRoundDue)
                    due.Add((partner.Id, isClosingDue, isRoundDue));
            }

            return due;
        }, cancel);
        foreach (var (owner, isClosingDue, isRoundDue) in due)
        {
            if (isClosingDue)
                await CloseAsync(owner, ClosedUntil(now), cancel);
            if (isRoundDue)
                await CompareAsync(owner, cancel);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Tick, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                if (!stoppingToken.IsCancellationRequested)
                    await RunOnceAsync(isNow: false, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Trouble with the store must not end the audit: it is logged, and the round goes on where it was.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailure(exception);
            }
        }
    }

    private async Task CloseAsync(PartnerId owner, DateTimeOffset until, CancellationToken cancel)
    {
        while (await StepAsync(tx => LedgerPeriods.CloseAsync(tx, owner, until)))
        {
            // The next lines.
        }

        var kept = until.AddDays(settings.LedgerOpenDays - settings.LedgerKeptDays);
        while (settings.LedgerKeptDays > 0 && await StepAsync(tx => LedgerPeriods.ForgetAsync(tx, owner, kept)))
        {
            // The next lines.
        }

        async Task<bool> StepAsync(Func<Tx, Task<bool>> step)
        {
            var since = Stopwatch.GetTimestamp();
            var isMore = await store.WriteLaterAsync(async tx => await StockBooksStore.HoldAsync(tx, owner, name, tx.Now + HeldFor) is not null && await step(tx), cancel);
            await RestAsync(since, cancel);
            return isMore;
        }
    }

    /// <summary>Goes on with a round of the audit, or begins one, until it is finished or another server has it.</summary>
    private async Task CompareAsync(PartnerId owner, CancellationToken cancel)
    {
        var books = await store.WriteLaterAsync(async tx =>
        {
            var held = await StockBooksStore.HoldAsync(tx, owner, name, tx.Now + HeldFor);
            if (held is null || held.StartedAt is not null)
                return held;

            await StockBooksStore.BeginAsync(tx, owner);
            return await StockBooksStore.FindAsync(tx, owner);
        }, cancel);
        while (books?.StartedAt is not null)
        {
            var since = Stopwatch.GetTimestamp();
            var at = books;
            var (range, cells, isLast, differences) = await store.ReadAsync(async db =>
            {
                var (range, cells, isLast) = await StockBooksStore.NextAsync(db, at, RangeLength);
                return (range, cells, isLast, await StockAudit.RunAsync(db, range));
            }, cancel);
            var found = await store.WriteLaterAsync(tx => StockBooksStore.AdvanceAsync(tx, at, range, cells, isLast, differences, tx.Now + HeldFor), cancel);
            foreach (var difference in found ?? [])
                LogDifference(difference.ToString());
            await RestAsync(since, cancel);
            books = found is null || isLast ? null : at with { AfterItem = range.ToItem, AfterLocation = range.ToLocation, Cells = at.Cells + cells };
        }
    }

    private static Task RestAsync(long since, CancellationToken cancel) => Task.Delay(Stopwatch.GetElapsedTime(since) * RestPerWork, TimeProvider.System, cancel);

    // Whole days, so that a day is closed once.
    private DateTimeOffset ClosedUntil(DateTimeOffset now) => new(now.UtcDateTime.Date.AddDays(1 - settings.LedgerOpenDays), TimeSpan.Zero);

    [LoggerMessage(Level = LogLevel.Error, Message = "The stock's books do not agree: {Difference}")]
    private partial void LogDifference(string difference);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The audit of the stock was interrupted; it goes on.")]
    private partial void LogFailure(Exception exception);
}
