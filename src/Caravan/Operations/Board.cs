using Caravan.Delivery;
using Caravan.Fulfilment;
using Caravan.Network;
using Caravan.Operations.Inbox;
using Caravan.Orders;
using Caravan.Partners;
using Caravan.Platform.Screens;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Operations;

/// <summary>The numbers of a company's board, and what stands on its map.</summary>
public sealed record Board(Partner Company, OrderTally Orders, Punctuality Punctuality, int WaitingForCourier, int LateParcels, int OnTheRoad, int CouriersOnDuty, int ToPick, int Packed, int Feeds, int FeedsStale, int Exceptions, int ExceptionsOverdue);

/// <summary>One order of a list.</summary>
public sealed record OrderRow(Order Order, DateTimeOffset? EstimatedAt, string From, string Zone);

/// <summary>A list of orders.</summary>
public sealed record OrderList(IReadOnlyList<OrderRow> Rows, OrderFilter Filter, OrderId? Next);

/// <summary>Reads boards. A company sees its own orders, couriers and parcels, the work at its own nodes, and of others' nodes those that an agreement opens to it.</summary>
internal sealed class BoardReader(Store store, PartnerBook partners, OrderBoard orders, DeliveryDesk delivery, PickFloor floor, StockBook stock, NetworkMap map, TimeProvider clock)
{
    private const int HomesOnMap = 400;

    public Task<Partner?> CompanyAsync(PartnerId company, CancellationToken cancel) => store.ReadAsync(db => partners.FindAsync(db, company), cancel);

    public Task<Board> BoardAsync(PartnerId company, CancellationToken cancel) => store.ReadAsync(async db =>
    {
        var now = clock.GetUtcNow();
        var network = await map.CurrentAsync(cancel);
        var zone = network.Locations.FirstOrDefault(location => location.Operator == company)?.Hours.Zone ?? NodaTime.DateTimeZone.Utc;
        var midnight = zone.AtStartOfDay(NodaTime.Instant.FromDateTimeOffset(now).InZone(zone).Date).ToDateTimeOffset();
        var active = await delivery.ActiveAsync(db, [company]);
        var loads = await floor.LoadsAsync(db, company);
        var feeds = await stock.FeedsAsync(db, company, now);
        var waiting = await InboxStore.CountAsync(db, company, now);
        return new Board(
            (await partners.FindAsync(db, company))!, // A session's company is never deleted.
            await orders.TallyAsync(db, company, midnight, now),
            await delivery.PunctualityAsync(db, company, midnight),
            active.Jobs.Count(job => job.Status == JobStatus.Booked),
            active.Jobs.Count(job => (job.EstimatedAt ?? now) > job.DueAt),
            active.Jobs.Count(job => job.Status is JobStatus.Collected or JobStatus.OutForDelivery),
            active.Couriers.Count(courier => courier.IsOnDuty),
            loads.Sum(load => load.ToPick),
            loads.Sum(load => load.Packed),
            feeds.Count,
            feeds.Count(feed => !feed.IsFresh),
            waiting.Open,
            waiting.Overdue);
    }, cancel);

    public Task<OrderList> OrdersAsync(PartnerId company, OrderFilter filter, OrderId? before, int count, CancellationToken cancel) => store.ReadAsync(async db =>
    {
        var network = await map.CurrentAsync(cancel);
        var found = await orders.ListAsync(db, company, filter, before, count + 1, clock.GetUtcNow());
        var shown = found.Take(count).ToList();
        var references = shown.SelectMany(order => ParcelsOf(order)).ToList();
        var jobs = (await delivery.FindAsync(db, company, references)).ToLookup(job => job.Reference.Split('/')[0]);
        return new OrderList(
            [.. shown.Select(order => new OrderRow(
                order,
                order.Fulfilments.SelectMany(one => jobs[one.Id.ToString()]).Where(job => job.Status != JobStatus.Cancelled).Max(job => job.EstimatedAt),
                string.Join(", ", order.Fulfilments.Select(one => network.Find(one.Location)?.Name).OfType<string>().Distinct()),
                order.Fulfilments is [var first, ..] ? network.Find(first.Location)?.Hours.Zone.Id ?? "UTC" : "UTC"))],
            filter,
            found.Count > count ? shown[^1].Id : null);
    }, cancel);

