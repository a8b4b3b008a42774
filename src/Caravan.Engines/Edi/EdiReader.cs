using System.Diagnostics;

namespace Caravan.Engines.Edi;

/// <summary>
/// Reads interchanges: checks envelopes, counts and references, and hands out what each message says. It is how a partner's
/// stock file or order becomes something the rest of the house understands, and how every fault in it gets a name and a place.
/// <para>
/// Method: <see cref="EdiScanner"/> cuts segments; a machine of four floors (file, interchange, group, message) follows X12.5, X12.6 and
/// ISO 9735; inside a message a reader of its type takes over. What is wrong goes to the floor it belongs to: the interchange (answered
/// by TA1 or CONTRL), the group (997), the message (997, CONTRL). Padding and characters outside the repertoire are noted and read on;
/// counts, references and damaged segments reject, for what is missing cannot be known.
/// </para>
/// <para>
/// Units: positions in bytes and segments. Cost: linear; memory one message and, for each message of the open interchange, its
/// verdict. One thread at a time. No bytes make it throw.
/// </para>
/// </summary>
public sealed class EdiReader
{
    /// <summary>The most messages of one interchange.</summary>
    public const int MessagesMax = 100_000;

    /// <summary>The most segments of one message.</summary>
    public const int SegmentsMax = 2_000_000;

    private readonly EdiScanner scanner = new();
    private readonly EdiCodes codes = new();
    private readonly Queue<EdiItem> items = [];
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private EdiFields fields;
    private EdiInterchange? interchange;
    private EdiGroup? group;
    private EdiMessage? message;
    private MessageReader? reader;
    private int envelopeSegments;
    private int messageSegments;
    private int messages;
    private bool isAnnounced;

    /// <summary>A reader at the beginning of a file.</summary>
    public EdiReader() => fields = new EdiFields(EdiCharset.X12, codes);

    /// <summary>How many bytes are behind.</summary>
    public long Position => scanner.Position;

    /// <summary>Reads a whole file.</summary>
    public static IReadOnlyList<EdiItem> ReadAll(ReadOnlySpan<byte> bytes)
    {
        var reader = new EdiReader();
        reader.Append(bytes);
        reader.Complete();
        List<EdiItem> all = [];
        while (reader.Next() is { } item)
            all.Add(item);
        return all;
    }

    /// <summary>Takes more bytes; they are copied.</summary>
    public void Append(ReadOnlySpan<byte> chunk) => scanner.Append(chunk);

    /// <summary>Says that no bytes follow.</summary>
    public void Complete() => scanner.Complete();

    /// <summary>What comes next; null when more bytes are needed, or all is told.</summary>
    public EdiItem? Next()
    {
        while (items.Count == 0)
        {
            switch (scanner.Read())
            {
                case EdiScan.NeedMore:
                    return null;
                case EdiScan.Segment:
                    Take(scanner.Current);
                    break;
                case EdiScan.Foreign:
                    Stray(EdiFaultKind.NotAnInterchange, "These bytes begin neither with ISA nor with UNA or UNB; they are passed over up to the next header.");
                    break;
                case EdiScan.ForeignStill:
                    break;
                case EdiScan.BadDelimiters:
                    Stray(EdiFaultKind.BadDelimiters, "The header's delimiters cannot be made out: they clash, or are letters or digits. All up to the next header is passed over.");
                    break;
                case EdiScan.TooLong:
                    if (interchange is not null)
                        Blame(interchange.Faults, EdiFaultKind.TooLong, EdiWeight.Rejects, 0, $"A segment of more than {EdiScanner.SegmentBytesMax} bytes: a terminator may be missing.");
                    Close(cutOff: true);
                    break;
                case EdiScan.End:
                    if (interchange is null && !isAnnounced)
                        return null;
                    if (isAnnounced)
                        Stray(EdiFaultKind.EndsTooSoon, "The file ends after UNA.");
                    else
                        Close(cutOff: true);
                    isAnnounced = false;
                    break;
                default:
                    throw new UnreachableException();
            }
        }

        return items.Dequeue();
    }

    private void Take(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.UNA:
                if (interchange is not null)
                    Close(cutOff: true);
                isAnnounced = true;
                return;
            case Tags.ISA or Tags.UNB:
                if (interchange is not null)
                    Close(cutOff: true);
                Open(segment);
                return;
        }

        if (interchange is null)
        {
            // After UNA, only UNB may come.
            isAnnounced = false;
            Stray(EdiFaultKind.Misplaced, "UNA is followed by something else than UNB.");
            return;
        }

