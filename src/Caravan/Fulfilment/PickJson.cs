using System.Text.Json.Serialization;
using Caravan.Fulfilment.Labels;
using Caravan.Fulfilment.Releases;
using Caravan.Network;
using Caravan.Platform;
using Caravan.Platform.Problems;
using Caravan.Stock.Lots;

namespace Caravan.Fulfilment;

/// <summary>What went into the tote: a line and how many, or a scanned code (an owner's SKU, or a GTIN) and how many, 1 unless it is said.</summary>
internal sealed record PickBody
{
    public int? Line { get; init; }
    public PartnerId? Owner { get; init; }
    public string? Code { get; init; }
    public int? Quantity { get; init; }

    /// <summary>The lot on the pack; without it, those that expire first.</summary>
    public string? Lot { get; init; }
}

/// <summary>What is not on the shelf.</summary>
internal sealed record ShortBody(int Line, int Quantity)
{
    public PartnerId? Owner { get; init; }
    public ShortReason Reason { get; init; } = ShortReason.NotOnShelf;
}

/// <summary>What went into the tote instead of units of a line: its SKU or GTIN, as scanned.</summary>
internal sealed record SubstituteBody(int Line, int Quantity, string Code)
{
    /// <summary>The lot on the pack; without it, those that expire first.</summary>
    public string? Lot { get; init; }
}

/// <summary>What may go instead of a line, and how many of it may be sold here.</summary>
internal sealed record SubstituteOffer(ItemId Item, string Sku, string? Gtin, string Name, Money Price, int Sellable);

/// <summary>The lines of a pick list for which something else may go, the best first.</summary>
internal sealed record LineSubstitutes(int Line, IReadOnlyList<SubstituteOffer> Substitutes);

/// <summary>As above, line by line.</summary>
internal sealed record SubstitutesOfferedBody(IReadOnlyList<LineSubstitutes> Lines);

/// <summary>The customer's code or, after five wrong ones, why it is handed over without.</summary>
internal sealed record HandOverBody
{
    public string? Code { get; init; }
    public string? Override { get; init; }
}

/// <summary>A pick list as it is answered; lines stand in shelf order.</summary>
internal sealed record PickListBody(
    FulfilmentId Id,
    PartnerId Operator,
    PartnerId Seller,
    OrderId Order,
    string OrderNumber,
    LocationId Location,
    DeliveryService Service,
    LocationId? Station,
    PickListStatus Status,
    DateTimeOffset ReadyAt,
    DateTimeOffset DueAt,
    DateTimeOffset ReleasedAt,
    DateTimeOffset? PackedAt,
    DateTimeOffset? HandedOverAt,
    IReadOnlyList<PickLineBody> Lines,
    IReadOnlyList<BagBody> Parcels)
{
    /// <summary>After a short pick: how many of its units other locations have taken over.</summary>
    public int? FoundElsewhere { get; init; }
}

/// <summary>Units of an order line from one owner's stock; its lots: those in the tote or gone on, then those to pick, first expired first.</summary>
internal sealed record PickLineBody(int Line, PartnerId Owner, ItemId Item, string Sku, string? Gtin, string Name, TemperatureClass TemperatureClass, int Quantity, int Picked, int Short, int Cancelled, int Left, int PutBack, ShortReason? ShortReason, IReadOnlyList<LotUnits> Lots, int? SubstituteFor);

/// <summary>A bag, the delivery job that carries it, and the number on it once it is packed.</summary>
internal sealed record BagBody(string Reference, TemperatureClass TemperatureClass, BagStatus Status, JobId? Job, string? Sscc);

/// <summary>Under which GS1 company prefix a company numbers its bags.</summary>
internal sealed record LabelSettingsPut(string Prefix, int ExtensionDigit = 0)
{
    /// <summary>The serial reference to go on with, where some were given elsewhere.</summary>
    public long? NextSerial { get; init; }
}

/// <summary>The prefix, the serial reference of the next bag, and how many numbers are left.</summary>
internal sealed record LabelSettingsBody(string Prefix, int ExtensionDigit, long NextSerial, long NumbersLeft)
{
    public static LabelSettingsBody Of(SsccRange range) => new(range.Prefix, range.Extension, range.LastSerial + 1, range.Left);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(PickBody))]
[JsonSerializable(typeof(ShortBody))]
[JsonSerializable(typeof(SubstituteBody))]
[JsonSerializable(typeof(SubstitutesOfferedBody))]
[JsonSerializable(typeof(HandOverBody))]
[JsonSerializable(typeof(PickListBody))]
[JsonSerializable(typeof(Page<PickListBody>))]
[JsonSerializable(typeof(PickListEvent))]
[JsonSerializable(typeof(ReleaseRuleBody))]
[JsonSerializable(typeof(DeclineBody))]
[JsonSerializable(typeof(ReleaseBody))]
[JsonSerializable(typeof(LabelSettingsPut))]
[JsonSerializable(typeof(LabelSettingsBody))]
internal sealed partial class PickJson : JsonSerializerContext;
