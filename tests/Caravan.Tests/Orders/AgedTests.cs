using System.Text.Json;
using Caravan.Bench.Orders.Aged;
using Caravan.Platform.Pruning;
using Caravan.Platform.Storage;
using Caravan.Stock;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Orders;

/// <summary>The year of history that the bench puts into a store is one that the service could have written itself.</summary>
public sealed class AgedTests
{
    private const int Orders = 1_100; // Three a day, of which some fall into the ledger's open days.

    [Fact]
    public async Task A_year_of_history_leaves_books_that_agree_and_a_service_that_starts_reads_it_and_takes_orders()
    {
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.ReceiveAsync("chain", "apples", "mid", 5);
        await world.Caravan.Services.GetRequiredService<StockAuditor>().RunOnceAsync(isNow: true, TestCaravan.Cancel);
        var settings = world.Caravan.Settings;
        await world.Caravan.StopAsync();

        History history;
        var steps = new List<string>();
        await using (var database = Database.Of(settings))
            history = await AgedStore.WriteAsync(database, Orders, world.Now, seed: 7, (table, _, _) => steps.Add(table), TestCaravan.Cancel);
        await world.RestartAsync();

        // Three lines an order, and one more for each three.
        Assert.Equal((3 * Orders) + 367, history.Movements);
        Assert.Contains("orders", steps);
        await world.AssertBooksAgreeAsync();
        var (open, closed) = await world.Caravan.Store.ReadAsync(async db => (
            await db.ValueAsync<long>("SELECT COUNT(*) FROM stock_movements WHERE tenant = @Id", new { world.Chain.Id }),
            await db.ValueAsync<long>("SELECT COUNT(*) FROM stock_movements_closed WHERE tenant = @Id", new { world.Chain.Id })), TestCaravan.Cancel);
        Assert.Equal(history.Movements + 2, open + closed); // The two receipts of today.
        Assert.InRange(open, 5, 20); // Nearly three orders of the last 22 hours, and today's two.

        var last = await LastOrderAsync(world);
        Assert.Equal("delivered", last.GetProperty("status").GetString());
        Assert.Equal(200, (await world.Chain.Http.FetchAsync($"/v1/orders/{last.GetProperty("id").GetString()}/sourcing")).Status);

        await world.PlaceAsync("new");
        await world.Caravan.Services.GetRequiredService<Pruner>().PruneOnceAsync(TestCaravan.Cancel);
        await world.Caravan.Services.GetRequiredService<StockAuditor>().RunOnceAsync(isNow: true, TestCaravan.Cancel);
        await world.AssertBooksAgreeAsync();
        Assert.Equal(4, (await world.CellAsync("chain", "tea", "near"))!.Sellable);
    }

    private static async Task<JsonElement> LastOrderAsync(OrderWorld world)
    {
        var page = await world.Chain.Http.FetchAsync("/v1/orders?limit=1");
        return page.Body.GetProperty("items")[0];
    }
}
