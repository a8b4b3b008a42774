using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Caravan.Engines.Labels;

/// <summary>One piece of a GS1 barcode: an application identifier and its value.</summary>
public readonly record struct Gs1Element(string Identifier, string Value)
{
    /// <summary>As it stands under the bars.</summary>
    public override string ToString() => $"({Identifier}){Value}";
}

/// <summary>
/// What a GS1-128 barcode says, as a text and back.
/// <para>
/// Source: GS1 General Specifications, sections 3 (application identifiers) and 7.8 (element strings). Elements follow each other without
/// a mark between them where the standard fixes their length (of ours 00, 01 and 17); after any other but the last
/// stands FNC1, which scanners send as the group separator (U+001D) and which is written here so. Only the identifiers that the house
/// uses are known: 00 SSCC, 01 GTIN, 10 lot, 17 last day (YYMMDD; day 00 is the end of the month), 37 count, 400 order number, 420 postal
/// code, 421 postal code after the country's three digits.
/// </para>
/// <para>Linear in the text, any thread. <see cref="Write"/> throws <see cref="ArgumentException"/> on an element that the standard does not allow.</para>
/// </summary>
public static class Gs1Text
{
    /// <summary>FNC1 between elements, as scanners send it.</summary>
    public const char Separator = '\u001d';

    private static readonly Rule[] Rules =
    [
        new("00", 18, 18, IsNumeric: true, IsFixed: true, HasCheckDigit: true),
        new("01", 14, 14, IsNumeric: true, IsFixed: true, HasCheckDigit: true),
        new("10", 1, 20),
        new("17", 6, 6, IsNumeric: true, IsFixed: true, IsDay: true),
        new("37", 1, 8, IsNumeric: true),
        new("400", 1, 30),
        new("420", 1, 20),
        new("421", 4, 12, DigitsInFront: 3),
    ];

    // Section 7.11, character set 82: what an alphanumeric value may hold.
    private static readonly SearchValues<char> Allowed = SearchValues.Create("!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    /// <summary>Whether the standard allows this element, and we know it.</summary>
    public static bool IsAllowed(Gs1Element element) => RuleOf(element.Identifier) is { } rule && rule.Takes(element.Value);

    /// <summary>The elements as one text, with separators where they are needed.</summary>
    public static string Write(params IReadOnlyList<Gs1Element> elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        var text = new StringBuilder();
        foreach (var (index, element) in elements.Index())
        {
            if (RuleOf(element.Identifier) is not { } rule || !rule.Takes(element.Value))
                throw new ArgumentException($"{element} is no element of a GS1 barcode that we know.", nameof(elements));

            text.Append(element.Identifier).Append(element.Value);
            if (!rule.IsFixed && index < elements.Count - 1)
                text.Append(Separator);
        }

        return text.ToString();
    }

    /// <summary>The elements of a text; false when an identifier is not known or a value not allowed.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out IReadOnlyList<Gs1Element>? elements)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<Gs1Element> found = [];
        elements = null;
        for (var at = 0; at < text.Length;)
        {
            if (Array.Find(Rules, rule => text.AsSpan(at).StartsWith(rule.Identifier, StringComparison.Ordinal)) is not { } rule)
                return false;

            var rest = text.AsSpan(at + rule.Identifier.Length);
            var end = rest.IndexOf(Separator);
            var length = rule.IsFixed ? Math.Min(rule.Longest, rest.Length) : end < 0 ? rest.Length : end;
            var element = new Gs1Element(rule.Identifier, rest[..length].ToString());
            if (!rule.Takes(element.Value))
                return false;

            found.Add(element);
            at += rule.Identifier.Length + length;
            if (at < text.Length && text[at] == Separator)
                at++;
        }

        elements = found.Count > 0 ? found : null;
        return elements is not null;
    }

    /// <summary>The elements as a person reads them: identifiers in brackets.</summary>
    public static string Readable(params IReadOnlyList<Gs1Element> elements) => string.Concat(elements.Select(element => element.ToString()));

    private static Rule? RuleOf(string identifier) => Array.Find(Rules, rule => rule.Identifier == identifier);

    private sealed record Rule(string Identifier, int Shortest, int Longest, bool IsNumeric = false, bool IsFixed = false, bool HasCheckDigit = false, bool IsDay = false, int DigitsInFront = 0)
    {
        public bool Takes(string? value) =>
            value is not null
            && value.Length >= Shortest
            && value.Length <= Longest
            && !value.AsSpan().ContainsAnyExcept(Allowed)
            && Sscc.IsDigits(value.AsSpan(0, IsNumeric ? value.Length : DigitsInFront))
            && (!HasCheckDigit || Sscc.CheckDigit(value.AsSpan(0, value.Length - 1)) == value[^1])
            && (!IsDay || IsDayOf(value));

        // The century is the reader's to tell: a 29 February is let through where any century has it.
        private static bool IsDayOf(string value)
        {
            var (year, month, day) = (Two(value, 0), Two(value, 2), Two(value, 4));
            return month is >= 1 and <= 12 && day <= DateTime.DaysInMonth(2000 + year, month);
        }

        private static int Two(string value, int at) => ((value[at] - '0') * 10) + value[at + 1] - '0';
    }
}
