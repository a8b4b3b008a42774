using Caravan.Platform;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Storage;
using Caravan.Stock;
using Caravan.Tests.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Caravan.Tests.BadDays;

/// <summary>
/// Servers take the cells of a batch in one order, so that they never wait for each other in a circle. PostgreSQL itself
/// counts the circles: none between servers of ours, and some as soon as one takes the cells the other way round.
/// </summary>
[Trait("Store", "once")]
public sealed class LockOrderTests : IAsyncLifetime
{
    private const int Cells = 6;
    private const int Batches = 60;
    private static readonly PartnerId Owner = new(new Guid("01900000-0000-7000-8000-000000000001"));
    private static readonly StockTake[] Takes = [.. Enumerable.Range(1, Cells).Select(cell => new StockTake(Owner, new ItemId(new Guid($"01900000-0000-7000-8001-{cell:d12}")), new LocationId(Owner.Value), 1))];

    private readonly string folder = Directory.CreateTempSubdirectory("caravan-locks-").FullName;
    private readonly List<WebApplication> servers = [];
    private string store = "";

    public async ValueTask InitializeAsync()
    {
        store = await TestStore.DatabaseAsync(folder);
        for (var server = 0; server < 2; server++)
            servers.Add(CaravanServer.Build(new Settings { DataFolder = folder, Store = store, Urls = "http://127.0.0.1:0", IsDemo = false, IsSimulated = false }));
        await Of(0).WriteAsync(tx => Book(0).ReceiveAsync(tx, [.. Takes.Select(take => take with { Quantity = 100_000 })], "opening"), TestCaravan.Cancel);
    }

    [Fact]
    public async Task Servers_of_ours_never_wait_for_each_other_in_a_circle()
    {
        var done = await Task.WhenAll(ReserveAsync(0, seed: 1, Batches), ReserveAsync(1, seed: 2, Batches));

        TestContext.Current.TestOutputHelper!.WriteLine($"{done.Sum()} batches reserved by two servers");
        Assert.True(done.Sum() > Batches, "Too few batches came through to show anything.");
        await Task.Delay(1_500, TestCaravan.Cancel); // PostgreSQL tells its counts a second late.
        Assert.Equal(0, await CirclesAsync());
    }

    [Fact]
    public async Task Nor_do_the_lanes_of_two_order_desks()
    {
        var done = await Task.WhenAll(ReserveInLaneAsync(0, seed: 3), ReserveInLaneAsync(1, seed: 4), ReserveInLaneAsync(0, seed: 5));

        Assert.Equal(3 * Batches, done.Sum());
        await Task.Delay(1_500, TestCaravan.Cancel); // As above.
        Assert.Equal(0, await CirclesAsync());
    }

    [Fact]
    public async Task A_lane_that_finds_too_little_takes_nothing_and_one_that_looks_first_takes_what_is_there()
    {
        var all = new Reservation("all", [.. Takes.Select(take => new Want(take with { Quantity = 60_000 }, 60_000))]);
        var one = new Reservation("one", [new Want(Takes[0] with { Quantity = 50_000 }, 50_000)]);
        await using var lane = Of(0).OpenLane()!; // The store is PostgreSQL.

        var fault = await Assert.ThrowsAsync<PostgresException>(() => TakeAsync(lane, [all, one]));
        var left = await SellableAsync();
        var isThere = await lane.WriteAsync(async tx =>
        {
            var found = await StockBook.LockAsync(tx, [all, one]);
            await StockBook.ReserveAllAsync(tx, tx.Later!, [all], isLocked: true); // A lane's transaction gathers.
            return found;
        });

        Assert.Equal(Gathered.TooLittle, fault.SqlState);
        Assert.Equal(100_000, left);
        Assert.Equal([true, false], isThere);
        Assert.Equal(40_000, await SellableAsync());
        Assert.Empty(await Of(0).ReadAsync(Book(0).AuditAsync, TestCaravan.Cancel));
    }

    [Fact]
    public async Task Of_two_lanes_that_answer_one_key_one_fails()
    {
        await using var first = Of(0).OpenLane()!; // As above.
        await using var second = Of(1).OpenLane()!;

        var kept = await Task.WhenAll(KeepAsync(first, "first"), KeepAsync(second, "second"));
        var again = await KeepAsync(first, "third");

        Assert.Single(kept, isKept => isKept);
        Assert.False(again);
    }

