using Caravan.Engines.Routing;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Engines.Tests.Routing;

/// <summary>What holds for every problem, whatever it asks for.</summary>
public sealed class RouterPropertyTests
{
    private static readonly RoutingBudget Short = new() { Iterations = 300 };
    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, 1_000_000).ToArbitrary();

    [Fact]
    public void Every_plan_passes_the_checker() => Prop.ForAll(Seeds, seed =>
    {
        var problem = RandomProblems.Make(seed);

        var plan = Assert.IsType<RoutingOutcome.Solved>(Router.Solve(problem, Short, 7)).Plan;

        Assert.Empty(RoutingChecker.Check(problem, plan));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    [Fact]
    public void The_same_seed_and_iterations_give_the_same_plan() => Prop.ForAll(Seeds, seed =>
    {
        var problem = RandomProblems.Make(seed);

        var (one, other) = (Solve(problem), Solve(problem));

        Assert.Equal(one.Cost, other.Cost);
        Assert.Equal(one.Routes.SelectMany(route => route.Steps).Select(step => (step.Kind, step.Index, step.ArrivalSecond)), other.Routes.SelectMany(route => route.Steps).Select(step => (step.Kind, step.Index, step.ArrivalSecond)));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [Fact]
    public void A_plan_that_stands_is_kept_or_bettered() => Prop.ForAll(Seeds, seed =>
    {
        var problem = RandomProblems.Make(seed) with { Objective = RoutingObjective.Cost };
        var before = Solve(problem);
        var standing = new StandingPlan { Routes = [.. before.Routes.Select(Standing)] };

        var again = Solve(problem with { Standing = standing });

        Assert.Empty(RoutingChecker.Check(problem, again));
        Assert.True(Worth(problem, again).CompareTo(Worth(problem, before)) <= 0, $"{Worth(problem, again)} is worse than {Worth(problem, before)}.");
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    [Fact]
    public void What_is_frozen_stays_where_it_is() => Prop.ForAll(Seeds, seed =>
    {
        var problem = RandomProblems.Make(seed) with { Objective = RoutingObjective.Cost };
        var random = new Random(seed);
        var routes = Solve(problem).Routes.Select(Standing).Select(route => route with { FrozenCount = Frozen(route, random.Next(0, route.Stops.Count + 1)) }).ToList();
        var live = problem with { Standing = new StandingPlan { Routes = routes, ChangePenalty = 50 } };

        var again = Solve(live);

        Assert.Empty(RoutingChecker.Check(live, again));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    /// <summary>Whatever numbers come, the answer is a plan that holds or a refusal that names its place.</summary>
    [Fact]
    public void Wild_numbers_are_refused_or_planned() => Prop.ForAll(Seeds, seed =>
    {
        var (problem, random) = (RandomProblems.Make(seed), new Random(seed));
        int[] wild = [-1, 0, int.MaxValue, int.MinValue, RoutingProblem.ArcMax, RoutingProblem.ArcMax + 1];
        int Any() => wild[random.Next(wild.Length)];
        problem = random.Next(6) switch
        {
            0 => problem with { Jobs = [.. problem.Jobs.Select(job => job with { ServiceSeconds = Any() })] },
            1 => problem with { Jobs = [.. problem.Jobs.Select(job => job with { Place = Any(), Delivery = [Any(), Any()] })] },
            2 => problem with { Vehicles = [.. problem.Vehicles.Select(vehicle => vehicle with { FixedCost = Any(), CostPerHour = Any(), SpeedPercent = Any() })] },
            3 => problem with { Jobs = [.. problem.Jobs.Select(job => job with { Windows = [new RoutingWindow(Any(), Any())], Priority = Any() })] },
            4 => problem with { Travel = [.. problem.Travel.Select(matrix => matrix with { Seconds = [.. matrix.Seconds.Select(_ => Any())] })] },
            _ => problem with { Vehicles = [.. problem.Vehicles.Select(vehicle => vehicle with { Shift = new RoutingWindow(Any(), long.MaxValue), Capacity = [Any()] })] },
        };

        var outcome = Router.Solve(problem, new RoutingBudget { Iterations = 50 }, 3);

        if (outcome is RoutingOutcome.Solved { Plan: var plan })
            Assert.Empty(RoutingChecker.Check(problem, plan));
        else
            Assert.All(((RoutingOutcome.Refused)outcome).Faults, fault => Assert.True(fault.Pointer.Length == 0 || fault.Pointer[0] == '/', fault.Pointer));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static RoutingPlan Solve(RoutingProblem problem) => Assert.IsType<RoutingOutcome.Solved>(Router.Solve(problem, Short, 5)).Plan;

    private static StandingRoute Standing(RoutePlan route) => new(
        route.Vehicle,
        [.. route.Steps.Where(step => step.Kind is PlanStepKind.Job or PlanStepKind.Pickup or PlanStepKind.Delivery or PlanStepKind.Reload).Select(step => new StandingStop(step.Kind, step.Index))]);

    // A frozen stop may not be a delivery's pickup alone that then cannot be brought; any prefix of a plan that holds can be.
    private static int Frozen(StandingRoute route, int count) => Math.Min(count, route.Stops.Count);

    private static (long Left, long Cost) Worth(RoutingProblem problem, RoutingPlan plan) => (
        plan.Unassigned.Sum(one => one.IsShipment ? 1000 + problem.Shipments[one.Index].Priority * 1000 : problem.Jobs[one.Index].Prize is null ? 1000 + problem.Jobs[one.Index].Priority * 1000 : 0),
        plan.Cost + plan.Unassigned.Sum(one => one.IsShipment ? 0 : problem.Jobs[one.Index].Prize ?? 0));
}
