using System.Text;
using Caravan.Engines.Edi;

namespace Caravan.Engines.Tests.Edi;

/// <summary>Envelopes, counts, references and delimiters.</summary>
public sealed class EdiEnvelopeTests
{
    [Fact]
    public void A_sound_interchange_has_no_faults()
    {
        foreach (var text in (string[])[EdiSamples.Inventory, EdiSamples.Orders])
        {
            var (interchange, documents, faults) = EdiSamples.Open(EdiSamples.Bytes(text));

            Assert.Empty(faults);
            Assert.Single(documents);
            Assert.Equal(text.TrimEnd().Length, interchange.Length + (int)interchange.Offset);
        }
    }

    [Theory]
    [InlineData("SE*11*0001", "SE*12*0001", EdiFaultKind.CountMismatch, "SE")]
    [InlineData("SE*11*0001", "SE*11*0002", EdiFaultKind.ReferenceMismatch, "SE")]
    [InlineData("GE*1*84601", "GE*2*84601", EdiFaultKind.CountMismatch, "GE")]
    [InlineData("GE*1*84601", "GE*1*84602", EdiFaultKind.ReferenceMismatch, "GE")]
    [InlineData("IEA*1*000000846", "IEA*2*000000846", EdiFaultKind.CountMismatch, "IEA")]
    [InlineData("IEA*1*000000846", "IEA*1*000000847", EdiFaultKind.ReferenceMismatch, "IEA")]
    [InlineData("CTT*2", "CTT*3", EdiFaultKind.CountMismatch, "CTT")]
    [InlineData("QTY*33*850*EA", "QTY*33*8O0*EA", EdiFaultKind.BadNumber, "QTY")]
    [InlineData("QTY*33*850*EA", "QTY*33**EA", EdiFaultKind.MissingElement, "QTY")]
    [InlineData("QTY*17*900*EA", "QTY*33*900*EA", EdiFaultKind.Conflict, "LIN")]
    [InlineData("UIT*EA", "QQQ*EA", EdiFaultKind.UnknownSegment, "QQQ")]
    [InlineData("UIT*EA", "SDQ*EA*92*1*5", EdiFaultKind.NotRead, "SDQ")]
    [InlineData("QTY*33*320~", "REF*ZZ*A~", EdiFaultKind.MissingSegment, "QTY")]
    [InlineData("BIA*00*MB*STK-1*20260904*0755", "BIA*00*MB*STK-1*20261304*0755", EdiFaultKind.BadDate, "BIA")]
    [InlineData("UP*036000291452", "UP*03600029145X", EdiFaultKind.BadCode, "LIN")]
    [InlineData("*00401*", "*0040A*", EdiFaultKind.UnknownVersion, "ISA")]
    [InlineData("GS*IB*", "GS*PO*", EdiFaultKind.Misplaced, "ST")]
    [InlineData("ST*846*", "ST*999*", EdiFaultKind.UnknownMessage, "ST")]
    public void What_is_wrong_is_named_where_it_stands(string sound, string faulty, EdiFaultKind kind, string tag)
    {
        var text = EdiSamples.Inventory.Replace(sound, faulty, StringComparison.Ordinal);
        var faults = EdiSamples.FaultsOf(EdiReader.ReadAll(EdiSamples.Bytes(text)));

        var fault = faults.First(one => one.Kind == kind);
        Assert.Equal((tag, EdiWeight.Rejects), (fault.Tag, fault.Weight));
        if (kind is not (EdiFaultKind.MissingSegment or EdiFaultKind.Conflict))
            Assert.Equal(tag, text.Substring((int)fault.At.Offset - (fault.At.Element == 0 ? 0 : Before(text, fault)), tag.Length));
    }

    [Fact]
    public void A_wrong_check_digit_is_noted_and_read_on()
    {
        var (_, documents, faults) = EdiSamples.Open(EdiSamples.Bytes(EdiSamples.Inventory.Replace("036000291452", "036000291453", StringComparison.Ordinal)));

        Assert.Equal((EdiFaultKind.BadCode, EdiWeight.Note), (Assert.Single(faults).Kind, faults[0].Weight));
        Assert.False(documents[0].Message.IsRejected);
        Assert.Equal(EdiVerdict.AcceptedWithErrors, EdiAnswers.OfMessage(documents[0].Message, EdiSyntax.X12).Verdict);
    }

