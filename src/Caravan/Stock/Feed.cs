using Caravan.Platform;

namespace Caravan.Stock;

/// <summary>What a feed's item codes are. A mapping, where there is one for the code, goes first.</summary>
internal enum ItemCodes
{
    Gtin,
    Sku,
    Mapped,
}

internal enum DocumentKind
{
    Snapshot,
    Delta,
}

internal enum DocumentState
{
    Applied,
    Waiting,
    Discarded,
    Superseded,

    /// <summary>It was taken, and goes into the book slice by slice.</summary>
    Applying,
}

/// <summary>One company's stock system and how it is to be read.</summary>
internal sealed record Feed
{
    public PartnerId Tenant { get; init; }
    public FeedId Id { get; init; }
    public string Name { get; init; } = "";
    public ItemCodes ItemCodes { get; init; }

    /// <summary>Whether its figures already leave out what is reserved here; else they are what lies on the shelf.</summary>
    public bool IsNetOfOrders { get; init; }

    public int Buffer { get; init; }
    public int StaleAfterMinutes { get; init; }
    public int BreakerPercent { get; init; }

    /// <summary>Live or awaiting a snapshot; a tripped breaker is told by the documents that wait.</summary>
    public FeedState State { get; init; }

    /// <summary>The sequence of the last numbered document that was applied; 0 before the first.</summary>
    public long LastSequence { get; init; }

    public DateTimeOffset? LastAsOf { get; init; }

    /// <summary>The time of its newest snapshot of everything: what that left out was not there then, told of before or not.</summary>
    public DateTimeOffset? WholeAsOf { get; init; }
    public DateTimeOffset? FreshUntil { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The feed after a document with this as-of time: freshness never goes back.</summary>
    public Feed HeardOf(DateTimeOffset asOf)
    {
        var newest = LastAsOf is { } last && last > asOf ? last : asOf;
        return this with { LastAsOf = newest, FreshUntil = newest.AddMinutes(StaleAfterMinutes) };
    }
}

/// <summary>One line as it came, before anybody knows what its codes mean. JSON: the first is line 1; a file: the header is.</summary>
internal sealed record FeedLine(int Number, string Location, string Item, string Quantity, bool IsChange)
{
    /// <summary>Why the line cannot be read at all.</summary>
    public string? Fault { get; init; }
}

/// <summary>What a snapshot speaks of: inside it, absence means zero. Null: everything the feed has ever told of.</summary>
internal sealed record FeedScope
{
    public List<string>? Locations { get; init; }
    public List<string>? Items { get; init; }

    /// <summary>The locations that its own lines name.</summary>
    public bool IsLocationsInFile { get; init; }

    public bool IsWhole => Locations is null && Items is null && !IsLocationsInFile;
}

/// <summary>A document as it came.</summary>
internal sealed record FeedDraft(DocumentKind Kind, DateTimeOffset AsOf, long? Sequence, FeedScope Scope, List<FeedLine> Lines)
{
    /// <summary>The most lines of a document that comes whole: in JSON, or as EDI. A file may be longer.</summary>
    public const int LinesMax = 50_000;

    /// <summary>The most lines of a file.</summary>
    public const int FileLinesMax = 10_000_000;
}

/// <summary>A document that was taken.</summary>
internal sealed record FeedDocument
{
    public FeedDocumentId Id { get; init; }
    public DocumentKind Kind { get; init; }
    public DateTimeOffset AsOf { get; init; }
    public long? Sequence { get; init; }
    public DocumentState State { get; init; }
    public int Lines { get; init; }
    public int Changed { get; init; }
    public int Unchanged { get; init; }
    public int Outdated { get; init; }
    public int Zeroed { get; init; }
    public int Rejected { get; init; }
    public string? Note { get; init; }

    /// <summary>While it is being applied: how many lines have been gone through.</summary>
    public int? Handled { get; init; }
    public DateTimeOffset ReceivedAt { get; init; }
    public DateTimeOffset? DecidedAt { get; init; }
}

/// <summary>A line that was not taken, with the reason by name; kept until it is taken or a newer figure makes it moot.</summary>
internal sealed record RejectedLine
{
    public FeedDocumentId Document { get; init; }
    public int Line { get; init; }
    public string Location { get; init; } = "";
    public string Item { get; init; } = "";
    public string Quantity { get; init; } = "";
    public bool IsChange { get; init; }
    public string Reason { get; init; } = "";
    public string Detail { get; init; } = "";
    public DateTimeOffset AsOf { get; init; }
}

/// <summary>The names under which lines are rejected.</summary>
internal static class Reasons
{
    public const string UnknownItem = "unknown-item";
    public const string UnknownLocation = "unknown-location";
    public const string NotYours = "not-yours";
    public const string BadQuantity = "bad-quantity";
    public const string DuplicateLine = "duplicate-line";
    public const string NotKeptThere = "item-not-kept-there";
    public const string OutsideScope = "outside-scope";
    public const string BadRow = "bad-row";

    /// <summary>Those that a changed mapping, catalogue or network can mend.</summary>
    public static readonly string[] Mendable = [UnknownItem, UnknownLocation, NotYours, NotKeptThere];
}
