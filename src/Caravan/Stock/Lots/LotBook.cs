using Caravan.Catalog;
using Caravan.Network;
using Caravan.Platform.Storage;
using NodaTime;

namespace Caravan.Stock.Lots;

/// <summary>What lots need of other rooms: an item's days, a location's clock. And the acts of fulfilment orders on the lots of a cell.</summary>
internal sealed class LotBook(ItemCatalog catalog, NetworkMap map)
{
    /// <summary>From when a lot may no longer be with a customer: the day after its last, less the days an item must have left, begins.</summary>
    public static DateTimeOffset SellUntil(DateOnly expiresOn, int minimumDays, DateTimeZone zone) =>
        LocalDate.FromDateOnly(expiresOn).PlusDays(1 - minimumDays).AtStartOfDayInZone(zone).ToDateTimeOffset().ToUniversalTime();

    /// <summary>The lot of a code, opened when it is new here. A hold that is everywhere is on it too. The fault: it is known with another last day.</summary>
    public async Task<(StockLot Lot, string? Fault)> OpenAsync(Tx tx, StockKey key, LotShelf shelf, string code, DateOnly? expiresOn)
    {
        var here = shelf.Find(code);
        var known = here is null || (here.ExpiresOn is null && expiresOn is not null) ? await LotStore.OfCodeAsync(tx, key.Owner, key.Item, code) : [here];
        var day = known.Select(lot => lot.ExpiresOn).FirstOrDefault(one => one is not null);
        var lot = here ?? new StockLot { Owner = key.Owner, Id = LotId.New(tx.Now), Item = key.Item, Location = key.Location, Code = code, ReceivedAt = tx.Now };
        if (day is not null && expiresOn is not null && day != expiresOn)
            return (lot, $"Lot {code} of this item expires on {LotStore.Text(day)}.");
        if (here is null && known.Find(one => one is { HoldReason: not null, IsHeldEverywhere: true }) is { } held)
            lot = lot with { HoldReason = held.HoldReason, HoldNote = held.HoldNote, HeldBy = held.HeldBy, HeldAt = tx.Now, IsHeldEverywhere = true };
        if (here is null || here.ExpiresOn != (expiresOn ?? day))
            lot = await TimedAsync(tx, lot with { ExpiresOn = expiresOn ?? day });
        shelf.Put(lot);
        return (lot, null);
    }

    /// <summary>The lot with its time as its item and the clock say now.</summary>
    public async Task<StockLot> TimedAsync(Tx tx, StockLot lot)
    {
        if (lot.ExpiresOn is not { } day)
            return lot with { SellUntil = null, IsPast = false };

        var days = await catalog.ByIdAsync(tx, lot.Owner, [lot.Item]) is [var item] ? item.MinimumShelfLifeDays : 0;
        var zone = (await map.CurrentAsync(CancellationToken.None)).Find(lot.Location)?.Hours.Zone ?? DateTimeZone.Utc;
        var until = SellUntil(day, days, zone);
        return lot with { MinimumDays = days, SellUntil = until, IsPast = until <= tx.Now };
    }

    /// <summary>What a person says of lots that came, changed or were counted; those that a count does not name are not there.</summary>
    public async Task<LotHandFault?> ByHandAsync(Tx tx, StockKey key, LotShelf shelf, MovementKind kind, IReadOnlyList<LotLine> lines)
    {
        foreach (var lot in kind == MovementKind.Count ? shelf.InOrder.ToList() : [])
            shelf.Put(lot with { OnHand = 0, Returned = 0 });
        for (var i = 0; i < lines.Count; i++)
        {
            var (lot, fault) = await OpenAsync(tx, key, shelf, lines[i].Code, lines[i].ExpiresOn);
            if (fault is not null)
                return new LotHandFault(i, fault);

            var onHand = kind == MovementKind.Count ? lines[i].Quantity : lot.OnHand + (long)lines[i].Quantity;
            if (onHand is < 0 or > StockCellState.OnHandMax)
                return new LotHandFault(i, $"Of lot {lot.Code} there are {lot.OnHand} here.");

            var after = lot with { OnHand = (int)onHand };
            shelf.Put(after with { Returned = Math.Min(shelf.Was(lot.Id)?.Returned ?? 0, after.Shelf) });
        }

        return null;
    }

    /// <summary>Units go into a tote.</summary>
    public async Task<LotRefusal?> PickAsync(Tx tx, StockKey key, LotShelf shelf, int units, LotClaim? claim)
    {
        var isStrict = claim?.Lot is not null && await catalog.ByIdAsync(tx, key.Owner, [key.Item]) is [{ IsLotOrderStrict: true }];
        var (taken, refusal) = shelf.Pick(units, claim?.Lot, isStrict, tx.Now, claim?.DueAt ?? tx.Now);
        foreach (var (lot, some, passedOver) in claim is null ? [] : taken)
            await LotTraces.PickedAsync(tx, key, claim!, lot.Id, some, passedOver); // Without a claim there are none.
        return refusal;
    }

    /// <summary>Picked units go back to the shelf or leave. Those of a lot first: the rest was picked without one.</summary>
    public static async Task UnpickAsync(Tx tx, StockKey key, LotShelf shelf, int units, LotClaim? claim, bool isShipped)
    {
        List<(LotId Lot, int Units)> had = claim is null
            ? [.. shelf.InOrder.Select(lot => (lot.Id, lot.Picked))]
            : [.. (await LotTraces.OfCellAsync(tx, key, claim.Fulfilment)).Select(trace => (trace.Lot, trace.Picked))];
        foreach (var (lot, picked) in had)
        {
            var some = Math.Min(units, picked);
            units -= some;
            if (some == 0)
                continue;

            shelf.Unpick(lot, some, isShipped);
            if (claim is not null)
                await LotTraces.MoveAsync(tx, key.Owner, claim.Fulfilment, lot, -some, isShipped ? some : 0, 0);
        }
    }

    /// <summary>Shipped units came back. Gives the lots they are of, as far as they are; the shelf knows the lots of the claim.</summary>
    public static async Task<List<ReturnedLot>> ReturnAsync(Tx tx, StockKey key, LotShelf shelf, int units, LotClaim claim, IEnumerable<LotTrace> traces, bool isRestocked)
    {
        List<ReturnedLot> back = [];
        var left = units;
        foreach (var trace in traces)
        {
            var some = Math.Min(left, trace.Shipped);
            left -= some;
            if (some == 0)
                continue;

            shelf.Return(trace.Lot, some, isRestocked);
            back.Add(new ReturnedLot(shelf.Find(trace.Lot)!.Code, some)); // The shelf knows it.
            await LotTraces.MoveAsync(tx, key.Owner, claim.Fulfilment, trace.Lot, 0, -some, some);
        }

        return back;
    }

    /// <summary>Units of these lots came back to a shelf, wherever they had left from; they wait to be graded.</summary>
    public async Task TakeBackAsync(Tx tx, StockKey key, LotShelf shelf, IReadOnlyList<ReturnedLot> back)
    {
        foreach (var line in back)
        {
            var (lot, _) = await OpenAsync(tx, key, shelf, line.Code, expiresOn: null); // Without a day no day can be wrong.
            shelf.Put(lot with { OnHand = lot.OnHand + line.Quantity, Returned = lot.Returned + line.Quantity });
        }
    }
}
