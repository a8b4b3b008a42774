using Caravan.Partners;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Orders.Desk;

/// <summary>
/// Orders that a quota concerns: told from the others by what is remembered, and decided one after the other on what is true. What
/// quotas leave is read once a batch.
/// </summary>
internal sealed class DeskQuotas(QuotaBook quotas, PartnerBook partners, StockBook stock)
{
    /// <summary>Those that no quota concerns, and the rest.</summary>
    public async ValueTask<(List<DeskOrder> Free, List<DeskOrder> Limited)> SplitAsync(Tx tx, List<DeskOrder> orders)
    {
        List<DeskOrder>? limited = null;
        foreach (var order in orders)
        {
            if ((await quotas.ConcernedAsync(tx, order.Ready!.Takes.Select(take => (take.Owner, take.Item)), tx.Now)).Count > 0) // Planned orders are split.
                (limited ??= []).Add(order);
        }

        return limited is null ? (orders, []) : (orders.FindAll(order => !limited.Contains(order)), limited);
    }

    /// <summary>Reserves for orders in their turn, each as far as quotas leave it all it wants; says who got it.</summary>
    public async Task<List<DeskOrder>> ReserveAsync(Tx tx, IReadOnlyList<DeskOrder> orders)
    {
        var items = await quotas.ConcernedAsync(tx, orders.SelectMany(order => order.Ready!.Takes).Select(take => (take.Owner, take.Item)).Distinct(), tx.Now); // As above.
        var ledger = await quotas.LedgerAsync(tx, items, tx.Now);
        var grants = new Dictionary<PartnerId, IReadOnlyList<Agreement>>();
        List<DeskOrder> placed = [];
        foreach (var order in orders)
        {
            var (made, plan) = (order.Ready!.Order, order.Ready.Plan);
            var takes = await TakesAsync(tx, made, plan, items, grants);
            if (ledger.TryTake(new QuotaBuyer(made.Seller, made.Channel, tx.Now), takes) is not { } uses)
                continue;

            if (await stock.ReserveAsync(tx, [DeskBatch.ReservationOf(order.Ready)]) is [true])
            {
                await QuotaBook.UseAsync(tx, made.Seller, made.Id, uses);
                placed.Add(order);
            }
            else
            {
                ledger.Undo(takes, uses);
            }
        }

        return placed;
    }

    /// <summary>Counts what has been reserved for an order already, without asking.</summary>
    public async Task CountAsync(Tx tx, Order order, Plan.Made plan)
    {
        var items = await quotas.ConcernedAsync(tx, plan.Nodes.SelectMany(node => node.Takes).Select(take => (take.Owner, take.Item)).Distinct(), tx.Now);
        if (items.Count == 0)
            return;

        var ledger = await quotas.LedgerAsync(tx, items, tx.Now);
        await QuotaBook.UseAsync(tx, order.Seller, order.Id, ledger.Count(new QuotaBuyer(order.Seller, order.Channel, tx.Now), await TakesAsync(tx, order, plan, items, [])));
    }

    /// <summary>Counts one more take of a seller's own stock that is reserved already.</summary>
    public async Task CountAsync(Tx tx, Order order, QuotaTake take)
    {
        var items = await quotas.ConcernedAsync(tx, [(take.Take.Owner, take.Take.Item)], tx.Now);
        if (items.Count > 0)
            await QuotaBook.UseAsync(tx, order.Seller, order.Id, (await quotas.LedgerAsync(tx, items, tx.Now)).Count(new QuotaBuyer(order.Seller, order.Channel, tx.Now), [take]));
    }

    /// <summary>Units of an order that were called off or not found count no more.</summary>
    public Task GiveBackAsync(Tx tx, Order before, IReadOnlyCollection<Allocation> changed)
    {
        var open = before.Fulfilments.SelectMany(fulfilment => fulfilment.Allocations).ToDictionary(one => (one.Fulfilment, one.Line, one.Owner), one => one.Open);
        return quotas.GiveBackAsync(tx, before.Seller, before.Id, [.. changed.Select(one => (one.Line, new StockTake(one.Owner, one.Item, one.Location, open[(one.Fulfilment, one.Line, one.Owner)] - one.Open)))]);
    }

    private async Task<List<QuotaTake>> TakesAsync(Tx tx, Order order, Plan.Made plan, IReadOnlyCollection<(PartnerId Owner, ItemId Item)> items, Dictionary<PartnerId, IReadOnlyList<Agreement>> grants)
    {
        List<QuotaTake> takes = [];
        foreach (var node in plan.Nodes)
        {
            foreach (var take in node.Takes.Where(take => items.Contains((take.Owner, take.Item))))
            {
                if (take.Owner != order.Seller && !grants.ContainsKey(order.Seller))
                    grants[order.Seller] = await partners.GrantedToAsync(tx, order.Seller, AgreementKind.SellStock, tx.Now);
                takes.Add(new QuotaTake(take.Line, take.At(node.Location.Id), take.Owner == order.Seller
                    ? []
                    : [.. QuotaLimits.Covering(grants[order.Seller], take.Owner, order.Lines[take.Line - 1].Gtin, node.Location, take.SharePercent).Select(grant => grant.Id)]));
            }
        }

        return takes;
    }
}
