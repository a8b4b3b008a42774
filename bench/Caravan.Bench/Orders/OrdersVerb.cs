using System.CommandLine;
using System.Globalization;

namespace Caravan.Bench.Orders;

/// <summary>
/// How fast orders are placed by the real server as its users meet it: HTTP in, sourcing, reserving, ledger, outbox, answer.
/// Beside it, in the same run and on a copy of the same store, runs the naive server that commits each order by itself.
/// </summary>
internal static class OrdersVerb
{
    private const ulong Seed = 20_260_101;
    private const string Measured = "caravan";
    private const string Naive = "naive";
    private const int HotAttempts = 1_500;

    public static Command Create()
    {
        var store = new Option<string>("--store") { Description = "Where the server keeps its books: sqlite (embedded) or postgres (a throw-away cluster on loopback).", DefaultValueFactory = _ => "sqlite" };
        store.AcceptOnlyFromAmong("sqlite", "postgres");
        var clients = BenchRun.Number("--clients", "Connections, each with one order in flight.", 32, 10_000);
        var seconds = BenchRun.Number("--seconds", "How long orders are placed in all while the clock runs; the naive server gets half as long.", 20, 3_600);
        var aged = new Option<bool>("--aged") { Description = "Beside a fresh store, one with a year's history: how long it takes to start, p99 at 50 and 300 orders a second, and the peak of both." };
        var movements = BenchRun.Number("--movements", "How many lines the ledger of the aged store has; three tenths as many orders are behind them.", 1_000_000, 100_000_000);
        var hot = new Option<bool>("--hot") { Description = $"Everybody wants one item: {HotAttempts:N0} attempts on {BenchWorld.HotUnits:N0} units, several times. Fails unless exactly those are sold and the others refused." };
        var verb = new Command(
            "orders",
            """
            POST /v1/orders on the real server: 2-line orders, 10,000 items, 1,800 locations, sourcing and everything included.

            Starts the server as a child process, puts the bench world on it over its API, copies the store, and starts a second
            server on the copy with CARAVAN_ORDERS_PER_COMMIT=1 (naive: one transaction an order). Both are warmed up and then
            measured in turns, so that the noise of the machine falls on both. Afterwards the books are checked: what was
            acknowledged is reserved, and nothing besides. Progress goes to the error stream. Ends with 1 when the books differ,
            or when an order met a server error.

              orders --store sqlite --clients 256
              orders --store postgres --clients 32 --hot
              orders --store postgres --aged --movements 10000000

            Figures: orders_per_second (acknowledged with 201), p50_ms and p99_ms (from sending to answer), naive_per_second,
            ratio_to_naive, cpu_ms_per_order (server and PostgreSQL, until both are idle again), rss_mb (server, after the load).
            """)
        {
            store, clients, seconds, hot, aged, movements,
        };
        verb.SetAction((parsed, cancel) => BenchRun.GuardAsync(() => parsed.GetValue(aged)
            ? Aged.AgedRun.RunAsync(parsed.GetValue(store)!, parsed.GetValue(clients), parsed.GetValue(seconds), parsed.GetValue(movements), Seed, cancel) // It has a default.
            : RunAsync(parsed.GetValue(store)!, parsed.GetValue(clients), parsed.GetValue(seconds), parsed.GetValue(hot), cancel))); // It has a default.
        return verb;
    }

