using Caravan.Platform.Storage;

namespace Caravan.Orders.Rules;

/// <summary>
/// The rules in force, as those who plan and decide orders need them: remembered, and read again when somebody has published others.
/// Where servers share a store, another's publication is seen with its news, and half a second later even without.
/// </summary>
internal sealed class SourcingRuleBook
{
    private const int CompaniesMax = 100_000;
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(500);

    private readonly Recent<PartnerId, Kept> kept = new(CompaniesMax, _ => 1);
    private readonly bool isShared;

    public SourcingRuleBook(Store store)
    {
        isShared = store.Postgres is not null;
        store.Caches["sourcing-rules"] = () => kept.State;
        store.Listen(SourcingRuleStore.Topic, change => kept.Forget(change.Tenant));
    }

    /// <summary>The rules that a seller's orders are decided by.</summary>
    public async ValueTask<RulesInForce> CurrentAsync(Db db, PartnerId seller)
    {
        if (kept.Find(seller) is { } known && (!isShared || TimeProvider.System.GetElapsedTime(known.LookedAt) < LookAgainAfter))
            return known.Rules;

        var (readAt, now) = (db.ReadAt, TimeProvider.System.GetTimestamp());
        var found = Of(await SourcingRuleStore.LatestAsync(db, seller));
        if (db is not Tx)
            kept.Keep(seller, new Kept(found, now), readAt); // What a transaction reads may never be committed.
        return found;
    }

    /// <summary>The latest versions, the newest first, as orders are decided by them.</summary>
    internal static RulesInForce Of(IReadOnlyList<SourcingRuleSet> latest)
    {
        if (latest.Count == 0)
            return RulesInForce.Default;

        List<EarlierRules> earlier = [];
        List<RuleChanges> replaced = [];
        for (var i = 1; i < latest.Count; i++)
        {
            replaced.Insert(0, latest[i - 1].Replaced ?? new RuleChanges());
            earlier.Add(new EarlierRules(latest[i].Version!.Value, latest[i].Weights, RuleChanges.Back(replaced).CutOffs, latest[i - 1].PublishedAt!.Value)); // Published ones have both.
        }

        return new RulesInForce(latest[0].Version!.Value, latest[0].Weights, earlier); // As above.
    }

    private sealed record Kept(RulesInForce Rules, long LookedAt);
}
