using System.Text.Json;
using Caravan.Delivery;
using Caravan.Fulfilment;
using Caravan.Network;
using Caravan.Operations.Inbox;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Operations;

/// <summary>The inbox: what goes wrong comes into it, and goes when it is mended or somebody says so.</summary>
public sealed class InboxTests
{
    private const string Inbox = "/v1/exceptions";

    [Fact]
    public async Task A_shortfall_and_the_order_it_puts_at_risk_come_by_themselves_and_go_when_goods_are_there()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.PlaceAsync("1", lines: OrderWorld.Line("tea", 5));

        await CountAsync(world, 2);
        var kinds = await UntilAsync(world, open => open.Count == 2);
        await CountAsync(world, 5);
        await UntilAsync(world, open => open.Count == 0);
        var solved = (await world.Chain.Http.FetchAsync($"{Inbox}?solved=true")).Body.GetProperty("items").EnumerateArray().ToList();
        var figures = (await world.Chain.Http.FetchAsync($"{Inbox}/figures")).Body;

        Assert.Equal(["orderAtRisk", "shortfall"], kinds.Select(KindOf).Order());
        Assert.Equal(3, kinds.Single(entry => KindOf(entry) == "shortfall").GetProperty("units").GetInt32());
        Assert.All(solved, entry => Assert.Equal("itself", entry.GetProperty("solvedBy").GetString()));
        Assert.Equal((0, 2), (figures.GetProperty("open").GetInt32(), figures.GetProperty("solved").GetInt32()));
        Assert.Empty((await world.Stranger.Http.FetchAsync($"{Inbox}?solved=true")).Body.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_button_sources_again_and_another_stops_what_is_short()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        var order = await world.PlaceAsync("1", lines: OrderWorld.Line("tea", 5));
        await CountAsync(world, 0);
        var open = await UntilAsync(world, open => open.Count == 2);
        await world.ReceiveAsync("chain", "tea", "mid", 5);

        var stopped = await DoAsync(world, open.Single(entry => KindOf(entry) == "shortfall"), "stopSelling");
        var twice = await DoAsync(world, open.Single(entry => KindOf(entry) == "shortfall"), "stopSelling");
        var wrong = await DoAsync(world, open.Single(entry => KindOf(entry) == "orderAtRisk"), "acceptDocument");
        var sourced = await DoAsync(world, open.Single(entry => KindOf(entry) == "orderAtRisk"), "sourceAgain");
        var after = await world.Chain.Http.FetchAsync($"/v1/orders/{order.GetProperty("id").GetString()}");
        var stop = (await world.Chain.Http.FetchAsync("/v1/stock/stop-sells")).Body.GetProperty("items")[0];

        Assert.Equal((200, 409, 409, 200), (stopped.Status, twice.Status, wrong.Status, sourced.Status));
        Assert.Equal("urn:caravan:problem:act-not-possible", wrong.Body.GetProperty("type").GetString());
        Assert.Equal(world.Nodes["near"].Id.ToString(), stop.GetProperty("location").GetString());
        Assert.Equal("itself", sourced.Body.GetProperty("solvedBy").GetString());
        Assert.False(after.Body.GetProperty("isAtRisk").GetBoolean());
        Assert.Equal(5, (await world.CellAsync("chain", "tea", "mid"))!.Reserved);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_document_that_waits_is_decided_and_a_silent_feed_is_told_until_it_reports()
    {
        await using var world = await OrderWorld.StartAsync();
        var made = await world.Chain.Http.SubmitAsync("/v1/feeds", new { name = "till", itemCodes = "sku", breakerPercent = 10 });
        var feed = made.Response.Headers.Location!.ToString(); // Just made.
        await SnapshotAsync(world, feed, 10, 10);
        var trips = await SnapshotAsync(world, feed, 10, 0);

        var waiting = (await UntilAsync(world, open => open.Count == 1))[0];
        var accepted = await DoAsync(world, waiting, "acceptDocument");
        world.Caravan.Clock.Advance(TimeSpan.FromDays(2));
        var silent = (await UntilAsync(world, open => open.Count == 1))[0];
        await SnapshotAsync(world, feed, 10, 10);

        Assert.Equal(202, trips.Status);
        Assert.Equal(("waitingDocument", "staleFeed"), (KindOf(waiting), KindOf(silent)));
        Assert.Equal(200, accepted.Status);
        Assert.NotNull(accepted.Body.GetProperty("endedAt").GetString());
        await UntilAsync(world, open => open.Count == 0);
    }

    [Fact]
    public async Task The_page_shows_what_waits_and_what_is_solved_by_hand_is_not_told_again_while_it_lasts()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.PlaceAsync("1", lines: OrderWorld.Line("tea", 5));
        await CountAsync(world, 2);
        var open = await UntilAsync(world, open => open.Count == 2);
        var shortfall = open.Single(entry => KindOf(entry) == "shortfall").GetProperty("id").GetString();
        using var visitor = new PageVisitor(world.Caravan);
        await visitor.OpenAsync("/operations/inbox");
        await visitor.SubmitAsync("/sign-in", ("key", world.Chain.Key));

        await visitor.OpenAsync("/operations");
        var board = visitor.Text;
        await visitor.OpenAsync("/operations/inbox");
        var before = visitor.Text;
        var solve = visitor.Page.QuerySelectorAll("form").First(form => form.GetAttribute("action") == $"/operations/inbox/{shortfall}" && form.TextContent.Contains("Solved", StringComparison.Ordinal));
        await visitor.SubmitAsync((AngleSharp.Html.Dom.IHtmlFormElement)solve);
        var after = visitor.Page.QuerySelectorAll(".exception").Length;
        await CountAsync(world, 5);
        await UntilAsync(world, waiting => waiting.Count == 0);
        await CountAsync(world, 1);
        var again = await UntilAsync(world, waiting => waiting.Count == 2);

        Assert.Contains("2 exceptions wait in the inbox", board, StringComparison.Ordinal);
        Assert.Contains("is short at", before, StringComparison.Ordinal);
        Assert.Contains("Order 1 is at risk", before, StringComparison.Ordinal);
        Assert.Equal(1, after);
        Assert.DoesNotContain(again, entry => entry.GetProperty("id").GetString() == shortfall);
    }

