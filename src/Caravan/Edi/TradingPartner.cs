using Caravan.Engines.Edi;
using Caravan.Network;

namespace Caravan.Edi;

/// <summary>What a quantity of an inventory report says.</summary>
internal enum QuantityMeaning
{
    /// <summary>What lies on the shelf.</summary>
    OnHand,

    /// <summary>What may still be sold.</summary>
    Available,

    /// <summary>What lies there after the movements told beside it.</summary>
    Balance,

    /// <summary>What came.</summary>
    MovedIn,

    /// <summary>What went.</summary>
    MovedOut,

    /// <summary>Nothing that stock is made of: on order, in transit, damaged.</summary>
    Ignored,
}

/// <summary>How much of a place an inventory report tells.</summary>
internal enum InventoryScope
{
    /// <summary>As its purpose says: original and replacement are whole, changes are not.</summary>
    ByPurpose,

    /// <summary>All of every place it names: what is left out is not there.</summary>
    Full,

    /// <summary>Only of what it names.</summary>
    Changes,
}

/// <summary>What a node that a trading partner runs is told by.</summary>
internal enum WarehouseDocument
{
    /// <summary>940: it keeps our goods. It answers by 945.</summary>
    ShippingOrder,

    /// <summary>850 or ORDERS: it sells to us and ships to the customer. It answers by 855 or ORDRSP, then by 856 or DESADV.</summary>
    PurchaseOrder,
}

/// <summary>Where goods for a partner's ship-to number go.</summary>
internal sealed record EdiDestination(string Code, double Latitude, double Longitude, string Address);

/// <summary>How a trading partner's documents are meant.</summary>
internal sealed record TradingSettings
{
    /// <summary>Types that are taken (850, INVRPT …); null: all that are read.</summary>
    public List<string>? Documents { get; init; }

    /// <summary>The feed that inventory reports speak through.</summary>
    public FeedId? Feed { get; init; }

    public InventoryScope Inventory { get; init; }

    /// <summary>Qualifiers that mean something else than they do by default.</summary>
    public Dictionary<string, QuantityMeaning>? Quantities { get; init; }

    /// <summary>How many of our units one of theirs is; those of <see cref="CountUnits"/> are one.</summary>
    public Dictionary<string, int>? Units { get; init; }

    /// <summary>Whose item numbers are looked at, by qualifier, the first that is there wins.</summary>
    public List<string>? ItemCodes { get; init; }

    /// <summary>Their item numbers that are none of ours, and our SKU for each.</summary>
    public Dictionary<string, string>? Items { get; init; }

    /// <summary>The qualifier of the reference that names a line's place, where it is one.</summary>
    public string? LocationReference { get; init; }

    /// <summary>The place of lines that name none.</summary>
    public string? Location { get; init; }

    public List<EdiDestination>? Destinations { get; init; }

    /// <summary>The channel of their orders; left out: edi.</summary>
    public string? Channel { get; init; }

    public DeliveryService Service { get; init; } = DeliveryService.NextDay;

    public bool AllowBackorder { get; init; }

    /// <summary>Whether interchanges marked as tests are applied.</summary>
    public bool TakesTests { get; init; }

    /// <summary>Whether they are told what was shipped to them.</summary>
    public bool SendsDespatch { get; init; }

    /// <summary>The location of ours that they run: what is to be shipped from there is told to them.</summary>
    public LocationId? Warehouse { get; init; }

    /// <summary>What it is told by.</summary>
    public WarehouseDocument WarehouseBy { get; init; }

    /// <summary>Whether what they are told unasked is EDIFACT; 940 has no EDIFACT of its own and stays X12.</summary>
    public bool SpeaksEdifact { get; init; }

    public static readonly IReadOnlySet<string> CountUnits = new HashSet<string>(StringComparer.Ordinal) { "EA", "PCE", "PCS", "C62", "UN", "H87", "PC" };

    // GTINs, then the seller's number, which is ours when they order.
    public static readonly IReadOnlyList<string> UsualItemCodes = ["UK", "EN", "UP", "UA", "SRV", "SK", "VN", "VP", "SA"];

    /// <summary>
    /// What a qualifier means unless the partner has agreed otherwise. X12 element 673: 17 on hand, 33 available for sale; QA is borrowed from
    /// element 859 by many. EDIFACT 6063: 145 actual stock, 17 on hand, 48 received, 12 despatched, 199 withdrawn.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, QuantityMeaning> UsualQuantities = new Dictionary<string, QuantityMeaning>
    {
        ["17"] = QuantityMeaning.OnHand,
        ["145"] = QuantityMeaning.OnHand,
        ["33"] = QuantityMeaning.Available,
        ["QA"] = QuantityMeaning.Available,
        ["157"] = QuantityMeaning.Ignored,
        ["48"] = QuantityMeaning.MovedIn,
        ["12"] = QuantityMeaning.MovedOut,
        ["199"] = QuantityMeaning.MovedOut,
        ["66"] = QuantityMeaning.Ignored,
        ["89"] = QuantityMeaning.Ignored,
        ["96"] = QuantityMeaning.Ignored,
        ["97"] = QuantityMeaning.Ignored,
        ["98"] = QuantityMeaning.Ignored,
        ["124"] = QuantityMeaning.Ignored,
        ["146"] = QuantityMeaning.Ignored,
        ["197"] = QuantityMeaning.Ignored,
        ["198"] = QuantityMeaning.Ignored,
    };

    /// <summary>What a quantity means; null: nobody has said.</summary>
    public QuantityMeaning? MeaningOf(TradeQuantity quantity)
    {
        if (Quantities?.TryGetValue(quantity.Qualifier, out var agreed) == true)
            return agreed;
        if (quantity.Movement != StockMovement.None)
            return quantity.Movement == StockMovement.In ? QuantityMeaning.MovedIn : QuantityMeaning.MovedOut;
        return UsualQuantities.TryGetValue(quantity.Qualifier, out var usual) ? usual : null;
    }

    /// <summary>How many of our units one of theirs is; null: nobody has said.</summary>
    public int? FactorOf(string? unit)
    {
        if (unit is null)
            return 1;
        if (Units?.TryGetValue(unit, out var factor) == true)
            return factor;
        return CountUnits.Contains(unit) ? 1 : null;
    }

    /// <summary>Our code of an item: mapped, or the first of its numbers that is looked at; those of the kind that is wanted first.</summary>
    public (string Code, bool IsSku)? CodeOf(IReadOnlyList<ItemCode> items, bool? wantsGtin = null)
    {
        foreach (var item in items)
        {
            if (Items?.TryGetValue(item.Code, out var sku) == true)
                return (sku, true);
        }

        var known = (ItemCodes ?? UsualItemCodes).SelectMany(qualifier => items.Where(item => item.Qualifier == qualifier)).ToList();
        var chosen = known.FindIndex(item => wantsGtin is null || item.IsGtin == wantsGtin);
        return known.Count == 0 ? null : (known[Math.Max(0, chosen)].Code, !known[Math.Max(0, chosen)].IsGtin);
    }
}

/// <summary>A company that the tenant trades with by EDI.</summary>
internal sealed record TradingPartner(PartnerId Tenant, EdiPartnerId Id, string Name, EdiAddress Own, EdiAddress Theirs, TradingSettings Settings)
{
    public string Channel => Settings.Channel ?? "edi";

    public bool Takes(string type) => Settings.Documents is null || Settings.Documents.Contains(type);
}
