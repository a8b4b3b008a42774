using System.Globalization;
using Caravan.Platform.Screens;

namespace Caravan.Shadow;

/// <summary>Every order with both decisions, as a file for spreadsheets.</summary>
internal static class ShadowCsv
{
    private const string Head = "order,placedAt,units,realNodes,realKilometres,realCost,realHours,realUnitsLacking,caravanNodes,caravanKilometres,caravanCost,caravanHours,caravanUnitsLacking,why";

    public static void Write(ShadowReport report, TextWriter output)
    {
        output.WriteLine(Head);
        foreach (var (order, real, caravan) in report.Pairs)
            output.WriteLine(string.Join(',', [Text(order.Number), order.At.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), Number(order.Lines.Sum(line => line.Quantity)), .. Side(real, report.Costs), .. Side(caravan, report.Costs), Text(caravan.Why)]));
    }

    private static string[] Side(ShadowDecision decision, ShadowRules rules) =>
    [
        Text(string.Join(' ', decision.Parcels.Select(parcel => parcel.Node.Code))),
        (decision.Parcels.Sum(parcel => parcel.Metres) / 1000.0).ToString("0.0", CultureInfo.InvariantCulture),
        decision.Parcels.Sum(parcel => ShadowReport.CostOf(parcel, rules)).ToString("0.00", CultureInfo.InvariantCulture),
        decision.Until?.TotalHours.ToString("0.0", CultureInfo.InvariantCulture) ?? "",
        Number(decision.UnitsLacking),
    ];

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(string text) => Csv.Text(text);
}
