using Caravan.Engines.Edi;

namespace Caravan.Engines.Tests.Edi;

/// <summary>Files as they are found in the world, also faulty ones.</summary>
public sealed class EdiSampleTests
{
    [Fact]
    public void Every_sample_is_copied_byte_for_byte_however_it_arrives()
    {
        EdiSamples.Need();

        foreach (var file in EdiSamples.Files)
        {
            var bytes = File.ReadAllBytes(file);
            foreach (var piece in (int[])[1, 7, 106, bytes.Length])
                Assert.True(bytes.AsSpan().SequenceEqual(EdiSamples.Copy(bytes, piece)), $"{Path.GetFileName(file)} in pieces of {piece}");
        }
    }

    [Fact]
    public void Every_sample_is_read_the_same_however_it_arrives()
    {
        EdiSamples.Need();

        foreach (var file in EdiSamples.Files)
        {
            var bytes = File.ReadAllBytes(file);
            var whole = EdiSamples.FaultsOf(EdiReader.ReadAll(bytes));

            var reader = new EdiReader();
            List<EdiItem> items = [];
            foreach (var one in bytes)
            {
                reader.Append([one]);
                while (reader.Next() is { } item)
                    items.Add(item);
            }

            reader.Complete();
            while (reader.Next() is { } item)
                items.Add(item);
            Assert.Equal(whole.Select(Without), EdiSamples.FaultsOf(items).Select(Without));
        }

        // What is shown of bytes that belong nowhere depends on how many of them were there.
        static EdiFault Without(EdiFault fault) => fault.Kind == EdiFaultKind.NotAnInterchange ? fault with { Value = "" } : fault;
    }

    [Fact]
    public void A_header_of_109_characters_is_named_and_read()
    {
        var (interchange, documents, _) = EdiSamples.Open(EdiSamples.Read("x12.846.qtyQA.edi"));

        Assert.False(interchange.IsRejected);
        Assert.All(interchange.Faults.Kept, fault => Assert.Equal((EdiFaultKind.HeaderElement, EdiWeight.Note, "ISA"), (fault.Kind, fault.Weight, fault.Tag)));
        Assert.Equal([6, 8], interchange.Faults.Kept.Select(fault => fault.At.Element));
        Assert.Equal("PARTNERXYZ", interchange.Envelope.Sender.Id);
        Assert.Equal((EdiVerdict.AcceptedWithErrors, "006"), (EdiAnswers.OfInterchange(interchange).Verdict, EdiAnswers.OfInterchange(interchange).Code));

        // Its SE tells of 9 segments where there are 11: the message falls, by name.
        var message = Assert.Single(documents).Message;
        Assert.Contains(message.Faults.Kept, fault => fault is { Kind: EdiFaultKind.CountMismatch, Tag: "SE", Value: "9" });
        Assert.Contains("4", EdiAnswers.OfMessage(message, EdiSyntax.X12).Codes);
        var report = Assert.IsType<InventoryReport>(documents[0].Content);
        Assert.Equal([("1", 250m), ("QA", 198m)], report.Lines[0].Quantities.Select(quantity => (quantity.Qualifier, quantity.Amount)));
        Assert.Equal(new TradeReference("ZZ", "WH-NORTH"), Assert.Single(report.Lines[0].References));
    }

    [Theory]
    [InlineData("x12.850.edi", "IEA", EdiFaultKind.ReferenceMismatch)]
    [InlineData("x12.850a.edi", "IEA", EdiFaultKind.ReferenceMismatch)]
    [InlineData("edifact.ORDRSP.edi", "UNZ", EdiFaultKind.ReferenceMismatch)]
    [InlineData("edifact.ORDRSP.edi", "UNT", EdiFaultKind.CountMismatch)]
    [InlineData("x12.856.fsma204.edi", "SE", EdiFaultKind.CountMismatch)]
    [InlineData("x12.940.edi", "SE", EdiFaultKind.CountMismatch)]
    [InlineData("x12.940.edi", "W01", EdiFaultKind.MissingPair)]
    [InlineData("x12.945.edi", "W12", EdiFaultKind.BadCode)]
    [InlineData("x12.850.issue135.edi", "ST", EdiFaultKind.Repeated)]
    [InlineData("edifact.RECADV.D96A.edi", "UNH", EdiFaultKind.UnknownMessage)]
    [InlineData("tradacoms.order9.edi", "", EdiFaultKind.NotAnInterchange)]
    [InlineData("x12.945.coldchain.segments.edi", "", EdiFaultKind.NotAnInterchange)]
    public void Known_faults_of_the_samples_are_named(string file, string tag, EdiFaultKind kind) =>
        Assert.Contains(EdiSamples.FaultsOf(EdiReader.ReadAll(EdiSamples.Read(file))), fault => fault.Kind == kind && fault.Tag == tag && fault.Weight == EdiWeight.Rejects);

    [Theory]
    [InlineData("x12.846.fixedISA.edi")]
    [InlineData("edifact.INVRPT.D96A.edi")]
    [InlineData("edifact.DESADV.D96A.sscc.edi")]
    [InlineData("x12.997.edi")]
    public void Sound_samples_are_accepted(string file)
    {
        var (interchange, documents, _) = EdiSamples.Open(EdiSamples.Read(file));

        Assert.False(interchange.IsRejected);
        Assert.All(documents, document => Assert.False(document.Message.IsRejected));
    }

    [Fact]
    public void A_header_whose_last_element_was_left_out_is_noted()
    {
        // ISA16 is missing, so ~ stands as component separator and line feeds end segments: by the letter it reads, and the first order of the two is whole.
        var (interchange, documents, _) = EdiSamples.Open(EdiSamples.Read("x12.850.issue135.edi"));

        Assert.Contains(interchange.Faults.Kept, fault => fault is { Kind: EdiFaultKind.HeaderElement, At.Element: 16 });
        Assert.Equal(10, Assert.IsType<PurchaseOrder>(documents[0].Content).Lines.Count);
        Assert.Equal([false, true], documents.Select(document => document.Message.IsRejected));
    }

    [Fact]
    public void A_shipment_of_chilled_lots_is_understood()
    {
        var (_, documents, _) = EdiSamples.Open(EdiSamples.Read("x12.856.fsma204.edi"));
        var advice = Assert.IsType<DespatchAdvice>(documents[0].Content);

        Assert.Equal([DespatchLevelKind.Shipment, DespatchLevelKind.Order, DespatchLevelKind.Pack, DespatchLevelKind.Item], advice.Levels.Select(level => level.Kind));
        Assert.Equal("PO-2026-FSMA01", advice.Levels[1].OrderNumber);
        Assert.Equal("100123450000001815", Assert.Single(advice.Levels[2].Ssccs));
        Assert.Equal("TLC-2026-0902-F4", advice.Levels[3].Lines[0].References.First(reference => reference.Qualifier == "LT").Value);
    }
}
