using System.Globalization;
using System.Text;
using System.Text.Json;
using Caravan.Stock.Connect;
using Caravan.Tests.Platform;
using Spectre.Console;

namespace Caravan.Tests.Stock;

/// <summary>Connecting a stock system with its own export: guesses, codes, dry run, live.</summary>
public sealed class ConnectTests
{
    private const string German =
        """
        Bestandsliste Zentrallager;;;;
        Stand: 03.11.2026;;;;
        Filiale;Artikelnummer;Bezeichnung;verfügbarer Bestand;VK-Preis
        S1;A00;Grüner Tee;1.204,00;4,99
        S1;'A01;Öl;7,00;12,50
        S2;a-02;Müsli;3,00;2,10
        Süd;A03;Käse;2,50;3,99
        S1;4,00638E+12;Honig;5,00;6,00
        S1;02. Jan;Salz;1,00;0,50

        """;

    static ConnectTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    [Fact]
    public async Task A_german_export_is_guessed_put_right_mapped_shown_dry_and_goes_live_and_so_does_the_next_one_as_it_is()
    {
        await using var world = await StockWorld.StartAsync();
        var bytes = Encoding.GetEncoding("windows-1252").GetBytes(German);

        var begun = await BeginAsync(world, bytes);
        var guessed = begun.Body;
        var id = begun.Response.Headers.Location!.ToString();

        Assert.Equal(201, begun.Status);
        Assert.Equal(("windows-1252", "semicolon", "3"), (Value(guessed, "encoding"), Value(guessed, "delimiter"), Value(guessed, "headerLine")));
        Assert.Equal(("Filiale", "Artikelnummer", "verfügbarer Bestand"), (Value(guessed, "locationColumn"), Value(guessed, "itemColumn"), Value(guessed, "quantityColumn")));
        Assert.Equal(("comma", "sku", "available"), (Value(guessed, "decimals"), Value(guessed, "itemCodes"), Value(guessed, "meaning")));
        Assert.All((string[])["encoding", "delimiter", "headerLine", "locationColumn", "itemColumn", "quantityColumn", "decimals", "meaning"], name => Assert.InRange(guessed.GetProperty(name).GetProperty("percent").GetInt32(), 50, 99));
        Assert.All((string[])["encoding", "itemColumn", "quantityColumn"], name => Assert.NotEmpty(guessed.GetProperty(name).GetProperty("why").GetString()!));

        // What is unknown has suggestions; a code that a spreadsheet has spoiled has none, and is named in the dry run.
        var items = guessed.GetProperty("items").GetProperty("unknown").EnumerateArray().ToDictionary(one => one.GetProperty("code").GetString()!);
        Assert.Equal("A02", items["a-02"].GetProperty("suggestions")[0].GetProperty("target").GetString());
        Assert.Equal(0, items["4,00638E+12"].GetProperty("suggestions").GetArrayLength());
        Assert.Equal("Süd", guessed.GetProperty("locations").GetProperty("unknown")[0].GetProperty("code").GetString());

        var accepted = await world.Http.SubmitAsync($"{id}:accept", new { atLeastPercent = 90 });
        var mapped = await world.Http.SendAsync(HttpMethod.Patch, id, new { name = "warehouse", locations = new Dictionary<string, string> { ["Süd"] = "S3" } });
        var dry = mapped.Body.GetProperty("dryRun");
        Assert.Equal((200, 1), (accepted.Status, accepted.Body.GetProperty("items").GetInt32()));
        Assert.Equal((6, 3, 3), (dry.GetProperty("lines").GetInt32(), dry.GetProperty("accepted").GetInt32(), dry.GetProperty("newCells").GetInt32()));
        Assert.Equal(0, await world.OnHandAsync("A00", "S1"));
        var rejected = dry.GetProperty("rejected").EnumerateArray().SelectMany(one => one.GetProperty("lines").EnumerateArray().Select(line => (line.GetInt32(), one.GetProperty("reason").GetString()))).Order().ToList();
        Assert.Equal([(7, "bad-quantity"), (8, "unknown-item"), (9, "unknown-item")], rejected);
        Assert.Equal([("S1", 1_211L), ("S2", 3L)], dry.GetProperty("locations").EnumerateArray().Select(one => (one.GetProperty("code").GetString(), one.GetProperty("unitsThen").GetInt64())));

        var live = await world.Http.SubmitAsync($"{id}:go-live", new { });
        var again = await world.Http.SubmitAsync($"{id}:go-live", new { });
        Assert.Equal((200, live.Body.GetProperty("feed").GetString()), (live.Status, again.Body.GetProperty("feed").GetString()));
        Assert.Equal((1_204, 7, 3), (await world.OnHandAsync("A00", "S1"), await world.OnHandAsync("A01", "S1"), await world.OnHandAsync("A02", "S2")));

        // The next file needs no word of explanation.
        world.Caravan.Clock.Advance(TimeSpan.FromMinutes(5));
        using var next = new ByteArrayContent(Encoding.GetEncoding("windows-1252").GetBytes(German.Replace("1.204,00", "1.300,00", StringComparison.Ordinal)));
        next.Headers.ContentType = new("text/csv");
        var sent = await world.Http.SubmitAsync($"/v1/feeds/{live.Body.GetProperty("feed").GetString()}/files?asOf={Uri.EscapeDataString(world.Now.ToString("O", CultureInfo.InvariantCulture))}", next);
        Assert.Equal((200, 1), (sent.Status, sent.Body.GetProperty("document").GetProperty("changed").GetInt32()));
        Assert.Equal(1_300, await world.OnHandAsync("A00", "S1"));
        Assert.Empty(await world.AuditAsync());
    }

