using Caravan.Engines.Labels;
using Caravan.Platform;

namespace Caravan.Fulfilment;

/// <summary>Where a pick list stands. Waiting → Picking → Picked → Packed → Collected → (AtStation →) HandedOver.</summary>
public enum PickListStatus
{
    /// <summary>Nobody has begun.</summary>
    Waiting,

    /// <summary>Some units are in the tote, or were looked for in vain.</summary>
    Picking,

    /// <summary>Nothing is left to pick; to be packed.</summary>
    Picked,

    /// <summary>In bags, ready for the courier or the customer.</summary>
    Packed,

    /// <summary>The courier has it.</summary>
    Collected,

    /// <summary>Waits at the station for the customer.</summary>
    AtStation,

    /// <summary>The customer has it.</summary>
    HandedOver,

    /// <summary>It could not be handed over and is back at the node.</summary>
    Returned,

    /// <summary>All of it was called off.</summary>
    Cancelled,

    /// <summary>Nothing of it was on the shelf.</summary>
    Closed,
}

/// <summary>Where a bag stands.</summary>
public enum BagStatus
{
    /// <summary>Being picked.</summary>
    ToPack,

    /// <summary>Closed and labelled.</summary>
    Packed,

    /// <summary>With the courier.</summary>
    Collected,

    /// <summary>Waits at the station.</summary>
    AtStation,

    /// <summary>With the customer.</summary>
    HandedOver,

    /// <summary>Back at the node.</summary>
    Returned,

    /// <summary>Nothing is to go into it any more.</summary>
    Cancelled,
}

/// <summary>Why reserved goods cannot be picked.</summary>
public enum ShortReason
{
    /// <summary>They are not where they should be.</summary>
    NotOnShelf,

    /// <summary>They cannot be sold.</summary>
    Damaged,

    /// <summary>Their date has passed.</summary>
    Expired,
}

/// <summary>Units of an order line from one owner's stock.</summary>
/// <param name="Line">The order's line, from 1. Where two owners' stock serves it, it stands in the list twice.</param>
/// <param name="Owner">Whose stock.</param>
/// <param name="Item">The owner's item.</param>
/// <param name="Sku">The owner's SKU, as on the shelf.</param>
/// <param name="Gtin">GTIN-14.</param>
/// <param name="Name">The owner's name for it.</param>
/// <param name="Category">The owner's category, which is how its shelves are ordered.</param>
/// <param name="TemperatureClass">How cold it stays, and so which bag it goes into.</param>
/// <param name="Quantity">How many were asked for.</param>
/// <param name="Picked">How many are in the tote, or have gone on from there.</param>
/// <param name="Short">How many could not be picked here.</param>
/// <param name="Cancelled">How many were called off.</param>
/// <param name="PutBack">How many of those were in the tote or bag already, and belong back on the shelf.</param>
/// <param name="ShortReason">Why units went short, as the picker said last.</param>
public sealed record PickLine(
    int Line,
    PartnerId Owner,
    ItemId Item,
    string Sku,
    string? Gtin,
    string Name,
    string Category,
    TemperatureClass TemperatureClass,
    int Quantity,
    int Picked = 0,
    int Short = 0,
    int Cancelled = 0,
    int PutBack = 0,
    ShortReason? ShortReason = null)
{
    /// <summary>The line it was put in for, where it was not ordered.</summary>
    public int? SubstituteFor { get; init; }

    /// <summary>How many are still to be picked.</summary>
    public int Left => Quantity - Picked - Short - Cancelled;

    /// <summary>How many go, or will go, into the bag.</summary>
    public int Wanted => Quantity - Short - Cancelled;
}

/// <summary>A bag of a pick list: the goods of one temperature class.</summary>
/// <param name="TemperatureClass">How cold it stays.</param>
/// <param name="Job">The delivery job that carries it; none when the customer collects where it is packed.</param>
/// <param name="Status">Where it stands.</param>
public sealed record Bag(TemperatureClass TemperatureClass, JobId? Job, BagStatus Status)
{
    /// <summary>The number on it, once it is packed, where its packer has a GS1 company prefix.</summary>
    public Sscc? Sscc { get; init; }

    /// <summary>Whether goods are in it, or went away in it.</summary>
    public bool IsPacked => Status is not (BagStatus.ToPack or BagStatus.Cancelled);
}

/// <summary>Units of a line that an act has moved.</summary>
public readonly record struct PickMove(int Line, PartnerId Owner, int Units);
