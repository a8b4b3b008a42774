using System.Text.Json;
using System.Text.Json.Serialization;
using Caravan.Platform.Problems;

namespace Caravan.Stock.Connect;

/// <summary>Which suggestions to take: those of so many per cent and more, where one is the likeliest.</summary>
internal sealed record AcceptBody
{
    public int AtLeastPercent { get; init; } = 80;
}

/// <summary>How many codes were mapped by it.</summary>
internal sealed record AcceptedCodes(int Items, int Locations);

/// <summary>To go live with what the dry run shows.</summary>
internal sealed record GoLiveBody
{
    /// <summary>Whether a person has seen what the breaker says, and takes it.</summary>
    public bool AcceptsBreaker { get; init; }
}

/// <summary>The feed that is live, and its first document; waiting: the breaker has stopped it.</summary>
internal sealed record LiveBody(FeedId Feed, FeedDocumentId? Document, bool IsWaiting);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ConnectionChoices))]
[JsonSerializable(typeof(Connection))]
[JsonSerializable(typeof(Page<ConnectionEntry>))]
[JsonSerializable(typeof(AcceptBody))]
[JsonSerializable(typeof(AcceptedCodes))]
[JsonSerializable(typeof(GoLiveBody))]
[JsonSerializable(typeof(LiveBody))]
internal sealed partial class ConnectionJson : JsonSerializerContext
{
    /// <summary>By the house rules, for the verb.</summary>
    public static ConnectionJson House { get; } = new(HouseOptions());

    private static JsonSerializerOptions HouseOptions()
    {
        var options = new JsonSerializerOptions();
        ApiJson.Configure(options);
        return options;
    }
}
