using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Storage;

namespace Caravan.Delivery;

/// <summary>Where a job stands. Booked → Assigned → Accepted → Collected → OutForDelivery → Delivered, or Failed → Returned; Cancelled before collection.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobStatus>))] // Also where a subscriber reads events with a context of its own.
public enum JobStatus
{
    /// <summary>Known, waiting for a courier.</summary>
    Booked,

    /// <summary>A courier is chosen.</summary>
    Assigned,

    /// <summary>The courier has said yes.</summary>
    Accepted,

    /// <summary>The courier has the parcel.</summary>
    Collected,

    /// <summary>The courier is on the way to this customer next.</summary>
    OutForDelivery,

    /// <summary>Handed over against the code.</summary>
    Delivered,

    /// <summary>Could not be handed over; goes back.</summary>
    Failed,

    /// <summary>Back at its origin.</summary>
    Returned,

    /// <summary>Called off before collection.</summary>
    Cancelled,
}

/// <summary>A parcel to be carried from a location to a door or a station.</summary>
public sealed record Parcel
{
    /// <summary>The company whose parcel it is; the job is its row.</summary>
    public required PartnerId Shipper { get; init; }

    /// <summary>What the shipper calls it: the id of a fulfilment order.</summary>
    public required string Reference { get; init; }

    /// <summary>Where it is collected.</summary>
    public required LocationId Origin { get; init; }

    /// <summary>Where it goes.</summary>
    public required GeoPoint Destination { get; init; }

    /// <summary>The address, as the courier reads it.</summary>
    public required string Address { get; init; }

    /// <summary>How soon.</summary>
    public required DeliveryService Service { get; init; }

    /// <summary>When it should be ready to collect.</summary>
    public required DateTimeOffset ReadyAt { get; init; }

    /// <summary>When it was promised at the door.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>What it weighs.</summary>
    public required int WeightGrams { get; init; }

    /// <summary>How cold it must stay; a parcel has one class.</summary>
    public required TemperatureClass TemperatureClass { get; init; }

    /// <summary>The one-time code that proves delivery.</summary>
    public required string ProofCode { get; init; }
}

/// <summary>A job as its shipper sees it.</summary>
public sealed record Job(
    PartnerId Shipper,
    JobId Id,
    string Reference,
    LocationId Origin,
    GeoPoint Destination,
    string Address,
    DeliveryService Service,
    JobStatus Status,
    DateTimeOffset ReadyAt,
    DateTimeOffset DueAt,
    DateTimeOffset? EstimatedAt,
    bool IsPacked,
    CourierId? Courier,
    string? CourierCode,
    VehicleKind? Vehicle,
    GeoPoint? CourierPoint,
    string? FailureReason,
    bool IsCourierSimulated = false);

/// <summary>A courier, known by a code.</summary>
public sealed record Courier
{
    /// <summary>The company the courier rides for.</summary>
    public required PartnerId Carrier { get; init; }

    /// <summary>Its id.</summary>
    public required CourierId Id { get; init; }

    /// <summary>The carrier's code for the courier.</summary>
    public required string Code { get; init; }

    /// <summary>The region the courier works in.</summary>
    public required string Region { get; init; }

    /// <summary>What the courier rides.</summary>
    public required VehicleKind Vehicle { get; init; }

    /// <summary>Where the courier was last seen.</summary>
    public required GeoPoint Point { get; init; }

    /// <summary>What the box holds.</summary>
    public required int CapacityGrams { get; init; }

    /// <summary>Bit n: the box keeps temperature class n.</summary>
    public required uint TemperatureMask { get; init; }

    /// <summary>The daily shift, in the location's usual time zone.</summary>
    public required TimeOnly ShiftStart { get; init; }

    /// <summary>The end of the shift; 00:00 is midnight.</summary>
    public required TimeOnly ShiftEnd { get; init; }

    /// <summary>The time zone of the shift.</summary>
    public required string TimeZone { get; init; }

    /// <summary>Whether the courier is taking jobs.</summary>
    public bool IsOnDuty { get; init; } = true;

    /// <summary>Whether a program plays this courier.</summary>
    public bool IsSimulated { get; init; }
}

/// <summary>What became of a job. Subject: the job's id. Tenant: the shipper.</summary>
public sealed record JobEvent(JobId Job, string Reference, JobStatus Status, CourierId? Courier, DateTimeOffset? EstimatedAt, string? Reason)
{
    /// <summary>How it is written in the outbox; subscribers read it with this.</summary>
    public static JsonTypeInfo<JobEvent> Json => DeliveryJson.Stored.JobEvent;

    /// <summary>A courier was chosen.</summary>
    public const string Assigned = "delivery.assigned";

    /// <summary>The courier gave it back or did not answer; another is asked.</summary>
    public const string Unassigned = "delivery.unassigned";

    /// <summary>The courier said yes.</summary>
    public const string Accepted = "delivery.accepted";

    /// <summary>The courier has the parcel.</summary>
    public const string Collected = "delivery.collected";

    /// <summary>The courier is on the way to this customer.</summary>
    public const string OutForDelivery = "delivery.out-for-delivery";

    /// <summary>Handed over.</summary>
    public const string Delivered = "delivery.delivered";

    /// <summary>Could not be handed over.</summary>
    public const string Failed = "delivery.failed";

    /// <summary>Back at its origin.</summary>
    public const string Returned = "delivery.returned";

    /// <summary>Called off.</summary>
    public const string Cancelled = "delivery.cancelled";

    /// <summary>The estimated time has moved by a minute or more.</summary>
    public const string Estimated = "delivery.estimated";

    /// <summary>The facts of such an event.</summary>
    public static JobEvent Of(Platform.Outbox.OutboxEvent happened) => happened.Read(DeliveryJson.Default.JobEvent);
}

/// <summary>Whether couriers could carry from a location: how many are on duty near it, and how long until the best placed is there; a week where nobody is.</summary>
public readonly record struct CourierOutlook(int OnDuty, int SecondsToCollect);

/// <summary>How a job ended: delivered, or back at its origin, and when.</summary>
public sealed record JobEnd
{
    /// <summary>What the shipper calls it.</summary>
    public required string Reference { get; init; }

    /// <summary>Delivered or Returned.</summary>
    public required JobStatus Status { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset FinishedAt { get; init; }
}

/// <summary>How many parcels came as promised, and how many later.</summary>
public sealed record Punctuality
{
    /// <summary>By the promised time.</summary>
    public int OnTime { get; init; }

    /// <summary>After it.</summary>
    public int Late { get; init; }
}

internal static class DeliveryRoom
{
    public static IServiceCollection AddDelivery(this IServiceCollection services) => services
        .AddSingleton(provider => new DeliveryDesk(
            provider.GetRequiredService<JobActs>(),
            provider.GetRequiredService<NetworkMap>(),
            provider.GetRequiredService<TravelTimes>(),
            provider.GetRequiredService<PartnerBook>(),
            provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<JobActs>()
        .AddSingleton<DispatchBell>()
        .AddSingleton<Dispatcher>()
        .AddHostedService(provider => provider.GetRequiredService<Dispatcher>())
        .AddDeliveryJson();

    public static void MapDelivery(this IEndpointRouteBuilder routes)
    {
        routes.MapCourierEndpoints();
        routes.MapJobEndpoints();
        routes.MapCourierPages();
    }
}
