using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;
using Caravan.Stock.Lots;
using Caravan.Stock.Stops;

namespace Caravan.Stock;

/// <summary>Some of one owner's item at one location.</summary>
public readonly record struct StockTake(PartnerId Owner, ItemId Item, LocationId Location, int Quantity);

/// <summary>What one order wants, and its cause: the movement's, which nobody else uses.</summary>
public sealed record Reservation(string Cause, IReadOnlyList<Want> Wants);

/// <summary>Takes of a cell, if it may sell at least so many: where an agreement lets only a share be taken, more than are taken.</summary>
public readonly record struct Want(StockTake Take, int AtLeast);

/// <summary>What is in one stock cell. Stale: its feed has been silent longer than it may, so it is not promised.</summary>
public sealed record StockCell(PartnerId Owner, ItemId Item, LocationId Location, int OnHand, int Reserved, int Sellable, DateTimeOffset AsOf, bool IsStale);

/// <summary>How a reservation went: all of it, or nothing and what is left where.</summary>
public abstract record ReserveOutcome
{
    private ReserveOutcome()
    {
    }

    /// <summary>Every take is reserved.</summary>
    public sealed record Reserved : ReserveOutcome;

    /// <summary>Nothing is reserved; these takes asked for more than there is, with what is left of each.</summary>
    public sealed record Short(IReadOnlyList<(StockTake Take, int Left)> Lacking) : ReserveOutcome;
}

/// <summary>Stock fell below what is reserved: orders there are at risk and should be sourced anew.</summary>
/// <param name="Owner">Whose stock.</param>
/// <param name="Item">Of what.</param>
/// <param name="Location">Where.</param>
/// <param name="Quantity">By how much reservations exceed what is there now.</param>
public sealed record ShortfallEvent(PartnerId Owner, ItemId Item, LocationId Location, int Quantity)
{
    /// <summary>The outbox type. Its subject is the location's id, its tenant the owner.</summary>
    public const string Type = "stock.shortfall";

    /// <summary>The outbox type when less is short than was, or nothing any more: the quantity says how much still is.</summary>
    public const string Eased = "stock.shortfall-eased";

    /// <summary>The facts of such an event.</summary>
    public static ShortfallEvent Of(Platform.Outbox.OutboxEvent happened) => happened.Read(StockJson.Default.ShortfallEvent);
}

/// <summary>
/// The stock of all companies: cells (owner, item, location) and the ledger of movements they are the sums of. Every change
/// is a movement with its cause and a key, so that the same change is never made twice. All writing doors join the caller's
/// transaction.
/// </summary>
public sealed class StockBook
{
    private readonly Outbox outbox;
    private readonly Availability availability;
    private readonly LotBook lots;
    private readonly SafetyBook safety;

    internal StockBook(Outbox outbox, Availability availability, LotBook lots, SafetyBook safety)
    {
        this.safety = safety;
        this.outbox = outbox;
        this.availability = availability;
        this.lots = lots;
    }

    /// <summary>
    /// Where these items lie and what may be reserved there: in a transaction as it is, else as it is remembered, less what is planned
    /// to be taken. What is decided on it is decided again by <see cref="ReserveAsync(Tx, IReadOnlyList{Reservation})"/>.
    /// </summary>
    public async ValueTask<IReadOnlyList<Shelf>> ShelvesAsync(Db db, IReadOnlyCollection<(PartnerId Owner, ItemId Item)> items) =>
        db is Tx ? await StockStore.ShelvesAsync(db, items, (_, feed, freshUntil) => new FeedClock(feed) { FreshUntil = freshUntil }) : await availability.OfAsync(db, items);

    /// <summary>Somebody plans to take this: the next one who plans sees it gone. Nothing is reserved by it. Says which shelves it is planned on.</summary>
    public IReadOnlyList<Shelf?> Plan(IReadOnlyList<StockTake> takes)
    {
        var plannedOn = takes.Count == 0 ? [] : new Shelf?[takes.Count];
        for (var i = 0; i < plannedOn.Length; i++)
            plannedOn[i] = availability.Plan(takes[i]);
        return plannedOn;
    }

