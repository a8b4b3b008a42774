using Caravan.Partners;
using Caravan.Platform.Slots;
using Caravan.Platform.Storage;

namespace Caravan.Stock.Lots;

/// <summary>
/// Takes lots out of what may be sold when their time is over, by the location's clock. One server looks, every few seconds;
/// finding a lot twice is harmless, for whether it is done is looked up in the transaction that does it. Now and then it looks
/// for items whose days have changed, and sets their lots' times anew.
/// </summary>
internal sealed partial class LotExpiry(Store store, StockBook book, LotBook lots, PartnerBook partners, WorkSlots slots, TimeProvider clock, ILogger<LotExpiry> log) : BackgroundService
{
    private const string Work = "lots";
    private const int DueMax = 200;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RecheckEvery = TimeSpan.FromMinutes(10);

    /// <summary>Settles every lot whose time is over now; with <paramref name="isRecheck"/>, after setting anew the times that items have changed.</summary>
    public async Task<int> RunOnceAsync(bool isRecheck, CancellationToken cancel)
    {
        var settled = 0;
        foreach (var owner in isRecheck ? (await store.ReadAsync(partners.AllAsync, cancel)).Select(partner => partner.Id) : [])
        {
            while (await store.ReadAsync(db => LotStore.OutdatedAsync(db, owner, DueMax), cancel) is { Count: > 0 } outdated)
            {
                foreach (var lot in outdated)
                    await store.WriteLaterAsync(tx => TimeAnewAsync(tx, lot), cancel);
            }
        }

        while (true)
        {
            var now = clock.GetUtcNow();
            var due = await store.ReadAsync(db => LotStore.DueAsync(db, now, DueMax), cancel);
            foreach (var lot in due)
                settled += await store.WriteLaterAsync(tx => EndAsync(tx, lot), cancel) ? 1 : 0;
            if (due.Count < DueMax)
                return settled;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        DateTimeOffset? checkedAt = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Tick, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                if (stoppingToken.IsCancellationRequested)
                    return;

                await slots.MineAsync(Work, stoppingToken);
                var isRecheck = checkedAt is not { } last || last + RecheckEvery <= clock.GetUtcNow();
                await RunOnceAsync(isRecheck, stoppingToken);
                checkedAt = isRecheck ? clock.GetUtcNow() : checkedAt;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Trouble with the store must not end the watch: it is logged, and looked again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailure(exception);
            }
        }
    }

    private async Task<bool> EndAsync(Tx tx, StockLot found)
    {
        if (await LotStore.FindAsync(tx, found.Owner, found.Id) is not { IsPast: false, SellUntil: { } until } lot || until > tx.Now)
            return false;

        await book.ChangeAsync(tx, lot with { IsPast = true }, $"past {lot.Id} {Guid.CreateVersion7():N}");
        return true;
    }

    private async Task<bool> TimeAnewAsync(Tx tx, StockLot found)
    {
        if (await LotStore.FindAsync(tx, found.Owner, found.Id) is not { } lot)
            return false;

        await book.ChangeAsync(tx, await lots.TimedAsync(tx, lot), $"days {lot.Id} {Guid.CreateVersion7():N}");
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lots whose time is over could not be settled; they are tried again in a few seconds.")]
    private partial void LogFailure(Exception exception);
}
