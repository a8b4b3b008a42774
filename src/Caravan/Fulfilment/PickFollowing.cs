using Caravan.Catalog;
using Caravan.Delivery;
using Caravan.Fulfilment.Releases;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;

namespace Caravan.Fulfilment;

/// <summary>
/// What the picking floor hears from the rooms below: work that a node was given or that was called off, and bags that move.
/// Every handler finds the world as it is now, which may be further on than the event; hearing of it twice changes nothing.
/// </summary>
internal sealed class PickFollowing(OrderDesk orders, DeliveryDesk delivery, ItemCatalog catalog, NetworkMap map, PartnerBook partners, PickActs acts, ReleaseDesk releases)
{
    // A parcel that was promised within the hour and sourced anew from afar is carried as what it has become.
    private static readonly TimeSpan WithinHourMax = TimeSpan.FromMinutes(75);
    private static readonly TimeSpan SameDayMax = TimeSpan.FromHours(16);

    public Subscription OfOrders => new("fulfilment.orders", [FulfilmentEvent.Placed, FulfilmentEvent.Reduced], (tx, happened) => OnOrdersAsync(tx, [happened])) { HandleMany = OnOrdersAsync };

    public Subscription OfDeliveries => new("fulfilment.deliveries", [JobEvent.Collected, JobEvent.Delivered, JobEvent.Returned], OnJobAsync);

    private async Task OnOrdersAsync(Tx tx, IReadOnlyList<OutboxEvent> happened)
    {
        List<(Order Order, FulfilmentOrder Fulfilment)> unknown = [];
        foreach (var ofSeller in happened.GroupBy(one => one.Tenant, FulfilmentEvent.Of))
        {
            var known = await FulfilmentsAsync(tx, ofSeller.Key, [.. ofSeller.DistinctBy(told => told.Fulfilment)]);
            foreach (var ofOperator in known.GroupBy(one => one.Fulfilment.Operator))
            {
                var lists = (await PickListStore.FindManyAsync(tx, ofOperator.Key, [.. ofOperator.Select(one => one.Fulfilment.Id)])).ToDictionary(list => list.Id);
                unknown.AddRange(ofOperator.Where(one => !lists.ContainsKey(one.Fulfilment.Id)));
                foreach (var (_, fulfilment) in ofOperator.Where(one => lists.ContainsKey(one.Fulfilment.Id)))
                    await FollowAsync(tx, lists[fulfilment.Id], lists[fulfilment.Id].Follow(fulfilment.Allocations), PickAct.Reduced);
            }
        }

        await OpenAsync(tx, unknown);
    }

    // What has been told of, as it stands now.
    private async Task<List<(Order Order, FulfilmentOrder Fulfilment)>> FulfilmentsAsync(Tx tx, PartnerId seller, List<FulfilmentEvent> told)
    {
        var found = (await orders.FindManyAsync(tx, seller, [.. told.Select(one => one.Order).Distinct()])).ToDictionary(order => order.Id);
        return [.. told.Where(one => found.ContainsKey(one.Order)).Select(one => (found[one.Order], found[one.Order].Fulfilments.First(fulfilment => fulfilment.Id == one.Fulfilment)))];
    }

    private async Task FollowAsync(Tx tx, PickList before, PickList after, PickAct act)
    {
        // Records compare their lists by reference, so the parts are compared one by one.
        if (before.Status != after.Status || !before.Lines.SequenceEqual(after.Lines) || !before.Bags.SequenceEqual(after.Bags))
            await acts.SaveAsync(tx, before, after, act);
    }

    private async Task OnJobAsync(Tx tx, OutboxEvent happened)
    {
        var job = JobEvent.Of(happened);
        if (!ParcelReference.TryParse(job.Reference, out var reference)
            || await orders.FulfilmentAsync(tx, happened.Tenant, reference.Fulfilment) is not { } known
            || await PickListStore.FindAsync(tx, known.Fulfilment.Operator, reference.Fulfilment) is not { } before)
            return;

        await FollowAsync(tx, before, before.Follow(reference.TemperatureClass, job.Status), PickAct.Carried);
    }

    private async Task OpenAsync(Tx tx, List<(Order Order, FulfilmentOrder Fulfilment)> given)
    {
        if (given.Count == 0)
            return;

        var network = await map.CurrentAsync(CancellationToken.None);
        given = await StaffedAsync(tx, given, network);
        var items = await ItemsAsync(tx, given);
        var lists = given.ConvertAll(one => ListOf(one.Order, one.Fulfilment, network, items, tx.Now));
        await orders.ReleaseAsync(tx, given);
        await BookAsync(tx, given.ConvertAll(one => one.Order), lists);
        await PickListStore.InsertAsync(tx, lists);
        await releases.OpenAsync(tx, lists);
        await acts.TellAsync(tx, lists, PickAct.Released);
    }

