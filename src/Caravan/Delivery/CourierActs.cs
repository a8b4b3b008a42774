using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Platform;

namespace Caravan.Delivery;

/// <summary>What a courier does at a stop.</summary>
public enum RouteStopKind
{
    /// <summary>Takes the parcel at its origin.</summary>
    Pickup,

    /// <summary>Hands it to the customer.</summary>
    Dropoff,

    /// <summary>Brings back to its origin what could not be handed over.</summary>
    Return,
}

/// <summary>A stop of a courier's route, with what the courier must know of the job.</summary>
/// <param name="Shipper">Whose parcel.</param>
/// <param name="Job">The job.</param>
/// <param name="Reference">What the shipper calls it.</param>
/// <param name="Kind">What is done here.</param>
/// <param name="Point">Where.</param>
/// <param name="Place">The name of the origin, or the customer's address.</param>
/// <param name="Service">How soon.</param>
/// <param name="Status">Where the job stands.</param>
/// <param name="IsPacked">Whether it can be collected.</param>
/// <param name="ReadyAt">When it should be ready.</param>
/// <param name="DueAt">When it was promised at the door.</param>
/// <param name="EstimatedAt">When the courier is expected at this stop.</param>
/// <param name="WeightGrams">What it weighs.</param>
/// <param name="TemperatureClass">How cold it must stay.</param>
/// <param name="AttemptsLeft">How many more codes may be tried; at 0 a dispatcher must hand over.</param>
public sealed record RouteStop(
    PartnerId Shipper,
    JobId Job,
    string Reference,
    RouteStopKind Kind,
    GeoPoint Point,
    string Place,
    DeliveryService Service,
    JobStatus Status,
    bool IsPacked,
    DateTimeOffset ReadyAt,
    DateTimeOffset DueAt,
    DateTimeOffset? EstimatedAt,
    int WeightGrams,
    TemperatureClass TemperatureClass,
    int AttemptsLeft)
{
    /// <summary>What the job adds to the courier's driving in seconds, both its stops together: the route without it would be so much shorter.</summary>
    public int AddedSeconds { get; init; }
}

/// <summary>What a courier does with a job.</summary>
public abstract record CourierAct
{
    private CourierAct()
    {
    }

    /// <summary>Says yes.</summary>
    public sealed record Accept : CourierAct;

    /// <summary>Says no, or gives it back before collecting it; another courier is asked.</summary>
    public sealed record Decline : CourierAct;

    /// <summary>Has the parcel.</summary>
    public sealed record Collect : CourierAct;

    /// <summary>Hands it over, against the customer's code or on a dispatcher's word, which is kept.</summary>
    public sealed record Deliver(string? Code, string? Override) : CourierAct;

    /// <summary>Cannot hand it over.</summary>
    public sealed record Fail(string Reason) : CourierAct;

    /// <summary>Is back at the origin with it.</summary>
    public sealed record Return : CourierAct;
}

/// <summary>Why an act is refused.</summary>
public enum ActRefusal
{
    /// <summary>The job does not stand where this act is possible.</summary>
    WrongStatus,

    /// <summary>The parcel is not packed yet.</summary>
    NotPacked,

    /// <summary>Not the customer's code. The attempt is counted: commit the transaction.</summary>
    WrongCode,

    /// <summary>Too many wrong codes: a dispatcher must hand over with an override.</summary>
    CodeLocked,
}

/// <summary>What became of an act.</summary>
public abstract record ActOutcome
{
    private ActOutcome()
    {
    }

    /// <summary>Done; the job as it stands now.</summary>
    public sealed record Done(Job Job) : ActOutcome;

    /// <summary>Refused, and what to do next. After <see cref="ActRefusal.WrongCode"/> the transaction must be committed, for the attempt counts.</summary>
    public sealed record Refused(ActRefusal Why, string Detail, int AttemptsLeft) : ActOutcome;

    /// <summary>The courier has no such job.</summary>
    public sealed record NotFound : ActOutcome;
}

/// <summary>What moves at this moment: couriers with their last positions, and jobs that are not finished.</summary>
public sealed record ActiveDelivery(IReadOnlyList<Courier> Couriers, IReadOnlyList<Job> Jobs);
