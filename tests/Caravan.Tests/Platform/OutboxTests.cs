using System.Collections.Concurrent;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Caravan.Tests.Platform;

/// <summary>Subscribers of one server, on SQLite.</summary>
public sealed class OutboxTests
{
    private static readonly PartnerId Tenant = PartnerId.New(DateTimeOffset.UnixEpoch);

    [Fact]
    [Trait("Store", "once")]
    public async Task Who_keeps_behind_another_hears_of_an_event_when_that_one_has_taken_it_and_of_all_of_them()
    {
        var file = Path.Combine(Path.GetTempPath(), $"caravan-outbox-{Guid.NewGuid():n}.db");
        var store = new Store(new SqliteDatabase(file), TimeProvider.System);
        var outbox = new Outbox();
        var heard = new ConcurrentQueue<string>();
        var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var tries = 0;
        var first = new Subscription("first", ["test.work"], (tx, happened) =>
        {
            if (Interlocked.Increment(ref tries) == 1)
                throw new InvalidOperationException("The first try fails.");

            tx.AfterCommit(() => heard.Enqueue($"first {happened.Subject}")); // It tells of nothing itself.
            return Task.CompletedTask;
        });
        var second = new Subscription("second", ["test.work", "test.other"], (tx, happened) =>
        {
            tx.AfterCommit(() =>
            {
                heard.Enqueue($"second {happened.Subject}");
                if (happened.Subject == "d")
                    last.SetResult();
            });
            return Task.CompletedTask;
        })
        { KeepsBehind = "first" };
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var figures = new OutboxFigures(services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), TimeProvider.System);
        using var pump = new OutboxPump(store, outbox, [second, first], figures, TimeProvider.System, NullLogger<OutboxPump>.Instance);

        // So many that those of no type of its own would be skipped.
        await AddAsync([("test.other", "a"), ("test.work", "b"), ("test.other", "c"), .. Enumerable.Repeat(("test.nobodys", "e"), 300)]);
        await pump.StartAsync(TestCaravan.Cancel);
        await AddAsync([("test.work", "d")]);
        await last.Task.WaitAsync(TimeSpan.FromSeconds(60), TestCaravan.Cancel);
        await pump.StopAsync(TestCaravan.Cancel);
        await store.DisposeAsync();
        File.Delete(file);

        var inOrder = heard.ToList();
        Assert.Equal(["second a", "second b", "second c", "second d"], inOrder.Where(one => one.StartsWith("second", StringComparison.Ordinal)));
        Assert.Equal(["first b", "first d"], inOrder.Where(one => one.StartsWith("first", StringComparison.Ordinal)));
        Assert.True(inOrder.IndexOf("first b") < inOrder.IndexOf("second b") && inOrder.IndexOf("first d") < inOrder.IndexOf("second d"), string.Join(", ", inOrder));

        Task AddAsync(IEnumerable<(string Type, string Subject)> events) =>
            store.WriteAsync(tx => outbox.AddAsync(tx, events.Select(one => new NewEvent(Tenant, one.Type, one.Subject, "{}"u8.ToArray()))), TestCaravan.Cancel);
    }
}
