using System.Globalization;
using System.Text;

namespace Caravan.Engines.Labels;

/// <summary>
/// Labels as a PDF, one label a page in its own size, for printers that take pages.
/// <para>
/// Source: ISO 32000-1, written as PDF 1.4: a catalogue, a tree of pages, for each page one content stream that is not compressed, three
/// fonts, a table of offsets. Bars and boxes are filled rectangles; a module is half a millimetre. No font is embedded, so that none
/// need be installed here: Latin text is in Helvetica, which every reader has, by the character set Windows-1252; Latin letters beyond
/// it lose their marks (ł is l); Chinese, Japanese kana, Greek and Cyrillic are named by Unicode (UniGB-UCS2-H) in the font that readers put in the
/// place of STSong-Light; of other scripts each character is a question mark.
/// </para>
/// <para>Linear in the marks, any thread. The same labels are the same bytes.</para>
/// </summary>
public static class PdfLabels
{
    /// <summary>How wide the narrowest bar is, in millimetres.</summary>
    public const double Module = 0.5;

    private const double PointsPerMillimetre = 72 / 25.4;
    private const int FirstPage = 7;

    // Objects 1 to 6; pages and their contents follow, two by two.
    private static readonly string[] Fonts =
    [
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light-UniGB-UCS2-H /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000 /FontDescriptor "
            + "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >> >>",
    ];

    /// <summary>Writes labels, at least one.</summary>
    public static byte[] Write(IReadOnlyList<LabelSheet> sheets)
    {
        ArgumentNullException.ThrowIfNull(sheets);
        if (sheets.Count == 0)
            throw new ArgumentException("A PDF has at least one page.", nameof(sheets));

        var kids = string.Join(' ', sheets.Select((_, index) => $"{FirstPage + (2 * index)} 0 R"));
        List<string> objects = ["<< /Type /Catalog /Pages 2 0 R >>", $"<< /Type /Pages /Kids [{kids}] /Count {sheets.Count} >>", .. Fonts];
        foreach (var sheet in sheets)
        {
            var content = Content(sheet);
            objects.Add($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {Points(sheet.Width)} {Points(sheet.Height)}] /Resources << /Font << /F1 3 0 R /F2 4 0 R /F3 5 0 R >> >> /Contents {objects.Count + 2} 0 R >>");
            objects.Add($"<< /Length {content.Length} >>\nstream\n{content}endstream");
        }

        return Encoding.ASCII.GetBytes(File(objects));
    }

    private static string File(List<string> objects)
    {
        // Everything is ASCII, so a character is a byte, and a place in the text one in the file.
        var pdf = new StringBuilder("%PDF-1.4\n");
        List<int> offsets = [];
        foreach (var (index, one) in objects.Index())
        {
            offsets.Add(pdf.Length);
            pdf.Append(CultureInfo.InvariantCulture, $"{index + 1} 0 obj\n{one}\nendobj\n");
        }

        var table = pdf.Length;
        pdf.Append(CultureInfo.InvariantCulture, $"xref\n0 {objects.Count + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets)
            pdf.Append(CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n");
        return pdf.Append(CultureInfo.InvariantCulture, $"trailer\n<< /Size {objects.Count + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").ToString();
    }

    private static string Content(LabelSheet sheet)
    {
        var content = new StringBuilder();
        void Fill(double x, double y, double width, double height) =>
            content.Append(CultureInfo.InvariantCulture, $"{Points(x)} {Points(sheet.Height - y - height)} {Points(width)} {Points(height)} re f\n");
        foreach (var mark in sheet.Marks)
        {
            switch (mark)
            {
                case LabelMark.Box box:
                    Fill(box.X, box.Y, box.Width, box.Height);
                    break;
                case LabelMark.Bars bars:
                    var x = (bars.Left + bars.Right - (bars.Code.Modules * Module)) / 2;
                    foreach (var (index, width) in bars.Code.Widths.Index())
                    {
                        if (index % 2 == 0)
                            Fill(x, bars.Y, width * Module, bars.Height);
                        x += width * Module;
                    }

                    break;
                case LabelMark.Words words:
                    content.Append(CultureInfo.InvariantCulture, $"BT {(words.IsWhite ? "1 g " : "")}1 0 0 1 {Points(words.X)} {Points(sheet.Height - words.Baseline)} Tm\n");
                    foreach (var (font, shown) in PdfText.Runs(words.Text, words.IsBold))
                        content.Append(CultureInfo.InvariantCulture, $"/{font} {Points(words.Height)} Tf <{shown}> Tj\n");
                    content.Append(words.IsWhite ? "ET 0 g\n" : "ET\n");
                    break;
            }
        }

        return content.ToString();
    }

    private static string Points(double millimetres) => (millimetres * PointsPerMillimetre).ToString("0.####", CultureInfo.InvariantCulture);
}
