using Caravan.Engines.Geo;
using Caravan.Platform.Storage;

namespace Caravan.Delivery;

internal static class JobStore
{
    /// <summary>All columns: never a star, for the next version may add one while this one runs.</summary>
    public const string Columns = "tenant, id, reference, origin, latitude, longitude, address, service, ready_at, due_at, weight_grams, temperature_class, proof_code, status, packed_at, carrier, courier, assigned_at, accepted_at, collected_at, finished_at, estimated_at, attempts, code_failures, failure_reason, override_reason, waits_for, declined_by";

    // SQLite takes 32,766 parameters a statement; lists go in slices well below that.
    private const int SliceLength = 500;

    private const string Open = "j.finished_at IS NULL";

    private const string SelectJobs =
        """
        SELECT j.tenant, j.id, j.reference, j.origin, j.latitude, j.longitude, j.address, j.service, j.ready_at, j.due_at, j.weight_grams, j.temperature_class, j.proof_code, j.status, j.packed_at, j.carrier, j.courier, j.assigned_at, j.accepted_at, j.collected_at, j.finished_at, j.estimated_at, j.attempts, j.code_failures, j.failure_reason, j.override_reason, j.waits_for, j.declined_by,
            c.code AS courier_code, c.vehicle AS courier_vehicle, c.latitude AS courier_latitude, c.longitude AS courier_longitude, c.is_simulated AS courier_is_simulated
        FROM jobs AS j LEFT JOIN couriers AS c ON c.tenant = j.carrier AND c.id = j.courier
        """;

    private static readonly Table<JobState> Booked = new(
        "jobs",
        "tenant, id, reference, origin, latitude, longitude, address, service, ready_at, due_at, weight_grams, temperature_class, proof_code, status, attempts, code_failures",
        (row, job) => row.Id(job.Tenant).Id(job.Id).Text(job.Reference).Id(job.Origin).Real(job.Latitude).Real(job.Longitude).Text(job.Address).Text(job.Service.ToString()).Instant(job.ReadyAt).Instant(job.DueAt)
            .Number(job.WeightGrams).Text(job.TemperatureClass.ToString()).Text(job.ProofCode).Text(job.Status.ToString()).Number(0).Number(0));

    public static Task InsertAsync(Tx tx, IReadOnlyCollection<JobState> jobs) => Booked.InsertAsync(tx, jobs);

    public static async Task<Punctuality> PunctualityAsync(Db db, PartnerId shipper, DateTimeOffset since) =>
        await db.FirstAsync<Punctuality>(
            """
            SELECT COALESCE(SUM(CASE WHEN finished_at <= due_at THEN 1 ELSE 0 END), 0) AS on_time, COALESCE(SUM(CASE WHEN finished_at > due_at THEN 1 ELSE 0 END), 0) AS late
            FROM jobs WHERE tenant = @shipper AND status = 'Delivered' AND finished_at >= @since
            """,
            new { shipper, since }) ?? new Punctuality();

    /// <summary>Writes what changes in a job's life.</summary>
    public static Task SaveAsync(Tx tx, JobState job) => tx.ExecuteAsync(
        """
        UPDATE jobs SET status = @status, packed_at = @PackedAt, carrier = @Carrier, courier = @Courier, assigned_at = @AssignedAt, accepted_at = @AcceptedAt,
            collected_at = @CollectedAt, finished_at = @FinishedAt, estimated_at = @EstimatedAt, attempts = @Attempts, code_failures = @CodeFailures,
            failure_reason = @FailureReason, override_reason = @OverrideReason, waits_for = @WaitsFor, declined_by = @DeclinedBy
        WHERE tenant = @Tenant AND id = @Id
        """,
        new
        {
            job.Tenant,
            job.Id,
            status = job.Status.ToString(),
            job.PackedAt,
            job.Carrier,
            job.Courier,
            job.AssignedAt,
            job.AcceptedAt,
            job.CollectedAt,
            job.FinishedAt,
            job.EstimatedAt,
            job.Attempts,
            job.CodeFailures,
            job.FailureReason,
            job.OverrideReason,
            job.WaitsFor,
            job.DeclinedBy,
        });

