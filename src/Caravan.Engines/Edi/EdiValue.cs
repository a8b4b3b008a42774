using System.Globalization;

namespace Caravan.Engines.Edi;

/// <summary>A day, and the time on it where that was said; in whatever zone the sender lives.</summary>
/// <param name="Day">The day.</param>
/// <param name="Time">Hours, minutes and, where told, seconds.</param>
public readonly record struct EdiDate(DateOnly Day, TimeOnly? Time = null)
{
    /// <summary>The day and time together; midnight when no time was said.</summary>
    public DateTime At => Day.ToDateTime(Time ?? TimeOnly.MinValue, DateTimeKind.Unspecified);

    /// <inheritdoc/>
    public override string ToString() => Time is { } time ? $"{Day:yyyy-MM-dd} {time:HH:mm}" : $"{Day:yyyy-MM-dd}";
}

/// <summary>Numbers and dates as the two standards write them. Nothing is guessed: what is not exactly one is none.</summary>
internal static class EdiValue
{
    private const int DigitsMax = 18;

    /// <summary>X12 types Nn with n = 0 and R; EDIFACT numeric, whose mark may be a point or a comma (ISO 9735, 10.1).</summary>
    public static bool TryNumber(ReadOnlySpan<byte> text, EdiSyntax syntax, out decimal number)
    {
        number = 0;
        var isNegative = text.Length > 0 && text[0] == '-';
        var digits = isNegative ? text[1..] : text;
        var (value, scale, seen) = (0L, -1, 0);
        foreach (var one in digits)
        {
            if ((uint)(one - '0') <= 9)
            {
                if (++seen > DigitsMax)
                    return false;
                value = (value * 10) + (one - '0');
                scale += scale >= 0 ? 1 : 0;
            }
            else if (scale < 0 && (one == '.' || (one == ',' && syntax == EdiSyntax.Edifact)))
            {
                scale = 0;
            }
            else
            {
                return false;
            }
        }

        if (seen == 0)
            return false;
        number = new decimal((int)value, (int)(value >> 32), 0, isNegative && value != 0, (byte)Math.Max(0, scale));
        return true;
    }

    /// <summary>A count or a line number: digits only.</summary>
    public static bool TryCount(ReadOnlySpan<byte> text, out int count)
    {
        count = 0;
        if (text.IsEmpty || text.Length > 9)
            return false;
        foreach (var one in text)
        {
            if ((uint)(one - '0') > 9)
                return false;
            count = (count * 10) + (one - '0');
        }

        return true;
    }

    /// <summary>CCYYMMDD or YYMMDD (X12 type DT; a year below 80 is of this century).</summary>
    public static bool TryDay(ReadOnlySpan<byte> text, out DateOnly day)
    {
        day = default;
        if (text.Length is not (6 or 8) || text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
            return false;

        var year = text.Length == 8 ? Two(text, 0) * 100 + Two(text, 2) : Two(text, 0) + (Two(text, 0) < 80 ? 2000 : 1900);
        var (month, date) = (Two(text, text.Length - 4), Two(text, text.Length - 2));
        if (year < 1 || month is < 1 or > 12 || date < 1 || date > DateTime.DaysInMonth(year, month))
            return false;
        day = new DateOnly(year, month, date);
        return true;
    }

    /// <summary>HHMM, HHMMSS, or with hundredths, which are dropped (X12 type TM).</summary>
    public static bool TryTime(ReadOnlySpan<byte> text, out TimeOnly time)
    {
        time = default;
        if (text.Length is not (4 or 6 or 7 or 8) || text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
            return false;
        var (hour, minute, second) = (Two(text, 0), Two(text, 2), text.Length >= 6 ? Two(text, 4) : 0);
        if (hour > 23 || minute > 59 || second > 59)
            return false;
        time = new TimeOnly(hour, minute, second);
        return true;
    }

    /// <summary>A date in one of the formats of EDIFACT element 2379: 101, 102, 201, 203, 204 and, with its zone passed over, 303 and 304.</summary>
    public static bool TryDate(ReadOnlySpan<byte> text, ReadOnlySpan<byte> format, out EdiDate date)
    {
        date = default;
        var (days, times) = format switch
        {
            [(byte)'1', (byte)'0', (byte)'1'] => (6, 0),
            [(byte)'1', (byte)'0', (byte)'2'] or [] => (8, 0),
            [(byte)'2', (byte)'0', (byte)'1'] => (6, 4),
            [(byte)'2', (byte)'0', (byte)'3'] or [(byte)'3', (byte)'0', (byte)'3'] => (8, 4),
            [(byte)'2', (byte)'0', (byte)'4'] or [(byte)'3', (byte)'0', (byte)'4'] => (8, 6),
            _ => (0, 0),
        };
        if (days == 0 || text.Length < days + times || (text.Length > days + times && format is not [(byte)'3', ..]) || !TryDay(text[..days], out var day))
            return false;
        if (times == 0)
        {
            date = new EdiDate(day);
            return true;
        }

        if (!TryTime(text.Slice(days, times), out var time))
            return false;
        date = new EdiDate(day, time);
        return true;
    }

    public static string Day(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    public static string Time(TimeOnly time) => time.ToString(time.Second == 0 ? "HHmm" : "HHmmss", CultureInfo.InvariantCulture);

    /// <summary>A number with a point, no exponent, no zeros that say nothing after the point that were not there.</summary>
    public static string Number(decimal number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Two(ReadOnlySpan<byte> text, int at) => ((text[at] - '0') * 10) + text[at + 1] - '0';
}
