using System.Globalization;
using System.Text;
using System.Text.Json;
using Caravan.Delivery;
using Caravan.Operations.Figures;
using Caravan.Orders;
using Caravan.Platform.Screens;
using Caravan.Tests.Fulfilment;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Operations;

/// <summary>The boards' sums: what they say is what one finds by looking at every order, whatever happened in whatever order.</summary>
public sealed class FigureTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task After_a_random_history_the_sums_are_what_the_orders_say(int seed)
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var random = new Random(seed);
        foreach (var (company, sku, node) in new[] { ("chain", "tea", "near"), ("chain", "tea", "mid"), ("chain", "milk", "near"), ("chain", "apples", "far"), ("logistics", "apples", "warehouse"), ("logistics", "tea", "warehouse") })
            await world.Orders.ReceiveAsync(company, sku, node, 40);
        for (var step = 0; step < 30; step++)
            await StepAsync(world, random, step);

        var books = world.Caravan.Services.GetRequiredService<FigureBooks>();
        IReadOnlyList<string> differences = ["not looked yet"];
        await SettledAsync(async () => (differences = await books.DifferencesAsync(TestCaravan.Cancel)).Count == 0);
        Assert.Empty(differences);
        await AssertAsOrdersSayAsync(world);

        // Counted anew from nothing they are the same, and counting an order twice changes nothing.
        var rebuilt = await books.RebuildAsync(TestCaravan.Cancel);
        Assert.Empty(await books.DifferencesAsync(TestCaravan.Cancel));
        Assert.Equal((await OrdersAsync(world)).Count, rebuilt);
        var all = (await OrdersAsync(world)).Select(order => OrderId.Parse(order.GetProperty("id").GetString()!, null)).ToList(); // Every order has one.
        await world.Caravan.Store.WriteAsync(tx => world.Caravan.Services.GetRequiredService<FigureCounter>().CountAsync(tx, world.Orders.Chain.Id, all), TestCaravan.Cancel);
        Assert.Empty(await books.DifferencesAsync(TestCaravan.Cancel));
    }

    [Fact]
    public async Task A_sum_that_is_wrong_is_found_and_built_anew()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.PlaceAsync("A-1");
        var books = world.Caravan.Services.GetRequiredService<FigureBooks>();
        await SettledAsync(async () => (await books.DifferencesAsync(TestCaravan.Cancel)).Count == 0);

        await world.Caravan.Store.WriteAsync(tx => tx.ExecuteAsync("UPDATE figure_counts SET units = units + 1 WHERE tenant = @Id", new { world.Chain.Id }), TestCaravan.Cancel);
        var wrong = await books.DifferencesAsync(TestCaravan.Cancel);
        await books.RebuildAsync(TestCaravan.Cancel);

        Assert.Equal(4, wrong.Count); // The day, its hour, the region and the node.
        Assert.Empty(await books.DifferencesAsync(TestCaravan.Cancel));
    }

    [Fact]
    public async Task A_parcel_that_comes_late_breaks_the_promise_on_the_day_it_was_ordered()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var day = "2026-11-03";
        var kept = await world.NearListAsync("kept");
        await DeliverAsync(world, kept, "kept");
        var late = await world.NearListAsync("late");
        world.Caravan.Clock.Advance(TimeSpan.FromDays(1));
        await DeliverAsync(world, late, "late");

        var (answer, hours) = (default(JsonElement), default(JsonElement));
        await SettledAsync(async () =>
        {
            var figures = (await world.Chain.FetchAsync($"/v1/figures?from={day}&to={day}")).Body;
            (answer, hours) = (figures.GetProperty("total"), figures.GetProperty("points"));

            // That an order is delivered is told after its parcel was.
            return answer.GetProperty("kept").GetInt64() + answer.GetProperty("broken").GetInt64() == 2 && hours[10].GetProperty("states").GetProperty("delivered").GetInt64() == 2;
        });
        var nodes = (await world.Chain.FetchAsync($"/v1/figures/nodes?from={day}&to={day}")).Body.GetProperty("items");
        var stranger = (await world.Stranger.FetchAsync($"/v1/figures?from={day}&to={day}")).Body.GetProperty("total");

        Assert.Equal((1, 1, 50), (answer.GetProperty("kept").GetInt64(), answer.GetProperty("broken").GetInt64(), answer.GetProperty("keptPercent").GetDouble()));
        Assert.Equal((2, 4), (answer.GetProperty("orders").GetInt64(), answer.GetProperty("units").GetInt64()));
        Assert.Equal(24, hours.GetArrayLength());
        Assert.Equal(2, hours[10].GetProperty("states").GetProperty("delivered").GetInt64()); // The world begins at ten.
        Assert.Equal(("near", 4), (nodes[0].GetProperty("code").GetString(), nodes[0].GetProperty("ownUnitsOut").GetInt64()));
        Assert.Equal(0, stranger.GetProperty("orders").GetInt64());
    }

    [Fact]
    public async Task Turnover_is_measured_by_what_lay_there_on_the_average_of_the_days()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await world.Orders.ReceiveAsync("chain", "tea", "near", 8);
        var list = await world.NearListAsync("1", 2);
        await DeliverAsync(world, list, "1");
        var first = await LookedAsync(world, 8);
        world.Caravan.Clock.Advance(TimeSpan.FromDays(1));
        await world.Orders.ReceiveAsync("chain", "tea", "near", 4);
        var both = await LookedAsync(world, 10);

        // 8 + 2 received − 2 delivered lay there on the first day: 2 out of 8. 4 more on the second: 2 out of 10 on the average of the two.
        Assert.Equal((8, 0.25), first);
        Assert.Equal((10, 0.2), both);
    }

    [Theory]
    [InlineData("from=2026-11-05&to=2026-11-03", "from")]
    [InlineData("from=2024-01-01&to=2026-11-03", "from")]
    [InlineData("region=nowhere", "region")]
    [InlineData("location=loc_01h455vb4pex5vsknk084sn02q", "location")]
    [InlineData("from=yesterday", "from")]
    public async Task What_cannot_be_answered_is_refused_by_the_name_of_the_parameter(string query, string named)
    {
        await using var world = await OrderWorld.StartAsync();

        var answer = await world.Chain.Http.FetchAsync($"/v1/figures?{query}");

        Assert.Equal(400, answer.Status);
        Assert.Contains(named, answer.Body.Faults());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(99, 99)]
    [InlineData(100, 100)]
    [InlineData(4_712, 4_800)]
    [InlineData(23_010, 24_000)]
    [InlineData(99_001, 100_000)]
    public void A_distance_is_rounded_up_to_two_figures(int metres, long expected) => Assert.Equal(expected, CountedOrder.RoundedUp(metres));

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData(" =1+1", "' =1+1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("+49 30", "'+49 30")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"no\"", "\"say \"\"no\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("plain", "plain")]
    public void What_somebody_wrote_is_no_formula_and_stays_in_its_cell(string text, string expected) => Assert.Equal(expected, Csv.Text(text));

    [Fact]
    public async Task Every_list_is_had_as_a_file_that_spreadsheets_read()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 300);
        for (var i = 0; i < 3; i++)
            await world.PlaceAsync(i == 0 ? "=HYPERLINK(1)" : $"A-{i}");
        await SettledAsync(async () => (await world.Chain.Http.FetchAsync("/v1/figures")).Body.GetProperty("total").GetProperty("orders").GetInt64() == 3);

        foreach (var (path, rows, holds) in new[]
        {
            ("/operations/orders.csv", 3, "'=HYPERLINK(1)"),
            ("/operations/orders.csv?show=cancelled", 0, "order,id"),
            ("/operations/network/nodes.csv", 5, "The near one"),
            ("/operations/inbox/exceptions.csv", 0, "what,kind"),
            ("/courier/couriers.csv", 1, "C-1"),
            ("/operations/figures/table.csv?table=orders", 7, "2026-11-03,,3,"),
            ("/operations/figures/table.csv?table=promise", 7, "keptPercent"),
            ("/operations/figures/table.csv?table=distance&period=today", 24, "2026-11-03,10,3,"),
            ("/operations/figures/table.csv?table=nodes", 1, "near,The near one,3,3"),
            ("/operations/figures/table.csv?table=feeds", 0, "freshUntil"),
        })
        {
            using var answer = await world.Chain.Http.GetAsync(new Uri(path, UriKind.Relative), TestCaravan.Cancel);
            var bytes = await answer.Content.ReadAsByteArrayAsync(TestCaravan.Cancel);

            Assert.Equal((200, "text/csv", "attachment"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, answer.Content.Headers.ContentDisposition?.DispositionType));
            Assert.Equal([0xEF, 0xBB, 0xBF], bytes[..3]);
            var text = Encoding.UTF8.GetString(bytes);
            Assert.True(text.Contains(holds, StringComparison.OrdinalIgnoreCase), $"{path}: {text}");
            Assert.True(text.Count(c => c == '\n') == rows + 1, $"{path}: {text}");
        }
    }

    private static async Task StepAsync(FulfilmentWorld world, Random random, int step)
    {
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(random.Next(1, 12)));
        var orders = await OrdersAsync(world);
        switch (random.Next(orders.Count == 0 ? 1 : 6))
        {
            case 0 or 1:
                var lines = new[] { "tea", "milk", "apples" }.Where(_ => random.Next(2) == 0).DefaultIfEmpty("tea").Select(sku => OrderWorld.Line(sku, random.Next(1, 4))).ToArray();
                await world.Chain.SubmitAsync("/v1/orders", OrderWorld.OrderBody($"R-{step}", random.Next(2) == 0 ? "sameDay" : "withinHour", lines), key: $"R-{step}");
                break;
            case 2:
                await world.Chain.SubmitAsync($"/v1/orders/{orders[random.Next(orders.Count)].GetProperty("id").GetString()}:cancel", new { }, key: $"c-{step}");
                break;
            case 3:
                await CarryAsync(world, random.Next(3) > 0);
                break;
            default:
                foreach (var http in new[] { world.Chain, world.Logistics })
                {
                    var lists = (await http.FetchAsync("/v1/pick-lists")).Body.GetProperty("items");
                    if (lists.GetArrayLength() == 0)
                        continue;

                    // What is refused changes nothing; that is part of a history too.
                    var list = lists[random.Next(lists.GetArrayLength())];
                    if (random.Next(4) == 0)
                        await http.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:short", new { line = list.GetProperty("lines")[0].GetProperty("line").GetInt32(), quantity = 1, reason = "notOnShelf" });
                    else
                        await PickAndPackAsync(http, list);
                }

                break;
        }
    }

    // Counted once more, by what the API says of each order: not by the code that keeps the sums.
    private static async Task AssertAsOrdersSayAsync(FulfilmentWorld world)
    {
        var zone = NodaTime.DateTimeZoneProviders.Tzdb["Asia/Shanghai"];
        var orders = await world.Caravan.Store.ReadAsync(db => world.Caravan.Services.GetRequiredService<OrderDesk>().ListAsync(db, world.Orders.Chain.Id, null, 500), TestCaravan.Cancel);
        foreach (var day in orders.GroupBy(order => NodaTime.Instant.FromDateTimeOffset(order.PlacedAt).InZone(zone).Date))
        {
            var date = day.Key.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture);
            foreach (var (query, location) in new[] { ("", (LocationId?)null), ($"&location={world.Node("mid")}", LocationId.Parse(world.Node("mid"), null)) })
            {
                var total = (await world.Chain.FetchAsync($"/v1/figures?from={date}&to={date}{query}")).Body.GetProperty("total");
                var those = day.Where(order => location is null || order.Fulfilments.Any(part => part.Location == location)).ToList();
                var parts = those.SelectMany(order => order.Fulfilments).Where(part => location is null || part.Location == location).ToList();
                var units = parts.SelectMany(part => part.Allocations).Sum(one => one[LineStatus.Reserved] + one[LineStatus.Released] + one[LineStatus.Picked] + one[LineStatus.Packed] + one[LineStatus.Shipped] + one[LineStatus.Delivered]);

                Assert.Equal((those.Count, units), (total.GetProperty("orders").GetInt32(), total.GetProperty("units").GetInt32()));
                if (location is null)
                    Assert.All(Enum.GetValues<LineStatus>(), status => Assert.Equal(those.Count(order => order.Status == status), total.GetProperty("states").GetProperty(JsonNamingPolicy.CamelCase.ConvertName(status.ToString())).GetInt32()));
            }
        }
    }

    private static async Task DeliverAsync(FulfilmentWorld world, JsonElement list, string number)
    {
        await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 1, quantity = 2 });
        await FulfilmentWorld.ActAsync(world.Chain, list, "pack");
        Assert.NotNull(await world.OrderAsync(number));
        await CarryAsync(world, handsOver: true);
    }

    private static async Task PickAndPackAsync(HttpClient http, JsonElement list)
    {
        foreach (var line in list.GetProperty("lines").EnumerateArray())
            await http.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:pick", new { line = line.GetProperty("line").GetInt32(), quantity = line.GetProperty("quantity").GetInt32() });
        await http.SubmitAsync($"{FulfilmentWorld.PathOf(list)}:pack", null);
    }

    // Every parcel goes as far as it can; what is refused is done already, or not ready.
    private static async Task CarryAsync(FulfilmentWorld world, bool handsOver)
    {
        await world.Caravan.Services.GetRequiredService<Dispatcher>().DispatchOnceAsync(TestCaravan.Cancel);
        var desk = world.Caravan.Services.GetRequiredService<OrderDesk>();
        foreach (var job in (await world.Chain.FetchAsync("/v1/jobs?limit=200")).Body.GetProperty("items").EnumerateArray().Where(job => job.TryGetProperty("courier", out _)))
        {
            var carrier = job.GetProperty("carrier").GetString() == world.Orders.Chain.Id.ToString() ? world.Chain : world.Logistics;
            var path = $"/v1/couriers/{job.GetProperty("courier").GetProperty("id").GetString()}/jobs/{job.GetProperty("id").GetString()}";
            Assert.True(ParcelReference.TryParse(job.GetProperty("reference").GetString()!, out var parcel));
            var code = (await world.Caravan.Store.ReadAsync(db => desk.FulfilmentAsync(db, world.Orders.Chain.Id, parcel.Fulfilment), TestCaravan.Cancel))!.Value.Order.ProofCode; // The parcel is of an order.
            await carrier.SubmitAsync($"{path}:accept", null);
            await carrier.SubmitAsync($"{path}:collect", null);
            if (handsOver)
                await carrier.SubmitAsync($"{path}:deliver", new { code });
        }
    }

    private static async Task<List<JsonElement>> OrdersAsync(FulfilmentWorld world) => [.. (await world.Chain.FetchAsync("/v1/orders?limit=200")).Body.GetProperty("items").EnumerateArray()];

    // The keeper looks by itself too, at any moment: a day is asked again until its last look is what the test waits for.
    private static async Task<(double Mean, double Turnover)> LookedAsync(FulfilmentWorld world, double mean)
    {
        var keeper = world.Caravan.Services.GetRequiredService<FigureKeeper>();
        var (found, turnover) = (0.0, 0.0);
        await SettledAsync(async () =>
        {
            await keeper.LookAsync(TestCaravan.Cancel);
            var node = (await world.Chain.FetchAsync("/v1/figures/nodes?from=2026-11-03&to=2026-11-04")).Body.GetProperty("items")[0];
            (found, turnover) = (node.GetProperty("ownOnHandMean").GetDouble(), node.GetProperty("ownTurnover").GetDouble());
            return found == mean && node.GetProperty("ownUnitsOut").GetInt64() == 2;
        });
        return (found, turnover);
    }

    // What happens elsewhere is on its way through the outbox for an instant.
    private static async Task SettledAsync(Func<Task<bool>> isSo)
    {
        for (var until = DateTime.UtcNow.AddSeconds(20); !await isSo() && DateTime.UtcNow < until;)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TestCaravan.Cancel);
    }
}
