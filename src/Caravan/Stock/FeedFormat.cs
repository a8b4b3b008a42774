namespace Caravan.Stock;

/// <summary>How a stock system writes its files. What is null is found out in each file, by the house's names for columns.</summary>
internal sealed record FeedFormat
{
    /// <summary>The name of an encoding, such as windows-1252.</summary>
    public string? Encoding { get; init; }

    /// <summary>What divides fields.</summary>
    public char? Delimiter { get; init; }

    /// <summary>The line that names the columns, from 1.</summary>
    public int HeaderLine { get; init; } = 1;

    /// <summary>The name of the column of the location.</summary>
    public string? Location { get; init; }

    /// <summary>Where a file names no location: the code of the one that all its lines are of.</summary>
    public string? FixedLocation { get; init; }

    public string? Item { get; init; }

    public string? Quantity { get; init; }

    /// <summary>What stands before fractions; the other one of comma and point, a space and an apostrophe then part thousands. Null: plain digits.</summary>
    public char? DecimalMark { get; init; }

    /// <summary>Whether a person has said which columns are which.</summary>
    public bool NamesColumns => Item is not null;

    /// <summary>The columns of a header.</summary>
    /// <exception cref="FeedFileException">One of those that were named is not there.</exception>
    public IReadOnlyList<FeedColumn> ColumnsOf(IReadOnlyList<string> header)
    {
        if (!NamesColumns)
            return FeedColumns.Recognise(header);

        List<FeedColumn> columns = [];
        foreach (var (role, name) in new[] { (ColumnRole.Location, Location), (ColumnRole.Item, Item), (ColumnRole.Quantity, Quantity) })
        {
            if (name is null)
                continue;

            var index = header.ToList().FindIndex(title => string.Equals(title.Trim(), name, StringComparison.OrdinalIgnoreCase));
            if (index < 0)
                throw new FeedFileException($"No column is called '{name}', which this feed's {role.ToString().ToLowerInvariant()} was read from before. The header on line {HeaderLine} reads: {string.Join(" | ", header.Take(20))}. Has the export changed? Connect the feed again with this file.");
            columns.Add(new FeedColumn(role, index, name, 100));
        }

        return columns;
    }

    /// <summary>A quantity in plain digits, as far as its way of writing is known; what is not understood stays as it is, and is named.</summary>
    public static string Plain(string quantity, char? decimalMark)
    {
        if (decimalMark is not { } mark || quantity.Length > 40)
            return quantity;

        Span<char> plain = stackalloc char[quantity.Length];
        var length = 0;
        var sinceSeparator = -1;
        var isFraction = false;
        foreach (var c in quantity)
        {
            if (c == mark)
            {
                if (isFraction || sinceSeparator is >= 0 and not 3)
                    return quantity;
                isFraction = true;
                plain[length++] = '.';
            }
            else if (!isFraction && c is '.' or ',' or '\'' or ' ' or '\u00A0' or '\u202F' or '\u2019')
            {
                // Thousands come in threes; else this is something else.
                if (sinceSeparator is >= 0 and not 3)
                    return quantity;
                sinceSeparator = 0;
            }
            else
            {
                plain[length++] = c;
                sinceSeparator += sinceSeparator >= 0 && !isFraction ? 1 : 0;
            }
        }

        return !isFraction && sinceSeparator is >= 0 and not 3 ? quantity : new string(plain[..length]);
    }
}
