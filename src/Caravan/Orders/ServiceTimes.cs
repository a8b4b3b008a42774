using Caravan.Delivery;
using Caravan.Engines.Sourcing;
using Caravan.Network;

namespace Caravan.Orders;

/// <summary>When a node could have an order ready for a service, when it would be promised, or what stands in the way.</summary>
internal readonly record struct NodeTimes(Obstacle Obstacles, int ReadySeconds, DateTimeOffset PromisedAt);

/// <summary>
/// The rules of time of the four services, told by the wall clock of the node. Within the hour: sixty minutes from now.
/// Same day: by 22:00, ordered before the node's cut-off. Next day: within twenty-four hours, between 9:00 and 21:00.
/// Pick-up: when the station is open and the goods are there, from the same building today, from elsewhere tomorrow from 10:00.
/// </summary>
internal static class ServiceTimes
{
    /// <summary>From the courier's arrival to the goods in the customer's hands.</summary>
    private const int HandOverSeconds = 180;

    private const int HourSeconds = 3_600;

    // A promise stands for a quarter of an hour, so what is promised for a pick-up must still hold at its end.
    private static readonly TimeSpan PickUpSlack = PromiseBook.TimeToLive;
    private static readonly TimeOnly SameDayEnd = new(22, 0);
    private static readonly TimeOnly NextDayStart = new(9, 0);
    private static readonly TimeOnly NextDayEnd = new(21, 0);
    private static readonly TimeOnly StationStart = new(10, 0);

    /// <summary>How long handing over takes when somebody brings it; who collects does not wait at a door.</summary>
    public static int HandOver(DeliveryService service) => service == DeliveryService.PickUp ? 0 : HandOverSeconds;

    /// <summary>A node's times for a door delivery.</summary>
    public static NodeTimes ToDoor(Location node, DeliveryService service, CourierOutlook couriers, int ordersThisHour, DateTimeOffset now)
    {
        var obstacles = Standing(node, ordersThisHour);
        if (node.ServiceMetres(service) == 0)
            return new NodeTimes(obstacles | Obstacle.ServiceNotOffered, 0, now);

        obstacles |= couriers.OnDuty == 0 && service != DeliveryService.NextDay ? Obstacle.NoCourier : Obstacle.None;
        var open = node.Hours.NextOpen(now);
        if (open is null || (service == DeliveryService.WithinHour && open.Value.From > now))
            return new NodeTimes(obstacles | Obstacle.Closed, 0, now);

        var ready = SecondsUntilReady(node, open.Value.From, ordersThisHour, now);
        switch (service)
        {
            case DeliveryService.WithinHour:
                if (now.AddSeconds(ready) > open.Value.To)
                    obstacles |= Obstacle.Closed;
                return new NodeTimes(obstacles, Math.Max(ready, couriers.SecondsToCollect), now.AddSeconds(HourSeconds));
            case DeliveryService.SameDay:
                return new NodeTimes(obstacles | CutOff(node, node.SameDayCutOff, now), Math.Max(ready, couriers.SecondsToCollect), node.Hours.OnDay(now, 0, SameDayEnd));
            default:
                return new NodeTimes(obstacles | CutOff(node, node.NextDayCutOff, now), ready, NextDay(node, now));
        }
    }

    /// <summary>A node's times for a collection at a station.</summary>
    public static NodeTimes ToStation(Location node, Location station, bool isSameBuilding, int ordersThisHour, DateTimeOffset now)
    {
        var obstacles = Standing(node, ordersThisHour) | (station.IsActive ? Obstacle.None : Obstacle.Suspended);
        var open = node.Hours.NextOpen(now);
        if (open is null)
            return new NodeTimes(obstacles | Obstacle.Closed, 0, now);

        var ready = SecondsUntilReady(node, open.Value.From, ordersThisHour, now);
        var there = isSameBuilding ? now.AddSeconds(ready) + PickUpSlack : station.Hours.OnDay(now, 1, StationStart);
        if (!isSameBuilding)
            obstacles |= CutOff(node, node.NextDayCutOff, now);
        var stationOpen = station.Hours.NextOpen(there);
        return stationOpen is null
            ? new NodeTimes(obstacles | Obstacle.Closed, ready, there)
            : new NodeTimes(obstacles, ready, stationOpen.Value.From > there ? stationOpen.Value.From : there);
    }

    private static Obstacle Standing(Location node, int ordersThisHour) =>
        (node.IsActive ? Obstacle.None : Obstacle.Suspended)
        | (ordersThisHour >= node.ThroughputPerHour ? Obstacle.AtCapacity : Obstacle.None);

    // The orders given to the node this hour are picked before this one.
    private static int SecondsUntilReady(Location node, DateTimeOffset opens, int ordersThisHour, DateTimeOffset now)
    {
        var wait = opens > now ? (opens - now).TotalSeconds : 0;
        var queue = (double)HourSeconds * ordersThisHour / node.ThroughputPerHour / 4; // A quarter: a node works on several at a time.
        return (int)Math.Min(int.MaxValue / 4, wait + queue + (node.HandlingMinutes * 60));
    }

    private static Obstacle CutOff(Location node, TimeOnly? cutOff, DateTimeOffset now) =>
        cutOff is null ? Obstacle.ServiceNotOffered
        : now > node.Hours.OnDay(now, 0, cutOff.Value) ? Obstacle.CutOffPassed
        : Obstacle.None;

    // The latest moment of delivery hours that is not more than a day away.
    private static DateTimeOffset NextDay(Location node, DateTimeOffset now)
    {
        var latest = now.AddDays(1);
        var tomorrow = node.Hours.OnDay(now, 1, NextDayStart);
        if (latest < tomorrow)
            return node.Hours.OnDay(now, 0, NextDayEnd);

        var end = node.Hours.OnDay(now, 1, NextDayEnd);
        return latest < end ? latest : end;
    }
}
