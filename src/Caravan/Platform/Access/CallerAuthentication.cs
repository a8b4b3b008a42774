using System.Security.Claims;
using System.Text.Encodings.Web;
using Caravan.Platform.Access.Tokens;
using Caravan.Platform.Problems;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Caravan.Platform.Access;

/// <summary>
/// Finds out who asks: programs by <c>Authorization: Bearer crv_…</c> or a token that the key was exchanged for, people by the cookie of a page session. The cookie
/// opens pages only and never writes through the API, so that no other site's form can act in a person's name.
/// </summary>
internal sealed class CallerAuthentication(ApiKeys keys, AccessTokens tokens, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "caravan";
    public const string Cookie = "caravan-session";

    private bool IsApi => Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var caller = await FindAsync();
        if (caller is null)
            return AuthenticateResult.NoResult();

        var identity = new ClaimsIdentity(caller.Claims, SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (!IsApi && HttpMethods.IsGet(Request.Method))
        {
            Response.Redirect($"/sign-in?return={Uri.EscapeDataString(Request.Path + Request.QueryString)}");
            return;
        }

        // RFC 6750 3.1: an error is named only where something was presented.
        Response.Headers.WWWAuthenticate = TryBearer(out _) ? "Bearer error=\"invalid_token\", error_description=\"unknown, revoked or past its end\"" : "Bearer";
        await Problem.Of(401, "unauthenticated", "Who are you?", "Send your company's API key, or a token from /oauth/token, as 'Authorization: Bearer crv_…'; pages need a session from /sign-in.").ExecuteAsync(Context);
    }

    private async Task<Caller?> FindAsync()
    {
        if (TryBearer(out var bearer))
            return bearer.StartsWith("crv_", StringComparison.Ordinal) ? await keys.OfKeyAsync(bearer, Context.RequestAborted) : await tokens.CallerOfAsync(bearer, tokens.IssuerOf(Request), Context.RequestAborted);

        var isRead = HttpMethods.IsGet(Request.Method) || HttpMethods.IsHead(Request.Method);
        return (!IsApi || isRead) && Request.Cookies.TryGetValue(Cookie, out var cookie)
            ? await keys.OfSessionAsync(cookie, Context.RequestAborted)
            : null;
    }

    private bool TryBearer(out string bearer)
    {
        var authorization = Request.Headers.Authorization.ToString();
        var isBearer = authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase);
        bearer = isBearer ? authorization["Bearer ".Length..].Trim() : "";
        return isBearer;
    }
}