    [Theory]
    [InlineData("utf-8", "仓库,商品编码,库存数量\nS1,A00,5\nS2,A01,6\n", "仓库", "商品编码", "库存数量")]
    [InlineData("gb18030", "仓库\t商品编码\t商品名称\t可用库存\nS1\tA00\t绿茶龙井\t5\nS2\tA01\t食用油\t6\n", "仓库", "商品编码", "可用库存")]
    [InlineData("utf-16le", "Magasin\tRéférence\tQté disponible\nS1\tA00\t5\nS2\tA01\t6\n", "Magasin", "Référence", "Qté disponible")]
    [InlineData("utf-8", "sep=;\n\"Site\";\"EAN\";\"Name\";\"Qty\"\nS1;GTIN0;\"a; b\";5\nS1;GTIN1;x;6\n", "Site", "EAN", "Qty")]
    [InlineData("utf-8", "x1|x2|x3\nS1|A00|5\nS2|A01|6\nS3|A02|7\n", "x1", "x2", "x3")]
    public async Task Files_of_many_languages_are_guessed_by_their_names_and_by_what_stands_in_them(string encoding, string text, string location, string item, string quantity)
    {
        await using var world = await StockWorld.StartAsync();
        var bytes = Encoding.GetEncoding(encoding == "utf-16le" ? "utf-16" : encoding).GetBytes(text.Replace("GTIN0", StockWorld.GtinOf(0), StringComparison.Ordinal).Replace("GTIN1", StockWorld.GtinOf(1), StringComparison.Ordinal));

        var begun = (await BeginAsync(world, bytes)).Body;

        Assert.Equal((encoding, location, item, quantity), (Value(begun, "encoding"), Value(begun, "locationColumn"), Value(begun, "itemColumn"), Value(begun, "quantityColumn")));
        Assert.Equal(0, begun.GetProperty("items").GetProperty("unknownInAll").GetInt32());
        Assert.Equal(0, begun.GetProperty("dryRun").GetProperty("rejected").GetArrayLength());
    }

