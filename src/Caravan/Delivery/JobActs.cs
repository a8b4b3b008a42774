using Caravan.Network;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;

namespace Caravan.Delivery;

/// <summary>Loads, asks <see cref="JobLife"/>, and saves in the caller's transaction: the job, its courier's route, the estimates and the events.</summary>
internal sealed class JobActs(Outbox outbox, NetworkMap map, TravelTimes travel)
{
    /// <summary>An estimate that moves by less stays as it is: nobody is told of seconds.</summary>
    public static readonly TimeSpan WorthTelling = TimeSpan.FromMinutes(1);

    /// <summary>Decides a command on a job and saves what follows; a refusal changes nothing but a counted wrong code.</summary>
    public async Task<JobOutcome> DoAsync(Tx tx, JobState job, JobCommand command)
    {
        var outcome = JobLife.Decide(job, command, tx.Now);
        if (outcome is JobOutcome.Refused { Counted: { } counted })
            await JobStore.SaveAsync(tx, counted);
        if (outcome is not JobOutcome.Done done || done.Job == job)
            return outcome;

        await SaveAsync(tx, done);
        if (job is { Carrier: { } carrier, Courier: { } courier } && await CourierStore.FindAsync(tx, carrier, courier) is { } rider)
            await FollowAsync(tx, rider, job, command);
        return outcome;
    }

    /// <summary>Gives a job to a courier whose new route is planned already.</summary>
    public async Task AssignAsync(Tx tx, JobState job, Courier courier, IReadOnlyList<StopState> route)
    {
        var plan = await PlanAsync(tx);
        var arrivals = plan.Arrivals(courier, route);
        var estimate = arrivals[route.TakeWhile(stop => stop.Job.Id != job.Id || stop.Kind != RouteStopKind.Dropoff).Count()];
        if (JobLife.Decide(job, new JobCommand.Assign(courier.Carrier, courier.Id, estimate), tx.Now) is not JobOutcome.Done done)
            return;

        await SaveAsync(tx, done);
        await PutRouteAsync(tx, courier, [.. route.Select(stop => stop.Job.Id == job.Id ? stop with { Job = done.Job } : stop)], plan);
    }

    /// <summary>Puts a courier's stops in another order, if they are still those that were looked at, and tells the estimates anew.</summary>
    public async Task ReorderAsync(Tx tx, Courier seen, IReadOnlyList<StopState> before, IReadOnlyList<StopState> after)
    {
        if (await CourierStore.FindAsync(tx, seen.Carrier, seen.Id) is not { } courier)
            return;

        var stops = await CourierStore.StopsAsync(tx, courier.Carrier, courier.Id);
        var isSame = stops.Select(StandingOf).SequenceEqual(before.Select(StandingOf));
        var ordered = isSame ? [.. after.Select(stop => stops.First(known => known.Job.Id == stop.Job.Id && known.Kind == stop.Kind))] : stops;
        await PutRouteAsync(tx, courier, ordered, await PlanAsync(tx), stops);

        static (JobId, RouteStopKind, JobStatus) StandingOf(StopState stop) => (stop.Job.Id, stop.Kind, stop.Job.Status);
    }

    /// <summary>Tells the estimates of a courier's route anew.</summary>
    public async Task ReestimateAsync(Tx tx, PartnerId carrier, CourierId id)
    {
        if (await CourierStore.FindAsync(tx, carrier, id) is not { } courier)
            return;

        var stops = await CourierStore.StopsAsync(tx, carrier, id);
        await PutRouteAsync(tx, courier, stops, await PlanAsync(tx), stops);
    }

    private async Task<RoutePlan> PlanAsync(Tx tx) => new(await map.CurrentAsync(CancellationToken.None), travel, tx.Now);

    /// <summary>Whether a new estimate is worth writing and telling.</summary>
    public static bool IsMoved(DateTimeOffset? known, DateTimeOffset? now) =>
        known is { } before && now is { } after ? (after - before).Duration() >= WorthTelling : known != now;

    // What an act does to the route of the courier who had the job.
    private async Task FollowAsync(Tx tx, Courier courier, JobState before, JobCommand command)
    {
        var network = await map.CurrentAsync(CancellationToken.None);
        var origin = network.Find(before.Origin)?.Point;
        var stops = await CourierStore.StopsAsync(tx, courier.Carrier, courier.Id);
        var others = stops.Where(stop => stop.Job.Id != before.Id).ToList();
        switch (command)
        {
            case JobCommand.Decline or JobCommand.Cancel:
                stops = others;
                break;
            case JobCommand.Collect:
                stops = [.. stops.Where(stop => stop.Job.Id != before.Id || stop.Kind != RouteStopKind.Pickup)];
                courier = await SeenAtAsync(tx, courier, origin);
                break;
            case JobCommand.Deliver:
                stops = others;
                courier = await SeenAtAsync(tx, courier, before.Destination);
                break;
            case JobCommand.Fail:
                // It goes back when the rest is done: those who wait come first.
                var failed = stops.First(stop => stop.Job.Id == before.Id && stop.Kind == RouteStopKind.Dropoff);
                stops = [.. others, failed with { Kind = RouteStopKind.Return }];
                courier = await SeenAtAsync(tx, courier, before.Destination);
                break;
            case JobCommand.Return:
                stops = others;
                courier = await SeenAtAsync(tx, courier, origin);
                break;
        }

        await PutRouteAsync(tx, courier, stops, new RoutePlan(network, travel, tx.Now));
    }

    private static async Task<Courier> SeenAtAsync(Tx tx, Courier courier, Engines.Geo.GeoPoint? place)
    {
        if (place is not { } point)
            return courier;

        await CourierStore.MoveAsync(tx, courier.Carrier, courier.Id, point);
        return courier with { Point = point };
    }

    // Writes the stops with their estimates, tells customers whose time has moved, and sets out to the one who is next.
    private async Task PutRouteAsync(Tx tx, Courier courier, IReadOnlyList<StopState> stops, RoutePlan plan, IReadOnlyList<StopState>? stored = null)
    {
        var arrivals = plan.Arrivals(courier, stops);
        var timed = stops.Select((stop, index) => stop with { EstimatedAt = IsMoved(stop.EstimatedAt, arrivals[index]) ? arrivals[index] : stop.EstimatedAt }).ToList();
        if (stored is null || !timed.SequenceEqual(stored))
            await CourierStore.PutStopsAsync(tx, courier.Carrier, courier.Id, timed);
        foreach (var (stop, arrival) in timed.Zip(arrivals).Where(pair => pair.First.Kind == RouteStopKind.Dropoff && IsMoved(pair.First.Job.EstimatedAt, pair.Second)))
            await SaveAsync(tx, new JobOutcome.Done(stop.Job with { EstimatedAt = arrival }, JobEvent.Estimated));

        if (timed is [{ Kind: RouteStopKind.Dropoff } next, ..]
            && await JobStore.FindAsync(tx, next.Job.Tenant, next.Job.Id) is { Status: JobStatus.Collected } job
            && JobLife.Decide(job, new JobCommand.SetOut(), tx.Now) is JobOutcome.Done setOut)
        {
            await SaveAsync(tx, setOut);
        }
    }

    private async Task SaveAsync(Tx tx, JobOutcome.Done done)
    {
        var job = done.Job;
        await JobStore.SaveAsync(tx, job);
        if (done.EventType is { } type)
        {
            var happened = new JobEvent(job.Id, job.Reference, job.Status, job.Courier, job.EstimatedAt, done.Reason);
            await outbox.AddAsync(tx, job.Tenant, type, job.Id.ToString(), happened, JobEvent.Json);
        }
    }
}