    /// <summary>Nothing came of a plan: given back to the shelves it was made on, and not to those read since, which never knew of it.</summary>
    public static void Unplan(IReadOnlyList<StockTake> takes, IReadOnlyList<Shelf?> plannedOn)
    {
        for (var i = 0; i < takes.Count; i++)
            plannedOn[i]?.Add(takes[i].Location, takes[i].Quantity);
    }

    /// <summary>What was planned is reserved and on disk.</summary>
    public void Taken(IReadOnlyList<StockTake> takes, IReadOnlyList<Shelf?> plannedOn)
    {
        for (var i = 0; i < takes.Count; i++)
            availability.Taken(takes[i], plannedOn[i]);
    }

    /// <summary>Reserves for many at once, in their order: each gets all it wants or nothing. Says who got it.</summary>
    public Task<bool[]> ReserveAsync(Tx tx, IReadOnlyList<Reservation> reservations) => StockReserve.ManyAsync(tx, reservations);

    /// <summary>As above where the transaction gathers what it does: all get what they want, or the transaction fails at its end.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="later">What it gathers.</param>
    /// <param name="reservations">What is wanted.</param>
    /// <param name="isLocked">Whether <see cref="LockAsync"/> has said that it is there.</param>
    internal static Task ReserveAllAsync(Tx tx, Gathered later, IReadOnlyList<Reservation> reservations, bool isLocked) => StockReserve.TakeLaterAsync(tx, later, reservations, isLocked);

    /// <summary>Locks the cells that these want and says, in their order, who could get all it wants: to be reserved in the same transaction.</summary>
    internal static Task<bool[]> LockAsync(Tx tx, IReadOnlyList<Reservation> reservations) => PostgresReserve.LockAsync(tx, reservations);

    /// <summary>The cells that hold any of these items, wherever they are, also stale ones (marked).</summary>
    public Task<IReadOnlyList<StockCell>> CellsAsync(Db db, IReadOnlyCollection<(PartnerId Owner, ItemId Item)> items, DateTimeOffset now) =>
        StockStore.CellsAsync(db, items, now);

    /// <summary>Takes from sellable and adds to reserved: every take or none.</summary>
    /// <param name="tx">The caller's transaction.</param>
    /// <param name="takes">What to reserve; a cell at most once.</param>
    /// <param name="cause">What for: the id of a fulfilment order. With the cell it is the movement's key.</param>
    public async Task<ReserveOutcome> ReserveAsync(Tx tx, IReadOnlyList<StockTake> takes, string cause)
    {
        List<StockTake> done = new(takes.Count);
        List<(StockTake Take, int Left)> lacking = [];
        foreach (var take in StockKey.InOrder(takes))
        {
            var isReserved = await StockStore.ReserveAsync(tx, take, cause);
            if (isReserved == true)
                done.Add(take);
            else if (isReserved == false)
                lacking.Add((take, await StockStore.LeftAsync(tx, take)));
        }

        if (lacking.Count == 0)
            return new ReserveOutcome.Reserved();

        // The caller may go on in this transaction with another location, so nothing of this attempt may stay.
        foreach (var take in done)
            await StockStore.UnmakeReservationAsync(tx, take, cause);
        return new ReserveOutcome.Short(lacking);
    }

    /// <summary>Gives reserved stock back to sellable: a cancelled line.</summary>
    public Task ReleaseAsync(Tx tx, IReadOnlyList<StockTake> takes, string cause) =>
        MoveAsync(tx, takes, cause, MovementKind.Release, (cell, quantity) => cell.Release(quantity));

