using System.Collections.Concurrent;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;

namespace Caravan.Tests.BadDays;

/// <summary>PostgreSQL goes away under load, or the cable to it is cut in the middle of a commit.</summary>
[Trait("Store", "once")]
public sealed class PostgresBadDayTests
{
    [Theory]
    [InlineData("INT")]
    [InlineData("QUIT")]
    public async Task PostgreSql_restarts_under_load_and_nothing_acknowledged_is_lost(string signal)
    {
        using var postgres = await PostgresServer.StartAsync(isDurable: true);
        await postgres.ExecuteAsync("CREATE DATABASE day");
        await using var caravan = await TestCaravan.StartAsync(settings => settings with { Store = postgres.ConnectionString("day") });
        var http = await FillAsync(caravan);
        var acknowledged = new ConcurrentDictionary<string, string>();
        var seen = new ConcurrentDictionary<string, int>();
        using var over = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 8).Select(client => OrderUntilAsync(http, client, acknowledged, seen, over.Token)).ToList();

        await Task.Delay(700, TestCaravan.Cancel);
        var restart = postgres.RestartAsync(signal, pauseSeconds: 2);
        var unready = await FirstUnreadyAsync(caravan);
        await restart;
        var atRestart = acknowledged.Count;
        while (acknowledged.Count < atRestart + 20)
            await Task.Delay(50, TestCaravan.Cancel);
        await over.CancelAsync();
        await Task.WhenAll(clients);

        var stored = await CaravanProgram.OrdersAsync(http);
        TestContext.Current.TestOutputHelper!.WriteLine($"{signal}: {acknowledged.Count} acknowledged, {stored.Count} stored; {string.Join(", ", seen)}");
        Assert.Contains("store", unready, StringComparison.Ordinal);
        Assert.All(acknowledged, order => Assert.Equal(order.Value, stored[order.Key]));
        Assert.Equal(acknowledged.Count, stored.Count);
        Assert.All(seen.Keys, status => Assert.True(status is "201" or "503 store-unavailable" or "503 busy", status));
        await AssertReadyAsync(caravan); // Whether a client met the outage or waited it out is chance; that it was said, is not.
    }

    [Theory]
    [InlineData(nameof(Cut.BeforeCommit))]
    [InlineData(nameof(Cut.BehindCommit))]
    public async Task A_cable_cut_in_the_middle_of_a_commit_is_settled_and_the_order_placed_once(string cut)
    {
        await using var day = await Day.StartAsync();

        day.Proxy.CutNext(Enum.Parse<Cut>(cut));
        var answer = await day.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("cut", "nextDay"), key: "cut");

        Assert.True(answer.Status == 201, answer.Body.ToString());
        Assert.Equal(1, day.Proxy.Cuts);
        Assert.Equal(answer.Body.GetProperty("id").GetString(), Assert.Single(await CaravanProgram.OrdersAsync(day.Http)).Value);
    }

    [Fact]
    public async Task When_nobody_can_say_what_became_of_a_commit_the_answer_says_so_and_asking_again_tells_the_truth()
    {
        await using var day = await Day.StartAsync();

        day.Proxy.StaysDown = true;
        day.Proxy.CutNext(Cut.BehindCommit);
        var unknown = await day.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("cut", "nextDay"), key: "cut");
        var meanwhile = await day.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("other", "nextDay"), key: "other");
        (day.Proxy.StaysDown, day.Proxy.IsDown) = (false, false);
        var again = await day.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("cut", "nextDay"), key: "cut");
        for (var tries = 0; again.Status == 503 && tries < 50; tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestCaravan.Cancel); // A connection of the pool may not know yet that it was cut.
            again = await day.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("cut", "nextDay"), key: "cut");
        }

        Assert.Equal((503, "urn:caravan:problem:store-unavailable"), (unknown.Status, unknown.Body.GetProperty("type").GetString()));
        Assert.Contains("not known", unknown.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.True(unknown.Response.Headers.Contains("Retry-After"));
        Assert.Equal(503, meanwhile.Status);
        Assert.True(again.Status == 201, again.Body.ToString());
        Assert.Equal("true", Assert.Single(again.Response.Headers.GetValues("Idempotent-Replayed")));
        Assert.Equal("cut", Assert.Single(await CaravanProgram.OrdersAsync(day.Http)).Key);
        await AssertReadyAsync(day.Caravan);
    }

    private static async Task<HttpClient> FillAsync(TestCaravan caravan)
    {
        var (_, http, _) = await caravan.AddPartnerAsync("kill");
        await CaravanProgram.FillAsync(http, 1_000_000);
        return http;
    }

    private static async Task OrderUntilAsync(HttpClient http, int client, ConcurrentDictionary<string, string> acknowledged, ConcurrentDictionary<string, int> seen, CancellationToken over)
    {
        for (var order = 0; !over.IsCancellationRequested; order++)
        {
            var number = $"{client}-{order}";
            while (true)
            {
                var answer = await http.SubmitAsync("/v1/orders", OrderWorld.OrderBody(number, "nextDay"), key: number);
                var said = answer.Status == 201 ? "201" : $"{answer.Status} {answer.Body.GetProperty("type").GetString()!.Split(':')[^1]}";
                seen.AddOrUpdate(said, 1, (_, count) => count + 1);
                if (answer.Status == 201)
                {
                    Assert.True(acknowledged.TryAdd(number, answer.Body.GetProperty("id").GetString()!), $"{number} was placed twice.");
                    break;
                }

                Assert.True(answer.Response.Headers.Contains("Retry-After"), said);
                await Task.Delay(50, TestCaravan.Cancel);
            }
        }
    }

    private static async Task<string> FirstUnreadyAsync(TestCaravan caravan)
    {
        while (true)
        {
            var ready = await caravan.Anonymous.FetchAsync("/health/ready");
            if (ready.Status == 503)
                return ready.Body.ToString();
            await Task.Delay(20, TestCaravan.Cancel);
        }
    }

    private static async Task AssertReadyAsync(TestCaravan caravan)
    {
        // Its idle connections broke with the server; each is found out once.
        for (var attempt = 0; attempt < 200 && (await caravan.Anonymous.FetchAsync("/health/ready")).Status != 200; attempt++)
            await Task.Delay(50, TestCaravan.Cancel);
        var ready = await caravan.Anonymous.FetchAsync("/health/ready");
        Assert.True(ready.Status == 200, ready.Body.ToString());
    }

    /// <summary>A Caravan whose PostgreSQL is at the other end of a cable that can be cut.</summary>
    private sealed class Day : IAsyncDisposable
    {
        private Day(TestCaravan caravan, CuttingProxy proxy, HttpClient http) => (Caravan, Proxy, Http) = (caravan, proxy, http);

        public TestCaravan Caravan { get; }

        public CuttingProxy Proxy { get; }

        public HttpClient Http { get; }

        public static async Task<Day> StartAsync()
        {
            var name = Guid.NewGuid().ToString("n");
            var server = await TestStore.ServerAsync();
            var proxy = new CuttingProxy(server.Port);
            var store = (await TestStore.DatabaseAsync(name)).Replace($"Port={server.Port}", $"Port={proxy.Port}", StringComparison.Ordinal);
            var caravan = await TestCaravan.StartAsync(settings => settings with { Store = store });
            return new Day(caravan, proxy, await FillAsync(caravan));
        }

        public async ValueTask DisposeAsync()
        {
            await Caravan.DisposeAsync();
            await Proxy.DisposeAsync();
        }
    }
}
