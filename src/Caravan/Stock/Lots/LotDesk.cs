using Caravan.Platform.Storage;

namespace Caravan.Stock.Lots;

/// <summary>The lots of all companies: what is where until when, what is held, and which order got what. Writing doors join the caller's transaction.</summary>
public sealed class LotDesk
{
    private readonly StockBook book;

    internal LotDesk(StockBook book) => this.book = book;

    /// <summary>A lot of an owner's.</summary>
    public Task<StockLot?> FindAsync(Db db, PartnerId owner, LotId id) => LotStore.FindAsync(db, owner, id);

    /// <summary>An owner's lots of which something is here, those that expire first first; only held ones, or only those that are not, when it is said.</summary>
    public async Task<IReadOnlyList<StockLot>> ListAsync(Db db, PartnerId owner, bool? isHeld, int count) =>
        await LotStore.ListAsync(db, owner, null, null, null, isHeld, ("", default), count);

    /// <summary>Nobody may sell it any more, here or wherever its code lies; what is in totes can be looked up by its orders. The lots that are held now; null when there is no such lot.</summary>
    public Task<IReadOnlyList<StockLot>?> HoldAsync(Tx tx, PartnerId owner, LotId id, LotHold reason, string? note, string by, bool isEverywhere) =>
        ChangeAsync(tx, owner, id, isEverywhere, "hold", lot => lot.HoldReason == reason && lot.HoldNote == note && lot.IsHeldEverywhere == isEverywhere
            ? lot
            : lot with { HoldReason = reason, HoldNote = note, HeldBy = by, HeldAt = tx.Now, IsHeldEverywhere = isEverywhere });

    /// <summary>It may be sold again, as far as its time allows.</summary>
    public Task<IReadOnlyList<StockLot>?> ReleaseAsync(Tx tx, PartnerId owner, LotId id, bool isEverywhere) =>
        ChangeAsync(tx, owner, id, isEverywhere, "let go", lot => lot with { HoldReason = null, HoldNote = null, HeldBy = null, HeldAt = null, IsHeldEverywhere = false });

    /// <summary>Whether any of a cell was ever kept by lot.</summary>
    public async Task<bool> IsKeptByLotAsync(Tx tx, PartnerId owner, ItemId item, LocationId location) =>
        await StockStore.ReadAsync(tx, new StockKey(owner, item, location)) is { HasLots: true };

    /// <summary>The lots of an owner's that an order got.</summary>
    public async Task<IReadOnlyList<LotOrder>> OfOrderAsync(Db db, PartnerId owner, OrderId order) => await LotTraces.OfOrderAsync(db, owner, order);

    /// <summary>
    /// Wish by wish the lots that a fulfilment order has in its tote, then those it should pick, first expired first. It says what
    /// would be picked now; others may be quicker.
    /// </summary>
    public async Task<IReadOnlyList<IReadOnlyList<LotUnits>>> ForAsync(Db db, IReadOnlyList<LotWish> wishes, DateTimeOffset now)
    {
        Dictionary<StockKey, List<StockLot>> lots = [];
        Dictionary<(StockKey, FulfilmentId), List<LotTrace>> traces = [];
        foreach (var ofOwner in wishes.GroupBy(wish => wish.Owner))
        {
            foreach (var cell in (await LotStore.OfItemsAsync(db, ofOwner.Key, [.. ofOwner.Select(wish => wish.Item).Distinct()])).GroupBy(lot => lot.Key))
                lots.Add(cell.Key, [.. cell]);
            foreach (var had in (await LotTraces.OfFulfilmentsAsync(db, ofOwner.Key, ofOwner.Select(wish => wish.Fulfilment).Distinct())).GroupBy(trace => (new StockKey(ofOwner.Key, trace.Item, trace.Location), trace.Fulfilment)))
                traces.Add(had.Key, [.. had]);
        }

        // Two lines of one list that are of one cell share what is there, and what is in the tote.
        Dictionary<(StockKey, FulfilmentId), List<StockLot>> seen = [];
        List<IReadOnlyList<LotUnits>> found = [];
        foreach (var wish in wishes)
        {
            var key = (new StockKey(wish.Owner, wish.Item, wish.Location), wish.Fulfilment);
            var left = seen.GetValueOrDefault(key) ?? [.. lots.GetValueOrDefault(key.Item1) ?? []];
            var next = LotShelf.First(left, wish.Left, now, wish.DueAt);
            seen[key] = left.ConvertAll(lot => lot with { Picked = lot.Picked + next.Find(one => one.Lot.Id == lot.Id).Units });
            traces.Remove(key, out var had);
            found.Add(
            [
                .. (had ?? []).Where(trace => trace.Picked + trace.Shipped > 0).Select(trace => new LotUnits(trace.Code, LotStore.Day(trace.ExpiresOn), trace.Picked + trace.Shipped, IsPicked: true)),
                .. next.Select(one => new LotUnits(one.Lot.Code, one.Lot.ExpiresOn, one.Units, IsPicked: false)),
            ]);
        }

        return found;
    }

    private async Task<IReadOnlyList<StockLot>?> ChangeAsync(Tx tx, PartnerId owner, LotId id, bool isEverywhere, string cause, Func<StockLot, StockLot> change)
    {
        if (await LotStore.FindAsync(tx, owner, id) is not { } lot)
            return null;

        List<StockLot> changed = [];
        foreach (var one in isEverywhere ? await LotStore.OfCodeAsync(tx, owner, lot.Item, lot.Code) : [lot])
        {
            var after = change(one);
            changed.Add(after);
            if (after != one)
                await book.ChangeAsync(tx, after, $"{cause} {one.Id} {Guid.CreateVersion7():N}");
        }

        return changed;
    }
}
