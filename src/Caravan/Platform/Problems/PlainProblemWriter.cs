using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Caravan.Platform.Problems;

/// <summary>Writes a problem to whoever accepts neither it nor a page: better an answer of another type than none that says what is wrong.</summary>
internal sealed class PlainProblemWriter : IProblemDetailsWriter
{
    /// <summary>A body in an encoding that nobody knows is a fault of whoever sent it; whoever reads it would throw as if it were ours.</summary>
    public static Task TurnAwayUnknownCharsets(HttpContext context, RequestDelegate next) =>
        context.Request.ContentType is { } type && MediaTypeHeaderValue.TryParse(type, out var media) && media.Charset.HasValue && !IsKnown(HeaderUtilities.RemoveQuotes(media.Charset).ToString())
            ? throw new BadHttpRequestException($"The charset {media.Charset} is not known.", StatusCodes.Status415UnsupportedMediaType)
            : next(context);

    private static bool IsKnown(string charset)
    {
        try
        {
            return Encoding.GetEncoding(charset) is not null;
        }
        catch (Exception unknown) when (unknown is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (http, problem) = (context.HttpContext, context.ProblemDetails);
        problem.Status ??= http.Response.StatusCode;
        ProblemExceptionHandler.SayOurs(context);
        problem.Title ??= ReasonPhrases.GetReasonPhrase(problem.Status.Value); // Set just above.
        problem.Extensions.TryAdd("traceId", Activity.Current?.Id ?? http.TraceIdentifier);
        return new ValueTask(http.Response.WriteAsJsonAsync(problem, ProblemJson.Default.ProblemDetails, "application/problem+json", http.RequestAborted));
    }
}
