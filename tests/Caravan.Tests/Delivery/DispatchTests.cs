using System.Text.Json;
using Caravan.Delivery;
using Caravan.Network;
using Caravan.Platform.Outbox;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Delivery;

public sealed class DispatchTests
{
    [Fact]
    public async Task A_job_goes_to_the_courier_to_whom_it_adds_the_least()
    {
        await using var world = await DeliveryWorld.StartAsync();
        await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "far", 1_000);
        await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "near", 200);
        var first = await world.BookAsync(world.Parcel("ful_1"));
        await world.DispatchAsync();
        await DeliveryWorld.PutCourierAsync(world.Alpha.Http, "idle", 100);
        var second = await world.BookAsync(world.Parcel("ful_2", DeliveryWorld.North(-1_100)));
        await world.DispatchAsync();

        // A scooter rides 1.35 m of road a metre at 25.38 km/h (10:00): 100 m in 20 s, 200 m in 39 s, 1 km in 192 s, 1.1 km in 211 s.
        // First: far adds 192 + 192, near adds 39 + 192. Second, from the same store to a door 100 m beyond the first one's:
        // near adds 20, idle adds 20 + 211, so near takes both though idle is closer to the store.
        Assert.Equal("near", CourierOf(await world.JobAsync(first)));
        Assert.Equal("near", CourierOf(await world.JobAsync(second)));
    }

    [Fact]
    public async Task A_declined_job_goes_to_the_next_best()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var near = await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "near", 200);
        await DeliveryWorld.PutCourierAsync(world.Alpha.Http, "far", 1_000);
        var job = await world.BookAsync(world.Parcel());
        await world.DispatchAsync();

        var declined = await DeliveryWorld.ActAsync(world.Fleet.Http, near, job, "decline");
        await world.DispatchAsync();
        var after = await world.JobAsync(job);
        var carrierSees = await world.Fleet.Http.FetchAsync($"/v1/jobs/{job}");

        Assert.Equal(200, declined.Status);
        Assert.Equal(("assigned", "far"), (after.GetProperty("status").GetString(), CourierOf(after)));
        Assert.Equal(404, carrierSees.Status);
        var events = await world.Caravan.EventsAsync(world.Alpha.Id, job.ToString());
        Assert.Equal([JobEvent.Assigned, JobEvent.Unassigned, JobEvent.Assigned], events.Select(happened => happened.Type));
    }

    [Fact]
    public async Task A_courier_who_does_not_answer_for_three_minutes_loses_the_job()
    {
        await using var world = await DeliveryWorld.StartAsync();
        await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "near", 200);
        await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "far", 1_000);
        var job = await world.BookAsync(world.Parcel());
        await world.DispatchAsync();

        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(3) - TimeSpan.FromMilliseconds(1));
        await world.DispatchAsync();
        var before = await world.JobAsync(job);
        world.Caravan.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await world.DispatchAsync();
        var after = await world.JobAsync(job);

        Assert.Equal("near", CourierOf(before));
        Assert.Equal("far", CourierOf(after));
    }

    [Fact]
    public async Task Without_a_courier_a_job_waits_and_says_why_until_one_comes_on_duty()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var rider = await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r1", 200, isOnDuty: false);
        var job = await world.BookAsync(world.Parcel());
        await world.DispatchAsync();

        var waiting = await world.JobAsync(job);
        await world.Fleet.Http.ReplaceAsync($"/v1/couriers/{rider}/duty", new { isOnDuty = true });
        await world.DispatchAsync();
        var assigned = await world.JobAsync(job);

        Assert.Equal("booked", waiting.GetProperty("status").GetString());
        Assert.Contains("No courier", waiting.GetProperty("waitsFor").GetString(), StringComparison.Ordinal);
        Assert.Equal("assigned", assigned.GetProperty("status").GetString());
        Assert.False(assigned.TryGetProperty("waitsFor", out _));
    }

    [Fact]
    public async Task A_courier_carries_only_for_companies_that_have_an_agreement()
    {
        await using var world = await DeliveryWorld.StartAsync();
        await DeliveryWorld.PutCourierAsync(world.Beta.Http, "b1", 100);
        var job = await world.BookAsync(world.Parcel());

        await world.DispatchAsync();

        Assert.Equal("booked", (await world.JobAsync(job)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_parcel_of_tomorrow_waits_for_its_time()
    {
        await using var world = await DeliveryWorld.StartAsync();
        await DeliveryWorld.PutCourierAsync(world.Alpha.Http, "van", 1_000, "van");
        var job = await world.BookAsync(world.Parcel(service: DeliveryService.NextDay) with { ReadyAt = world.Now.AddMinutes(60), DueAt = world.Now.AddHours(8) });

        await world.DispatchAsync();
        var early = await world.JobAsync(job);

        // 1 km by van at 10:00: 1.35 km at 28 × 0.85 = 23.8 km/h is 205 s. Ready in 60 min, less 2 min margin and 205 s, less 10 min ahead: in 44 min 35 s.
        world.Caravan.Clock.Advance(TimeSpan.FromSeconds((44 * 60) + 34));
        await world.DispatchAsync();
        var still = await world.JobAsync(job);
        world.Caravan.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.DispatchAsync();
        var now = await world.JobAsync(job);

        Assert.Equal("booked", early.GetProperty("status").GetString());
        Assert.Equal("booked", still.GetProperty("status").GetString());
        Assert.Equal("assigned", now.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Estimates_follow_the_courier_and_are_told_when_they_move_by_a_minute()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var rider = await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r1", 1_000);
        var job = await world.BookAsync(world.Parcel());
        await world.PackAsync(job);
        await world.DispatchAsync();

        var first = EstimateOf(await world.JobAsync(job));
        await DeliveryWorld.MoveAsync(world.Fleet.Http, rider, 900);
        var little = EstimateOf(await world.JobAsync(job));
        await DeliveryWorld.MoveAsync(world.Fleet.Http, rider, 3_000);
        var moved = EstimateOf(await world.JobAsync(job));
        var events = await world.Caravan.EventsAsync(world.Alpha.Id, job.ToString());

        // 1 km to the store in 192 s, 120 s there, 1 km to the door in 192 s: 504 s.
        // From 900 m (173 s) it would be 485 s: not worth telling. From 3 km: 4.05 km at 25.38 km/h is 575 s, so 887 s.
        Assert.Equal(world.Now.AddSeconds(504), first);
        Assert.Equal(first, little);
        Assert.Equal(world.Now.AddSeconds(887), moved);
        var told = Assert.Single(events, happened => happened.Type == JobEvent.Estimated).Read(JobEvent.Json);
        Assert.Equal(moved, told.EstimatedAt);
    }

    [Fact]
    public async Task Estimates_move_with_the_clock_when_the_courier_does_not()
    {
        await using var world = await DeliveryWorld.StartAsync();
        await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r1", 1_000);
        var job = await world.BookAsync(world.Parcel());
        await world.PackAsync(job);
        await world.DispatchAsync();

        world.Caravan.Clock.Advance(TimeSpan.FromSeconds(90));
        await world.EstimateAsync();

        Assert.Equal(world.Now.AddSeconds(504), EstimateOf(await world.JobAsync(job)));
    }

    private static string? CourierOf(JsonElement job) => job.GetProperty("courier").GetProperty("code").GetString();

    private static DateTimeOffset EstimateOf(JsonElement job) => job.GetProperty("estimatedAt").GetDateTimeOffset();
}
