using Caravan.Platform.Storage;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Caravan.Platform.Idempotency;

/// <summary>An answer kept with its key: what was asked, hashed, and what was said, byte for byte.</summary>
internal sealed record KeptAnswer(byte[] RequestHash, int Status, string? Location, byte[] Body);

/// <summary>A request that may be repeated: its tenant's key, and what it asks, hashed.</summary>
internal sealed record KeyedRequest(PartnerId Tenant, string Key, byte[] Hash);

/// <summary>The keys and their answers in SQL.</summary>
internal static class KeptAnswers
{
    private const string Find = "SELECT request_hash, status, location, body FROM idempotency_keys WHERE tenant = ? AND key = ? AND at > ?";

    private const string FindAll =
        """
        SELECT k.tenant, k.key, k.request_hash, k.status, k.location, k.body
        FROM unnest($1, $2, $3) AS asked (tenant, key, oldest) JOIN idempotency_keys AS k ON k.tenant = asked.tenant AND k.key = asked.key AND k.at > asked.oldest
        """;

    private static readonly Table<(KeyedRequest Request, KeptAnswer Answer, DateTimeOffset At)> Rows = new(
        "idempotency_keys",
        "tenant, key, request_hash, status, location, body, at",
        Fill,
        """
        ON CONFLICT (tenant, key) DO UPDATE SET request_hash = excluded.request_hash, status = excluded.status,
            location = excluded.location, body = excluded.body, at = excluded.at
        """);

    // Where nothing else keeps two servers from answering one key: it takes the place of one that has run out, and of no other.
    private static readonly string KeepAll = Gathered.Counting(
        """
        INSERT INTO idempotency_keys (tenant, key, request_hash, status, location, body, at) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (tenant, key) DO UPDATE SET request_hash = excluded.request_hash, status = excluded.status,
            location = excluded.location, body = excluded.body, at = excluded.at
        WHERE idempotency_keys.at <= excluded.at - interval '24 hours'
        """,
        count: 8);

    /// <summary>The answers to those of the keys that have one and have not run out.</summary>
    public static async Task<Dictionary<(PartnerId Tenant, string Key), KeptAnswer>> OfAsync(Tx tx, IEnumerable<KeyedRequest> requests)
    {
        var oldest = tx.Now - IdempotentWrites.Kept;
        if (tx.IsPostgres)
        {
            var rows = await PostgresRows.Of(requests, (row, one) => row.Id(one.Tenant).Text(one.Key).Instant(oldest)).QueryAsync(tx, FindAll, row => (
                Key: (new PartnerId(row.GetGuid(0)), row.GetString(1)),
                Answer: new KeptAnswer((byte[])row[2], row.GetInt32(3), row.IsDBNull(4) ? null : row.GetString(4), System.Text.Encoding.UTF8.GetBytes(row.GetString(5)))));
            return rows.DistinctBy(row => row.Key).ToDictionary(row => row.Key, row => row.Answer);
        }

        var answers = new Dictionary<(PartnerId, string), KeptAnswer>();
        var find = SqliteStatement.Of((SqliteConnection)tx.Connection, Find);
        foreach (var request in requests)
        {
            find.Id(request.Tenant).Text(request.Key).Instant(oldest);
            if (find.First(row => new KeptAnswer(row.BytesAt(0), (int)row.NumberAt(1), row.TextAt(2), row.BytesAt(3))) is { } kept)
                answers[(request.Tenant, request.Key)] = kept;
        }

        return answers;
    }

    /// <summary>Keeps answers. Where the transaction gathers what it does, it fails at its end when somebody has kept another meanwhile.</summary>
    public static Task KeepAsync(Tx tx, IEnumerable<(KeyedRequest Request, KeptAnswer Answer)> answers)
    {
        if (tx.Later is not { } later)
            return Rows.InsertAsync(tx, answers.Select(one => (one.Request, one.Answer, tx.Now)));

        var inOrder = answers.OrderBy(one => one.Request.Tenant).ThenBy(one => one.Request.Key, StringComparer.Ordinal).ToList(); // As all servers lock them.
        PostgresRows.Of(inOrder, (row, one) => Fill(row, (one.Request, one.Answer, tx.Now))).AddTo(later, KeepAll, new NpgsqlParameter<long> { TypedValue = inOrder.Count });
        return Task.CompletedTask;
    }

    private static void Fill(RowWriter row, (KeyedRequest Request, KeptAnswer Answer, DateTimeOffset At) one) => row
        .Id(one.Request.Tenant).Text(one.Request.Key).Bytes(one.Request.Hash).Number(one.Answer.Status).Text(one.Answer.Location).Text(one.Answer.Body).Instant(one.At);
}
