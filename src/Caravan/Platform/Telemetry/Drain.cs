namespace Caravan.Platform.Telemetry;

/// <summary>
/// How a server goes: told to stop, it is no longer ready at once, ends its live streams and leaves background work to
/// others; for as long as the operator set it still takes requests, so that balancers notice; then it takes no new ones,
/// finishes those it has, and stops.
/// </summary>
internal sealed class Drain(IHostApplicationLifetime lifetime, Settings settings) : IHostedLifecycleService
{
    /// <summary>How long requests that were taken on have to finish.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Whether the server was told to stop.</summary>
    public bool IsStopping => lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>Still serves, and says that it is not ready.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.Delay(TimeSpan.FromSeconds(settings.DrainSeconds), TimeProvider.System, cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
