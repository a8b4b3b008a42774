using System.Diagnostics;
using System.Globalization;
using Caravan.Platform.Storage;
using Spectre.Console;

namespace Caravan.Bench.Orders.Aged;

/// <summary>
/// The same server on a fresh store and on one with a year's history, in turns: how long each takes to start, how long orders
/// wait at a steady pace, and how many it takes at most.
/// </summary>
internal static class AgedRun
{
    private const string Fresh = "fresh";
    private const string Aged = "aged";
    private const double OrdersAMovement = 0.3;
    private const int Starts = 3;
    private static readonly int[] Paces = [50, 300];

    public static async Task<int> RunAsync(string storeKind, int clients, int seconds, int movements, ulong seed, CancellationToken cancel)
    {
        var world = new BenchWorld(seed);
        var figures = new Figures("orders --aged");
        await using var store = await StoreUnderTest.CreateAsync(storeKind, cancel);
        var key = await SeededStore.CreateAsync(world, store, Fresh, cancel);
        await store.CopyAsync(Fresh, Aged, cancel);
        var history = await AgeAsync(store, (int)(movements * OrdersAMovement), seed, figures, cancel);
        foreach (var name in (string[])[Fresh, Aged])
            figures.Add($"start_seconds_{name}", await StartSecondsAsync(store, name, cancel), "s");

        await using (var fresh = await Contestant.StartAsync(Fresh, store, key, clients, new Dictionary<string, string>(), cancel))
        await using (var aged = await Contestant.StartAsync(Aged, store, key, clients, new Dictionary<string, string>(), cancel))
        {
            Contestant[] both = [fresh, aged];
            var mix = new MixedOrders(world, seed);
            foreach (var one in both)
                await one.WarmAsync(mix, TimeSpan.FromSeconds(Math.Min(seconds, 20)), cancel);
            foreach (var pace in Paces)
            {
                foreach (var one in both)
                    await PacedAsync(one, mix, pace, TimeSpan.FromSeconds(seconds / 2.0), figures, cancel);
            }

            for (var turn = 0; turn < 2; turn++)
            {
                foreach (var one in both)
                    await one.MeasureAsync(mix, TimeSpan.FromSeconds(seconds / 4.0), 0, cancel);
            }

            figures.Add("peak_per_second_fresh", fresh.OrdersPerSecond, "1/s");
            figures.Add("peak_per_second_aged", aged.OrdersPerSecond, "1/s");
            figures.Add("ratio_aged_to_fresh", fresh.OrdersPerSecond > 0 ? aged.OrdersPerSecond / fresh.OrdersPerSecond : 0, "x");
            figures.Add("cpu_ms_per_order_fresh", fresh.CpuMillisecondsPerOrder, "ms");
            figures.Add("cpu_ms_per_order_aged", aged.CpuMillisecondsPerOrder, "ms");
            figures.Add("rss_mb_fresh", fresh.ResidentMegabytes, "MB");
            figures.Add("rss_mb_aged", aged.ResidentMegabytes, "MB");
            foreach (var one in both)
                one.Answers.Tell(one.Name);
            var agree = await new Books(aged.Address, key).AgreeAsync(Aged, aged.Answers, aged.Answers.Placed * mix.LineCount, mix.LineCount, cancel, hasOthers: true);
            if (!agree || both.Any(one => one.Answers.Errors5xx > 0))
                throw new BenchException("The books differ, or an order met a server error: no figures of such a run.");
        }

        var audited = Stopwatch.GetTimestamp();
        var differences = await AgedStore.AuditAsync(Database.Of(store.Settings(Aged)), TimeProvider.System, cancel);
        figures.Add("audit_seconds", Stopwatch.GetElapsedTime(audited).TotalSeconds, "s");
        figures.Add("audit_differences", differences.Count, "");
        foreach (var difference in differences.Take(10))
            Console.Error.WriteLine(difference);
        figures.Add("movements", history.Movements, "");
        figures.Add("orders_of_the_past", history.Orders, "");
        figures.Print();
        return differences.Count == 0 ? 0 : 1;
    }

    private static async Task<History> AgeAsync(StoreUnderTest store, int orders, ulong seed, Figures figures, CancellationToken cancel)
    {
        var settings = store.Settings(Aged);
        await using var database = Database.Of(settings);
        var started = Stopwatch.GetTimestamp();
        var history = await Ansi().Progress().StartAsync(async shown =>
        {
            Dictionary<string, ProgressTask> tables = [];
            return await AgedStore.WriteAsync(database, orders, TimeProvider.System.GetUtcNow(), seed, (table, done, of) =>
            {
                if (!tables.TryGetValue(table, out var task))
                    tables.Add(table, task = shown.AddTask(table, maxValue: Math.Max(of, 1)));
                task.Value = done;
            }, cancel);
        });
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var gigabytes = await AgedStore.GigabytesAsync(database, settings, cancel);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{history.Movements:N0} movements and {history.Orders:N0} orders of a year, {gigabytes:N1} GB, in {seconds:N0} s."));
        figures.Add("aging_seconds", seconds, "s");
        figures.Add("store_gb", gigabytes, "GB");
        return history;
    }

    // The middle one of some, each until HTTP is answered.
    private static async Task<double> StartSecondsAsync(StoreUnderTest store, string name, CancellationToken cancel)
    {
        var seconds = new double[Starts];
        for (var i = 0; i < Starts; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await using var server = await ServerProcess.StartAsync(store.Folder(name), ["--demo", "off", .. store.Options(name)], new Dictionary<string, string>(), cancel);
            seconds[i] = Stopwatch.GetElapsedTime(started).TotalSeconds;
            await server.StopAsync();
        }

        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: started in {string.Join(", ", seconds.Select(one => one.ToString("N1", CultureInfo.InvariantCulture)))} s."));
        Array.Sort(seconds);
        return seconds[Starts / 2];
    }

    private static async Task PacedAsync(Contestant one, OrderMix mix, int pace, TimeSpan duration, Figures figures, CancellationToken cancel)
    {
        var result = await one.PacedAsync(mix, pace, duration, cancel);
        figures.Add($"p50_ms_at_{pace}_{one.Name}", result.Waits.Milliseconds(0.5), "ms");
        figures.Add($"p99_ms_at_{pace}_{one.Name}", result.Waits.Milliseconds(0.99), "ms");
        figures.Add($"placed_per_second_at_{pace}_{one.Name}", result.PlacedPerSecond, "1/s");
    }

    private static IAnsiConsole Ansi() => AnsiConsole.Create(new AnsiConsoleSettings { Ansi = Console.IsErrorRedirected ? AnsiSupport.No : AnsiSupport.Detect, Out = new AnsiConsoleOutput(Console.Error) });
}
