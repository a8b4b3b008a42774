using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Caravan.Stock;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Stock;

/// <summary>Documents of more lines than a slice: one meaning, many transactions.</summary>
public sealed class FeedSliceTests
{
    private const int Many = 1_200;
    private static readonly string[] Places = ["S1", "S2", "S3"];

    [Fact]
    public async Task A_snapshot_of_many_slices_means_what_a_small_one_means_whatever_the_order_of_its_lines()
    {
        await using var world = await WorldAsync();
        var feed = await world.AddFeedAsync();
        var first = await world.FileAsync(feed, Text(Shuffled(Cells())));
        var random = new Random(7);
        var changed = Cells().Where(cell => cell.Item % 10 != 3).Select(cell => cell with { Quantity = cell.Quantity + (cell.Item % 5) - 2 }).Where(cell => cell.Quantity >= 0).ToList();

        // One line twice the same, one twice otherwise, in slices far apart, and one that nobody can read.
        var lines = Shuffled(changed);
        var (same, otherwise) = (lines[5], lines[6]);
        lines.Add(same);
        lines.Insert(0, otherwise with { Quantity = otherwise.Quantity + 1 });
        lines.Insert(1, new Cell("S1", 9_999, 1));
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(1));
        var second = await world.FileAsync(feed, Text(lines));

