using Caravan.Network;
using Caravan.Orders;

namespace Caravan.Shadow;

/// <summary>How one side served the day.</summary>
/// <param name="Name">Who decided.</param>
/// <param name="Orders">All of them.</param>
/// <param name="Served">Orders that were served whole.</param>
/// <param name="Split">Of those, how many in more than one parcel.</param>
/// <param name="Parcels">All parcels.</param>
/// <param name="Units">Units that were shipped.</param>
/// <param name="UnitsLacking">Units that were not.</param>
/// <param name="Kilometres">Of all parcels, by road.</param>
/// <param name="MeanKilometres">Of a parcel.</param>
/// <param name="P90Kilometres">Nine parcels of ten went no farther.</param>
/// <param name="Cost">Of all parcels.</param>
/// <param name="CostAnOrder">Of a served order.</param>
/// <param name="MeanHours">Until an order was there, or promised to be; none when it is not known.</param>
/// <param name="P90Hours">Nine of ten came as soon as this.</param>
/// <param name="Turnover">Units shipped for each unit that was on hand on average.</param>
public sealed record ShadowSide(string Name, int Orders, int Served, int Split, int Parcels, long Units, long UnitsLacking, double Kilometres, double MeanKilometres, double P90Kilometres, decimal Cost, decimal CostAnOrder, double? MeanHours, double? P90Hours, double Turnover)
{
    public double ServedPercent => Orders == 0 ? 0 : 100.0 * Served / Orders;

    public double KilometresAnOrder => Served == 0 ? 0 : Kilometres / Served;

    public double SplitPercent => Served == 0 ? 0 : 100.0 * Split / Served;
}

/// <summary>A node and what it gave on either side.</summary>
public sealed record ShadowNodeRow(Location Node, long Opening, long UnitsReal, long UnitsCaravan, int ParcelsReal, int ParcelsCaravan)
{
    public double TurnoverReal => ShadowReport.TurnoverOf(UnitsReal, Opening);

    public double TurnoverCaravan => ShadowReport.TurnoverOf(UnitsCaravan, Opening);
}

