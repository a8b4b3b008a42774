using System.Globalization;
using System.Text;
using Caravan.Catalog;

namespace Caravan.Stock.Connect;

/// <summary>What is known of the company that a file is guessed for: of codes that occur in it, which are whose.</summary>
internal sealed record KnownWords(IReadOnlySet<string> Skus, IReadOnlySet<string> Gtins, IReadOnlySet<string> LocationCodes, IReadOnlySet<string> LocationNames);

/// <summary>
/// Guesses how a stock file is written, from its bytes and from what the company's own codes are. Each guess says how sure it is and
/// why, and gives way to what a person has said. Pure.
/// </summary>
internal sealed class FeedGuess
{
    public const int SampleRows = 2_000;
    private const int Shown = 6;
    private const int HeaderWithin = 20;
    private const int ValuesAColumn = 300;
    private const int LeastPercent = 30;
    private static readonly (string Name, char Sign)[] Signs = [("comma", ','), ("semicolon", ';'), ("tab", '\t'), ("pipe", '|')];

    private FeedGuess()
    {
    }

    public required Guessed Encoding { get; init; }
    public required Guessed Delimiter { get; init; }
    public required Guessed HeaderLine { get; init; }
    public required string Text { get; init; }
    public IReadOnlyList<string> Header { get; private init; } = [];
    public IReadOnlyList<IReadOnlyList<string>> Rows { get; private init; } = [];
    public IReadOnlyList<IReadOnlyList<string>> Sample => [.. Rows.Take(Shown)];

    public static char SignOf(string name) => Array.Find(Signs, one => one.Name == name) is { Name: not null } found ? found.Sign : ',';

