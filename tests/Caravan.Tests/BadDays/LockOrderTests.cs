using Caravan.Platform;
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
