using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;

namespace Caravan.Orders;

/// <summary>Whether an order is at risk: what it waits for is not in sight, or what it has reserved has fallen short.</summary>
internal static class OrderRisk
{
    /// <summary>Whether units that an order has reserved lie where more is reserved than is there, and others come first.</summary>
    public static async Task<bool> IsShortAsync(Db db, Order order)
    {
        var open = order.Fulfilments.SelectMany(one => one.Allocations).Where(one => one[LineStatus.Reserved] + one[LineStatus.Released] > 0).Select(one => (one.Owner, one.Item, one.Location)).Distinct().ToList();
        foreach (var (owner, item, location) in open)
        {
            if ((await ShortfallClaims.OfAsync(db, owner, item, location)).Exists(claim => claim.IsAtRisk && claim.Claimant.Seller == order.Seller && claim.Claimant.Order == order.Id))
                return true;
        }

        return false;
    }

    /// <summary>Whether anything of an order is at risk.</summary>
    public static async Task<bool> IsAtRiskAsync(Db db, Order order) => order.BackOrders.Any(part => part is { Supply: null, Waiting: > 0 }) || await IsShortAsync(db, order);

    /// <summary>Marks an order or takes the mark off, and says so when that is new; whether it was.</summary>
    public static async Task<bool> SetAsync(Tx tx, Outbox outbox, Order order, bool isAtRisk)
    {
        if (order.IsAtRisk == isAtRisk)
            return false;

        await OrderStore.SetAtRiskAsync(tx, order.Seller, order.Id, isAtRisk);
        await outbox.AddAsync(tx, order.Seller, isAtRisk ? OrderEvent.AtRisk : OrderEvent.NotAtRisk, order.Id.ToString(), new OrderEvent(order.Id, order.Number), OrderJson.Default.OrderEvent);
        return true;
    }

    /// <summary>Takes the mark off an order, if nothing of it is at risk any more; the order, when it was so.</summary>
    public static async Task<Order?> UnmarkAsync(Tx tx, Outbox outbox, PartnerId seller, OrderId id) =>
        await OrderStore.FindAsync(tx, seller, id) is { IsAtRisk: true } order && !await IsAtRiskAsync(tx, order) && await SetAsync(tx, outbox, order, isAtRisk: false) ? order : null;
}
