using Caravan.Catalog;
using Caravan.Network;
using Caravan.Orders.Desk;
using Caravan.Platform;
using Caravan.Platform.Storage;
using Caravan.Stock;
using Caravan.Stock.Lots;

namespace Caravan.Orders;

/// <summary>Why nothing may be put in instead.</summary>
public enum SubstituteRefusal
{
    /// <summary>The customer has not agreed to it.</summary>
    NotAgreed,

    /// <summary>The seller does not let this be put in instead of that.</summary>
    NotASubstitute,

    /// <summary>The book has not that much of it here that may be sold.</summary>
    OutOfStock,

    /// <summary>Its lots cannot serve.</summary>
    Lot,
}

/// <summary>How putting in something else went.</summary>
public abstract record SubstituteOutcome
{
    private SubstituteOutcome()
    {
    }

    /// <summary>A new line of the order stands for the units; they are in the tote.</summary>
    public sealed record Done(OrderLine Line, Item Item) : SubstituteOutcome;

    /// <summary>Not done, and why; undo the transaction.</summary>
    public sealed record Refused(SubstituteRefusal Why, string Detail, LotRefusal? Lot = null) : SubstituteOutcome;
}

/// <summary>
/// Puts something else into the tote where the customer has agreed to it: what was ordered goes short, and a line of its own, never
/// dearer, takes its place in the same fulfilment order. Only the seller's own stock can stand in for the seller's own.
/// </summary>
internal sealed class Substituting(OrderChanging changing, StockBook stock, DeskQuotas quotas, ItemCatalog catalog)
{
    public async Task<SubstituteOutcome> SubstituteAsync(Tx tx, PartnerId seller, FulfilmentId fulfilment, int line, int units, Func<Item, bool> isIt, string? lot)
    {
        var (order, own) = await OrderChanging.LoadAsync(tx, seller, fulfilment);
        var wanted = order.Lines[line - 1];
        if (!wanted.AllowsSubstitute)
            return Refuse(SubstituteRefusal.NotAgreed, $"The customer wants {wanted.Name} and nothing instead. Say that it is not on the shelf.");

        var allowed = (await catalog.SubstitutesAsync(tx, seller, [wanted.Item])).GetValueOrDefault(wanted.Item) ?? [];
        if (allowed.FirstOrDefault(isIt) is not { } instead)
            return Refuse(SubstituteRefusal.NotASubstitute, allowed.Count == 0 ? $"Nothing may be put in instead of {wanted.Name}." : $"Instead of {wanted.Name} may go: {string.Join(", ", allowed.Select(item => $"{item.Name} ({item.Sku})"))}.");

        var take = new StockTake(seller, instead.Id, own.Location, units);
        if (await stock.ReserveAsync(tx, [take], $"substitute {fulfilment} {line} {Guid.CreateVersion7():N}") is not ReserveOutcome.Reserved)
            return Refuse(SubstituteRefusal.OutOfStock, $"The book has not {units} of {instead.Name} here that may be sold. Count it first, or put in something else.");

        await changing.WriteOffAsync(tx, order, own, line, units, seller);
        var added = new OrderLine
        {
            Line = order.Lines.Count + 1,
            Item = instead.Id,
            Sku = instead.Sku,
            Gtin = instead.Gtin,
            Name = instead.Name,
            Quantity = units,
            PriceAmount = Math.Min(wanted.PriceAmount, instead.Price.Amount),
            WeightGrams = instead.WeightGrams,
            TemperatureClass = instead.TemperatureClass,
            SubstituteFor = line,
        };
        var allocation = new Allocation { Fulfilment = fulfilment, Line = added.Line, Owner = seller, Item = instead.Id, Location = own.Location, Units = Allocation.AllReserved(units) };
        await OrderRows.InsertAsync(tx, order, added, allocation);
        await quotas.CountAsync(tx, order, new QuotaTake(added.Line, take, []));
        await changing.AdvanceAsync(tx, seller, fulfilment, LineStatus.Reserved, LineStatus.Released, added.Line);
        return await changing.AdvanceAsync(tx, seller, fulfilment, LineStatus.Released, LineStatus.Picked, added.Line, units, seller, lot) is { } refusal
            ? new SubstituteOutcome.Refused(SubstituteRefusal.Lot, refusal.Detail, refusal)
            : new SubstituteOutcome.Done(added, instead);
    }

    /// <summary>What may go instead of the lines that are still to be picked at a node, where the customer has agreed, and how many of it may be sold there.</summary>
    public async Task<IReadOnlyDictionary<int, IReadOnlyList<(Item Item, int Sellable)>>> OfferedAsync(Db db, PartnerId seller, Order order, LocationId at, IReadOnlyCollection<int> lines, DateTimeOffset now)
    {
        var agreed = order.Lines.Where(line => line.AllowsSubstitute && lines.Contains(line.Line)).ToList();
        if (agreed.Count == 0)
            return new Dictionary<int, IReadOnlyList<(Item, int)>>();

        var allowed = await catalog.SubstitutesAsync(db, seller, [.. agreed.Select(line => line.Item)]);
        var cells = (await stock.CellsAsync(db, [.. allowed.Values.SelectMany(items => items).Select(item => (seller, item.Id)).Distinct()], now)).Where(cell => cell.Location == at).ToDictionary(cell => cell.Item);
        return agreed.Where(line => allowed.ContainsKey(line.Item)).ToDictionary(line => line.Line, line => (IReadOnlyList<(Item, int)>)[.. allowed[line.Item].Select(item => (item, cells.GetValueOrDefault(item.Id)?.Sellable ?? 0))]);
    }

    private static SubstituteOutcome.Refused Refuse(SubstituteRefusal why, string detail) => new(why, detail);
}
