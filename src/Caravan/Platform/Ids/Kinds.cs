#pragma warning disable CA1815 // Kinds are never compared; they exist only as type arguments.
namespace Caravan.Platform.Ids;

// The prefixes of all identifiers in one place: no two may be the same. Partners are in Tenancy.

/// <summary>An agreement between two partners.</summary>
public readonly struct AgreementIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "agr";
}

/// <summary>A courier: a person with a vehicle, known by a code.</summary>
public readonly struct CourierIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "cou";
}

/// <summary>An interchange: one electronic document with its envelope, that came or went.</summary>
public readonly struct EdiInterchangeIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "edi";
}

/// <summary>A trading partner, known by its address in envelopes.</summary>
public readonly struct EdiPartnerIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "edp";
}

/// <summary>A feed: one stock system's line into Caravan.</summary>
public readonly struct FeedIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "fee";
}

/// <summary>A feed on its way: a file that is looked at before the feed is there.</summary>
public readonly struct FeedConnectionIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "fcn";
}

/// <summary>A document that a feed has sent: a snapshot or a delta.</summary>
public readonly struct FeedDocumentIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "fdc";
}

/// <summary>A fulfilment order: what one node does for an order.</summary>
public readonly struct FulfilmentIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "ful";
}

/// <summary>A hold: goods reserved for a cart until a time.</summary>
public readonly struct HoldIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "rsv";
}

/// <summary>An item of one owner's catalogue.</summary>
public readonly struct ItemIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "itm";
}

/// <summary>A delivery job: one parcel from a door to a door.</summary>
public readonly struct JobIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "job";
}

/// <summary>A location: warehouse, store, station or hub.</summary>
public readonly struct LocationIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "loc";
}

/// <summary>A lot of a stock cell: goods made together.</summary>
public readonly struct LotIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "lot";
}

/// <summary>A movement of stock.</summary>
public readonly struct MovementIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "mov";
}

/// <summary>An order.</summary>
public readonly struct OrderIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "ord";
}

/// <summary>A promise of a time.</summary>
public readonly struct PromiseIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "prm";
}

/// <summary>A quota: units kept for a channel, or the most that a partner may take.</summary>
public readonly struct QuotaIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "quo";
}

/// <summary>A return: goods that come back, from a customer or undelivered.</summary>
public readonly struct ReturnIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "ret";
}

/// <summary>A set of rules of sourcing: a draft, or a version that was published.</summary>
public readonly struct RuleSetIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "rul";
}

/// <summary>A rule that says how much of a stock cell is kept back.</summary>
public readonly struct SafetyRuleIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "sfr";
}

/// <summary>Dated supply: goods that are expected at a location.</summary>
public readonly struct SupplyIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "sup";
}

/// <summary>A transfer of stock between two locations.</summary>
public readonly struct TransferIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "trf";
}

/// <summary>A stop-sell: something that must not be sold until it is lifted.</summary>
public readonly struct StopSellIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "stp";
}

/// <summary>Something that has gone wrong and waits in a company's inbox.</summary>
public readonly struct ExceptionIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "exc";
}

/// <summary>An access key; made of the key's public part.</summary>
public readonly struct KeyIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "key";
}