    /// <summary>
    /// Reserved units are off the shelf, in a tote: nothing is left or given back by it. Of a cell that is kept by lot, lots are chosen
    /// here, first expired first out, or the one that the claim names; a refusal must be followed by the transaction's undoing.
    /// </summary>
    public async Task<LotRefusal?> PickAsync(Tx tx, IReadOnlyList<StockTake> takes, string cause, LotClaim? claim = null)
    {
        LotRefusal? refusal = null;
        await MoveAsync(tx, takes, cause, MovementKind.Pick, async (key, cell, quantity, shelf) =>
        {
            if (refusal is null && (shelf is not null || claim?.Lot is not null))
                refusal = await lots.PickAsync(tx, key, shelf ?? new LotShelf(cell, []), quantity, claim);
            return refusal is null ? cell.Pick(quantity) : null;
        }, named: claim?.Lot);
        return refusal;
    }

    /// <summary>Picked units went back to the shelf; they stay reserved until they are released.</summary>
    public Task PutBackAsync(Tx tx, IReadOnlyList<StockTake> takes, string cause, LotClaim? claim = null) =>
        MoveAsync(tx, takes, cause, MovementKind.Pick, async (key, cell, quantity, shelf) =>
        {
            if (shelf is not null)
                await LotBook.UnpickAsync(tx, key, shelf, quantity, claim, isShipped: false);
            return cell.PutBack(quantity);
        });

    /// <summary>Reserved stock has left the location with a courier or a customer: less on hand, less reserved.</summary>
    public Task ShipAsync(Tx tx, IReadOnlyList<StockTake> takes, string cause, LotClaim? claim = null) =>
        MoveAsync(tx, takes, cause, MovementKind.Ship, async (key, cell, quantity, shelf) =>
        {
            if (shelf is not null)
                await LotBook.UnpickAsync(tx, key, shelf, quantity, claim, isShipped: true);
            return cell.Ship(quantity);
        });

    /// <summary>A picker did not find reserved goods: less reserved, less on hand, until the next count says otherwise.</summary>
    public Task WriteOffAsync(Tx tx, IReadOnlyList<StockTake> takes, string cause, LotClaim? claim = null) =>
        MoveAsync(tx, takes, cause, MovementKind.WriteOff, (_, cell, quantity, shelf) =>
            Task.FromResult<StockCellState?>(shelf is null ? cell.WriteOff(quantity) : cell.WriteOff(quantity, shelf.WriteOff(quantity, tx.Now, claim?.DueAt ?? tx.Now))));

    /// <summary>Shipped goods came back where they had left from: on hand again, sellable only when they may be restocked; else held. Gives the lots of each cell.</summary>
    public async Task<IReadOnlyList<(StockTake Goods, IReadOnlyList<ReturnedLot> Lots)>> ReturnAsync(Tx tx, IReadOnlyList<StockTake> takes, string cause, bool isRestocked, LotClaim? claim = null)
    {
        List<(StockTake, IReadOnlyList<ReturnedLot>)> back = [];
        Dictionary<StockKey, List<LotTrace>> traces = [];
        foreach (var take in claim is null ? [] : takes)
            traces.Add(StockKey.Of(take), await LotTraces.OfCellAsync(tx, StockKey.Of(take), claim!.Fulfilment)); // Without a claim there are none.
        await MoveAsync(tx, takes, cause, MovementKind.Return, async (key, cell, quantity, shelf) =>
        {
            // What is of a lot is held by its lot.
            List<ReturnedLot> ofLots = shelf is null || claim is null ? [] : await LotBook.ReturnAsync(tx, key, shelf, quantity, claim, traces[key], isRestocked);
            back.Add((new StockTake(key.Owner, key.Item, key.Location, quantity), ofLots));
            var after = cell.Return(quantity, isRestocked);
            return isRestocked ? after : after with { Held = after.Held - ofLots.Sum(lot => lot.Quantity) };
        }, also: key => traces.GetValueOrDefault(key)?.Select(trace => trace.Lot));
        return back;
    }

