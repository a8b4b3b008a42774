using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using NodaTime;

namespace Caravan.Network;

/// <summary>
/// When a location works, week by week, in its own time zone. Written as seven lists of spans, Monday first:
/// <c>[["07:00-23:00"], …]</c>; <c>24:00</c> is the end of the day, and a span that runs past midnight is written as two.
/// </summary>
public sealed class OpeningHours
{
    private const int DaysAhead = 8;
    private readonly (int From, int To)[][] days; // Minutes of the day, per weekday, Monday first.
    private readonly DateTimeZone zone;

    // Calendars are slow, and the same day is asked for again and again: what was worked out is kept while it holds.
    private static readonly TimeSpan KeptMax = TimeSpan.FromDays(1);
    private readonly ConcurrentDictionary<(int DaysAhead, TimeOnly Time), Kept> kept = new();
    private volatile Kept? nextOpen;

    private OpeningHours((int From, int To)[][] days, DateTimeZone zone)
    {
        this.days = days;
        this.zone = zone;
    }

    /// <summary>The spans as they are written, Monday first.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Week =>
        [.. days.Select(day => (IReadOnlyList<string>)[.. day.Select(span => $"{Text(span.From)}-{Text(span.To)}")])];

    /// <summary>The time zone these hours are told in.</summary>
    public DateTimeZone Zone => zone;

    /// <summary>Reads hours; a null says in <paramref name="fault"/> what is wrong.</summary>
    public static OpeningHours? TryParse(IReadOnlyList<IReadOnlyList<string>>? week, string? timeZone, out string fault)
    {
        fault = "";
        if (timeZone is null || DateTimeZoneProviders.Tzdb.GetZoneOrNull(timeZone) is not { } zone)
        {
            fault = $"'{timeZone}' is not an IANA time zone such as Asia/Shanghai.";
            return null;
        }

        if (week is not { Count: 7 })
        {
            fault = "Give seven lists of spans, Monday first.";
            return null;
        }

        var days = new (int, int)[7][];
        for (var day = 0; day < 7; day++)
        {
            List<(int From, int To)> spans = [];
            foreach (var text in week[day])
            {
                if (text is not { Length: 11 } || text[5] != '-' || !TryMinutes(text.AsSpan(0, 5), out var from) || !TryMinutes(text.AsSpan(6), out var to) || from >= to)
                {
                    fault = $"'{text}' is not a span such as 07:00-23:00.";
                    return null;
                }

                if (spans.Count > 0 && from < spans[^1].To)
                {
                    fault = $"'{text}' overlaps the span before it or is out of order.";
                    return null;
                }

                spans.Add((from, to));
            }

            days[day] = [.. spans];
        }

        return new OpeningHours(days, zone);
    }

    /// <summary>Whether it is open at an instant.</summary>
    public bool IsOpen(DateTimeOffset at) => NextOpen(at) is { } next && next.From <= at;

    /// <summary>The span that is open at <paramref name="at"/> or the next one after it; null when it never opens in the next week.</summary>
    public (DateTimeOffset From, DateTimeOffset To)? NextOpen(DateTimeOffset at)
    {
        if (nextOpen is { } known && at >= known.Since && at < known.Until)
            return (known.From, known.To);

        if (FindNextOpen(at) is not { } next)
            return null;

        nextOpen = new Kept(at, next.To < at + KeptMax ? next.To : at + KeptMax, next.From, next.To);
        return next;
    }

    private (DateTimeOffset From, DateTimeOffset To)? FindNextOpen(DateTimeOffset at)
    {
        var today = LocalAt(at).Date;
        for (var ahead = 0; ahead < DaysAhead; ahead++)
        {
            var day = today.PlusDays(ahead);
            foreach (var (from, to) in days[(int)day.DayOfWeek - 1])
            {
                if (InstantOf(day, to) > at)
                    return (InstantOf(day, from), EndOf(day, to));
            }
        }

        return null;
    }

    /// <summary>The wall clock there.</summary>
    public LocalDateTime LocalAt(DateTimeOffset at) => Instant.FromDateTimeOffset(at).InZone(zone).LocalDateTime;

    /// <summary>The instant of a wall-clock time on the day that is <paramref name="daysAhead"/> after the one of <paramref name="at"/>.</summary>
    public DateTimeOffset OnDay(DateTimeOffset at, int daysAhead, TimeOnly time)
    {
        if (kept.TryGetValue((daysAhead, time), out var known) && at >= known.Since && at < known.Until)
            return known.From;

        var today = LocalAt(at).Date;
        var instant = InstantOf(today.PlusDays(daysAhead), (time.Hour * 60) + time.Minute);
        kept[(daysAhead, time)] = new Kept(InstantOf(today, 0), InstantOf(today, 1440), instant, instant);
        return instant;
    }

    // Open to the end of the day and from the start of the next is one span to a customer: a shop that never closes.
    private DateTimeOffset EndOf(LocalDate day, int to)
    {
        for (var ahead = 0; ahead < DaysAhead && to == 1440; ahead++)
        {
            day = day.PlusDays(1);
            if (days[(int)day.DayOfWeek - 1] is not [(0, var next), ..])
                return InstantOf(day, 0);

            to = next;
        }

        return InstantOf(day, to);
    }

    private DateTimeOffset InstantOf(LocalDate day, int minutes)
    {
        Debug.Assert(minutes is >= 0 and <= 1440, "Minutes lie within the day.");
        var local = minutes == 1440 ? day.PlusDays(1).AtMidnight() : day.At(new LocalTime(minutes / 60, minutes % 60));
        return local.InZoneLeniently(zone).ToDateTimeOffset().ToUniversalTime();
    }

    private sealed record Kept(DateTimeOffset Since, DateTimeOffset Until, DateTimeOffset From, DateTimeOffset To);

    private static string Text(int minutes) => string.Create(CultureInfo.InvariantCulture, $"{minutes / 60:00}:{minutes % 60:00}");

    private static bool TryMinutes(ReadOnlySpan<char> text, out int minutes)
    {
        minutes = 0;
        if (text[2] != ':' || !int.TryParse(text[..2], NumberStyles.None, CultureInfo.InvariantCulture, out var hours) || !int.TryParse(text[3..], NumberStyles.None, CultureInfo.InvariantCulture, out var rest))
            return false;

        minutes = (hours * 60) + rest;
        return rest < 60 && minutes <= 1440;
    }
}
