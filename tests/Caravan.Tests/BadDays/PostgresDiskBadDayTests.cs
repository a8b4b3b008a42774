using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;

namespace Caravan.Tests.BadDays;

/// <summary>The disk under PostgreSQL is full: that of its tables, or that of its log, without which it does not run at all.</summary>
[Trait("Store", "once")]
public sealed class PostgresDiskBadDayTests
{
    private const int OrdersMax = 3_000;

    [Fact]
    public async Task When_PostgreSqls_tables_cannot_grow_orders_are_turned_away_by_name_and_reading_goes_on_until_there_is_room()
    {
        await using var disk = await SmallDisk.MountAsync(megabytes: 160, PostgresServer.FilesOf);
        await using var log = await SmallDisk.MountAsync(megabytes: 160, PostgresServer.FilesOf);
        using var postgres = await PostgresServer.StartAsync(isDurable: true, disk.Folder, log.Folder);
        await using var day = await Day.StartAsync(postgres);

        await disk.FillAsync();
        var refused = await day.OrderUntilRefusedAsync("full");
        var unready = await day.Caravan.Anonymous.FetchAsync("/health/ready");
        var read = await CaravanProgram.OrdersAsync(day.Http);
        disk.MakeRoom();

        Assert.Equal((503, "urn:caravan:problem:disk-full"), (refused.Status, refused.Body.GetProperty("type").GetString()));
        Assert.Contains("Free space", refused.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.True(refused.Response.Headers.Contains("Retry-After"));
        Assert.Equal(503, unready.Status);
        Assert.Contains("takes no writes", unready.Body.ToString(), StringComparison.Ordinal);
        Assert.Equal(day.Acknowledged.OrderBy(order => order.Key), read.OrderBy(order => order.Key));
        await day.AssertRecoversAsync("tables");
    }

    [Fact]
    public async Task When_PostgreSqls_log_is_full_it_stops_and_the_service_says_so_loses_nothing_and_is_ready_again_when_it_is()
    {
        await using var log = await SmallDisk.MountAsync(megabytes: 48, PostgresServer.FilesOf);
        using var postgres = await PostgresServer.StartAsync(isDurable: true, log: log.Folder);
        await using var day = await Day.StartAsync(postgres);

        await log.FillAsync();
        var refused = await day.OrderUntilRefusedAsync("full");
        var unready = await day.Caravan.Anonymous.FetchAsync("/health/ready");
        log.MakeRoom();
        await postgres.RestartAsync("QUIT", pauseSeconds: 0); // As whoever watches over it does: PostgreSQL gives up when it cannot write its log. In haste it might wait for those who knock meanwhile.

        Assert.Equal(503, refused.Status);
        Assert.Contains(refused.Body.GetProperty("type").GetString(), (string[])["urn:caravan:problem:store-unavailable", "urn:caravan:problem:disk-full"]);
        Assert.True(refused.Response.Headers.Contains("Retry-After"));
        Assert.Equal(503, unready.Status);
        Assert.Contains("store", unready.Body.ToString(), StringComparison.Ordinal);
        await day.AssertRecoversAsync("log");
    }

    /// <summary>A Caravan on a PostgreSQL whose disk is going to be full, and what it acknowledged.</summary>
    private sealed class Day : IAsyncDisposable
    {
        private readonly List<string> open = [];

        private Day(TestCaravan caravan, HttpClient http) => (Caravan, Http) = (caravan, http);

        public TestCaravan Caravan { get; }

        public HttpClient Http { get; }

        public ConcurrentDictionary<string, string> Acknowledged { get; } = new();

        public static async Task<Day> StartAsync(PostgresServer postgres)
        {
            await postgres.ExecuteAsync("CREATE DATABASE day");
            var caravan = await TestCaravan.StartAsync(settings => settings with { Store = postgres.ConnectionString("day") });
            var (_, http, _) = await caravan.AddPartnerAsync("kill");
            await CaravanProgram.FillAsync(http, 1_000_000);
            var day = new Day(caravan, http);
            Assert.Equal(201, await CaravanProgram.TryPlaceAsync(http, "before", day.Acknowledged));
            return day;
        }

        /// <summary>Orders, some at a time, until one is turned away; what became of the others is noted.</summary>
        public async Task<(int Status, JsonElement Body, HttpResponseMessage Response)> OrderUntilRefusedAsync(string prefix)
        {
            for (var order = 0; order < OrdersMax; order += 10)
            {
                var answers = await Task.WhenAll(Enumerable.Range(order, 10).Select(async number => (Number: $"{prefix}-{number}", Answer: await Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody($"{prefix}-{number}", "nextDay"), key: $"{prefix}-{number}"))));
                foreach (var (number, answer) in answers)
                {
                    Assert.True(answer.Status is 201 or 503, $"{answer.Status} {answer.Body}");
                    if (answer.Status == 201)
                        Acknowledged[number] = answer.Body.GetProperty("id").GetString()!; // Every order has one.
                    else
                        open.Add(number);
                }

                if (open.Count > 0)
                    return answers.First(one => one.Answer.Status == 503).Answer;
            }

            throw new InvalidOperationException($"{OrdersMax} orders went on a full disk.");
        }

        /// <summary>By itself it is ready again; who was turned away asks again with the same key, and everything is there once.</summary>
        public async Task AssertRecoversAsync(string what)
        {
            var since = Stopwatch.GetTimestamp();
            var ready = await Caravan.Anonymous.FetchAsync("/health/ready");
            for (var attempt = 0; attempt < 300 && ready.Status != 200; attempt++)
            {
                await Task.Delay(50, TestCaravan.Cancel);
                ready = await Caravan.Anonymous.FetchAsync("/health/ready");
            }

            var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
            var before = Acknowledged.Count;
            foreach (var number in (string[])[.. open, "after"])
                Assert.Equal(201, await CaravanProgram.TryPlaceAsync(Http, number, Acknowledged));
            var stored = await CaravanProgram.OrdersAsync(Http);

            TestContext.Current.TestOutputHelper!.WriteLine($"{what}: {before} acknowledged and {open.Count} turned away when it was full, ready {seconds:n1} s after there was room, {stored.Count} stored");
            Assert.Equal(200, ready.Status);
            Assert.Equal(Acknowledged.OrderBy(order => order.Key), stored.OrderBy(order => order.Key));
        }

        public ValueTask DisposeAsync() => Caravan.DisposeAsync();
    }
}
