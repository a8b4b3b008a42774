using System.CommandLine;
using Spectre.Console;

namespace Caravan.Demo.Import;

internal static class ImportVerbs
{
    public static Command Create(Option<string> data, Option<string> store)
    {
        var file = new Argument<FileInfo>("file") { Description = "CSV with named columns, plain or .gz: number, sku, quantity, date; when there: name, price, customer." };
        var alone = new Option<bool>("--together-only") { Description = "Leave out the comparison with each company alone." };
        var limit = new Option<int>("--limit") { Description = "Serve the first so many orders only, on the stock of the whole file; 0 serves all.", DefaultValueFactory = _ => 0 };
        var import = new Command(
            "import",
            """
            Place a real web shop's orders on the demo network and tell how it went.

            The orders, lines, quantities, prices, times and cancellations are the file's; what it does not tell (addresses,
            stock, weights) is made up by rules that are printed with the result. Every order is accounted for: placed, or
            refused with a reason. The store of the common run is kept, in the data folder or in the PostgreSQL that --store names,
            to be looked at with `caravan`.
            """)
        {
            file,
            alone,
            limit,
        };
        import.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(file)!, parsed.GetValue(data)!, parsed.GetValue(store)!, parsed.GetValue(alone), parsed.GetValue(limit), cancel)); // The file is required, folder and store have defaults.
        return new Command("orders", "Orders in bulk.") { import, ShadowFiles() };
    }

    private static Command ShadowFiles()
    {
        var file = new Argument<FileInfo>("file") { Description = "As for import." };
        var folder = new Option<DirectoryInfo>("--to") { Description = "Folder for orders.csv, stock.csv and locations.csv.", Required = true };
        var verb = new Command("shadow-files", "Write a real web shop's orders, on the demo network, as the three files that `caravan shadow` reads: to try it before you have files of your own.") { file, folder };
        verb.SetAction(parsed =>
        {
            var from = parsed.GetRequiredValue(file);
            if (!from.Exists)
                return Refuse($"There is no file {from.FullName}.");

            try
            {
                var to = parsed.GetRequiredValue(folder).FullName;
                AnsiConsole.Progress().Start(progress =>
                {
                    var writing = progress.AddTask("writing");
                    var contents = OrderFile.Read(from.FullName, (_, _) => { });
                    writing.MaxValue = contents.Orders.Count;
                    ShadowSample.Write(contents, to, done => writing.Value = done);
                    writing.Value = writing.MaxValue;
                });
                foreach (var rule in SyntheticWorld.Rules.Take(5).Append(ShadowSample.Rule))
                    Console.WriteLine($"  - {rule}");
                Console.WriteLine($"\nNow: caravan shadow {Path.Combine(to, "orders.csv")} {Path.Combine(to, "stock.csv")} --locations {Path.Combine(to, "locations.csv")} --time-zone Asia/Shanghai --html shadow.html");
                return 0;
            }
            catch (InvalidDataException unreadable)
            {
                return Refuse(unreadable.Message);
            }
        });
        return verb;
    }

    private static async Task<int> RunAsync(FileInfo file, string folder, string store, bool togetherOnly, int limit, CancellationToken cancel)
    {
        if (!file.Exists)
            return Refuse($"There is no file {file.FullName}.");
        if (File.Exists(Path.Combine(folder, "caravan.db")))
            return Refuse($"{folder} holds a store already, and an import begins with an empty one. Give another folder with --data.");

        try
        {
            var reports = await AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(progress => ImportAsync(progress, file.FullName, folder, store, togetherOnly, limit, cancel));
            AnsiConsole.MarkupLine("\n[bold]Made up by rule, for the file does not tell it:[/]");
            foreach (var rule in SyntheticWorld.Rules)
                Console.WriteLine($"  - {rule}");
            Console.WriteLine();
            AnsiConsole.Console.Profile.Width = Math.Max(AnsiConsole.Console.Profile.Width, 140);
            AnsiConsole.Write(ImportTable.Of(reports));
            return reports.All(report => report.BookDifferences == 0) ? 0 : 1;
        }
        catch (InvalidDataException unreadable)
        {
            return Refuse(unreadable.Message);
        }
    }

    /// <summary>Reads the file and serves it in each way, one after the other.</summary>
    internal static async Task<IReadOnlyList<ImportReport>> ImportAsync(ProgressContext progress, string file, string folder, string store, bool togetherOnly, int limit, CancellationToken cancel)
    {
        var reading = progress.AddTask("reading", maxValue: 1);
        var contents = OrderFile.Read(file, (done, of) =>
        {
            reading.MaxValue = Math.Max(1, of);
            reading.Value = done;
        });
        if (limit > 0)
        {
            var last = contents.Orders.Count <= limit ? DateTime.MaxValue : contents.Orders[limit].At;
            contents = contents with { Orders = [.. contents.Orders.Take(limit)], NotOrders = new Dictionary<string, string>(), Cancellations = [.. contents.Cancellations.Where(one => one.At < last)] };
        }

        ImportSide[] sides = togetherOnly ? [ImportSide.Together] : [ImportSide.Together, ImportSide.ChainAlone, ImportSide.LogisticsAlone];
        var bars = sides.ToDictionary(side => side, side => progress.AddTask(side.ToString(), maxValue: (contents.Orders.Count * 2) + contents.Cancellations.Count));
        List<ImportReport> reports = [];
        foreach (var side in sides)
        {
            var here = side == ImportSide.Together ? folder : Directory.CreateTempSubdirectory("caravan-import-").FullName;
            await using (var run = new ImportRun(contents, side, here, side == ImportSide.Together ? store : ""))
            {
                await run.RunAsync(done => bars[side].Increment(done), cancel);
                reports.Add(run.Report);
            }

            bars[side].Value = bars[side].MaxValue;
            if (here != folder)
                Directory.Delete(here, recursive: true);
        }

        return reports;
    }

    private static int Refuse(string why)
    {
        Console.Error.WriteLine(why);
        return 2;
    }
}
