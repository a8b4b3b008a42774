using Caravan.Orders;
using Caravan.Platform.Ids;

namespace Caravan.Sim;

/// <summary>What a seed came to.</summary>
/// <param name="Seed">Which.</param>
/// <param name="Violation">What must not be and was; none when all is well.</param>
/// <param name="Tally">What happened.</param>
/// <param name="Trace">Its history, where it was asked for.</param>
internal sealed record History(int Seed, string? Violation, Tally Tally, IReadOnlyList<string> Trace);

/// <summary>
/// A world of one seed: two servers on one disk, clients who ask until they are answered, and trouble. First everything goes
/// wrong that the seed's dice say; then the trouble ends, and everything must be answered, heard and in the books.
/// </summary>
internal sealed class World : IDisposable
{
    private const int StepsMax = 200_000;

    private readonly Scheduler scheduler;
    private readonly Tally tally = new() { Seeds = 1 };
    private readonly List<string> trace = [];
    private readonly SimDisk disk;
    private readonly Judge judge;
    private readonly Customers customers;
    private readonly int troubledSteps;
    private int servers;

    private World(int seed, string file, Plant? plant, bool isTraced)
    {
        scheduler = new Scheduler(seed);
        NewId.Given = now => Town.Given(scheduler, now);
        disk = new SimDisk(scheduler, file, plant, tally) { IsTroubled = true };
        judge = new Judge(file);
        disk.Committed = () =>
        {
            tally.Commits++;
            judge.Look();
        };
        if (isTraced)
            disk.Trace = line => trace.Add($"{scheduler.Steps,7} {TimeSpan.FromTicks(scheduler.Ticks):mm\\:ss\\.ffff} {line}");
        troubledSteps = scheduler.Dice.Next(1_000, 9_000);
        Start();
        Start();
        customers = new Customers(scheduler, disk, judge, tally);
    }

    /// <summary>Lives a seed through.</summary>
    public static History Run(int seed, Town town, Plant? plant = null, bool isTraced = false)
    {
        var file = town.Copy();
        using var world = new World(seed, file, plant, isTraced);
        string? violation = null;
        try
        {
            world.Live();
        }
        catch (ViolationException found)
        {
            violation = found.Message;
            world.disk.Trace($"VIOLATION: {violation}");
        }

        world.tally.Steps = world.scheduler.Steps;
        world.tally.Paid = world.judge.Payments.Count(PaymentState.Paid);
        world.tally.Unpaid = world.judge.Payments.Count(PaymentState.Unpaid);
        return new History(seed, violation, world.tally, world.trace);
    }

    public void Dispose()
    {
        NewId.Given = null;
        SynchronizationContext.SetSynchronizationContext(null);
        disk.Servers.ForEach(server => server.Stop());
        judge.Dispose();
        Town.Drop(disk.File);
    }

    private void Live()
    {
        var killed = scheduler.Dice.Next(0, 4);
        while (scheduler.Steps < troubledSteps && !customers.AreServed)
        {
            Go();
            if (killed > 0 && disk.Strikes(Fault.ServerKilled, 0.001, disk.Servers[0]))
            {
                killed--;
                disk.Servers[scheduler.Dice.Next(disk.Servers.Count)].Kill();
            }

            if (disk.Strikes(Fault.ClockJumped, 0.0005, disk.Servers[^1]))
                disk.Servers[^1].Clock.Off = TimeSpan.FromMinutes(scheduler.Dice.Next(-60, 61));
        }

        disk.IsTroubled = false;
        while (!customers.AreServed)
            Go();
        while (!judge.IsAllHeard())
            Go();

        // What was on its way still arrives.
        var rest = scheduler.Ticks + TimeSpan.FromSeconds(4.5).Ticks;
        while (scheduler.Ticks < rest)
            Go();
        judge.LookAtTheEnd(disk.Servers.Where(server => !server.Party.IsDead).Max(server => server.Clock.GetUtcNow()));
        customers.LookAtTheEnd(Go);
    }

    private void Go()
    {
        if (disk.Servers.RemoveAll(server => server.Party.IsDead) > 0)
        {
            while (disk.Servers.Count < 2)
                Start();
        }

        scheduler.Step();
        customers.Check();
        if (scheduler.Steps > StepsMax)
            throw new ViolationException($"After {StepsMax} steps it has not come to rest: {customers.Waiting}");
    }

    private void Start()
    {
        var server = new SimServer(scheduler, disk, $"server {++servers}");
        disk.Servers.Add(server);
        disk.Trace($"{server.Name}: starts");
    }
}
