using System.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;

namespace Caravan.Platform.Problems;

/// <summary>Writes a problem to whoever accepts neither it nor a page: better an answer of another type than none that says what is wrong.</summary>
internal sealed class PlainProblemWriter : IProblemDetailsWriter
{
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
