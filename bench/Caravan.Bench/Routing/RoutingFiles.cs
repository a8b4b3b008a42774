using System.Globalization;
using Caravan.Engines.Routing;

namespace Caravan.Bench.Routing;

/// <summary>One public test problem and the best anybody has reported.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Format">Its format.</param>
/// <param name="File">What is in it.</param>
/// <param name="BestDistance">Best known distance, in the file's units.</param>
/// <param name="BestVehicles">Vehicles of that plan.</param>
internal sealed record RoutingFile(string Name, BenchmarkFormat Format, BenchmarkFile File, double BestDistance, int BestVehicles)
{
    /// <summary>Customers as the sets are named: 100, 200, 400 and so on.</summary>
    public int Size => (File.Customers.Count - 1 + 50) / 100 * 100 is var size && size > 100 ? size / 200 * 200 : 100;
}

/// <summary>The folders <c>solomon</c>, <c>gehring-homberger</c> and <c>li-lim</c>, each with its <c>bks.csv</c>.</summary>
internal static class RoutingFiles
{
    /// <summary>The problems whose names begin with one of these; all when none is given.</summary>
    public static List<RoutingFile> Read(string folder, RoutingObjective objective, string[] names)
    {
        if (!Directory.Exists(folder))
            throw new BenchException($"There is no folder {folder}. Say with --data where the test problems lie.");
        List<RoutingFile> files = [];
        foreach (var set in (string[])["solomon", "gehring-homberger", "li-lim"])
        {
            var format = set == "li-lim" ? BenchmarkFormat.LiLim : BenchmarkFormat.Solomon;
            var best = Best(Path.Combine(folder, set, "bks.csv"), format == BenchmarkFormat.LiLim || objective == RoutingObjective.VehiclesFirst ? "vehicles-first" : "distance-only");
            foreach (var path in Directory.EnumerateFiles(Path.Combine(folder, set), "*.txt", SearchOption.AllDirectories))
            {
                var name = Path.GetFileNameWithoutExtension(path).ToUpperInvariant();
                if ((names.Length > 0 && !names.Any(one => name.Equals(one, StringComparison.OrdinalIgnoreCase) || (one.EndsWith('*') && name.StartsWith(one[..^1], StringComparison.OrdinalIgnoreCase)))) || !best.TryGetValue(name, out var known))
                    continue;
                if (BenchmarkFile.Read(System.IO.File.ReadAllText(path), format, out var file) is { } fault)
                    throw new BenchException($"{path}: {fault}");
                files.Add(new RoutingFile(name, format, file!, known.Distance, known.Vehicles)); // No fault, so it was read.
            }
        }

        return [.. files.OrderBy(file => file.Format).ThenBy(file => file.Size).ThenBy(file => file.Name, StringComparer.Ordinal)];
    }

    private static Dictionary<string, (double Distance, int Vehicles)> Best(string path, string objective)
    {
        Dictionary<string, (double Distance, int Vehicles)> best = [];
        foreach (var line in System.IO.File.ReadLines(path).Skip(1))
        {
            var fields = line.Split(',');
            if (fields[3] != objective || (objective == "distance-only" && !line.Contains("DIMACS", StringComparison.Ordinal)))
                continue;
            best[fields[0].ToUpperInvariant()] = (double.Parse(fields[2], CultureInfo.InvariantCulture), int.Parse(fields[1], CultureInfo.InvariantCulture));
        }

        return best;
    }
}
