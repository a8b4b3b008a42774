using System.Text.Json.Serialization;
using Caravan.Platform;
using Caravan.Platform.Problems;

namespace Caravan.Network;

/// <summary>A place on earth, WGS 84 degrees.</summary>
internal sealed record PointBody(double Latitude, double Longitude);

/// <summary>What an operator says of a location; as it is answered, with its id.</summary>
internal sealed record LocationBody(
    string Code,
    string Name,
    LocationKind Kind,
    string Region,
    PointBody Point,
    string TimeZone,
    IReadOnlyList<IReadOnlyList<string>> Hours,
    int ThroughputPerHour,
    int HandlingMinutes,
    IReadOnlyList<TemperatureClass> TemperatureClasses)
{
    public LocationId? Id { get; init; }
    public LocationId? HostedIn { get; init; }
    public TimeOnly? SameDayCutOff { get; init; }
    public TimeOnly? NextDayCutOff { get; init; }
    public int WithinHourMetres { get; init; }
    public int SameDayMetres { get; init; }
    public int NextDayMetres { get; init; }
    public bool IsActive { get; init; } = true;
}

/// <summary>A region; switch it off and nothing there is promised or sourced.</summary>
internal sealed record RegionBody(string Code, string Name, PointBody Centre, bool IsActive);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Page<LocationBody>))]
[JsonSerializable(typeof(LocationBody))]
[JsonSerializable(typeof(Page<RegionBody>))]
[JsonSerializable(typeof(RegionBody))]
[JsonSerializable(typeof(IReadOnlyList<IReadOnlyList<string>>), TypeInfoPropertyName = "Week")]
internal sealed partial class LocationJson : JsonSerializerContext;

internal static class LocationJsonRegistration
{
    public static IServiceCollection AddNetworkJson(this IServiceCollection services) => services.AddRoomJson(LocationJson.Default);
}
