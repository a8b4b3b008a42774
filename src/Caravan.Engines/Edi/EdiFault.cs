namespace Caravan.Engines.Edi;

/// <summary>How much a fault weighs.</summary>
public enum EdiWeight : byte
{
    /// <summary>Told, and read on: padding, a character outside the agreed set.</summary>
    Note,

    /// <summary>What it stands in (interchange, group or message) cannot be trusted and is not applied.</summary>
    Rejects,
}

/// <summary>What is wrong, by name. <see cref="EdiFaultCodes"/> says which number stands for it in TA1, 997 and CONTRL.</summary>
public enum EdiFaultKind : byte
{
    /// <summary>These bytes begin neither with ISA nor with UNA or UNB.</summary>
    NotAnInterchange,

    /// <summary>The delimiters of the header clash, or are letters.</summary>
    BadDelimiters,

    /// <summary>An element of the interchange header is too long, too short or not allowed.</summary>
    HeaderElement,

    /// <summary>The syntax or its version is none that is read here.</summary>
    UnknownVersion,

    /// <summary>The file ends before the trailer.</summary>
    EndsTooSoon,

    /// <summary>The reference in a trailer is not the one of its header.</summary>
    ReferenceMismatch,

    /// <summary>The count in a trailer is not what was found.</summary>
    CountMismatch,

    /// <summary>A control number comes twice.</summary>
    Repeated,

    /// <summary>A segment stands where it may not.</summary>
    Misplaced,

    /// <summary>A segment longer than <see cref="EdiScanner.SegmentBytesMax"/>.</summary>
    TooLong,

    /// <summary>A message type that is not read here.</summary>
    UnknownMessage,

    /// <summary>A segment that no directory has.</summary>
    UnknownSegment,

    /// <summary>A segment that must be there is not.</summary>
    MissingSegment,

    /// <summary>An element that must be there is not.</summary>
    MissingElement,

    /// <summary>An element of a pair is there without the other.</summary>
    MissingPair,

    /// <summary>An element is longer than the standard allows.</summary>
    ElementTooLong,

    /// <summary>This is no number.</summary>
    BadNumber,

    /// <summary>This is no date or time.</summary>
    BadDate,

    /// <summary>A code that is not allowed here.</summary>
    BadCode,

    /// <summary>Characters that may not be here.</summary>
    BadCharacter,

    /// <summary>A line says the same thing twice, or in two units.</summary>
    Conflict,

    /// <summary>A segment with amounts that is not read here: taking the rest would lose them.</summary>
    NotRead,

    /// <summary>More segments, messages or faults than are taken in one piece.</summary>
    TooMany,
}

/// <summary>Where something stands.</summary>
/// <param name="Offset">Bytes from the first one of the file.</param>
/// <param name="Segment">Which segment of its message, the header being 1; of the envelope where there is no message.</param>
/// <param name="Element">Which element, from 1; 0: the whole segment.</param>
/// <param name="Component">Which component, from 1; 0: the whole element.</param>
public readonly record struct EdiPosition(long Offset, int Segment, int Element = 0, int Component = 0);

/// <summary>Something wrong in an interchange: what, how bad, where, and in words.</summary>
/// <param name="Kind">By name.</param>
/// <param name="Weight">Whether what it stands in falls.</param>
/// <param name="At">Where.</param>
/// <param name="Tag">The segment's tag, or the one that is missing.</param>
/// <param name="Value">The bytes that are to blame, as text, shortened.</param>
/// <param name="Detail">A sentence for people.</param>
public sealed record EdiFault(EdiFaultKind Kind, EdiWeight Weight, EdiPosition At, string Tag, string Value, string Detail);

/// <summary>Faults of one interchange, group or message; so many are kept, all are counted.</summary>
public sealed class EdiFaults
{
    /// <summary>How many are kept in words.</summary>
    public const int KeptMax = 200;

    private readonly List<EdiFault> kept = [];

    /// <summary>The first of them.</summary>
    public IReadOnlyList<EdiFault> Kept => kept;

    /// <summary>How many there were.</summary>
    public int Count { get; private set; }

    /// <summary>Whether one of them weighs enough to reject what they stand in.</summary>
    public bool Rejects { get; private set; }

    /// <summary>Adds one. One that rejects takes a note's place when there is no room left.</summary>
    public void Add(EdiFault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        Count++;
        if (kept.Count < KeptMax)
            kept.Add(fault);
        else if (fault.Weight == EdiWeight.Rejects && !Rejects)
            kept[^1] = fault;
        Rejects |= fault.Weight == EdiWeight.Rejects;
    }
}

