using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Platform.Access;

/// <summary>A key of a company, without its secret.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Prefix">Its public part, by which it is found in programs and logs.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Scopes">What it may do; none: all that its company may.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When its time is over, exclusive.</param>
/// <param name="LastUsedAt">When it was last used, to the minute.</param>
public sealed record AccessKey(KeyId Id, string Prefix, string Name, IReadOnlyList<string>? Scopes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt);

/// <summary>A key that was just made, and the only sight of it whole.</summary>
public sealed record MadeKey(AccessKey Key, string Whole);

/// <summary>
/// A company's keys: made, made anew and revoked by whoever holds one that may, never beyond what that one may itself. At most two
/// of a name are active at once, so that a program can be given the new one before the old one ends.
/// </summary>
public sealed class KeyDesk
{
    /// <summary>Active keys of one name.</summary>
    public const int OfOneName = 2;

    /// <summary>Active keys of a company.</summary>
    public const int KeysMax = 100;

    /// <summary>The longest name.</summary>
    public const int NameLength = 60;

    /// <summary>The longest that a key with an end lasts.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(3_653);

    /// <summary>The longest that an old key goes on beside the new one.</summary>
    public const int KeepMinutesMax = 30 * 24 * 60;

    private const string Columns = "prefix, tenant, name, scopes, created_at, expires_at, last_used_at";
    private const string IsActive = "tenant = @tenant AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > @now)";

    /// <summary>The company's active keys, by name, the older one of a name first.</summary>
    public static async Task<IReadOnlyList<AccessKey>> ActiveAsync(Db db, PartnerId tenant, DateTimeOffset now) =>
        [.. (await db.QueryAsync<Row>($"SELECT {Columns} FROM api_keys WHERE {IsActive} ORDER BY name, created_at, prefix LIMIT {Page<AccessKey>.Longest}", new { tenant, now })).Select(row => row.ToKey())];

    /// <summary>An active key of the company.</summary>
    public static async Task<AccessKey?> FindAsync(Db db, PartnerId tenant, KeyId id, DateTimeOffset now) =>
        (await db.FirstAsync<Row>($"SELECT {Columns} FROM api_keys WHERE prefix = @prefix AND {IsActive}", new { prefix = ApiKeys.PrefixOf(id) ?? "", tenant, now }))?.ToKey();

    /// <summary>Makes a key in the caller's transaction.</summary>
    public async Task<(MadeKey? Made, IResult? Refusal)> MakeAsync(Tx tx, Caller caller, string name, Scopes scopes, DateTimeOffset? expiresAt)
    {
        if (!caller.Scopes.Includes(scopes))
            return (null, ScopeGate.Missing(scopes.IsAll ? "every scope" : scopes.Stated.First(one => Scopes.TryParse(one, out var scope) && !caller.Scopes.Includes(scope))));

        var active = await ActiveAsync(tx, caller.Tenant, tx.Now);
        if (active.Count >= KeysMax)
            return (null, Problem.Of(409, "too-many-keys", "Too many keys", $"A company has at most {KeysMax} active keys. Revoke one that is not used: 'lastUsedAt' tells."));
        if (active.Count(key => key.Name == name) >= OfOneName)
            return (null, Problem.Of(409, "too-many-keys", "Two keys of this name are active", $"Revoke the older key called '{name}' first, or give another name."));

        var whole = await ApiKeys.CreateAsync(tx, caller.Tenant, name, scopes, expiresAt);
        var prefix = ApiKeys.PrefixIn(whole)!; // It was just made.
        return (new MadeKey(new AccessKey(ApiKeys.IdOf(prefix), prefix, name, scopes.IsAll ? null : [.. scopes.Stated], tx.Now, expiresAt, null), whole), null);
    }

    /// <summary>Makes a key of the same name, scopes and lifetime; the old one goes on for some minutes. In the caller's transaction.</summary>
    public async Task<(MadeKey? Made, IResult? Refusal)> RotateAsync(Tx tx, Caller caller, KeyId id, int keepMinutes)
    {
        if (await FindAsync(tx, caller.Tenant, id, tx.Now) is not { } old)
            return (null, Problem.NotFound("key"));

        var scopes = Scopes.Read(old.Scopes is null ? null : string.Join(' ', old.Scopes));
        var made = await MakeAsync(tx, caller, old.Name, scopes, tx.Now + (old.ExpiresAt - old.CreatedAt));
        if (made.Made is null)
            return made;

        var until = tx.Now.AddMinutes(keepMinutes);
        if (old.ExpiresAt is null || until < old.ExpiresAt)
            await tx.ExecuteAsync("UPDATE api_keys SET expires_at = @until WHERE prefix = @Prefix AND tenant = @Tenant", new { until, old.Prefix, caller.Tenant });
        tx.Announce(ApiKeys.Topic, caller.Tenant, id.Value);
        return made;
    }

    /// <summary>Revokes a key, in the caller's transaction; a problem when it is none of the company's, or the last that can make others.</summary>
    public async Task<IResult?> RevokeAsync(Tx tx, Caller caller, KeyId id)
    {
        if (await FindAsync(tx, caller.Tenant, id, tx.Now) is null)
            return Problem.NotFound("active key");

        var makesKeys = Scopes.Of(Area.Keys, isWrite: true);
        if ((await ActiveAsync(tx, caller.Tenant, tx.Now)).All(key => key.Id == id || (key.Scopes is { } stated && !Scopes.Read(string.Join(' ', stated)).Includes(makesKeys))))
            return Problem.Of(409, "last-key", "The last key that makes keys", "Without it nobody of your company could make another. Make one with the scope keys:write first, then revoke this one.");

        await tx.ExecuteAsync("UPDATE api_keys SET revoked_at = @Now WHERE prefix = @prefix AND tenant = @Tenant", new { tx.Now, prefix = ApiKeys.PrefixOf(id), caller.Tenant });
        tx.Announce(ApiKeys.Topic, caller.Tenant, id.Value);
        return null;
    }

    private sealed record Row
    {
        public string Prefix { get; init; } = "";
        public string Name { get; init; } = "";
        public string? Scopes { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
        public DateTimeOffset? ExpiresAt { get; init; }
        public DateTimeOffset? LastUsedAt { get; init; }

        public AccessKey ToKey() => new(ApiKeys.IdOf(Prefix), Prefix, Name, Scopes?.Split(' ', StringSplitOptions.RemoveEmptyEntries), CreatedAt, ExpiresAt, LastUsedAt);
    }
}
