using System.Buffers;
using System.Globalization;
using Caravan.Stock.Connect;

namespace Caravan.Stock;

/// <summary>Reads a quantity as stock systems write it: whole units, a trailing <c>.0</c> allowed, nothing guessed.</summary>
internal static class FeedQuantity
{
    /// <summary>The most units a line may tell of.</summary>
    public const int Max = 10_000_000;

    private const int LongestText = 40;
    private static readonly SearchValues<char> Decimal = SearchValues.Create("+-.0123456789");
    private static readonly SearchValues<char> Scientific = SearchValues.Create("+-.0123456789eE");

    /// <summary>Reads a figure (0 to ten million) or a change (as far up or down); a fault says what is wrong with it.</summary>
    public static bool TryParse(string text, bool isChange, out int quantity, out string fault)
    {
        quantity = 0;
        fault = "";
        var number = text.AsSpan().Trim();
        if (number.IsEmpty)
            return Fail("The quantity is blank.", out fault);
        if (number.Length > LongestText)
            return Fail("This is no quantity.", out fault);

        var isNegative = number[0] == '-';
        var digits = number[0] is '-' or '+' ? number[1..] : number;
        var point = digits.IndexOf('.');
        if (point >= 0 && point < digits.Length - 1 && digits[(point + 1)..].IndexOfAnyExcept('0') < 0)
            digits = digits[..point];
        if (digits.IsEmpty || digits.IndexOfAnyExceptInRange('0', '9') >= 0)
            return Fail(WhatIsWrong(number), out fault);
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value > Max)
            return Fail($"More than {Max} units: that looks like a barcode in the wrong column.", out fault);
        if (isNegative && !isChange && value > 0)
            return Fail("A figure is not negative. Send 0, or send a change.", out fault);

        quantity = (int)(isNegative ? -value : value);
        return true;
    }

    private static string WhatIsWrong(ReadOnlySpan<char> text)
    {
        if (FeedDates.IsSpoiled(text.ToString()))
            return "A day, as spreadsheets make of 1-5 or 3/4; format the column as text and write whole units in plain digits.";
        if (text.Contains(','))
            return "A decimal comma or a thousands separator; write whole units in plain digits.";
        if (text.Contains('.') && text.IndexOfAnyExcept(Decimal) < 0)
            return "Stock is counted in whole units; this is a fraction.";
        return text.IndexOfAny('e', 'E') > 0 && text.IndexOfAnyExcept(Scientific) < 0
            ? "Scientific notation, as spreadsheets write it; write whole units in plain digits."
            : "This is no quantity; write whole units in plain digits.";
    }

    private static bool Fail(string why, out string fault)
    {
        fault = why;
        return false;
    }
}
