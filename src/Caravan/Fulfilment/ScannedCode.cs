using Caravan.Catalog;

namespace Caravan.Fulfilment;

/// <summary>
/// What a scanner read, as a SKU and as a GTIN-14: 8 to 14 digits are filled up with zeroes in front, and of a GS1 element
/// string (DataMatrix, GS1-128: an AIM prefix such as <c>]d2</c>, then application identifier 01 and 14 digits, then lot,
/// date and more) the GTIN is taken, and the lot (identifier 10, up to 20 characters, ended by a group separator) where it follows.
/// </summary>
internal readonly record struct ScannedCode
{
    private const int GtinShortest = 8;
    private const int AimLength = 3;
    private const string GtinIdentifier = "01";

    private const char GroupSeparator = '\u001d';
    private const string LotIdentifier = "10";
    private const int LongestLot = 20;
    private const int DateLength = 6;

    // Identifiers that may stand between the GTIN and the lot: days (made, packed, best before, sell by, expires) of six digits, a variant of two, a serial number.
    private static readonly string[] Dates = ["11", "12", "13", "15", "16", "17"];

    private ScannedCode(string text, string? gtin, string? lot = null)
    {
        Lot = lot;
        Text = text;
        GtinDigits = gtin;
    }

    public string Text { get; }

    public string? GtinDigits { get; }

    /// <summary>The lot's code, where the pack tells it.</summary>
    public string? Lot { get; }

    public static ScannedCode Of(string code)
    {
        var text = code.Trim();
        var element = text.StartsWith(']') && text.Length > AimLength ? text[AimLength..] : text;
        if (element.Length >= GtinIdentifier.Length + Gtin.Length
            && element.StartsWith(GtinIdentifier, StringComparison.Ordinal)
            && element.AsSpan(GtinIdentifier.Length, Gtin.Length) is var digits
            && IsDigits(digits))
            return new ScannedCode(text, digits.ToString(), LotOf(element.AsSpan(GtinIdentifier.Length + Gtin.Length)));

        return new ScannedCode(text, element.Length is >= GtinShortest and <= Gtin.Length && IsDigits(element) ? element.PadLeft(Gtin.Length, '0') : null);
    }

    public bool IsOf(PickLine line) => IsOf(line.Sku, line.Gtin);

    public bool IsOf(string sku, string? gtin) => sku == Text || (GtinDigits is not null && gtin == GtinDigits);

    public override string ToString() => Text;

    private static string? LotOf(ReadOnlySpan<char> rest)
    {
        while (rest.Length > 2)
        {
            var identifier = rest[..2].ToString();
            var value = rest[2..];
            var end = value.IndexOf(GroupSeparator);
            if (identifier == LotIdentifier)
                return (end < 0 ? value : value[..end]) is { Length: > 0 and <= LongestLot } lot ? lot.ToString() : null;

            var length = Dates.Contains(identifier) ? DateLength : identifier == "20" ? 2 : identifier == "21" && end >= 0 ? end : -1;
            if (length < 0 || length > value.Length)
                return null;

            rest = value[length..];
            if (rest is [GroupSeparator, ..])
                rest = rest[1..];
        }

        return null;
    }

    private static bool IsDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
