using System.Text;

namespace Caravan.Stock;

/// <summary>
/// Cuts a stock file into rows as its bytes arrive, holding no more than a row of it: fields divided by one character, in double
/// quotes where they hold a divider, a quote (doubled) or a line break (RFC 4180). A row that is broken costs itself alone: a
/// quote that is never closed ends with its line, and the next line is read as if nothing had been.
/// </summary>
internal sealed class FeedRows
{
    /// <summary>Fields of a row beyond these are counted and not kept.</summary>
    public const int ColumnsMax = 200;

    private const int QuotedCharsMax = 8 * 1024;
    private const int RowCharsMax = 256 * 1024;
    private const int Piece = 16 * 1024;
    private readonly int[] from = new int[ColumnsMax];
    private readonly int[] to = new int[ColumnsMax];
    private readonly bool[] isUnescaped = new bool[ColumnsMax];
    private readonly Decoder? decoder;
    private char[] buffer;
    private char[] unescaped = new char[256];
    private int unescapedLength;
    private int start;
    private int end;
    private int next;
    private long bytes;
    private int linesDecoded = 1;
    private bool isComplete;
    private bool isBegun;

    /// <summary>For bytes to come.</summary>
    public FeedRows(Encoding encoding)
    {
        var strict = (Encoding)encoding.Clone();
        strict.DecoderFallback = DecoderFallback.ExceptionFallback;
        decoder = strict.GetDecoder();
        buffer = new char[64 * 1024];
    }

    /// <summary>For a text that is all there.</summary>
    public FeedRows(string text)
    {
        buffer = text.ToCharArray();
        end = buffer.Length;
        isComplete = true;
    }

    /// <summary>What divides fields; to be set before the first row is read.</summary>
    public char Delimiter { get; set; } = ',';

    /// <summary>The line of the row that was read; before the first, 0.</summary>
    public int Line { get; private set; }

    /// <summary>The line that comes next.</summary>
    public int NextLine { get; private set; } = 1;

    /// <summary>What is wrong with the row; null when nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>How many fields the row has.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the row that was read is the last and no line end follows it: it may have been cut off.</summary>
    public bool IsUnended { get; private set; }

    /// <summary>What is at hand and not read yet.</summary>
    public ReadOnlySpan<char> Ahead
    {
        get
        {
            Begin();
            return buffer.AsSpan(start, end - start);
        }
    }

    /// <summary>How far it has come in a text that was all there.</summary>
    public int Place => start;

    public ReadOnlySpan<char> this[int field] => (isUnescaped[field] ? unescaped : buffer).AsSpan(from[field], to[field] - from[field]);

    /// <summary>Takes more of the file.</summary>
    /// <exception cref="FeedFileException">The bytes are not of the encoding.</exception>
    public void Append(ReadOnlySpan<byte> more)
    {
        Begin();
        while (!more.IsEmpty)
        {
            var piece = more[..Math.Min(more.Length, Piece)];
            Decode(piece, isLast: false);
            more = more[piece.Length..];
        }
    }

    /// <summary>Says that nothing more comes.</summary>
    /// <exception cref="FeedFileException">The file ends inside a character.</exception>
    public void Complete()
    {
        Begin();
        Decode([], isLast: true);
        isComplete = true;
    }

    /// <summary>Reads a row; false when it needs more of the file, or has come to its end.</summary>
    public bool Read()
    {
        Begin();
        if (start >= end)
            return false;

        Count = 0;
        Fault = null;
        unescapedLength = 0;
        var place = start;
        while (true)
        {
            if (!ReadField(ref place))
                return false;
            if (place >= end)
            {
                if (!isComplete)
                    return false;

                return End(place, isUnended: true);
            }

            var divider = buffer[place];
            if (divider == Delimiter && divider is not ('\r' or '\n'))
            {
                place++;
                continue;
            }

            // A carriage return and a line feed together end one line; the feed may not have arrived yet.
            if (divider == '\r' && place + 1 >= end && !isComplete)
                return false;
            return End(place + (divider == '\r' && place + 1 < end && buffer[place + 1] == '\n' ? 2 : 1), isUnended: false);
        }
    }