        envelopeSegments++;
        if (message is not null)
            messageSegments++;
        fields.Number = message is null ? envelopeSegments : messageSegments;
        if (!segment.IsTerminated)
            Blame(interchange.Faults, EdiFaultKind.EndsTooSoon, segment.Tag is Tags.IEA or Tags.UNZ ? EdiWeight.Note : EdiWeight.Rejects, 0, "The last segment has no terminator: the file may have been cut off.");
        switch (segment.Tag)
        {
            case Tags.GS or Tags.UNG when Is(segment, Tags.GS, Tags.UNG):
                OpenGroup(segment);
                break;
            case Tags.ST or Tags.UNH when Is(segment, Tags.ST, Tags.UNH):
                OpenMessage(segment);
                break;
            case Tags.SE or Tags.UNT when message is not null && Is(segment, Tags.SE, Tags.UNT):
                CloseMessage(segment, cutOff: false);
                break;
            case Tags.GE or Tags.UNE when Is(segment, Tags.GE, Tags.UNE):
                CloseGroup(segment);
                break;
            case Tags.IEA or Tags.UNZ when Is(segment, Tags.IEA, Tags.UNZ):
                CloseInterchange(segment);
                break;
            case Tags.TA1 when message is null && group is null:
                interchange.Answers.Add(AnswerReading.Ta1(fields, segment));
                break;
            default:
                TakeInside(segment);
                break;
        }
    }

    private static bool Is(in EdiSegment segment, uint x12, uint edifact) => segment.Tag == (segment.Delimiters.Syntax == EdiSyntax.X12 ? x12 : edifact);

    private void TakeInside(in EdiSegment segment)
    {
        if (message is null)
        {
            Blame(interchange!.Faults, EdiFaultKind.Misplaced, EdiWeight.Rejects, 0, "This segment stands outside of any message."); // Take has seen that there is one.
            return;
        }

        if (!segment.IsPlain)
            fields.CheckCharacters(segment);
        if (messageSegments > SegmentsMax)
        {
            if (messageSegments == SegmentsMax + 1)
                fields.Add(segment, EdiFaultKind.TooMany, EdiWeight.Rejects, 0, 0, $"More than {SegmentsMax} segments in one message.");
            return;
        }

        reader?.Read(segment);
    }

    private void Open(in EdiSegment segment)
    {
        seen.Clear();
        isAnnounced = false;
        (group, message, reader, envelopeSegments, messages) = (null, null, null, 1, 0);
        var charset = segment.Delimiters.Syntax == EdiSyntax.X12 ? EdiCharset.X12 : EdiCharset.Of(segment[1, 1]);
        fields = new EdiFields(charset ?? EdiCharset.Of("UNOC"u8)!, codes) { Number = 1 }; // UNOC is known.
        var faults = new EdiFaults();
        fields.Faults = faults;
        var envelope = segment.Delimiters.Syntax == EdiSyntax.X12 ? EnvelopeReading.Isa(fields, segment) : EnvelopeReading.Unb(fields, segment, charset is not null);
        interchange = new EdiInterchange { Envelope = envelope, Offset = segment.Offset };
        foreach (var fault in faults.Kept)
            interchange.Faults.Add(fault);
    }

    private void OpenGroup(in EdiSegment segment)
    {
        if (message is not null)
            CloseMessage(segment, cutOff: true);
        if (group is not null && (group.ControlNumber.Length > 0 || group.Messages.Count > 0))
            Blame(group.Faults, EdiFaultKind.EndsTooSoon, EdiWeight.Rejects, 0, "The group before this one has no trailer.");
        var faults = new EdiFaults();
        fields.Faults = faults;
        group = EnvelopeReading.Group(fields, segment);
        foreach (var fault in faults.Kept)
            group.Faults.Add(fault);
        if (!seen.Add($"group {group.ControlNumber}"))
            Blame(group.Faults, EdiFaultKind.Repeated, EdiWeight.Rejects, segment.Tag == Tags.GS ? 6 : 5, "Another group of this interchange has the same control number.");
        interchange!.Groups.Add(group); // Take has seen that there is one.
    }

    private void OpenMessage(in EdiSegment segment)
    {
        if (message is not null)
            CloseMessage(segment, cutOff: true);
        if (group is null)
        {
            // EDIFACT may do without groups, X12 may not.
            group = new EdiGroup();
            interchange!.Groups.Add(group); // Take has seen that there is one.
            if (segment.Tag == Tags.ST)
                Blame(interchange.Faults, EdiFaultKind.Misplaced, EdiWeight.Rejects, 0, "A transaction set stands outside of any functional group.");
        }

        messageSegments = 1;
        fields.Number = 1;
        fields.Unread.Clear();
        message = EnvelopeReading.Message(segment, fields, group);
        (fields.Faults, fields.Message) = (message.Faults, message.Type);
        if (message.ControlNumber.Length == 0)
            fields.Miss(segment, segment.Tag == Tags.ST ? 2 : 1);
        else if (!seen.Add($"{group.ControlNumber} {message.ControlNumber}"))
            fields.Add(segment, EdiFaultKind.Repeated, EdiWeight.Rejects, segment.Tag == Tags.ST ? 2 : 1, 0, "Another message of this group has the same control number.");
        if (++messages > MessagesMax)
            fields.Add(segment, EdiFaultKind.TooMany, EdiWeight.Rejects, 0, 0, $"More than {MessagesMax} messages in one interchange.");
        else
            group.Messages.Add(message);
        reader = messages > MessagesMax ? null : MessageReader.Of(message.Type, segment.Delimiters.Syntax, fields);
        if (reader is null && messages <= MessagesMax)
            fields.Add(segment, EdiFaultKind.UnknownMessage, EdiWeight.Rejects, segment.Tag == Tags.ST ? 1 : 2, 0, $"Messages of type {message.Type} are not read here.");
        else if (segment.Tag == Tags.ST && MessageReader.FunctionalCode(message.Type) != group.FunctionalCode)
            fields.Add(segment, EdiFaultKind.Misplaced, EdiWeight.Rejects, 1, 0, $"A {message.Type} belongs in a group {MessageReader.FunctionalCode(message.Type)}, not {group.FunctionalCode}.");
    }

    private void CloseMessage(in EdiSegment segment, bool cutOff)
    {
        var closing = message!; // Only called inside of a message.
        closing.Segments = cutOff ? messageSegments - 1 : messageSegments;
        if (cutOff)
        {
            fields.Add(segment, EdiFaultKind.EndsTooSoon, EdiWeight.Rejects, 0, 0, "The message before this segment has no trailer.");
        }
        else
        {
            EnvelopeReading.CheckTrailer(fields, segment, messageSegments, closing.ControlNumber, "segments");
        }

        var content = reader?.Finish(segment);
        closing.Unread = [.. fields.Unread.Select(one => (EdiTag.Text(one.Key), one.Value)).Order()];
        items.Enqueue(new EdiItem.Document(interchange!, group!, closing, content)); // A message is inside of both.
        (message, reader) = (null, null);
    }

    private void CloseGroup(in EdiSegment segment)
    {
        if (message is not null)
            CloseMessage(segment, cutOff: true);
        if (group is null)
        {
            Blame(interchange!.Faults, EdiFaultKind.Misplaced, EdiWeight.Rejects, 0, "The trailer of a group without its header."); // Take has seen that there is one.
            return;
        }

        fields.Faults = group.Faults;
        group.DeclaredCount = EdiValue.TryCount(segment[1], out var declared) ? declared : 0;
        EnvelopeReading.CheckTrailer(fields, segment, group.Messages.Count, group.ControlNumber, "messages");
        group = null;
    }

    private void CloseInterchange(in EdiSegment segment)
    {
        if (message is not null)
            CloseMessage(segment, cutOff: true);
        var closing = interchange!; // Take has seen that there is one.
        var hasGroups = closing.Groups.Exists(one => one.ControlNumber.Length > 0 || one.FunctionalCode.Length > 0);
        if (group is not null && hasGroups)
            Blame(group.Faults, EdiFaultKind.EndsTooSoon, EdiWeight.Rejects, 0, "The group has no trailer.");
        fields.Faults = closing.Faults;
        EnvelopeReading.CheckTrailer(
            fields, segment, segment.Tag == Tags.IEA || hasGroups ? closing.Groups.Count : closing.Groups.Sum(one => one.Messages.Count), closing.Envelope.ControlNumber, segment.Tag == Tags.IEA || hasGroups ? "groups" : "messages");
        Close(cutOff: false);
    }

    // The interchange ends here, as it should or because the file does.
    private void Close(bool cutOff)
    {
        if (interchange is null)
            return;

        var closing = interchange;
        if (cutOff)
        {
            var at = new EdiPosition(scanner.Position, envelopeSegments);
            closing.Faults.Add(new EdiFault(EdiFaultKind.EndsTooSoon, EdiWeight.Rejects, at, closing.Envelope.Delimiters.Syntax == EdiSyntax.X12 ? "IEA" : "UNZ", "", "The interchange ends without its trailer: part of it may be missing, so nothing of it is taken."));
            if (message is not null)
            {
                message.Faults.Add(new EdiFault(EdiFaultKind.EndsTooSoon, EdiWeight.Rejects, at, closing.Envelope.Delimiters.Syntax == EdiSyntax.X12 ? "SE" : "UNT", "", "The message ends without its trailer."));
                message.Segments = messageSegments;
                items.Enqueue(new EdiItem.Document(closing, group!, message, Content: null)); // A message is inside of a group.
            }
        }

        closing.Length = scanner.Position - closing.Offset;
        (interchange, group, message, reader) = (null, null, null, null);
        items.Enqueue(new EdiItem.InterchangeEnd(closing));
    }

    private void Stray(EdiFaultKind kind, string detail)
    {
        if (interchange is not null)
            Close(cutOff: true);
        var current = scanner.Current;
        items.Enqueue(new EdiItem.Foreign(new EdiFault(kind, EdiWeight.Rejects, new EdiPosition(current.Offset, 1), EdiTag.Text(current.Tag), EdiFields.Shown(current.Bytes), detail)));
    }

    private void Blame(EdiFaults faults, EdiFaultKind kind, EdiWeight weight, int element, string detail)
    {
        var segment = scanner.Current;
        var at = new EdiPosition(segment.OffsetOf(element), message is null ? envelopeSegments : messageSegments, element);
        faults.Add(new EdiFault(kind, weight, at, EdiTag.Text(segment.Tag), EdiFields.Shown(element == 0 ? segment.Bytes : segment[element]), detail));
    }
}
