using System.Globalization;
using System.Text.Json;
using Caravan.Engines.Geo;
using Caravan.Platform.Storage;

namespace Caravan.Network;

internal static class LocationStore
{
    private const string LocationColumns = "tenant, id, code, name, kind, hosted_in, region, latitude, longitude, time_zone, hours, same_day_cut_off, next_day_cut_off, throughput_per_hour, handling_minutes, temperature_mask, within_hour_metres, same_day_metres, next_day_metres, is_active";
    private const string RegionColumns = "tenant, code, name, latitude, longitude, is_active";

    public static async Task<NetworkSnapshot> AllAsync(Db db)
    {
        var locations = await db.QueryAsync<LocationRow>($"SELECT {LocationColumns} FROM locations ORDER BY tenant, code");
        var regions = await db.QueryAsync<RegionRow>($"SELECT {RegionColumns} FROM regions ORDER BY tenant, code");
        var hours = new Dictionary<(string, string), OpeningHours>(); // Most locations share a handful of weeks.
        return new NetworkSnapshot([.. locations.Select(row => row.ToLocation(hours))], [.. regions.Select(row => row.ToRegion())]);
    }

    /// <summary>Grows with every change of anybody's.</summary>
    public static Task<long> VersionAsync(Db db) => db.ValueAsync<long>("SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) FROM network_versions");

    public static Task CountChangeAsync(Tx tx, IEnumerable<PartnerId> operators) => tx.ExecuteAsync(
        "INSERT INTO network_versions (tenant, version) VALUES (@tenant, 1) ON CONFLICT (tenant) DO UPDATE SET version = network_versions.version + 1",
        operators.Distinct().Select(tenant => new { tenant }));

    public static Task PutAsync(Tx tx, IReadOnlyCollection<Location> locations) => tx.ExecuteAsync(
        """
        INSERT INTO locations (tenant, id, code, name, kind, hosted_in, region, latitude, longitude, time_zone, hours, same_day_cut_off, next_day_cut_off,
            throughput_per_hour, handling_minutes, temperature_mask, within_hour_metres, same_day_metres, next_day_metres, is_active)
        VALUES (@Operator, @Id, @Code, @Name, @kind, @HostedIn, @Region, @Latitude, @Longitude, @timeZone, @hours, @sameDay, @nextDay,
            @ThroughputPerHour, @HandlingMinutes, @temperatures, @WithinHourMetres, @SameDayMetres, @NextDayMetres, @IsActive)
        ON CONFLICT (tenant, code) DO UPDATE SET name = excluded.name, kind = excluded.kind, hosted_in = excluded.hosted_in, region = excluded.region,
            latitude = excluded.latitude, longitude = excluded.longitude, time_zone = excluded.time_zone, hours = excluded.hours,
            same_day_cut_off = excluded.same_day_cut_off, next_day_cut_off = excluded.next_day_cut_off, throughput_per_hour = excluded.throughput_per_hour,
            handling_minutes = excluded.handling_minutes, temperature_mask = excluded.temperature_mask, within_hour_metres = excluded.within_hour_metres,
            same_day_metres = excluded.same_day_metres, next_day_metres = excluded.next_day_metres, is_active = excluded.is_active
        """,
        locations.Select(location => new
        {
            location.Operator,
            location.Id,
            location.Code,
            location.Name,
            kind = location.Kind.ToString(),
            location.HostedIn,
            location.Region,
            location.Point.Latitude,
            location.Point.Longitude,
            timeZone = location.Hours.Zone.Id,
            hours = JsonSerializer.Serialize(location.Hours.Week, LocationJson.Default.Week),
            sameDay = TextOf(location.SameDayCutOff),
            nextDay = TextOf(location.NextDayCutOff),
            location.ThroughputPerHour,
            location.HandlingMinutes,
            temperatures = (long)location.TemperatureMask,
            location.WithinHourMetres,
            location.SameDayMetres,
            location.NextDayMetres,
            location.IsActive,
        }));

    public static Task PutAsync(Tx tx, IReadOnlyCollection<Region> regions) => tx.ExecuteAsync(
        """
        INSERT INTO regions (tenant, code, name, latitude, longitude, is_active) VALUES (@Tenant, @Code, @Name, @Latitude, @Longitude, @IsActive)
        ON CONFLICT (tenant, code) DO UPDATE SET name = excluded.name, latitude = excluded.latitude, longitude = excluded.longitude, is_active = excluded.is_active
        """,
        regions.Select(region => new { region.Tenant, region.Code, region.Name, region.Centre.Latitude, region.Centre.Longitude, region.IsActive }));

