using Caravan.Orders;
using Caravan.Tests.Fulfilment;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using static Caravan.Tests.Returns.ReturnsWorld;

namespace Caravan.Tests.Returns;

public sealed class ReturnTests
{
    [Fact]
    public async Task A_return_is_authorised_received_in_parts_graded_and_closed_and_stock_and_money_move_once()
    {
        await using var world = await StartAsync();
        await world.Orders.ReceiveAsync("chain", "tea", "near", 10);
        var order = await world.DeliverAsync("1", FulfilmentWorld.Line("tea", 3));

        var made = await world.AuthoriseAsync(order, Wish(1, 3, "damaged"));
        var sent = await ActAsync(world.Chain, made, "send", new { reference = "1Z999" });
        var one = await ActAsync(world.Chain, made, "receive", new { cause = "note 1", lines = new[] { new { line = 1, quantity = 1 } } });
        var held = await world.CellAsync("chain", "tea", "near");
        var all = await ActAsync(world.Chain, made, "receive", new { cause = "note 2" });
        var waiting = await world.CellAsync("chain", "tea", "near");
        var hold = await ActAsync(world.Chain, made, "grade", Judge("look 1", 1, 1, "opened", "hold"));
        var rest = await ActAsync(world.Chain, made, "grade", new { cause = "look 2", lines = new[] { new { line = 1, quantity = 1, grade = "new", disposition = "restock" }, new { line = 1, quantity = 1, grade = "damaged", disposition = "writeOff" } } });
        var graded = await world.CellAsync("chain", "tea", "near");
        var closed = await ActAsync(world.Chain, made, "grade", Judge("look 3", 1, 1, "opened", "restock", fromHold: true, release: new { by = "the shift lead", note = "only the outer box" }));

        // 10 came, 3 went: 7. One came back: 8 with 1 held; three: 10 with 3 held. One sold again, one written off: 9 with 1 held.
        Assert.Equal(["authorised", "inTransit", "partlyReceived", "received", "received", "graded", "closed"], new[] { made, sent, one, all, hold, rest, closed }.Select(State));
        Assert.Equal([(8, 1, 7), (10, 3, 7), (9, 1, 8), (9, 0, 9)], new[] { held, waiting, graded, await world.CellAsync("chain", "tea", "near") });
        Assert.Equal(3_600, closed.GetProperty("refund").GetProperty("amount").GetInt64());
        Assert.Equal([(1, 1_200L), (2, 2_400L)], (await world.RefundsAsync()).Select(due => (due.Refund.Quantity, due.Refund.Refund.Amount)));
        Assert.Equal("the shift lead", closed.GetProperty("judgements")[3].GetProperty("release").GetProperty("by").GetString());
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_is_kept_cold_and_medicines_are_sold_again_only_on_a_named_persons_word()
    {
        await using var world = await StartAsync();
        await world.Orders.ReceiveAsync("chain", "milk", "near", 4);
        await world.Orders.ReceiveAsync("chain", "tea", "near", 4);
        await world.ChangeItemAsync("tea", item => item with { Category = "Pharmacy" });
        var order = await world.DeliverAsync("1", FulfilmentWorld.Line("milk", 2), FulfilmentWorld.Line("tea", 1));
        var made = await world.AuthoriseAsync(order, Wish(1, 2), Wish(2, 1));
        await ActAsync(world.Chain, made, "receive", new { cause = "note" });

        var byItself = await TryAsync(world.Chain, made, "grade", Judge("a", 1, 1, "new", "restock"));
        var pill = await TryAsync(world.Chain, made, "grade", Judge("b", 2, 1, "new", "restock"));
        var spoiled = await TryAsync(world.Chain, made, "grade", Judge("c", 1, 1, "spoiled", "restock", release: new { by = "quality", note = "smells fine" }));
        var opened = await TryAsync(world.Chain, made, "grade", Judge("d", 1, 1, "opened", "restock", release: new { by = "quality", note = "smells fine" }));
        var before = await world.CellAsync("chain", "milk", "near");
        var released = await ActAsync(world.Chain, made, "grade", Judge("e", 1, 1, "new", "restock", release: new { by = "the pharmacist", note = "logger shows 4 °C throughout" }));
        await ActAsync(world.Chain, made, "grade", Judge("f", 1, 1, "spoiled", "writeOff"));
        await ActAsync(world.Chain, made, "grade", Judge("g", 2, 1, "new", "returnToOwner"));

        Assert.Equal([(409, "release-needed"), (409, "release-needed"), (409, "not-restockable"), (409, "not-restockable")], new[] { byItself, pill, spoiled, opened }.Select(one => (one.Status, Problem(one)!)));
        Assert.Equal((4, 2, 2), before);
        Assert.Equal(("the pharmacist", "logger shows 4 °C throughout"), (released.GetProperty("judgements")[0].GetProperty("release").GetProperty("by").GetString(), released.GetProperty("judgements")[0].GetProperty("release").GetProperty("note").GetString()));
        Assert.Equal(((3, 0, 3), (3, 0, 3)), (await world.CellAsync("chain", "milk", "near"), await world.CellAsync("chain", "tea", "near")));
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task No_more_comes_back_than_was_delivered_however_many_ask_at_once()
    {
        await using var world = await StartAsync();
        await world.Orders.ReceiveAsync("chain", "tea", "near", 5);
        var order = await world.DeliverAsync("1", FulfilmentWorld.Line("tea", 5));

        var asked = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => world.Chain.SubmitAsync(Api, new { order = order.Id.ToString(), lines = new[] { Wish(1, 2) } }, key: $"ask-{number}")));
        var made = asked.Where(one => one.Status == 201).Select(one => one.Body).ToList();
        var refused = asked.Where(one => one.Status != 201).ToList();
        await ActAsync(world.Chain, made[0], "cancel");
        await ActAsync(world.Chain, made[0], "cancel");
        var again = await world.AuthoriseAsync(order, Wish(1, 2));
        world.Caravan.Clock.Advance(TimeSpan.FromDays(31));
        var expired = (await world.Chain.FetchAsync($"{Api}?state=expired")).Body.GetProperty("items").EnumerateArray().ToList();
        var late = await TryAsync(world.Chain, again, "receive", new { cause = "late" });
        var afresh = await world.AuthoriseAsync(order, Wish(1, 5));

        Assert.Equal(2, made.Count); // 2 + 2 of 5; one is left, and each asks for two.
        Assert.All(refused, one => Assert.Equal((409, "more-than-delivered", 1), (one.Status, Problem(one)!, one.Body.GetProperty("returnable").GetInt32())));
        Assert.Equal(2, expired.Count);
        Assert.Equal((409, "return-over"), (late.Status, Problem(late)));
        Assert.Equal(["authorised"], (await world.Chain.FetchAsync($"{Api}?state=authorised")).Body.GetProperty("items").EnumerateArray().Select(State));
        Assert.Equal(afresh.GetProperty("id").GetString(), Assert.Single((await world.Chain.FetchAsync($"{Api}?code={afresh.GetProperty("code").GetString()!.ToLowerInvariant()}")).Body.GetProperty("items").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal((0, 0, 0), await world.CellAsync("chain", "tea", "near"));
    }

    [Fact]
    public async Task A_hundred_receipts_and_gradings_of_the_same_at_once_count_once()
    {
        await using var world = await StartAsync();
        await world.Orders.ReceiveAsync("chain", "tea", "near", 3);
        var order = await world.DeliverAsync("1", FulfilmentWorld.Line("tea", 3));
        var made = await world.AuthoriseAsync(order, Wish(1, 3));

        var receipt = new { cause = "note", lines = new[] { new { line = 1, quantity = 1 } } };
        var byKey = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => TryAsync(world.Chain, made, "receive", receipt, key: "the-same")));
        var byCause = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => TryAsync(world.Chain, made, "receive", receipt, key: $"receipt-{number}")));
        var once = await world.CellAsync("chain", "tea", "near");
        await ActAsync(world.Chain, made, "receive", new { cause = "note 2" });
        var whole = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => TryAsync(world.Chain, made, "receive", new { cause = "note 2" })));
        var graded = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => TryAsync(world.Chain, made, "grade", Judge("look", 1, 2, "new", "restock"), key: $"look-{number}")));

        Assert.All(byKey.Concat(byCause).Concat(whole).Concat(graded), one => Assert.Equal(200, one.Status));
        Assert.Equal((1, 1, 0), once);
        Assert.Equal((3, 1, 2), await world.CellAsync("chain", "tea", "near"));
        Assert.Equal(2_400, Assert.Single(await world.RefundsAsync()).Refund.Refund.Amount);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Goods_of_a_partners_stock_come_back_to_it_and_its_people_receive_and_grade_them()
    {
        await using var world = await StartAsync();
        await world.Orders.ReceiveAsync("logistics", "tea", "warehouse", 4);
        await world.Orders.PlaceAsync("1", "nextDay", FulfilmentWorld.Line("tea", 2));
        var order = await world.DeliverPlacedAsync("1");
        var made = await world.AuthoriseAsync(order, Wish(1, 2));

        var ours = await TryAsync(world.Chain, made, "receive", new { cause = "note" });
        await ActAsync(world.Logistics, made, "receive", new { cause = "note" });
        var theirMoney = await TryAsync(world.Logistics, made, "grade", Judge("a", 1, 2, "new", "restock", refund: new { percent = 0, reason = "worn" }));
        var theirCancel = await TryAsync(world.Logistics, made, "cancel");
        var done = await ActAsync(world.Logistics, made, "grade", Judge("b", 1, 2, "new", "restock"));

        Assert.Equal(world.Floor.Node("warehouse"), made.GetProperty("location").GetString());
        Assert.Equal([(409, "other-companys-act"), (409, "other-companys-act")], new[] { ours, theirCancel }.Select(one => (one.Status, Problem(one)!)));
        Assert.Equal((400, "#/lines/0/refund"), (theirMoney.Status, Assert.Single(theirMoney.Body.Faults())));
        Assert.Equal("closed", State(done));
        Assert.Equal((4, 0, 4), await world.CellAsync("logistics", "tea", "warehouse"));
        Assert.Equal(2_400, Assert.Single(await world.RefundsAsync()).Refund.Refund.Amount);
        Assert.Single((await world.Logistics.FetchAsync(Api)).Body.GetProperty("items").EnumerateArray());
        Assert.Equal(404, (await world.Floor.Stranger.FetchAsync($"{Api}/{made.GetProperty("id").GetString()}")).Status);
        Assert.Empty((await world.Floor.Stranger.FetchAsync(Api)).Body.GetProperty("items").EnumerateArray());
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_lot_comes_back_to_its_lot_and_one_that_is_called_back_stays_held()
    {
        await using var world = await StartAsync();
        await world.ChangeItemAsync("tea", item => item with { IsLotControlled = true });
        await ReceiveLotsAsync(world, ("A", 2), ("B", 3));
        var order = await world.DeliverAsync("1", FulfilmentWorld.Line("tea", 4)); // Both of A, and two of B.
        var made = await world.AuthoriseAsync(order, Wish(1, 3));

        var unnamed = await TryAsync(world.Chain, made, "receive", new { cause = "a" });
        var foreign = await TryAsync(world.Chain, made, "receive", Lots("b", ("A", 2), ("Z", 1)));
        var tooMany = await TryAsync(world.Chain, made, "receive", Lots("c", ("A", 3)));
        var here = await ActAsync(world.Chain, made, "receive", Lots("d", ("A", 2), ("B", 1)));
        var held = await world.CellAsync("chain", "tea", "near");
        var which = await TryAsync(world.Chain, made, "grade", Judge("e", 1, 1, "new", "restock", release: new { by = "quality", note = "sealed" }));
        Assert.Equal(200, (await world.Chain.SubmitAsync($"/v1/lots/{await LotAsync(world, "A")}:hold", new { reason = "recall" })).Status);
        await ActAsync(world.Chain, made, "grade", Judge("f", 1, 2, "new", "restock", lot: "A", release: new { by = "quality", note = "sealed" }));
        var recalled = await world.CellAsync("chain", "tea", "near");
        var done = await ActAsync(world.Chain, made, "grade", Judge("g", 1, 1, "new", "restock", lot: "B", release: new { by = "quality", note = "sealed" }));

        Assert.Equal(["#/lines", "#/lines/0/lots", "#/lines/0/lots"], new[] { unnamed, foreign, tooMany }.Select(one => Assert.Single(one.Body.Faults())));
        Assert.Equal(["A", "B"], here.GetProperty("lines")[0].GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("lot").GetString()));
        Assert.Equal((4, 3, 1), held); // One of B had stayed.
        Assert.Equal("#/lines/0/lot", Assert.Single(which.Body.Faults()));
        Assert.Equal((4, 3, 1), recalled); // Graded as good, but its lot is called back.
        Assert.Equal((4, 2, 2), await world.CellAsync("chain", "tea", "near"));
        Assert.Equal("closed", State(done));
        var got = (await world.Chain.FetchAsync($"/v1/orders/{order.Id}/lots")).Body.GetProperty("lots").EnumerateArray().ToDictionary(lot => lot.GetProperty("code").GetString()!, lot => (lot.GetProperty("shipped").GetInt32(), lot.GetProperty("returned").GetInt32()));
        Assert.Equal(((0, 2), (1, 1)), (got["A"], got["B"]));
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task Undelivered_goods_are_a_return_by_themselves_and_what_is_cold_waits_there_to_be_graded()
    {
        await using var world = await StartAsync();
        await world.Orders.ReceiveAsync("chain", "tea", "near", 5);
        await world.Orders.ReceiveAsync("chain", "milk", "near", 5);
        var order = await world.BringBackAsync("1", FulfilmentWorld.Line("tea", 2), FulfilmentWorld.Line("milk", 1));
        var found = await world.OfOrderAsync(order, 2);
        var tea = found.Single(one => one.GetProperty("lines")[0].GetProperty("sku").GetString() == "tea");
        var milk = found.Single(one => one.GetProperty("lines")[0].GetProperty("sku").GetString() == "milk");
        var cells = (await world.CellAsync("chain", "tea", "near"), await world.CellAsync("chain", "milk", "near"));

        var again = await TryAsync(world.Chain, tea, "grade", Judge("a", 1, 2, "new", "restock"));
        var cold = await TryAsync(world.Chain, milk, "grade", Judge("b", 1, 1, "new", "restock"));
        var gone = await ActAsync(world.Chain, milk, "grade", Judge("c", 1, 1, "spoiled", "writeOff"));

        Assert.All(found, one => Assert.Equal("undelivered", one.GetProperty("kind").GetString()));
        Assert.Equal(("closed", "received", "closed"), (State(tea), State(milk), State(gone)));
        Assert.Equal(((5, 0, 5), (5, 1, 4)), cells);
        Assert.Equal([(409, "not-that-many-to-grade"), (409, "release-needed")], new[] { again, cold }.Select(one => (one.Status, Problem(one)!)));
        Assert.Equal(((5, 0, 5), (4, 0, 4)), (await world.CellAsync("chain", "tea", "near"), await world.CellAsync("chain", "milk", "near")));

        // Nobody has had it: all of it is paid back, once, and not again when it is graded.
        Assert.Equal([1_200L, 2_400L], (await world.RefundsAsync()).Select(due => due.Refund.Refund.Amount).Order());
        var more = await world.Chain.SubmitAsync(Api, new { order = order.Id.ToString(), lines = new[] { Wish(1, 1) } });
        Assert.Equal((409, "more-than-delivered"), (more.Status, Problem(more)));
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task An_undelivered_lot_waits_in_its_lot_also_when_it_is_not_kept_cold()
    {
        await using var world = await StartAsync();
        await world.ChangeItemAsync("tea", item => item with { IsLotControlled = true });
        await ReceiveLotsAsync(world, ("A", 2), ("B", 3));
        var order = await world.BringBackAsync("1", FulfilmentWorld.Line("tea", 3));
        var one = (await world.OfOrderAsync(order, 1))[0];
        var held = await world.CellAsync("chain", "tea", "near");

        await ActAsync(world.Chain, one, "grade", Judge("a", 1, 2, "new", "restock", lot: "A", release: new { by = "quality", note = "never opened" }));
        var done = await ActAsync(world.Chain, one, "grade", Judge("b", 1, 1, "damaged", "writeOff", lot: "B"));

        Assert.Equal("received", State(one));
        Assert.Equal((5, 3, 2), held);
        Assert.Equal("closed", State(done));
        Assert.Equal((4, 0, 4), await world.CellAsync("chain", "tea", "near"));
        Assert.Equal(3_600, Assert.Single(await world.RefundsAsync()).Refund.Refund.Amount);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task It_goes_where_it_may_be_received_and_the_seller_says_how_much_is_paid_back()
    {
        await using var world = await StartAsync();
        await world.Orders.ReceiveAsync("chain", "milk", "near", 2);
        var order = await world.DeliverAsync("1", FulfilmentWorld.Line("milk", 2));

        var tooWarm = await world.Chain.SubmitAsync(Api, new { order = order.Id.ToString(), location = world.Floor.Node("warehouse"), lines = new[] { Wish(1, 1) } });
        var elsewhere = await world.Chain.SubmitAsync(Api, new { order = order.Id.ToString(), location = world.Floor.Node("mid"), lines = new[] { new { line = 1, quantity = 2, reason = "notWanted", refund = new { percent = 50, reason = "after two weeks" } } } });
        await ActAsync(world.Chain, elsewhere.Body, "receive", new { cause = "note", lines = new[] { new { line = 1, quantity = 1 } } });
        var last = await ActAsync(world.Chain, elsewhere.Body, "receive", new { cause = "note 2", lines = Array.Empty<object>(), isLast = true });
        var more = await TryAsync(world.Chain, elsewhere.Body, "receive", new { cause = "note 3" });
        var graded = await ActAsync(world.Chain, elsewhere.Body, "grade", Judge("a", 1, 1, "spoiled", "writeOff"));
        var none = await world.AuthoriseAsync(order, Wish(1, 1)); // The one that did not come.
        await ActAsync(world.Chain, none, "receive", new { cause = "note" });
        await ActAsync(world.Chain, none, "grade", Judge("a", 1, 1, "spoiled", "writeOff", refund: new { percent = 0, reason = "kept in the sun" }));

        Assert.Equal((400, "#/location"), (tooWarm.Status, Assert.Single(tooWarm.Body.Faults())));
        Assert.Equal(("received", "return-over", "closed"), (State(last), Problem(more), State(graded)));
        Assert.Equal(600, Assert.Single(await world.RefundsAsync()).Refund.Refund.Amount); // Half of 1,200, and nothing for the other.
        Assert.Equal((0, 0, 0), await world.CellAsync("chain", "milk", "mid"));
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_is_wrong_is_named()
    {
        await using var world = await StartAsync();
        await world.Orders.ReceiveAsync("chain", "tea", "near", 2);
        var order = await world.DeliverAsync("1", FulfilmentWorld.Line("tea", 2));
        var id = order.Id.ToString();
        var made = await world.AuthoriseAsync(order, Wish(1, 2));

        foreach (var (body, field) in new (object, string)[]
        {
            (new { order = OrderId.New(world.Orders.Now).ToString(), lines = new[] { Wish(1, 1) } }, "#/order"),
            (new { order = id, lines = Array.Empty<object>() }, "#/lines"),
            (new { order = id, lines = new[] { Wish(2, 1) } }, "#/lines/0/line"),
            (new { order = id, lines = new[] { Wish(1, 0) } }, "#/lines/0/quantity"),
            (new { order = id, lines = new[] { Wish(1, 1, "undelivered") } }, "#/lines/0/reason"),
            (new { order = id, authoriseUntil = world.Orders.Now.AddDays(-1), lines = new[] { Wish(1, 1) } }, "#/authoriseUntil"),
            (new { order = id, lines = new[] { new { line = 1, quantity = 1, reason = "other", refund = new { percent = 50 } } } }, "#/lines/0/refund/reason"),
            (new { order = id, lines = new[] { new { line = 1, quantity = 1, reason = "other", refund = new { percent = 101, reason = "more" } } } }, "#/lines/0/refund/percent"),
        })
        {
            var refused = await world.Chain.SubmitAsync(Api, body);
            Assert.Equal((400, field), (refused.Status, Assert.Single(refused.Body.Faults())));
        }

        foreach (var (act, body, field) in new (string, object, string)[]
        {
            ("receive", new { cause = "" }, "#/cause"),
            ("receive", new { cause = "a", lines = Array.Empty<object>() }, "#/lines"),
            ("receive", new { cause = "a", lines = new[] { new { line = 9, quantity = 1 } } }, "#/lines/0/line"),
            ("receive", new { cause = "a", lines = new[] { new { line = 1, quantity = 1, lots = new[] { new { code = "A", quantity = 2 } } } } }, "#/lines/0/lots"),
            ("grade", Judge("", 1, 1, "new", "restock"), "#/cause"),
            ("grade", Judge("a", 7, 1, "new", "restock"), "#/lines/0/line"),
            ("grade", Judge("a", 1, 1, "new", "restock", release: new { by = "", note = "x" }), "#/lines/0/release/by"),
            ("grade", Judge("a", 1, 1, "new", "hold", fromHold: true), "#/lines/0/disposition"),
        })
        {
            var refused = await TryAsync(world.Chain, made, act, body);
            Assert.Equal((400, field), (refused.Status, Assert.Single(refused.Body.Faults())));
        }

        var twice = await TryAsync(world.Chain, made, "receive", new { cause = "a", lines = new[] { new { line = 1, quantity = 1 }, new { line = 1, quantity = 1 } } });
        var tooMany = await TryAsync(world.Chain, made, "receive", new { cause = "a", lines = new[] { new { line = 1, quantity = 3 } } });
        var nothing = await TryAsync(world.Chain, made, "receive", new { cause = "a", lines = Array.Empty<object>(), isLast = true });
        var early = await TryAsync(world.Chain, made, "grade", Judge("a", 1, 1, "new", "restock"));
        await ActAsync(world.Chain, made, "receive", new { cause = "a", lines = new[] { new { line = 1, quantity = 1 } } });
        var underway = await TryAsync(world.Chain, made, "cancel");

        Assert.Equal(400, twice.Status);
        Assert.Equal(["more-than-authorised", "return-over", "not-that-many-to-grade", "return-underway"], new[] { tooMany, nothing, early, underway }.Select(one => Problem(one)!));
        Assert.Equal((1, 1, 0), await world.CellAsync("chain", "tea", "near"));
        await world.AssertBooksAgreeAsync();
    }

    private static object Lots(string cause, params (string Code, int Units)[] lots) =>
        new { cause, lines = new[] { new { line = 1, quantity = lots.Sum(lot => lot.Units), lots = lots.Select(lot => new { code = lot.Code, quantity = lot.Units }) } } };

    private static async Task ReceiveLotsAsync(ReturnsWorld world, params (string Code, int Units)[] lots)
    {
        var answer = await world.Chain.SubmitAsync("/v1/stock/receipts", new
        {
            location = world.Floor.Node("near"),
            cause = "note",
            lines = new[] { new { sku = "tea", quantity = lots.Sum(lot => lot.Units), lots = lots.Select((lot, index) => new { code = lot.Code, quantity = lot.Units, expiresOn = $"2027-0{index + 1}-28" }) } },
        });
        Assert.True(answer.Status == 200, answer.Body.ToString());
    }

    private static async Task<string> LotAsync(ReturnsWorld world, string code) =>
        (await world.Chain.FetchAsync("/v1/lots")).Body.GetProperty("items").EnumerateArray().First(lot => lot.GetProperty("code").GetString() == code).GetProperty("id").GetString()!; // Every lot has its id.
}
