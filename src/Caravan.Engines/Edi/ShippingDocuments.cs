namespace Caravan.Engines.Edi;

/// <summary>What a level of a shipment is.</summary>
public enum DespatchLevelKind
{
    /// <summary>The whole shipment.</summary>
    Shipment,

    /// <summary>What goes for one order.</summary>
    Order,

    /// <summary>A pallet (tare).</summary>
    Pallet,

    /// <summary>A carton.</summary>
    Pack,

    /// <summary>An item.</summary>
    Item,
}

/// <summary>What is on its way: X12 856 Ship Notice/Manifest, EDIFACT DESADV.</summary>
public sealed record DespatchAdvice : EdiContent
{
    /// <summary>BSN01 or BGM 1225.</summary>
    public string Purpose { get; init; } = "";

    /// <summary>The sender's number of it.</summary>
    public string Number { get; init; } = "";

    /// <summary>When it was made.</summary>
    public EdiDate? Date { get; init; }

    /// <summary>Dates of shipping and arrival.</summary>
    public IReadOnlyList<TradeDate> Dates { get; init; } = [];

    /// <summary>Bill of lading, tracking number, order number (EDIFACT RFF+ON of the head).</summary>
    public IReadOnlyList<TradeReference> References { get; init; } = [];

    /// <summary>Who carries it, when it is said.</summary>
    public string? Carrier { get; init; }

    /// <summary>Who sends, who receives.</summary>
    public IReadOnlyList<TradeParty> Parties { get; init; } = [];

    /// <summary>Shipment, orders, pallets, cartons, items, each naming the one it lies in.</summary>
    public IReadOnlyList<DespatchLevel> Levels { get; init; } = [];
}

/// <summary>One level of a shipment: X12 HL loop, EDIFACT CPS group.</summary>
public sealed record DespatchLevel
{
    /// <summary>Its number.</summary>
    public string Id { get; init; } = "";

    /// <summary>The level it lies in; empty at the top.</summary>
    public string Parent { get; init; } = "";

    /// <summary>What it is. EDIFACT does not say: with no parent a shipment, with packages a pack.</summary>
    public DespatchLevelKind Kind { get; init; }

    /// <summary>Where it stands in the file.</summary>
    public EdiPosition At { get; init; }

    /// <summary>The buyer's order number, on an order level.</summary>
    public string? OrderNumber { get; init; }

    /// <summary>When the order was made.</summary>
    public EdiDate? OrderDate { get; init; }

    /// <summary>Serial shipping container codes (18 digits, without the application identifier).</summary>
    public IReadOnlyList<string> Ssccs { get; init; } = [];

    /// <summary>The items in it.</summary>
    public IReadOnlyList<DespatchLine> Lines { get; init; } = [];
}

/// <summary>One item of a shipment.</summary>
public sealed record DespatchLine
{
    /// <summary>The line number.</summary>
    public string Line { get; init; } = "";

    /// <summary>Its numbers.</summary>
    public IReadOnlyList<ItemCode> Items { get; init; } = [];

    /// <summary>How much is shipped.</summary>
    public decimal Shipped { get; init; }

    /// <summary>In which unit.</summary>
    public string? Unit { get; init; }

    /// <summary>How much was ordered, when it is said.</summary>
    public decimal? Ordered { get; init; }

    /// <summary>Its name.</summary>
    public string? Description { get; init; }

    /// <summary>Lots and the like.</summary>
    public IReadOnlyList<TradeReference> References { get; init; } = [];
}

/// <summary>Word to a warehouse to ship: X12 940 Warehouse Shipping Order.</summary>
public sealed record WarehouseOrder : EdiContent
{
    /// <summary>W0501: N new, F cancel …</summary>
    public string Purpose { get; init; } = "";

    /// <summary>The depositor's order number.</summary>
    public string Number { get; init; } = "";

    /// <summary>The customer's order number.</summary>
    public string? PurchaseOrder { get; init; }

    /// <summary>Who and where.</summary>
    public IReadOnlyList<TradeParty> Parties { get; init; } = [];

    /// <summary>Bill of lading and the like.</summary>
    public IReadOnlyList<TradeReference> References { get; init; } = [];

    /// <summary>When to ship and deliver.</summary>
    public IReadOnlyList<TradeDate> Dates { get; init; } = [];

    /// <summary>What to ship.</summary>
    public IReadOnlyList<WarehouseLine> Lines { get; init; } = [];
}

/// <summary>One line of a warehouse order.</summary>
public sealed record WarehouseLine
{
    /// <summary>LX01, or the place in the order.</summary>
    public string Line { get; init; } = "";

    /// <summary>Where it stands in the file.</summary>
    public EdiPosition At { get; init; }

    /// <summary>How much.</summary>
    public decimal Quantity { get; init; }

    /// <summary>In which unit.</summary>
    public string? Unit { get; init; }

    /// <summary>Its numbers.</summary>
    public IReadOnlyList<ItemCode> Items { get; init; } = [];

    /// <summary>Its name.</summary>
    public string? Description { get; init; }

    /// <summary>Lots and the like.</summary>
    public IReadOnlyList<TradeReference> References { get; init; } = [];
}

/// <summary>What a warehouse has shipped: X12 945 Warehouse Shipping Advice.</summary>
public sealed record WarehouseAdvice : EdiContent
{
    /// <summary>W0601: N new, F full detail, J partial …</summary>
    public string Purpose { get; init; } = "";

    /// <summary>The depositor's order number.</summary>
    public string Number { get; init; } = "";

    /// <summary>When it was shipped.</summary>
    public EdiDate? Date { get; init; }

    /// <summary>The warehouse's number of the shipment.</summary>
    public string? Shipment { get; init; }

    /// <summary>The customer's order number.</summary>
    public string? PurchaseOrder { get; init; }

    /// <summary>Who and where.</summary>
    public IReadOnlyList<TradeParty> Parties { get; init; } = [];

    /// <summary>Tracking numbers and the like.</summary>
    public IReadOnlyList<TradeReference> References { get; init; } = [];

    /// <summary>Dates.</summary>
    public IReadOnlyList<TradeDate> Dates { get; init; } = [];

    /// <summary>What was shipped.</summary>
    public IReadOnlyList<ShippedLine> Lines { get; init; } = [];
}

/// <summary>One line of a warehouse's advice.</summary>
public sealed record ShippedLine
{
    /// <summary>LX01, or the place in the advice.</summary>
    public string Line { get; init; } = "";

    /// <summary>Where it stands in the file.</summary>
    public EdiPosition At { get; init; }

    /// <summary>W1201: CC complete, CP partial, ZZ …</summary>
    public string Status { get; init; } = "";

    /// <summary>How much was to be shipped.</summary>
    public decimal Ordered { get; init; }

    /// <summary>How much was.</summary>
    public decimal Shipped { get; init; }

    /// <summary>In which unit.</summary>
    public string? Unit { get; init; }

    /// <summary>Its numbers.</summary>
    public IReadOnlyList<ItemCode> Items { get; init; } = [];

    /// <summary>The warehouse's lot number.</summary>
    public string? Lot { get; init; }

    /// <summary>Its name.</summary>
    public string? Description { get; init; }

    /// <summary>Lots, labels and the like.</summary>
    public IReadOnlyList<TradeReference> References { get; init; } = [];
}
