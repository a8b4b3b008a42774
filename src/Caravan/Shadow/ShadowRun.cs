using Caravan.Delivery;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform;

namespace Caravan.Shadow;

/// <summary>One way in which an order was served, or not.</summary>
/// <param name="Parcels">From which nodes, how far each by road, with how many units.</param>
/// <param name="UnitsLacking">Units that went nowhere.</param>
/// <param name="Until">How long it took, or would by the promise, if that is known.</param>
/// <param name="Why">The decision in words.</param>
public sealed record ShadowDecision(IReadOnlyList<ShadowParcel> Parcels, int UnitsLacking, TimeSpan? Until, string Why)
{
    public bool IsServed => UnitsLacking == 0;
}

/// <summary>Goods of one node on their way.</summary>
public readonly record struct ShadowParcel(Location Node, int Metres, int Units);

/// <summary>An order and how it was served by both.</summary>
public sealed record ShadowPair(ShadowOrder Order, ShadowDecision Real, ShadowDecision Caravan);

/// <summary>
/// Decides a day's orders once more, one after the other in the order of their time, on the stock the day began with and by
/// the planner that serves real orders. Nothing is written anywhere.
/// </summary>
internal sealed class ShadowRun
{
    // What a courier's state is taken from; the run has one who is free at every node.
    private static readonly TimeSpan OutlookFor = TimeSpan.FromHours(1);
    private static readonly DeliveryService[] SoonestFirst = [DeliveryService.WithinHour, DeliveryService.SameDay, DeliveryService.NextDay];

    private readonly ShadowInput input;
    private readonly NetworkSnapshot network;
    private readonly PartnerId company;
    private readonly DeliveryService[] services;
    private readonly TravelTimes travel = new();
    private readonly Planner planner;
    private readonly Dictionary<string, Location> nodes;
    private readonly Dictionary<string, Shelf> shelves = [];
    private readonly Dictionary<LocationId, int> ordersThisHour = [];
    private FleetOutlook couriers;
    private DateTimeOffset hour;

    public ShadowRun(ShadowInput input, NetworkSnapshot network, PartnerId company, DeliveryService? service)
    {
        services = service is { } one ? [one] : SoonestFirst;
        this.input = input;
        this.network = network;
        this.company = company;
        planner = new Planner(travel);
        nodes = network.Locations.Where(location => location is { IsActive: true, Kind: LocationKind.Store or LocationKind.Warehouse }).DistinctBy(location => location.Code).ToDictionary(location => location.Code, StringComparer.OrdinalIgnoreCase);
        couriers = OutlookAt(default);
        foreach (var cell in input.Stock)
        {
            if (!nodes.TryGetValue(cell.Node, out var node))
            {
                UnknownNodes.Add(cell.Node);
                continue;
            }

            if (!shelves.TryGetValue(cell.Sku, out var shelf))
                shelves.Add(cell.Sku, shelf = new Shelf(new ItemId(new Guid(shelves.Count + 1, 0, 0, new byte[8])), []));
            shelf.Cells.Add((node, cell.Quantity));
            OpeningUnits[node.Id] = OpeningUnits.GetValueOrDefault(node.Id) + cell.Quantity;
        }
    }

