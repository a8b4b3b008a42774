using Caravan.Catalog;
using Caravan.Delivery;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Orders.Holds;
using Caravan.Orders.Rules;
using Caravan.Partners;
using Caravan.Platform.Storage;
using Caravan.Stock;
using Caravan.Stock.Stops;

namespace Caravan.Orders;

/// <summary>What one owner's stock at a node could give to a line, and the share of the cell that may be taken, in per cent.</summary>
internal readonly record struct Offer(int Line, PartnerId Owner, ItemId Item, int Sellable, int SharePercent, bool IsStale);

/// <summary>A node, how far it is from where the order goes, and all it offers to the basket: most often one line.</summary>
internal sealed class NodeOffers(Location node, int metres, int capacity = 1)
{
    private Offer[] offers = new Offer[capacity];
    private int count;

    public Location Node { get; } = node;

    public int Metres { get; } = metres;

    public ReadOnlySpan<Offer> Offers => offers.AsSpan(0, count);

    /// <summary>The same offers, were the node otherwise.</summary>
    public NodeOffers At(Location node) => new(node, Metres) { offers = offers, count = count };

    public void Add(in Offer offer)
    {
        if (count == offers.Length)
            Array.Resize(ref offers, count * 2);
        offers[count++] = offer;
    }
}

/// <summary>Everything that decides where a basket comes from, the closest nodes first; the planner is then pure.</summary>
internal sealed record OrderFacts(
    PartnerId Seller,
    IReadOnlyList<OrderLine> Lines,
    GeoPoint Destination,
    Location? Station,
    NetworkSnapshot Network,
    IReadOnlyList<NodeOffers> Nodes,
    FleetOutlook Couriers,
    IReadOnlyDictionary<LocationId, int> OrdersThisHour,
    DateTimeOffset Now)
{
    /// <summary>The seller's rules of sourcing.</summary>
    public RulesInForce Rules { get; init; } = RulesInForce.Default;

    /// <summary>What nodes offer before any quota.</summary>
    public IReadOnlyList<NodeOffers>? Unlimited { get; init; }

    /// <summary>The same, were there nothing but what was held: all of that, for the share it was part of has been counted.</summary>
    public OrderFacts Within(IReadOnlyList<HoldTake> takes)
    {
        var held = takes.GroupBy(take => (take.Location, take.Owner, take.Item)).ToDictionary(cell => cell.Key, cell => cell.Sum(take => take.Quantity));
        var nodes = new List<NodeOffers>();
        foreach (var node in Unlimited ?? Nodes)
        {
            var within = new NodeOffers(node.Node, node.Metres);
            foreach (var offer in node.Offers)
            {
                if (held.TryGetValue((node.Node.Id, offer.Owner, offer.Item), out var quantity))
                    within.Add(offer with { Sellable = quantity, SharePercent = 100 });
            }

            if (within.Offers.Length > 0)
                nodes.Add(within);
        }

        return this with { Nodes = nodes };
    }

    /// <summary>The same under rules that were in force before: their weights, and cut-offs as they were then.</summary>
    public OrderFacts Under(EarlierRules earlier)
    {
        var cutOffs = earlier.CutOffs.ToDictionary(one => one.Location);
        return this with
        {
            Rules = new RulesInForce(earlier.Version, earlier.Weights, []),
            Nodes = cutOffs.Count == 0 ? Nodes : [.. Nodes.Select(node => node.Node.Operator == Seller && cutOffs.TryGetValue(node.Node.Id, out var then) ? node.At(node.Node with { SameDayCutOff = then.SameDay, NextDayCutOff = then.NextDay }) : node)],
        };
    }
}

/// <summary>Gathers <see cref="OrderFacts"/> from the rooms below: in a transaction as they are, else as they are remembered.</summary>
internal sealed class OrderFactsReader(PartnerBook partners, ItemCatalog catalog, NetworkMap map, StockBook stock, DeliveryDesk delivery, NodeLoads loads, QuotaBook quotas, StopSellBook stops, SourcingRuleBook rules)
{
    // Farther nodes are no candidates, whatever they have; it keeps a basket's candidates to those of its part of the country.
    private const int CandidateMetresMax = 400_000;
    private const double CandidateDegreesMax = CandidateMetresMax / 111_000.0;
    private const int CandidatesMax = 400;

    public async Task<OrderFacts> ReadAsync(Db db, QuotaBuyer buyer, IReadOnlyList<OrderLine> lines, GeoPoint destination, Location? station, IReadOnlySet<LocationId> excluded, CancellationToken cancel)
    {
        var (seller, now) = (buyer.Seller, buyer.At);
        var network = await map.CurrentAsync(cancel);
        var stopped = await stops.CurrentAsync(db);
        var grants = stopped.Allowed(seller, await db.OnceAsync(("grants", seller), async () => await partners.GrantedToAsync(db, seller, AgreementKind.SellStock, now)));
        var items = await ItemsAsync(db, seller, lines, grants);
        var shelves = await ShelvesAsync(db, items.Keys);
        var nodes = OffersOf(shelves, items, seller, grants, stopped, network, destination, excluded, now);
        var limited = await quotas.ConcernedAsync(db, items.Keys, now);
        return new OrderFacts(
            seller,
            lines,
            destination,
            station,
            network,
            limited.Count == 0 ? nodes : QuotaLimits.Apply(nodes, await quotas.LedgerAsync(db, limited, now), buyer, limited, lines, grants),
            await db.OnceAsync(("fleet", seller), async () => await delivery.OutlookAsync(db, seller, now)),
            await loads.OfAsync(db, OperatorsOf(nodes), now),
            now)
        {
            Unlimited = nodes,
            Rules = await rules.CurrentAsync(db, seller),
        };
    }

