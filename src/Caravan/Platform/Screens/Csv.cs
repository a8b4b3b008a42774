using System.Globalization;
using System.Text;

namespace Caravan.Platform.Screens;

/// <summary>
/// Tables as files for spreadsheets: UTF-8 with a mark at the start, by which they know it; commas; a row is on its way before the next one is read.
/// What a person wrote never begins a formula.
/// </summary>
internal static class Csv
{
    /// <summary>A file that is written while it is sent. Cells are text, numbers, instants, or null for nothing.</summary>
    public static IResult File(string name, IReadOnlyList<string> head, IAsyncEnumerable<IReadOnlyList<object?>> rows) => Results.Stream(
        async output =>
        {
            await using var writer = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
            await writer.WriteAsync(Line(head));
            await foreach (var row in rows)
                await writer.WriteAsync(Line(row));
        },
        "text/csv; charset=utf-8",
        name);

    /// <summary>As above, of rows that are here already.</summary>
    public static IResult File(string name, IReadOnlyList<string> head, IEnumerable<IReadOnlyList<object?>> rows) => File(name, head, rows.ToAsyncEnumerable());

    /// <summary>One row, its end included.</summary>
    public static string Line(IEnumerable<object?> cells) => string.Join(',', cells.Select(Cell)) + "\r\n";

    /// <summary>A cell: in quotes where it must be; and a spreadsheet must not take somebody's order number for a formula.</summary>
    public static string Text(string text)
    {
        if (text.AsSpan().TrimStart() is [var first, ..] && (first is '=' or '+' or '-' or '@' || text[0] is '\t' or '\r' or '\n'))
            text = $"'{text}";
        return text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Cell(object? cell) => cell switch
    {
        null => "",
        string text => Text(text),
        DateTimeOffset at => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        double number => number.ToString("0.###", CultureInfo.InvariantCulture),
        IFormattable number and (int or long or decimal) => number.ToString(null, CultureInfo.InvariantCulture),
        _ => Text(cell.ToString() ?? ""),
    };
}
