using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;

namespace Caravan.Orders;

/// <summary>How the payment of an order stands.</summary>
public enum PaymentState
{
    /// <summary>Its goods are reserved, and nobody works on it before it is paid.</summary>
    Awaited,

    /// <summary>It is paid: the nodes have been told.</summary>
    Paid,

    /// <summary>It was not paid in time, or called off before: its goods have been given back.</summary>
    Unpaid,
}

/// <summary>The payment of an order that was placed before it was paid.</summary>
public sealed record OrderPayment(PaymentState State, DateTimeOffset PayBy, DateTimeOffset? SettledAt = null, string? Reference = null);

/// <summary>How saying that an order is paid went.</summary>
public abstract record PayOutcome
{
    private PayOutcome()
    {
    }

    /// <summary>It is paid; the order as it is now.</summary>
    public sealed record Paid(Order Order) : PayOutcome;

    /// <summary>Its payment is not awaited, or no longer.</summary>
    public sealed record NotAwaited(Order Order) : PayOutcome;

    /// <summary>There is no such order.</summary>
    public sealed record Unknown : PayOutcome;
}

/// <summary>
/// Orders that wait for their payment. Paid or given up is decided by one conditional update in the transaction of its effect:
/// when the money and the end of the time meet, on whatever servers, one of them wins.
/// </summary>
internal sealed class OrderPayments(OrderChanging changing, Outbox outbox)
{
    public async Task<PayOutcome> PayAsync(Tx tx, PartnerId seller, OrderId id, string? reference)
    {
        var isNew = await PaymentStore.SettleAsync(tx, seller, id, PaymentState.Paid, reference);
        if (await OrderStore.FindAsync(tx, seller, id) is not { } order)
            return new PayOutcome.Unknown();
        if (order.Payment is not { State: PaymentState.Paid })
            return new PayOutcome.NotAwaited(order);

        if (isNew)
        {
            await outbox.AddAsync(tx, order.Fulfilments.Where(one => one.Allocations.Any(allocation => allocation.Open > 0)).Select(one => Desk.DeskBatch.FulfilmentEventOf(seller, one)));
            await changing.TellAsync(tx, order);
        }

        return new PayOutcome.Paid(order);
    }

    /// <summary>The time to pay is over: the order is called off and its goods go back. False when it was paid or called off before.</summary>
    public async Task<bool> ExpireAsync(Tx tx, PartnerId seller, OrderId id)
    {
        if (!await PaymentStore.SettleAsync(tx, seller, id, PaymentState.Unpaid, reference: null, isOver: true))
            return false;

        await changing.CancelAsync(tx, seller, id, lines: null);
        return true;
    }
}

/// <summary>Awaited payments in SQL.</summary>
internal static class PaymentStore
{
    public static readonly Table<(PartnerId Seller, OrderId Order, DateTimeOffset PayBy)> Awaited = new(
        "order_payments",
        "tenant, order_id, state, pay_by",
        (row, one) => row.Id(one.Seller).Id(one.Order).Text(nameof(PaymentState.Awaited)).Instant(one.PayBy));

    /// <summary>Settles an awaited payment: true for the one who did.</summary>
    public static async Task<bool> SettleAsync(Tx tx, PartnerId seller, OrderId order, PaymentState to, string? reference = null, bool isOver = false) =>
        await tx.ExecuteAsync(
            $"UPDATE order_payments SET state = @to, settled_at = @now, reference = @reference WHERE tenant = @seller AND order_id = @order AND state = 'Awaited' {(isOver ? "AND pay_by <= @now" : "")}",
            new { seller, order, to = to.ToString(), now = tx.Now, reference }) > 0;

    public static async Task<Dictionary<OrderId, OrderPayment>> OfAsync(Db db, PartnerId seller, SqlKeys orders) =>
        (await db.QueryAsync<Row>("SELECT order_id, state, pay_by, settled_at, reference FROM order_payments WHERE tenant = @seller AND order_id IN @orders", new { seller, orders }))
            .ToDictionary(row => row.OrderId, row => new OrderPayment(row.State, row.PayBy, row.SettledAt, row.Reference));

    /// <summary>Payments to anybody whose time is over, the longest over first.</summary>
    public static async Task<List<(PartnerId Seller, OrderId Order)>> DueAsync(Db db, DateTimeOffset now, int count) =>
        [.. (await db.QueryAsync<Row>("SELECT tenant, order_id FROM order_payments WHERE state = 'Awaited' AND pay_by <= @now ORDER BY pay_by LIMIT @count", new { now, count })).Select(row => (row.Tenant, row.OrderId))];

    private sealed record Row
    {
        public PartnerId Tenant { get; init; }
        public OrderId OrderId { get; init; }
        public PaymentState State { get; init; }
        public DateTimeOffset PayBy { get; init; }
        public DateTimeOffset? SettledAt { get; init; }
        public string? Reference { get; init; }
    }
}
