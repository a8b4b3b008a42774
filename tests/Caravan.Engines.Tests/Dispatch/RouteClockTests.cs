using Caravan.Engines.Dispatch;

namespace Caravan.Engines.Tests.Dispatch;

public sealed class RouteClockTests
{
    [Fact]
    public void A_courier_drives_waits_and_serves()
    {
        Stop[] stops = [new(1, StopKind.Pickup, 500, 600, 60, 10), new(1, StopKind.Dropoff, 0, 700, 30, 10)];
        int[] travel = [0, 200, 900, 200, 0, 300, 900, 300, 0];

        var times = RouteClock.Arrivals(availableSecond: 100, stops, travel, pointCount: 3);

        // 100 + 200 = 300, waits until 500, leaves at 560; 560 + 300 = 860, 160 s after it was due.
        Assert.Equal([new StopTimes(300, 500, 560), new StopTimes(860, 860, 890)], times);
        Assert.Equal([0, 160], times.Zip(stops, (time, stop) => time.LatenessSeconds(stop)));
    }

    [Fact]
    public void A_route_with_room_for_a_job_is_told_without_it()
    {
        var travel = new int[16];
        travel[1] = 70;
        var route = new CourierRoute(7, 1_000, 9_000, 1, 1, 1, [new(1, StopKind.Dropoff, 0, int.MaxValue, 5, 1)], travel);

        Assert.Equal([new StopTimes(1_070, 1_070, 1_075)], RouteClock.Arrivals(route));
    }

    [Fact]
    public void The_longest_route_at_the_latest_moment_overflows_nothing()
    {
        var stop = new Stop(1, StopKind.Pickup, RouteClock.MomentMax, -RouteClock.MomentMax, RouteClock.LegSecondsMax, 0);
        var stops = Enumerable.Repeat(stop, RouteClock.StopsMax).ToArray();
        var travel = Enumerable.Repeat(RouteClock.LegSecondsMax, 65 * 65).ToArray();

        var last = RouteClock.Arrivals(RouteClock.MomentMax, stops, travel, pointCount: 65)[^1];

        Assert.Equal(RouteClock.MomentMax + 64 * 2 * RouteClock.LegSecondsMax, last.DepartureSecond);
        Assert.True(last.LatenessSeconds(stop) > RouteClock.MomentMax);
    }

    [Fact]
    public void Shapes_and_numbers_out_of_range_are_bugs()
    {
        Stop fine = new(1, StopKind.Pickup, 0, 0, 0, 0);
        Stop[] wrong =
        [
            fine with { ServiceSeconds = -1 },
            fine with { LoadGrams = -1 },
            fine with { Kind = (StopKind)2 },
            fine with { ReadySecond = RouteClock.MomentMax + 1 },
            fine with { DueSecond = int.MinValue },
        ];

        Assert.All(wrong, stop => Assert.ThrowsAny<ArgumentException>(() => RouteClock.Arrivals(0, [stop], new int[4], 2)));
        Assert.ThrowsAny<ArgumentException>(() => RouteClock.Arrivals(0, [fine], new int[3], 2));
        Assert.ThrowsAny<ArgumentException>(() => RouteClock.Arrivals(0, [fine], new int[1], 1));
        Assert.ThrowsAny<ArgumentException>(() => RouteClock.Arrivals(0, [fine], [0, -1, 0, 0], 2));
        Assert.ThrowsAny<ArgumentException>(() => RouteClock.Arrivals(int.MaxValue, [fine], new int[4], 2));
    }
}
