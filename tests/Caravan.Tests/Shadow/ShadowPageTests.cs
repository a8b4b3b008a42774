using Caravan.Tests.Orders;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Shadow;

public sealed class ShadowPageTests
{
    private static readonly (string, string) Stock = ("stock.csv", "location,sku,quantity\nnear,tea,5\n");

    [Fact]
    public async Task A_day_is_uploaded_and_shown_beside_what_was_to_its_company_alone()
    {
        await using var world = await OrderWorld.StartAsync();
        using var lead = await SignInAsync(world, world.Chain.Key);
        await lead.OpenAsync("/operations/shadow");

        await lead.UploadAsync("/operations/shadow", Files(("orders.csv", $"order,placedAt,sku,quantity,latitude,longitude,from\nS-1,2026-11-20 10:00,tea,2,{Point()},near\n"), Stock));

        Assert.Equal(200, lead.Status);
        Assert.Contains("S-1", lead.Text, StringComparison.Ordinal);
        Assert.Contains("1 (100.0 %)", lead.Text, StringComparison.Ordinal);
        Assert.NotNull(lead.Page.QuerySelector("svg circle"));

        var (report, csv) = (lead.Path, lead.Page.QuerySelector("a[href$='.csv']")!.GetAttribute("href")!); // Asserted by the next lines.
        await lead.OpenAsync(csv);
        Assert.Equal("text/csv", lead.Response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("S-1,2026-11-20T10:00:00Z,2,near,", await lead.Response.Content.ReadAsStringAsync(TestCaravan.Cancel), StringComparison.Ordinal);

        using var stranger = await SignInAsync(world, world.Stranger.Key);
        await stranger.OpenAsync(report);
        Assert.Equal(404, stranger.Status);
    }

    [Fact]
    public async Task Files_that_cannot_be_read_are_refused_on_the_page_with_what_to_do()
    {
        await using var world = await OrderWorld.StartAsync();
        using var lead = await SignInAsync(world, world.Chain.Key);
        await lead.OpenAsync("/operations/shadow");

        await lead.UploadAsync("/operations/shadow", Files(("orders.csv", "a,b\n1,2\n"), Stock));
        Assert.Equal(400, lead.Status);
        Assert.Contains("has no column for the number", lead.Text, StringComparison.Ordinal);

        await lead.UploadAsync("/operations/shadow", new Dictionary<string, (string, string)> { ["stock"] = Stock });
        Assert.Contains("Choose a file of orders.", lead.Text, StringComparison.Ordinal);

        await lead.UploadAsync("/operations/shadow", Files(("orders.csv", "a,b\n1,2\n"), Stock), ("zone", "Mars/Olympus"));
        Assert.Contains("'Mars/Olympus' is not a time zone", lead.Text, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Store", "once")]
    public async Task The_verb_prints_both_sides_and_writes_the_files_it_is_asked_for()
    {
        var folder = Directory.CreateTempSubdirectory("caravan-shadow-").FullName;
        var (orders, stock, locations, page) = (Path.Combine(folder, "o.csv"), Path.Combine(folder, "s.csv"), Path.Combine(folder, "l.csv"), Path.Combine(folder, "r.html"));
        await File.WriteAllTextAsync(orders, "order,placedAt,sku,quantity,latitude,longitude,from\nS-1,2026-11-20 10:00,tea,2,52.59,13.40,SOUTH\n", TestCaravan.Cancel);
        await File.WriteAllTextAsync(stock, "location,sku,quantity\nNORTH,tea,5\nSOUTH,tea,5\n", TestCaravan.Cancel);
        await File.WriteAllTextAsync(locations, "code,name,kind,latitude,longitude\nNORTH,North,store,52.60,13.40\nSOUTH,South,store,52.40,13.40\n", TestCaravan.Cancel);

        var done = await CaravanProgram.RunAsync("shadow", orders, stock, "--locations", locations, "--html", page);
        var refused = await CaravanProgram.RunAsync("shadow", orders, Path.Combine(folder, "none.csv"), "--locations", locations);
        var html = await File.ReadAllTextAsync(page, TestCaravan.Cancel);
        Directory.Delete(folder, recursive: true);

        Assert.Equal((0, 2), (done.Exit, refused.Exit));
        Assert.Contains("1 (100.0 %)", done.Output, StringComparison.Ordinal);
        Assert.Contains("none.csv", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("North is the closest that can serve", html, StringComparison.Ordinal);
    }

    private static string Point() => FormattableString.Invariant($"{OrderWorld.Customer.Latitude},{OrderWorld.Customer.Longitude}");

    private static Dictionary<string, (string, string)> Files((string, string) orders, (string, string) stock) => new() { ["orders"] = orders, ["stock"] = stock };

    private static async Task<PageVisitor> SignInAsync(OrderWorld world, string key)
    {
        var visitor = new PageVisitor(world.Caravan);
        await visitor.OpenAsync("/sign-in");
        await visitor.SubmitAsync("/sign-in", ("key", key));
        return visitor;
    }
}
