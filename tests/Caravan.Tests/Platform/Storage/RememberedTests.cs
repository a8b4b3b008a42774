using Caravan.Catalog;
using Caravan.Network;
using Caravan.Platform;
using Caravan.Platform.Storage;
using Caravan.Platform.Telemetry;
using Caravan.Stock;
using Caravan.Tests.Orders;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Platform.Storage;

/// <summary>Copies in memory: whoever asks after a change is on disk is not told how it was before.</summary>
public sealed class RememberedTests
{
    private static readonly AsyncLocal<Queue<Func<Task>>?> OnVersion = new();

    [Fact]
    public async Task What_a_snapshot_from_before_a_change_says_is_not_remembered()
    {
        await using var world = await OrderWorld.StartAsync();
        var catalog = world.Caravan.Services.GetRequiredService<ItemCatalog>();
        var (tea, store) = ((await ItemsAsync(world, catalog))[0], world.Caravan.Store);

        var then = await store.ReadAsync(async db =>
        {
            await db.ValueAsync<int>("SELECT COUNT(*) FROM work_slots"); // From here on its snapshot stays as it is.
            await store.WriteAsync(tx => catalog.PutAsync(tx, [tea with { Price = new Money(9_900, "CNY") }]), TestCaravan.Cancel);
            return (await catalog.BySkuAsync(db, world.Chain.Id, ["tea"]))[0].Price.Amount;
        }, TestCaravan.Cancel);

        Assert.Equal(1_200, then);
        Assert.Equal(9_900, (await ItemsAsync(world, catalog))[0].Price.Amount);
    }

    [Fact]
    public async Task A_network_that_changes_while_it_is_read_is_not_remembered_as_it_was()
    {
        await using var world = await OrderWorld.StartAsync();
        var map = world.Caravan.Services.GetRequiredService<NetworkMap>();
        var near = world.Nodes["near"];
        await PutAsync(near with { Name = "Near" }); // Forgotten, so that it is read.
        var changes = new Queue<Func<Task>>([() => PutAsync(near with { Name = "Nearer" })]);
        SlowStatements.Sent += Interrupt;

        try
        {
            OnVersion.Value = changes;
            await map.CurrentAsync(TestCaravan.Cancel);
        }
        finally
        {
            SlowStatements.Sent -= Interrupt;
        }

        Assert.Empty(changes);
        Assert.Equal("Nearer", (await map.CurrentAsync(TestCaravan.Cancel)).Find(near.Id)!.Name); // It was put.

        Task PutAsync(Location location) => world.Caravan.Store.WriteAsync(tx => map.PutAsync(tx, [location]), TestCaravan.Cancel);

        // In the middle of a read of this test's, and of nobody else's.
        static void Interrupt(string sql, string file, string member)
        {
            if (member == nameof(LocationStore.VersionAsync) && OnVersion.Value?.TryDequeue(out var change) == true)
                change().GetAwaiter().GetResult();
        }
    }

    [Fact]
    public async Task A_plan_that_comes_to_nothing_is_given_back_to_the_shelf_it_was_made_on_and_to_no_later_one()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        IReadOnlyList<StockTake> takes = [new(world.Chain.Id, world.Items[("chain", "tea")], world.Nodes["near"].Id, 3)];

        var before = await LeftAsync(world);
        var plan = world.Stock.Plan(takes);
        var planned = await LeftAsync(world);
        await world.ReceiveAsync("chain", "tea", "near", 1);
        var readAnew = await LeftAsync(world);
        StockBook.Unplan(takes, plan);
        var after = await LeftAsync(world);
        var second = world.Stock.Plan(takes);
        StockBook.Unplan(takes, second);

        // 5, 3 of them planned; 1 more, read again without the plan; which then comes to nothing. The second is on what is remembered.
        Assert.Equal((5, 2, 6, 6, 6), (before, planned, readAnew, after, await LeftAsync(world)));
    }

    [Fact]
    public async Task What_was_planned_and_is_stored_is_gone_also_from_a_shelf_that_was_read_in_between()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        IReadOnlyList<StockTake> takes = [new(world.Chain.Id, world.Items[("chain", "tea")], world.Nodes["near"].Id, 3)];

        await LeftAsync(world);
        var plan = world.Stock.Plan(takes);
        await world.ReceiveAsync("chain", "tea", "near", 1);
        var readAnew = await LeftAsync(world);
        await world.Caravan.Store.WriteAsync(tx => world.Stock.ReserveAsync(tx, [new Reservation("order", [new Want(takes[0], 3)])]), TestCaravan.Cancel);
        world.Stock.Taken(takes, plan);

        // 6 when it was read again; 3 of them have been reserved since.
        Assert.Equal((6, 3), (readAnew, await LeftAsync(world)));
    }

    private static Task<IReadOnlyList<Item>> ItemsAsync(OrderWorld world, ItemCatalog catalog) =>
        world.Caravan.Store.ReadAsync(db => catalog.BySkuAsync(db, world.Chain.Id, ["tea"]), TestCaravan.Cancel);

    private static async Task<int> LeftAsync(OrderWorld world) =>
        (await world.Caravan.Store.ReadAsync(async db => await world.Stock.ShelvesAsync(db, [(world.Chain.Id, world.Items[("chain", "tea")])]), TestCaravan.Cancel))[0].SellableAt(0);
}
