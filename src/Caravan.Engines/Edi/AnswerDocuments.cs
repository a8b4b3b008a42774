namespace Caravan.Engines.Edi;

/// <summary>What an acknowledgement says of a thing.</summary>
public enum EdiVerdict
{
    /// <summary>Taken.</summary>
    Accepted,

    /// <summary>Taken, although errors were noted.</summary>
    AcceptedWithErrors,

    /// <summary>Some of what is in it was taken.</summary>
    Partly,

    /// <summary>Not taken.</summary>
    Rejected,
}

/// <summary>Word on an interchange: X12 TA1, the UCI of CONTRL.</summary>
/// <param name="ControlNumber">Of the interchange it answers.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Code">TA105, or EDIFACT 0085; empty when there was no fault.</param>
public sealed record InterchangeAnswer(string ControlNumber, EdiVerdict Verdict, string Code) : EdiContent
{
    /// <summary>Day and time in the header of the interchange (X12).</summary>
    public EdiDate? PreparedAt { get; init; }

    /// <summary>Who sent the interchange that is answered (EDIFACT).</summary>
    public EdiAddress Sender { get; init; }

    /// <summary>To whom it went (EDIFACT).</summary>
    public EdiAddress Receiver { get; init; }

    /// <summary>Word on its messages (EDIFACT, where there are no groups).</summary>
    public IReadOnlyList<MessageAnswer> Messages { get; init; } = [];
}

/// <summary>Word on a group: X12 997.</summary>
/// <param name="FunctionalCode">Of the group it answers: PO, IB …</param>
/// <param name="ControlNumber">Of the group it answers.</param>
/// <param name="Verdict">What became of it.</param>
public sealed record GroupAnswer(string FunctionalCode, string ControlNumber, EdiVerdict Verdict) : EdiContent
{
    /// <summary>How many messages the trailer told of, were found, were taken.</summary>
    public (int Declared, int Received, int Accepted) Counts { get; init; }

    /// <summary>AK905.</summary>
    public IReadOnlyList<string> Codes { get; init; } = [];

    /// <summary>Message by message.</summary>
    public IReadOnlyList<MessageAnswer> Messages { get; init; } = [];
}

/// <summary>Word on a message: X12 AK2 to AK5, EDIFACT UCM.</summary>
/// <param name="Type">850, INVRPT …</param>
/// <param name="ControlNumber">Of the message it answers.</param>
/// <param name="Verdict">What became of it.</param>
public sealed record MessageAnswer(string Type, string ControlNumber, EdiVerdict Verdict)
{
    /// <summary>EDIFACT: version, release and agency of the message type.</summary>
    public string Version { get; init; } = "";

    /// <summary>AK502, or EDIFACT 0085.</summary>
    public IReadOnlyList<string> Codes { get; init; } = [];

    /// <summary>Segment by segment.</summary>
    public IReadOnlyList<SegmentAnswer> Segments { get; init; } = [];
}

/// <summary>Word on a segment: X12 AK3, EDIFACT UCS.</summary>
/// <param name="Tag">Its tag.</param>
/// <param name="Number">Which one of its message, the header being 1.</param>
/// <param name="Code">AK304, or EDIFACT 0085.</param>
public sealed record SegmentAnswer(string Tag, int Number, string Code)
{
    /// <summary>Element by element.</summary>
    public IReadOnlyList<ElementAnswer> Elements { get; init; } = [];
}

/// <summary>Word on an element: X12 AK4, EDIFACT UCD.</summary>
/// <param name="Element">Which one, from 1.</param>
/// <param name="Component">Which component, from 1; 0: the whole element.</param>
/// <param name="Code">AK403, or EDIFACT 0085.</param>
/// <param name="Value">What stood there, shortened.</param>
public sealed record ElementAnswer(int Element, int Component, string Code, string Value);

/// <summary>Word on what a message says, not on how it is written: X12 824 Application Advice, EDIFACT APERAK.</summary>
/// <param name="Number">The sender's number of this word.</param>
/// <param name="Verdict">What became of the document.</param>
/// <param name="Type">Of the document: 850, ORDERS …</param>
/// <param name="Reference">The document's number, as its sender gave it.</param>
public sealed record ApplicationAdvice(string Number, EdiVerdict Verdict, string Type, string Reference) : EdiContent
{
    /// <summary>When it was made.</summary>
    public EdiDate? Date { get; init; }

    /// <summary>The control number of the message that brought it.</summary>
    public string ControlNumber { get; init; } = "";

    /// <summary>Line by line.</summary>
    public IReadOnlyList<LineAdvice> Lines { get; init; } = [];
}

/// <summary>What is wrong with a line.</summary>
/// <param name="Line">The line number, as its sender gave it.</param>
/// <param name="Code">X12 element 647, or EDIFACT 9321.</param>
/// <param name="Detail">In words.</param>
public sealed record LineAdvice(string Line, string Code, string Detail)
{
    /// <summary>The segment that is to blame, and which one of the message it is.</summary>
    public string Tag { get; init; } = "";

    /// <summary>Which segment of the message; 0: none in particular.</summary>
    public int Segment { get; init; }

    /// <summary>The bytes that are to blame.</summary>
    public string Value { get; init; } = "";
}

/// <summary>How a company is addressed in an envelope.</summary>
/// <param name="Qualifier">ISA05, ISA07; EDIFACT 0007. May be empty.</param>
/// <param name="Id">Its id, without padding.</param>
public readonly record struct EdiAddress(string Qualifier, string Id)
{
    /// <inheritdoc/>
    public override string ToString() => string.IsNullOrEmpty(Qualifier) ? Id ?? "" : $"{Qualifier}:{Id}";
}
