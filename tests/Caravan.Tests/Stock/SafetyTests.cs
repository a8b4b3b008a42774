using Caravan.Network;
using Caravan.Platform.Storage;
using Caravan.Stock;
using Caravan.Tests.Platform;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Stock;

/// <summary>Safety stock: how much is kept back of a cell, by rules, feeds and what is on hand.</summary>
public sealed class SafetyTests
{
    [Fact]
    public async Task A_share_of_on_hand_is_kept_back_rounded_up_whatever_happens_to_the_cell()
    {
        await using var world = await StockWorld.StartAsync();
        await PutAsync(world, new { sku = "A00", percent = 10 });

        // A tenth of 11, rounded up: 2. Of 31: 4. Of 29 (two left): 3. Of 7: 1. Of 30 (a feed says so): 3.
        await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, [world.Take("A00", "S1", 11)], "first"));
        Assert.Equal((11, 2, 9), await CellAsync(world, "A00", "S1"));
        await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, [world.Take("A00", "S1", 20)], "second"));
        Assert.Equal((31, 4, 27), await CellAsync(world, "A00", "S1"));
        await world.ReserveAsync("order", world.Take("A00", "S1", 2));
        await world.WriteAsync(tx => world.Book.ShipAsync(tx, [world.Take("A00", "S1", 2)], "order"));
        Assert.Equal((29, 3, 26), await CellAsync(world, "A00", "S1"));
        await world.Http.SubmitAsync("/v1/stock/adjustments", new { location = world.Places["S1"].ToString(), cause = "sheet", lines = new[] { new { sku = "A00", counted = 7 } } });
        Assert.Equal((7, 1, 6), await CellAsync(world, "A00", "S1"));
        var feed = await world.AddFeedAsync();
        await world.SnapshotAsync(feed, world.Now, ("S1", "A00", 30), ("S2", "A00", 5));
        Assert.Equal((30, 3, 27), await CellAsync(world, "A00", "S1"));
        Assert.Equal((5, 1, 4), await CellAsync(world, "A00", "S2"));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task The_larger_of_a_rule_and_a_feeds_buffer_holds_and_either_may_change()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync(new { name = "wms", itemCodes = "sku", breakerPercent = 100, buffer = 3 });
        await world.SnapshotAsync(feed, world.Now, ("S1", "A00", 20));
        Assert.Equal((20, 3, 17), await CellAsync(world, "A00", "S1"));

        await PutAsync(world, new { units = 5 });
        Assert.Equal((20, 5, 15), await CellAsync(world, "A00", "S1"));
        await world.Http.SendAsync(HttpMethod.Patch, feed, new { buffer = 8 });
        Assert.Equal((20, 8, 12), await CellAsync(world, "A00", "S1"));
        await world.Http.SendAsync(HttpMethod.Patch, feed, new { buffer = 0 });
        Assert.Equal((20, 5, 15), await CellAsync(world, "A00", "S1"));
        var rule = (await world.Http.FetchAsync("/v1/stock/safety-rules")).Body.GetProperty("items")[0].GetProperty("id").GetString();
        var removed = await world.Http.SendAsync(HttpMethod.Delete, $"/v1/stock/safety-rules/{rule}");
        var again = await world.Http.SendAsync(HttpMethod.Delete, $"/v1/stock/safety-rules/{rule}");
        await SweepAsync(world);

        Assert.Equal((204, 404), (removed.Status, again.Status));
        Assert.Equal((20, 0, 20), await CellAsync(world, "A00", "S1"));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task A_rule_for_all_reaches_every_cell_piece_by_piece_and_the_copies_in_memory()
    {
        await using var world = await StockWorld.StartAsync();
        // More cells than two pieces of 200: thirty items at three stores, and 400 more items at one.
        var items = Enumerable.Range(0, 400).Select(n => new { sku = $"B{n:000}", name = "b", weightGrams = 1, price = new { amount = 1, currency = "CNY" } });
        Assert.Equal(200, (await world.Http.ReplaceAsync("/v1/items", new { items })).Status);
        var feed = await world.AddFeedAsync();
        await world.SnapshotAsync(feed, world.Now, [.. Enumerable.Range(0, 400).Select(n => ("S1", $"B{n:000}", (object?)10)), .. Enumerable.Range(0, 29).Select(n => ("S2", StockWorld.Sku(n), (object?)10))]);
        await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, [world.Take("A00", "S1", 10)], "r"));
        var remembered = await ShelfAsync(world, "A00");

        await PutAsync(world, new { units = 4 });

        Assert.Equal(10, remembered);
        Assert.Equal(6, await ShelfAsync(world, "A00"));
        Assert.Equal(0, await world.Caravan.Store.ReadAsync(db => db.ValueAsync<int>("SELECT COUNT(*) FROM stock_cells WHERE buffer <> 4 OR sellable <> 6"), TestCaravan.Cancel));
        Assert.Equal(430, await world.Caravan.Store.ReadAsync(db => db.ValueAsync<int>("SELECT COUNT(*) FROM stock_cells"), TestCaravan.Cancel));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task A_rule_by_category_follows_items_that_change_theirs()
    {
        await using var world = await StockWorld.StartAsync();
        await world.WriteAsync(tx => world.Book.ReceiveAsync(tx, [world.Take("A00", "S1", 10), world.Take("A01", "S1", 10)], "r"));
        await PutAsync(world, new { category = "toys", units = 4 }, new { kind = "store", units = 1 });
        Assert.Equal((10, 1, 9), await CellAsync(world, "A00", "S1"));

        await world.Http.ReplaceAsync("/v1/items", new { items = new[] { new { sku = "A00", name = "A00", category = "toys", weightGrams = 500, price = new { amount = 100, currency = "CNY" } } } });
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(11));
        await SweepAsync(world);

        Assert.Equal((10, 4, 6), await CellAsync(world, "A00", "S1"));
        Assert.Equal((10, 1, 9), await CellAsync(world, "A01", "S1"));
    }

    [Fact]
    public async Task Orders_take_nothing_of_what_a_rule_keeps_back()
    {
        await using var world = await Orders.OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 10);
        Assert.Equal(200, (await world.Chain.Http.ReplaceAsync("/v1/stock/safety-rules", new { rules = new[] { new { sku = "tea", percent = 50 } } })).Status);
        await world.Caravan.Services.GetRequiredService<SafetySweeper>().RunOnceAsync(TestCaravan.Cancel);

        var orders = await Task.WhenAll(Enumerable.Range(0, 10).Select(n => world.Chain.Http.SubmitAsync("/v1/orders", Orders.OrderWorld.OrderBody($"{n}"), key: $"{n}")));

        Assert.True((5, 5) == (orders.Count(order => order.Status == 201), orders.Count(order => order.Status == 409)), string.Join("\n", orders.Select(order => order.Body)));
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_is_wrong_with_a_rule_is_named()
    {
        await using var world = await StockWorld.StartAsync();

        var bad = await world.Http.ReplaceAsync("/v1/stock/safety-rules", new
        {
            rules = new object[]
            {
                new { sku = "A00", category = "toys", units = 1 },
                new { location = world.Places["S1"].ToString(), kind = "store", units = 1 },
                new { units = 1, percent = 1 },
                new { percent = 101 },
                new { units = -1 },
            },
        });
        var unknown = await world.Http.ReplaceAsync("/v1/stock/safety-rules", new
        {
            rules = new object[] { new { sku = "none", units = 1 }, new { location = world.StrangersPlace.ToString(), units = 1 }, new { sku = "A00", units = 1 }, new { item = world.Items["A00"].ToString(), units = 2 } },
        });

        Assert.Equal(["#/rules/0/item", "#/rules/1/location", "#/rules/2/units", "#/rules/3/percent", "#/rules/4/units"], bad.Body.Faults());
        Assert.Equal(["#/rules/0/sku", "#/rules/1/location", "#/rules/3"], unknown.Body.Faults());
        Assert.Empty((await world.Http.FetchAsync("/v1/stock/safety-rules")).Body.GetProperty("items").EnumerateArray());
    }

    [Fact]
    [Trait("Store", "once")]
    public void The_most_specific_rule_is_found_whatever_their_order()
    {
        ItemId[] items = [new(Guid.NewGuid()), new(Guid.NewGuid())];
        LocationId[] places = [new(Guid.NewGuid()), new(Guid.NewGuid())];
        var scopes = (
            from what in Enumerable.Range(0, 5)
            from place in Enumerable.Range(0, 5)
            select new SafetyScope(what is 1 or 2 ? items[what - 1] : null, what is 3 or 4 ? $"c{what}" : null, place is 1 or 2 ? places[place - 1] : null, place is 3 ? LocationKind.Store : place is 4 ? LocationKind.Warehouse : null)).ToList();
        var gen = Gen.Shuffle(scopes.ToArray()).SelectMany(all => Gen.Choose(0, all.Length).Select(count => all[..count])).Select(some => some.Select((scope, i) => new SafetyRule(default, scope, i + 1, 0)).ToList());

        Prop.ForAll(gen.ToArbitrary(), rules =>
        {
            foreach (var item in items)
            {
                foreach (var place in places)
                {
                    var subject = new SafetySubject(item, item == items[0] ? "c3" : "c4", place, place == places[0] ? LocationKind.Store : LocationKind.Hub);

                    // By hand: the nine kinds of rule, the most specific first; of each kind at most one covers the cell.
                    var expected = Enumerable.Range(0, 9).Select(rank => rules.Find(rule =>
                        IsOf(rule.Scope, rank)
                        && (rule.Scope.Item ?? item) == item && (rule.Scope.Category ?? subject.Category) == subject.Category
                        && (rule.Scope.Location ?? place) == place && (rule.Scope.Kind ?? subject.Kind) == subject.Kind)).FirstOrDefault(rule => rule is not null);
                    if (SafetyRule.For(rules, subject).Units != (expected?.Units ?? 0))
                        return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

        static bool IsOf(SafetyScope scope, int rank) => rank switch
        {
            0 => scope is { Item: not null, Location: not null },
            1 => scope is { Item: not null, Kind: not null },
            2 => scope is { Item: not null, Location: null, Kind: null },
            3 => scope is { Category: not null, Location: not null },
            4 => scope is { Category: not null, Kind: not null },
            5 => scope is { Category: not null, Location: null, Kind: null },
            6 => scope is { Item: null, Category: null, Location: not null },
            7 => scope is { Item: null, Category: null, Kind: not null },
            _ => scope is { Item: null, Category: null, Location: null, Kind: null },
        };
    }

    [Fact]
    [Trait("Store", "once")]
    public void What_is_kept_back_never_shrinks_as_more_is_there_and_never_tops_the_shelf_by_its_share()
    {
        var gen = from feed in Gen.Choose(0, 50) from units in Gen.Choose(0, 50) from percent in Gen.Choose(0, 100) from onHand in Gen.Choose(0, 1_000_000_000) select (Safety: new Safety(feed, units, percent), OnHand: onHand);

        Prop.ForAll(gen.ToArbitrary(), one =>
            one.Safety.Of(one.OnHand) <= one.Safety.Of(Math.Min(1_000_000_000, one.OnHand + 1))
            && one.Safety.Of(one.OnHand) >= Math.Max(one.Safety.FeedUnits, one.Safety.Units)
            && (decimal)one.Safety.Of(one.OnHand) >= one.OnHand * (decimal)one.Safety.Percent / 100
            && new Safety(0, 0, one.Safety.Percent).Of(one.OnHand) <= one.OnHand).QuickCheckThrowOnFailure();
    }

    private static async Task PutAsync(StockWorld world, params object[] rules)
    {
        var answer = await world.Http.ReplaceAsync("/v1/stock/safety-rules", new { rules });
        Assert.True(answer.Status == 200, answer.Body.ToString());
        await SweepAsync(world);
    }

    private static Task SweepAsync(StockWorld world) => world.Caravan.Services.GetRequiredService<SafetySweeper>().RunOnceAsync(TestCaravan.Cancel);

    private static async Task<(int OnHand, int Buffer, int Sellable)> CellAsync(StockWorld world, string sku, string place)
    {
        var cell = (await world.Http.FetchAsync($"/v1/stock?item={world.Items[sku]}&location={world.Places[place]}")).Body.GetProperty("items")[0];
        return (cell.GetProperty("onHand").GetInt32(), cell.GetProperty("buffer").GetInt32(), cell.GetProperty("sellable").GetInt32());
    }

    private static async Task<int> ShelfAsync(StockWorld world, string sku) =>
        (await world.Caravan.Store.ReadAsync(async db => await world.Book.ShelvesAsync(db, [(world.Owner, world.Items[sku])]), TestCaravan.Cancel)).Single() is var shelf
            ? Enumerable.Range(0, shelf.Count).Where(i => shelf.LocationAt(i) == world.Places["S1"]).Sum(shelf.SellableAt)
            : 0;
}
