using Caravan.Demo.Import;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Demo;

[Trait("Store", "once")]
public sealed class ImportTests
{
    [Fact]
    public async Task Every_order_of_a_real_web_shop_is_placed_or_refused_with_a_reason_and_the_books_agree()
    {
        var file = OrderFile.Read(Repository.SharedData("retail", "uci_online_retail_240006rows.csv.gz"), (_, _) => { });
        var part = file with { Orders = [.. file.Orders.Take(150)], Cancellations = [.. file.Cancellations.Where(one => one.At < file.Orders[150].At)], NotOrders = new Dictionary<string, string>() };
        var folder = Directory.CreateTempSubdirectory("caravan-test-").FullName;
        await using var run = new ImportRun(part, ImportSide.Together, folder);

        await run.RunAsync(_ => { }, TestCaravan.Cancel);

        // 10,522 whole orders, as the data's own description counts them; some are no orders of goods.
        Assert.Equal(10_522, file.Orders.Count + file.NotOrders.Count);
        Assert.Equal(240_006, file.Rows);
        Assert.Equal(file.Rows, RowsOf(file));
        Assert.Equal(150, run.Report.Placed + run.Report.RefusedBy.Values.Sum());
        Assert.True(run.Report.Placed > 0);
        Assert.Equal(part.Cancellations.Count, run.Report.CancellationRows.Values.Sum());
        Assert.Equal(run.Report.Units - run.Report.UnitsCancelled, run.Report.UnitsDelivered);
        Assert.Equal(0, run.Report.BookDifferences);
    }

    [Fact]
    public async Task The_same_orders_come_to_the_same_totals_on_both_stores()
    {
        await TestStore.ServerAsync();
        var file = OrderFile.Read(Repository.SharedData("retail", "uci_online_retail_240006rows.csv.gz"), (_, _) => { });
        var part = file with { Orders = [.. file.Orders.Take(100)], Cancellations = [.. file.Cancellations.Where(one => one.At < file.Orders[100].At)], NotOrders = new Dictionary<string, string>() };
        var name = Guid.NewGuid().ToString("n");
        await using var onSqlite = new ImportRun(part, ImportSide.Together, Directory.CreateTempSubdirectory("caravan-test-").FullName);
        await using var onPostgres = new ImportRun(part, ImportSide.Together, Directory.CreateTempSubdirectory("caravan-test-").FullName, await TestStore.DatabaseAsync(name));

        await onSqlite.RunAsync(_ => { }, TestCaravan.Cancel);
        await onPostgres.RunAsync(_ => { }, TestCaravan.Cancel);
        await onPostgres.DisposeAsync();
        await TestStore.DropAsync(name);

        Assert.True(onSqlite.Report.Placed > 0);
        Assert.Equal(Totals(onSqlite.Report), Totals(onPostgres.Report));
        Assert.Equal(0, onPostgres.Report.BookDifferences);

        static string Totals(ImportReport report) => string.Join(
            "; ",
            [$"{report.Placed} {report.Split} {report.Lines} {report.Units} {report.UnitsCancelled} {report.UnitsDelivered} {report.MeanKilometres} {report.MeanHours}",
            .. report.UnitsFrom.Concat(report.RefusedBy.Concat(report.Services).Select(one => KeyValuePair.Create(one.Key, (long)one.Value))).OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key} {one.Value}")]);
    }

    [Theory]
    [InlineData("order,sku,qty\n1,85123A,1\n", "date")]
    [InlineData("", "empty")]
    [InlineData("a;b;c\n1;2;3\n", "number")]
    public async Task A_file_without_the_columns_it_needs_is_refused_by_their_name(string text, string names)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("caravan-test-").FullName, "orders.csv");
        await File.WriteAllTextAsync(path, text, TestCaravan.Cancel);

        var fault = Assert.Throws<InvalidDataException>(() => OrderFile.Read(path, (_, _) => { }));

        Assert.Contains(names, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_are_no_goods_are_counted_by_reason()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("caravan-test-").FullName, "orders.csv");
        await File.WriteAllTextAsync(
            path,
            """
            InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID
            1,85123A,HOLDER,6,12/1/10 8:26,2.55,17850
            1,85123a,HOLDER,2,12/1/10 8:26,2.55,17850
            1,POST,POSTAGE,1,12/1/10 8:26,18,17850
            2,85123A,HOLDER,-3,12/1/10 8:30,2.55,17850
            C3,85123A,HOLDER,-1,12/1/10 9:00,2.55,17850
            4,85123A,HOLDER,NaN,12/1/10 9:00,2.55,17850
            5,85123A,HOLDER,1,the day before,2.55,17850
            """,
            TestCaravan.Cancel);

        var file = OrderFile.Read(path, (_, _) => { });

        var order = Assert.Single(file.Orders);
        Assert.Equal([new FileLine("85123A", 8, 255)], order.Lines);
        Assert.Equal(["2", "4", "5"], file.NotOrders.Keys.Order());
        Assert.Equal(1, Assert.Single(file.Cancellations).Quantity);
        Assert.Equal(4, file.RowsLeftOut.Values.Sum());
    }

    // Rows that became a line (also those rung twice) are those that were neither left out nor cancellations.
    private static int RowsOf(OrderFileContents file) => file.RowsLeftOut.Values.Sum() + file.Cancellations.Count + file.GoodsRows;
}
