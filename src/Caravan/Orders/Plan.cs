using Caravan.Network;
using Caravan.Stock;

namespace Caravan.Orders;

/// <summary>What one node gives: for each line, from whose stock, how many.</summary>
internal sealed record PlanNode(Location Location, DateTimeOffset ReadyAt, DateTimeOffset ArrivesAt, int Metres, int TravelSeconds, IReadOnlyList<PlanTake> Takes);

/// <summary>Some of an owner's item for a line, and the share of the owner's cell that may be taken, in per cent.</summary>
internal readonly record struct PlanTake(int Line, PartnerId Owner, ItemId Item, int Quantity, int SharePercent)
{
    public StockTake At(LocationId location) => new(Owner, Item, location, Quantity);

    /// <summary>As it is reserved: the cell must hold so much that the share suffices.</summary>
    public Want WantedAt(LocationId location) => new(At(location), (int)Math.Min(int.MaxValue, (((long)Quantity * 100) + SharePercent - 1) / SharePercent));
}

/// <summary>Where a basket would come from by a service, or why it cannot.</summary>
internal abstract record Plan(SourcingNote Note)
{
    /// <summary>It can be had.</summary>
    public sealed record Made(IReadOnlyList<PlanNode> Nodes, DateTimeOffset PromisedAt, SourcingNote Note) : Plan(Note);

    /// <summary>It cannot.</summary>
    public sealed record Refused(PlanRefusal Reason, string Sentence, IReadOnlyList<LineLeft> Lines, ClosestNode? Closest, SourcingNote Note) : Plan(Note);
}

/// <summary>Why a service cannot be promised.</summary>
public enum PlanRefusal
{
    /// <summary>Nowhere near enough is left.</summary>
    OutOfStock,

    /// <summary>No node with the goods serves this place by this service.</summary>
    OutOfArea,

    /// <summary>The nodes with the goods are closed.</summary>
    Closed,

    /// <summary>The cut-off has passed, or nobody could be there in time.</summary>
    TooLate,

    /// <summary>The nodes with the goods have all the orders they can pick this hour.</summary>
    NoCapacity,

    /// <summary>No courier is on duty near the goods.</summary>
    NoCourier,

    /// <summary>The region is switched off.</summary>
    RegionOff,

    /// <summary>The stock figures are too old to promise from.</summary>
    StaleStock,

    /// <summary>It would take more parcels than the service allows.</summary>
    TooManyParcels,
}

/// <summary>What is left of a line.</summary>
public sealed record LineLeft(int Line, string Sku, int Wanted, int Left, IReadOnlyList<PlaceLeft> Where);

/// <summary>Where some is left.</summary>
public sealed record PlaceLeft(LocationId Location, string Name, int Left, int Metres);

/// <summary>The closest node that has the goods, and what keeps it from serving.</summary>
public sealed record ClosestNode(LocationId Location, string Name, int Metres, string Because);

/// <summary>How an order was sourced: who was asked and why each won or lost.</summary>
/// <param name="Service">By which service.</param>
/// <param name="Sentence">The decision, as one would say it.</param>
/// <param name="IsProvenBest">No better choice exists; false when the search met its limit.</param>
/// <param name="Candidates">The nodes with any of the goods, closest first; at most ten, and always the chosen.</param>
/// <param name="CandidatesInAll">How many there were.</param>
public sealed record SourcingReport(DeliveryService Service, string Sentence, bool IsProvenBest, IReadOnlyList<CandidateReport> Candidates, int CandidatesInAll);

/// <summary>One node that was asked.</summary>
public sealed record CandidateReport(
    LocationId Location,
    string Code,
    string Name,
    LocationKind Kind,
    PartnerId Operator,
    double Latitude,
    double Longitude,
    int Metres,
    int TravelSeconds,
    int ReadySeconds,
    bool IsChosen,
    string Verdict,
    int LinesServed,
    string Because);
