using System.Globalization;
using System.Text.Json;
using Caravan.Stock;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Stock;

public sealed class FeedTests
{
    [Fact]
    public async Task A_snapshot_sets_what_it_names_and_zeroes_what_it_leaves_out_inside_its_scope_only()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync();
        await world.SnapshotAsync(feed, world.Now, ("S1", "A00", 5), ("S1", "A01", 6), ("S2", "A00", 7), ("S2", "A01", 8));

        var scoped = await world.Http.SubmitAsync($"{feed}/snapshots", new { asOf = world.Now, scope = new { locations = new[] { "S1" } }, lines = new[] { new { location = "S1", item = "A00", quantity = 4 } } });
        var items = await world.Http.SubmitAsync($"{feed}/snapshots", new { asOf = world.Now, scope = new { items = new[] { "A01" } }, lines = Array.Empty<object>() });
        var outside = await world.Http.SubmitAsync($"{feed}/snapshots", new { asOf = world.Now, scope = new { locations = new[] { "S1" } }, lines = new[] { new { location = "S2", item = "A00", quantity = 4 }, new { location = "S1", item = "A00", quantity = 4 } } });

        Assert.Equal(1, scoped.Body.GetProperty("document").GetProperty("zeroed").GetInt32());
        Assert.Equal(1, items.Body.GetProperty("document").GetProperty("zeroed").GetInt32());
        Assert.Equal("outside-scope", outside.Body.GetProperty("rejectedLines")[0].GetProperty("reason").GetString());
        Assert.Equal((4, 0), (await world.OnHandAsync("A00", "S1"), await world.OnHandAsync("A01", "S1")));
        Assert.Equal((7, 0), (await world.OnHandAsync("A00", "S2"), await world.OnHandAsync("A01", "S2")));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task Lines_are_rejected_by_name_and_the_rest_is_taken()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync();
        await world.SnapshotAsync(feed, world.Now, ("S1", "A05", 9));

        var answer = await world.SnapshotAsync(
            feed,
            world.Now,
            ("S1", "A00", 5),
            ("S1", "A00", 5), // The same again: once.
            ("S1", "A01", 1),
            ("S1", "A01", 2),
            ("S1", "nothing", 2),
            ("nowhere", "A02", 2),
            ("S1", "A05", -1), // Rejected, so neither zeroed nor set.
            ("S1", "A06", 1.5),
            ("S1", "A07", "NaN"),
            ("S1", "A08", null),
            ("S1", "A09", 10_000_001),
            ("S3", "A29", 3),
            ("S1", "A10", "12.0"));
        var rejected = await world.Http.FetchAsync($"{feed}/rejected?limit=4");
        var next = await world.Http.FetchAsync($"{feed}/rejected?cursor={Uri.EscapeDataString(rejected.Body.GetProperty("next").GetString()!)}");

