using Microsoft.AspNetCore.Http.HttpResults;

namespace Caravan.Platform.Screens;

/// <summary>People whose browser asks for a page get a problem as a page; programs get it as JSON.</summary>
internal sealed class ProblemPageWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context)
    {
        var request = context.HttpContext.Request;
        return !request.Path.StartsWithSegments("/v1", StringComparison.Ordinal)
            && request.GetTypedHeaders().Accept.Any(accept => accept.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));
    }

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var status = context.ProblemDetails.Status ?? context.HttpContext.Response.StatusCode;
        var page = new RazorComponentResult<ProblemPage>(new
        {
            Status = status,
            context.ProblemDetails.Detail,
            TraceId = context.HttpContext.TraceIdentifier,
            Fragment = context.HttpContext.Request.Headers.ContainsKey("HX-Request"),
        })
        {
            StatusCode = status,
        };
        await page.ExecuteAsync(context.HttpContext);
    }
}
