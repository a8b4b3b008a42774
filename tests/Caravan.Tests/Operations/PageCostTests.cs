using System.Collections.Concurrent;
using System.Diagnostics;
using Caravan.Demo;
using Caravan.Platform.Telemetry;
using Caravan.Tests.Browser;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Operations;

/// <summary>
/// What makes a page slow, counted: what it asks of the store, also when there are more orders, and its bytes on a network of the demo's size. How long pages
/// take is printed by <c>bench -- pages</c>; here nothing is timed.
/// </summary>
public sealed class PageCostTests
{
    private const int StatementsMax = 40;
    private const int KilobytesMax = 300;

    [Fact]
    public async Task A_page_asks_as_many_things_of_the_store_when_there_are_more_orders()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.AddScootersAsync(5);
        var list = await PageList.MakeAsync(world);
        await world.ReceiveAsync("chain", "tea", "near", 100);
        var before = new Dictionary<string, int>();
        foreach (var path in list.Paths)
        {
            await AskAsync(world.Caravan, path, PageList.KeyOf(world, path), list); // What is remembered from the first time on is not asked again.
            before[path] = (await AskAsync(world.Caravan, path, PageList.KeyOf(world, path), list)).Statements;
        }

        for (var i = 0; i < 12; i++)
            await world.PlaceAsync($"more-{i}");
        await PageList.CountedAsync(world, 15);

        List<string> faults = [];
        foreach (var path in list.Paths)
        {
            await AskAsync(world.Caravan, path, PageList.KeyOf(world, path), list);
            var (after, bytes) = await AskAsync(world.Caravan, path, PageList.KeyOf(world, path), list);
            TestContext.Current.TestOutputHelper!.WriteLine($"{before[path],3} {after,3} {bytes / 1000,4} kB {path}");
            if (after > StatementsMax)
                faults.Add($"{path} asks {after} things of the store; at most {StatementsMax}.");
            if (after > before[path] + 2)
                faults.Add($"{path} asked {before[path]} things, and {after} when there were more orders.");
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.InRange(before["/operations"], 1, StatementsMax); // Statements are heard of at all.
    }

    [Fact]
    [Trait("Store", "once")]
    public async Task On_the_demo_network_no_page_asks_much_or_weighs_much()
    {
        await using var caravan = await TestCaravan.StartAsync(settings => settings with { IsDemo = true });
        await caravan.Services.GetRequiredService<DemoLoader>().SeedOnceAsync(TestCaravan.Cancel);
        var key = (await caravan.Services.GetRequiredService<DemoLoader>().KeysAsync(TestCaravan.Cancel))["lantern"];

        List<string> faults = [];
        foreach (var path in (string[])["/", "/operations", "/operations/inbox", "/operations/orders", "/operations/figures?period=quarter", "/operations/routes", "/operations/network", "/operations/feeds", "/operations/feeds/connect", "/operations/lots", "/operations/stop-sells", "/operations/rules", "/operations/returns", "/operations/edi", "/operations/shadow", "/picking", "/courier", "/shop", "/shop/lantern"])
        {
            await AskAsync(caravan, path, key);
            var (statements, bytes) = await AskAsync(caravan, path, key);
            TestContext.Current.TestOutputHelper!.WriteLine($"{statements,3} {bytes / 1000,4} kB {path}");
            if (statements > StatementsMax)
                faults.Add($"{path} asks {statements} things of the store; at most {StatementsMax}.");
            if (bytes > KilobytesMax * 1000)
                faults.Add($"{path} weighs {bytes / 1000} kB; at most {KilobytesMax}.");
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    // Only what is asked for this page: its trace goes with the request, and statements are counted where it is known.
    private static async Task<(int Statements, int Bytes)> AskAsync(TestCaravan caravan, string path, string key, PageList? list = null)
    {
        using var listener = new ActivityListener { ShouldListenTo = source => source.Name == "Microsoft.AspNetCore", Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData };
        ActivitySource.AddActivityListener(listener);
        using var trace = new Activity("page").SetIdFormat(ActivityIdFormat.W3C).Start();
        var asked = new ConcurrentBag<string>();
        Action<string, string, string> note = (sql, _, _) =>
        {
            if (Activity.Current?.TraceId == trace.TraceId)
                asked.Add(sql);
        };
        SlowStatements.Sent += note;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Accept.ParseAdd("text/html");
            if (list is not null)
                request.Headers.Add("Cookie", string.Join("; ", list.Cookies.Select(cookie => $"{cookie.Name}={cookie.Value}")));
            using var http = caravan.Client(key);
            using var answer = await http.SendAsync(request, TestCaravan.Cancel);
            Assert.True((int)answer.StatusCode is 200 or 404 or 302, $"{path}: {answer.StatusCode}");
            return (asked.Count, (await answer.Content.ReadAsByteArrayAsync(TestCaravan.Cancel)).Length);
        }
        finally
        {
            SlowStatements.Sent -= note;
        }
    }
}
