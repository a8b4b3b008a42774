using System.Diagnostics;
using System.Text.Json;
using Caravan.Bench.Operations;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Stock;

/// <summary>The bench verb in small: it runs on the real server and prints the figures that others rely on.</summary>
[Trait("Store", "once")]
public sealed class OperationsBenchTests
{
    private static readonly string[] Promised = ["feed_to_sellable_p99_seconds", "short_pick_resource_p99_seconds", "stop_sell_p99_seconds", "edi_mb_per_second", "shadow_orders_per_second", "csv_feed_lines_per_second"];

    [Fact]
    public async Task The_verb_operations_prints_its_table_and_one_line_of_json()
    {
        var program = Path.ChangeExtension(typeof(OperationsVerb).Assembly.Location, ".dll");
        using var bench = Process.Start(new ProcessStartInfo("dotnet", [program, "operations", "--rounds", "2", "--delta-lines", "2500", "--items", "70", "--csv-lines", "5000", "--megabytes", "1", "--shadow-orders", "100"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!; // Dotnet is there: it runs this test.
        var errors = bench.StandardError.ReadToEndAsync(TestCaravan.Cancel);
        var text = await bench.StandardOutput.ReadToEndAsync(TestCaravan.Cancel);
        await bench.WaitForExitAsync(TestCaravan.Cancel);

        Assert.True(bench.ExitCode == 0, await errors);
        var line = JsonSerializer.Deserialize<JsonElement>(text.Trim().Split('\n')[^1]);
        Assert.Equal("operations", line.GetProperty("verb").GetString());
        var figures = line.GetProperty("figures").EnumerateArray().ToDictionary(one => one.GetProperty("name").GetString()!, one => one.GetProperty("value").GetDouble());
        Assert.All(Promised, name => Assert.True(figures[name] > 0, name));
    }
}
