using System.Text.Json;
using Caravan.Engines.Routing;

namespace Caravan.Routing;

/// <summary>
/// Writes a plan in VROOM's JSON: <c>code</c>, <c>summary</c>, <c>unassigned</c>, <c>routes</c>. Our own besides: <c>reason</c> (and
/// <c>cheapest_cost</c>) with what is unassigned, <c>marginal_cost</c> with a step, and steps of type <c>reload</c> when a vehicle reloads.
/// </summary>
internal static class VroomWriter
{
    public static void Write(Utf8JsonWriter json, VroomInput input, RoutingPlan plan, Action? besides = null)
    {
        json.WriteStartObject();
        json.WriteNumber("code", 0);
        besides?.Invoke();
        json.WriteStartObject("summary");
        json.WriteNumber("cost", plan.Cost);
        json.WriteNumber("routes", plan.Routes.Count);
        json.WriteNumber("unassigned", plan.Unassigned.Sum(one => one.IsShipment ? 2 : 1));
        Totals(json, input, plan.Routes);
        json.WriteEndObject();
        json.WriteStartArray("unassigned");
        foreach (var one in plan.Unassigned)
            WriteUnassigned(json, input, one);
        json.WriteEndArray();
        json.WriteStartArray("routes");
        foreach (var route in plan.Routes)
            WriteRoute(json, input, route);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>VROOM's answer to bad input.</summary>
    public static void WriteError(Utf8JsonWriter json, IReadOnlyList<RoutingFault> faults)
    {
        json.WriteStartObject();
        json.WriteNumber("code", 2);
        json.WriteString("error", string.Join(' ', faults.Select(fault => $"{fault.Pointer}: {fault.Message}")));
        json.WriteStartArray("errors");
        foreach (var fault in faults)
        {
            json.WriteStartObject();
            json.WriteString("pointer", fault.Pointer);
            json.WriteString("detail", fault.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Totals(Utf8JsonWriter json, VroomInput input, IReadOnlyList<RoutePlan> routes)
    {
        var problem = input.Problem;
        var stops = routes.SelectMany(route => route.Steps).ToList();
        var dimensions = Dimensions(problem);
        var (delivery, pickup, priority) = (new long[dimensions], new long[dimensions], 0L);
        foreach (var step in stops)
        {
            if (step.Kind == PlanStepKind.Job)
            {
                Sum(delivery, problem.Jobs[step.Index].Delivery);
                Sum(pickup, problem.Jobs[step.Index].Pickup);
                priority += problem.Jobs[step.Index].Priority;
            }
            else if (step.Kind is PlanStepKind.Pickup)
            {
                // A shipment's goods are counted as brought and as fetched, as VROOM counts them.
                Sum(delivery, problem.Shipments[step.Index].Amount);
                Sum(pickup, problem.Shipments[step.Index].Amount);
                priority += problem.Shipments[step.Index].Priority;
            }
        }

        if (dimensions > 0)
        {
            Array(json, "delivery", delivery);
            Array(json, "amount", delivery);
            Array(json, "pickup", pickup);
        }

        json.WriteNumber("setup", stops.Sum(step => (long)step.SetupSeconds));
        json.WriteNumber("service", stops.Sum(step => (long)step.ServiceSeconds));
        json.WriteNumber("duration", routes.Sum(route => route.DrivingSeconds));
        json.WriteNumber("waiting_time", stops.Sum(step => step.WaitingSeconds));
        json.WriteNumber("priority", priority);
        if (input.HasDistances)
            json.WriteNumber("distance", routes.Sum(route => route.Metres));
        NoViolations(json);
    }

    private static void WriteRoute(Utf8JsonWriter json, VroomInput input, RoutePlan route)
    {
        var vehicle = input.Vehicles[route.Vehicle];
        json.WriteStartObject();
        json.WriteNumber("vehicle", vehicle.Id);
        json.WriteNumber("cost", route.Cost);
        Totals(json, input, [route]);
        if (vehicle.Description is { } description)
            json.WriteString("description", description);
        json.WriteStartArray("steps");
        foreach (var step in route.Steps)
            WriteStep(json, input, route.Vehicle, step);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteStep(Utf8JsonWriter json, VroomInput input, int vehicle, PlanStep step)
    {
        json.WriteStartObject();
        json.WriteString("type", step.Kind switch
        {
            PlanStepKind.Start => "start",
            PlanStepKind.Job => "job",
            PlanStepKind.Pickup => "pickup",
            PlanStepKind.Delivery => "delivery",
            PlanStepKind.Break => "break",
            PlanStepKind.Reload => "reload",
            _ => "end",
        });
        var stop = step.Kind switch
        {
            PlanStepKind.Job => input.Jobs[step.Index],
            PlanStepKind.Pickup => input.Pickups[step.Index],
            PlanStepKind.Delivery => input.Deliveries[step.Index],
            _ => null,
        };
        var place = stop?.Place ?? (step.Kind == PlanStepKind.Start ? input.Vehicles[vehicle].Start : step.Kind == PlanStepKind.End ? input.Vehicles[vehicle].End : null);
        if (step.Kind == PlanStepKind.Break)
            WriteTask(json, input.Problem.Vehicles[vehicle].Breaks[step.Index].Id, null);
        else if (stop is not null)
            WriteTask(json, stop.Id, stop.Description);
        if (step.Kind == PlanStepKind.Job)
            json.WriteNumber("job", stop!.Id); // A job has a stop.
        WritePlace(json, place, input.HasMatrices);
        json.WriteNumber("setup", step.SetupSeconds);
        json.WriteNumber("service", step.ServiceSeconds);
        json.WriteNumber("waiting_time", step.WaitingSeconds);
        if (Dimensions(input.Problem) is > 0 and var dimensions)
            Array(json, "load", [.. step.Load.Take(dimensions).Select(amount => (long)amount)]);
        json.WriteNumber("arrival", step.ArrivalSecond);
        json.WriteNumber("duration", step.DrivenSeconds);
        NoViolations(json);
        if (input.HasDistances)
            json.WriteNumber("distance", step.DrivenMetres);
        if (stop is not null)
            json.WriteNumber("marginal_cost", step.MarginalCost);
        json.WriteEndObject();
    }

    private static void WriteUnassigned(Utf8JsonWriter json, VroomInput input, Unassigned one)
    {
        (string Type, VroomStop Stop)[] halves = one.IsShipment ? [("pickup", input.Pickups[one.Index]), ("delivery", input.Deliveries[one.Index])] : [("job", input.Jobs[one.Index])];
        foreach (var (type, stop) in halves)
        {
            json.WriteStartObject();
            WriteTask(json, stop.Id, stop.Description);
            WritePlace(json, stop.Place, input.HasMatrices);
            json.WriteString("type", type);
            json.WriteString("reason", JsonNamingPolicy.SnakeCaseLower.ConvertName(one.Reason.ToString()));
            if (one.CheapestCost is { } cost)
                json.WriteNumber("cheapest_cost", cost);
            json.WriteEndObject();
        }
    }

    private static void WriteTask(Utf8JsonWriter json, long id, string? description)
    {
        json.WriteNumber("id", id);
        if (description is not null)
            json.WriteString("description", description);
    }

    private static void WritePlace(Utf8JsonWriter json, VroomPlace? place, bool hasMatrices)
    {
        if (place?.Location is { } location)
        {
            json.WriteStartArray("location");
            json.WriteNumberValue(location[0]);
            json.WriteNumberValue(location[1]);
            json.WriteEndArray();
        }

        if (hasMatrices && place?.Index is { } index)
            json.WriteNumber("location_index", index);
    }

    private static int Dimensions(RoutingProblem problem) => problem.Vehicles.Select(vehicle => vehicle.Capacity.Count)
        .Concat(problem.Jobs.Select(job => Math.Max(job.Delivery.Count, job.Pickup.Count))).Concat(problem.Shipments.Select(one => one.Amount.Count)).DefaultIfEmpty(0).Max();

    private static void Sum(long[] to, IReadOnlyList<int> amounts)
    {
        for (var d = 0; d < amounts.Count; d++)
            to[d] += amounts[d];
    }

    private static void Array(Utf8JsonWriter json, string name, ReadOnlySpan<long> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    private static void NoViolations(Utf8JsonWriter json)
    {
        json.WriteStartArray("violations");
        json.WriteEndArray();
    }
}
