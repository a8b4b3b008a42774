using System.Buffers;
using System.Diagnostics;
using System.Text;

namespace Caravan.Engines.Edi;

/// <summary>
/// Which bytes stand for which characters. EDIFACT names the repertoire in UNB S001 (UNOA and UNOB: parts of ISO 646; UNOC to
/// UNOK: parts of ISO 8859; UNOW to UNOY: ISO 10646, here UTF-8). X12 leaves it to the partners: UTF-8 where the bytes are, else ISO 8859-1.
/// </summary>
internal sealed class EdiCharset
{
    // ISO 9735 annex A, level A: capitals, digits, and these.
    private static readonly SearchValues<byte> LevelA = SearchValues.Create(" ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,-()/='+:?!\"%&*;<>"u8);
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly Encoding encoding;

    private EdiCharset(string name, Encoding encoding, bool isNarrow)
    {
        Name = name;
        this.encoding = encoding;
        IsAscii = isNarrow;
    }

    public static EdiCharset X12 { get; } = new("X12", Utf8, isNarrow: false);

    /// <summary>What UNB calls it.</summary>
    public string Name { get; }

    /// <summary>Whether bytes over 127 are outside it.</summary>
    public bool IsAscii { get; }

    /// <summary>The repertoire of a syntax identifier; null when it is not known here.</summary>
    public static EdiCharset? Of(ReadOnlySpan<byte> identifier) => identifier.Length != 4 || !identifier.StartsWith("UNO"u8) ? null : identifier[3] switch
    {
        (byte)'A' => new("UNOA", Encoding.Latin1, isNarrow: true),
        (byte)'B' => new("UNOB", Encoding.Latin1, isNarrow: true),
        (byte)'C' => new("UNOC", Encoding.Latin1, isNarrow: false),
        (byte)'D' => Iso("UNOD", "iso-8859-2"),
        (byte)'E' => Iso("UNOE", "iso-8859-5"),
        (byte)'F' => Iso("UNOF", "iso-8859-7"),
        (byte)'G' => Iso("UNOG", "iso-8859-3"),
        (byte)'H' => Iso("UNOH", "iso-8859-4"),
        (byte)'I' => Iso("UNOI", "iso-8859-6"),
        (byte)'J' => Iso("UNOJ", "iso-8859-8"),
        (byte)'K' => Iso("UNOK", "iso-8859-9"),
        (byte)'W' => new("UNOW", Utf8, isNarrow: false),
        (byte)'X' => new("UNOX", Utf8, isNarrow: false),
        (byte)'Y' => new("UNOY", Utf8, isNarrow: false),
        _ => null,
    };

    /// <summary>The characters of a value.</summary>
    public string Text(ReadOnlySpan<byte> value)
    {
        if (encoding != Utf8)
            return encoding.GetString(value);
        return System.Text.Unicode.Utf8.IsValid(value) ? Utf8.GetString(value) : Encoding.Latin1.GetString(value);
    }

    /// <summary>The bytes of a text; what the repertoire has not becomes a question mark.</summary>
    public byte[] Bytes(string text) => encoding.GetBytes(text);

    /// <summary>Whether the repertoire has every byte of a segment; delimiters count as data, which are the same bytes.</summary>
    public bool Allows(ReadOnlySpan<byte> segment) => Name switch
    {
        "UNOA" => segment.IndexOfAnyExcept(LevelA) < 0,
        "UNOB" => segment.IndexOfAnyInRange((byte)0x7F, (byte)0xFF) < 0,
        "UNOW" or "UNOX" or "UNOY" => System.Text.Unicode.Utf8.IsValid(segment),
        _ => true,
    };

    private static EdiCharset Iso(string name, string iso) => new(name, CodePagesEncodingProvider.Instance.GetEncoding(iso)!, isNarrow: false); // The runtime has all of ISO 8859.
}

/// <summary>Codes come again and again: short ones are made to strings once. A table of 1,024 places by hash, the newest stays.</summary>
internal sealed class EdiCodes
{
    private readonly (ulong Key, string Text)[] places = new (ulong, string)[1024];

    public string Of(ReadOnlySpan<byte> code)
    {
        Debug.Assert(code.Length < sizeof(ulong), "Length and bytes together are the key.");
        var key = (ulong)code.Length;
        foreach (var one in code)
            key = (key << 8) | one;
        ref var place = ref places[(int)((key * 0x9E3779B97F4A7C15) >> 54)];
        if (place.Key != key)
            place = (key, Encoding.Latin1.GetString(code));
        return place.Text;
    }
}
