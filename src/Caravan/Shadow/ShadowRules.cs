using Caravan.Network;

namespace Caravan.Shadow;

/// <summary>What a shadow run takes for granted where files do not tell; every rule is shown with the result.</summary>
/// <param name="ParcelCost">What a parcel costs before it has gone a kilometre.</param>
/// <param name="KilometreCost">What a kilometre of it costs.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Service">What an order gets that names no service; none: the soonest that can be had, even if that takes more parcels.</param>
public sealed record ShadowRules(decimal ParcelCost, decimal KilometreCost, string Currency, DeliveryService? Service)
{
    /// <summary>When nobody says otherwise.</summary>
    public static readonly ShadowRules Default = new(3.50m, 0.15m, "EUR", DeliveryService.NextDay);

    /// <summary>The rules in words.</summary>
    public IReadOnlyList<string> Words(bool isOwnNetwork) =>
    [
        FormattableString.Invariant($"A parcel costs {ParcelCost:0.00} {Currency} and {KilometreCost:0.00} {Currency} a kilometre, whoever decides; kilometres are the road's, estimated alike for both."),
        "Both begin with the stock of the file. Caravan never takes what is not there; what really happened is counted as the file tells it.",
        $"A courier is free where goods are ready. An order that names no service gets {(Service is { } service ? $"{service}" : "the soonest that can be had")}.",
        .. isOwnNetwork ? (string[])[] : ["A store is open 8:00 to 22:00, picks 60 orders an hour in 15 minutes each, delivers within the hour 8 km and the same day 25 km around, ordered by 18:00; a warehouse works around the clock, 1,000 orders an hour, next day ordered by 20:00. A locations file may say otherwise."],
    ];

    /// <summary>The network of a file's nodes.</summary>
    internal static NetworkSnapshot NetworkOf(IReadOnlyList<ShadowNode> nodes, PartnerId company, string timeZone) =>
        new([.. nodes.Select((node, index) => LocationOf(node, index, company, timeZone))], []);

    private static Location LocationOf(ShadowNode node, int index, PartnerId company, string timeZone)
    {
        var isStore = node.Kind == LocationKind.Store;
        var hours = $"{node.Opens ?? (isStore ? "08:00" : "00:00")}-{node.Closes ?? (isStore ? "22:00" : "24:00")}";
        return new Location
        {
            Operator = company,
            Id = new LocationId(new Guid(index + 1, 0, 0, new byte[8])),
            Code = node.Code,
            Name = node.Name,
            Kind = node.Kind,
            Region = "shadow",
            Point = node.Point,
            Hours = OpeningHours.TryParse([.. Enumerable.Repeat<IReadOnlyList<string>>([hours], 7)], timeZone, out var fault) ?? throw new InvalidDataException($"Location {node.Code}: {fault}"),
            SameDayCutOff = new TimeOnly(18, 0),
            NextDayCutOff = new TimeOnly(20, 0),
            ThroughputPerHour = node.ThroughputPerHour ?? (isStore ? 60 : 1_000),
            HandlingMinutes = isStore ? 15 : 60,
            TemperatureMask = uint.MaxValue,
            WithinHourMetres = isStore ? 8_000 : 0,
            SameDayMetres = isStore ? 25_000 : 0,
            NextDayMetres = 20_000_000,
        };
    }
}
