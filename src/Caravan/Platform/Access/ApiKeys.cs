using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Platform.Access;

/// <summary>A page session that has not ended.</summary>
/// <param name="Id">The hash of its cookie: it names the session and opens nothing.</param>
/// <param name="Name">What the key that opened it is called.</param>
/// <param name="Key">The public part of that key; none when it came by the demo's door.</param>
/// <param name="Since">When it was opened.</param>
/// <param name="Until">When it ends by itself.</param>
public sealed record OpenSession(string Id, string Name, string? Key, DateTimeOffset Since, DateTimeOffset Until);

/// <summary>
/// API keys of companies and the page sessions they are exchanged for. A key is <c>crv_PREFIX_SECRET</c>: the prefix is
/// public and finds the row, the secret is 256 random bits of which only the SHA-256 is stored (a slow hash guards weak
/// passwords; these are not). A session is a random cookie, stored hashed likewise, and can be ended; it ends with its key.
/// </summary>
public sealed class ApiKeys
{
    /// <summary>A key has changed: its subject is the key's id.</summary>
    internal const string Topic = "keys";

    // A key that is revoked is forgotten when the commit is told. So long it is remembered where nobody tells: another process on the same file.
    private const long RememberedMilliseconds = 5_000;
    private const int KeysMax = 100_000;

    /// <summary>How long a page session lasts.</summary>
    public static readonly TimeSpan SessionLength = TimeSpan.FromHours(12);

    /// <summary>When a key was last used is known to this much.</summary>
    private static readonly TimeSpan UseKnownTo = TimeSpan.FromMinutes(1);

    private const int PrefixLength = 10;
    private const int UsesAtOnce = 500;
    private const int SessionsShown = 100;
    private const string Letters = "abcdefghijkmnpqrstuvwxyz23456789";

    private readonly Store store;
    private readonly TimeProvider clock;
    private readonly Recent<string, KeyRow> rows = new(KeysMax, _ => 1);
    private readonly ConcurrentDictionary<string, DateTimeOffset> uses = new();

    internal ApiKeys(Store store, TimeProvider clock)
    {
        this.store = store;
        this.clock = clock;
        store.Caches["keys"] = () => rows.State;
        store.Listen(Topic, change =>
        {
            if (PrefixOf(new KeyId(change.Subject)) is { } prefix)
                rows.Forget(prefix);
            else
                rows.Clear();
        });
    }

    /// <summary>Makes a key that may do all that its company may, unless scopes are given. This is the only time it is seen whole.</summary>
    public static async Task<string> CreateAsync(Tx tx, PartnerId tenant, string name, Scopes? scopes = null, DateTimeOffset? expiresAt = null)
    {
        var prefix = RandomNumberGenerator.GetString(Letters, PrefixLength);
        var key = $"crv_{prefix}_{RandomNumberGenerator.GetString(Letters, 52)}";
        await tx.ExecuteAsync(
            "INSERT INTO api_keys (prefix, tenant, hash, name, created_at, scopes, expires_at) VALUES (@prefix, @tenant, @hash, @name, @now, @scopes, @expiresAt)",
            new { prefix, tenant, hash = Hash(key), name, now = tx.Now, scopes = (scopes ?? Scopes.All).Written, expiresAt });
        return key;
    }

    /// <summary>Whose key this is; null when it is nobody's, revoked, or its time is over.</summary>
    public async Task<Caller?> OfKeyAsync(string key, CancellationToken cancel) =>
        PrefixIn(key) is { } prefix && await FindAsync(prefix, cancel) is { } row && CryptographicOperations.FixedTimeEquals(row.Hash, Hash(key)) ? CallerOf(prefix, row) : null;

    /// <summary>Who comes with a token of a key: as long as the key holds, and with no more than it may now.</summary>
    internal async Task<Caller?> OfTokenAsync(string prefix, PartnerId tenant, Scopes scopes, CancellationToken cancel) =>
        await FindAsync(prefix, cancel) is { } row && row.Tenant == tenant ? CallerOf(prefix, row) with { Scopes = row.May & scopes } : null;

