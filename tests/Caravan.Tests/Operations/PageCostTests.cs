using System.Collections.Concurrent;
using Caravan.Platform.Telemetry;
using Caravan.Tests.Browser;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Caravan.Tests.Platform.Storage;

namespace Caravan.Tests.Operations;

/// <summary>
/// What a page asks of the store: a bounded number of statements, and no more of them when there are more orders. How long pages take on the demo network
/// is printed by <c>bench -- pages</c>; here nothing is timed.
/// </summary>
[Collection(nameof(AfterTheOthers))] // Statements of tests that run beside would be counted too.
public sealed class PageCostTests
{
    private const int StatementsMax = 40;

    [Fact]
    public async Task A_page_asks_as_many_things_of_the_store_when_there_are_more_orders()
    {
        await using var world = await OrderWorld.StartAsync();
        var list = await PageList.MakeAsync(world);
        Assert.Empty(list.Forgotten());
        await world.ReceiveAsync("chain", "tea", "near", 100);
        foreach (var path in list.Paths)
            await CountAsync(world, path); // What is remembered from the first time on is not asked again.
        var before = new Dictionary<string, int>();
        foreach (var path in list.Paths)
            before[path] = await CountAsync(world, path);
        for (var i = 0; i < 12; i++)
            await world.PlaceAsync($"more-{i}");

        List<string> faults = [];
        foreach (var path in list.Paths)
        {
            await CountAsync(world, path);
            var after = await CountAsync(world, path);
            TestContext.Current.TestOutputHelper!.WriteLine($"{before[path],3} {after,3} {path}");
            if (after > StatementsMax)
                faults.Add($"{path} asks {after} things of the store; at most {StatementsMax}.");
            if (after > before[path] + 2)
                faults.Add($"{path} asked {before[path]} things, and {after} when there were more orders.");
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    // The fewest of three: work beside the pages asks too.
    private static async Task<int> CountAsync(OrderWorld world, string path)
    {
        var fewest = int.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            var asked = new ConcurrentBag<string>();
            Action<string, string, string> note = (sql, _, _) => asked.Add(sql);
            SlowStatements.Sent += note;
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                request.Headers.Accept.ParseAdd("text/html");
                using var http = world.Caravan.Client(PageList.KeyOf(world, path));
                using var answer = await http.SendAsync(request, TestCaravan.Cancel);
                Assert.True((int)answer.StatusCode is 200 or 404 or 302, $"{path}: {answer.StatusCode}");
            }
            finally
            {
                SlowStatements.Sent -= note;
            }

            fewest = Math.Min(fewest, asked.Count);
        }

        return fewest;
    }
}
