using System.Buffers;
using System.Globalization;
using Caravan.Catalog;

namespace Caravan.Stock;

/// <summary>Lines of a file with one reason, and a few of them.</summary>
internal sealed record CheckedLines(string Reason, int Count, IReadOnlyList<int> Lines, IReadOnlyList<string> Examples);

/// <summary>What a location has in a file.</summary>
internal sealed record CheckedLocation(string Location, int Lines, long Units, bool IsKnown);

/// <summary>What would become of a stock file.</summary>
internal sealed record FeedReport(
    string Delimiter,
    IReadOnlyList<FeedColumn> Columns,
    string? MustRename,
    int Lines,
    int Accepted,
    IReadOnlyList<CheckedLines> Rejected,
    IReadOnlyList<CheckedLines> Suspicious,
    IReadOnlyList<CheckedLocation> Locations)
{
    /// <summary>Whether a server would take every line.</summary>
    public bool IsClean => MustRename is null && Rejected.Count == 0;
}

/// <summary>
/// Looks through a stock file without a server: what would be rejected, and what would be taken but looks wrong. Pure; the
/// lists of known codes are optional, and without them no code is unknown.
/// </summary>
internal static class FeedCheck
{
    private const int Shown = 5;
    private static readonly SearchValues<char> Scientific = SearchValues.Create("0123456789.,eE+");
    private const int OutlierTimesMedian = 50;
    private const int OutlierLeast = 1_000;
    private const int LinesForMedian = 10;

    /// <summary>Whether a spreadsheet has turned a long number into 4.00638E+12.</summary>
    public static bool IsSpoiledBySpreadsheet(string code) =>
        code.Length >= 4
        && code.AsSpan().IndexOfAnyExcept(Scientific) < 0
        && code.AsSpan(0, code.Length - 2).IndexOfAny('E', 'e') > 0
        && char.IsAsciiDigit(code[0])
        && code.Contains('+', StringComparison.Ordinal);

    public static FeedReport Make(FeedFile file, IReadOnlySet<string>? knownItems, IReadOnlySet<string>? knownLocations)
    {
        var rejected = new Findings();
        var suspicious = new Findings();
        Dictionary<(string, string), (FeedLine Line, int Quantity)> cells = [];
        HashSet<int> rejectedLines = [];
        List<(FeedLine Line, int Quantity)> taken = [];
        foreach (var line in file.Lines)
        {
            Suspect(line, suspicious);
            if (ReasonOf(line, knownItems, knownLocations, out var quantity) is { } reason)
            {
                Reject(line, reason);
                continue;
            }

            taken.Add((line, quantity));
            if (cells.TryAdd((line.Location, line.Item), (line, quantity)))
                continue;

            var first = cells[(line.Location, line.Item)];
            if (first.Quantity == quantity && !line.IsChange && !first.Line.IsChange)
            {
                suspicious.Add("the same cell twice, with the same figure", line);
                continue;
            }

            Reject(first.Line, Reasons.DuplicateLine);
            Reject(line, Reasons.DuplicateLine);
        }

        taken.RemoveAll(one => rejectedLines.Contains(one.Line.Number));
        FindOutliers(taken, suspicious);
        FindEmptyLocations(taken, suspicious);
        var locations = file.Lines.GroupBy(line => line.Location, StringComparer.Ordinal).ToDictionary(one => one.Key, one => one.Count(), StringComparer.Ordinal);
        var units = taken.GroupBy(one => one.Line.Location, StringComparer.Ordinal).ToDictionary(one => one.Key, one => one.Sum(line => (long)line.Quantity), StringComparer.Ordinal);
        return new FeedReport(
            file.Delimiter switch { ',' => "comma", ';' => "semicolon", _ => "tab" },
            file.Columns,
            FeedColumns.WhyUnusable(file.Columns, file.Header),
            file.Lines.Count,
            file.Lines.Count - rejectedLines.Count,
            rejected.List(),
            suspicious.List(),
            [.. locations.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => new CheckedLocation(one.Key, one.Value, units.GetValueOrDefault(one.Key), knownLocations?.Contains(one.Key) ?? true))]);

