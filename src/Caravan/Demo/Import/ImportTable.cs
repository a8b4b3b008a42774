using System.Globalization;
using Spectre.Console;

namespace Caravan.Demo.Import;

/// <summary>The result, for people.</summary>
internal static class ImportTable
{
    public static Table Of(IReadOnlyList<ImportReport> reports)
    {
        var table = new Table().Border(TableBorder.Markdown).AddColumn("").Title("The same orders, served three ways");
        foreach (var report in reports)
            table.AddColumn(new TableColumn(report.Name).RightAligned());

        Row("orders", report => Number(report.Orders));
        Row("placed", report => $"{Number(report.Placed)} ({Percent(report.Placed, report.Orders)})");
        foreach (var reason in reports.SelectMany(report => report.RefusedBy.Keys).Distinct().Order(StringComparer.Ordinal))
            Row($"refused: {reason}", report => Number(report.RefusedBy.GetValueOrDefault(reason)));
        Row("lines placed", report => Number(report.Lines));
        Row("units placed", report => Number(report.Units));
        foreach (var from in reports.SelectMany(report => report.UnitsFrom.Keys).Distinct().Order(StringComparer.Ordinal))
            Row($"units from {from}", report => Percent(report.UnitsFrom.GetValueOrDefault(from), report.Units));
        foreach (var service in reports.SelectMany(report => report.Services.Keys).Distinct().Order(StringComparer.Ordinal))
            Row($"served {service}", report => Percent(report.Services.GetValueOrDefault(service), report.Placed));
        Row("orders split", report => Decimal(report.SplitPercent, " %"));
        Row("distance, mean", report => Decimal(report.MeanKilometres, " km"));
        Row("distance, 90th percentile", report => Decimal(report.NinetiethKilometres, " km"));
        Row("promised time, mean", report => Decimal(report.MeanHours, " h"));
        Row("promised time, 90th percentile", report => Decimal(report.NinetiethHours, " h"));
        foreach (var what in reports.SelectMany(report => report.CancellationRows.Keys).Distinct().Order(StringComparer.Ordinal))
            Row($"cancellation rows: {what}", report => Number(report.CancellationRows.GetValueOrDefault(what)));
        Row("units cancelled", report => Number(report.UnitsCancelled));
        Row("units delivered", report => Number(report.UnitsDelivered));
        Row("stock turnover", report => Decimal(report.Turnover, ""));
        Row("differences in the books", report => Number(report.BookDifferences));
        return table;

        void Row(string words, Func<ImportReport, string> cell) => table.AddRow([new Text(words), .. reports.Select(report => new Text(cell(report)))]);
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Decimal(double number, string unit) => number.ToString("N2", CultureInfo.InvariantCulture) + unit;

    private static string Percent(long part, long whole) => whole == 0 ? "0 %" : Decimal(100.0 * part / whole, " %");
}
