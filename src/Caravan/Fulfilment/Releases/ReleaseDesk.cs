using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform.Storage;

namespace Caravan.Fulfilment.Releases;

/// <summary>
/// Releases to nodes whose people say yes or no: who declines, or says nothing in time, loses the goods to whoever else has them.
/// What nobody else has stays, and the seller is told. Who begins to pick has said yes.
/// </summary>
public sealed class ReleaseDesk
{
    private readonly OrderDesk orders;
    private readonly NetworkMap map;

    internal ReleaseDesk(OrderDesk orders, NetworkMap map) => (this.orders, this.map) = (orders, map);

    /// <summary>The release of an operator's pick list; null when its node does not say yes or no.</summary>
    public async Task<NodeRelease?> FindAsync(Db db, PartnerId @operator, FulfilmentId id) =>
        await PickListStore.FindAsync(db, @operator, id) is { } list ? await ReleaseStore.FindAsync(db, list.Seller, id) : null;

    /// <summary>A seller's declined releases with units that nobody else had, oldest first.</summary>
    public async Task<IReadOnlyList<NodeRelease>> LeftAsync(Db db, PartnerId seller, int count) => await ReleaseStore.LeftAsync(db, seller, count);

    /// <summary>The node does it; also when it said no before, while the goods are still its own.</summary>
    public async Task<ReleaseAnswer> AcknowledgeAsync(Tx tx, PartnerId @operator, FulfilmentId id, string by)
    {
        if (await FindAsync(tx, @operator, id) is not { } release)
            return ReleaseAnswer.NotFound;
        if (release.State is ReleaseState.Declined or ReleaseState.TimedOut && release.UnitsLeft == 0)
            return ReleaseAnswer.TooLate;

        if (release.State != ReleaseState.Acknowledged)
            await ReleaseStore.UpdateAsync(tx, release with { State = ReleaseState.Acknowledged, AnsweredAt = tx.Now, AnsweredBy = by, Reason = null, Note = null, UnitsLeft = 0 });
        return ReleaseAnswer.Done;
    }

    /// <summary>The node does not do it. A node that does not say yes or no is only heard when it may speak unasked.</summary>
    public async Task<ReleaseAnswer> DeclineAsync(Tx tx, PartnerId @operator, FulfilmentId id, DeclineReason reason, string? note, string by, CancellationToken cancel, bool isUnasked = false)
    {
        if (await FindAsync(tx, @operator, id) is not { } release)
        {
            if (!isUnasked || await PickListStore.FindAsync(tx, @operator, id) is not { } list)
                return ReleaseAnswer.NotFound;

            release = Of(list, tx.Now, tx.Now);
            await ReleaseStore.InsertAsync(tx, [release]);
        }

        if (release.State is ReleaseState.Declined or ReleaseState.TimedOut)
            return ReleaseAnswer.Done;

        return await LoseAsync(tx, release with { State = ReleaseState.Declined, AnsweredAt = tx.Now, AnsweredBy = by, Reason = reason, Note = note }, cancel) ? ReleaseAnswer.Done : ReleaseAnswer.Begun;
    }

    /// <summary>Looks once more who else has what a node has declined; null when the seller has no such release, else the units that are still with the node.</summary>
    public async Task<int?> TryAgainAsync(Tx tx, PartnerId seller, FulfilmentId id, CancellationToken cancel)
    {
        if (await ReleaseStore.FindAsync(tx, seller, id) is not { State: ReleaseState.Declined or ReleaseState.TimedOut } release)
            return null;

        await LoseAsync(tx, release, cancel);
        return (await ReleaseStore.FindAsync(tx, seller, id))?.UnitsLeft;
    }

    /// <summary>Notes the lists that were given to nodes which say yes or no.</summary>
    internal async Task OpenAsync(Tx tx, IReadOnlyCollection<PickList> lists)
    {
        foreach (var ofOperator in lists.GroupBy(list => list.Operator))
        {
            var rules = await ReleaseStore.RulesAsync(tx, ofOperator.Key);
            if (rules.Count == 0)
                continue;

            var network = await map.CurrentAsync(CancellationToken.None);
            await ReleaseStore.InsertAsync(tx, ofOperator.Where(list => rules.ContainsKey(list.Location)).Select(list => Of(list, tx.Now, ByWhen(network.Find(list.Location), tx.Now, TimeSpan.FromMinutes(rules[list.Location])))));
        }
    }

    private static NodeRelease Of(PickList list, DateTimeOffset now, DateTimeOffset acknowledgeBy) => new()
    {
        Seller = list.Seller,
        Id = list.Id,
        Order = list.Order,
        Operator = list.Operator,
        Location = list.Location,
        State = ReleaseState.Waiting,
        ReleasedAt = now,
        AcknowledgeBy = acknowledgeBy,
    };

    /// <summary>A node has said nothing in time. Looked at once more, for its answer may have come this moment.</summary>
    internal async Task ExpireAsync(Tx tx, NodeRelease due, CancellationToken cancel)
    {
        if (await ReleaseStore.FindAsync(tx, due.Seller, due.Id) is { State: ReleaseState.Waiting } release && release.AcknowledgeBy <= tx.Now)
            await LoseAsync(tx, release with { State = ReleaseState.TimedOut, AnsweredAt = tx.Now }, cancel);
    }

    /// <summary>While a node is closed nobody can answer.</summary>
    internal static DateTimeOffset ByWhen(Location? node, DateTimeOffset now, TimeSpan within) =>
        node?.Hours.NextOpen(now) is { } open && open.From > now ? open.From + within : now + within;

    // False when it has begun to pick, and so has said yes.
    private async Task<bool> LoseAsync(Tx tx, NodeRelease release, CancellationToken cancel)
    {
        var list = await PickListStore.FindAsync(tx, release.Operator, release.Id);
        if (list is null or { Status: PickListStatus.Cancelled })
        {
            // There is nothing left to lose.
            await ReleaseStore.UpdateAsync(tx, release with { UnitsLeft = 0 });
            return true;
        }

        if (list.Status != PickListStatus.Waiting)
        {
            await ReleaseStore.UpdateAsync(tx, release with { State = ReleaseState.Acknowledged, AnsweredAt = tx.Now, Reason = null, Note = null, UnitsLeft = 0 });
            return false;
        }

        // Not to a node that has said no to this order already.
        var said = await ReleaseStore.OfOrderAsync(tx, release.Seller, release.Order);
        var notAt = said.Where(one => one.State is ReleaseState.Declined or ReleaseState.TimedOut).Select(one => one.Location).Append(list.Location).ToHashSet();
        var left = await orders.DeclineAsync(tx, release.Seller, release.Id, notAt, release.State == ReleaseState.TimedOut ? "not acknowledged" : "declined", cancel);
        await ReleaseStore.UpdateAsync(tx, release with { UnitsLeft = left });
        return true;
    }
}
