using System.Text.Json.Serialization;
using Caravan.Platform;
using Caravan.Platform.Access;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Caravan.Tests.Platform;

/// <summary>What only several servers on one PostgreSQL can get wrong.</summary>
[Trait("Store", "once")]
public sealed partial class PostgresTests
{
    private static readonly PartnerId Tenant = PartnerId.New(DateTimeOffset.UnixEpoch);

    [Fact]
    public async Task Work_of_two_servers_on_the_same_row_is_done_again_until_none_is_lost()
    {
        await using var world = await TwoServers.StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 60).Select(n => world[n % 2].WriteAsync(
            async tx =>
            {
                var before = await tx.FirstAsync<long?>("SELECT sequence FROM outbox_cursors WHERE subscriber = 'count'") ?? 0;
                await tx.ExecuteAsync("INSERT INTO outbox_cursors (subscriber, sequence) VALUES ('count', @after) ON CONFLICT (subscriber) DO UPDATE SET sequence = excluded.sequence", new { after = before + 1 });
            },
            TestCaravan.Cancel)));

        Assert.Equal(60, await world[0].ReadAsync(db => db.ValueAsync<long>("SELECT sequence FROM outbox_cursors WHERE subscriber = 'count'"), TestCaravan.Cancel));
    }

    [Fact]
    public async Task What_a_piece_decides_on_is_still_true_when_it_is_written()
    {
        await using var world = await TwoServers.StartAsync();

        // Each adds a row only where there is none yet: rows that differ, so that only what was read can be in the way.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => world[n % 2].WriteAsync(
            async tx =>
            {
                if (await tx.ValueAsync<long>("SELECT COUNT(*) FROM outbox_cursors") == 0)
                    await tx.ExecuteAsync("INSERT INTO outbox_cursors (subscriber, sequence) VALUES (@name, 0)", new { name = $"only {n}" });
            },
            TestCaravan.Cancel)));

        Assert.Equal(1, await world[0].ReadAsync(db => db.ValueAsync<long>("SELECT COUNT(*) FROM outbox_cursors"), TestCaravan.Cancel));
    }

    [Fact]
    public async Task A_key_that_one_server_revokes_is_forgotten_by_the_other_when_it_hears_of_it()
    {
        await using var world = await TwoServers.StartAsync();
        var there = new ApiKeys(world[1], TimeProvider.System);
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (owner, till) = await world[0].WriteAsync(async tx => (await ApiKeys.CreateAsync(tx, Tenant, "owner"), await ApiKeys.CreateAsync(tx, Tenant, "till")), TestCaravan.Cancel);
        var id = ApiKeys.IdOf(ApiKeys.PrefixIn(till)!); // It was just made.
        Assert.NotNull(await there.OfKeyAsync(till, TestCaravan.Cancel));
        world[1].Listen(ApiKeys.Topic, change =>
        {
            if (change.Subject == id.Value)
                heard.TrySetResult(); // The keys themselves have listened before.
        });

        var refusal = await world[0].WriteAsync(tx => new KeyDesk().RevokeAsync(tx, new Caller(Tenant, "owner"), id), TestCaravan.Cancel);
        await heard.Task.WaitAsync(TestCaravan.Cancel);

        Assert.Null(refusal);
        Assert.Null(await there.OfKeyAsync(till, TestCaravan.Cancel));
        Assert.NotNull(await there.OfKeyAsync(owner, TestCaravan.Cancel));
    }

    [Fact]
    public async Task An_event_that_is_committed_late_is_read_late_and_not_skipped()
    {
        await using var world = await TwoServers.StartAsync();
        var store = world[0];
        // The slow transaction draws the first sequence and commits last.
        await using var slow = await store.Postgres!.OpenAsync(TestCaravan.Cancel); // The store is PostgreSQL.
        await using var transaction = await slow.BeginTransactionAsync(TestCaravan.Cancel);
        var late = new Tx(slow, transaction, DateTimeOffset.UnixEpoch);
        await world.Outboxes[0].AddAsync(late, Tenant, "test.late", "late", new Happened(1), HappenedJson.Default.Happened);
        await store.WriteAsync(tx => world.Outboxes[0].AddAsync(tx, Tenant, "test.quick", "quick", new Happened(2), HappenedJson.Default.Happened), TestCaravan.Cancel);

        var before = await ReadAsync(store, 0);
        await transaction.CommitAsync(TestCaravan.Cancel);
        var after = await ReadAsync(store, 0);
        for (var look = 0; look < 500 && after.Count < 2; look++)
        {
            await Task.Delay(20, TestCaravan.Cancel); // Transactions of other tests on the same server hold events up, too.
            after = await ReadAsync(store, 0);
        }

        var next = await ReadAsync(store, after[0].Sequence);

        Assert.Empty(before);
        Assert.Equal(["test.late", "test.quick"], after.Select(happened => happened.Type).Order());
        Assert.Equal(after[1].Type, Assert.Single(next).Type);
    }

    [Fact]
    public async Task An_event_takes_effect_once_however_many_servers_bring_it()
    {
        const int Events = 120;
        await using var world = await TwoServers.StartAsync();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var taken = 0;
        var subscription = new Subscription("test", ["test.happened"], async (tx, happened) =>
        {
            // Without ON CONFLICT: a second effect would be a fault.
            await tx.ExecuteAsync("INSERT INTO outbox_cursors (subscriber, sequence) VALUES (@name, 0)", new { name = $"effect {happened.Sequence}" });
            tx.AfterCommit(() =>
            {
                if (Interlocked.Increment(ref taken) == Events)
                    all.SetResult();
            });
        });
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        var workers = new List<Microsoft.Extensions.Hosting.BackgroundService>();
        for (var i = 0; i < 2; i++)
        {
            workers.Add(new OutboxPump(world[i], world.Outboxes[i], [subscription], new OutboxFigures(meters, TimeProvider.System), TimeProvider.System, NullLogger<OutboxPump>.Instance));
            workers.Add(new OutboxWatch(world[i], world.Outboxes[i], NullLogger<OutboxWatch>.Instance));
        }

        foreach (var worker in workers)
            await worker.StartAsync(TestCaravan.Cancel);

        await Task.WhenAll(Enumerable.Range(0, Events).Select(n => world[n % 2].WriteAsync(
            tx => world.Outboxes[n % 2].AddAsync(tx, Tenant, "test.happened", $"{n}", new Happened(n), HappenedJson.Default.Happened), TestCaravan.Cancel)));
        await all.Task.WaitAsync(TimeSpan.FromSeconds(60), TestCaravan.Cancel);
        foreach (var worker in workers)
            await worker.StopAsync(TestCaravan.Cancel);

        var (effects, parked) = await world[0].ReadAsync(
            async db => (await db.ValueAsync<long>("SELECT COUNT(*) FROM outbox_cursors WHERE subscriber LIKE 'effect %'"), await db.ValueAsync<long>("SELECT COUNT(*) FROM outbox_parked")),
            TestCaravan.Cancel);
        Assert.Equal((Events, 0), (effects, parked));
        Assert.Equal(Events, taken);
    }

    [Fact]
    public async Task A_connection_lost_before_the_commit_costs_another_try_and_no_answer()
    {
        await using var world = await TwoServers.StartAsync();
        var runs = 0;

        await world[0].WriteAsync(
            async tx =>
            {
                await tx.ExecuteAsync("INSERT INTO outbox_cursors (subscriber, sequence) VALUES ('once', 0)");
                if (++runs == 1)
                    await world[1].WriteAsync(async other => await other.ValueAsync<bool>("SELECT pg_terminate_backend(@id)", new { id = await tx.ValueAsync<int>("SELECT pg_backend_pid()") }), TestCaravan.Cancel);
                await tx.ValueAsync<int>("SELECT 1");
            },
            TestCaravan.Cancel);

        Assert.Equal(2, runs);
        Assert.Equal(1, await world[0].ReadAsync(db => db.ValueAsync<long>("SELECT COUNT(*) FROM outbox_cursors"), TestCaravan.Cancel));
    }

    [Fact]
    public async Task Reads_inside_reads_do_not_wait_for_each_other()
    {
        await using var world = await TwoServers.StartAsync();
        using var everybodyReads = new SemaphoreSlim(0);
        var readers = 0;

        // Eight connections are all there are to read by, and each of the eight wants a second.
        var sums = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => world[0].ReadAsync(
            async db =>
            {
                if (Interlocked.Increment(ref readers) == 8)
                    everybodyReads.Release(8);
                await everybodyReads.WaitAsync(TestCaravan.Cancel);
                return await db.ValueAsync<int>("SELECT 1") + await world[0].ReadAsync(inner => inner.ValueAsync<int>("SELECT 1"), TestCaravan.Cancel);
            },
            TestCaravan.Cancel)));

        Assert.All(sums, sum => Assert.Equal(2, sum));
    }

    [Fact]
    public async Task What_one_server_commits_the_other_hears_of_and_nothing_that_was_taken_back()
    {
        await using var world = await TwoServers.StartAsync();
        var (tenant, item, undone) = (PartnerId.New(DateTimeOffset.UnixEpoch), Guid.NewGuid(), Guid.NewGuid());
        var heard = new System.Collections.Concurrent.ConcurrentQueue<Change>();
        world[1].Listen("stock", heard.Enqueue);

        // Until the other listens, which it does in its own time after its start.
        for (var attempt = 0; attempt < 100 && !heard.Contains(new Change("stock", tenant, item, 7)); attempt++)
        {
            await world[0].WriteAsync(
                tx =>
                {
                    tx.Announce("stock", tenant, undone);
                    tx.Undo();
                    return Task.CompletedTask;
                },
                TestCaravan.Cancel);
            await world[0].WriteAsync(
                tx =>
                {
                    tx.Announce("stock", tenant, item, 7);
                    return Task.CompletedTask;
                },
                TestCaravan.Cancel);
            await Task.Delay(50, TestCaravan.Cancel);
        }

        Assert.Contains(new Change("stock", tenant, item, 7), heard);
        Assert.DoesNotContain(heard, change => change.Subject == undone);
    }

    [Fact]
    public async Task An_instant_is_read_as_it_was_written_to_the_millisecond()
    {
        await using var world = await TwoServers.StartAsync();
        var at = new DateTimeOffset(2026, 11, 3, 10, 0, 0, TimeSpan.FromHours(8)).AddTicks(1_234_567);

        await world[0].WriteAsync(tx => tx.ExecuteAsync("INSERT INTO outbox_parked (tenant, subscriber, sequence, error, at) VALUES (@Tenant, 's', 1, 'e', @at)", new { Tenant, at }), TestCaravan.Cancel);

        // 123.4567 ms are stored as 123 ms, on either store.
        Assert.Equal(new DateTimeOffset(2026, 11, 3, 2, 0, 0, 123, TimeSpan.Zero), await world[0].ReadAsync(db => db.ValueAsync<DateTimeOffset>("SELECT at FROM outbox_parked"), TestCaravan.Cancel));
    }

    [Theory]
    [InlineData("nonsense", "This is no connection string for --store")]
    [InlineData("Host=127.0.0.1;Password=secret", "It names no Host or no Database")]
    [InlineData("Host=127.0.0.1;Port=1;Username=u;Password=secret;Database=d;Timeout=2", "Check Host and Port")]
    public void A_store_that_cannot_be_reached_says_what_to_do(string store, string says)
    {
        var refusal = Assert.Throws<StoreUnreachableException>(() => new PostgresDatabase(store).Migrate(DateTimeOffset.UnixEpoch));

        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_named_with_how_to_make_it()
    {
        var server = await TestStore.ServerAsync();

        var refusal = Assert.Throws<StoreUnreachableException>(() => new PostgresDatabase(server.ConnectionString("nowhere")).Migrate(DateTimeOffset.UnixEpoch));

        Assert.Contains("createdb", refusal.Message, StringComparison.Ordinal);
    }

    private static Task<List<OutboxEvent>> ReadAsync(Store store, long after) =>
        store.ReadAsync(db => Outbox.ReadAsync(db, Tenant, after, null, 10), TestCaravan.Cancel);

    internal sealed record Happened(int Number);

    [JsonSerializable(typeof(Happened))]
    private sealed partial class HappenedJson : JsonSerializerContext;

    /// <summary>Two stores, as two servers have them, on one new database.</summary>
    private sealed class TwoServers : IAsyncDisposable
    {
        private readonly string folder = Guid.NewGuid().ToString("n");
        private readonly List<Store> stores = [];

        public Outbox[] Outboxes { get; } = [new(), new()];

        public Store this[int server] => stores[server];

        public static async Task<TwoServers> StartAsync()
        {
            await TestStore.ServerAsync();
            var world = new TwoServers();
            var connection = await TestStore.DatabaseAsync(world.folder);
            for (var i = 0; i < 2; i++)
                world.stores.Add(new Store(new PostgresDatabase(connection), TimeProvider.System));
            return world;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var store in stores)
                await store.DisposeAsync();
            await TestStore.DropAsync(folder);
        }
    }
}
