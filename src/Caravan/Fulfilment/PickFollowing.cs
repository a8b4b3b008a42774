using Caravan.Catalog;
using Caravan.Delivery;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;

namespace Caravan.Fulfilment;

/// <summary>
/// What the picking floor hears from the rooms below: work that a node was given or that was called off, and bags that move.
/// Every handler finds the world as it is now, which may be further on than the event; hearing of it twice changes nothing.
/// </summary>
internal sealed class PickFollowing(OrderDesk orders, DeliveryDesk delivery, ItemCatalog catalog, NetworkMap map, PickActs acts)
{
    // A parcel that was promised within the hour and sourced anew from afar is carried as what it has become.
    private static readonly TimeSpan WithinHourMax = TimeSpan.FromMinutes(75);
    private static readonly TimeSpan SameDayMax = TimeSpan.FromHours(16);

    public Subscription OfOrders => new("fulfilment.orders", [FulfilmentEvent.Placed, FulfilmentEvent.Reduced], OnOrderAsync);

    public Subscription OfDeliveries => new("fulfilment.deliveries", [JobEvent.Collected, JobEvent.Delivered, JobEvent.Returned], OnJobAsync);

    private async Task OnOrderAsync(Tx tx, OutboxEvent happened)
    {
        var told = FulfilmentEvent.Of(happened);
        if (await orders.FulfilmentAsync(tx, happened.Tenant, told.Fulfilment) is not { } known)
            return;

        if (await PickListStore.FindAsync(tx, told.Operator, told.Fulfilment) is not { } before)
        {
            await OpenAsync(tx, known.Order, known.Fulfilment);
            return;
        }

        var after = before.Follow(known.Fulfilment.Allocations);
        if (!IsSame(before, after))
            await acts.SaveAsync(tx, before, after, PickAct.Reduced);
    }

    private async Task OnJobAsync(Tx tx, OutboxEvent happened)
    {
        var job = JobEvent.Of(happened);
        if (!ParcelReference.TryParse(job.Reference, out var reference)
            || await orders.FulfilmentAsync(tx, happened.Tenant, reference.Fulfilment) is not { } known
            || await PickListStore.FindAsync(tx, known.Fulfilment.Operator, reference.Fulfilment) is not { } before)
            return;

        var after = before.Follow(reference.TemperatureClass, job.Status);
        if (!IsSame(before, after))
            await acts.SaveAsync(tx, before, after, PickAct.Carried);
    }

    private async Task OpenAsync(Tx tx, Order order, FulfilmentOrder fulfilment)
    {
        var network = await map.CurrentAsync(CancellationToken.None);
        var station = order.Station is { } id ? network.Find(id) : null;
        var node = network.Find(fulfilment.Location);
        var list = PickList.Restated(new PickList
        {
            Operator = fulfilment.Operator,
            Id = fulfilment.Id,
            Seller = order.Seller,
            Order = order.Id,
            OrderNumber = order.Number,
            Location = fulfilment.Location,
            Service = order.Service,
            Station = station?.Id,
            StationOperator = station?.Operator,
            IsCollectedHere = station is not null && node is not null && (node.HostedIn ?? node.Id) == (station.HostedIn ?? station.Id),
            ReadyAt = fulfilment.ReadyAt,
            DueAt = fulfilment.DueAt,
            ReleasedAt = tx.Now,
            Lines = await LinesAsync(tx, order, fulfilment),
            Bags = [.. fulfilment.Allocations.Select(one => order.Lines[one.Line - 1].TemperatureClass).Distinct().Order().Select(one => new Bag(one, null, BagStatus.ToPack))],
        });
        await orders.ReleaseAsync(tx, order.Seller, fulfilment.Id);
        if (!list.IsCollectedHere)
            list = list with { Bags = await BookAsync(tx, order, list) };
        await PickListStore.InsertAsync(tx, list);
        await acts.TellAsync(tx, list, PickAct.Released);
    }

    private async Task<IReadOnlyList<PickLine>> LinesAsync(Tx tx, Order order, FulfilmentOrder fulfilment)
    {
        var items = new Dictionary<(PartnerId, ItemId), Item>();
        foreach (var stock in fulfilment.Allocations.GroupBy(one => one.Owner))
        {
            foreach (var item in await catalog.ByIdAsync(tx, stock.Key, [.. stock.Select(one => one.Item)]))
                items[(item.Owner, item.Id)] = item;
        }

        return
        [
            .. fulfilment.Allocations.Select(one =>
            {
                var line = order.Lines[one.Line - 1];
                var item = items.GetValueOrDefault((one.Owner, one.Item));
                return new PickLine(one.Line, one.Owner, one.Item, item?.Sku ?? line.Sku, item?.Gtin ?? line.Gtin, item?.Name ?? line.Name, item?.Category ?? "", line.TemperatureClass, one.Quantity)
                {
                    Short = one[LineStatus.Short],
                    Cancelled = one[LineStatus.Cancelled],
                };
            }),
        ];
    }

    /// <summary>
    /// One job for each bag that goes out. What goes to a station is carried as a next-day parcel, since no courier is sent for a
    /// pick-up; its code is the order's own as well, which the station takes in on a dispatcher's word.
    /// </summary>
    private async Task<IReadOnlyList<Bag>> BookAsync(Tx tx, Order order, PickList list)
    {
        List<Bag> bags = [];
        foreach (var bag in list.Bags)
        {
            if (bag.Status == BagStatus.Cancelled)
            {
                bags.Add(bag);
                continue;
            }

            var goods = list.Lines.Where(line => line.TemperatureClass == bag.TemperatureClass);
            var job = await delivery.BookAsync(tx, new Parcel
            {
                Shipper = order.Seller,
                Reference = new ParcelReference(list.Id, bag.TemperatureClass).ToString(),
                Origin = list.Location,
                Destination = order.Destination,
                Address = order.Address,
                Service = ServiceOf(list, tx.Now),
                ReadyAt = list.ReadyAt,
                DueAt = list.DueAt,
                WeightGrams = (int)Math.Min(int.MaxValue, goods.Sum(line => (long)line.Wanted * order.Lines[line.Line - 1].WeightGrams)),
                TemperatureClass = bag.TemperatureClass,
                ProofCode = order.ProofCode,
            });
            bags.Add(bag with { Job = job });
        }

        return bags;
    }

    private static DeliveryService ServiceOf(PickList list, DateTimeOffset now)
    {
        if (list.Service == DeliveryService.PickUp)
            return DeliveryService.NextDay;

        var due = list.DueAt - now;
        var slowest = due <= WithinHourMax ? DeliveryService.WithinHour : due <= SameDayMax ? DeliveryService.SameDay : DeliveryService.NextDay;
        return list.Service > slowest ? list.Service : slowest;
    }

    // Records compare their lists by reference, so the parts are compared one by one.
    private static bool IsSame(PickList one, PickList other) =>
        one.Status == other.Status && one.Lines.SequenceEqual(other.Lines) && one.Bags.SequenceEqual(other.Bags);
}
