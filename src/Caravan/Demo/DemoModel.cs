using System.Collections.Immutable;

namespace Caravan.Demo;

/// <summary>The three companies of the demo. All are invented; any likeness to a real company is an accident.</summary>
internal enum DemoParty
{
    SilkRoad,
    Lantern,
    Swift,
}

/// <summary>What a company does for a living.</summary>
internal enum DemoTrade
{
    Logistics,
    StoreChain,
    RiderFleet,
}

/// <summary>An invented company; <paramref name="CodePrefix"/> opens the codes of its locations and couriers.</summary>
internal sealed record DemoCompany(DemoParty Party, string Slug, string Name, DemoTrade Trade, string CodePrefix);

/// <summary>What one company lets another do.</summary>
internal enum DemoAgreementKind
{
    /// <summary>The grantee may sell from the grantor's stock.</summary>
    SellFromStock,

    /// <summary>The grantor carries the grantee's parcels.</summary>
    Carry,

    /// <summary>The grantor gives the grantee's locations room in its own.</summary>
    Host,

    /// <summary>The grantor's staff hands parcels over at the grantee's stations.</summary>
    HandOver,
}

/// <summary>One agreement: <paramref name="Grantor"/> gives, <paramref name="Grantee"/> uses. It holds in every region.</summary>
/// <param name="Kind">What is allowed.</param>
/// <param name="Grantor">Who gives.</param>
/// <param name="Grantee">Who uses.</param>
/// <param name="StockSharePercent">How much of each stock cell the grantee may sell; null where no stock is sold.</param>
/// <param name="TransferPricePercent">What the grantee pays the grantor, in percent of the item's price; null where no stock is sold. Title passes at the sale.</param>
/// <param name="SettlementDays">Days after which the two settle.</param>
/// <param name="Services">Services it covers; empty where no delivery is meant.</param>
/// <param name="LocationCodes">Locations it covers; never empty for <see cref="DemoAgreementKind.SellFromStock"/>, <see cref="DemoAgreementKind.Host"/> and <see cref="DemoAgreementKind.HandOver"/>.</param>
internal sealed record DemoAgreement(
    DemoAgreementKind Kind,
    DemoParty Grantor,
    DemoParty Grantee,
    int? StockSharePercent,
    int? TransferPricePercent,
    int SettlementDays,
    ImmutableArray<DemoService> Services,
    ImmutableArray<string> LocationCodes);

/// <summary>Degrees, WGS 84, with five decimals (about a metre).</summary>
internal readonly record struct DemoPoint(double Latitude, double Longitude);

/// <summary>A district: its approximate centre, its people in ten thousands, and how far from the centre demo points may lie.</summary>
internal sealed record DemoDistrict(string Name, DemoPoint Centre, int PeopleTenThousands, int SpreadMetres);

/// <summary>A pilot city: the region an operator switches on or off.</summary>
/// <param name="Code">ISO 3166-2 of the province, and a city's letters where the province is larger: <c>CN-BJ</c>, <c>CN-GD-GZ</c> (<c>CN-GZ</c> would be Guizhou).</param>
/// <param name="ShortCode">Two letters used in codes of locations and couriers: <c>BJ</c>.</param>
/// <param name="Name">English name of the city.</param>
/// <param name="TimeZone">IANA name.</param>
/// <param name="Centre">City centre.</param>
/// <param name="Districts">Some of its districts, those people live in most.</param>
internal sealed record DemoRegion(
    string Code, string ShortCode, string Name, string TimeZone, DemoPoint Centre, ImmutableArray<DemoDistrict> Districts);

/// <summary>
/// What must be kept how: an item or lot has exactly one, a location or courier the set it can keep.
/// Ambient is 15 to 25 °C, chilled 0 to 4 °C, frozen −18 °C or below, medicine 2 to 8 °C under a pharmacist's control.
/// </summary>
[Flags]
internal enum DemoTemperatures : byte
{
    None = 0,
    Ambient = 1,
    Chilled = 2,
    Frozen = 4,
    Medicine = 8,
}

/// <summary>How soon an order arrives.</summary>
internal enum DemoService
{
    WithinTheHour,
    SameDay,
    NextDay,
}

/// <summary>What a location delivers: how far, and until when (local time) an order is in time; null: as long as it is open.</summary>
internal readonly record struct DemoServiceArea(DemoService Service, int RadiusMetres, TimeOnly? CutOff);

/// <summary>One day's opening in minutes after local midnight; 0 to 1440 is the whole day.</summary>
internal readonly record struct DemoOpening(DayOfWeek Day, int OpensMinute, int ClosesMinute);

