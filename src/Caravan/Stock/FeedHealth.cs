namespace Caravan.Stock;

/// <summary>Whether a feed's documents are taken.</summary>
public enum FeedState
{
    /// <summary>They are.</summary>
    Live,

    /// <summary>A numbered document is missing; a snapshot of everything makes the feed live again.</summary>
    AwaitingSnapshot,

    /// <summary>A snapshot would take away too much and waits for a person.</summary>
    BreakerTripped,
}

/// <summary>How a company's feed is doing.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What its company calls it.</param>
/// <param name="State">Whether its documents are taken.</param>
/// <param name="IsFresh">Whether its stock is promised; a feed that has said nothing yet has none.</param>
/// <param name="LastAsOf">The time its newest figures were true.</param>
/// <param name="FreshUntil">Until when they count as true.</param>
/// <param name="LastSequence">The number of the last document taken; 0 when they are not numbered.</param>
/// <param name="Cells">How many cells it speaks for.</param>
/// <param name="RejectedLines">How many lines wait for a mapping or a correction.</param>
/// <param name="WaitingDocument">The oldest document that waits for a person.</param>
public sealed record FeedHealth(
    FeedId Id,
    string Name,
    FeedState State,
    bool IsFresh,
    DateTimeOffset? LastAsOf,
    DateTimeOffset? FreshUntil,
    long LastSequence,
    int Cells,
    int RejectedLines,
    FeedDocumentId? WaitingDocument)
{
    /// <summary>Lines of the large document that is going into the book; null when none is.</summary>
    public int? ApplyingLines { get; init; }

    /// <summary>How many of them have been gone through.</summary>
    public int ApplyingHandled { get; init; }
}
