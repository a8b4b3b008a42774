using Caravan.Tests.Fulfilment;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Returns;

public sealed class ReturnPageTests
{
    private const string Home = "/operations/returns";

    [Fact]
    public async Task The_pages_authorise_receive_and_grade_and_say_what_cannot_be()
    {
        await using var world = await ReturnsWorld.StartAsync();
        await world.Orders.ReceiveAsync("chain", "tea", "near", 3);
        await world.Orders.ReceiveAsync("chain", "milk", "near", 1);
        var order = await world.DeliverAsync("W-7", FulfilmentWorld.Line("tea", 3), FulfilmentWorld.Line("milk", 1));
        using var visitor = new PageVisitor(world.Caravan);
        await visitor.OpenAsync(Home);
        await visitor.SubmitAsync("/sign-in", ("key", world.Orders.Chain.Key));

        await visitor.OpenAsync($"/operations/orders/{order.Id}");
        var link = visitor.Page.QuerySelector("a[href^='/operations/returns/new']")!.GetAttribute("href")!; // Something of it was delivered.
        await visitor.OpenAsync(link);
        await visitor.SubmitAsync(Home, ("reason", "NotWanted"));
        var nothing = (visitor.Status, visitor.Text);
        await visitor.SubmitAsync(Home, ("units-1", "2"), ("units-2", "1"), ("reason", "NotWanted"));
        var path = visitor.Path;
        var authorised = visitor.Text;
        await visitor.SubmitAsync($"{path}/receive", ("units-1", "2"), ("units-2", "1"));
        var received = visitor.Text;
        var key = visitor.Page.QuerySelector("input[name=cause]")!.GetAttribute("value")!; // The grading forms have one.
        await visitor.SubmitAsync($"{path}/grade", ("units", "2"), ("grade", "Damaged"), ("disposition", "Restock"));
        var refused = (visitor.Status, visitor.Text);
        await visitor.SubmitAsync($"{path}/grade", ("units", "2"), ("grade", "New"), ("disposition", "Restock"), ("cause", key));
        var tea = await world.CellAsync("chain", "tea", "near");
        await visitor.SubmitAsync($"{path}/grade", ("units", "1"), ("grade", "New"), ("disposition", "Restock"), ("releasedBy", "the pharmacist"), ("releaseNote", "cold all the way"));
        var closed = visitor.Text;
        await visitor.OpenAsync($"{Home}?state=Closed");
        var list = visitor.Text;

        Assert.Equal(400, nothing.Status);
        Assert.Contains("Say how many units of which line come back", nothing.Text, StringComparison.Ordinal);
        Assert.Contains("Receive what is here", authorised, StringComparison.Ordinal);
        Assert.Contains("Grade: tea", received, StringComparison.Ordinal);
        Assert.Equal(400, refused.Status);
        Assert.Contains("cannot be sold again", refused.Text, StringComparison.Ordinal);
        Assert.Equal((2, 0, 2), tea);
        Assert.Equal((1, 0, 1), await world.CellAsync("chain", "milk", "near"));
        Assert.Contains("released by the pharmacist: cold all the way", closed, StringComparison.Ordinal);
        Assert.Contains("W-7", list, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing came back yet", list, StringComparison.Ordinal);
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_code_finds_its_return_and_one_that_is_authorised_can_be_called_off()
    {
        await using var world = await ReturnsWorld.StartAsync();
        await world.Orders.ReceiveAsync("chain", "tea", "near", 2);
        var order = await world.DeliverAsync("W-8", FulfilmentWorld.Line("tea", 2));
        var made = await world.AuthoriseAsync(order, ReturnsWorld.Wish(1, 1));
        using var visitor = new PageVisitor(world.Caravan);
        await visitor.OpenAsync(Home);
        await visitor.SubmitAsync("/sign-in", ("key", world.Orders.Chain.Key));

        await visitor.OpenAsync($"{Home}?code={made.GetProperty("code").GetString()!.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant()}");
        var path = visitor.Page.QuerySelector("tbody a")!.GetAttribute("href")!; // It is found.
        await visitor.OpenAsync(path);
        await visitor.SubmitAsync($"{path}/cancel");
        var cancelled = visitor.Text;
        await visitor.OpenAsync($"{Home}?code=nonsense");
        var none = visitor.Text;

        Assert.Equal($"{Home}/{made.GetProperty("id").GetString()}", path);
        Assert.Contains("Cancelled", cancelled, StringComparison.Ordinal);
        Assert.Contains("No return is like that", none, StringComparison.Ordinal);
        Assert.Equal("cancelled", ReturnsWorld.State((await world.Chain.FetchAsync($"{ReturnsWorld.Api}/{made.GetProperty("id").GetString()}")).Body));
    }
}