    private static async Task<int> RunAsync(string storeKind, int clients, int seconds, bool isHot, CancellationToken cancel)
    {
        var world = new BenchWorld(Seed);
        await using var store = await StoreUnderTest.CreateAsync(storeKind, cancel);
        var key = await SeededStore.CreateAsync(world, store, Measured, cancel);
        await store.CopyAsync(Measured, Naive, cancel);
        await using var measured = await Contestant.StartAsync(Measured, store, key, clients, new Dictionary<string, string>(), cancel);
        await using var naive = await Contestant.StartAsync(Naive, store, key, clients, new Dictionary<string, string> { ["CARAVAN_ORDERS_PER_COMMIT"] = "1" }, cancel);

        var mixed = new MixedOrders(world, Seed);
        var warmUp = TimeSpan.FromSeconds(Math.Min(seconds, 20)); // Until then half of the time goes into compiling.
        await measured.WarmAsync(mixed, warmUp, cancel);
        await naive.WarmAsync(mixed, warmUp, cancel);
        var (mixedPlaced, naiveMixedPlaced) = (measured.Answers.Placed, naive.Answers.Placed);

        var figures = new Figures("orders");
        return isHot
            ? await HotAsync()
            : await MixedAsync();

        async Task<int> MixedAsync()
        {
            for (var turn = 0; turn < 2; turn++)
            {
                await measured.MeasureAsync(mixed, TimeSpan.FromSeconds(seconds / 2.0), 0, cancel);
                await naive.MeasureAsync(mixed, TimeSpan.FromSeconds(seconds / 4.0), 0, cancel);
            }

            AddCommon();
            var agree = await AgreeAsync(measured, measured.Answers.Placed * mixed.LineCount, mixed.LineCount) & await AgreeAsync(naive, naive.Answers.Placed * mixed.LineCount, mixed.LineCount);
            figures.Print();
            return agree && measured.Answers.Errors5xx == 0 ? 0 : 1;
        }

        async Task<int> HotAsync()
        {
            for (var round = 0; round < BenchWorld.HotItems; round++)
            {
                foreach (var contestant in (Contestant[])[measured, naive])
                {
                    if (round == 0 || contestant.MeasuredSeconds < seconds / 2.0)
                        await contestant.MeasureAsync(new HotOrders(world, round), null, HotAttempts, cancel);
                }
            }

            // Of several rounds the one is told that went wrong, if one has.
            var told = measured.Phases.Find(phase => !IsExact(phase)) ?? measured.Phases[0];
            figures.Add("sold", told.Answers.Placed, "");
            figures.Add("refused", Refused(told), "");
            figures.Add("errors_5xx", measured.Phases.Sum(phase => phase.Answers.Errors5xx), "");
            AddCommon();
            var agree = await AgreeAsync(measured, UnitsPlaced(measured, mixedPlaced), mixed.LineCount) & await AgreeAsync(naive, UnitsPlaced(naive, naiveMixedPlaced), mixed.LineCount);
            var isExact = measured.Phases.TrueForAll(IsExact);
            Console.Error.WriteLine($"Hot item, {measured.Phases.Count} rounds of {HotAttempts:N0} attempts on {BenchWorld.HotUnits:N0} units: {(isExact ? "exact in each" : "NOT EXACT")}.");
            figures.Print();
            return agree && isExact ? 0 : 1;
        }

        void AddCommon()
        {
            measured.Answers.Tell(measured.Name);
            naive.Answers.Tell(naive.Name);
            figures.Add("orders_per_second", measured.OrdersPerSecond, "1/s");
            figures.Add("p50_ms", measured.Waits.Milliseconds(0.5), "ms");
            figures.Add("p99_ms", measured.Waits.Milliseconds(0.99), "ms");
            figures.Add("naive_per_second", naive.OrdersPerSecond, "1/s");
            figures.Add("ratio_to_naive", naive.OrdersPerSecond > 0 ? measured.OrdersPerSecond / naive.OrdersPerSecond : 0, "x");
            figures.Add("cpu_ms_per_order", measured.CpuMillisecondsPerOrder, "ms");
            figures.Add("naive_cpu_ms_per_order", naive.CpuMillisecondsPerOrder, "ms");
            figures.Add("rss_mb", measured.ResidentMegabytes, "MB");
        }

        Task<bool> AgreeAsync(Contestant contestant, long units, int unitsAnOrderMax) =>
            new Books(contestant.Address, key).AgreeAsync(contestant.Name, contestant.Answers, units, unitsAnOrderMax, cancel);

        long UnitsPlaced(Contestant contestant, long warmUpPlaced) => (warmUpPlaced * mixed.LineCount) + (contestant.Answers.Placed - warmUpPlaced);
    }

    private static bool IsExact(LoadResult phase) => phase.Answers.Placed == BenchWorld.HotUnits && Refused(phase) == HotAttempts - BenchWorld.HotUnits && phase.Answers.Errors5xx == 0;

    private static long Refused(LoadResult phase) => phase.Answers.Count(409, "out-of-stock");
}
