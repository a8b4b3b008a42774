using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace Caravan.Stock;

/// <summary><c>caravan feed check FILE</c>: what would become of a stock file, without an account or a server.</summary>
internal static class FeedVerbs
{
    private const int LinesMax = 5_000_000;
    private const int ExitClean = 0;
    private const int ExitRejections = 1;
    private const int ExitUnreadable = 2;
    private const long ProgressFromBytes = 4 * 1024 * 1024;

    /// <summary>The verb <c>check</c>, which belongs below <c>feed</c>.</summary>
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A CSV file with columns such as location, item, quantity." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead, for programs." };
        var items = new Option<FileInfo?>("--items") { Description = "A CSV or plain list of the item codes that are known (SKU or GTIN), one a line." };
        var locations = new Option<FileInfo?>("--locations") { Description = "A CSV or plain list of the location codes that are known, one a line." };
        var check = new Command("check", "Show what a server would take, reject or find suspicious in a stock file. Exit code 0: all taken; 1: rejections; 2: unreadable.")
        {
            file,
            json,
            items,
            locations,
        };
        check.SetAction((parsed, cancel) => CheckAsync(
            parsed.GetRequiredValue(file),
            parsed.GetValue(items),
            parsed.GetValue(locations),
            parsed.GetValue(json),
            Console.Out,
            Console.Error,
            cancel));
        return check;
    }

    /// <summary>Does the check and prints it; the exit code.</summary>
    public static async Task<int> CheckAsync(FileInfo file, FileInfo? items, FileInfo? locations, bool isJson, TextWriter output, TextWriter errors, CancellationToken cancel)
    {
        try
        {
            var bytes = await File.ReadAllBytesAsync(file.FullName, cancel);
            var knownItems = await CodesAsync(items, cancel);
            var knownLocations = await CodesAsync(locations, cancel);
            var read = Read(bytes, isJson ? null : AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(errors) }));
            var report = FeedCheck.Make(read, knownItems, knownLocations);
            if (isJson)
                await output.WriteLineAsync(JsonSerializer.Serialize(report, FeedJson.House.FeedReport).AsMemory(), cancel);
            else
                Print(report, file.Name, AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }));
            return report.IsClean ? ExitClean : ExitRejections;
        }
        catch (Exception fault) when (fault is FeedFileException or IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"{file.Name} cannot be read: {fault.Message}".AsMemory(), cancel);
            return ExitUnreadable;
        }
    }

    private static FeedFile Read(byte[] bytes, IAnsiConsole? console)
    {
        var text = FeedReader.Decode(bytes);
        if (console is null || bytes.Length < ProgressFromBytes)
            return FeedReader.Read(text, LinesMax);

        return console.Progress().AutoClear(true).Start(progress =>
        {
            var task = progress.AddTask("Reading", maxValue: text.Length);
            return FeedReader.Read(text, LinesMax, progress: place => task.Value = place);
        });
    }

    private static async Task<IReadOnlySet<string>?> CodesAsync(FileInfo? list, CancellationToken cancel)
    {
        if (list is null)
            return null;

        // Every field counts, so that a list of SKU and GTIN in two columns knows both.
        var text = FeedReader.Decode(await File.ReadAllBytesAsync(list.FullName, cancel));
        return text.Split(['\n', '\r', ',', ';', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(code => code.Trim('"')).ToHashSet(StringComparer.Ordinal);
    }

    private static void Print(FeedReport report, string name, IAnsiConsole console)
    {
        console.MarkupLineInterpolated($"[bold]{name}[/]: {report.Lines} lines, {report.Accepted} would be taken, {report.Lines - report.Accepted} rejected; fields divided by {report.Delimiter}");
        var columns = Table("Columns", "is", "column", "sure");
        foreach (var column in report.Columns)
            columns.AddRow(Markup.Escape(column.Role.ToString().ToLowerInvariant()), Markup.Escape(column.Header), column.SurePercent >= FeedColumns.Sure ? $"{column.SurePercent} %" : $"a guess, {column.SurePercent} %");
        console.Write(columns);
        if (report.MustRename is { } rename)
            console.MarkupLineInterpolated($"[red]A server would refuse this file.[/] {rename}");
        PrintLines(console, "Rejected", "reason", report.Rejected);
        PrintLines(console, "Suspicious", "why", report.Suspicious);
        var locations = Table("Locations", "location", "lines", "units");
        foreach (var location in report.Locations.Take(100))
            locations.AddRow(Markup.Escape(location.Location.Length == 0 ? "(blank)" : location.Location) + (location.IsKnown ? "" : " (unknown)"), $"{location.Lines}", $"{location.Units}");
        console.Write(locations);
        if (report.Locations.Count > 100)
            console.MarkupLineInterpolated($"… and {report.Locations.Count - 100} more locations");
    }

    private static void PrintLines(IAnsiConsole console, string title, string reason, IReadOnlyList<CheckedLines> all)
    {
        if (all.Count == 0)
            return;

        var table = Table(title, reason, "count", "lines", "for example");
        foreach (var some in all)
            table.AddRow(Markup.Escape(some.Reason), $"{some.Count}", string.Join(", ", some.Lines) + (some.Count > some.Lines.Count ? ", …" : ""), Markup.Escape(string.Join("\n", some.Examples)));
        console.Write(table);
    }

    private static Table Table(string title, params string[] columns)
    {
        var table = new Table().Title(title).Border(TableBorder.Rounded);
        foreach (var column in columns)
            table.AddColumn(column);
        return table;
    }
}
