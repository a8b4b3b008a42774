using Caravan.Engines.Geo;
using Caravan.Network;

namespace Caravan.Storefronts;

/// <summary>A part of the country that a shop serves, with places in it to choose from.</summary>
public sealed record ShopRegion(string Code, string Name, bool IsActive, string TimeZone, int Nodes, IReadOnlyList<SamplePlace> Places);

/// <summary>A neighbourhood to choose, since there is no list of addresses here.</summary>
public sealed record SamplePlace(string Label, string Address, GeoPoint Point);

/// <summary>Which regions a shop can serve, and neighbourhoods of each: points a short walk from nodes that lie far apart.</summary>
internal static class SamplePlaces
{
    private const int PlacesMax = 6;
    private const int WalkMetres = 650;
    private const double MetresPerDegree = 111_195;

    /// <param name="network">The network.</param>
    /// <param name="operators">The seller, and those from whose stock it may sell.</param>
    public static IReadOnlyList<ShopRegion> Of(NetworkSnapshot network, IReadOnlySet<PartnerId> operators) =>
        [.. network.Locations
            .Where(location => operators.Contains(location.Operator) && location.IsActive && location.Kind is LocationKind.Store or LocationKind.Warehouse)
            .GroupBy(location => location.Region)
            .Select(group => RegionOf(network, group.Key, [.. group]))
            .OrderByDescending(region => region.IsActive)
            .ThenBy(region => region.Name, StringComparer.Ordinal)];

    private static ShopRegion RegionOf(NetworkSnapshot network, string code, List<Location> nodes)
    {
        var known = network.Regions.FirstOrDefault(region => region.Code == code && nodes.Exists(node => node.Operator == region.Tenant));
        var name = known?.Name ?? code;
        var stores = nodes.FindAll(node => node.Kind == LocationKind.Store);
        return new ShopRegion(
            code,
            name,
            nodes.Exists(network.IsRegionOn),
            nodes[0].Hours.Zone.Id,
            nodes.Count,
            [.. Apart(stores.Count > 0 ? stores : nodes, known?.Centre ?? nodes[0].Point).Select((node, index) => PlaceOf(node, name, index))]);
    }

    // The first is the most central; each further one is the farthest from all before it, at the fringe of town no more.
    private static List<Location> Apart(List<Location> all, GeoPoint centre)
    {
        var nodes = all.OrderBy(node => GreatCircle.Metres(node.Point, centre)).Take(Math.Max(PlacesMax, all.Count * 2 / 3)).ToList();
        List<Location> chosen = [nodes.MinBy(node => GreatCircle.Metres(node.Point, centre))!]; // A region has a node.
        while (chosen.Count < Math.Min(PlacesMax, nodes.Count))
            chosen.Add(nodes.Except(chosen).MaxBy(node => chosen.Min(one => GreatCircle.Metres(one.Point, node.Point)))!); // Fewer are chosen than there are.
        return chosen;
    }

    private static SamplePlace PlaceOf(Location node, string region, int index)
    {
        var angle = index * 2.4; // Radians: a different direction each time.
        var north = WalkMetres * Math.Cos(angle) / MetresPerDegree;
        var east = WalkMetres * Math.Sin(angle) / (MetresPerDegree * Math.Max(0.1, Math.Cos(node.Point.Latitude * Math.PI / 180)));
        var point = new GeoPoint(Math.Round(Math.Clamp(node.Point.Latitude + north, -90, 90), 5), Math.Round(Math.Clamp(node.Point.Longitude + east, -180, 180), 5));
        return new SamplePlace($"Near {node.Name}", $"Sample door near {node.Name}, {region}", point);
    }
}