    /// <summary>Goods received: adds to on hand, opening cells that are not there yet. Large lists are fine.</summary>
    public async Task ReceiveAsync(Tx tx, IReadOnlyCollection<StockTake> goods, string cause)
    {
        var summed = goods.GroupBy(StockKey.Of).Select(same => new StockTake(same.Key.Owner, same.Key.Item, same.Key.Location, same.Sum(one => one.Quantity)));
        var ordered = StockKey.InOrder([.. summed]);
        var before = await LedgerPeriods.ReceivedAsync(tx, ordered.ConvertAll(StockKey.Of), cause);
        ordered.RemoveAll(one => before.Contains(StockKey.Of(one)));
        var movements = ordered.ConvertAll(one => new Movement(one.Owner, one.Item, one.Location, MovementKind.Receive, one.Quantity, 0, 0, 0, cause));
        var isNew = await StockStore.AddAsync(tx, movements);
        foreach (var ofOwner in ordered.Where((_, i) => isNew[i]).GroupBy(one => one.Owner))
            await StockStore.AddGoodsAsync(tx, [.. ofOwner], await safety.OfAsync(tx, ofOwner.Key, [.. ofOwner.Select(StockKey.Of)]));
        foreach (var owner in ordered.Select(one => one.Owner).Distinct())
            await Shortfalls.RecheckAsync(tx, outbox, owner);
    }

    /// <summary>Whether goods of this cell were received by a cause before.</summary>
    public Task<bool> IsReceivedAsync(Tx tx, StockTake goods, string cause) => StockStore.IsMovedAsync(tx, StockKey.Of(goods), MovementKind.Receive, cause);

    /// <summary>Reserves goods that have just come for those who waited for them, whatever is kept back: as many as nobody else has reserved. How many.</summary>
    public async Task<int> ReserveArrivedAsync(Tx tx, StockTake take, string cause)
    {
        var key = StockKey.Of(take);
        if (await StockStore.ReadAsync(tx, key) is not { } before || Math.Min(take.Quantity, before.Free) is not (> 0 and var units))
            return 0;

        await WriteAsync(tx, key, before, before.Reserve(units), MovementKind.Reserve, cause);
        return units;
    }

    /// <summary>Checks that every cell is the sum of its movements and that sellable follows from the rest; names each difference. Empty: the books agree.</summary>
    public Task<IReadOnlyList<string>> AuditAsync(Db db) => AuditOfAsync(db);

    /// <inheritdoc cref="AuditAsync"/>
    internal static async Task<IReadOnlyList<string>> AuditOfAsync(Db db) => [.. (await StockAudit.RunAsync(db)).Select(difference => difference.ToString())];

    /// <summary>An owner's items that can be had at a location now, in order of their ids, those after <paramref name="after"/>.</summary>
    public async Task<IReadOnlyList<ItemId>> OnShelfAsync(Db db, PartnerId owner, LocationId location, ItemId? after, int count, DateTimeOffset now) =>
        await StockQueries.OnShelfAsync(db, owner, location, after ?? default, count, now);

    /// <summary>An owner's open shortfalls in key order, those after a cell.</summary>
    public async Task<IReadOnlyList<Shortfall>> ShortfallsAsync(Db db, PartnerId owner, (ItemId Item, LocationId Location) after, int count) => await StockQueries.ShortfallsAsync(db, owner, after, count);

    /// <summary>A company's feeds, by name, and how each is doing.</summary>
    public Task<IReadOnlyList<FeedHealth>> FeedsAsync(Db db, PartnerId owner, DateTimeOffset now) => FeedStore.HealthAsync(db, owner, now);

    /// <summary>What an owner has on hand at each location. It walks all of the owner's cells: for work beside the orders, never for a page.</summary>
    public Task<IReadOnlyList<(LocationId Location, long Units)>> OnHandAsync(Db db, PartnerId owner) => StockQueries.OnHandAsync(db, owner);

