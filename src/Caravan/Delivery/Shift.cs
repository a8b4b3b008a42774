using System.Globalization;
using NodaTime;

namespace Caravan.Delivery;

/// <summary>A courier's daily shift on the wall clock of its time zone. An end at or before the start lies on the next day; equal ends mean around the clock.</summary>
internal readonly record struct Shift(TimeOnly Start, TimeOnly End, string TimeZone)
{
    /// <summary>The span that is under way at <paramref name="at"/>, or the next one.</summary>
    public (DateTimeOffset From, DateTimeOffset To) Next(DateTimeOffset at)
    {
        if (Start == End)
            return (at, at.AddDays(1));

        var zone = DateTimeZoneProviders.Tzdb[TimeZone];
        var yesterday = Instant.FromDateTimeOffset(at).InZone(zone).Date.PlusDays(-1);
        for (var ahead = 0; ; ahead++)
        {
            var day = yesterday.PlusDays(ahead);
            var to = InstantOf(End > Start ? day : day.PlusDays(1), End, zone);
            if (to > at)
                return (InstantOf(day, Start, zone), to);
        }
    }

    /// <summary>A wall-clock time as it is stored: <c>08:00</c>.</summary>
    public static TimeOnly TimeOf(string stored) => TimeOnly.ParseExact(stored, "HH:mm", CultureInfo.InvariantCulture);

    private static DateTimeOffset InstantOf(LocalDate day, TimeOnly time, DateTimeZone zone) =>
        day.At(new LocalTime(time.Hour, time.Minute)).InZoneLeniently(zone).ToDateTimeOffset().ToUniversalTime();
}
