using System.Text.Json;
using System.Text.Json.Serialization;

namespace Caravan.Platform.Screens;

/// <summary>What a map shows. Written as JSON into the attribute <c>data-map</c>, names in camelCase, kinds and tones as lower-case words.</summary>
/// <param name="Points">The places and people on it.</param>
/// <param name="Lines">Lines between points, named by their ids; a line whose end is missing is left out.</param>
/// <param name="LiveUrl">A stream of server-sent events: <c>position</c> with <c>{id, latitude, longitude}</c> and whatever else changed, <c>gone</c> with <c>{id}</c>.</param>
public sealed record MapData(MapPoint[] Points, MapLine[] Lines, string? LiveUrl = null)
{
    /// <summary>The JSON of the attribute.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, MapJson.Default.MapData);
}

/// <summary>One point on a map.</summary>
/// <param name="Id">Unique on this map.</param>
/// <param name="Kind">Decides the shape of its mark.</param>
/// <param name="Latitude">Degrees north, WGS 84.</param>
/// <param name="Longitude">Degrees east, WGS 84.</param>
/// <param name="Label">Its name.</param>
/// <param name="Detail">A sentence for its popup.</param>
/// <param name="Tone">How it stands.</param>
/// <param name="Url">Where its popup leads.</param>
/// <param name="Simulated">Shown hollow and named as simulated.</param>
/// <param name="Area">The city it is in: around those of one city goes a shape with its name.</param>
public sealed record MapPoint(
    string Id,
    MapKind Kind,
    double Latitude,
    double Longitude,
    string Label,
    string? Detail = null,
    Tone Tone = Tone.Neutral,
    string? Url = null,
    bool Simulated = false,
    string? Area = null)
{
    /// <summary>The JSON of an event that moves it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, MapJson.Default.MapPoint);
}

/// <summary>A line between two points of a map.</summary>
/// <param name="From">Id of the point it starts at.</param>
/// <param name="To">Id of the point it ends at.</param>
/// <param name="Kind">What it says.</param>
public sealed record MapLine(string From, string To, MapLineKind Kind);

/// <summary>What stands at a point.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MapKind>))]
public enum MapKind
{
    /// <summary>A warehouse.</summary>
    [JsonStringEnumMemberName("warehouse")] Warehouse,

    /// <summary>A store.</summary>
    [JsonStringEnumMemberName("store")] Store,

    /// <summary>A station of couriers.</summary>
    [JsonStringEnumMemberName("station")] Station,

    /// <summary>A hub where parcels change hands.</summary>
    [JsonStringEnumMemberName("hub")] Hub,

    /// <summary>A courier.</summary>
    [JsonStringEnumMemberName("courier")] Courier,

    /// <summary>Where an order goes.</summary>
    [JsonStringEnumMemberName("customer")] Customer,
}

/// <summary>What a line on a map says.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MapLineKind>))]
public enum MapLineKind
{
    /// <summary>The way that was chosen.</summary>
    [JsonStringEnumMemberName("chosen")] Chosen,

    /// <summary>A way that was weighed and not taken.</summary>
    [JsonStringEnumMemberName("candidate")] Candidate,

    /// <summary>One leg of a courier's route.</summary>
    [JsonStringEnumMemberName("route")] Route,
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MapData))]
[JsonSerializable(typeof(MapPoint))]
internal sealed partial class MapJson : JsonSerializerContext;
