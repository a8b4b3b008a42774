using Caravan.Delivery;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Tests.Platform;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Delivery;

/// <summary>A scooter rides a kilometre in 192 s at this hour, two in 383 s, three in 575 s.</summary>
public sealed class RouteOrderTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 3, 2, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset ShiftEnd = Now.AddHours(6);

    private static readonly Courier Rider = new()
    {
        Carrier = PartnerId.New(Now),
        Id = CourierId.New(Now),
        Code = "r1",
        Region = "bj",
        Vehicle = VehicleKind.Scooter,
        Point = DeliveryWorld.North(0),
        CapacityGrams = 20_000,
        TemperatureMask = 3,
        ShiftStart = new TimeOnly(8, 0),
        ShiftEnd = new TimeOnly(22, 0),
        TimeZone = "Asia/Shanghai",
    };

    [Fact]
    public async Task Stops_are_put_in_the_order_that_saves_driving_behind_the_one_under_way()
    {
        var plan = await PlanAsync();
        var stops = Aboard((3_000, 60), (1_000, 60), (2_000, 60));

        var order = RouteOrder.Improve(plan, Rider, stops, ShiftEnd);

        // Up to 3 km, back to 1 and out to 2 is 6 km; from 3 km over 2 to 1 it is 5. The first, to whom the courier is under way, stays first.
        Assert.Equal([stops[0], stops[2], stops[1]], order);
    }

    [Fact]
    public async Task What_the_courier_has_not_answered_yet_may_wait()
    {
        var plan = await PlanAsync();
        var stops = Aboard((3_000, 60), (1_000, 60), (2_000, 60)).Select(stop => stop with { Job = stop.Job with { Status = JobStatus.Assigned } }).ToList();

        var order = RouteOrder.Improve(plan, Rider, stops, ShiftEnd);

        Assert.Equal([stops[1], stops[2], stops[0]], order);
    }

    [Fact]
    public async Task For_less_than_a_minute_nobody_is_sent_another_way()
    {
        var plan = await PlanAsync();
        var stops = Aboard((3_000, 60), (2_700, 60), (2_900, 60));

        // 200 m less are 39 s.
        Assert.Same(stops, RouteOrder.Improve(plan, Rider, stops, ShiftEnd));
    }

    [Fact]
    public async Task Nobody_in_time_is_made_late_to_save_driving()
    {
        var plan = await PlanAsync();

        // The one at 1 km is reached after 575 + 150 + 383 = 1,108 s, and over 2 km after 575 + 150 + 192 + 150 + 192 = 1,259 s; 19 minutes are 1,140 s.
        var stops = Aboard((3_000, 60), (1_000, 19), (2_000, 60));

        Assert.Same(stops, RouteOrder.Improve(plan, Rider, stops, ShiftEnd));
    }

    [Fact]
    public async Task Who_would_be_late_comes_first_when_that_makes_nobody_else_late()
    {
        var plan = await PlanAsync();

        // Over 2 km the one at 1 km would be reached after 1,259 s; straight from 3 km after 1,108 s.
        var stops = Aboard((3_000, 60), (2_000, 60), (1_000, 19));

        Assert.Equal([stops[0], stops[2], stops[1]], RouteOrder.Improve(plan, Rider, stops, ShiftEnd));
    }

    [Fact]
    public async Task Each_stop_says_what_it_adds()
    {
        var plan = await PlanAsync();

        // Straight to 2 km is 383 s: without the first, 575 + 192 − 383 are saved, without the second 192.
        Assert.Equal([384, 192], RouteOrder.Added(plan, Rider, Aboard((3_000, 60), (2_000, 60)), ShiftEnd));
    }

    [Fact]
    public async Task Whatever_a_route_is_it_keeps_its_stops_and_never_gets_dearer()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var plan = new RoutePlan(await world.Caravan.Services.GetRequiredService<NetworkMap>().CurrentAsync(TestCaravan.Cancel), new TravelTimes(), Now);
        Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            List<StopState> stops = [];
            for (var i = random.Next(1, 7); i > 0; i--)
            {
                var job = Aboard((random.Next(-4_000, 4_000), random.Next(-10, 90)))[0].Job with { Origin = world.AlphaStore.Id, ReadyAt = Now.AddMinutes(random.Next(-10, 20)), Status = random.Next(2) == 0 ? JobStatus.Collected : JobStatus.Accepted };
                var to = random.Next(0, stops.Count + 1);
                stops.Insert(to, new StopState(Rider.Carrier, Rider.Id, RouteStopKind.Dropoff, job, null));
                if (job.Status == JobStatus.Accepted)
                    stops.Insert(random.Next(0, to + 1), new StopState(Rider.Carrier, Rider.Id, RouteStopKind.Pickup, job, null));
            }

            var order = RouteOrder.Improve(plan, Rider, stops, ShiftEnd);

            Assert.Equal(stops.ToHashSet(), [.. order]);
            Assert.Equal(stops.Count, order.Count);
            Assert.Same(stops[0], order[0]);
            Assert.All(order.Where(stop => stop.Kind == RouteStopKind.Pickup), pickup => Assert.True(Place(order, pickup) < Place(order, order.First(stop => stop.Job.Id == pickup.Job.Id && stop.Kind == RouteStopKind.Dropoff))));
            Assert.True(Cost(plan, order) <= Cost(plan, stops), $"{Cost(plan, order)} is more than {Cost(plan, stops)}.");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    [Fact]
    public async Task The_page_shows_the_planned_routes_and_to_others_only_their_own_parcels()
    {
        await using var world = await DeliveryWorld.StartAsync();
        await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r1", 1_000);
        await world.BookAsync(world.Parcel("ful_1"));
        await world.DispatchAsync();

        var (fleet, alpha, beta) = (await PageAsync(world, world.Fleet.Key), await PageAsync(world, world.Alpha.Key), await PageAsync(world, world.Beta.Key));

        // 1 km to the store and 1 km to the door would not be ridden without the parcel: 384 s.
        Assert.Contains("Courier r1", fleet, StringComparison.Ordinal);
        Assert.Contains("6:24 min", fleet, StringComparison.Ordinal);
        Assert.DoesNotContain("Another company's courier", fleet, StringComparison.Ordinal);
        Assert.Contains("12 Lane of Lanterns", alpha, StringComparison.Ordinal);
        Assert.Contains("Another company's courier", alpha, StringComparison.Ordinal);
        Assert.Contains("Nobody is on the way", beta, StringComparison.Ordinal);
    }

    private static async Task<string> PageAsync(DeliveryWorld world, string key)
    {
        using var visitor = new PageVisitor(world.Caravan);
        await visitor.OpenAsync("/operations/routes");
        await visitor.SubmitAsync("/sign-in", ("key", key));
        await visitor.OpenAsync("/operations/routes");
        return visitor.Text;
    }

    private static int Place(IReadOnlyList<StopState> stops, StopState stop) => stops.Index().First(one => one.Item == stop).Index;

    private static double Cost(RoutePlan plan, IReadOnlyList<StopState> stops)
    {
        var matrix = plan.Matrix(Rider, stops);
        var driven = Enumerable.Range(0, stops.Count).Sum(leg => matrix[(leg * (stops.Count + 1)) + leg + 1]);
        var late = plan.Arrivals(Rider, stops).Zip(stops).Where(pair => pair.Second.Kind == RouteStopKind.Dropoff).Sum(pair => Math.Max(0, (pair.First - pair.Second.Job.DueAt).TotalSeconds));
        return driven + (10 * late);
    }

    private static async Task<RoutePlan> PlanAsync()
    {
        await using var world = await DeliveryWorld.StartAsync();
        return new RoutePlan(await world.Caravan.Services.GetRequiredService<NetworkMap>().CurrentAsync(TestCaravan.Cancel), new TravelTimes(), Now);
    }

    private static List<StopState> Aboard(params (int MetresNorth, int DueMinutes)[] parcels) =>
        [.. parcels.Select(parcel => new StopState(Rider.Carrier, Rider.Id, RouteStopKind.Dropoff, new JobState
        {
            Tenant = Rider.Carrier,
            Id = JobId.New(Now),
            Latitude = DeliveryWorld.North(parcel.MetresNorth).Latitude,
            Longitude = DeliveryWorld.North(0).Longitude,
            DueAt = Now.AddMinutes(parcel.DueMinutes),
            WeightGrams = 1_000,
            Status = JobStatus.Collected,
        }, null))];
}
