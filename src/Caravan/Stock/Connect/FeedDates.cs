using System.Globalization;

namespace Caravan.Stock.Connect;

/// <summary>Days as exports write them, and as Excel keeps them: numbers counted from the end of 1899.</summary>
internal static class FeedDates
{
    private const double SerialFrom = 36_526; // 2000-01-01
    private const double SerialTo = 73_050; // 2100-01-01
    private static readonly string[] Written =
    [
        "yyyy-MM-dd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm:ssZ", "yyyy/MM/dd", "yyyy/MM/dd HH:mm", "yyyyMMdd",
        "dd.MM.yyyy", "dd.MM.yyyy HH:mm", "dd.MM.yyyy HH:mm:ss", "d.M.yyyy", "dd/MM/yyyy", "dd/MM/yyyy HH:mm", "yyyy年M月d日",
    ];

    private static readonly string[] Months = ["jan", "feb", "mar", "mär", "apr", "may", "mai", "jun", "jul", "aug", "sep", "oct", "okt", "nov", "dec", "dez", "déc", "fév", "avr"];

    public static bool IsSerial(string text) => double.TryParse(text.Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var days) && days is >= SerialFrom and < SerialTo;

    /// <summary>A day and a time, taken for UTC; null when it is none.</summary>
    public static DateTimeOffset? Read(string text)
    {
        if (DateTimeOffset.TryParseExact(text, Written, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
            return at;

        return IsSerial(text) ? new DateTimeOffset(DateTime.SpecifyKind(DateTime.FromOADate(double.Parse(text.Replace(',', '.'), CultureInfo.InvariantCulture)), DateTimeKind.Utc)) : null;
    }

    /// <summary>Whether a spreadsheet has taken a code or a number such as 1-2 for a day: 02-Jan, Jan 26, 1/2/2026.</summary>
    public static bool IsSpoiled(string text)
    {
        if (text.Length is < 4 or > 19 || !text.Any(char.IsAsciiDigit))
            return false;
        if (text.Split(['-', '.', ' ', '/'], StringSplitOptions.RemoveEmptyEntries) is [var one, var other])
            return (IsMonth(one) && IsShortNumber(other)) || (IsShortNumber(one) && IsMonth(other));
        return text.Split(['/', '.', '-']) is [var first, var second, { Length: 2 or 4 } year] && IsShortNumber(first) && IsShortNumber(second) && year.All(char.IsAsciiDigit);

        static bool IsMonth(string word) => word.Length >= 3 && Array.Exists(Months, month => word.StartsWith(month, StringComparison.OrdinalIgnoreCase)) && word.All(char.IsLetter);

        static bool IsShortNumber(string word) => word.Length is 1 or 2 or 4 && word.All(char.IsAsciiDigit);
    }
}