    [Fact]
    public async Task What_is_wrong_with_a_choice_is_named_and_what_was_begun_is_found_again_by_its_company_alone()
    {
        await using var world = await StockWorld.StartAsync();
        var begun = await BeginAsync(world, "item,quantity\nA00,5\n"u8.ToArray());
        var id = begun.Response.Headers.Location!.ToString();

        var faulty = await world.Http.SendAsync(HttpMethod.Patch, id, new { itemColumn = "nothing", encoding = "ebcdic", fixedLocation = "nowhere", items = new Dictionary<string, string> { ["x"] = "no such" } });
        var columns = await world.Http.SendAsync(HttpMethod.Patch, id, new { itemColumn = "nothing", fixedLocation = "nowhere", items = new Dictionary<string, string> { ["x"] = "no such" } });
        var early = await world.Http.SubmitAsync($"{id}:go-live", new { });
        var of = await world.Http.SendAsync(HttpMethod.Patch, id, new { fixedLocation = "S2" });
        var workbook = await BeginAsync(world, [0x50, 0x4B, 0x03, 0x04, 1, 2]);

        Assert.Equal((201, "Which location is this file of? Choose it above."), (begun.Status, begun.Body.GetProperty("fault").GetString()));
        Assert.Equal(["#/encoding"], faulty.Body.Faults());
        Assert.Equal(["#/itemColumn", "#/fixedLocation", "#/items/x"], columns.Body.Faults());
        Assert.Equal((400, 200), (early.Status, of.Status));
        Assert.Equal(JsonValueKind.Undefined, of.Body.TryGetProperty("fault", out var fault) ? fault.ValueKind == JsonValueKind.Null ? JsonValueKind.Undefined : fault.ValueKind : JsonValueKind.Undefined);
        Assert.Equal(1, of.Body.GetProperty("dryRun").GetProperty("accepted").GetInt32());
        Assert.Contains("Excel", workbook.Body.ToString(), StringComparison.Ordinal);
        Assert.Single((await world.Http.FetchAsync("/v1/feed-connections")).Body.GetProperty("items").EnumerateArray());
        Assert.Equal(404, (await world.Stranger.FetchAsync(id)).Status);
        Assert.Equal(404, (await world.Stranger.SubmitAsync($"{id}:go-live", new { })).Status);
        Assert.Equal(204, (await world.Http.SendAsync(HttpMethod.Delete, id)).Status);
        Assert.Equal(404, (await world.Http.FetchAsync(id)).Status);
    }

    [Fact]
    public async Task The_verb_takes_an_export_to_a_live_feed_and_says_what_is_missing()
    {
        await using var world = await StockWorld.StartAsync();
        var folder = Directory.CreateTempSubdirectory("caravan-connect-");
        var file = new FileInfo(Path.Combine(folder.FullName, "export.csv"));
        await File.WriteAllTextAsync(file.FullName, "item,quantity\nA00,5\nA-01,6\n", TestCaravan.Cancel);
        var own = world.Http.DefaultRequestHeaders.Authorization!.Parameter!; // The world signs in with a key.
        var order = new ConnectOrder(file, world.Caravan.Address, own, new ConnectionChoices(), 80, IsYes: true, IsDryRun: false, IsJson: false, AcceptsBreaker: false);

        var open = await RunAsync(order);
        var done = await RunAsync(order with { Choices = new ConnectionChoices { Name = "by verb", LocationColumn = "", FixedLocation = "S2" } });
        var json = await RunAsync(order with { IsJson = true, IsDryRun = true, Choices = new ConnectionChoices { FixedLocation = "S2" } });
        var stranger = await RunAsync(order with { Key = "crv_nobody" });

        Assert.Equal((1, 0, 0, 2), (open.Code, done.Code, json.Code, stranger.Code));
        Assert.Contains("Which location", open.Text, StringComparison.Ordinal);
        Assert.Contains("The feed is live", done.Text, StringComparison.Ordinal);
        Assert.Contains("curl", done.Text, StringComparison.Ordinal);
        Assert.Equal((5, 6), (await world.OnHandAsync("A00", "S2"), await world.OnHandAsync("A01", "S2")));
        Assert.Equal("item", JsonSerializer.Deserialize<JsonElement>(json.Text).GetProperty("itemColumn").GetProperty("value").GetString());
        Assert.Contains("does not know this key", stranger.Errors, StringComparison.Ordinal);
        folder.Delete(recursive: true);

        async Task<(int Code, string Text, string Errors)> RunAsync(ConnectOrder asked)
        {
            await using var text = new StringWriter();
            await using var errors = new StringWriter();
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
            console.Profile.Width = 200;
            var code = await ConnectVerb.RunAsync(asked, console, text, errors, asks: false, TestCaravan.Cancel);
            return (code, text.ToString(), errors.ToString());
        }
    }

    private static string Value(JsonElement connection, string name) => connection.GetProperty(name).GetProperty("value").GetString()!;

    private static async Task<(int Status, JsonElement Body, HttpResponseMessage Response)> BeginAsync(StockWorld world, byte[] bytes)
    {
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new("text/csv");
        return await world.Http.SubmitAsync("/v1/feed-connections?fileName=export.csv", content);
    }
}
