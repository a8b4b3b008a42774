using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform.Slots;
using Caravan.Platform.Storage;

namespace Caravan.Delivery;

/// <summary>
/// Gives waiting jobs to couriers, takes back what a courier does not answer, and keeps estimates true. Woken by the bell
/// (a booking, a decline, a courier coming on duty) and by a tick. It decides on a snapshot and writes each assignment in a transaction that
/// looks again: when the world has moved, the job simply waits for the next round. Nothing is kept in memory between rounds.
/// Of several servers one dispatches, and when it goes, another.
/// </summary>
internal sealed partial class Dispatcher(
    Store store,
    JobActs acts,
    NetworkMap map,
    TravelTimes travel,
    PartnerBook partners,
    DispatchBell bell,
    WorkSlots slots,
    TimeProvider clock,
    ILogger<Dispatcher> log) : BackgroundService
{
    /// <summary>How often everything is looked at even when nothing rings.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);

    /// <summary>How long the engine may put stops in order between two ticks.</summary>
    public static readonly TimeSpan ReorderingMax = TimeSpan.FromMilliseconds(500);

    // With thousands of jobs waiting a round is long, and each new job rings for another: four fifths of a core stay for the rest.
    private const int RestPerWork = 4;
    private const int WaitingMax = 5_000;
    private const int WritesAtOnce = 64;
    private const string Work = "dispatch";

    private readonly SemaphoreSlim oneAtATime = new(1);

    /// <summary>One round: silent couriers lose their jobs, and every waiting job whose time has come gets a courier or a reason.</summary>
    public async Task DispatchOnceAsync(CancellationToken cancel)
    {
        await oneAtATime.WaitAsync(cancel);
        try
        {
            await TakeBackAsync(cancel);
            var now = clock.GetUtcNow();
            if (await ReadAsync(now, cancel) is not { } state)
                return;

            foreach (var steps in new DispatchRound(state, travel, now).Run().Chunk(WritesAtOnce))
                await Task.WhenAll(steps.Select(step => WriteAsync(step, cancel))); // They share commits, in this order.
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    /// <summary>
    /// Tells anew the estimates that have moved, for every courier on the way; and where they have, the day went otherwise than planned: the order of
    /// the stops is looked at again, as far as <see cref="ReorderingMax"/> of engine time a tick reaches.
    /// </summary>
    public async Task EstimateOnceAsync(CancellationToken cancel)
    {
        var network = await map.CurrentAsync(cancel);
        var now = clock.GetUtcNow();
        var plan = new RoutePlan(network, travel, now);
        var moved = await store.ReadAsync(async db =>
        {
            var stops = await CourierStore.AllStopsAsync(db);
            return stops.Count == 0
                ? []
                : (await CourierStore.WorkingAsync(db)).Select(courier => (Courier: courier, Route: stops[courier.Id].ToList())).Where(one => one.Route.Count > 0 && IsMoved(plan, one.Courier, one.Route)).ToList();
        }, cancel);
        var since = TimeProvider.System.GetTimestamp();
        foreach (var couriers in moved.Chunk(WritesAtOnce))
        {
            var orders = couriers.Select(one => TimeProvider.System.GetElapsedTime(since) < ReorderingMax
                ? RouteOrder.Improve(plan, one.Courier, one.Route, new Shift(one.Courier.ShiftStart, one.Courier.ShiftEnd, one.Courier.TimeZone).Next(now).To)
                : one.Route).ToList();
            await Task.WhenAll(couriers.Zip(orders, (one, order) => store.WriteAsync(tx => acts.ReorderAsync(tx, one.Courier, one.Route, order), cancel)));
        }
    }

    public override void Dispose()
    {
        base.Dispose(); // Ends the loop, which may be under way when the server could not start.
        oneAtATime.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var rung = bell.Rung;
            using var tick = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            var delay = Task.Delay(Tick, clock, tick.Token);
            try
            {
                await slots.MineAsync(Work, stoppingToken);
                var since = TimeProvider.System.GetTimestamp();
                await DispatchOnceAsync(stoppingToken);
                await Task.Delay(TimeProvider.System.GetElapsedTime(since) * RestPerWork, TimeProvider.System, stoppingToken);
                if (await Task.WhenAny(rung, delay) == delay && !stoppingToken.IsCancellationRequested)
                    await EstimateOnceAsync(stoppingToken);
            }
            catch (Exception exception) when (stoppingToken.IsCancellationRequested && exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
#pragma warning disable CA1031 // A fault in one round must not end dispatch for everybody; it is logged, and the next tick tries again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailure(exception);
                await Task.Delay(Tick, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            finally
            {
                await tick.CancelAsync();
            }
        }
    }

    private static bool IsMoved(RoutePlan plan, Courier courier, List<StopState> route) =>
        plan.Arrivals(courier, route).Zip(route).Any(pair => JobActs.IsMoved(pair.Second.EstimatedAt, pair.First));

    private async Task<DispatchState?> ReadAsync(DateTimeOffset now, CancellationToken cancel)
    {
        var network = await map.CurrentAsync(cancel);
        return await store.ReadAsync(async db =>
        {
            var waiting = await JobStore.WaitingAsync(db, now + DispatchRound.Lookahead + DispatchRound.Margin + DispatchRound.WayMax, WaitingMax);
            if (waiting.Count == 0)
                return null;

            Dictionary<PartnerId, ShipRights> rights = [];
            foreach (var shipper in waiting.Select(job => job.Tenant).Distinct())
                rights.Add(shipper, new ShipRights(shipper, await partners.GrantedToAsync(db, shipper, AgreementKind.Ship, now)));
            return new DispatchState(waiting, await CourierStore.WorkingAsync(db), await CourierStore.AllStopsAsync(db), rights, network);
        }, cancel);
    }

    private async Task TakeBackAsync(CancellationToken cancel)
    {
        var before = clock.GetUtcNow() - JobLife.AcceptWithin;
        foreach (var silent in await store.ReadAsync(db => JobStore.SilentAsync(db, before), cancel))
        {
            await store.WriteAsync(async tx =>
            {
                if (await JobStore.FindAsync(tx, silent.Tenant, silent.Id) is { } job && JobLife.IsSilent(job, tx.Now))
                    await acts.DoAsync(tx, job, new JobCommand.Decline("The courier did not answer; another is asked."));
            }, cancel);
        }
    }

    private Task WriteAsync(DispatchStep step, CancellationToken cancel) => step switch
    {
        DispatchStep.Assign assign => store.WriteAsync(tx => AssignAsync(tx, assign), cancel),
        DispatchStep.Wait wait when wait.Reason != wait.Job.WaitsFor => store.WriteAsync(tx => JobStore.SayWaitingAsync(tx, wait.Job.Tenant, wait.Job.Id, wait.Reason), cancel),
        _ => Task.CompletedTask,
    };

    // The world may have moved since the snapshot: everything the choice rests on is looked at again.
    private async Task AssignAsync(Tx tx, DispatchStep.Assign step)
    {
        var job = await JobStore.FindAsync(tx, step.Job.Tenant, step.Job.Id);
        if (job is not { Status: JobStatus.Booked } || job.DeclinedBy != step.Job.DeclinedBy)
            return;
        if (await CourierStore.FindAsync(tx, step.Courier.Carrier, step.Courier.Id) is not { IsOnDuty: true } courier)
            return;

        var stops = await CourierStore.StopsAsync(tx, courier.Carrier, courier.Id);
        if (!stops.Select(stop => (stop.Job.Id, stop.Kind)).SequenceEqual(step.Before.Select(stop => (stop.Job.Id, stop.Kind))))
            return;

        var origin = (await map.CurrentAsync(CancellationToken.None)).Find(job.Origin);
        var rights = new ShipRights(job.Tenant, await partners.GrantedToAsync(tx, job.Tenant, AgreementKind.Ship, tx.Now));
        if (origin is null || !rights.MayCarry(courier.Carrier, origin))
            return;

        await acts.AssignAsync(tx, job, courier, [.. step.After.Select(stop => stop.Job.Id == job.Id ? stop with { Job = job } : stops.First(known => known.Job.Id == stop.Job.Id && known.Kind == stop.Kind))]);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A round of dispatch failed; the next tick tries again.")]
    private partial void LogFailure(Exception exception);
}
