using System.Numerics;
using Caravan.Engines.Sourcing;
using FsCheck;
using FsCheck.Fluent;
using static Caravan.Engines.Sourcing.SourcingDecision;

namespace Caravan.Engines.Tests.Sourcing;

/// <summary>Small orders, where trying every set of nodes shows what is best.</summary>
public sealed class SourcerOracleTests
{
    private static readonly Config ManyCases = Config.QuickThrowOnFailure.WithMaxTest(3_000);

    private static readonly Gen<Candidate> Node =
        from travel in Gen.Choose(0, 6)
        from ready in Gen.Choose(0, 3)
        from temperatures in Gen.Elements(3u, 3u, 3u, 1u)
        from obstacles in Gen.Elements(Obstacle.None, Obstacle.None, Obstacle.None, Obstacle.None, Obstacle.None, Obstacle.Closed)
        from handicap in Gen.Elements(0, 0, 0, 1, 4)
        select new Candidate(travel, ready, temperatures, obstacles) { HandicapSeconds = handicap };

    private static readonly Gen<SourcingProblem> Orders =
        from lineCount in Gen.Choose(1, 4)
        from nodeCount in Gen.Choose(0, 6)
        from quantities in Gen.Choose(1, 4).ArrayOf(lineCount)
        from temperatures in Gen.Elements(0, 0, 1).ArrayOf(lineCount)
        from nodes in Node.ArrayOf(nodeCount)
        from plenty in Gen.Choose(1, 5)
        from stock in Gen.Choose(0, plenty).ArrayOf(nodeCount * lineCount)
        from deadline in Gen.Elements(5, 8, int.MaxValue)
        from maxNodes in Gen.Choose(1, 5)
        from parcel in Gen.Elements(int.MaxValue, int.MaxValue, 0, 1, 3)
        select new SourcingProblem
        {
            Lines = [.. quantities.Zip(temperatures, (quantity, temperature) => new DemandLine(quantity, temperature))],
            Candidates = nodes,
            Sellable = stock,
            DeadlineSeconds = deadline,
            MaxNodes = maxNodes,
            ParcelSeconds = parcel,
        };

    /// <summary>Orders of up to seventy lines, of which each node has nearly all or nearly none.</summary>
    private static readonly Gen<SourcingProblem> LongOrders =
        from lineCount in Gen.Choose(5, 70)
        from nodeCount in Gen.Choose(2, 10)
        from quantities in Gen.Choose(1, 9).ArrayOf(lineCount)
        from nodes in Node.ArrayOf(nodeCount)
        from often in Gen.Choose(1, 12)
        from stock in Gen.Frequency((often, Gen.Choose(5, 9)), (1, Gen.Choose(0, 4))).ArrayOf(nodeCount * lineCount)
        from parcel in Gen.Elements(int.MaxValue, 0, 2)
        select new SourcingProblem
        {
            Lines = [.. quantities.Select(quantity => new DemandLine(quantity, 0))],
            Candidates = nodes,
            Sellable = stock,
            MaxNodes = 6,
            ParcelSeconds = parcel,
        };

    [Fact]
    public void The_nodes_of_long_orders_are_those_that_trying_every_set_finds() =>
        Check.One(ManyCases.WithMaxTest(150), Prop.ForAll(LongOrders.ToArbitrary(), problem => Sourcer.Decide(problem) is Sourced sourced
            ? sourced.IsProvenBest && IsServed(problem, sourced) && NodesOf(sourced).SequenceEqual(BestSet(problem) ?? [])
            : BestSet(problem) is null));

    [Fact]
    public void The_nodes_are_those_that_trying_every_set_finds() =>
        Check.One(ManyCases, Prop.ForAll(Orders.ToArbitrary(), problem =>
        {
            var best = BestSet(problem);
            return Sourcer.Decide(problem) switch
            {
                Sourced sourced => sourced.IsProvenBest && best is not null && NodesOf(sourced).SequenceEqual(best)
                    && sourced.NodeCount == best.Length && sourced.TravelSeconds == best.Sum(i => (long)problem.Candidates[i].TravelSeconds),
                Unavailable unavailable => best is null && unavailable.Reason == ReasonOf(problem),
                _ => false,
            };
        }));

    [Fact]
    public void What_is_taken_is_there_and_is_what_was_ordered() =>
        Check.One(ManyCases, Prop.ForAll(Orders.ToArbitrary(), Gen.Elements(0, 5, 100_000).ToArbitrary(), (order, stepLimit) =>
        {
            var problem = WithSteps(order, stepLimit);
            return Sourcer.Decide(problem) is not Sourced sourced || IsServed(problem, sourced);
        }));