    [Fact]
    public void Every_file_that_is_cut_off_is_rejected()
    {
        foreach (var text in (string[])[EdiSamples.Inventory, EdiSamples.Orders])
        {
            var bytes = EdiSamples.Bytes(text.TrimEnd());
            for (var length = 1; length < bytes.Length - 1; length++)
            {
                var items = EdiReader.ReadAll(bytes.AsSpan(0, length));

                Assert.True(
                    items.OfType<EdiItem.Foreign>().Any() || items.OfType<EdiItem.InterchangeEnd>().Any(item => item.Interchange.IsRejected),
                    $"{length} of {bytes.Length} bytes: {Encoding.Latin1.GetString(bytes, 0, length)}");
            }
        }
    }

    [Fact]
    public void A_missing_last_terminator_alone_is_noted()
    {
        var bytes = EdiSamples.Bytes(EdiSamples.Inventory.TrimEnd());
        var (interchange, _, _) = EdiSamples.Open(bytes.AsSpan(0, bytes.Length - 1));

        Assert.False(interchange.IsRejected);
        Assert.Equal(EdiFaultKind.EndsTooSoon, Assert.Single(interchange.Faults.Kept).Kind);
    }

    [Fact]
    public void Lines_that_were_wrapped_are_read_as_if_they_were_not()
    {
        var flat = EdiSamples.Inventory.ReplaceLineEndings("");
        var wrapped = string.Join("\r\n", flat.Chunk(80).Select(line => new string(line)));

        var (interchange, documents, faults) = EdiSamples.Open(EdiSamples.Bytes(wrapped));

        Assert.DoesNotContain(faults, fault => fault.Weight == EdiWeight.Rejects);
        Assert.False(interchange.IsRejected);
        Assert.Equal([850m, 320m], Assert.IsType<InventoryReport>(documents[0].Content).Lines.Select(line => line.Quantities[0].Amount));
    }

    [Fact]
    public void Delimiters_are_taken_from_the_header()
    {
        var text = EdiSamples.Inventory.ReplaceLineEndings("").Replace('~', '\x1c').Replace('*', '\x1d').Replace('>', '\x1f');
        var (_, _, x12) = EdiSamples.Open(EdiSamples.Bytes(text));
        var (_, documents, edifact) = EdiSamples.Open(EdiSamples.Bytes(EdiSamples.Orders.Replace('+', '|').Replace("UNA:|", "UNA:|", StringComparison.Ordinal)));

        Assert.Empty(x12);
        Assert.Empty(edifact);
        Assert.Equal("AGR|1", Assert.IsType<PurchaseOrder>(documents[0].Content).References[0].Value);
    }

    [Fact]
    public void Release_characters_are_read()
    {
        var (_, documents, _) = EdiSamples.Open(EdiSamples.Bytes(EdiSamples.Orders));
        var order = Assert.IsType<PurchaseOrder>(documents[0].Content);

        Assert.Equal("O'NEILL : SONS", order.Parties[0].Name);
        Assert.Equal("AGR+1", order.References[0].Value);
        Assert.Equal("WHAT?", order.Lines[0].Description);
        Assert.Equal(1.25m, order.Lines[0].Price);
        Assert.Equal(["HIGH STREET 1", "BACK DOOR"], order.Parties[0].Street);
        Assert.Equal([new ItemCode("EN", "4000862141404"), new ItemCode("SA", "A-1")], order.Lines[0].Items);
    }