    // Leaves the place at the divider or line end behind the field, or at the end of what is there.
    private bool ReadField(ref int place)
    {
        if (place >= end)
        {
            Keep(place, place);
            return isComplete || start == end;
        }

        if (buffer[place] != '"')
        {
            var length = buffer.AsSpan(place, end - place).IndexOfAny(Delimiter, '\r', '\n');
            if (length < 0)
            {
                if (!isComplete && end - start < RowCharsMax)
                    return false;
                if (!isComplete)
                    throw new FeedFileException($"Line {NextLine} is longer than {RowCharsMax} characters. Is this a text file with one line a cell?");
                length = end - place;
            }

            Keep(place, place + length);
            place += length;
            return true;
        }

        return ReadQuoted(ref place);
    }

    private bool ReadQuoted(ref int place)
    {
        var opened = place;
        var at = place + 1;
        var plain = unescapedLength;
        var isDoubled = false;
        while (true)
        {
            var window = Math.Min(end, opened + QuotedCharsMax);
            var found = at < window ? buffer.AsSpan(at, window - at).IndexOf('"') : -1;
            if (found < 0)
            {
                if (window == end && !isComplete)
                    return false;

                Fault ??= $"A quote is opened on line {NextLine} and never closed.";
                return ToLineEnd(opened, ref place);
            }

            place = at + found + 1;
            if (place >= end && !isComplete)
                return false;
            if (place >= end || buffer[place] != '"')
                break;

            // The row may be read again when more has come, so what stands there stays.
            isDoubled = true;
            Unescape(buffer.AsSpan(at, place - at));
            at = place + 1;
        }

        var rest = buffer.AsSpan(place, end - place).IndexOfAny(Delimiter, '\r', '\n');
        if (rest < 0 && !isComplete)
            return false;
        if (rest != 0 && place < end)
        {
            Fault ??= "There is text behind a closing quote.";

            // The quote that closed it was another line's: that line is read by itself.
            if (buffer.AsSpan(opened, place - opened).ContainsAny('\r', '\n'))
                return ToLineEnd(opened, ref place);
        }

        if (isDoubled)
        {
            Unescape(buffer.AsSpan(at, place - 1 - at));
            Keep(plain, unescapedLength, isApart: true);
        }
        else
        {
            Keep(opened + 1, place - 1);
        }

        place = rest < 0 ? end : place + rest;
        return true;
    }

    private void Unescape(ReadOnlySpan<char> more)
    {
        if (unescaped.Length < unescapedLength + more.Length)
            Array.Resize(ref unescaped, Math.Max(unescapedLength + more.Length, unescaped.Length * 2));
        more.CopyTo(unescaped.AsSpan(unescapedLength));
        unescapedLength += more.Length;
    }

    private bool ToLineEnd(int opened, ref int place)
    {
        var length = buffer.AsSpan(opened, end - opened).IndexOfAny('\r', '\n');
        if (length < 0 && !isComplete)
            return false;

        place = length < 0 ? end : opened + length;
        Keep(opened + 1, place);
        return true;
    }

    private bool End(int place, bool isUnended)
    {
        Line = NextLine;
        var row = buffer.AsSpan(start, place - start);
        NextLine += row.Count('\n') + (row is [.., '\r'] ? 1 : 0);
        IsUnended = isUnended;
        next = place;
        return true;
    }

    private void Keep(int first, int behind, bool isApart = false)
    {
        if (Count < ColumnsMax)
            (from[Count], to[Count], isUnescaped[Count]) = (first, Math.Max(first, behind), isApart);
        Count++;
    }

    // What the row before held is done with now.
    private void Begin()
    {
        if (next > start)
            start = next;
        if (!isBegun && end > start)
        {
            isBegun = true;
            if (buffer[start] == '\uFEFF')
                start++;
        }
    }

    private void Decode(ReadOnlySpan<byte> piece, bool isLast)
    {
        if (decoder is null)
            return;

        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (end, start, next) = (end - start, 0, 0);
        }

        try
        {
            var wanted = end + piece.Length + 4;
            if (buffer.Length < wanted)
                Array.Resize(ref buffer, Math.Max(wanted, buffer.Length * 2));
            var written = decoder.GetChars(piece, buffer.AsSpan(end), isLast);
            linesDecoded += buffer.AsSpan(end, written).Count('\n');
            end += written;
            bytes += piece.Length;
        }
        catch (DecoderFallbackException fault)
        {
            var offset = bytes + fault.Index;
            var line = linesDecoded + piece[..Math.Clamp(fault.Index, 0, piece.Length)].Count((byte)'\n');
            throw new FeedFileException($"The bytes at offset {offset} (line {line}) are not UTF-8. Save the file as CSV in UTF-8, or say its encoding: Content-Type: text/csv; charset=windows-1252. Mixed encodings often come from joining files.");
        }
    }
}