    /// <summary>Brings into memory where these items of a seller's, and the same of its partners, lie.</summary>
    public async Task WarmAsync(Db db, PartnerId seller, IReadOnlyList<OrderLine> lines, DateTimeOffset now) =>
        await stock.ShelvesAsync(db, (await ItemsAsync(db, seller, lines, await partners.GrantedToAsync(db, seller, AgreementKind.SellStock, now))).Keys);

    private async ValueTask<IReadOnlyList<Shelf>> ShelvesAsync(Db db, IReadOnlyCollection<(PartnerId Owner, ItemId Item)> items)
    {
        if (db is not Tx { Known: { } known })
            return await stock.ShelvesAsync(db, items);

        var missing = items.Where(item => !known.ContainsKey(item)).ToList();
        foreach (var shelf in missing.Count == 0 ? [] : await stock.ShelvesAsync(db, missing))
            known[(shelf.Owner, shelf.Item)] = shelf;
        return [.. items.Select(item => (Shelf)known[item])];
    }

    /// <summary>Some of these items has been reserved, or given back: what is remembered of them in this piece of work is no longer so.</summary>
    public static void Changed(Tx tx, IEnumerable<StockTake> takes)
    {
        foreach (var take in takes)
            tx.Known?.Remove((take.Owner, take.Item));
    }

    private static HashSet<PartnerId> OperatorsOf(List<NodeOffers> nodes)
    {
        HashSet<PartnerId> operators = [];
        foreach (var node in nodes)
            operators.Add(node.Node.Operator);
        return operators;
    }

    /// <summary>The seller's items and those of its partners with the same GTINs, and the line each would serve.</summary>
    private async Task<Dictionary<(PartnerId Owner, ItemId Item), OrderLine>> ItemsAsync(Db db, PartnerId seller, IReadOnlyList<OrderLine> lines, IReadOnlyList<Agreement> grants)
    {
        var items = new Dictionary<(PartnerId Owner, ItemId Item), OrderLine>(lines.Count * (grants.Count + 1));
        foreach (var line in lines)
            items.Add((seller, line.Item), line);
        if (grants.Count == 0)
            return items;

        var lineOfGtin = lines.Where(line => line.Gtin is not null).ToDictionary(line => line.Gtin!); // Filtered just before.
        foreach (var item in await catalog.ByGtinAsync(db, [.. grants.Select(grant => grant.Grantor).Distinct()], lineOfGtin.Keys))
            items[(item.Owner, item.Id)] = lineOfGtin[item.Gtin!]; // Found by its GTIN.
        return items;
    }

    // Closest first, so that ties fall the same way whatever order the store gave the cells in.
    private static List<NodeOffers> OffersOf(
        IReadOnlyList<Shelf> shelves,
        Dictionary<(PartnerId Owner, ItemId Item), OrderLine> items,
        PartnerId seller,
        IReadOnlyList<Agreement> grants,
        StopSells stopped,
        NetworkSnapshot network,
        GeoPoint destination,
        IReadOnlySet<LocationId> excluded,
        DateTimeOffset now)
    {
        var nodes = new Dictionary<LocationId, NodeOffers?>(shelves.Sum(shelf => shelf.Count));
        foreach (var shelf in shelves)
        {
            var line = items[(shelf.Owner, shelf.Item)];
            for (var i = 0; i < shelf.Count; i++)
            {
                var there = shelf.SellableAt(i);
                if (there == 0)
                    continue;

                var location = shelf.LocationAt(i);
                if (!nodes.TryGetValue(location, out var node))
                    nodes[location] = node = CandidateAt(location, network, destination, excluded);
                if (node is null || stopped.IsStopped(seller, line.Item, shelf.Owner, shelf.Item, location, node.Node.Operator, shelf.FeedAt(i)))
                    continue;

                var share = shelf.Owner == seller ? 100 : ShareOf(grants, shelf.Owner, line.Gtin, node.Node);
                var sellable = (int)((long)there * share / 100);
                if (sellable > 0)
                    node.Add(new Offer(line.Line, shelf.Owner, shelf.Item, sellable, share, shelf.IsStaleAt(i, now)));
            }
        }

        var candidates = nodes.Values.OfType<NodeOffers>().Where(node => node.Offers.Length > 0).ToList();
        candidates.Sort((a, b) => a.Metres != b.Metres ? a.Metres.CompareTo(b.Metres) : string.CompareOrdinal(a.Node.Code, b.Node.Code));
        return candidates.Count <= CandidatesMax ? candidates : candidates[..CandidatesMax];
    }

    private static NodeOffers? CandidateAt(LocationId location, NetworkSnapshot network, GeoPoint destination, IReadOnlySet<LocationId> excluded)
    {
        if (network.Find(location) is not { } node || Math.Abs(node.Point.Latitude - destination.Latitude) > CandidateDegreesMax || excluded.Contains(location))
            return null;

        var metres = GreatCircle.Metres(node.Point, destination);
        return metres > CandidateMetresMax ? null : new NodeOffers(node, metres);
    }

    /// <summary>How much of a neighbour's cell the best agreement lets the seller take, in per cent.</summary>
    public static int ShareOf(IReadOnlyList<Agreement> grants, PartnerId owner, string? gtin, Location node)
    {
        var best = 0;
        foreach (var grant in grants)
        {
            if (grant.Grantor == owner && grant.SharePercent > best && grant.Covers(gtin, node.Id, node.Region))
                best = grant.SharePercent;
        }

        return best;
    }
}