    /// <summary>What a person says came, changed or was counted: whether it changed anything; null when no cell can hold the result.</summary>
    internal async Task<bool?> ByHandAsync(Tx tx, StockKey key, MovementKind kind, int quantity, string cause) =>
        await ByHandAsync(tx, key, kind, quantity, cause, []) is { Fault: null } done ? done.IsChanged : null;

    /// <summary>As <see cref="ByHandAsync(Tx, StockKey, MovementKind, int, string)"/>, of lots: a count that names lots is of all that is there.</summary>
    internal async Task<(bool IsChanged, LotHandFault? Fault)> ByHandAsync(Tx tx, StockKey key, MovementKind kind, int quantity, string cause, IReadOnlyList<LotLine> ofLots)
    {
        if (await StockStore.IsMovedAsync(tx, key, kind, cause))
            return (false, null);

        var before = await StockStore.ReadAsync(tx, key);
        var onHand = kind == MovementKind.Count ? quantity : (before?.OnHand ?? 0) + (long)quantity;
        if (onHand is < 0 or > StockCellState.OnHandMax)
            return (false, new LotHandFault(null, $"With this the cell would hold less than 0 or more than {StockCellState.OnHandMax}."));

        LotShelf? shelf = null;
        if (ofLots.Count > 0)
        {
            shelf = await LotStore.ShelfAsync(tx, key, before ?? default, codes: ofLots.Select(line => line.Code));
            if (await lots.ByHandAsync(tx, key, shelf, kind, ofLots) is { } fault)
                return (false, fault);
        }

        await WriteAsync(tx, key, before, (before ?? default).Count((int)onHand), kind, cause, shelf);
        return (true, null);
    }

    /// <summary>Free units leave a cell for another location. When that cannot be: how many are free to leave, or why not of these lots.</summary>
    internal async Task<(int? Free, IReadOnlyList<LotLine> Sent, LotRefusal? Refusal)> SendAsync(Tx tx, StockKey key, int units, string cause, IReadOnlyList<LotLine> named)
    {
        var before = await StockStore.ReadAsync(tx, key);
        var cell = before ?? default;
        if (units > cell.Free)
            return (cell.Free, [], null);

        var shelf = cell.HasLots || named.Count > 0 ? await LotStore.ShelfAsync(tx, key, cell) : null;
        var (sent, refusal) = shelf?.Send(units, named, tx.Now) ?? ([], null);
        if (refusal is null)
            await WriteAsync(tx, key, before, cell.Transfer(-units), MovementKind.Transfer, cause, shelf);
        return (null, sent, refusal);
    }

    /// <summary>Units come from another location. False when the cell cannot hold them.</summary>
    internal async Task<bool> ComeAsync(Tx tx, StockKey key, int units, string cause, IReadOnlyList<LotLine> ofLots)
    {
        var before = await StockStore.ReadAsync(tx, key);
        var cell = before ?? default;
        if (units > StockCellState.OnHandMax - cell.OnHand)
            return false;

        LotShelf? shelf = null;
        if (ofLots.Count > 0)
        {
            shelf = await LotStore.ShelfAsync(tx, key, cell, codes: ofLots.Select(line => line.Code));
            await lots.ByHandAsync(tx, key, shelf, MovementKind.Receive, [.. ofLots.Select(line => line with { ExpiresOn = null })]); // The code's last day is known from where it came.
        }

        await WriteAsync(tx, key, before, cell.Transfer(units), MovementKind.Transfer, cause, shelf);
        return true;
    }

    /// <summary>Units that a customer sent back are here: on hand, and held until they are graded. False when the cell cannot hold them.</summary>
    internal async Task<bool> TakeBackAsync(Tx tx, StockTake goods, IReadOnlyList<ReturnedLot> ofLots, string cause)
    {
        var key = StockKey.Of(goods);
        var before = await StockStore.ReadAsync(tx, key);
        var cell = before ?? default;
        if (goods.Quantity > StockCellState.OnHandMax - cell.OnHand)
            return false;

        LotShelf? shelf = null;
        if (ofLots.Count > 0)
        {
            shelf = await LotStore.ShelfAsync(tx, key, cell, codes: ofLots.Select(lot => lot.Code));
            await lots.TakeBackAsync(tx, key, shelf, ofLots);
        }

        // What is of a lot is held by its lot.
        var after = cell.Return(goods.Quantity, isRestocked: false);
        await WriteAsync(tx, key, before, after with { Held = after.Held - ofLots.Sum(lot => lot.Quantity) }, MovementKind.Return, cause, shelf);
        return true;
    }

