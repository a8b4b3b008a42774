using System.Text.Json.Serialization;
using Caravan.Network;

namespace Caravan.Orders.Rules;

/// <summary>
/// What counts when a node is chosen, in minutes of the way: a node that counts so many minutes farther is chosen only when it is so much
/// closer. As it is made, nothing counts but the way, and an order comes in as few parcels as can be.
/// </summary>
public sealed record SourcingWeights
{
    /// <summary>The most parcels that any service may be given.</summary>
    public const int ParcelsMax = 10;

    // A step down an order that holds whatever the distance: longer than any way.
    private const int AlwaysSeconds = 1_000_000;

    /// <summary>As it is without any rules.</summary>
    internal static readonly SourcingWeights Default = new();

    /// <summary>The kinds of node in the order in which they are to serve; kinds left out come last, and none: all alike.</summary>
    public IReadOnlyList<LocationKind> KindOrder { get; init; } = [];

    /// <summary>How many minutes a step down that order counts; null: the order holds whatever the distance.</summary>
    public int? KindMinutes { get; init; }

    /// <summary>How many minutes of the way one parcel less is worth; null: as few parcels as can be.</summary>
    public int? ParcelMinutes { get; init; }

    /// <summary>How much a minute until the parcel is ready counts against a minute of the way, in per cent.</summary>
    public int ReadyPercent { get; init; }

    /// <summary>As how many minutes farther a node counts that has all the orders it can pick in an hour; less busy, in proportion.</summary>
    public int LoadMinutes { get; init; }

    /// <summary>As how many minutes farther a node counts that another company runs.</summary>
    public int OtherOperatorMinutes { get; init; }

    /// <summary>The most parcels of an order within the hour.</summary>
    public int MostParcelsWithinHour { get; init; } = 2;

    /// <summary>The most parcels of any other order.</summary>
    public int MostParcels { get; init; } = 6;

    /// <summary>Whether anything but the way decides between nodes.</summary>
    [JsonIgnore]
    public bool IsByWayAlone => KindOrder.Count == 0 && ReadyPercent == 0 && LoadMinutes == 0 && OtherOperatorMinutes == 0;

    /// <summary>What a parcel less is worth, as the engine is told.</summary>
    internal int ParcelSeconds => ParcelMinutes is { } minutes ? minutes * 60 : int.MaxValue;

    /// <summary>How many parcels an order may come in.</summary>
    internal int MostNodes(DeliveryService service) => service == DeliveryService.WithinHour ? MostParcelsWithinHour : MostParcels;

    /// <summary>As how many seconds farther a node counts.</summary>
    internal int HandicapSeconds(Location node, PartnerId seller, int readySeconds, int ordersThisHour)
    {
        if (IsByWayAlone)
            return 0;

        long seconds = KindSeconds(node.Kind);
        seconds += (long)Math.Min(readySeconds, AlwaysSeconds) * ReadyPercent / 100;
        seconds += (long)LoadMinutes * 60 * Math.Min(ordersThisHour, node.ThroughputPerHour) / node.ThroughputPerHour;
        seconds += node.Operator == seller ? 0 : OtherOperatorMinutes * 60;
        return (int)seconds;
    }

    private int KindSeconds(LocationKind kind)
    {
        if (KindOrder.Count == 0)
            return 0;

        var place = 0;
        while (place < KindOrder.Count && KindOrder[place] != kind)
            place++;
        return place * (KindMinutes is { } minutes ? minutes * 60 : AlwaysSeconds);
    }
}

/// <summary>Rules that were in force until lately: what was promised by them is kept.</summary>
/// <param name="Version">Which.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="CutOffs">Cut-offs as they were, of locations where they have changed since.</param>
/// <param name="Until">When others took their place.</param>
internal sealed record EarlierRules(int Version, SourcingWeights Weights, IReadOnlyList<CutOffs> CutOffs, DateTimeOffset Until);

/// <summary>The rules that a company's orders are decided by.</summary>
/// <param name="Version">Which; 0: none was ever published.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="Earlier">Those that were in force until lately, newest first.</param>
internal sealed record RulesInForce(int Version, SourcingWeights Weights, IReadOnlyList<EarlierRules> Earlier)
{
    public static readonly RulesInForce Default = new(0, SourcingWeights.Default, []);
}
