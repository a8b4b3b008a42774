using Caravan.Orders;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Fulfilment;

public sealed class HandingOverTests
{
    [Fact]
    public async Task What_is_packed_in_the_stations_own_building_is_handed_over_there_against_the_code()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var list = await world.StationListAsync("near");
        var code = (await world.OrderAsync("1")).ProofCode;

        var early = await world.Logistics.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:handOver", new { code });
        await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 1, quantity = 1 });
        await FulfilmentWorld.ActAsync(world.Chain, list, "pack");
        var jobs = await world.Chain.FetchAsync("/v1/jobs");
        var done = await FulfilmentWorld.ActAsync(world.Logistics, list, "handOver", new { code });
        var again = await world.Logistics.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:handOver", new { code });

        Assert.Equal(409, early.Status);
        Assert.Equal(0, jobs.Body.GetProperty("items").GetArrayLength()); // The customer walks in: nobody carries it.
        Assert.Equal("handedOver", done.GetProperty("status").GetString());
        Assert.Equal(409, again.Status);
        Assert.Equal(LineStatus.Delivered, (await world.OrderAsync("1")).Status);
        Assert.Equal(0, (await world.Orders.CellAsync("chain", "tea", "near"))!.OnHand);
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_a_courier_brings_to_a_station_waits_there_for_the_customer()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var list = await world.StationListAsync("warehouse");
        var code = (await world.OrderAsync("1")).ProofCode;
        await FulfilmentWorld.ActAsync(world.Logistics, list, "pick", new { line = 1, quantity = 1 });
        await FulfilmentWorld.ActAsync(world.Logistics, list, "pack");
        var early = await world.Logistics.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:handOver", new { code });

        await world.CarryAsync(code);
        var there = await world.ListAsync(world.Logistics, "1", "atStation");
        var done = await FulfilmentWorld.ActAsync(world.Logistics, list, "handOver", new { code });

        Assert.Equal(409, early.Status);
        Assert.Equal("atStation", there.GetProperty("parcels")[0].GetProperty("status").GetString());
        Assert.Equal("handedOver", done.GetProperty("status").GetString());
        Assert.Equal(LineStatus.Delivered, (await world.OrderAsync("1")).Status);
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Five_wrong_codes_lock_it_until_somebody_says_why()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var list = await world.StationListAsync("near");
        var code = (await world.OrderAsync("1")).ProofCode;
        var path = $"{FulfilmentWorld.PathOf(list)}:handOver";
        await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 1, quantity = 1 });
        await FulfilmentWorld.ActAsync(world.Chain, list, "pack");

        var untried = await world.Chain.SubmitAsync(path, new { @override = "She showed her passport." });
        for (var left = 4; left >= 0; left--)
        {
            var wrong = await world.Chain.SubmitAsync(path, new { code = "no" }, key: $"wrong-{left}");
            var repeated = await world.Chain.SubmitAsync(path, new { code = "no" }, key: $"wrong-{left}");
            Assert.Equal(422, wrong.Status);
            Assert.Equal(left, wrong.Body.GetProperty("attemptsLeft").GetInt32());
            Assert.Equal(left, repeated.Body.GetProperty("attemptsLeft").GetInt32()); // The same attempt, sent twice.
        }

        var right = await world.Chain.SubmitAsync(path, new { code });
        var done = await FulfilmentWorld.ActAsync(world.Chain, list, "handOver", new { @override = "She showed her passport." });

        Assert.Equal("urn:caravan:problem:code-not-tried", untried.Body.GetProperty("type").GetString());
        Assert.Equal("urn:caravan:problem:code-locked", right.Body.GetProperty("type").GetString());
        Assert.Equal("handedOver", done.GetProperty("status").GetString());
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_parcel_for_the_door_is_not_handed_over_at_the_counter()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var list = await world.NearListAsync();
        await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 1, quantity = 2 });
        await FulfilmentWorld.ActAsync(world.Chain, list, "pack");

        var refused = await world.Chain.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:handOver", new { code = (await world.OrderAsync("1")).ProofCode });

        Assert.Equal(409, refused.Status);
        Assert.Equal("urn:caravan:problem:nothing-to-hand-over", refused.Body.GetProperty("type").GetString());
    }
}
