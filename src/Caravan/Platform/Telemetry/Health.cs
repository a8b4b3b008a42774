using Caravan.Platform.Problems;
using Caravan.Platform.Storage;

namespace Caravan.Platform.Telemetry;

/// <summary>
/// For whoever watches over servers: <c>/health/live</c> answers while the program runs, <c>/health/ready</c> while it can
/// also read its store and take more writes, and nobody told it to stop. A balancer sends requests to servers that are ready.
/// </summary>
internal static class Health
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").AllowAnonymous().ExcludeFromDescription();
        health.MapGet("/live", () => TypedResults.Text("live"));
        health.MapGet("/ready", ReadyAsync);
    }

    private static async Task<IResult> ReadyAsync(Store store, Drain drain, CancellationToken cancel)
    {
        if (drain.IsStopping)
            return Problem.Of(503, "stopping", "Stopping", "This server was told to stop: send requests to another.");
        if (store.IsBusy)
            return Problem.Of(503, "busy", "Busy", $"{store.Waiting} writes wait.");

        try
        {
            await store.ReadAsync(db => db.ValueAsync<long>("SELECT 1"), cancel).WaitAsync(Patience, cancel);
            return await store.TroubleAsync(cancel).WaitAsync(Patience, cancel) is { } trouble ? NotTaken(store, trouble) : TypedResults.Text("ready");
        }
        catch (Exception fault) when (fault is System.Data.Common.DbException or TimeoutException)
        {
            return Problem.Of(503, "store-unavailable", "The store cannot be reached", $"{store.Place}: {fault.Message}");
        }
    }

    // What is stored can still be read; a balancer sends writes elsewhere until one has succeeded here.
    private static IResult NotTaken(Store store, Exception trouble) =>
        Problem.Of(503, "store-unavailable", "The store takes no writes", $"{store.Place} can be read and takes no writes: {trouble.Message}");
}
