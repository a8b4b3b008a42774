using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Serialization;
using Caravan.Platform.Access.Limits;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Mvc;
using Microsoft.IdentityModel.Tokens;

namespace Caravan.Platform.Access.Tokens;

/// <summary>The answer of RFC 6749 5.1.</summary>
internal sealed record TokenAnswer(
    [property: JsonPropertyName("access_token")] string AccessToken,
    [property: JsonPropertyName("token_type")] string TokenType,
    [property: JsonPropertyName("expires_in")] long ExpiresIn,
    [property: JsonPropertyName("scope")] string Scope);

/// <summary>A refusal of RFC 6749 5.2.</summary>
internal sealed record TokenRefusal([property: JsonPropertyName("error")] string Error, [property: JsonPropertyName("error_description")] string Description);

/// <summary>A public key (RFC 7517) of curve P-256.</summary>
internal sealed record WebKey(string Kty, string Use, string Alg, string Kid, string Crv, string X, string Y);

/// <summary>The public keys.</summary>
internal sealed record WebKeys(IReadOnlyList<WebKey> Keys);

/// <summary>What this server does of OAuth, in the words of RFC 8414.</summary>
internal sealed record ServerWords(
    [property: JsonPropertyName("issuer")] string Issuer,
    [property: JsonPropertyName("token_endpoint")] string TokenEndpoint,
    [property: JsonPropertyName("jwks_uri")] string KeysUri,
    [property: JsonPropertyName("scopes_supported")] IReadOnlyList<string> Scopes,
    [property: JsonPropertyName("response_types_supported")] IReadOnlyList<string> ResponseTypes,
    [property: JsonPropertyName("grant_types_supported")] IReadOnlyList<string> GrantTypes,
    [property: JsonPropertyName("token_endpoint_auth_methods_supported")] IReadOnlyList<string> AuthMethods);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(TokenRefusal))]
[JsonSerializable(typeof(WebKeys))]
[JsonSerializable(typeof(ServerWords))]
internal sealed partial class TokenJson : JsonSerializerContext;

/// <summary>OAuth 2.0 client credentials (RFC 6749 4.4): the client's id is the public part of a key, its secret the whole key.</summary>
internal static class TokenEndpoints
{
    private const string Grant = "client_credentials";
    private const int FormBytesMax = 16 * 1024;

    public static void MapTokenEndpoints(this IEndpointRouteBuilder routes)
    {
        var tokens = routes.MapGroup("").AllowAnonymous().ExcludeFromDescription();
        tokens.MapPost("/oauth/token", Issue).WithMetadata(new RequestSizeLimitAttribute(FormBytesMax));
        tokens.MapGet("/.well-known/jwks.json", Keys);
        tokens.MapGet("/.well-known/oauth-authorization-server", Words);
    }

