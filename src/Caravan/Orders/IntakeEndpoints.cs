using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Mvc;

namespace Caravan.Orders;

/// <summary>
/// Many orders at once, as a marketplace's feed or a till that was offline brings them. Each is placed or refused by itself; the
/// seller's order number makes a repeated batch harmless, so that no key is needed.
/// </summary>
internal static class IntakeEndpoints
{
    private const int OrdersMax = 1_000;

    public static void MapIntakeEndpoints(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/orders:batch", PlaceMany).WithTags("Orders").NeedsScope(Area.Orders)
            .WithSummary($"Place up to {OrdersMax} orders; each is placed or refused by itself, and a repeated one is answered with the order that exists")
            .Produces<IntakeBody>().ProducesProblem(400);

    private static async Task<IResult> PlaceMany(Caller caller, IntakeRequestBody body, OrderPlacing placing, CancellationToken cancel)
    {
        var check = new Check().List(body.Orders, "#/orders", OrdersMax);
        if (check.Failed)
            return check.Refusal;

        var results = new IntakeResultBody[body.Orders.Count];
        List<(int Place, OrderRequest Request)> asked = new(body.Orders.Count);
        for (var i = 0; i < results.Length; i++)
        {
            if (body.Orders[i] is not { } order)
                results[i] = IntakeResultBody.Refused(null, Problem.Invalid(new Fault { Pointer = $"#/orders/{i}", Detail = "An order is an object." }).ProblemDetails);
            else if (OrderEndpoints.CheckOrder(order) is { Failed: true } faulty)
                results[i] = IntakeResultBody.Refused(order, faulty.Refusal.ProblemDetails);
            else
                asked.Add((i, OrderEndpoints.RequestOf(caller, order)));
        }

        var decisions = await placing.PlaceManyAsync([.. asked.Select(one => one.Request)], cancel);
        for (var i = 0; i < decisions.Count; i++)
        {
            var order = body.Orders[asked[i].Place]!; // Asked: it is there.
            results[asked[i].Place] = decisions[i].Exception?.InnerException is { } fault
                ? IntakeResultBody.Refused(order, ProblemExceptionHandler.Describe(fault))
                : ResultOf(order, (await decisions[i]).Outcome!); // Without a key there is no answer of an earlier request.
        }

        return TypedResults.Ok(new IntakeBody(results.Count(one => one.Status == StatusCodes.Status201Created), results.Count(one => one.Status == StatusCodes.Status200OK), results.Count(one => one.Problem is not null), results));
    }

    private static IntakeResultBody ResultOf(PlaceBody order, PlaceOutcome outcome) => outcome switch
    {
        PlaceOutcome.Placed placed => new IntakeResultBody(order.Channel, order.Number, StatusCodes.Status201Created, placed.Order.Id, placed.Order.PromisedAt, placed.Order.TrackingPath, null),
        PlaceOutcome.Known known => new IntakeResultBody(order.Channel, order.Number, StatusCodes.Status200OK, known.Order, null, null, null),
        _ => IntakeResultBody.Refused(order, OrderEndpoints.ProblemOf(outcome, order).ProblemDetails),
    };
}

/// <summary>Orders to place.</summary>
internal sealed record IntakeRequestBody(List<PlaceBody?> Orders);

/// <summary>What became of a batch: how many were placed, were there already, or were refused, and each of them in the order given.</summary>
internal sealed record IntakeBody(int Placed, int Existing, int Refused, IReadOnlyList<IntakeResultBody> Results);

/// <summary>What became of one order. Status 201: placed; 200: it was there already; else the problem says why not.</summary>
internal sealed record IntakeResultBody(string? Channel, string? Number, int Status, OrderId? Order, DateTimeOffset? PromisedAt, string? TrackingPath, ProblemDetails? Problem)
{
    public static IntakeResultBody Refused(PlaceBody? order, ProblemDetails problem) =>
        new(order?.Channel, order?.Number, problem.Status ?? StatusCodes.Status400BadRequest, null, null, null, problem);
}
