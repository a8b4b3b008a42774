using Caravan.Delivery;
using Caravan.Fulfilment.Labels;
using Caravan.Fulfilment.Releases;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Access;
using Caravan.Platform.Live;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Caravan.Fulfilment;

/// <summary>The floor's pages: plain forms that work without script, each answered by a redirect that says what was done.</summary>
internal static class PickPages
{
    private const int PlacesShown = 60;
    private const int ListsShown = 100;
    private const int QuantityMax = 1_000_000;
    private const int TextLength = 200;
    private const int LotLength = 20;
    private static readonly IReadOnlyList<PickListStatus> Packed = [PickListStatus.Packed];

    public static void MapPickPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").ExcludeFromDescription().NeedsScope(Area.Fulfilment);
        pages.MapGet("/picking", Picking);
        pages.MapGet("/picking/{location}", Queue).Follows();
        pages.MapGet("/picking/{location}/events", Events);
        pages.MapGet("/picking/list/{id}", List).Follows();
        pages.MapPost("/picking/list/{id}/pick", Pick);
        pages.MapPost("/picking/list/{id}/scan", Scan);
        pages.MapPost("/picking/list/{id}/short", Short);
        pages.MapPost("/picking/list/{id}/substitute", Substitute);
        pages.MapPost("/picking/list/{id}/pack", Pack);
        pages.MapGet("/station/{location}", Station).Follows();
        pages.MapPost("/station/{location}/{id}/hand-over", HandOver);
    }

    private static async Task<IResult> Picking(Caller caller, Store store, PickFloor floor, NetworkMap map, PartnerBook partners, Settings settings, TimeProvider clock, CancellationToken cancel, int page = 1)
    {
        var (company, loads) = await store.ReadAsync(async db => (await partners.FindAsync(db, caller.Tenant), await floor.LoadsAsync(db, caller.Tenant)), cancel);
        var loadOf = loads.ToDictionary(load => load.Location);
        var first = (Math.Clamp(page, 1, 10_000) - 1) * PlacesShown;
        var network = await map.CurrentAsync(cancel);
        var places = network.Locations
            .Where(location => location.Kind != LocationKind.Hub && (location.Operator == caller.Tenant || (loadOf.ContainsKey(location.Id) && network.IsWorkedBy(location, caller.Tenant))))
            .Select(location => new PickingPage.Place(location, loadOf.GetValueOrDefault(location.Id)))
            .OrderBy(place => place.Load?.DueNext ?? DateTimeOffset.MaxValue)
            .ThenBy(place => place.Load is null)
            .ThenBy(place => place.Location.Name, StringComparer.Ordinal)
            .ToList();
        return new RazorComponentResult<PickingPage>(new
        {
            Company = company?.Name,
            settings.IsDemo,
            Now = clock.GetUtcNow(),
            Places = (IReadOnlyList<PickingPage.Place>)[.. places.Skip(first).Take(PlacesShown)],
            Next = first + PlacesShown < places.Count ? $"/picking?page={page + 1}" : null,
        });
    }

    private static async Task<IResult> Queue(LocationId location, Caller caller, Store store, NetworkMap map, PartnerBook partners, Settings settings, TimeProvider clock, CancellationToken cancel, string? said = null)
    {
        var network = await map.CurrentAsync(cancel);
        if (network.Find(location) is not { } at || !network.IsWorkedBy(at, caller.Tenant))
            return Problem.NotFound("location");

        var (company, open, packed) = await store.ReadAsync(
            async db => (
                await partners.FindAsync(db, caller.Tenant),
                await PickListStore.QueueAsync(db, caller.Tenant, location, PickListStore.Open, ListsShown),
                await PickListStore.QueueAsync(db, caller.Tenant, location, Packed, ListsShown)),
            cancel);
        return new RazorComponentResult<QueuePage>(new
        {
            At = at,
            Company = company?.Name,
            settings.IsDemo,
            Now = clock.GetUtcNow(),
            Said = PickWord.Of(said, null),
            Lists = (IReadOnlyList<PickList>)[.. open, .. packed],
            Stations = (IReadOnlyList<Location>)[.. network.Locations.Where(one => one.Operator == caller.Tenant && one.Kind == LocationKind.Station && (one.HostedIn ?? one.Id) == (at.HostedIn ?? at.Id))],
        });
    }

    private static async Task<IResult> Events(LocationId location, HttpContext context, Caller caller, NetworkMap map, LiveEvents live, CancellationToken cancel) =>
        await map.CurrentAsync(cancel) is var network && network.Find(location) is { } at && network.IsWorkedBy(at, caller.Tenant)
            ? LiveEvents.Stream(context, end => live.FollowAsync(caller.Tenant, location.ToString(), LiveEvents.LastId(context), end))
            : Problem.NotFound("location");

    private static async Task<IResult> List(FulfilmentId id, Caller caller, Store store, PickFloor floor, ReleaseDesk releases, NetworkMap map, PartnerBook partners, DeliveryDesk delivery, Settings settings, TimeProvider clock, CancellationToken cancel, string? said = null)
    {
        var network = await map.CurrentAsync(cancel);
        return await store.ReadAsync<IResult>(
            async db =>
            {
                if (await floor.FindAsync(db, caller.Tenant, id) is not { } list)
                    return Problem.NotFound("pick list");

                var names = (await partners.AllAsync(db)).ToDictionary(partner => partner.Id, partner => partner.Name);
                return new RazorComponentResult<ListPage>(new
                {
                    List = list,
                    Release = await releases.FindAsync(db, caller.Tenant, id),
                    At = network.Find(list.Location),
                    Company = names.GetValueOrDefault(caller.Tenant),
                    settings.IsDemo,
                    Now = clock.GetUtcNow(),
                    Said = PickWord.Of(said, list),
                    Owners = (IReadOnlyDictionary<PartnerId, string>)names,
                    CanLabel = list.Bags.Any(bag => bag.Sscc is not null) || (list.Bags.Any(bag => bag.IsPacked) && await SsccRanges.CurrentAsync(db, caller.Tenant) is not null),
                    Substitutes = await floor.SubstitutesAsync(db, list, clock.GetUtcNow()),
                    Lots = (await floor.LotsAsync(db, [list], clock.GetUtcNow()))[0],
                    Jobs = list.Bags.Any(bag => bag.Job is not null)
                        ? await delivery.FindAsync(db, list.Seller, [.. list.Bags.Select(bag => new ParcelReference(list.Id, bag.TemperatureClass).ToString())])
                        : [],
                });
            },
            cancel);
    }

    private static async Task<IResult> Pick(FulfilmentId id, Caller caller, Store store, PickFloor floor, [FromForm] int line, [FromForm] PartnerId owner, [FromForm] int units, [FromForm] string? lot, CancellationToken cancel)
    {
        var isLotNamed = !string.IsNullOrWhiteSpace(lot);
        var check = new Check().Range(units, "#/units", 1, QuantityMax).Text(isLotNamed ? lot : null, "#/lot", LotLength, optional: true);
        return check.Failed ? check.Refusal : await ActAsync(store, $"/picking/list/{id}", PickAct.Picked, tx => floor.PickAsync(tx, caller.Tenant, id, line, units, owner, isLotNamed ? lot!.Trim() : null), cancel); // Not blank.
    }

    private static async Task<IResult> Scan(FulfilmentId id, Caller caller, Store store, PickFloor floor, [FromForm] string code, CancellationToken cancel)
    {
        var check = new Check().That(code.Length is > 0 and <= TextLength, "#/code", $"Give 1 to {TextLength} characters.");
        return check.Failed ? check.Refusal : await ActAsync(store, $"/picking/list/{id}", PickAct.Picked, tx => floor.ScanAsync(tx, caller.Tenant, id, code), cancel);
    }

    private static async Task<IResult> Short(FulfilmentId id, Caller caller, Store store, PickFloor floor, [FromForm] int line, [FromForm] PartnerId owner, [FromForm] int units, [FromForm] ShortReason? reason, CancellationToken cancel)
    {
        var check = new Check().Range(units, "#/units", 1, QuantityMax);
        return check.Failed ? check.Refusal : await ActAsync(store, $"/picking/list/{id}", PickAct.Short, tx => floor.ShortAsync(tx, caller.Tenant, id, line, units, reason ?? ShortReason.NotOnShelf, cancel, owner), cancel);
    }

    private static async Task<IResult> Substitute(FulfilmentId id, Caller caller, Store store, PickFloor floor, [FromForm] int line, [FromForm] int units, [FromForm] string code, CancellationToken cancel)
    {
        var check = new Check().Range(units, "#/units", 1, QuantityMax).That(code.Length is > 0 and <= TextLength, "#/code", $"Give 1 to {TextLength} characters.");
        return check.Failed ? check.Refusal : await ActAsync(store, $"/picking/list/{id}", PickAct.Picked, tx => floor.SubstituteAsync(tx, caller.Tenant, id, line, units, code), cancel);
    }

    // The form has no fields but its token; taking the form is what has the token checked.
    private static Task<IResult> Pack(FulfilmentId id, Caller caller, Store store, PickFloor floor, IFormCollection form, CancellationToken cancel) =>
        ActAsync(store, $"/picking/list/{id}", PickAct.Packed, tx => floor.PackAsync(tx, caller.Tenant, id), cancel);

    private static async Task<IResult> Station(LocationId location, Caller caller, Store store, PickFloor floor, NetworkMap map, PartnerBook partners, Settings settings, TimeProvider clock, CancellationToken cancel, string? said = null)
    {
        if ((await map.CurrentAsync(cancel)).Find(location) is not { } at || at.Operator != caller.Tenant)
            return Problem.NotFound("location");

        var (company, lists) = await store.ReadAsync(async db => (await partners.FindAsync(db, caller.Tenant), await floor.AtStationAsync(db, caller.Tenant, location, ListsShown)), cancel);
        return new RazorComponentResult<StationPage>(new
        {
            At = at,
            Company = company?.Name,
            settings.IsDemo,
            Now = clock.GetUtcNow(),
            Said = PickWord.Of(said, null),
            Lists = lists,
        });
    }

    private static async Task<IResult> HandOver(LocationId location, FulfilmentId id, Caller caller, Store store, PickFloor floor, [FromForm] string? code, [FromForm(Name = "override")] string? reason, CancellationToken cancel)
    {
        var isOverride = !string.IsNullOrWhiteSpace(reason);
        var check = new Check()
            .Text(code, "#/code", TextLength, optional: isOverride)
            .Text(isOverride ? reason : null, "#/override", TextLength, optional: true);
        return check.Failed
            ? check.Refusal
            : await ActAsync(store, $"/station/{location}", PickAct.HandedOver, tx => floor.HandOverAsync(tx, caller.Tenant, id, code, isOverride ? $"{caller.Name}: {reason}" : null), cancel);
    }

    private static async Task<IResult> ActAsync(Store store, string back, PickAct act, Func<Tx, Task<PickOutcome>> work, CancellationToken cancel)
    {
        var outcome = await store.WriteAsync(
            async tx =>
            {
                var outcome = await work(tx);
                // A refusal leaves no trace, but for a wrong code, which is counted.
                if (outcome is not (PickOutcome.Done or PickOutcome.Refused { Counted: not null }))
                    tx.Undo();
                return outcome;
            },
            cancel);
        return outcome is PickOutcome.NotFound
            ? Problem.NotFound("pick list")
            : TypedResults.LocalRedirect($"{back}?said={PickWord.CodeOf(outcome, act)}");
    }
}
