using Caravan.Catalog;
using Caravan.Fulfilment.Labels;
using Caravan.Fulfilment.Releases;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform.Outbox;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Stock.Lots;

namespace Caravan.Fulfilment;

/// <summary>Why an act on a pick list is refused.</summary>
public enum PickRefusal
{
    /// <summary>The list has no such line, or none from this owner's stock.</summary>
    NoSuchLine,

    /// <summary>What was scanned is not on the list.</summary>
    NotOnList,

    /// <summary>Fewer units are left to pick.</summary>
    TooMany,

    /// <summary>The list is packed, called off or closed.</summary>
    NotOpen,

    /// <summary>It cannot be packed while units are left to pick.</summary>
    NotAllPicked,

    /// <summary>There is nothing that could be handed over here and now.</summary>
    NotHere,

    /// <summary>Not the customer's code. The attempt is counted: commit the transaction.</summary>
    WrongCode,

    /// <summary>Too many wrong codes: hand over with an override.</summary>
    CodeLocked,

    /// <summary>An override where the code was not tried.</summary>
    NotLocked,

    /// <summary>The book knows of no such lot here.</summary>
    LotUnknown,

    /// <summary>The lot is held.</summary>
    LotHeld,

    /// <summary>The lot has expired, or would have too few days left.</summary>
    LotExpired,

    /// <summary>Another lot expires sooner, and the item must go in that order.</summary>
    LotNotNext,

    /// <summary>What is here is held or too old.</summary>
    NoLotGood,

    /// <summary>The customer wants nothing instead.</summary>
    NoSubstitute,

    /// <summary>The seller does not let this be put in instead.</summary>
    NotASubstitute,

    /// <summary>The book has not that much of it here.</summary>
    SubstituteOut,
}

/// <summary>What became of an act on a pick list.</summary>
public abstract record PickOutcome
{
    private PickOutcome()
    {
    }

    /// <summary>Done: the list as it is now, the units that moved, and how many of those that went short were found elsewhere.</summary>
    public sealed record Done(PickList List, IReadOnlyList<PickMove> Moves, int FoundElsewhere) : PickOutcome;

    /// <summary>
    /// Refused: the field of the request that is to blame (empty: none), what to do, and how many units or attempts are left.
    /// Nothing has changed, except that a wrong code is counted in <paramref name="Counted"/>: commit the transaction then too.
    /// </summary>
    public sealed record Refused(PickRefusal Why, string Field, string Detail, int? Left, PickList? Counted) : PickOutcome;

    /// <summary>The company has no such list.</summary>
    public sealed record NotFound : PickOutcome;
}

/// <summary>What happened to a pick list.</summary>
public enum PickAct
{
    /// <summary>The node was told of it.</summary>
    Released,

    /// <summary>Units went into the tote.</summary>
    Picked,

    /// <summary>Units were not on the shelf.</summary>
    Short,

    /// <summary>It was packed.</summary>
    Packed,

    /// <summary>A bag was collected, delivered or brought back.</summary>
    Carried,

    /// <summary>The customer has it, at the node or station; or a code was wrong.</summary>
    HandedOver,

    /// <summary>Units were called off or sourced from elsewhere.</summary>
    Reduced,
}

/// <summary>
/// A pick list has changed. Tenant: the operator; subject: the location, so that its screens follow one stream. For a list
/// that is collected at another company's station the event is told once more with the station's operator and the station.
/// </summary>
public sealed record PickListEvent(FulfilmentId PickList, LocationId Location, OrderId Order, PartnerId Seller, PickAct Act, PickListStatus Status)
{
    /// <summary>The outbox type.</summary>
    public const string Type = "fulfilment.changed";

    /// <summary>The facts of such an event.</summary>
    public static PickListEvent Of(OutboxEvent happened) => happened.Read(PickJson.Default.PickListEvent);
}

/// <summary>How much waits at a location.</summary>
/// <param name="Location">Where.</param>
/// <param name="ToPick">Lists that are not packed yet.</param>
/// <param name="Packed">Lists that wait for a courier or the customer.</param>
/// <param name="DueNext">When the first of those to pick is due.</param>
public sealed record PickLoad(LocationId Location, int ToPick, int Packed, DateTimeOffset? DueNext);

/// <summary>
/// The picking floor: what the people of each location pick, pack and hand over. An operator is the company whose people
/// work there; stock and order may be others'. Acts join the caller's transaction.
/// </summary>
public sealed class PickFloor
{
    private readonly PickActs acts;
    private readonly LotDesk lots;
    private readonly OrderDesk orders;

    internal PickFloor(PickActs acts, LotDesk lots, OrderDesk orders)
    {
        this.orders = orders;
        this.acts = acts;
        this.lots = lots;
    }

    /// <summary>An operator's lists that are still to be picked or packed, of one location or all: those due first first.</summary>
    public Task<IReadOnlyList<PickList>> ListsAsync(Db db, PartnerId @operator, LocationId? location, int count) =>
        PickListStore.QueueAsync(db, @operator, location, PickListStore.Open, count);

    /// <summary>One list of an operator.</summary>
    public Task<PickList?> FindAsync(Db db, PartnerId @operator, FulfilmentId id) => PickListStore.FindAsync(db, @operator, id);

    /// <summary>What waits at each location of an operator; locations where nothing waits are left out.</summary>
    public Task<IReadOnlyList<PickLoad>> LoadsAsync(Db db, PartnerId @operator) => PickListStore.LoadsAsync(db, @operator);

