using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Caravan.Stock;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Stock;

public sealed class FeedFileTests
{
    [Theory]
    [InlineData("location,item,quantity\nS1,A00,7\n")]
    [InlineData("\uFEFFStore;SKU;Qty\r\nS1;A00;7.0\r\n")]
    [InlineData("sep=;\nWarehouse;On Hand;Name;Article No\nS1;7;\"tea; green\";A00")]
    [InlineData("ean\tsite\tstock\nA00\t S1 \t7\n\n")]
    [InlineData("\"location\",\"item\",\"quantity\"\n\"S1\",\"A00\",\"7\"")]
    public async Task Files_are_read_as_stock_systems_write_them(string text)
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync();

        var answer = await world.FileAsync(feed, text, "&kind=snapshot&scope=locationsInFile");

        Assert.Equal((200, 0), (answer.Status, answer.Body.GetProperty("document").GetProperty("rejected").GetInt32()));
        Assert.Equal(7, await world.OnHandAsync("A00", "S1"));
    }

    [Fact]
    public async Task A_file_names_the_lines_it_loses_by_their_place_in_it()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync(new { name = "wms", itemCodes = "gtin", breakerPercent = 100 });
        var text = $"location,item,quantity\nS1,{StockWorld.GtinOf(0)},7\nS1,6.90123E+12,5\nS1,{StockWorld.GtinOf(1)},\"1,5\"\nS1,{StockWorld.GtinOf(2)},1e3\nS1,{StockWorld.GtinOf(3)}\nS1,\"{StockWorld.GtinOf(4)},5\n";

        var answer = await world.FileAsync(feed, text);

        var lines = answer.Body.GetProperty("rejectedLines").EnumerateArray().Select(line => (line.GetProperty("line").GetInt32(), line.GetProperty("reason").GetString())).ToArray();
        Assert.Equal([(3, "unknown-item"), (4, "bad-quantity"), (5, "bad-quantity"), (6, "bad-quantity"), (7, "bad-row")], lines);
        Assert.Contains("spreadsheet", answer.Body.GetProperty("rejectedLines")[0].GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(7, await world.OnHandAsync("A00", "S1"));
    }

    [Theory]
    [InlineData("", "", "#")]
    [InlineData("a,b,c\n1,2,3", "", "#/header")]
    [InlineData("location,item,my_stock_maybe\nS1,A00,1", "", "#/header")]
    [InlineData("location,item,change\nS1,A00,1", "&kind=snapshot", "#/lines/1/change")]
    [InlineData("location,item,quantity\nS1,A00,1", "&kind=both", "?kind")]
    [InlineData("location,item,quantity\nS1,A00,1", "&scope=some", "?scope")]
    [InlineData("location,item,quantity\nS1,A00,1", "&kind=delta&scope=all", "?scope")]
    [InlineData("location,item,quantity\nS1,A00,1", "&sequence=x", "sequence")]
    [InlineData("location,item,quantity\nS1,A00,1", "&sequence=-1", "#/sequence")]
    public async Task A_faulty_file_is_refused_by_the_name_of_what_is_wrong(string text, string query, string pointer)
    {
        await using var world = await StockWorld.StartAsync();

        var answer = await world.FileAsync(await world.AddFeedAsync(), text, query);

        Assert.Equal(400, answer.Status);
        Assert.Contains(pointer, answer.Body.Faults());
    }

    [Fact]
    public async Task Bytes_that_are_not_utf8_are_named_by_their_offset()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync();
        byte[] bytes = [.. "location,item,quantity\nS1,"u8, 0xE9, .. ",1"u8];

        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new("text/csv");
        var answer = await world.Http.SubmitAsync($"{feed}/files?asOf=2026-11-03T02:00:00Z", content);
        var json = await world.Http.SubmitAsync($"{feed}/files?asOf=2026-11-03T02:00:00Z", "{}");

        Assert.Equal((400, 415), (answer.Status, json.Status));
        Assert.Contains("offset 26", answer.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fifty_thousand_lines_are_one_document()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync();
        var text = new StringBuilder("location,item,quantity\n");
        for (var i = 0; i < 50_000; i++)
            text.Append("S1,").Append(i < 30 ? StockWorld.Sku(i) : $"unknown-{i}").Append(",3\n");

        var watch = Stopwatch.StartNew();
        var taken = await world.FileAsync(feed, text.ToString());
        TestContext.Current.TestOutputHelper!.WriteLine($"50,000 lines in {watch.ElapsedMilliseconds} ms");
        var asJson = await world.Http.SubmitAsync($"{feed}/deltas", new { asOf = world.Now, lines = Enumerable.Range(0, 50_001).Select(i => new { location = "S1", item = "A00", quantity = 1 }) });

        Assert.Equal((200, 49_970), (taken.Status, taken.Body.GetProperty("document").GetProperty("rejected").GetInt32()));
        Assert.Equal((400, "#/lines"), (asJson.Status, asJson.Body.Faults()[0]));
        Assert.Equal(49_970, (await world.Http.FetchAsync(feed)).Body.GetProperty("rejectedLines").GetInt32());
    }

    [Fact]
    public async Task A_large_snapshot_of_known_cells_is_taken_and_taken_again()
    {
        await using var world = await StockWorld.StartAsync();
        var feed = await world.AddFeedAsync();
        for (var batch = 0; batch < 10; batch++)
        {
            var items = Enumerable.Range(0, 1000).Select(n => new { sku = $"B{batch}-{n}", name = "b", weightGrams = 1, price = new { amount = 1, currency = "CNY" } });
            Assert.Equal(200, (await world.Http.ReplaceAsync("/v1/items", new { items })).Status);
        }

        var text = "location,item,quantity\n" + string.Concat(from place in (string[])["S1", "S2", "S3"] from batch in Enumerable.Range(0, 10) from n in Enumerable.Range(0, 1000) select $"{place},B{batch}-{n},{n}\n");
        for (var i = 0; i < 2; i++)
        {
            var watch = Stopwatch.StartNew();
            var answer = await world.FileAsync(feed, text);
            TestContext.Current.TestOutputHelper!.WriteLine($"30,000 known lines in {watch.ElapsedMilliseconds} ms");
            Assert.Equal((200, i == 0 ? 30_000 : 0), (answer.Status, answer.Body.GetProperty("document").GetProperty("changed").GetInt32()));
        }

        Assert.Empty(await world.AuditAsync());
    }

    [Fact]
    public async Task The_check_tells_without_a_server_what_would_become_of_a_file()
    {
        var folder = Directory.CreateTempSubdirectory("caravan-check-");
        try
        {
            var clean = await CheckAsync("location,item,quantity\nS1,4006381333931,5\nS2,4006381333931,6\n");
            var dirty = await CheckAsync("store;ean;qty\nS1;4006381333932;5\nS1;4.00638E+12;6\nS1;4006381333931;-2\nS1;x;1,5\nS9;y;1\nS2;z;0\nS2;q;0\n", "S1\nS2\n");
            var unreadable = await CheckAsync("");
            var guessed = await CheckAsync("location,item,my_stock\nS1,a,1\n");

            Assert.Equal((0, 2), (clean.Code, clean.Report.GetProperty("accepted").GetInt32()));
            Assert.Equal(1, dirty.Code);
            Assert.Equal(
                ["bad-quantity", "unknown-item", "unknown-location"],
                dirty.Report.GetProperty("rejected").EnumerateArray().Select(one => one.GetProperty("reason").GetString()!).Order(StringComparer.Ordinal));
            Assert.Equal(5, dirty.Report.GetProperty("suspicious").GetArrayLength());
            Assert.Equal("semicolon", dirty.Report.GetProperty("delimiter").GetString());
            Assert.Equal(2, unreadable.Code);
            Assert.Equal(1, guessed.Code);
            Assert.Contains("my_stock", guessed.Report.GetProperty("mustRename").GetString(), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        async Task<(int Code, JsonElement Report)> CheckAsync(string text, string? locations = null)
        {
            var file = new FileInfo(Path.Combine(folder.FullName, "stock.csv"));
            await File.WriteAllTextAsync(file.FullName, text, TestCaravan.Cancel);
            var list = locations is null ? null : new FileInfo(Path.Combine(folder.FullName, "locations.csv"));
            if (list is not null)
                await File.WriteAllTextAsync(list.FullName, locations, TestCaravan.Cancel);
            await using var output = new StringWriter();
            await using var errors = new StringWriter();
            var code = await FeedVerbs.CheckAsync(file, null, list, isJson: true, output, errors, TestCaravan.Cancel);
            await using var table = new StringWriter();
            Assert.Equal(code, await FeedVerbs.CheckAsync(file, null, list, isJson: false, table, errors, TestCaravan.Cancel));
            Assert.True(code == 2 ? errors.ToString().Contains("cannot be read", StringComparison.Ordinal) : table.ToString().Contains("stock.csv", StringComparison.Ordinal));
            return (code, code == 2 ? default : JsonSerializer.Deserialize<JsonElement>(output.ToString()));
        }
    }
}
