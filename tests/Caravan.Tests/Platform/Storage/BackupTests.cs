using System.Collections.Concurrent;
using Caravan.Platform;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;
using Caravan.Platform.Storage.Backup;
using Caravan.Tests.Orders;

namespace Caravan.Tests.Platform.Storage;

public sealed class BackupTests : IDisposable
{
    private static readonly TableProgress Quiet = (_, _, _) => { };
    private readonly string folder = Directory.CreateTempSubdirectory("caravan-backup-").FullName;

    private string File => Path.Combine(folder, "one.backup");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_backup_under_load_is_one_moment_and_comes_back_as_a_store_that_serves()
    {
        var source = Path.Combine(folder, "source");
        string[] place = ["--data", source, "--store", await TestStore.OfAsync(source)];
        var key = await CaravanProgram.AddPartnerAsync("backed", place);
        using var program = await CaravanProgram.ServeAsync(place);
        using var http = program.Client(key);
        await CaravanProgram.FillAsync(http, 1_000_000);
        var acknowledged = new ConcurrentDictionary<string, string>();
        using var enough = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 6).Select(n => CaravanProgram.PlaceAsync(http, $"b{n}", acknowledged, enough.Token)).ToList();
        while (acknowledged.Count < 40)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestCaravan.Cancel);
        var before = acknowledged.ToDictionary();

        var backup = await CaravanProgram.RunAsync(["store", "backup", File, .. place]);
        await enough.CancelAsync();
        await Task.WhenAll(clients);
        var after = await CaravanProgram.OrdersAsync(http);
        await program.StopAsync();
        var verified = await CaravanProgram.RunAsync("store", "verify", File);
        var there = Path.Combine(folder, "there");
        string[] elsewhere = ["--data", there, "--store", await TestStore.OfAsync(there)];
        var restored = await CaravanProgram.RunAsync(["store", "restore", File, .. elsewhere]);
        var (again, checkedThere) = (await CaravanProgram.RunAsync(["store", "restore", File, .. elsewhere]), await CaravanProgram.RunAsync(["store", "verify", .. elsewhere]));
        using var second = await CaravanProgram.ServeAsync(elsewhere);
        using var there2 = second.Client(key);
        var kept = await CaravanProgram.OrdersAsync(there2);
        var next = await there2.SubmitAsync("/v1/orders", OrderWorld.OrderBody("after", "nextDay"), key: "after");
        await second.StopAsync();
        await TestStore.DropAsync(source);
        await TestStore.DropAsync(there);

        Assert.True((backup.Exit, verified.Exit, restored.Exit, checkedThere.Exit) == (0, 0, 0, 0), $"{backup.Errors} {verified.Errors} {restored.Errors} {checkedThere.Errors}");
        Assert.Equal(1, again.Exit);
        Assert.Contains("--replace", again.Errors, StringComparison.Ordinal);
        Assert.All(before, order => Assert.Equal(order.Value, kept[order.Key])); // Whoever was answered before it began is in it.
        Assert.All(kept, order => Assert.Equal(order.Value, after[order.Key]));
        Assert.InRange(kept.Count, before.Count, after.Count);
        Assert.Equal(201, next.Status);
    }

    [Fact]
    public async Task A_flipped_bit_or_a_missing_end_is_found_and_never_restored()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 50);
        for (var n = 0; n < 5; n++)
            await world.PlaceAsync($"N-{n}");
        await using var database = Open(world);
        await StoreBackup.WriteAsync(database, File, DateTimeOffset.UnixEpoch, Quiet, TestCaravan.Cancel);
        var whole = await System.IO.File.ReadAllBytesAsync(File, TestCaravan.Cancel);
        var random = new Random(17);
        await using var other = new SqliteDatabase(Path.Combine(folder, "other.db"));
        other.Migrate(DateTimeOffset.UnixEpoch);

        for (var round = 0; round < 60; round++)
        {
            var damaged = whole.ToArray();
            var at = random.Next(damaged.Length);
            if (round % 3 == 0)
                damaged = damaged[..at];
            else
                damaged[at] ^= (byte)(1 << random.Next(8));
            await System.IO.File.WriteAllBytesAsync(File, damaged, TestCaravan.Cancel);

            await Assert.ThrowsAsync<BackupDamagedException>(() => StoreBackup.VerifyAsync(File, Quiet, TestCaravan.Cancel));
            if (round % 10 == 0)
                await Assert.ThrowsAsync<BackupDamagedException>(() => StoreBackup.RestoreAsync(other, File, DateTimeOffset.UnixEpoch, Quiet, TestCaravan.Cancel));
        }

        Assert.True(await StoreBackup.IsEmptyAsync(other, TestCaravan.Cancel)); // And its tables are there as they were.
        await System.IO.File.WriteAllBytesAsync(File, whole, TestCaravan.Cancel);
        var (head, end) = await StoreBackup.VerifyAsync(File, Quiet, TestCaravan.Cancel);
        Assert.Equal((database.Place, true), (head.Place, end.Rows > 50));
    }

    [Fact]
    public async Task What_is_wrong_in_a_store_is_named()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 50);
        await world.PlaceAsync("N-1");
        string[] place = ["--data", world.Caravan.Folder, "--store", await TestStore.OfAsync(world.Caravan.Folder)];
        var sound = await CaravanProgram.RunAsync(["store", "verify", .. place]);
        await world.Caravan.Store.WriteAsync(
            async tx =>
            {
                await tx.ExecuteAsync("DELETE FROM order_lines WHERE tenant = @Id", new { world.Chain.Id });
                await tx.ExecuteAsync("UPDATE stock_cells SET on_hand = on_hand + 1 WHERE tenant = @Id", new { world.Chain.Id });
            },
            TestCaravan.Cancel);

        var broken = await CaravanProgram.RunAsync(["store", "verify", .. place]);

        Assert.True(sound.Exit == 0, sound.Errors);
        Assert.Equal(1, broken.Exit);
        Assert.Contains("1 of orders (tenant, id) name no row of order_lines", broken.Errors, StringComparison.Ordinal);
        Assert.Contains("1 of allocations (tenant, order_id, line) name no row of order_lines", broken.Errors, StringComparison.Ordinal);
        Assert.Contains("on hand is 51 and should be 50", broken.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_in_use_is_not_restored_over()
    {
        var data = Path.Combine(folder, "used");
        string[] place = ["--data", data, "--store", await TestStore.OfAsync(data)];
        using var program = await CaravanProgram.ServeAsync(place);
        var backup = await CaravanProgram.RunAsync(["store", "backup", File, .. place]);

        var refused = await CaravanProgram.RunAsync(["store", "restore", File, "--replace", .. place]);
        await program.StopAsync();
        var restored = await CaravanProgram.RunAsync(["store", "restore", File, "--replace", .. place]);
        await TestStore.DropAsync(data);

        Assert.Equal((0, 1, 0), (backup.Exit, refused.Exit, restored.Exit));
        Assert.Contains("top", refused.Errors, StringComparison.Ordinal); // "Stop it", "Stop them all".
    }

    [Fact]
    [Trait("Store", "once")]
    public async Task Events_that_postgresql_follows_out_of_sequence_are_followed_in_the_same_order_elsewhere()
    {
        await TestStore.ServerAsync();
        await using var database = new PostgresDatabase(await TestStore.DatabaseAsync(folder));
        var tenant = PartnerId.New(DateTimeOffset.UnixEpoch);
        await using (var connection = await database.OpenAsync(TestCaravan.Cancel))
        {
            // Sequences 1, 2, 3 of transactions 5, 3, 4: followed as 2, 3, 1. The subscriber has had the first of these.
            foreach (var (txid, subject) in ((int, string)[])[(5, "third"), (3, "first"), (4, "second")])
                await Database.ExecuteAsync(connection, null, $"INSERT INTO outbox (txid, tenant, type, subject, payload, at) VALUES ('{txid}', '{tenant.Value}', 't', '{subject}', '1', now())");
            await Database.ExecuteAsync(connection, null, "INSERT INTO outbox_cursors (subscriber, sequence) VALUES ('s', 2)");
        }

        await StoreBackup.WriteAsync(database, File, DateTimeOffset.UnixEpoch, Quiet, TestCaravan.Cancel);
        await TestStore.DropAsync(folder);
        var here = new SqliteDatabase(Path.Combine(folder, "here.db"));
        here.Migrate(DateTimeOffset.UnixEpoch);
        await StoreBackup.RestoreAsync(here, File, DateTimeOffset.UnixEpoch, Quiet, TestCaravan.Cancel);
        await using var store = new Store(here, TimeProvider.System);
        var left = await store.ReadAsync(async db => await Outbox.ReadAsync(db, tenant, await db.ValueAsync<long>("SELECT sequence FROM outbox_cursors"), null, 10), TestCaravan.Cancel);
        await store.WriteAsync(tx => tx.ExecuteAsync("INSERT INTO outbox (tenant, type, subject, payload, at) VALUES (@tenant, 't', 'new', '1', @Now)", new { tenant, tx.Now }), TestCaravan.Cancel);
        var newest = await store.ReadAsync(Outbox.NewestAsync, TestCaravan.Cancel);

        Assert.Equal(["second", "third"], left.Select(happened => happened.Subject));
        Assert.Equal(left[^1].Sequence + 1, newest);
    }

    private static Database Open(OrderWorld world) => Database.Of(world.Caravan.Settings);
}
