namespace Caravan.Platform.Access;

/// <summary>Writes down, a few times a minute and when the server stops, when keys were last used: no request waits for it.</summary>
internal sealed partial class KeyUses(ApiKeys keys, TimeProvider clock, ILogger<KeyUses> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(20);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Every, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await keys.WriteUsesAsync(CancellationToken.None);
            }
#pragma warning disable CA1031 // A fault must not end it for good: what was not written is written the next time.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                LogFailure(fault);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "When keys were last used could not be written; it is tried again.")]
    private partial void LogFailure(Exception fault);
}
