using System.Globalization;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Platform;

namespace Caravan.Shadow;

/// <summary>A line of an order, and from where it really went; empty: it did not, or nobody knows.</summary>
public sealed record ShadowLine(string Sku, int Quantity, string From);

/// <summary>An order as it was.</summary>
/// <param name="Number">The seller's.</param>
/// <param name="At">When it was placed.</param>
/// <param name="Destination">Where it went.</param>
/// <param name="Service">What was asked for; none: the soonest that can be had.</param>
/// <param name="DeliveredAt">When it was there, if the file tells.</param>
/// <param name="Lines">An item once for each node that gave of it.</param>
public sealed record ShadowOrder(string Number, DateTimeOffset At, GeoPoint Destination, DeliveryService? Service, DateTimeOffset? DeliveredAt, IReadOnlyList<ShadowLine> Lines);

/// <summary>A node as its file tells; what it does not tell is taken by its kind.</summary>
internal sealed record ShadowNode(string Code, string Name, LocationKind Kind, GeoPoint Point, int? ThroughputPerHour, string? Opens, string? Closes);

/// <summary>Units of an item at a node when the day began.</summary>
internal readonly record struct ShadowStock(string Node, string Sku, int Quantity);

/// <summary>What is to be decided once more.</summary>
/// <param name="Orders">In time.</param>
/// <param name="Stock">When the day began.</param>
/// <param name="Nodes">The network; none: that of the company.</param>
/// <param name="LeftOut">Rows that could not be used: why, how many, and the first of them.</param>
internal sealed record ShadowInput(IReadOnlyList<ShadowOrder> Orders, IReadOnlyList<ShadowStock> Stock, IReadOnlyList<ShadowNode> Nodes, IReadOnlyDictionary<string, (int Rows, string First)> LeftOut);

/// <summary>Reads the files of a shadow run. Every row is used, or counted with the reason and the first place where it was so.</summary>
internal sealed class ShadowFiles
{
    /// <summary>Most rows of one file.</summary>
    public const int RowsMax = 5_000_000;

    private static readonly NamedColumn[] OrderColumns =
    [
        new("number", ["number", "order", "ordernumber", "orderid", "orderno", "invoiceno"], IsNeeded: true),
        new("placed", ["placedat", "placed", "orderedat", "orderdate", "createdat", "date", "time"], IsNeeded: true),
        new("sku", ["sku", "item", "itemcode", "article", "product", "gtin", "stockcode"], IsNeeded: true),
        new("quantity", ["quantity", "qty", "units"], IsNeeded: true),
        new("from", ["from", "shippedfrom", "node", "location", "store", "warehouse", "fulfilledby"]),
        new("latitude", ["latitude", "lat"]),
        new("longitude", ["longitude", "lon", "lng", "long"]),
        new("place", ["place", "postcode", "postalcode", "zip", "zipcode", "city"]),
        new("service", ["service", "deliveryservice"]),
        new("delivered", ["deliveredat", "delivered", "deliverydate", "arrivedat"]),
    ];

    private static readonly NamedColumn[] StockColumns =
    [
        new("location", ["location", "node", "store", "warehouse", "site", "shop"], IsNeeded: true),
        new("sku", ["sku", "item", "itemcode", "article", "product", "gtin", "stockcode"], IsNeeded: true),
        new("quantity", ["quantity", "onhand", "qty", "stock", "available", "units"], IsNeeded: true),
    ];

    private static readonly NamedColumn[] NodeColumns =
    [
        new("code", ["code", "location", "node", "store", "id"], IsNeeded: true),
        new("latitude", ["latitude", "lat"], IsNeeded: true),
        new("longitude", ["longitude", "lon", "lng", "long"], IsNeeded: true),
        new("name", ["name", "title"]),
        new("kind", ["kind", "type"]),
        new("throughput", ["throughputperhour", "ordersperhour", "throughput"]),
        new("opens", ["opens", "opensat", "open"]),
        new("closes", ["closes", "closesat", "close"]),
    ];

    private static readonly NamedColumn[] PlaceColumns =
    [
        new("place", ["place", "postcode", "postalcode", "zip", "zipcode", "city", "code"], IsNeeded: true),
        new("latitude", ["latitude", "lat"], IsNeeded: true),
        new("longitude", ["longitude", "lon", "lng", "long"], IsNeeded: true),
    ];

