namespace Caravan.Engines.Routing;

/// <summary>
/// Plans routes: which vehicle serves which stops, in which order and when, so that as much as possible is served, by priority, and what is driven
/// costs least (or takes the fewest vehicles). Windows, goods of several kinds, shipments, skills, breaks, depots to reload at, release times,
/// traffic by the hour and limits of metres, driving and duty hold in every plan it gives.
/// <para>
/// Method: ruin and recreate with slack induction by string removals (Christiaens and Vanden Berghe, Transportation Science 54(2), 2020), under
/// simulated annealing; for few vehicles first, routes are dissolved and their stops absorbed by the others, those that resist most before all (same
/// paper). The answer is as good as the time given; the same problem, seed and count of iterations give the same answer.
/// </para>
/// <para>
/// Shapes and units: <see cref="RoutingProblem"/>. Cost: a second is some hundred thousand iterations of a plain problem; memory is 4 bytes a pair
/// of places and matrix (8 when directions differ) and some hundred bytes a stop. Any thread may call it, several at once with problems that they may
/// share. Throws <see cref="ArgumentNullException"/>; bad problems are refused as a value.
/// </para>
/// </summary>
public static class Router
{
    // In multiples of what a task costs on average. Found on all instance classes together.
    private const double Hot = 0.7;
    private const double Cold = 0.005;
    private const double HotTasks = 1200; // With more, no usual budget lasts to cool from so hot: better begin with what was built.
    private const double SavingShare = 0.5; // Of a budget, for saving vehicles.
    private const long IterationsByDefault = 10_000;

    /// <summary>Solves a problem.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="budget">When to end.</param>
    /// <param name="seed">Another seed, another search.</param>
    public static RoutingOutcome Solve(RoutingProblem problem, RoutingBudget budget, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(budget);
        var started = budget.Clock?.Invoke() ?? 0;
        var faults = RoutingFaults.Of(problem);
        if (faults.Count > 0)
            return new RoutingOutcome.Refused(faults);
        var built = CaseBuilder.Build(problem);
        return built.IsPlain ? Search<PlainMode>(built, budget, seed, started) : Search<RichMode>(built, budget, seed, started);
    }

    private static RoutingOutcome Search<TMode>(RoutingCase built, RoutingBudget budget, ulong seed, double started)
        where TMode : struct, ISearchMode
    {
        var search = new RouteSearch<TMode>(built, seed);
        if (built.Problem.Standing is { } standing)
        {
            if (search.Adopt(standing) is { } fault)
                return new RoutingOutcome.Refused([fault]);
        }

        search.Construct();
        var isEndless = budget is { Iterations: null, Seconds: null, IterationsWithoutGain: null, TargetCost: null };
        var whole = new SearchLimits
        {
            Budget = budget,
            StartedAt = started,
            Seconds = budget is { Clock: not null, Seconds: { } seconds } ? seconds : double.MaxValue,
            Iterations = budget.Iterations ?? (isEndless ? IterationsByDefault : long.MaxValue),
            WithoutGain = budget.IterationsWithoutGain ?? long.MaxValue,
            Hot = built.Problem.Standing is null ? Math.Max(Cold, Hot * Math.Min(1, Math.Pow(HotTasks / Math.Max(1, built.TaskCount), 1.5))) : Cold,
            Cold = Cold,
            TargetCost = budget.TargetCost * built.CostScale ?? long.MinValue,
        };
        var before = GC.GetAllocatedBytesForCurrentThread();
        if (built.TaskCount > 0 && whole.Iterations > 0)
        {
            if (built.Problem.Objective == RoutingObjective.VehiclesFirst)
            {
                search.SaveVehicles(whole with { Seconds = whole.Seconds * SavingShare, Iterations = (long)(whole.Iterations * SavingShare) });
                whole = whole with { Iterations = Math.Max(1, whole.Iterations - search.Iterations) };
            }

            search.Anneal(whole);
        }

        var bytes = search.Iterations == 0 ? 0 : (GC.GetAllocatedBytesForCurrentThread() - before) / (double)search.Iterations;
        search.GoToBest();
        return new RoutingOutcome.Solved(PlanWriter<TMode>.Write(built, search, bytes));
    }
}