/// <summary>The numbers that stand for a fault in acknowledgements.</summary>
public static class EdiFaultCodes
{
    /// <summary>TA105, X12 element I18.</summary>
    public static string Ta1(EdiFault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return fault.Kind switch
        {
            EdiFaultKind.ReferenceMismatch => "001",
            EdiFaultKind.CountMismatch => "021",
            EdiFaultKind.EndsTooSoon => "023",
            EdiFaultKind.Repeated => "025",
            EdiFaultKind.UnknownVersion => "017",
            EdiFaultKind.BadDelimiters => "027",
            EdiFaultKind.HeaderElement => OfIsa(fault.At.Element),
            EdiFaultKind.Misplaced => "022",
            _ => "024",
        };
    }

    private static string OfIsa(int element) => element switch
    {
        1 => "010",
        2 => "011",
        3 => "012",
        4 => "013",
        5 => "005",
        6 => "006",
        7 => "007",
        8 => "008",
        9 => "014",
        10 => "015",
        11 => "016",
        12 => "017",
        13 => "018",
        14 => "019",
        15 => "020",
        16 => "027",
        _ => "022",
    };

    /// <summary>AK905, X12 element 716.</summary>
    public static string? Ak9(EdiFault fault) => fault?.Kind switch
    {
        EdiFaultKind.UnknownVersion => "2",
        EdiFaultKind.EndsTooSoon => "3",
        EdiFaultKind.ReferenceMismatch => "4",
        EdiFaultKind.CountMismatch => "5",
        EdiFaultKind.HeaderElement => "6",
        EdiFaultKind.Repeated => "6",
        EdiFaultKind.MissingElement => "6",
        _ => null,
    };

    /// <summary>AK502, X12 element 718; null for a fault inside a segment of the message.</summary>
    public static string? Ak5(EdiFault fault) => fault?.Kind switch
    {
        EdiFaultKind.UnknownMessage => "1",
        EdiFaultKind.EndsTooSoon => "2",
        EdiFaultKind.ReferenceMismatch => "3",
        EdiFaultKind.CountMismatch when fault.Tag == "SE" => "4",
        EdiFaultKind.HeaderElement => "7",
        EdiFaultKind.Repeated => "7",
        _ => null,
    };

    /// <summary>AK304, X12 element 720: what is wrong with the segment as a whole.</summary>
    public static string Ak3(EdiFault fault) => fault?.Kind switch
    {
        EdiFaultKind.UnknownSegment => "1",
        EdiFaultKind.Misplaced or EdiFaultKind.NotRead => "2",
        EdiFaultKind.MissingSegment => "3",
        EdiFaultKind.TooMany => "5",
        _ => "8",
    };

    /// <summary>AK403, X12 element 723; null for a fault of the segment as a whole.</summary>
    public static string? Ak4(EdiFault fault) => fault?.Kind switch
    {
        EdiFaultKind.MissingElement => "1",
        EdiFaultKind.MissingPair => "2",
        EdiFaultKind.ElementTooLong => "5",
        EdiFaultKind.BadCharacter or EdiFaultKind.BadNumber => "6",
        EdiFaultKind.BadCode or EdiFaultKind.CountMismatch or EdiFaultKind.Conflict => "7",
        EdiFaultKind.BadDate => "8",
        _ => null,
    };

    /// <summary>EDIFACT element 0085 of CONTRL.</summary>
    public static string Contrl(EdiFault fault) => fault?.Kind switch
    {
        EdiFaultKind.UnknownVersion => "2",
        EdiFaultKind.HeaderElement or EdiFaultKind.BadCode or EdiFaultKind.BadDate => "12",
        EdiFaultKind.MissingElement or EdiFaultKind.MissingPair or EdiFaultKind.MissingSegment or EdiFaultKind.EndsTooSoon => "13",
        EdiFaultKind.UnknownMessage or EdiFaultKind.Conflict => "14",
        EdiFaultKind.UnknownSegment or EdiFaultKind.Misplaced or EdiFaultKind.NotRead => "15",
        EdiFaultKind.BadNumber => "19",
        EdiFaultKind.BadCharacter => "21",
        EdiFaultKind.BadDelimiters => "22",
        EdiFaultKind.Repeated => "26",
        EdiFaultKind.ReferenceMismatch => "28",
        EdiFaultKind.CountMismatch => "29",
        EdiFaultKind.TooMany => "35",
        EdiFaultKind.ElementTooLong or EdiFaultKind.TooLong => "39",
        _ => "18",
    };
}
