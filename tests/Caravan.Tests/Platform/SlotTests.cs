using System.Collections.Concurrent;
using System.Diagnostics;
using Caravan.Platform.Storage;
using Caravan.Tests.Orders;
using Npgsql;

namespace Caravan.Tests.Platform;

/// <summary>Two real servers on one PostgreSQL: one dies, one is told to stop, one is a version behind.</summary>
[Trait("Store", "once")]
public sealed class SlotTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("caravan-slots-").FullName;
    private string store = "";
    private string key = "";

    public async ValueTask InitializeAsync()
    {
        await TestStore.ServerAsync();
        store = await TestStore.DatabaseAsync(folder);
        key = await CaravanProgram.AddPartnerAsync("shared", "--store", store, "--data", folder);
    }

    public async ValueTask DisposeAsync()
    {
        await TestStore.DropAsync(folder);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_work_of_a_killed_server_goes_on_elsewhere_within_three_seconds()
    {
        using var first = await ServeAsync();
        using var http = first.Client(key);
        await CaravanProgram.FillAsync(http, 1_000);
        var holder = await HolderAsync(other: null);
        using var second = await ServeAsync();
        using var after = second.Client(key);
        var acknowledged = new ConcurrentDictionary<string, string>();
        var clients = Enumerable.Range(0, 4).Select(n => CaravanProgram.PlaceAsync(http, $"s{n}", acknowledged, TestCaravan.Cancel)).ToList();
        while (acknowledged.Count < 20)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestCaravan.Cancel);

        first.Process.Kill();
        var since = Stopwatch.GetTimestamp();
        var next = await HolderAsync(other: holder);
        var took = Stopwatch.GetElapsedTime(since);
        await Task.WhenAll(clients);

        // No event is added any more: what the first left undone, the second finds by itself.
        var stored = await CaravanProgram.OrdersAsync(after);
        Assert.All(acknowledged, order => Assert.Equal(order.Value, stored[order.Key]));
        foreach (var id in stored.Values)
            await ReleasedAsync(after, id);
        await second.StopAsync();

        Assert.NotEqual(holder, next);
        Assert.True(took < TimeSpan.FromSeconds(15), $"It took {took}."); // Three on a machine with nothing else to do: the line below says.
        TestContext.Current.TestOutputHelper?.WriteLine($"The slot passed on after {took.TotalSeconds:0.0} s; {acknowledged.Count} acknowledged, {stored.Count} stored, all released to their node.");
    }

    [Fact]
    public async Task A_server_that_is_told_to_stop_gives_its_work_away_at_once()
    {
        using var first = await ServeAsync("--drain-seconds", "5");
        var holder = await HolderAsync(other: null);

        await first.SignalAsync("TERM");
        var since = Stopwatch.GetTimestamp();
        while (await ValueAsync("SELECT COUNT(*) FROM work_slots WHERE claimed_until > clock_timestamp()") is not 0L && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(5))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestCaravan.Cancel);
        var isServing = !first.Process.HasExited;
        var left = await ValueAsync("SELECT claimed_until = '-infinity' FROM work_slots WHERE name = 'dispatch'");
        await first.Process.WaitForExitAsync(TestCaravan.Cancel);

        Assert.NotEqual(Guid.Empty, holder);
        Assert.True(isServing && left is true, "It gives its slots back, rather than let them run out, while it still serves.");
    }

    [Fact]
    public async Task A_server_goes_on_while_a_newer_one_has_added_to_every_table()
    {
        using var old = await ServeAsync();
        using var http = old.Client(key);
        await CaravanProgram.FillAsync(http, 100_000);
        var (acknowledged, answers) = (new ConcurrentDictionary<string, string>(), new ConcurrentBag<int>());
        using var enough = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(n => CaravanProgram.PlaceAsync(http, $"u{n}", acknowledged, enough.Token, answers.Add)).ToList();
        while (acknowledged.Count < 20)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestCaravan.Cancel);

        // What the next version's migration does: it expands, and contracts a release later.
        await using (var database = new PostgresDatabase(store))
        {
            await using var connection = await database.OpenAsync(TestCaravan.Cancel);
            foreach (var table in await Schema.ReadAsync(connection, null))
                await Database.ExecuteAsync(connection, null, $"ALTER TABLE {table.Name} ADD COLUMN of_the_next_version TEXT NULL");
            await Database.ExecuteAsync(connection, null, "CREATE TABLE next_versions_own (tenant uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant, id)); INSERT INTO migrations VALUES (9999, '9999_next', 0)");
        }

        var then = acknowledged.Count;
        while (acknowledged.Count < then + 40)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestCaravan.Cancel);
        using var next = await ServeAsync();
        using var after = next.Client(key);
        var both = acknowledged.Count;
        clients.AddRange(Enumerable.Range(0, 4).Select(n => CaravanProgram.PlaceAsync(after, $"v{n}", acknowledged, enough.Token, answers.Add)));
        while (acknowledged.Count < both + 40)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestCaravan.Cancel);
        var pages = new List<int>();
        foreach (var path in (string[])["/v1/orders", "/v1/stock", "/v1/items", "/v1/locations", "/v1/couriers", "/v1/feeds", "/v1/agreements"])
            pages.Add((await http.FetchAsync(path)).Status);
        await enough.CancelAsync();
        await Task.WhenAll(clients);
        var stored = await CaravanProgram.OrdersAsync(http);
        var (exitOld, exitNext) = (await old.StopAsync(), await next.StopAsync());

        Assert.Equal((0, 0), (exitOld, exitNext));
        Assert.All(pages, status => Assert.Equal(200, status));
        Assert.All(answers, status => Assert.Equal(201, status));
        Assert.All(acknowledged, order => Assert.Equal(order.Value, stored[order.Key]));
    }

    private Task<CaravanProgram> ServeAsync(params string[] words) => CaravanProgram.ServeAsync(["--store", store, "--data", folder, .. words]);

    private async Task<Guid> HolderAsync(Guid? other)
    {
        while (true)
        {
            if (await ValueAsync("SELECT holder FROM work_slots WHERE name = 'dispatch' AND claimed_until > clock_timestamp()") is Guid holder && holder != other)
                return holder;

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestCaravan.Cancel);
        }
    }

    private static async Task ReleasedAsync(HttpClient http, string order)
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(30);)
        {
            if ((await http.FetchAsync($"/v1/orders/{order}")).Body.GetProperty("status").GetString() != "reserved")
                return;

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestCaravan.Cancel);
        }

        Assert.Fail($"Nobody told the node of order {order}.");
    }

    private async Task<object?> ValueAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(store);
        await connection.OpenAsync(TestCaravan.Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestCaravan.Cancel);
    }
}
