namespace Caravan.Stock;

/// <summary>Who gets stock when it does not suffice for all who wait for it.</summary>
public enum AllocationRule
{
    /// <summary>Whoever came first.</summary>
    FirstCome,

    /// <summary>Whoever was promised it soonest.</summary>
    PromisedTime,

    /// <summary>Channels in the owner's order, those it does not name last; within one, first come.</summary>
    ChannelPriority,

    /// <summary>Each channel and each partner in proportion to what it asks for; within one, first come.</summary>
    FairShare,
}

/// <summary>An owner's rule; channels in their order, where it goes by them.</summary>
public sealed record AllocationChoice(AllocationRule Rule, IReadOnlyList<string> Channels)
{
    /// <summary>What holds for who has chosen none.</summary>
    public static AllocationChoice Default { get; } = new(AllocationRule.FirstCome, []);
}

/// <summary>Somebody who waits for units: since when and until when, and by whom and where it was sold.</summary>
public sealed record Claimant(PartnerId Seller, string Channel, OrderId Order, int Line, DateTimeOffset PlacedAt, DateTimeOffset PromisedAt, int Units);

/// <summary>
/// Shares units out among those who wait. In turn, each gets all it asks for while there is any; by fair share each group (a seller's
/// channel) first gets its part of the whole, by largest remainder, so that none is a unit or more from its exact part. Pure. Never
/// gives more than there is or than is asked for, and leaves nothing while somebody waits.
/// </summary>
public static class Allotment
{
    /// <summary>The claimants in the rule's order.</summary>
    public static IReadOnlyList<Claimant> InTurn(AllocationChoice choice, IEnumerable<Claimant> claimants)
    {
        var places = choice.Channels.Select((channel, place) => (channel, place)).DistinctBy(one => one.channel).ToDictionary(one => one.channel, one => one.place);
        return choice.Rule switch
        {
            AllocationRule.PromisedTime => [.. ByArrival(claimants.OrderBy(one => one.PromisedAt))],
            AllocationRule.ChannelPriority => [.. ByArrival(claimants.OrderBy(one => places.GetValueOrDefault(one.Channel, int.MaxValue)))],
            _ => [.. ByArrival(claimants.OrderBy(_ => 0))],
        };
    }

    /// <summary>How many units each gets, in the order of <see cref="InTurn"/>.</summary>
    public static IReadOnlyList<(Claimant Claimant, int Given)> Share(AllocationChoice choice, IEnumerable<Claimant> claimants, int units)
    {
        var turn = InTurn(choice, claimants);
        var left = choice.Rule == AllocationRule.FairShare
            ? turn.GroupBy(GroupOf).Zip(Parts([.. turn.GroupBy(GroupOf).Select(group => group.Sum(one => (long)one.Units))], units), (group, part) => (group.Key, part)).ToDictionary(one => one.Key, one => one.part)
            : null;
        var rest = Math.Max(0, (long)units);
        return [.. turn.Select(claimant =>
        {
            var given = (int)Math.Min(claimant.Units, left is null ? rest : left[GroupOf(claimant)]);
            rest -= given;
            if (left is not null)
                left[GroupOf(claimant)] -= given;
            return (claimant, given);
        })];
    }

    /// <summary>Each one's part of a whole in proportion to what it asks for: its floor, and one more for the largest remainders.</summary>
    internal static long[] Parts(IReadOnlyList<long> asked, long units)
    {
        var all = asked.Sum();
        if (all <= units)
            return [.. asked];

        var parts = asked.Select(one => (long)((Int128)Math.Max(0, units) * one / all)).ToArray();
        var missing = Math.Max(0, units) - parts.Sum();
        foreach (var place in Enumerable.Range(0, parts.Length).OrderByDescending(place => (Int128)Math.Max(0, units) * asked[place] % all).ThenBy(place => place).Take((int)missing))
            parts[place]++;
        return parts;
    }

    private static IOrderedEnumerable<Claimant> ByArrival(IOrderedEnumerable<Claimant> claimants) =>
        claimants.ThenBy(one => one.PlacedAt).ThenBy(one => one.Order).ThenBy(one => one.Line);

    private static (PartnerId, string) GroupOf(Claimant claimant) => (claimant.Seller, claimant.Channel);
}
