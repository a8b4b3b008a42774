using System.Text;
using Caravan.Engines.Labels;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Engines.Tests.Labels;

/// <summary>What is printed is read back from the PDF's and the ZPL's own bytes.</summary>
public sealed class LabelWriterTests
{
    private const double Tolerance = 0.15; // A dot of the coarser printer is 0.125 mm.
    private static readonly Config ManyCases = Config.QuickThrowOnFailure.WithMaxTest(300);

    private static readonly Arbitrary<LogisticLabel> Labels =
        (from serial in Gen.Choose(0, 999_999_999)
         from order in Texts(1, 40)
         from sender in Texts(0, 200)
         from receiver in Texts(0, 200)
         from cold in Gen.Elements(ColdMark.None, ColdMark.Chilled, ColdMark.Frozen)
         from count in Gen.Choose(1, 100_000)
         select Label() with { Sscc = Sscc.Of(3, "7610425", serial), OrderNumber = order, From = sender, To = receiver, ColdMark = cold, Cold = cold.ToString(), Count = count }).ToArbitrary();

    private static Gen<string> Texts(int shortest, int longest) =>
        from length in Gen.Choose(shortest, longest)
        from letters in Gen.Elements("0123456789 abcXYZ,^~_\\>()é北京ł\n🍎".EnumerateRunes().ToArray()).ListOf(length)
        select string.Concat(letters);

    internal static LogisticLabel Label() => new()
    {
        Sscc = Sscc.Of(3, "7610425", 2123456),
        From = "Chain\nThe near one",
        To = "12 Lane of Lanterns\nBeijing",
        OrderNumber = "WEB-10023",
        Carrier = "Riders, within the hour",
        Due = "Tue 3 Nov 2026, 10:55",
        Cold = "FROZEN -18 °C",
        ColdMark = ColdMark.Frozen,
        Count = 3,
        WeightGrams = 1_250,
        Box = (1, 2),
    };

    [Fact]
    public void Every_label_is_read_back_whole_from_each_writer() => Check.One(ManyCases, Prop.ForAll(Labels, label =>
    {
        var sheet = LogisticLabels.Draw(label);
        string[] expected = LogisticLabels.OrderBarcode(label.OrderNumber) is { } order ? [Gs1Text.Write(order), $"00{label.Sscc}"] : [$"00{label.Sscc}"];
        foreach (var printed in new[] { PrintedLabel.OfPdf(PdfLabels.Write([sheet])), PrintedLabel.OfZpl(ZplLabels.Write([sheet], 203), 203), PrintedLabel.OfZpl(ZplLabels.Write([sheet], 300), 300) }.Select(Assert.Single))
        {
            Assert.Equal(105, printed.Width, Tolerance);
            Assert.Equal(148, printed.Height, Tolerance);
            Assert.Equal(expected, printed.Barcodes.Select(code => BarReading.Text(code.Widths)));
            Assert.Contains($"(00) {label.Sscc}", printed.Words.Select(words => words.Text));
            AssertFits(printed);
        }
    }));

    // GS1's measures for logistic units; and nothing leaves the label or lies in a barcode's quiet zone.
    private static void AssertFits(PrintedLabel printed)
    {
        foreach (var code in printed.Barcodes)
        {
            Assert.InRange(code.Module, LabelSheet.ModuleLeast, 1.016);
            Assert.All(code.Bars, bar => Assert.True(bar.Height >= LabelSheet.BarsLeast));
            var (left, right) = (code.Left - (10 * code.Module), code.Right + (10 * code.Module));
            Assert.True(left >= -0.01 && right <= printed.Width + 0.01, "The quiet zone leaves the label.");
            Assert.DoesNotContain(printed.Boxes, box => box.Y < code.Bars[0].Y + code.Bars[0].Height && box.Y + box.Height > code.Bars[0].Y && box.X < right && box.X + box.Width > left);
            Assert.DoesNotContain(printed.Words, words => words.Baseline > code.Bars[0].Y && words.Baseline < code.Bars[0].Y + code.Bars[0].Height + 2);
        }

        Assert.All(printed.Boxes, box => Assert.True(box.X >= 0 && box.Y >= 0 && box.X + box.Width <= printed.Width + Tolerance && box.Y + box.Height <= printed.Height + Tolerance));
        Assert.All(printed.Words, words => Assert.True(words.X >= 0 && words.X < printed.Width && words.Baseline > 0 && words.Baseline < printed.Height - 0.5));
    }

