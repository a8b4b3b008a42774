using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Platform.Outbox;

/// <summary>Something that happened in a lower room, as the rooms above hear of it.</summary>
/// <param name="Sequence">Its place in the outbox. On SQLite later events have greater ones; on PostgreSQL those of one transaction.</param>
/// <param name="Tenant">The partner whose row it is about.</param>
/// <param name="Type">What happened: <c>delivery.collected</c>.</param>
/// <param name="Subject">The id of what it happened to: <c>job_…</c>.</param>
/// <param name="Payload">The facts, as JSON.</param>
/// <param name="At">When.</param>
public sealed record OutboxEvent(long Sequence, PartnerId Tenant, string Type, string Subject, string Payload, DateTimeOffset At)
{
    /// <summary>The facts as the type that the lower room's door names.</summary>
    public T Read<T>(JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(Payload, type) ?? throw new JsonException($"Event {Sequence} ({Type}) has no payload.");
}

/// <summary>An event that is not written yet, its payload as JSON in UTF-8.</summary>
internal readonly record struct NewEvent(PartnerId Tenant, string Type, string Subject, byte[] Payload);

/// <summary>
/// Rooms tell those above them what happened by events, written in the transaction of the act itself. Subscribers hear
/// every event in order, at least once; since their effect and their place are written together, its effect is had once.
/// <para>
/// On PostgreSQL an event with a small sequence may be committed after one with a greater. Events are followed there in
/// the order (transaction, sequence), up to the oldest transaction that still runs: what is committed later comes later.
/// A place stays the sequence of the last event taken.
/// </para>
/// </summary>
public sealed class Outbox
{
    private const string Finished = "txid < pg_snapshot_xmin(pg_current_snapshot())";
    private const string AfterPlace = $"{Finished} AND (txid, sequence) > (COALESCE((SELECT p.txid FROM outbox AS p WHERE p.sequence <= @after ORDER BY p.sequence DESC LIMIT 1), '0'::xid8), @after)";

    private static readonly Table<(NewEvent Event, DateTimeOffset At)> Rows = new(
        "outbox",
        "tenant, type, subject, payload, at",
        (row, one) => row.Id(one.Event.Tenant).Text(one.Event.Type).Text(one.Event.Subject).Text(one.Event.Payload).Instant(one.At));

    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next commit that added an event.</summary>
    public Task Changed => Volatile.Read(ref changed).Task;

    /// <summary>Adds an event to the caller's transaction.</summary>
    public async Task AddAsync<T>(Tx tx, PartnerId tenant, string type, string subject, T payload, JsonTypeInfo<T> json)
    {
        await tx.ExecuteAsync(
            "INSERT INTO outbox (tenant, type, subject, payload, at) VALUES (@tenant, @type, @subject, @payload, @at)",
            new { tenant, type, subject, payload = JsonSerializer.Serialize(payload, json), at = tx.Now });
        tx.AfterCommit(Wake);
    }

    /// <summary>Adds many events to the caller's transaction.</summary>
    internal async Task AddAsync(Tx tx, IEnumerable<NewEvent> events)
    {
        await Rows.InsertAsync(tx, events.Select(one => (one, tx.Now)));
        tx.AfterCommit(Wake);
    }

    internal void Wake() =>
        Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>The place behind the newest event that can be read.</summary>
    public static Task<long> NewestAsync(Db db) => db.ValueAsync<long>(db.IsPostgres
        ? $"SELECT COALESCE((SELECT sequence FROM outbox WHERE {Finished} ORDER BY txid DESC, sequence DESC LIMIT 1), 0)"
        : "SELECT COALESCE(MAX(sequence), 0) FROM outbox");

    /// <summary>Whether there are events that cannot be read yet because an older transaction still runs, as may be on PostgreSQL.</summary>
    internal static Task<bool> IsHeldUpAsync(Db db) =>
        db.IsPostgres ? db.ValueAsync<bool>($"SELECT EXISTS (SELECT 1 FROM outbox WHERE NOT {Finished})") : Task.FromResult(false);

    /// <summary>What happened after <paramref name="after"/> to the rows of one partner, oldest first; to one subject only when it is named.</summary>
    public static Task<List<OutboxEvent>> ReadAsync(Db db, PartnerId tenant, long after, string? subject, int count) =>
        db.ReadAsync(After(db, subject is null ? "tenant = @tenant" : "tenant = @tenant AND subject = @subject"), new { tenant, after, subject, count }, EventOf);

    /// <summary>What happened after <paramref name="after"/> to anybody's rows, for a subscriber.</summary>
    internal static Task<List<OutboxEvent>> ReadAllAsync(Db db, long after, IReadOnlyCollection<string> types, int count) =>
        db.ReadAsync(After(db, "type IN @types"), new { after, types = types.ToArray(), count }, EventOf);

    private static string After(Db db, string which) => db.IsPostgres
        ? $"SELECT sequence, tenant, type, subject, payload, at FROM outbox WHERE {which} AND {AfterPlace} ORDER BY txid, sequence LIMIT @count"
        : $"SELECT sequence, tenant, type, subject, payload, at FROM outbox WHERE {which} AND sequence > @after ORDER BY sequence LIMIT @count";

    private static OutboxEvent EventOf(RowReader row) => new(row.Long(0), row.Id<PartnerIdKind>(1), row.Text(2), row.Text(3), row.Text(4), row.Instant(5));
}
