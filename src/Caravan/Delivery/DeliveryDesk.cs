using System.Collections.Concurrent;
using System.Diagnostics;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform.Storage;

namespace Caravan.Delivery;

/// <summary>Couriers, their routes, and parcels on their way. It knows parcels, not orders.</summary>
public sealed class DeliveryDesk
{
    private readonly JobActs acts;
    private readonly NetworkMap map;
    private readonly TravelTimes travel;
    private readonly PartnerBook partners;
    private readonly TimeProvider clock;
    private readonly ConcurrentDictionary<PartnerId, RememberedOutlook> outlooks = new();

    internal DeliveryDesk(JobActs acts, NetworkMap map, TravelTimes travel, PartnerBook partners, TimeProvider clock)
    {
        this.acts = acts;
        this.map = map;
        this.travel = travel;
        this.partners = partners;
        this.clock = clock;
    }

    /// <summary>
    /// Who may carry for the shipper (its own couriers and those of carriers with a Ship agreement) and how laden they are: one read,
    /// of which promises ask for many origins and several services. Outside a transaction it may be a second old.
    /// </summary>
    public async ValueTask<FleetOutlook> OutlookAsync(Db db, PartnerId shipper, DateTimeOffset at)
    {
        if (db is not Tx && outlooks.TryGetValue(shipper, out var last) && last.IsRecent(at, clock))
            return last.Outlook;

        var now = clock.GetUtcNow();
        var readAt = clock.GetTimestamp();
        var rights = new ShipRights(shipper, await partners.GrantedToAsync(db, shipper, AgreementKind.Ship, now));
        List<(PartnerId, List<CourierLoad>)> couriers = [];
        foreach (var carrier in rights.Carriers)
            couriers.Add((carrier, await CourierStore.LoadsAsync(db, carrier))); // Carrier by carrier: every statement names one tenant.
        var outlook = new FleetOutlook(travel, rights, couriers, now, at);
        if (db is not Tx)
            outlooks[shipper] = new RememberedOutlook(outlook, at, readAt);
        return outlook;
    }

    /// <summary>Books parcels, in the caller's transaction; couriers are chosen after the commit. The jobs come in the parcels' order.</summary>
    public async Task<IReadOnlyList<JobId>> BookAsync(Tx tx, IReadOnlyCollection<Parcel> parcels)
    {
        List<JobState> jobs = [.. parcels.Select(parcel => JobOf(parcel, tx.Now))];
        await JobStore.InsertAsync(tx, jobs);
        DispatchBell.RingAfter(tx);
        return jobs.ConvertAll(job => job.Id);
    }

    private static JobState JobOf(Parcel parcel, DateTimeOffset now)
    {
        if (!parcel.Destination.IsValid)
            throw new ArgumentException($"{parcel.Destination} is not a place on Earth.", nameof(parcel));
        ArgumentException.ThrowIfNullOrWhiteSpace(parcel.ProofCode);
        ArgumentOutOfRangeException.ThrowIfNegative(parcel.WeightGrams);

        return new JobState
        {
            Tenant = parcel.Shipper,
            Id = JobId.New(now),
            Reference = parcel.Reference,
            Origin = parcel.Origin,
            Latitude = parcel.Destination.Latitude,
            Longitude = parcel.Destination.Longitude,
            Address = parcel.Address,
            Service = parcel.Service,
            ReadyAt = parcel.ReadyAt,
            DueAt = parcel.DueAt,
            WeightGrams = parcel.WeightGrams,
            TemperatureClass = parcel.TemperatureClass,
            ProofCode = parcel.ProofCode,
            Status = JobStatus.Booked,
        };
    }

    /// <summary>The parcel is packed and can be collected. Saying it again changes nothing.</summary>
    public async Task PackedAsync(Tx tx, PartnerId shipper, JobId job)
    {
        await acts.DoAsync(tx, await OwnAsync(tx, shipper, job), new JobCommand.Pack());
        DispatchBell.RingAfter(tx);
    }

    /// <summary>Calls a job off; false when the courier has the parcel already.</summary>
    public async Task<bool> CancelAsync(Tx tx, PartnerId shipper, JobId job)
    {
        var state = await OwnAsync(tx, shipper, job);
        return state.Status == JobStatus.Cancelled || await acts.DoAsync(tx, state, new JobCommand.Cancel()) is JobOutcome.Done;
    }

    /// <summary>Another courier is asked for a parcel that has not been collected; false when it has been, or nobody was asked yet.</summary>
    public async Task<bool> AskAnotherAsync(Tx tx, PartnerId shipper, JobId job) =>
        await JobStore.FindAsync(tx, shipper, job) is { } state && await DoAsync(tx, state, new JobCommand.Decline("The shipper asked for another courier.")) is ActOutcome.Done;

    /// <summary>A shipper's open parcels that are or will be late, could not be handed over, or lie packed for so long and have no courier; those due first first.</summary>
    public async Task<IReadOnlyList<Job>> TroubledAsync(Db db, PartnerId shipper, DateTimeOffset now, TimeSpan waiting, int count) =>
        [.. (await JobStore.TroubledAsync(db, shipper, now, now - waiting, count)).Select(job => job.ToJob())];

