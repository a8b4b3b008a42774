using Caravan.Engines.Sourcing;
using static Caravan.Engines.Sourcing.SourcingDecision;

namespace Caravan.Engines.Tests.Sourcing;

public sealed class SourcerTests
{
    private const uint AllTemperatures = uint.MaxValue;

    [Fact]
    public void The_closest_node_with_everything_serves_all()
    {
        var decision = Decide(lines: [2, 1], (At(900), [5, 5]), (At(600), [2, 1]), (At(300), [2, 0]));

        var sourced = Assert.IsType<Sourced>(decision);
        Assert.Equal([new Allocation(1, 0, 2), new Allocation(1, 1, 1)], sourced.Allocations);
        Assert.Equal((1, 600L, true, 0), (sourced.NodeCount, sourced.TravelSeconds, sourced.IsProvenBest, sourced.Steps));
        Assert.Equal(
            [
                new Verdict(0, VerdictKind.Farther, Obstacle.None, SecondsBehind: 300, LinesServed: 2, FirstLineLacking: -1),
                new Verdict(1, VerdictKind.Chosen, Obstacle.None, SecondsBehind: 0, LinesServed: 2, FirstLineLacking: -1),
                new Verdict(2, VerdictKind.LacksStock, Obstacle.None, SecondsBehind: 0, LinesServed: 1, FirstLineLacking: 1),
            ],
            decision.Verdicts);
    }

    [Fact]
    public void Equal_ways_go_to_the_node_that_is_ready_first_and_then_to_the_first_in_the_list()
    {
        var decision = Decide(lines: [1], (At(60, ready: 9), [1]), (At(60, ready: 5), [1]), (At(60, ready: 5), [1]));

        Assert.Equal([new Allocation(1, 0, 1)], Assert.IsType<Sourced>(decision).Allocations);
    }

    [Fact]
    public void One_far_node_is_better_than_two_close_ones()
    {
        var decision = Decide(lines: [1, 1], (At(10), [1, 0]), (At(10), [0, 1]), (At(9_000), [1, 1]));

        Assert.Equal(1, Assert.IsType<Sourced>(decision).NodeCount);
    }

    [Fact]
    public void A_split_takes_the_pair_that_travels_least_and_each_line_from_the_closest_of_it()
    {
        var decision = Decide(lines: [1, 1, 1], (At(50), [1, 1, 0]), (At(10), [0, 1, 1]), (At(20), [0, 0, 1]), (At(45), [0, 0, 1]));

        // Nodes 0 and 1 travel 60 s, 0 and 2 70 s, 0 and 3 95 s; line 1 lies at both of the pair, and node 1 is closer.
        var sourced = Assert.IsType<Sourced>(decision);
        Assert.Equal([new Allocation(0, 0, 1), new Allocation(1, 1, 1), new Allocation(1, 2, 1)], sourced.Allocations);
        Assert.Equal((2, 60L), (sourced.NodeCount, sourced.TravelSeconds));
        Assert.Equal(
            [VerdictKind.Chosen, VerdictKind.Chosen, VerdictKind.NotNeeded, VerdictKind.NotNeeded],
            decision.Verdicts.Select(verdict => verdict.Kind));
    }

    [Fact]
    public void A_line_is_parted_when_no_node_has_it_whole()
    {
        var decision = Decide(lines: [10, 1], (At(30), [6, 1]), (At(20), [5, 0]), (At(90), [9, 0]));

        Assert.Equal(
            [new Allocation(1, 0, 5), new Allocation(0, 0, 5), new Allocation(0, 1, 1)],
            Assert.IsType<Sourced>(decision).Allocations);
    }

    [Fact]
    public void Blocked_late_and_warm_nodes_are_passed_over_and_say_why()
    {
        var problem = new SourcingProblem
        {
            Lines = [new(1, 0), new(1, TemperatureClass: 3)],
            Candidates =
            [
                new(10, 5, AllTemperatures, Obstacle.Closed | Obstacle.StaleStock),
                new(10, 95, AllTemperatures, Obstacle.None),
                new(10, 5, TemperatureClasses: 1, Obstacle.None),
                new(90, 10, AllTemperatures, Obstacle.None),
            ],
            Sellable = [1, 1, 1, 1, 1, 1, 1, 1],
            DeadlineSeconds = 100,
        };

        var decision = Sourcer.Decide(problem);

        Assert.Equal(
            [
                new Verdict(0, VerdictKind.Blocked, Obstacle.Closed | Obstacle.StaleStock, 0, 2, -1),
                new Verdict(1, VerdictKind.TooLate, Obstacle.None, 5, 2, -1),
                new Verdict(2, VerdictKind.WrongTemperature, Obstacle.None, 0, 1, 1),
                new Verdict(3, VerdictKind.Chosen, Obstacle.None, 0, 2, -1),
            ],
            decision.Verdicts);
    }

    [Fact]
    public void What_is_short_is_told_line_by_line_with_what_blocked_nodes_hold()
    {
        var decision = Decide(lines: [5, 1], (At(10), [2, 1]), (At(20), [1, 0]), (At(5, obstacles: Obstacle.NoAgreement), [4, 3]), (At(5, obstacles: Obstacle.Closed), [3, 9]));

        var unavailable = Assert.IsType<Unavailable>(decision);
        Assert.Equal(UnavailableReason.NotEnoughStock, unavailable.Reason);
        Assert.Equal([new LineShortage(0, 5, AtEligible: 3, AtBlocked: 4), new LineShortage(1, 1, AtEligible: 1, AtBlocked: 9)], unavailable.Lines);
        Assert.Equal([true, false], unavailable.Lines.Select(line => line.IsShort));
        Assert.Equal(
            [VerdictKind.LacksStock, VerdictKind.LacksStock, VerdictKind.Blocked, VerdictKind.Blocked],
            decision.Verdicts.Select(verdict => verdict.Kind));
    }

