using Caravan.Delivery;
using Caravan.Engines.Geo;
using Caravan.Fulfilment;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Slots;
using Caravan.Platform.Storage;

namespace Caravan.Demo;

/// <summary>
/// Plays the demo companies' pickers and couriers, through the same doors that people use: lists are picked line by line
/// and packed; couriers accept, ride in a straight line to their next stop, collect, and hand over with the customer's code.
/// They ride and pick some times faster than people, so that one can watch. Only demo companies and couriers marked as
/// simulated are played.
/// </summary>
internal sealed partial class DemoPlayers(Store store, Settings settings, WorkSlots slots, PartnerBook partners, PickFloor floor, DeliveryDesk delivery, TimeProvider clock, ILogger<DemoPlayers> log) : BackgroundService
{
    /// <summary>How much faster than people.</summary>
    public const int Haste = 6;

    private const int TickSeconds = 2;
    private const int ArrivedMetres = 40;
    private const int ListsPerTick = 20;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!settings.IsDemo || !settings.IsSimulated)
            return;

        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(TickSeconds), clock);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stoppingToken);
                await slots.MineAsync("demo players", stoppingToken);
                await TickAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A demo that stumbles goes on; the log says over what.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                LogStumble(fault);
            }
        }
    }

    /// <summary>Everybody does one small thing.</summary>
    internal async Task TickAsync(CancellationToken cancel)
    {
        var companies = (await store.ReadAsync(partners.AllAsync, cancel)).Where(partner => partner.IsDemo).Select(partner => partner.Id).ToList();
        foreach (var company in companies)
            await PickAsync(company, cancel);
        var active = await store.ReadAsync(db => delivery.ActiveAsync(db, companies), cancel);
        var busy = active.Jobs.Select(job => job.Courier).OfType<CourierId>().ToHashSet();
        foreach (var courier in active.Couriers.Where(courier => courier.IsSimulated && busy.Contains(courier.Id) && companies.Contains(courier.Carrier)).DistinctBy(courier => courier.Id))
            await RideAsync(courier, cancel);
    }

    private async Task PickAsync(PartnerId company, CancellationToken cancel)
    {
        var lists = await store.ReadAsync(db => floor.ListsAsync(db, company, null, ListsPerTick), cancel);
        if (lists.Count == 0)
            return;

        await store.WriteAsync(async tx =>
        {
            foreach (var list in lists)
            {
                if (list.InShelfOrder.FirstOrDefault(line => line.Left > 0) is not { } next)
                    await floor.PackAsync(tx, company, list.Id);
                else if (await floor.PickAsync(tx, company, list.Id, next.Line, next.Left, next.Owner) is PickOutcome.Refused { Why: PickRefusal.NoLotGood })
                    await floor.ShortAsync(tx, company, list.Id, next.Line, next.Left, ShortReason.Expired, cancel, next.Owner);
            }
        }, cancel);
    }

    private Task RideAsync(Courier courier, CancellationToken cancel) => store.WriteAsync(async tx =>
    {
        if (await delivery.RouteAsync(tx, courier.Carrier, courier.Id) is not [var next, ..] route)
            return;

        foreach (var job in route.Where(stop => stop.Status == JobStatus.Assigned).Select(stop => stop.Job).Distinct())
            await delivery.ActAsync(tx, courier.Carrier, courier.Id, job, new CourierAct.Accept());
        if (GreatCircle.Metres(courier.Point, next.Point) > ArrivedMetres)
        {
            await delivery.MoveAsync(tx, courier.Carrier, courier.Id, Step(courier, next.Point, tx.Now));
            return;
        }

        CourierAct? act = next.Kind switch
        {
            RouteStopKind.Pickup => next.IsPacked ? new CourierAct.Collect() : null,
            RouteStopKind.Dropoff => new CourierAct.Deliver(await delivery.ProofCodeAsync(tx, next.Shipper, next.Job), null),
            _ => new CourierAct.Return(),
        };
        if (act is not null)
            await delivery.ActAsync(tx, courier.Carrier, courier.Id, next.Job, act);
    }, cancel);

    // A straight line at the speed of the vehicle's own travel time.
    private static GeoPoint Step(Courier courier, GeoPoint to, DateTimeOffset now)
    {
        var seconds = Math.Max(1, TravelEstimate.Between(courier.Point, to, courier.Vehicle, now.Hour).Seconds);
        var share = Math.Min(1.0, (double)TickSeconds * Haste / seconds);
        return new GeoPoint(
            courier.Point.Latitude + ((to.Latitude - courier.Point.Latitude) * share),
            courier.Point.Longitude + ((to.Longitude - courier.Point.Longitude) * share));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A simulated picker or courier stumbled.")]
    private partial void LogStumble(Exception fault);
}