    /// <summary>Jobs of a shipper by their references.</summary>
    public async Task<IReadOnlyList<Job>> FindAsync(Db db, PartnerId shipper, IReadOnlyCollection<string> references) =>
        [.. (await JobStore.ByReferenceAsync(db, shipper, references)).Select(job => job.ToJob())];

    /// <summary>How those of a shipper's jobs that have ended did: delivered or brought back.</summary>
    public async Task<IReadOnlyList<JobEnd>> EndsAsync(Db db, PartnerId shipper, IReadOnlyCollection<string> references) => await JobStore.EndsAsync(db, shipper, references);

    /// <summary>Adds couriers, or replaces by the carrier's code; the id stays.</summary>
    public async Task PutAsync(Tx tx, IReadOnlyCollection<Courier> couriers)
    {
        await CourierStore.PutAsync(tx, couriers);
        tx.AfterCommit(outlooks.Clear);
        DispatchBell.RingAfter(tx);
    }

    /// <summary>All couriers of a carrier, by code.</summary>
    public async Task<IReadOnlyList<Courier>> CouriersAsync(Db db, PartnerId carrier) =>
        await CourierStore.AllAsync(db, carrier);

    /// <summary>What a courier does next, in order; null when the carrier has no such courier.</summary>
    public async Task<IReadOnlyList<RouteStop>?> RouteAsync(Db db, PartnerId carrier, CourierId courier)
    {
        if (await CourierStore.FindAsync(db, carrier, courier) is not { } rider)
            return null;

        return (await RoutesAsync(db, [rider]))[courier];
    }

    /// <summary>What these couriers do next, each in order: two questions a carrier, however many couriers it has.</summary>
    public async Task<IReadOnlyDictionary<CourierId, IReadOnlyList<RouteStop>>> RoutesAsync(Db db, IReadOnlyCollection<Courier> couriers)
    {
        var network = await map.CurrentAsync(CancellationToken.None);
        var now = clock.GetUtcNow();
        var plan = new RoutePlan(network, travel, now);
        Dictionary<CourierId, IReadOnlyList<RouteStop>> routes = [];
        foreach (var carried in couriers.GroupBy(courier => courier.Carrier))
        {
            var stops = await CourierStore.StopsAsync(db, carried.Key, [.. carried.Select(courier => courier.Id)]);
            foreach (var rider in carried)
                routes[rider.Id] = Shown(network, plan, rider, [.. stops[rider.Id]], now);
        }

        return routes;
    }

    private static IReadOnlyList<RouteStop> Shown(NetworkSnapshot network, RoutePlan plan, Courier rider, IReadOnlyList<StopState> stops, DateTimeOffset now)
    {
        var added = RouteOrder.Added(plan, rider, stops, new Shift(rider.ShiftStart, rider.ShiftEnd, rider.TimeZone).Next(now).To);
        return
        [
            .. stops.Select((stop, index) => new RouteStop(
                stop.Job.Tenant,
                stop.Job.Id,
                stop.Job.Reference,
                stop.Kind,
                plan.PointOf(stop) ?? rider.Point,
                stop.Kind == RouteStopKind.Dropoff ? stop.Job.Address : network.Find(stop.Job.Origin)?.Name ?? "",
                stop.Job.Service,
                stop.Job.Status,
                stop.Job.PackedAt is not null,
                stop.Job.ReadyAt,
                stop.Job.DueAt,
                stop.EstimatedAt,
                stop.Job.WeightGrams,
                stop.Job.TemperatureClass,
                JobLife.CodeFailuresMax - stop.Job.CodeFailures)
            {
                AddedSeconds = added[index],
            }),
        ];
    }

    /// <summary>
    /// A courier's act on a job, in the caller's transaction: the same decision whoever asks. Refused acts change nothing, except that a
    /// wrong code is counted: the caller commits that too.
    /// </summary>
    public async Task<ActOutcome> ActAsync(Tx tx, PartnerId carrier, CourierId courier, JobId job, CourierAct act)
    {
        if (await JobStore.FindCarriedAsync(tx, carrier, job) is not { } state || state.Courier != courier)
            return new ActOutcome.NotFound();

        JobCommand command = act switch
        {
            CourierAct.Accept => new JobCommand.Accept(),
            CourierAct.Decline => new JobCommand.Decline("The courier declined; another is asked."),
            CourierAct.Collect => new JobCommand.Collect(),
            CourierAct.Deliver deliver => new JobCommand.Deliver(deliver.Code, deliver.Override),
            CourierAct.Fail fail => new JobCommand.Fail(fail.Reason),
            CourierAct.Return => new JobCommand.Return(),
            _ => throw new UnreachableException(),
        };
        return await DoAsync(tx, state, command);
    }

