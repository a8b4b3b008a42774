namespace Caravan.Engines.Routing;

/// <summary>
/// A problem made ready to be searched: arrays of numbers instead of records. Visits come first (a job is one, a shipment two, one behind the
/// other), then a start and an end node a vehicle, then the reloads. A node lies on a spot, which is a place, or nowhere. Moments count from
/// <see cref="OriginSecond"/>.
/// </summary>
internal sealed class RoutingCase
{
    public required RoutingProblem Problem { get; init; }

    public required int VisitCount { get; init; }

    public required int VehicleCount { get; init; }

    public required int TaskCount { get; init; }

    public required int JobCount { get; init; }

    public required int NodeCount { get; init; }

    public required int SpotCount { get; init; }

    /// <summary>Dimensions of goods, compartments included.</summary>
    public required int DimensionCount { get; init; }

    public required int OwnDimensionCount { get; init; }

    /// <summary>What is taken from the caller's moments.</summary>
    public required long OriginSecond { get; init; }

    /// <summary>What costs are multiplied by inside.</summary>
    public required int CostScale { get; init; }

    public required int[] Spot { get; init; }

    public required int[] Ready { get; init; }

    public required int[] Due { get; init; }

    public required int[] Service { get; init; }

    /// <summary>Time spent before service by who comes from another spot.</summary>
    public required int[] Setup { get; init; }

    public required int[] Release { get; init; }

    /// <summary>Windows of node n, two numbers each, from <c>WindowStart[n]</c> to before <c>WindowStart[n + 1]</c>.</summary>
    public required int[] WindowStart { get; init; }

    public required int[] Windows { get; init; }

    public required int[] Delivery { get; init; }

    public required int[] Pickup { get; init; }

    /// <summary>What a shipment's pickup adds and its delivery takes.</summary>
    public required int[] Shift { get; init; }

    public required long[] Penalty { get; init; }

    /// <summary>What the caller says a task is worth, scaled; or −1.</summary>
    public required long[] Prize { get; init; }

    public required int[] VehicleClass { get; init; }

    public required int[] VehicleType { get; init; }

    public required int TypeCount { get; init; }

    public required int[] Fixed { get; init; }

    public required int[] Capacity { get; init; }

    /// <summary>Whether a type of vehicle can serve a task at all: <c>[task * TypeCount + type]</c>; else why not.</summary>
    public required UnassignedReason?[] Obstacle { get; init; }

    public required bool[] IsFit { get; init; }

    public required ArcClass[] Classes { get; init; }

    /// <summary>The vehicle of a reload node, from <see cref="ReloadFirst"/> on.</summary>
    public required int[] ReloadVehicle { get; init; }

    public required int[] ReloadChoice { get; init; }

    public int ReloadFirst => VisitCount + 2 * VehicleCount;

    /// <summary>The first reload node of a vehicle, and behind the last vehicle the count of nodes.</summary>
    public required int[] ReloadStart { get; init; }

    /// <summary>Whether one window, one sum of goods and one matrix say everything, so that a place costs constant time to try.</summary>
    public required bool IsPlain { get; init; }

    /// <summary>Whether a route has to be driven through to know that it holds.</summary>
    public required bool IsWalked { get; init; }

    public required bool HasTraffic { get; init; }

    public required CaseNeighbours Neighbours { get; init; }

    public int NeighbourCount => Neighbours.Count;

    public ReadOnlySpan<int> NeighboursOf(int visit) => Neighbours.Of(visit);

    public int StartOf(int vehicle) => VisitCount + 2 * vehicle;

    public int EndOf(int vehicle) => VisitCount + 2 * vehicle + 1;

    public int TaskOf(int visit) => visit < JobCount ? visit : JobCount + (visit - JobCount) / 2;

    public int FirstVisit(int task) => task < JobCount ? task : JobCount + 2 * (task - JobCount);

    public bool IsPair(int task) => task >= JobCount;

    /// <summary>Whether this visit is the delivery of a shipment.</summary>
    public bool IsDelivery(int visit) => visit >= JobCount && ((visit - JobCount) & 1) == 1;

    public int PartnerOf(int visit) => visit < JobCount ? -1 : IsDelivery(visit) ? visit - 1 : visit + 1;
}

/// <summary>The ways of one kind of vehicle between spots: <c>[from * SpotCount + to]</c>, and transposed <c>[to * SpotCount + from]</c>.</summary>
/// <param name="Cost">Scaled cost.</param>
/// <param name="CostBack">Transposed.</param>
/// <param name="Time">Seconds; with traffic the least.</param>
/// <param name="TimeBack">Transposed.</param>
/// <param name="Driving">Seconds at the wheel without traffic.</param>
/// <param name="Metres">Distance.</param>
/// <param name="Traffic">Speeds by the hour, from the case's origin on, or none.</param>
internal sealed record ArcClass(int[] Cost, int[] CostBack, int[] Time, int[] TimeBack, int[] Driving, int[] Metres, TrafficClock? Traffic);
