using System.Text.Json;
using Caravan.Delivery;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Delivery;

/// <summary>Two companies and a rider fleet in Beijing: alpha and beta have a store each, the fleet carries for alpha alone. It is 10:00 there.</summary>
internal sealed class DeliveryWorld : IAsyncDisposable
{
    public static readonly GeoPoint Store = new(39.9000, 116.4000);

    private DeliveryWorld(TestCaravan caravan) => Caravan = caravan;

    public TestCaravan Caravan { get; private set; }

    public (PartnerId Id, HttpClient Http, string Key) Alpha { get; private set; }

    public (PartnerId Id, HttpClient Http, string Key) Beta { get; private set; }

    public (PartnerId Id, HttpClient Http, string Key) Fleet { get; private set; }

    public Location AlphaStore { get; private set; } = null!; // Set by StartAsync.

    public Location AlphaStation { get; private set; } = null!; // Set by StartAsync.

    public DeliveryDesk Desk => Caravan.Services.GetRequiredService<DeliveryDesk>();

    public DateTimeOffset Now => Caravan.Clock.GetUtcNow();

    public static async Task<DeliveryWorld> StartAsync()
    {
        var world = new DeliveryWorld(await TestCaravan.StartAsync());
        world.Alpha = await world.Caravan.AddPartnerAsync("alpha");
        world.Beta = await world.Caravan.AddPartnerAsync("beta");
        world.Fleet = await world.Caravan.AddPartnerAsync("fleet");
        world.AlphaStore = await world.PutLocationAsync("S1", LocationKind.Store);
        world.AlphaStation = await world.PutLocationAsync("S1-desk", LocationKind.Station);
        var granted = await world.Fleet.Http.SubmitAsync("/v1/agreements", new { grantee = world.Alpha.Id.ToString(), kind = "ship" });
        Assert.Equal(201, granted.Status);
        return world;
    }

    /// <summary>A courier metres north of the store, on a scooter unless told otherwise.</summary>
    public static async Task<CourierId> PutCourierAsync(HttpClient carrier, string code, int metresNorth, string vehicle = "scooter", bool isOnDuty = true)
    {
        var answer = await carrier.ReplaceAsync("/v1/couriers", CourierBody(code, metresNorth, vehicle, isOnDuty));
        Assert.Equal(200, answer.Status);
        return CourierId.Parse(answer.Body.GetProperty("id").GetString()!, null);
    }

    public static object CourierBody(string code, int metresNorth, string vehicle = "scooter", bool isOnDuty = true) => new
    {
        code,
        region = "bj",
        vehicle,
        point = new { latitude = North(metresNorth).Latitude, longitude = Store.Longitude },
        capacityGrams = 20_000,
        temperatureClasses = new[] { "ambient", "chilled" },
        shiftStart = "08:00",
        shiftEnd = "22:00",
        timeZone = "Asia/Shanghai",
        isOnDuty,
    };

    public static GeoPoint North(int metres) => new(Store.Latitude + metres / 111_195.08, Store.Longitude);

    public Parcel Parcel(string reference = "ful_1", GeoPoint? destination = null, DeliveryService service = DeliveryService.WithinHour) => new()
    {
        Shipper = Alpha.Id,
        Reference = reference,
        Origin = service == DeliveryService.PickUp ? AlphaStation.Id : AlphaStore.Id,
        Destination = destination ?? North(-1_000),
        Address = "12 Lane of Lanterns",
        Service = service,
        ReadyAt = Now.AddMinutes(10),
        DueAt = Now.AddMinutes(60),
        WeightGrams = 2_000,
        TemperatureClass = TemperatureClass.Chilled,
        ProofCode = "482913",
    };

    public Task<JobId> BookAsync(Parcel parcel) => Caravan.Store.WriteAsync(async tx => (await Desk.BookAsync(tx, [parcel]))[0], TestCaravan.Cancel);

    public Task PackAsync(JobId job) => Caravan.Store.WriteAsync(tx => Desk.PackedAsync(tx, Alpha.Id, job), TestCaravan.Cancel);

    /// <summary>One round of dispatch, whatever the one in the background has done already.</summary>
    public Task DispatchAsync() => Caravan.Services.GetRequiredService<Dispatcher>().DispatchOnceAsync(TestCaravan.Cancel);

    public Task EstimateAsync() => Caravan.Services.GetRequiredService<Dispatcher>().EstimateOnceAsync(TestCaravan.Cancel);

    public static Task<(int Status, JsonElement Body, HttpResponseMessage Response)> ActAsync(HttpClient carrier, CourierId courier, JobId job, string act, object? body = null) =>
        carrier.SubmitAsync($"/v1/couriers/{courier}/jobs/{job}:{act}", body);

    public static async Task MoveAsync(HttpClient carrier, CourierId courier, int metresNorth)
    {
        var point = North(metresNorth);
        var answer = await carrier.ReplaceAsync($"/v1/couriers/{courier}/position", new { latitude = point.Latitude, longitude = point.Longitude });
        Assert.Equal(204, answer.Status);
    }

    /// <summary>The job as its shipper reads it.</summary>
    public async Task<JsonElement> JobAsync(JobId job)
    {
        var answer = await Alpha.Http.FetchAsync($"/v1/jobs/{job}");
        Assert.Equal(200, answer.Status);
        return answer.Body;
    }

    public async Task RestartAsync()
    {
        await Caravan.StopAsync();
        Caravan = await TestCaravan.StartAsync(clock: Caravan.Clock, folder: Caravan.Folder);
        Alpha = Alpha with { Http = Caravan.Client(Alpha.Key) };
        Beta = Beta with { Http = Caravan.Client(Beta.Key) };
        Fleet = Fleet with { Http = Caravan.Client(Fleet.Key) };
    }

    public ValueTask DisposeAsync() => Caravan.DisposeAsync();

    private async Task<Location> PutLocationAsync(string code, LocationKind kind)
    {
        var hours = OpeningHours.TryParse([.. Enumerable.Repeat<IReadOnlyList<string>>(["00:00-24:00"], 7)], "Asia/Shanghai", out _)!; // Written correctly.
        var location = new Location
        {
            Operator = Alpha.Id,
            Id = LocationId.New(Now),
            Code = code,
            Name = $"Alpha {code}",
            Kind = kind,
            Region = "bj",
            Point = Store,
            Hours = hours,
            ThroughputPerHour = 60,
            HandlingMinutes = 10,
            TemperatureMask = 15,
            WithinHourMetres = 5_000,
            SameDayMetres = 20_000,
            NextDayMetres = 50_000,
        };
        await Caravan.Store.WriteAsync(tx => Caravan.Services.GetRequiredService<NetworkMap>().PutAsync(tx, [location]), TestCaravan.Cancel);
        return location;
    }
}
