using Caravan.Network;

namespace Caravan.Orders.Rules;

/// <summary>How far a simulation has come.</summary>
public enum SimulationState
{
    /// <summary>It waits for its turn.</summary>
    Waiting,

    /// <summary>It decides orders.</summary>
    Running,

    /// <summary>Its report is there.</summary>
    Done,

    /// <summary>It was cut off; ask for it again.</summary>
    Failed,
}

/// <summary>What a draft would do to the orders of the last days: asked for, under way, or done.</summary>
public sealed record Simulation
{
    /// <summary>Of which draft.</summary>
    public required RuleSetId Rules { get; init; }

    /// <summary>How far it is.</summary>
    public required SimulationState State { get; init; }

    /// <summary>The version it was compared with; 0: none.</summary>
    public required int Against { get; init; }

    /// <summary>Orders of so many days.</summary>
    public required int Days { get; init; }

    /// <summary>Orders decided so far.</summary>
    public int Done { get; init; }

    /// <summary>Of so many.</summary>
    public int Total { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>When it was last heard of.</summary>
    public required DateTimeOffset BeatAt { get; init; }

    /// <summary>What came out.</summary>
    public SimulationReport? Report { get; init; }
}

/// <summary>The orders of the last days, decided twice: by the rules in force, and by a draft.</summary>
/// <param name="Orders">How many were decided.</param>
/// <param name="OrdersLeftOut">How many older ones of these days were too many to decide.</param>
/// <param name="Differing">How many would come from elsewhere, at another time, or not at all.</param>
/// <param name="Now">By the rules in force.</param>
/// <param name="Draft">By the draft.</param>
/// <param name="Nodes">Node by node, those first that change most.</param>
/// <param name="Pairs">Order by order.</param>
public sealed record SimulationReport(int Orders, int OrdersLeftOut, int Differing, SimulationSide Now, SimulationSide Draft, IReadOnlyList<SimulationNode> Nodes, IReadOnlyList<SimulationPair> Pairs)
{
    /// <summary>What a parcel is taken to cost before it has gone a kilometre, and what a kilometre costs.</summary>
    public const decimal ParcelCost = 3.50m, KilometreCost = 0.15m;

    /// <summary>What is taken for granted, in words.</summary>
    public static IReadOnlyList<string> Words { get; } =
    [
        "Both begin with the shelves as they would be, had none of these orders been placed; what was received meanwhile counts from the start.",
        "A courier is free where goods are ready; stop-sells, quotas and silent feeds are left aside, on both sides alike.",
        FormattableString.Invariant($"A parcel costs {ParcelCost:0.00} and {KilometreCost:0.00} a kilometre; kilometres are the road's, estimated."),
    ];

    internal static SimulationReport Of(IReadOnlyList<SimulationPair> pairs, int leftOut)
    {
        var nodes = new Dictionary<string, SimulationNode>();
        foreach (var (parcel, isDraft) in pairs.SelectMany(pair => pair.Now.Parcels.Select(parcel => (parcel, false)).Concat(pair.Draft.Parcels.Select(parcel => (parcel, true)))))
        {
            var node = nodes.GetValueOrDefault(parcel.Node) ?? new SimulationNode(parcel.Node, 0, 0, 0, 0);
            nodes[parcel.Node] = isDraft
                ? node with { ParcelsDraft = node.ParcelsDraft + 1, UnitsDraft = node.UnitsDraft + parcel.Units }
                : node with { ParcelsNow = node.ParcelsNow + 1, UnitsNow = node.UnitsNow + parcel.Units };
        }

        return new SimulationReport(
            pairs.Count,
            leftOut,
            pairs.Count(pair => pair.IsDifferent),
            SimulationSide.Of(pairs.Select(pair => (pair.PlacedAt, pair.Now))),
            SimulationSide.Of(pairs.Select(pair => (pair.PlacedAt, pair.Draft))),
            [.. nodes.Values.OrderByDescending(node => Math.Abs(node.UnitsDraft - node.UnitsNow)).ThenByDescending(node => node.UnitsNow).ThenBy(node => node.Node, StringComparer.Ordinal)],
            pairs);
    }
}

/// <summary>How one side served the orders.</summary>
/// <param name="Served">Orders served.</param>
/// <param name="Unserved">Orders that could not be.</param>
/// <param name="Split">Of the served, how many in more than one parcel.</param>
/// <param name="Parcels">All parcels.</param>
/// <param name="Kilometres">Of all parcels.</param>
/// <param name="Cost">Of all parcels.</param>
/// <param name="MeanHours">From an order to its promised time.</param>
public sealed record SimulationSide(int Served, int Unserved, int Split, int Parcels, double Kilometres, decimal Cost, double? MeanHours)
{
    internal static SimulationSide Of(IEnumerable<(DateTimeOffset PlacedAt, SimulationDecision Decision)> decisions)
    {
        var all = decisions.ToList();
        var served = all.FindAll(one => one.Decision.PromisedAt is not null);
        var parcels = served.SelectMany(one => one.Decision.Parcels).ToList();
        var metres = parcels.Sum(parcel => (long)parcel.Metres);
        return new SimulationSide(
            served.Count,
            all.Count - served.Count,
            served.Count(one => one.Decision.Parcels.Count > 1),
            parcels.Count,
            metres / 1000.0,
            decimal.Round((parcels.Count * SimulationReport.ParcelCost) + (SimulationReport.KilometreCost * metres / 1000), 2),
            served.Count == 0 ? null : served.Average(one => (one.Decision.PromisedAt!.Value - one.PlacedAt).TotalHours)); // Served ones have their time.
    }
}

/// <summary>What a node gives on either side.</summary>
public sealed record SimulationNode(string Node, int ParcelsNow, int ParcelsDraft, int UnitsNow, int UnitsDraft);

/// <summary>An order and its two decisions.</summary>
public sealed record SimulationPair(OrderId Order, string Number, DateTimeOffset PlacedAt, DeliveryService Service, int Units, SimulationDecision Now, SimulationDecision Draft)
{
    /// <summary>Whether it would come from elsewhere, at another time, or not at all.</summary>
    public bool IsDifferent => Now.PromisedAt != Draft.PromisedAt || !Now.Parcels.Select(parcel => (parcel.Node, parcel.Units)).SequenceEqual(Draft.Parcels.Select(parcel => (parcel.Node, parcel.Units)));
}

/// <summary>How an order would be served; without parcels it cannot be.</summary>
public sealed record SimulationDecision(IReadOnlyList<SimulationParcel> Parcels, DateTimeOffset? PromisedAt, string Why);

/// <summary>Goods of a node, by its code.</summary>
public sealed record SimulationParcel(string Node, int Metres, int Units);
