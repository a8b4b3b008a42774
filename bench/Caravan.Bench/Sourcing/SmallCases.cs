using System.Numerics;
using Caravan.Bench.Orders;
using Caravan.Engines.Sourcing;

namespace Caravan.Bench.Sourcing;

/// <summary>
/// Orders so small that trying every set of nodes shows the best: up to ten nodes, five lines, scarce stock. The engine wants
/// the fewest nodes, then the least travel; as one number, a node more costs a day, which no travel here adds up to.
/// </summary>
internal static class SmallCases
{
    private const int NodesMax = 10;
    private const int LinesMax = 5;
    private const int QuantityMax = 4;
    private const int TravelSecondsMax = 7_200;
    private const long NodeSeconds = 86_400;

    /// <summary>How far the engine's answers lie above the best, in per cent, and how often it refused what could be served.</summary>
    public static (double GapPercent, int WronglyRefused, int Served) Measure(int count, ulong seed)
    {
        var random = new SplitMix(seed);
        var (best, found) = (0L, 0L);
        var (wronglyRefused, served) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            var problem = Make(random);
            var optimum = Optimum(problem);
            switch (Sourcer.Decide(problem))
            {
                case SourcingDecision.Sourced when optimum is null:
                    throw new BenchException($"Case {i} of seed {seed} was served, although no set of nodes can serve it.");
                case SourcingDecision.Sourced sourced:
                    served++;
                    best += optimum.Value;
                    found += (sourced.NodeCount * NodeSeconds) + sourced.TravelSeconds;
                    break;
                default:
                    wronglyRefused += optimum is null ? 0 : 1;
                    break;
            }
        }

        return (best == 0 ? 0 : 100.0 * (found - best) / best, wronglyRefused, served);
    }

    private static SourcingProblem Make(SplitMix random)
    {
        var lines = 1 + random.Below(LinesMax);
        var nodes = 1 + random.Below(NodesMax);
        var plenty = 1 + random.Below(QuantityMax + 1);
        return new SourcingProblem
        {
            Lines = [.. Enumerable.Range(0, lines).Select(_ => new DemandLine(1 + random.Below(QuantityMax), 0))],
            Candidates = [.. Enumerable.Range(0, nodes).Select(_ => new Candidate(random.Below(TravelSecondsMax), random.Below(600), 1, random.Below(8) == 0 ? Obstacle.Closed : Obstacle.None))],
            Sellable = [.. Enumerable.Range(0, nodes * lines).Select(_ => random.Below(plenty + 1))],
            MaxNodes = 1 + random.Below(6),
            WithVerdicts = false,
        };
    }

    private static long? Optimum(SourcingProblem problem)
    {
        long? best = null;
        for (var set = 1u; set < 1u << problem.Candidates.Length; set++)
        {
            if (BitOperations.PopCount(set) > problem.MaxNodes || !IsEnough(problem, set))
                continue;

            var cost = 0L;
            for (var rest = set; rest != 0; rest &= rest - 1)
                cost += NodeSeconds + problem.Candidates[BitOperations.TrailingZeroCount(rest)].TravelSeconds;
            best = best is { } least && least <= cost ? least : cost;
        }

        return best;
    }

    private static bool IsEnough(SourcingProblem problem, uint set)
    {
        for (var line = 0; line < problem.Lines.Length; line++)
        {
            var there = 0;
            for (var rest = set; rest != 0; rest &= rest - 1)
            {
                var node = BitOperations.TrailingZeroCount(rest);
                if (problem.Candidates[node].Obstacles != Obstacle.None)
                    return false;
                there += problem.Sellable[(node * problem.Lines.Length) + line];
            }

            if (there < problem.Lines[line].Quantity)
                return false;
        }

        return true;
    }
}
