using System.Diagnostics;
using System.Diagnostics.Metrics;
using Caravan.Platform.Storage;

namespace Caravan.Platform.Telemetry;

/// <summary>
/// The names under which the server tells about itself: its meter for figures and its source for traces. A room makes its
/// instruments on the meter by <see cref="Of"/>; no label names a partner, an order or a place.
/// </summary>
internal static class Figures
{
    public const string MeterName = "Caravan";

    /// <summary>Spans of work that no request holds together: a batch at the desk, events brought to a subscriber.</summary>
    public static readonly ActivitySource Traces = new("Caravan");

    public static Meter Of(IMeterFactory meters) => meters.Create(MeterName);

    /// <summary>What is to be seen of the store: who waits, what is remembered.</summary>
    public static void Watch(IMeterFactory meters, Store store)
    {
        var meter = Of(meters);
        meter.CreateObservableGauge("caravan.store.waiting", () => store.Waiting, description: "Pieces of work that wait for the store's writer.");
        meter.CreateObservableGauge("caravan.store.waiting.max", () => Store.WaitingMax, description: "How many may wait; beyond, requests are turned away with 503.");
        meter.CreateObservableGauge("caravan.cache.weight", () => OfCaches(store, cache => cache.Weight), description: "How much a copy in memory holds, in the cache's own measure.");
        meter.CreateObservableGauge("caravan.cache.weight.max", () => OfCaches(store, cache => cache.WeightMax), description: "How much it may hold.");
        meter.CreateObservableCounter("caravan.cache.hits", () => OfCaches(store, cache => cache.Hits), description: "Look-ups that were answered from memory.");
        meter.CreateObservableCounter("caravan.cache.misses", () => OfCaches(store, cache => cache.Misses), description: "Look-ups that had to ask the store.");
    }

    private static IEnumerable<Measurement<long>> OfCaches(Store store, Func<CacheState, long> figure) =>
        store.Caches.Select(cache => new Measurement<long>(figure(cache.Value()), new KeyValuePair<string, object?>("cache", cache.Key)));
}
