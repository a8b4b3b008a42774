namespace Caravan.Engines.Edi;

/// <summary>Answers that partners send: TA1 here, 997, 824, CONTRL and APERAK below.</summary>
internal static class AnswerReading
{
    /// <summary>TA1, which stands between ISA and GS.</summary>
    public static InterchangeAnswer Ta1(EdiFields fields, in EdiSegment ta1) =>
        new(fields.Text(ta1, 1) ?? "", VerdictOf(fields.Text(ta1, 4)), fields.Text(ta1, 5) is { } code && code != "000" ? code : "") { PreparedAt = fields.Day(ta1, 2, 3) };

    /// <summary>X12 elements I17, 717 and 715.</summary>
    public static EdiVerdict VerdictOf(string? code) => code switch
    {
        "A" => EdiVerdict.Accepted,
        "E" => EdiVerdict.AcceptedWithErrors,
        "P" => EdiVerdict.Partly,
        _ => EdiVerdict.Rejected,
    };
}

/// <summary>X12 997 Functional Acknowledgment: AK1, then AK2 with AK3, AK4 and AK5, then AK9.</summary>
internal sealed class GroupAnswer997(EdiFields fields) : MessageReader(fields)
{
    private readonly List<MessageAnswer> messages = [];
    private GroupAnswer answer = new("", "", EdiVerdict.Rejected);
    private bool isBegun;
    private bool isEnded;

    public override void Read(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.AK1:
                isBegun = true;
                answer = answer with { FunctionalCode = Fields.Required(segment, 1), ControlNumber = Fields.Required(segment, 2) };
                break;
            case Tags.AK2:
                messages.Add(new MessageAnswer(Fields.Required(segment, 1), Fields.Required(segment, 2), EdiVerdict.Rejected));
                break;
            case Tags.AK3 when messages.Count > 0:
                var at = new SegmentAnswer(Fields.Required(segment, 1), (int)Math.Clamp(Fields.RequiredNumber(segment, 2), 0, int.MaxValue), Fields.Text(segment, 4) ?? "");
                messages[^1] = messages[^1] with { Segments = [.. messages[^1].Segments, at] };
                break;
            case Tags.AK4 when messages.Count > 0 && messages[^1].Segments.Count > 0:
                var element = new ElementAnswer(Small(segment, 1, 1), Small(segment, 1, 2), Fields.Text(segment, 3) ?? "", Fields.Text(segment, 4) ?? "");
                var segments = messages[^1].Segments;
                messages[^1] = messages[^1] with { Segments = [.. segments.SkipLast(1), segments[^1] with { Elements = [.. segments[^1].Elements, element] }] };
                break;
            case Tags.AK5 when messages.Count > 0:
                messages[^1] = messages[^1] with { Verdict = AnswerReading.VerdictOf(Fields.Required(segment, 1)), Codes = Codes(segment, 2) };
                break;
            case Tags.AK9:
                isEnded = true;
                answer = answer with
                {
                    Verdict = AnswerReading.VerdictOf(Fields.Required(segment, 1)),
                    Counts = (Small(segment, 2, 1), Small(segment, 3, 1), Small(segment, 4, 1)),
                    Codes = Codes(segment, 5),
                };
                break;
            default:
                Fields.PassOver(segment);
                break;
        }
    }

    public override EdiContent Finish(in EdiSegment trailer)
    {
        Need(trailer, isBegun, "AK1");
        Need(trailer, isEnded, "AK9");
        return answer with { Messages = messages };
    }

    private int Small(in EdiSegment segment, int element, int component) =>
        Fields.Amount(segment, element, component) is { } number ? (int)Math.Clamp(number, 0, int.MaxValue) : 0;

    private List<string> Codes(in EdiSegment segment, int from)
    {
        List<string> codes = [];
        for (var element = from; element <= segment.Count; element++)
        {
            if (Fields.Text(segment, element) is { } code)
                codes.Add(code);
        }

        return codes;
    }
}

/// <summary>X12 824 Application Advice: BGN, then OTI for the document and for each line, with TED.</summary>
internal sealed class Advice824(EdiFields fields) : MessageReader(fields)
{
    private readonly List<LineAdvice> lines = [];
    private ApplicationAdvice advice = new("", EdiVerdict.Rejected, "", "");
    private bool isBegun;
    private string line = "";

    public override void Read(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.BGN:
                isBegun = true;
                advice = advice with { Number = Fields.Required(segment, 2), Date = Fields.Day(segment, 3, 4) };
                break;
            case Tags.OTI:
                var code = Fields.Required(segment, 1);
                if (code.StartsWith('T'))
                {
                    var verdict = code switch { "TA" => EdiVerdict.Accepted, "TE" => EdiVerdict.AcceptedWithErrors, "TP" => EdiVerdict.Partly, _ => EdiVerdict.Rejected };
                    advice = advice with { Verdict = verdict, Reference = Fields.Required(segment, 3), ControlNumber = Fields.Text(segment, 9) ?? "", Type = Fields.Text(segment, 10) ?? "" };
                    line = "";
                }
                else
                {
                    line = Fields.Required(segment, 3);
                }

                break;
            case Tags.TED:
                lines.Add(new LineAdvice(line, Fields.Required(segment, 1), Fields.Text(segment, 2) ?? "")
                {
                    Tag = Fields.Text(segment, 3) ?? "",
                    Segment = Fields.Amount(segment, 4) is { } at ? (int)Math.Clamp(at, 0, int.MaxValue) : 0,
                    Value = Fields.Text(segment, 7) ?? "",
                });
                break;
            default:
                Fields.PassOver(segment);
                break;
        }
    }

    public override EdiContent Finish(in EdiSegment trailer)
    {
        Need(trailer, isBegun, "BGN");
        return advice with { Lines = lines };
    }
}

