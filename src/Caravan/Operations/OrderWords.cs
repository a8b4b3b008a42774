using Caravan.Network;
using Caravan.Orders;

namespace Caravan.Operations;

/// <summary>States and services as operators say them.</summary>
internal static class OrderWords
{
    public static string State(LineStatus status) => status switch
    {
        LineStatus.Reserved => "placed",
        LineStatus.Shipped => "in_transit",
        _ => status.ToString(),
    };

    public static string Service(DeliveryService service) => service switch
    {
        DeliveryService.WithinHour => "Within the hour",
        DeliveryService.SameDay => "Same day",
        DeliveryService.NextDay => "Next day",
        _ => "Pick-up",
    };

    public static string Filter(OrderFilter filter) => filter switch
    {
        OrderFilter.All => "All orders",
        OrderFilter.AtRisk => "At risk",
        OrderFilter.Short => "Gone short",
        _ => filter.ToString(),
    };

    public static string Key(OrderFilter filter) => char.ToLowerInvariant(filter.ToString()[0]) + filter.ToString()[1..];
}
