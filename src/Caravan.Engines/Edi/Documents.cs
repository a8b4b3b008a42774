namespace Caravan.Engines.Edi;

/// <summary>What a message says, in the trade's words, whichever standard it came in.</summary>
public abstract record EdiContent;

/// <summary>A company or place: X12 N1 loop, EDIFACT NAD group.</summary>
/// <param name="Role">X12 element 98 or EDIFACT 3035: WH warehouse, ST ship to, BY buyer, SU supplier.</param>
public sealed record TradeParty(string Role)
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>How it is numbered: X12 element 66 (91 by the seller, 92 by the buyer, UL by GLN); EDIFACT 3055 (9: GS1, 91, 92).</summary>
    public string? IdQualifier { get; init; }

    /// <summary>Its number.</summary>
    public string? Id { get; init; }

    /// <summary>Lines of its address.</summary>
    public IReadOnlyList<string> Street { get; init; } = [];

    /// <summary>City.</summary>
    public string? City { get; init; }

    /// <summary>State, province or county.</summary>
    public string? Region { get; init; }

    /// <summary>Postal code.</summary>
    public string? PostalCode { get; init; }

    /// <summary>Country, ISO 3166 as a rule.</summary>
    public string? Country { get; init; }
}

/// <summary>A number that somebody gives an item: X12 elements 235 and 234, EDIFACT 7143 and 7140.</summary>
/// <param name="Qualifier">Whose number: UP, UK, EN (GTIN), VN (the vendor's), BP or IN (the buyer's).</param>
/// <param name="Code">The number.</param>
public readonly record struct ItemCode(string Qualifier, string Code)
{
    /// <summary>Whether it is a GTIN in one of its lengths.</summary>
    public bool IsGtin => Qualifier is "UP" or "UK" or "EN" or "UA" or "UI" or "EO" or "SRV" or "UPC" or "EAN";
}

/// <summary>A number of some document or thing: X12 REF and N9, EDIFACT RFF.</summary>
/// <param name="Qualifier">What it is a number of.</param>
/// <param name="Value">The number.</param>
public readonly record struct TradeReference(string Qualifier, string Value);

/// <summary>A date with what it is the date of: X12 element 374, EDIFACT 2005.</summary>
public readonly record struct TradeDate(string Qualifier, EdiDate Date);

/// <summary>How much of something; what the number means is the qualifier's business.</summary>
/// <param name="Qualifier">X12 element 673 (33 available, 17 on hand), EDIFACT 6063 (145 stock, 21 ordered).</param>
/// <param name="Amount">How much.</param>
/// <param name="Unit">EA, CA, PCE …; null when it is not said.</param>
/// <param name="Movement">Whether stock came or went, where EDIFACT says so (INV 4501).</param>
public readonly record struct TradeQuantity(string Qualifier, decimal Amount, string? Unit = null, StockMovement Movement = StockMovement.None);

/// <summary>Which way stock moved.</summary>
public enum StockMovement
{
    /// <summary>Nothing is said: the quantity is a figure, or its qualifier says it.</summary>
    None,

    /// <summary>Out of the inventory.</summary>
    Out,

    /// <summary>Into the inventory.</summary>
    In,
}

/// <summary>Stock as a partner reports it: X12 846 Inventory Inquiry/Advice, EDIFACT INVRPT.</summary>
public sealed record InventoryReport : EdiContent
{
    /// <summary>BIA01 or BGM 1225: 00 and 9 original, 04 and 4 change, 05 and 5 replacement.</summary>
    public string Purpose { get; init; } = "";

    /// <summary>BIA02 or BGM 1001.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The sender's number of it.</summary>
    public string Number { get; init; } = "";

    /// <summary>When it was made.</summary>
    public EdiDate? Date { get; init; }

    /// <summary>Who and where.</summary>
    public IReadOnlyList<TradeParty> Parties { get; init; } = [];

    /// <summary>Item by item.</summary>
    public IReadOnlyList<InventoryLine> Lines { get; init; } = [];
}

/// <summary>One item of an inventory report.</summary>
public sealed record InventoryLine
{
    /// <summary>The sender's line number; empty when none is said.</summary>
    public string Line { get; init; } = "";

    /// <summary>Where it stands in the file.</summary>
    public EdiPosition At { get; init; }

    /// <summary>Its numbers.</summary>
    public IReadOnlyList<ItemCode> Items { get; init; } = [];

    /// <summary>Its name.</summary>
    public string? Description { get; init; }

    /// <summary>How much, by qualifier.</summary>
    public IReadOnlyList<TradeQuantity> Quantities { get; init; } = [];