    public static Task<JobState?> FindAsync(Db db, PartnerId shipper, JobId id) =>
        db.FirstAsync<JobState>($"SELECT {Columns} FROM jobs WHERE tenant = @shipper AND id = @id", new { shipper, id });

    /// <summary>A job that the carrier carries.</summary>
    public static Task<JobState?> FindCarriedAsync(Db db, PartnerId carrier, JobId id) =>
        db.FirstAsync<JobState>($"SELECT {Columns} FROM jobs WHERE carrier = @carrier AND id = @id", new { carrier, id });

    /// <summary>A parcel that waits at a station, for the station's operator, whoever ships it.</summary>
    public static Task<JobState?> FindAtStationAsync(Db db, LocationId station, JobId id) =>
        db.FirstAsync<JobState>($"SELECT {Columns} FROM jobs WHERE origin = @station AND service = 'PickUp' AND id = @id", new { station, id });

    public static async Task<SeenJob?> SeeAsync(Db db, PartnerId shipper, JobId id) =>
        await db.FirstAsync<SeenJob>($"{SelectJobs} WHERE j.tenant = @shipper AND j.id = @id", new { shipper, id });

    public static async Task<List<SeenJob>> ByReferenceAsync(Db db, PartnerId shipper, IReadOnlyCollection<string> references)
    {
        List<SeenJob> jobs = [];
        foreach (var slice in references.Chunk(SliceLength))
            jobs.AddRange(await db.QueryAsync<SeenJob>($"{SelectJobs} WHERE j.tenant = @shipper AND j.reference IN @slice ORDER BY j.id", new { shipper, slice }));
        return jobs;
    }

    public static async Task<List<JobEnd>> EndsAsync(Db db, PartnerId shipper, IReadOnlyCollection<string> references)
    {
        List<JobEnd> ends = [];
        foreach (var slice in references.Chunk(SliceLength))
        {
            ends.AddRange(await db.QueryAsync<JobEnd>(
                "SELECT reference, status, finished_at FROM jobs WHERE tenant = @shipper AND reference IN @slice AND status IN ('Delivered', 'Returned') AND finished_at IS NOT NULL",
                new { shipper, slice }));
        }

        return ends;
    }

    /// <summary>A shipper's jobs, the newest first.</summary>
    public static Task<List<SeenJob>> ListAsync(Db db, PartnerId shipper, JobStatus? status, JobId? before, int count) =>
        db.QueryAsync<SeenJob>(
            $"{SelectJobs} WHERE j.tenant = @shipper AND (@status IS NULL OR j.status = @status) AND (@before IS NULL OR j.id < @before) ORDER BY j.id DESC LIMIT @count",
            new { shipper, status = status?.ToString(), before, count });

    /// <summary>The open jobs that a company ships.</summary>
    public static Task<List<SeenJob>> OpenOfShipperAsync(Db db, PartnerId shipper) =>
        db.QueryAsync<SeenJob>($"{SelectJobs} WHERE j.tenant = @shipper AND {Open} ORDER BY j.id", new { shipper });

    /// <summary>A shipper's open jobs that are or will be late, have failed, or have waited for a courier since an instant; those due first first.</summary>
    public static Task<List<SeenJob>> TroubledAsync(Db db, PartnerId shipper, DateTimeOffset now, DateTimeOffset waitingSince, int count) => db.QueryAsync<SeenJob>(
        $"""
        {SelectJobs} WHERE j.tenant = @shipper AND {Open} AND j.service <> 'PickUp'
            AND (j.status = 'Failed' OR j.due_at < @now OR j.estimated_at > j.due_at OR (j.status = 'Booked' AND j.packed_at <= @waitingSince))
        ORDER BY j.due_at, j.id LIMIT @count
        """,
        new { shipper, now, waitingSince, count });

