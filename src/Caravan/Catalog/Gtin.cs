using System.Diagnostics.CodeAnalysis;

namespace Caravan.Catalog;

/// <summary>
/// A GS1 trade item number, kept as 14 digits; shorter ones (GTIN-8, -12, -13) are the same number with zeroes in front
/// (GS1 General Specifications 3.3.2). The last digit is the check digit: weights 3, 1, 3, … from the left, modulo 10 (7.9.1).
/// </summary>
public readonly record struct Gtin
{
    /// <summary>How many digits we keep.</summary>
    public const int Length = 14;

    private Gtin(string digits) => Digits = digits;

    /// <summary>The 14 digits.</summary>
    public string Digits { get; }

    /// <summary>Reads 8, 12, 13 or 14 digits and checks the last.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Gtin gtin)
    {
        gtin = default;
        if (text is not { Length: 8 or 12 or 13 or 14 } || !text.All(char.IsAsciiDigit))
            return false;

        var digits = text.PadLeft(Length, '0');
        if (CheckDigit(digits.AsSpan(0, Length - 1)) != digits[^1] - '0')
            return false;

        gtin = new Gtin(digits);
        return true;
    }

    /// <summary>The check digit that belongs behind 13 digits.</summary>
    public static int CheckDigit(ReadOnlySpan<char> thirteen)
    {
        var sum = 0;
        for (var i = 0; i < thirteen.Length; i++)
            sum += (thirteen[i] - '0') * (i % 2 == 0 ? 3 : 1);
        return (10 - (sum % 10)) % 10;
    }

    /// <inheritdoc/>
    public override string ToString() => Digits;
}
