using Caravan.Tests.Platform;

namespace Caravan.Tests.Orders;

public sealed class IntakeTests
{
    [Fact]
    public async Task Each_order_of_a_batch_is_placed_or_refused_by_itself_and_the_last_unit_is_sold_once()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 2);
        object[] orders = [Order("A-1"), Order("A-2"), Order("A-3"), Order("A-4", "no-such"), Order("")];

        var answer = await world.Chain.Http.SubmitAsync("/v1/orders:batch", new { orders });

        Assert.Equal(200, answer.Status);
        var results = answer.Body.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal((2, 0, 3), (answer.Body.GetProperty("placed").GetInt32(), answer.Body.GetProperty("existing").GetInt32(), answer.Body.GetProperty("refused").GetInt32()));
        Assert.Equal([201, 201, 409], results[..3].Select(one => one.GetProperty("status").GetInt32()).Order());
        Assert.Equal("urn:caravan:problem:out-of-stock", results.First(one => one.GetProperty("status").GetInt32() == 409).GetProperty("problem").GetProperty("type").GetString());
        Assert.Equal("#/lines/0/sku", results[3].GetProperty("problem").GetProperty("errors")[0].GetProperty("pointer").GetString());
        Assert.Equal("#/number", results[4].GetProperty("problem").GetProperty("errors")[0].GetProperty("pointer").GetString());
        await world.AssertBooksAgreeAsync();
    }

    [Fact]
    public async Task A_batch_that_is_sent_again_makes_no_order_twice()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 100);
        var batch = new { orders = Enumerable.Range(0, 40).Select(i => Order($"B-{i % 30}")).ToArray() };

        var first = await world.Chain.Http.SubmitAsync("/v1/orders:batch", batch);
        var again = await world.Chain.Http.SubmitAsync("/v1/orders:batch", batch);

        Assert.Equal((30, 10), (first.Body.GetProperty("placed").GetInt32(), first.Body.GetProperty("existing").GetInt32()));
        Assert.Equal((0, 40), (again.Body.GetProperty("placed").GetInt32(), again.Body.GetProperty("existing").GetInt32()));
        Assert.Equal(
            first.Body.GetProperty("results").EnumerateArray().Select(one => one.GetProperty("order").GetString()),
            again.Body.GetProperty("results").EnumerateArray().Select(one => one.GetProperty("order").GetString()));
    }

    [Theory]
    [InlineData("""{"orders":[]}""", "#/orders")]
    [InlineData("""{}""", "#/orders")]
    [InlineData("""{"orders":[{"number":"1"}]}""", "#/orders/0/service")]
    public async Task A_faulty_batch_is_refused_by_the_name_of_its_field(string body, string pointer)
    {
        await using var world = await OrderWorld.StartAsync();

        var answer = await world.Chain.Http.SubmitAsync("/v1/orders:batch", body);

        Assert.Equal(400, answer.Status);
        Assert.Equal([pointer], answer.Body.Faults());
    }

    private static object Order(string number, string sku = "tea") => new
    {
        number,
        service = "withinHour",
        lines = new[] { new { sku, quantity = 1 } },
        destination = new { latitude = OrderWorld.Customer.Latitude, longitude = OrderWorld.Customer.Longitude, address = "Road 1" },
    };
}
