using System.Text;

namespace Caravan.Stock;

/// <summary>A stock file as it was read.</summary>
internal sealed record FeedFile(char Delimiter, IReadOnlyList<string> Header, IReadOnlyList<FeedColumn> Columns, List<FeedLine> Lines);

/// <summary>A file that cannot be read at all; the message says why and where.</summary>
internal sealed class FeedFileException(string message) : Exception(message);

/// <summary>
/// Reads stock files: text in UTF-8 (a byte order mark is fine), a header line, then a line a cell; fields divided by
/// commas, semicolons or tabs, in double quotes where they hold a divider, a quote (doubled) or a line break (RFC 4180). The
/// server and <c>caravan feed check</c> read with this same piece of code.
/// </summary>
internal static class FeedReader
{
    private const int LongestField = 200;
    private const int ColumnsMax = 200;
    private static readonly char[] Delimiters = [',', ';', '\t'];
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a file.</summary>
    /// <exception cref="FeedFileException">It is not UTF-8.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw new FeedFileException("The file is UTF-16. Save it as CSV in UTF-8.");
        if (bytes is [0xEF, 0xBB, 0xBF, ..])
            bytes = bytes[3..];
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException fault)
        {
            var line = 1 + bytes[..Math.Clamp(fault.Index, 0, bytes.Length)].Count((byte)'\n');
            throw new FeedFileException($"The bytes at offset {fault.Index} (line {line}) are not UTF-8. Save the file as CSV in UTF-8; mixed encodings often come from joining files.");
        }
    }

    /// <summary>Reads lines; columns that are not sure are used too, and the caller decides whether that will do.</summary>
    /// <param name="text">The file.</param>
    /// <param name="linesMax">Beyond this many the file is refused.</param>
    /// <param name="progress">Hears how far it has come, in characters.</param>
    /// <exception cref="FeedFileException">There is no header, or there are too many lines.</exception>
    public static FeedFile Read(string text, int linesMax, Action<int>? progress = null)
    {
        var place = 0;
        var number = 1;
        if (text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase))
            SkipLine(text, ref place, ref number);
        var delimiter = DelimiterOf(text.AsSpan(place));
        List<string> fields = [];
        var header = ReadRow(text, delimiter, ref place, ref number, fields, out _) ? fields.ToArray() : [];
        if (header.Length == 0 || Array.TrueForAll(header, string.IsNullOrWhiteSpace))
            throw new FeedFileException("The file is empty. Its first line names the columns: location, item, quantity.");
        if (header.Length > ColumnsMax)
            throw new FeedFileException($"The file has {header.Length} columns; at most {ColumnsMax} are read.");

        var columns = FeedColumns.Recognise(header);
        List<FeedLine> lines = [];
        while (place < text.Length)
        {
            var at = number;
            if (!ReadRow(text, delimiter, ref place, ref number, fields, out var fault) || (fields.Count == 1 && fields[0].Length == 0))
                continue;
            if (lines.Count == linesMax)
                throw new FeedFileException($"The file has more than {linesMax} lines. Send it in parts, each with its own scope.");

            lines.Add(LineOf(at, columns, fields, fault));
            if (lines.Count % 1000 == 0)
                progress?.Invoke(place);
        }

        return new FeedFile(delimiter, header, columns, lines);
    }

    private static FeedLine LineOf(int number, IReadOnlyList<FeedColumn> columns, List<string> fields, string? fault)
    {
        string location = "", item = "", quantity = "", change = "";
        foreach (var column in columns)
        {
            var value = column.Index < fields.Count ? fields[column.Index].Trim() : "";
            if (value.Length > LongestField || value.Any(char.IsControl))
            {
                fault ??= $"Column '{column.Header}' holds {(value.Length > LongestField ? $"more than {LongestField} characters" : "control characters")}.";
                value = new string([.. value.Where(c => !char.IsControl(c)).Take(LongestField)]);
            }

            switch (column.Role)
            {
                case ColumnRole.Location:
                    location = value;
                    break;
                case ColumnRole.Item:
                    item = value;
                    break;
                case ColumnRole.Quantity:
                    quantity = value;
                    break;
                default:
                    change = value;
                    break;
            }
        }

        // A file may have both columns and fill one of them, line by line.
        if (change.Length > 0 && quantity.Length > 0)
            fault ??= "A line gives a quantity or a change, not both.";
        return new FeedLine(number, location, item, change.Length > 0 ? change : quantity, change.Length > 0) { Fault = fault };
    }

    private static char DelimiterOf(ReadOnlySpan<char> text)
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

    private static bool ReadRow(string text, char delimiter, ref int place, ref int number, List<string> fields, out string? fault)
    {
        fields.Clear();
        fault = null;
        if (place >= text.Length)
            return false;

        while (true)
        {
            fields.Add(ReadField(text, delimiter, ref place, ref number, ref fault));
            if (place >= text.Length)
                return true;

            var end = text[place++];
            if (end == delimiter)
                continue;

            // A carriage return and a line feed together end one line.
            if (end == '\r' && place < text.Length && text[place] == '\n')
                place++;
            number++;
            return true;
        }
    }

    // Leaves the place at the delimiter or line end behind the field, or at the end of the text.
    private static string ReadField(string text, char delimiter, ref int place, ref int number, ref string? fault)
    {
        if (place >= text.Length || text[place] != '"')
        {
            var from = place;
            while (place < text.Length && text[place] != delimiter && text[place] is not ('\r' or '\n'))
                place++;
            return text[from..place];
        }

        var field = new StringBuilder();
        var opened = number;
        place++;
        while (true)
        {
            var quote = text.IndexOf('"', place);
            if (quote < 0)
            {
                fault ??= $"A quote is opened on line {opened} and never closed.";
                field.Append(text, place, text.Length - place);
                place = text.Length;
                return field.ToString();
            }

            number += text.AsSpan(place, quote - place).Count('\n');
            field.Append(text, place, quote - place);
            place = quote + 1;
            if (place >= text.Length || text[place] != '"')
                break;

            field.Append('"');
            place++;
        }

        while (place < text.Length && text[place] != delimiter && text[place] is not ('\r' or '\n'))
        {
            fault ??= "There is text behind a closing quote.";
            place++;
        }

        return field.ToString();
    }

    private static void SkipLine(string text, ref int place, ref int number)
    {
        var end = text.IndexOf('\n', place);
        place = end < 0 ? text.Length : end + 1;
        number++;
    }
}
