using System.Text.Json.Serialization;
using Caravan.Platform.Problems;

namespace Caravan.Stock;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ShortfallEvent))]
internal sealed partial class StockJson : JsonSerializerContext;

internal static class StockJsonRegistration
{
    public static IServiceCollection AddStockJson(this IServiceCollection services) => services.AddRoomJson(StockJson.Default);
}
