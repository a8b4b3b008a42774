using System.Diagnostics;
using Caravan.Platform.Tenancy;

namespace Caravan.Platform.Telemetry;

/// <summary>
/// Says in a request's span and log lines whose request it is and which route it takes. The path itself is not told: a
/// tracking link is a secret.
/// </summary>
internal static class RequestWords
{
    private static readonly Func<ILogger, string, IDisposable?> Of = LoggerMessage.DefineScope<string>("for {Tenant}");

    public static async Task Tell(HttpContext context, RequestDelegate next)
    {
        var tenant = Caller.TryOf(context)?.Tenant.ToString();
        if (Activity.Current is { IsAllDataRequested: true } span)
        {
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
            span.DisplayName = $"{context.Request.Method} {route}";
            span.SetTag("http.request.method", context.Request.Method).SetTag("http.route", route).SetTag("caravan.tenant", tenant);
            context.Response.OnStarting(() =>
            {
                span.SetTag("http.response.status_code", context.Response.StatusCode);
                return Task.CompletedTask;
            });
        }

        if (tenant is null)
        {
            await next(context);
            return;
        }

        using (Of(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Caravan"), tenant))
            await next(context);
    }
}