    private static async Task<IResult> Issue(HttpContext context, ApiKeys keys, WrongKeys wrongKeys, AccessTokens tokens, CancellationToken cancel)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!context.Request.HasFormContentType)
            return Refuse("invalid_request", "Send a form: Content-Type application/x-www-form-urlencoded.");

        var form = await context.Request.ReadFormAsync(cancel);
        if (form.FirstOrDefault(field => field.Value.Count > 1) is { Key: { } doubled })
            return Refuse("invalid_request", $"The parameter {Shown(doubled)} is given more than once.");

        // Programs may say who they are in the header or in the form, but not both (RFC 6749 2.3).
        var header = context.Request.Headers.Authorization.ToString();
        var isBasic = header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase);
        if (header.Length > 0 && (!isBasic || form.ContainsKey("client_secret")))
            return Refuse("invalid_request", "Say who you are once: by HTTP Basic, or by client_id and client_secret in the form.");

        var (id, secret) = isBasic ? BasicOf(header) : (form["client_id"].ToString(), form["client_secret"].ToString());
        if (form["grant_type"].Count == 0)
            return Refuse("invalid_request", $"Missing: grant_type={Grant}.");
        if (form["grant_type"] != Grant)
            return Refuse("unsupported_grant_type", $"Only grant_type={Grant} is known.");

        if (await keys.OfKeyAsync(secret.Trim(), cancel) is not { Key: { } prefix } caller || (id != prefix && id != $"crv_{prefix}"))
        {
            if (wrongKeys.Count(context) is { } wait)
            {
                context.Response.Headers.RetryAfter = $"{Math.Ceiling(wait.TotalSeconds)}";
                return Refuse("invalid_client", "Too many wrong keys came from your address. Come again after the seconds of Retry-After.", StatusCodes.Status429TooManyRequests);
            }

            if (isBasic)
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"caravan\"";
            return Refuse("invalid_client", "There is no such key. client_id is its public part (the ten characters after crv_), client_secret the whole key.", StatusCodes.Status401Unauthorized);
        }

        if (!TryScopes(form["scope"].ToString(), caller, out var scopes, out var wrong))
            return Refuse("invalid_scope", $"The key has not the scope {Shown(wrong)}.");

        var (token, life) = await tokens.IssueAsync(tokens.IssuerOf(context.Request), caller, scopes, cancel);
        return Results.Json(new TokenAnswer(token, "Bearer", (long)life.TotalSeconds, string.Join(' ', scopes.Stated)), TokenJson.Default.TokenAnswer);
    }

    private static async Task<IResult> Keys(HttpContext context, SigningKeys signing, CancellationToken cancel)
    {
        context.Response.Headers.CacheControl = "public, max-age=300";
        return Results.Json(new WebKeys([.. (await signing.AllAsync(cancel)).Select(KeyOf)]), TokenJson.Default.WebKeys);

        static WebKey KeyOf(SigningKey key)
        {
            var point = key.Public.ECDsa.ExportParameters(includePrivateParameters: false).Q;
            return new WebKey("EC", "sig", SecurityAlgorithms.EcdsaSha256, key.Id, "P-256", Base64UrlEncoder.Encode(point.X), Base64UrlEncoder.Encode(point.Y));
        }
    }

    private static IResult Words(HttpContext context, AccessTokens tokens)
    {
        var issuer = tokens.IssuerOf(context.Request);
        return Results.Json(new ServerWords(issuer, $"{issuer}/oauth/token", $"{issuer}/.well-known/jwks.json", Scopes.Known, [], [Grant], ["client_secret_basic", "client_secret_post"]), TokenJson.Default.ServerWords);
    }

    private static bool TryScopes(string asked, Caller caller, out Scopes scopes, [NotNullWhen(false)] out string? wrong)
    {
        scopes = caller.Scopes;
        wrong = null;
        if (asked.Length == 0)
            return true;

        scopes = default;
        foreach (var name in asked.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Scopes.TryParse(name, out var scope) || !caller.Scopes.Includes(scope))
            {
                wrong = name;
                return false;
            }

            scopes |= scope;
        }

        wrong = scopes == default ? asked : null; // Spaces name none, and must not come to mean all.
        return wrong is null;
    }

    // Both halves are form-encoded before they are joined (RFC 6749 2.3.1).
    private static (string Id, string Secret) BasicOf(string header)
    {
        var bytes = new byte[header.Length];
        if (!Convert.TryFromBase64String(header["Basic ".Length..].Trim(), bytes, out var length))
            return ("", "");

        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? ("", "") : (Decoded(text[..colon]), Decoded(text[(colon + 1)..]));

        static string Decoded(string half) => Uri.UnescapeDataString(half.Replace('+', ' '));
    }

    // What RFC 6749 lets into an error_description, of what a stranger wrote.
    private static string Shown(string text) => new([.. text.Take(60).Select(c => c is >= ' ' and <= '~' and not ('"' or '\\') ? c : '?')]);

    private static IResult Refuse(string error, string description, int status = StatusCodes.Status400BadRequest) =>
        Results.Json(new TokenRefusal(error, description), TokenJson.Default.TokenRefusal, statusCode: status);
}
