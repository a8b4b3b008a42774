using System.Text;
using Caravan.Stock.Connect;

namespace Caravan.Stock;

/// <summary>A stock file as it was read.</summary>
internal sealed record FeedFile(char Delimiter, IReadOnlyList<string> Header, IReadOnlyList<FeedColumn> Columns, List<FeedLine> Lines)
{
    /// <summary>Whether the file ends in the middle of a line.</summary>
    public bool IsCutOff { get; init; }
}

/// <summary>A file that cannot be read at all; the message says why and where.</summary>
internal sealed class FeedFileException(string message) : Exception(message);

/// <summary>
/// Reads stock files that are all there: text in UTF-8, or in what its first bytes say; a header line, then a line a cell. The
/// server reads larger ones as they arrive, with the same <see cref="FeedRows"/>.
/// </summary>
internal static class FeedReader
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a file.</summary>
    /// <exception cref="FeedFileException">It is not UTF-8, and no byte order mark says what it is.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (FeedEncodings.OfMark(bytes) is var (encoding, length) && length > 0)
            return encoding.GetString(bytes[length..]);
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
    /// <param name="format">How it is written, where that is known.</param>
    /// <param name="progress">Hears how far it has come, in characters.</param>
    /// <exception cref="FeedFileException">There is no header, or there are too many lines.</exception>
    public static FeedFile Read(string text, int linesMax, FeedFormat? format = null, Action<int>? progress = null)
    {
        var rows = new FeedRows(text);
        var reader = new FeedLineReader(rows, format);
        reader.ReadHeader();
        List<FeedLine> lines = [];
        while (reader.Next() is { } line)
        {
            if (lines.Count == linesMax)
                throw new FeedFileException($"The file has more than {linesMax} lines. Send it in parts, each with its own scope.");

            lines.Add(line);
            if (lines.Count % 1000 == 0)
                progress?.Invoke(rows.Place);
        }

        return new FeedFile(reader.Delimiter, reader.Header, reader.Columns, lines) { IsCutOff = reader.IsCutOff };
    }
}
