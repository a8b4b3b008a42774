using System.Collections.Immutable;

namespace Caravan.Demo;

/// <summary>Who lets whom do what. Terms are invented; the items of a sale are those both list, joined by GTIN.</summary>
internal static class DemoAgreements
{
    public static ImmutableArray<DemoAgreement> Between(ImmutableArray<DemoLocation> locations)
    {
        var stores = Codes(locations, location => location.Operator == DemoParty.Lantern);
        var silkRoadStock = Codes(locations, location =>
            location.Operator == DemoParty.SilkRoad && location.Kind != DemoLocationKind.Station);
        var hosted = Codes(locations, location => location.HostCode is not null);
        var stations = Codes(locations, location => location.Kind == DemoLocationKind.Station);

        return
        [
            Sale(DemoParty.Lantern, DemoParty.SilkRoad, sharePercent: 50, pricePercent: 88, stores),
            Sale(DemoParty.SilkRoad, DemoParty.Lantern, sharePercent: 60, pricePercent: 85, silkRoadStock),
            Carriage(DemoParty.SilkRoad, DemoParty.Lantern, [DemoService.SameDay, DemoService.NextDay]),
            Carriage(DemoParty.Swift, DemoParty.SilkRoad, [DemoService.WithinTheHour]),
            Carriage(DemoParty.Swift, DemoParty.Lantern, [DemoService.WithinTheHour]),
            Place(DemoAgreementKind.Host, hosted),
            Place(DemoAgreementKind.HandOver, stations),
        ];
    }

    private static DemoAgreement Sale(
        DemoParty grantor, DemoParty grantee, int sharePercent, int pricePercent, ImmutableArray<string> locationCodes) =>
        new(DemoAgreementKind.SellFromStock, grantor, grantee, sharePercent, pricePercent, SettlementDays: 14, Services: [], locationCodes);

    private static DemoAgreement Carriage(DemoParty carrier, DemoParty shipper, ImmutableArray<DemoService> services) =>
        new(DemoAgreementKind.Carry, carrier, shipper,
            StockSharePercent: null, TransferPricePercent: null, SettlementDays: 7, services, LocationCodes: []);

    private static DemoAgreement Place(DemoAgreementKind kind, ImmutableArray<string> locationCodes) =>
        new(kind, Grantor: DemoParty.Lantern, Grantee: DemoParty.SilkRoad,
            StockSharePercent: null, TransferPricePercent: null, SettlementDays: 30, Services: [], locationCodes);

    private static ImmutableArray<string> Codes(ImmutableArray<DemoLocation> locations, Func<DemoLocation, bool> isMeant) =>
        [.. locations.Where(isMeant).Select(location => location.Code)];
}