    /// <summary>Opens a page session and gives its cookie.</summary>
    public async Task<string> OpenSessionAsync(Caller caller, CancellationToken cancel)
    {
        var cookie = RandomNumberGenerator.GetHexString(64, lowercase: true);
        await store.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("DELETE FROM sessions WHERE expires_at <= @now", new { now = tx.Now });
            await tx.ExecuteAsync(
                "INSERT INTO sessions (hash, tenant, name, expires_at, key) VALUES (@hash, @tenant, @name, @expires, @key)",
                new { hash = Hash(cookie), tenant = caller.Tenant, name = caller.Name, expires = tx.Now + SessionLength, key = caller.Key });
        }, cancel);
        return cookie;
    }

    /// <summary>Whose session this is; null when it, or the key it was opened with, has ended.</summary>
    public Task<Caller?> OfSessionAsync(string cookie, CancellationToken cancel) =>
        store.ReadAsync(async db =>
        {
            var now = clock.GetUtcNow();
            var row = await db.FirstAsync<SessionRow>(
                """
                SELECT s.tenant, s.name, s.key, k.scopes, k.expires_at
                FROM sessions AS s LEFT JOIN api_keys AS k ON k.prefix = s.key AND k.revoked_at IS NULL
                WHERE s.hash = @hash AND s.expires_at > @now AND (s.key IS NULL OR k.prefix IS NOT NULL)
                """,
                new { hash = Hash(cookie), now });
            return row is null || row.ExpiresAt <= now ? null : new Caller(row.Tenant, row.Name) { Key = row.Key, Scopes = Scopes.Read(row.Scopes) };
        }, cancel);

    /// <summary>Ends a page session.</summary>
    public Task CloseSessionAsync(string cookie, CancellationToken cancel) =>
        store.WriteAsync(tx => tx.ExecuteAsync("DELETE FROM sessions WHERE hash = @hash", new { hash = Hash(cookie) }), cancel);

    /// <summary>The page sessions of a company that have not ended, the newest first.</summary>
    public static async Task<IReadOnlyList<OpenSession>> SessionsAsync(Db db, PartnerId tenant, DateTimeOffset now) =>
        [.. (await db.QueryAsync<OpenRow>($"SELECT hash, name, key, expires_at FROM sessions WHERE tenant = @tenant AND expires_at > @now ORDER BY expires_at DESC LIMIT {SessionsShown}", new { tenant, now }))
            .Select(row => new OpenSession(Convert.ToHexStringLower(row.Hash), row.Name, row.Key, row.ExpiresAt - SessionLength, row.ExpiresAt))];

    /// <summary>Ends a session of a company by its id, in the caller's transaction; whether there was one.</summary>
    public static async Task<bool> EndSessionAsync(Tx tx, PartnerId tenant, string id)
    {
        if (id.Length != 64 || !id.All(char.IsAsciiHexDigitLower))
            return false;

        return await tx.ExecuteAsync("DELETE FROM sessions WHERE hash = @hash AND tenant = @tenant", new { hash = Convert.FromHexString(id), tenant }) > 0;
    }

    /// <summary>The id of the session that a cookie opens.</summary>
    public static string SessionIdOf(string cookie) => Convert.ToHexStringLower(Hash(cookie));

    /// <summary>The public part of what is written like a key.</summary>
    internal static string? PrefixIn(string key) =>
        key.Length is >= 20 and <= 100 && key.StartsWith("crv_", StringComparison.Ordinal) && key.IndexOf('_', 4) == 4 + PrefixLength ? key.Substring(4, PrefixLength) : null;

    /// <summary>A key's id: its public part's ten letters, and six bytes of nothing.</summary>
    internal static KeyId IdOf(string prefix)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        Encoding.ASCII.GetBytes(prefix, bytes);
        return new KeyId(new Guid(bytes, bigEndian: true));
    }

    /// <summary>The public part that an id is made of; null when it is none of a key.</summary>
    internal static string? PrefixOf(KeyId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        return bytes[..PrefixLength].ContainsAnyExcept(Encoding.ASCII.GetBytes(Letters)) || bytes[PrefixLength..].ContainsAnyExcept((byte)0) ? null : Encoding.ASCII.GetString(bytes[..PrefixLength]);
    }

    /// <summary>Writes down when keys were last used, as far as it is known here.</summary>
    internal async Task WriteUsesAsync(CancellationToken cancel)
    {
        foreach (var some in uses.ToArray().Chunk(UsesAtOnce))
        {
            await store.WriteLaterAsync(
                tx => tx.ExecuteAsync(
                    "UPDATE api_keys SET last_used_at = @at WHERE prefix = @prefix AND (last_used_at IS NULL OR last_used_at < @at)",
                    some.Select(use => new { prefix = use.Key, at = use.Value })),
                cancel);
            foreach (var use in some)
                uses.TryRemove(use);
        }
    }

    private async ValueTask<KeyRow?> FindAsync(string prefix, CancellationToken cancel)
    {
        if (rows.Find(prefix) is not { } row || Environment.TickCount64 - row.ReadAt > RememberedMilliseconds)
        {
            var readAt = Turn.Next();
            if (await store.ReadAsync(db => db.FirstAsync<KeyRow>("SELECT tenant, hash, name, scopes, expires_at, last_used_at FROM api_keys WHERE prefix = @prefix AND revoked_at IS NULL", new { prefix }), cancel) is not { } found)
                return null;

            rows.Keep(prefix, row = found, readAt);
        }

        return row.ExpiresAt <= clock.GetUtcNow() ? null : row;
    }

    private Caller CallerOf(string prefix, KeyRow row)
    {
        var now = clock.GetUtcNow();
        if (row.LastUsedAt is not { } last || now - last >= UseKnownTo)
        {
            row.LastUsedAt = now;
            uses[prefix] = now;
        }

        return new Caller(row.Tenant, row.Name) { Key = prefix, KeyEnds = row.ExpiresAt, Scopes = row.May };
    }

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private sealed record KeyRow
    {
        public long ReadAt { get; } = Environment.TickCount64;
        public PartnerId Tenant { get; init; }
        public byte[] Hash { get; init; } = [];
        public string Name { get; init; } = "";
        public Scopes May { get; private init; } = Access.Scopes.All;
        public string Scopes { init => May = Access.Scopes.Read(value); }
        public DateTimeOffset? ExpiresAt { get; init; }
        public DateTimeOffset? LastUsedAt { get; set; }
    }

    private sealed record OpenRow
    {
        public byte[] Hash { get; init; } = [];
        public string Name { get; init; } = "";
        public string? Key { get; init; }
        public DateTimeOffset ExpiresAt { get; init; }
    }

    private sealed record SessionRow
    {
        public PartnerId Tenant { get; init; }
        public string Name { get; init; } = "";
        public string? Key { get; init; }
        public string? Scopes { get; init; }
        public DateTimeOffset? ExpiresAt { get; init; }
    }
}
