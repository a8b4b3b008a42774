using System.Text;

namespace Caravan.Engines.Edi;

/// <summary>Reads values off the segments of a message and keeps what is wrong with them.</summary>
internal sealed class EdiFields(EdiCharset charset, EdiCodes codes)
{
    private const int CodeLengthMax = 7;
    private const int ShownBytes = 40;

    /// <summary>Faults of the message that is being read.</summary>
    public EdiFaults Faults { get; set; } = new();

    /// <summary>The type of the message that is being read.</summary>
    public string Message { get; set; } = "";

    /// <summary>Which segment of the message this is, the header being 1.</summary>
    public int Number { get; set; }

    /// <summary>The message's segments that are in a directory but are not read: tag and how often.</summary>
    public Dictionary<uint, int> Unread { get; } = [];

    /// <summary>A text; null when it is not there.</summary>
    public string? Text(in EdiSegment segment, int element, int component = 1) => Text(segment, segment[element, component]);

    /// <summary>The text of a part of a segment that was cut out before.</summary>
    public string? Text(in EdiSegment segment, ReadOnlySpan<byte> raw)
    {
        if (raw.IsEmpty)
            return null;
        if ((segment.Traits & (EdiTraits.Plain | EdiTraits.Released)) != EdiTraits.Plain)
            return Decode(segment, raw);
        return raw.Length <= CodeLengthMax ? codes.Of(raw) : Encoding.Latin1.GetString(raw);
    }

    /// <summary>A text that must be there.</summary>
    public string Required(in EdiSegment segment, int element, int component = 1) => Required(segment, segment[element, component], element, component);

    /// <summary>As before, of a part that was cut out already.</summary>
    public string Required(in EdiSegment segment, ReadOnlySpan<byte> raw, int element, int component)
    {
        if (Text(segment, raw) is { } text && !string.IsNullOrWhiteSpace(text))
            return text;

        Miss(segment, element, component);
        return "";
    }

    /// <summary>A number; null when it is not there, or is none.</summary>
    public decimal? Amount(in EdiSegment segment, int element, int component = 1) => Amount(segment, segment[element, component], element, component);

    /// <summary>As before, of a part that was cut out already.</summary>
    public decimal? Amount(in EdiSegment segment, ReadOnlySpan<byte> raw, int element, int component)
    {
        if (raw.IsEmpty)
            return null;
        if (EdiValue.TryNumber(raw, segment.Delimiters.Syntax, out var number))
            return number;

        Add(segment, EdiFaultKind.BadNumber, EdiWeight.Rejects, element, component, "This is no number: digits, one decimal mark and a leading minus at most.");
        return null;
    }

    /// <summary>A number that must be there; 0 and a fault when it is not.</summary>
    public decimal RequiredNumber(in EdiSegment segment, int element, int component = 1) => RequiredNumber(segment, segment[element, component], element, component);

    /// <summary>As before, of a part that was cut out already.</summary>
    public decimal RequiredNumber(in EdiSegment segment, ReadOnlySpan<byte> raw, int element, int component)
    {
        if (Amount(segment, raw, element, component) is { } number)
            return number;
        if (raw.IsEmpty)
            Miss(segment, element, component);
        return 0;
    }

    /// <summary>An X12 date and the time that may stand in another element.</summary>
    public EdiDate? Day(in EdiSegment segment, int element, int timeElement = 0)
    {
        var raw = segment[element, 1];
        if (raw.IsEmpty)
            return null;
        if (!EdiValue.TryDay(raw, out var day))
        {
            Add(segment, EdiFaultKind.BadDate, EdiWeight.Rejects, element, 0, "This is no date of the form CCYYMMDD.");
            return null;
        }

        if (timeElement == 0 || segment[timeElement, 1].IsEmpty)
            return new EdiDate(day);
        if (EdiValue.TryTime(segment[timeElement, 1], out var time))
            return new EdiDate(day, time);

        Add(segment, EdiFaultKind.BadDate, EdiWeight.Rejects, timeElement, 0, "This is no time of the form HHMM or HHMMSS.");
        return new EdiDate(day);
    }

