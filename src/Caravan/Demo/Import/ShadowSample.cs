using System.Globalization;
using System.Text;
using Caravan.Engines.Geo;

namespace Caravan.Demo.Import;

/// <summary>
/// A real web shop's orders as the three files of <c>caravan shadow</c>. The file does not tell from where its orders were shipped, so
/// a rule that many retailers have in place of a decision says it: a fixed list of nodes for each city.
/// </summary>
internal static class ShadowSample
{
    /// <summary>What is made up, on top of <see cref="SyntheticWorld.Rules"/>.</summary>
    public const string Rule = "\"As it was\" ships by a fixed list for each city: its large stores in the order of their codes, then the warehouses from the closest to its centre. The first on the list that has all of an order ships it; where none has, each line comes from the first that has it.";

    private static readonly TimeSpan BeijingOffset = TimeSpan.FromHours(8);

    /// <summary>Writes <c>orders.csv</c>, <c>stock.csv</c> and <c>locations.csv</c> into the folder.</summary>
    public static void Write(OrderFileContents file, string folder, Action<int> progress)
    {
        var demo = DemoNetwork.Generate(DemoLoader.Seed);
        var (warehouses, stores) = NodesOf(demo);
        var stock = new Dictionary<(string Sku, int Node), long>();
        foreach (var (sku, units) in file.UnitsOfItems)
        {
            foreach (var (node, quantity) in SyntheticWorld.StockOf(units, demo, warehouses, stores))
                stock[(sku, node)] = quantity;
        }

        Directory.CreateDirectory(folder);
        Lines(folder, "locations.csv", "code,name,kind,latitude,longitude", warehouses.Concat(stores).Select(node => demo.Locations[node]).Select(node =>
            $"{node.Code},\"{node.Name}\",{(node.Kind == DemoLocationKind.Warehouse ? "warehouse" : "store")},{Degrees(node.Point.Latitude)},{Degrees(node.Point.Longitude)}"));
        Lines(folder, "stock.csv", "location,sku,quantity", stock.Where(cell => cell.Value > 0).Select(cell => $"{demo.Locations[cell.Key.Node].Code},{cell.Key.Sku},{cell.Value}"));
        var lists = demo.Regions.ToDictionary(city => city.Code, city => ListOf(demo, city, warehouses, stores));
        Lines(folder, "orders.csv", "order,placedAt,sku,quantity,latitude,longitude,from", file.Orders.SelectMany((order, done) =>
        {
            if (done % 100 == 0)
                progress(done);
            return RowsOf(order, demo, lists, stock);
        }));
    }

    /// <summary>Which of the demo network's nodes hold the file's goods.</summary>
    internal static (int[] Warehouses, int[] Stores) NodesOf(DemoNetwork demo)
    {
        var all = Enumerable.Range(0, demo.Locations.Length).ToList();
        return (
            [.. all.Where(i => demo.Locations[i].Kind == DemoLocationKind.Warehouse)],
            [.. all.Where(i => demo.Locations[i].Kind == DemoLocationKind.Store && demo.Locations[i].Operator == DemoParty.Lantern)
                .GroupBy(i => demo.Locations[i].RegionCode)
                .SelectMany(city => city.Chunk((city.Count() + SyntheticWorld.FlagshipsPerCity - 1) / SyntheticWorld.FlagshipsPerCity).Select(part => part[0]))]);
    }

    private static IEnumerable<string> RowsOf(FileOrder order, DemoNetwork demo, Dictionary<string, int[]> lists, Dictionary<(string Sku, int Node), long> stock)
    {
        var (point, _) = SyntheticWorld.AddressOf(order);
        var city = demo.Regions.MinBy(region => GreatCircle.Metres(new GeoPoint(region.Centre.Latitude, region.Centre.Longitude), point))!; // The demo has six.
        var list = lists[city.Code];
        var whole = Array.FindIndex(list, node => order.Lines.All(line => stock.GetValueOrDefault((line.Sku, node)) >= line.Quantity));
        foreach (var line in order.Lines)
        {
            var at = whole >= 0 ? whole : Array.FindIndex(list, node => stock.GetValueOrDefault((line.Sku, node)) >= line.Quantity);
            if (at >= 0)
                stock[(line.Sku, list[at])] -= line.Quantity;
            var placed = new DateTimeOffset(order.At, BeijingOffset).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            yield return $"{order.Number},{placed},{line.Sku},{line.Quantity},{Degrees(point.Latitude)},{Degrees(point.Longitude)},{(at < 0 ? "" : demo.Locations[list[at]].Code)}";
        }
    }

    private static int[] ListOf(DemoNetwork demo, DemoRegion city, int[] warehouses, int[] stores) =>
    [
        .. stores.Where(node => demo.Locations[node].RegionCode == city.Code).OrderBy(node => demo.Locations[node].Code, StringComparer.Ordinal),
        .. warehouses.OrderBy(node => GreatCircle.Metres(new GeoPoint(city.Centre.Latitude, city.Centre.Longitude), new GeoPoint(demo.Locations[node].Point.Latitude, demo.Locations[node].Point.Longitude))),
    ];

    private static void Lines(string folder, string name, string head, IEnumerable<string> rows) =>
        File.WriteAllLines(Path.Combine(folder, name), rows.Prepend(head), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));

    private static string Degrees(double degrees) => degrees.ToString("0.00000", CultureInfo.InvariantCulture);
}
