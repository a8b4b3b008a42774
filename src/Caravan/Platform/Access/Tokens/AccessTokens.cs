using System.Security.Cryptography;
using System.Text;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Caravan.Platform.Access.Tokens;

/// <summary>
/// Access tokens that a key is exchanged for (RFC 9068): a JWT signed with ES256 that holds a quarter of an hour at most, and never
/// longer than its key. It says which key it is of; whether that one still holds, and what it may, is asked at each request.
/// </summary>
internal sealed class AccessTokens
{
    /// <summary>What tokens are for: this API and nothing else.</summary>
    public const string Audience = "urn:caravan:api";

    public static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    private const string Type = "at+jwt";
    private const string ClientClaim = "client_id";
    private const int LongestToken = 4_096;
    private const int TokensMax = 50_000;

    private readonly SigningKeys signing;
    private readonly ApiKeys keys;
    private readonly Settings settings;
    private readonly TimeProvider clock;
    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false, MapInboundClaims = false, MaximumTokenSizeInBytes = LongestToken };

    // A signature costs a fifth of a millisecond; that of a token that was checked is not checked again.
    private readonly Recent<string, Token> checkedTokens = new(TokensMax, _ => 1);

    public AccessTokens(SigningKeys signing, ApiKeys keys, Settings settings, Store store, TimeProvider clock)
    {
        (this.signing, this.keys, this.settings, this.clock) = (signing, keys, settings, clock);
        store.Caches["tokens"] = () => checkedTokens.State;
    }

    /// <summary>Who issues: the address by which this server is known, or by which it was asked.</summary>
    public string IssuerOf(HttpRequest request) => settings.PublicUrl.Length > 0 ? settings.PublicUrl.TrimEnd('/') : $"{request.Scheme}://{request.Host}";

    /// <summary>A token of a key, for all of its scopes or fewer.</summary>
    public async Task<(string Token, TimeSpan Life)> IssueAsync(string issuer, Caller caller, Scopes scopes, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var expires = caller.KeyEnds is { } ends && ends < now + Life ? ends : now + Life;
        var claims = new Dictionary<string, object>
        {
            [JwtRegisteredClaimNames.Sub] = caller.Key!, // A token is made for a key.
            [ClientClaim] = caller.Key!, // As above.
            [Caller.TenantClaim] = caller.Tenant.ToString(),
            [JwtRegisteredClaimNames.Jti] = RandomNumberGenerator.GetHexString(32, lowercase: true),
        };
        if (scopes.Written is { } stated)
            claims[Caller.ScopeClaim] = stated;
        var token = handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = expires.UtcDateTime,
            TokenType = Type,
            Claims = claims,
            SigningCredentials = (await signing.CurrentAsync(cancel)).Credentials,
        });
        return (token, expires - now);
    }

    /// <summary>Whose token this is; null when it is not ours, its time is over, or its key holds no more.</summary>
    public async Task<Caller?> CallerOfAsync(string token, string issuer, CancellationToken cancel)
    {
        if (token.Length > LongestToken)
            return null;

        var name = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{issuer}\n{token}")));
        if (checkedTokens.Find(name) is not { } known)
        {
            var readAt = Turn.Next();
            if (await CheckAsync(token, issuer, cancel) is not { } found)
                return null;

            checkedTokens.Keep(name, known = found, readAt);
        }

        return known.Expires > clock.GetUtcNow() ? await keys.OfTokenAsync(known.Key, known.Tenant, known.Scopes, cancel) : null;
    }

    private async Task<Token?> CheckAsync(string token, string issuer, CancellationToken cancel)
    {
        if (KidOf(token) is not { } kid || await signing.FindAsync(kid, cancel) is not { } key)
            return null;

        var now = clock.GetUtcNow().UtcDateTime;
        var result = await handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidTypes = [Type],
            ValidIssuer = issuer,
            ValidAudience = Audience,
            IssuerSigningKey = key.Public,
            TryAllIssuerSigningKeys = false,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            LifetimeValidator = (notBefore, expires, _, _) => notBefore <= now && expires > now,
        });
        return result.IsValid && result.SecurityToken is JsonWebToken read && PartnerId.TryParse(Said(read, Caller.TenantClaim), null, out var tenant) && Said(read, ClientClaim) is { } client
            ? new Token(client, tenant, Scopes.Read(Said(read, Caller.ScopeClaim)), read.ValidTo)
            : null;
    }

    private static string? Said(JsonWebToken token, string claim) => token.TryGetPayloadValue<string>(claim, out var value) ? value : null;

    private string? KidOf(string token)
    {
        try
        {
            return handler.CanReadToken(token) && handler.ReadJsonWebToken(token).Kid is { Length: > 0 and <= 64 } kid ? kid : null;
        }
        catch (ArgumentException)
        {
            return null; // It has three parts and is no token all the same.
        }
    }

    private sealed record Token(string Key, PartnerId Tenant, Scopes Scopes, DateTimeOffset Expires);
}
