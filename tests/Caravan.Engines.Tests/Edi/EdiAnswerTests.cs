using System.Buffers;
using System.Text;
using Caravan.Engines.Edi;

namespace Caravan.Engines.Tests.Edi;

/// <summary>What goes back: TA1, 997, 824, CONTRL, APERAK.</summary>
public sealed class EdiAnswerTests
{
    private static readonly EdiDate At = new(new DateOnly(2026, 9, 4), new TimeOnly(9, 30));

    [Fact]
    public void A_997_tells_of_segment_and_element()
    {
        var faulty = EdiSamples.Inventory.Replace("QTY*33*850*EA", "QTY*33*8O0*EA", StringComparison.Ordinal);
        var (interchange, _, _) = EdiSamples.Open(EdiSamples.Bytes(faulty));

        var text = Write(EdiSyntax.X12, "FA", EdiAnswers.OfGroup(interchange.Groups[0]));

        Assert.Equal("AK1*IB*84601~AK2*846*0001~AK3*QTY*5**8~AK4*2**6*8O0~AK5*R*5~AK9*R*1*1*0~", Body(text));
    }

    [Fact]
    public void A_997_accepts_what_is_sound()
    {
        var (interchange, _, _) = EdiSamples.Open(EdiSamples.Bytes(EdiSamples.Inventory));

        Assert.Equal("AK1*IB*84601~AK2*846*0001~AK5*A~AK9*A*1*1*1~", Body(Write(EdiSyntax.X12, "FA", EdiAnswers.OfGroup(interchange.Groups[0]))));
    }

    [Theory]
    [InlineData("IEA*1*000000846", "IEA*1*000000847", EdiVerdict.Rejected, "001")]
    [InlineData("IEA*1*000000846", "IEA*3*000000846", EdiVerdict.Rejected, "021")]
    [InlineData("IEA*1*000000846~", "", EdiVerdict.Rejected, "023")]
    [InlineData("*ZZ*SUPPLIER       *", "*ZZ*SUPPLIER         *", EdiVerdict.AcceptedWithErrors, "006")]
    [InlineData("*260904*", "*260934*", EdiVerdict.AcceptedWithErrors, "014")]
    [InlineData("*P*>", "*X*>", EdiVerdict.Rejected, "020")]
    [InlineData("ST*846*0001", "ST*846*0001", EdiVerdict.Accepted, "")]
    public void A_TA1_has_the_number_of_the_fault(string sound, string faulty, EdiVerdict verdict, string code)
    {
        var (interchange, _, _) = EdiSamples.Open(EdiSamples.Bytes(EdiSamples.Inventory.Replace(sound, faulty, StringComparison.Ordinal)));

        var answer = EdiAnswers.OfInterchange(interchange);

        Assert.Equal((verdict, code), (answer.Verdict, answer.Code));
    }

    [Fact]
    public void A_CONTRL_tells_of_segment_and_component()
    {
        var (interchange, _, _) = EdiSamples.Open(EdiSamples.Bytes(EdiSamples.Orders.Replace("QTY+21:12:PCE", "QTY+21:1x:PCE", StringComparison.Ordinal)));

        var text = Write(EdiSyntax.Edifact, "", EdiAnswers.OfInterchange(interchange));

        Assert.Contains("UCI+42+4012345500004:14+4000004000002:14+7'UCM+1+ORDERS:D:96A:UN:EAN008+4'UCS+12'UCD+19+1:2'UNT+6+1'", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_are_read_as_they_were_written()
    {
        LineAdvice[] lines = [new("2", "007", "No such item") { Tag = "LIN", Segment = 4, Value = "SKU-9" }, new("2", "848", "Bad unit"), new("3", "024", "Other")];
        var advice = new ApplicationAdvice("A-1", EdiVerdict.Partly, "846", "STK-1") { Date = At, ControlNumber = "0001", Lines = lines };

        var x12 = Assert.IsType<ApplicationAdvice>(Read(Write(EdiSyntax.X12, "AG", advice)));
        var edifact = Assert.IsType<ApplicationAdvice>(Read(Write(EdiSyntax.Edifact, "", advice)));

        Assert.Equal(advice with { Lines = [] }, x12 with { Lines = [] });
        Assert.Equal(lines, x12.Lines);
        Assert.Equal(advice with { Lines = [], Type = "" }, edifact with { Lines = [] });
        Assert.Equal(lines.Select(line => (line.Line, line.Code, line.Detail)), edifact.Lines.Select(line => (line.Line, line.Code, line.Detail)));
    }

    [Fact]
    public void A_TA1_is_read_as_it_was_written()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new EdiWriter(output, EdiDelimiters.X12);
        writer.Open(Envelope(EdiSyntax.X12));
        AnswerWriting.Ta1(writer, new InterchangeAnswer("846", EdiVerdict.Rejected, "025") { PreparedAt = At });
        writer.Close();

        var (interchange, _, faults) = EdiSamples.Open(output.WrittenSpan);

        Assert.Empty(faults);
        Assert.Equal(new InterchangeAnswer("000000846", EdiVerdict.Rejected, "025") { PreparedAt = At }, Assert.Single(interchange.Answers) with { Messages = [] });
    }

    [Fact]
    public void A_word_too_long_for_the_format_is_cut_not_broken()
    {
        var advice = new ApplicationAdvice("A-1", EdiVerdict.Rejected, "846", "STK-1") { Lines = [new("1", "024", new string('x', 1_000)) { Value = new string('y', 1_000) }] };

        Assert.Equal(60, Assert.IsType<ApplicationAdvice>(Read(Write(EdiSyntax.X12, "AG", advice))).Lines[0].Detail.Length);
        Assert.Equal(350, Assert.IsType<ApplicationAdvice>(Read(Write(EdiSyntax.Edifact, "", advice))).Lines[0].Detail.Length);
    }

    private static EdiContent? Read(string text)
    {
        var (_, documents, faults) = EdiSamples.Open(EdiSamples.Bytes(text));
        Assert.Empty(faults);
        return documents[0].Content;
    }

    private static string Write(EdiSyntax syntax, string code, EdiContent content)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new EdiWriter(output, syntax == EdiSyntax.X12 ? EdiDelimiters.X12 : EdiDelimiters.Edifact);
        writer.Open(Envelope(syntax));
        if (syntax == EdiSyntax.X12)
            writer.OpenGroup(code, "RETAILER", "SUPPLIER", At, "1", "004010");
        DocumentWriting.Write(writer, content, "1");
        if (syntax == EdiSyntax.X12)
            writer.CloseGroup();
        writer.Close();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static EdiEnvelope Envelope(EdiSyntax syntax) => new()
    {
        Delimiters = syntax == EdiSyntax.X12 ? EdiDelimiters.X12 : EdiDelimiters.Edifact,
        Sender = new EdiAddress("ZZ", "RETAILER"),
        Receiver = new EdiAddress("ZZ", "SUPPLIER"),
        ControlNumber = "000000001",
        PreparedAt = At,
        Version = syntax == EdiSyntax.X12 ? "00401" : "UNOC:3",
    };

    private static string Body(string text) => text[(text.IndexOf("AK1", StringComparison.Ordinal))..text.IndexOf("SE*", StringComparison.Ordinal)];
}