        Assert.Equal((200, 3 * Many), (first.Status, first.Body.GetProperty("document").GetProperty("changed").GetInt32()));
        var document = second.Body.GetProperty("document");
        Assert.Equal((200, "applied", 3), (second.Status, document.GetProperty("state").GetString(), document.GetProperty("rejected").GetInt32()));
        Assert.Equal(Cells().Count(cell => cell.Item % 10 == 3 && cell.Quantity > 0), document.GetProperty("zeroed").GetInt32());
        Assert.Equal(lines.Count - 3 - 1, document.GetProperty("changed").GetInt32() + document.GetProperty("unchanged").GetInt32());
        Assert.Equal(["duplicate-line", "unknown-item", "duplicate-line"], second.Body.GetProperty("rejectedLines").EnumerateArray().Select(line => line.GetProperty("reason").GetString()!));
        var stock = await StockAsync(world);
        var wanted = changed.ToDictionary(cell => (cell.Place, cell.Item), cell => cell.Quantity);
        wanted[(otherwise.Place, otherwise.Item)] = Cells().Single(cell => cell.Place == otherwise.Place && cell.Item == otherwise.Item).Quantity;
        Assert.Equal(
            Cells().Select(cell => (cell.Place, cell.Item, wanted.GetValueOrDefault((cell.Place, cell.Item)))).Order(),
            stock.Order());
        Assert.Empty(await world.AuditAsync());
        Assert.Equal(0, await world.Caravan.Store.ReadAsync(db => db.ValueAsync<int>("SELECT COUNT(*) FROM feed_parts WHERE tenant = @Owner", new { world.Owner }), TestCaravan.Cancel));
    }

    [Fact]
    public async Task What_was_sold_and_shipped_between_slices_is_carried_on_as_in_one_transaction()
    {
        await using var world = await WorldAsync();
        var feed = await world.AddFeedAsync();
        await world.FileAsync(feed, Text(Cells()));
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(1));
        var upload = await UploadAsync(world, feed, Cells().Select(cell => cell with { Quantity = 50 }).ToList());
        var slices = world.Caravan.Services.GetRequiredService<FeedSlices>();

        // Ship three of an item after the figures were true, while its slice may be done or not.
        world.Caravan.Clock.Advance(TimeSpan.FromSeconds(5));
        var done = slices.ApplyAsync(world.Owner, upload, null, null, TestCaravan.Cancel);
        foreach (var place in Places)
        {
            var take = new Caravan.Stock.StockTake(world.Owner, world.Items["C0007"], world.Places[place], 3);
            Assert.IsType<ReserveOutcome.Reserved>(await world.Caravan.Store.WriteAsync(tx => world.Book.ReserveAsync(tx, [take], $"o-{place}"), TestCaravan.Cancel));
            await world.WriteAsync(tx => world.Book.PickAsync(tx, [take], $"o-{place}"));
            await world.WriteAsync(tx => world.Book.ShipAsync(tx, [take], $"o-{place}"));
        }

        await done;

        Assert.All((await StockAsync(world)).Where(cell => cell.Item == 7), cell => Assert.Equal(47, cell.Quantity));
        Assert.All((await StockAsync(world)).Where(cell => cell.Item != 7), cell => Assert.Equal(50, cell.Quantity));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task A_document_that_a_crash_left_half_done_is_gone_on_with_and_others_wait_for_it_by_name()
    {
        await using var world = await WorldAsync();
        var feed = await world.AddFeedAsync();
        await world.FileAsync(feed, Text(Cells()));
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(1));
        var document = await UploadAsync(world, feed, Cells().Where(cell => cell.Item >= 100).Select(cell => cell with { Quantity = 1 }).ToList());
        var slices = world.Caravan.Services.GetRequiredService<FeedSlices>();
        using var crash = CancellationTokenSource.CreateLinkedTokenSource(TestCaravan.Cancel);
        crash.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slices.ApplyAsync(world.Owner, document, null, null, crash.Token));

        var meanwhile = await world.Http.SubmitAsync($"{feed}/deltas", new { asOf = world.Now, lines = Array.Empty<object>() });
        var shown = await world.Http.FetchAsync($"{feed}/documents/{document}");
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(1));
        var after = await AppliedAsync(world, $"{feed}/documents/{document}");

        Assert.Equal((409, "applying"), (meanwhile.Status, shown.Body.GetProperty("state").GetString()));
        Assert.EndsWith("feed-applying", meanwhile.Body.GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.Equal("applied", after.GetProperty("state").GetString());
        Assert.All(await StockAsync(world), cell => Assert.Equal(cell.Item < 100 ? 0 : 1, cell.Quantity));
        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task A_whole_catalogue_renumbered_overnight_is_named_line_by_line_and_zeroes_nothing_until_a_person_says_so()
    {
        await using var world = await WorldAsync();
        var feed = await world.AddFeedAsync(new { name = "wms", itemCodes = "sku", breakerPercent = 40 });
        await world.FileAsync(feed, Text(Cells()));
        var before = await StockAsync(world);
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(1));

        var renumbered = await world.FileAsync(feed, Text(Cells()).Replace(",C", ",NEW-", StringComparison.Ordinal));
        var unmoved = await StockAsync(world);
        var waiting = renumbered.Body.GetProperty("document").GetProperty("id").GetString();
        var mapped = await world.Http.ReplaceAsync($"{feed}/mappings", new { items = Enumerable.Range(0, Many).Select(n => new { code = $"NEW-{n:0000}", sku = Sku(n) }) });
        var accepted = await world.Http.SubmitAsync($"{feed}/documents/{waiting}/accept", null);
        var applied = await AppliedAsync(world, $"{feed}/documents/{waiting}");

        Assert.Equal((202, "waiting", 3 * Many), (renumbered.Status, renumbered.Body.GetProperty("outcome").GetString(), renumbered.Body.GetProperty("document").GetProperty("rejected").GetInt32()));
        Assert.Contains("empty", renumbered.Body.GetProperty("document").GetProperty("note").GetString(), StringComparison.Ordinal);
        Assert.Equal(before.Order(), unmoved.Order());
        Assert.Equal((200, 202), (mapped.Status, accepted.Status));
        Assert.Equal(before.Order(), (await StockAsync(world)).Order());
        Assert.Equal("applied", applied.GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_write_that_is_repeated_with_its_key_is_answered_the_same_also_when_it_went_in_by_slices()
    {
        await using var world = await WorldAsync();
        var feed = await world.AddFeedAsync();
        var body = new { asOf = world.Now, lines = Cells().Select(cell => new { location = cell.Place, item = Sku(cell.Item), quantity = cell.Quantity }).ToList() };

        var first = await world.Http.SubmitAsync($"{feed}/snapshots", body, key: "day-1");
        var again = await world.Http.SubmitAsync($"{feed}/snapshots", body, key: "day-1");

        Assert.Equal((200, "applied"), (first.Status, first.Body.GetProperty("outcome").GetString()));
        Assert.Equal((first.Status, first.Body.GetRawText()), (again.Status, again.Body.GetRawText()));
        Assert.Single((await world.Http.FetchAsync($"{feed}/documents")).Body.GetProperty("items").EnumerateArray());
    }

    /// <summary>60,000 lines; CARAVAN_FEED_LINES=5000000 for a whole partner's world.</summary>
    [Fact]
    public async Task A_file_of_millions_of_lines_streams_in_bounded_memory_and_orders_go_on_between_its_slices()
    {
        var total = int.Parse(Environment.GetEnvironmentVariable("CARAVAN_FEED_LINES") ?? "60000", CultureInfo.InvariantCulture);
        await using var world = await WorldAsync();
        var feed = await world.AddFeedAsync();
        using var patient = world.Caravan.Client(world.Http.DefaultRequestHeaders.Authorization!.Parameter); // The world signs in with a key.
        patient.Timeout = TimeSpan.FromHours(2);
        await world.FileAsync(feed, Text(Cells()));
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(1));
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();

        // Most lines tell again and again, the same, of the cells that there are; those of unknown items are named.
        using var content = new PushContent(total, line => line % 100 == 99 ? $"S1,unknown-{line},1\n" : $"{Places[line % 3]},{Sku(line * 7L / 3 % Many)},9\n");
        var answer = await patient.SubmitAsync($"{feed}/files?asOf={Uri.EscapeDataString(world.Now.ToString("O", CultureInfo.InvariantCulture))}&kind=delta&lines={total}", content);
        var received = watch.Elapsed;
        var slowest = TimeSpan.Zero;
        var applied = AppliedAsync(world, $"{feed}/documents/{answer.Body.GetProperty("document").GetProperty("id").GetString()}");
        var order = 0;
        for (; !applied.IsCompleted; order++)
        {
            var since = Stopwatch.GetTimestamp();
            await world.ReserveAsync($"o-{order}", world.Take("A00", "S1", 0 + 1));
            slowest = Stopwatch.GetElapsedTime(since) > slowest ? Stopwatch.GetElapsedTime(since) : slowest;
            await Task.WhenAny(applied, Task.Delay(20, TestCaravan.Cancel));
        }

        await applied;
        var grown = GC.GetTotalMemory(forceFullCollection: true) - heap;
        TestContext.Current.TestOutputHelper!.WriteLine($"{total} lines: received and judged in {received.TotalSeconds:N1} s, applied after {watch.Elapsed.TotalSeconds:N1} s; slowest order {slowest.TotalMilliseconds:N0} ms; heap grown by {grown / 1024 / 1024} MB");
        var document = (await world.Http.FetchAsync($"{feed}/documents")).Body.GetProperty("items")[0];
        Assert.Equal((202, total, total / 100), (answer.Status, document.GetProperty("lines").GetInt32(), document.GetProperty("rejected").GetInt32()));
        Assert.True(order > 3, $"Only {order} orders came in between; the slowest waited {slowest}."); // Where slices do not give way the first waits for all of them.
        Assert.True(grown < 100L * 1024 * 1024, $"The heap grew by {grown} bytes.");
        Assert.Empty(await world.AuditAsync());
    }

    [Theory]
    [InlineData("location,item,quantity\nS1,A00,7\nS2,A0", null, "#", "cut off")]
    [InlineData("location,item,quantity\nS1,A00,7\nS2,\"A01,5", null, "#", "line 3")]
    [InlineData("location,item,quantity\nS1,A00,7\n", 2, "?lines", "Nothing was taken")]
    public async Task A_snapshot_that_was_cut_off_is_refused_whole_so_that_nothing_is_zeroed_by_it(string text, int? said, string pointer, string words)
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync();
        await world.FileAsync(feed, "location,item,quantity\nS1,A00,5\nS2,A01,5\nS3,A02,5\n");

        var answer = await world.FileAsync(feed, text, said is null ? "" : $"&lines={said}");

        Assert.Equal(400, answer.Status);
        Assert.Contains(pointer, answer.Body.Faults());
        Assert.Contains(words, answer.Body.ToString(), StringComparison.Ordinal);
        Assert.Equal((5, 5, 5), (await world.OnHandAsync("A00", "S1"), await world.OnHandAsync("A01", "S2"), await world.OnHandAsync("A02", "S3")));
    }

    [Fact]
    public async Task A_broken_line_costs_itself_alone_and_the_next_is_read()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync();

        var answer = await world.FileAsync(feed, "location,item,quantity\nS1,A00,7\nS1,\"A01,5\nS2,\"A02\",6\nS2,\"A\"\"03\",1\nS1,A04,8\n");

        var lines = answer.Body.GetProperty("rejectedLines").EnumerateArray().Select(line => (line.GetProperty("line").GetInt32(), line.GetProperty("reason").GetString(), line.GetProperty("item").GetString())).ToArray();
        Assert.Equal([(3, "bad-row", "A01,5"), (5, "unknown-item", "A\"03")], lines);
        Assert.Equal((7, 6, 8), (await world.OnHandAsync("A00", "S1"), await world.OnHandAsync("A02", "S2"), await world.OnHandAsync("A04", "S1")));
    }

    private static async Task<StockWorld> WorldAsync()
    {
        var world = await StockWorld.StartAsync();
        var items = Enumerable.Range(0, Many).Select(n => new { sku = Sku(n), name = "c", weightGrams = 1, price = new { amount = 1, currency = "CNY" } });
        Assert.Equal(200, (await world.Http.ReplaceAsync("/v1/items", new { items = items.Take(1000) })).Status);
        Assert.Equal(200, (await world.Http.ReplaceAsync("/v1/items", new { items = items.Skip(1000) })).Status);
        foreach (var item in await world.Caravan.Store.ReadAsync(db => world.Caravan.Services.GetRequiredService<Caravan.Catalog.ItemCatalog>().BySkuAsync(db, world.Owner, [Sku(7)]), TestCaravan.Cancel))
            world.Items[item.Sku] = item.Id;
        return world;
    }

    private static string Sku(long number) => string.Create(CultureInfo.InvariantCulture, $"C{number:0000}");

    private static List<Cell> Cells() => [.. from place in Places from item in Enumerable.Range(0, Many) select new Cell(place, item, item % 40)];

    private static List<Cell> Shuffled(List<Cell> cells)
    {
        var all = cells.ToArray();
        new Random(11).Shuffle(all);
        return [.. all];
    }

    private static string Text(IEnumerable<Cell> cells)
    {
        var text = new StringBuilder("location,item,quantity\n");
        foreach (var cell in cells)
            text.Append(CultureInfo.InvariantCulture, $"{cell.Place},{Sku(cell.Item)},{cell.Quantity}\n");
        return text.ToString();
    }

    // Begun as a request begins it, and left there.
    private static async Task<FeedDocumentId> UploadAsync(StockWorld world, string path, List<Cell> cells)
    {
        var (store, slices) = (world.Caravan.Store, world.Caravan.Services.GetRequiredService<FeedSlices>());
        var feed = FeedId.Parse(path.Split('/')[^1], null);
        var upload = new FeedUpload(store, world.Owner, feed, world.Caravan.Clock);
        var line = 1;
        foreach (var cell in cells)
            await upload.AddAsync(new FeedLine(++line, cell.Place, Sku(cell.Item), cell.Quantity.ToString(CultureInfo.InvariantCulture), IsChange: false), TestCaravan.Cancel);
        var stored = await upload.EndAsync(DocumentKind.Snapshot, world.Now, null, new FeedScope(), TestCaravan.Cancel);
        var found = await store.ReadAsync(db => FeedStore.FindAsync(db, world.Owner, feed), TestCaravan.Cancel);
        var judged = await slices.JudgeAsync(found!, stored, TestCaravan.Cancel); // Added by the test.
        var network = await world.Caravan.Services.GetRequiredService<Caravan.Network.NetworkMap>().CurrentAsync(TestCaravan.Cancel);
        var begun = await store.WriteAsync(tx => slices.BeginAsync(tx, network, found!, stored, judged, _ => { }), TestCaravan.Cancel); // As above.
        Assert.Null(begun.Refusal);
        return stored.Document;
    }

    private static async Task<List<(string Place, int Item, int Quantity)>> StockAsync(StockWorld world)
    {
        var names = world.Places.ToDictionary(one => one.Value, one => one.Key);
        var rows = await world.Caravan.Store.ReadAsync(
            db => db.QueryAsync<StockRow>(
                "SELECT c.location, i.sku, c.on_hand FROM stock_cells c JOIN items i ON i.tenant = c.tenant AND i.id = c.item WHERE c.tenant = @owner AND i.sku LIKE 'C%'",
                new { owner = world.Owner }),
            TestCaravan.Cancel);
        return [.. rows.Select(row => (names[row.Location], int.Parse(row.Sku[1..], CultureInfo.InvariantCulture), row.OnHand))];
    }

    private static async Task<JsonElement> AppliedAsync(StockWorld world, string path)
    {
        var slices = world.Caravan.Services.GetRequiredService<FeedSlices>();
        while (true)
        {
            // This server's own work may have it in hand already.
            await slices.RunOnceAsync(TestCaravan.Cancel);
            var document = (await world.Http.FetchAsync(path)).Body;
            if (document.GetProperty("state").GetString() != "applying")
                return document;
            await Task.Delay(50, TestCaravan.Cancel);
        }
    }

    private sealed record StockRow
    {
        public LocationId Location { get; init; }
        public string Sku { get; init; } = "";
        public int OnHand { get; init; }
    }

    private sealed record Cell(string Place, int Item, int Quantity);

    /// <summary>A file that is made while it is sent.</summary>
    private sealed class PushContent : HttpContent
    {
        private readonly int lines;
        private readonly Func<int, string> make;

        public PushContent(int lines, Func<int, string> make)
        {
            (this.lines, this.make) = (lines, make);
            Headers.ContentType = new("text/csv");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await using var writer = new StreamWriter(stream, new UTF8Encoding(false), 64 * 1024, leaveOpen: true);
            await writer.WriteAsync("location,item,quantity\n");
            for (var line = 0; line < lines; line++)
                await writer.WriteAsync(make(line));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
