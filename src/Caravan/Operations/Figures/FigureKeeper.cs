using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform.Slots;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Operations.Figures;

/// <summary>
/// Writes down, four times an hour and on one server, what each company has on hand at each location: a day's last look stands for the day, and the
/// days' average is what turnover is measured by. It walks all cells, which no page may do.
/// </summary>
internal sealed partial class FigureKeeper(Store store, StockBook stock, PartnerBook partners, NetworkMap map, WorkSlots slots, TimeProvider clock, ILogger<FigureKeeper> log) : BackgroundService
{
    private const string Work = "figures";
    private static readonly TimeSpan First = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Tick = TimeSpan.FromMinutes(15);

    /// <summary>Looks at every company's stock once.</summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        var network = await map.CurrentAsync(cancel);
        foreach (var company in await store.ReadAsync(partners.AllAsync, cancel))
        {
            var day = CountedOrder.DayOf(clock.GetUtcNow(), FigureCounter.ZoneOf(network, company.Id));
            var onHand = await store.ReadAsync(db => stock.OnHandAsync(db, company.Id), cancel);
            if (onHand.Count > 0)
                await store.WriteLaterAsync(async tx => { await FigureStore.SetOnHandAsync(tx, company.Id, day, onHand); return 0; }, cancel);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var wait = First; !stoppingToken.IsCancellationRequested; wait = Tick)
        {
            try
            {
                await Task.Delay(wait, clock, stoppingToken);
                await slots.MineAsync(Work, stoppingToken);
                await LookAsync(stoppingToken);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is on hand could not be written down for the boards; it is tried again in a quarter of an hour.")]
    private partial void LogFailure(Exception exception);
}