    /// <summary>The open jobs that a company carries.</summary>
    public static Task<List<SeenJob>> OpenOfCarrierAsync(Db db, PartnerId carrier) =>
        db.QueryAsync<SeenJob>($"{SelectJobs} WHERE j.carrier = @carrier AND j.carrier IS NOT NULL AND {Open} ORDER BY j.id", new { carrier });

    /// <summary>
    /// For the dispatcher, who works for all: jobs that wait for a courier and whose time has come, the most urgent first. Each half has
    /// an index of its own, so that those that are booked for tomorrow are not looked at.
    /// </summary>
    public static Task<List<JobState>> WaitingAsync(Db db, DateTimeOffset readyBefore, int count) =>
        db.QueryAsync<JobState>(
            $"""
            SELECT {Columns} FROM jobs WHERE status = 'Booked' AND service <> 'PickUp' AND ready_at <= @readyBefore
            UNION ALL
            SELECT {Columns} FROM jobs WHERE status = 'Booked' AND service <> 'PickUp' AND (service = 'WithinHour' OR packed_at IS NOT NULL) AND NOT (ready_at <= @readyBefore)
            ORDER BY due_at, id LIMIT @count
            """,
            new { readyBefore, count });

    /// <summary>Says what a job waits for, unless it no longer waits.</summary>
    public static Task SayWaitingAsync(Tx tx, PartnerId shipper, JobId id, string reason) =>
        tx.ExecuteAsync("UPDATE jobs SET waits_for = @reason WHERE tenant = @shipper AND id = @id AND status = 'Booked'", new { shipper, id, reason });

    /// <summary>For the dispatcher: jobs whose courier has not answered since <paramref name="assignedBefore"/>.</summary>
    public static Task<List<JobState>> SilentAsync(Db db, DateTimeOffset assignedBefore) =>
        db.QueryAsync<JobState>($"SELECT {Columns} FROM jobs WHERE status = 'Assigned' AND assigned_at <= @assignedBefore ORDER BY assigned_at", new { assignedBefore });
}

/// <summary>A job with its courier beside it.</summary>
internal sealed record SeenJob
{
    public PartnerId Tenant { get; init; }
    public JobId Id { get; init; }
    public string Reference { get; init; } = "";
    public LocationId Origin { get; init; }
    public double Latitude { get; init; }
    public double Longitude { get; init; }
    public string Address { get; init; } = "";
    public Network.DeliveryService Service { get; init; }
    public DateTimeOffset ReadyAt { get; init; }
    public DateTimeOffset DueAt { get; init; }
    public int WeightGrams { get; init; }
    public Platform.TemperatureClass TemperatureClass { get; init; }
    public JobStatus Status { get; init; }
    public DateTimeOffset? PackedAt { get; init; }
    public PartnerId? Carrier { get; init; }
    public CourierId? Courier { get; init; }
    public DateTimeOffset? EstimatedAt { get; init; }
    public int Attempts { get; init; }
    public int CodeFailures { get; init; }
    public string? FailureReason { get; init; }
    public string? WaitsFor { get; init; }
    public string? CourierCode { get; init; }
    public string? CourierVehicle { get; init; }
    public bool? CourierIsSimulated { get; init; }
    public double? CourierLatitude { get; init; }
    public double? CourierLongitude { get; init; }

    public GeoPoint? CourierPoint => CourierLatitude is { } latitude && CourierLongitude is { } longitude ? new GeoPoint(latitude, longitude) : null;

    public VehicleKind? Vehicle => CourierVehicle is null ? null : Enum.Parse<VehicleKind>(CourierVehicle);

    public Job ToJob() => new(
        Tenant,
        Id,
        Reference,
        Origin,
        new GeoPoint(Latitude, Longitude),
        Address,
        Service,
        Status,
        ReadyAt,
        DueAt,
        EstimatedAt,
        PackedAt is not null,
        Courier,
        CourierCode,
        Vehicle,
        CourierPoint,
        FailureReason,
        CourierIsSimulated == true);
}