    /// <summary>
    /// A parcel that waits at a station is handed over there, by its shipper or the station's operator, against the customer's code or on
    /// somebody's word, which is kept. As with <see cref="ActAsync"/>, a wrong code is counted and must be committed.
    /// </summary>
    public async Task<ActOutcome> HandOverAsync(Tx tx, PartnerId company, JobId job, string? code, string? overrideReason) =>
        await FindSeenAsync(tx, company, job) is { Service: DeliveryService.PickUp } seen && await JobStore.FindAsync(tx, seen.Tenant, seen.Id) is { } state
            ? await DoAsync(tx, state, new JobCommand.Deliver(code, overrideReason))
            : new ActOutcome.NotFound();

    /// <summary>A courier has moved; estimates follow. False when the carrier has no such courier.</summary>
    public async Task<bool> MoveAsync(Tx tx, PartnerId carrier, CourierId courier, GeoPoint point)
    {
        if (!point.IsValid)
            throw new ArgumentException($"{point} is not a place on Earth.", nameof(point));
        if (await CourierStore.FindAsync(tx, carrier, courier) is null)
            return false;

        await CourierStore.MoveAsync(tx, carrier, courier, point);
        await acts.ReestimateAsync(tx, carrier, courier);
        return true;
    }

    /// <summary>Whether a courier takes new jobs; what the courier has is still to be done. False when the carrier has no such courier.</summary>
    public async Task<bool> SetDutyAsync(Tx tx, PartnerId carrier, CourierId courier, bool isOnDuty)
    {
        tx.AfterCommit(outlooks.Clear);
        DispatchBell.RingAfter(tx);
        return await CourierStore.SetDutyAsync(tx, carrier, courier, isOnDuty) > 0;
    }

    /// <summary>For the live map: the couriers of these companies and those who carry for them, and the open jobs they ship or carry.</summary>
    public async Task<ActiveDelivery> ActiveAsync(Db db, IReadOnlyCollection<PartnerId> companies)
    {
        Dictionary<CourierId, Courier> couriers = [];
        Dictionary<JobId, Job> jobs = [];
        foreach (var company in companies)
        {
            foreach (var courier in await CourierStore.AllAsync(db, company))
                couriers[courier.Id] = courier;
            foreach (var job in await JobStore.OpenOfShipperAsync(db, company))
                jobs[job.Id] = job.ToJob();
            foreach (var job in await JobStore.OpenOfCarrierAsync(db, company))
                jobs[job.Id] = job.ToJob();
            foreach (var courier in await CourierStore.CarryingForAsync(db, company))
                couriers[courier.Id] = courier;
        }

        return new ActiveDelivery([.. couriers.Values], [.. jobs.Values]);
    }

    /// <summary>How many of a shipper's parcels delivered since an instant came as promised, and how many later.</summary>
    public Task<Punctuality> PunctualityAsync(Db db, PartnerId shipper, DateTimeOffset since) => JobStore.PunctualityAsync(db, shipper, since);

    /// <summary>The code that the shipper shows its customer; null when it ships no such job. Never given to a carrier.</summary>
    public async Task<string?> ProofCodeAsync(Db db, PartnerId shipper, JobId job) => (await JobStore.FindAsync(db, shipper, job))?.ProofCode;

    /// <summary>A job as its shipper, its carrier or the operator of the station where it lies may see it.</summary>
    internal async Task<SeenJob?> FindSeenAsync(Db db, PartnerId company, JobId id)
    {
        if (await JobStore.SeeAsync(db, company, id) is { } own)
            return own;
        if (await JobStore.FindCarriedAsync(db, company, id) is { } carried)
            return await JobStore.SeeAsync(db, carried.Tenant, id);

        var network = await map.CurrentAsync(CancellationToken.None);
        foreach (var station in network.Locations.Where(location => location.Operator == company && location.Kind == LocationKind.Station))
        {
            if (await JobStore.FindAtStationAsync(db, station.Id, id) is { } held)
                return await JobStore.SeeAsync(db, held.Tenant, id);
        }

        return null;
    }

    private async Task<ActOutcome> DoAsync(Tx tx, JobState job, JobCommand command)
    {
        DispatchBell.RingAfter(tx);
        switch (await acts.DoAsync(tx, job, command))
        {
            case JobOutcome.Done:
                var seen = await JobStore.SeeAsync(tx, job.Tenant, job.Id);
                return new ActOutcome.Done(seen!.ToJob()); // Jobs are never deleted.
            case JobOutcome.Refused refused:
                return new ActOutcome.Refused(refused.Why, refused.Detail, JobLife.CodeFailuresMax - (refused.Counted ?? job).CodeFailures);
            default:
                throw new UnreachableException();
        }
    }

    // A second by the clock of the machine, whatever the clock of the business says.
    private sealed record RememberedOutlook(FleetOutlook Outlook, DateTimeOffset At, long ReadAt)
    {
        private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

        public bool IsRecent(DateTimeOffset at, TimeProvider clock) => clock.GetElapsedTime(ReadAt) < Longest && (at - At).Duration() < Longest;
    }

    private static async Task<JobState> OwnAsync(Db db, PartnerId shipper, JobId job) =>
        await JobStore.FindAsync(db, shipper, job) ?? throw new ArgumentException($"{shipper} ships no job {job}.", nameof(job));
}
