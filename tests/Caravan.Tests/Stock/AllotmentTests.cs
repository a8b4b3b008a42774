using Caravan.Stock;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Tests.Stock;

/// <summary>Who gets stock that does not suffice, as pure arithmetic.</summary>
[Trait("Store", "once")]
public sealed class AllotmentTests
{
    private static readonly PartnerId[] Sellers = [new(Guid.NewGuid()), new(Guid.NewGuid())];

    [Fact]
    public void Nothing_is_given_twice_or_left_while_somebody_waits_under_any_rule() => Check((choice, claimants, units) =>
    {
        var given = Allotment.Share(choice, claimants, units);
        return given.Count == claimants.Count
            && given.All(one => one.Given >= 0 && one.Given <= one.Claimant.Units)
            && given.Sum(one => one.Given) == Math.Min(units, claimants.Sum(one => one.Units));
    });

    [Fact]
    public void In_turn_nobody_gets_a_unit_before_all_who_come_first_have_theirs() => Check((choice, claimants, units) =>
    {
        if (choice.Rule == AllocationRule.FairShare)
            return true;

        // Unit by unit: each goes to the first in turn who still wants one.
        var left = Math.Min(units, claimants.Sum(one => one.Units));
        foreach (var (claimant, given) in Allotment.Share(choice, claimants, units))
        {
            var expected = 0;
            while (expected < claimant.Units && left > 0)
                (expected, left) = (expected + 1, left - 1);
            if (given != expected)
                return false;
        }

        return true;
    });

    [Fact]
    public void The_turn_is_the_rules() => Check((choice, claimants, _) => Allotment.InTurn(choice, claimants).Zip(Allotment.InTurn(choice, claimants).Skip(1)).All(pair => choice.Rule switch
    {
        AllocationRule.PromisedTime => pair.First.PromisedAt <= pair.Second.PromisedAt,
        AllocationRule.ChannelPriority => Place(choice, pair.First) <= Place(choice, pair.Second),
        _ => pair.First.PlacedAt <= pair.Second.PlacedAt,
    }));

    [Fact]
    public void The_order_in_which_claims_are_read_does_not_matter() => Check((choice, claimants, units) =>
        Allotment.Share(choice, claimants, units).SequenceEqual(Allotment.Share(choice, claimants.AsEnumerable().Reverse(), units)));

    [Fact]
    public void More_units_never_leave_anybody_with_fewer_in_turn_and_no_group_with_fewer_by_more_than_one() => Check((choice, claimants, units) =>
    {
        var (less, more) = (Allotment.Share(choice, claimants, units), Allotment.Share(choice, claimants, units + 1));
        if (choice.Rule != AllocationRule.FairShare)
            return less.Zip(more).All(pair => pair.First.Given <= pair.Second.Given);

        // The largest remainder may take a unit from a group as the whole grows (the Alabama paradox), never more.
        return less.GroupBy(GroupOf).All(group => more.Where(one => GroupOf(one) == group.Key).Sum(one => one.Given) >= group.Sum(one => one.Given) - 1);
    });

    [Fact]
    public void A_fair_share_is_within_a_unit_of_the_exact_one_and_those_within_a_group_come_in_turn() => Check((choice, claimants, units) =>
    {
        var all = claimants.Sum(one => one.Units);
        if (choice.Rule != AllocationRule.FairShare || all == 0)
            return true;

        return Allotment.Share(choice, claimants, units).GroupBy(GroupOf).All(group =>
        {
            var exact = Math.Min(units, all) * (double)group.Sum(one => one.Claimant.Units) / all;
            var isInTurn = !group.Zip(group.Skip(1)).Any(pair => pair.First.Given < pair.First.Claimant.Units && pair.Second.Given > 0);
            return Math.Abs(group.Sum(one => one.Given) - exact) < 1 && isInTurn;
        });
    });

    private static int Place(AllocationChoice choice, Claimant claimant) => choice.Channels.ToList().IndexOf(claimant.Channel) is >= 0 and var place ? place : int.MaxValue;

    private static (PartnerId, string) GroupOf((Claimant Claimant, int Given) one) => (one.Claimant.Seller, one.Claimant.Channel);

    private static void Check(Func<AllocationChoice, List<Claimant>, int, bool> holds)
    {
        var claimant =
            from seller in Gen.Choose(0, 1)
            from channel in Gen.Elements("web", "live", "app")
            from placed in Gen.Choose(0, 3)
            from promised in Gen.Choose(0, 3)
            from units in Gen.Choose(0, 9)
            from id in Gen.Choose(0, int.MaxValue)
            select new Claimant(Sellers[seller], channel, new OrderId(new Guid(id, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0])), 1, DateTimeOffset.UnixEpoch.AddDays(placed), DateTimeOffset.UnixEpoch.AddDays(promised), units);
        var gen =
            from rule in Gen.Elements(Enum.GetValues<AllocationRule>())
            from channels in Gen.Elements<string[]>([], ["live"], ["app", "web"])
            from claimants in claimant.ListOf(7)
            from units in Gen.Choose(0, 40)
            select (Choice: new AllocationChoice(rule, channels), Claimants: claimants.DistinctBy(one => one.Order).ToList(), Units: units);

        Prop.ForAll(gen.ToArbitrary(), one => holds(one.Choice, one.Claimants, one.Units)).QuickCheckThrowOnFailure();
    }
}
