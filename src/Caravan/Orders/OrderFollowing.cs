using Caravan.Catalog;
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
internal sealed class OrderFollowing(OrderChanging changing, StockBook stock, ItemCatalog catalog, Outbox outbox)
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
                await ReturnAsync(tx, order, own, parcel, reference.TemperatureClass);
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

    // What must be kept cold, and medicines, have been out of our sight: they never restock by themselves, but wait to be graded.
    private async Task ReturnAsync(Tx tx, Order order, FulfilmentOrder own, List<Allocation> parcel, TemperatureClass temperature)
    {
        var shipped = parcel.Where(one => one[LineStatus.Shipped] > 0).ToList();
        if (shipped.Count == 0)
        {
            await changing.TellAsync(tx, order);
            return;
        }

        HashSet<(PartnerId Owner, ItemId Item)> free = [];
        foreach (var ofOwner in shipped.GroupBy(one => one.Owner, one => one.Item))
            free.UnionWith((await catalog.ByIdAsync(tx, ofOwner.Key, [.. ofOwner.Distinct()])).Where(item => !item.IsReleasedByHand && temperature == TemperatureClass.Ambient).Select(item => (item.Owner, item.Id)));
        var (claim, cause) = (OrderChanging.ClaimOf(order, own.Id), $"return {own.Id} {temperature}");
        List<ReturnedUnits> units = [];
        foreach (var half in shipped.GroupBy(one => free.Contains((one.Owner, one.Item))))
        {
            var cells = half.GroupBy(one => (one.Owner, one.Item, one.Location)).Select(cell => new StockTake(cell.Key.Owner, cell.Key.Item, cell.Key.Location, cell.Sum(one => one[LineStatus.Shipped])));
            var lots = (await stock.ReturnAsync(tx, [.. cells], cause, isRestocked: half.Key, claim)).ToDictionary(one => (one.Goods.Owner, one.Goods.Item), one => one.Lots.ToList());
            units.AddRange(half.Select(one => new ReturnedUnits(one.Line, one.Owner, one.Item, one[LineStatus.Shipped], half.Key, TakeLots(lots.GetValueOrDefault((one.Owner, one.Item)) ?? [], one[LineStatus.Shipped]))));
        }

        await MoveAsync(tx, order, parcel, LineStatus.Returned);
        await outbox.AddAsync(tx, order.Seller, ParcelReturnedEvent.Type, order.Id.ToString(), new ParcelReturnedEvent(order.Id, own.Id, own.Location, own.Operator, units), OrderJson.Default.ParcelReturnedEvent);
    }

    // Lines that came from one cell share its lots: each takes its own off them.
    private static List<ReturnedLot> TakeLots(List<ReturnedLot> lots, int units)
    {
        List<ReturnedLot> own = [];
        while (units > 0 && lots.Count > 0)
        {
            var some = Math.Min(units, lots[0].Quantity);
            own.Add(lots[0] with { Quantity = some });
            lots[0] = lots[0] with { Quantity = lots[0].Quantity - some };
            if (lots[0].Quantity == 0)
                lots.RemoveAt(0);
            units -= some;
        }

        return own;
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
