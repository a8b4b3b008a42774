using System.Net;
using Caravan.Orders;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Fulfilment;

/// <summary>The pages as a browser without script uses them.</summary>
public sealed class PickPageTests
{
    [Fact]
    public async Task A_picker_finds_the_list_picks_scans_and_packs_with_plain_forms()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        await world.Orders.ReceiveAsync("chain", "milk", "near", 1);
        var list = await NearListAsync(world);
        using var picker = await SignInAsync(world, world.Orders.Chain.Key, "/picking");
        var path = $"/picking/list/{list}";

        var counted = picker.Text;
        await picker.OpenAsync(LinkTo(picker, "/picking/loc_"));
        var queued = picker.Text;
        await picker.OpenAsync(LinkTo(picker, path));
        var forms = picker.Page.Forms.Select(form => form.GetAttribute("action")).ToList();
        await picker.SubmitAsync($"{path}/pick"); // The first such form: all of the first row.
        var ticked = picker.Text;
        await picker.SubmitAsync($"{path}/scan", ("code", "milk"));
        var scanned = picker.Text;
        await picker.SubmitAsync($"{path}/pack");

        Assert.Contains("1 to pick", counted, StringComparison.Ordinal);
        Assert.Contains("Chilled", queued, StringComparison.Ordinal);
        Assert.Contains($"{path}/short", forms);
        Assert.DoesNotContain($"{path}/pack", forms); // Not before everything is picked.
        Assert.Contains("Picked 2 × tea", ticked, StringComparison.Ordinal);
        Assert.Contains("Picked 1 × milk", scanned, StringComparison.Ordinal);
        Assert.Equal(200, picker.Status);
        Assert.Contains("Packed. The courier is told.", picker.Text, StringComparison.Ordinal);
        Assert.Contains("Bag 1 of 2", picker.Text, StringComparison.Ordinal);
        Assert.Equal(LineStatus.Packed, (await world.OrderAsync("1")).Status);
    }

    [Fact]
    public async Task What_is_not_on_the_shelf_is_one_tap_and_says_what_became_of_it()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var list = (await world.NearListAsync()).GetProperty("id").GetString();
        await world.Orders.ReceiveAsync("chain", "tea", "mid", 5);
        using var picker = await SignInAsync(world, world.Orders.Chain.Key, $"/picking/list/{list}");

        await picker.SubmitAsync($"/picking/list/{list}/scan", ("code", "apples"));
        var foreign = picker.Text;
        await picker.SubmitAsync($"/picking/list/{list}/short");

        Assert.Contains("Not on this list", foreign, StringComparison.Ordinal);
        Assert.Contains("2 not on the shelf. Another location picks them.", picker.Text, StringComparison.Ordinal);
        Assert.Contains("Nothing was on the shelf", picker.Text, StringComparison.Ordinal);
        await world.Orders.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_station_hands_over_against_the_code_that_the_customer_shows()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var list = await world.StationListAsync("near");
        await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 1, quantity = 1 });
        await FulfilmentWorld.ActAsync(world.Chain, list, "pack");
        using var desk = await SignInAsync(world, world.Orders.Logistics.Key, $"/station/{world.Node("station")}");
        var action = $"/station/{world.Node("station")}/{list.GetProperty("id").GetString()}/hand-over";

        await desk.SubmitAsync(action, ("code", "nobody"));
        var wrong = desk.Text;
        await desk.SubmitAsync(action, ("code", (await world.OrderAsync("1")).ProofCode));

        Assert.Contains("Not the customer's code. 4 tries left.", wrong, StringComparison.Ordinal);
        Assert.Contains("Handed over", desk.Text, StringComparison.Ordinal);
        Assert.Contains("Nothing waits for a customer", desk.Text, StringComparison.Ordinal);
        Assert.Equal(LineStatus.Delivered, (await world.OrderAsync("1")).Status);
    }

    [Fact]
    public async Task Pages_of_other_companies_are_not_there_and_a_form_without_its_token_does_nothing()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var list = (await world.NearListAsync()).GetProperty("id").GetString();
        using var stranger = await SignInAsync(world, world.Orders.Stranger.Key, "/picking");

        foreach (var path in new[] { $"/picking/list/{list}", $"/picking/{world.Node("near")}", $"/picking/{world.Node("near")}/events", $"/station/{world.Node("station")}" })
        {
            await stranger.OpenAsync(path);
            Assert.Equal(404, stranger.Status);
        }

        using var bare = world.Caravan.Client(world.Orders.Chain.Key);
        using var form = new FormUrlEncodedContent([]);
        var unsigned = await bare.PostAsync(new Uri($"/picking/list/{list}/pack", UriKind.Relative), form, TestCaravan.Cancel);
        using var anonymous = await world.Caravan.Anonymous.GetAsync(new Uri("/picking", UriKind.Relative), TestCaravan.Cancel);
        using var loose = await bare.GetAsync(new Uri($"/picking/list/{list}?said=%3Ci%3EFree%20tea.1.2", UriKind.Relative), TestCaravan.Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, unsigned.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, anonymous.StatusCode);
        Assert.Equal(HttpStatusCode.OK, loose.StatusCode);
        Assert.DoesNotContain("Free tea", await loose.Content.ReadAsStringAsync(TestCaravan.Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_queue_is_told_of_every_change()
    {
        await using var world = await FulfilmentWorld.StartAsync();
        var list = await world.NearListAsync();
        using var http = world.Caravan.Client(world.Orders.Chain.Key);
        await using var stream = await http.GetStreamAsync(new Uri($"/picking/{world.Node("near")}/events", UriKind.Relative), TestCaravan.Cancel);
        using var lines = new StreamReader(stream);
        await ReadToAsync(lines, "event: hello");

        await FulfilmentWorld.ActAsync(world.Chain, list, "pick", new { line = 1, quantity = 1 });
        await ReadToAsync(lines, "event: refresh");
        using var later = world.Caravan.Client(world.Orders.Chain.Key);
        await using var resumed = await later.GetStreamAsync(new Uri($"/picking/{world.Node("near")}/events?lastEventId=0", UriKind.Relative), TestCaravan.Cancel);
        using var again = new StreamReader(resumed);

        await ReadToAsync(again, "event: refresh");
    }

    private static async Task<string> NearListAsync(FulfilmentWorld world)
    {
        await world.Orders.ReceiveAsync("chain", "tea", "near", 2);
        await world.Orders.PlaceAsync("1", lines: [FulfilmentWorld.Line("milk", 1), FulfilmentWorld.Line("tea", 2)]);
        return (await world.ListAsync(world.Chain, "1")).GetProperty("id").GetString()!; // Every list has its id.
    }

    private static async Task<PageVisitor> SignInAsync(FulfilmentWorld world, string key, string path)
    {
        var visitor = new PageVisitor(world.Caravan);
        await visitor.OpenAsync(path);
        await visitor.SubmitAsync("/sign-in", ("key", key));
        Assert.Equal(path, visitor.Path);
        return visitor;
    }

    private static string LinkTo(PageVisitor visitor, string start) =>
        visitor.Page.QuerySelectorAll("main a").Select(link => link.GetAttribute("href")!).First(href => href.StartsWith(start, StringComparison.Ordinal)); // Every link of ours leads somewhere.

    private static async Task ReadToAsync(StreamReader lines, string wanted)
    {
        while (await lines.ReadLineAsync(TestCaravan.Cancel) is { } line)
        {
            if (line == wanted)
                return;
        }

        Assert.Fail($"The stream ended before '{wanted}'.");
    }
}
