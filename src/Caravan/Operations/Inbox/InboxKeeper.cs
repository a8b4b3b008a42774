using Caravan.Delivery;
using Caravan.Fulfilment;
using Caravan.Orders;
using Caravan.Partners;
using Caravan.Platform.Outbox;
using Caravan.Platform.Pruning;
using Caravan.Platform.Slots;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Operations.Inbox;

/// <summary>
/// Keeps every company's inbox as the rooms say things are: at once when an event tells of trouble, and in turn for what only
/// time brings, a feed gone silent or a promise gone by. One server goes round; looking twice changes nothing.
/// </summary>
internal sealed partial class InboxKeeper(Store store, InboxFindings findings, PartnerBook partners, WorkSlots slots, TimeProvider clock, ILogger<InboxKeeper> log) : BackgroundService
{
    private const string Work = "inbox";
    private const int CompaniesPerTick = 50;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    // A company with a hundred thousand open lists is looked at less often: a tenth of a core is for looking, the rest for orders.
    private const int RestPerWork = 9;
    private static readonly TimeSpan RestMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(90);

    // Where the round over all companies stands.
    private int next;

    /// <summary>What is long solved.</summary>
    public static Pruning Pruning => new("exceptions solved long ago", IsOfEachTenant: true, (tx, tenant, most) => InboxStore.PruneAsync(tx, tenant, tx.Now - KeptFor, most));

    /// <summary>Looks at a company as soon as something of it is told.</summary>
    public Subscription OfTrouble => new(
        "operations.inbox",
        [ShortfallEvent.Type, ShortfallEvent.Eased, OrderEvent.AtRisk, OrderEvent.NotAtRisk, JobEvent.Failed, JobEvent.Returned, PickListEvent.Type],
        (tx, happened) => OnTroubleAsync(tx, [happened]))
    { HandleMany = OnTroubleAsync };

    /// <summary>Looks at one company, and keeps what has changed.</summary>
    public async Task LookAsync(PartnerId company, CancellationToken cancel)
    {
        // What is seen here may be past when the writer's turn comes: it is looked at once more there.
        var now = clock.GetUtcNow();
        var diff = await store.ReadAsync(async db => InboxDiff.Of(await InboxStore.LastingAsync(db, company), await findings.ReadAsync(db, company, now)), cancel);
        if (!diff.IsEmpty)
            await store.WriteLaterAsync(tx => KeepAsync(tx, company), cancel);
    }

    /// <summary>Looks at the next companies in turn.</summary>
    public async Task GoRoundAsync(CancellationToken cancel)
    {
        var companies = await store.ReadAsync(partners.AllAsync, cancel);
        for (var i = 0; i < Math.Min(CompaniesPerTick, companies.Count); i++)
            await LookAsync(companies[next++ % companies.Count].Id, cancel);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Tick, clock, stoppingToken);
                await slots.MineAsync(Work, stoppingToken);
                var since = TimeProvider.System.GetTimestamp();
                await GoRoundAsync(stoppingToken);
                var rest = (TimeProvider.System.GetElapsedTime(since) * RestPerWork) - Tick;
                if (rest > TimeSpan.Zero)
                    await Task.Delay(rest < RestMax ? rest : RestMax, TimeProvider.System, stoppingToken);
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

    private async Task OnTroubleAsync(Tx tx, IReadOnlyList<OutboxEvent> happened)
    {
        foreach (var company in happened.SelectMany(ConcernedBy).Distinct())
            await KeepAsync(tx, company);
    }

    // Of picking only what is not on the shelf is trouble, and it is the seller's.
    private static IEnumerable<PartnerId> ConcernedBy(OutboxEvent happened) => happened.Type != PickListEvent.Type ? [happened.Tenant]
        : PickListEvent.Of(happened) is { Act: PickAct.Short } pick ? [pick.Seller] : [];

    // How many entries have changed.
    private async Task<int> KeepAsync(Tx tx, PartnerId company)
    {
        var diff = InboxDiff.Of(await InboxStore.LastingAsync(tx, company), await findings.ReadAsync(tx, company, tx.Now));
        await InboxStore.InsertAsync(tx, company, diff.New);
        await InboxStore.UpdateAsync(tx, diff.Changed);
        await InboxStore.EndAsync(tx, diff.Ended);
        return diff.New.Count + diff.Changed.Count + diff.Ended.Count;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The inboxes could not be looked after; they are looked at again in two seconds.")]
    private partial void LogFailure(Exception exception);
}
