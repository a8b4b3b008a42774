using System.Security.Cryptography;
using System.Text;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Platform.Access;

/// <summary>
/// API keys of companies and the page sessions they are exchanged for. A key is <c>crv_PREFIX_SECRET</c>: the prefix is
/// public and finds the row, the secret is 256 random bits of which only the SHA-256 is stored (a slow hash guards weak
/// passwords; these are not). A session is a random cookie, stored hashed likewise, and can be ended.
/// </summary>
public sealed class ApiKeys
{
    // A key that is revoked, here or by another server, is turned away after so long.
    private const long RememberedMilliseconds = 5_000;
    private const int KeysMax = 100_000;

    /// <summary>How long a page session lasts.</summary>
    public static readonly TimeSpan SessionLength = TimeSpan.FromHours(12);

    private const int PrefixLength = 10;
    private const string Letters = "abcdefghijkmnpqrstuvwxyz23456789";

    private readonly Store store;
    private readonly TimeProvider clock;
    private readonly Recent<string, KeyRow> rows = new(KeysMax, _ => 1);

    internal ApiKeys(Store store, TimeProvider clock)
    {
        this.store = store;
        this.clock = clock;
        store.Caches["keys"] = () => rows.State;
    }

    /// <summary>Makes a key. This is the only time it is seen whole.</summary>
    public static async Task<string> CreateAsync(Tx tx, PartnerId tenant, string name)
    {
        var prefix = RandomNumberGenerator.GetString(Letters, PrefixLength);
        var key = $"crv_{prefix}_{RandomNumberGenerator.GetString(Letters, 52)}";
        await tx.ExecuteAsync(
            "INSERT INTO api_keys (prefix, tenant, hash, name, created_at) VALUES (@prefix, @tenant, @hash, @name, @now)",
            new { prefix, tenant, hash = Hash(key), name, now = tx.Now });
        return key;
    }

    /// <summary>Whose key this is; null when it is nobody's or revoked.</summary>
    public async Task<Caller?> OfKeyAsync(string key, CancellationToken cancel)
    {
        if (key.Length is < 20 or > 100 || !key.StartsWith("crv_", StringComparison.Ordinal) || key.IndexOf('_', 4) != 4 + PrefixLength)
            return null;

        var prefix = key.Substring(4, PrefixLength);
        if (rows.Find(prefix) is not { } row || Environment.TickCount64 - row.ReadAt > RememberedMilliseconds)
        {
            var readAt = Turn.Next();
            if (await store.ReadAsync(db => db.FirstAsync<KeyRow>("SELECT tenant, hash, name FROM api_keys WHERE prefix = @prefix AND revoked_at IS NULL", new { prefix }), cancel) is not { } found)
                return null;

            rows.Keep(prefix, row = found, readAt);
        }

        return CryptographicOperations.FixedTimeEquals(row.Hash, Hash(key)) ? new Caller(row.Tenant, row.Name) : null;
    }

    /// <summary>Opens a page session and gives its cookie.</summary>
    public async Task<string> OpenSessionAsync(Caller caller, CancellationToken cancel)
    {
        var cookie = RandomNumberGenerator.GetHexString(64, lowercase: true);
        await store.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("DELETE FROM sessions WHERE expires_at <= @now", new { now = tx.Now });
            await tx.ExecuteAsync(
                "INSERT INTO sessions (hash, tenant, name, expires_at) VALUES (@hash, @tenant, @name, @expires)",
                new { hash = Hash(cookie), tenant = caller.Tenant, name = caller.Name, expires = tx.Now + SessionLength });
        }, cancel);
        return cookie;
    }

    /// <summary>Whose session this is; null when it has ended.</summary>
    public Task<Caller?> OfSessionAsync(string cookie, CancellationToken cancel) =>
        store.ReadAsync(async db =>
        {
            var row = await db.FirstAsync<KeyRow>("SELECT tenant, hash, name FROM sessions WHERE hash = @hash AND expires_at > @now", new { hash = Hash(cookie), now = clock.GetUtcNow() });
            return row is null ? null : new Caller(row.Tenant, row.Name);
        }, cancel);

    /// <summary>Ends a page session.</summary>
    public Task CloseSessionAsync(string cookie, CancellationToken cancel) =>
        store.WriteAsync(tx => tx.ExecuteAsync("DELETE FROM sessions WHERE hash = @hash", new { hash = Hash(cookie) }), cancel);

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private sealed record KeyRow
    {
        public long ReadAt { get; } = Environment.TickCount64;
        public PartnerId Tenant { get; init; }
        public byte[] Hash { get; init; } = [];
        public string Name { get; init; } = "";
    }
}