    [Theory]
    [InlineData(JobStatus.Failed, true, 5, ExceptionKind.FailedDelivery)]
    [InlineData(JobStatus.Booked, true, 5, ExceptionKind.NoCourier)]
    [InlineData(JobStatus.Booked, false, -5, ExceptionKind.LateParcel)]
    [InlineData(JobStatus.OutForDelivery, true, -5, ExceptionKind.LateParcel)]
    public void A_parcel_in_trouble_is_named_by_what_keeps_it(JobStatus status, bool isPacked, int minutesLeft, ExceptionKind expected)
    {
        var now = DateTimeOffset.UnixEpoch;
        var job = new Job(default, JobId.New(now), "ful_1/Ambient", default, default, "Lane 12", DeliveryService.SameDay, status, now, now.AddMinutes(minutesLeft), null, isPacked, null, null, null, null, "Nobody home.");

        var finding = InboxFindings.OfJob(job, now);

        Assert.Equal((expected, job.DueAt), (finding.Kind, finding.DueAt!.Value)); // Every job has a time.
        Assert.Contains("Lane 12", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_with_more_than_it_can_do_or_past_its_time_is_told_and_another_is_not()
    {
        await using var world = await OrderWorld.StartAsync();
        var network = await world.Caravan.Services.GetRequiredService<NetworkMap>().CurrentAsync(TestCaravan.Cancel);
        var (node, now) = (world.Nodes["near"], world.Now);

        Assert.Null(InboxFindings.OfLoad(new PickLoad(node.Id, node.ThroughputPerHour, 0, now.AddMinutes(1)), network, now));
        Assert.Equal(ExceptionKind.NodeOverCapacity, InboxFindings.OfLoad(new PickLoad(node.Id, node.ThroughputPerHour + 1, 0, now.AddMinutes(1)), network, now)?.Kind);
        Assert.Equal(ExceptionKind.LatePicking, InboxFindings.OfLoad(new PickLoad(node.Id, 1, 0, now.AddMinutes(-1)), network, now)?.Kind);
    }

    [Fact]
    public void Whatever_is_found_in_whatever_order_an_inbox_holds_just_what_lasts()
    {
        Prop.ForAll(
            ArbMap.Default.GeneratorFor<byte>().ArrayOf().ArrayOf().ToArbitrary(),
            looks =>
            {
                List<InboxEntry> rows = [];
                foreach (var look in looks)
                {
                    var found = look.Select(one => FindingOf(one % 8, one)).ToList();
                    var diff = InboxDiff.Of(rows.Where(row => row.EndedAt is null), found);
                    rows = [.. rows.Select(row => diff.Ended.Contains(row) ? row with { EndedAt = DateTimeOffset.UnixEpoch } : diff.Changed.FirstOrDefault(now => now.Id == row.Id) ?? row), .. diff.New.Select(EntryOf)];

                    Assert.Equal(found.Select(one => one.Subject).Distinct().Order(), rows.Where(row => row.EndedAt is null).Select(row => row.Subject).Order());
                    Assert.All(rows.Where(row => row.EndedAt is null), row => Assert.Equal(found.First(one => one.Subject == row.Subject).Units, row.Units));
                    Assert.True(InboxDiff.Of(rows.Where(row => row.EndedAt is null), found).IsEmpty);
                }
            }).QuickCheckThrowOnFailure();
    }

    private static Finding FindingOf(int subject, int units) => new(ExceptionKind.Shortfall, $"{subject}", "tea", "", DateTimeOffset.UnixEpoch, null, units);

    private static InboxEntry EntryOf(Finding finding) => new()
    {
        Company = default,
        Id = ExceptionId.New(DateTimeOffset.UnixEpoch),
        Kind = finding.Kind,
        Subject = finding.Subject,
        What = finding.What,
        Detail = finding.Detail,
        Units = finding.Units,
        OpenedAt = finding.Since,
    };

    private static string? KindOf(JsonElement entry) => entry.GetProperty("kind").GetString();

    private static Task<(int Status, JsonElement Body, HttpResponseMessage Response)> DoAsync(OrderWorld world, JsonElement entry, string act) =>
        world.Chain.Http.SubmitAsync($"{Inbox}/{entry.GetProperty("id").GetString()}:do", new { act });

    private static Task<(int Status, JsonElement Body, HttpResponseMessage Response)> SnapshotAsync(OrderWorld world, string feed, int tea, int apples) =>
        world.Chain.Http.SubmitAsync($"{feed}/snapshots", new { asOf = world.Now, lines = new[] { new { location = "near", item = "tea", quantity = tea }, new { location = "near", item = "apples", quantity = apples } } });

    private static async Task CountAsync(OrderWorld world, int onHand)
    {
        var answer = await world.Chain.Http.SubmitAsync("/v1/stock/adjustments", new { location = world.Nodes["near"].Id.ToString(), cause = Guid.NewGuid().ToString("N"), lines = new[] { new { sku = "tea", counted = onHand } } });
        Assert.True(answer.Status == 200, answer.Body.ToString());
    }

    // What happens elsewhere is on its way through the outbox for an instant.
    private static async Task<List<JsonElement>> UntilAsync(OrderWorld world, Func<List<JsonElement>, bool> isThere)
    {
        while (true)
        {
            List<JsonElement> open = [.. (await world.Chain.Http.FetchAsync(Inbox)).Body.GetProperty("items").EnumerateArray()];
            if (isThere(open))
                return open;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TestCaravan.Cancel);
        }
    }
}
