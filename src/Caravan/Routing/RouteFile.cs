using System.Buffers;
using System.Text.Json;
using Caravan.Engines.Routing;

namespace Caravan.Routing;

/// <summary>
/// A problem from a file of one of three formats. The answer of the public test problems is an object: <c>feasible</c>, <c>vehicles</c>, <c>distance</c> (in
/// the file's units), <c>cost</c> (the same, as the search counts it), <c>seconds</c>, <c>iterations</c>, <c>routes</c> (numbers of customers), <c>unassigned</c>.
/// The answer to VROOM's JSON is VROOM's, with these beside it except <c>routes</c> and <c>unassigned</c>, which are VROOM's.
/// </summary>
internal abstract class RouteFile
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    public required RoutingProblem Problem { get; init; }

    /// <summary>Where a place lies, for drawing.</summary>
    public required Func<int, (double X, double Y)?> Where { get; init; }

    public abstract byte[] Answer(RoutingPlan plan, double seconds);

    public static bool TryRead(string text, RouteOrder order, out RouteFile? file, out IReadOnlyList<RoutingFault> faults)
    {
        (file, faults) = order.Format == "vroom" ? ReadVroom(text, order) : ReadBenchmark(text, order);
        return file is not null;
    }

    private static (RouteFile?, IReadOnlyList<RoutingFault>) ReadBenchmark(string text, RouteOrder order)
    {
        var format = order.Format == "lilim" ? BenchmarkFormat.LiLim : BenchmarkFormat.Solomon;
        if (BenchmarkFile.Read(text, format, out var read) is { } fault)
            return (null, [new RoutingFault("", fault)]);
        var file = read!; // No fault, so it was read.
        return (new Benchmark(file, format, order.Objective) { Problem = file.ToProblem(format, order.Objective), Where = place => (file.Customers[place].X, file.Customers[place].Y) }, []);
    }

    private static (RouteFile?, IReadOnlyList<RoutingFault>) ReadVroom(string text, RouteOrder order)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 32 });
            if (VroomReader.Read(document.RootElement, out var faults) is not { } input)
                return (null, faults);
            var problem = order.Objective == RoutingObjective.VehiclesFirst ? input.Problem with { Objective = order.Objective } : input.Problem;
            var places = PlacesOf(input);
            return (new Vroom(input) { Problem = problem, Where = place => places.TryGetValue(place, out var where) ? where : null }, []);
        }
        catch (JsonException broken)
        {
            return (null, [new RoutingFault("", $"This is not JSON: {broken.Message}")]);
        }
    }

    private static Dictionary<int, (double X, double Y)> PlacesOf(VroomInput input)
    {
        Dictionary<int, (double X, double Y)> places = [];
        var all = input.Jobs.Concat(input.Pickups).Concat(input.Deliveries).Select(stop => (VroomPlace?)stop.Place).Concat(input.Vehicles.SelectMany(vehicle => (VroomPlace?[])[vehicle.Start, vehicle.End]));
        foreach (var place in all)
        {
            if (place is { Index: { } index, Location: { } where })
                places[index] = (where[0] * Math.Cos(double.DegreesToRadians(where[1])), where[1]);
        }

        return places;
    }

    private static void Figures(Utf8JsonWriter json, RoutingPlan plan, double distance, double cost, double seconds)
    {
        json.WriteBoolean("feasible", plan.Unassigned.Count == 0);
        json.WriteNumber("vehicles", plan.Routes.Count);
        json.WriteNumber("distance", Math.Round(distance, 4));
        json.WriteNumber("cost", Math.Round(cost, 4));
        json.WriteNumber("seconds", Math.Round(seconds, 3));
        json.WriteNumber("iterations", plan.Iterations);
    }

    private sealed class Benchmark(BenchmarkFile file, BenchmarkFormat format, RoutingObjective objective) : RouteFile
    {
        public override byte[] Answer(RoutingPlan plan, double seconds)
        {
            var routes = BenchmarkFile.RoutesOf(Problem, plan);
            var cost = plan.Cost / (double)BenchmarkFile.ScaleOf(format, objective);
            var distance = objective == RoutingObjective.Cost ? cost : file.Length(routes);
            var buffer = new ArrayBufferWriter<byte>();
            using var json = new Utf8JsonWriter(buffer);
            json.WriteStartObject();
            Figures(json, plan, distance, cost, seconds);
            json.WriteStartArray("routes");
            foreach (var route in routes)
            {
                json.WriteStartArray();
                foreach (var customer in route)
                    json.WriteNumberValue(customer);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteStartArray("unassigned");
            foreach (var one in plan.Unassigned)
                json.WriteNumberValue(one.IsShipment ? Problem.Shipments[one.Index].Pickup.Id : Problem.Jobs[one.Index].Id);
            json.WriteEndArray();
            json.WriteEndObject();
            json.Flush();
            return buffer.WrittenSpan.ToArray();
        }
    }

    private sealed class Vroom(VroomInput input) : RouteFile
    {
        public override byte[] Answer(RoutingPlan plan, double seconds)
        {
            var buffer = new ArrayBufferWriter<byte>();
            using var json = new Utf8JsonWriter(buffer, Indented);
            VroomWriter.Write(json, input, plan, () => Figures(json, plan, plan.Metres, plan.Cost, seconds));
            json.Flush();
            return buffer.WrittenSpan.ToArray();
        }
    }
}
