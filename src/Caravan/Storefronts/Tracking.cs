using Caravan.Delivery;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform;
using Caravan.Platform.Screens;

namespace Caravan.Storefronts;

/// <summary>What the customer of an order is shown.</summary>
/// <param name="Token">The end of the link.</param>
/// <param name="Order">The order.</param>
/// <param name="Seller">Who sold it.</param>
/// <param name="ShopPath">The seller's shop.</param>
/// <param name="Headline">How it stands, in one line.</param>
/// <param name="Parcels">What is on its way, and from where.</param>
/// <param name="EstimatedAt">When the last of it is expected.</param>
/// <param name="Why">Why it comes from there.</param>
/// <param name="Station">Where it is collected.</param>
/// <param name="Zone">The time zone of the place.</param>
/// <param name="CanCancel">Whether any of it has not left yet.</param>
public sealed record Tracking(
    string Token,
    Order Order,
    string Seller,
    string ShopPath,
    TrackHeadline Headline,
    IReadOnlyList<TrackedParcel> Parcels,
    DateTimeOffset? EstimatedAt,
    string? Why,
    Location? Station,
    string Zone,
    bool CanCancel)
{
    /// <summary>Whether anything may still change.</summary>
    public bool IsOpen => Parcels.Any(parcel => parcel.IsOpen);
}

/// <summary>How an order stands: one line that a hurried person reads, and a second for the rest.</summary>
public sealed record TrackHeadline(Tone Tone, string Title, string? Detail = null);

/// <summary>One parcel of an order.</summary>
public sealed record TrackedParcel(
    string Title,
    Location? From,
    int Metres,
    TemperatureClass TemperatureClass,
    IReadOnlyList<string> Goods,
    IReadOnlyList<TimelineStep> Steps,
    Job? Job,
    bool IsOpen);

/// <summary>Says how an order stands, from its units and its jobs; pure.</summary>
internal static class TrackWords
{
    private static readonly TimeSpan Punctual = TimeSpan.FromMinutes(2);

    public static TrackHeadline Headline(Order order, IReadOnlyList<Job> jobs, Location? station, IReadOnlyDictionary<(JobId, JobStatus), DateTimeOffset> times, DateTimeOffset now, string zone)
    {
        var open = jobs.Where(job => job.Status is not (JobStatus.Cancelled or JobStatus.Delivered or JobStatus.Returned)).ToList();
        if (IsReadyToCollect(order, jobs, station))
            return new TrackHeadline(Tone.Good, "Ready to collect", $"It waits for you at {station!.Name}. Bring the code below."); // Only with a station.

        switch (order.Status)
        {
            case LineStatus.Cancelled:
                return new TrackHeadline(Tone.Neutral, "Cancelled", "Nothing will come.");
            case LineStatus.Short:
                return new TrackHeadline(Tone.Bad, "We could not get it", "It was not on the shelf after all, and nobody near has it. We are sorry.");
            case LineStatus.Returned:
                return new TrackHeadline(Tone.Warn, "It went back", "It could not be handed over and is back where it came from.");
            case LineStatus.Delivered:
                var at = jobs.Select(job => times.TryGetValue((job.Id, JobStatus.Delivered), out var done) ? done : (DateTimeOffset?)null).Max();
                return new TrackHeadline(Tone.Good, station is null ? "Delivered" : "Collected", at is { } when ? $"{PromiseWords.Day(when, now, zone)} at {PromiseWords.Clock(when, zone)}" : null);
        }

        if (open.Find(job => job.Status == JobStatus.Failed) is { } failed)
            return new TrackHeadline(Tone.Bad, "We could not hand it over", failed.FailureReason is { Length: > 0 } reason ? $"The courier says: {reason}" : "The courier takes it back.");

        var estimated = open.Count == 0 ? null : open.Max(job => job.EstimatedAt);
        var promised = PromiseWords.By(order.PromisedAt, now, zone);
        var arriving = station is null ? "Arriving" : "Ready to collect";
        if ((estimated ?? now) > order.PromisedAt + Punctual)
        {
            return estimated > now
                ? new TrackHeadline(Tone.Warn, $"Late: now {PromiseWords.About(estimated.Value, now, zone)}", $"We promised {Lower(promised)}. We are sorry.")
                : new TrackHeadline(Tone.Warn, "Late", $"We promised {Lower(promised)}. We are sorry; we do not know the new time yet.");
        }

        var isNear = open.Exists(job => job.Status == JobStatus.OutForDelivery);
        return estimated switch
        {
            null => new TrackHeadline(Tone.Info, $"{arriving} {Lower(promised)}", "The shelf is chosen and the goods are kept for you."),
            { } about when about <= now + TimeSpan.FromMinutes(1) => new TrackHeadline(Tone.Good, isNear ? "At your door any moment" : "Any minute now", $"Promised: {Lower(promised)}"),
            { } about => new TrackHeadline(isNear ? Tone.Good : Tone.Info, $"{arriving} {PromiseWords.About(about, now, zone)}", $"Promised: {Lower(promised)}"),
        };
    }

