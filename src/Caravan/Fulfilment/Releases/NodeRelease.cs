namespace Caravan.Fulfilment.Releases;

/// <summary>What a node has said to a fulfilment order it was given.</summary>
public enum ReleaseState
{
    /// <summary>Nothing yet.</summary>
    Waiting,

    /// <summary>It does it.</summary>
    Acknowledged,

    /// <summary>It does not; the goods are sourced from elsewhere.</summary>
    Declined,

    /// <summary>It said nothing in time, which counts as a no.</summary>
    TimedOut,
}

/// <summary>Why a node does not do what it was given.</summary>
public enum DeclineReason
{
    /// <summary>Nobody is there to do it.</summary>
    NoStaff,

    /// <summary>It has more to do than it can.</summary>
    TooMuchWork,

    /// <summary>It is closed, or cannot be reached.</summary>
    Closed,

    /// <summary>It has no bags, no power, no cold room.</summary>
    NoEquipment,

    /// <summary>Something else; a note says what.</summary>
    Other,
}

/// <summary>A fulfilment order given to a node whose people say yes or no.</summary>
public sealed record NodeRelease
{
    /// <summary>Whose order it is.</summary>
    public required PartnerId Seller { get; init; }

    /// <summary>The fulfilment order.</summary>
    public required FulfilmentId Id { get; init; }

    /// <summary>The order it is part of.</summary>
    public required OrderId Order { get; init; }

    /// <summary>Whose people work at the node.</summary>
    public required PartnerId Operator { get; init; }

    /// <summary>The node.</summary>
    public required LocationId Location { get; init; }

    /// <summary>What it has said.</summary>
    public required ReleaseState State { get; init; }

    /// <summary>When it was given to the node.</summary>
    public required DateTimeOffset ReleasedAt { get; init; }

    /// <summary>Until when it may say yes or no; while it is closed, time stands still.</summary>
    public required DateTimeOffset AcknowledgeBy { get; init; }

    /// <summary>When it said so.</summary>
    public DateTimeOffset? AnsweredAt { get; init; }

    /// <summary>Who said so.</summary>
    public string? AnsweredBy { get; init; }

    /// <summary>Why not.</summary>
    public DeclineReason? Reason { get; init; }

    /// <summary>Why not, in its own words.</summary>
    public string? Note { get; init; }

    /// <summary>Units of a declined one that nobody else has: the node still has them.</summary>
    public int UnitsLeft { get; init; }
}

/// <summary>What became of a node's answer.</summary>
public enum ReleaseAnswer
{
    /// <summary>It is noted.</summary>
    Done,

    /// <summary>The company was given no such fulfilment order, or its node does not say yes or no.</summary>
    NotFound,

    /// <summary>It has said the other before, and the goods are sourced from elsewhere.</summary>
    TooLate,

    /// <summary>It has begun to pick.</summary>
    Begun,
}
