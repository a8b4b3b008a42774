using Caravan.Delivery;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Orders.Rules;
using Caravan.Platform;

namespace Caravan.Orders;

/// <summary>Goods of one node on their way to a customer.</summary>
/// <param name="Node">From where.</param>
/// <param name="Metres">How far by road.</param>
/// <param name="Units">How many.</param>
public readonly record struct PaperParcel(Location Node, int Metres, int Units);

/// <summary>How a basket would be served.</summary>
/// <param name="Parcels">The parcels, the closest first; none when it cannot be served.</param>
/// <param name="PromisedAt">When the last would be there.</param>
/// <param name="Why">The decision in words.</param>
public sealed record PaperDecision(IReadOnlyList<PaperParcel> Parcels, DateTimeOffset? PromisedAt, string Why);

/// <summary>
/// Decides orders as the order desk would, by the same planner, on stock that the asker names, with a courier free at every
/// node. Nothing is written anywhere. For one thread.
/// </summary>
public sealed class PaperDesk
{
    private readonly NetworkSnapshot network;
    private readonly PartnerId company;
    private readonly TravelTimes travel = new();
    private readonly Planner planner;
    private readonly RulesInForce rules;
    private readonly Dictionary<string, Shelf> shelves = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<LocationId, int> ordersThisHour = [];
    private FleetOutlook couriers;
    private DateTimeOffset hour;

    /// <summary>A desk without stock.</summary>
    public PaperDesk(NetworkSnapshot network, PartnerId company)
        : this(network, company, RulesInForce.Default)
    {
    }

    /// <summary>A desk without stock that decides by a company's rules.</summary>
    internal PaperDesk(NetworkSnapshot network, PartnerId company, RulesInForce rules)
    {
        this.network = network;
        this.company = company;
        this.rules = rules;
        planner = new Planner(travel);
        couriers = OutlookAt(default);
    }

    /// <summary>Puts stock on a node's shelf.</summary>
    public void Add(string sku, Location node, int units) => Add(sku, node, company, units, 100);

    /// <summary>Puts an owner's stock on a node's shelf, of which the company may sell a share in per cent.</summary>
    internal void Add(string sku, Location node, PartnerId owner, int units, int sharePercent)
    {
        if (!shelves.TryGetValue(sku, out var shelf))
            shelves.Add(sku, shelf = new Shelf(new ItemId(new Guid(shelves.Count + 1, 0, 0, new byte[8])), []));
        shelf.Cells.Add(new Cell(node, owner, units, sharePercent));
    }

    /// <summary>Decides a basket by the first of the services that can serve it, and takes what it needs. Baskets come in the order of their time.</summary>
    public PaperDecision Decide(IEnumerable<(string Sku, int Quantity)> basket, GeoPoint destination, IReadOnlyList<DeliveryService> services, DateTimeOffset at) =>
        Decide([.. basket.GroupBy(line => line.Sku, StringComparer.OrdinalIgnoreCase).Select((item, index) => LineOf(index + 1, item.Key, item.Sum(line => line.Quantity)))], destination, null, services, at);

    /// <summary>As above, for lines of an order, collected at a station where there is one.</summary>
    internal PaperDecision Decide(List<OrderLine> lines, GeoPoint destination, Location? station, IReadOnlyList<DeliveryService> services, DateTimeOffset at)
    {
        GoTo(at);
        var facts = new OrderFacts(company, lines, destination, station, network, OffersFor(lines, destination), couriers, ordersThisHour, at) { Rules = rules };
        var why = "";
        foreach (var service in services)
        {
            switch (planner.Make(facts, service))
            {
                case Plan.Made made:
                    Take(made, lines);
                    var parcels = made.Nodes.Select(node => new PaperParcel(node.Location, node.Metres, node.Takes.Sum(take => take.Quantity)));
                    return new PaperDecision([.. parcels.OrderBy(parcel => parcel.Metres)], made.PromisedAt, SourcingWords.Sentence(made.Note, network, lines));
                case Plan.Refused refused:
                    why = refused.Sentence;
                    break;
            }
        }

        return new PaperDecision([], null, why);
    }

    /// <summary>How far it is by road from a node.</summary>
    public int Metres(Location node, GeoPoint destination, DateTimeOffset at) => travel.Between(node.Point, destination, VehicleKind.Van, at).Metres;

    private OrderLine LineOf(int number, string sku, int quantity) => new()
    {
        Line = number,
        Item = shelves.TryGetValue(sku, out var shelf) ? shelf.Item : default,
        Sku = sku,
        Name = sku,
        Quantity = quantity,
        PriceAmount = 0,
        WeightGrams = 0,
        TemperatureClass = TemperatureClass.Ambient,
    };

    private List<NodeOffers> OffersFor(List<OrderLine> lines, GeoPoint destination)
    {
        var offers = new Dictionary<LocationId, NodeOffers>();
        foreach (var line in lines)
        {
            foreach (var cell in shelves.TryGetValue(line.Sku, out var shelf) ? shelf.Cells : [])
            {
                var units = (int)((long)cell.Units * cell.SharePercent / 100);
                if (units <= 0)
                    continue;

                if (!offers.TryGetValue(cell.Node.Id, out var there))
                    offers.Add(cell.Node.Id, there = new NodeOffers(cell.Node, GreatCircle.Metres(cell.Node.Point, destination), lines.Count));
                there.Add(new Offer(line.Line, cell.Owner, line.Item, units, cell.SharePercent, IsStale: false));
            }
        }

        return [.. offers.Values.OrderBy(node => node.Metres).ThenBy(node => node.Node.Code, StringComparer.Ordinal)];
    }

    private void Take(Plan.Made made, List<OrderLine> lines)
    {
        foreach (var node in made.Nodes)
        {
            ordersThisHour[node.Location.Id] = ordersThisHour.GetValueOrDefault(node.Location.Id) + 1;
            foreach (var take in node.Takes)
            {
                var cells = shelves[lines.First(line => line.Line == take.Line).Sku].Cells;
                var at = cells.FindIndex(cell => cell.Node.Id == node.Location.Id && cell.Owner == take.Owner);
                cells[at] = cells[at] with { Units = cells[at].Units - take.Quantity };
            }
        }
    }

    // A node's orders are counted by the hour, and so long is what couriers' states are taken for.
    private void GoTo(DateTimeOffset at)
    {
        if (at - hour < TimeSpan.FromHours(1) && at.Hour == hour.Hour)
            return;

        hour = at;
        ordersThisHour.Clear();
        couriers = OutlookAt(at);
    }

    private FleetOutlook OutlookAt(DateTimeOffset at) => FleetOutlook.FreeAt(network.Locations.Where(node => node is { IsActive: true, Kind: LocationKind.Store or LocationKind.Warehouse }), company, travel, at);

    private sealed record Shelf(ItemId Item, List<Cell> Cells);

    private readonly record struct Cell(Location Node, PartnerId Owner, int Units, int SharePercent);
}
