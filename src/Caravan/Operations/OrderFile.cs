using System.Runtime.CompilerServices;
using Caravan.Orders;
using Money = Caravan.Platform.Screens.Money;

namespace Caravan.Operations;

/// <summary>The list of orders as a file: the newest first, read a page at a time while it is sent.</summary>
internal static class OrderFile
{
    private const int AtOnce = 200;

    public static readonly IReadOnlyList<string> Head = ["order", "id", "channel", "state", "isAtRisk", "service", "from", "placedAt", "promisedAt", "expectedAt", "goods", "delivery", "currency"];

    public static async IAsyncEnumerable<IReadOnlyList<object?>> RowsAsync(BoardReader reader, PartnerId company, OrderFilter filter, [EnumeratorCancellation] CancellationToken cancel)
    {
        OrderId? before = null;
        do
        {
            var list = await reader.OrdersAsync(company, filter, before, AtOnce, cancel);
            foreach (var (order, estimatedAt, from, _) in list.Rows)
            {
                yield return
                [
                    order.Number, order.Id, order.Channel, OrderState.Word(order.Status), order.IsAtRisk ? "yes" : "no", OrderWords.Service(order.Service), from, order.PlacedAt, order.PromisedAt, estimatedAt,
                    Money.Plain(order.GoodsAmount, order.Currency), Money.Plain(order.DeliveryAmount, order.Currency), order.Currency,
                ];
            }

            before = list.Next;
        }
        while (before is not null);
    }
}
