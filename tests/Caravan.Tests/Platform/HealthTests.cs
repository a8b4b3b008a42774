namespace Caravan.Tests.Platform;

[Trait("Store", "once")]
public sealed class HealthTests
{
    [Fact]
    public async Task Whoever_watches_over_servers_needs_no_key_to_ask_whether_one_is_live_and_ready()
    {
        await using var caravan = await TestCaravan.StartAsync();

        Assert.Equal("live", await caravan.Anonymous.GetStringAsync(new Uri("/health/live", UriKind.Relative), TestCaravan.Cancel));
        Assert.Equal("ready", await caravan.Anonymous.GetStringAsync(new Uri("/health/ready", UriKind.Relative), TestCaravan.Cancel));
    }

    [Fact]
    public async Task A_server_whose_writers_are_stuck_is_live_but_not_ready()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (stuck, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = caravan.Store.WriteAsync(
            _ =>
            {
                stuck.TrySetResult();
                return gate.Task;
            },
            TestCaravan.Cancel);
        await stuck.Task; // From here on nothing is taken out of the queue.
        var waiting = Enumerable.Range(0, 5_000).Select(async _ =>
        {
            try
            {
                await caravan.Store.WriteAsync(_ => gate.Task, TestCaravan.Cancel);
                return true;
            }
            catch (Caravan.Platform.Storage.StoreBusyException)
            {
                return false;
            }
        }).ToList();

        var ready = await caravan.Anonymous.GetAsync(new Uri("/health/ready", UriKind.Relative), TestCaravan.Cancel);
        var live = await caravan.Anonymous.GetAsync(new Uri("/health/live", UriKind.Relative), TestCaravan.Cancel);
        gate.SetResult();
        await first;
        var taken = await Task.WhenAll(waiting);

        Assert.Equal(503, (int)ready.StatusCode);
        Assert.Equal(200, (int)live.StatusCode);
        Assert.Contains(false, taken); // Beyond the bound writes are turned away at once, and the queue stops growing.
        Assert.Contains(true, taken);
    }
}
