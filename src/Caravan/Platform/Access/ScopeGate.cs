using Caravan.Platform.Problems;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Authorization;

namespace Caravan.Platform.Access;

/// <summary>
/// Holds every endpoint to the scope that its group names: what is read needs <c>area:read</c>, anything else <c>area:write</c>. An
/// endpoint that names none is closed to whoever has not every scope, and a test fails on it.
/// </summary>
public static class ScopeGate
{
    /// <summary>Says to which area these endpoints belong.</summary>
    public static TBuilder NeedsScope<TBuilder>(this TBuilder endpoints, string area)
        where TBuilder : IEndpointConventionBuilder
    {
        var needed = new Needed(Scopes.Of(area, isWrite: false), Scopes.Of(area, isWrite: true));
        endpoints.Add(endpoint => endpoint.Metadata.Add(needed));
        return endpoints;
    }

    /// <summary>What an endpoint needs when it is called by a method; nothing when it names no area.</summary>
    internal static Scopes? Of(IEnumerable<object> metadata, string method) =>
        metadata.OfType<Needed>().LastOrDefault() is { } needed ? HttpMethods.IsGet(method) || HttpMethods.IsHead(method) ? needed.Read : needed.Write : null;

    internal static Task Hold(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint() is not { } endpoint || Caller.TryOf(context) is not { Scopes: { IsAll: false } held } || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            return next(context);

        var needed = Of(endpoint.Metadata, context.Request.Method);
        if (needed is { } scope && held.Includes(scope))
            return next(context);

        var name = needed?.ToString() ?? "every scope";
        context.Response.Headers.WWWAuthenticate = needed is null ? "Bearer error=\"insufficient_scope\"" : $"Bearer error=\"insufficient_scope\", scope=\"{name}\"";
        return Missing(name).ExecuteAsync(context);
    }

    /// <summary>The refusal that names a scope.</summary>
    internal static IResult Missing(string scope) =>
        Problem.Of(403, "scope-missing", "Your key may not do that", $"This needs {scope}, which your key does not have. Use a key that has it, or have one made at /operations/keys or by POST /v1/keys.", ("scope", scope));

    private sealed record Needed(Scopes Read, Scopes Write);
}
