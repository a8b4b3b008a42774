using System.CommandLine;
using System.Globalization;
using Caravan.Engines.Routing;

namespace Caravan.Bench.Routing;

/// <summary>How good the routing engine's plans are after so many seconds of one thread, beside the best known ones.</summary>
internal static class RoutingVerb
{
    public static Command Create()
    {
        var seconds = new Option<double>("--seconds") { Description = "CPU seconds an instance, one thread.", DefaultValueFactory = _ => 10 };
        var data = new Option<string>("--data") { Description = "Where solomon, gehring-homberger and li-lim lie.", DefaultValueFactory = _ => Path.Combine("..", "shared", "data", "routing") };
        var names = new Option<string[]>("--instances") { Description = "Names, or beginnings with *; left out, all there are.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
        var every = BenchRun.Number("--every", "Take every so manieth of those named.", 1, 1000);
        var objective = new Option<string>("--objective") { Description = "distance or vehicles.", DefaultValueFactory = _ => "distance" };
        var seed = BenchRun.Number("--seed", "Seed.", 1, int.MaxValue);
        var iterations = new Option<long?>("--iterations") { Description = "End after so many iterations, so that two runs may be compared on a busy machine." };
        var part = new Option<string>("--part") { Description = "instances, live (orders into a live plan, a city of 10,000 stops, a matrix), or all.", DefaultValueFactory = _ => "all" };
        part.AcceptOnlyFromAmong("all", "instances", "live");
        objective.AcceptOnlyFromAmong("distance", "vehicles");
        var verb = new Command(
            "routing",
            """
            Solves public test problems with one thread for so many seconds of its processor time, checks each plan, and prints the gap to the best known.
            Distances: Solomon's format by the DIMACS rule, Li and Lim's in thousandths (their best known are vehicles first, so gaps may be below 0).
            """)
        {
            seconds, data, names, every, objective, seed, iterations, part,
        };
        verb.SetAction((parsed, cancel) => BenchRun.GuardAsync(() =>
        {
            var goal = parsed.GetValue(objective) == "vehicles" ? RoutingObjective.VehiclesFirst : RoutingObjective.Cost;
            if (parsed.GetValue(part) == "live")
                return Task.FromResult(RunLive(new Figures("routing"), isAlone: true) ? 0 : 1);
            var isWhole = parsed.GetValue(part) == "all" && parsed.GetValue(names) is not { Length: > 0 } && goal == RoutingObjective.Cost;
            var files = RoutingFiles.Read(parsed.GetValue(data)!, goal, parsed.GetValue(names)!); // They have defaults.
            return Task.FromResult(Run([.. files.Where((_, i) => i % parsed.GetValue(every) == 0)], goal, parsed.GetValue(seconds), (ulong)parsed.GetValue(seed), parsed.GetValue(iterations), isWhole, cancel));
        }));
        return verb;
    }

    private static int Run(List<RoutingFile> files, RoutingObjective objective, double seconds, ulong seed, long? iterations, bool isWhole, CancellationToken cancel)
    {
        var figures = new Figures("routing");
        List<(RoutingFile File, double Gap, int VehicleGap)> gaps = [];
        var (bytes, failed) = (0.0, 0);
        Console.WriteLine("| instance | vehicles | best | distance | best known | gap % | seconds | iterations/s | bytes/iteration |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var file in files)
        {
            cancel.ThrowIfCancellationRequested();
            var problem = file.File.ToProblem(file.Format, objective);
            var started = LibC.ThreadCpuSeconds();
            var outcome = Router.Solve(problem, new RoutingBudget { Seconds = seconds, Clock = LibC.ThreadCpuSeconds, Iterations = iterations }, seed);
            var took = LibC.ThreadCpuSeconds() - started;
            if (outcome is not RoutingOutcome.Solved { Plan: var plan } || RoutingChecker.Check(problem, plan) is { Count: > 0 } || plan.Unassigned.Count > 0)
            {
                Console.WriteLine($"| {file.Name} | no valid plan | | | | | | | |");
                failed++;
                continue;
            }

            var distance = objective == RoutingObjective.VehiclesFirst ? file.File.Length(BenchmarkFile.RoutesOf(problem, plan)) : plan.Metres / (double)BenchmarkFile.ScaleOf(file.Format, objective);
            var gap = 100 * (distance / file.BestDistance - 1);
            gaps.Add((file, gap, plan.Routes.Count - file.BestVehicles));
            bytes = Math.Max(bytes, plan.BytesPerIteration);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {file.Name} | {plan.Routes.Count} | {file.BestVehicles} | {distance:0.0} | {file.BestDistance:0.0} | {gap:0.00} | {took:0.0} | {plan.Iterations / took:0} | {plan.BytesPerIteration:0.00} |"));
        }

        foreach (var group in gaps.GroupBy(one => (one.File.Format, one.File.Size)))
        {
            var kind = group.Key.Format == BenchmarkFormat.LiLim ? "pdptw" : "vrptw";
            figures.Add($"{kind}_mean_gap_percent_{group.Key.Size}", group.Average(one => one.Gap), "%");
            if (objective == RoutingObjective.VehiclesFirst)
                figures.Add($"{kind}_vehicles_above_best_{group.Key.Size}", group.Sum(one => one.VehicleGap), "");
        }

        if (gaps.Any(one => one.File.Format == BenchmarkFormat.Solomon && one.File.Size <= 400))
            figures.Add("vrptw_mean_gap_percent_to400", gaps.Where(one => one.File.Format == BenchmarkFormat.Solomon && one.File.Size <= 400).Average(one => one.Gap), "%");
        figures.Add("bytes_per_iteration", bytes, "B");
        figures.Add("without_valid_plan", failed, "");
        var holds = !isWhole || RunLive(figures, isAlone: false);
        figures.Print();
        return failed == 0 && holds ? 0 : 1;
    }

    private static bool RunLive(Figures figures, bool isAlone)
    {
        LiveFigures.Matrix(figures);
        var holds = LiveFigures.Insert(figures) & LiveFigures.PlanCity(figures);
        if (isAlone)
            figures.Print();
        return holds;
    }
}
