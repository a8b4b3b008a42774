using Caravan.Engines.Routing;

namespace Caravan.Engines.Tests.Routing;

/// <summary>A checker that finds nothing is only worth something when it finds what is broken.</summary>
public sealed class RoutingCheckerTests
{
    [Fact]
    public void A_plan_that_is_tampered_with_is_found_out()
    {
        var (found, tried) = (0, 0);
        for (var seed = 0; seed < 200; seed++)
        {
            var problem = RandomProblems.Make(seed);
            var plan = Assert.IsType<RoutingOutcome.Solved>(Router.Solve(problem, new RoutingBudget { Iterations = 50 })).Plan;
            if (plan.Routes.Count == 0)
                continue;
            var route = plan.Routes[0];
            RoutePlan[] tampered =
            [
                route with { Metres = route.Metres + 1 },
                route with { Steps = [.. route.Steps.Take(1), .. route.Steps.Skip(2)] },
                route with { Steps = [.. route.Steps.SkipLast(1), route.Steps[^1] with { ArrivalSecond = route.Steps[0].ArrivalSecond - 1 }] },
                route with { Cost = route.Cost + 50 },
            ];
            foreach (var one in tampered)
            {
                tried++;
                if (RoutingChecker.Check(problem, plan with { Routes = [one, .. plan.Routes.Skip(1)] }).Count > 0)
                    found++;
            }
        }

        Assert.True(tried > 400, $"Only {tried} were tried.");
        Assert.Equal(tried, found);
    }
}
