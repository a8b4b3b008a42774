using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Caravan.Engines.Routing;
using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Tenancy;

namespace Caravan.Routing;

internal static class RoutingEndpoints
{
    private const double SecondsMax = 60;
    private const double SecondsLeast = 0.2;
    private const double SecondsATask = 0.003;
    private const double SecondsByDefaultMax = 10;
    private const int DepthMax = 32;
    private const long GainlessBase = 20_000;
    private const long GainlessATask = 200;

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = DepthMax };

    public static void MapRoutingEndpoints(this IEndpointRouteBuilder routes)
    {
        var routing = routes.MapGroup("/v1/routing").WithTags("Routing").NeedsScope(Area.Routing);
        routing.MapPost("/solve", Solve)
            .WithSummary("Plan routes: VROOM's JSON problem in, VROOM's JSON solution out; unknown keys are passed over and no Idempotency-Key is needed")
            .Accepts<JsonElement>("application/json")
            .Produces<JsonElement>()
            .ProducesProblem(400)
            .ProducesProblem(503);
    }

    private static async Task<IResult> Solve(HttpContext context, Caller caller, EnginePool pool, CancellationToken cancel, double? seconds = null, ulong seed = 1)
    {
        _ = caller; // Only partners may ask; what they ask about is in the body.
        if (seconds is not (null or (> 0 and <= SecondsMax)))
            return Problem.Invalid(new Fault { Parameter = "seconds", Detail = $"Give more than 0 and at most {SecondsMax} seconds." });
        VroomInput? input;
        IReadOnlyList<RoutingFault> faults;
        using (var document = await JsonDocument.ParseAsync(context.Request.Body, Reading, cancel))
            input = VroomReader.Read(document.RootElement, out faults);
        if (input is null)
            return Refuse(faults);

        var tasks = input.Problem.Jobs.Count + input.Problem.Shipments.Count;
        var budget = seconds ?? Math.Min(input.LimitSeconds ?? Math.Min(SecondsByDefaultMax, SecondsLeast + SecondsATask * tasks), SecondsMax);
        var planning = pool.TryRunAsync(() =>
        {
            var started = Stopwatch.GetTimestamp();
            return Router.Solve(
                input.Problem,
                new RoutingBudget
                {
                    Seconds = budget,
                    Clock = () => Stopwatch.GetElapsedTime(started).TotalSeconds,
                    IterationsWithoutGain = seconds is null && input.LimitSeconds is null ? GainlessBase + GainlessATask * tasks : null,
                    Watch = _ => !cancel.IsCancellationRequested,
                },
                seed);
        });
        if (planning is null)
        {
            context.Response.Headers.RetryAfter = "2";
            return Problem.Of(503, "busy", "Busy", "All planners work and enough problems wait. Try again in a moment.");
        }

        return await planning switch
        {
            RoutingOutcome.Solved solved => TypedResults.Bytes(Written(input, solved.Plan), "application/json"),
            RoutingOutcome.Refused refused => Refuse(refused.Faults),
            _ => throw new UnreachableException(),
        };
    }

    private static byte[] Written(VroomInput input, RoutingPlan plan)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            VroomWriter.Write(json, input, plan);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Problem details that a VROOM client understands too: <c>code</c> and <c>error</c> are VROOM's.</summary>
    private static IResult Refuse(IReadOnlyList<RoutingFault> faults)
    {
        IReadOnlyList<Fault> all = [.. faults.Select(fault => new Fault { Pointer = $"#{fault.Pointer}", Detail = fault.Message })];
        var detail = string.Join(' ', faults.Take(3).Select(fault => $"{fault.Pointer}: {fault.Message}"));
        return Problem.Of(400, "invalid-request", "The request has faults", detail, ("errors", all), ("code", 2), ("error", detail));
    }
}
