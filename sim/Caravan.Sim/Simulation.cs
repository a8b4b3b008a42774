using System.Diagnostics;
using Spectre.Console;

namespace Caravan.Sim;

/// <summary>Many seeds, for people: progress, a table of what happened, and how to see a failure again.</summary>
internal static class Simulation
{
    public static int Replay(int seed, Plant? plant)
    {
        using var town = new Town(plant);
        var history = World.Run(seed, town, plant, isTraced: true);
        foreach (var line in history.Trace)
            Console.WriteLine(line);
        Console.WriteLine(history.Violation is null ? $"Seed {seed}: all is well after {history.Tally.Steps} steps." : $"Seed {seed}: {history.Violation}");
        return history.Violation is null ? 0 : 1;
    }

    public static int Run(int from, int count, int threads, Plant? plant)
    {
        var since = Stopwatch.GetTimestamp();
        var (total, failures) = Live(from, count, threads, plant, done =>
        {
            if (done % Math.Max(1, count / 20) == 0)
                Console.WriteLine($"{done:n0} of {count:n0} seeds, {Stopwatch.GetElapsedTime(since).TotalSeconds:n0} s");
        });
        var table = new Table().AddColumn("what").AddColumn(new TableColumn("count").RightAligned());
        foreach (var (what, number) in total.Rows())
            table.AddRow(what, $"{number:n0}");
        AnsiConsole.Write(table);
        foreach (var failure in failures.OrderBy(one => one.Seed).Take(10))
            Console.WriteLine($"Seed {failure.Seed}: {failure.Violation}\n  {Command(failure.Seed, plant)}");
        Console.WriteLine($"{count:n0} seeds, {failures.Count:n0} failed, in {Stopwatch.GetElapsedTime(since).TotalSeconds:n0} s");
        return failures.Count == 0 ? 0 : 1;
    }

    /// <summary>The command that lives through a seed again.</summary>
    public static string Command(int seed, Plant? plant) =>
        $"dotnet run --project sim/Caravan.Sim -- --seed {seed}{(plant is null ? "" : $" --plant {plant.Name}")}";

    /// <summary>Lives through seeds, several at a time, each on a thread of its own; stops at <paramref name="failuresMax"/> failures.</summary>
    public static (Tally Total, IReadOnlyList<History> Failures) Live(int from, int count, int threads, Plant? plant, Action<int>? progress = null, int failuresMax = int.MaxValue)
    {
        using var town = new Town(plant);
        var gate = new Lock();
        var total = new Tally();
        List<History> failures = [];
        var done = 0;
        Parallel.For(from, from + count, new ParallelOptions { MaxDegreeOfParallelism = threads }, (seed, state) =>
        {
            var history = World.Run(seed, town, plant);
            lock (gate)
            {
                total.Add(history.Tally);
                if (history.Violation is not null)
                    failures.Add(history);
                if (failures.Count >= failuresMax)
                    state.Stop();
                progress?.Invoke(++done);
            }
        });
        return (total, failures);
    }
}