    [Fact]
    public async Task A_server_that_takes_the_cells_the_other_way_round_is_caught()
    {
        for (var seed = 1; seed <= 1_000; seed++)
        {
            await Task.WhenAll(ReserveAsync(0, seed, batches: 2), TakeTheWrongWayAsync());
            if (await CirclesAsync() == 0)
                continue;

            TestContext.Current.TestOutputHelper!.WriteLine($"caught by seed {seed}");
            return;
        }

        Assert.Fail("A wrong order of locks was not caught in 1,000 seeds.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers)
            await server.DisposeAsync();
        await TestStore.DropAsync(folder);
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private Store Of(int server) => servers[server].Services.GetRequiredService<Store>();

    private StockBook Book(int server) => servers[server].Services.GetRequiredService<StockBook>();

    // Batches as the order desk makes them: several orders, each of a few cells, named in any order.
    private async Task<int> ReserveAsync(int server, int seed, int batches)
    {
        var dice = new Random(seed);
        var done = 0;
        for (var batch = 0; batch < batches; batch++)
        {
            List<Reservation> orders = [.. Enumerable.Range(0, 4).Select(_ => new Reservation($"{Guid.NewGuid()}", [.. dice.GetItems(Takes, 3).Distinct().Select(take => new Want(take, 1))]))];
            try
            {
                done += (await Of(server).WriteAsync(tx => Book(server).ReserveAsync(tx, orders), TestCaravan.Cancel)).Count(isReserved => isReserved) / orders.Count;
            }
            catch (StoreBusyException)
            {
                // Others were in the way too often; that is no circle.
            }
        }

        return done;
    }

    private async Task<int> ReserveInLaneAsync(int server, int seed)
    {
        var dice = new Random(seed);
        await using var lane = Of(server).OpenLane()!; // The store is PostgreSQL.
        for (var batch = 0; batch < Batches; batch++)
            await TakeAsync(lane, [.. Enumerable.Range(0, 4).Select(_ => new Reservation($"{Guid.NewGuid()}", [.. dice.GetItems(Takes, 3).Distinct().Select(take => new Want(take, 1))]))]);
        return Batches;
    }

    private static Task<bool> TakeAsync(Store.Lane lane, IReadOnlyList<Reservation> orders) => lane.WriteAsync(async tx =>
    {
        await StockBook.ReserveAllAsync(tx, tx.Later!, orders, isLocked: false); // A lane's transaction gathers.
        return true;
    });

    private static async Task<bool> KeepAsync(Store.Lane lane, string said)
    {
        try
        {
            return await lane.WriteAsync(async tx =>
            {
                await KeptAnswers.KeepAsync(tx, [(new KeyedRequest(Owner, "key", [1]), new KeptAnswer([1], 201, null, System.Text.Encoding.UTF8.GetBytes($"\"{said}\"")))]);
                return true;
            });
        }
        catch (PostgresException fault) when (fault.SqlState == Gathered.TooLittle)
        {
            return false;
        }
    }

    private Task<int> SellableAsync() => Of(0).ReadAsync(db => db.ValueAsync<int>("SELECT sellable FROM stock_cells WHERE tenant = @owner AND item = @item", new { owner = Owner, item = Takes[0].Item }), TestCaravan.Cancel);

    private async Task TakeTheWrongWayAsync()
    {
        await using var connection = new NpgsqlConnection(store);
        await connection.OpenAsync(TestCaravan.Cancel);
        await using var transaction = await connection.BeginTransactionAsync(TestCaravan.Cancel);
        try
        {
            foreach (var take in Takes.Reverse())
            {
                await using var command = new NpgsqlCommand("SELECT 1 FROM stock_cells WHERE tenant = $1 AND item = $2 AND location = $3 FOR UPDATE", connection, transaction);
                command.Parameters.Add(new NpgsqlParameter { Value = Owner.Value });
                command.Parameters.Add(new NpgsqlParameter { Value = take.Item.Value });
                command.Parameters.Add(new NpgsqlParameter { Value = take.Location.Value });
                await command.ExecuteNonQueryAsync(TestCaravan.Cancel);
                await Task.Delay(5, TestCaravan.Cancel);
            }
        }
        catch (PostgresException circle) when (circle.SqlState == PostgresErrorCodes.DeadlockDetected)
        {
            // It was this one that PostgreSQL gave up to break the circle.
        }
    }

    private Task<long> CirclesAsync() => Of(0).ReadAsync(db => db.ValueAsync<long>("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), TestCaravan.Cancel);
}
