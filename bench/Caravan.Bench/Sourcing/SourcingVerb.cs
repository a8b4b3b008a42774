using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Caravan.Bench.Orders;
using Caravan.Engines.Sourcing;

namespace Caravan.Bench.Sourcing;

/// <summary>What the sourcing engine costs by itself, one thread, no server: time, bytes, and how far it is from the best. Then what a promise costs on a server.</summary>
internal static class SourcingVerb
{
    private const ulong Seed = 20_260_101;
    private const int PromisesASecond = 1_000;
    private const double Reached = 0.98;
    private const int PromiseClients = 64;
    private const int PromisesBefore = 20_000;
    private static readonly TimeSpan WarmUpMax = TimeSpan.FromSeconds(60);
    private const int Kept = 200; // Problems of each kind, asked again and again: 36 KB of stock each, more than the processor's caches hold.

    public static Command Create()
    {
        var decisions = BenchRun.Number("--decisions", "How many decisions of each kind are timed.", 20_000, 10_000_000);
        var cases = BenchRun.Number("--cases", "How many small cases are compared with brute force.", 10_000, 10_000_000);
        var seconds = BenchRun.Number("--seconds", "How long promises are asked for.", 10, 3_600);
        var verb = new Command(
            "sourcing",
            """
            The engine Sourcing alone: baskets of 2 and of 5 lines over 1,800 locations, half of them together at one location.
            Then POST /v1/promises on the real server with its embedded store: 5 lines, all services; as many as it takes, and then
            a thousand a second. It always ends: what was not sent in time is not sent.

            Figures: p99_us and bytes_per_decision (both sizes of basket, the decision without the verdicts that explain it; those
            with them are told beside), gap_to_optimum_percent (against brute force on small random cases; a parcel more counts as a day),
            promise_p99_ms (at a thousand a second, from when it was due to its answer), promises_per_second (answered of those),
            promises_at_most_per_second (64 clients that ask again at once) and cpu_ms_per_promise (the server's, meanwhile).
            """)
        {
            decisions, cases, seconds,
        };
        verb.SetAction((parsed, cancel) => BenchRun.GuardAsync(() => RunAsync(parsed.GetValue(decisions), parsed.GetValue(cases), TimeSpan.FromSeconds(parsed.GetValue(seconds)), cancel)));
        return verb;
    }

    private static async Task<int> RunAsync(int decisions, int cases, TimeSpan duration, CancellationToken cancel)
    {
        var figures = new Figures("sourcing");
        var world = new BenchWorld(Seed);
        List<double> plain = [];
        var bytes = 0.0;
        foreach (var lines in (int[])[2, 5])
        {
            var measured = Measure(world, lines, withVerdicts: false, decisions);
            figures.Add($"p50_us_{lines}_lines", At(measured.Microseconds, 0.5), "us");
            figures.Add($"p99_us_{lines}_lines", At(measured.Microseconds, 0.99), "us");
            plain.AddRange(measured.Microseconds);
            bytes += measured.Bytes / 2;
        }

        var told = Measure(world, 5, withVerdicts: true, decisions);
        var (gap, wronglyRefused, served) = SmallCases.Measure(cases, Seed);
        plain.Sort();
        figures.Add("p99_us", At(plain, 0.99), "us");
        figures.Add("bytes_per_decision", bytes, "B");
        figures.Add("p99_us_5_lines_with_verdicts", At(told.Microseconds, 0.99), "us");
        figures.Add("bytes_per_decision_with_verdicts", told.Bytes, "B");
        figures.Add("gap_to_optimum_percent", gap, "%");
        figures.Add("wrongly_refused", wronglyRefused, "");
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{served:N0} of {cases:N0} small cases can be served."));
        var (most, promised, cpu) = await PromiseAsync(world, duration, cancel);
        promised.Answers.Tell("promises");
        figures.Add("promise_p50_ms", promised.Waits.Milliseconds(0.5), "ms");
        figures.Add("promise_p99_ms", promised.Waits.Milliseconds(0.99), "ms");
        figures.Add("promises_per_second", promised.PlacedPerSecond, "1/s");
        figures.Add("promises_at_most_per_second", most.PlacedPerSecond, "1/s");
        figures.Add("cpu_ms_per_promise", cpu, "ms");
        if (promised.PlacedPerSecond < PromisesASecond * Reached)
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"NOT REACHED: {PromisesASecond:N0} promises a second were asked for, {promised.PlacedPerSecond:N0} were answered; the waits are those of a queue."));
        figures.Print();
        return wronglyRefused == 0 && promised.Answers.Errors5xx == 0 ? 0 : 1;
    }

    private static async Task<(LoadResult Most, LoadResult Paced, double CpuMilliseconds)> PromiseAsync(BenchWorld world, TimeSpan duration, CancellationToken cancel)
    {
        const string name = "promises";
        await using var store = await StoreUnderTest.CreateAsync("sqlite", cancel);
        var key = await SeededStore.CreateAsync(world, store, name, cancel);
        await using var server = await ServerProcess.StartAsync(store.Folder(name), ["--demo", "off"], new Dictionary<string, string>(), cancel);
        var load = new LoadGenerator(server.Address, key, PromiseClients);
        var promises = new Promises(world, Seed);
        load.Run(promises, WarmUpMax, PromisesBefore, cancel); // Until then half of the time goes into compiling.
        var before = server.CpuSeconds;
        var most = load.Run(promises, duration, cancel);
        var cpu = 1_000 * (server.CpuSeconds - before) / Math.Max(1, most.Answers.All);
        return (most, load.RunPaced(promises, PromisesASecond, duration, cancel), cpu);
    }

    private static (List<double> Microseconds, double Bytes) Measure(BenchWorld world, int lines, bool withVerdicts, int decisions)
    {
        var baskets = new Baskets(world, Seed);
        var problems = Enumerable.Range(0, Kept).Select(i => baskets.Next(lines, isTogether: i % 2 == 0, withVerdicts)).ToArray();
        for (var i = 0; i < Kept * 10; i++)
            Sourcer.Decide(problems[i % Kept]);

        var refused = problems.Count(problem => Sourcer.Decide(problem) is not SourcingDecision.Sourced);
        var split = problems.Count(problem => Sourcer.Decide(problem) is SourcingDecision.Sourced { NodeCount: > 1 });
        var unproven = problems.Count(problem => Sourcer.Decide(problem) is SourcingDecision.Sourced { IsProvenBest: false });
        Console.Error.WriteLine($"{lines} lines{(withVerdicts ? ", with verdicts" : "")}: of {Kept} baskets {split} are split, {refused} refused, {unproven} cut off at the step limit.");

        var microseconds = new List<double>(decisions);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < decisions; i++)
        {
            var started = Stopwatch.GetTimestamp();
            Sourcer.Decide(problems[i % Kept]);
            microseconds.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
        }

        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)decisions;
        microseconds.Sort();
        return (microseconds, bytes);
    }

    private static double At(List<double> sorted, double share) => sorted[(int)Math.Min(sorted.Count - 1, share * sorted.Count)];
}
