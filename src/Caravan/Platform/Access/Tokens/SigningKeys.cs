using System.Buffers.Text;
using System.Security.Cryptography;
using Caravan.Platform.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.IdentityModel.Tokens;

namespace Caravan.Platform.Access.Tokens;

/// <summary>A key pair of curve P-256 that access tokens are signed with (ES256).</summary>
/// <param name="Id">Its <c>kid</c>.</param>
/// <param name="Public">What checks a signature.</param>
/// <param name="Credentials">What makes one; none where another server's key cannot be opened.</param>
/// <param name="SignsUntil">Until when it signs.</param>
/// <param name="VerifiesUntil">Until when what it signed may hold.</param>
internal sealed record SigningKey(string Id, ECDsaSecurityKey Public, SigningCredentials? Credentials, DateTimeOffset SignsUntil, DateTimeOffset VerifiesUntil);

/// <summary>
/// The servers' signing keys: kept in the store, made when there is none that signs, and thrown away when nothing holds any more that
/// they signed. Every server checks with every key; it signs with the newest one whose private part it can open.
/// </summary>
internal sealed class SigningKeys(Store store, IDataProtectionProvider protection, TimeProvider clock) : IDisposable
{
    public static readonly TimeSpan SignsFor = TimeSpan.FromDays(30);

    // Longer than any token holds, with room for clocks that differ.
    private static readonly TimeSpan VerifiesAfter = TimeSpan.FromHours(1);

    // A stranger's made-up kid must not ask the store each time.
    private static readonly TimeSpan AskedAgainAfter = TimeSpan.FromSeconds(1);

    private readonly IDataProtector seal = protection.CreateProtector("caravan.signing-keys.1");
    private readonly SemaphoreSlim reading = new(1);
    private volatile IReadOnlyList<SigningKey> known = [];
    private long readAt;

    /// <summary>What signs now.</summary>
    public async ValueTask<SigningKey> CurrentAsync(CancellationToken cancel)
    {
        if (Signing() is { } signing)
            return signing;

        await ReadAsync(isPatient: false, cancel);
        if (Signing() is { } read)
            return read;

        await MakeAsync(cancel);
        await ReadAsync(isPatient: false, cancel);
        return Signing() ?? throw new CryptographicException("A signing key that was just made cannot be opened: look at form-keys/ of the data folder.");
    }

    /// <summary>The key of a token; null when there is none that still holds.</summary>
    public async ValueTask<SigningKey?> FindAsync(string id, CancellationToken cancel)
    {
        if (Holding().FirstOrDefault(key => key.Id == id) is { } found)
            return found;

        await ReadAsync(isPatient: true, cancel);
        return Holding().FirstOrDefault(key => key.Id == id);
    }

    /// <summary>All keys whose tokens may hold.</summary>
    public async ValueTask<IReadOnlyList<SigningKey>> AllAsync(CancellationToken cancel)
    {
        await ReadAsync(isPatient: true, cancel);
        return [.. Holding()];
    }

    public void Dispose() => reading.Dispose();

    private SigningKey? Signing()
    {
        var now = clock.GetUtcNow();
        return known.Where(key => key.Credentials is not null && key.SignsUntil > now).MaxBy(key => key.SignsUntil);
    }

    private IEnumerable<SigningKey> Holding()
    {
        var now = clock.GetUtcNow();
        return known.Where(key => key.VerifiesUntil > now);
    }

    private async Task ReadAsync(bool isPatient, CancellationToken cancel)
    {
        if (isPatient && IsFresh())
            return;

        await reading.WaitAsync(cancel);
        try
        {
            if (isPatient && IsFresh())
                return;

            var rows = await store.ReadAsync(db => db.QueryAsync<Row>("SELECT id, public_key, private_key, signs_until, verifies_until FROM signing_keys"), cancel);
            var before = known.ToDictionary(key => key.Id);
            known = [.. rows.Select(row => before.GetValueOrDefault(row.Id) ?? Open(row))];
            Interlocked.Exchange(ref readAt, Environment.TickCount64);
        }
        finally
        {
            reading.Release();
        }
    }

    private bool IsFresh() => Interlocked.Read(ref readAt) is > 0 and var at && Environment.TickCount64 - at < AskedAgainAfter.TotalMilliseconds;

    private async Task MakeAsync(CancellationToken cancel)
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var publicKey = pair.ExportSubjectPublicKeyInfo();
        var privateKey = seal.Protect(pair.ExportPkcs8PrivateKey());
        var id = Base64Url.EncodeToString(SHA256.HashData(publicKey).AsSpan(0, 16));
        await store.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("DELETE FROM signing_keys WHERE verifies_until <= @Now", new { tx.Now });
            await tx.ExecuteAsync(
                "INSERT INTO signing_keys (id, public_key, private_key, signs_until, verifies_until) VALUES (@id, @publicKey, @privateKey, @signs, @verifies)",
                new { id, publicKey, privateKey, signs = tx.Now + SignsFor, verifies = tx.Now + SignsFor + VerifiesAfter });
        }, cancel);
    }

    private SigningKey Open(Row row)
    {
        var open = ECDsa.Create();
        open.ImportSubjectPublicKeyInfo(row.PublicKey, out _);
        return new SigningKey(row.Id, new ECDsaSecurityKey(open) { KeyId = row.Id }, CredentialsOf(row), row.SignsUntil, row.VerifiesUntil);
    }

    private SigningCredentials? CredentialsOf(Row row)
    {
        try
        {
            var pair = ECDsa.Create();
            pair.ImportPkcs8PrivateKey(seal.Unprotect(row.PrivateKey), out _);
            return new SigningCredentials(new ECDsaSecurityKey(pair) { KeyId = row.Id }, SecurityAlgorithms.EcdsaSha256);
        }
        catch (CryptographicException)
        {
            return null; // Another server's, which shares the store but not form-keys/.
        }
    }

    private sealed record Row
    {
        public string Id { get; init; } = "";
        public byte[] PublicKey { get; init; } = [];
        public byte[] PrivateKey { get; init; } = [];
        public DateTimeOffset SignsUntil { get; init; }
        public DateTimeOffset VerifiesUntil { get; init; }
    }
}
