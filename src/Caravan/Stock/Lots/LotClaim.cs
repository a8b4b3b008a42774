namespace Caravan.Stock.Lots;

/// <summary>For whom units are picked, so that it is known afterwards which order got which lot.</summary>
/// <param name="Seller">Seller of record.</param>
/// <param name="Order">The order.</param>
/// <param name="Fulfilment">Its part that one node does.</param>
/// <param name="DueAt">When the customer is to have it: a lot must last until then.</param>
/// <param name="Lot">The code on the packs in the picker's hand; without it, the lots that expire first.</param>
public sealed record LotClaim(PartnerId Seller, OrderId Order, FulfilmentId Fulfilment, DateTimeOffset DueAt, string? Lot = null);

/// <summary>Why units cannot be picked from a lot.</summary>
public enum LotFault
{
    /// <summary>The book knows of no such lot here.</summary>
    Unknown,

    /// <summary>It is held.</summary>
    Held,

    /// <summary>It has expired, or would have too few days left when the customer gets it.</summary>
    Expired,

    /// <summary>The book has fewer of it.</summary>
    TooFew,

    /// <summary>Another expires sooner, and the item must go in that order.</summary>
    NotNext,

    /// <summary>What is here is held or too old.</summary>
    NoneGood,
}

/// <summary>A pick that was refused for its lot: undo the transaction.</summary>
/// <param name="Fault">Why.</param>
/// <param name="Detail">What to do.</param>
/// <param name="Left">How many could be picked.</param>
public sealed record LotRefusal(LotFault Fault, string Detail, int Left);

/// <summary>Units of a lot that a fulfilment order has, or should pick.</summary>
public sealed record LotUnits(string Lot, DateOnly? ExpiresOn, int Quantity, bool IsPicked);

/// <summary>Units of a cell that are still to be picked for a fulfilment order.</summary>
public sealed record LotWish(PartnerId Owner, ItemId Item, LocationId Location, FulfilmentId Fulfilment, int Left, DateTimeOffset DueAt);

/// <summary>Which order got how much of which lot.</summary>
public sealed record LotOrder
{
    /// <summary>The lot.</summary>
    public LotId Lot { get; init; }

    /// <summary>The code on its packs.</summary>
    public string Code { get; init; } = "";

    /// <summary>Of what.</summary>
    public ItemId Item { get; init; }

    /// <summary>Where it was picked.</summary>
    public LocationId Location { get; init; }

    /// <summary>Who sold it.</summary>
    public PartnerId Seller { get; init; }

    /// <summary>In which order.</summary>
    public OrderId Order { get; init; }

    /// <summary>The part of the order that one node does.</summary>
    public FulfilmentId Fulfilment { get; init; }

    /// <summary>Units in the tote or the bag: they can still be stopped.</summary>
    public int Picked { get; init; }

    /// <summary>Units that left and have not come back.</summary>
    public int Shipped { get; init; }

    /// <summary>Units that came back.</summary>
    public int Returned { get; init; }

    /// <summary>Units that were picked although another lot expires sooner.</summary>
    public int PassedOver { get; init; }

    /// <summary>When the first of them was picked.</summary>
    public DateTimeOffset At { get; init; }
}