    [Fact]
    public void No_node_at_all_and_none_eligible_are_the_same_refusal()
    {
        Assert.Equal(UnavailableReason.NoEligibleNode, Assert.IsType<Unavailable>(Decide(lines: [1])).Reason);
        Assert.Equal(
            UnavailableReason.NoEligibleNode,
            Assert.IsType<Unavailable>(Decide(lines: [1], (At(1, obstacles: Obstacle.Suspended), [1]))).Reason);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_split_over_more_nodes_than_allowed_is_refused(int maxNodes)
    {
        var problem = Problem(lines: [1, 1, 1], maxNodes, (At(1), [1, 0, 0]), (At(1), [0, 1, 0]), (At(1), [0, 0, 1]));

        var unavailable = Assert.IsType<Unavailable>(Sourcer.Decide(problem));

        Assert.Equal(UnavailableReason.NeedsMoreNodes, unavailable.Reason);
        Assert.DoesNotContain(unavailable.Lines, line => line.IsShort);
    }

    [Fact]
    public void Without_steps_the_greedy_answer_stands_unproven()
    {
        var problem = Problem(lines: [1, 1, 1], maxNodes: 3, (At(50), [1, 1, 0]), (At(10), [0, 1, 1]), (At(20), [1, 0, 1]));
        var hurried = new SourcingProblem { Lines = problem.Lines, Candidates = problem.Candidates, Sellable = problem.Sellable, MaxNodes = 3, StepLimit = 0 };

        Assert.True(Assert.IsType<Sourced>(Sourcer.Decide(problem)).IsProvenBest);
        var sourced = Assert.IsType<Sourced>(Sourcer.Decide(hurried));
        Assert.False(sourced.IsProvenBest);
        Assert.Equal(2, sourced.NodeCount);
    }

    [Fact]
    public void Verdicts_come_only_when_asked_for()
    {
        var problem = new SourcingProblem { Lines = [new(1, 0)], Candidates = [new(1, 1, 1, Obstacle.None)], Sellable = [1], WithVerdicts = false };

        Assert.Empty(Sourcer.Decide(problem).Verdicts);
    }

    [Fact]
    public void Sourcing_from_one_node_allocates_only_the_answer()
    {
        var problem = new SourcingProblem
        {
            Lines = [.. Enumerable.Repeat(new DemandLine(1, 0), 20)],
            Candidates = [.. Enumerable.Range(0, 1_800).Select(i => At(1_800 - i))],
            Sellable = [.. Enumerable.Repeat(1, 1_800 * 20)],
            WithVerdicts = false,
        };
        Sourcer.Decide(problem);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Sourcer.Decide(problem);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;

        // Twenty allocations of 12 bytes, twice while they are listed, and small change; debug builds check more than that.
        Assert.InRange(bytes, 0, 8_192);
    }

    [Fact]
    public void No_deadline_means_no_deadline()
    {
        var decision = Decide(lines: [1], (At(int.MaxValue, ready: int.MaxValue), [1]));

        Assert.IsType<Sourced>(decision);
    }

    [Fact]
    public void Shapes_and_numbers_out_of_range_are_bugs()
    {
        Candidate node = new(1, 1, 1, Obstacle.None);
        SourcingProblem[] wrong =
        [
            new() { Lines = [], Candidates = [], Sellable = [] },
            new() { Lines = [new(0, 0)], Candidates = [node], Sellable = [1] },
            new() { Lines = [new(1, 32)], Candidates = [node], Sellable = [1] },
            new() { Lines = [new(1, 0)], Candidates = [node], Sellable = [1, 1] },
            new() { Lines = [new(1, 0)], Candidates = [node], Sellable = [-1] },
            new() { Lines = [new(1, 0)], Candidates = [node with { TravelSeconds = -1 }], Sellable = [1] },
            new() { Lines = [new(1, 0)], Candidates = [node with { ReadySeconds = -1 }], Sellable = [1] },
            new() { Lines = [new(1, 0)], Candidates = [node], Sellable = [1], MaxNodes = 0 },
            new() { Lines = [new(1, 0)], Candidates = [node], Sellable = [1], StepLimit = -1 },
        ];

        Assert.All(wrong, problem => Assert.ThrowsAny<ArgumentException>(() => Sourcer.Decide(problem)));
    }

    private static Candidate At(int travel, int ready = 0, Obstacle obstacles = Obstacle.None) => new(travel, ready, AllTemperatures, obstacles);

    private static SourcingDecision Decide(int[] lines, params (Candidate Node, int[] Stock)[] nodes) =>
        Sourcer.Decide(Problem(lines, maxNodes: 5, nodes));

    private static SourcingProblem Problem(int[] lines, int maxNodes, params (Candidate Node, int[] Stock)[] nodes) => new()
    {
        Lines = [.. lines.Select(quantity => new DemandLine(quantity, 0))],
        Candidates = [.. nodes.Select(node => node.Node)],
        Sellable = [.. nodes.SelectMany(node => node.Stock)],
        MaxNodes = maxNodes,
    };
}
