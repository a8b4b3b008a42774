using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Caravan.Bench;

/// <summary>What a verb has measured: printed as a table, then as one line of JSON.</summary>
internal sealed class Figures(string verb)
{
    private readonly List<(string Name, double Value, string Unit)> all = [];

    public void Add(string name, double value, string unit) => all.Add((name, value, unit));

    public void Print()
    {
        var table = new Table().Border(TableBorder.Markdown).AddColumn(verb).AddColumn(new TableColumn("").RightAligned()).AddColumn("");
        foreach (var (name, value, unit) in all)
            table.AddRow(name, value.ToString("N2", CultureInfo.InvariantCulture), unit);
        AnsiConsole.Write(table);
        Console.WriteLine(JsonSerializer.Serialize(new { verb, figures = all.Select(one => new { name = one.Name, value = Math.Round(one.Value, 3), unit = one.Unit }) }));
    }
}
