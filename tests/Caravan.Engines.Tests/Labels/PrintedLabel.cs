using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Caravan.Engines.Tests.Labels;

/// <summary>A rectangle on paper, in millimetres from the top left.</summary>
internal sealed record PrintedBox(double X, double Y, double Width, double Height);

/// <summary>A barcode on paper: its bars in millimetres, and its modules' width.</summary>
internal sealed record PrintedBars(IReadOnlyList<PrintedBox> Bars, double Module)
{
    /// <summary>Bar, space, bar … in modules.</summary>
    public List<int> Widths => [.. Bars.SelectMany((bar, index) => index == 0 ? [bar.Width] : new[] { bar.X - Bars[index - 1].X - Bars[index - 1].Width, bar.Width }).Select(width => (int)Math.Round(width / Module))];

    public double Left => Bars[0].X;

    public double Right => Bars[^1].X + Bars[^1].Width;
}

/// <summary>What a printer makes of a label: read from the PDF's or the ZPL's own bytes, apart from whatever wrote them.</summary>
internal sealed partial record PrintedLabel(double Width, double Height, IReadOnlyList<PrintedBox> Boxes, IReadOnlyList<PrintedBars> Barcodes, IReadOnlyList<(double X, double Baseline, string Text)> Words)
{
    private const double PointMillimetres = 25.4 / 72;

