using Caravan.Platform.Storage;

namespace Caravan.Platform.Outbox;

/// <summary>
/// On PostgreSQL, wakes who follows the outbox when there is something to read that this server's own commits do not tell
/// of: events of other servers, looked for four times a second, and events that were held up by an older transaction.
/// </summary>
internal sealed partial class OutboxWatch(Store store, Outbox outbox, ILogger<OutboxWatch> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan HeldUpInterval = TimeSpan.FromMilliseconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (store.Postgres is null)
            return;

        var newest = -1L;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var changed = outbox.Changed;
                var (found, isHeldUp) = await store.ReadAsync(async db => (await Outbox.NewestAsync(db), await Outbox.IsHeldUpAsync(db)), stoppingToken);
                if (found != newest)
                {
                    newest = found;
                    outbox.Wake();
                }
                else if (isHeldUp)
                {
                    await Task.Delay(HeldUpInterval, TimeProvider.System, stoppingToken);
                }
                else
                {
                    await Task.WhenAny(changed, Task.Delay(Interval, TimeProvider.System, stoppingToken));
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // An outage of the store must not end the watch: it is logged, and looked again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailure(exception);
                await Task.Delay(Interval, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outbox cannot be looked at.")]
    private partial void LogFailure(Exception exception);
}
