using Caravan.Delivery;
using Caravan.Platform;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Orders;

/// <summary>
/// What the order desk hears from the rooms below: parcels that move, and stock that falls short. A parcel's reference is
/// its fulfilment order and temperature class, <c>ful_…/chilled</c>.
/// </summary>
internal sealed class OrderFollowing(OrderChanging changing, StockBook stock)
{
    public Subscription OfDeliveries => new(
        "orders.deliveries",
        [JobEvent.Assigned, JobEvent.Collected, JobEvent.OutForDelivery, JobEvent.Delivered, JobEvent.Failed, JobEvent.Returned, JobEvent.Estimated],
        OnJobAsync);

    public Subscription OfShortfalls => new("orders.shortfalls", [ShortfallEvent.Type, ShortfallEvent.Eased], (tx, happened) => happened.Type == ShortfallEvent.Type
        ? changing.CoverShortfallAsync(tx, ShortfallEvent.Of(happened), CancellationToken.None)
        : changing.EaseShortfallAsync(tx, ShortfallEvent.Of(happened)));

    private async Task OnJobAsync(Tx tx, OutboxEvent happened)
    {
        var job = JobEvent.Of(happened);
        if (!ParcelReference.TryParse(job.Reference, out var reference))
            return; // A parcel that somebody booked without an order.

        var (order, own) = await OrderChanging.LoadAsync(tx, happened.Tenant, reference.Fulfilment);
        var parcel = own.Allocations.Where(one => order.Lines[one.Line - 1].TemperatureClass == reference.TemperatureClass).ToList();
        switch (job.Status)
        {
            case JobStatus.Collected:
                await changing.ShipAsync(tx, order, parcel, LineStatus.Shipped);
                break;
            case JobStatus.Delivered when order.Station is null:
                await MoveAsync(tx, order, parcel, LineStatus.Delivered);
                break;
            case JobStatus.Returned:
                await ReturnAsync(tx, order, parcel, reference.TemperatureClass);
                break;
            default:
                // Nothing of ours changes, but whoever looks at the order should see it.
                await changing.TellAsync(tx, order);
                break;
        }
    }

    private async Task MoveAsync(Tx tx, Order order, List<Allocation> parcel, LineStatus to)
    {
        await OrderStore.UpdateAsync(tx, order, parcel.Where(one => one[LineStatus.Shipped] > 0).Select(one => one.Move(LineStatus.Shipped, to, one[LineStatus.Shipped])));
        await changing.TellAsync(tx, order);
    }

    // What must be kept cold has been out of our sight: it never restocks by itself.
    private async Task ReturnAsync(Tx tx, Order order, List<Allocation> parcel, TemperatureClass temperature)
    {
        var back = parcel.Where(one => one[LineStatus.Shipped] > 0).Select(one => new StockTake(one.Owner, one.Item, one.Location, one[LineStatus.Shipped])).ToList();
        if (back.Count > 0)
            await stock.ReturnAsync(tx, back, $"return {parcel[0].Fulfilment} {temperature}", isRestocked: temperature == TemperatureClass.Ambient, OrderChanging.ClaimOf(order, parcel[0].Fulfilment));
        await MoveAsync(tx, order, parcel, LineStatus.Returned);
    }
}

/// <summary>How a parcel names what it holds: a fulfilment order's goods of one temperature class.</summary>
public readonly record struct ParcelReference(FulfilmentId Fulfilment, TemperatureClass TemperatureClass)
{
    /// <summary>Reads <c>ful_…/Chilled</c>.</summary>
    public static bool TryParse(string text, out ParcelReference reference)
    {
        reference = default;
        var cut = text.IndexOf('/', StringComparison.Ordinal);
        if (cut < 0 || !FulfilmentId.TryParse(text[..cut], null, out var fulfilment) || !Enum.TryParse<TemperatureClass>(text[(cut + 1)..], out var temperature))
            return false;

        reference = new ParcelReference(fulfilment, temperature);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Fulfilment}/{TemperatureClass}";
}