    /// <summary>The pages of a PDF. Every object must lie where the table says.</summary>
    public static List<PrintedLabel> OfPdf(byte[] bytes)
    {
        var pdf = Encoding.ASCII.GetString(bytes);
        Assert.StartsWith("%PDF-1.4\n", pdf);
        Assert.EndsWith("%%EOF\n", pdf);
        var table = int.Parse(StartXref().Match(pdf).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.StartsWith("xref\n", pdf[table..]);
        foreach (var (index, entry) in TableEntry().Matches(pdf[table..]).Index())
            Assert.StartsWith($"{index + 1} 0 obj\n", pdf[int.Parse(entry.Groups[1].Value, CultureInfo.InvariantCulture)..]);

        List<PrintedLabel> pages = [];
        foreach (Match page in Page().Matches(pdf))
        {
            var (width, height) = (Number(page, 1) * PointMillimetres, Number(page, 2) * PointMillimetres);
            var stream = Stream(page.Groups[3].Value).Match(pdf);
            Assert.Equal(int.Parse(stream.Groups[1].Value, CultureInfo.InvariantCulture), stream.Groups[2].Length);
            var boxes = Rectangle().Matches(stream.Groups[2].Value).Select(match => new PrintedBox(
                Number(match, 1) * PointMillimetres,
                height - ((Number(match, 2) + Number(match, 4)) * PointMillimetres),
                Number(match, 3) * PointMillimetres,
                Number(match, 4) * PointMillimetres)).ToList();
            var words = TextBlock().Matches(stream.Groups[2].Value).Select(match => (
                Number(match, 1) * PointMillimetres,
                height - (Number(match, 2) * PointMillimetres),
                string.Concat(Shown().Matches(match.Groups[3].Value).Select(run => run.Groups[1].Value == "F3"
                    ? Encoding.BigEndianUnicode.GetString(Convert.FromHexString(run.Groups[2].Value))
                    : Encoding.Latin1.GetString(Convert.FromHexString(run.Groups[2].Value)))))).ToList();

            // Many boxes of one height side by side are bars.
            var barcodes = boxes.GroupBy(box => (Math.Round(box.Y, 2), Math.Round(box.Height, 2))).Where(row => row.Count() > 10).OrderBy(row => row.Key.Item1)
                .Select(row => new PrintedBars([.. row.OrderBy(box => box.X)], row.Min(box => box.Width))).ToList();
            pages.Add(new PrintedLabel(width, height, [.. boxes.Except(barcodes.SelectMany(code => code.Bars))], barcodes, words));
        }

        return pages;
    }

    /// <summary>The labels of a ZPL file, on a printer of so many dots an inch.</summary>
    public static List<PrintedLabel> OfZpl(string zpl, int dpi)
    {
        var dot = 25.4 / dpi;
        List<PrintedLabel> labels = [];
        foreach (Match format in Format().Matches(zpl))
        {
            var body = format.Groups[1].Value;
            var size = Size().Match(body);
            Assert.Contains("^CI28", body, StringComparison.Ordinal);
            var boxes = Box().Matches(body).Select(match => new PrintedBox(Number(match, 1) * dot, Number(match, 2) * dot, Number(match, 3) * dot, Number(match, 4) * dot)).ToList();
            Assert.All(Box().Matches(body), match => Assert.Equal(Math.Min(Number(match, 3), Number(match, 4)), Number(match, 5))); // Filled, not framed.
            var words = TextField().Matches(body).Select(match => (Number(match, 1) * dot, Number(match, 2) * dot, Unescaped(match.Groups[3].Value))).ToList();
            var barcodes = BarField().Matches(body).Select(match => BarsOf(match, dot)).ToList();
            Assert.Equal(body.Split("^FS").Length - 1, boxes.Count + words.Count + barcodes.Count);
            labels.Add(new PrintedLabel(Number(size, 1) * dot, Number(size, 2) * dot, boxes, barcodes, words));
        }

        return labels;
    }

    private static PrintedBars BarsOf(Match field, double dot)
    {
        var values = BarReading.Values(Unescaped(field.Groups[5].Value));
        var module = Number(field, 3) * dot;
        var (x, y, height) = (Number(field, 1) * dot, Number(field, 2) * dot, Number(field, 4) * dot);
        List<PrintedBox> bars = [];
        foreach (var (index, width) in BarReading.Widths([.. values, BarReading.Check(values)]).Index())
        {
            if (index % 2 == 0)
                bars.Add(new PrintedBox(x, y, width * module, height));
            x += width * module;
        }

        return new PrintedBars(bars, module);
    }

    private static string Unescaped(string data)
    {
        List<byte> bytes = [];
        for (var at = 0; at < data.Length; at++)
        {
            Assert.InRange(data[at], ' ', '~');
            if (data[at] == '_')
            {
                bytes.Add(Convert.ToByte(data.Substring(at + 1, 2), 16));
                at += 2;
            }
            else
            {
                bytes.Add((byte)data[at]);
            }
        }

        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. bytes]);
    }

    private static double Number(Match match, int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static Regex Stream(string number) => new($@"(?:^|\n){number} 0 obj\n<< /Length (\d+) >>\nstream\n(.*?)endstream\nendobj\n", RegexOptions.Singleline);

    [GeneratedRegex(@"startxref\n(\d+)\n")]
    private static partial Regex StartXref();

    [GeneratedRegex(@"(\d{10}) 00000 n \n")]
    private static partial Regex TableEntry();

    [GeneratedRegex(@"/Type /Page /Parent.*?/MediaBox \[0 0 ([\d.]+) ([\d.]+)\].*?/Contents (\d+) 0 R")]
    private static partial Regex Page();

    [GeneratedRegex(@"^(-?[\d.]+) (-?[\d.]+) ([\d.]+) ([\d.]+) re f$", RegexOptions.Multiline)]
    private static partial Regex Rectangle();

    [GeneratedRegex(@"^BT (?:1 g )?1 0 0 1 ([\d.]+) ([\d.]+) Tm\n(.*?)^ET", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex TextBlock();

    [GeneratedRegex(@"/(F\d) [\d.]+ Tf <([0-9A-F]+)> Tj")]
    private static partial Regex Shown();

    [GeneratedRegex(@"\^XA(.*?)\^XZ", RegexOptions.Singleline)]
    private static partial Regex Format();

    [GeneratedRegex(@"\^PW(\d+)\^LL(\d+)")]
    private static partial Regex Size();

    [GeneratedRegex(@"\^FO(\d+),(\d+)\^GB(\d+),(\d+),(\d+)\^FS")]
    private static partial Regex Box();

    [GeneratedRegex(@"\^FT(\d+),(\d+)\^A0N,\d+,\d+(?:\^FR)?\^FH_\^FD([^^~]*)\^FS")]
    private static partial Regex TextField();

    [GeneratedRegex(@"\^FO(\d+),(\d+)\^BY(\d+),3\^BCN,(\d+),N,N,N,N\^FH_\^FD([^^~]*)\^FS")]
    private static partial Regex BarField();
}
