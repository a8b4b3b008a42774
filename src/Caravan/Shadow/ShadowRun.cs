using Caravan.Delivery;
using Caravan.Network;
using Caravan.Orders;

namespace Caravan.Shadow;

/// <summary>One way in which an order was served, or not.</summary>
/// <param name="Parcels">From which nodes, how far each by road, with how many units.</param>
/// <param name="UnitsLacking">Units that went nowhere.</param>
/// <param name="Until">How long it took, or would by the promise, if that is known.</param>
/// <param name="Why">The decision in words.</param>
public sealed record ShadowDecision(IReadOnlyList<PaperParcel> Parcels, int UnitsLacking, TimeSpan? Until, string Why)
{
    public bool IsServed => UnitsLacking == 0;
}

/// <summary>An order and how it was served by both.</summary>
public sealed record ShadowPair(ShadowOrder Order, ShadowDecision Real, ShadowDecision Caravan);

/// <summary>
/// Decides a day's orders once more, one after the other in the order of their time, on the stock the day began with and by
/// the planner that serves real orders. Nothing is written anywhere.
/// </summary>
internal sealed class ShadowRun
{
    private static readonly DeliveryService[] SoonestFirst = [DeliveryService.WithinHour, DeliveryService.SameDay, DeliveryService.NextDay];

    private readonly ShadowInput input;
    private readonly NetworkSnapshot network;
    private readonly DeliveryService[] services;
    private readonly PaperDesk desk;
    private readonly Dictionary<string, Location> nodes;

    public ShadowRun(ShadowInput input, NetworkSnapshot network, PartnerId company, DeliveryService? service)
    {
        services = service is { } one ? [one] : SoonestFirst;
        this.input = input;
        this.network = network;
        desk = new PaperDesk(network, company);
        nodes = network.Locations.Where(location => location is { IsActive: true, Kind: LocationKind.Store or LocationKind.Warehouse }).DistinctBy(location => location.Code).ToDictionary(location => location.Code, StringComparer.OrdinalIgnoreCase);
        foreach (var cell in input.Stock)
        {
            if (!nodes.TryGetValue(cell.Node, out var node))
            {
                UnknownNodes.Add(cell.Node);
                continue;
            }

            desk.Add(cell.Sku, node, cell.Quantity);
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
        if (OpeningUnits.Count == 0)
            throw new InvalidDataException($"No location of the stock file is in the network: {string.Join(", ", UnknownNodes.Take(5))}. The network has {string.Join(", ", nodes.Keys.Take(5))}.");

        List<ShadowPair> pairs = new(input.Orders.Count);
        foreach (var order in input.Orders)
        {
            cancel.ThrowIfCancellationRequested();
            pairs.Add(new ShadowPair(order, AsItWas(order), Decide(order)));
            if (pairs.Count % 100 == 0)
                progress?.Invoke(pairs.Count);
        }

        progress?.Invoke(pairs.Count);
        return pairs;
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

        var parcels = units.Select(one => new PaperParcel(nodes[one.Key], desk.Metres(nodes[one.Key], order.Destination, order.At), one.Value)).OrderBy(parcel => parcel.Metres).ToList();
        return new ShadowDecision(parcels, lacking, order.DeliveredAt - order.At, lacking > 0 ? $"{lacking} units went nowhere, or nobody knows from where." : "");
    }

    private ShadowDecision Decide(ShadowOrder order)
    {
        var decision = desk.Decide(order.Lines.Select(line => (line.Sku, line.Quantity)), order.Destination, order.Service is { } asked ? [asked] : services, order.At);
        return new ShadowDecision(decision.Parcels, decision.PromisedAt is null ? order.Lines.Sum(line => line.Quantity) : 0, decision.PromisedAt - order.At, decision.Why);
    }
}
