using Caravan.Stock;
using Caravan.Stock.Lots;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Stock.Lots;

public sealed class LotTests
{
    [Fact]
    public async Task What_came_by_lot_is_listed_by_its_last_day_and_a_note_counts_once()
    {
        await using var world = await StockWorld.StartAsync();
        foreach (var _ in Enumerable.Range(0, 2))
            Assert.Equal(200, (await world.ReceiveLotsAsync("A00", "S1", "note 1", 10, world.Lot("L2", 4, 9), world.Lot("L1", 3, 2))).Status);

        var all = (await world.Http.FetchAsync($"/v1/lots?item={world.Items["A00"]}&limit=1")).Body;
        var next = (await world.Http.FetchAsync($"/v1/lots?item={world.Items["A00"]}&limit=1&cursor={Uri.EscapeDataString(all.GetProperty("next").GetString()!)}")).Body;
        var soon = (await world.Http.FetchAsync($"/v1/lots?expiresBefore={world.Day(5):O}")).Body;
        var others = (await world.Stranger.FetchAsync("/v1/lots")).Body;

        Assert.Equal(("L1", 3), (all.GetProperty("items")[0].GetProperty("code").GetString(), all.GetProperty("items")[0].GetProperty("onHand").GetInt32()));
        Assert.Equal("L2", next.GetProperty("items")[0].GetProperty("code").GetString());
        Assert.Equal(1, soon.GetProperty("items").GetArrayLength());
        Assert.Equal(0, others.GetProperty("items").GetArrayLength());
        Assert.Equal((10, 10), (await world.OnHandAsync("A00", "S1"), await world.SellableAsync("A00", "S1"))); // 3 of them have no lot.
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task A_hold_takes_what_is_on_the_shelf_from_what_may_be_sold_at_once_and_gives_it_back()
    {
        await using var world = await StockWorld.StartAsync();
        await world.ReceiveLotsAsync("A00", "S1", "note 1", 10, world.Lot("L1", 6, 9));
        var take = world.Take("A00", "S1", 2);
        await world.ReserveAsync("ful_1", take);
        Assert.Null(await world.PickAsync(take, world.Claim(world.NewFulfilment())));

        var lot = (await world.LotsAsync("A00", "S1"))["L1"];
        var held = await world.ActAsync(lot, "hold", new { reason = "recall", note = "glass" });
        var again = await world.ActAsync(lot, "hold", new { reason = "recall", note = "glass" });
        var whileHeld = await world.SellableAsync("A00", "S1");
        await world.ActAsync(lot, "release");

        // 6 are of the lot, 2 of them in a tote: 4 are held. 10 − 2 reserved − 4.
        Assert.Equal((4, "recall"), (held.GetProperty("lots")[0].GetProperty("held").GetInt32(), held.GetProperty("lots")[0].GetProperty("hold").GetProperty("reason").GetString()));
        Assert.Equal(held.ToString(), again.ToString());
        Assert.Equal((4, 8), (whileHeld, await world.SellableAsync("A00", "S1")));
        Assert.Equal(2, await world.CountAsync("SELECT COUNT(*) FROM stock_movements WHERE kind = 'Hold'"));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task A_hold_everywhere_is_on_the_code_wherever_it_lies_and_where_it_comes_to_later()
    {
        await using var world = await StockWorld.StartAsync();
        foreach (var place in (string[])["S1", "S2"])
            await world.ReceiveLotsAsync("A00", place, "note", 5, world.Lot("L1", 5, 9));

        await world.ActAsync((await world.LotsAsync("A00", "S1"))["L1"], "hold", new { reason = "recall", everywhere = true });
        await world.ReceiveLotsAsync("A00", "S3", "note", 5, world.Lot("L1", 5));
        var held = await Task.WhenAll(((string[])["S1", "S2", "S3"]).Select(place => world.SellableAsync("A00", place)));
        await world.ActAsync((await world.LotsAsync("A00", "S3"))["L1"], "release", new { everywhere = true });
        var free = await Task.WhenAll(((string[])["S1", "S2", "S3"]).Select(place => world.SellableAsync("A00", place)));

        Assert.Equal([0, 0, 0], held);
        Assert.Equal([5, 5, 5], free);
        Assert.Equal(world.Day(9), (await world.LotsAsync("A00", "S3"))["L1"].ExpiresOn); // Known from the other stores.
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task What_is_held_under_reservations_is_a_shortfall_and_no_longer_when_it_is_let_go()
    {
        await using var world = await StockWorld.StartAsync();
        await world.ReceiveLotsAsync("A00", "S1", "note", 10, world.Lot("L1", 7, 9));
        await world.ReserveAsync("ful_1", world.Take("A00", "S1", 8));
        var lot = (await world.LotsAsync("A00", "S1"))["L1"];

        await world.ActAsync(lot, "hold", new { reason = "quality" });
        var shortfall = (await world.Http.FetchAsync("/v1/stock/shortfalls")).Body.GetProperty("items");
        await world.ActAsync(lot, "release");

        // 8 are promised and 3 may be given out.
        Assert.Equal(5, Assert.Single(shortfall.EnumerateArray()).GetProperty("quantity").GetInt32());
        Assert.Equal(1, await world.CountAsync("SELECT COUNT(*) FROM outbox WHERE type = 'stock.shortfall'"));
        Assert.Equal(0, await world.CountAsync("SELECT COUNT(*) FROM stock_shortfalls"));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task A_lot_whose_time_is_over_is_taken_out_once_whoever_looks()
    {
        await using var world = await StockWorld.StartAsync();
        await world.ReceiveLotsAsync("A00", "S1", "note", 30, [.. Enumerable.Range(0, 10).Select(n => world.Lot($"L{n}", 2, 1)), world.Lot("LATER", 5, 3)]);
        var other = ActivatorUtilities.CreateInstance<LotExpiry>(world.Caravan.Services);

        world.Caravan.Clock.Advance(TimeSpan.FromDays(2));
        var both = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => n % 2 == 0 ? world.ExpireAsync() : other.RunOnceAsync(isRecheck: false, TestCaravan.Cancel)));

        // The service's own round may have been quicker with some.
        Assert.InRange(both.Sum(), 0, 10);
        Assert.Equal(10, await world.CountAsync("SELECT COUNT(*) FROM stock_movements WHERE kind = 'Hold'"));
        Assert.Equal(10, await world.SellableAsync("A00", "S1"));
        Assert.Equal(0, await world.ExpireAsync());
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task What_is_too_old_is_neither_picked_nor_sent_whether_it_is_settled_yet_or_not()
    {
        await using var world = await StockWorld.StartAsync();
        await world.ReceiveLotsAsync("A00", "S1", "note", 6, world.Lot("OLD", 5, 1));
        await world.ReserveAsync("ful_1", world.Take("A00", "S1", 2));
        world.Caravan.Clock.Advance(TimeSpan.FromDays(2));

        var picked = await world.PickAsync(world.Take("A00", "S1", 2), world.Claim(world.NewFulfilment()));
        var sent = await world.Http.SubmitAsync("/v1/stock/transfers", new { from = world.Places["S1"].ToString(), to = world.Places["S2"].ToString(), reference = "T-1", lines = new[] { new { sku = "A00", quantity = 2 } } });
        await world.ExpireAsync();

        // One unit has no lot: it may go, and nothing else.
        Assert.Equal((LotFault.NoneGood, 1), (picked!.Fault, picked.Left));
        Assert.Equal(409, sent.Status);
        Assert.Equal(5, (await world.LotsAsync("A00", "S1"))["OLD"].OnHand);
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task An_item_that_must_have_days_left_ends_sooner_and_its_lots_follow_when_that_changes()
    {
        await using var world = await StockWorld.StartAsync();
        await world.PutItemAsync("A00", minimumShelfLifeDays: 3);
        await world.ReceiveLotsAsync("A00", "S1", "note", 9, world.Lot("L2", 4, 2), world.Lot("L3", 5, 3));
        var strict = await world.SellableAsync("A00", "S1");

        await world.PutItemAsync("A00", minimumShelfLifeDays: 0);
        await world.ExpireAsync(isRecheck: true);
        var loose = await world.SellableAsync("A00", "S1");
        await world.PutItemAsync("A00", minimumShelfLifeDays: 9);
        await world.ExpireAsync(isRecheck: true);

        Assert.Equal((5, 9, 0), (strict, loose, await world.SellableAsync("A00", "S1")));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task A_figure_without_lots_takes_what_has_expired_first_and_what_is_held_last()
    {
        await using var world = await StockWorld.StartAsync();
        await world.ReceiveLotsAsync("A00", "S1", "note", 12, world.Lot("OLD", 2, -1), world.Lot("SOON", 3, 2), world.Lot("LATER", 3, 9), world.Lot("HELD", 3, 1));
        await world.ActAsync((await world.LotsAsync("A00", "S1"))["HELD"], "hold", new { reason = "quarantine" });
        var feed = await world.AddFeedAsync();

        // One of the 12 had no lot: it goes first, then the 2 that have expired, then 2 of the next.
        Assert.Equal(200, (await world.SnapshotAsync(feed, world.Now, ("S1", "A00", 7))).Status);
        var left = (await world.LotsAsync("A00", "S1")).ToDictionary(lot => lot.Key, lot => lot.Value.OnHand);
        var sellable = await world.SellableAsync("A00", "S1");
        Assert.Equal(200, (await world.SnapshotAsync(feed, world.Now, ("S1", "A00", 2))).Status);

        Assert.Equal(new Dictionary<string, int> { ["SOON"] = 1, ["LATER"] = 3, ["HELD"] = 3 }, left);
        Assert.Equal(4, sellable);
        Assert.Equal(("HELD", 2), ((await world.LotsAsync("A00", "S1")).Single().Key, (await world.LotsAsync("A00", "S1")).Single().Value.OnHand));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task Counts_and_changes_are_of_lots_and_a_count_that_names_lots_is_of_all()
    {
        await using var world = await StockWorld.StartAsync();
        await world.ReceiveLotsAsync("A00", "S1", "note", 10, world.Lot("L1", 4, 2), world.Lot("L2", 4, 9));

        Assert.Equal(200, (await AdjustAsync("broken", new { sku = "A00", change = -3, lots = new[] { world.Lot("L2", -2) } })).Status);
        var changed = await StateAsync();
        var tooMany = await AdjustAsync("broken 2", new { sku = "A00", change = -5, lots = new[] { world.Lot("L2", -5) } });
        Assert.Equal(200, (await AdjustAsync("count", new { sku = "A00", counted = 6, lots = new[] { world.Lot("L2", 1), world.Lot("L3", 3, 20) } })).Status);

        Assert.Equal("7: L1 4, L2 2", changed);
        Assert.Equal(["#/lines/0/lots/0"], tooMany.Body.Faults());
        Assert.Equal("6: L2 1, L3 3", await StateAsync());
        Assert.Empty(await world.AuditAsync());

        Task<(int Status, System.Text.Json.JsonElement Body, HttpResponseMessage Response)> AdjustAsync(string cause, object line) =>
            world.Http.SubmitAsync("/v1/stock/adjustments", new { location = world.Places["S1"].ToString(), cause, lines = new[] { line } });

        async Task<string> StateAsync() => $"{await world.OnHandAsync("A00", "S1")}: {string.Join(", ", (await world.LotsAsync("A00", "S1")).Values.OrderBy(lot => lot.Code).Select(lot => $"{lot.Code} {lot.OnHand}"))}";
    }

    [Fact]
    public async Task A_transfer_takes_its_lots_along_with_their_days()
    {
        await using var world = await StockWorld.StartAsync();
        await world.ReceiveLotsAsync("A00", "S1", "note", 12, world.Lot("L1", 4, 2), world.Lot("L2", 4, 9), world.Lot("L3", 2, 9));
        await world.ActAsync((await world.LotsAsync("A00", "S1"))["L3"], "hold", new { reason = "quality" });

        var held = await SendAsync("T-0", 1, world.Lot("L3", 1));
        var named = await SendAsync("T-1", 3, world.Lot("L2", 3));
        var first = await SendAsync("T-2", 6);
        foreach (var sent in (System.Text.Json.JsonElement[])[named.Body, first.Body])
            Assert.Equal(200, (await world.Http.SubmitAsync($"/v1/stock/transfers/{sent.GetProperty("id").GetString()}:receive", new { cause = "came" })).Status);

        // Of 6 without a name 4 are L1, 1 is L2 and 1 had no lot.
        var there = await world.LotsAsync("A00", "S2");
        Assert.Equal((409, "urn:caravan:problem:lot-not-free"), (held.Status, held.Body.GetProperty("type").GetString()));
        Assert.Equal(2, first.Body.GetProperty("lines")[0].GetProperty("lots").GetArrayLength());
        Assert.Equal((4, 4, 9), (there["L1"].OnHand, there["L2"].OnHand, await world.OnHandAsync("A00", "S2")));
        Assert.Equal((world.Day(2), world.Day(9)), (there["L1"].ExpiresOn, there["L2"].ExpiresOn));
        Assert.Equal(["L3"], (await world.LotsAsync("A00", "S1")).Keys);
        Assert.Empty(await world.AuditAsync());

        Task<(int Status, System.Text.Json.JsonElement Body, HttpResponseMessage Response)> SendAsync(string reference, int quantity, params object[] lots) => world.Http.SubmitAsync(
            "/v1/stock/transfers",
            new { from = world.Places["S1"].ToString(), to = world.Places["S2"].ToString(), reference, lines = new[] { lots.Length == 0 ? (object)new { sku = "A00", quantity } : new { sku = "A00", quantity, lots } } });
    }

    [Fact]
    public async Task What_is_said_wrongly_of_lots_names_the_field()
    {
        await using var world = await StockWorld.StartAsync();
        await world.PutItemAsync("A01", isLotControlled: true);
        await world.ReceiveLotsAsync("A00", "S1", "note", 3, world.Lot("L1", 3, 2));

        Assert.Equal(["#/lines/0/lots"], (await world.ReceiveLotsAsync("A01", "S1", "n1", 3, world.Lot("L1", 2, 2))).Body.Faults());
        Assert.Equal(["#/lines/0/lots"], (await world.ReceiveLotsAsync("A00", "S1", "n2", 3, world.Lot("L1", 4, 2))).Body.Faults());
        Assert.Equal(["#/lines/0/lots/0/code"], (await world.ReceiveLotsAsync("A00", "S1", "n3", 3, world.Lot("L 1", 3, 2))).Body.Faults());
        Assert.Equal(["#/lines/0/lots/1/code"], (await world.ReceiveLotsAsync("A00", "S1", "n4", 3, world.Lot("L1", 1, 2), world.Lot("L1", 1, 2))).Body.Faults());
        Assert.Equal(["#/lines/0/lots/0"], (await world.ReceiveLotsAsync("A00", "S1", "n5", 3, world.Lot("L1", 1, 3))).Body.Faults());
        Assert.Equal(3, await world.OnHandAsync("A00", "S1"));
    }

    [Theory]
    [InlineData("UPDATE stock_lots SET on_hand = on_hand - 1 WHERE tenant = @owner", "lot L1 on hand")]
    [InlineData("UPDATE stock_lots SET picked = picked + 1 WHERE tenant = @owner", "lot L1 picked")]
    [InlineData("UPDATE stock_lots SET held = held + 1 WHERE tenant = @owner", "lot L1 held")]
    [InlineData("UPDATE stock_lots SET hold_reason = 'Recall' WHERE tenant = @owner", "lot L1 to hold")]
    [InlineData("UPDATE stock_lots SET on_hand = on_hand + 9, closed_on_hand = 9 WHERE tenant = @owner", "lots' on hand, at most")]
    [InlineData("DELETE FROM stock_lot_movements WHERE tenant = @owner AND kind = 'Receive'", "lot L1 on hand")]
    [InlineData("UPDATE stock_movements SET held_delta = held_delta + 1 WHERE tenant = @owner AND kind = 'Receive'", "held with lots")]
    [InlineData("UPDATE stock_cells SET has_lots = 0 WHERE tenant = @owner", "kept by lot")]
    public async Task The_audit_names_what_is_wrong_with_a_lot(string planted, string named)
    {
        await using var world = await StockWorld.StartAsync();
        await world.ReceiveLotsAsync("A00", "S1", "note", 8, world.Lot("L1", 5, 9));
        Assert.Empty(await world.AuditAsync());

        await world.RunSqlAsync(planted);

        Assert.Contains(await world.AuditAsync(), difference => difference.Contains($": {named} is", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Closed_days_stay_in_a_lots_sums_and_its_ledger_outlives_them()
    {
        await using var world = await StockWorld.StartAsync();
        await world.ReceiveLotsAsync("A00", "S1", "note", 8, world.Lot("L1", 5, 900));
        await world.ReserveAsync("ful_1", world.Take("A00", "S1", 2));
        var fulfilment = world.NewFulfilment();
        world.Caravan.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.PickAsync(world.Take("A00", "S1", 2), world.Claim(fulfilment));
        world.Caravan.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.WriteAsync(tx => world.Book.ShipAsync(tx, [world.Take("A00", "S1", 2)], "ship", world.Claim(fulfilment)));

        world.Caravan.Clock.Advance(TimeSpan.FromDays(8));
        await world.Caravan.Services.GetRequiredService<StockAuditor>().RunOnceAsync(isNow: true, TestCaravan.Cancel);
        var lot = (await world.LotsAsync("A00", "S1"))["L1"];
        await world.ActAsync(lot, "hold", new { reason = "recall" });
        world.Caravan.Clock.Advance(TimeSpan.FromDays(410));
        await world.Caravan.Services.GetRequiredService<StockAuditor>().RunOnceAsync(isNow: true, TestCaravan.Cancel);

        Assert.Equal(0, await world.CountAsync("SELECT COUNT(*) FROM stock_movements"));
        Assert.Equal(["hold", "ship", "pick", "receive"], (await world.Http.FetchAsync($"/v1/lots/{lot.Id}/movements")).Body.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("kind").GetString()));
        Assert.Equal(2, Assert.Single((await world.Http.FetchAsync($"/v1/lots/{lot.Id}/orders")).Body.GetProperty("items").EnumerateArray()).GetProperty("shipped").GetInt32());
        Assert.Empty(await world.AuditAsync());
    }
}
