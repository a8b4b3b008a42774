using System.Globalization;

namespace Caravan.Bench.Orders;

/// <summary>One server of a run with everything that was measured on it: as it is, or in the naive mode.</summary>
internal sealed class Contestant : IAsyncDisposable
{
    private readonly ServerProcess server;
    private readonly StoreUnderTest store;
    private readonly LoadGenerator load;
    private double cpuSeconds;
    private double weightedRate;
    private double seconds;
    private long placedUnderClock;

    private Contestant(string name, ServerProcess server, StoreUnderTest store, string key, int clients)
    {
        Name = name;
        this.server = server;
        this.store = store;
        load = new LoadGenerator(server.Address, key, clients);
    }

    public string Name { get; }

    public Uri Address => server.Address;

    /// <summary>Everything answered, the warm-up included: what the books must agree with.</summary>
    public Answers Answers { get; } = new();

    public Latencies Waits { get; } = new();

    /// <summary>What each measured phase brought.</summary>
    public List<LoadResult> Phases { get; } = [];

    public double MeasuredSeconds => seconds;

    public double OrdersPerSecond => seconds > 0 ? weightedRate / seconds : 0;

    /// <summary>Processor time of server and store for an order placed, from the first request until both were idle again.</summary>
    public double CpuMillisecondsPerOrder => placedUnderClock > 0 ? 1_000 * cpuSeconds / placedUnderClock : 0;

    public double ResidentMegabytes => server.ResidentMegabytes;

    public static async Task<Contestant> StartAsync(string name, StoreUnderTest store, string key, int clients, IReadOnlyDictionary<string, string> environment, CancellationToken cancel) =>
        new(name, await ServerProcess.StartAsync(store.Folder(name), ["--demo", "off", .. store.Options(name)], environment, cancel), store, key, clients);

    /// <summary>Load that counts for the books only.</summary>
    public async Task WarmAsync(OrderMix mix, TimeSpan duration, CancellationToken cancel)
    {
        var result = load.Run(mix, duration, cancel);
        Answers.Add(result.Answers);
        if (Answers.Placed == 0)
        {
            Answers.Tell(Name);
            throw new BenchException($"No order was placed in the warm-up: there is nothing to measure. The server's last words:\n{server.LastWords()}");
        }

        Tell("warm-up", result, await server.SettleAsync(() => CpuNow, cancel));
    }

    /// <summary>So many orders a second, which count for the books only; the waits are the caller's.</summary>
    public async Task<LoadResult> PacedAsync(OrderMix mix, int perSecond, TimeSpan duration, CancellationToken cancel)
    {
        var result = load.RunPaced(mix, perSecond, duration, cancel);
        Answers.Add(result.Answers);
        Tell($"at {perSecond} a second", result, await server.SettleAsync(() => CpuNow, cancel));
        return result;
    }

    /// <summary>A measured phase: so long, or so many attempts.</summary>
    public async Task<LoadResult> MeasureAsync(OrderMix mix, TimeSpan? duration, long attempts, CancellationToken cancel)
    {
        var before = CpuNow;
        var result = duration is { } time ? load.Run(mix, time, cancel) : load.Run(mix, attempts, cancel);
        var settled = await server.SettleAsync(() => CpuNow, cancel);
        cpuSeconds += CpuNow - before;
        placedUnderClock += result.Answers.Placed;
        weightedRate += result.PlacedPerSecond * result.Seconds;
        seconds += result.Seconds;
        Answers.Add(result.Answers);
        Waits.Add(result.Waits);
        Phases.Add(result);
        Tell("measured", result, settled);
        return result;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private double CpuNow => server.CpuSeconds + store.CpuSeconds;

    private void Tell(string what, LoadResult result, TimeSpan? settled) => Console.Error.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{Name}, {what}: {result.PlacedPerSecond:N0} orders/s for {result.Seconds:N1} s, p50 {result.Waits.Milliseconds(0.5):N1} ms, p99 {result.Waits.Milliseconds(0.99):N1} ms; the load took {result.OwnCpuSeconds / Math.Max(result.Seconds, 0.001):P0} of a core; {(settled is { } after ? $"idle again after {after.TotalSeconds:N1} s" : $"still busy {ServerProcess.SettlePatience.TotalSeconds:N0} s later")}."));
}
