using Caravan.Orders.Holds;
using Caravan.Platform.Storage;

namespace Caravan.Orders;

/// <summary>
/// Gives back what nobody came for: holds whose time is over, and orders that were not paid in time. Every server looks each
/// second; what each finds is settled by a conditional update, so that it does not matter who finds it, how often, or
/// what the clocks say.
/// </summary>
internal sealed partial class Expiry(Store store, HoldDesk holds, OrderPayments payments, TimeProvider clock, ILogger<Expiry> log) : BackgroundService
{
    private const int DueMax = 200;
    private const int PerCommit = 16;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>Settles everything that is over now.</summary>
    public async Task RunOnceAsync(CancellationToken cancel)
    {
        while (true)
        {
            var now = clock.GetUtcNow();
            var (held, unpaid) = await store.ReadAsync(async db => (await HoldStore.DueAsync(db, now, DueMax), await PaymentStore.DueAsync(db, now, DueMax)), cancel);
            var settled = 0;
            foreach (var some in held.Chunk(PerCommit))
                settled += await SettleAsync(some, async (tx, hold) => await holds.SettleAsync(tx, hold.Seller, hold.Id, HoldState.Expired) is not null, cancel);
            foreach (var some in unpaid.Chunk(PerCommit))
                settled += await SettleAsync(some, (tx, one) => payments.ExpireAsync(tx, one.Seller, one.Order), cancel);
            if (settled == 0 || (held.Count < DueMax && unpaid.Count < DueMax))
                return;
        }
    }

    // What goes wrong with one must not keep the others waiting; it is tried again in a second.
    private async Task<int> SettleAsync<T>(IReadOnlyList<T> over, Func<Tx, T, Task<bool>> settle, CancellationToken cancel)
    {
        try
        {
            return await store.WriteLaterAsync(async tx =>
            {
                var settled = 0;
                foreach (var one in over)
                    settled += await settle(tx, one) ? 1 : 0;
                return settled;
            }, cancel);
        }
#pragma warning disable CA1031 // Whatever it is, it is logged.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            if (over.Count == 1)
                LogFailure(exception);
            var settled = 0;
            foreach (var one in over.Count == 1 ? [] : over)
                settled += await SettleAsync([one], settle, cancel);
            return settled;
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
                    await RunOnceAsync(stoppingToken);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Holds or unpaid orders whose time is over could not be settled; they are tried again in a second.")]
    private partial void LogFailure(Exception exception);
}
