using Caravan.Stock;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Tests.Stock;

/// <summary>What quotas leave, as pure arithmetic, against a model that keeps every unit by itself.</summary>
[Trait("Store", "once")]
public sealed class QuotaLedgerTests
{
    private static readonly PartnerId Owner = new(Guid.NewGuid());
    private static readonly ItemId Tea = new(Guid.NewGuid());
    private static readonly LocationId[] Places = [new(Guid.NewGuid()), new(Guid.NewGuid())];
    private static readonly string[] Channels = ["web", "app", "live"];

    [Fact]
    public void Every_channel_can_still_sell_what_is_kept_for_it_whatever_the_others_took()
    {
        var gen =
            from a in Gen.Choose(0, 12)
            from b in Gen.Choose(0, 12)
            from quotas in QuotaGen().ListOf(3)
            from takes in (from channel in Gen.Choose(0, 2) from place in Gen.Choose(0, 1) from quantity in Gen.Choose(1, 5) select (channel, place, quantity)).ListOf(12)
            select (a, b, quotas: quotas.DistinctBy(quota => (quota.Channel, quota.Location)).ToList(), takes);

        Prop.ForAll(gen.ToArbitrary(), one => Holds(one.a, one.b, one.quotas, [.. one.takes])).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_larger_quota_never_leaves_others_more()
    {
        var gen = from a in Gen.Choose(0, 12) from b in Gen.Choose(0, 12) from quota in QuotaGen() select (a, b, quota);

        Prop.ForAll(gen.ToArbitrary(), one =>
        {
            var (small, large) = (LedgerOf(one.a, one.b, [one.quota]), LedgerOf(one.a, one.b, [one.quota with { Units = one.quota.Units + 1 }]));
            return Channels.All(channel => Places.All(place => large.LeftAt(By(channel), Owner, Tea, place) <= small.LeftAt(By(channel), Owner, Tea, place))
                && large.LeftOf(By(channel), Owner, Tea) <= small.LeftOf(By(channel), Owner, Tea));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void What_is_undone_leaves_no_trace()
    {
        var ledger = LedgerOf(5, 5, [Of("live", null, 4)]);
        QuotaTake[] takes = [Take(0, 3), Take(1, 2)];

        var uses = ledger.TryTake(By("live"), takes)!; // Ten are there.
        ledger.Undo(takes, uses);

        Assert.Equal([3, 1], uses.Select(use => use.Units)); // Four of the five are the quota's.
        Assert.Equal(6, ledger.LeftOf(By("web"), Owner, Tea));
        Assert.Equal(10, ledger.LeftOf(By("live"), Owner, Tea));
    }

    private static bool Holds(int a, int b, List<Quota> quotas, List<(int Channel, int Place, int Quantity)> takes)
    {
        var ledger = LedgerOf(a, b, quotas);
        int[] left = [a, b];
        var sold = quotas.ToDictionary(quota => quota.Id, _ => 0);
        foreach (var (channel, place, quantity) in takes)
        {
            // The model: a take is allowed when, after it, all that is kept for others can still be served side by side.
            var name = Channels[channel];
            var foreign = quotas.Where(quota => quota.Channel != name).ToList();
            int KeptAt(int at) => foreign.Where(quota => quota.Location == Places[at]).Sum(quota => Math.Max(0, quota.Units - sold[quota.Id]));
            var kept = foreign.Where(quota => quota.Location is null).Sum(quota => Math.Max(0, quota.Units - sold[quota.Id]));
            var freeAfter = Enumerable.Range(0, 2).Sum(at => Math.Max(0, left[at] - KeptAt(at))) - quantity;
            var isAllowed = left[place] - quantity >= KeptAt(place) && freeAfter >= kept;

            var uses = ledger.TryTake(By(name), [Take(place, quantity)]);
            if (uses is not null != isAllowed)
                return false;
            if (uses is null)
                continue;

            left[place] -= quantity;
            foreach (var use in uses)
                sold[use.Count.Quota] += use.Units;
            if (left[place] < 0 || uses.Sum(use => use.Units) > quantity || quotas.Exists(quota => sold[quota.Id] > quota.Units) || uses.Any(use => quotas.Single(quota => quota.Id == use.Count.Quota).Channel != name))
                return false;
        }

        return true;
    }

    private static Gen<Quota> QuotaGen() => from channel in Gen.Choose(0, 2) from place in Gen.Choose(0, 2) from units in Gen.Choose(1, 8) select Of(Channels[channel], place == 2 ? null : Places[place], units);

    private static Quota Of(string channel, LocationId? place, int units) => new()
    {
        Owner = Owner,
        Id = new QuotaId(Guid.NewGuid()),
        Kind = QuotaKind.Channel,
        Item = Tea,
        Location = place,
        Channel = channel,
        Units = units,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    private static QuotaBuyer By(string channel) => new(Owner, channel, DateTimeOffset.UnixEpoch);

    private static QuotaTake Take(int place, int quantity) => new(1, new StockTake(Owner, Tea, Places[place], quantity), []);

    private static QuotaLedger LedgerOf(int a, int b, IEnumerable<Quota> quotas) =>
        new(quotas, new Dictionary<QuotaCount, int>(), [(new StockTake(Owner, Tea, Places[0], a), false), (new StockTake(Owner, Tea, Places[1], b), false)], DateTimeOffset.UnixEpoch);
}
