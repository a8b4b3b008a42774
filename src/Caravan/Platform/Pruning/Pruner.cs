using System.Diagnostics;
using Caravan.Platform.Slots;
using Caravan.Platform.Storage;

namespace Caravan.Platform.Pruning;

/// <summary>Rows that a room need not keep for ever.</summary>
/// <param name="What">What is thrown away, for the log.</param>
/// <param name="IsOfEachTenant">Whether it is done company by company.</param>
/// <param name="StepAsync">Throws away the oldest, as many as given at most, of the company when it is done so, and says how many rows it looked at.</param>
internal sealed record Pruning(string What, bool IsOfEachTenant, Func<Tx, PartnerId, int, Task<int>> StepAsync);

/// <summary>
/// Throws away what has served its time, once an hour, by small steps that give way to whoever waits for an answer, and rests
/// after each as long as it took twice over. One server does it for all.
/// </summary>
internal sealed partial class Pruner(Store store, WorkSlots slots, IEnumerable<Pruning> prunings, TimeProvider clock, ILogger<Pruner> log) : BackgroundService
{
    public const int StepRows = 500;
    private const string Work = "pruning";
    private const int RestPerWork = 2;
    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>Throws away all that is old now; how many rows.</summary>
    public async Task<long> PruneOnceAsync(CancellationToken cancel)
    {
        var tenants = await store.ReadAsync(db => db.QueryAsync<PartnerId>("SELECT DISTINCT tenant FROM api_keys"), cancel);
        var gone = 0L;
        foreach (var pruning in prunings)
        {
            foreach (var tenant in pruning.IsOfEachTenant ? tenants : [default])
                gone += await PruneAsync(pruning, tenant, cancel);
        }

        return gone;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var wait = First; ; wait = Every)
        {
            try
            {
                await Task.Delay(wait, clock, stoppingToken);
                await slots.MineAsync(Work, stoppingToken);
                await PruneOnceAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A fault must not end pruning for good: it is logged, and tried again in an hour.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                LogFailure(fault);
            }
        }
    }

    private async Task<long> PruneAsync(Pruning pruning, PartnerId tenant, CancellationToken cancel)
    {
        for (var gone = 0L; ;)
        {
            var since = Stopwatch.GetTimestamp();
            var step = await store.WriteLaterAsync(tx => pruning.StepAsync(tx, tenant, StepRows), cancel);
            gone += step;
            if (step < StepRows)
            {
                if (gone > 0)
                    LogPruned(gone, pruning.What);
                return gone;
            }

            await Task.Delay(Stopwatch.GetElapsedTime(since) * RestPerWork, TimeProvider.System, cancel);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Pruned {Rows} {What}.")]
    private partial void LogPruned(long rows, string what);

    [LoggerMessage(Level = LogLevel.Error, Message = "Pruning failed; it is tried again in an hour.")]
    private partial void LogFailure(Exception fault);
}
