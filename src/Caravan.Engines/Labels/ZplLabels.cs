using System.Globalization;
using System.Text;

namespace Caravan.Engines.Labels;

/// <summary>
/// Labels in ZPL II, the language of thermal printers.
/// <para>
/// Source: Zebra's ZPL II programming guide. One format (^XA … ^XZ) a label, in dots from the top left: text is ^FT on its baseline in the
/// printer's font 0, boxes are ^GB, barcodes ^BC in the mode in which each character is said, so that the printer prints the same symbol as any other
/// device. Data are UTF-8 (^CI28) under ^FH: <c>^ ~ _ \</c>, control characters and everything outside ASCII is written as <c>_</c> and two hexadecimal
/// digits a byte. What the printer's font has no glyph for it leaves out; font 0 knows the Latin, Greek and Cyrillic scripts.
/// </para>
/// <para>Linear in the marks, any thread. Throws <see cref="ArgumentException"/> on another resolution.</para>
/// </summary>
public static class ZplLabels
{
    private const double MillimetresPerInch = 25.4;

    /// <summary>Resolutions that are written: dots per inch.</summary>
    public static bool IsResolution(int dpi) => dpi is 203 or 300;

    /// <summary>Dots of the narrowest bar: as few as reach <see cref="LabelSheet.ModuleLeast"/>.</summary>
    public static int ModuleDots(int dpi) => (int)Math.Ceiling(LabelSheet.ModuleLeast * dpi / MillimetresPerInch);

    /// <summary>Writes labels, one format each.</summary>
    public static string Write(IReadOnlyList<LabelSheet> sheets, int dpi)
    {
        ArgumentNullException.ThrowIfNull(sheets);
        if (!IsResolution(dpi))
            throw new ArgumentException("Printers of 203 and 300 dpi are written for.", nameof(dpi));

        var zpl = new StringBuilder();
        int Dots(double millimetres) => (int)Math.Round(millimetres * dpi / MillimetresPerInch);
        foreach (var sheet in sheets)
        {
            zpl.Append(CultureInfo.InvariantCulture, $"^XA^CI28^LH0,0^PW{Dots(sheet.Width)}^LL{Dots(sheet.Height)}\n");
            foreach (var mark in sheet.Marks)
            {
                switch (mark)
                {
                    case LabelMark.Box box:
                        var (wide, high) = (Math.Max(1, Dots(box.Width)), Math.Max(1, Dots(box.Height)));
                        zpl.Append(CultureInfo.InvariantCulture, $"^FO{Dots(box.X)},{Dots(box.Y)}^GB{wide},{high},{Math.Min(wide, high)}^FS\n");
                        break;
                    case LabelMark.Words words:
                        zpl.Append(CultureInfo.InvariantCulture, $"^FT{Dots(words.X)},{Dots(words.Baseline)}^A0N,{Dots(words.Height)},{Dots(words.Height)}{(words.IsWhite ? "^FR" : "")}^FH_^FD{Escaped(words.Text)}^FS\n");
                        break;
                    case LabelMark.Bars bars:
                        var module = ModuleDots(dpi);
                        var left = (Dots(bars.Left) + Dots(bars.Right) - (bars.Code.Modules * module)) / 2;
                        // Rounded up: the bars may not be lower than the standard's.
                        zpl.Append(CultureInfo.InvariantCulture, $"^FO{left},{Dots(bars.Y)}^BY{module},3^BCN,{(int)Math.Ceiling(bars.Height * dpi / MillimetresPerInch)},N,N,N,N^FH_^FD{Escaped(bars.Code.ToZpl())}^FS\n");
                        break;
                }
            }

            zpl.Append("^XZ\n");
        }

        return zpl.ToString();
    }

    private static string Escaped(string text)
    {
        var escaped = new StringBuilder();
        Span<byte> bytes = stackalloc byte[4];
        foreach (var one in text.EnumerateRunes())
        {
            if (one.Value is >= ' ' and <= '~' and not ('^' or '~' or '_' or '\\'))
            {
                escaped.Append((char)one.Value);
                continue;
            }

            foreach (var part in bytes[..one.EncodeToUtf8(bytes)])
                escaped.Append(CultureInfo.InvariantCulture, $"_{part:X2}");
        }

        return escaped.ToString();
    }
}