    [Fact]
    public void A_hurried_answer_is_no_better_than_the_best_and_honest_about_it() =>
        Check.One(ManyCases, Prop.ForAll(Orders.ToArbitrary(), Gen.Choose(0, 6).ToArbitrary(), (order, stepLimit) =>
        {
            var best = BestSet(order);
            return Sourcer.Decide(WithSteps(order, stepLimit)) switch
            {
                Sourced { IsProvenBest: true } sourced => NodesOf(sourced).SequenceEqual(best!),
                Sourced sourced => Cost(order, NodesOf(sourced)) >= Cost(order, best!) && sourced.Steps <= stepLimit,
                Unavailable { Reason: UnavailableReason.StepLimitMet } => true,
                _ => best is null,
            };
        }));

    [Fact]
    public void Every_candidate_has_its_true_verdict() =>
        Check.One(ManyCases, Prop.ForAll(Orders.ToArbitrary(), problem =>
        {
            var decision = Sourcer.Decide(problem);
            return decision.Verdicts.Count == problem.Candidates.Length
                && decision.Verdicts.Select((verdict, i) => verdict.Candidate == i && IsTrue(problem, decision, verdict)).All(isTrue => isTrue);
        }));

    private static bool IsTrue(SourcingProblem problem, SourcingDecision decision, Verdict verdict)
    {
        var node = problem.Candidates[verdict.Candidate];
        var late = (long)node.TravelSeconds + node.ReadySeconds - problem.DeadlineSeconds;
        var served = Lines(problem).Count(line => Offer(problem, verdict.Candidate, line) >= problem.Lines[line].Quantity);
        var chosen = decision is Sourced sourced ? NodesOf(sourced) : [];
        var kind = chosen.Contains(verdict.Candidate) ? VerdictKind.Chosen
            : node.Obstacles != Obstacle.None ? VerdictKind.Blocked
            : late > 0 ? VerdictKind.TooLate
            : served == problem.Lines.Length ? VerdictKind.Farther
            : chosen.Length > 1 && Lines(problem).Any(line => Offer(problem, verdict.Candidate, line) > 0) ? VerdictKind.NotNeeded
            : Lines(problem).Any(line => !Keeps(node, problem.Lines[line])) ? VerdictKind.WrongTemperature
            : VerdictKind.LacksStock;
        var behind = kind switch
        {
            VerdictKind.TooLate => late,
            VerdictKind.Farther => Cost(problem, [verdict.Candidate]) - Cost(problem, chosen),
            _ => 0,
        };
        var lacking = Lines(problem).Where(line => kind == VerdictKind.WrongTemperature
            ? !Keeps(node, problem.Lines[line])
            : Offer(problem, verdict.Candidate, line) < problem.Lines[line].Quantity);
        return verdict == new Verdict(verdict.Candidate, kind, node.Obstacles, behind, served, lacking.DefaultIfEmpty(-1).First());
    }

    // What a set of nodes counts; where a parcel has no price, any number of them costs more than every way.
    private static long Cost(SourcingProblem problem, int[] set) =>
        ((set.Length - 1) * (problem.ParcelSeconds == int.MaxValue ? 1_000_000L : problem.ParcelSeconds)) + set.Sum(i => (long)problem.Candidates[i].WeighedSeconds);

    /// <summary>Follows the words of the rules: least cost, fewest nodes; one node by ready and index, several by lowest indices.</summary>
    private static int[]? BestSet(SourcingProblem problem)
    {
        var sets = Enumerable.Range(1, (1 << problem.Candidates.Length) - 1)
            .Where(set => BitOperations.PopCount((uint)set) <= problem.MaxNodes)
            .Select(set => Enumerable.Range(0, problem.Candidates.Length).Where(i => (set >> i & 1) != 0).ToArray())
            .Where(set => IsEnough(problem, set))
            .ToArray();
        return sets
            .OrderBy(set => Cost(problem, set))
            .ThenBy(set => set.Length)
            .ThenBy(set => set.Length == 1 ? problem.Candidates[set[0]].ReadySeconds : 0)
            .ThenBy(set => string.Concat(set))   // one digit each: at most ten nodes
            .FirstOrDefault();
    }

