using System.Globalization;
using Caravan.Engines.Geo;
using Caravan.Platform.Storage;

namespace Caravan.Delivery;

/// <summary>A stop with its job.</summary>
internal sealed record StopState(PartnerId Carrier, CourierId Courier, RouteStopKind Kind, JobState Job, DateTimeOffset? EstimatedAt);

/// <summary>A courier with how many stops are ahead.</summary>
internal sealed record CourierLoad
{
    public string Region { get; init; } = "";
    public VehicleKind Vehicle { get; init; }
    public double Latitude { get; init; }
    public double Longitude { get; init; }
    public string ShiftStart { get; init; } = "";
    public string ShiftEnd { get; init; } = "";
    public string TimeZone { get; init; } = "";
    public bool IsOnDuty { get; init; }
    public int OpenStops { get; init; }
}

internal static class CourierStore
{
    private const string Columns = "tenant, id, code, region, vehicle, latitude, longitude, point_at, capacity_grams, temperature_mask, shift_start, shift_end, time_zone, is_on_duty, is_simulated";

    private const string StopColumns = "tenant, courier, position, job_tenant, job, kind, estimated_at";

    public static Task PutAsync(Tx tx, IReadOnlyCollection<Courier> couriers) => tx.ExecuteAsync(
        """
        INSERT INTO couriers (tenant, id, code, region, vehicle, latitude, longitude, point_at, capacity_grams, temperature_mask, shift_start, shift_end, time_zone, is_on_duty, is_simulated)
        VALUES (@Carrier, @Id, @Code, @Region, @vehicle, @Latitude, @Longitude, @now, @CapacityGrams, @temperatures, @shiftStart, @shiftEnd, @TimeZone, @IsOnDuty, @IsSimulated)
        ON CONFLICT (tenant, code) DO UPDATE SET region = excluded.region, vehicle = excluded.vehicle, latitude = excluded.latitude, longitude = excluded.longitude,
            point_at = excluded.point_at, capacity_grams = excluded.capacity_grams, temperature_mask = excluded.temperature_mask, shift_start = excluded.shift_start,
            shift_end = excluded.shift_end, time_zone = excluded.time_zone, is_on_duty = excluded.is_on_duty, is_simulated = excluded.is_simulated
        """,
        couriers.Select(courier => new
        {
            courier.Carrier,
            courier.Id,
            courier.Code,
            courier.Region,
            vehicle = courier.Vehicle.ToString(),
            courier.Point.Latitude,
            courier.Point.Longitude,
            now = tx.Now,
            courier.CapacityGrams,
            temperatures = (long)courier.TemperatureMask,
            shiftStart = courier.ShiftStart.ToString("HH:mm", CultureInfo.InvariantCulture),
            shiftEnd = courier.ShiftEnd.ToString("HH:mm", CultureInfo.InvariantCulture),
            courier.TimeZone,
            courier.IsOnDuty,
            courier.IsSimulated,
        }));

    public static async Task<Courier?> FindAsync(Db db, PartnerId carrier, CourierId id) =>
        (await db.FirstAsync<Row>($"SELECT {Columns} FROM couriers WHERE tenant = @carrier AND id = @id", new { carrier, id }))?.ToCourier();

    public static async Task<Courier?> FindAsync(Db db, PartnerId carrier, string code) =>
        (await db.FirstAsync<Row>($"SELECT {Columns} FROM couriers WHERE tenant = @carrier AND code = @code", new { carrier, code }))?.ToCourier();

    public static async Task<List<Courier>> ListAsync(Db db, PartnerId carrier, string afterCode, int count) =>
        [.. (await db.QueryAsync<Row>($"SELECT {Columns} FROM couriers WHERE tenant = @carrier AND code > @afterCode ORDER BY code LIMIT @count", new { carrier, afterCode, count })).Select(row => row.ToCourier())];

    public static async Task<List<Courier>> AllAsync(Db db, PartnerId carrier) =>
        [.. (await db.QueryAsync<Row>($"SELECT {Columns} FROM couriers WHERE tenant = @carrier ORDER BY code", new { carrier })).Select(row => row.ToCourier())];

    /// <summary>The couriers of a carrier, as an outlook sees them: only what it reads, for it is asked often.</summary>
    public static Task<List<CourierLoad>> LoadsAsync(Db db, PartnerId carrier) =>
        db.QueryAsync<CourierLoad>(
            """
            SELECT c.region, c.vehicle, c.latitude, c.longitude, c.shift_start, c.shift_end, c.time_zone, c.is_on_duty, COALESCE(s.stops, 0) AS open_stops
            FROM couriers AS c LEFT JOIN (SELECT courier, COUNT(*) AS stops FROM route_stops WHERE tenant = @carrier GROUP BY courier) AS s ON s.courier = c.id
            WHERE c.tenant = @carrier
            """,
            new { carrier });

    /// <summary>For the dispatcher, who works for all carriers: couriers on duty, and those off duty who still have stops.</summary>
    public static async Task<List<Courier>> WorkingAsync(Db db) =>
        [.. (await db.QueryAsync<Row>(
            $"""
            SELECT {Columns} FROM couriers AS c
            WHERE c.is_on_duty = 1 OR EXISTS (SELECT 1 FROM route_stops AS s WHERE s.tenant = c.tenant AND s.courier = c.id)
            ORDER BY c.tenant, c.code
            """)).Select(row => row.ToCourier())];

    /// <summary>Couriers of whatever carrier who have open jobs of a shipper.</summary>
    public static async Task<List<Courier>> CarryingForAsync(Db db, PartnerId shipper) =>
        [.. (await db.QueryAsync<Row>(
            $"SELECT {Columns} FROM couriers AS c WHERE (c.tenant, c.id) IN (SELECT j.carrier, j.courier FROM jobs AS j WHERE j.tenant = @shipper AND j.finished_at IS NULL)",
            new { shipper })).Select(row => row.ToCourier())];

