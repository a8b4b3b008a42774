using System.Globalization;

namespace Caravan.Engines.Edi;

/// <summary>TA1, 997, 824, CONTRL and APERAK.</summary>
public static class AnswerWriting
{
    private const int FreeTextMax = 60;
    private const int CopyMax = 99;

    /// <summary>TA1: stands in an interchange of its own or before its groups.</summary>
    public static void Ta1(EdiWriter writer, InterchangeAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(answer);
        var date = answer.PreparedAt ?? new EdiDate(DateOnly.MinValue);
        writer.Segment(
            "TA1",
            answer.ControlNumber.PadLeft(9, '0'),
            date.Day.ToString("yyMMdd", CultureInfo.InvariantCulture),
            (date.Time ?? TimeOnly.MinValue).ToString("HHmm", CultureInfo.InvariantCulture),
            CodeOf(answer.Verdict),
            answer.Code.Length == 0 ? "000" : answer.Code);
    }

    internal static void Write(EdiWriter writer, GroupAnswer answer)
    {
        writer.Segment("AK1", answer.FunctionalCode, answer.ControlNumber);
        foreach (var message in answer.Messages)
        {
            writer.Segment("AK2", message.Type, message.ControlNumber);
            foreach (var segment in message.Segments)
            {
                writer.Segment("AK3", segment.Tag, CommonWriting.Count(segment.Number), "", segment.Code);
                foreach (var element in segment.Elements)
                {
                    writer.Begin("AK4");
                    writer.Composite(CommonWriting.Count(element.Element), element.Component == 0 ? "" : CommonWriting.Count(element.Component));
                    writer.Element("");
                    writer.Element(element.Code);
                    writer.Element(Cut(element.Value, CopyMax));
                    writer.End();
                }
            }

            writer.Segment("AK5", [CodeOf(message.Verdict), .. message.Codes.Take(5)]);
        }

        var (declared, received, accepted) = answer.Counts;
        writer.Segment("AK9", [CodeOf(answer.Verdict), CommonWriting.Count(declared), CommonWriting.Count(received), CommonWriting.Count(accepted), .. answer.Codes.Take(5)]);
    }

    internal static void Contrl(EdiWriter writer, InterchangeAnswer answer)
    {
        writer.Begin("UCI");
        writer.Element(answer.ControlNumber);
        writer.Composite(answer.Sender.Id, answer.Sender.Qualifier);
        writer.Composite(answer.Receiver.Id, answer.Receiver.Qualifier);
        writer.Element(ActionOf(answer.Verdict));
        writer.Element(answer.Code);
        writer.End();
        foreach (var message in answer.Messages)
        {
            writer.Begin("UCM");
            writer.Element(message.ControlNumber);
            writer.Composite([message.Type, .. message.Version.Split(':')]);
            writer.Element(ActionOf(message.Verdict));
            writer.Element(message.Codes.Count > 0 ? message.Codes[0] : "");
            writer.End();
            foreach (var segment in message.Segments)
            {
                writer.Segment("UCS", CommonWriting.Count(segment.Number), segment.Code);
                foreach (var element in segment.Elements)
                {
                    writer.Begin("UCD");
                    writer.Element(element.Code);
                    writer.Composite(CommonWriting.Count(element.Element), element.Component == 0 ? "" : CommonWriting.Count(element.Component));
                    writer.End();
                }
            }
        }
    }

    internal static void Write(EdiWriter writer, ApplicationAdvice advice)
    {
        if (writer.Syntax == EdiSyntax.X12)
            X12(writer, advice);
        else
            Edifact(writer, advice);
    }

    private static void X12(EdiWriter writer, ApplicationAdvice advice)
    {
        writer.Segment("BGN", "11", advice.Number, CommonWriting.Day(advice.Date), CommonWriting.Time(advice.Date));

        // X12 element 110: the transaction set is accepted, accepted with errors, partly accepted, rejected; items likewise with I.
        var verdict = advice.Verdict switch { EdiVerdict.Accepted => "A", EdiVerdict.AcceptedWithErrors => "E", EdiVerdict.Partly => "P", _ => "R" };
        writer.Segment("OTI", $"T{verdict}", "TN", advice.Reference, "", "", "", "", "", advice.ControlNumber, advice.Type);
        var line = "";
        foreach (var one in advice.Lines.OrderBy(one => one.Line.Length > 0))
        {
            if (one.Line != line)
                writer.Segment("OTI", "IR", "FJ", one.Line);
            line = one.Line;
            writer.Segment("TED", one.Code, Cut(one.Detail, FreeTextMax), one.Tag, one.Segment == 0 ? "" : CommonWriting.Count(one.Segment), "", "", Cut(one.Value, CopyMax));
        }
    }

    private static void Edifact(EdiWriter writer, ApplicationAdvice advice)
    {
        writer.Segment("BGM", advice.Verdict == EdiVerdict.Rejected ? "313" : "312", advice.Number, advice.Verdict switch { EdiVerdict.Accepted => "29", EdiVerdict.Partly or EdiVerdict.AcceptedWithErrors => "34", _ => "27" });
        CommonWriting.Date(writer, "137", advice.Date);
        CommonWriting.References(writer, "RFF", [new TradeReference("ACW", advice.Reference), new TradeReference("TN", advice.ControlNumber)]);
        foreach (var line in advice.Lines)
        {
            writer.Segment("ERC", line.Code);
            writer.Begin("FTX");
            foreach (var element in (ReadOnlySpan<string>)["AAO", "", ""])
                writer.Element(element);
            writer.Composite([.. Cut(line.Detail, 5 * 70).Chunk(70).Select(few => new string(few))]);
            writer.End();
            if (line.Line.Length == 0)
                continue;

            writer.Begin("RFF");
            writer.Composite("LI", advice.Reference, line.Line);
            writer.End();
        }
    }

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..most];

    private static string CodeOf(EdiVerdict verdict) => verdict switch { EdiVerdict.Accepted => "A", EdiVerdict.AcceptedWithErrors => "E", EdiVerdict.Partly => "P", _ => "R" };

    // EDIFACT element 0083.
    private static string ActionOf(EdiVerdict verdict) => verdict == EdiVerdict.Rejected ? "4" : "7";
}
