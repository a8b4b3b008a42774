using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Caravan.Engines.Routing;

namespace Caravan.Routing;

/// <summary><c>caravan route FILE</c>: plans the routes of a file, without an account or a server.</summary>
internal static class RouteVerb
{
    private const int ExitSolved = 0;
    private const int ExitIncomplete = 1;
    private const int ExitRefused = 2;

    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The problem." };
        var format = new Option<string>("--format") { Description = "solomon (also Gehring and Homberger), lilim (pickup and delivery) or vroom (JSON).", DefaultValueFactory = _ => "vroom" };
        format.AcceptOnlyFromAmong("solomon", "lilim", "vroom");
        var objective = new Option<string>("--objective") { Description = "distance, or vehicles: the fewest, then distance. Of a VROOM file: its own cost, or vehicles first.", DefaultValueFactory = _ => "distance" };
        objective.AcceptOnlyFromAmong("distance", "vehicles");
        var seconds = new Option<double?>("--seconds") { Description = "End after so many seconds by the clock; 10 when no other end is given." };
        var iterations = new Option<long?>("--iterations") { Description = "End after so many iterations; the same seed then gives the same answer." };
        var threads = new Option<int>("--threads") { Description = "So many searches with seeds of their own side by side; the best counts. 1 to 64.", DefaultValueFactory = _ => 1 };
        var seed = new Option<ulong>("--seed") { Description = "Another seed, another search.", DefaultValueFactory = _ => 1 };
        var json = new Option<FileInfo?>("--json") { Description = "Write the plan there, and nothing but progress to the terminal; left out, to standard output." };
        var svg = new Option<FileInfo?>("--svg") { Description = "Draw the routes there." };
        seconds.Validators.Add(result => Need(result.GetValue(seconds) is null or (>= 0 and <= 1_000_000), result, "--seconds is 0 to 1,000,000."));
        iterations.Validators.Add(result => Need(result.GetValue(iterations) is null or >= 0, result, "--iterations is not below 0."));
        threads.Validators.Add(result => Need(result.GetValue(threads) is >= 1 and <= 64, result, "--threads is 1 to 64."));
        var route = new Command(
            "route",
            """
            Plan the routes of a file: public test problems, or VROOM's JSON. Exit code 0: everything is served; 1: something is left out;
            2: the file cannot be read or has faults, which are named.
            """)
        {
            file, format, objective, seconds, iterations, threads, seed, json, svg,
        };
        route.SetAction((parsed, cancel) => RunAsync(
            new RouteOrder
            {
                File = parsed.GetRequiredValue(file),
                Format = parsed.GetRequiredValue(format),
                Objective = parsed.GetValue(objective) == "vehicles" ? RoutingObjective.VehiclesFirst : RoutingObjective.Cost,
                Seconds = parsed.GetValue(seconds) ?? (parsed.GetValue(iterations) is null ? 10 : null),
                Iterations = parsed.GetValue(iterations),
                Threads = parsed.GetValue(threads),
                Seed = parsed.GetValue(seed),
                Json = parsed.GetValue(json),
                Svg = parsed.GetValue(svg),
            },
            Console.Out,
            Console.Error,
            cancel));
        return route;
    }

    /// <summary>Plans and writes; the exit code.</summary>
    public static async Task<int> RunAsync(RouteOrder order, TextWriter output, TextWriter errors, CancellationToken cancel)
    {
        try
        {
            var text = await File.ReadAllTextAsync(order.File.FullName, cancel);
            if (!RouteFile.TryRead(text, order, out var file, out var faults))
            {
                foreach (var fault in faults)
                    await errors.WriteLineAsync($"{order.File.Name}{(fault.Pointer.Length > 0 ? $" {fault.Pointer}" : "")}: {fault.Message}".AsMemory(), cancel);
                return ExitRefused;
            }

            var watch = Stopwatch.StartNew();
            var outcome = await SolveAsync(file!.Problem, order, watch, errors, cancel); // It was read.
            if (outcome is not RoutingOutcome.Solved { Plan: var plan })
            {
                foreach (var fault in ((RoutingOutcome.Refused)outcome).Faults)
                    await errors.WriteLineAsync($"{order.File.Name} {fault.Pointer}: {fault.Message}".AsMemory(), cancel);
                return ExitRefused;
            }

            var answer = file.Answer(plan, watch.Elapsed.TotalSeconds);
            if (order.Json is { } target)
                await File.WriteAllBytesAsync(target.FullName, answer, cancel);
            else
                await output.WriteLineAsync(System.Text.Encoding.UTF8.GetString(answer).AsMemory(), cancel);
            if (order.Svg is { } picture)
                await File.WriteAllTextAsync(picture.FullName, RouteSvg.Draw(plan, file.Where), cancel);
            return plan.Unassigned.Count == 0 ? ExitSolved : ExitIncomplete;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync(fault.Message.AsMemory(), cancel);
            return ExitRefused;
        }
    }

    private static async Task<RoutingOutcome> SolveAsync(RoutingProblem problem, RouteOrder order, Stopwatch watch, TextWriter errors, CancellationToken cancel)
    {
        var line = new ProgressLine(errors, watch, isTerminal: !Console.IsErrorRedirected);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, order.Threads).Select(thread => Task.Factory.StartNew(
            () => Router.Solve(
                problem,
                new RoutingBudget
                {
                    Seconds = order.Seconds,
                    Iterations = order.Iterations,
                    Clock = () => watch.Elapsed.TotalSeconds,
                    Watch = progress =>
                    {
                        line.Tell(thread, progress);
                        return !cancel.IsCancellationRequested;
                    },
                },
                order.Seed + (ulong)thread),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        line.End();
        return outcomes.MinBy(outcome => outcome is RoutingOutcome.Solved { Plan: var plan } ? (plan.Unassigned.Count, problem.Objective == RoutingObjective.VehiclesFirst ? plan.Routes.Count : 0, plan.Cost) : (int.MaxValue, 0, 0))!; // There is at least one.
    }

    private static void Need(bool isRight, System.CommandLine.Parsing.OptionResult result, string otherwise)
    {
        if (!isRight)
            result.AddError(otherwise);
    }
}

