using System.Text.Json;
using System.Text.Json.Serialization;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Platform;
using Caravan.Platform.Problems;
using Microsoft.AspNetCore.Mvc;

namespace Caravan.Delivery;

/// <summary>Where a courier is or a parcel goes, WGS 84 degrees.</summary>
internal sealed record PositionBody(double Latitude, double Longitude)
{
    public static PositionBody Of(GeoPoint point) => new(point.Latitude, point.Longitude);
}

/// <summary>What a carrier says of a courier; as it is answered, with its id.</summary>
internal sealed record CourierBody(
    string Code,
    string Region,
    VehicleKind Vehicle,
    PositionBody Point,
    int CapacityGrams,
    IReadOnlyList<TemperatureClass> TemperatureClasses,
    TimeOnly ShiftStart,
    TimeOnly ShiftEnd,
    string TimeZone)
{
    public CourierId? Id { get; init; }
    public bool IsOnDuty { get; init; } = true;
    public bool IsSimulated { get; init; }
}

/// <summary>Whether a courier takes jobs.</summary>
internal sealed record DutyBody(bool IsOnDuty);

/// <summary>The customer's code, or a dispatcher's reason to hand over without it.</summary>
internal sealed record DeliverBody
{
    public string? Code { get; init; }
    public string? Override { get; init; }
}

/// <summary>Why a parcel could not be handed over.</summary>
internal sealed record FailBody(string Reason);

/// <summary>The courier of a job, as the shipper sees one.</summary>
internal sealed record JobCourierBody(CourierId Id, string? Code, VehicleKind? Vehicle, PositionBody? Point);

/// <summary>A job. The code that proves delivery is never in it.</summary>
internal sealed record JobBody(
    JobId Id,
    PartnerId Shipper,
    string Reference,
    LocationId Origin,
    PositionBody Destination,
    string Address,
    DeliveryService Service,
    JobStatus Status,
    DateTimeOffset ReadyAt,
    DateTimeOffset DueAt,
    DateTimeOffset? EstimatedAt,
    bool IsPacked,
    int WeightGrams,
    TemperatureClass TemperatureClass,
    PartnerId? Carrier,
    JobCourierBody? Courier,
    int Attempts,
    int CodeAttemptsLeft,
    string? WaitsFor,
    string? FailureReason);

/// <summary>A stop of a courier's route.</summary>
internal sealed record RouteStopBody(
    JobId Job,
    string Reference,
    RouteStopKind Kind,
    PositionBody Point,
    string Place,
    DeliveryService Service,
    JobStatus Status,
    bool IsPacked,
    DateTimeOffset ReadyAt,
    DateTimeOffset DueAt,
    DateTimeOffset? EstimatedAt,
    int WeightGrams,
    TemperatureClass TemperatureClass,
    int AddedSeconds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JobEvent))]
[JsonSerializable(typeof(List<Declined>))]
[JsonSerializable(typeof(CourierBody))]
[JsonSerializable(typeof(Page<CourierBody>))]
[JsonSerializable(typeof(PositionBody))]
[JsonSerializable(typeof(DutyBody))]
[JsonSerializable(typeof(DeliverBody))]
[JsonSerializable(typeof(FailBody))]
[JsonSerializable(typeof(JobBody))]
[JsonSerializable(typeof(Page<JobBody>))]
[JsonSerializable(typeof(Page<RouteStopBody>))]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(int))]
internal sealed partial class DeliveryJson : JsonSerializerContext
{
    /// <summary>For what lies in tables: the rules of <see cref="ApiJson"/>, with its nulls.</summary>
    public static DeliveryJson Stored { get; } = new(StoredOptions());

    public static IReadOnlyList<Declined> ReadDeclined(string? json) => json is null ? [] : JsonSerializer.Deserialize(json, Stored.ListDeclined) ?? [];

    public static string WriteDeclined(List<Declined> declined) => JsonSerializer.Serialize(declined, Stored.ListDeclined);

    private static JsonSerializerOptions StoredOptions()
    {
        var options = new JsonSerializerOptions();
        ApiJson.Configure(options);
        options.DefaultIgnoreCondition = JsonIgnoreCondition.Never;
        return options;
    }
}

internal static class DeliveryJsonRegistration
{
    public static IServiceCollection AddDeliveryJson(this IServiceCollection services) => services.AddRoomJson(DeliveryJson.Default);
}
