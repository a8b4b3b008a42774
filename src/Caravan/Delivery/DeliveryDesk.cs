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
    private readonly DispatchBell bell;
    private readonly TimeProvider clock;

    internal DeliveryDesk(JobActs acts, NetworkMap map, TravelTimes travel, PartnerBook partners, DispatchBell bell, TimeProvider clock)
    {
        this.acts = acts;
        this.map = map;
        this.travel = travel;
        this.partners = partners;
        this.bell = bell;
        this.clock = clock;
    }

    /// <summary>
    /// For each origin, whether anyone who may carry for the shipper (its own couriers and carriers with a Ship agreement) could,
    /// at <paramref name="at"/>. One read for many origins; used by promises. Within the hour: couriers on shift within 8 km. Else: couriers
    /// of the region who are on shift, or will be within a day; the wait for their shift counts. A station needs no courier and answers as if one stood there.
    /// </summary>
    public async Task<IReadOnlyDictionary<LocationId, CourierOutlook>> OutlookAsync(Db db, PartnerId shipper, IReadOnlyCollection<Location> origins, DeliveryService service, DateTimeOffset at)
    {
        var now = clock.GetUtcNow();
        var agreements = await partners.GrantedToAsync(db, shipper, AgreementKind.Ship, now);
        List<CourierLoad> couriers = [];
        foreach (var carrier in agreements.Select(agreement => agreement.Grantor).Append(shipper).Distinct())
            couriers.AddRange(await CourierStore.LoadsAsync(db, carrier)); // Carrier by carrier: every statement names one tenant.
        return new Outlook(travel, shipper, agreements, now).Of(origins, couriers, service, at);
    }

    /// <summary>Books a parcel, in the caller's transaction; a courier is chosen after the commit.</summary>
    public async Task<JobId> BookAsync(Tx tx, Parcel parcel)
    {
        if (!parcel.Destination.IsValid)
            throw new ArgumentException($"{parcel.Destination} is not a place on Earth.", nameof(parcel));
        ArgumentException.ThrowIfNullOrWhiteSpace(parcel.ProofCode);
        ArgumentOutOfRangeException.ThrowIfNegative(parcel.WeightGrams);

        var job = new JobState
        {
            Tenant = parcel.Shipper,
            Id = JobId.New(tx.Now),
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
        await JobStore.InsertAsync(tx, job);
        tx.AfterCommit(bell.Ring);
        return job.Id;
    }

    /// <summary>The parcel is packed and can be collected. Saying it again changes nothing.</summary>
    public async Task PackedAsync(Tx tx, PartnerId shipper, JobId job)
    {
        await acts.DoAsync(tx, await OwnAsync(tx, shipper, job), new JobCommand.Pack());
        tx.AfterCommit(bell.Ring);
    }

    /// <summary>Calls a job off; false when the courier has the parcel already.</summary>
    public async Task<bool> CancelAsync(Tx tx, PartnerId shipper, JobId job)
    {
        var state = await OwnAsync(tx, shipper, job);
        return state.Status == JobStatus.Cancelled || await acts.DoAsync(tx, state, new JobCommand.Cancel()) is JobOutcome.Done;
    }

    /// <summary>Jobs of a shipper by their references.</summary>
    public async Task<IReadOnlyList<Job>> FindAsync(Db db, PartnerId shipper, IReadOnlyCollection<string> references) =>
        [.. (await JobStore.ByReferenceAsync(db, shipper, references)).Select(job => job.ToJob())];

    /// <summary>Adds couriers, or replaces by the carrier's code; the id stays.</summary>
    public async Task PutAsync(Tx tx, IReadOnlyCollection<Courier> couriers)
    {
        await CourierStore.PutAsync(tx, couriers);
        tx.AfterCommit(bell.Ring);
    }

    private static async Task<JobState> OwnAsync(Db db, PartnerId shipper, JobId job) =>
        await JobStore.FindAsync(db, shipper, job) ?? throw new ArgumentException($"{shipper} ships no job {job}.", nameof(job));
}
