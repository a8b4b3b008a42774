using System.Text.Json;
using Caravan.Engines.Routing;
using Caravan.Routing;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Routing;

/// <summary>Problems in VROOM's JSON, by HTTP and by file: answers as VROOM gives them, refusals by JSON pointer.</summary>
[Trait("Store", "once")]
public sealed class VroomTests
{
    // Four places on a ring; the same two jobs and vehicle as in the shortest example of VROOM's documentation's kind.
    private const string Small = """
        {"vehicles":[{"id":7,"start_index":0,"end_index":3,"description":"van","unknown_key":1}],
         "jobs":[{"id":14,"location_index":1,"service":60,"description":"first"},{"id":15,"location_index":2,"skills":[9]},{"id":16,"location_index":2}],
         "matrices":{"car":{"durations":[[0,10,40,90],[10,0,20,50],[40,20,0,30],[90,50,30,0]]}},
         "options":{"l":0.3}}
        """;

    [Fact]
    public async Task A_vroom_client_gets_vrooms_solution()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, http, _) = await caravan.AddPartnerAsync("fleet");

        var (status, body, _) = await http.SubmitAsync("/v1/routing/solve", Small);

        Assert.Equal(200, status);
        Assert.Equal(0, body.GetProperty("code").GetInt32());
        // 0 → 1 → 2 → 3 by durations: 10 + 20 + 30.
        Assert.Equal(60, body.GetProperty("summary").GetProperty("cost").GetInt64());
        Assert.Equal(1, body.GetProperty("summary").GetProperty("unassigned").GetInt32());
        var route = body.GetProperty("routes")[0];
        Assert.Equal(7, route.GetProperty("vehicle").GetInt64());
        Assert.Equal("van", route.GetProperty("description").GetString());
        Assert.Equal(["start", "job", "job", "end"], route.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("type").GetString()));
        var first = route.GetProperty("steps")[1];
        Assert.Equal((14, 10, 60, 1, "first"), (first.GetProperty("id").GetInt32(), first.GetProperty("arrival").GetInt32(), first.GetProperty("service").GetInt32(), first.GetProperty("location_index").GetInt32(), first.GetProperty("description").GetString()));
        var left = body.GetProperty("unassigned")[0];
        Assert.Equal((15, "job", "skills"), (left.GetProperty("id").GetInt32(), left.GetProperty("type").GetString(), left.GetProperty("reason").GetString()));
    }

    [Theory]
    [InlineData("""{}""", "#/vehicles")]
    [InlineData("""[]""", "#")]
    [InlineData("""{"vehicles":[{"id":1,"start":[0,0]}]}""", "#/jobs")]
    [InlineData("""{"vehicles":[{"id":1}],"jobs":[]}""", "#/vehicles/0/start")]
    [InlineData("""{"vehicles":[{"id":1,"start":[200,0]}],"jobs":[]}""", "#/vehicles/0/start")]
    [InlineData("""{"vehicles":[{"id":1,"start":[0,0]},{"id":1,"start":[0,0]}],"jobs":[]}""", "#/vehicles/1/id")]
    [InlineData("""{"vehicles":[{"id":1,"start":[0,0]}],"jobs":[{"id":1}]}""", "#/jobs/0/location")]
    [InlineData("""{"vehicles":[{"id":1,"start":[0,0]}],"jobs":[{"id":1,"location":[0,0],"service":-5}]}""", "#/jobs/0/service")]
    [InlineData("""{"vehicles":[{"id":1,"start":[0,0]}],"jobs":[{"id":1,"location":[0,0],"service":1.5}]}""", "#/jobs/0/service")]
    [InlineData("""{"vehicles":[{"id":1,"start":[0,0]}],"jobs":[{"id":1,"location":[0,0],"service":1e300}]}""", "#/jobs/0/service")]
    [InlineData("""{"vehicles":[{"id":1,"start":[0,0]}],"jobs":[{"id":1,"location":[0,0],"priority":101}]}""", "#/jobs/0/priority")]
    [InlineData("""{"vehicles":[{"id":1,"start":[0,0]}],"jobs":[{"id":1,"location":[0,0],"time_windows":[[5,1]]}]}""", "#/jobs/0/time_windows/0")]
    [InlineData("""{"vehicles":[{"id":1,"start":[0,0]}],"jobs":[{"id":1,"location":[0,0],"delivery":["x"]}]}""", "#/jobs/0/delivery/0")]
    [InlineData("""{"vehicles":[{"id":1,"start":[0,0]}],"jobs":[{"id":1,"location":[0,0],"service_per_type":{"a":3}}]}""", "#/jobs/0/service_per_type")]
    [InlineData("""{"vehicles":[{"id":1,"start":[0,0],"profile":"balloon"}],"jobs":[{"id":1,"location":[0,0]}]}""", "#/matrices")]
    [InlineData("""{"vehicles":[{"id":1,"start_index":0}],"jobs":[{"id":1,"location_index":1}],"matrices":{"car":{"durations":[[0,1],[1]]}}}""", "#/matrices/car/durations/1")]
    [InlineData("""{"vehicles":[{"id":1,"start_index":0}],"jobs":[{"id":1,"location_index":1}],"matrices":{"car":{"durations":[[0,-1],[1,0]]}}}""", "#/matrices/car/durations/0/1")]
    [InlineData("""{"vehicles":[{"id":1,"start_index":0}],"jobs":[{"id":1,"location_index":2}],"matrices":{"car":{"durations":[[0,1],[1,0]]}}}""", "#/jobs/0/location_index")]
    [InlineData("""{"vehicles":[{"id":1,"start_index":0}],"jobs":[{"id":1,"location_index":1}],"matrices":{"bike":{"durations":[[0,1],[1,0]]}}}""", "#/matrices/car")]
    [InlineData("""{"vehicles":[{"id":1,"start":[0,0]}],"shipments":[{"pickup":{"id":1,"location":[0,0]}}]}""", "#/shipments/0/delivery")]
    [InlineData("""{"vehicles":[{"id":1,"start":[0,0],"steps":[{"type":"job","id":5}]}],"jobs":[{"id":1,"location":[0,0]}]}""", "#/vehicles/0/steps/0")]
    public void Bad_input_is_refused_by_its_pointer(string json, string pointer)
    {
        using var document = JsonDocument.Parse(json);
        var input = VroomReader.Read(document.RootElement, out var faults);
        if (input is not null)
            faults = Assert.IsType<RoutingOutcome.Refused>(Router.Solve(input.Problem, new RoutingBudget { Iterations = 1 })).Faults;

        Assert.Contains(pointer[1..], faults.Select(fault => fault.Pointer));
    }

    [Fact]
    public async Task Bad_input_over_HTTP_is_a_problem_that_a_vroom_client_understands_too()
    {
        await using var caravan = await TestCaravan.StartAsync();
        var (_, http, _) = await caravan.AddPartnerAsync("fleet");

        var (status, body, _) = await http.SubmitAsync("/v1/routing/solve", """{"vehicles":[]}""");

        Assert.Equal(400, status);
        Assert.Equal(2, body.GetProperty("code").GetInt32());
        Assert.Contains("#/vehicles", body.Faults());
        Assert.Equal(400, (await http.SubmitAsync("/v1/routing/solve?seconds=1000", Small)).Status);
        Assert.Equal(400, (await http.SubmitAsync("/v1/routing/solve", "[1,")).Status);
    }

    [Fact]
    public async Task The_verb_writes_plan_and_picture()
    {
        var folder = Directory.CreateTempSubdirectory("caravan-route-").FullName;
        try
        {
            var problem = new FileInfo(Path.Combine(folder, "problem.txt"));
            await File.WriteAllTextAsync(problem.FullName, "T\nVEHICLE\nNUMBER CAPACITY\n2 10\n0 0 0 0 0 100 0\n1 3 4 5 0 100 1\n2 6 8 5 0 100 1\n", TestCaravan.Cancel);
            var order = new RouteOrder { File = problem, Format = "solomon", Iterations = 50, Json = new FileInfo(Path.Combine(folder, "plan.json")), Svg = new FileInfo(Path.Combine(folder, "plan.svg")) };

            var exit = await RouteVerb.RunAsync(order, TextWriter.Null, TextWriter.Null, TestCaravan.Cancel);

            Assert.Equal(0, exit);
            var plan = JsonDocument.Parse(await File.ReadAllTextAsync(order.Json.FullName, TestCaravan.Cancel)).RootElement;
            // Out to (6, 8) and back: 2 × 10.
            Assert.Equal((true, 1, 20.0), (plan.GetProperty("feasible").GetBoolean(), plan.GetProperty("vehicles").GetInt32(), plan.GetProperty("distance").GetDouble()));
            Assert.Equal([1, 2], plan.GetProperty("routes")[0].EnumerateArray().Select(one => one.GetInt32()).Order());
            Assert.StartsWith("<svg", await File.ReadAllTextAsync(order.Svg.FullName, TestCaravan.Cancel), StringComparison.Ordinal);
            Assert.Equal(2, await RouteVerb.RunAsync(order with { Format = "vroom" }, TextWriter.Null, TextWriter.Null, TestCaravan.Cancel));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