    /// <summary>Units that came back, of one lot or of none, are held no more: they may be sold, or they are gone.</summary>
    internal Task SettleAsync(Tx tx, StockTake goods, string? lot, bool isRestocked, string cause) =>
        MoveAsync(tx, [goods], cause, MovementKind.Grade, (_, cell, quantity, shelf) => Task.FromResult<StockCellState?>(
            lot is null || shelf is null ? cell.Settle(held: quantity, gone: isRestocked ? 0 : quantity) : cell.Settle(held: 0, gone: shelf.Grade(lot, quantity, isRestocked))), named: lot);

    /// <summary>Something about a lot has changed that changes what may be sold: held, let go, or its time is over.</summary>
    internal async Task ChangeAsync(Tx tx, StockLot lot, string cause)
    {
        var before = await StockStore.ReadAsync(tx, lot.Key) ?? throw new InvalidOperationException($"Lot {lot.Id} has no cell."); // A lot is opened with its cell, which is never deleted.
        var shelf = await LotStore.ShelfAsync(tx, lot.Key, before, [lot.Id]);
        shelf.Put(lot);
        await WriteAsync(tx, lot.Key, before, before, MovementKind.Hold, cause, shelf);
    }

    private async Task MoveAsync(Tx tx, IReadOnlyList<StockTake> takes, string cause, MovementKind kind, Func<StockKey, StockCellState, int, LotShelf?, Task<StockCellState?>> decide, string? named = null, Func<StockKey, IEnumerable<LotId>?>? also = null)
    {
        foreach (var take in StockKey.InOrder(takes))
        {
            var key = StockKey.Of(take);
            if (await StockStore.IsMovedAsync(tx, key, kind, cause))
                continue;

            var before = await StockStore.ReadAsync(tx, key);
            var shelf = before is { HasLots: true } cell ? await LotStore.ShelfAsync(tx, key, cell, also?.Invoke(key), named is null ? null : [named]) : null;
            if (await decide(key, before ?? default, take.Quantity, shelf) is { } after)
                await WriteAsync(tx, key, before, after, kind, cause, shelf);
        }
    }

    private Task MoveAsync(Tx tx, IReadOnlyList<StockTake> takes, string cause, MovementKind kind, Func<StockCellState, int, StockCellState> decide) =>
        MoveAsync(tx, takes, cause, kind, (_, cell, quantity, _) => Task.FromResult<StockCellState?>(decide(cell, quantity)));

    private async Task WriteAsync(Tx tx, StockKey key, StockCellState? found, StockCellState after, MovementKind kind, string cause, LotShelf? shelf = null)
    {
        var before = found ?? default;
        if (found is null)
        {
            after = after with { Safety = (await safety.OfAsync(tx, key.Owner, [key]))(key) };
            await StockStore.OpenAsync(tx, key, after.Safety);
        }

        if (shelf is null && before.HasLots)
            shelf = await LotStore.ShelfAsync(tx, key, before);
        if (shelf is not null)
            after = shelf.Settle(after);
        var movement = MovementId.New(tx.Now);
        await StockStore.AddAsync(tx, movement, before.MovementTo(after, key, kind, cause));
        await StockStore.WriteAsync(tx, key, after);
        if (shelf is not null)
            await LotStore.SaveAsync(tx, movement, kind, cause, shelf);
        await Shortfalls.KeepAsync(tx, outbox, key, before.Shortfall, after.Shortfall);
    }
}