    private static readonly string[] TimeFormats =
    [
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd", "M/d/yyyy H:mm", "M/d/yyyy H:mm:ss", "d.M.yyyy H:mm", "d.M.yyyy H:mm:ss",
    ];

    private readonly Dictionary<string, (int Rows, string First)> leftOut = [];
    private readonly TimeZoneInfo zone;

    private ShadowFiles(TimeZoneInfo zone) => this.zone = zone;

    /// <summary>Reads the files that there are.</summary>
    /// <exception cref="InvalidDataException">A file lacks a column or has nothing that can be used; the message says which and what to do.</exception>
    public static ShadowInput Read(NamedFile orders, NamedFile stock, NamedFile? nodes, NamedFile? places, TimeZoneInfo zone)
    {
        var files = new ShadowFiles(zone);
        var found = nodes is null ? [] : files.ReadNodes(nodes);
        var at = places is null ? [] : files.ReadPlaces(places);
        var units = files.ReadStock(stock);
        var placed = files.ReadOrders(orders, at);
        return new ShadowInput(placed, units, found, files.leftOut);
    }

    private List<ShadowOrder> ReadOrders(NamedFile file, Dictionary<string, GeoPoint> places)
    {
        using var csv = file.Open(OrderColumns);
        if (!(csv.Has("latitude") && csv.Has("longitude")) && !csv.Has("place"))
            throw new InvalidDataException($"{file.Name} does not tell where orders went. Give the columns latitude and longitude, or a column postcode and a file of places.");
        if (!csv.Has("latitude") && places.Count == 0)
            throw new InvalidDataException($"{file.Name} names places by code. Give a file that says where they are, with the columns place, latitude, longitude.");

        var orders = new Dictionary<string, (DateTimeOffset At, GeoPoint To, DeliveryService? Service, DateTimeOffset? Delivered, Dictionary<(string, string), int> Lines)>();
        while (Next(csv, file))
        {
            var number = csv["number"];
            if (number.Length == 0)
                Leave(file, csv, "the row has no order number");
            else if (csv["sku"].Length == 0)
                Leave(file, csv, "the row names no item");
            else if (!TryUnits(csv["quantity"], out var quantity) || quantity <= 0)
                Leave(file, csv, "the quantity is not a whole number of 1 or more");
            else if (!TryTime(csv["placed"], out var at))
                Leave(file, csv, "the time of the order cannot be read (write 2026-11-20 14:05)");
            else if (PointOf(csv, places) is not { } to)
                Leave(file, csv, "where it went cannot be read or is not among the places");
            else if (!TryService(csv["service"], out var service))
                Leave(file, csv, "the service is none of withinHour, sameDay, nextDay");
            else
            {
                if (!orders.TryGetValue(number, out var order))
                    orders[number] = order = (at, to, service, TryTime(csv["delivered"], out var delivered) ? delivered : null, []);
                order.Lines[(csv["sku"], csv["from"])] = order.Lines.GetValueOrDefault((csv["sku"], csv["from"])) + quantity;
            }
        }

        return orders.Count == 0
            ? throw new InvalidDataException($"{file.Name} has no order that can be used. {Why()}")
            : [.. orders.Select(order => new ShadowOrder(order.Key, order.Value.At, order.Value.To, order.Value.Service, order.Value.Delivered, [.. order.Value.Lines.Select(line => new ShadowLine(line.Key.Item1, line.Value, line.Key.Item2))]))
                .OrderBy(order => order.At).ThenBy(order => order.Number, StringComparer.Ordinal)];
    }

    private List<ShadowStock> ReadStock(NamedFile file)
    {
        using var csv = file.Open(StockColumns);
        var units = new Dictionary<(string, string), int>();
        while (Next(csv, file))
        {
            if (csv["location"].Length == 0 || csv["sku"].Length == 0)
                Leave(file, csv, "the row names no location or no item");
            else if (!TryUnits(csv["quantity"], out var quantity))
                Leave(file, csv, "the quantity is not a whole number");
            else
                units[(csv["location"], csv["sku"])] = units.GetValueOrDefault((csv["location"], csv["sku"])) + Math.Max(0, quantity);
        }

        return units.Count == 0
            ? throw new InvalidDataException($"{file.Name} has no stock that can be used. {Why()}")
            : [.. units.Select(cell => new ShadowStock(cell.Key.Item1, cell.Key.Item2, cell.Value))];
    }

