using System.Diagnostics;

namespace Caravan.Engines.Sourcing;

/// <summary>
/// A good split at once: take the node that fills the most of what is still open, again and again; then send home whoever turns
/// out to be idle, and exchange nodes for closer ones while that works. It gives the exact search a bound, and an answer when there is no time.
/// <para>
/// What a node fills is the sum over lines of the share of the need. That share only shrinks as others are chosen, so an
/// old value is a bound, and only nodes whose bound beats the best are measured again (lazy greedy: Minoux, 1978).
/// </para>
/// </summary>
internal static class GreedySplit
{
    private const int ExchangeRounds = 3;

    /// <summary>Chooses nodes that fill every line; ascending.</summary>
    public static int[] Choose(SplitProblem split, ReadOnlySpan<double> cover)
    {
        var chosen = Fill(split, cover);
        var given = new long[split.LineCount];
        foreach (var node in chosen)
            Give(split, node, given, sign: 1);

        SendIdleHome(split, chosen, given);
        for (var round = 0; round < ExchangeRounds && ExchangeForCloser(split, chosen, given); round++)
            SendIdleHome(split, chosen, given);
        chosen.Sort();
        return [.. chosen];
    }

    private static List<int> Fill(SplitProblem split, ReadOnlySpan<double> cover)
    {
        var bounds = cover.ToArray();
        var open = split.Needs.AsSpan().ToArray();
        var chosen = new List<int>();
        while (open.AsSpan().ContainsAnyExcept(0))
        {
            var (best, bestShare) = (-1, 0.0);
            for (var node = 0; node < bounds.Length; node++)
            {
                if (bounds[node] <= bestShare)
                    continue;
                bounds[node] = Share(split, node, open);
                if (bounds[node] > bestShare)
                    (best, bestShare) = (node, bounds[node]);
            }

            Debug.Assert(best >= 0, "All nodes together fill every line.");
            chosen.Add(best);
            bounds[best] = 0;
            var offers = split.OffersOf(best);
            for (var line = 0; line < open.Length; line++)
                open[line] = Math.Max(0, open[line] - offers[line]);
        }

        return chosen;
    }

    private static double Share(SplitProblem split, int node, int[] open)
    {
        var offers = split.OffersOf(node);
        var weights = split.Weights;
        var share = 0.0;
        for (var line = 0; line < offers.Length; line++)
            share += Math.Min(open[line], offers[line]) * weights[line];
        return share;
    }

    private static void SendIdleHome(SplitProblem split, List<int> chosen, long[] given)
    {
        chosen.Sort();
        for (var i = chosen.Count - 1; i >= 0; i--)
        {
            if (!CanReplace(split, chosen[i], by: -1, given))
                continue;
            Give(split, chosen[i], given, sign: -1);
            chosen.RemoveAt(i);
        }
    }

    private static bool ExchangeForCloser(SplitProblem split, List<int> chosen, long[] given)
    {
        var isBetter = false;
        for (var i = chosen.Count - 1; i >= 0; i--)
        {
            // Nodes are numbered by travel, so a lower number is closer (or equal and first in the list).
            for (var closer = 0; closer < chosen[i]; closer++)
            {
                if (chosen.Contains(closer) || !CanReplace(split, chosen[i], closer, given))
                    continue;
                Give(split, chosen[i], given, sign: -1);
                Give(split, closer, given, sign: 1);
                chosen[i] = closer;
                isBetter = true;
                break;
            }
        }

        return isBetter;
    }

    /// <summary>Whether all lines stay filled when a node goes and another (or none, −1) comes.</summary>
    private static bool CanReplace(SplitProblem split, int node, int by, long[] given)
    {
        var leaving = split.OffersOf(node);
        var coming = by < 0 ? default : split.OffersOf(by);
        for (var line = 0; line < given.Length; line++)
            if (given[line] - leaving[line] + (by < 0 ? 0 : coming[line]) < split.Needs[line])
                return false;
        return true;
    }

    private static void Give(SplitProblem split, int node, long[] given, int sign)
    {
        var offers = split.OffersOf(node);
        for (var line = 0; line < given.Length; line++)
            given[line] += sign * offers[line];
    }
}
