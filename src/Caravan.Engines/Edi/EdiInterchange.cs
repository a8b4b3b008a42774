namespace Caravan.Engines.Edi;

/// <summary>What an envelope says of itself.</summary>
public sealed record EdiEnvelope
{
    /// <summary>Which standard.</summary>
    public required EdiDelimiters Delimiters { get; init; }

    /// <summary>Who sends.</summary>
    public EdiAddress Sender { get; init; }

    /// <summary>Who is to receive.</summary>
    public EdiAddress Receiver { get; init; }

    /// <summary>ISA13 or UNB 0020: what the sender counts its interchanges by.</summary>
    public string ControlNumber { get; init; } = "";

    /// <summary>ISA09 and ISA10, UNB S004.</summary>
    public EdiDate? PreparedAt { get; init; }

    /// <summary>ISA12 (00401), or UNB S001 (UNOC:3).</summary>
    public string Version { get; init; } = "";

    /// <summary>ISA15 is not P, or UNB 0035 is 1.</summary>
    public bool IsTest { get; init; }

    /// <summary>ISA14 or UNB 0031: the sender asks for word on the interchange.</summary>
    public bool IsAnswerWanted { get; init; }
}

/// <summary>An interchange as it was read, envelope to trailer; what its messages say is told as they end.</summary>
public sealed class EdiInterchange
{
    /// <summary>The header.</summary>
    public required EdiEnvelope Envelope { get; init; }

    /// <summary>Where it begins, in bytes from the first one of the file.</summary>
    public long Offset { get; init; }

    /// <summary>How many bytes it has.</summary>
    public long Length { get; internal set; }

    /// <summary>Faults of the envelope.</summary>
    public EdiFaults Faults { get; } = new();

    /// <summary>Its groups; EDIFACT without UNG has one that names nothing.</summary>
    public List<EdiGroup> Groups { get; } = [];

    /// <summary>Interchange answers (TA1) that stand beside its groups.</summary>
    public List<InterchangeAnswer> Answers { get; } = [];

    /// <summary>Whether nothing of it may be applied.</summary>
    public bool IsRejected => Faults.Rejects;
}

/// <summary>A functional group: GS to GE, UNG to UNE.</summary>
public sealed class EdiGroup
{
    /// <summary>GS01: PO, IB, SH …; UNG 0038; empty where EDIFACT has no group.</summary>
    public string FunctionalCode { get; init; } = "";

    /// <summary>GS02.</summary>
    public string Sender { get; init; } = "";

    /// <summary>GS03.</summary>
    public string Receiver { get; init; } = "";

    /// <summary>GS06.</summary>
    public string ControlNumber { get; init; } = "";

    /// <summary>GS08: 004010, 005010 …</summary>
    public string Version { get; init; } = "";

    /// <summary>How many messages the trailer tells of.</summary>
    public int DeclaredCount { get; internal set; }

    /// <summary>Faults of the group's envelope.</summary>
    public EdiFaults Faults { get; } = new();

    /// <summary>Its messages.</summary>
    public List<EdiMessage> Messages { get; } = [];

    /// <summary>Whether the envelope of the group is whole.</summary>
    public bool IsRejected => Faults.Rejects;
}

/// <summary>A message (transaction set): ST to SE, UNH to UNT.</summary>
public sealed class EdiMessage
{
    /// <summary>850, INVRPT …</summary>
    public string Type { get; init; } = "";

    /// <summary>ST02 or UNH 0062.</summary>
    public string ControlNumber { get; init; } = "";

    /// <summary>UNH S009 without the type: D:96A:UN:EAN005; X12: the group's version, or ST03.</summary>
    public string Version { get; init; } = "";

    /// <summary>Where it begins, in bytes from the first one of the file.</summary>
    public long Offset { get; init; }

    /// <summary>How many segments it has, header and trailer included.</summary>
    public int Segments { get; internal set; }

    /// <summary>Its faults.</summary>
    public EdiFaults Faults { get; } = new();

    /// <summary>Segments that are known but not read here, and how often each came.</summary>
    public IReadOnlyList<(string Tag, int Count)> Unread { get; internal set; } = [];

    /// <summary>Whether it may not be applied.</summary>
    public bool IsRejected => Faults.Rejects;
}

/// <summary>What the reader has come upon.</summary>
public abstract record EdiItem
{
    private EdiItem()
    {
    }

    /// <summary>A message has ended. Its content is null when its type is not read here; it is told even when the message is rejected.</summary>
    public sealed record Document(EdiInterchange Interchange, EdiGroup Group, EdiMessage Message, EdiContent? Content) : EdiItem;

    /// <summary>An interchange has ended, or the file has within it. Only now it is known whether its messages count.</summary>
    public sealed record InterchangeEnd(EdiInterchange Interchange) : EdiItem;

    /// <summary>Bytes that belong to no interchange.</summary>
    public sealed record Foreign(EdiFault Fault) : EdiItem;
}