    /// <summary>An EDIFACT DTM: C507 with its format.</summary>
    public EdiDate? Date(in EdiSegment segment)
    {
        var raw = segment[1, 2];
        if (raw.IsEmpty)
            return null;
        if (EdiValue.TryDate(raw, segment[1, 3], out var date))
            return date;

        // Periods and weeks are no instants; only what claims to be one is a fault.
        if (segment[1, 3] is not ([] or [(byte)'1' or (byte)'2' or (byte)'3', (byte)'0', _]))
            return null;
        Add(segment, EdiFaultKind.BadDate, EdiWeight.Rejects, 1, 2, "This is no date in the format that the third component names.");
        return null;
    }

    /// <summary>A fault at a segment, an element or a component.</summary>
    public void Add(in EdiSegment segment, EdiFaultKind kind, EdiWeight weight, int element, int component, string detail)
    {
        // An X12 element of one component is named by itself.
        if (component == 1 && segment.Delimiters.Syntax == EdiSyntax.X12 && segment[element].IndexOf(segment.Delimiters.Component) < 0)
            component = 0;
        var value = element == 0 ? segment.Bytes : component == 0 ? segment[element] : segment[element, component];
        Faults.Add(new EdiFault(kind, weight, new EdiPosition(segment.OffsetOf(element), Number, element, component), EdiTag.Text(segment.Tag), Shown(value), detail));
    }

    public void Miss(in EdiSegment segment, int element, int component = 0) =>
        Add(segment, EdiFaultKind.MissingElement, EdiWeight.Rejects, element, segment.Delimiters.Syntax == EdiSyntax.X12 ? 0 : component, $"{EdiTag.Text(segment.Tag)}{element:00} must be there.");

    /// <summary>A segment that this message's reader does not read. One that no directory has may be a damaged one: the message falls.</summary>
    public void PassOver(in EdiSegment segment)
    {
        if (!SegmentDirectory.Has(segment.Delimiters.Syntax, segment.Tag))
        {
            Add(segment, EdiFaultKind.UnknownSegment, EdiWeight.Rejects, 0, 0, "No directory has a segment of this name. It may be a damaged one, so the message is not taken.");
            return;
        }

        if (!SegmentDirectory.Has(Message, segment.Tag))
            Add(segment, EdiFaultKind.Misplaced, EdiWeight.Note, 0, 0, $"This segment is not known to stand here in a {Message}; it is passed over.");
        Unread[segment.Tag] = Unread.GetValueOrDefault(segment.Tag) + 1;
    }

    public static string Shown(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, ShownBytes)]);
        return string.Create(text.Length, text, static (to, from) =>
        {
            for (var i = 0; i < to.Length; i++)
                to[i] = char.IsControl(from[i]) ? ' ' : from[i];
        });
    }

    /// <summary>Checks the characters of a segment that is not plain ASCII.</summary>
    public void CheckCharacters(in EdiSegment segment)
    {
        for (var element = 0; element <= segment.Count; element++)
        {
            foreach (var one in segment[element])
            {
                if (one >= ' ' && one != 0x7F || one == '\t' || segment.Delimiters.IsService(one))
                    continue;
                Add(segment, EdiFaultKind.BadCharacter, EdiWeight.Rejects, element, 0, "A control character stands in the data.");
                return;
            }
        }

        if (!charset.Allows(segment.Bytes))
            Add(segment, EdiFaultKind.BadCharacter, EdiWeight.Note, 0, 0, $"Characters outside of {charset.Name}; they are read as ISO 8859-1.");
    }

    private string Decode(in EdiSegment segment, ReadOnlySpan<byte> raw)
    {
        var release = segment.Delimiters.Release;
        if (release == 0 || !raw.Contains(release))
            return charset.Text(raw);

        var plain = new byte[raw.Length];
        var length = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == release && i + 1 < raw.Length)
                i++;
            plain[length++] = raw[i];
        }

        return charset.Text(plain.AsSpan(0, length));
    }
}
