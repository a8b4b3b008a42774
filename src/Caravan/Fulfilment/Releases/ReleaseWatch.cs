using Caravan.Platform.Storage;

namespace Caravan.Fulfilment.Releases;

/// <summary>Takes back what nodes have not acknowledged in time. Every server looks each second; what each finds is looked at once more in its own transaction.</summary>
internal sealed partial class ReleaseWatch(Store store, ReleaseDesk desk, TimeProvider clock, ILogger<ReleaseWatch> log) : BackgroundService
{
    private const int DueMax = 100;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>Takes back all that is over now.</summary>
    public async Task RunOnceAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        foreach (var due in await store.ReadAsync(db => ReleaseStore.DueAsync(db, now, DueMax), cancel))
            await ExpireAsync(due, cancel);
    }

    // What goes wrong with one must not keep the others waiting; it is tried again in a second.
    private async Task ExpireAsync(NodeRelease due, CancellationToken cancel)
    {
        try
        {
            await store.WriteLaterAsync(
                async tx =>
                {
                    await desk.ExpireAsync(tx, due, cancel);
                    return true;
                },
                cancel);
        }
#pragma warning disable CA1031 // Whatever it is, it is logged.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogFailure(exception);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Tick, clock, stoppingToken);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "What nodes have not acknowledged could not be taken back; it is tried again in a second.")]
    private partial void LogFailure(Exception exception);
}
