using System.Collections.Concurrent;
using System.Diagnostics;
using Caravan.Platform.Storage;
using Npgsql;

namespace Caravan.Platform.Slots;

/// <summary>
/// Background work that one server does for all: it holds the work's slot, a row that says until when. It renews that a few
/// times before it runs out; when it dies, another takes the slot over some two seconds later, and when it is told to stop,
/// at once. A server that stands still may wake up and go on for an instant while another has begun: the work itself must
/// bear that, as everything that writes here does. On SQLite there is one server, and every slot is its own.
/// </summary>
public sealed partial class WorkSlots : BackgroundService
{
    private const double LeaseSeconds = 2;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(LeaseSeconds);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    private readonly Guid me = Guid.CreateVersion7();
    private readonly ConcurrentDictionary<string, long> heldUntil = new();
    private readonly PostgresDatabase? shared;
    private readonly IHostApplicationLifetime lifetime;
    private readonly ILogger<WorkSlots> log;
    private TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal WorkSlots(Store store, IHostApplicationLifetime lifetime, ILogger<WorkSlots> log)
    {
        shared = store.Postgres;
        this.lifetime = lifetime;
        this.log = log;
    }

    /// <summary>Whether this server does the work now.</summary>
    public bool IsMine(string work) => shared is null || (heldUntil.TryGetValue(work, out var until) && Stopwatch.GetTimestamp() < until);

    /// <summary>Returns when this server is the one that does the work. Ask again before each round of it.</summary>
    public async Task MineAsync(string work, CancellationToken cancel)
    {
        if (shared is not null && heldUntil.TryAdd(work, 0))
            Volatile.Read(ref asked).TrySetResult();
        while (!IsMine(work))
            await Task.Delay(LookEvery, TimeProvider.System, cancel);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (shared is null)
            return;

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        while (!stop.IsCancellationRequested)
        {
            var more = Interlocked.Exchange(ref asked, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            var work = heldUntil.Keys.ToArray();
            try
            {
                if (work.Length > 0)
                    await ClaimAsync(work, stop.Token);
                await Task.WhenAny(asked.Task, Task.Delay(RenewEvery, TimeProvider.System, stop.Token));
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception outage) when (outage is NpgsqlException or TimeoutException)
            {
                LogOutage(outage);
                await Task.Delay(RenewEvery, TimeProvider.System, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            more.TrySetResult();
        }

        await ReleaseAsync();
    }

    private async Task ClaimAsync(string[] work, CancellationToken cancel)
    {
        var until = Stopwatch.GetTimestamp() + (long)(LeaseSeconds * Stopwatch.Frequency); // By our own clock, from before we asked.
        await using var connection = await shared!.OpenAsync(cancel); // Asked for on PostgreSQL only.
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO work_slots (name, holder, claimed_until) SELECT name, $2, '-infinity'::timestamptz FROM unnest($1) AS name ON CONFLICT DO NOTHING;
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = work });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = me });
        if (work.Any(one => heldUntil[one] == 0))
            await command.ExecuteNonQueryAsync(cancel);
        command.CommandText =
            """
            UPDATE work_slots SET holder = $2, claimed_until = clock_timestamp() + $3
            WHERE name IN (SELECT name FROM work_slots WHERE name = ANY ($1) AND (holder = $2 OR claimed_until < clock_timestamp()) FOR UPDATE SKIP LOCKED)
            RETURNING name
            """;
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = Lease });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            heldUntil[reader.GetString(0)] = until;
    }

    // Others need not wait for a lease to run out.
    private async Task ReleaseAsync()
    {
        foreach (var work in heldUntil.Keys)
            heldUntil[work] = 0;
        try
        {
            await using var connection = await shared!.OpenAsync(CancellationToken.None); // As above.
            await using var command = new NpgsqlCommand("UPDATE work_slots SET claimed_until = '-infinity' WHERE holder = $1", connection);
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = me });
            await command.ExecuteNonQueryAsync();
        }
        catch (Exception outage) when (outage is NpgsqlException or TimeoutException)
        {
            LogOutage(outage);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Slots of background work cannot be claimed or given back; they pass on when their time runs out.")]
    private partial void LogOutage(Exception outage);
}
