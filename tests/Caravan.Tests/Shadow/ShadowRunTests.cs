using System.Globalization;
using Caravan.Network;
using Caravan.Platform.Tenancy;
using Caravan.Shadow;

namespace Caravan.Tests.Shadow;

public sealed class ShadowRunTests
{
    private const string Locations = "code,name,kind,latitude,longitude\nNORTH,North,store,52.60,13.40\nSOUTH,South,store,52.40,13.40\nBIG,Big,warehouse,52.50,13.00\n";

    [Fact]
    public void An_order_comes_from_the_closest_node_that_has_all_of_it_and_stands_beside_what_really_happened()
    {
        var report = Run(
            "order,placedAt,sku,quantity,latitude,longitude,from,deliveredAt\nA-1,2026-11-20 10:00,tea,2,52.59,13.40,SOUTH,2026-11-22 10:00\nA-1,2026-11-20 10:00,jam,1,52.59,13.40,BIG,2026-11-22 10:00\n",
            "location,sku,quantity\nNORTH,tea,5\nNORTH,jam,5\nSOUTH,tea,5\nBIG,jam,5\n");

        var pair = Assert.Single(report.Pairs);
        Assert.Equal(["NORTH"], pair.Caravan.Parcels.Select(parcel => parcel.Node.Code));
        Assert.Equal(["BIG", "SOUTH"], pair.Real.Parcels.Select(parcel => parcel.Node.Code).Order());
        Assert.InRange(pair.Caravan.Parcels[0].Metres, 1_100, 2_000); // A hundredth of a degree, and the detour of roads.
        Assert.Contains("North is the closest", pair.Caravan.Why, StringComparison.Ordinal);
        Assert.Equal((48.0, 1, 1, 0), (report.Real.MeanHours, report.Real.Served, report.Real.Split, report.Caravan.Split));
        Assert.Equal(report.Costs.ParcelCost + (report.Costs.KilometreCost * pair.Caravan.Parcels[0].Metres / 1000), report.Caravan.Cost);
        Assert.True(report.Caravan.Cost < report.Real.Cost);
        Assert.Equal(3 / ((20 + 17) / 2.0), report.Caravan.Turnover, 6);
    }

    [Fact]
    public void Orders_take_stock_from_one_another_in_the_order_of_their_time_and_what_is_not_there_is_not_served()
    {
        var report = Run(
            "order,date,item,qty,lat,lon\nlate,2026-11-20 12:00,tea,2,52.59,13.40\nearly,2026-11-20 09:00,tea,3,52.59,13.40\nmuch,2026-11-20 13:00,tea,5,52.59,13.40\n",
            "store,item,qty\nNORTH,tea,4\nSOUTH,tea,3\n");

        Assert.Equal(["early", "late", "much"], report.Pairs.Select(pair => pair.Order.Number));
        Assert.Equal(["NORTH", "SOUTH", ""], report.Pairs.Select(pair => string.Join('+', pair.Caravan.Parcels.Select(parcel => parcel.Node.Code))));
        Assert.Equal((2, 5L, 5L), (report.Caravan.Served, report.Caravan.Units, report.Caravan.UnitsLacking));
        Assert.Equal((0, 10L), (report.Real.Served, report.Real.UnitsLacking)); // The file does not say from where.
        Assert.Contains("Not enough is left of tea", Assert.Single(report.RefusedBy).Key, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_day_no_node_gives_more_than_it_had_and_every_unit_is_accounted_for()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            var random = new Random(seed);
            var stock = string.Concat(from node in (string[])["NORTH", "SOUTH", "BIG"] from sku in (string[])["a", "b", "c"] select $"{node},{sku},{random.Next(0, 12)}\n");
            var orders = string.Concat(Enumerable.Range(0, 30).SelectMany(order => Enumerable.Range(0, random.Next(1, 4)).Select(line =>
                FormattableString.Invariant($"{order},2026-11-20 {random.Next(0, 24):00}:00,{(char)('a' + random.Next(3))},{random.Next(1, 4)},{52.4 + (random.NextDouble() / 4)},{13.2 + (random.NextDouble() / 4)},{(random.Next(2) == 0 ? "NORTH" : "BIG")}\n"))));
            var report = Run("order,placedAt,sku,quantity,latitude,longitude,from\n" + orders, "location,sku,quantity\n" + stock);

            Assert.All(report.Nodes, node => Assert.InRange(node.UnitsCaravan, 0, node.Opening));
            Assert.All(report.Pairs, pair => Assert.Equal(pair.Order.Lines.Sum(line => line.Quantity), pair.Caravan.Parcels.Sum(parcel => parcel.Units) + pair.Caravan.UnitsLacking));
            Assert.All(report.Pairs, pair => Assert.Equal(pair.Order.Lines.Sum(line => line.Quantity), pair.Real.Parcels.Sum(parcel => parcel.Units) + pair.Real.UnitsLacking));
            Assert.Equal(report.Pairs.Count, report.Caravan.Served + report.RefusedBy.Values.Sum());
        }
    }

