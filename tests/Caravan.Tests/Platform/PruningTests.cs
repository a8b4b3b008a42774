using Caravan.Platform.Outbox;
using Caravan.Platform.Pruning;
using Caravan.Tests.Orders;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Platform;

public sealed class PruningTests
{
    [Fact]
    public async Task Answers_are_kept_for_a_day_and_then_thrown_away()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.PlaceAsync("N-1");
        await FillKeysAsync(world, 1_200);
        world.Caravan.Clock.Advance(TimeSpan.FromHours(23));
        await PruneAsync(world);
        var withinADay = await CountAsync(world, "idempotency_keys");
        var replayed = await world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("N-1"), key: "key-N-1");

        world.Caravan.Clock.Advance(TimeSpan.FromHours(2));
        await PruneAsync(world);

        Assert.Equal(1_201, withinADay);
        Assert.Equal("true", replayed.Response.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal(0, await CountAsync(world, "idempotency_keys"));

        // The order's own number is for ever.
        Assert.Equal(409, (await world.Chain.Http.SubmitAsync("/v1/orders", OrderWorld.OrderBody("N-1"), key: "key-N-1")).Status);
    }

    [Fact]
    public async Task Events_go_when_they_are_old_and_everybody_has_had_them()
    {
        await using var world = await OrderWorld.StartAsync();
        var store = world.Caravan.Store;
        var subscribers = world.Caravan.Services.GetServices<Subscription>().Count();
        while (await CountAsync(world, "outbox_cursors") < subscribers)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestCaravan.Cancel);
        await store.WriteAsync(tx => tx.ExecuteAsync("INSERT INTO outbox (tenant, type, subject, payload, at) VALUES (@Id, 'test.happened', 's', '1', @Now)", Enumerable.Range(0, 5).Select(_ => new { world.Chain.Id, tx.Now })), TestCaravan.Cancel);
        while (await store.ReadAsync(Outbox.IsHeldUpAsync, TestCaravan.Cancel))
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestCaravan.Cancel);
        var events = await store.ReadAsync(db => db.QueryAsync<long>("SELECT sequence FROM outbox ORDER BY sequence"), TestCaravan.Cancel);

        // One subscriber stands at the second event, the others at the last.
        await store.WriteAsync(tx => tx.ExecuteAsync("UPDATE outbox_cursors SET sequence = @last", new { last = events[^1] }), TestCaravan.Cancel);
        await store.WriteAsync(tx => tx.ExecuteAsync("INSERT INTO outbox_cursors (subscriber, sequence) VALUES ('slow', @second)", new { second = events[1] }), TestCaravan.Cancel);
        await PruneAsync(world);
        var young = await CountAsync(world, "outbox");
        world.Caravan.Clock.Advance(TimeSpan.FromDays(8));
        await PruneAsync(world);
        var left = await store.ReadAsync(db => db.QueryAsync<long>("SELECT sequence FROM outbox ORDER BY sequence"), TestCaravan.Cancel);

        Assert.Equal(5, events.Count);
        Assert.Equal(events.Count, young);
        Assert.Equal(events.Skip(1), left); // All but the first, which all have had.
    }

    private static Task<long> PruneAsync(OrderWorld world) => world.Caravan.Services.GetRequiredService<Pruner>().PruneOnceAsync(TestCaravan.Cancel);

    private static Task<long> CountAsync(OrderWorld world, string table) => world.Caravan.Store.ReadAsync(db => db.ValueAsync<long>($"SELECT COUNT(*) FROM {table}"), TestCaravan.Cancel);

    private static Task FillKeysAsync(OrderWorld world, int count) => world.Caravan.Store.WriteAsync(
        tx => tx.ExecuteAsync("INSERT INTO idempotency_keys (tenant, key, request_hash, status, location, body, at) VALUES (@Id, @key, @hash, 201, NULL, '{}', @Now)", Enumerable.Range(0, count).Select(n => new { world.Chain.Id, key = $"many {n}", hash = new byte[] { 1 }, tx.Now })),
        TestCaravan.Cancel);
}
