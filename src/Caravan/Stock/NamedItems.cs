using Caravan.Catalog;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Stock.Lots;

namespace Caravan.Stock;

/// <summary>An item of yours by id or SKU, and how many.</summary>
internal sealed record ItemLineBody(int Quantity)
{
    public ItemId? Item { get; init; }
    public string? Sku { get; init; }

    /// <summary>Of which lots, where they are known.</summary>
    public List<LotLineBody>? Lots { get; init; }
}

/// <summary>Finds the items that lines name, and every fault there is with them.</summary>
internal sealed class NamedItems(ItemCatalog catalog)
{
    /// <summary>Checks lines that say how many, before anything is read.</summary>
    public static Check Check(Check check, List<ItemLineBody>? lines, int most, int least)
    {
        check.List(lines, "#/lines", most);
        for (var i = 0; i < Math.Min(lines?.Count ?? 0, most); i++)
        {
            if (lines![i] is not { } line) // Not null: counted above.
            {
                check.That(false, $"#/lines/{i}", "A line is an object.");
                continue;
            }

            Check(check, line.Item, line.Sku, i).Range(line.Quantity, $"#/lines/{i}/quantity", least, FeedQuantity.Max);
            LotEndpoints.Check(check, line.Lots, $"#/lines/{i}/lots", line.Quantity, least: 1);
        }

        return check;
    }

    /// <summary>Checks that a line names its item by one of the two.</summary>
    public static Check Check(Check check, ItemId? item, string? sku, int line) =>
        check.That(item is null != sku is null, $"#/lines/{line}/item", "Give an item's id or its SKU, one of the two.");

    /// <summary>The lines' items in their order; what is not there or stands twice is a fault and null.</summary>
    public async Task<Item?[]> FindAsync(Db db, PartnerId owner, IReadOnlyList<(ItemId? Item, string? Sku)> lines, Check check)
    {
        var found = await ByEitherAsync(db, owner, lines);
        HashSet<ItemId> seen = [];
        for (var i = 0; i < found.Length; i++)
        {
            if (found[i] is not { } item)
                check.That(false, $"#/lines/{i}/{(lines[i].Item is null ? "sku" : "item")}", "There is no such item of yours.");
            else if (!seen.Add(item.Id))
                check.That(false, $"#/lines/{i}", "This item stands in the list twice; add its lines up.");
        }

        return found;
    }

    /// <summary>Items by id or by SKU, in the order they are named; null where none is named, or none is there.</summary>
    public async Task<Item?[]> ByEitherAsync(Db db, PartnerId owner, IReadOnlyList<(ItemId? Item, string? Sku)> named)
    {
        var byId = (await catalog.ByIdAsync(db, owner, [.. named.Select(line => line.Item).OfType<ItemId>().Distinct()])).ToDictionary(item => item.Id);
        var bySku = (await catalog.BySkuAsync(db, owner, [.. named.Select(line => line.Sku).OfType<string>().Distinct()])).ToDictionary(item => item.Sku);
        return [.. named.Select(one => one.Item is { } id ? byId.GetValueOrDefault(id) : one.Sku is { } sku ? bySku.GetValueOrDefault(sku) : null)];
    }
}
