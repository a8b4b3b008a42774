using Caravan.Orders;

namespace Caravan.Operations.Figures;

/// <summary>How orders stand, added up. Counts of one row may be added to another's and taken away again.</summary>
public sealed record FigureCounts
{
    /// <summary>Orders that were placed.</summary>
    public long Orders { get; init; }

    /// <summary>Of these, those of which some node gives something.</summary>
    public long Served { get; init; }

    /// <summary>Of these, those to which more than one node gives.</summary>
    public long Split { get; init; }

    /// <summary>What one node gives to one order.</summary>
    public long Parts { get; init; }

    /// <summary>How far the parts go by road, all together.</summary>
    public long Metres { get; init; }

    /// <summary>Units that nodes give.</summary>
    public long Units { get; init; }

    /// <summary>What these units cost, in minor units.</summary>
    public long Amount { get; init; }

    /// <summary>Orders all of whose parcels came as promised.</summary>
    public long Kept { get; init; }

    /// <summary>Orders of which a parcel came late, or not at all.</summary>
    public long Broken { get; init; }

    /// <summary>Orders by the state that they are in, at the place of its <see cref="LineStatus"/>.</summary>
    public IReadOnlyList<long> States { get; init; } = new long[StateCount];

    /// <summary>How many states there are.</summary>
    internal static readonly int StateCount = Enum.GetValues<LineStatus>().Length;

    /// <summary>Orders in a state.</summary>
    public long In(params ReadOnlySpan<LineStatus> states)
    {
        var sum = 0L;
        foreach (var state in states)
            sum += States[(int)state];
        return sum;
    }

    /// <summary>Of the orders that have arrived, how many came as promised, in per cent; null while none has.</summary>
    public double? KeptPercent => Kept + Broken == 0 ? null : 100.0 * Kept / (Kept + Broken);

    /// <summary>Of the orders that are served, how many come from more than one node, in per cent.</summary>
    public double? SplitPercent => Served == 0 ? null : 100.0 * Split / Served;

    /// <summary>How far a part goes on average.</summary>
    public double? MeanKilometres => Parts == 0 ? null : Metres / 1000.0 / Parts;

    /// <summary>This and as much more, or less where <paramref name="sign"/> is −1.</summary>
    public FigureCounts Plus(FigureCounts other, int sign = 1) => new()
    {
        Orders = Orders + (sign * other.Orders),
        Served = Served + (sign * other.Served),
        Split = Split + (sign * other.Split),
        Parts = Parts + (sign * other.Parts),
        Metres = Metres + (sign * other.Metres),
        Units = Units + (sign * other.Units),
        Amount = Amount + (sign * other.Amount),
        Kept = Kept + (sign * other.Kept),
        Broken = Broken + (sign * other.Broken),
        States = [.. States.Zip(other.States, (one, more) => one + (sign * more))],
    };

    /// <summary>Whether nothing is counted.</summary>
    public bool IsNothing => Orders == 0 && Served == 0 && Split == 0 && Parts == 0 && Metres == 0 && Units == 0 && Amount == 0 && Kept == 0 && Broken == 0 && States.All(count => count == 0);
}