    [Theory]
    [InlineData("order,sku,quantity,latitude,longitude\n1,tea,1,52,13\n", "location,sku,quantity\nNORTH,tea,1\n", "has no column for the placed")]
    [InlineData("order,placedAt,sku,quantity\n1,2026-11-20,tea,1\n", "location,sku,quantity\nNORTH,tea,1\n", "does not tell where orders went")]
    [InlineData("order,placedAt,sku,quantity,postcode\n1,2026-11-20,tea,1,10115\n", "location,sku,quantity\nNORTH,tea,1\n", "names places by code")]
    [InlineData("", "location,sku,quantity\nNORTH,tea,1\n", "is empty")]
    [InlineData("order,placedAt,sku,quantity,latitude,longitude\n1,soon,tea,1,52,13\n", "location,sku,quantity\nNORTH,tea,1\n", "no order that can be used")]
    [InlineData("order,placedAt,sku,quantity,latitude,longitude\n1,2026-11-20,tea,1,52,13\n", "location,sku,quantity\nMOON,tea,1\n", "No location of the stock file is in the network")]
    public void Files_that_cannot_be_used_are_refused_with_what_to_do(string orders, string stock, string words)
    {
        var refused = Assert.Throws<InvalidDataException>(() => Run(orders, stock));

        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_that_cannot_be_used_is_counted_with_its_place_and_the_rest_is_used()
    {
        var report = Run(
            "order;placedAt;sku;quantity;postcode;from\n1;20.11.2026 10:00;tea;1;10115;NORTH\n2;20.11.2026 10:00;tea;-1;10115;NORTH\n3;20.11.2026 10:00;tea;1;99999;NORTH\n4;20.11.2026 10:00;tea;2.0;10115;ATTIC\n",
            "location;sku;quantity\nNORTH;tea;9\nNORTH;tea;x\n",
            places: "postcode,lat,lon\n10115,52.53,13.38\n");

        Assert.Equal(["1", "4"], report.Pairs.Select(pair => pair.Order.Number));
        Assert.Equal((1, "orders.csv, row 2"), report.LeftOut["the quantity is not a whole number of 1 or more"]);
        Assert.Equal((1, "orders.csv, row 3"), report.LeftOut["where it went cannot be read or is not among the places"]);
        Assert.Equal((1, "stock.csv, row 2"), report.LeftOut["the quantity is not a whole number"]);
        Assert.Equal(["ATTIC"], report.UnknownNodes);
        Assert.Equal(2, report.Pairs[1].Real.UnitsLacking);
    }

    [Fact]
    public void Every_order_is_in_the_csv_and_nothing_in_it_is_a_formula()
    {
        var report = Run("order,placedAt,sku,quantity,latitude,longitude,from\n=1+1,2026-11-20 10:00,tea,1,52.59,13.40,NORTH\n\"a,b\",2026-11-20 11:00,tea,1,52.59,13.40,\n", "location,sku,quantity\nNORTH,tea,5\n");
        using var text = new StringWriter(CultureInfo.InvariantCulture);

        ShadowCsv.Write(report, text);

        var lines = text.ToString().Split(Environment.NewLine);
        Assert.StartsWith("'=1+1,2026-11-20T10:00:00Z,1,NORTH,", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("\"a,b\",2026-11-20T11:00:00Z,1,,0.0,0.00,,1,NORTH,", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void The_picture_is_well_formed_and_shows_names_as_text()
    {
        var report = Run("order,placedAt,sku,quantity,latitude,longitude,from\n1,2026-11-20 10:00,tea,1,52.59,13.40,NORTH\n", "location,sku,quantity\nNORTH,tea,5\n", Locations.Replace("North", "<North> & Co", StringComparison.Ordinal));

        var svg = System.Xml.Linq.XDocument.Parse(ShadowPicture.Whole(report));

        Assert.Contains(svg.Descendants().Select(one => one.Value), words => words.Contains("<North> & Co", StringComparison.Ordinal));
        Assert.Equal(2 * report.Nodes.Count, svg.Descendants().Count(one => one.Name.LocalName == "circle"));
    }

    private static ShadowReport Run(string orders, string stock, string locations = Locations, string? places = null) => ShadowMaking.Make(
        File("orders.csv", orders), File("stock.csv", stock), File("locations.csv", locations), places is null ? null : File("places.csv", places), "UTC", null, PartnerId.New(DateTimeOffset.UnixEpoch), ShadowRules.Default, null, TestContext.Current.CancellationToken);

    private static NamedFile File(string name, string text) => new(name, () => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)));
}
