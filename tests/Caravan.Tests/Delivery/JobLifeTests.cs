using System.Text.Json;
using Caravan.Delivery;
using Caravan.Network;
using Caravan.Platform.Outbox;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Delivery;

public sealed class JobLifeTests
{
    [Fact]
    public async Task A_rider_of_the_fleet_brings_a_parcel_from_booking_to_the_door()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var rider = await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r1", 1_000);
        var job = await world.BookAsync(world.Parcel());
        await world.DispatchAsync();

        var early = await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, "collect");
        var accepted = await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, "accept");
        var unpacked = await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, "collect");
        await world.PackAsync(job);
        var collected = await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, "collect");
        var delivered = await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, "deliver", new { code = "482913" });
        var again = await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, "deliver", new { code = "482913" });
        var route = await world.Fleet.Http.FetchAsync($"/v1/couriers/{rider}/route");

        Assert.Equal((409, "urn:caravan:problem:job-status"), (early.Status, TypeOf(early.Body)));
        Assert.Equal((200, "accepted"), (accepted.Status, StatusOf(accepted.Body)));
        Assert.Equal((409, "urn:caravan:problem:not-packed"), (unpacked.Status, TypeOf(unpacked.Body)));
        Assert.Equal((200, "outForDelivery"), (collected.Status, StatusOf(collected.Body)));
        Assert.Equal((200, "delivered"), (delivered.Status, StatusOf(delivered.Body)));
        Assert.Equal(409, again.Status);
        Assert.Equal(0, route.Body.GetProperty("items").GetArrayLength());
        Assert.Equal(
            [JobEvent.Assigned, JobEvent.Accepted, JobEvent.Collected, JobEvent.OutForDelivery, JobEvent.Delivered],
            (await EventsAsync(world, job)).Where(type => type != JobEvent.Estimated));
        Assert.DoesNotContain("482913", delivered.Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Five_wrong_codes_lock_the_job_until_a_dispatcher_hands_over()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var (rider, job) = await CollectedAsync(world);

        List<(int Status, int Left)> attempts = [];
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var answer = await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, "deliver", new { code = "000000" });
            attempts.Add((answer.Status, answer.Body.GetProperty("attemptsLeft").GetInt32()));
            Assert.Equal("application/problem+json", answer.Response.Content.Headers.ContentType?.MediaType);
        }

        var locked = await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, "deliver", new { code = "482913" });
        var overridden = await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, "deliver", new { @override = "Customer showed an identity card" });

        Assert.Equal([(422, 4), (422, 3), (422, 2), (422, 1), (422, 0)], attempts);
        Assert.Equal((409, "urn:caravan:problem:code-locked"), (locked.Status, TypeOf(locked.Body)));
        Assert.Equal("delivered", StatusOf(overridden.Body));
    }

    [Fact]
    public async Task A_wrong_code_repeated_with_its_key_counts_once()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var (rider, job) = await CollectedAsync(world);
        var path = $"/v1/couriers/{rider}/jobs/{job}:deliver";

        var first = await world.Fleet.Http.SubmitAsync(path, new { code = "1" }, key: "k1");
        var again = await world.Fleet.Http.SubmitAsync(path, new { code = "1" }, key: "k1");

        Assert.Equal((422, 422), (first.Status, again.Status));
        Assert.Equal(4, (await world.JobAsync(job)).GetProperty("codeAttemptsLeft").GetInt32());
    }

    [Fact]
    public async Task What_cannot_be_delivered_goes_back_to_its_origin_after_the_rest()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var (rider, job) = await CollectedAsync(world);

        var tooEarly = await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, "return");
        var failed = await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, "fail", new { reason = "Nobody home" });
        var route = await world.Fleet.Http.FetchAsync($"/v1/couriers/{rider}/route");
        var returned = await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, "return");

        Assert.Equal(409, tooEarly.Status);
        Assert.Equal(("failed", "Nobody home"), (StatusOf(failed.Body), failed.Body.GetProperty("failureReason").GetString()));
        var stop = Assert.Single(route.Body.GetProperty("items").EnumerateArray());
        Assert.Equal(("return", "Alpha S1"), (stop.GetProperty("kind").GetString(), stop.GetProperty("place").GetString()));
        Assert.Equal("returned", StatusOf(returned.Body));
    }

    [Fact]
    public async Task A_job_is_called_off_until_it_is_collected_and_leaves_the_route()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var (rider, collected) = await CollectedAsync(world);
        var other = await world.BookAsync(world.Parcel("ful_2"));
        await world.DispatchAsync();

        var late = await CancelAsync(world, collected);
        var inTime = await CancelAsync(world, other);
        var route = await world.Fleet.Http.FetchAsync($"/v1/couriers/{rider}/route");

        Assert.False(late);
        Assert.True(inTime);
        Assert.Equal([collected.ToString()], route.Body.GetProperty("items").EnumerateArray().Select(stop => stop.GetProperty("job").GetString()));
    }

    [Fact]
    public async Task A_customer_collects_at_a_station_with_the_code_and_no_courier_is_asked()
    {
        await using var world = await DeliveryWorld.StartAsync();
        await DeliveryWorld.PutCourierAsync(world.Alpha.Http, "a1", 100);
        var job = await world.BookAsync(world.Parcel(service: DeliveryService.PickUp));
        var path = $"/v1/jobs/{job}:hand-over";

        var unpacked = await world.Alpha.Http.SubmitAsync(path, new { code = "482913" });
        await world.PackAsync(job);
        await world.DispatchAsync();
        var waiting = await world.JobAsync(job);
        var wrong = await world.Alpha.Http.SubmitAsync(path, new { code = "482914" });
        var stranger = await world.Beta.Http.SubmitAsync(path, new { code = "482913" });
        var handed = await world.Alpha.Http.SubmitAsync(path, new { code = "482913" });

        Assert.Equal(409, unpacked.Status);
        Assert.Equal("booked", StatusOf(waiting));
        Assert.Equal(422, wrong.Status);
        Assert.Equal(404, stranger.Status);
        Assert.Equal("delivered", StatusOf(handed.Body));
    }

    [Fact]
    public async Task Who_runs_a_station_sees_and_hands_over_what_others_send_to_it()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var job = await world.BookAsync(world.Parcel(service: DeliveryService.PickUp) with { Shipper = world.Beta.Id });
        var elsewhere = await world.BookAsync(world.Parcel("ful_2") with { Shipper = world.Beta.Id });
        await world.Caravan.Store.WriteAsync(tx => world.Desk.PackedAsync(tx, world.Beta.Id, job), TestCaravan.Cancel);

        var seen = await world.Alpha.Http.FetchAsync($"/v1/jobs/{job}");
        var handed = await world.Alpha.Http.SubmitAsync($"/v1/jobs/{job}:hand-over", new { code = "482913" });

        Assert.Equal(200, seen.Status);
        Assert.Equal(404, (await world.Alpha.Http.FetchAsync($"/v1/jobs/{elsewhere}")).Status);
        Assert.Equal("delivered", StatusOf(handed.Body));
    }

    [Fact]
    public async Task The_work_goes_on_after_a_restart()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var (rider, job) = await CollectedAsync(world);
        var waiting = await world.BookAsync(world.Parcel("ful_2"));

        await world.RestartAsync();
        await world.DispatchAsync();
        var delivered = await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, "deliver", new { code = "482913" });
        var next = await world.JobAsync(waiting);

        Assert.Equal("delivered", StatusOf(delivered.Body));
        Assert.Equal("assigned", StatusOf(next));
    }

    private static async Task<(CourierId Rider, JobId Job)> CollectedAsync(DeliveryWorld world)
    {
        var rider = await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r1", 1_000);
        var job = await world.BookAsync(world.Parcel());
        await world.PackAsync(job);
        await world.DispatchAsync();
        Assert.Equal(200, (await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, "accept")).Status);
        Assert.Equal(200, (await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, "collect")).Status);
        return (rider, job);
    }

    private static Task<bool> CancelAsync(DeliveryWorld world, JobId job) =>
        world.Caravan.Store.WriteAsync(tx => world.Desk.CancelAsync(tx, world.Alpha.Id, job), TestCaravan.Cancel);

    private static async Task<IEnumerable<string>> EventsAsync(DeliveryWorld world, JobId job) =>
        (await world.Caravan.EventsAsync(world.Alpha.Id, job.ToString())).Select(happened => happened.Type);

    private static string? TypeOf(JsonElement problem) => problem.GetProperty("type").GetString();

    private static string? StatusOf(JsonElement job) => job.GetProperty("status").GetString();
}
