using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Caravan.Engines.Labels;

/// <summary>
/// The number on a box, the same for everybody who handles it: a Serial Shipping Container Code of 18 digits.
/// <para>
/// Source: GS1 General Specifications, sections 1.5 and 3.2 (AI 00) and 7.9 (check digits). An extension digit, the company prefix
/// that GS1 has licensed (4 to 12 digits), a serial reference that fills up to 17, and a check digit: from the right the digits weigh
/// 3, 1, 3, 1 …, and the check digit completes the sum to a multiple of ten. It catches every single wrong digit, and every swap
/// of neighbours that do not differ by five.
/// </para>
/// <para>Constant time, any thread. <see cref="Of"/> throws <see cref="ArgumentException"/> on parts that make no code.</para>
/// </summary>
public readonly record struct Sscc
{
    /// <summary>How many digits it has.</summary>
    public const int Length = 18;

    /// <summary>The shortest company prefix.</summary>
    public const int PrefixShortest = 4;

    /// <summary>The longest company prefix.</summary>
    public const int PrefixLongest = 12;

    private readonly string? digits;

    private Sscc(string digits) => this.digits = digits;

    /// <summary>The highest serial reference that a prefix of this length leaves room for.</summary>
    public static long SerialMax(int prefixLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(prefixLength, PrefixShortest);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefixLength, PrefixLongest);
        var max = 1L;
        for (var place = prefixLength; place < Length - 2; place++)
            max *= 10;
        return max - 1;
    }

    /// <summary>Whether a text could be a company prefix.</summary>
    public static bool IsPrefix([NotNullWhen(true)] string? prefix) => prefix is { Length: >= PrefixShortest and <= PrefixLongest } && IsDigits(prefix);

    /// <summary>The code with this extension digit, company prefix and serial reference.</summary>
    public static Sscc Of(int extension, string prefix, long serial)
    {
        if (!IsPrefix(prefix))
            throw new ArgumentException($"A company prefix has {PrefixShortest} to {PrefixLongest} digits.", nameof(prefix));
        ArgumentOutOfRangeException.ThrowIfNegative(extension);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(extension, 9);
        ArgumentOutOfRangeException.ThrowIfNegative(serial);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(serial, SerialMax(prefix.Length));

        var body = $"{(char)('0' + extension)}{prefix}{serial.ToString(CultureInfo.InvariantCulture).PadLeft(Length - 2 - prefix.Length, '0')}";
        return new Sscc($"{body}{CheckDigit(body)}");
    }

    /// <summary>Reads 18 digits; false when the check digit is wrong or it is something else.</summary>
    public static bool TryParse(string? text, out Sscc sscc)
    {
        var isOne = text is { Length: Length } && IsDigits(text) && CheckDigit(text.AsSpan(0, Length - 1)) == text[^1];
        sscc = isOne ? new Sscc(text!) : default; // Eighteen digits: checked just before.
        return isOne;
    }

    /// <summary>The digit that GS1 puts after these, of a GTIN as of an SSCC.</summary>
    public static char CheckDigit(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
            sum += (digits[^(i + 1)] - '0') * (i % 2 == 0 ? 3 : 1);
        return (char)('0' + ((10 - (sum % 10)) % 10));
    }

    /// <summary>All 18 digits; nothing of the default.</summary>
    public override string ToString() => digits ?? "";

    internal static bool IsDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
