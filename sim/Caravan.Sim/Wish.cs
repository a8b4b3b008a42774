using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform.Idempotency;

namespace Caravan.Sim;

/// <summary>An order that somebody wants, under a key of its own: it is asked for until it is answered.</summary>
/// <param name="Number">The seller's number.</param>
/// <param name="Key">The idempotency key: the number, a slash, and which of those who use the number.</param>
/// <param name="Lines">What is wanted.</param>
/// <param name="Service">By which service.</param>
/// <param name="HasRival">Whether another wish has the same number.</param>
/// <param name="PayBy">Until when it waits for its money; none when it does not.</param>
internal sealed record Wish(string Number, string Key, IReadOnlyList<(string Sku, int Quantity)> Lines, DeliveryService Service, bool HasRival, DateTimeOffset? PayBy)
{
    public OrderRequest Request(PartnerId seller, GeoPoint to) =>
        new(new Basket(seller, [.. Lines.Select(line => new BasketLine(line.Sku, null, null, line.Quantity))], to, null), "web", Number, Service, "12 Lane of Lanterns", PayBy: PayBy);

    public KeyedRequest Keyed(PartnerId seller) => new(seller, Key, System.Text.Encoding.UTF8.GetBytes(ToString()));

    public override string ToString() => $"order {Key} ({string.Join(", ", Lines.Select(line => $"{line.Quantity} {line.Sku}"))}, {Service}{(PayBy is { } until ? $", to be paid by {until:mm:ss.fff}" : "")})";
}