    /// <summary>Where, when the line itself says so (X12 N1 in the line, EDIFACT LOC).</summary>
    public TradeReference? Location { get; init; }

    /// <summary>Lots and the like.</summary>
    public IReadOnlyList<TradeReference> References { get; init; } = [];
}

/// <summary>A purchase order: X12 850, EDIFACT ORDERS.</summary>
public sealed record PurchaseOrder : EdiContent
{
    /// <summary>BEG01 or BGM 1225: 00 and 9 original, 01 and 1 cancellation, 04, 05 and 4, 5 change.</summary>
    public string Purpose { get; init; } = "";

    /// <summary>BEG02 (SA stand-alone) or BGM 1001 (220).</summary>
    public string Kind { get; init; } = "";

    /// <summary>The buyer's order number.</summary>
    public string Number { get; init; } = "";

    /// <summary>When it was made.</summary>
    public EdiDate? Date { get; init; }

    /// <summary>ISO 4217, when it is said.</summary>
    public string? Currency { get; init; }

    /// <summary>Dates wanted.</summary>
    public IReadOnlyList<TradeDate> Dates { get; init; } = [];

    /// <summary>Numbers of other documents.</summary>
    public IReadOnlyList<TradeReference> References { get; init; } = [];

    /// <summary>Who buys, who sells, where it goes.</summary>
    public IReadOnlyList<TradeParty> Parties { get; init; } = [];

    /// <summary>What is ordered.</summary>
    public IReadOnlyList<PurchaseLine> Lines { get; init; } = [];
}

/// <summary>One line of a purchase order.</summary>
public sealed record PurchaseLine
{
    /// <summary>The buyer's line number.</summary>
    public string Line { get; init; } = "";

    /// <summary>Where it stands in the file.</summary>
    public EdiPosition At { get; init; }

    /// <summary>How much.</summary>
    public decimal Quantity { get; init; }

    /// <summary>In which unit.</summary>
    public string? Unit { get; init; }

    /// <summary>Price of one, when it is said.</summary>
    public decimal? Price { get; init; }

    /// <summary>Its numbers.</summary>
    public IReadOnlyList<ItemCode> Items { get; init; } = [];

    /// <summary>Its name.</summary>
    public string? Description { get; init; }
}

/// <summary>What becomes of an ordered line, or of the whole order.</summary>
public enum ResponseStatus
{
    /// <summary>As ordered.</summary>
    Accepted,

    /// <summary>With other numbers or dates.</summary>
    Changed,

    /// <summary>Later.</summary>
    BackOrdered,

    /// <summary>Not at all.</summary>
    Rejected,
}

/// <summary>The seller's answer to a purchase order: X12 855, EDIFACT ORDRSP.</summary>
public sealed record OrderResponse : EdiContent
{
    /// <summary>BAK01 or BGM 1225 …</summary>
    public string Purpose { get; init; } = "";

    /// <summary>BAK02 or BGM 1225: what becomes of the whole.</summary>
    public ResponseStatus Status { get; init; }

    /// <summary>The seller's number of the answer.</summary>
    public string Number { get; init; } = "";

    /// <summary>When it was made.</summary>
    public EdiDate? Date { get; init; }

    /// <summary>The buyer's order number.</summary>
    public string OrderNumber { get; init; } = "";

    /// <summary>When the order was made.</summary>
    public EdiDate? OrderDate { get; init; }

    /// <summary>Who.</summary>
    public IReadOnlyList<TradeParty> Parties { get; init; } = [];

    /// <summary>Line by line.</summary>
    public IReadOnlyList<ResponseLine> Lines { get; init; } = [];
}

/// <summary>One line of an order response.</summary>
public sealed record ResponseLine
{
    /// <summary>The buyer's line number.</summary>
    public string Line { get; init; } = "";

    /// <summary>Where it stands in the file.</summary>
    public EdiPosition At { get; init; }

    /// <summary>Its numbers.</summary>
    public IReadOnlyList<ItemCode> Items { get; init; } = [];

    /// <summary>How much was ordered.</summary>
    public decimal Ordered { get; init; }

    /// <summary>In which unit.</summary>
    public string? Unit { get; init; }

    /// <summary>Price of one.</summary>
    public decimal? Price { get; init; }

    /// <summary>What becomes of it, in parts.</summary>
    public IReadOnlyList<ResponsePart> Parts { get; init; } = [];
}

/// <summary>What becomes of some units of a line.</summary>
public readonly record struct ResponsePart(ResponseStatus Status, decimal Quantity, EdiDate? Date = null);
