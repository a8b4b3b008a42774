using System.Text.Json;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Orders.Desk;
using Caravan.Stock;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Orders;

/// <summary>Rules of sourcing: written down, tried on the last days' orders, published, in force for the next order, undone.</summary>
public sealed class SourcingRuleTests
{
    private const string Rules = "/v1/sourcing-rules";

    private static readonly object WarehousesFirst = new { kindOrder = new[] { "warehouse", "store" } };

    [Fact]
    public async Task Published_rules_choose_for_the_next_order_also_for_one_that_is_planned_in_the_transaction()
    {
        await using var world = await OrderWorld.StartAsync();
        await StockAsync(world);
        var before = await PlaceAsync(world, "before");

        await PublishAsync(world, new { note = "spare the stores", weights = WarehousesFirst });
        var after = await PlaceAsync(world, "after");
        var anew = await PlanAnewAsync(world, "anew");

        Assert.Equal(("near", "warehouse", "warehouse"), (world.NodeOf(before), world.NodeOf(after), anew));
        var why = (await world.Chain.Http.FetchAsync($"/v1/orders/{after.GetProperty("id").GetString()}/sourcing")).Body.ToString();
        Assert.Contains("By your rules (version 2): The warehouse one", why, StringComparison.Ordinal);
        Assert.Contains("By your rules it counts", why, StringComparison.Ordinal);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task What_one_server_publishes_the_other_decides_by()
    {
        if (!TestStore.IsPostgres)
            Assert.Skip("Servers share a PostgreSQL.");

        await using var world = await OrderWorld.StartAsync();
        await StockAsync(world);
        var other = await TestCaravan.StartAsync(clock: world.Caravan.Clock, folder: world.Caravan.Folder);
        using var there = other.Client(world.Chain.Key);
        var before = await there.SubmitAsync("/v1/orders", OrderWorld.OrderBody("before", "sameDay"), key: "before");

        await PublishAsync(world, new { note = "spare the stores", weights = WarehousesFirst });
        await Task.Delay(TimeSpan.FromSeconds(1), TestCaravan.Cancel); // As long as it may take, even without news.
        var after = await there.SubmitAsync("/v1/orders", OrderWorld.OrderBody("after", "sameDay"), key: "after");
        await other.StopAsync();

        Assert.Equal(("near", "warehouse"), (world.NodeOf(before.Body), world.NodeOf(after.Body)));
    }

    [Fact]
    public async Task A_step_down_the_order_of_kinds_may_count_minutes_so_that_the_way_still_matters()
    {
        await using var world = await OrderWorld.StartAsync();
        await StockAsync(world);

        // The warehouse is 19 km farther than the near store; its van takes well over a minute more, and well under ten hours.
        await PublishAsync(world, new { note = "a little", weights = new { kindOrder = new[] { "warehouse", "store" }, kindMinutes = 1 } });
        var aLittle = await PlaceAsync(world, "1");
        await PublishAsync(world, new { note = "a lot", weights = new { kindOrder = new[] { "warehouse", "store" }, kindMinutes = 600 } });
        var aLot = await PlaceAsync(world, "2");

        Assert.Equal(("near", "warehouse"), (world.NodeOf(aLittle), world.NodeOf(aLot)));
    }

    [Fact]
    public async Task A_parcel_that_is_worth_few_minutes_is_sent_where_it_saves_more()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.ReceiveAsync("chain", "apples", "mid", 5);
        foreach (var sku in (string[])["tea", "apples"])
            await world.ReceiveAsync("logistics", sku, "warehouse", 5);
        object[] both = [OrderWorld.Line("tea", 1), OrderWorld.Line("apples", 1)];

        var one = await world.PlaceAsync("one", "sameDay", both);
        await PublishAsync(world, new { note = "closer", weights = new { parcelMinutes = 1 } });
        var two = await world.PlaceAsync("two", "sameDay", both);

        Assert.Equal("warehouse", world.NodeOf(one));
        Assert.Equal(2, two.GetProperty("fulfilments").GetArrayLength());
    }

