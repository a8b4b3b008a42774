namespace Caravan.Stock;

/// <summary>
/// Reads the lines of a stock file from its rows, one at a time. Codes that a spreadsheet writes as text, '0123 or ="0123", are
/// read as what they mean.
/// </summary>
internal sealed class FeedLineReader(FeedRows rows, FeedFormat? format = null)
{
    /// <summary>How much of a file must be at hand before its header is read, in characters, unless it is all there.</summary>
    public const int AheadWanted = 4 * 1024;

    private const int LongestField = 200;
    private const int WordsKept = 100_000;
    private static readonly char[] Delimiters = [',', ';', '\t', '|'];
    private readonly FeedFormat format = format ?? new FeedFormat();
    private readonly HashSet<string> words = new(StringComparer.Ordinal);
    private int narrowest = int.MaxValue;
    private int location = -1;
    private int item = -1;
    private int quantity = -1;
    private int change = -1;

    public char Delimiter => rows.Delimiter;

    public IReadOnlyList<string> Header { get; private set; } = [];

    public IReadOnlyList<FeedColumn> Columns { get; private set; } = [];

    /// <summary>Whether the file ends in the middle of a line; then nobody knows what else it held.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>The line that was read last.</summary>
    public int LastLine { get; private set; }

    /// <summary>The header of a file of which enough is at hand.</summary>
    /// <exception cref="FeedFileException">There is none.</exception>
    public void ReadHeader()
    {
        rows.Delimiter = format.Delimiter ?? '\n';
        if (rows.Ahead.StartsWith("sep=", StringComparison.OrdinalIgnoreCase))
            rows.Read();
        rows.Delimiter = '\n';
        while (rows.NextLine < format.HeaderLine && rows.Read())
        {
            // What stands above the header: the name of a report, the day it was made.
        }

        rows.Delimiter = format.Delimiter ?? DelimiterOf(rows.Ahead);
        Header = rows.Read() ? FieldsOf() : [];
        if (Header.Count == 0 || Header.All(string.IsNullOrWhiteSpace))
            throw new FeedFileException("The file is empty. Its first line names the columns: location, item, quantity.");
        if (rows.Count > FeedRows.ColumnsMax)
            throw new FeedFileException($"The file has {rows.Count} columns; at most {FeedRows.ColumnsMax} are read.");

        Columns = format.ColumnsOf(Header);
        foreach (var column in Columns)
        {
            switch (column.Role)
            {
                case ColumnRole.Location:
                    location = column.Index;
                    break;
                case ColumnRole.Item:
                    item = column.Index;
                    break;
                case ColumnRole.Quantity:
                    quantity = column.Index;
                    break;
                default:
                    change = column.Index;
                    break;
            }
        }
    }

    /// <summary>What is missing or unsure for a server to read the file; null when nothing is.</summary>
    public string? WhyUnusable => format.NamesColumns ? null : FeedColumns.WhyUnusable(Columns, Header);

    /// <summary>The next line; null when more of the file must come, or it has ended.</summary>
    public FeedLine? Next()
    {
        while (rows.Read())
        {
            if (rows.Count == 1 && rows[0].IsEmpty)
                continue;

            // A short line is common (a missing quantity); one shorter than all others, without its line end, was cut off.
            IsCutOff = rows.IsUnended && (rows.Count < Math.Min(Header.Count, narrowest) || rows.Fault is not null);
            narrowest = Math.Min(narrowest, rows.Count);
            LastLine = rows.Line;
            return Line();
        }

        return null;
    }

    private FeedLine Line()
    {
        var fault = rows.Fault ?? (IsCutOff ? "The file ends in the middle of this line." : null);
        var place = format.FixedLocation ?? Word(location, isCode: true, ref fault);
        var code = Word(item, isCode: true, ref fault);
        var figure = FeedFormat.Plain(Word(quantity, isCode: false, ref fault), format.DecimalMark);
        var moved = FeedFormat.Plain(Word(change, isCode: false, ref fault), format.DecimalMark);

        // A file may have both columns and fill one of them, line by line.
        if (moved.Length > 0 && figure.Length > 0)
            fault ??= "A line gives a quantity or a change, not both.";
        return new FeedLine(rows.Line, place, code, moved.Length > 0 ? moved : figure, moved.Length > 0) { Fault = fault };
    }

    private string Word(int column, bool isCode, ref string? fault)
    {
        if (column < 0 || column >= rows.Count)
            return "";

        var value = rows[column].Trim();
        if (isCode && value is ['\'', ..] or ['=', '"', .., '"'])
            value = value[0] == '\'' ? value[1..].Trim() : value[2..^1].Trim();
        if (value.Length > LongestField || value.IndexOfAnyInRange('\0', '\u001F') >= 0 || value.IndexOfAnyInRange('\u007F', '\u009F') >= 0)
        {
            fault ??= $"Column '{Header[column]}' holds {(value.Length > LongestField ? $"more than {LongestField} characters" : "control characters")}.";
            return new string([.. value.ToArray().Where(c => !char.IsControl(c)).Take(LongestField)]);
        }

        // The same codes and numbers come again and again.
        var known = words.GetAlternateLookup<ReadOnlySpan<char>>();
        if (known.TryGetValue(value, out var word))
            return word;

        if (words.Count == WordsKept)
            words.Clear();
        word = value.ToString();
        words.Add(word);
        return word;
    }

    private List<string> FieldsOf()
    {
        List<string> fields = [];
        for (var i = 0; i < Math.Min(rows.Count, FeedRows.ColumnsMax); i++)
            fields.Add(rows[i].ToString());
        return fields;
    }

    /// <summary>What divides the fields of a line.</summary>
    public static char DelimiterOf(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny('\r', '\n');
        var header = end < 0 ? text : text[..end];
        var (best, most) = (',', 0);
        foreach (var delimiter in Delimiters)
        {
            var count = header.Count(delimiter);
            if (count > most)
                (best, most) = (delimiter, count);
        }

        return best;
    }
}
