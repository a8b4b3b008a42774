namespace Caravan.Platform.Access;

/// <summary>What every answer says to the browser about what it may do: load from here only, frame us nowhere, guess nothing.</summary>
internal static class ResponseHeaders
{
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
        + "worker-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    // A courier's page asks for the place, a picker's for the camera.
    private const string Permissions = "geolocation=(self), camera=(self), microphone=(), payment=(), usb=(), interest-cohort=()";

    public static Task Guard(HttpContext context, RequestDelegate next)
    {
        // Set when the answer starts, for the exception handler clears what was set before.
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = ContentPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers["Permissions-Policy"] = Permissions;
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers.TryAdd("Referrer-Policy", "same-origin");
            return Task.CompletedTask;
        });
        return next(context);
    }

    /// <summary>A page that is not there is 404 to strangers as well, rather than a way to the sign-in page.</summary>
    public static Task Missing(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint() is not null || context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal))
            return next(context);

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