/// <summary>A day, decided twice, side by side.</summary>
/// <param name="Real">As it was.</param>
/// <param name="Caravan">As it would have been.</param>
/// <param name="RealOfBoth">As it was, of the orders alone that both served whole: only there like is compared with like.</param>
/// <param name="CaravanOfBoth">As it would have been, of the same orders.</param>
/// <param name="Nodes">Node by node.</param>
/// <param name="RefusedBy">What Caravan could not serve, and why.</param>
/// <param name="UnitsFromEmptyShelves">Units that were really shipped where the stock file has none.</param>
/// <param name="Pairs">Order by order.</param>
/// <param name="UnknownNodes">Locations that the network does not have.</param>
/// <param name="LeftOut">Rows that could not be used.</param>
/// <param name="Rules">What was taken for granted.</param>
/// <param name="Costs">What parcels cost.</param>
public sealed record ShadowReport(
    ShadowSide Real,
    ShadowSide Caravan,
    ShadowSide RealOfBoth,
    ShadowSide CaravanOfBoth,
    IReadOnlyList<ShadowNodeRow> Nodes,
    IReadOnlyDictionary<string, int> RefusedBy,
    long UnitsFromEmptyShelves,
    IReadOnlyList<ShadowPair> Pairs,
    IReadOnlyCollection<string> UnknownNodes,
    IReadOnlyDictionary<string, (int Rows, string First)> LeftOut,
    IReadOnlyList<string> Rules,
    ShadowRules Costs)
{
    private const int UnknownMax = 20;

    internal static ShadowReport Of(ShadowRun run, List<ShadowPair> pairs, ShadowInput input, ShadowRules rules)
    {
        var opening = run.OpeningUnits.Values.Sum();
        var real = GivenBy(pairs, pair => pair.Real);
        var caravan = GivenBy(pairs, pair => pair.Caravan);
        var both = pairs.FindAll(pair => pair.Real.IsServed && pair.Caravan.IsServed);
        return new ShadowReport(
            SideOf("as it was", pairs, pair => pair.Real, rules, opening),
            SideOf("Caravan", pairs, pair => pair.Caravan, rules, opening),
            SideOf("as it was", both, pair => pair.Real, rules, opening),
            SideOf("Caravan", both, pair => pair.Caravan, rules, opening),
            [.. run.Nodes
                .Select(node => new ShadowNodeRow(node, run.OpeningUnits.GetValueOrDefault(node.Id), real.GetValueOrDefault(node.Id).Units, caravan.GetValueOrDefault(node.Id).Units, real.GetValueOrDefault(node.Id).Parcels, caravan.GetValueOrDefault(node.Id).Parcels))
                .OrderByDescending(row => Math.Max(row.UnitsReal, row.UnitsCaravan)).ThenBy(row => row.Node.Code, StringComparer.Ordinal)],
            pairs.Where(pair => !pair.Caravan.IsServed).CountBy(pair => pair.Caravan.Why).OrderByDescending(one => one.Value).ToDictionary(one => one.Key, one => one.Value),
            FromEmptyShelves(pairs, input),
            pairs,
            [.. run.UnknownNodes.Take(UnknownMax)],
            input.LeftOut,
            rules.Words(input.Nodes.Count == 0),
            rules);
    }

    /// <summary>Units shipped against the mean of what was there before and after.</summary>
    public static double TurnoverOf(long shipped, long opening) => opening == 0 ? 0 : shipped / ((opening + Math.Max(0, opening - shipped)) / 2.0);

    private static ShadowSide SideOf(string name, List<ShadowPair> pairs, Func<ShadowPair, ShadowDecision> side, ShadowRules rules, long opening)
    {
        var decisions = pairs.ConvertAll(pair => side(pair));
        var served = decisions.FindAll(one => one.IsServed);
        var parcels = decisions.SelectMany(one => one.Parcels).ToList();
        var kilometres = parcels.ConvertAll(parcel => parcel.Metres / 1000.0);
        var hours = served.Select(one => one.Until?.TotalHours).OfType<double>().ToList();
        var units = parcels.Sum(parcel => (long)parcel.Units);
        var cost = parcels.Sum(parcel => CostOf(parcel, rules));
        return new ShadowSide(
            name,
            decisions.Count,
            served.Count,
            served.Count(one => one.Parcels.Count > 1),
            parcels.Count,
            units,
            decisions.Sum(one => (long)one.UnitsLacking),
            kilometres.Sum(),
            kilometres.Count == 0 ? 0 : kilometres.Average(),
            Ninetieth(kilometres) ?? 0,
            cost,
            served.Count == 0 ? 0 : served.Sum(one => one.Parcels.Sum(parcel => CostOf(parcel, rules))) / served.Count,
            hours.Count == 0 ? null : hours.Average(),
            Ninetieth(hours),
            TurnoverOf(units, opening));
    }

    /// <summary>What a parcel costs by the rules.</summary>
    public static decimal CostOf(PaperParcel parcel, ShadowRules rules) => rules.ParcelCost + (rules.KilometreCost * parcel.Metres / 1000);

    private static Dictionary<LocationId, (long Units, int Parcels)> GivenBy(List<ShadowPair> pairs, Func<ShadowPair, ShadowDecision> side) => pairs
        .SelectMany(pair => side(pair).Parcels)
        .GroupBy(parcel => parcel.Node.Id)
        .ToDictionary(node => node.Key, node => (node.Sum(parcel => (long)parcel.Units), node.Count()));

    // Where the file ships more of an item from a node than its stock file says was there.
    private static long FromEmptyShelves(List<ShadowPair> pairs, ShadowInput input)
    {
        var left = new Dictionary<(string, string), long>();
        foreach (var cell in input.Stock)
            left[(cell.Node.ToUpperInvariant(), cell.Sku.ToUpperInvariant())] = cell.Quantity;
        foreach (var line in pairs.SelectMany(pair => pair.Order.Lines).Where(line => line.From.Length > 0))
        {
            var cell = (line.From.ToUpperInvariant(), line.Sku.ToUpperInvariant());
            left[cell] = left.GetValueOrDefault(cell) - line.Quantity;
        }

        return -left.Values.Where(units => units < 0).Sum();
    }

    private static double? Ninetieth(List<double> values)
    {
        if (values.Count == 0)
            return null;

        values.Sort();
        return values[(int)Math.Ceiling(values.Count * 0.9) - 1];
    }
}
