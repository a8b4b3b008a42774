using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Platform;

namespace Caravan.Delivery;

/// <summary>A job whole, as it lies in its row.</summary>
internal sealed record JobState
{
    public PartnerId Tenant { get; init; }
    public JobId Id { get; init; }
    public string Reference { get; init; } = "";
    public LocationId Origin { get; init; }
    public double Latitude { get; init; }
    public double Longitude { get; init; }
    public string Address { get; init; } = "";
    public DeliveryService Service { get; init; }
    public DateTimeOffset ReadyAt { get; init; }
    public DateTimeOffset DueAt { get; init; }
    public int WeightGrams { get; init; }
    public TemperatureClass TemperatureClass { get; init; }
    public string ProofCode { get; init; } = "";
    public JobStatus Status { get; init; }
    public DateTimeOffset? PackedAt { get; init; }
    public PartnerId? Carrier { get; init; }
    public CourierId? Courier { get; init; }
    public DateTimeOffset? AssignedAt { get; init; }
    public DateTimeOffset? AcceptedAt { get; init; }
    public DateTimeOffset? CollectedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public DateTimeOffset? EstimatedAt { get; init; }
    public int Attempts { get; init; }
    public int CodeFailures { get; init; }
    public string? FailureReason { get; init; }
    public string? OverrideReason { get; init; }
    public string? WaitsFor { get; init; }

    /// <summary>Who has declined or let it lie, as JSON: a list of <see cref="Declined"/>.</summary>
    public string? DeclinedBy { get; init; }

    public GeoPoint Destination => new(Latitude, Longitude);

    /// <summary>Whether a courier may still be found for it, or has it.</summary>
    public bool IsOpen => Status is not (JobStatus.Delivered or JobStatus.Returned or JobStatus.Cancelled);

    /// <summary>When it can be collected: since it was packed, else when it should be.</summary>
    public DateTimeOffset CollectableAt => PackedAt ?? ReadyAt;
}

/// <summary>A courier that is not to be asked again for a while.</summary>
internal sealed record Declined(CourierId Courier, DateTimeOffset Until);

/// <summary>What is asked of a job.</summary>
internal abstract record JobCommand
{
    private JobCommand()
    {
    }

    public sealed record Pack : JobCommand;

    public sealed record Assign(PartnerId Carrier, CourierId Courier, DateTimeOffset EstimatedAt) : JobCommand;

    public sealed record Accept : JobCommand;

    /// <summary>The courier gives it back; with a reason when the clock did it for a silent courier.</summary>
    public sealed record Decline(string Reason) : JobCommand;

    public sealed record Collect : JobCommand;

    public sealed record SetOut : JobCommand;

    /// <summary>Hand over: against the code, or on a dispatcher's word, which is kept.</summary>
    public sealed record Deliver(string? Code, string? Override) : JobCommand;

    public sealed record Fail(string Reason) : JobCommand;

    public sealed record Return : JobCommand;

    public sealed record Cancel : JobCommand;
}

/// <summary>What became of a command.</summary>
internal abstract record JobOutcome
{
    private JobOutcome()
    {
    }

    /// <summary>Done; the type of event that tells of it, where others should hear.</summary>
    public sealed record Done(JobState Job, string? EventType, string? Reason = null) : JobOutcome;

    /// <summary>Refused. A wrong code is counted: then <paramref name="Counted"/> must be kept.</summary>
    public sealed record Refused(ActRefusal Why, string Detail, JobState? Counted = null) : JobOutcome;
}

/// <summary>The life of a job: <c>(job, command, now) → outcome</c>, pure. Whether the caller is the job's courier is checked before.</summary>
internal static class JobLife
{
    /// <summary>After so many wrong codes only a dispatcher's word hands the parcel over.</summary>
    public const int CodeFailuresMax = 5;

    /// <summary>How long a courier has to say yes.</summary>
    public static readonly TimeSpan AcceptWithin = TimeSpan.FromMinutes(3);

    /// <summary>How long a courier who declined, or was silent, is not asked again: when all have declined, somebody must be asked twice.</summary>
    public static readonly TimeSpan DeclineHolds = TimeSpan.FromMinutes(15);

