using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Returns;

/// <summary>Where a return may go: a warehouse or store at work that keeps its temperatures, and where every owner of it may hold stock.</summary>
internal sealed class ReturnPlaces(NetworkMap map, StockPlaces stock)
{
    /// <summary>The location that is asked for, if it may receive all of it; else the nodes that had sent it, then the warehouses, the closest to the customer first. Null: none may.</summary>
    public async Task<Location?> FindAsync(Tx tx, Order order, IReadOnlyList<ReturnLine> lines, LocationId? asked)
    {
        var network = await map.CurrentAsync(CancellationToken.None);
        var cold = lines.Select(line => order.Lines[line.OrderLine - 1].TemperatureClass).Aggregate(0u, (mask, one) => mask | (1u << (int)one));
        var owners = lines.Select(line => line.Owner).Distinct().ToList();
        IEnumerable<Location?> candidates = asked is { } named
            ? [network.Find(named)]
            : [.. lines.Select(line => line.From).Distinct().Select(network.Find), .. network.Locations.Where(location => location.Kind == LocationKind.Warehouse).OrderBy(location => GreatCircle.Metres(location.Point, order.Destination))];
        foreach (var location in candidates.OfType<Location>())
        {
            if (location.IsActive && location.Kind is LocationKind.Warehouse or LocationKind.Store && (location.TemperatureMask & cold) == cold && await MayAllHoldAsync(tx, network, owners, location.Id))
                return location;
        }

        return null;
    }

    private async Task<bool> MayAllHoldAsync(Tx tx, NetworkSnapshot network, List<PartnerId> owners, LocationId location)
    {
        foreach (var owner in owners)
        {
            if (!await stock.MayHoldAsync(tx, network, owner, location, tx.Now))
                return false;
        }

        return true;
    }
}