    // What a shop in another's location is to give is picked by the host's people where the host has agreed to it, looked at here once.
    private async Task<List<(Order Order, FulfilmentOrder Fulfilment)>> StaffedAsync(Tx tx, List<(Order Order, FulfilmentOrder Fulfilment)> given, NetworkSnapshot network)
    {
        for (var i = 0; i < given.Count; i++)
        {
            var (order, fulfilment) = given[i];
            if (network.Find(fulfilment.Location) is not { } shop || network.HostOf(shop) is not { } host || fulfilment.Operator != shop.Operator)
                continue;

            var grants = await partners.GrantedToAsync(tx, shop.Operator, AgreementKind.Pick, tx.Now);
            if (!grants.Any(grant => grant.Grantor == host.Operator && (grant.Covers(null, host.Id, host.Region) || grant.Covers(null, shop.Id, shop.Region))))
                continue;

            await orders.GiveToAsync(tx, order.Seller, fulfilment.Id, host.Operator);
            given[i] = (order, fulfilment with { Operator = host.Operator });
        }

        return given;
    }

    private static PickList ListOf(Order order, FulfilmentOrder fulfilment, NetworkSnapshot network, Dictionary<(PartnerId, ItemId), Item> items, DateTimeOffset now)
    {
        var station = order.Station is { } id ? network.Find(id) : null;
        var node = network.Find(fulfilment.Location);
        return PickList.Restated(new PickList
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
            ReleasedAt = now,
            Lines = [.. fulfilment.Allocations.Select(one => LineOf(order.Lines[one.Line - 1], one, items.GetValueOrDefault((one.Owner, one.Item))))],
            Bags = [.. fulfilment.Allocations.Select(one => order.Lines[one.Line - 1].TemperatureClass).Distinct().Order().Select(one => new Bag(one, null, BagStatus.ToPack))],
        });
    }

    private static PickLine LineOf(OrderLine line, Allocation allocation, Item? item) =>
        new(line.Line, allocation.Owner, allocation.Item, item?.Sku ?? line.Sku, item?.Gtin ?? line.Gtin, item?.Name ?? line.Name, item?.Category ?? "", line.TemperatureClass, allocation.Quantity)
        {
            Short = allocation[LineStatus.Short],
            Cancelled = allocation[LineStatus.Cancelled],
        };

    private async Task<Dictionary<(PartnerId, ItemId), Item>> ItemsAsync(Tx tx, List<(Order Order, FulfilmentOrder Fulfilment)> given)
    {
        var items = new Dictionary<(PartnerId, ItemId), Item>();
        foreach (var stock in given.SelectMany(one => one.Fulfilment.Allocations).GroupBy(one => one.Owner))
        {
            foreach (var item in await catalog.ByIdAsync(tx, stock.Key, [.. stock.Select(one => one.Item).Distinct()]))
                items[(item.Owner, item.Id)] = item;
        }

        return items;
    }

    /// <summary>
    /// One job for each bag that goes out. What goes to a station is carried as a next-day parcel, since no courier is sent for a
    /// pick-up; its code is the order's own as well, which the station takes in on a dispatcher's word.
    /// </summary>
    private async Task BookAsync(Tx tx, List<Order> ordered, List<PickList> lists)
    {
        var parcels = lists.SelectMany((list, at) => list.IsCollectedHere ? [] : list.Bags.Where(bag => bag.Status != BagStatus.Cancelled).Select(bag => (At: at, Bag: bag, Parcel: ParcelOf(ordered[at], list, bag, tx.Now)))).ToList();
        var jobs = await delivery.BookAsync(tx, parcels.ConvertAll(one => one.Parcel));
        foreach (var (parcel, job) in parcels.Zip(jobs))
            lists[parcel.At] = lists[parcel.At] with { Bags = [.. lists[parcel.At].Bags.Select(bag => bag == parcel.Bag ? bag with { Job = job } : bag)] };
    }

    private static Parcel ParcelOf(Order order, PickList list, Bag bag, DateTimeOffset now) => new()
    {
        Shipper = order.Seller,
        Reference = new ParcelReference(list.Id, bag.TemperatureClass).ToString(),
        Origin = list.Location,
        Destination = order.Destination,
        Address = order.Address,
        Service = ServiceOf(list, now),
        ReadyAt = list.ReadyAt,
        DueAt = list.DueAt,
        WeightGrams = (int)Math.Min(int.MaxValue, list.Lines.Where(line => line.TemperatureClass == bag.TemperatureClass).Sum(line => (long)line.Wanted * order.Lines[line.Line - 1].WeightGrams)),
        TemperatureClass = bag.TemperatureClass,
        ProofCode = order.ProofCode,
    };

    private static DeliveryService ServiceOf(PickList list, DateTimeOffset now)
    {
        if (list.Service == DeliveryService.PickUp)
            return DeliveryService.NextDay;

        var due = list.DueAt - now;
        var slowest = due <= WithinHourMax ? DeliveryService.WithinHour : due <= SameDayMax ? DeliveryService.SameDay : DeliveryService.NextDay;
        return list.Service > slowest ? list.Service : slowest;
    }
}