    private static UnavailableReason ReasonOf(SourcingProblem problem)
    {
        var all = Enumerable.Range(0, problem.Candidates.Length).Where(i => IsEligible(problem, i)).ToArray();
        return IsEnough(problem, all) ? UnavailableReason.NeedsMoreNodes
            : all.Length > 0 ? UnavailableReason.NotEnoughStock
            : UnavailableReason.NoEligibleNode;
    }

    private static bool IsServed(SourcingProblem problem, Sourced sourced)
    {
        var nodes = NodesOf(sourced);
        return nodes.Length <= problem.MaxNodes
            && sourced.Allocations.All(a => a.Quantity > 0 && a.Quantity <= Offer(problem, a.Candidate, a.Line) && IsEligible(problem, a.Candidate))
            && sourced.Allocations.Select(a => (a.Candidate, a.Line)).Distinct().Count() == sourced.Allocations.Count
            && Lines(problem).All(line => IsFromTheClosest(problem, nodes, line, [.. sourced.Allocations.Where(a => a.Line == line)]));
    }

    private static bool IsFromTheClosest(SourcingProblem problem, int[] nodes, int line, Allocation[] allocations)
    {
        var wanted = problem.Lines[line].Quantity;
        int[] closestFirst = [.. nodes.OrderBy(i => problem.Candidates[i].WeighedSeconds).ThenBy(i => problem.Candidates[i].ReadySeconds).ThenBy(i => i)];
        var whole = closestFirst.Where(i => Offer(problem, i, line) >= wanted).ToArray();
        return allocations.Sum(a => a.Quantity) == wanted
            && (whole.Length > 0
                ? allocations is [var only] && only.Candidate == whole[0]
                : allocations.SkipLast(1).All(a => a.Quantity == Offer(problem, a.Candidate, line))
                    && allocations.Select(a => a.Candidate).SequenceEqual(closestFirst.Where(i => Offer(problem, i, line) > 0).Take(allocations.Length)));
    }

    private static bool IsEnough(SourcingProblem problem, int[] set) =>
        set.All(i => IsEligible(problem, i)) && Lines(problem).All(line => set.Sum(i => Offer(problem, i, line)) >= problem.Lines[line].Quantity);

    private static bool IsEligible(SourcingProblem problem, int i) =>
        problem.Candidates[i].Obstacles == Obstacle.None
            && (long)problem.Candidates[i].TravelSeconds + problem.Candidates[i].ReadySeconds <= problem.DeadlineSeconds;

    private static int Offer(SourcingProblem problem, int candidate, int line) =>
        Keeps(problem.Candidates[candidate], problem.Lines[line]) ? problem.Sellable[candidate * problem.Lines.Length + line] : 0;

    private static bool Keeps(Candidate node, DemandLine line) => (node.TemperatureClasses & 1u << line.TemperatureClass) != 0;

    private static IEnumerable<int> Lines(SourcingProblem problem) => Enumerable.Range(0, problem.Lines.Length);

    private static int[] NodesOf(Sourced sourced) => [.. sourced.Allocations.Select(a => a.Candidate).Distinct().Order()];

    [Theory]
    [InlineData(0.5, 3)]
    [InlineData(0.1, 3)]
    [InlineData(0.5, 200)]
    public void A_huge_order_is_answered_within_its_steps(double density, int quantityMax)
    {
        var random = new Random(1);
        var problem = new SourcingProblem
        {
            Lines = [.. Enumerable.Range(0, 600).Select(_ => new DemandLine(random.Next(1, quantityMax + 1), 0))],
            Candidates = [.. Enumerable.Range(0, 500).Select(_ => new Candidate(random.Next(40_000), 0, 1, Obstacle.None))],
            Sellable = [.. Enumerable.Range(0, 500 * 600).Select(_ => random.NextDouble() < density ? random.Next(1, 10) : 0)],
            MaxNodes = 500,
        };

        var sourced = Assert.IsType<Sourced>(Sourcer.Decide(problem));

        Assert.InRange(sourced.Steps, 0, problem.StepLimit);
        Assert.True(IsServed(problem, sourced));
    }

    private static SourcingProblem WithSteps(SourcingProblem problem, int stepLimit) => new()
    {
        Lines = problem.Lines,
        Candidates = problem.Candidates,
        Sellable = problem.Sellable,
        DeadlineSeconds = problem.DeadlineSeconds,
        MaxNodes = problem.MaxNodes,
        ParcelSeconds = problem.ParcelSeconds,
        StepLimit = stepLimit,
    };
}
