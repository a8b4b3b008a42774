using System.Globalization;
using Caravan.Platform;

namespace Caravan.Demo.Import;

/// <summary>A line of the file that is goods ordered.</summary>
internal readonly record struct FileLine(string Sku, int Quantity, long PriceAmount);

/// <summary>An order of the file: consecutive or scattered rows of one number.</summary>
internal sealed record FileOrder(string Number, string? Customer, DateTime At, IReadOnlyList<FileLine> Lines);

/// <summary>A cancellation of the file: units of an item that a customer gave up.</summary>
internal readonly record struct FileCancellation(string Number, string? Customer, DateTime At, string Sku, int Quantity);

/// <summary>Everything in a file of orders, every row accounted for.</summary>
/// <param name="Orders">Orders, in time.</param>
/// <param name="NotOrders">Numbers none of whose rows are goods ordered, with the reason.</param>
/// <param name="Cancellations">In time.</param>
/// <param name="NamesOfItems">What each SKU is called.</param>
/// <param name="PricesOfItems">The price most rows say.</param>
/// <param name="UnitsOfItems">How many units the whole file orders, also when only part of it is served.</param>
/// <param name="RowsLeftOut">Rows that are no goods, by reason.</param>
/// <param name="GoodsRows">Rows that are goods ordered.</param>
/// <param name="Rows">All rows.</param>
internal sealed record OrderFileContents(
    IReadOnlyList<FileOrder> Orders,
    IReadOnlyDictionary<string, string> NotOrders,
    IReadOnlyList<FileCancellation> Cancellations,
    IReadOnlyDictionary<string, string> NamesOfItems,
    IReadOnlyDictionary<string, long> PricesOfItems,
    IReadOnlyDictionary<string, long> UnitsOfItems,
    IReadOnlyDictionary<string, int> RowsLeftOut,
    int GoodsRows,
    int Rows);

/// <summary>
/// Reads orders from a CSV with named columns, plain or gzipped, one row a line. Columns by any of these names, in any
/// order and case: number (InvoiceNo, order), sku (StockCode, item), quantity (qty), date (InvoiceDate, placedAt); when
/// there: name (Description), price (UnitPrice), customer (CustomerID). A number that begins with C cancels; so a web
/// shop's export can be read as it is.
/// </summary>
internal static class OrderFile
{
    private static readonly NamedColumn[] Columns =
    [
        new("number", ["number", "invoiceno", "order", "ordernumber", "orderid"], IsNeeded: true),
        new("sku", ["sku", "stockcode", "item", "itemcode"], IsNeeded: true),
        new("quantity", ["quantity", "qty", "units"], IsNeeded: true),
        new("date", ["date", "invoicedate", "placedat", "orderdate", "time"], IsNeeded: true),
        new("name", ["name", "description", "title"]),
        new("price", ["price", "unitprice"]),
        new("customer", ["customer", "customerid"]),
    ];

    private static readonly string[] DateFormats = ["M/d/yy H:mm", "M/d/yyyy H:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-dd"];

    /// <summary>Reads a file whole. Throws <see cref="InvalidDataException"/> with what to mend when it is not such a file.</summary>
    public static OrderFileContents Read(string path, Action<long, long> progress)
    {
        using var csv = NamedCsv.Open(path, Columns);
        var reading = new Reading();
        while (csv.Read())
        {
            reading.Add(name => csv.Has(name) ? csv[name] : null);
            if (reading.Rows % 1000 == 0)
                progress(csv.Progress.Done, csv.Progress.Of);
        }

        progress(1, 1);
        return reading.Finish();
    }

    private sealed class Reading
    {
        private readonly Dictionary<string, (string? Customer, DateTime At, Dictionary<string, (int Quantity, long Price)> Lines)> orders = [];
        private readonly Dictionary<string, string> reasonOf = [];
        private readonly List<FileCancellation> cancellations = [];
        private readonly Dictionary<string, string> names = [];
        private readonly Dictionary<string, Dictionary<long, int>> prices = [];
        private readonly Dictionary<string, long> units = [];
        private readonly Dictionary<string, int> leftOut = [];
        private int goodsRows;

        public int Rows { get; private set; }

        public void Add(Func<string, string?> field)
        {
            Rows++;
            var number = field("number");
            if (string.IsNullOrEmpty(number))
            {
                Leave("", "the row has no order number");
                return;
            }

            var sku = field("sku")?.ToUpperInvariant() ?? "";
            var isQuantity = int.TryParse(field("quantity"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var quantity);
            var isCancellation = number[0] is 'C' or 'c';
            var reason = !isQuantity ? "the quantity is not a whole number"
                : !IsGoods(sku) ? "the code is no goods (postage, fees, adjustments)"
                : isCancellation && quantity >= 0 ? "a cancellation of nothing"
                : !isCancellation && quantity <= 0 ? "a quantity of nothing or less (a stock correction)"
                : !DateTime.TryParseExact(field("date"), DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? "the date cannot be read"
                : null;
            if (reason is not null)
            {
                Leave(isCancellation ? "" : number, reason);
                return;
            }

            var at = DateTime.ParseExact(field("date")!, DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.None); // Parsed just above.
            var customer = field("customer") is { Length: > 0 } known ? known : null;
            if (isCancellation)
            {
                cancellations.Add(new FileCancellation(number, customer, at, sku, -quantity));
                return;
            }

            var price = decimal.TryParse(field("price"), NumberStyles.Number, CultureInfo.InvariantCulture, out var amount) && amount >= 0 ? (long)Math.Round(amount * 100) : 0;
            Name(sku, field("name"), price);
            if (!orders.TryGetValue(number, out var order))
                orders[number] = order = (customer, at, []);

            goodsRows++;
            units[sku] = units.GetValueOrDefault(sku) + quantity;

            // A shop's till may ring the same goods twice; an order has one line of them.
            order.Lines[sku] = order.Lines.TryGetValue(sku, out var line) ? (line.Quantity + quantity, line.Price) : (quantity, price);
        }

        public OrderFileContents Finish() => new(
            [.. orders.Select(order => new FileOrder(order.Key, order.Value.Customer, order.Value.At, [.. order.Value.Lines.Select(line => new FileLine(line.Key, line.Value.Quantity, line.Value.Price))])).OrderBy(order => order.At).ThenBy(order => order.Number, StringComparer.Ordinal)],
            reasonOf.Where(one => !orders.ContainsKey(one.Key)).ToDictionary(one => one.Key, one => one.Value),
            [.. cancellations.OrderBy(one => one.At).ThenBy(one => one.Number, StringComparer.Ordinal)],
            names,
            prices.ToDictionary(item => item.Key, item => item.Value.MaxBy(price => price.Value).Key),
            units,
            leftOut,
            goodsRows,
            Rows);

        private void Leave(string number, string reason)
        {
            leftOut[reason] = leftOut.GetValueOrDefault(reason) + 1;
            if (number.Length > 0)
                reasonOf.TryAdd(number, reason);
        }

        private void Name(string sku, string? name, long price)
        {
            if (!names.TryGetValue(sku, out var known) || known.Length == 0)
                names[sku] = name ?? "";
            if (!prices.TryGetValue(sku, out var seen))
                prices[sku] = seen = [];
            seen[price] = seen.GetValueOrDefault(price) + 1;
        }

        // Goods have a code with figures in it; POST, DOT, M, BANK CHARGES and gift vouchers are none.
        private static bool IsGoods(string sku) => sku.Length is > 0 and <= 50 && char.IsAsciiDigit(sku[0]) && sku.Count(char.IsAsciiDigit) >= 4;
    }
}
