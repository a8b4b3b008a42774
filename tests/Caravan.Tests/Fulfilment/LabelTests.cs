using System.Text.Json;
using Caravan.Engines.Labels;
using Caravan.Engines.Tests.Labels;
using Caravan.Fulfilment;
using Caravan.Fulfilment.Labels;
using Caravan.Network;
using Caravan.Platform;
using Caravan.Platform.Storage;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Fulfilment;

public sealed class LabelTests
{
    [Fact]
    public async Task Each_bag_is_numbered_when_it_is_packed_and_keeps_its_number()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await SetAsync(world.Chain, "7610425", extensionDigit: 3);
        var list = await TwoBagsAsync(world, "1");

        var picked = await world.Chain.FetchAsync(FulfilmentWorld.PathOf(list));
        var packed = await FulfilmentWorld.ActAsync(world.Chain, list, "pack");
        await world.CarryAsync();
        var carried = await world.ListAsync(world.Chain, "1", "collected");

        // The first two of prefix 7610425: 3·3+7+6·3+1+0·3+4+2·3+5+…+0·3+…+1·3 = 53, so 7; and 56 with a 2 at the end, so 4.
        Assert.All(NumbersOf(picked.Body), Assert.Null);
        Assert.Equal(["376104250000000017", "376104250000000024"], NumbersOf(packed));
        Assert.Equal(NumbersOf(packed), NumbersOf(carried));
        Assert.Equal(3, (await world.Chain.FetchAsync("/v1/labels/settings")).Body.GetProperty("nextSerial").GetInt64());
    }

    [Fact]
    public async Task Labels_say_what_is_in_the_bag_and_its_number_in_bars()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await SetAsync(world.Chain, "7610425");
        var list = await TwoBagsAsync(world, "WEB-1");
        var early = await world.Chain.FetchAsync($"{FulfilmentWorld.PathOf(list)}/labels.pdf");
        var numbers = NumbersOf(await FulfilmentWorld.ActAsync(world.Chain, list, "pack"));

        var pdf = await FileAsync(world.Chain, $"{FulfilmentWorld.PathOf(list)}/labels.pdf", "application/pdf");
        var again = await FileAsync(world.Chain, $"{FulfilmentWorld.PathOf(list)}/labels.pdf", "application/pdf");
        var coarse = await FileAsync(world.Chain, $"{FulfilmentWorld.PathOf(list)}/labels.zpl", "application/x-zpl");
        var fine = await FileAsync(world.Chain, $"{FulfilmentWorld.PathOf(list)}/labels.zpl?dpi=300", "application/x-zpl");
        var odd = await world.Chain.FetchAsync($"{FulfilmentWorld.PathOf(list)}/labels.zpl?dpi=600");

        Assert.Equal((409, "urn:caravan:problem:not-packed"), (early.Status, early.Body.GetProperty("type").GetString()));
        Assert.Equal(pdf, again);
        Assert.Equal(400, odd.Status);
        foreach (var labels in new[] { PrintedLabel.OfPdf(pdf), PrintedLabel.OfZpl(System.Text.Encoding.ASCII.GetString(coarse), 203), PrintedLabel.OfZpl(System.Text.Encoding.ASCII.GetString(fine), 300) })
        {
            Assert.Equal(numbers.Select(number => $"00{number}"), labels.Select(label => BarReading.Text(label.Barcodes[^1].Widths)));
            Assert.All(labels, label => Assert.Equal("400WEB-1", BarReading.Text(label.Barcodes[0].Widths)));
            Assert.All(labels, label => Assert.Contains("The near one", label.Words.Select(words => words.Text)));
            Assert.All(labels, label => Assert.Contains("12 Lane of Lanterns", label.Words.Select(words => words.Text)));
            Assert.DoesNotContain(labels[0].Words, words => words.Text.Contains('°', StringComparison.Ordinal));
            Assert.Contains("CHILLED 2 to 8 °C", labels[1].Words.Select(words => words.Text));
            Assert.Contains("Box 1 of 2", labels[0].Words.Select(words => words.Text));
            Assert.Contains(labels[0].Words, words => words.Text.StartsWith("2 units, ", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Without_a_prefix_the_answer_says_what_to_do_and_then_it_prints()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var list = await TwoBagsAsync(world, "1");
        var packed = await FulfilmentWorld.ActAsync(world.Chain, list, "pack");
        var path = $"{FulfilmentWorld.PathOf(list)}/labels.pdf";

        var none = await world.Chain.FetchAsync("/v1/labels/settings");
        var refused = await world.Chain.FetchAsync(path);
        await SetAsync(world.Chain, "7610425");
        var first = PrintedLabel.OfPdf(await FileAsync(world.Chain, path, "application/pdf"));
        var second = PrintedLabel.OfPdf(await FileAsync(world.Chain, path, "application/pdf"));
        var stranger = await world.Stranger.FetchAsync(path);

        Assert.All(NumbersOf(packed), Assert.Null);
        Assert.Equal(404, none.Status);
        Assert.Equal((409, "urn:caravan:problem:no-company-prefix"), (refused.Status, refused.Body.GetProperty("type").GetString()));
        Assert.Contains("PUT /v1/labels/settings", refused.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(first.Select(label => label.Barcodes[^1].Widths), second.Select(label => label.Barcodes[^1].Widths));
        Assert.Equal(2, first.Select(label => BarReading.Text(label.Barcodes[^1].Widths)).Distinct().Count());
        Assert.Equal(404, stranger.Status);
    }

    [Fact]
    public async Task A_range_that_is_used_up_gives_nothing_twice()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await SetAsync(world.Chain, "761042500001", nextSerial: 9_999); // One number is left for two bags.
        var list = await TwoBagsAsync(world, "1");
        var packed = await FulfilmentWorld.ActAsync(world.Chain, list, "pack");
        var path = $"{FulfilmentWorld.PathOf(list)}/labels.pdf";

        var refused = await world.Chain.FetchAsync(path);
        await SetAsync(world.Chain, "761042500001", extensionDigit: 1);
        var printed = PrintedLabel.OfPdf(await FileAsync(world.Chain, path, "application/pdf"));

        Assert.All(NumbersOf(packed), Assert.Null);
        Assert.Equal((409, "urn:caravan:problem:sscc-range-used-up"), (refused.Status, refused.Body.GetProperty("type").GetString()));
        Assert.All(printed, label => Assert.StartsWith("001761042500001000", BarReading.Text(label.Barcodes[^1].Widths), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_prefix_is_checked_and_goes_on_where_it_stopped()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        object[] bad = [new { prefix = "761" }, new { prefix = "76104x5" }, new { prefix = "7610425", extensionDigit = 10 }, new { prefix = "7610425", nextSerial = 1_000_000_000 }, new { prefix = "7610425", nextSerial = -1 }];
        foreach (var body in bad)
            Assert.Equal(400, (await world.Chain.ReplaceAsync("/v1/labels/settings", body)).Status);

        var first = await SetAsync(world.Chain, "7610425", nextSerial: 500);
        var overlapping = await world.Chain.ReplaceAsync("/v1/labels/settings", new { prefix = "76104250" });
        var lower = await world.Chain.ReplaceAsync("/v1/labels/settings", new { prefix = "7610425", nextSerial = 499 });
        var beside = await SetAsync(world.Chain, "76104250", extensionDigit: 1);
        var back = await SetAsync(world.Chain, "7610425");

        Assert.Equal((500, 999_999_500), (first.GetProperty("nextSerial").GetInt64(), first.GetProperty("numbersLeft").GetInt64()));
        Assert.Equal((409, "urn:caravan:problem:sscc-range-overlaps"), (overlapping.Status, overlapping.Body.GetProperty("type").GetString()));
        Assert.Equal((409, "urn:caravan:problem:sscc-serial-used"), (lower.Status, lower.Body.GetProperty("type").GetString()));
        Assert.Equal(1, beside.GetProperty("nextSerial").GetInt64());
        Assert.Equal(500, back.GetProperty("nextSerial").GetInt64());
    }

    [Fact]
    public async Task The_page_offers_labels_once_there_are_numbers()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var list = await TwoBagsAsync(world, "1");
        var path = $"/picking/list/{list.GetProperty("id").GetString()}";
        using var picker = new PageVisitor(world.Caravan);
        await picker.OpenAsync(path);
        await picker.SubmitAsync("/sign-in", ("key", world.Orders.Chain.Key));
        await picker.SubmitAsync($"{path}/pack");

        var without = picker.Text;
        await SetAsync(world.Chain, "7610425");
        await picker.OpenAsync(path);
        var links = picker.Page.QuerySelectorAll("main a").Select(link => link.GetAttribute("href")).ToList();
        await picker.OpenAsync($"{path}/labels.pdf");
        var type = picker.Response.Content.Headers.ContentType?.MediaType;
        await picker.OpenAsync(path);

        Assert.Contains("once your company's GS1 prefix is known", without, StringComparison.Ordinal);
        Assert.Contains($"{path}/labels.pdf", links);
        Assert.Contains($"{path}/labels.zpl", links);
        Assert.Equal("application/pdf", type);
        Assert.Contains("SSCC 076104250000000016", picker.Text, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Store", "once")]
    public async Task Two_servers_that_pack_at_once_never_give_a_number_twice()
    {
        await TestStore.ServerAsync();
        var folder = Guid.NewGuid().ToString("n");
        var connection = await TestStore.DatabaseAsync(folder);
        var tenant = PartnerId.New(DateTimeOffset.UnixEpoch);
        await using (var one = new Store(new PostgresDatabase(connection), TimeProvider.System))
        await using (var other = new Store(new PostgresDatabase(connection), TimeProvider.System))
        {
            await one.WriteAsync(async tx =>
            {
                await SsccRanges.PutAsync(tx, tenant, new SsccRange { Prefix = "7610425", SerialMax = Sscc.SerialMax(7) });
                return true;
            }, TestCaravan.Cancel);

            var given = await Task.WhenAll(Enumerable.Range(0, 60).Select(n => (n % 2 == 0 ? one : other).WriteAsync(tx => SsccRanges.AssignAsync(tx, PackedList(tenant)), TestCaravan.Cancel)));

            Assert.Equal(180, given.SelectMany(list => list.Bags).Select(bag => bag.Sscc).OfType<Sscc>().Distinct().Count());
        }

        await TestStore.DropAsync(folder);
    }

    private static PickList PackedList(PartnerId tenant) => new()
    {
        Operator = tenant,
        Id = FulfilmentId.New(DateTimeOffset.UnixEpoch),
        Seller = tenant,
        Order = OrderId.New(DateTimeOffset.UnixEpoch),
        OrderNumber = "1",
        Location = LocationId.New(DateTimeOffset.UnixEpoch),
        Service = DeliveryService.NextDay,
        ReadyAt = DateTimeOffset.UnixEpoch,
        DueAt = DateTimeOffset.UnixEpoch,
        ReleasedAt = DateTimeOffset.UnixEpoch,
        Lines = [],
        Bags = [new(TemperatureClass.Ambient, null, BagStatus.Packed), new(TemperatureClass.Chilled, null, BagStatus.Packed), new(TemperatureClass.Frozen, null, BagStatus.Packed), new(TemperatureClass.Medicine, null, BagStatus.Cancelled)],
    };

    /// <summary>A list of two teas and a milk, picked.</summary>
    internal static async Task<JsonElement> TwoBagsAsync(FulfilmentWorld world, string number)
    {
        await world.Orders.ReceiveAsync("chain", "tea", "near", 2);
        await world.Orders.ReceiveAsync("chain", "milk", "near", 1);
        await world.Orders.PlaceAsync(number, lines: [FulfilmentWorld.Line("tea", 2), FulfilmentWorld.Line("milk", 1)]);
        var list = await world.ListAsync(world.Chain, number);
        await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 1, quantity = 2 });
        await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 2, quantity = 1 });
        return list;
    }

    internal static async Task<JsonElement> SetAsync(HttpClient http, string prefix, int extensionDigit = 0, long? nextSerial = null)
    {
        var answer = await http.ReplaceAsync("/v1/labels/settings", new { prefix, extensionDigit, nextSerial });
        Assert.True(answer.Status == 200, answer.Body.ToString());
        return answer.Body;
    }

    internal static async Task<byte[]> FileAsync(HttpClient http, string path, string type)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), TestCaravan.Cancel);
        var bytes = await answer.Content.ReadAsByteArrayAsync(TestCaravan.Cancel);
        Assert.True(answer.IsSuccessStatusCode, System.Text.Encoding.UTF8.GetString(bytes));
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
        return bytes;
    }

    private static List<string?> NumbersOf(JsonElement list) => [.. list.GetProperty("parcels").EnumerateArray().Select(bag => bag.TryGetProperty("sscc", out var sscc) ? sscc.GetString() : null)];
}
