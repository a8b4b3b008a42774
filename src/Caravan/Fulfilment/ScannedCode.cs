using Caravan.Catalog;

namespace Caravan.Fulfilment;

/// <summary>
/// What a scanner read, as a SKU and as a GTIN-14: 8 to 14 digits are filled up with zeroes in front, and of a GS1 element
/// string (DataMatrix, GS1-128: an AIM prefix such as <c>]d2</c>, then application identifier 01 and 14 digits, then lot,
/// date and more) the GTIN is taken.
/// </summary>
internal readonly record struct ScannedCode
{
    private const int GtinShortest = 8;
    private const int AimLength = 3;
    private const string GtinIdentifier = "01";

    private ScannedCode(string text, string? gtin)
    {
        Text = text;
        GtinDigits = gtin;
    }

    public string Text { get; }

    public string? GtinDigits { get; }

    public static ScannedCode Of(string code)
    {
        var text = code.Trim();
        var element = text.StartsWith(']') && text.Length > AimLength ? text[AimLength..] : text;
        if (element.Length >= GtinIdentifier.Length + Gtin.Length
            && element.StartsWith(GtinIdentifier, StringComparison.Ordinal)
            && element.AsSpan(GtinIdentifier.Length, Gtin.Length) is var digits
            && IsDigits(digits))
            return new ScannedCode(text, digits.ToString());

        return new ScannedCode(text, element.Length is >= GtinShortest and <= Gtin.Length && IsDigits(element) ? element.PadLeft(Gtin.Length, '0') : null);
    }

    public bool IsOf(PickLine line) => line.Sku == Text || (GtinDigits is not null && line.Gtin == GtinDigits);

    public override string ToString() => Text;

    private static bool IsDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
