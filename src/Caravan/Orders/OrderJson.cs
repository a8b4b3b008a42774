using System.Text.Json.Serialization;
using Caravan.Network;
using Caravan.Orders.Holds;
using Caravan.Orders.Supplies;
using Caravan.Platform;
using Caravan.Platform.Problems;
using Caravan.Stock.Lots;

namespace Caravan.Orders;

/// <summary>A place on earth, WGS 84 degrees, with the address as a courier reads it.</summary>
internal sealed record DestinationBody(double Latitude, double Longitude)
{
    public string? Address { get; init; }
}

/// <summary>A line: name the item by one of sku, gtin or item. With allowSubstitute something else, never dearer, may come when it is not on the shelf.</summary>
internal sealed record LineBody(int Quantity)
{
    public string? Sku { get; init; }
    public string? Gtin { get; init; }
    public ItemId? Item { get; init; }
    public bool AllowBackorder { get; init; }
    public bool AllowSubstitute { get; init; }
}

/// <summary>What to promise: lines, and where they should go.</summary>
internal sealed record PromiseBody(List<LineBody> Lines)
{
    public DestinationBody? Destination { get; init; }
    public LocationId? Station { get; init; }
}

/// <summary>An order to place. With a reservation it takes the goods held there; with payBy nobody works on it before it is paid, and it is called off when it is not by then; with allowBackorder lines that have run out wait for supply.</summary>
internal sealed record PlaceBody(string Number, DeliveryService Service, List<LineBody> Lines)
{
    public string Channel { get; init; } = "api";
    public DestinationBody? Destination { get; init; }
    public LocationId? Station { get; init; }
    public PromiseId? Promise { get; init; }
    public DateTimeOffset? RequestedAt { get; init; }
    public HoldId? Reservation { get; init; }
    public DateTimeOffset? PayBy { get; init; }
    public bool AllowBackorder { get; init; }
}

/// <summary>That an order is paid; the reference is your own of the payment.</summary>
internal sealed record PayBody
{
    public string? Reference { get; init; }
}

/// <summary>What to call off; without lines, everything that has not left.</summary>
internal sealed record CancelBody
{
    public List<CancelLineBody>? Lines { get; init; }
}

/// <summary>How many units of which line.</summary>
internal sealed record CancelLineBody(int Line, int Quantity);

/// <summary>An order as it is answered.</summary>
internal sealed record OrderBody(
    OrderId Id,
    string Channel,
    string Number,
    DeliveryService Service,
    LineStatus Status,
    DateTimeOffset PlacedAt,
    DateTimeOffset? RequestedAt,
    DateTimeOffset PromisedAt,
    DateTimeOffset? EstimatedAt,
    Money Goods,
    Money Delivery,
    DestinationBody Destination,
    LocationId? Station,
    PromiseId? Promise,
    bool IsAtRisk,
    OrderPayment? Payment,
    string TrackingPath,
    IReadOnlyList<OrderLineBody> Lines,
    IReadOnlyList<FulfilmentBody> Fulfilments,
    IReadOnlyList<BackOrder> BackOrders);

/// <summary>A line and how many of its units stand where; one that was put in for another names it.</summary>
internal sealed record OrderLineBody(int Line, ItemId Item, string Sku, string? Gtin, string Name, int Quantity, Money Price, IReadOnlyDictionary<string, int> Units, bool AllowSubstitute, int? SubstituteFor);

/// <summary>What one node does for the order.</summary>
internal sealed record FulfilmentBody(FulfilmentId Id, LocationId Location, string LocationName, LineStatus Status, DateTimeOffset ReadyAt, DateTimeOffset DueAt, int DistanceMetres, IReadOnlyList<AllocationBody> Allocations, IReadOnlyList<ParcelBody> Parcels);

/// <summary>Units of a line that the node gives, and whose stock they were.</summary>
internal sealed record AllocationBody(int Line, PartnerId Owner, int Quantity, IReadOnlyDictionary<string, int> Units);

/// <summary>A parcel on its way.</summary>
internal sealed record ParcelBody(string Reference, string Status, DateTimeOffset? EstimatedAt, string? Courier);

/// <summary>The lots that an order got, and where those units are.</summary>
internal sealed record OrderLotsBody(OrderId Order, IReadOnlyList<LotOrder> Lots);

/// <summary>How an order was sourced, round by round.</summary>
internal sealed record SourcingBody(OrderId Order, IReadOnlyList<SourcingRoundBody> Rounds);

/// <summary>One time that an order, or part of it, was sourced.</summary>
internal sealed record SourcingRoundBody(string Cause, DateTimeOffset At, string Sentence, bool IsProvenBest, int CandidatesInAll, IReadOnlyList<CandidateReport> Candidates);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(PromiseBody))]
[JsonSerializable(typeof(Promise))]
[JsonSerializable(typeof(PlaceBody))]
[JsonSerializable(typeof(CancelBody))]
[JsonSerializable(typeof(IntakeRequestBody))]
[JsonSerializable(typeof(IntakeBody))]
[JsonSerializable(typeof(PayBody))]
[JsonSerializable(typeof(HoldRequestBody))]
[JsonSerializable(typeof(ExtendBody))]
[JsonSerializable(typeof(HoldBody))]
[JsonSerializable(typeof(KeptHold))]
[JsonSerializable(typeof(OrderBody))]
[JsonSerializable(typeof(Page<ShortfallBody>))]
[JsonSerializable(typeof(SupplyRequest))]
[JsonSerializable(typeof(SupplyChange))]
[JsonSerializable(typeof(SupplyReceipt))]
[JsonSerializable(typeof(SupplyBody))]
[JsonSerializable(typeof(Page<SupplyBody>))]
[JsonSerializable(typeof(Page<OrderBody>))]
[JsonSerializable(typeof(SourcingBody))]
[JsonSerializable(typeof(OrderLotsBody))]
[JsonSerializable(typeof(KeptPromise))]
[JsonSerializable(typeof(OrderEvent))]
[JsonSerializable(typeof(FulfilmentEvent))]
[JsonSerializable(typeof(ParcelReturnedEvent))]
[JsonSerializable(typeof(IReadOnlyList<LineLeft>))]
[JsonSerializable(typeof(ClosestNode))]
[JsonSerializable(typeof(OrderId))]
internal sealed partial class OrderJson : JsonSerializerContext;
