using Caravan.Catalog;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Caravan.Stock.Lots;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Caravan.Operations;

/// <summary>A lot of the list: of what and where, by name.</summary>
public sealed record LotShown(StockLot Lot, string Item, string Sku, string Location);

/// <summary>The company's lots, those that expire first first, to hold and to let go.</summary>
internal static class LotPages
{
    private const int LotsShown = 200;
    private const int NoteLength = 200;

    public static void MapLotPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/operations/lots").ExcludeFromDescription().NeedsScope(Area.Stock);
        pages.MapGet("", Show);
        pages.MapPost("/{id}/hold", Hold);
        pages.MapPost("/{id}/release", Release);
    }

    private static async Task<IResult> Show(Caller caller, Store store, PartnerBook partners, ItemCatalog catalog, NetworkMap map, LotDesk desk, TimeProvider clock, CancellationToken cancel, bool held = false)
    {
        var network = await map.CurrentAsync(cancel);
        return await store.ReadAsync<IResult>(async db =>
        {
            var lots = await desk.ListAsync(db, caller.Tenant, held ? true : null, LotsShown);
            var items = (await catalog.ByIdAsync(db, caller.Tenant, [.. lots.Select(lot => lot.Item).Distinct()])).ToDictionary(item => item.Id);
            return new RazorComponentResult<LotsPage>(new
            {
                Company = await partners.FindAsync(db, caller.Tenant),
                Lots = (IReadOnlyList<LotShown>)[.. lots.Select(lot => new LotShown(lot, items.GetValueOrDefault(lot.Item)?.Name ?? "", items.GetValueOrDefault(lot.Item)?.Sku ?? "", network.Find(lot.Location)?.Name ?? ""))],
                Now = clock.GetUtcNow(),
                OnlyHeld = held,
                IsCut = lots.Count == LotsShown,
            });
        }, cancel);
    }

    private static async Task<IResult> Hold(LotId id, Caller caller, Store store, LotDesk desk, [FromForm] LotHold reason, [FromForm] string? note, [FromForm] bool? everywhere, CancellationToken cancel)
    {
        var said = string.IsNullOrWhiteSpace(note) ? null : note;
        var check = new Check().That(Enum.IsDefined(reason), "#/reason", "Choose one of the list.").Text(said, "#/note", NoteLength, optional: true);
        return check.Failed ? check.Refusal : Done(await store.WriteAsync(tx => desk.HoldAsync(tx, caller.Tenant, id, reason, said, caller.Name, everywhere == true), cancel));
    }

    private static async Task<IResult> Release(LotId id, Caller caller, Store store, LotDesk desk, [FromForm] bool? everywhere, CancellationToken cancel) =>
        Done(await store.WriteAsync(tx => desk.ReleaseAsync(tx, caller.Tenant, id, everywhere == true), cancel));

    private static IResult Done(IReadOnlyList<StockLot>? lots) => lots is null ? Problem.NotFound("lot") : Results.Redirect("/operations/lots");
}
