using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Caravan.Platform.Storage;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Caravan.Platform.Problems;

/// <summary>The one place where exceptions end: bad input becomes a 400 that names the field, a full queue a 503, the rest a 500 with a trace id.</summary>
internal sealed partial class ProblemExceptionHandler(IProblemDetailsService problems, ILogger<ProblemExceptionHandler> log) : IExceptionHandler
{
    private const int StatusClientClosedRequest = 499;

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusClientClosedRequest;
            return true;
        }

        var details = Describe(exception);
        if (details.Status >= 500)
            LogOutage(httpContext.Request.Method, httpContext.Request.Path, exception);
        if (details.Status == StatusCodes.Status503ServiceUnavailable)
            httpContext.Response.Headers.RetryAfter = "1";
        httpContext.Response.StatusCode = details.Status!.Value; // Describe always sets it.
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = details, Exception = exception });
    }

    /// <summary>An exception as the caller hears of it.</summary>
    internal static ProblemDetails Describe(Exception exception) => exception switch
    {
        BadHttpRequestException { InnerException: JsonException json } => Invalid(FaultOf(json)),
        BadHttpRequestException { StatusCode: 413 } => Problem.Details(413, "too-large", "Too large", "The body is larger than this endpoint takes. Send it in parts."),
        BadHttpRequestException { StatusCode: 415 } => UnsupportedMediaType,
        BadHttpRequestException bad => Invalid(FaultOf(bad)),
        JsonException json => Invalid(FaultOf(json)),
        InvalidDataException or System.Text.DecoderFallbackException => Invalid(new Fault { Pointer = "#", Detail = exception.Message }),
        StoreBusyException => Problem.Details(503, "busy", "Busy", exception.Message),
        SqliteException { SqliteErrorCode: 13 } or PostgresException { SqlState: PostgresErrorCodes.DiskFull } => Problem.Details(503, "disk-full", "The disk is full", "Nothing was written. Free space on the disk that holds the data, then try again."),
        SqliteException { SqliteErrorCode: 11 or 26 } or PostgresException { SqlState: PostgresErrorCodes.DataCorrupted } => Problem.Details(503, "store-damaged", "The store is damaged", "Nothing was written. The operator should keep the damaged store for whoever mends it, and start on a backup."),
        StoreOutcomeUnknownException => Problem.Details(503, "store-unavailable", "The store cannot be reached", "It is not known whether this was written. Send it again with the same Idempotency-Key: it is done once."),
        SqliteException { SqliteErrorCode: 5 or 6 or 8 or 10 or 14 } or PostgresException { IsTransient: true } or (NpgsqlException and not PostgresException) => Problem.Details(503, "store-unavailable", "The store cannot be reached", "Nothing was written. Try again; if it stays, look at the server's log."),
        _ => Problem.Details(500, "fault", "Something broke here", "This is our fault, not yours. Try again; if it stays, report the traceId."),
    };

    private static ProblemDetails UnsupportedMediaType =>
        Problem.Details(415, "unsupported-media-type", "Unsupported media type", "Send the body with the Content-Type that the API document names, usually application/json.");

    /// <summary>What the framework turns away by itself, before any endpoint is reached, in our words.</summary>
    internal static void SayOurs(ProblemDetailsContext context)
    {
        var said = context.ProblemDetails;
        if (said.Detail is not null)
            return;

        var ours = said.Status switch
        {
            400 when ParameterFaults.Of(context.HttpContext) is { Length: > 0 } faults => Invalid(faults),
            404 => Problem.Details(404, "not-found", "Not found", "Nothing has this address. Check it against /openapi/v1.json."),
            405 => Problem.Details(405, "method-not-allowed", "Method not allowed", "This address takes other methods; the header Allow names them."),
            415 => UnsupportedMediaType,
            _ => null,
        };
        if (ours is null)
            return;

        (said.Type, said.Title, said.Detail) = (ours.Type, ours.Title, ours.Detail);
        foreach (var (name, value) in ours.Extensions)
            said.Extensions[name] = value;
    }

    private static ProblemDetails Invalid(params Fault[] faults) => Problem.Invalid(faults).ProblemDetails;

    private static Fault FaultOf(JsonException json)
    {
        var message = json.Message;
        var cut = message.IndexOf(" Path: ", StringComparison.Ordinal);
        if (cut > 0)
            message = message[..cut];
        var missing = MissingMembers().Match(message);
        if (missing.Success)
            return new Fault { Pointer = $"{PointerOf(json.Path)}/{missing.Groups[1].Value.Split(',')[0].Trim().Trim('\'')}", Detail = $"Missing: {missing.Groups[1].Value}." };

        var unknown = UnknownMember().Match(message);
        if (unknown.Success)
            return new Fault { Pointer = PointerOf(json.Path), Detail = $"There is no field '{unknown.Groups[1].Value}' here; check its spelling against /openapi/v1.json." };

        return new Fault { Pointer = PointerOf(json.Path), Detail = TypeName().Replace(message, "the expected type") };
    }

    /// <summary><c>$.lines[0].quantity</c> as <c>#/lines/0/quantity</c>.</summary>
    internal static string PointerOf(string? path) =>
        path is null or "" or "$"
            ? "#"
            : "#" + PathStep().Replace(path[1..], step => "/" + (step.Groups[1].Success ? step.Groups[1].Value : step.Groups[2].Value).Trim('\'').Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));

    private static Fault FaultOf(BadHttpRequestException bad)
    {
        var parameter = FailedParameter().Match(bad.Message);
        if (parameter.Success)
            return ParameterFaults.FaultOf(parameter.Groups[2].Value, parameter.Groups[1].Value);

        var required = RequiredParameter().Match(bad.Message);
        return required.Success
            ? new Fault { Parameter = required.Groups[1].Value, Detail = $"Missing: {required.Groups[1].Value}." }
            : new Fault { Pointer = "#", Detail = bad.Message };
    }

    [GeneratedRegex(@"\.([^.\[]+)|\[([^\]]+)\]")]
    private static partial Regex PathStep();

    [GeneratedRegex("missing required properties including: (.+?)\\.?$")]
    private static partial Regex MissingMembers();

    [GeneratedRegex("The JSON property '(.+?)' could not be mapped")]
    private static partial Regex UnknownMember();

    [GeneratedRegex(@"(?<=converted to )[\w.`+\[\],=\s<>]+")]
    private static partial Regex TypeName();

    [GeneratedRegex("Failed to bind parameter \"[^ \"]+ (\\w+)\" from \"(.*)\"")]
    private static partial Regex FailedParameter();

    [GeneratedRegex("Required parameter \"[^ \"]+ (\\w+)\"")]
    private static partial Regex RequiredParameter();

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed.")]
    private partial void LogOutage(string method, string path, Exception exception);
}