/// <summary>What kind of place it is.</summary>
internal enum DemoLocationKind
{
    Warehouse,
    Store,
    Station,
}

/// <summary>A place that keeps stock, sells or hands over.</summary>
/// <param name="Code">Unique in the network: <c>LT-BJ-S007</c>.</param>
/// <param name="Name">What the sign says: <c>Lantern Chaoyang 07</c>.</param>
/// <param name="Kind">Warehouse, store or station.</param>
/// <param name="Operator">Who runs it, and owns the stock in it.</param>
/// <param name="HostCode">The location it stands in, or null. A hosted location shares its host's point and hours.</param>
/// <param name="RegionCode">Its city.</param>
/// <param name="DistrictName">Its district.</param>
/// <param name="Point">Where it is.</param>
/// <param name="TimeZone">IANA name.</param>
/// <param name="Week">Seven openings, Monday first.</param>
/// <param name="Services">What it delivers; empty for a station, where people collect.</param>
/// <param name="ThroughputPerHour">Orders it can prepare, or a station hand over, in an hour.</param>
/// <param name="HandlingMinutes">From the order's release until a courier (a station: the customer) can take it.</param>
/// <param name="Temperatures">The classes it can keep.</param>
internal sealed record DemoLocation(
    string Code,
    string Name,
    DemoLocationKind Kind,
    DemoParty Operator,
    string? HostCode,
    string RegionCode,
    string DistrictName,
    DemoPoint Point,
    string TimeZone,
    ImmutableArray<DemoOpening> Week,
    ImmutableArray<DemoServiceArea> Services,
    int ThroughputPerHour,
    int HandlingMinutes,
    DemoTemperatures Temperatures);

/// <summary>An article. The two sellers know it by SKUs of their own; the GTIN joins them.</summary>
/// <param name="Gtin">GTIN-14 with check digit, from GS1's prefix 29 for restricted circulation: no company's GTIN.</param>
/// <param name="Name">What the shelf says: <c>Oolong tea 250 g</c>. Unique.</param>
/// <param name="Category">Aisle.</param>
/// <param name="Temperature">Exactly one class.</param>
/// <param name="WeightGrams">With its packaging.</param>
/// <param name="PriceMinor">Fen (CNY, ISO 4217, two decimals), tax included.</param>
/// <param name="SilkRoadSku">Silk Road's number, or null when it does not list the item.</param>
/// <param name="LanternSku">Lantern's number, or null when it does not list the item. Never both null.</param>
internal sealed record DemoItem(
    string Gtin,
    string Name,
    string Category,
    DemoTemperatures Temperature,
    int WeightGrams,
    long PriceMinor,
    string? SilkRoadSku,
    string? LanternSku)
{
    /// <summary>The number the company knows it by, or null when the company does not list it.</summary>
    public string? SkuOf(DemoParty party) => party switch
    {
        DemoParty.SilkRoad => SilkRoadSku,
        DemoParty.Lantern => LanternSku,
        _ => null,
    };
}

/// <summary>Stock on hand of one item at one location, owned by the location's operator. Eight bytes.</summary>
internal readonly record struct DemoStockRow(ushort LocationIndex, ushort ItemIndex, int Quantity);

/// <summary>What a courier drives.</summary>
internal enum DemoVehicle
{
    Bicycle,
    Scooter,
    Van,
}

/// <summary>Hours on the road each day: minutes after local midnight, and a length that may run past the next midnight.</summary>
internal readonly record struct DemoShift(int StartsMinute, int LengthMinutes);

/// <summary>A courier, known by a code only: <c>SW-BJ-017</c>.</summary>
/// <param name="Code">Unique in the network.</param>
/// <param name="Carrier">Who employs the courier.</param>
/// <param name="RegionCode">The city worked in.</param>
/// <param name="Vehicle">What is driven.</param>
/// <param name="Home">Where shifts begin.</param>
/// <param name="HomeLocationCode">The warehouse or store that is home, or null for a rider who waits in the street.</param>
/// <param name="CapacityGrams">What can be loaded.</param>
/// <param name="Temperatures">The classes that can be carried.</param>
/// <param name="Shift">Daily hours.</param>
internal sealed record DemoCourier(
    string Code,
    DemoParty Carrier,
    string RegionCode,
    DemoVehicle Vehicle,
    DemoPoint Home,
    string? HomeLocationCode,
    int CapacityGrams,
    DemoTemperatures Temperatures,
    DemoShift Shift);

/// <summary>A sample customer's door. The address names the district; the number is invented and says so.</summary>
internal readonly record struct DeliveryPoint(string RegionCode, string DistrictName, DemoPoint Point, string AddressText);
