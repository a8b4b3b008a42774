using System.Text;

namespace Caravan.Engines.Labels;

/// <summary>
/// Lines of text that fit a width: broken after spaces and commas where there are any, else anywhere; what does not fit at all ends in
/// three dots.
/// <para>
/// Widths are those of Helvetica (Adobe's font metrics for the 14 standard fonts), heavy type reckoned wider by the most that Helvetica-Bold is; what is
/// outside ASCII counts as a whole em. A printer's own font 0 is narrower. So a line may end early, and never leaves the label.
/// </para>
/// <para>Linear in the text, any thread.</para>
/// </summary>
internal static class TextFit
{
    private const string Dots = "...";
    private const int BoldWider = 56;

    // In thousandths of the em, from the space to the tilde.
    private static readonly short[] Widths =
    [
        278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
        1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
        333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
    ];

    /// <summary>How wide a text is at most, in the unit of its height.</summary>
    public static double Width(string text, double height, bool isBold = false) =>
        text.EnumerateRunes().Sum(one => (one.Value is >= ' ' and <= '~' ? Widths[one.Value - ' '] : 1000) + (isBold ? BoldWider : 0)) * height / 1000;

    /// <summary>A text as at most so many lines of at most this width.</summary>
    public static List<string> Lines(string text, double width, double height, int most, bool isBold = false)
    {
        List<string> lines = [];
        foreach (var paragraph in text.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            for (var rest = paragraph; rest.Length > 0;)
            {
                var line = Head(rest, width, height, isBold);
                lines.Add(line.TrimEnd());
                rest = rest[line.Length..].TrimStart();
            }
        }

        if (lines.Count <= most)
            return lines;

        var last = lines[most - 1];
        while (last.Length > 0 && Width(last + Dots, height, isBold) > width)
            last = last[..^(char.IsLowSurrogate(last[^1]) ? 2 : 1)];
        return [.. lines.Take(most - 1), last + Dots];
    }

    // As much of a text as fits: up to the last gap that fits, or to the last character; at least one character.
    private static string Head(string text, double width, double height, bool isBold)
    {
        var (at, gap) = (0, 0);
        foreach (var one in text.EnumerateRunes())
        {
            var next = at + one.Utf16SequenceLength;
            if (at > 0 && Width(text[..next], height, isBold) > width && !Rune.IsWhiteSpace(one))
                return text[..(gap > 0 ? gap : at)];

            at = next;
            if (Rune.IsWhiteSpace(one) || one.Value == ',')
                gap = at;
        }

        return text;
    }
}