    public static JobOutcome Decide(JobState job, JobCommand command, DateTimeOffset now) => command switch
    {
        JobCommand.Pack => Pack(job, now),
        JobCommand.Assign assign => job is { Status: JobStatus.Booked, Service: not DeliveryService.PickUp }
            ? new JobOutcome.Done(
                job with
                {
                    Status = JobStatus.Assigned,
                    Carrier = assign.Carrier,
                    Courier = assign.Courier,
                    AssignedAt = now,
                    EstimatedAt = assign.EstimatedAt,
                    WaitsFor = null,
                },
                JobEvent.Assigned)
            : WrongStatus(job, "Only a job that waits for a courier can be given to one."),
        JobCommand.Accept => job.Status == JobStatus.Assigned
            ? new JobOutcome.Done(job with { Status = JobStatus.Accepted, AcceptedAt = now }, JobEvent.Accepted)
            : WrongStatus(job, "Only a job that was just assigned can be accepted."),
        JobCommand.Decline decline => Decline(job, decline.Reason, now),
        JobCommand.Collect => Collect(job, now),
        JobCommand.SetOut => job.Status == JobStatus.Collected
            ? new JobOutcome.Done(job with { Status = JobStatus.OutForDelivery }, JobEvent.OutForDelivery)
            : WrongStatus(job, "Only a collected parcel can be on its way to the door."),
        JobCommand.Deliver deliver => Deliver(job, deliver, now),
        JobCommand.Fail fail => job.Status is JobStatus.Collected or JobStatus.OutForDelivery
            ? new JobOutcome.Done(job with { Status = JobStatus.Failed, Attempts = job.Attempts + 1, FailureReason = fail.Reason, EstimatedAt = null }, JobEvent.Failed, fail.Reason)
            : WrongStatus(job, "Only a parcel that the courier has can fail to be delivered; before that, decline the job."),
        JobCommand.Return => job.Status == JobStatus.Failed
            ? new JobOutcome.Done(job with { Status = JobStatus.Returned, FinishedAt = now }, JobEvent.Returned, job.FailureReason)
            : WrongStatus(job, "Only a parcel that could not be delivered goes back. Report the failure first."),
        JobCommand.Cancel => job.Status is JobStatus.Booked or JobStatus.Assigned or JobStatus.Accepted
            ? new JobOutcome.Done(job with { Status = JobStatus.Cancelled, FinishedAt = now, EstimatedAt = null, WaitsFor = null }, JobEvent.Cancelled)
            : WrongStatus(job, "A job can be called off until the courier has the parcel."),
        _ => throw new UnreachableException(),
    };

    /// <summary>Whether a courier has let an assigned job lie for too long.</summary>
    public static bool IsSilent(JobState job, DateTimeOffset now) => job.Status == JobStatus.Assigned && job.AssignedAt + AcceptWithin <= now;

    private static JobOutcome Pack(JobState job, DateTimeOffset now) =>
        new JobOutcome.Done(job.PackedAt is null && job.IsOpen ? job with { PackedAt = now } : job, null);

    private static JobOutcome Decline(JobState job, string reason, DateTimeOffset now)
    {
        if (job.Status is not (JobStatus.Assigned or JobStatus.Accepted) || job.Courier is not { } courier)
            return WrongStatus(job, "A job can be declined until the parcel is collected.");

        var declined = DeliveryJson.ReadDeclined(job.DeclinedBy).Where(one => one.Courier != courier && one.Until > now).Append(new Declined(courier, now + DeclineHolds));
        return new JobOutcome.Done(
            job with
            {
                Status = JobStatus.Booked,
                Carrier = null,
                Courier = null,
                AssignedAt = null,
                AcceptedAt = null,
                EstimatedAt = null,
                WaitsFor = reason,
                DeclinedBy = DeliveryJson.WriteDeclined([.. declined]),
            },
            JobEvent.Unassigned,
            reason);
    }

    private static JobOutcome Collect(JobState job, DateTimeOffset now)
    {
        if (job.Status != JobStatus.Accepted)
            return WrongStatus(job, job.Status == JobStatus.Assigned ? "Accept the job first." : "Only an accepted job can be collected.");

        return job.PackedAt is null
            ? new JobOutcome.Refused(ActRefusal.NotPacked, "The parcel is not packed yet. Wait until the store says that it is.")
            : new JobOutcome.Done(job with { Status = JobStatus.Collected, CollectedAt = now }, JobEvent.Collected);
    }

    private static JobOutcome Deliver(JobState job, JobCommand.Deliver deliver, DateTimeOffset now)
    {
        var isAtStation = job.Service == DeliveryService.PickUp;
        if (isAtStation ? job.Status != JobStatus.Booked : job.Status is not (JobStatus.Collected or JobStatus.OutForDelivery))
            return WrongStatus(job, isAtStation ? "It is no longer at the station." : "Only a parcel that the courier has can be handed over.");
        if (isAtStation && job.PackedAt is null)
            return new JobOutcome.Refused(ActRefusal.NotPacked, "The parcel is not packed yet. Ask the customer to wait.");

        var delivered = job with { Status = JobStatus.Delivered, FinishedAt = now, Attempts = job.Attempts + 1, WaitsFor = null };
        if (deliver.Override is { } word)
            return new JobOutcome.Done(delivered with { OverrideReason = word }, JobEvent.Delivered, word);
        if (job.CodeFailures >= CodeFailuresMax)
            return new JobOutcome.Refused(ActRefusal.CodeLocked, $"{CodeFailuresMax} wrong codes: a dispatcher must hand over with an override and a reason, or the delivery fails.");
        if (deliver.Code is { } code && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(code), Encoding.UTF8.GetBytes(job.ProofCode)))
            return new JobOutcome.Done(delivered, JobEvent.Delivered);

        var counted = job with { CodeFailures = job.CodeFailures + 1 };
        var left = CodeFailuresMax - counted.CodeFailures;
        return new JobOutcome.Refused(ActRefusal.WrongCode, $"This is not the customer's code. {left} {(left == 1 ? "attempt" : "attempts")} left.", counted);
    }

    private static JobOutcome.Refused WrongStatus(JobState job, string detail) => new(ActRefusal.WrongStatus, $"{detail} This one is {Said(job.Status)}.");

    private static string Said(JobStatus status) => status switch
    {
        JobStatus.Booked => "waiting for a courier",
        JobStatus.OutForDelivery => "out for delivery",
        _ => status.ToString().ToLowerInvariant(),
    };
}
