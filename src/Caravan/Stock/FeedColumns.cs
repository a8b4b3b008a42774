using System.Text;

namespace Caravan.Stock;

/// <summary>What a column of a stock file is.</summary>
internal enum ColumnRole
{
    Location,
    Item,
    Quantity,
    Change,
}

/// <summary>A column that was recognised, and how surely: 100 by our name for it, 95 by a name the trade uses, less by likeness.</summary>
internal sealed record FeedColumn(ColumnRole Role, int Index, string Header, int SurePercent);

/// <summary>Recognises the columns of a stock file by their names. A server takes sure ones only; a person may be asked about the rest.</summary>
internal static class FeedColumns
{
    /// <summary>From here on a column is taken without asking.</summary>
    public const int Sure = 90;

    private static readonly (ColumnRole Role, string[] Names)[] Known =
    [
        (ColumnRole.Location, ["location", "locationcode", "locationid", "store", "storecode", "storeid", "storeno", "storenumber", "site", "sitecode", "siteid", "warehouse", "warehousecode", "warehouseid", "branch", "branchcode", "shop", "node", "gln"]),
        (ColumnRole.Item, ["item", "itemcode", "itemid", "itemno", "sku", "skucode", "gtin", "gtin13", "gtin14", "ean", "ean13", "barcode", "upc", "article", "articleno", "articlenumber", "product", "productcode", "productid"]),
        (ColumnRole.Quantity, ["quantity", "qty", "onhand", "onhandqty", "qtyonhand", "quantityonhand", "stock", "stocklevel", "stockqty", "inventory", "available", "availableqty", "units", "count"]),
        (ColumnRole.Change, ["change", "delta", "quantitychange", "qtychange", "adjustment"]),
    ];

    /// <summary>The columns of a header; of several that could be the same, the surest, then the first.</summary>
    public static IReadOnlyList<FeedColumn> Recognise(IReadOnlyList<string> header)
    {
        List<FeedColumn> candidates = [];
        for (var i = 0; i < header.Count; i++)
        {
            var name = Plain(header[i]);
            foreach (var (role, names) in Known)
            {
                var sure = SurePercent(name, names);
                if (sure > 0)
                    candidates.Add(new FeedColumn(role, i, header[i].Trim(), sure));
            }
        }

        List<FeedColumn> chosen = [];
        foreach (var column in candidates.OrderByDescending(column => column.SurePercent).ThenBy(column => column.Index))
        {
            if (chosen.TrueForAll(one => one.Role != column.Role && one.Index != column.Index))
                chosen.Add(column);
        }

        return [.. chosen.OrderBy(column => column.Role)];
    }

    /// <summary>What is missing or unsure for a server to read the file; null when nothing is.</summary>
    public static string? WhyUnusable(IReadOnlyList<FeedColumn> columns, IReadOnlyList<string> header)
    {
        foreach (var role in (ColumnRole[])[ColumnRole.Location, ColumnRole.Item])
        {
            if (Missing(columns, role) is { } why)
                return $"{why} The header reads: {string.Join(" | ", header.Take(20))}.";
        }

        return columns.Any(column => column.Role is ColumnRole.Change && column.SurePercent >= Sure) || Missing(columns, ColumnRole.Quantity) is not { } missing
            ? null
            : $"{missing} The header reads: {string.Join(" | ", header.Take(20))}.";
    }

    private static string? Missing(IReadOnlyList<FeedColumn> columns, ColumnRole role)
    {
        var name = role.ToString().ToLowerInvariant();
        return columns.FirstOrDefault(column => column.Role == role) switch
        {
            null => $"No column is called '{name}'.",
            { SurePercent: < Sure } column => $"Is column '{column.Header}' the {name}? Rename it to '{name}'.",
            _ => null,
        };
    }

    private static int SurePercent(string name, string[] names)
    {
        if (name == names[0])
            return 100;
        if (names.Contains(name))
            return 95;
        return name.Length > 0 && Array.Exists(names, known => known.Length >= 3 && name.Contains(known, StringComparison.Ordinal)) ? 60 : 0;
    }

    private static string Plain(string header)
    {
        var plain = new StringBuilder(header.Length);
        foreach (var c in header)
        {
            if (char.IsLetterOrDigit(c))
                plain.Append(char.ToLowerInvariant(c));
        }

        return plain.ToString();
    }
}
