using Caravan.Platform.Storage;
using Caravan.Platform.Storage.Backup;
using Caravan.Tests.Orders;
using Npgsql;

namespace Caravan.Tests.Platform.Storage;

/// <summary>From SQLite to PostgreSQL and back, by the real program, killed on the way.</summary>
[Trait("Store", "once")]
public sealed class CopyTests : IDisposable
{
    private const int Keys = 60_000;
    private readonly string folder = Directory.CreateTempSubdirectory("caravan-copy-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_copy_that_is_killed_goes_on_where_it_stood_and_ends_with_the_same_rows_on_both_sides()
    {
        await TestStore.ServerAsync();
        var source = Path.Combine(folder, "source");
        var target = await TestStore.DatabaseAsync(folder);
        var key = await SeedAsync(source);
        string[] copy = ["store", "copy", "--data", source, "--to", target];

        for (var kill = 0; kill < 2; kill++)
        {
            using var cut = CaravanProgram.Start(copy);
            while (await cut.StandardOutput.ReadLineAsync(TestCaravan.Cancel) is { } line && !line.Contains("idempotency_keys", StringComparison.Ordinal))
            {
            }

            cut.Kill();
            await cut.WaitForExitAsync(TestCaravan.Cancel);
        }

        var half = await CountAsync(target);
        var early = await CaravanProgram.RunAsync("--store", target, "--data", folder, "--demo", "off", "--urls", "http://127.0.0.1:0");
        var ended = await CaravanProgram.RunAsync(copy);
        var again = await CaravanProgram.RunAsync(copy);
        var back = Path.Combine(folder, "back");
        var returned = await CaravanProgram.RunAsync("store", "copy", "--store", target, "--to", back);
        var verified = await CaravanProgram.RunAsync("store", "verify", "--store", target, "--data", folder);

        Assert.InRange(half, 1, Keys - 1);
        Assert.Equal((1, 0, 1), (early.Exit, ended.Exit, again.Exit));
        Assert.Contains("not ended", early.Errors, StringComparison.Ordinal);
        Assert.Contains("not empty", again.Errors, StringComparison.Ordinal);
        Assert.True((returned.Exit, verified.Exit) == (0, 0), returned.Errors + verified.Errors);
        var here = await SumsAsync(new SqliteDatabase(Path.Combine(source, "caravan.db")));
        Assert.Equal(here, await SumsAsync(new PostgresDatabase(target)));
        Assert.Equal(here, await SumsAsync(new SqliteDatabase(Path.Combine(back, "caravan.db"))));
        Assert.Contains(here, table => table.StartsWith($"idempotency_keys {Keys + 1}", StringComparison.Ordinal));

        // The copy serves, and remembers whom it answered.
        using var program = await CaravanProgram.ServeAsync(["--store", target, "--data", folder]);
        using var http = program.Client(key);
        var replayed = await http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("C-1", "nextDay"), key: "C-1");
        var placed = await http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("C-2", "nextDay"), key: "C-2");
        await program.StopAsync();
        await TestStore.DropAsync(folder);

        Assert.Equal(("true", 201), (replayed.Response.Headers.GetValues("Idempotent-Replayed").Single(), placed.Status));
    }

    [Fact]
    public async Task A_store_that_a_server_writes_is_not_copied()
    {
        var source = Path.Combine(folder, "served");
        using var program = await CaravanProgram.ServeAsync(["--data", source]);

        var refused = await CaravanProgram.RunAsync("store", "copy", "--data", source, "--to", Path.Combine(folder, "other"));
        await program.StopAsync();

        Assert.Equal(1, refused.Exit);
        Assert.Contains("Stop it", refused.Errors, StringComparison.Ordinal);
    }

    private static async Task<string> SeedAsync(string source)
    {
        var key = await CaravanProgram.AddPartnerAsync("copied", "--data", source);
        using var program = await CaravanProgram.ServeAsync(["--data", source]);
        using var http = program.Client(key);
        await CaravanProgram.FillAsync(http, 100);
        var placed = await http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("C-1", "nextDay"), key: "C-1");
        Assert.True(placed.Status == 201, placed.Body.ToString());
        await program.StopAsync();
        await using var store = new Store(new SqliteDatabase(Path.Combine(source, "caravan.db")), TimeProvider.System);
        await store.WriteAsync(
            tx => tx.ExecuteAsync(
                """
                INSERT INTO idempotency_keys (tenant, key, request_hash, status, location, body, at)
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @Keys)
                SELECT tenant, 'made ' || i, hash, 201, NULL, '{"line":"ü"}', @Now FROM n, api_keys
                """,
                new { Keys, tx.Now }),
            TestCaravan.Cancel);
        return key;
    }

    private static async Task<long> CountAsync(string target)
    {
        await using var connection = new NpgsqlConnection(target);
        await connection.OpenAsync(TestCaravan.Cancel);
        await using var command = new NpgsqlCommand("SELECT COUNT(*) FROM idempotency_keys", connection);
        return (long)(await command.ExecuteScalarAsync(TestCaravan.Cancel))!; // A count is never null.
    }

    private static async Task<List<string>> SumsAsync(Database database)
    {
        await using (database)
        {
            await using var snapshot = await Snapshot.OpenAsync(database, TestCaravan.Cancel);
            List<string> sums = [];
            foreach (var table in snapshot.Tables)
            {
                var sum = await snapshot.SumAsync(table, _ => { }, TestCaravan.Cancel);
                sums.Add($"{table.Name} {sum.Rows} {sum.Sha256}");
            }

            return sums;
        }
    }
}
