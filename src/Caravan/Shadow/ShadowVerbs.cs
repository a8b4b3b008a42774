using System.CommandLine;
using System.Globalization;
using System.Text;
using Caravan.Network;
using Caravan.Platform.Screens;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Spectre.Console;

namespace Caravan.Shadow;

/// <summary><c>caravan shadow orders.csv stock.csv</c>: a day's own orders, decided once more.</summary>
internal static class ShadowVerbs
{
    public static Command Create()
    {
        var orders = new Argument<FileInfo>("orders") { Description = "CSV, a row a line: order, date, sku, quantity, latitude and longitude (or postcode), from (the node it was really shipped from); if you have it: delivered, service." };
        var stock = new Argument<FileInfo>("stock") { Description = "CSV of the stock when the day began: location, sku, quantity." };
        var locations = new Option<FileInfo>("--locations") { Description = "CSV of your stores and warehouses: code, latitude, longitude, kind (store or warehouse); if you like: name, throughputPerHour, opens, closes.", Required = true };
        var places = new Option<FileInfo?>("--places") { Description = "CSV of where postcodes are: postcode, latitude, longitude. Needed when orders tell no coordinates." };
        var zone = new Option<string>("--time-zone") { Description = "Time zone of dates that name none, and of the stores' hours, such as Europe/Berlin.", DefaultValueFactory = _ => "UTC" };
        var parcel = new Option<decimal>("--parcel-cost") { Description = "What a parcel costs before it has gone a kilometre.", DefaultValueFactory = _ => ShadowRules.Default.ParcelCost };
        var kilometre = new Option<decimal>("--kilometre-cost") { Description = "What a kilometre of it costs.", DefaultValueFactory = _ => ShadowRules.Default.KilometreCost };
        var currency = new Option<string>("--currency") { Description = "The currency of these costs.", DefaultValueFactory = _ => ShadowRules.Default.Currency };
        var service = new Option<string>("--service") { Description = "What an order gets that names no service: nextDay, sameDay, withinHour, or soonest (even if that takes more parcels).", DefaultValueFactory = _ => "nextDay" };
        service.AcceptOnlyFromAmong("nextDay", "sameDay", "withinHour", "soonest");
        var csv = new Option<FileInfo?>("--csv") { Description = "Write every order with both decisions to this file." };
        var html = new Option<FileInfo?>("--html") { Description = "Write the whole report as one page to this file." };
        var svg = new Option<FileInfo?>("--svg") { Description = "Write the picture (maps, distances, nodes) to this file." };
        var shadow = new Command(
            "shadow",
            """
            Decide yesterday's own orders once more, and show it beside what really happened.

            Caravan goes through your orders in time, on the stock the day began with, and chooses for each the closest shelf
            that can serve it, as it would have. You see kilometres, parcels, cost, time, turnover and what could not be
            served, of both; for each order the two decisions and why. Nothing is written anywhere but to the files you name.
            """)
        {
            orders, stock, locations, places, zone, service, parcel, kilometre, currency, csv, html, svg,
        };
        shadow.SetAction((parsed, cancel) => RunAsync(
            parsed.GetRequiredValue(orders),
            parsed.GetRequiredValue(stock),
            parsed.GetRequiredValue(locations),
            parsed.GetValue(places),
            parsed.GetRequiredValue(zone),
            new ShadowRules(parsed.GetValue(parcel), parsed.GetValue(kilometre), parsed.GetRequiredValue(currency), Enum.TryParse<DeliveryService>(parsed.GetValue(service), ignoreCase: true, out var asked) ? asked : null),
            parsed.GetValue(csv),
            parsed.GetValue(html),
            parsed.GetValue(svg),
            cancel));
        return shadow;
    }

    private static async Task<int> RunAsync(FileInfo orders, FileInfo stock, FileInfo locations, FileInfo? places, string zone, ShadowRules rules, FileInfo? csv, FileInfo? html, FileInfo? svg, CancellationToken cancel)
    {
        if (new[] { orders, stock, locations, places }.FirstOrDefault(file => file is { Exists: false }) is { } missing)
            return await RefuseAsync($"There is no file {missing}.");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            return await RefuseAsync($"'{zone}' is not a time zone. Write one such as Europe/Berlin.");
        if (rules.ParcelCost is < 0 or > 1_000 || rules.KilometreCost is < 0 or > 1_000)
            return await RefuseAsync("Costs are between 0 and 1,000.");

        try
        {
            var errors = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
            var report = await errors.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(bars => Task.Run(
                () =>
                {
                    var reading = bars.AddTask("Reading orders");
                    var deciding = bars.AddTask("Deciding", autoStart: false);
                    return ShadowMaking.Make(NamedFile.Of(orders, Reading), NamedFile.Of(stock), NamedFile.Of(locations), places is null ? null : NamedFile.Of(places), zone, null, PartnerId.New(DateTimeOffset.UnixEpoch), rules, Deciding, cancel);

                    void Reading(long done, long of)
                    {
                        reading.MaxValue = of;
                        reading.Value = done;
                    }

                    void Deciding(int done, int of)
                    {
                        reading.Value = reading.MaxValue;
                        deciding.StartTask();
                        deciding.MaxValue = of;
                        deciding.Value = done;
                    }
                },
                cancel));
            Print(report);
            if (csv is not null)
                await WriteAsync(csv, writer => ShadowCsv.Write(report, writer));
            if (svg is not null)
                await WriteAsync(svg, writer => writer.Write(ShadowPicture.Whole(report)));
            if (html is not null)
                await WriteAsync(html, await HtmlAsync(report));
            return 0;
        }
        catch (Exception told) when (told is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return await RefuseAsync(told.Message);
        }
    }

