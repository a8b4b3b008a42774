using System.Globalization;
using System.Text;

namespace Caravan.Stock.Connect;

/// <summary>The encodings that stock files come in, and which one a file is in.</summary>
internal static class FeedEncodings
{
    /// <summary>Those that a person may choose, the likeliest first.</summary>
    public static readonly IReadOnlyList<(string Name, string Words)> Known =
    [
        ("utf-8", "UTF-8"),
        ("windows-1252", "Windows-1252 (Western, Latin-1)"),
        ("gb18030", "GB18030 (Chinese, GBK)"),
        ("utf-16le", "UTF-16, as Excel's \"Unicode text\""),
        ("utf-16be", "UTF-16, big end first"),
        ("windows-1250", "Windows-1250 (Central European)"),
        ("windows-1251", "Windows-1251 (Cyrillic)"),
        ("shift_jis", "Shift JIS (Japanese)"),
        ("big5", "Big5 (Chinese, traditional)"),
    ];

    private const int PeekBytes = 256 * 1024;
    private const byte HighFrom = 0x80;

    static FeedEncodings() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>The encoding of a name, which may also be one of its usual others; null when there is none.</summary>
    public static Encoding? Find(string? name)
    {
        var plain = name?.Trim().Trim('"').ToLowerInvariant() switch
        {
            "utf8" => "utf-8",
            "utf-16" or "unicode" => "utf-16le",
            "iso-8859-1" or "latin1" or "latin-1" or "cp1252" or "us-ascii" => "windows-1252",
            "gbk" or "gb2312" or "cp936" => "gb18030",
            var other => other,
        };
        return Known.Any(one => one.Name == plain) ? plain switch
        {
            "utf-8" => new UTF8Encoding(false),
            "utf-16le" => Encoding.Unicode,
            "utf-16be" => Encoding.BigEndianUnicode,
            _ => Encoding.GetEncoding(plain!), // One of the list.
        } : null;
    }

    /// <summary>What a byte order mark says, and how long it is; UTF-8 and 0 without one.</summary>
    public static (Encoding Encoding, int Length) OfMark(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xEF, 0xBB, 0xBF, ..] => (new UTF8Encoding(false), 3),
        [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
        [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
        _ => (new UTF8Encoding(false), 0),
    };

    /// <summary>The likeliest encoding of a file, how sure that is, and why.</summary>
    public static (string Name, int Percent, string Why) Guess(ReadOnlySpan<byte> bytes)
    {
        if (OfMark(bytes) is var (marked, length) && length > 0)
            return (marked.WebName == "utf-16" ? "utf-16le" : marked.WebName == "utf-16BE" ? "utf-16be" : "utf-8", 100, "The file begins with the mark of this encoding.");

        var head = bytes[..Math.Min(bytes.Length, PeekBytes)];
        if (OfZeros(head) is { } wide)
            return wide;
        if (!head.ContainsAnyInRange(HighFrom, (byte)0xFF))
            return ("utf-8", 100, "Only plain letters and digits, which are the same in most encodings.");

        // A cut at the end of what is looked at is no fault.
        var whole = head.Length == bytes.Length ? head : head[..(head.LastIndexOf((byte)'\n') + 1)];
        if (IsOf(Find("utf-8")!, whole)) // One of the list.
            return ("utf-8", 99, "Its letters beyond English are all whole in UTF-8, which hardly happens by chance.");

        var (high, alone, hanzi) = Count(whole);
        var share = high == 0 ? 0 : 100 * alone / high;
        if (share >= 50)
            return ("windows-1252", 60 + (share * 3 / 10), string.Create(CultureInfo.InvariantCulture, $"Not UTF-8, and {share} % of the bytes beyond English stand alone, as é and ü do."));
        if (IsOf(Find("gb18030")!, whole)) // As above.
            return ("gb18030", Math.Clamp(2 * 100 * hanzi / Math.Max(1, high), 40, 95), string.Create(CultureInfo.InvariantCulture, $"Not UTF-8, and {hanzi} pairs of bytes are common Chinese characters."));
        return ("windows-1252", 40, "Not UTF-8; this is what most such files are.");
    }

    private static (string, int, string)? OfZeros(ReadOnlySpan<byte> head)
    {
        var (even, odd) = (0, 0);
        for (var i = 0; i < head.Length; i++)
        {
            if (head[i] == 0)
                _ = i % 2 == 0 ? even++ : odd++;
        }

        const string Why = "Every other byte is 0, as in UTF-16.";
        return odd > head.Length / 4 ? ("utf-16le", 95, Why) : even > head.Length / 4 ? ("utf-16be", 95, Why) : null;
    }

    private static bool IsOf(Encoding encoding, ReadOnlySpan<byte> bytes)
    {
        var strict = (Encoding)encoding.Clone();
        strict.DecoderFallback = DecoderFallback.ExceptionFallback;
        try
        {
            strict.GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    // Bytes beyond ASCII, those of them that have none beside them, and pairs in GB2312's rows of characters.
    private static (int High, int Alone, int Hanzi) Count(ReadOnlySpan<byte> bytes)
    {
        var (high, alone, hanzi) = (0, 0, 0);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] < HighFrom)
                continue;

            high++;
            var isBefore = i > 0 && bytes[i - 1] >= HighFrom;
            var isAfter = i + 1 < bytes.Length && bytes[i + 1] >= HighFrom;
            alone += isBefore || isAfter ? 0 : 1;
            if (bytes[i] is >= 0xB0 and <= 0xF7 && i + 1 < bytes.Length && bytes[i + 1] is >= 0xA1 and <= 0xFE)
            {
                hanzi++;
                high++;
                i++;
            }
        }

        return (high, alone, hanzi);
    }
}