    public static bool IsReadyToCollect(Order order, IReadOnlyList<Job> jobs, Location? station)
    {
        var waiting = order.Fulfilments.Where(one => one.Allocations.Any(allocation => allocation.Open + allocation[LineStatus.Shipped] > 0)).ToList();
        return station is not null && waiting.Count > 0 && waiting.TrueForAll(one => one.Status switch
        {
            LineStatus.Packed => !jobs.Any(job => job.Reference.StartsWith(one.Id.ToString(), StringComparison.Ordinal) && job.Status != JobStatus.Cancelled),
            LineStatus.Shipped => jobs.Any(job => job.Reference.StartsWith(one.Id.ToString(), StringComparison.Ordinal) && job.Status == JobStatus.Delivered),
            _ => false,
        });
    }

    public static IReadOnlyList<TimelineStep> Steps(Order order, FulfilmentOrder fulfilment, IReadOnlyList<Allocation> parcel, Job? job, Location? station, IReadOnlyDictionary<(JobId, JobStatus), DateTimeOffset> times)
    {
        var status = OrderState.Of(parcel);
        var ordered = new TimelineStep("Ordered", StepState.Done, order.PlacedAt);
        if (status == LineStatus.Cancelled)
            return [ordered, new TimelineStep("Cancelled", StepState.Failed)];
        if (status == LineStatus.Short)
            return [ordered, new TimelineStep("Not on the shelf", StepState.Failed, null, order.Fulfilments.Any(one => one.Id.CompareTo(fulfilment.Id) > 0) ? "It comes from elsewhere: see the other parcel." : "It could not be had elsewhere either.")];

        List<TimelineStep> steps =
        [
            ordered,
            status switch
            {
                LineStatus.Reserved => new TimelineStep("Being picked and packed", StepState.ToCome, fulfilment.ReadyAt, "Kept for you; the shop has not begun"),
                LineStatus.Released or LineStatus.Picked => new TimelineStep("Being picked and packed", StepState.Current),
                _ => new TimelineStep("Picked and packed", StepState.Done),
            },
        ];
        if (job is not null && job.Status != JobStatus.Cancelled)
            steps.AddRange(Carried(job, station, times));
        else if (station is null)
            steps.Add(new TimelineStep("With the courier", status == LineStatus.Shipped ? StepState.Current : status is LineStatus.Delivered or LineStatus.Returned ? StepState.Done : StepState.ToCome));

        if (status == LineStatus.Returned || job?.Status == JobStatus.Returned)
            steps.Add(new TimelineStep("Brought back", StepState.Failed, At(job, JobStatus.Returned, times)));
        else if (station is not null)
            steps.Add(new TimelineStep($"Collected at {station.Name}", status == LineStatus.Delivered ? StepState.Done : StepState.ToCome, null));
        else
            steps.Add(new TimelineStep("Handed over", status == LineStatus.Delivered ? StepState.Done : StepState.ToCome, status == LineStatus.Delivered ? At(job, JobStatus.Delivered, times) : job?.EstimatedAt ?? order.PromisedAt));
        return steps;
    }

    private static IEnumerable<TimelineStep> Carried(Job job, Location? station, IReadOnlyDictionary<(JobId, JobStatus), DateTimeOffset> times)
    {
        var who = job.CourierCode is null ? null : $"{(job.IsCourierSimulated ? "◇ " : "")}Courier {job.CourierCode}, {VehicleWord(job.Vehicle)}{(job.IsCourierSimulated ? ", simulated" : "")}";
        yield return job.Status switch
        {
            JobStatus.Booked => new TimelineStep("A courier is being found", StepState.ToCome),
            JobStatus.Assigned or JobStatus.Accepted => new TimelineStep("A courier comes to fetch it", StepState.Current, null, who),
            _ => new TimelineStep("Fetched by the courier", StepState.Done, At(job, JobStatus.Collected, times), who),
        };
        if (job.Status is JobStatus.OutForDelivery or JobStatus.Collected)
            yield return new TimelineStep(job.Status == JobStatus.OutForDelivery ? "On the way to you" : "On its way, after other stops", StepState.Current, At(job, JobStatus.OutForDelivery, times));
        if (job.Status == JobStatus.Failed)
            yield return new TimelineStep("Could not be handed over", StepState.Failed, At(job, JobStatus.Failed, times), job.FailureReason);
        if (job.Status == JobStatus.Delivered && station is not null)
            yield return new TimelineStep($"Waits at {station.Name}", StepState.Done, At(job, JobStatus.Delivered, times));
    }

    private static DateTimeOffset? At(Job? job, JobStatus status, IReadOnlyDictionary<(JobId, JobStatus), DateTimeOffset> times) =>
        job is not null && times.TryGetValue((job.Id, status), out var at) ? at : null;

    public static string VehicleWord(VehicleKind? vehicle) => vehicle switch
    {
        VehicleKind.Bicycle => "by bicycle",
        VehicleKind.Scooter => "by scooter",
        VehicleKind.Van => "by van",
        _ => "on foot",
    };

    private static string Lower(string words) => words.StartsWith("To", StringComparison.Ordinal) || words.StartsWith("Ye", StringComparison.Ordinal) ? char.ToLowerInvariant(words[0]) + words[1..] : words;
}
