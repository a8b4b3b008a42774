using System.Text.Json.Serialization;
using Caravan.Platform;
using Caravan.Platform.Problems;

namespace Caravan.Catalog;

/// <summary>What an owner says of an item.</summary>
internal sealed record ItemBody(string Sku, string Name, int WeightGrams, Money Price)
{
    public string? Gtin { get; init; }
    public DateTimeOffset? AvailableFrom { get; init; }
    public string Category { get; init; } = "";
    public TemperatureClass TemperatureClass { get; init; } = TemperatureClass.Ambient;
    public bool IsLotControlled { get; init; }
    public bool IsLotOrderStrict { get; init; }
    public int MinimumShelfLifeDays { get; init; }
}

/// <summary>Items to add or replace by SKU.</summary>
internal sealed record ItemsBody(List<ItemBody> Items);

/// <summary>What may be put in instead of an item, the best first.</summary>
internal sealed record SubstitutesBody(List<ItemId> Items);

/// <summary>As above, as it is answered.</summary>
internal sealed record SubstitutesKnown(IReadOnlyList<Item> Items);

/// <summary>How many items were taken.</summary>
internal sealed record ItemsTaken(int Items);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ItemsBody))]
[JsonSerializable(typeof(ItemsTaken))]
[JsonSerializable(typeof(SubstitutesBody))]
[JsonSerializable(typeof(SubstitutesKnown))]
[JsonSerializable(typeof(Item))]
[JsonSerializable(typeof(Page<Item>))]
internal sealed partial class ItemJson : JsonSerializerContext;

internal static class ItemJsonRegistration
{
    public static IServiceCollection AddCatalogJson(this IServiceCollection services) => services.AddRoomJson(ItemJson.Default);
}