/// <summary>EDIFACT CONTRL (D.3, syntax versions 1 to 3): UCI, then UCM with UCS and UCD.</summary>
internal sealed class AnswerContrl(EdiFields fields) : MessageReader(fields)
{
    private readonly List<MessageAnswer> messages = [];
    private InterchangeAnswer answer = new("", EdiVerdict.Rejected, "");
    private bool isBegun;

    public override void Read(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.UCI:
                isBegun = true;
                answer = new InterchangeAnswer(Fields.Required(segment, 1), VerdictOf(Fields.Required(segment, 4)), Fields.Text(segment, 5) ?? "")
                {
                    Sender = new EdiAddress(Fields.Text(segment, 2, 2) ?? "", Fields.Required(segment, 2)),
                    Receiver = new EdiAddress(Fields.Text(segment, 3, 2) ?? "", Fields.Required(segment, 3)),
                };
                break;
            case Tags.UCM:
                var code = Fields.Text(segment, 4);
                messages.Add(new MessageAnswer(Fields.Required(segment, 2), Fields.Required(segment, 1), VerdictOf(Fields.Required(segment, 3)))
                {
                    Version = string.Join(':', new[] { Fields.Text(segment, 2, 2), Fields.Text(segment, 2, 3), Fields.Text(segment, 2, 4), Fields.Text(segment, 2, 5) }.OfType<string>()),
                    Codes = code is null ? [] : [code],
                });
                break;
            case Tags.UCS when messages.Count > 0:
                var at = new SegmentAnswer("", (int)Math.Clamp(Fields.RequiredNumber(segment, 1), 0, int.MaxValue), Fields.Text(segment, 2) ?? "");
                messages[^1] = messages[^1] with { Segments = [.. messages[^1].Segments, at] };
                break;
            case Tags.UCD when messages.Count > 0 && messages[^1].Segments.Count > 0:
                var element = new ElementAnswer((int)(Fields.Amount(segment, 2, 1) is { } e ? Math.Clamp(e, 0, 999) : 0), (int)(Fields.Amount(segment, 2, 2) is { } c ? Math.Clamp(c, 0, 999) : 0), Fields.Required(segment, 1), "");
                var segments = messages[^1].Segments;
                messages[^1] = messages[^1] with { Segments = [.. segments.SkipLast(1), segments[^1] with { Elements = [.. segments[^1].Elements, element] }] };
                break;
            default:
                Fields.PassOver(segment);
                break;
        }
    }

    public override EdiContent Finish(in EdiSegment trailer)
    {
        Need(trailer, isBegun, "UCI");
        return answer with { Messages = messages };
    }

    // EDIFACT element 0083: 4 rejected, 7 acknowledged, 8 received.
    private static EdiVerdict VerdictOf(string code) => code is "7" or "8" ? EdiVerdict.Accepted : EdiVerdict.Rejected;
}

/// <summary>EDIFACT APERAK: BGM, DTM, RFF, then ERC with FTX and RFF, whose third component names the line.</summary>
internal sealed class AdviceAperak(EdiFields fields) : MessageReader(fields)
{
    private readonly List<LineAdvice> lines = [];
    private ApplicationAdvice advice = new("", EdiVerdict.Rejected, "", "");
    private bool isBegun;

    public override void Read(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.BGM:
                isBegun = true;
                var verdict = Fields.Text(segment, 3) switch { "29" => EdiVerdict.Accepted, "34" => EdiVerdict.Partly, _ => EdiVerdict.Rejected };
                advice = advice with { Number = Fields.Required(segment, 2), Verdict = verdict };
                break;
            case Tags.DTM:
                advice = advice with { Date = advice.Date ?? Fields.Date(segment) };
                break;
            case Tags.RFF when lines.Count == 0:
                // ACW: the document that is answered; TN: the message that brought it; everything else stands for the document too.
                var (qualifier, value) = (Fields.Required(segment, 1, 1), Fields.Text(segment, 1, 2) ?? "");
                advice = qualifier == "TN" ? advice with { ControlNumber = value } : advice with { Reference = value };
                break;
            case Tags.RFF:
                lines[^1] = lines[^1] with { Line = Fields.Text(segment, 1, 3) ?? "" };
                break;
            case Tags.ERC:
                lines.Add(new LineAdvice("", Fields.Required(segment, 1), ""));
                break;
            case Tags.FTX when lines.Count > 0:
                lines[^1] = lines[^1] with { Detail = $"{Fields.Text(segment, 4, 1)}{Fields.Text(segment, 4, 2)}{Fields.Text(segment, 4, 3)}{Fields.Text(segment, 4, 4)}{Fields.Text(segment, 4, 5)}" };
                break;
            default:
                Fields.PassOver(segment);
                break;
        }
    }

    public override EdiContent Finish(in EdiSegment trailer)
    {
        Need(trailer, isBegun, "BGM");
        return advice with { Lines = lines };
    }
}