    public static async Task<bool?> IsActiveAsync(Db db, PartnerId company, string code) =>
        (await db.FirstAsync<RegionRow>($"SELECT {RegionColumns} FROM regions WHERE tenant = @company AND code = @code", new { company, code }))?.IsActive;

    public static Task SwitchAsync(Tx tx, PartnerId company, string code, bool isActive) =>
        tx.ExecuteAsync("UPDATE regions SET is_active = @isActive WHERE tenant = @company AND code = @code", new { company, code, isActive });

    public static async Task<(TimeOnly? SameDay, TimeOnly? NextDay)?> CutOffsAsync(Db db, PartnerId company, LocationId location) =>
        await db.FirstAsync<LocationRow>($"SELECT {LocationColumns} FROM locations WHERE tenant = @company AND id = @location", new { company, location }) is { } row
            ? (LocationRow.TimeOf(row.SameDayCutOff), LocationRow.TimeOf(row.NextDayCutOff))
            : null;

    public static Task SetCutOffsAsync(Tx tx, PartnerId company, LocationId location, TimeOnly? sameDay, TimeOnly? nextDay) => tx.ExecuteAsync(
        "UPDATE locations SET same_day_cut_off = @sameDay, next_day_cut_off = @nextDay WHERE tenant = @company AND id = @location",
        new { company, location, sameDay = TextOf(sameDay), nextDay = TextOf(nextDay) });

    private static string? TextOf(TimeOnly? time) => time?.ToString("HH:mm", CultureInfo.InvariantCulture);

    private sealed record LocationRow
    {
        public PartnerId Tenant { get; init; }
        public LocationId Id { get; init; }
        public string Code { get; init; } = "";
        public string Name { get; init; } = "";
        public LocationKind Kind { get; init; }
        public LocationId? HostedIn { get; init; }
        public string Region { get; init; } = "";
        public double Latitude { get; init; }
        public double Longitude { get; init; }
        public string TimeZone { get; init; } = "";
        public string Hours { get; init; } = "";
        public string? SameDayCutOff { get; init; }
        public string? NextDayCutOff { get; init; }
        public int ThroughputPerHour { get; init; }
        public int HandlingMinutes { get; init; }
        public long TemperatureMask { get; init; }
        public int WithinHourMetres { get; init; }
        public int SameDayMetres { get; init; }
        public int NextDayMetres { get; init; }
        public bool IsActive { get; init; }

        public Location ToLocation(Dictionary<(string, string), OpeningHours> known)
        {
            if (!known.TryGetValue((Hours, TimeZone), out var hours))
            {
                hours = OpeningHours.TryParse(JsonSerializer.Deserialize(Hours, LocationJson.Default.Week), TimeZone, out var fault)
                    ?? throw new InvalidOperationException($"Location {Id} is stored with hours that cannot be read: {fault}");
                known.Add((Hours, TimeZone), hours);
            }

            return new Location
            {
                Operator = Tenant,
                Id = Id,
                Code = Code,
                Name = Name,
                Kind = Kind,
                HostedIn = HostedIn,
                Region = Region,
                Point = new GeoPoint(Latitude, Longitude),
                Hours = hours,
                SameDayCutOff = TimeOf(SameDayCutOff),
                NextDayCutOff = TimeOf(NextDayCutOff),
                ThroughputPerHour = ThroughputPerHour,
                HandlingMinutes = HandlingMinutes,
                TemperatureMask = (uint)TemperatureMask,
                WithinHourMetres = WithinHourMetres,
                SameDayMetres = SameDayMetres,
                NextDayMetres = NextDayMetres,
                IsActive = IsActive,
            };
        }

        public static TimeOnly? TimeOf(string? text) => text is null ? null : TimeOnly.ParseExact(text, "HH:mm", CultureInfo.InvariantCulture);
    }

    private sealed record RegionRow
    {
        public PartnerId Tenant { get; init; }
        public string Code { get; init; } = "";
        public string Name { get; init; } = "";
        public double Latitude { get; init; }
        public double Longitude { get; init; }
        public bool IsActive { get; init; }

        public Region ToRegion() => new(Tenant, Code, Name, new GeoPoint(Latitude, Longitude), IsActive);
    }
}
