namespace Caravan.Engines.Dispatch;

/// <summary>The answer of <see cref="CourierChooser.Choose"/>.</summary>
public abstract record DispatchDecision
{
    private DispatchDecision(IReadOnlyList<CourierEvaluation> evaluations) => Evaluations = evaluations;

    /// <summary>One evaluation a courier, in the couriers' order.</summary>
    public IReadOnlyList<CourierEvaluation> Evaluations { get; }

    /// <summary>A courier takes the job.</summary>
    /// <param name="CourierIndex">Index into the couriers that were given.</param>
    /// <param name="PickupPosition">Index of the pickup in the new list of stops.</param>
    /// <param name="DropoffPosition">Index of the dropoff in the new list of stops.</param>
    /// <param name="AddedTravelSeconds">How much longer the courier drives; below 0 only when the matrix has shorter detours.</param>
    /// <param name="Stops">The new list of stops.</param>
    /// <param name="Times">When each of them is reached, served and left.</param>
    /// <param name="Evaluations">See <see cref="DispatchDecision.Evaluations"/>.</param>
    public sealed record Assigned(
        int CourierIndex,
        int PickupPosition,
        int DropoffPosition,
        int AddedTravelSeconds,
        IReadOnlyList<Stop> Stops,
        IReadOnlyList<StopTimes> Times,
        IReadOnlyList<CourierEvaluation> Evaluations) : DispatchDecision(Evaluations);

    /// <summary>No courier can take the job; the evaluations say why, one by one.</summary>
    /// <param name="Evaluations">See <see cref="DispatchDecision.Evaluations"/>.</param>
    public sealed record NoCourier(IReadOnlyList<CourierEvaluation> Evaluations) : DispatchDecision(Evaluations);
}

/// <summary>What became of a courier.</summary>
public enum CourierVerdict
{
    /// <summary>Takes the job.</summary>
    Chosen,

    /// <summary>Could take it, at a higher cost than the chosen one (or at the same cost, but later at the door or further down the list).</summary>
    CostsMore,

    /// <summary>An obstacle keeps the courier out.</summary>
    Blocked,

    /// <summary>The vehicle does not keep the job's temperature.</summary>
    WrongTemperature,

    /// <summary>The route would have more stops than the rules allow.</summary>
    TooManyStops,

    /// <summary>The vehicle would be overloaded wherever the job is put in.</summary>
    OverCapacity,

    /// <summary>Wherever the load would fit, the route would end after the shift.</summary>
    PastShiftEnd,
}

/// <summary>What became of one courier, and the best that could be done with the route.</summary>
/// <param name="CourierIndex">Index into the couriers that were given.</param>
/// <param name="Verdict">What became of the courier; the numbers below count for chosen and costs more, else they are 0 or −1.</param>
/// <param name="Obstacles">What keeps the courier out when blocked.</param>
/// <param name="PickupPosition">Best place of the pickup in the new list of stops, or −1.</param>
/// <param name="DropoffPosition">Best place of the dropoff in the new list of stops, or −1.</param>
/// <param name="AddedTravelSeconds">How much longer the courier drives.</param>
/// <param name="AddedLatenessSeconds">How much later than due all stops are together, beyond what they were without the job.</param>
/// <param name="DropoffArrivalSecond">When the courier would reach the new dropoff.</param>
/// <param name="Cost">Added travel plus weighted added lateness; the least is chosen.</param>
public readonly record struct CourierEvaluation(
    int CourierIndex,
    CourierVerdict Verdict,
    CourierObstacle Obstacles,
    int PickupPosition,
    int DropoffPosition,
    int AddedTravelSeconds,
    long AddedLatenessSeconds,
    int DropoffArrivalSecond,
    long Cost);