        void Reject(FeedLine line, string reason)
        {
            if (rejectedLines.Add(line.Number))
                rejected.Add(reason, line);
        }
    }

    private static string? ReasonOf(FeedLine line, IReadOnlySet<string>? knownItems, IReadOnlySet<string>? knownLocations, out int quantity)
    {
        quantity = 0;
        if (line.Fault is not null)
            return Reasons.BadRow;
        if (line.Location.Length == 0 || knownLocations?.Contains(line.Location) == false)
            return Reasons.UnknownLocation;
        if (line.Item.Length == 0 || IsSpoiledBySpreadsheet(line.Item) || (knownItems is not null && !IsKnown(knownItems, line.Item)))
            return Reasons.UnknownItem;
        return FeedQuantity.TryParse(line.Quantity, line.IsChange, out quantity, out _) ? null : Reasons.BadQuantity;
    }

    private static bool IsKnown(IReadOnlySet<string> items, string code) =>
        items.Contains(code) || (Gtin.TryParse(code, out var gtin) && (items.Contains(gtin.Digits) || items.Contains(gtin.Digits.TrimStart('0'))));

    private static void Suspect(FeedLine line, Findings suspicious)
    {
        if (IsSpoiledBySpreadsheet(line.Item))
            suspicious.Add("item code in scientific notation, spoiled by a spreadsheet", line);
        else if (line.Item.Length is 8 or 12 or 13 or 14 && line.Item.All(char.IsAsciiDigit) && !Gtin.TryParse(line.Item, out _))
            suspicious.Add("GTIN with a wrong check digit", line);
        if (line.Quantity.Contains(',', StringComparison.Ordinal))
            suspicious.Add("decimal comma or thousands separator", line);
        if (!line.IsChange && line.Quantity.StartsWith('-'))
            suspicious.Add("negative figure", line);
        if (line.Location.Contains('\uFFFD', StringComparison.Ordinal) || line.Item.Contains('\uFFFD', StringComparison.Ordinal)
            || line.Location.Contains('Ã', StringComparison.Ordinal) || line.Item.Contains('Ã', StringComparison.Ordinal))
            suspicious.Add("text that was decoded wrongly somewhere before (mixed encodings)", line);
    }

    private static void FindOutliers(List<(FeedLine Line, int Quantity)> taken, Findings suspicious)
    {
        var sizes = taken.Select(one => Math.Abs(one.Quantity)).Where(size => size > 0).Order().ToList();
        if (sizes.Count < LinesForMedian)
            return;

        var most = Math.Max(OutlierLeast, (long)sizes[sizes.Count / 2] * OutlierTimesMedian);
        foreach (var (line, quantity) in taken)
        {
            if (Math.Abs((long)quantity) > most)
                suspicious.Add($"more than {OutlierTimesMedian} times the median of {sizes[sizes.Count / 2].ToString(CultureInfo.InvariantCulture)}", line);
        }
    }

    private static void FindEmptyLocations(List<(FeedLine Line, int Quantity)> taken, Findings suspicious)
    {
        foreach (var location in taken.Where(one => !one.Line.IsChange).GroupBy(one => one.Line.Location, StringComparer.Ordinal))
        {
            if (location.Count() > 1 && location.All(one => one.Quantity == 0))
                suspicious.Add("every figure of the location is 0", location.First().Line);
        }
    }

    private sealed class Findings
    {
        private readonly Dictionary<string, (int Count, List<int> Lines, List<string> Examples)> found = new(StringComparer.Ordinal);

        public void Add(string reason, FeedLine line)
        {
            var (count, lines, examples) = found.TryGetValue(reason, out var known) ? known : (0, [], []);
            if (lines.Count < Shown)
            {
                lines.Add(line.Number);
                examples.Add($"{line.Location} | {line.Item} | {line.Quantity}{(line.Fault is null ? "" : $": {line.Fault}")}");
            }

            found[reason] = (count + 1, lines, examples);
        }

        public IReadOnlyList<CheckedLines> List() => [.. found.OrderByDescending(one => one.Value.Count).Select(one => new CheckedLines(one.Key, one.Value.Count, one.Value.Lines, one.Value.Examples))];
    }
}
