using System.Text.Json.Nodes;
using Caravan.Delivery;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Delivery;

public sealed class CourierEndpointTests
{
    private const string Good =
        """
        {"code":"r1","region":"bj","vehicle":"scooter","point":{"latitude":39.9,"longitude":116.4},"capacityGrams":20000,"temperatureClasses":["ambient"],"shiftStart":"08:00","shiftEnd":"22:00","timeZone":"Asia/Shanghai"}
        """;

    [Theory]
    [InlineData("code", "\"\"", "#/code")]
    [InlineData("code", null, "#/code")]
    [InlineData("region", "\"\\u0007\"", "#/region")]
    [InlineData("vehicle", "\"rocket\"", "#/vehicle")]
    [InlineData("vehicle", "2", "#/vehicle")]
    [InlineData("point", "{\"latitude\":91,\"longitude\":0}", "#/point")]
    [InlineData("point", "{\"latitude\":1}", "#/point/longitude")]
    [InlineData("point", "null", "#/point")]
    [InlineData("capacityGrams", "0", "#/capacityGrams")]
    [InlineData("capacityGrams", "1.5", "#/capacityGrams")]
    [InlineData("temperatureClasses", "[]", "#/temperatureClasses")]
    [InlineData("temperatureClasses", "[\"hot\"]", "#/temperatureClasses/0")]
    [InlineData("shiftStart", "\"25:00\"", "#/shiftStart")]
    [InlineData("shiftStart", "\"08:00:30\"", "#/shiftStart")]
    [InlineData("timeZone", "\"Mars/Base\"", "#/timeZone")]
    [InlineData("id", "\"cou_01h455vb4pex5vsknk084sn02q\"", "#/id")]
    [InlineData("speed", "1", "#/speed")]
    public async Task A_faulty_courier_is_refused_by_the_name_of_its_field(string field, string? value, string pointer)
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, fleet, _) = await caravan.AddPartnerAsync("fleet");
        var body = JsonNode.Parse(Good)!.AsObject();
        body.Remove(field);
        if (value is not null)
            body[field] = JsonNode.Parse(value);

        var good = await fleet.ReplaceAsync("/v1/couriers", Good);
        var answer = await fleet.ReplaceAsync("/v1/couriers", body.ToJsonString());

        Assert.Equal(200, good.Status);
        Assert.Equal(400, answer.Status);
        Assert.Contains(pointer, answer.Body.Faults());
    }

    [Theory]
    [InlineData("deliver", "{}", "#/code")]
    [InlineData("deliver", """{"code":"1","override":"x"}""", "#/code")]
    [InlineData("deliver", """{"code":""}""", "#/code")]
    [InlineData("deliver", """{"override":" "}""", "#/override")]
    [InlineData("deliver", """{"kode":"1"}""", "#/kode")]
    [InlineData("fail", "{}", "#/reason")]
    [InlineData("fail", """{"reason":""}""", "#/reason")]
    [InlineData("fail", """{"reason":null}""", "#/reason")]
    public async Task A_faulty_act_is_refused_by_the_name_of_its_field(string act, string body, string pointer)
    {
        await using var world = await DeliveryWorld.StartAsync();
        var rider = await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r1", 100);
        var job = await world.BookAsync(world.Parcel());
        await world.DispatchAsync();

        var answer = await DeliveryWorld.ActAsync(world.Fleet.Http, rider, job, act, body);

        Assert.Equal(400, answer.Status);
        Assert.Contains(pointer, answer.Body.Faults());
    }

    [Theory]
    [InlineData("/v1/jobs?status=lost", "?status")]
    [InlineData("/v1/jobs?status=99", "?status")]
    [InlineData("/v1/jobs?cursor=x", "cursor")]
    [InlineData("/v1/jobs?limit=0", "?limit")]
    [InlineData("/v1/jobs/x", "id")]
    [InlineData("/v1/couriers?limit=201", "?limit")]
    [InlineData("/v1/couriers/job_01h455vb4pex5vsknk084sn02q", "id")]
    public async Task A_faulty_question_is_refused_by_the_name_of_its_parameter(string path, string parameter)
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, fleet, _) = await caravan.AddPartnerAsync("fleet");

        var answer = await fleet.FetchAsync(path);

        Assert.Equal(400, answer.Status);
        Assert.Contains(parameter, answer.Body.Faults());
    }

    [Theory]
    [InlineData("""{"latitude":90.1,"longitude":0}""", "#/latitude")]
    [InlineData("""{"latitude":0,"longitude":1e400}""", "#/longitude")]
    [InlineData("""{"latitude":0}""", "#/longitude")]
    public async Task A_faulty_position_is_refused(string body, string pointer)
    {
        await using var world = await DeliveryWorld.StartAsync();
        var rider = await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r1", 100);

        var answer = await world.Fleet.Http.ReplaceAsync($"/v1/couriers/{rider}/position", body);

        Assert.Equal(400, answer.Status);
        Assert.Contains(pointer, answer.Body.Faults());
    }

    [Fact]
    public async Task Nobody_reads_or_moves_what_is_another_companys()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var rider = await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r1", 100);
        var job = await world.BookAsync(world.Parcel());
        await world.DispatchAsync();

        foreach (var stranger in new[] { world.Beta.Http, world.Alpha.Http })
        {
            Assert.Equal(404, (await stranger.FetchAsync($"/v1/couriers/{rider}")).Status);
            Assert.Equal(404, (await stranger.FetchAsync($"/v1/couriers/{rider}/route")).Status);
            Assert.Equal(404, (await stranger.ReplaceAsync($"/v1/couriers/{rider}/position", new { latitude = 1, longitude = 1 })).Status);
            Assert.Equal(404, (await stranger.ReplaceAsync($"/v1/couriers/{rider}/duty", new { isOnDuty = false })).Status);
            Assert.Equal(404, (await DeliveryWorld.ActAsync(stranger, rider, job, "accept")).Status);
        }

        Assert.Equal(404, (await world.Beta.Http.FetchAsync($"/v1/jobs/{job}")).Status);
        Assert.Equal(0, (await world.Beta.Http.FetchAsync("/v1/jobs")).Body.GetProperty("items").GetArrayLength());
        Assert.Equal(0, (await world.Fleet.Http.FetchAsync("/v1/jobs")).Body.GetProperty("items").GetArrayLength());
        Assert.Equal(200, (await world.Fleet.Http.FetchAsync($"/v1/jobs/{job}")).Status);
        Assert.Equal(401, (await world.Caravan.Anonymous.FetchAsync("/v1/couriers")).Status);
    }

    [Fact]
    public async Task A_courier_put_again_keeps_its_id_and_lists_go_page_by_page()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var first = await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r1", 100);
        await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r2", 100);
        var again = await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r1", 100, "van");

        var page = await world.Fleet.Http.FetchAsync("/v1/couriers?limit=1");
        var next = await world.Fleet.Http.FetchAsync($"/v1/couriers?limit=1&cursor={page.Body.GetProperty("next").GetString()}");

        Assert.Equal(first, again);
        Assert.Equal("van", page.Body.GetProperty("items")[0].GetProperty("vehicle").GetString());
        Assert.Equal("r2", next.Body.GetProperty("items")[0].GetProperty("code").GetString());
        Assert.False(next.Body.TryGetProperty("next", out _));
    }

    [Fact]
    public async Task A_shipper_lists_its_jobs_by_status_newest_first()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var one = await world.BookAsync(world.Parcel("ful_1"));
        world.Caravan.Clock.Advance(TimeSpan.FromSeconds(1));
        var two = await world.BookAsync(world.Parcel("ful_2"));

        var page = await world.Alpha.Http.FetchAsync("/v1/jobs?limit=1&status=booked");
        var next = await world.Alpha.Http.FetchAsync($"/v1/jobs?limit=1&cursor={page.Body.GetProperty("next").GetString()}");
        var none = await world.Alpha.Http.FetchAsync("/v1/jobs?status=delivered");

        Assert.Equal(two.ToString(), page.Body.GetProperty("items")[0].GetProperty("id").GetString());
        Assert.Equal(one.ToString(), next.Body.GetProperty("items")[0].GetProperty("id").GetString());
        Assert.Equal(0, none.Body.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task The_live_map_shows_each_company_what_it_ships_or_carries()
    {
        await using var world = await DeliveryWorld.StartAsync();
        var rider = await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r1", 100);
        await DeliveryWorld.PutCourierAsync(world.Fleet.Http, "r2", 5_000);
        var job = await world.BookAsync(world.Parcel());
        await world.DispatchAsync();

        var alpha = await ActiveAsync(world, world.Alpha.Id);
        var beta = await ActiveAsync(world, world.Beta.Id);
        var fleet = await ActiveAsync(world, world.Fleet.Id);

        Assert.Equal([rider], alpha.Couriers.Select(courier => courier.Id));
        Assert.Equal([job], alpha.Jobs.Select(one => one.Id));
        Assert.Empty(beta.Couriers);
        Assert.Empty(beta.Jobs);
        Assert.Equal(2, fleet.Couriers.Count);
        Assert.Equal([job], fleet.Jobs.Select(one => one.Id));
    }

    private static Task<ActiveDelivery> ActiveAsync(DeliveryWorld world, PartnerId company) =>
        world.Caravan.Store.ReadAsync(db => world.Desk.ActiveAsync(db, [company]), TestCaravan.Cancel);
}