        Assert.Equal(200, answer.Status);
        (int, string)[] expected =
        [
            (3, "duplicate-line"), (4, "duplicate-line"), (5, "unknown-item"), (6, "unknown-location"), (7, "bad-quantity"), (8, "bad-quantity"),
            (9, "bad-quantity"), (10, "bad-quantity"), (11, "bad-quantity"), (12, "item-not-kept-there"),
        ];
        Assert.Equal(expected, ReasonsOf(answer.Body.GetProperty("rejectedLines")));
        Assert.Equal(expected, ReasonsOf(rejected.Body.GetProperty("items")).Concat(ReasonsOf(next.Body.GetProperty("items"))));
        Assert.Equal(5, await world.OnHandAsync("A00", "S1"));
        Assert.Equal(9, await world.OnHandAsync("A05", "S1"));
        Assert.Equal(12, await world.OnHandAsync("A10", "S1"));
    }

    [Fact]
    public async Task Rejected_lines_are_taken_once_the_mapping_is_mended()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync();
        await world.SnapshotAsync(feed, world.Now, ("DC-9", "A00", 5), ("S1", "old-7", 6), ("S1", "A02", -1));

        var foreign = await world.Http.ReplaceAsync($"{feed}/mappings", new { locations = new[] { new { code = "DC-9", location = world.StrangersPlace.ToString() } } });
        var mapped = await world.Http.ReplaceAsync($"{feed}/mappings", new
        {
            items = new object[] { new { code = "old-7", sku = "A07" } },
            locations = new[] { new { code = "DC-9", location = world.Places["S2"].ToString() } },
        });
        var left = await world.Http.FetchAsync($"{feed}/rejected");
        var again = await world.Http.SubmitAsync($"{feed}/rejected:retry", null);
        var mappings = await world.Http.FetchAsync($"{feed}/mappings");

        Assert.Equal(["#/locations/0/location"], foreign.Body.Faults());
        Assert.Equal(2, mapped.Body.GetProperty("retried").GetProperty("taken").GetInt32());
        Assert.Equal((3, "bad-quantity"), Assert.Single(ReasonsOf(left.Body.GetProperty("items"))));
        Assert.Equal(0, again.Body.GetProperty("tried").GetInt32());
        Assert.Equal(2, mappings.Body.GetProperty("items").GetArrayLength());
        Assert.Equal(5, await world.OnHandAsync("A00", "S2"));
        Assert.Equal(6, await world.OnHandAsync("A07", "S1"));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task Numbered_documents_are_taken_in_order_a_replay_changes_nothing_and_a_gap_asks_for_a_snapshot()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync();
        Task<(int Status, JsonElement Body, HttpResponseMessage Response)> Delta(int sequence, int change) =>
            world.Http.SubmitAsync($"{feed}/deltas", new { asOf = world.Now, sequence, lines = new[] { new { location = "S1", item = "A00", change } } });
        await world.Http.SubmitAsync($"{feed}/snapshots", new { asOf = world.Now, sequence = 7, lines = new[] { new { location = "S1", item = "A00", quantity = 10 } } });

        var next = await Delta(8, -3);
        var replay = await Delta(8, -3);
        var gap = await Delta(10, -1);
        var unnumbered = await world.Http.SubmitAsync($"{feed}/deltas", new { asOf = world.Now, lines = Array.Empty<object>() });
        var waiting = await world.Http.FetchAsync(feed);
        var snapshot = await world.Http.SubmitAsync($"{feed}/snapshots", new { asOf = world.Now, sequence = 10, lines = new[] { new { location = "S1", item = "A00", quantity = 5 } } });
        var after = await Delta(11, 2);
        var live = await world.Http.FetchAsync(feed);

        Assert.Equal("applied", next.Body.GetProperty("outcome").GetString());
        Assert.Equal("replayed", replay.Body.GetProperty("outcome").GetString());
        Assert.Equal((409, "urn:caravan:problem:feed-gap", 8), (gap.Status, gap.Body.GetProperty("type").GetString(), gap.Body.GetProperty("snapshotAbove").GetInt32()));
        Assert.Equal(409, unnumbered.Status);
        Assert.Equal("awaitingSnapshot", waiting.Body.GetProperty("state").GetString());
        Assert.Equal((200, 200), (snapshot.Status, after.Status));
        Assert.Equal(("live", 11), (live.Body.GetProperty("state").GetString(), live.Body.GetProperty("lastSequence").GetInt32()));
        Assert.Equal(7, await world.OnHandAsync("A00", "S1"));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task Gross_figures_are_carried_on_by_what_left_since_and_net_ones_by_what_was_reserved()
    {
        await using var world = await StockWorld.StartAsync();
        var gross = await world.AddFeedAsync(new { name = "gross", itemCodes = "sku", breakerPercent = 100 });
        var net = await world.AddFeedAsync(new { name = "net", itemCodes = "sku", breakerPercent = 100, isNetOfOrders = true });
        await world.SnapshotAsync(gross, world.Now, ("S1", "A00", 20));
        await world.SnapshotAsync(net, world.Now, ("S2", "A00", 20));
        async Task Sell(string cause, int reserved, int shipped)
        {
            foreach (var place in (string[])["S1", "S2"])
            {
                await world.ReserveAsync($"{cause}{place}", world.Take("A00", place, reserved));
                await world.WriteAsync(tx => world.Book.ShipAsync(tx, [world.Take("A00", place, shipped)], $"{cause}{place}"));
            }
        }

        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(1));
        await Sell("before", 5, 2);
        var asOf = world.Now;
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(1));
        await Sell("after", 4, 3);
        await world.SnapshotAsync(gross, asOf, ("S1", "A00", 17));
        await world.SnapshotAsync(net, asOf, ("S2", "A00", 14));

        // Gross: 17 lay there, 3 left since: 14. Reserved 5 − 2 + 4 − 3 = 4, so 10 may be sold.
        var one = (await world.CellAsync("A00", "S1"))!;
        Assert.Equal((14, 4, 10), (one.OnHand, one.Reserved, one.Sellable));

        // Net: 14 could be sold, 4 were reserved since: 10; and on hand are those and the 4 reserved.
        var two = (await world.CellAsync("A00", "S2"))!;
        Assert.Equal((14, 4, 10), (two.OnHand, two.Reserved, two.Sellable));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task A_feed_that_falls_silent_is_no_longer_promised_until_it_speaks_again()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync(new { name = "wms", itemCodes = "gtin", staleAfterMinutes = 30, buffer = 2 });
        await world.SnapshotAsync(feed, world.Now, ("S1", StockWorld.GtinOf(0)[1..], 10), ("S1", StockWorld.GtinOf(1), 10));
        var sellable = (await world.CellAsync("A00", "S1"))!.Sellable;

        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(31));
        var stale = (await world.CellAsync("A00", "S1"))!;
        var refused = await world.ReserveAsync("ful_1", world.Take("A00", "S1", 1));
        var beat = await world.Http.SubmitAsync($"{feed}/deltas", new { asOf = world.Now, lines = Array.Empty<object>() });
        var reserved = await world.ReserveAsync("ful_1", world.Take("A00", "S1", 1));
        var changed = await world.Http.SendAsync(HttpMethod.Patch, feed, new { buffer = 5 });

        Assert.Equal(8, sellable);
        Assert.True(stale.IsStale);
        Assert.Equal(0, Assert.Single(Assert.IsType<ReserveOutcome.Short>(refused).Lacking).Left);
        Assert.Equal(200, beat.Status);
        Assert.IsType<ReserveOutcome.Reserved>(reserved);
        Assert.True(changed.Body.GetProperty("isFresh").GetBoolean());
        Assert.Equal(4, (await world.CellAsync("A00", "S1"))!.Sellable); // 10 − 1 reserved − 5 buffer.
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task A_snapshot_that_would_wipe_out_too_much_waits_for_a_person()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync(new { name = "wms", itemCodes = "sku", breakerPercent = 40 });
        var full = Enumerable.Range(0, 10).Select(n => ("S1", StockWorld.Sku(n), (object?)10)).ToArray();
        await world.SnapshotAsync(feed, world.Now, full);
        var harmless = await world.SnapshotAsync(feed, world.Now, full[..6]);
        await world.SnapshotAsync(feed, world.Now, full);

        var trips = await world.SnapshotAsync(feed, world.Now, full[..5]);
        var path = $"{feed}/documents/{trips.Body.GetProperty("document").GetProperty("id").GetString()}";
        var state = await world.Http.FetchAsync(feed);
        var delta = await world.Http.SubmitAsync($"{feed}/deltas", new { asOf = world.Now, lines = Array.Empty<object>() });
        var before = await world.OnHandAsync("A09", "S1");
        var accepted = await world.Http.SubmitAsync($"{path}/accept", null);
        var twice = await world.Http.SubmitAsync($"{path}/accept", null);
        var tripsAgain = await world.SnapshotAsync(feed, world.Now, full[..1]);
        var other = $"{feed}/documents/{tripsAgain.Body.GetProperty("document").GetProperty("id").GetString()}";
        var discarded = await world.Http.SubmitAsync($"{other}/discard", null);
        var live = await world.Http.FetchAsync(feed);

        Assert.Equal((200, 202), (harmless.Status, trips.Status));
        Assert.Equal("breakerTripped", state.Body.GetProperty("state").GetString());
        Assert.Equal("urn:caravan:problem:feed-waiting", delta.Body.GetProperty("type").GetString());
        Assert.Equal((10, 200, 409), (before, accepted.Status, twice.Status));
        Assert.Equal(0, await world.OnHandAsync("A09", "S1"));
        Assert.Equal((202, 200), (tripsAgain.Status, discarded.Status));
        Assert.Equal(10, await world.OnHandAsync("A04", "S1"));
        Assert.Equal("live", live.Body.GetProperty("state").GetString());
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task An_older_figure_never_overwrites_a_newer_one()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync();
        await world.SnapshotAsync(feed, world.Now.AddMinutes(-10), ("S1", "A00", 5));

        var older = await world.SnapshotAsync(feed, world.Now.AddMinutes(-20), ("S1", "A00", 50));
        var change = await world.Http.SubmitAsync($"{feed}/deltas", new { asOf = world.Now.AddMinutes(-5), lines = new[] { new { location = "S1", item = "A00", change = -2 } } });
        var again = await world.Http.SubmitAsync($"{feed}/deltas", new { asOf = world.Now.AddMinutes(-5), lines = new[] { new { location = "S1", item = "A00", change = -2 } } });

        Assert.Equal(1, older.Body.GetProperty("document").GetProperty("outdated").GetInt32());
        Assert.Equal(1, change.Body.GetProperty("document").GetProperty("changed").GetInt32());
        Assert.Equal(1, again.Body.GetProperty("document").GetProperty("outdated").GetInt32());
        Assert.Equal(3, await world.OnHandAsync("A00", "S1"));
    }

    [Fact]
    public async Task A_snapshot_below_what_is_reserved_leaves_a_shortfall()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync();
        await world.SnapshotAsync(feed, world.Now, ("S1", "A00", 10));
        await world.ReserveAsync("ful_1", world.Take("A00", "S1", 6));

        await world.SnapshotAsync(feed, world.Now, ("S1", "A00", 4));
        var short2 = await world.Http.FetchAsync("/v1/stock/shortfalls");
        await world.SnapshotAsync(feed, world.Now, ("S1", "A00", 8));

        Assert.Equal(2, short2.Body.GetProperty("items")[0].GetProperty("quantity").GetInt32());
        Assert.Equal(2, (await world.CellAsync("A00", "S1"))!.Sellable);
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task Another_companys_feed_is_not_found_anywhere()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync(new { name = "wms", itemCodes = "sku" });
        await world.SnapshotAsync(feed, world.Now, ("S1", "A00", 10));
        var waiting = (await world.SnapshotAsync(feed, world.Now)).Body.GetProperty("document").GetProperty("id").GetString();
        var lines = new { asOf = world.Now, lines = Array.Empty<object>() };

        (HttpMethod, string, object?)[] requests =
        [
            (HttpMethod.Get, "", null), (HttpMethod.Patch, "", new { buffer = 1 }), (HttpMethod.Get, "/mappings", null),
            (HttpMethod.Put, "/mappings", new { items = new[] { new { code = "a", sku = "A00" } } }), (HttpMethod.Post, "/snapshots", lines), (HttpMethod.Post, "/deltas", lines),
            (HttpMethod.Get, "/documents", null), (HttpMethod.Get, $"/documents/{waiting}", null), (HttpMethod.Post, $"/documents/{waiting}/accept", null),
            (HttpMethod.Post, $"/documents/{waiting}/discard", null), (HttpMethod.Get, "/rejected", null), (HttpMethod.Post, "/rejected:retry", null),
        ];
        foreach (var (method, path, body) in requests)
            Assert.Equal((path, 404), (path, (await world.Stranger.SendAsync(method, feed + path, body)).Status));
        Assert.Equal(404, (await world.FileAsync(feed, "location,item,quantity\nS1,A00,1", by: world.Stranger)).Status);
        Assert.Equal(0, (await world.Stranger.FetchAsync("/v1/feeds")).Body.GetProperty("items").GetArrayLength());
        Assert.Equal(0, (await world.Stranger.FetchAsync("/v1/stock")).Body.GetProperty("items").GetArrayLength());
        Assert.Equal(0, (await world.Stranger.FetchAsync("/v1/stock/movements")).Body.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_repeated_write_with_its_key_is_done_once_and_answered_the_same()
    {
        await using var world = await StockWorld.StartAsync();
        var body = new { location = world.Places["S1"].ToString(), cause = "note 1", lines = new[] { new { sku = "A00", quantity = 3 } } };

        var first = await world.Http.SubmitAsync("/v1/stock/receipts", body, "k1");
        var again = await world.Http.SubmitAsync("/v1/stock/receipts", body, "k1");
        var sameCause = await world.Http.SubmitAsync("/v1/stock/receipts", body);
        var movements = await world.Http.FetchAsync("/v1/stock/movements");

        Assert.True(JsonElement.DeepEquals(first.Body, again.Body));
        Assert.Equal((1, 0), (first.Body.GetProperty("changed").GetInt32(), sameCause.Body.GetProperty("changed").GetInt32()));
        Assert.Equal("receive", movements.Body.GetProperty("items")[0].GetProperty("kind").GetString());
        Assert.Equal(3, await world.OnHandAsync("A00", "S1"));
    }

    private static (int, string)[] ReasonsOf(JsonElement lines) =>
        [.. lines.EnumerateArray().Select(line => (line.GetProperty("line").GetInt32(), line.GetProperty("reason").GetString()!)).OrderBy(line => line.Item1)];
}
