using System.Text.Json.Serialization;
using Caravan.Platform.Problems;

namespace Caravan.Partners;

/// <summary>A company, as others see it.</summary>
internal sealed record PartnerBody(PartnerId Id, string Slug, string Name, bool IsDemo);

/// <summary>A grant to another company. Leave a scope out to grant everything of its sort.</summary>
internal sealed record GrantBody(PartnerId Grantee, AgreementKind Kind)
{
    public List<string>? Gtins { get; init; }
    public List<LocationId>? Locations { get; init; }
    public string? Region { get; init; }
    public int SharePercent { get; init; } = 100;
    public DateTimeOffset? From { get; init; }
    public DateTimeOffset? To { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Page<PartnerBody>))]
[JsonSerializable(typeof(PartnerBody))]
[JsonSerializable(typeof(Page<Agreement>))]
[JsonSerializable(typeof(Agreement))]
[JsonSerializable(typeof(GrantBody))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyList<LocationId>), TypeInfoPropertyName = "LocationIds")]
internal sealed partial class PartnerJson : JsonSerializerContext;

internal static class PartnerJsonRegistration
{
    public static IServiceCollection AddPartnerJson(this IServiceCollection services) => services.AddRoomJson(PartnerJson.Default);
}
