using System.Diagnostics;
using System.Globalization;
using Caravan.Engines.Routing;

namespace Caravan.Bench.Routing;

/// <summary>What operators wait for: one order more in a plan that is being driven, and the first plan of a whole city.</summary>
internal static class LiveFigures
{
    private const int CityStops = 10_000;
    private const int CityVehicles = 200;
    private const double CitySeconds = 4.8; // Of the five, matrix and preparation included; what is written down at the end takes the rest.
    private const double CitySpare = 1.15;
    private const int LiveStops = 1_000;
    private const int LiveVehicles = 25;
    private const double LiveSpare = 1.5;
    private const int LiveInserts = 150;
    private const int LiveWarmUp = 20; // Not counted: the code is compiled meanwhile.
    private const int BytesOfMegabyte = 1 << 20;

    /// <summary>
    /// A city of 10,000 stops: its matrix, the plan and the writing down, in seconds of one thread. False when the plan is not valid or leaves something out.
    /// </summary>
    public static bool PlanCity(Figures figures)
    {
        var city = new City(seed: 1, CityStops);
        var started = LibC.ThreadCpuSeconds();
        var travel = city.Travel();
        var matrix = LibC.ThreadCpuSeconds() - started;
        var problem = city.Problem(travel, CityStops, CityVehicles, CitySpare);
        var outcome = Router.Solve(problem, new RoutingBudget { Seconds = CitySeconds - matrix, Clock = LibC.ThreadCpuSeconds });
        var took = LibC.ThreadCpuSeconds() - started;
        var first = (Router.Solve(problem, new RoutingBudget { Iterations = 0 }) as RoutingOutcome.Solved)?.Plan;
        if (outcome is not RoutingOutcome.Solved { Plan: { Unassigned.Count: 0 } plan } || RoutingChecker.Check(problem, plan) is { Count: > 0 })
        {
            Console.WriteLine("The city of 10,000 stops: no valid plan of everything.");
            return false;
        }

        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"City of {CityStops} stops: {plan.Routes.Count} of {CityVehicles} vans, {plan.Cost / 3600.0:0.0} h of driving ({first?.Cost / 3600.0:0.0} h as first built), {took:0.00} s, {matrix:0.00} s of it for the matrix, {plan.Iterations} iterations."));
        figures.Add("city_10000_seconds", took, "s");
        figures.Add("city_10000_driving_hours", plan.Cost / 3600.0, "h");
        figures.Add("city_10000_peak_megabytes", process.PeakWorkingSet64 / (double)BytesOfMegabyte, "MB");
        return true;
    }

    /// <summary>A plan of 1,000 stops whose first half is driven or under way; 150 orders come in, one after another. False when an answer is not valid.</summary>
    public static bool Insert(Figures figures)
    {
        var city = new City(seed: 2, LiveStops + LiveInserts);
        var travel = city.Travel();
        var problem = city.Problem(travel, LiveStops, LiveVehicles, LiveSpare);
        if (Router.Solve(problem, new RoutingBudget { Iterations = 20_000 }) is not RoutingOutcome.Solved { Plan: var plan })
            return false;

        List<double> milliseconds = [];
        for (var stops = LiveStops + 1; stops <= LiveStops + LiveInserts; stops++)
        {
            // Who orders now is at home all day: the forenoon is over for most vans.
            var live = city.Problem(travel, stops, LiveVehicles, LiveSpare);
            live = live with { Jobs = [.. live.Jobs.Take(LiveStops), .. live.Jobs.Skip(LiveStops).Select(job => job with { Windows = [] })], Standing = Standing(plan) };
            var started = LibC.ThreadCpuSeconds();
            var outcome = Router.Solve(live, new RoutingBudget { Iterations = 0 });
            if (stops > LiveStops + LiveWarmUp)
                milliseconds.Add((LibC.ThreadCpuSeconds() - started) * 1000);
            if (outcome is not RoutingOutcome.Solved { Plan: { Unassigned.Count: 0 } next } || RoutingChecker.Check(live, next) is { Count: > 0 })
            {
                Console.WriteLine($"Order {stops - LiveStops} of the live plan: no valid plan of everything.");
                return false;
            }

            plan = next;
        }

        milliseconds.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{LiveInserts} orders into a live plan of {LiveStops} stops, half of them frozen: median {milliseconds[milliseconds.Count / 2]:0.0} ms, worst {milliseconds[^1]:0.0} ms."));
        figures.Add("insert_p50_ms", milliseconds[milliseconds.Count / 2], "ms");
        figures.Add("insert_p99_ms", milliseconds[(int)Math.Ceiling(milliseconds.Count * 0.99) - 1], "ms");
        return true;
    }

    /// <summary>How long all ways between 1,000 places take to estimate: the best of several, for the first ones are compiled on the way.</summary>
    public static void Matrix(Figures figures)
    {
        var city = new City(seed: 3, 999);
        var best = double.MaxValue;
        for (var run = 0; run < 30; run++)
        {
            var started = LibC.ThreadCpuSeconds();
            _ = city.Travel();
            best = Math.Min(best, LibC.ThreadCpuSeconds() - started);
        }

        figures.Add("matrix_1000_seconds", best, "s");
    }

    // Half of each route's stops are done or under way.
    private static StandingPlan Standing(RoutingPlan plan) => new()
    {
        Routes =
        [
            .. plan.Routes.Select(route =>
            {
                var stops = route.Steps.Where(step => step.Kind == PlanStepKind.Job).ToList();
                var frozen = Math.Min(stops.Count, LiveStops / LiveVehicles / 2);
                return new StandingRoute(route.Vehicle, [.. stops.Select(step => new StandingStop(PlanStepKind.Job, step.Index))], frozen);
            }),
        ],
        ChangePenalty = 300,
    };
}