    /// <summary>Lists that wait at a station, or are on their way there, whoever packed them; the tenant is the station's operator.</summary>
    public Task<IReadOnlyList<PickList>> AtStationAsync(Db db, PartnerId stationOperator, LocationId station, int count) => PickListStore.AtStationAsync(db, stationOperator, station, count);

    /// <summary>Units of a line go into the tote; with an owner, only of that owner's stock; with a lot, of that lot, else of those that expire first.</summary>
    public Task<PickOutcome> PickAsync(Tx tx, PartnerId @operator, FulfilmentId id, int line, int units, PartnerId? owner = null, string? lot = null) =>
        acts.PickAsync(tx, @operator, id, list => list.Pick(line, owner, units), lot);

    /// <summary>What was scanned (an owner's SKU, or a GTIN in any of its lengths) goes into the tote; of the lot on the pack, where the code tells it.</summary>
    public Task<PickOutcome> ScanAsync(Tx tx, PartnerId @operator, FulfilmentId id, string code, int units = 1, string? lot = null) =>
        acts.PickAsync(tx, @operator, id, list => list.Scan(code, units), lot ?? ScannedCode.Of(code).Lot, isLotRead: lot is null);

    /// <summary>List by list and line by line, in the lines' order, the lots that are in the tote and those to pick, first expired first.</summary>
    public async Task<IReadOnlyList<IReadOnlyList<IReadOnlyList<LotUnits>>>> LotsAsync(Db db, IReadOnlyList<PickList> lists, DateTimeOffset now)
    {
        var wishes = lists.SelectMany(list => list.Lines, (list, line) => new LotWish(line.Owner, line.Item, list.Location, list.Id, list.IsOpen ? line.Left : 0, list.DueAt)).ToList();
        var found = await lots.ForAsync(db, wishes, now);
        var next = 0;
        return [.. lists.Select(list => (IReadOnlyList<IReadOnlyList<LotUnits>>)[.. list.Lines.Select(_ => found[next++])])];
    }

    /// <summary>Units of a line are not on the shelf: stock is corrected and the units are sourced from elsewhere when anyone has them.</summary>
    public Task<PickOutcome> ShortAsync(Tx tx, PartnerId @operator, FulfilmentId id, int line, int units, ShortReason reason, CancellationToken cancel, PartnerId? owner = null) =>
        acts.ShortAsync(tx, @operator, id, list => list.GoShort(line, owner, units, reason), cancel);

    /// <summary>
    /// Something else (scanned: its SKU or GTIN) goes into the tote instead of units of a line, where the customer has agreed and the seller
    /// lets it: the units go short, and a line of the new item is picked in their place.
    /// </summary>
    public Task<PickOutcome> SubstituteAsync(Tx tx, PartnerId @operator, FulfilmentId id, int line, int units, string code, string? lot = null) => acts.SubstituteAsync(tx, @operator, id, line, units, code, lot);

    /// <summary>What may go instead of a list's lines that are still to be picked, the best first, and how many of it may be sold there.</summary>
    public async Task<IReadOnlyDictionary<int, IReadOnlyList<(Item Item, int Sellable)>>> SubstitutesAsync(Db db, PickList list, DateTimeOffset now) =>
        await orders.SubstitutesAsync(db, list.Seller, list.Id, [.. list.Lines.Where(line => list.IsOpen && line.Left > 0 && line.Owner == list.Seller).Select(line => line.Line).Distinct()], now);

    /// <summary>Everything picked is in its bags; couriers may come.</summary>
    public Task<PickOutcome> PackAsync(Tx tx, PartnerId @operator, FulfilmentId id) => acts.PackAsync(tx, @operator, id);

    /// <summary>
    /// The customer has come to the node or station: hand over against the customer's code or, once five wrong ones have locked it, on
    /// somebody's word. <paramref name="company"/> is the station's operator, or the list's own where both are in one building.
    /// After <see cref="PickRefusal.WrongCode"/> the transaction must be committed, for the attempt counts.
    /// </summary>
    public Task<PickOutcome> HandOverAsync(Tx tx, PartnerId company, FulfilmentId id, string? code, string? overrideReason = null) =>
        acts.HandOverAsync(tx, company, id, code, overrideReason);
}

internal static class FulfilmentRoom
{
    public static IServiceCollection AddFulfilment(this IServiceCollection services) =>
        services
            .AddSingleton<PickActs>()
            .AddSingleton(provider => new PickFloor(provider.GetRequiredService<PickActs>(), provider.GetRequiredService<LotDesk>(), provider.GetRequiredService<OrderDesk>()))
            .AddSingleton(provider => new ReleaseDesk(provider.GetRequiredService<OrderDesk>(), provider.GetRequiredService<NetworkMap>()))
            .AddSingleton<ReleaseWatch>().AddHostedService(provider => provider.GetRequiredService<ReleaseWatch>())
            .AddSingleton<LabelDesk>()
            .AddSingleton<PickFollowing>()
            .AddSingleton(provider => provider.GetRequiredService<PickFollowing>().OfOrders)
            .AddSingleton(provider => provider.GetRequiredService<PickFollowing>().OfDeliveries)
            .AddRoomJson(PickJson.Default);

    public static void MapFulfilment(this IEndpointRouteBuilder routes)
    {
        routes.MapPickEndpoints();
        routes.MapReleaseEndpoints();
        routes.MapPickPages();
        routes.MapReleasePages();
        routes.MapLabelEndpoints();
    }
}
