using System.Diagnostics;
using Caravan.Platform.Storage;
using Caravan.Stock;
using Caravan.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Stock;

public sealed class LedgerTests
{
    private static readonly DateTimeOffset Past = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Receiving_eighty_thousand_cells_is_quick()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var book = caravan.Services.GetRequiredService<StockBook>();
        var owner = PartnerId.New(Past);
        LocationId[] locations = [.. Enumerable.Range(0, 80).Select(_ => LocationId.New(Past))];
        ItemId[] items = [.. Enumerable.Range(0, 1000).Select(_ => ItemId.New(Past))];
        StockTake[] goods = [.. from location in locations from item in items select new StockTake(owner, item, location, 5)];
        var watch = Stopwatch.StartNew(); var cpu = Process.GetCurrentProcess().TotalProcessorTime.TotalMilliseconds;
        await caravan.Store.WriteAsync(tx => book.ReceiveAsync(tx, goods, "opening"), TestCaravan.Cancel);
        TestContext.Current.TestOutputHelper!.WriteLine($"80,000 cells in {watch.ElapsedMilliseconds} ms, {Process.GetCurrentProcess().TotalProcessorTime.TotalMilliseconds - cpu} cpu ms");
        watch.Restart(); cpu = Process.GetCurrentProcess().TotalProcessorTime.TotalMilliseconds;
        for (var i = 0; i < 5000; i++)
        {
            var cause = $"c{i}";
            await caravan.Store.WriteAsync(tx => book.ReserveAsync(tx, [goods[i], goods[i + 20000]], cause), TestCaravan.Cancel);
        }
        TestContext.Current.TestOutputHelper!.WriteLine($"5,000 reserve commits in {watch.ElapsedMilliseconds} ms, {Process.GetCurrentProcess().TotalProcessorTime.TotalMilliseconds - cpu} cpu ms");
        watch.Restart(); cpu = Process.GetCurrentProcess().TotalProcessorTime.TotalMilliseconds;
        await caravan.Store.WriteAsync(async tx =>
        {
            for (var i = 0; i < 5000; i++)
                await book.ReserveAsync(tx, [goods[i], goods[i + 20000]], $"d{i}");
        }, TestCaravan.Cancel);
        TestContext.Current.TestOutputHelper!.WriteLine($"5,000 reserves in one tx in {watch.ElapsedMilliseconds} ms, {Process.GetCurrentProcess().TotalProcessorTime.TotalMilliseconds - cpu} cpu ms");
        watch.Restart(); cpu = Process.GetCurrentProcess().TotalProcessorTime.TotalMilliseconds;
        var audit = await caravan.Store.ReadAsync(book.AuditAsync, TestCaravan.Cancel);
        TestContext.Current.TestOutputHelper!.WriteLine($"audit in {watch.ElapsedMilliseconds} ms, {Process.GetCurrentProcess().TotalProcessorTime.TotalMilliseconds - cpu} cpu ms");
        Assert.Empty(audit);
        var cells = await caravan.Store.ReadAsync(db => book.CellsAsync(db, [(owner, items[0])], Past), TestCaravan.Cancel);
        Assert.Equal(80, cells.Count);
    }
}
