using System.Globalization;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform;
using NodaTime;

namespace Caravan.Storefronts;

/// <summary>Says times, distances and services to shoppers, in the time of the place.</summary>
internal static class PromiseWords
{
    public static string Title(DeliveryService service) => service switch
    {
        DeliveryService.WithinHour => "Within the hour",
        DeliveryService.SameDay => "The same day",
        DeliveryService.NextDay => "By the next day",
        _ => "Collect it yourself",
    };

    /// <summary><c>Today by 14:32</c>, <c>Tomorrow by 10:00</c>, <c>Sun 22 Nov by 10:00</c>.</summary>
    public static string By(DateTimeOffset at, DateTimeOffset now, string zone) => $"{Day(at, now, zone)} by {Clock(at, zone)}";

    public static string Clock(DateTimeOffset at, string zone) => Local(at, zone).ToString("HH:mm", CultureInfo.InvariantCulture);

    public static string Day(DateTimeOffset at, DateTimeOffset now, string zone)
    {
        var day = Local(at, zone).Date;
        var days = Period.DaysBetween(Local(now, zone).Date, day);
        return days switch
        {
            0 => "Today",
            1 => "Tomorrow",
            -1 => "Yesterday",
            _ => day.ToString("ddd d MMM", CultureInfo.InvariantCulture),
        };
    }

    /// <summary><c>about 14:32</c>, and the day when it is not today.</summary>
    public static string About(DateTimeOffset at, DateTimeOffset now, string zone)
    {
        var day = Day(at, now, zone);
        return day == "Today" ? $"about {Clock(at, zone)}" : $"{(day is "Tomorrow" or "Yesterday" ? day.ToLowerInvariant() : day)} about {Clock(at, zone)}";
    }

    public static string Distance(int metres) =>
        metres < 950 ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(50, (metres + 25) / 50 * 50)}\u00a0m") : string.Create(CultureInfo.InvariantCulture, $"{metres / 1000.0:0.#}\u00a0km");

    public static string Kind(LocationKind kind) => kind switch
    {
        LocationKind.Store => "shop",
        LocationKind.Warehouse => "warehouse",
        LocationKind.Station => "station",
        _ => "hub",
    };

    public static string Temperature(TemperatureClass one) => one switch
    {
        TemperatureClass.Chilled => "Chilled, 2–8 °C",
        TemperatureClass.Frozen => "Frozen, −18 °C",
        TemperatureClass.Medicine => "Medicine, 2–8 °C",
        _ => "Room temperature",
    };

    /// <summary>A service that cannot be had, in a few words.</summary>
    public static string Refusal(PlanRefusal? reason) => reason switch
    {
        PlanRefusal.OutOfStock => "Not enough left nearby",
        PlanRefusal.OutOfArea => "Does not reach this place",
        PlanRefusal.Closed => "Closed just now",
        PlanRefusal.TooLate => "Too late for this",
        PlanRefusal.NoCapacity => "Everyone is busy this hour",
        PlanRefusal.NoCourier => "No courier free nearby",
        PlanRefusal.RegionOff => "Not served just now",
        PlanRefusal.StaleStock => "We are not sure what is left",
        PlanRefusal.TooManyParcels => "Too many parcels for this",
        _ => "Cannot be had just now",
    };

    /// <summary>Why a service cannot be had, and what is closest, for somebody who does not know how a network works.</summary>
    public static string Because(PromiseOption option)
    {
        var closest = option.Closest is { } node ? $" The closest that has everything is {node.Name}, {Distance(node.Metres)} away." : "";
        return option.Reason switch
        {
            PlanRefusal.OutOfStock when option.Service == DeliveryService.WithinHour => $"No shop close enough has all of it.{closest}",
            PlanRefusal.OutOfStock => $"There is not enough of it within reach.{closest}",
            PlanRefusal.OutOfArea when option.Service == DeliveryService.PickUp => "There is no station near this place.",
            PlanRefusal.OutOfArea => $"Nobody who has all of it comes this far.{closest}",
            PlanRefusal.Closed => $"Those who have it are closed.{closest}",
            PlanRefusal.TooLate => $"It could not be there in time any more.{closest}",
            PlanRefusal.NoCapacity => "Those who have it have their hands full this hour. Try again in a while.",
            PlanRefusal.NoCourier => $"There is no courier near the goods just now.{closest}",
            PlanRefusal.RegionOff => "This part of the country is not served at the moment.",
            PlanRefusal.StaleStock => "We have not heard for a while how much is left, and will not promise what we do not know.",
            PlanRefusal.TooManyParcels => "It would take too many parcels. Order fewer different things at once.",
            _ => option.Because,
        };
    }

    private static LocalDateTime Local(DateTimeOffset at, string zone) =>
        Instant.FromDateTimeOffset(at).InZone(DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? DateTimeZone.Utc).LocalDateTime;
}
