namespace Caravan.Engines.Tests.Labels;

/// <summary>Reads the bars of Code 128 as a scanner does: from widths to values to text. Knows nothing of how they were made.</summary>
internal static class BarReading
{
    // ISO/IEC 15417, table 1: widths of three bars and three spaces, values 0 to 105.
    private static readonly Dictionary<string, int> Characters = (
        "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 " +
        "212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 " +
        "314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 " +
        "214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 211232").Split(' ').Index().ToDictionary(one => one.Item, one => one.Index);

    /// <summary>What the bars say; FNC1 after the first is U+001D. Throws when they say nothing, or not what GS1-128 says.</summary>
    public static string Text(IReadOnlyList<int> widths)
    {
        var line = string.Concat(widths);
        Assert.EndsWith("2331112", line);
        Assert.Equal(1, line.Length % 6);
        var values = Enumerable.Range(0, (line.Length - 7) / 6).Select(at => Characters[line.Substring(at * 6, 6)]).ToList();
        return Text(values[..^1], values[^1]);
    }

    /// <summary>What values from the start on say, given the check value.</summary>
    public static string Text(IReadOnlyList<int> values, int check)
    {
        Assert.Equal(check, (values[0] + values.Index().Sum(one => one.Index * one.Item)) % 103);
        Assert.Equal(102, values[1]); // FNC1 makes it GS1-128.
        var isC = values[0] switch { 105 => true, 104 => false, var other => throw new InvalidOperationException($"No start: {other}.") };
        var text = "";
        foreach (var value in values.Skip(2))
        {
            if (value == 102)
                text += '\u001d';
            else if (isC && value == 100 || !isC && value == 99)
                isC = !isC;
            else
                text += isC && value < 100 ? $"{value:00}" : !isC && value < 95 ? ((char)(value + 32)).ToString() : throw new InvalidOperationException($"{value} says nothing here.");
        }

        return text;
    }

    /// <summary>The values that a printer makes of ^BC data in the mode in which everything is said.</summary>
    public static List<int> Values(string zpl)
    {
        List<int> values = [];
        var isC = false;
        for (var at = 0; at < zpl.Length;)
        {
            if (zpl[at] == '>')
            {
                var value = zpl[at + 1] switch { ';' => 105, ':' => 104, '8' => 102, '6' => 100, '5' => 99, '0' => '>' - 32, '<' => '^' - 32, '=' => '~' - 32, var other => throw new InvalidOperationException($"No code >{other}.") };
                isC = value switch { 105 => true, 104 => false, 100 when isC => false, 99 when !isC => true, _ => isC };
                values.Add(value);
                at += 2;
            }
            else
            {
                values.Add(isC ? int.Parse(zpl.AsSpan(at, 2)) : zpl[at] - 32);
                at += isC ? 2 : 1;
            }
        }

        return values;
    }

    /// <summary>The check value of values from the start on.</summary>
    public static int Check(IReadOnlyList<int> values) => (values[0] + values.Index().Sum(one => one.Index * one.Item)) % 103;

    /// <summary>Modules of bars and spaces of values from the start to the check value, and of the stop.</summary>
    public static List<int> Widths(IReadOnlyList<int> values) => [.. string.Concat(values.Select(value => Characters.First(one => one.Value == value).Key).Append("2331112")).Select(width => width - '0')];
}