    /// <summary>How the file is cut into cells.</summary>
    public static FeedGuess Cut(byte[] bytes, ConnectionChoices choices)
    {
        var (name, percent, why) = FeedEncodings.Guess(bytes);
        var encoding = choices.Encoding is { } said ? Said(said) : new Guessed(name, percent, why);
        var marked = FeedEncodings.OfMark(bytes).Length;
        var text = (FeedEncodings.Find(encoding.Value) ?? new UTF8Encoding(false)).GetString(bytes.AsSpan(marked));
        var lines = text.Split('\n', 60).SkipLast(1).Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0).Take(50).ToList();
        if (lines.Count == 0)
            lines = [text];
        var delimiter = choices.Delimiter is { } chosen ? Said(chosen) : DelimiterOf(lines);
        var sign = SignOf(delimiter.Value);
        var rows = RowsOf(text, sign);
        var header = choices.HeaderLine is { } line ? Said(line.ToString(CultureInfo.InvariantCulture)) : HeaderOf(rows);
        var at = int.Parse(header.Value, CultureInfo.InvariantCulture);
        return new FeedGuess
        {
            Encoding = encoding,
            Delimiter = delimiter,
            HeaderLine = header,
            Text = text,
            Header = rows.FirstOrDefault(row => row.Line >= at).Cells is { } cells ? [.. cells.Select(cell => cell.Trim())] : [],
            Rows = [.. rows.Where(row => row.Line > at).Select(row => row.Cells)],
        };
    }

    public static Guessed Said(string value) => new(value, 100, "You said so.");

    /// <summary>Some of the values of each column, for looking them up.</summary>
    public IEnumerable<string> Values() => Enumerable.Range(0, Header.Count).SelectMany(ValuesOf).Distinct(StringComparer.Ordinal);

    /// <summary>Which column is which, by its name and by what stands in it.</summary>
    public (Guessed Location, Guessed Item, Guessed Quantity) Columns(ConnectionChoices choices, KnownWords known)
    {
        var traits = Enumerable.Range(0, Header.Count).Select(column => new ColumnTraits(Header[column], ValuesOf(column).ToList(), known)).ToList();
        var item = Pick(choices.ItemColumn, traits, [], trait => trait.AsItem());
        var location = Pick(choices.LocationColumn, traits, [item.Value], trait => trait.AsLocation());
        var quantity = Pick(choices.QuantityColumn, traits, [item.Value, location.Value], trait => trait.AsQuantity());
        return (location, item, quantity);
    }

    /// <summary>What the codes of the items are, where they are not mapped.</summary>
    public Guessed ItemCodes(ConnectionChoices choices, string column, KnownWords known)
    {
        if (choices.ItemCodes is { } said)
            return Said(said);

        var values = ValuesOf(IndexOf(column)).ToList();
        var skus = values.Count(known.Skus.Contains);
        var gtins = values.Count(value => Gtin.TryParse(value, out var gtin) && known.Gtins.Contains(gtin.Digits));
        var valid = values.Count(value => Gtin.TryParse(value, out _));
        if (values.Count == 0)
            return new Guessed("sku", 50, "There is nothing to look at.");
        if (gtins > skus || (gtins == skus && valid > values.Count / 2))
            return new Guessed("gtin", Math.Clamp(50 + (50 * Math.Max(gtins, valid) / values.Count), 50, 99), string.Create(CultureInfo.InvariantCulture, $"{valid} of {values.Count} have a right check digit; {gtins} are GTINs of your catalogue."));
        return new Guessed("sku", Math.Clamp(50 + (50 * skus / values.Count), 50, 99), string.Create(CultureInfo.InvariantCulture, $"{skus} of {values.Count} are SKUs of your catalogue."));
    }

    /// <summary>Whether a quantity is what lies there, or what may still be sold.</summary>
    public static Guessed Meaning(ConnectionChoices choices, string column)
    {
        if (choices.Meaning is { } said)
            return Said(said);

        var name = FeedWords.Plain(column);
        if (FeedWords.Available.FirstOrDefault(word => name.Contains(word, StringComparison.Ordinal)) is { } available)
            return new Guessed("available", 85, $"Its name says '{available}': what is free to sell.");
        return FeedWords.OnHand.FirstOrDefault(word => name.Contains(word, StringComparison.Ordinal)) is { } onHand
            ? new Guessed("onHand", 80, $"Its name says '{onHand}': what lies there.")
            : new Guessed("onHand", 55, "Most exports tell what lies there. Ask, if the system also knows of reservations.");
    }

    /// <summary>How quantities are written.</summary>
    public Guessed Decimals(ConnectionChoices choices, string column)
    {
        if (choices.Decimals is { } said)
            return Said(said);

        var (comma, point, plain, unclear) = (0, 0, 0, 0);
        foreach (var value in Rows.Select(row => Cell(row, IndexOf(column))).Where(value => value.Length > 0))
        {
            var (lastComma, lastPoint) = (value.LastIndexOf(','), value.LastIndexOf('.'));
            if (lastComma < 0 && lastPoint < 0)
                plain++;
            else if (lastComma >= 0 && lastPoint >= 0)
                _ = lastComma > lastPoint ? comma++ : point++;
            else if (value.Length - Math.Max(lastComma, lastPoint) - 1 != 3)
                _ = lastComma >= 0 ? comma++ : point++;
            else if (value.Count(c => c is ',' or '.') > 1)
                _ = lastComma >= 0 ? point++ : comma++;
            else
                unclear++;
        }

        if (comma + point + unclear == 0)
            return new Guessed("plain", 99, "Only digits.");
        if (comma > 0 && point > 0)
            return new Guessed(comma > point ? "comma" : "point", 50, string.Create(CultureInfo.InvariantCulture, $"Mixed: {comma} lines write a decimal comma, {point} a decimal point. Look at the dry run."));
        if (comma + point > 0)
            return new Guessed(comma > 0 ? "comma" : "point", unclear == 0 ? 97 : 85, string.Create(CultureInfo.InvariantCulture, $"{Math.Max(comma, point)} quantities can be read in no other way."));

        // 1.500 may be one and a half of something, or fifteen hundred. Pieces have no halves.
        var isComma = Rows.Any(row => Cell(row, IndexOf(column)).Contains(','));
        return new Guessed(isComma ? "point" : "comma", 70, $"Stock is whole units, so {(isComma ? "a comma" : "a point")} before three digits parts thousands.");
    }

    /// <summary>The newest day that a column of dates tells of, as far as that may be the day of the figures.</summary>
    public Guessed AsOf(ConnectionChoices choices, DateTimeOffset uploadedAt, TimeSpan oldest)
    {
        if (choices.AsOf is { } said)
            return Said(said.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));

        for (var column = 0; column < Header.Count; column++)
        {
            var values = ValuesOf(column).ToList();
            var days = values.Select(value => FeedDates.Read(value)).OfType<DateTimeOffset>().ToList();
            if (days.Count == 0 || days.Count < values.Count || !FeedWords.Date.Any(word => FeedWords.Plain(Header[column]).Contains(word, StringComparison.Ordinal)))
                continue;

            var newest = days.Max();
            if (newest <= uploadedAt && newest > uploadedAt - oldest)
                return new Guessed(newest.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture), 70, $"The newest of column '{Header[column]}', read as UTC{(values.Exists(FeedDates.IsSerial) ? " from the numbers that Excel keeps dates in" : "")}.");
        }

        return new Guessed(uploadedAt.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture), 60, "When the file was sent. If it was exported earlier, say when: what was sold since is then taken off.");
    }

    public int IndexOf(string column) => Header.ToList().FindIndex(title => string.Equals(title, column, StringComparison.OrdinalIgnoreCase));

    public static string Cell(IReadOnlyList<string> row, int column) => column >= 0 && column < row.Count ? row[column].Trim().TrimStart('\'') : "";

    private IEnumerable<string> ValuesOf(int column) => Rows.Select(row => Cell(row, column)).Where(value => value.Length > 0).Distinct(StringComparer.Ordinal).Take(ValuesAColumn);

    private static Guessed Pick(string? said, List<ColumnTraits> traits, string[] taken, Func<ColumnTraits, (int Percent, string Why)> judge)
    {
        if (said is not null)
            return Said(said);

        var (best, guess) = traits.Where(trait => trait.Header.Length > 0 && !taken.Contains(trait.Header)).Select(trait => (trait, Guess: judge(trait))).OrderByDescending(one => one.Guess.Percent).FirstOrDefault();
        return best is null || guess.Percent < LeastPercent ? new Guessed("", 0, "No column looks like it.") : new Guessed(best.Header, guess.Percent, guess.Why);
    }

    private static Guessed DelimiterOf(List<string> lines)
    {
        var best = new Guessed("comma", 20, "No divider was found: each line is one field.");
        foreach (var (name, sign) in Signs)
        {
            var counts = lines.Select(line => Outside(line, sign)).ToList();
            var (fields, share) = counts.GroupBy(count => count).OrderByDescending(group => group.Count()).Select(group => (group.Key + 1, group.Count() * 100 / counts.Count)).First();
            var percent = fields < 2 ? 0 : Math.Min(99, (share * 9 / 10) + Math.Min(fields, 9));
            if (percent > best.Percent)
                best = new Guessed(name, percent, string.Create(CultureInfo.InvariantCulture, $"{share} % of the lines have {fields} fields with it."));
        }

        return best;
    }

    private static int Outside(string line, char sign)
    {
        var (count, isQuoted) = (0, false);
        foreach (var c in line)
        {
            if (c == '"')
                isQuoted = !isQuoted;
            else if (c == sign && !isQuoted)
                count++;
        }

        return count;
    }

    // Above the header stand a report's name and its day; the header has names, and as many fields as what follows.
    private static Guessed HeaderOf(List<(int Line, IReadOnlyList<string> Cells)> rows)
    {
        var usual = rows.Skip(1).Take(200).GroupBy(row => row.Cells.Count).OrderByDescending(group => group.Count()).Select(group => group.Key).FirstOrDefault();
        var (best, most) = (rows.Count > 0 ? rows[0].Line : 1, -1);
        foreach (var (line, cells) in rows.Take(HeaderWithin))
        {
            var names = cells.Count(cell => FeedWords.IsKnown(cell));
            var numbers = cells.Count(cell => cell.Trim().Length > 0 && cell.Trim().All(c => char.IsAsciiDigit(c) || c is '.' or ',' or '-'));
            var filled = cells.Count(cell => !string.IsNullOrWhiteSpace(cell));
            var score = (names * 20) + (cells.Count == usual ? 15 : 0) + (filled * 10 / Math.Max(1, cells.Count)) - (numbers * 15);
            if (score > most)
                (best, most) = (line, score);
        }

        return new Guessed(best.ToString(CultureInfo.InvariantCulture), Math.Clamp(40 + most, 30, 99), most >= 40 ? "It has the names that the trade gives to columns." : "The first line that has as many fields as those below it.");
    }

    private static List<(int Line, IReadOnlyList<string> Cells)> RowsOf(string text, char sign)
    {
        var rows = new FeedRows(text) { Delimiter = sign };
        List<(int, IReadOnlyList<string>)> all = [];
        while (all.Count < SampleRows && rows.Read())
        {
            if (rows.Count == 1 && rows[0].StartsWith("sep=", StringComparison.OrdinalIgnoreCase))
                continue;
            var cells = new string[Math.Min(rows.Count, FeedRows.ColumnsMax)];
            for (var i = 0; i < cells.Length; i++)
                cells[i] = rows[i].ToString();
            if (cells.Any(cell => !string.IsNullOrWhiteSpace(cell)))
                all.Add((rows.Line, cells));
        }

        return all;
    }
}
