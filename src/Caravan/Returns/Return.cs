namespace Caravan.Returns;

/// <summary>Where a return stands.</summary>
public enum ReturnState
{
    /// <summary>The customer may send it.</summary>
    Authorised,

    /// <summary>It is on its way.</summary>
    InTransit,

    /// <summary>Some of it has come, and more is expected.</summary>
    PartlyReceived,

    /// <summary>All that comes has come; some of it waits to be graded.</summary>
    Received,

    /// <summary>All of it is graded; some of it is on hold.</summary>
    Graded,

    /// <summary>All of it is sellable again, or gone.</summary>
    Closed,

    /// <summary>Called off before anything came.</summary>
    Cancelled,

    /// <summary>Nothing came in time.</summary>
    Expired,
}

/// <summary>How it came about.</summary>
public enum ReturnKind
{
    /// <summary>A customer sends goods back.</summary>
    Customer,

    /// <summary>A parcel could not be delivered and is back where it came from.</summary>
    Undelivered,
}

/// <summary>Why units come back.</summary>
public enum ReturnReason
{
    /// <summary>They were broken when they came.</summary>
    Damaged,

    /// <summary>Something else was in the parcel.</summary>
    WrongItem,

    /// <summary>The customer has changed their mind.</summary>
    NotWanted,

    /// <summary>They are not what was shown.</summary>
    NotAsDescribed,

    /// <summary>Their maker or an authority calls them back.</summary>
    Recalled,

    /// <summary>They came too late.</summary>
    TooLate,

    /// <summary>They could not be delivered; Caravan itself says so.</summary>
    Undelivered,

    /// <summary>Anything else; see the note.</summary>
    Other,
}

/// <summary>Units of a line that have come, of one lot or (empty) of none, and what became of them.</summary>
public sealed record ReturnPart(string Lot, int Received, int OnHold, int Restocked, int WrittenOff, int GivenBack)
{
    /// <summary>Units that wait to be graded.</summary>
    public int ToGrade => Received - OnHold - Restocked - WrittenOff - GivenBack;

    /// <summary>The part after some of it was judged.</summary>
    internal ReturnPart Settle(int units, ReturnDisposition disposition, bool isFromHold)
    {
        var part = isFromHold ? this with { OnHold = OnHold - units } : this;
        return disposition switch
        {
            ReturnDisposition.Restock => part with { Restocked = Restocked + units },
            ReturnDisposition.WriteOff => part with { WrittenOff = WrittenOff + units },
            ReturnDisposition.ReturnToOwner => part with { GivenBack = GivenBack + units },
            _ => part with { OnHold = part.OnHold + units },
        };
    }
}

/// <summary>Units of an order line that one owner's stock at one node gave, and that come back.</summary>
public sealed record ReturnLine
{
    /// <summary>From 1, in the return.</summary>
    public required int Line { get; init; }

    /// <summary>The order's line.</summary>
    public required int OrderLine { get; init; }

    /// <summary>The fulfilment order that had sent them.</summary>
    public required FulfilmentId Fulfilment { get; init; }

    /// <summary>The node they had left from.</summary>
    public required LocationId From { get; init; }

    /// <summary>Whose stock they were, and are again.</summary>
    public required PartnerId Owner { get; init; }

    /// <summary>The owner's item.</summary>
    public required ItemId Item { get; init; }

    /// <summary>The seller's SKU.</summary>
    public required string Sku { get; init; }

    /// <summary>What the customer bought.</summary>
    public required string Name { get; init; }

    /// <summary>Why.</summary>
    public required ReturnReason Reason { get; init; }

    /// <summary>What is said of it.</summary>
    public string? Note { get; init; }

    /// <summary>How many are to come.</summary>
    public required int Quantity { get; init; }

    /// <summary>What was paid for one.</summary>
    public required long PriceAmount { get; init; }

    /// <summary>How much of that is paid back.</summary>
    public int RefundPercent { get; init; } = 100;

    /// <summary>Why not all of it is.</summary>
    public string? RefundReason { get; init; }

    /// <summary>What is due for what of it is judged.</summary>
    public long RefundAmount { get; init; }

    /// <summary>Whether it is sold again only on a named person's word: kept cold, a medicine, or kept by lot.</summary>
    public required bool NeedsRelease { get; init; }

    /// <summary>What has come, lot by lot.</summary>
    public IReadOnlyList<ReturnPart> Parts { get; init; } = [];

    /// <summary>How many have come.</summary>
    public int Received => Parts.Sum(part => part.Received);

    /// <summary>How many of them wait to be graded.</summary>
    public int ToGrade => Parts.Sum(part => part.ToGrade);

    /// <summary>How many of them are graded and wait all the same.</summary>
    public int OnHold => Parts.Sum(part => part.OnHold);

