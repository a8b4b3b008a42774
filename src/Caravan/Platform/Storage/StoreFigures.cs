using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Caravan.Platform.Storage;

/// <summary>What the store's writer tells about itself.</summary>
internal sealed class StoreFigures(Meter meter)
{
    private readonly Histogram<double> commits = meter.CreateHistogram("caravan.store.commit.duration", "s", "From the word to commit until it is on disk.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] });
    private readonly Histogram<int> pieces = meter.CreateHistogram("caravan.store.commit.pieces", null, "Pieces of work that shared a transaction.", tags: null, new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });
    private readonly Counter<long> redone = meter.CreateCounter<long>("caravan.store.redone", null, "Transactions done again because another one was in the way, or the connection broke.");
    private readonly Counter<long> turnedAway = meter.CreateCounter<long>("caravan.store.turned_away", null, "Writes turned away because too many wait.");

    public void Committed(long since, int count)
    {
        commits.Record(Stopwatch.GetElapsedTime(since).TotalSeconds);
        pieces.Record(count);
    }

    public void Redone() => redone.Add(1);

    public void TurnedAway() => turnedAway.Add(1);
}

/// <summary>How a copy in memory does: what it holds of what it may, and how often it knew the answer.</summary>
internal readonly record struct CacheState(long Weight, long WeightMax, long Hits, long Misses);
