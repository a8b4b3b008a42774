using System.Globalization;
using System.Text;

namespace Caravan.Engines.Labels;

/// <summary>Text as the strings of a PDF: which font each run of characters is in, and its bytes in hexadecimal. See <see cref="PdfLabels"/> for what becomes of what.</summary>
internal static class PdfText
{
    private const string Plain = "F1";
    private const string Bold = "F2";
    private const string Chinese = "F3";

    // Windows-1252 from 0x80 to 0x9F; a space where it has nothing.
    private const string Windows = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

    // Latin Extended-A, U+0100 to U+017F, without its marks.
    private const string Latin = "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiJjJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

    /// <summary>The runs of a text, in order.</summary>
    public static IEnumerable<(string Font, string Hex)> Runs(string text, bool isBold)
    {
        var (font, hex) = ("", new StringBuilder());
        foreach (var one in text.EnumerateRunes())
        {
            var isChinese = IsChinese(one.Value);
            var next = isChinese ? Chinese : isBold ? Bold : Plain;
            if (next != font && hex.Length > 0)
            {
                yield return (font, hex.ToString());
                hex.Clear();
            }

            font = next;
            if (isChinese)
                hex.Append(CultureInfo.InvariantCulture, $"{one.Value:X4}");
            else
                hex.Append(CultureInfo.InvariantCulture, $"{InWindows(one.Value):X2}");
        }

        if (hex.Length > 0)
            yield return (font, hex.ToString());
    }

    // Greek, Cyrillic, kana, ideographs and their punctuation, full-width forms: what Adobe-GB1 has, roughly.
    private static bool IsChinese(int code) => code is (>= 0x391 and <= 0x3C9) or (>= 0x401 and <= 0x451) or (>= 0x3001 and <= 0x30FF) or (>= 0x4E00 and <= 0x9FA5) or (>= 0xFF01 and <= 0xFF5E);

    private static byte InWindows(int code) => code switch
    {
        >= ' ' and <= '~' or >= 0xA1 and <= 0xFF => (byte)code,
        0xA0 or 0x2009 or 0x202F or '\t' => (byte)' ',
        0x2010 or 0x2011 or 0x2212 => (byte)'-',
        _ when code <= char.MaxValue && Windows.IndexOf((char)code, StringComparison.Ordinal) is >= 0 and var at => (byte)(0x80 + at),
        >= 0x100 and <= 0x17F => (byte)Latin[code - 0x100],
        _ => (byte)'?',
    };
}
