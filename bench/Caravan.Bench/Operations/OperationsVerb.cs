using System.CommandLine;
using System.Globalization;
using Caravan.Bench.Edi;
using Caravan.Bench.Orders;

namespace Caravan.Bench.Operations;

/// <summary>What the people at work wait for: figures that become sellable, a short pick that is sourced elsewhere, a stop that stops.</summary>
internal static class OperationsVerb
{
    private const string Name = "operations";
    private const double Share = 0.99;

    public static Command Create()
    {
        var store = new Option<string>("--store") { Description = "Where the server keeps its books: sqlite (embedded) or postgres (a throw-away cluster on loopback).", DefaultValueFactory = _ => "sqlite" };
        store.AcceptOnlyFromAmong("sqlite", "postgres");
        var rounds = BenchRun.Number("--rounds", "How often each act is done on the server.", 50, 1_000);
        var delta = BenchRun.Number("--delta-lines", "How many lines a delta has.", 10_000, 50_000);
        var items = BenchRun.Number("--items", "How many items lie in each of 40 stores.", 1_000, 1_200);
        var csv = BenchRun.Number("--csv-lines", "How many lines of a stock file are read.", 500_000, 10_000_000);
        var megabytes = BenchRun.Number("--megabytes", "How much EDI of each standard is read.", 32, 1_000);
        var orders = BenchRun.Number("--shadow-orders", "How many orders are decided once more.", 10_000, 1_000_000);
        var verb = new Command(
            Name,
            """
            What people at work wait for, on the real server over HTTP, and how fast files are read and decided.

            feed_to_sellable: from sending a delta until an order for what it has brought is taken. short_pick_resource: from a
            picker's "not on shelf" until another store has the units. stop_sell: from the stop until an order is refused.
            Reading (CSV, EDI) and the shadow's deciding are of the processor alone: also told by its own seconds.

              operations --store sqlite --rounds 50
            """)
        {
            store, rounds, delta, items, csv, megabytes, orders,
        };
        verb.SetAction((parsed, cancel) => BenchRun.GuardAsync(() => RunAsync(
            parsed.GetValue(store)!, // It has a default.
            parsed.GetValue(rounds),
            parsed.GetValue(delta),
            parsed.GetValue(items),
            parsed.GetValue(csv),
            parsed.GetValue(megabytes),
            parsed.GetValue(orders),
            cancel)));
        return verb;
    }

    private static async Task<int> RunAsync(string storeKind, int rounds, int deltaLines, int items, int csvLines, int megabytes, int shadowOrders, CancellationToken cancel)
    {
        var figures = new Figures(Name);
        await ServeAsync(figures, storeKind, rounds, deltaLines, items, cancel);
        figures.Add("edi_mb_per_second", EdiVerb.Measure(figures, megabytes, rounds: 3), "MB/s");
        var (shadow, shadowCpu) = ReadingSpeed.Shadow(shadowOrders, rounds: 2, cancel);
        figures.Add("shadow_orders_per_second", shadow, "1/s");
        figures.Add("shadow_orders_per_cpu_second", shadowCpu, "1/s");
        var (csv, csvCpu, naive) = ReadingSpeed.Csv(csvLines, rounds: 3);
        figures.Add("csv_feed_lines_per_second", csv, "1/s");
        figures.Add("csv_feed_lines_per_cpu_second", csvCpu, "1/s");
        figures.Add("csv_feed_ratio_to_naive", csv / naive, "x");
        figures.Print();
        return 0;
    }

    private static async Task ServeAsync(Figures figures, string storeKind, int rounds, int deltaLines, int items, CancellationToken cancel)
    {
        await using var store = await StoreUnderTest.CreateAsync(storeKind, cancel);
        await store.CreateStoreAsync(Name, cancel);
        var key = (await ServerProcess.RunVerbAsync(["partner", "add", "bench", "Bench Retail", "--data", store.Folder(Name), .. store.Options(Name)], cancel)).Split('\n')[^1];
        await using var server = await ServerProcess.StartAsync(store.Folder(Name), ["--demo", "off", .. store.Options(Name)], new Dictionary<string, string>(), cancel);
        using var world = new OperationsWorld(server.Address, key, items, rounds);
        await world.SeedAsync(cancel);
        var cpu = server.CpuSeconds + store.CpuSeconds;
        await AddAsync("feed_to_sellable", round => world.FeedToSellableAsync(round, deltaLines, cancel));
        figures.Add("feed_cpu_ms_per_1000_lines", 1_000 * (server.CpuSeconds + store.CpuSeconds - cpu) / (rounds * deltaLines / 1_000.0), "ms");
        await AddAsync("short_pick_resource", round => world.ShortPickAsync(round, cancel));
        await AddAsync("stop_sell", round => world.StopSellAsync(round, cancel));
        figures.Add("rss_mb", server.ResidentMegabytes, "MB");

        async Task AddAsync(string what, Func<int, Task<TimeSpan>> act)
        {
            var waits = new Latencies();
            for (var round = 0; round < rounds; round++)
                waits.Add((long)(await act(round)).TotalMicroseconds);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {rounds} times."));
            figures.Add($"{what}_p50_seconds", waits.Milliseconds(0.5) / 1_000, "s");
            figures.Add($"{what}_p99_seconds", waits.Milliseconds(Share) / 1_000, "s");
        }
    }
}
