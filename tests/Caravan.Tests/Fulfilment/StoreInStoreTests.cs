using System.Text.Json;
using Caravan.Catalog;
using Caravan.Orders;
using Caravan.Stock;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Fulfilment;

/// <summary>A guest's shop inside a host's store: its own goods, its own stock, and the host's people where they have agreed to it.</summary>
public sealed class StoreInStoreTests
{
    [Fact]
    public async Task A_shop_stands_in_anothers_store_by_agreement_only()
    {
        await using var world = await FulfilmentWorld.StartAsync();

        var uninvited = await PutShopAsync(world);
        var granted = await GrantAsync(world, "host");
        var invited = await PutShopAsync(world);
        var nowhere = await PutShopAsync(world, hostedIn: "loc_01m6fj4z80ewabtdg56sw4kddv");

        Assert.Equal((400, "#/hostedIn"), (uninvited.Status, uninvited.Body.GetProperty("errors")[0].GetProperty("pointer").GetString()));
        Assert.Equal((200, 400), (invited.Status, nowhere.Status));
        Assert.NotEmpty(granted);
    }

    [Fact]
    public async Task The_hosts_people_pick_for_the_guest_while_an_agreement_says_so_and_the_guests_own_people_otherwise()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await OpenShopAsync(world);

        await PlaceAsync(world, "1");
        var own = await world.ListAsync(world.Stranger, "1");
        var agreement = await GrantAsync(world, "pick");
        await PlaceAsync(world, "2");
        var hosts = await world.ListAsync(world.Chain, "2");
        var queue = await world.Chain.FetchAsync($"/v1/pick-lists?location={hosts.GetProperty("location").GetString()}");
        await FulfilmentWorld.ActAsync(world.Chain, hosts, "pick", new { line = 1, quantity = 1 });
        var packed = await FulfilmentWorld.ActAsync(world.Chain, hosts, "pack");
        Assert.Equal(204, (await world.Chain.SendAsync(HttpMethod.Delete, $"/v1/agreements/{agreement}", key: "revoke")).Status);
        await PlaceAsync(world, "3");
        var again = await world.ListAsync(world.Stranger, "3");

        Assert.Equal("packed", packed.GetProperty("status").GetString());
        Assert.Equal("2", Assert.Single(queue.Body.GetProperty("items").EnumerateArray()).GetProperty("orderNumber").GetString());
        Assert.Equal(404, (await world.Chain.FetchAsync(FulfilmentWorld.PathOf(own))).Status);
        Assert.Equal(404, (await world.Stranger.FetchAsync(FulfilmentWorld.PathOf(hosts))).Status);
        Assert.Equal(404, (await world.Logistics.FetchAsync($"/v1/pick-lists?location={hosts.GetProperty("location").GetString()}")).Status);
        Assert.Equal(world.Orders.Stranger.Id.ToString(), again.GetProperty("operator").GetString());
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task The_hosts_pickers_see_the_guests_shop_among_their_places()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await OpenShopAsync(world);
        await GrantAsync(world, "pick");
        await PlaceAsync(world, "1");
        var list = await world.ListAsync(world.Chain, "1");
        using var picker = new PageVisitor(world.Caravan);
        await picker.OpenAsync("/picking");
        await picker.SubmitAsync("/sign-in", ("key", world.Orders.Chain.Key));

        await picker.OpenAsync("/picking");
        var places = picker.Text;
        await picker.OpenAsync($"/picking/{list.GetProperty("location").GetString()}");

        Assert.Contains("Silks in the near one", places, StringComparison.Ordinal);
        Assert.NotNull(picker.Page.QuerySelector($"a[href='/picking/list/{list.GetProperty("id").GetString()}']"));
    }

    private static async Task OpenShopAsync(FulfilmentWorld world)
    {
        await GrantAsync(world, "host");
        await GrantAsync(world, "ship");
        var shop = await PutShopAsync(world);
        Assert.True(shop.Status == 200, shop.Body.ToString());
        Assert.Equal(200, (await world.Stranger.ReplaceAsync("/v1/items", new { items = new[] { new { sku = "silk", name = "silk", weightGrams = 200, price = new { amount = 9_900, currency = "CNY" } } } })).Status);
        await world.Caravan.Store.WriteAsync(
            async tx =>
            {
                var item = Assert.Single(await world.Caravan.Services.GetRequiredService<ItemCatalog>().BySkuAsync(tx, world.Orders.Stranger.Id, ["silk"]));
                await world.Orders.Stock.ReceiveAsync(tx, [new StockTake(world.Orders.Stranger.Id, item.Id, LocationId.Parse(shop.Body.GetProperty("id").GetString()!, null), 9)], "opening");
            },
            TestCaravan.Cancel);
    }

    private static Task<(int Status, JsonElement Body, HttpResponseMessage Response)> PutShopAsync(FulfilmentWorld world, string? hostedIn = null) => world.Stranger.ReplaceAsync("/v1/locations", new
    {
        code = "silks",
        name = "Silks in the near one",
        kind = "store",
        hostedIn = hostedIn ?? world.Node("near"),
        region = "bj",
        point = new { latitude = OrderWorld.North(1_000).Latitude, longitude = OrderWorld.Customer.Longitude },
        timeZone = "Asia/Shanghai",
        hours = Enumerable.Repeat(new[] { "07:00-23:00" }, 7),
        throughputPerHour = 20,
        handlingMinutes = 10,
        withinHourMetres = 5_000,
        temperatureClasses = new[] { "ambient" },
    });

    private static async Task<string> GrantAsync(FulfilmentWorld world, string kind)
    {
        var granted = await world.Chain.SubmitAsync("/v1/agreements", new { grantee = world.Orders.Stranger.Id.ToString(), kind });
        Assert.True(granted.Status == 201, granted.Body.ToString());
        return granted.Body.GetProperty("id").GetString()!;
    }

    private static async Task PlaceAsync(FulfilmentWorld world, string number)
    {
        var placed = await world.Stranger.SubmitAsync("/v1/orders", OrderWorld.OrderBody(number, lines: FulfilmentWorld.Line("silk", 1)), key: $"guest-{number}");
        Assert.True(placed.Status == 201, placed.Body.ToString());
    }
}
