using System.Globalization;
using Caravan.Engines.Edi;
using Caravan.Stock;

namespace Caravan.Edi;

/// <summary>What an inventory report makes of stock: pure.</summary>
/// <param name="IsSnapshot">Whether what it leaves out of its places is not there.</param>
/// <param name="Lines">Line by line; one that cannot be taken says why.</param>
internal sealed record InventoryReading(bool IsSnapshot, IReadOnlyList<StockLine> Lines)
{
    /// <summary>Reads a report by the partner's rules, as the feed is meant.</summary>
    public static InventoryReading Of(InventoryReport report, TradingSettings settings, FeedManner manner)
    {
        var isChange = settings.Inventory == InventoryScope.Changes || (settings.Inventory == InventoryScope.ByPurpose && report.Purpose is "04" or "4");

        // Movements say nothing of what is there: a report of nothing else is no snapshot.
        isChange |= report.Lines.Count > 0 && report.Lines.All(line => line.Quantities.All(quantity => settings.MeaningOf(quantity) is QuantityMeaning.MovedIn or QuantityMeaning.MovedOut or QuantityMeaning.Ignored));
        var place = report.Parties.Where(party => party.Role is "WH" or "SF" or "GY" or "ST").Select(party => party.Id).FirstOrDefault(id => id is not null) ?? settings.Location ?? "";
        return new InventoryReading(!isChange, [.. report.Lines.Select((line, index) => LineOf(line, index + 1, place, settings, manner, !isChange))]);
    }

    private static StockLine LineOf(InventoryLine line, int number, string place, TradingSettings settings, FeedManner manner, bool isSnapshot)
    {
        var referred = settings.LocationReference is { } qualifier ? line.References.Where(reference => reference.Qualifier == qualifier).Select(reference => reference.Value).FirstOrDefault() : null;
        var location = line.Location?.Value ?? referred ?? place;
        var (amount, isChange, fault) = QuantityOf(line, settings, manner.IsNet, isSnapshot);
        var code = settings.CodeOf(line.Items, manner.IsByGtin)?.Code ?? "";
        fault ??= code.Length == 0 ? $"None of the item numbers ({string.Join(", ", line.Items.Select(item => item.Qualifier))}) is one that is looked at." : null;
        return new StockLine(number, location, code, amount.ToString(CultureInfo.InvariantCulture), isChange) { Fault = fault };
    }

    private static (decimal Amount, bool IsChange, string? Fault) QuantityOf(InventoryLine line, TradingSettings settings, bool isNet, bool isSnapshot)
    {
        decimal? figure = null;
        decimal? moved = null;
        foreach (var quantity in line.Quantities)
        {
            if (settings.MeaningOf(quantity) is not { } meaning)
                return (0, false, $"Nobody has said what quantity {quantity.Qualifier} means: add it to the trading partner's quantities.");
            if (meaning == QuantityMeaning.Ignored)
                continue;
            if (settings.FactorOf(quantity.Unit) is not { } factor)
                return (0, false, $"Nobody has said how many one {quantity.Unit} is: add it to the trading partner's units.");

            var amount = quantity.Amount * factor;
            if (meaning is QuantityMeaning.MovedIn or QuantityMeaning.MovedOut)
                moved = (moved ?? 0) + (meaning == QuantityMeaning.MovedIn ? amount : -amount);
            else if ((meaning == QuantityMeaning.Available) == isNet)
                figure = figure is { } said && said != amount ? -1 : amount;
        }

        // A figure already has the movements beside it in it.
        if (figure is { } there)
            return there < 0 ? (0, false, "The line's figures contradict each other, or are negative.") : (there, false, null);
        if (moved is not { } change)
            return (0, false, isNet ? "The line does not say what may be sold, which the feed is made of." : "The line does not say what lies there, which the feed is made of.");
        return isSnapshot ? (0, false, "The line tells of movements alone, in a report of what is there.") : (change, true, null);
    }
}
