using System.Globalization;
using System.Text.Json;
using AngleSharp.Html.Dom;
using Caravan.Fulfilment;
using Caravan.Orders;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Fulfilment;

/// <summary>Lots seen by the picker, by the seller, and by who calls a lot back.</summary>
public sealed class LotPickTests
{
    [Fact]
    public async Task The_list_names_the_lot_that_expires_first_and_the_order_is_known_to_have_got_it()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await ReceiveAsync(world, ("LATER", 5, 9), ("SOON", 2, 3));
        await world.Orders.PlaceAsync("1", lines: FulfilmentWorld.Line("tea", 3));
        var list = await world.ListAsync(world.Chain, "1");

        var picked = await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 1, quantity = 3 });
        await FulfilmentWorld.ActAsync(world.Chain, list, "pack");
        await world.CarryAsync((await world.OrderAsync("1")).ProofCode);
        await world.UntilAsync(async () => (await world.OrderAsync("1")).Status == LineStatus.Delivered);
        var order = (await world.OrderAsync("1")).Id;
        var got = (await world.Chain.FetchAsync($"/v1/orders/{order}/lots")).Body.GetProperty("lots").EnumerateArray().ToList();
        var recall = (await world.Chain.FetchAsync($"/v1/lots/{await LotAsync(world, "LATER")}/orders")).Body.GetProperty("items");

        Assert.Equal(["SOON 2 False", "LATER 1 False"], Lots(list));
        Assert.Equal(["SOON 2 True", "LATER 1 True"], Lots(picked).Order().Reverse());
        Assert.Equal(2, got.Count);
        Assert.All(got, one => Assert.Equal(one.GetProperty("code").GetString() == "SOON" ? 2 : 1, one.GetProperty("shipped").GetInt32()));
        Assert.Equal((order.ToString(), 1), (Assert.Single(recall.EnumerateArray()).GetProperty("order").GetString(), recall[0].GetProperty("shipped").GetInt32()));
        Assert.Equal(404, (await world.Stranger.FetchAsync($"/v1/orders/{order}/lots")).Status);
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_lot_in_hand_may_be_another_but_not_one_that_is_held_or_too_old()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await ReceiveAsync(world, ("A", 5, 3), ("B", 5, 9), ("OLD", 5, 0), ("HELD", 5, 9));
        await world.Orders.PlaceAsync("1", lines: FulfilmentWorld.Line("tea", 3));
        var list = await world.ListAsync(world.Chain, "1");
        Assert.Equal(200, (await world.Chain.SubmitAsync($"/v1/lots/{await LotAsync(world, "HELD")}:hold", new { reason = "recall" })).Status);
        world.Caravan.Clock.Advance(TimeSpan.FromHours(15)); // Past midnight there.

        var held = await PickAsync("HELD");
        var old = await PickAsync("OLD");
        var unknown = await PickAsync("NONE");
        var other = await PickAsync("B");
        var recall = (await world.Chain.FetchAsync($"/v1/lots/{await LotAsync(world, "B")}/orders")).Body.GetProperty("items");

        Assert.Equal([(409, "lot-held"), (409, "lot-expired"), (409, "lot-unknown"), (200, null)], new[] { held, old, unknown, other }.Select(one => (one.Status, one.Body.TryGetProperty("type", out var type) ? type.GetString()!["urn:caravan:problem:".Length..] : null)));
        Assert.Equal(1, Assert.Single(recall.EnumerateArray()).GetProperty("passedOver").GetInt32());
        Assert.Equal(2, other.Body.GetProperty("lines")[0].GetProperty("left").GetInt32());
        await world.Orders.AssertBooksAgreeAsync();

        Task<(int Status, JsonElement Body, HttpResponseMessage Response)> PickAsync(string lot) => world.Chain.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:pick", new { line = 1, quantity = 1, lot });
    }

    [Fact]
    public async Task A_scanned_pack_tells_its_lot_and_what_is_called_off_goes_back_to_it()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await ReceiveAsync(world, ("A", 5, 3), ("B", 5, 9));
        await world.Orders.PlaceAsync("1", lines: FulfilmentWorld.Line("tea", 2));
        var list = await world.ListAsync(world.Chain, "1");

        await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { code = "]d2010290000000001817290101" + "10B", quantity = 2 });
        var inTote = await world.Chain.FetchAsync($"/v1/lots/{await LotAsync(world, "B")}");
        Assert.Equal(200, (await world.Chain.SubmitAsync($"/v1/orders/{(await world.OrderAsync("1")).Id}:cancel", new { })).Status);
        var back = await world.Chain.FetchAsync($"/v1/lots/{await LotAsync(world, "B")}");

        Assert.Equal((2, 0), (inTote.Body.GetProperty("picked").GetInt32(), back.Body.GetProperty("picked").GetInt32()));
        Assert.Equal(5, back.Body.GetProperty("onHand").GetInt32());
        Assert.Equal(0, (await world.Chain.FetchAsync($"/v1/lots/{await LotAsync(world, "B")}/orders")).Body.GetProperty("items").GetArrayLength());
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Orders_on_a_lot_that_is_called_back_are_sourced_elsewhere_and_what_cannot_go_stays_on_the_book()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await ReceiveAsync(world, ("A", 3, 3));
        await world.Orders.PlaceAsync("1", lines: FulfilmentWorld.Line("tea", 2));
        await world.Orders.PlaceAsync("2", lines: FulfilmentWorld.Line("tea", 1));
        var list = await world.ListAsync(world.Chain, "1");
        await world.ListAsync(world.Chain, "2");
        await world.Orders.ReceiveAsync("chain", "tea", "mid", 1);

        Assert.Equal(200, (await world.Chain.SubmitAsync($"/v1/lots/{await LotAsync(world, "A")}:hold", new { reason = "recall" })).Status);
        var moved = await world.ListAsync(world.Chain, "2", location: "mid");
        var refused = await world.Chain.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:pick", new { line = 1, quantity = 2 });
        await FulfilmentWorld.ActAsync(world.Chain, list, "short", new { line = 1, quantity = 2 });

        Assert.Equal("waiting", moved.GetProperty("status").GetString());
        Assert.Equal((409, "urn:caravan:problem:no-lot-good"), (refused.Status, refused.Body.GetProperty("type").GetString()));
        var cell = (await world.Orders.CellAsync("chain", "tea", "near"))!;
        Assert.Equal((3, 0, 0), (cell.OnHand, cell.Reserved, cell.Sellable));
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task The_pages_show_the_lot_and_its_last_day_and_hold_and_let_go()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await ReceiveAsync(world, ("LOT-7", 3, 3));
        await world.Orders.PlaceAsync("1", lines: FulfilmentWorld.Line("tea", 2));
        var list = await world.ListAsync(world.Chain, "1");
        using var visitor = new PageVisitor(world.Caravan);
        await visitor.OpenAsync($"/picking/list/{list.GetProperty("id").GetString()}");
        await visitor.SubmitAsync("/sign-in", ("key", world.Orders.Chain.Key));
        var path = $"/operations/lots/{await LotAsync(world, "LOT-7")}";

        await visitor.OpenAsync($"/picking/list/{list.GetProperty("id").GetString()}");
        var picking = visitor.Text;
        await visitor.SubmitAsync((IHtmlFormElement)visitor.Page.QuerySelector("details form")!, ("lot", "LOT-7"), ("units", "1"));
        var picked = visitor.Text;
        await visitor.OpenAsync("/operations/lots");
        var lots = visitor.Text;
        await visitor.SubmitAsync($"{path}/hold", ("reason", "Recall"), ("note", "glass"));
        await visitor.OpenAsync("/operations/lots?held=true");
        var held = visitor.Text;
        await visitor.SubmitAsync($"{path}/release");
        await visitor.OpenAsync("/operations/lots?held=true");

        Assert.Contains("2 × lot LOT-7", picking, StringComparison.Ordinal);
        Assert.Contains("Picked 1 × tea", picked, StringComparison.Ordinal);
        Assert.Contains("LOT-7", lots, StringComparison.Ordinal);
        Assert.Contains("Held: recall", held, StringComparison.Ordinal);
        Assert.DoesNotContain("LOT-7", visitor.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("]d20102900000000018" + "17270101" + "10AB-1", "AB-1")]
    [InlineData("0102900000000018" + "10AB-1\u001d17270101", "AB-1")]
    [InlineData("0102900000000018" + "21SERIAL\u001d10X", "X")]
    [InlineData("0102900000000018", null)]
    [InlineData("0102900000000018" + "3103000500" + "10X", null)]
    [InlineData("02900000000018", null)]
    public void A_lot_is_read_off_an_element_string(string code, string? lot) => Assert.Equal(lot, ScannedCode.Of(code).Lot);

    private static async Task ReceiveAsync(FulfilmentWorld world, params (string Code, int Quantity, int Days)[] lots)
    {
        var today = DateOnly.FromDateTime(world.Orders.Now.ToOffset(TimeSpan.FromHours(8)).Date);
        var answer = await world.Chain.SubmitAsync("/v1/stock/receipts", new
        {
            location = world.Node("near"),
            cause = "note",
            lines = new[] { new { sku = "tea", quantity = lots.Sum(lot => lot.Quantity), lots = lots.Select(lot => new { code = lot.Code, quantity = lot.Quantity, expiresOn = today.AddDays(lot.Days).ToString("O", CultureInfo.InvariantCulture) }) } },
        });
        Assert.True(answer.Status == 200, answer.Body.ToString());
    }

    private static async Task<string> LotAsync(FulfilmentWorld world, string code) =>
        (await world.Chain.FetchAsync("/v1/lots")).Body.GetProperty("items").EnumerateArray().First(lot => lot.GetProperty("code").GetString() == code).GetProperty("id").GetString()!;

    private static IEnumerable<string> Lots(JsonElement list) =>
        list.GetProperty("lines")[0].GetProperty("lots").EnumerateArray().Select(lot => $"{lot.GetProperty("lot").GetString()} {lot.GetProperty("quantity").GetInt32()} {lot.GetProperty("isPicked").GetBoolean()}");
}