    [Fact]
    public async Task A_promise_made_before_is_kept_whatever_rules_and_cut_offs_were_published_since()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 3);
        await world.ReceiveAsync("chain", "tea", "mid", 3);
        object[] four = [OrderWorld.Line("tea", 4)];
        var split = await PromiseAsync(world, 4);

        await PublishAsync(world, new { note = "one parcel", weights = new { mostParcels = 1 } });
        var refused = await TryAsync(world, "split-late", null, four);
        var kept = await TryAsync(world, "split-promised", split, four);
        var one = await PromiseAsync(world, 1);
        await PublishAsync(world, new
        {
            note = "earlier",
            weights = new { mostParcels = 1 },
            cutOffs = new[] { "near", "mid", "far" }.Select(node => new { location = world.Nodes[node].Id.ToString(), sameDay = "09:00", nextDay = "22:00" }),
        });
        var late = await TryAsync(world, "late", null, [OrderWorld.Line("tea", 1)]);
        var inTime = await TryAsync(world, "in-time", one, [OrderWorld.Line("tea", 1)]);

        Assert.Equal((409, "tooManyParcels"), (refused.Status, refused.Body.GetProperty("reason").GetString()));
        Assert.Equal(201, kept.Status);
        Assert.Equal(2, kept.Body.GetProperty("fulfilments").GetArrayLength());
        Assert.Equal((409, "tooLate"), (late.Status, late.Body.GetProperty("reason").GetString()));
        Assert.Equal(201, inTime.Status);
    }

    [Fact]
    public async Task A_simulation_decides_the_last_days_orders_twice_and_changes_nothing()
    {
        await using var world = await OrderWorld.StartAsync();
        await StockAsync(world);
        for (var i = 0; i < 3; i++)
            await PlaceAsync(world, $"=order-{i}");
        var cell = await world.CellAsync("chain", "tea", "near");

        var draft = await DraftAsync(world, new { note = "spare the stores", weights = WarehousesFirst, buffers = new[] { new { sku = "tea", location = world.Nodes["near"].Id.ToString(), units = 1 } } });
        var early = await world.Chain.Http.SubmitAsync($"{Rules}/{draft}:publish", null);
        var done = await SimulateAsync(world, draft);
        var result = done.GetProperty("result");
        var csv = await world.Chain.Http.GetStringAsync(new Uri($"{Rules}/{draft}/simulation.csv", UriKind.Relative), TestCaravan.Cancel);

        Assert.Equal((409, "urn:caravan:problem:not-simulated"), (early.Status, early.Body.GetProperty("type").GetString()));
        Assert.Equal((3, 3), (result.GetProperty("orders").GetInt32(), result.GetProperty("differing").GetInt32()));
        Assert.Equal((3, 3), (result.GetProperty("now").GetProperty("served").GetInt32(), result.GetProperty("draft").GetProperty("served").GetInt32()));
        Assert.True(result.GetProperty("now").GetProperty("kilometres").GetDouble() * 5 < result.GetProperty("draft").GetProperty("kilometres").GetDouble());
        var pair = result.GetProperty("different")[0];
        Assert.Equal(("near", "warehouse"), (NodeOf(pair, "now"), NodeOf(pair, "draft")));
        Assert.Contains("The near one is the closest", pair.GetProperty("now").GetProperty("why").GetString(), StringComparison.Ordinal);
        Assert.Contains("By your rules (version 2): The warehouse one", pair.GetProperty("draft").GetProperty("why").GetString(), StringComparison.Ordinal);
        Assert.Equal(4, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("'=order-0", csv, StringComparison.Ordinal);
        Assert.Equal(cell, await world.CellAsync("chain", "tea", "near"));
        Assert.Equal("near", world.NodeOf(await PlaceAsync(world, "still")));
    }

    [Fact]
    public async Task A_simulation_begins_with_the_shelves_as_if_its_orders_had_not_been_placed()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 2);
        await PlaceAsync(world, "1");
        await PlaceAsync(world, "2");

        // Both units are reserved; given back, two orders can be served, and with a buffer of one only the first.
        var same = await SimulateAsync(world, await DraftAsync(world, new { note = "as it is", weights = new { } }));
        var less = await SimulateAsync(world, await DraftAsync(world, new { note = "one back", weights = new { }, buffers = new[] { new { sku = "tea", units = 1 } } }));

        Assert.Equal((2, 0), (same.GetProperty("result").GetProperty("now").GetProperty("served").GetInt32(), same.GetProperty("result").GetProperty("differing").GetInt32()));
        Assert.Equal((2, 1), (less.GetProperty("result").GetProperty("now").GetProperty("served").GetInt32(), less.GetProperty("result").GetProperty("draft").GetProperty("served").GetInt32()));
    }

    [Fact]
    public async Task Publishing_writes_through_to_regions_cut_offs_and_buffers_and_going_back_puts_them_as_they_were()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.Chain.Http.ReplaceAsync("/v1/stock/safety-rules", new { rules = new object[] { new { sku = "tea", units = 2 }, new { sku = "milk", units = 7 } } });
        var near = world.Nodes["near"].Id.ToString();

        await PublishAsync(world, new { note = "first", weights = new { }, regions = new[] { new { code = "bj", isActive = false } }, cutOffs = new[] { new { location = near, sameDay = "12:30" } } });
        await PublishAsync(world, new { note = "second", weights = WarehousesFirst, buffers = new object[] { new { sku = "tea", percent = 50 }, new { sku = "milk" } } });
        var off = await TryAsync(world, "off", null, [OrderWorld.Line("tea", 1)]);
        Assert.Equal(("12:30:00", null), await CutOffsAsync(world, near));
        Assert.Equal("tea 50%", await SafetyAsync(world));

        var versions = (await world.Chain.Http.FetchAsync(Rules)).Body.GetProperty("items").EnumerateArray().Where(one => one.TryGetProperty("version", out _)).ToDictionary(one => one.GetProperty("version").GetInt32());
        var back = await world.Chain.Http.SubmitAsync($"{Rules}/{versions[1].GetProperty("id").GetString()}:publish", null);
        await world.Caravan.Services.GetRequiredService<SafetySweeper>().RunOnceAsync(TestCaravan.Cancel);

        Assert.Equal((409, "regionOff"), (off.Status, off.Body.GetProperty("reason").GetString()));
        Assert.Equal((200, 4, "Version 1 again"), (back.Status, back.Body.GetProperty("version").GetInt32(), back.Body.GetProperty("note").GetString()));
        Assert.Equal("inForce", back.Body.GetProperty("state").GetString());
        Assert.Equal(("16:00:00", "22:00:00"), await CutOffsAsync(world, near));
        Assert.Equal("milk 7, tea 2", await SafetyAsync(world));
        Assert.Equal("near", world.NodeOf(await PlaceAsync(world, "on")));
        var again = await world.Chain.Http.SubmitAsync($"{Rules}/{back.Body.GetProperty("id").GetString()}:publish", null);
        Assert.Equal((409, "urn:caravan:problem:rules-in-force"), (again.Status, again.Body.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task A_draft_simulated_against_rules_that_are_no_longer_in_force_is_simulated_again_first()
    {
        await using var world = await OrderWorld.StartAsync();
        var first = await DraftAsync(world, new { note = "first", weights = new { loadMinutes = 10 } });
        var second = await DraftAsync(world, new { note = "second", weights = new { readyPercent = 50 } });
        await SimulateAsync(world, first);
        await SimulateAsync(world, second);

        Assert.Equal(200, (await world.Chain.Http.SubmitAsync($"{Rules}/{first}:publish", null)).Status);
        Assert.Equal(409, (await world.Chain.Http.SubmitAsync($"{Rules}/{second}:publish", null)).Status);
        await SimulateAsync(world, second);
        Assert.Equal(200, (await world.Chain.Http.ReplaceAsync($"{Rules}/{second}", new { note = "changed", weights = new { readyPercent = 60 } })).Status);
        Assert.Equal(409, (await world.Chain.Http.SubmitAsync($"{Rules}/{second}:publish", null)).Status); // Changed, so its simulation is void.
        Assert.Equal(409, (await world.Chain.Http.SendAsync(HttpMethod.Delete, $"{Rules}/{first}")).Status); // A version stays.
        Assert.Equal(204, (await world.Chain.Http.SendAsync(HttpMethod.Delete, $"{Rules}/{second}")).Status);
        Assert.Equal(404, (await world.Chain.Http.FetchAsync($"{Rules}/{second}")).Status);
    }

    [Fact]
    public async Task What_is_wrong_with_rules_is_named()
    {
        await using var world = await OrderWorld.StartAsync();
        var warehouse = world.Nodes["warehouse"].Id.ToString();
        foreach (var (body, field) in new (object, string)[]
        {
            (new { note = " ", weights = new { } }, "#/note"),
            (new { note = "x" }, "#/weights"),
            (new { note = "x", weights = new { kindOrder = new[] { "store", "store" } } }, "#/weights/kindOrder"),
            (new { note = "x", weights = new { kindOrder = new[] { "castle" } } }, "#/weights/kindOrder/0"),
            (new { note = "x", weights = new { kindMinutes = 5 } }, "#/weights/kindMinutes"),
            (new { note = "x", weights = new { parcelMinutes = -1 } }, "#/weights/parcelMinutes"),
            (new { note = "x", weights = new { readyPercent = 101 } }, "#/weights/readyPercent"),
            (new { note = "x", weights = new { mostParcels = 0 } }, "#/weights/mostParcels"),
            (new { note = "x", weights = new { }, regions = new[] { new { code = "atlantis", isActive = true } } }, "#/regions/0/code"),
            (new { note = "x", weights = new { }, cutOffs = new[] { new { location = warehouse, sameDay = "10:00" } } }, "#/cutOffs/0/location"), // Another company's.
            (new { note = "x", weights = new { }, cutOffs = new[] { new { location = world.Nodes["near"].Id.ToString(), sameDay = "10:00:30" } } }, "#/cutOffs/0/sameDay"),
            (new { note = "x", weights = new { }, buffers = new[] { new { sku = "none", units = 1 } } }, "#/buffers/0/sku"),
            (new { note = "x", weights = new { }, buffers = new[] { new { sku = "tea", units = 1, percent = 1 } } }, "#/buffers/0/units"),
            (new { note = "x", weights = new { }, buffers = new[] { new { sku = "tea", units = 1 }, new { sku = "tea", units = 2 } } }, "#/buffers/1"),
        })
        {
            var refused = await world.Chain.Http.SubmitAsync(Rules, body);
            Assert.True(refused.Status == 400, $"{field}: {refused.Status} {refused.Body}");
            Assert.Contains(field, refused.Body.Faults());
        }

        var draft = await DraftAsync(world, new { note = "x", weights = new { } });
        Assert.Equal(["?days"], (await world.Chain.Http.SubmitAsync($"{Rules}/{draft}:simulate?days=15", null)).Body.Faults());
        Assert.Equal(404, (await world.Stranger.Http.SubmitAsync($"{Rules}/{draft}:simulate", null)).Status);
    }

    [Fact]
    public async Task The_lead_writes_tries_publishes_and_undoes_on_a_page()
    {
        await using var world = await OrderWorld.StartAsync();
        await StockAsync(world);
        await PlaceAsync(world, "yesterday");
        using var lead = new PageVisitor(world.Caravan);
        await lead.OpenAsync("/sign-in");
        await lead.SubmitAsync("/sign-in", ("key", world.Chain.Key));

        await lead.OpenAsync("/operations/rules");
        await lead.SubmitAsync("/operations/rules", ("note", "spare the stores"), ("kindOrder", "Warehouse,Store"), ("loadMinutes", "many"));
        Assert.Equal(400, lead.Status);
        Assert.Contains("Write a whole number.", lead.Text, StringComparison.Ordinal);
        await lead.SubmitAsync("/operations/rules", ("loadMinutes", "0"), ("cutoff-location-0", "near"), ("cutoff-same-0", "15:00"), ("cutoff-next-0", "21:00"), ("buffer-sku-0", "tea"), ("buffer-where-0", "store"), ("buffer-amount-0", "10%"));
        Assert.Equal(200, lead.Status);
        var page = lead.Path;
        await lead.SubmitAsync($"{page}/simulate");
        while (!lead.Text.Contains("would differ", StringComparison.Ordinal))
        {
            await Task.Delay(20, TestCaravan.Cancel);
            await lead.OpenAsync(page);
        }

        Assert.Contains("One order would differ", lead.Text, StringComparison.Ordinal);
        await lead.SubmitAsync($"{page}/publish");
        Assert.Contains("In force: version 2", lead.Text, StringComparison.Ordinal);
        Assert.Contains("The near one: same day until 15:00, next day until 21:00.", lead.Text, StringComparison.Ordinal);
        Assert.Contains("tea at every store: 10 % kept back.", lead.Text, StringComparison.Ordinal);
        Assert.Equal("warehouse", world.NodeOf(await PlaceAsync(world, "today")));
        var undo = lead.Page.QuerySelectorAll("form").Select(form => form.GetAttribute("action")!).Single(action => action.EndsWith("/publish", StringComparison.Ordinal)); // Of version 1.
        await lead.SubmitAsync(undo);
        Assert.Contains("In force: version 3", lead.Text, StringComparison.Ordinal);
        Assert.Equal("near", world.NodeOf(await PlaceAsync(world, "tomorrow")));
    }

    // Same day it can come from a store or from the warehouse.
    private static async Task StockAsync(OrderWorld world)
    {
        await world.ReceiveAsync("chain", "tea", "near", 20);
        await world.ReceiveAsync("logistics", "tea", "warehouse", 20);
    }

    private static Task<JsonElement> PlaceAsync(OrderWorld world, string number) => world.PlaceAsync(number, "sameDay", OrderWorld.Line("tea", 1));

    private static async Task<string> PlanAnewAsync(OrderWorld world, string number)
    {
        var services = world.Caravan.Services;
        var basket = new Basket(world.Chain.Id, [new BasketLine("tea", null, null, 1)], OrderWorld.Customer, null);
        var read = await world.Caravan.Store.ReadAsync(db => services.GetRequiredService<BasketReader>().ResolveAsync(db, basket, DeliveryService.SameDay, TestCaravan.Cancel), TestCaravan.Cancel);
        var asked = new DeskOrder(new OrderRequest(basket, "web", number, DeliveryService.SameDay, "here"), read.Lines, null, null) { Services = [DeliveryService.SameDay], Currency = "CNY" };
        var placed = Assert.IsType<PlaceOutcome.Placed>((await services.GetRequiredService<DeskQueue>().DecideAsync(asked)).Outcome);
        return world.Nodes.Single(node => node.Value.Id == placed.Order.Fulfilments.Single().Location).Key;
    }

    private static async Task<string> DraftAsync(OrderWorld world, object body)
    {
        var made = await world.Chain.Http.SubmitAsync(Rules, body);
        Assert.True(made.Status == 201, made.Body.ToString());
        return made.Body.GetProperty("id").GetString()!; // Every draft has its id.
    }

    private static async Task<JsonElement> SimulateAsync(OrderWorld world, string draft)
    {
        var asked = await world.Chain.Http.SubmitAsync($"{Rules}/{draft}:simulate?days=3", null);
        Assert.True(asked.Status == 202, asked.Body.ToString());
        while (true)
        {
            var found = (await world.Chain.Http.FetchAsync($"{Rules}/{draft}/simulation")).Body;
            var state = found.GetProperty("state").GetString();
            Assert.NotEqual("failed", state);
            if (state == "done")
                return found;
            await Task.Delay(20, TestCaravan.Cancel);
        }
    }

    private static async Task PublishAsync(OrderWorld world, object body)
    {
        var draft = await DraftAsync(world, body);
        await SimulateAsync(world, draft);
        var published = await world.Chain.Http.SubmitAsync($"{Rules}/{draft}:publish", null);
        Assert.True(published.Status == 200, published.Body.ToString());
    }

    private static async Task<string> PromiseAsync(OrderWorld world, int quantity)
    {
        var made = await world.Chain.Http.SubmitAsync("/v1/promises", new { lines = new[] { OrderWorld.Line("tea", quantity) }, destination = new { latitude = OrderWorld.Customer.Latitude, longitude = OrderWorld.Customer.Longitude } });
        return made.Body.GetProperty("id").GetString()!; // Every promise has its id.
    }

    private static Task<(int Status, JsonElement Body, HttpResponseMessage Response)> TryAsync(OrderWorld world, string number, string? promise, object[] lines) => world.Chain.Http.SubmitAsync("/v1/orders", new
    {
        number,
        service = "sameDay",
        lines,
        destination = new { latitude = OrderWorld.Customer.Latitude, longitude = OrderWorld.Customer.Longitude, address = "12 Lane of Lanterns" },
        promise,
    }, key: $"key-{number}");

    private static string? NodeOf(JsonElement pair, string side) => pair.GetProperty(side).GetProperty("parcels")[0].GetProperty("node").GetString();

    private static async Task<(string?, string?)> CutOffsAsync(OrderWorld world, string location)
    {
        var body = (await world.Chain.Http.FetchAsync($"/v1/locations/{location}")).Body;
        return (Of("sameDayCutOff"), Of("nextDayCutOff"));

        string? Of(string name) => body.TryGetProperty(name, out var time) ? time.GetString() : null;
    }

    private static async Task<string> SafetyAsync(OrderWorld world)
    {
        var names = world.Items.Where(one => one.Key.Company == "chain").ToDictionary(one => one.Value.ToString(), one => one.Key.Sku);
        var rules = (await world.Chain.Http.FetchAsync("/v1/stock/safety-rules")).Body.GetProperty("items").EnumerateArray();
        return string.Join(", ", rules.Select(rule => $"{names[rule.GetProperty("item").GetString()!]} {(rule.TryGetProperty("percent", out var percent) ? $"{percent}%" : rule.GetProperty("units").ToString())}").Order(StringComparer.Ordinal)); // These rules are all for items.
    }
}
