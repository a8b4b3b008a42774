using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Caravan.Platform.Storage;

namespace Caravan.Platform.Outbox;

/// <summary>Something that happened in a lower room, as the rooms above hear of it.</summary>
/// <param name="Sequence">Its place in the outbox; later events have greater ones.</param>
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
/// </summary>
public sealed class Outbox
{
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
    internal void Add(Tx tx, IEnumerable<NewEvent> events)
    {
        Rows.Insert(tx, events.Select(one => (one, tx.Now)));
        tx.AfterCommit(Wake);
    }

    internal void Wake() =>
        Interlocked.Exchange(ref changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>The newest sequence there is.</summary>
    public static Task<long> NewestAsync(Db db) => db.ValueAsync<long>("SELECT COALESCE(MAX(sequence), 0) FROM outbox");

    /// <summary>What happened after <paramref name="after"/> to the rows of one partner, oldest first; to one subject only when it is named.</summary>
    public static async Task<List<OutboxEvent>> ReadAsync(Db db, PartnerId tenant, long after, string? subject, int count) =>
        [.. (await db.QueryAsync<Row>(
            subject is null
                ? "SELECT * FROM outbox WHERE tenant = @tenant AND sequence > @after ORDER BY sequence LIMIT @count"
                : "SELECT * FROM outbox WHERE tenant = @tenant AND subject = @subject AND sequence > @after ORDER BY sequence LIMIT @count",
            new { tenant, after, subject, count })).Select(row => row.ToEvent())];

    /// <summary>What happened after <paramref name="after"/> to anybody's rows, for a subscriber.</summary>
    internal static async Task<List<OutboxEvent>> ReadAllAsync(Db db, long after, IReadOnlyCollection<string> types, int count) =>
        [.. (await db.QueryAsync<Row>(
            "SELECT * FROM outbox WHERE sequence > @after AND type IN @types ORDER BY sequence LIMIT @count",
            new { after, types, count })).Select(row => row.ToEvent())];

    internal sealed record Row
    {
        public long Sequence { get; init; }
        public PartnerId Tenant { get; init; }
        public string Type { get; init; } = "";
        public string Subject { get; init; } = "";
        public string Payload { get; init; } = "";
        public DateTimeOffset At { get; init; }

        public OutboxEvent ToEvent() => new(Sequence, Tenant, Type, Subject, Payload, At);
    }
}
