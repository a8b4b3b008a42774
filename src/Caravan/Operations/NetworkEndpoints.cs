using System.Globalization;
using Caravan.Engines.Geo;
using Caravan.Fulfilment;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Screens;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Caravan.Stock;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Caravan.Operations;

/// <summary>A region of a company, with what stands in it.</summary>
public sealed record RegionRow(string Code, string Name, bool IsActive, int Warehouses, int Stores, int Stations);

/// <summary>A node of the list.</summary>
public sealed record NodeRow(Location Node, string Operator, bool IsOn, bool IsOpen, int ToPick);

internal static class NetworkEndpoints
{
    private const int NodesShown = 25;

    public static void MapNetworkPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/operations/network").ExcludeFromDescription().NeedsScope(Area.Network);
        pages.MapGet("", Show);
        pages.MapPost("/regions", Switch);
        pages.MapGet("/nodes.csv", File);
        routes.MapGet("/operations/feeds", Feeds).ExcludeFromDescription().NeedsScope(Area.Stock);
    }

    private static async Task<IResult> Show(Caller caller, Store store, BoardReader reader, PartnerBook partners, NetworkMap map, PickFloor floor, TimeProvider clock, CancellationToken cancel, string? q = null, string? region = null)
    {
        var network = await map.CurrentAsync(cancel);
        var found = await FoundAsync(caller.Tenant, store, reader, partners, network, floor, clock.GetUtcNow(), q, region, cancel);
        return new RazorComponentResult<NetworkPage>(new
        {
            Company = await reader.CompanyAsync(caller.Tenant, cancel),
            Regions = RegionsOf(network, caller.Tenant),
            Nodes = (IReadOnlyList<NodeRow>)[.. found.Take(NodesShown)],
            Found = found.Count,
            Search = q,
            Region = region,
        });
    }

    private static async Task<IResult> File(Caller caller, Store store, BoardReader reader, PartnerBook partners, NetworkMap map, PickFloor floor, TimeProvider clock, CancellationToken cancel, string? q = null, string? region = null)
    {
        var found = await FoundAsync(caller.Tenant, store, reader, partners, await map.CurrentAsync(cancel), floor, clock.GetUtcNow(), q, region, cancel);
        return Csv.File("nodes.csv", ["code", "node", "id", "kind", "region", "operator", "isOn", "isOpen", "latitude", "longitude", "keeps", "ordersAnHour", "toPick"], found.Select(row => (IReadOnlyList<object?>)
        [
            row.Node.Code, row.Node.Name, row.Node.Id, row.Node.Kind, row.Node.Region, row.Operator, row.IsOn ? "yes" : "no", row.IsOpen ? "yes" : "no", row.Node.Point.Latitude.ToString("0.######", CultureInfo.InvariantCulture), row.Node.Point.Longitude.ToString("0.######", CultureInfo.InvariantCulture),
            string.Join(' ', Platform.TemperatureClasses.FromMask(row.Node.TemperatureMask)), row.Node.ThroughputPerHour, row.ToPick,
        ]));
    }

    private static Task<List<NodeRow>> FoundAsync(PartnerId company, Store store, BoardReader reader, PartnerBook partners, NetworkSnapshot network, PickFloor floor, DateTimeOffset now, string? q, string? region, CancellationToken cancel) => store.ReadAsync(async db =>
    {
        var companies = (await partners.AllAsync(db)).ToDictionary(partner => partner.Id);
        var loads = (await floor.LoadsAsync(db, company)).ToDictionary(load => load.Location);
        return (await reader.SeenNodesAsync(db, company, network, now))
            .Where(node => string.IsNullOrEmpty(region) || node.Region == region)
            .Where(node => string.IsNullOrWhiteSpace(q) || node.Name.Contains(q.Trim(), StringComparison.OrdinalIgnoreCase) || node.Code.Contains(q.Trim(), StringComparison.OrdinalIgnoreCase))
            .OrderBy(node => node.Name, StringComparer.Ordinal)
            .Select(node => new NodeRow(node, companies.GetValueOrDefault(node.Operator)?.Name ?? "", node.IsActive && network.IsRegionOn(node), node.Hours.IsOpen(now), loads.GetValueOrDefault(node.Id)?.ToPick ?? 0))
            .ToList();
    }, cancel);

    // A region that nobody has written down is on; switching it off writes it down.
    private static async Task<IResult> Switch(Caller caller, Store store, NetworkMap map, [FromForm] string code, [FromForm] bool on, CancellationToken cancel)
    {
        var network = await map.CurrentAsync(cancel);
        if (!RegionsOf(network, caller.Tenant).Any(region => region.Code == code))
            return Problem.NotFound("region of yours");

        var known = network.Regions.FirstOrDefault(region => region.Tenant == caller.Tenant && region.Code == code);
        var nodes = network.Locations.Where(location => location.Operator == caller.Tenant && location.Region == code).ToList();
        var after = known is not null ? known with { IsActive = on } : new Region(caller.Tenant, code, code, new GeoPoint(nodes.Average(node => node.Point.Latitude), nodes.Average(node => node.Point.Longitude)), on);
        await store.WriteAsync(tx => map.PutAsync(tx, [after]), cancel);
        return Results.Redirect("/operations/network");
    }

    private static Task<IResult> Feeds(Caller caller, Store store, PartnerBook partners, StockBook stock, TimeProvider clock, CancellationToken cancel) =>
        store.ReadAsync<IResult>(async db => new RazorComponentResult<FeedsPage>(new { Company = await partners.FindAsync(db, caller.Tenant), Feeds = await stock.FeedsAsync(db, caller.Tenant, clock.GetUtcNow()) }), cancel);

    private static IReadOnlyList<RegionRow> RegionsOf(NetworkSnapshot network, PartnerId company)
    {
        var known = network.Regions.Where(region => region.Tenant == company).ToDictionary(region => region.Code);
        var nodes = network.Locations.Where(location => location.Operator == company).ToLookup(location => location.Region);
        return [.. known.Keys.Union(nodes.Select(group => group.Key))
            .Select(code => new RegionRow(
                code,
                known.GetValueOrDefault(code)?.Name ?? code,
                known.GetValueOrDefault(code)?.IsActive ?? true,
                nodes[code].Count(node => node.Kind == LocationKind.Warehouse),
                nodes[code].Count(node => node.Kind == LocationKind.Store),
                nodes[code].Count(node => node.Kind == LocationKind.Station)))
            .OrderBy(region => region.Name, StringComparer.Ordinal)];
    }
}
