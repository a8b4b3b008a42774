using Caravan.Platform.Storage;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Microsoft.Data.Sqlite;

namespace Caravan.Tests.BadDays;

/// <summary>The disk is full, or what lies on it is no longer what was written.</summary>
[Trait("Store", "once")]
public sealed class DiskBadDayTests
{
    private const int Orders = 60;
    private static readonly int Tampers = int.Parse(Environment.GetEnvironmentVariable("CARAVAN_TAMPERS") ?? "60", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public async Task On_a_full_disk_orders_are_turned_away_by_name_reading_goes_on_and_all_is_well_when_there_is_room()
    {
        await using var disk = await SmallDisk.MountAsync(megabytes: 24);
        await using var caravan = await TestCaravan.StartAsync(settings => settings with { DataFolder = disk.Folder, Store = "" });
        var (_, http, _) = await caravan.AddPartnerAsync("kill");
        await CaravanProgram.FillAsync(http, 1_000_000);
        var acknowledged = new System.Collections.Concurrent.ConcurrentDictionary<string, string>();
        await CaravanProgram.TryPlaceAsync(http, "before", acknowledged);
        await disk.FillAsync();

        (int Status, System.Text.Json.JsonElement Body, HttpResponseMessage Response) refused = default;
        for (var order = 0; order < 2_000 && refused.Status != 503; order++)
        {
            refused = await http.SubmitAsync("/v1/orders", OrderWorld.OrderBody($"full-{order}", "nextDay"), key: $"full-{order}");
            if (refused.Status == 201)
                acknowledged[$"full-{order}"] = refused.Body.GetProperty("id").GetString()!; // Every order has one.
        }

        var unready = await caravan.Anonymous.FetchAsync("/health/ready");
        var read = await CaravanProgram.OrdersAsync(http);
        disk.MakeRoom();
        var ready = await caravan.Anonymous.FetchAsync("/health/ready");
        for (var attempt = 0; attempt < 200 && ready.Status != 200; attempt++)
        {
            await Task.Delay(50, TestCaravan.Cancel);
            ready = await caravan.Anonymous.FetchAsync("/health/ready");
        }

        var after = await CaravanProgram.TryPlaceAsync(http, "after", acknowledged);
        var stored = await CaravanProgram.OrdersAsync(http);

        Assert.Equal((503, "urn:caravan:problem:disk-full"), (refused.Status, refused.Body.GetProperty("type").GetString()));
        Assert.True(refused.Response?.Headers.Contains("Retry-After"));
        Assert.Equal(503, unready.Status);
        Assert.Contains("takes no writes", unready.Body.ToString(), StringComparison.Ordinal);
        Assert.Equal(acknowledged.Count - 1, read.Count);
        Assert.Equal(200, ready.Status);
        Assert.Equal(201, after);
        Assert.Equal(acknowledged.OrderBy(order => order.Key), stored.OrderBy(order => order.Key));
    }

    [Fact]
    public async Task A_log_that_is_cut_or_damaged_anywhere_leaves_a_prefix_of_whole_orders_or_is_refused_by_name()
    {
        var folder = Directory.CreateTempSubdirectory("caravan-torn-").FullName;
        await WriteAsync(folder);
        var log = await File.ReadAllBytesAsync(Path.Combine(folder, "copy.db-wal"), TestCaravan.Cancel);
        var dice = new Random(42);
        var (prefixes, refused, shortest) = (0, 0, Orders);
        for (var tamper = 0; tamper < Tampers; tamper++)
        {
            var file = Path.Combine(folder, $"t{tamper}.db");
            File.Copy(Path.Combine(folder, "copy.db"), file);
            var torn = log[..(tamper % 2 == 0 ? dice.Next(log.Length) : log.Length)];
            if (tamper % 2 == 1)
                torn[dice.Next(torn.Length)] ^= (byte)(1 << dice.Next(8));
            await File.WriteAllBytesAsync(file + "-wal", torn, TestCaravan.Cancel);
            try
            {
                var left = await LeftAsync(file);
                (prefixes, shortest) = (prefixes + 1, Math.Min(shortest, left));
            }
            catch (StoreUnreachableException said)
            {
                Assert.Contains("is damaged", said.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Directory.Delete(folder, recursive: true);
        TestContext.Current.TestOutputHelper!.WriteLine($"{Tampers} damaged logs: {prefixes} opened with a prefix of whole orders (the shortest of {shortest}), {refused} refused");
        Assert.Equal(Tampers, prefixes + refused);
        Assert.True(shortest < Orders, "No damage ever cost a tail: nothing was shown.");
    }

    [Fact]
    public async Task A_file_that_is_damaged_is_named_at_the_start_after_a_crash()
    {
        var folder = Directory.CreateTempSubdirectory("caravan-damaged-").FullName;
        await WriteAsync(folder);
        var file = Path.Combine(folder, "copy.db");
        await File.WriteAllBytesAsync(file + "-wal", new byte[32], TestCaravan.Cancel); // A crash left a log behind.
        var bytes = await File.ReadAllBytesAsync(file, TestCaravan.Cancel);
        for (var page = 8; page < 20; page++)
            Array.Fill(bytes, (byte)0xA5, page * 4096, 64);
        await File.WriteAllBytesAsync(file, bytes, TestCaravan.Cancel);

        var refusal = Assert.Throws<StoreUnreachableException>(() => new SqliteDatabase(file).Migrate(DateTimeOffset.UnixEpoch));

        Assert.Contains("is damaged", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("backup", refusal.Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    // Sixty transactions of three rows each, one after the other: what is on disk when the power goes.
    private static async Task WriteAsync(string folder)
    {
        var file = Path.Combine(folder, "live.db");
        await using (var store = new Store(new SqliteDatabase(file), TimeProvider.System))
        {
            // What was there before has its place in the file itself; the orders are in the log alone.
            Checkpoint(file);
            for (var order = 0; order < Orders; order++)
            {
                await store.WriteAsync(async tx =>
                {
                    for (var row = 0; row < 3; row++)
                        await tx.ExecuteAsync("INSERT INTO outbox_parked (tenant, subscriber, sequence, error, at) VALUES (@tenant, @subscriber, @order, @error, @now)", new { tenant = default(PartnerId), subscriber = $"row {row}", order, error = new string('x', 700), now = tx.Now });
                }, TestCaravan.Cancel);
            }

            File.Copy(file, Path.Combine(folder, "copy.db"));
            File.Copy(file + "-wal", Path.Combine(folder, "copy.db-wal"));
        }
    }

    private static void Checkpoint(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        command.ExecuteNonQuery();
    }

    // How many orders are left; they are the first, and each is whole.
    private static async Task<int> LeftAsync(string file)
    {
        await using var store = new Store(new SqliteDatabase(file), TimeProvider.System);
        var rows = await store.ReadAsync(db => db.QueryAsync<long>("SELECT sequence FROM outbox_parked"), TestCaravan.Cancel);
        var orders = rows.GroupBy(row => row).OrderBy(order => order.Key).ToList();
        Assert.Equal(Enumerable.Range(0, orders.Count).Select(number => (long)number), orders.Select(order => order.Key));
        Assert.All(orders, order => Assert.Equal(3, order.Count()));
        Assert.Equal("ok", await store.ReadAsync(db => db.ValueAsync<string>("PRAGMA integrity_check"), TestCaravan.Cancel));
        return orders.Count;
    }
}
