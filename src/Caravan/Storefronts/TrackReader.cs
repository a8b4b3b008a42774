using Caravan.Delivery;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;

namespace Caravan.Storefronts;

/// <summary>Reads what the customer of an order is shown.</summary>
internal sealed class TrackReader(Store store, OrderDesk orders, DeliveryDesk delivery, NetworkMap map, PartnerBook partners, TimeProvider clock)
{
    private const int EventsMax = 100;

    /// <summary>The order behind a link; null when there is none.</summary>
    public Task<Order?> OrderAsync(string token, CancellationToken cancel) => store.ReadAsync(db => orders.TrackAsync(db, token), cancel);

    public Task<Tracking?> ReadAsync(string token, CancellationToken cancel) => store.ReadAsync<Tracking?>(async db =>
    {
        if (await orders.TrackAsync(db, token) is not { } order)
            return null;

        var network = await map.CurrentAsync(cancel);
        var jobs = await delivery.FindAsync(db, order.Seller, References(order));
        var times = await TimesAsync(db, order.Seller, jobs);
        var station = order.Station is { } id ? network.Find(id) : null;
        var seller = await partners.FindAsync(db, order.Seller);
        var zone = network.Locations.MinBy(location => GreatCircle.Metres(location.Point, order.Destination))?.Hours.Zone.Id ?? "UTC";
        var moving = jobs.Where(job => job.Status is not (JobStatus.Cancelled or JobStatus.Returned)).ToList();
        return new Tracking(
            token,
            order,
            seller?.Name ?? "",
            $"/shop/{seller?.Slug}",
            TrackWords.Headline(order, jobs, station, times, clock.GetUtcNow(), zone),
            [.. ParcelsOf(order, jobs, network, station, times)],
            moving.Count == 0 ? null : moving.Max(job => job.EstimatedAt),
            (await orders.SourcingAsync(db, order.Seller, order.Id)) is [.., var last] ? last.Report.Sentence : null,
            station,
            zone,
            order.Fulfilments.Any(one => one.Allocations.Any(allocation => allocation.Open > 0)));
    }, cancel);

    /// <summary>Couriers on their way to the customer with something of this order. Where a courier is before that is nobody's business.</summary>
    public Task<IReadOnlyList<Job>> RidersAsync(Order order, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<Job>>(
        async db => [.. (await delivery.FindAsync(db, order.Seller, References(order))).Where(IsRiding)], cancel);

    public static bool IsRiding(Job job) => job is { Status: JobStatus.Collected or JobStatus.OutForDelivery, CourierPoint: not null };

    private static List<string> References(Order order) =>
        [.. order.Fulfilments.SelectMany(one => one.Allocations.Select(allocation => new ParcelReference(one.Id, order.Lines[allocation.Line - 1].TemperatureClass).ToString())).Distinct()];

    private static async Task<Dictionary<(JobId, JobStatus), DateTimeOffset>> TimesAsync(Db db, PartnerId seller, IReadOnlyList<Job> jobs)
    {
        var times = new Dictionary<(JobId, JobStatus), DateTimeOffset>();
        foreach (var job in jobs)
        {
            foreach (var happened in await Outbox.ReadAsync(db, seller, 0, job.Id.ToString(), EventsMax))
            {
                if (happened.Type != JobEvent.Estimated)
                    times[(job.Id, JobEvent.Of(happened).Status)] = happened.At;
            }
        }

        return times;
    }

    private static IEnumerable<TrackedParcel> ParcelsOf(Order order, IReadOnlyList<Job> jobs, NetworkSnapshot network, Location? station, Dictionary<(JobId, JobStatus), DateTimeOffset> times)
    {
        var parcels = order.Fulfilments
            .SelectMany(one => one.Allocations.GroupBy(allocation => order.Lines[allocation.Line - 1].TemperatureClass).Select(group => (Fulfilment: one, Class: group.Key, Goods: group.ToList())))
            .ToList();
        for (var index = 0; index < parcels.Count; index++)
        {
            var (fulfilment, temperature, goods) = parcels[index];
            var job = jobs.FirstOrDefault(one => one.Reference == new ParcelReference(fulfilment.Id, temperature).ToString());
            yield return new TrackedParcel(
                parcels.Count == 1 ? "Your parcel" : $"Parcel {index + 1} of {parcels.Count}",
                network.Find(fulfilment.Location),
                fulfilment.DistanceMetres,
                temperature,
                [.. goods.Select(allocation => Said(order.Lines[allocation.Line - 1], allocation))],
                TrackWords.Steps(order, fulfilment, goods, job, station, times),
                job,
                goods.Exists(allocation => allocation.Open + allocation[LineStatus.Shipped] > 0));
        }
    }

    private static string Said(OrderLine line, Allocation allocation)
    {
        List<string> notes = [];
        if (allocation[LineStatus.Short] > 0)
            notes.Add($"{allocation[LineStatus.Short]} not on the shelf");
        if (allocation[LineStatus.Cancelled] > 0)
            notes.Add($"{allocation[LineStatus.Cancelled]} cancelled");
        if (allocation[LineStatus.Returned] > 0)
            notes.Add($"{allocation[LineStatus.Returned]} brought back");
        return $"{allocation.Quantity} × {line.Name}{(notes.Count == 0 ? "" : $" ({string.Join(", ", notes)})")}";
    }
}
