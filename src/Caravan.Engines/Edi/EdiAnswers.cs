namespace Caravan.Engines.Edi;

/// <summary>
/// Makes of an interchange that was read the word that goes back to its sender: TA1 or CONTRL on the envelope, 997 on each
/// group. Whatever was wrong has its number there; what was well is said to be accepted.
/// </summary>
public static class EdiAnswers
{
    private const int SegmentsMax = 100;

    /// <summary>Word on the interchange; EDIFACT: also on its messages.</summary>
    /// <param name="interchange">As it was read.</param>
    /// <param name="extra">A fault that the caller found, such as an interchange that was here before.</param>
    public static InterchangeAnswer OfInterchange(EdiInterchange interchange, EdiFault? extra = null)
    {
        ArgumentNullException.ThrowIfNull(interchange);
        var isX12 = interchange.Envelope.Delimiters.Syntax == EdiSyntax.X12;
        var worst = extra ?? interchange.Faults.Kept.FirstOrDefault(fault => fault.Weight == EdiWeight.Rejects) ?? (interchange.Faults.Kept is [var first, ..] ? first : null);
        var verdict = interchange.IsRejected || extra?.Weight == EdiWeight.Rejects ? EdiVerdict.Rejected : worst is null ? EdiVerdict.Accepted : EdiVerdict.AcceptedWithErrors;
        return new InterchangeAnswer(interchange.Envelope.ControlNumber, verdict, worst is null ? "" : isX12 ? EdiFaultCodes.Ta1(worst) : EdiFaultCodes.Contrl(worst))
        {
            PreparedAt = interchange.Envelope.PreparedAt,
            Sender = interchange.Envelope.Sender,
            Receiver = interchange.Envelope.Receiver,
            Messages = isX12 || verdict == EdiVerdict.Rejected ? [] : [.. interchange.Groups.SelectMany(group => group.Messages).Select(message => OfMessage(message, EdiSyntax.Edifact))],
        };
    }

    /// <summary>Word on a group and each of its messages (X12).</summary>
    public static GroupAnswer OfGroup(EdiGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        var messages = group.Messages.Select(message => OfMessage(message, EdiSyntax.X12)).ToList();
        var accepted = group.IsRejected ? 0 : group.Messages.Count(message => !message.IsRejected);
        var verdict = group.IsRejected || (accepted == 0 && messages.Count > 0) ? EdiVerdict.Rejected
            : accepted < messages.Count ? EdiVerdict.Partly
            : messages.Exists(message => message.Verdict == EdiVerdict.AcceptedWithErrors) || group.Faults.Count > 0 ? EdiVerdict.AcceptedWithErrors
            : EdiVerdict.Accepted;
        return new GroupAnswer(group.FunctionalCode, group.ControlNumber, verdict)
        {
            Counts = (group.DeclaredCount, group.Messages.Count, accepted),
            Codes = [.. group.Faults.Kept.Select(EdiFaultCodes.Ak9).OfType<string>().Distinct()],
            Messages = group.IsRejected ? [.. messages.Select(message => message with { Verdict = EdiVerdict.Rejected })] : messages,
        };
    }

    /// <summary>Word on a message.</summary>
    public static MessageAnswer OfMessage(EdiMessage message, EdiSyntax syntax)
    {
        ArgumentNullException.ThrowIfNull(message);
        var isX12 = syntax == EdiSyntax.X12;
        List<string> codes = [];
        List<SegmentAnswer> segments = [];
        foreach (var fault in message.Faults.Kept)
        {
            if ((isX12 ? EdiFaultCodes.Ak5(fault) : fault.Kind is EdiFaultKind.UnknownMessage or EdiFaultKind.EndsTooSoon or EdiFaultKind.ReferenceMismatch or EdiFaultKind.Repeated || fault is { Kind: EdiFaultKind.CountMismatch, Tag: "UNT" } ? EdiFaultCodes.Contrl(fault) : null) is { } code)
            {
                if (!codes.Contains(code))
                    codes.Add(code);
                continue;
            }

            if (segments.Count < SegmentsMax)
                Add(segments, fault, isX12);
        }

        if (isX12 && segments.Count > 0)
            codes.Add("5");
        var verdict = message.IsRejected ? EdiVerdict.Rejected : message.Faults.Count > 0 ? EdiVerdict.AcceptedWithErrors : EdiVerdict.Accepted;

        // CONTRL tells of segments only where the message is not taken.
        return new MessageAnswer(message.Type, message.ControlNumber, verdict) { Version = isX12 ? "" : message.Version, Codes = codes, Segments = isX12 || message.IsRejected ? segments : [] };
    }

    private static void Add(List<SegmentAnswer> segments, EdiFault fault, bool isX12)
    {
        var code = isX12 ? EdiFaultCodes.Ak3(fault) : EdiFaultCodes.Contrl(fault);
        var elementCode = isX12 ? EdiFaultCodes.Ak4(fault) : EdiFaultCodes.Contrl(fault);
        var element = fault.At.Element > 0 && elementCode is not null ? new ElementAnswer(fault.At.Element, fault.At.Component, elementCode, isX12 ? fault.Value : "") : null;
        if (!isX12 && element is not null)
            code = "";
        if (segments.FindIndex(one => one.Number == fault.At.Segment && one.Tag == (isX12 ? fault.Tag : "") && one.Code == code) is >= 0 and var at)
        {
            if (element is not null)
                segments[at] = segments[at] with { Elements = [.. segments[at].Elements, element] };
            return;
        }

        segments.Add(new SegmentAnswer(isX12 ? fault.Tag : "", fault.At.Segment, code) { Elements = element is null ? [] : [element] });
    }
}