    private List<ShadowNode> ReadNodes(NamedFile file)
    {
        using var csv = file.Open(NodeColumns);
        var nodes = new Dictionary<string, ShadowNode>();
        while (Next(csv, file))
        {
            var kind = LocationKind.Store;
            if (csv["code"].Length == 0)
                Leave(file, csv, "the row has no code");
            else if (PointOf(csv, []) is not { } point)
                Leave(file, csv, "where the location is cannot be read");
            else if (csv["kind"].Length > 0 && !(Enum.TryParse(csv["kind"], ignoreCase: true, out kind) && Enum.IsDefined(kind)))
                Leave(file, csv, "the kind is neither store nor warehouse");
            else
                nodes[csv["code"]] = new ShadowNode(csv["code"], csv["name"].Length > 0 ? csv["name"] : csv["code"], kind, point, TryUnits(csv["throughput"], out var perHour) && perHour > 0 ? perHour : null, TimeOrNull(csv["opens"]), TimeOrNull(csv["closes"]));
        }

        return nodes.Count == 0 ? throw new InvalidDataException($"{file.Name} has no location that can be used. {Why()}") : [.. nodes.Values];
    }

    private Dictionary<string, GeoPoint> ReadPlaces(NamedFile file)
    {
        using var csv = file.Open(PlaceColumns);
        var places = new Dictionary<string, GeoPoint>(StringComparer.OrdinalIgnoreCase);
        while (Next(csv, file))
        {
            if (csv["place"].Length > 0 && PointOf(csv, []) is { } point)
                places[csv["place"]] = point;
            else
                Leave(file, csv, "the place cannot be read");
        }

        return places;
    }

    private static bool Next(NamedCsv csv, NamedFile file)
    {
        if (!csv.Read())
            return false;
        if (csv.Row > RowsMax)
            throw new InvalidDataException($"{file.Name} has more than {RowsMax:N0} rows. Give one day at a time.");
        if (csv.Row % 10_000 == 0)
            file.Progress?.Invoke(csv.Progress.Done, csv.Progress.Of);
        return true;
    }

    private void Leave(NamedFile file, NamedCsv csv, string why) =>
        leftOut[why] = leftOut.TryGetValue(why, out var before) ? (before.Rows + 1, before.First) : (1, $"{file.Name}, row {csv.Row}");

    private string Why() => leftOut.Count == 0 ? "" : $"Most often: {leftOut.MaxBy(one => one.Value.Rows).Key} ({leftOut.MaxBy(one => one.Value.Rows).Value.First}).";

    private static GeoPoint? PointOf(NamedCsv csv, Dictionary<string, GeoPoint> places)
    {
        if (TryDegrees(csv["latitude"], out var latitude) && TryDegrees(csv["longitude"], out var longitude))
            return new GeoPoint(latitude, longitude) is { IsValid: true } point ? point : null;

        return places.TryGetValue(csv["place"], out var known) ? known : null;
    }

    private static bool TryDegrees(string text, out double degrees) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out degrees);

    // A spreadsheet may have made 3.0 of a 3.
    private static bool TryUnits(string text, out int units)
    {
        units = 0;
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || number != decimal.Truncate(number) || Math.Abs(number) > int.MaxValue)
            return false;

        units = (int)number;
        return true;
    }

    private bool TryTime(string text, out DateTimeOffset at)
    {
        at = default;
        if (!DateTime.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time))
            return false;

        at = time.Kind == DateTimeKind.Utc ? new DateTimeOffset(time) : new DateTimeOffset(time, zone.GetUtcOffset(time)).ToUniversalTime();
        return true;
    }

    private static bool TryService(string text, out DeliveryService? service)
    {
        service = null;
        if (text.Length == 0)
            return true;
        if (!Enum.TryParse<DeliveryService>(text, ignoreCase: true, out var known) || !Enum.IsDefined(known) || known == DeliveryService.PickUp)
            return false;

        service = known;
        return true;
    }

    private static string? TimeOrNull(string text) => TimeOnly.TryParseExact(text, ["H:mm", "HH:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time.ToString("HH:mm", CultureInfo.InvariantCulture) : null;
}

/// <summary>A file with its name as the user knows it.</summary>
internal sealed record NamedFile(string Name, Func<Stream> Content, Action<long, long>? Progress = null)
{
    public NamedCsv Open(IReadOnlyList<NamedColumn> columns) => NamedCsv.Open(Name, Content(), columns);

    public static NamedFile Of(FileInfo file, Action<long, long>? progress = null) => new(file.Name, file.OpenRead, progress);
}
