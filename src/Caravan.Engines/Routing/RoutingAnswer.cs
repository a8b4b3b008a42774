namespace Caravan.Engines.Routing;

/// <summary>The answer of <see cref="Router.Solve"/>.</summary>
public abstract record RoutingOutcome
{
    private RoutingOutcome()
    {
    }

    /// <summary>A plan; what could not be served is listed in it.</summary>
    /// <param name="Plan">The plan.</param>
    public sealed record Solved(RoutingPlan Plan) : RoutingOutcome;

    /// <summary>The problem is not one.</summary>
    /// <param name="Faults">What is wrong, at least one.</param>
    public sealed record Refused(IReadOnlyList<RoutingFault> Faults) : RoutingOutcome;
}

/// <summary>What is wrong with a problem.</summary>
/// <param name="Pointer">Where, as a JSON pointer with VROOM's names: <c>/jobs/3/time_windows/0</c>.</param>
/// <param name="Message">What, and what would be right.</param>
public sealed record RoutingFault(string Pointer, string Message);

/// <summary>Who drives where and when.</summary>
public sealed record RoutingPlan
{
    /// <summary>The routes of the vehicles that drive, by index of vehicle.</summary>
    public required IReadOnlyList<RoutePlan> Routes { get; init; }

    /// <summary>What is not served.</summary>
    public required IReadOnlyList<Unassigned> Unassigned { get; init; }

    /// <summary>What the routes cost, fixed costs included, prizes and penalties not.</summary>
    public required long Cost { get; init; }

    /// <summary>Ruin-and-recreate steps of the search.</summary>
    public required long Iterations { get; init; }

    /// <summary>Bytes the search allocated per iteration, 0 when it is well.</summary>
    public required double BytesPerIteration { get; init; }

    /// <summary>Metres of all routes.</summary>
    public long Metres => Routes.Sum(route => route.Metres);
}

/// <summary>One vehicle's way.</summary>
/// <param name="Vehicle">Index of the vehicle.</param>
/// <param name="Steps">From start to end.</param>
/// <param name="Cost">Fixed cost included.</param>
/// <param name="Metres">Metres driven.</param>
/// <param name="DrivingSeconds">Time at the wheel.</param>
public sealed record RoutePlan(int Vehicle, IReadOnlyList<PlanStep> Steps, long Cost, long Metres, long DrivingSeconds);

/// <summary>What happens at a step.</summary>
public enum PlanStepKind
{
    /// <summary>The vehicle starts.</summary>
    Start,

    /// <summary>A job.</summary>
    Job,

    /// <summary>A shipment is fetched.</summary>
    Pickup,

    /// <summary>A shipment is brought.</summary>
    Delivery,

    /// <summary>A pause.</summary>
    Break,

    /// <summary>Unloading and loading at a depot.</summary>
    Reload,

    /// <summary>The vehicle ends.</summary>
    End,
}

/// <summary>One step of a route. Moments are seconds on the caller's clock.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Index">Index of the job, the shipment, the vehicle's break or reload place; −1 for start and end.</param>
/// <param name="Place">Where; −1 on the road, or where start and end are left open.</param>
/// <param name="ArrivalSecond">When it is reached.</param>
/// <param name="WaitingSeconds">How long it waits before.</param>
/// <param name="SetupSeconds">How long it prepares.</param>
/// <param name="ServiceSeconds">How long it serves.</param>
/// <param name="DrivenSeconds">Time at the wheel since the start.</param>
/// <param name="DrivenMetres">Metres since the start.</param>
/// <param name="Load">What is aboard afterwards, by dimension, compartments' after them.</param>
/// <param name="MarginalCost">What the route would save without this job (both stops of a shipment say the same); 0 for other steps.</param>
public sealed record PlanStep(
    PlanStepKind Kind,
    int Index,
    int Place,
    long ArrivalSecond,
    long WaitingSeconds,
    int SetupSeconds,
    int ServiceSeconds,
    long DrivenSeconds,
    long DrivenMetres,
    IReadOnlyList<int> Load,
    long MarginalCost)
{
    /// <summary>When it goes on.</summary>
    public long DepartureSecond => ArrivalSecond + WaitingSeconds + SetupSeconds + ServiceSeconds;
}

/// <summary>Why a task is not served.</summary>
public enum UnassignedReason
{
    /// <summary>No vehicle has the skills.</summary>
    Skills,

    /// <summary>No vehicle that has the skills is large enough, or has the compartment.</summary>
    Capacity,

    /// <summary>No vehicle gets there within the windows and its shift, even if it did nothing else.</summary>
    Time,

    /// <summary>Alone it would break a vehicle's limit of metres, driving, duty, stops or breaks.</summary>
    Limits,

    /// <summary>Beside the others that matter more there is no room for it.</summary>
    NoRoom,

    /// <summary>Serving it costs more than its prize.</summary>
    CostsMore,
}

/// <summary>A task that is not served.</summary>
/// <param name="IsShipment">A shipment, else a job.</param>
/// <param name="Index">Index among shipments or jobs.</param>
/// <param name="Reason">Why.</param>
/// <param name="CheapestCost">What it would cost where it fits now; null when it fits nowhere.</param>
public sealed record Unassigned(bool IsShipment, int Index, UnassignedReason Reason, long? CheapestCost);
