using System.Globalization;

namespace Caravan.Platform.Screens;

/// <summary>Writes minor units for people. Common currencies get their sign, others their ISO 4217 code.</summary>
internal static class Money
{
    /// <summary>The digits after the point, by ISO 4217; 2 unless listed.</summary>
    public static int MinorDigits(string currency) => currency switch
    {
        "BIF" or "CLP" or "DJF" or "GNF" or "ISK" or "JPY" or "KMF" or "KRW" or "PYG" or "RWF" or "UGX" or "VND" or "VUV" or "XAF" or "XOF" or "XPF" => 0,
        "BHD" or "IQD" or "JOD" or "KWD" or "LYD" or "OMR" or "TND" => 3,
        _ => 2,
    };

    /// <summary>The amount as a plain decimal, for machines: <c>-1234.50</c>.</summary>
    public static string Plain(long minor, string currency)
    {
        var digits = MinorDigits(currency);
        return (minor / Scale(digits)).ToString("F" + digits, CultureInfo.InvariantCulture);
    }

    /// <summary>The amount for people: <c>−€1,234.50</c>.</summary>
    public static string Said(long minor, string currency)
    {
        var digits = MinorDigits(currency);
        var amount = Math.Abs(minor / Scale(digits)).ToString("N" + digits, CultureInfo.InvariantCulture);
        return (minor < 0 ? "\u2212" : "") + (Sign(currency) ?? currency + "\u00a0") + amount;
    }

    private static decimal Scale(int digits) => digits switch { 0 => 1m, 3 => 1000m, _ => 100m };

    private static string? Sign(string currency) => currency switch
    {
        "EUR" => "€",
        "GBP" => "£",
        "USD" => "$",
        "JPY" => "¥",
        "INR" => "₹",
        "CNY" => "CN¥",
        _ => null,
    };
}
