using Caravan.Platform.Storage;
using Caravan.Stock.Lots;

namespace Caravan.Stock;

/// <summary>Units of a lot that came back, by the code on their packs.</summary>
public sealed record ReturnedLot(string Code, int Quantity);

/// <summary>
/// The way of goods that came back: in, where they are held, and out, to be sold or to be gone. Both join the caller's
/// transaction and are done once for their cause.
/// </summary>
public sealed class ReturnedStock
{
    private readonly StockBook book;

    internal ReturnedStock(StockBook book) => this.book = book;

    /// <summary>
    /// Units that a fulfilment order had shipped from a cell came back to a location: on hand there, and held. What it shipped of lots must
    /// come back of these. Gives the lots, or what is wrong with those that are named; a fault must be followed by the transaction's undoing.
    /// </summary>
    public async Task<(IReadOnlyList<ReturnedLot> Lots, string? Fault)> TakeBackAsync(Tx tx, StockTake goods, LocationId from, FulfilmentId fulfilment, IReadOnlyList<ReturnedLot> named, bool isLotNeeded, string cause)
    {
        if (await StockStore.IsMovedAsync(tx, StockKey.Of(goods), MovementKind.Return, cause))
            return (named, null);

        var shipped = (await LotTraces.OfFulfilmentsAsync(tx, goods.Owner, [fulfilment])).Where(trace => trace.Item == goods.Item && trace.Location == from && trace.Shipped > 0).ToList();
        var lots = named.Count == 0 && shipped is [var only] && only.Shipped >= goods.Quantity ? [new ReturnedLot(only.Code, goods.Quantity)] : named;
        if (FaultOf(goods.Quantity, lots, shipped, isLotNeeded) is { } fault)
            return (lots, fault);
        if (!await book.TakeBackAsync(tx, goods, lots, cause))
            return (lots, $"With this the cell would hold more than {StockCellState.OnHandMax}.");

        foreach (var lot in shipped.Count == 0 ? [] : lots)
            await LotTraces.MoveAsync(tx, goods.Owner, fulfilment, shipped.First(trace => trace.Code == lot.Code).Lot, picked: 0, shipped: -lot.Quantity, returned: lot.Quantity);
        return (lots, null);
    }

    /// <summary>Held units are graded: they may be sold, as far as their lot may; or they are gone, written off or given back to their owner.</summary>
    public Task SettleAsync(Tx tx, StockTake goods, string? lot, bool isRestocked, string cause) => book.SettleAsync(tx, goods, lot, isRestocked, cause);

    private static string? FaultOf(int units, IReadOnlyList<ReturnedLot> lots, List<LotTrace> shipped, bool isLotNeeded)
    {
        if (lots.Count == 0)
            return shipped.Count > 0 ? $"Say of which lot they are; the order got {string.Join(", ", shipped.Select(trace => $"{trace.Code} ({trace.Shipped})"))}." : isLotNeeded ? "This item is kept by lot: say of which they are." : null;

        // Units without a lot are the last to be believed: only when all that went out with one are named.
        var sum = lots.Sum(lot => (long)lot.Quantity);
        if (sum > units || (sum < units && (isLotNeeded || shipped.Sum(trace => trace.Shipped) != sum)))
            return $"The lots make {sum} and the line {units}.";
        return lots.FirstOrDefault(lot => shipped.Count > 0 && (shipped.Find(trace => trace.Code == lot.Code)?.Shipped ?? 0) < lot.Quantity) is { } foreign
            ? $"The order did not get {foreign.Quantity} of lot {foreign.Code}, but {string.Join(", ", shipped.Select(trace => $"{trace.Code} ({trace.Shipped})"))}. What did not come from here is not this return's: hold it apart, and ask."
            : null;
    }
}