    [Fact]
    public void Both_writers_draw_the_same()
    {
        var sheet = LogisticLabels.Draw(Label());

        var pdf = Assert.Single(PrintedLabel.OfPdf(PdfLabels.Write([sheet])));
        var zpl = Assert.Single(PrintedLabel.OfZpl(ZplLabels.Write([sheet], 203), 203));

        Assert.Equal(pdf.Words.Select(words => words.Text), zpl.Words.Select(words => words.Text));
        foreach (var (one, other) in pdf.Boxes.Zip(zpl.Boxes, (one, other) => (one, other)).Concat(pdf.Barcodes.Zip(zpl.Barcodes).SelectMany(codes => codes.First.Bars.Zip(codes.Second.Bars))))
        {
            Assert.Equal(one.X, other.X, Tolerance);
            Assert.Equal(one.Y, other.Y, Tolerance);
            Assert.Equal(one.Width, other.Width, Tolerance);
            Assert.Equal(one.Height, other.Height, Tolerance);
        }
    }

    [Fact]
    public void Signs_of_the_printers_language_are_only_signs()
    {
        var sheet = LogisticLabels.Draw(Label() with { To = "^XZ ~JA _5E \\&\nŁódź, 北京 é" });

        var zpl = ZplLabels.Write([sheet], 203);

        var printed = Assert.Single(PrintedLabel.OfZpl(zpl, 203));
        Assert.Contains("^XZ ~JA _5E \\&", printed.Words.Select(words => words.Text));
        Assert.Contains("Łódź, 北京 é", printed.Words.Select(words => words.Text));
        Assert.Contains("_5EXZ _7EJA _5F5E _5C&^FS", zpl, StringComparison.Ordinal);
        Assert.Contains("_C5_81_C3_B3d_C5_BA, _E5_8C_97_E4_BA_AC _C3_A9", zpl, StringComparison.Ordinal);
    }

    [Fact]
    public void Words_of_a_PDF_are_in_its_character_sets_or_question_marks()
    {
        var sheet = LogisticLabels.Draw(Label() with { To = "é\u2009Łódź 北京 (x)\\ \U0001F34E ש" });

        var printed = Assert.Single(PrintedLabel.OfPdf(PdfLabels.Write([sheet])));

        Assert.Contains("é Lódz 北京 (x)\\ ? ?", printed.Words.Select(words => words.Text));
    }

    [Fact]
    public void A_text_that_is_too_long_ends_in_dots_and_a_long_order_number_has_no_bars()
    {
        var printed = Assert.Single(PrintedLabel.OfPdf(PdfLabels.Write([LogisticLabels.Draw(Label() with { To = string.Join(' ', Enumerable.Repeat("Lanterns", 60)), OrderNumber = "AN-ORDER-NUMBER-OF-30-LETTERS" })])));

        Assert.Single(printed.Barcodes);
        Assert.Single(printed.Words, words => words.Text.StartsWith("Lanterns", StringComparison.Ordinal) && words.Text.EndsWith("...", StringComparison.Ordinal));
        Assert.Equal(5, printed.Words.Count(words => words.Text.StartsWith("Lanterns", StringComparison.Ordinal)));
    }

    [Fact]
    public void Each_label_is_a_page_and_a_format()
    {
        List<LabelSheet> sheets = [.. Enumerable.Range(0, 4).Select(serial => LogisticLabels.Draw(Label() with { Sscc = Sscc.Of(0, "7610425", serial) }))];

        Assert.Equal(4, PrintedLabel.OfPdf(PdfLabels.Write(sheets)).Count);
        Assert.Equal(4, PrintedLabel.OfZpl(ZplLabels.Write(sheets, 300), 300).Count);
        Assert.Throws<ArgumentException>(() => PdfLabels.Write([]));
        Assert.Throws<ArgumentException>(() => ZplLabels.Write(sheets, 600));
    }

    [Theory]
    [InlineData(203, 4)] // 0.495 mm are 3.96 dots.
    [InlineData(300, 6)] // 5.85 dots.
    public void A_module_is_as_few_whole_dots_as_the_standard_takes(int dpi, int dots) => Assert.Equal(dots, ZplLabels.ModuleDots(dpi));
}
