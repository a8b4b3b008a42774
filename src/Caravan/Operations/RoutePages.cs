using Caravan.Delivery;
using Caravan.Partners;
using Caravan.Platform.Access;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Caravan.Operations;

/// <summary>A courier on the way, with the stops that the company may see, in the order the engine planned.</summary>
public sealed record RouteShown(Courier Courier, bool IsOwn, IReadOnlyList<RouteStop> Stops)
{
    /// <summary>Whether somebody on it waits longer than promised.</summary>
    public bool IsLate => Stops.Any(stop => stop.Kind == RouteStopKind.Dropoff && stop.EstimatedAt > stop.DueAt);
}

/// <summary>The couriers' routes: of a company's own couriers all stops, of others' those with its parcels.</summary>
internal static class RoutePages
{
    private const int RoutesShown = 30;

    public static void MapRoutePages(this IEndpointRouteBuilder routes) => routes.MapGet("/operations/routes", Show).ExcludeFromDescription().NeedsScope(Area.Delivery);

    private static Task<IResult> Show(Caller caller, Store store, PartnerBook partners, DeliveryDesk desk, CancellationToken cancel) => store.ReadAsync<IResult>(async db =>
    {
        var active = await desk.ActiveAsync(db, [caller.Tenant]);
        var parcels = active.Jobs.Where(job => job.Courier is not null).ToLookup(job => job.Courier!.Value); // The line says so.
        var riding = active.Couriers
            .Where(courier => parcels.Contains(courier.Id))
            .OrderByDescending(courier => parcels[courier.Id].Any(job => job.EstimatedAt > job.DueAt))
            .ThenBy(courier => courier.Code, StringComparer.Ordinal)
            .ToList();
        List<RouteShown> shown = [];
        var routes = await desk.RoutesAsync(db, [.. riding.Take(RoutesShown)]);
        foreach (var courier in riding.Take(RoutesShown))
        {
            var isOwn = courier.Carrier == caller.Tenant;
            var stops = routes[courier.Id].Where(stop => isOwn || stop.Shipper == caller.Tenant).ToList();
            if (stops.Count > 0)
                shown.Add(new RouteShown(courier, isOwn, stops));
        }

        return new RazorComponentResult<RoutesPage>(new
        {
            Company = await partners.FindAsync(db, caller.Tenant),
            Routes = (IReadOnlyList<RouteShown>)shown,
            Riding = riding.Count,
        });
    }, cancel);
}
