using Caravan.Engines.Routing;

namespace Caravan.Routing;

/// <summary>A problem in VROOM's JSON, understood: the engine's problem, and what the answer has to repeat.</summary>
internal sealed record VroomInput
{
    public required RoutingProblem Problem { get; init; }

    public required IReadOnlyList<VroomStop> Jobs { get; init; }

    public required IReadOnlyList<VroomStop> Pickups { get; init; }

    public required IReadOnlyList<VroomStop> Deliveries { get; init; }

    public required IReadOnlyList<VroomVehicle> Vehicles { get; init; }

    /// <summary>Whether places are named by their index in matrices.</summary>
    public required bool HasMatrices { get; init; }

    /// <summary>Whether distances are known, and told.</summary>
    public required bool HasDistances { get; init; }

    /// <summary>How long the client wants it to take (<c>options.l</c>), or as Caravan thinks fit.</summary>
    public double? LimitSeconds { get; init; }
}

/// <summary>Coordinates in VROOM's order, and the place in the matrices.</summary>
internal sealed record VroomPlace(double[]? Location, int? Index);

/// <summary>A job, pickup or delivery as the client calls it.</summary>
internal sealed record VroomStop(long Id, string? Description, VroomPlace Place);

/// <summary>A vehicle as the client calls it.</summary>
internal sealed record VroomVehicle(long Id, string? Description, VroomPlace? Start, VroomPlace? End);
