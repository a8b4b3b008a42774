using Caravan.Platform.Storage;
using Microsoft.Data.Sqlite;

namespace Caravan.Platform.Idempotency;

/// <summary>An answer kept with its key: what was asked, hashed, and what was said, byte for byte.</summary>
internal sealed record KeptAnswer(byte[] RequestHash, int Status, string? Location, byte[] Body);

/// <summary>A request that may be repeated: its tenant's key, and what it asks, hashed.</summary>
internal sealed record KeyedRequest(PartnerId Tenant, string Key, byte[] Hash);

/// <summary>The keys and their answers in SQL.</summary>
internal static class KeptAnswers
{
    private const string Find = "SELECT request_hash, status, location, body FROM idempotency_keys WHERE tenant = ? AND key = ? AND at > ?";

    private static readonly Table<(KeyedRequest Request, KeptAnswer Answer, DateTimeOffset At)> Rows = new(
        "idempotency_keys",
        "tenant, key, request_hash, status, location, body, at",
        (row, one) => row.Id(one.Request.Tenant).Text(one.Request.Key).Bytes(one.Request.Hash).Number(one.Answer.Status).Text(one.Answer.Location).Text(one.Answer.Body).Instant(one.At),
        """
        ON CONFLICT (tenant, key) DO UPDATE SET request_hash = excluded.request_hash, status = excluded.status,
            location = excluded.location, body = excluded.body, at = excluded.at
        """);

    /// <summary>The answer to a key that has not run out.</summary>
    public static KeptAnswer? Of(Tx tx, PartnerId tenant, string key)
    {
        var find = SqliteStatement.Of((SqliteConnection)tx.Connection, Find);
        find.Id(tenant).Text(key).Instant(tx.Now - IdempotentWrites.Kept);
        return find.First(row => new KeptAnswer(row.BytesAt(0), (int)row.NumberAt(1), row.TextAt(2), row.BytesAt(3)));
    }

    public static void Keep(Tx tx, IEnumerable<(KeyedRequest Request, KeptAnswer Answer)> answers) => Rows.Insert(tx, answers.Select(one => (one.Request, one.Answer, tx.Now)));
}