/// <summary>What was asked for on the command line.</summary>
internal sealed record RouteOrder
{
    public required FileInfo File { get; init; }

    public required string Format { get; init; }

    public RoutingObjective Objective { get; init; }

    public double? Seconds { get; init; }

    public long? Iterations { get; init; }

    public int Threads { get; init; } = 1;

    public ulong Seed { get; init; } = 1;

    public FileInfo? Json { get; init; }

    public FileInfo? Svg { get; init; }
}

/// <summary>One line that is written over and over: the best of all searches.</summary>
internal sealed class ProgressLine(TextWriter errors, Stopwatch watch, bool isTerminal)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, RoutingProgress> _searches = [];
    private double _toldAt = -1;
    private bool _isTold;

    public void Tell(int search, RoutingProgress progress)
    {
        lock (_lock)
        {
            _searches[search] = progress;
            var now = watch.Elapsed.TotalSeconds;
            if (now < _toldAt + (isTerminal ? 0.2 : 1))
                return;
            var best = _searches.Values.MinBy(one => (one.UnassignedCount, one.Cost));
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"{now,7:0.0} s  cost {best.Cost:N0}  vehicles {best.Vehicles}{(best.UnassignedCount > 0 ? $"  left out {best.UnassignedCount}" : "")}  iterations {_searches.Values.Sum(one => one.Iterations):N0}");
            if (isTerminal)
                errors.Write($"\r{text}   ");
            else
                errors.WriteLine(text);
            (_toldAt, _isTold) = (now, true);
        }
    }

    public void End()
    {
        if (isTerminal && _isTold)
            errors.WriteLine();
    }
}
