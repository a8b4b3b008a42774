using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;

namespace Caravan.Engines.Labels;

/// <summary>
/// A text as bars: Code 128, which begins with FNC1 and so is GS1-128.
/// <para>
/// Source: ISO/IEC 15417:2007 (Code 128) and GS1 General Specifications 5.4 (GS1-128). Each symbol character is three bars and three spaces of
/// together eleven modules; the check character is the sum of values weighed by place, modulo 103. Set B has printable ASCII, set C two
/// digits in one character. Which set is used where is found from the end backwards, place by place, by the fewest characters for what
/// follows in either set; so no encoding by B and C is shorter, which the rules of thumb in the standard's annex E do not promise for
/// odd runs of digits around FNC1.
/// </para>
/// <para>Linear in time and memory, any thread. Throws <see cref="ArgumentException"/> on a text that is empty, too long or not ASCII.</para>
/// </summary>
public sealed class Code128
{
    /// <summary>The most data characters that a GS1-128 symbol may have, FNC1 between them included.</summary>
    public const int LongestText = 48;

    /// <summary>Light modules that must stay free before and after the bars.</summary>
    public const int QuietModules = 10;

    internal const int CodeC = 99;
    internal const int CodeB = 100;
    internal const int Fnc1 = 102;
    internal const int StartB = 104;
    internal const int StartC = 105;
    private const int Stop = 106;
    private const int CheckModulus = 103;

    // Bar, space, bar, space, bar, space of each value; the stop has one bar more.
    private const string Patterns =
        "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221223211221132221231213212223112312131"
        + "311222321122321221312212322112322211212123212321232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121"
        + "313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114"
        + "122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113"
        + "1143114111134113111131411141313111414111312114122112142112322331112";

    private Code128(string text, ImmutableArray<int> values)
    {
        Text = text;
        Values = values;
        Widths = [.. values.SelectMany(value => Patterns.Substring(value * 6, value == Stop ? 7 : 6)).Select(width => width - '0')];
    }

    /// <summary>What it says, without the FNC1 in front; the group separator stands for any other.</summary>
    public string Text { get; }

    /// <summary>The values of its characters, from start to stop.</summary>
    public ImmutableArray<int> Values { get; }

    /// <summary>Modules of bar, space, bar … bar, without the quiet zones.</summary>
    public ImmutableArray<int> Widths { get; }

    /// <summary>How many modules wide it is, without the quiet zones.</summary>
    public int Modules => (Values.Length * 11) + 2;

    /// <summary>The barcode of a text; <see cref="Gs1Text.Separator"/> becomes FNC1.</summary>
    public static Code128 Gs1(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length is 0 or > LongestText || text.Any(one => one is not Gs1Text.Separator and (< ' ' or > '~')))
            throw new ArgumentException($"A GS1-128 barcode says 1 to {LongestText} characters of printable ASCII.", nameof(text));

        var (inB, inC) = Fewest(text);
        var isC = inC[0] < inB[0];
        List<int> values = [isC ? StartC : StartB, Fnc1];
        for (var at = 0; at < text.Length;)
        {
            if (isC && inC[at] > inB[at])
            {
                values.Add(CodeB);
                isC = false;
            }
            else if (!isC && inB[at] > inC[at])
            {
                values.Add(CodeC);
                isC = true;
            }

            values.Add(text[at] == Gs1Text.Separator ? Fnc1 : isC ? ((text[at] - '0') * 10) + text[at + 1] - '0' : text[at] - ' ');
            at += isC && text[at] != Gs1Text.Separator ? 2 : 1;
        }

        var sum = values[0];
        for (var i = 1; i < values.Count; i++)
            sum += i * values[i];
        return new Code128(text, [.. values, sum % CheckModulus, Stop]);
    }

    /// <summary>What ^BC of ZPL II takes to print exactly these characters: &gt; begins what is not set B's own.</summary>
    public string ToZpl()
    {
        var zpl = new StringBuilder();
        var isC = false;
        foreach (var value in Values.AsSpan(0, Values.Length - 2)) // Printers add check and stop themselves.
        {
            switch (value)
            {
                case StartB or StartC:
                    zpl.Append(value == StartC ? ">;" : ">:");
                    isC = value == StartC;
                    break;
                case Fnc1:
                    zpl.Append(">8");
                    break;
                case CodeB when isC:
                    zpl.Append(">6");
                    isC = false;
                    break;
                case CodeC when !isC:
                    zpl.Append(">5");
                    isC = true;
                    break;
                default:
                    zpl.Append(isC ? $"{value / 10}{value % 10}" : (char)(value + ' ') switch { '>' => ">0", '^' => "><", '~' => ">=", var one => one.ToString() });
                    break;
            }
        }

        return zpl.ToString();
    }

    // How many characters the text needs from each place on, when the set there is B, or C; changing the set costs one.
    private static (int[] B, int[] C) Fewest(string text)
    {
        var (b, c) = (new int[text.Length + 1], new int[text.Length + 1]);
        for (var at = text.Length - 1; at >= 0; at--)
        {
            var isSeparator = text[at] == Gs1Text.Separator;
            var isPair = at + 1 < text.Length && char.IsAsciiDigit(text[at]) && char.IsAsciiDigit(text[at + 1]);
            var (stayB, stayC) = (1 + b[at + 1], isSeparator ? 1 + c[at + 1] : isPair ? 1 + c[at + 2] : int.MaxValue - 1);
            (b[at], c[at]) = (Math.Min(stayB, stayC + 1), Math.Min(stayC, stayB + 1));
            Debug.Assert(Math.Abs(b[at] - c[at]) <= 1, "One change of set makes one of the other.");
        }

        return (b, c);
    }
}
