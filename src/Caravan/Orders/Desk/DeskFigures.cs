using System.Diagnostics.Metrics;
using Caravan.Platform.Telemetry;

namespace Caravan.Orders.Desk;

/// <summary>What the order desk tells about itself: who waits, how many share a batch, how orders come out.</summary>
internal sealed class DeskFigures
{
    private readonly Meter meter;
    private readonly Histogram<int> batches;
    private readonly Counter<long> decided;
    private readonly Counter<long> turnedAway;
    private readonly Counter<long> locked;

    public DeskFigures(IMeterFactory meters)
    {
        meter = Figures.Of(meters);
        batches = meter.CreateHistogram("caravan.desk.batch.orders", null, "Orders that shared a transaction.", tags: null, new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] });
        decided = meter.CreateCounter<long>("caravan.desk.decided", null, "Orders by what became of them: placed, repeated, refused and for what reason.");
        turnedAway = meter.CreateCounter<long>("caravan.desk.turned_away", null, "Orders turned away because the queue was full (503).");
        locked = meter.CreateCounter<long>("caravan.desk.locked", null, "Batches that found too little in some cell and were decided again with its rows locked.");
    }

    /// <summary>A batch found too little in some cell, and is decided with locks.</summary>
    public void Locked() => locked.Add(1);

    /// <summary>Shows how many orders wait, of how many that may.</summary>
    public void Watch(Func<int> waiting, int waitingMax)
    {
        meter.CreateObservableGauge("caravan.desk.waiting", waiting, description: "Orders that wait for a batch.");
        meter.CreateObservableGauge("caravan.desk.waiting.max", () => waitingMax, description: "How many may wait; beyond, orders are turned away with 503.");
    }

    public void Batch(int orders) => batches.Record(orders);

    public void TurnedAway() => turnedAway.Add(1);

    public void Decided(DeskOutcome outcome)
    {
        var (word, reason) = outcome switch
        {
            { IsKeyReused: true } => ("refused", "key-reused"),
            { Outcome: PlaceOutcome.Placed } => ("placed", ""),
            { Outcome: PlaceOutcome.Known } => ("refused", "number-taken"),
            { Outcome: PlaceOutcome.PromiseGone } => ("refused", "promise-gone"),
            { Outcome: PlaceOutcome.Faulty } => ("refused", "faulty"),
            { Outcome: PlaceOutcome.Refused refused } => ("refused", refused.Reason.ToString()),
            _ => ("repeated", ""),
        };
        decided.Add(1, new KeyValuePair<string, object?>("outcome", word), new KeyValuePair<string, object?>("reason", reason));
    }
}
