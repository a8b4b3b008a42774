using Caravan.Catalog;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Screens;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Caravan.Stock;
using Caravan.Stock.Stops;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Caravan.Operations;

/// <summary>A stop, and what it stops by name.</summary>
public sealed record StopShown(StopSell Stop, string What);

/// <summary>The company's stop-sells: to make and to lift.</summary>
internal static class StopSellPages
{
    private const int StopsShown = 200;
    private const int LiftedShown = 20;

    public static void MapStopSellPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/operations/stop-sells").ExcludeFromDescription().NeedsScope(Area.Stock);
        pages.MapGet("", Show);
        pages.MapPost("", Make);
        pages.MapPost("/{id}/lift", Lift);
    }

    private static Task<IResult> Show(Caller caller, StopSellsReader reader, CancellationToken cancel) => reader.PageAsync(caller, null, new Dictionary<string, string>(), cancel);

    private static async Task<IResult> Make(
        Caller caller,
        Store store,
        NetworkMap map,
        StopSellDesk desk,
        StopSellsReader reader,
        [FromForm] string what,
        [FromForm] string? sku,
        [FromForm] string? location,
        [FromForm] string? feed,
        [FromForm] string? partner,
        [FromForm] string? reason,
        CancellationToken cancel)
    {
        var asked = new Dictionary<string, string> { ["what"] = what, ["sku"] = sku ?? "", ["location"] = location ?? "", ["feed"] = feed ?? "", ["partner"] = partner ?? "", ["reason"] = reason ?? "" };
        var network = await map.CurrentAsync(cancel);
        var code = location?.Trim() ?? "";
        var node = network.Locations.FirstOrDefault(one => one.Code == code && one.Operator == caller.Tenant) ?? network.Locations.FirstOrDefault(one => one.Code == code);
        var isAtLocation = what is "location" or "item-at-location";
        var request = new StopSellRequest(reason?.Trim() ?? "")
        {
            Sku = what is "item" or "item-at-location" ? sku?.Trim() ?? "" : null,
            Location = isAtLocation ? node?.Id : null,
            Feed = what == "feed" && FeedId.TryParse(feed, null, out var ofFeed) ? ofFeed : null,
            Partner = what == "partner" && PartnerId.TryParse(partner, null, out var ofPartner) ? ofPartner : null,
        };
        var fault = request.Reason.Length is 0 or > 200 ? "Say why, in up to 200 characters."
            : isAtLocation && node is null ? $"There is no location '{code}'. Give the code that stands on the page of the network."
            : !StopSellDesk.IsOneThing(request) ? "Choose what is to be stopped."
            : null;
        var stopped = fault is null ? await store.WriteAsync(async tx => (await desk.MakeAsync(tx, caller, request)).Stop, cancel) : null;
        return stopped is not null ? Results.Redirect("/operations/stop-sells") : await reader.PageAsync(caller, fault ?? "There is no such item, location, feed or partner of yours.", asked, cancel);
    }

    private static async Task<IResult> Lift(StopSellId id, Caller caller, Store store, StopSellDesk desk, CancellationToken cancel) =>
        await store.WriteAsync(tx => desk.LiftAsync(tx, caller, id), cancel) is not null ? Results.Redirect("/operations/stop-sells") : Problem.NotFound("stop-sell");

    /// <summary>Reads the page.</summary>
    internal sealed class StopSellsReader(Store store, StopSellDesk desk, StockBook stock, PartnerBook partners, ItemCatalog catalog, NetworkMap map, TimeProvider clock)
    {
        public async Task<IResult> PageAsync(Caller caller, string? fault, IReadOnlyDictionary<string, string> asked, CancellationToken cancel)
        {
            var network = await map.CurrentAsync(cancel);
            return await store.ReadAsync<IResult>(async db =>
            {
                var active = await desk.ListAsync(db, caller.Tenant, onlyActive: true, StopsShown);
                var lifted = (await desk.ListAsync(db, caller.Tenant, onlyActive: false, StopsShown)).Where(stop => stop.LiftedAt is not null).OrderByDescending(stop => stop.LiftedAt).Take(LiftedShown).ToList();
                var items = (await catalog.ByIdAsync(db, caller.Tenant, [.. active.Concat(lifted).Select(stop => stop.Item).OfType<ItemId>().Distinct()])).ToDictionary(item => item.Id);
                var feeds = await stock.FeedsAsync(db, caller.Tenant, clock.GetUtcNow());
                var others = (await partners.AllAsync(db)).ToDictionary(partner => partner.Id);
                var near = (await partners.AgreementsOfAsync(db, caller.Tenant)).SelectMany(agreement => new[] { agreement.Grantor, agreement.Grantee }).Where(id => id != caller.Tenant).Distinct();
                return new RazorComponentResult<StopSellsPage>(new
                {
                    Company = await partners.FindAsync(db, caller.Tenant),
                    Active = (IReadOnlyList<StopShown>)[.. active.Select(Shown)],
                    Lifted = (IReadOnlyList<StopShown>)[.. lifted.Select(Shown)],
                    Feeds = (IReadOnlyList<FieldOption>)[.. feeds.Select(feed => new FieldOption(feed.Id.ToString(), feed.Name))],
                    Partners = (IReadOnlyList<FieldOption>)[.. near.Where(others.ContainsKey).Select(id => new FieldOption(id.ToString(), others[id].Name))],
                    Asked = asked,
                    Fault = fault,
                })
                { StatusCode = fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest };

                StopShown Shown(StopSell stop) => new(stop, What(stop));

                string What(StopSell stop) => stop switch
                {
                    { Item: { } item } => (items.GetValueOrDefault(item) is { } known ? $"{known.Name} ({known.Sku})" : "an item") + (stop.Location is { } at ? $" at {network.Find(at)?.Name}" : ""),
                    { Location: { } location } => $"Everything at {network.Find(location)?.Name}",
                    { Feed: { } feed } => $"Everything of the feed {feeds.FirstOrDefault(one => one.Id == feed)?.Name}",
                    { Partner: { } partner } => $"Everything of or by {others.GetValueOrDefault(partner)?.Name}",
                    _ => $"The agreement {stop.Agreement}",
                };
            }, cancel);
        }
    }
}
