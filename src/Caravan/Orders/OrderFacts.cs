using Caravan.Catalog;
using Caravan.Delivery;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Orders;

/// <summary>What one owner's stock at a node could give to a line.</summary>
internal readonly record struct Offer(int Line, PartnerId Owner, ItemId Item, int Sellable, bool IsStale);

/// <summary>Everything that decides where a basket comes from, read on one snapshot; the planner is then pure.</summary>
internal sealed record OrderFacts(
    PartnerId Seller,
    IReadOnlyList<OrderLine> Lines,
    GeoPoint Destination,
    Location? Station,
    NetworkSnapshot Network,
    IReadOnlyDictionary<LocationId, List<Offer>> Offers,
    IReadOnlyDictionary<LocationId, CourierOutlook> Riders,
    IReadOnlyDictionary<LocationId, CourierOutlook> Vans,
    IReadOnlyDictionary<LocationId, int> OrdersThisHour,
    DateTimeOffset Now);

/// <summary>Gathers <see cref="OrderFacts"/> from the rooms below.</summary>
internal sealed class OrderFactsReader(PartnerBook partners, ItemCatalog catalog, NetworkMap map, StockBook stock, DeliveryDesk delivery)
{
    // Farther nodes are no candidates, whatever they have; it keeps a basket's candidates to those of its part of the country.
    private const int CandidateMetresMax = 400_000;
    private const int CandidatesMax = 400;

    public async Task<OrderFacts> ReadAsync(Db db, PartnerId seller, IReadOnlyList<OrderLine> lines, GeoPoint destination, Location? station, IReadOnlySet<LocationId> excluded, DateTimeOffset now, CancellationToken cancel)
    {
        var network = await map.CurrentAsync(cancel);
        var grants = await partners.GrantedToAsync(db, seller, AgreementKind.SellStock, now);
        var offers = await OffersAsync(db, seller, lines, grants, network, destination, excluded, now);
        var nodes = offers.Keys.Select(network.Find).OfType<Location>().ToList();
        var couriers = await delivery.OutlookAsync(db, seller, now);
        return new OrderFacts(
            seller,
            lines,
            destination,
            station,
            network,
            offers,
            couriers.Of(nodes, DeliveryService.WithinHour),
            couriers.Of(nodes, DeliveryService.SameDay),
            await OrderStore.LoadsAsync(db, nodes, now),
            now);
    }

    private async Task<Dictionary<LocationId, List<Offer>>> OffersAsync(
        Db db,
        PartnerId seller,
        IReadOnlyList<OrderLine> lines,
        IReadOnlyList<Agreement> grants,
        NetworkSnapshot network,
        GeoPoint destination,
        IReadOnlySet<LocationId> excluded,
        DateTimeOffset now)
    {
        var lineOfItem = lines.ToDictionary(line => (seller, line.Item), line => line.Line);
        var lineOfGtin = lines.Where(line => line.Gtin is not null).ToDictionary(line => line.Gtin!, line => line.Line); // Filtered just before.
        var gtinOf = new Dictionary<(PartnerId, ItemId), string>();
        foreach (var item in await catalog.ByGtinAsync(db, [.. grants.Select(grant => grant.Grantor).Distinct()], lineOfGtin.Keys))
        {
            lineOfItem[(item.Owner, item.Id)] = lineOfGtin[item.Gtin!]; // Found by its GTIN.
            gtinOf[(item.Owner, item.Id)] = item.Gtin!;
        }

        var offers = new Dictionary<LocationId, List<Offer>>();
        var metres = new Dictionary<LocationId, int>();
        foreach (var cell in await stock.CellsAsync(db, lineOfItem.Keys, now))
        {
            if (cell.Sellable == 0 || excluded.Contains(cell.Location) || network.Find(cell.Location) is not { } node)
                continue;

            if (!metres.TryGetValue(node.Id, out var distance))
                metres[node.Id] = distance = GreatCircle.Metres(node.Point, destination);
            var share = cell.Owner == seller ? 100 : Share(grants, cell, gtinOf[(cell.Owner, cell.Item)], node);
            var sellable = (int)((long)cell.Sellable * share / 100);
            if (distance > CandidateMetresMax || sellable == 0)
                continue;

            if (!offers.TryGetValue(node.Id, out var here))
                offers[node.Id] = here = [];
            here.Add(new Offer(lineOfItem[(cell.Owner, cell.Item)], cell.Owner, cell.Item, sellable, cell.IsStale));
        }

        return offers.Count <= CandidatesMax
            ? offers
            : offers.OrderBy(offer => metres[offer.Key]).Take(CandidatesMax).ToDictionary(offer => offer.Key, offer => offer.Value);
    }

    /// <summary>How much of a neighbour's cell the best agreement lets the seller take, in per cent.</summary>
    private static int Share(IReadOnlyList<Agreement> grants, StockCell cell, string gtin, Location node) =>
        grants.Where(grant => grant.Grantor == cell.Owner && grant.Covers(gtin, cell.Location, node.Region))
            .Select(grant => grant.SharePercent)
            .DefaultIfEmpty(0)
            .Max();
}
