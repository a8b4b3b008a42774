using Caravan.Platform.Storage;
using Microsoft.Data.Sqlite;

namespace Caravan.Sim;

/// <summary>
/// The one store that all servers of a world share: a SQLite database in memory's file system, and everything that can go
/// wrong on the way to it. Which kinds of trouble a world has, the seed says.
/// </summary>
internal sealed class SimDisk(Scheduler scheduler, string file, Plant? plant, Tally tally)
{
    private readonly HashSet<Fault> troubles = [.. Enum.GetValues<Fault>().Where(_ => scheduler.Happens(0.6))];

    public string File => file;

    public Plant? Plant => plant;

    public List<SimServer> Servers { get; } = [];

    /// <summary>Whether there is trouble; in the end there is none, and everything must come to rest.</summary>
    public bool IsTroubled { get; set; }

    /// <summary>The connection that writes, while it does.</summary>
    public SimConnection? Writer { get; set; }

    /// <summary>Called after each commit.</summary>
    public Action Committed { get; set; } = () => { };

    public Action<string> Trace { get; set; } = _ => { };

    public bool Strikes(Fault fault, double probability, SimServer server)
    {
        if (!IsTroubled || !troubles.Contains(fault) || !scheduler.Happens(probability))
            return false;

        Count(fault, server.Name);
        return true;
    }

    public void Count(Fault fault, string where)
    {
        tally.Add(fault);
        Trace($"{where}: {Tally.Words(fault)}");
    }

    /// <summary>A statement takes a step, and may fail.</summary>
    public async Task StatementAsync(SimServer server)
    {
        if (SynchronizationContext.Current is not Party)
            return; // One of many rows of a statement that has taken its step.

        await scheduler.StepAsync(server.Party).ConfigureAwait(false); // Whoever awaits the statement goes on as a step of its own.
        if (Strikes(Fault.StatementFailed, 0.001, server))
            throw Failed();
    }

    public static SqliteException Failed() => new("disk I/O error (simulated)", 10);
}

/// <summary>What goes wrong.</summary>
internal enum Fault
{
    CommitDelayed,
    CommitFailed,
    CommitConflict,
    CommitUnacknowledged,
    CommitUnknownAndUndone,
    ConnectionLost,
    StatementFailed,
    ServerKilled,
    ServerKilledBeforeCommit,
    ServerKilledAfterCommit,
    RequestDuplicated,
    ClockJumped,
    NewsDelayed,
    NewsLost,
}