    private static void Print(ShadowReport report)
    {
        var table = new Table().Border(TableBorder.Markdown).AddColumn("").AddColumn(new TableColumn(report.Real.Name).RightAligned()).AddColumn(new TableColumn(report.Caravan.Name).RightAligned());
        Row("orders", side => Number(side.Orders));
        Row("served whole", side => $"{Number(side.Served)} ({Decimal(side.ServedPercent)} %)");
        Row("in more than one parcel", side => $"{Number(side.Split)} ({Decimal(side.SplitPercent)} %)");
        Row("parcels", side => Number(side.Parcels));
        Row("units shipped", side => Number(side.Units));
        Row("units not served", side => Number(side.UnitsLacking));
        Row("kilometres in all", side => Number((long)side.Kilometres));
        Row("kilometres a parcel, mean", side => Decimal(side.MeanKilometres));
        Row("kilometres a parcel, 90th percentile", side => Decimal(side.P90Kilometres));
        Row($"cost in all, {report.Costs.Currency}", side => Number((long)side.Cost));
        Row($"cost a served order, {report.Costs.Currency}", side => side.CostAnOrder.ToString("N2", CultureInfo.InvariantCulture));
        Row("hours to the customer, mean", side => side.MeanHours is { } hours ? Decimal(hours) : "not in the file");
        Row("hours to the customer, 90th percentile", side => side.P90Hours is { } hours ? Decimal(hours) : "not in the file");
        Row("stock turnover", side => side.Turnover.ToString("N3", CultureInfo.InvariantCulture));
        Row($"of the {Number(report.RealOfBoth.Orders)} orders that both served whole:", _ => "");
        Pair("  kilometres an order", side => Decimal(side.KilometresAnOrder));
        Pair($"  cost an order, {report.Costs.Currency}", side => side.CostAnOrder.ToString("N2", CultureInfo.InvariantCulture));
        Pair("  in more than one parcel", side => $"{Number(side.Split)} ({Decimal(side.SplitPercent)} %)");
        AnsiConsole.Write(table);
        foreach (var (why, orders) in report.RefusedBy.Take(5))
            Console.WriteLine($"Caravan could not serve {Number(orders)}: {why}");
        if (report.UnitsFromEmptyShelves > 0)
            Console.WriteLine($"{Number(report.UnitsFromEmptyShelves)} units were really shipped from shelves on which the stock file has none.");
        if (report.UnknownNodes.Count > 0)
            Console.WriteLine($"Left out, for no locations file names them: {string.Join(", ", report.UnknownNodes)}.");
        foreach (var (why, (rows, first)) in report.LeftOut)
            Console.WriteLine($"{Number(rows)} rows left out: {why} (first: {first}).");
        Console.WriteLine("\nTaken for granted:");
        foreach (var rule in report.Rules)
            Console.WriteLine($"  - {rule}");

        void Pair(string words, Func<ShadowSide, string> cell) => table.AddRow(new Text(words), new Text(cell(report.RealOfBoth)), new Text(cell(report.CaravanOfBoth)));

        void Row(string words, Func<ShadowSide, string> cell) => table.AddRow(new Text(words), new Text(cell(report.Real)), new Text(cell(report.Caravan)));
    }

    // One file that needs nothing from outside.
    private static async Task<Action<TextWriter>> HtmlAsync(ShadowReport report)
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        var body = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<ShadowResult>(ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(ShadowResult.Report)] = report, [nameof(ShadowResult.IsAlone)] = true }))).ToHtmlString());
        return writer => writer.Write(
            $$"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A day of orders, decided twice</title>
            <style>
              :root { color-scheme: light dark } body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
              table { border-collapse: collapse; width: 100%; margin: 1.5rem 0 } caption { text-align: left; font-weight: 600; font-size: 1.15rem; padding: .4rem 0 }
              th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #8885; vertical-align: top } .number { text-align: right; font-variant-numeric: tabular-nums } thead th { font-size: .85rem }
              .table-wrap { overflow-x: auto } .muted { opacity: .75 } .small { font-size: .85rem } svg { max-width: 100%; height: auto } tbody th { font-weight: 500 } .notice { border-left: 4px solid #b45309; padding-left: 1rem }
            </style></head>
            <body><h1>A day of orders, decided twice</h1><p>What really happened, and what Caravan would have done with the same orders and stock.</p>{{body}}</body></html>
            """);
    }

    private static async Task WriteAsync(FileInfo file, Action<TextWriter> write)
    {
        await using (var writer = new StreamWriter(file.FullName, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
            write(writer);
        Console.WriteLine($"Written: {file.FullName}");
    }

    private static async Task<int> RefuseAsync(string why)
    {
        await Console.Error.WriteLineAsync(why);
        return 2;
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Decimal(double number) => number.ToString("N1", CultureInfo.InvariantCulture);
}