    [Theory]
    [InlineData("UNOC", "Gr\u00fcn", new byte[] { 0x47, 0x72, 0xFC, 0x6E })]
    [InlineData("UNOY", "Gr\u00fcn", new byte[] { 0x47, 0x72, 0xC3, 0xBC, 0x6E })]
    [InlineData("UNOD", "\u0141\u00f3d\u017a", new byte[] { 0xA3, 0xF3, 0x64, 0xBC })]
    [InlineData("UNOE", "\u041c\u0438\u0440", new byte[] { 0xBC, 0xD8, 0xE0 })]
    public void Bytes_become_characters_as_the_header_says(string identifier, string text, byte[] name)
    {
        var (before, after) = EdiSamples.Orders.Replace("UNOC", identifier, StringComparison.Ordinal).Split("WHAT??") is [var one, var two] ? (one, two) : default;
        byte[] bytes = [.. EdiSamples.Bytes(before), .. name, .. EdiSamples.Bytes(after)];

        var (_, documents, faults) = EdiSamples.Open(bytes);

        Assert.Empty(faults);
        Assert.Equal(text, Assert.IsType<PurchaseOrder>(documents[0].Content).Lines[0].Description);
    }

    [Fact]
    public void Characters_outside_the_agreed_set_are_noted_and_control_characters_reject()
    {
        var (_, _, noted) = EdiSamples.Open(EdiSamples.Bytes(EdiSamples.Orders.Replace("UNOC", "UNOA", StringComparison.Ordinal).Replace("WHAT", "what", StringComparison.Ordinal)));
        var (_, documents, _) = EdiSamples.Open(EdiSamples.Bytes(EdiSamples.Orders.Replace("WHAT", "WH\0AT", StringComparison.Ordinal)));

        Assert.DoesNotContain(noted, fault => fault.Weight == EdiWeight.Rejects);
        Assert.Contains(documents[0].Message.Faults.Kept, fault => fault is { Kind: EdiFaultKind.BadCharacter, Weight: EdiWeight.Rejects, Tag: "IMD", At.Element: 3 });
    }

    [Fact]
    public void Several_interchanges_of_both_standards_may_share_a_file()
    {
        var items = EdiReader.ReadAll(EdiSamples.Bytes(EdiSamples.Inventory + EdiSamples.Orders + "\r\nrubbish\r\n" + EdiSamples.Inventory));

        Assert.Equal(3, items.OfType<EdiItem.InterchangeEnd>().Count(item => !item.Interchange.IsRejected));
        Assert.StartsWith("rubbish", Assert.Single(items.OfType<EdiItem.Foreign>()).Fault.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_header_before_the_trailer_ends_the_first_interchange()
    {
        var items = EdiReader.ReadAll(EdiSamples.Bytes(EdiSamples.Inventory.Replace("IEA*1*000000846~", "", StringComparison.Ordinal) + EdiSamples.Inventory));

        Assert.Equal([true, false], items.OfType<EdiItem.InterchangeEnd>().Select(item => item.Interchange.IsRejected));
    }

    [Fact]
    public void A_segment_without_end_is_given_up()
    {
        var items = EdiReader.ReadAll(EdiSamples.Bytes(EdiSamples.Inventory.Replace("MAIN STORE", new string('X', 100_000), StringComparison.Ordinal) + EdiSamples.Orders));

        Assert.Equal([true, false], items.OfType<EdiItem.InterchangeEnd>().Select(item => item.Interchange.IsRejected));
        Assert.Contains(EdiSamples.FaultsOf(items), fault => fault.Kind == EdiFaultKind.TooLong);
    }

    [Fact]
    public void Delimiters_that_clash_are_named()
    {
        var (x12, edifact) = (EdiReader.ReadAll(EdiSamples.Bytes(EdiSamples.Inventory.Replace("*P*>~", "*P**~", StringComparison.Ordinal))), EdiReader.ReadAll(EdiSamples.Bytes(EdiSamples.Orders.Replace("UNA:+.? '", "UNA:+.?+'", StringComparison.Ordinal))));

        Assert.Equal(EdiFaultKind.BadDelimiters, Assert.Single(x12.OfType<EdiItem.Foreign>()).Fault.Kind);
        Assert.Equal(EdiFaultKind.BadDelimiters, edifact.OfType<EdiItem.Foreign>().First().Fault.Kind);
    }

    // How many bytes lie between the tag and the element that is to blame.
    private static int Before(string text, EdiFault fault)
    {
        var at = (int)fault.At.Offset;
        for (var elements = 0; elements < fault.At.Element; elements++)
            at = text.LastIndexOf('*', at - 1);
        return (int)fault.At.Offset - at + fault.Tag.Length;
    }
}
