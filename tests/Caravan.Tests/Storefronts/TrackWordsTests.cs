using Caravan.Delivery;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform;
using Caravan.Platform.Screens;
using Caravan.Storefronts;

namespace Caravan.Tests.Storefronts;

public sealed class TrackWordsTests
{
    private const string Zone = "Asia/Shanghai";
    private static readonly DateTimeOffset Now = new(2026, 11, 3, 6, 0, 0, TimeSpan.Zero); // 14:00 in Beijing.
    private static readonly PartnerId Seller = PartnerId.New(Now);
    private static readonly FulfilmentId Fulfilment = FulfilmentId.New(Now);
    private static readonly Dictionary<(JobId, JobStatus), DateTimeOffset> NoTimes = [];

    [Fact]
    public void Without_an_estimate_the_promise_is_said()
    {
        var headline = TrackWords.Headline(Order(LineStatus.Reserved), [], null, NoTimes, Now, Zone);

        Assert.Equal((Tone.Info, "Arriving today by 15:00"), (headline.Tone, headline.Title));
    }

    [Theory]
    [InlineData(JobStatus.Assigned, 32, Tone.Info, "Arriving about 14:32")]
    [InlineData(JobStatus.OutForDelivery, 32, Tone.Good, "Arriving about 14:32")]
    [InlineData(JobStatus.OutForDelivery, 0, Tone.Good, "At your door any moment")]
    [InlineData(JobStatus.Collected, 75, Tone.Warn, "Late: now about 15:15")]
    [InlineData(JobStatus.Failed, 32, Tone.Bad, "We could not hand it over")]
    public void What_the_courier_does_is_said_with_the_time_it_takes(JobStatus status, int minutes, Tone tone, string title)
    {
        var headline = TrackWords.Headline(Order(LineStatus.Shipped), [Job(status, Now.AddMinutes(minutes))], null, NoTimes, Now, Zone);

        Assert.Equal((tone, title), (headline.Tone, headline.Title));
    }

    [Fact]
    public void A_promise_that_has_passed_is_late_even_when_nobody_knows_the_new_time()
    {
        var headline = TrackWords.Headline(Order(LineStatus.Released), [], null, NoTimes, Now.AddHours(2), Zone);

        Assert.Equal((Tone.Warn, "Late"), (headline.Tone, headline.Title));
        Assert.Contains("today by 15:00", headline.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Delivered_says_when()
    {
        var job = Job(JobStatus.Delivered, null);
        var times = new Dictionary<(JobId, JobStatus), DateTimeOffset> { [(job.Id, JobStatus.Delivered)] = Now.AddMinutes(-28) };

        var headline = TrackWords.Headline(Order(LineStatus.Delivered), [job], null, times, Now, Zone);

        Assert.Equal((Tone.Good, "Delivered", "Today at 13:32"), (headline.Tone, headline.Title, headline.Detail));
    }

    [Theory]
    [InlineData(LineStatus.Cancelled, "Cancelled")]
    [InlineData(LineStatus.Short, "We could not get it")]
    [InlineData(LineStatus.Returned, "It went back")]
    public void An_end_is_said_plainly(LineStatus status, string title) =>
        Assert.Equal(title, TrackWords.Headline(Order(status), [], null, NoTimes, Now, Zone).Title);

    [Theory]
    [InlineData(LineStatus.Packed, null, true)]
    [InlineData(LineStatus.Picked, null, false)]
    [InlineData(LineStatus.Packed, JobStatus.Booked, false)]
    [InlineData(LineStatus.Shipped, JobStatus.OutForDelivery, false)]
    [InlineData(LineStatus.Shipped, JobStatus.Delivered, true)]
    public void It_is_ready_to_collect_when_it_lies_at_the_station(LineStatus status, JobStatus? job, bool isReady) =>
        Assert.Equal(isReady, TrackWords.IsReadyToCollect(Order(status), job is { } stands ? [Job(stands, null)] : [], Station));

    private static Location Station => new()
    {
        Operator = Seller,
        Id = LocationId.New(Now),
        Code = "station",
        Name = "The station",
        Kind = LocationKind.Station,
        Region = "bj",
        Point = new GeoPoint(39.9, 116.4),
        Hours = OpeningHours.TryParse([.. Enumerable.Repeat<IReadOnlyList<string>>(["07:00-23:00"], 7)], Zone, out _)!, // These hours are right.
        ThroughputPerHour = 10,
        HandlingMinutes = 10,
        TemperatureMask = 1,
        WithinHourMetres = 0,
        SameDayMetres = 0,
        NextDayMetres = 0,
    };

    private static Job Job(JobStatus status, DateTimeOffset? estimatedAt) => new(
        Seller,
        JobId.New(Now),
        new ParcelReference(Fulfilment, TemperatureClass.Ambient).ToString(),
        LocationId.New(Now),
        new GeoPoint(39.9, 116.4),
        "12 Lane of Lanterns",
        DeliveryService.WithinHour,
        status,
        Now,
        Now.AddHours(1),
        estimatedAt,
        true,
        null,
        null,
        null,
        null,
        null);

    private static Order Order(LineStatus status)
    {
        var units = new int[Enum.GetValues<LineStatus>().Length];
        units[(int)status] = 1;
        var id = OrderId.New(Now);
        var item = ItemId.New(Now);
        var node = LocationId.New(Now);
        return new Order
        {
            Seller = Seller,
            Id = id,
            Channel = "web",
            Number = "WEB-1",
            Service = DeliveryService.WithinHour,
            PlacedAt = Now,
            PromisedAt = Now.AddHours(1),
            Currency = "CNY",
            GoodsAmount = 1_200,
            DeliveryAmount = 800,
            Destination = new GeoPoint(39.9, 116.4),
            Address = "12 Lane of Lanterns",
            TrackingSecret = "secret",
            ProofCode = "123456",
            Lines = [new OrderLine { Line = 1, Item = item, Sku = "tea", Name = "Tea", Quantity = 1, PriceAmount = 1_200, WeightGrams = 100, TemperatureClass = TemperatureClass.Ambient }],
            Fulfilments =
            [
                new FulfilmentOrder
                {
                    Id = Fulfilment,
                    Order = id,
                    Location = node,
                    Operator = Seller,
                    ReadyAt = Now.AddMinutes(10),
                    DueAt = Now.AddHours(1),
                    DistanceMetres = 900,
                    Allocations = [new Allocation { Fulfilment = Fulfilment, Line = 1, Owner = Seller, Item = item, Location = node, Units = units }],
                },
            ],
        };
    }
}