    public static IEnumerable<string> ParcelsOf(Order order) =>
        order.Fulfilments.SelectMany(one => one.Allocations.Select(allocation => new ParcelReference(one.Id, order.Lines[allocation.Line - 1].TemperatureClass).ToString())).Distinct();

    public Task<MapData> MapAsync(PartnerId company, CancellationToken cancel) => store.ReadAsync(async db =>
    {
        var now = clock.GetUtcNow();
        var network = await map.CurrentAsync(cancel);
        var active = await delivery.ActiveAsync(db, [company]);
        var loads = (await floor.LoadsAsync(db, company)).ToDictionary(load => load.Location);
        var seen = await SeenNodesAsync(db, company, network, now);
        return new MapData(
            [
                .. seen.Select(node => NodePoint(node, network, loads.GetValueOrDefault(node.Id), node.Operator == company, now)),
                .. active.Couriers.Select(courier => CourierPoint(courier, active.Jobs)),
                .. active.Jobs.Where(job => job.Shipper == company).Take(HomesOnMap).Select(job => HomePoint(job, now)),
            ],
            [],
            "/operations/events");
    }, cancel);

    /// <summary>A company's own nodes, and those where an agreement lets it sell or hand over.</summary>
    public async Task<IReadOnlyList<Location>> SeenNodesAsync(Db db, PartnerId company, NetworkSnapshot network, DateTimeOffset now)
    {
        var grants = (await partners.GrantedToAsync(db, company, AgreementKind.SellStock, now)).Concat(await partners.GrantedToAsync(db, company, AgreementKind.HandOver, now)).ToList();
        return [.. network.Locations.Where(location => location.Operator == company || grants.Any(grant =>
            grant.Grantor == location.Operator && (grant.Locations is null || grant.Locations.Contains(location.Id)) && (grant.Region is null || grant.Region == location.Region)))];
    }

    public Task<IReadOnlyList<MapPoint>> CouriersAsync(PartnerId company, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<MapPoint>>(async db =>
    {
        var active = await delivery.ActiveAsync(db, [company]);
        return [.. active.Couriers.Select(courier => CourierPoint(courier, active.Jobs))];
    }, cancel);

    private static MapPoint NodePoint(Location node, NetworkSnapshot network, PickLoad? load, bool isOwn, DateTimeOffset now)
    {
        var isOn = node.IsActive && network.IsRegionOn(node);
        var isOpen = node.Hours.IsOpen(now);
        var work = load is null ? "" : $"; {load.ToPick} to pick, {load.Packed} packed";
        return new MapPoint(
            node.Id.ToString(),
            Enum.Parse<MapKind>(node.Kind.ToString()),
            node.Point.Latitude,
            node.Point.Longitude,
            node.Name,
            (isOn ? isOpen ? "Open" : "Closed just now" : "Switched off") + work,
            !isOn ? Tone.Warn : load?.DueNext < now ? Tone.Bad : isOpen ? Tone.Good : Tone.Neutral,
            isOwn ? $"/picking/{node.Id}" : null,
            Area: network.Regions.FirstOrDefault(region => region.Tenant == node.Operator && region.Code == node.Region)?.Name ?? node.Region);
    }

    private static MapPoint CourierPoint(Courier courier, IReadOnlyList<Job> jobs)
    {
        var carried = jobs.Count(job => job.Courier == courier.Id);
        return new MapPoint(
            courier.Id.ToString(),
            MapKind.Courier,
            courier.Point.Latitude,
            courier.Point.Longitude,
            $"Courier {courier.Code}",
            carried == 0 ? courier.IsOnDuty ? "Waiting for work" : "Off duty" : carried == 1 ? "1 parcel" : $"{carried} parcels",
            carried > 0 ? Tone.Info : courier.IsOnDuty ? Tone.Good : Tone.Neutral,
            null,
            courier.IsSimulated);
    }

    private static MapPoint HomePoint(Job job, DateTimeOffset now) => new(
        job.Id.ToString(),
        MapKind.Customer,
        job.Destination.Latitude,
        job.Destination.Longitude,
        job.Address.Length > 0 ? job.Address : "A customer",
        job.Status == JobStatus.Booked ? "Waits for a courier" : StateWords.Said(job.Status.ToString()),
        (job.EstimatedAt ?? now) > job.DueAt ? Tone.Bad : Tone.Info,
        ParcelReference.TryParse(job.Reference, out var parcel) ? $"/operations/parcels/{parcel.Fulfilment}" : null);
}
