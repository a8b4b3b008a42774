using System.Globalization;
using System.Text;

namespace Caravan.Orders.Rules;

/// <summary>Every order of a simulation with both decisions, as a file for spreadsheets.</summary>
public static class SimulationCsv
{
    private const string Head = "order,placedAt,service,units,differs,nodesNow,kilometresNow,promisedNow,whyNow,nodesDraft,kilometresDraft,promisedDraft,whyDraft";

    /// <summary>The whole file.</summary>
    public static string Of(SimulationReport report)
    {
        var text = new StringBuilder(Head).Append("\r\n");
        foreach (var pair in report.Pairs)
        {
            text.AppendJoin(',', [Text(pair.Number), Time(pair.PlacedAt), pair.Service.ToString(), pair.Units.ToString(CultureInfo.InvariantCulture), pair.IsDifferent ? "yes" : "no", .. Side(pair.Now), .. Side(pair.Draft)]);
            text.Append("\r\n");
        }

        return text.ToString();
    }

    private static string[] Side(SimulationDecision decision) =>
    [
        Text(string.Join(' ', decision.Parcels.Select(parcel => parcel.Node))),
        (decision.Parcels.Sum(parcel => (long)parcel.Metres) / 1000.0).ToString("0.0", CultureInfo.InvariantCulture),
        decision.PromisedAt is { } at ? Time(at) : "",
        Text(decision.Why),
    ];

    private static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    // In quotes where it must be; and a spreadsheet must not take somebody's order number for a formula.
    private static string Text(string text)
    {
        if (text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r')
            text = $"'{text}";
        return text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : new StringBuilder(text).Replace("\"", "\"\"").Insert(0, '"').Append('"').ToString();
    }
}