    /// <summary>Codes of the files that the network does not have.</summary>
    public SortedSet<string> UnknownNodes { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What each node had when the day began.</summary>
    public Dictionary<LocationId, long> OpeningUnits { get; } = [];

    /// <summary>The nodes that may give something.</summary>
    public IReadOnlyCollection<Location> Nodes => nodes.Values;

    /// <summary>Goes through the day; <paramref name="progress"/> hears how many orders are done.</summary>
    public List<ShadowPair> Run(Action<int>? progress, CancellationToken cancel)
    {
        if (nodes.Count == 0)
            throw new InvalidDataException("There is no store or warehouse in the network. Give a file of locations, with the columns code, latitude, longitude, kind.");
        if (shelves.Count == 0)
            throw new InvalidDataException($"No location of the stock file is in the network: {string.Join(", ", UnknownNodes.Take(5))}. The network has {string.Join(", ", nodes.Keys.Take(5))}.");

        List<ShadowPair> pairs = new(input.Orders.Count);
        foreach (var order in input.Orders)
        {
            cancel.ThrowIfCancellationRequested();
            GoTo(order.At);
            pairs.Add(new ShadowPair(order, AsItWas(order), Decide(order)));
            if (pairs.Count % 100 == 0)
                progress?.Invoke(pairs.Count);
        }

        progress?.Invoke(pairs.Count);
        return pairs;
    }

    private void GoTo(DateTimeOffset at)
    {
        if (at - hour < OutlookFor && at.Hour == hour.Hour)
            return;

        hour = at;
        ordersThisHour.Clear();
        couriers = OutlookAt(at);
    }

    private ShadowDecision AsItWas(ShadowOrder order)
    {
        Dictionary<string, int> units = new(StringComparer.OrdinalIgnoreCase);
        var lacking = 0;
        foreach (var line in order.Lines)
        {
            if (nodes.ContainsKey(line.From))
            {
                units[line.From] = units.GetValueOrDefault(line.From) + line.Quantity;
                continue;
            }

            lacking += line.Quantity;
            if (line.From.Length > 0)
                UnknownNodes.Add(line.From);
        }

        var parcels = units.Select(one => new ShadowParcel(nodes[one.Key], Metres(nodes[one.Key], order), one.Value)).OrderBy(parcel => parcel.Metres).ToList();
        return new ShadowDecision(parcels, lacking, order.DeliveredAt - order.At, lacking > 0 ? $"{lacking} units went nowhere, or nobody knows from where." : "");
    }

    private ShadowDecision Decide(ShadowOrder order)
    {
        List<OrderLine> lines = [];
        foreach (var item in order.Lines.GroupBy(line => line.Sku, StringComparer.OrdinalIgnoreCase))
        {
            lines.Add(new OrderLine
            {
                Line = lines.Count + 1,
                Item = shelves.TryGetValue(item.Key, out var shelf) ? shelf.Item : default,
                Sku = item.Key,
                Name = item.Key,
                Quantity = item.Sum(line => line.Quantity),
                PriceAmount = 0,
                WeightGrams = 0,
                TemperatureClass = TemperatureClass.Ambient,
            });
        }

        var facts = new OrderFacts(company, lines, order.Destination, null, network, OffersFor(lines, order.Destination), couriers, ordersThisHour, order.At);
        Plan.Refused? refused = null;
        foreach (var service in order.Service is { } asked ? [asked] : services)
        {
            switch (planner.Make(facts, service))
            {
                case Plan.Made made:
                    Take(made, lines);
                    return new ShadowDecision(
                        [.. made.Nodes.Select(node => new ShadowParcel(node.Location, node.Metres, node.Takes.Sum(take => take.Quantity))).OrderBy(parcel => parcel.Metres)],
                        0,
                        made.PromisedAt - order.At,
                        SourcingWords.Sentence(made.Note, network, lines));
                case Plan.Refused no:
                    refused = no;
                    break;
            }
        }

        return new ShadowDecision([], lines.Sum(line => line.Quantity), null, refused!.Sentence); // There is one service at least.
    }

    private List<NodeOffers> OffersFor(List<OrderLine> lines, GeoPoint destination)
    {
        var offers = new Dictionary<LocationId, NodeOffers>();
        foreach (var line in lines)
        {
            foreach (var (node, units) in shelves.TryGetValue(line.Sku, out var shelf) ? shelf.Cells : [])
            {
                if (units <= 0)
                    continue;

                if (!offers.TryGetValue(node.Id, out var there))
                    offers.Add(node.Id, there = new NodeOffers(node, GreatCircle.Metres(node.Point, destination), lines.Count));
                there.Add(new Offer(line.Line, company, line.Item, units, 100, IsStale: false));
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
                var cells = shelves[lines[take.Line - 1].Sku].Cells;
                var at = cells.FindIndex(cell => cell.Node.Id == node.Location.Id);
                cells[at] = (cells[at].Node, cells[at].Units - take.Quantity);
            }
        }
    }

    private int Metres(Location node, ShadowOrder order) => travel.Between(node.Point, order.Destination, VehicleKind.Van, order.At).Metres;

    private FleetOutlook OutlookAt(DateTimeOffset at)
    {
        var loads = nodes.Values.Select(node => new CourierLoad { Region = node.Region, Vehicle = VehicleKind.Scooter, Latitude = node.Point.Latitude, Longitude = node.Point.Longitude, ShiftStart = "00:00", ShiftEnd = "00:00", TimeZone = node.Hours.Zone.Id, IsOnDuty = true }).ToList();
        return new FleetOutlook(travel, new ShipRights(company, []), [(company, loads)], at, at);
    }

    private sealed record Shelf(ItemId Item, List<(Location Node, int Units)> Cells);
}