    /// <summary>The line after units of these lots have come; those of no lot under an empty code.</summary>
    internal ReturnLine Receive(IEnumerable<(string Lot, int Units)> came)
    {
        var parts = Parts.ToDictionary(part => part.Lot);
        foreach (var (lot, units) in came.Where(one => one.Units > 0))
            parts[lot] = parts.TryGetValue(lot, out var part) ? part with { Received = part.Received + units } : new ReturnPart(lot, units, 0, 0, 0, 0);
        return this with { Parts = [.. parts.Values.OrderBy(part => part.Lot, StringComparer.Ordinal)] };
    }
}

/// <summary>A judgement on units that came back, as it is kept.</summary>
public sealed record ReturnJudgement
{
    /// <summary>From 1, in the return.</summary>
    public required int Number { get; init; }

    /// <summary>Of which line.</summary>
    public required int Line { get; init; }

    /// <summary>The note of whoever judged: it counts once for each line.</summary>
    public required string Cause { get; init; }

    /// <summary>Of which lot; empty: of none.</summary>
    public required string Lot { get; init; }

    /// <summary>How many.</summary>
    public required int Quantity { get; init; }

    /// <summary>How they are.</summary>
    public required ReturnGrade Grade { get; init; }

    /// <summary>What becomes of them.</summary>
    public required ReturnDisposition Disposition { get; init; }

    /// <summary>Whether they were on hold, graded before.</summary>
    public bool IsFromHold { get; init; }

    /// <summary>Who of quality released goods that are not sold again by themselves.</summary>
    public string? ReleasedBy { get; init; }

    /// <summary>On what ground.</summary>
    public string? ReleaseNote { get; init; }

    /// <summary>What is said of them.</summary>
    public string? Note { get; init; }

    /// <summary>How much of the price is paid back.</summary>
    public required int RefundPercent { get; init; }

    /// <summary>Why not all of it is.</summary>
    public string? RefundReason { get; init; }

    /// <summary>What became due by it.</summary>
    public required long RefundAmount { get; init; }

    /// <summary>Who judged.</summary>
    public required string GradedBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }
}

/// <summary>A return, whole.</summary>
public sealed record Return
{
    /// <summary>Seller of record.</summary>
    public required PartnerId Seller { get; init; }

    /// <summary>Its id.</summary>
    public required ReturnId Id { get; init; }

    /// <summary>The order.</summary>
    public required OrderId Order { get; init; }

    /// <summary>The seller's number of the order.</summary>
    public required string OrderNumber { get; init; }

    /// <summary>How it came about.</summary>
    public required ReturnKind Kind { get; init; }

    /// <summary>What the customer shows, or writes on the parcel.</summary>
    public required string Code { get; init; }

    /// <summary>Where it goes.</summary>
    public required LocationId Location { get; init; }

    /// <summary>Whose people work there: they receive and grade.</summary>
    public required PartnerId Operator { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>Who authorised it.</summary>
    public required string AuthorisedBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset AuthorisedAt { get; init; }

    /// <summary>Until when it must have begun to come.</summary>
    public required DateTimeOffset AuthoriseUntil { get; init; }

    /// <summary>What the carrier calls the parcel.</summary>
    public string? SentReference { get; init; }

    /// <summary>Nothing more of it comes.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Whether it was called off, or is on its way: what its units do not tell.</summary>
    internal ReturnState Said { get; init; } = ReturnState.Authorised;

    /// <summary>What comes back.</summary>
    public required IReadOnlyList<ReturnLine> Lines { get; init; }

    /// <summary>What was judged, in order.</summary>
    public IReadOnlyList<ReturnJudgement> Judgements { get; init; } = [];

    /// <summary>What is due for all of it.</summary>
    public long RefundAmount => Lines.Sum(line => line.RefundAmount);

    /// <summary>Where it stands, whatever the time: what nobody sent in time has expired by itself.</summary>
    internal ReturnState StateButForTime =>
        Lines.All(line => line.Received == 0) ? Said
        : Lines.Any(line => OutstandingOf(line) > 0) ? ReturnState.PartlyReceived
        : Lines.Any(line => line.ToGrade > 0) ? ReturnState.Received
        : Lines.Any(line => line.OnHold > 0) ? ReturnState.Graded
        : ReturnState.Closed;

    /// <summary>Where it stands.</summary>
    public ReturnState StateAt(DateTimeOffset now) => StateButForTime switch
    {
        ReturnState.Authorised or ReturnState.InTransit when AuthoriseUntil <= now => ReturnState.Expired,
        var state => state,
    };

    /// <summary>Units of a line that are still to come.</summary>
    public int OutstandingOf(ReturnLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return IsComplete ? 0 : Math.Max(0, line.Quantity - line.Received);
    }

    /// <summary>Units of a line that nobody else can send back: those that came, and those that may come.</summary>
    internal int ClaimOf(ReturnLine line, DateTimeOffset now) => StateAt(now) is ReturnState.Cancelled or ReturnState.Expired ? 0 : line.Received + OutstandingOf(line);

    /// <summary>Its lines with one of them replaced.</summary>
    internal Return With(ReturnLine line) => this with { Lines = [.. Lines.Select(one => one.Line == line.Line ? line : one)] };
}
