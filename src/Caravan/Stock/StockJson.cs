using System.Text.Json.Serialization;
using Caravan.Platform.Problems;
using Caravan.Stock.Lots;

namespace Caravan.Stock;

/// <summary>One cell of your own stock.</summary>
internal sealed record CellBody
{
    public ItemId Item { get; init; }
    public LocationId Location { get; init; }
    public int OnHand { get; init; }
    public int Reserved { get; init; }
    public int Held { get; init; }
    public int Buffer { get; init; }
    public int Sellable { get; init; }
    public int Picked { get; init; }
    public FeedId? Feed { get; init; }
    public DateTimeOffset AsOf { get; init; }
    public bool IsStale { get; init; }
}

/// <summary>One line of your ledger.</summary>
internal sealed record MovementBody
{
    public MovementId Id { get; init; }
    public ItemId Item { get; init; }
    public LocationId Location { get; init; }
    public MovementKind Kind { get; init; }
    public int OnHandDelta { get; init; }
    public int ReservedDelta { get; init; }
    public int HeldDelta { get; init; }
    public int PickedDelta { get; init; }
    public string Cause { get; init; } = "";
    public DateTimeOffset At { get; init; }
}

/// <summary>A cell of an owner's where more is reserved than is there.</summary>
public sealed record Shortfall
{
    /// <summary>Of what.</summary>
    public ItemId Item { get; init; }

    /// <summary>Where.</summary>
    public LocationId Location { get; init; }

    /// <summary>By how much reservations exceed what is there.</summary>
    public int Quantity { get; init; }

    /// <summary>Since when it has been short.</summary>
    public DateTimeOffset Since { get; init; }
}

/// <summary>How the audit of your stock stands: until when the ledger is closed, its last whole round, the one under way, and the first 200 differences.</summary>
internal sealed record AuditBody(DateTimeOffset? ClosedUntil, AuditRoundBody? LastRound, AuditRoundBody? RunningRound, long DifferencesInAll, IReadOnlyList<DifferenceBody> Differences);

/// <summary>A round of the audit: how many cells were held against their movements.</summary>
internal sealed record AuditRoundBody(DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, long Cells);

/// <summary>A number of a cell that is not what the ledger, or its own rule, makes of it.</summary>
internal sealed record DifferenceBody
{
    public ItemId Item { get; init; }
    public LocationId Location { get; init; }
    public string What { get; init; } = "";
    public long IsNow { get; init; }
    public long ShouldBe { get; init; }
    public DateTimeOffset Since { get; init; }
}

/// <summary>Goods that came to a location. The cause (a delivery note) makes it be counted once.</summary>
internal sealed record ReceiptBody(LocationId Location, string Cause, List<ItemLineBody> Lines);

/// <summary>An item of yours by id or SKU, and by how much it changed or how many were counted: one of the two.</summary>
internal sealed record AdjustmentLineBody
{
    public ItemId? Item { get; init; }
    public string? Sku { get; init; }
    public int? Change { get; init; }
    public int? Counted { get; init; }

    /// <summary>Of which lots, where they are known; a count that names lots is of all that is there.</summary>
    public List<LotLineBody>? Lots { get; init; }
}

/// <summary>Stock that was found, broken, or counted. The cause (a count sheet) makes it be counted once.</summary>
internal sealed record AdjustmentBody(LocationId Location, string Cause, List<AdjustmentLineBody> Lines);

/// <summary>How many lines changed something; those made before with the same cause change nothing again.</summary>
internal sealed record LinesTaken(int Lines, int Changed);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ShortfallEvent))]
[JsonSerializable(typeof(Page<CellBody>))]
[JsonSerializable(typeof(Page<MovementBody>))]
[JsonSerializable(typeof(AllocationRuleBody))]
[JsonSerializable(typeof(ReceiptBody))]
[JsonSerializable(typeof(AdjustmentBody))]
[JsonSerializable(typeof(LinesTaken))]
[JsonSerializable(typeof(AuditBody))]
[JsonSerializable(typeof(SendBody))]
[JsonSerializable(typeof(ReceiveBody))]
[JsonSerializable(typeof(TransferBody))]
[JsonSerializable(typeof(Page<TransferBody>))]
[JsonSerializable(typeof(List<FreeBody>))]
[JsonSerializable(typeof(LotBody))]
[JsonSerializable(typeof(LotsBody))]
[JsonSerializable(typeof(HoldLotBody))]
[JsonSerializable(typeof(ReleaseLotBody))]
[JsonSerializable(typeof(Page<LotBody>))]
[JsonSerializable(typeof(Page<LotOrder>))]
[JsonSerializable(typeof(Page<LotMovementBody>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(Stops.StopSellRequest))]
[JsonSerializable(typeof(Stops.StopSellBody))]
[JsonSerializable(typeof(Page<Stops.StopSellBody>))]
[JsonSerializable(typeof(QuotaRequest))]
[JsonSerializable(typeof(QuotaBody))]
[JsonSerializable(typeof(Page<QuotaBody>))]
[JsonSerializable(typeof(SafetyRulesBody))]
[JsonSerializable(typeof(SafetyRulesTaken))]
[JsonSerializable(typeof(Page<SafetyRuleBody>))]
internal sealed partial class StockJson : JsonSerializerContext;

internal static class StockJsonRegistration
{
    public static IServiceCollection AddStockJson(this IServiceCollection services) => services.AddRoomJson(StockJson.Default).AddRoomJson(FeedJson.Default).AddRoomJson(Connect.ConnectionJson.Default);
}
