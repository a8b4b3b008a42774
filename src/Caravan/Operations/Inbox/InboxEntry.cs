namespace Caravan.Operations.Inbox;

/// <summary>What has gone wrong.</summary>
public enum ExceptionKind
{
    /// <summary>A feed is silent longer than it may be: what it speaks for is not promised.</summary>
    StaleFeed,

    /// <summary>A numbered document of a feed is missing: nothing is taken until it sends everything.</summary>
    BrokenFeed,

    /// <summary>A snapshot would take away too much and waits for a person.</summary>
    WaitingDocument,

    /// <summary>More is reserved in a cell of stock than is there.</summary>
    Shortfall,

    /// <summary>What an order has reserved, or waits for, is not in sight.</summary>
    OrderAtRisk,

    /// <summary>Units were not on the shelf, and nobody else has them.</summary>
    ShortPick,

    /// <summary>A node does not do what it was given, and nobody else has the goods.</summary>
    DeclinedRelease,

    /// <summary>A parcel could be collected, and no courier takes it.</summary>
    NoCourier,

    /// <summary>A parcel will come later than was promised, or is late already.</summary>
    LateParcel,

    /// <summary>A parcel could not be handed over and comes back.</summary>
    FailedDelivery,

    /// <summary>A node has more to pick than it can do in an hour.</summary>
    NodeOverCapacity,

    /// <summary>A node has not packed what is due.</summary>
    LatePicking,
}

/// <summary>Something that is wrong now, as the rooms tell it.</summary>
/// <param name="Kind">What.</param>
/// <param name="Subject">Of what, so that it is found again: an id, or several.</param>
/// <param name="What">One line for people.</param>
/// <param name="Detail">What it means.</param>
/// <param name="Since">Since when.</param>
/// <param name="DueAt">Until when it must be solved to do no harm.</param>
/// <param name="Units">Units concerned: of goods, parcels or cells of stock, as the kind has it.</param>
/// <param name="Cost">What it costs when nothing is done, if that is known.</param>
public sealed record Finding(ExceptionKind Kind, string Subject, string What, string Detail, DateTimeOffset Since, DateTimeOffset? DueAt, int Units, Platform.Money? Cost = null);

/// <summary>An entry of a company's inbox.</summary>
public sealed record InboxEntry
{
    /// <summary>Whose inbox.</summary>
    public required PartnerId Company { get; init; }

    /// <summary>Its id.</summary>
    public required ExceptionId Id { get; init; }

    /// <summary>What has gone wrong.</summary>
    public required ExceptionKind Kind { get; init; }

    /// <summary>Of what: an id, or several.</summary>
    public required string Subject { get; init; }

    /// <summary>One line for people.</summary>
    public required string What { get; init; }

    /// <summary>What it means.</summary>
    public required string Detail { get; init; }

    /// <summary>Units concerned.</summary>
    public required int Units { get; init; }

    /// <summary>What it costs when nothing is done, if that is known.</summary>
    public Platform.Money? Cost { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>Until when it must be solved to do no harm.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Who looks after it.</summary>
    public string? TakenBy { get; init; }

    /// <summary>Since when.</summary>
    public DateTimeOffset? TakenAt { get; init; }

    /// <summary>Who solved it; <c>itself</c> where the cause went away.</summary>
    public string? SolvedBy { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset? SolvedAt { get; init; }

    /// <summary>When its cause was gone: what was solved by hand may still last, and is then not told again.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The same, as it is found to be now.</summary>
    public InboxEntry With(Finding finding) => this with { What = finding.What, Detail = finding.Detail, Units = finding.Units, Cost = finding.Cost, DueAt = finding.DueAt };
}

/// <summary>How many wait, and how long it took to solve those of the last days.</summary>
/// <param name="Open">How many wait.</param>
/// <param name="Overdue">Of these, how many are past their time.</param>
/// <param name="Solved">How many were solved in the last seven days.</param>
/// <param name="MedianSeconds">From exception to solution: half took no longer.</param>
/// <param name="P95Seconds">Of twenty, nineteen took no longer.</param>
public sealed record InboxFigures(int Open, int Overdue, int Solved, double? MedianSeconds, double? P95Seconds);
