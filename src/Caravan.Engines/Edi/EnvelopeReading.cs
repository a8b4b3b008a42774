using System.Text;

namespace Caravan.Engines.Edi;

/// <summary>Headers and trailers of interchanges, groups and messages: X12.5 (ISA, IEA), X12.6 (GS, ST and their trailers), ISO 9735 (UNB, UNG, UNH).</summary>
internal static class EnvelopeReading
{
    private static readonly int[] IsaLengths = [0, 2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1];

    public static EdiEnvelope Isa(EdiFields fields, in EdiSegment isa)
    {
        for (var element = 1; element < IsaLengths.Length; element++)
        {
            var raw = isa[element];
            var length = IsaLengths[element];
            if (raw.Length == length)
                continue;

            var content = Trimmed(raw);
            var isPadding = content.Length <= length && (content.Length > 0 || element is 2 or 4);
            fields.Add(isa, EdiFaultKind.HeaderElement, isPadding ? EdiWeight.Note : EdiWeight.Rejects, element, 0, isPadding
                ? $"ISA{element:00} has {length} characters, this has {raw.Length}, which makes the header {isa.Bytes.Length + 1} long instead of 106; it is read by its delimiters."
                : $"ISA{element:00} has {length} characters; this cannot be made to fit.");
        }

        for (var element = 5; element <= 7; element += 2)
            Claim(fields, isa, element, Trimmed(isa[element]).All(char.IsAsciiLetterOrDigit), EdiWeight.Rejects, "A qualifier of two letters or digits says whose numbering the id follows.");
        Claim(fields, isa, 6, Trimmed(isa[6]).Length > 0, EdiWeight.Rejects, "Who sends must be said.");
        Claim(fields, isa, 8, Trimmed(isa[8]).Length > 0, EdiWeight.Rejects, "Who is to receive must be said.");
        Claim(fields, isa, 1, Trimmed(isa[1]).All(char.IsAsciiDigit), EdiWeight.Note, "This is no authorization qualifier.");
        Claim(fields, isa, 3, Trimmed(isa[3]).All(char.IsAsciiDigit), EdiWeight.Note, "This is no security qualifier.");
        var isDay = EdiValue.TryDay(isa[9], out var day);
        Claim(fields, isa, 9, isDay, EdiWeight.Note, "This is no date of the form YYMMDD.");
        var isTime = EdiValue.TryTime(isa[10], out var time);
        Claim(fields, isa, 10, isTime, EdiWeight.Note, "This is no time of the form HHMM.");
        Claim(fields, isa, 11, isa[11] is [(byte)'U'] || isa.Delimiters.Repetition != 0, EdiWeight.Note, "U, or from version 00402 the repetition separator, stands here.");
        if (isa[12] is not [(byte)'0', (byte)'0', >= (byte)'2' and <= (byte)'8', _, _] || isa[12][3..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
            fields.Add(isa, EdiFaultKind.UnknownVersion, EdiWeight.Rejects, 12, 0, "Versions from 00200 to 00899 are read.");
        var control = Trimmed(isa[13]);
        Claim(fields, isa, 13, control.Length > 0 && control.All(char.IsAsciiDigit), EdiWeight.Rejects, "The control number is nine digits.");
        Claim(fields, isa, 14, isa[14] is [(byte)'0' or (byte)'1'], EdiWeight.Note, "0 or 1 says whether a TA1 is wanted.");
        Claim(fields, isa, 15, isa[15] is [(byte)'P' or (byte)'T' or (byte)'I'], EdiWeight.Rejects, "P or T says whether this is in earnest or a test.");
        Claim(fields, isa, 16, !(isa.Delimiters.Component == '~' && isa.Delimiters.Terminator is (byte)'\r' or (byte)'\n'), EdiWeight.Note, "The component separator is ~ and segments end with a line break: ISA16 may have been left out.");
        return new EdiEnvelope
        {
            Delimiters = isa.Delimiters,
            Sender = new EdiAddress(Trimmed(isa[5]), Trimmed(isa[6])),
            Receiver = new EdiAddress(Trimmed(isa[7]), Trimmed(isa[8])),
            ControlNumber = control,
            PreparedAt = isDay ? new EdiDate(day, isTime ? time : null) : null,
            Version = Trimmed(isa[12]),
            IsTest = isa[15] is not [(byte)'P'],
            IsAnswerWanted = isa[14] is [(byte)'1'],
        };
    }

    public static EdiEnvelope Unb(EdiFields fields, in EdiSegment unb, bool isCharsetKnown)
    {
        if (!isCharsetKnown)
            fields.Add(unb, EdiFaultKind.UnknownVersion, EdiWeight.Rejects, 1, 1, "The syntax identifier is one of UNOA to UNOK, UNOW, UNOX, UNOY.");
        if (unb[1, 2] is not [>= (byte)'1' and <= (byte)'4'])
            fields.Add(unb, EdiFaultKind.UnknownVersion, EdiWeight.Rejects, 1, 2, "Syntax versions 1 to 4 are read.");
        var sender = fields.Required(unb, 2);
        var receiver = fields.Required(unb, 3);
        var control = fields.Required(unb, 5);
        Short(fields, unb, 2, 1, sender, longest: 35);
        Short(fields, unb, 3, 1, receiver, longest: 35);
        Short(fields, unb, 5, 1, control, longest: 14);
        var isDay = EdiValue.TryDay(unb[4, 1], out var day);
        Claim(fields, unb, 4, isDay, EdiWeight.Note, "This is no date of the form YYMMDD.");
        var isTime = EdiValue.TryTime(unb[4, 2], out var time);
        Claim(fields, unb, 4, isTime, EdiWeight.Note, "This is no time of the form HHMM.");
        Claim(fields, unb, 11, unb[11] is [] or [(byte)'1'], EdiWeight.Rejects, "1 says that this is a test, nothing that it is in earnest.");
        return new EdiEnvelope
        {
            Delimiters = unb.Delimiters,
            Sender = new EdiAddress(fields.Text(unb, 2, 2) ?? "", sender),
            Receiver = new EdiAddress(fields.Text(unb, 3, 2) ?? "", receiver),
            ControlNumber = control,
            PreparedAt = isDay ? new EdiDate(day, isTime ? time : null) : null,
            Version = $"{Encoding.Latin1.GetString(unb[1, 1])}:{Encoding.Latin1.GetString(unb[1, 2])}",
            IsTest = !unb[11].IsEmpty,
            IsAnswerWanted = unb[9] is [(byte)'1'],
        };
    }

    public static EdiGroup Group(EdiFields fields, in EdiSegment group)
    {
        if (group.Tag == Tags.UNG)
        {
            return new EdiGroup
            {
                FunctionalCode = fields.Required(group, 1),
                Sender = fields.Text(group, 2) ?? "",
                Receiver = fields.Text(group, 3) ?? "",
                ControlNumber = fields.Required(group, 5),
                Version = Encoding.Latin1.GetString(group[7]),
            };
        }

        Claim(fields, group, 1, group[1] is [_, _], EdiWeight.Rejects, "The functional code is two letters: PO, IB, SH …");
        Claim(fields, group, 4, EdiValue.TryDay(group[4], out _), EdiWeight.Note, "This is no date of the form CCYYMMDD.");
        Claim(fields, group, 5, EdiValue.TryTime(group[5], out _), EdiWeight.Note, "This is no time of the form HHMM.");
        Claim(fields, group, 6, EdiValue.TryCount(group[6], out _), EdiWeight.Rejects, "The control number is one to nine digits.");
        Claim(fields, group, 7, group[7] is [(byte)'X'] or [(byte)'T'], EdiWeight.Note, "X stands here.");
        var version = group[8, 1];
        if (version.Length is < 6 or > 12 || version[..6].IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
            fields.Add(group, EdiFaultKind.UnknownVersion, EdiWeight.Rejects, 8, 0, "The version is six digits, such as 004010, and perhaps an agreement's name.");
        return new EdiGroup
        {
            FunctionalCode = Trimmed(group[1]),
            Sender = fields.Text(group, 2) ?? "",
            Receiver = fields.Text(group, 3) ?? "",
            ControlNumber = Trimmed(group[6]),
            Version = Encoding.Latin1.GetString(version),
        };
    }

    public static EdiMessage Message(in EdiSegment header, EdiFields fields, EdiGroup group) => header.Tag == Tags.ST
        ? new EdiMessage { Type = fields.Text(header, 1) ?? "", ControlNumber = fields.Text(header, 2) ?? "", Version = fields.Text(header, 3) ?? group.Version, Offset = header.Offset }
        : new EdiMessage { Type = fields.Text(header, 2) ?? "", ControlNumber = fields.Text(header, 1) ?? "", Version = Encoding.Latin1.GetString(AfterType(header[2])), Offset = header.Offset };

    /// <summary>Checks count and reference of a trailer: SE, GE, IEA, UNT, UNE, UNZ alike.</summary>
    public static void CheckTrailer(EdiFields fields, in EdiSegment trailer, int found, string reference, string counted)
    {
        if (!EdiValue.TryCount(trailer[1], out var declared) || declared != found)
            fields.Add(trailer, EdiFaultKind.CountMismatch, EdiWeight.Rejects, 1, 0, $"{EdiTag.Text(trailer.Tag)} tells of {EdiFields.Shown(trailer[1])} {counted}, there are {found}: some may be missing.");
        var told = fields.Text(trailer, 2) ?? "";
        if (told.Trim() != reference)
            fields.Add(trailer, EdiFaultKind.ReferenceMismatch, EdiWeight.Rejects, 2, 0, $"{EdiTag.Text(trailer.Tag)} names {told}, the header {reference}: they may not belong together.");
    }

    private static void Claim(EdiFields fields, in EdiSegment segment, int element, bool holds, EdiWeight weight, string detail)
    {
        if (!holds)
            fields.Add(segment, EdiFaultKind.HeaderElement, weight, element, 0, detail);
    }

    private static void Short(EdiFields fields, in EdiSegment segment, int element, int component, string text, int longest)
    {
        if (text.Length > longest)
            fields.Add(segment, EdiFaultKind.HeaderElement, EdiWeight.Rejects, element, component, $"At most {longest} characters stand here.");
    }

    private static ReadOnlySpan<byte> AfterType(ReadOnlySpan<byte> identifier) => identifier.IndexOf((byte)':') is >= 0 and var cut ? identifier[(cut + 1)..] : default;

    // Some senders pad with the no-break space of UTF-8.
    private static string Trimmed(ReadOnlySpan<byte> raw) => EdiCharset.X12.Text(raw).Trim();
}