    public static Task MoveAsync(Tx tx, PartnerId carrier, CourierId id, GeoPoint point) =>
        tx.ExecuteAsync(
            "UPDATE couriers SET latitude = @Latitude, longitude = @Longitude, point_at = @now WHERE tenant = @carrier AND id = @id",
            new { carrier, id, point.Latitude, point.Longitude, now = tx.Now });

    public static Task<int> SetDutyAsync(Tx tx, PartnerId carrier, CourierId id, bool isOnDuty) =>
        tx.ExecuteAsync("UPDATE couriers SET is_on_duty = @isOnDuty WHERE tenant = @carrier AND id = @id", new { carrier, id, isOnDuty });

    /// <summary>A courier's stops in order.</summary>
    public static async Task<List<StopState>> StopsAsync(Db db, PartnerId carrier, CourierId courier) =>
        Joined(
            await db.QueryAsync<StopRow>($"SELECT {StopColumns} FROM route_stops WHERE tenant = @carrier AND courier = @courier ORDER BY position", new { carrier, courier }),
            await db.QueryAsync<JobState>(
                $"SELECT {JobStore.Columns} FROM jobs AS j WHERE (j.tenant, j.id) IN (SELECT s.job_tenant, s.job FROM route_stops AS s WHERE s.tenant = @carrier AND s.courier = @courier)",
                new { carrier, courier }));

    /// <summary>The stops of some of a carrier's couriers, each in order.</summary>
    public static async Task<ILookup<CourierId, StopState>> StopsAsync(Db db, PartnerId carrier, IReadOnlyCollection<CourierId> ids)
    {
        var couriers = ids.ToKeys(db);
        return Joined(
            await db.QueryAsync<StopRow>($"SELECT {StopColumns} FROM route_stops WHERE tenant = @carrier AND courier IN @couriers ORDER BY courier, position", new { carrier, couriers }),
            await db.QueryAsync<JobState>(
                $"SELECT {JobStore.Columns} FROM jobs AS j WHERE (j.tenant, j.id) IN (SELECT s.job_tenant, s.job FROM route_stops AS s WHERE s.tenant = @carrier AND s.courier IN @couriers)",
                new { carrier, couriers }))
            .ToLookup(stop => stop.Courier);
    }

    /// <summary>For the dispatcher: the stops of all couriers of all carriers.</summary>
    public static async Task<ILookup<CourierId, StopState>> AllStopsAsync(Db db) =>
        Joined(
            await db.QueryAsync<StopRow>($"SELECT {StopColumns} FROM route_stops ORDER BY tenant, courier, position"),
            await db.QueryAsync<JobState>($"SELECT {JobStore.Columns} FROM jobs AS j WHERE (j.tenant, j.id) IN (SELECT s.job_tenant, s.job FROM route_stops AS s)"))
        .ToLookup(stop => stop.Courier);

    /// <summary>Replaces a courier's stops.</summary>
    public static async Task PutStopsAsync(Tx tx, PartnerId carrier, CourierId courier, IReadOnlyList<StopState> stops)
    {
        await tx.ExecuteAsync("DELETE FROM route_stops WHERE tenant = @carrier AND courier = @courier", new { carrier, courier });
        await tx.ExecuteAsync(
            "INSERT INTO route_stops (tenant, courier, position, job_tenant, job, kind, estimated_at) VALUES (@carrier, @courier, @position, @shipper, @job, @kind, @EstimatedAt)",
            stops.Select((stop, position) => new { carrier, courier, position, shipper = stop.Job.Tenant, job = stop.Job.Id, kind = stop.Kind.ToString(), stop.EstimatedAt }));
    }

    private static List<StopState> Joined(List<StopRow> stops, List<JobState> jobs)
    {
        var byId = jobs.ToDictionary(job => job.Id);
        return [.. stops.Select(stop => new StopState(stop.Tenant, stop.Courier, stop.Kind, byId[stop.Job], stop.EstimatedAt))];
    }

    private sealed record StopRow
    {
        public PartnerId Tenant { get; init; }
        public CourierId Courier { get; init; }
        public JobId Job { get; init; }
        public RouteStopKind Kind { get; init; }
        public DateTimeOffset? EstimatedAt { get; init; }
    }

    private sealed record Row
    {
        public PartnerId Tenant { get; init; }
        public CourierId Id { get; init; }
        public string Code { get; init; } = "";
        public string Region { get; init; } = "";
        public VehicleKind Vehicle { get; init; }
        public double Latitude { get; init; }
        public double Longitude { get; init; }
        public int CapacityGrams { get; init; }
        public long TemperatureMask { get; init; }
        public string ShiftStart { get; init; } = "";
        public string ShiftEnd { get; init; } = "";
        public string TimeZone { get; init; } = "";
        public bool IsOnDuty { get; init; }
        public bool IsSimulated { get; init; }

        public Courier ToCourier() => new()
        {
            Carrier = Tenant,
            Id = Id,
            Code = Code,
            Region = Region,
            Vehicle = Vehicle,
            Point = new GeoPoint(Latitude, Longitude),
            CapacityGrams = CapacityGrams,
            TemperatureMask = (uint)TemperatureMask,
            ShiftStart = Shift.TimeOf(ShiftStart),
            ShiftEnd = Shift.TimeOf(ShiftEnd),
            TimeZone = TimeZone,
            IsOnDuty = IsOnDuty,
            IsSimulated = IsSimulated,
        };
    }
}
