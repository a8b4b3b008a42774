using Caravan.Platform.Access.Limits;
using Caravan.Platform.Access.Tokens;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;

namespace Caravan.Platform.Access;

/// <summary>Who may come in: everything needs a key or a session unless it says <c>AllowAnonymous</c>.</summary>
public static class AccessRoom
{
    internal static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddSingleton(provider => new ApiKeys(provider.GetRequiredService<Store>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<KeyDesk>();
        services.AddSingleton(provider => new RateLimits(provider.GetRequiredService<Store>(), provider.GetRequiredService<Settings>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<WrongKeys>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<AccessTokens>();
        services.AddHostedService<KeyUses>();
        services.AddRoomJson(KeyJson.Default);
        services.AddRoomJson(TokenJson.Default);
        services.AddAuthentication(CallerAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, CallerAuthentication>(CallerAuthentication.SchemeName, null);
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "caravan-form";
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
        });
        return services;
    }

    internal static void MapAccess(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/sign-in", SignIn).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost("/sign-out", SignOut).AllowAnonymous().ExcludeFromDescription();
        routes.MapKeyEndpoints();
        routes.MapTokenEndpoints();
    }

    /// <summary>Gives the browser a session of this caller.</summary>
    public static async Task StartSessionAsync(HttpContext context, ApiKeys keys, Caller caller) =>
        context.Response.Cookies.Append(CallerAuthentication.Cookie, await keys.OpenSessionAsync(caller, context.RequestAborted), new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = context.Request.IsHttps,
            MaxAge = ApiKeys.SessionLength,
            IsEssential = true,
        });

    /// <summary>The id of the session that the browser came with, if any.</summary>
    public static string? SessionOf(HttpContext context) => context.Request.Cookies.TryGetValue(CallerAuthentication.Cookie, out var cookie) ? ApiKeys.SessionIdOf(cookie) : null;

    /// <summary>A path on this site to go on to; anything else leads home, so that a link cannot send a person elsewhere.</summary>
    public static string LocalPath(string? path) =>
        path is ['/', ..] && !path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("/\\", StringComparison.Ordinal) ? path : "/";

    private static async Task<IResult> SignIn(HttpContext context, ApiKeys keys, WrongKeys wrong, [FromForm] string key, [FromForm(Name = "return")] string? returnTo)
    {
        var caller = await keys.OfKeyAsync(key.Trim(), context.RequestAborted);
        if (caller is null && wrong.Count(context) is { } wait)
            return new TooMany(wait, "Too many wrong keys came from your address.");
        if (caller is null)
            return Results.Redirect($"/sign-in?failed=1&return={Uri.EscapeDataString(LocalPath(returnTo))}");

        await StartSessionAsync(context, keys, caller);
        return Results.Redirect(LocalPath(returnTo));
    }

    private sealed class TooMany(TimeSpan wait, string why) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => RateLimits.RefuseAsync(httpContext, wait, why);
    }

    private static async Task<IResult> SignOut(HttpContext context, ApiKeys keys, [FromForm(Name = "return")] string? returnTo)
    {
        if (context.Request.Cookies.TryGetValue(CallerAuthentication.Cookie, out var cookie))
            await keys.CloseSessionAsync(cookie, context.RequestAborted);
        context.Response.Cookies.Delete(CallerAuthentication.Cookie);
        return Results.Redirect(LocalPath(returnTo));
    }
}
