using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Caravan.Platform.Telemetry;

namespace Caravan.Platform.Outbox;

/// <summary>How far behind each subscriber is: the age of the oldest event that it has yet to take, as this server last saw it.</summary>
internal sealed class OutboxFigures
{
    private readonly ConcurrentDictionary<string, DateTimeOffset?> oldest = new();
    private readonly Counter<long> parked;

    public OutboxFigures(IMeterFactory meters, TimeProvider clock)
    {
        var meter = Figures.Of(meters);
        parked = meter.CreateCounter<long>("caravan.outbox.parked", null, "Events that a subscriber could not take and that were set aside.");
        meter.CreateObservableGauge(
            "caravan.outbox.lag",
            () => oldest.Select(one => new Measurement<double>(one.Value is { } since ? Math.Max(0, (clock.GetUtcNow() - since).TotalSeconds) : 0, new KeyValuePair<string, object?>("subscriber", one.Key))),
            "s",
            "Age of the oldest event that a subscriber has yet to take.");
    }

    public void Behind(string subscriber, DateTimeOffset? since) => oldest[subscriber] = since;

    /// <summary>Another server brings it its events, and tells.</summary>
    public void Elsewhere(string subscriber) => oldest.TryRemove(subscriber, out _);

    public void Parked(string subscriber) => parked.Add(1, new KeyValuePair<string, object?>("subscriber", subscriber));
}
