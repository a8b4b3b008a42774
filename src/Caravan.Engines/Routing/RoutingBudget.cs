namespace Caravan.Engines.Routing;

/// <summary>When a search ends: at the first of what is set. With nothing set it takes 10,000 iterations.</summary>
public sealed record RoutingBudget
{
    /// <summary>Iterations at most; with nothing else set, the same seed gives the same answer.</summary>
    public long? Iterations { get; init; }

    /// <summary>Seconds by <see cref="Clock"/> at most, from the first reading on.</summary>
    public double? Seconds { get; init; }

    /// <summary>What tells the seconds; read every 64 iterations.</summary>
    public Func<double>? Clock { get; init; }

    /// <summary>So many iterations without a better plan are enough.</summary>
    public long? IterationsWithoutGain { get; init; }

    /// <summary>A plan of everything at this cost or less is good enough.</summary>
    public long? TargetCost { get; init; }

    /// <summary>Told of the best every 4,096 iterations; false ends the search.</summary>
    public Func<RoutingProgress, bool>? Watch { get; init; }
}

/// <summary>How far a search has come.</summary>
/// <param name="Iterations">Iterations so far.</param>
/// <param name="Vehicles">Vehicles of the best plan.</param>
/// <param name="Cost">Its cost.</param>
/// <param name="UnassignedCount">Tasks it leaves out.</param>
public readonly record struct RoutingProgress(long Iterations, int Vehicles, long Cost, int UnassignedCount);
