using System.Runtime.InteropServices;
using Caravan.Network;
using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>A cell that several lines of a document tell of: the first of them, and one that says otherwise, if one does.</summary>
internal readonly record struct RepeatedCell(int FirstLine, int Quantity, bool IsChange, int OtherLine);

/// <summary>What is known of a large document as a whole, before and while its parts go into the book.</summary>
internal sealed class FeedJudgement
{
    private readonly Dictionary<ItemId, int> items = [];
    private readonly Dictionary<LocationId, int> locations = [];
    private readonly List<long> touched = [];

    /// <summary>Cells that more than one line tells of.</summary>
    public Dictionary<StockKey, RepeatedCell> Repeats { get; } = [];

    /// <summary>Which parts lower anything. Not known after a restart: then all may.</summary>
    public bool[]? Lowers { get; set; }

    /// <summary>The locations that its lines name.</summary>
    public IReadOnlyCollection<LocationId> Locations => locations.Keys;

    /// <summary>What it takes away.</summary>
    public BreakerCount Breaker { get; set; }

    public int Rejected { get; set; }

    public int Changed { get; set; }

    public int Zeroed { get; set; }

    /// <summary>Whether a line names the cell; to be asked when all lines have been.</summary>
    public bool IsTouched(StockKey key) =>
        items.TryGetValue(key.Item, out var item) && locations.TryGetValue(key.Location, out var location) && CollectionsMarshal.AsSpan(touched).BinarySearch(Pack(item, location)) >= 0;

    public long Touch(StockKey key)
    {
        ref var item = ref CollectionsMarshal.GetValueRefOrAddDefault(items, key.Item, out var isItem);
        item = isItem ? item : items.Count - 1;
        ref var location = ref CollectionsMarshal.GetValueRefOrAddDefault(locations, key.Location, out var isLocation);
        location = isLocation ? location : locations.Count - 1;
        var packed = Pack(item, location);
        touched.Add(packed);
        return packed;
    }

    /// <summary>Sorts what was touched, and says what was touched more than once.</summary>
    public HashSet<long> Sort()
    {
        touched.Sort();
        HashSet<long> twice = [];
        for (var i = 1; i < touched.Count; i++)
        {
            if (touched[i] == touched[i - 1])
                twice.Add(touched[i]);
        }

        return twice;
    }

    public long? Find(StockKey key) => items.TryGetValue(key.Item, out var item) && locations.TryGetValue(key.Location, out var location) ? Pack(item, location) : null;

    private static long Pack(int item, int location) => ((long)item << 32) | (uint)location;
}

/// <summary>
/// Looks through a large document before any of it is in the book: which cells its lines name, which of them more than once, and
/// what it would take away in all. It only reads, part by part, so nobody waits for it; it holds eight bytes a line.
/// </summary>
internal sealed class FeedJudge(Store store, FeedCodes codes, SafetyBook safety)
{
    public const int Page = 1_000;

    /// <summary>Looks through it. With <paramref name="isWhole"/> also at what it would do, which is what the breaker asks.</summary>
    public async Task<FeedJudgement> JudgeAsync(NetworkSnapshot network, Feed feed, StoredDocument stored, bool isWhole, DateTimeOffset now, CancellationToken cancel)
    {
        var judged = new FeedJudgement();
        for (var part = 0; part < stored.Parts; part++)
        {
            var (known, lines) = await ReadAsync(network, feed, stored, part, now, cancel);
            foreach (var line in lines)
            {
                if (known.KeyOf(feed.Tenant, line) is { } key)
                    judged.Touch(key);
            }
        }

        var twice = judged.Sort();
        if (!isWhole && twice.Count == 0)
            return judged;

        judged.Lowers = isWhole ? new bool[stored.Parts] : null;
        var moved = isWhole ? await store.ReadAsync(db => FeedCellStore.MovedSinceAsync(db, feed.Tenant, stored.AsOf), cancel) : [];
        if (twice.Count > 0)
        {
            for (var part = 0; part < stored.Parts; part++)
                await FindRepeatsAsync(part);
        }

        for (var part = 0; part < stored.Parts && isWhole; part++)
            await WeighAsync(part);
        if (isWhole && stored.Kind == DocumentKind.Snapshot)
            await WeighAbsentAsync();
        return judged;

        async Task FindRepeatsAsync(int part)
        {
            var (known, lines) = await ReadAsync(network, feed, stored, part, now, cancel);
            foreach (var line in lines)
            {
                if (known.KeyOf(feed.Tenant, line) is not { } key || judged.Find(key) is not { } packed || !twice.Contains(packed) || !known.Takes(line, stored.Scope, out var quantity))
                    continue;

                if (!judged.Repeats.TryGetValue(key, out var first))
                    judged.Repeats.Add(key, new RepeatedCell(line.Number, quantity, line.IsChange, 0));
                else if (first.OtherLine == 0 && (line.IsChange || first.IsChange || quantity != first.Quantity))
                    judged.Repeats[key] = first with { OtherLine = line.Number };
            }
        }

        async Task WeighAsync(int part)
        {
            var (known, lines) = await ReadAsync(network, feed, stored, part, now, cancel);
            var (planned, rejected) = Sort(known, feed, stored, judged, lines);
            var plan = await PlanAsync(planned, []);
            judged.Lowers![part] = plan.Writes.Any(write => write.After.OnHand < write.Before.OnHand || write.After.Sellable < write.Before.Sellable); // Set when whole.
            judged.Rejected += rejected.Count;
            judged.Changed += plan.Changed;
            judged.Breaker += plan.Breaker;
        }

        async Task WeighAbsentAsync()
        {
            await foreach (var page in AbsentAsync(network, feed, stored, judged, now, cancel))
            {
                var plan = await PlanAsync([], page);
                judged.Zeroed += plan.Zeroed;
                judged.Breaker += plan.Breaker;
            }
        }

        Task<FeedPlan> PlanAsync(IReadOnlyList<PlannedLine> planned, IReadOnlyList<StockKey> absent) => store.ReadAsync(
            async db =>
            {
                List<StockKey> keys = [.. planned.Select(line => line.Key), .. absent];
                var cells = await FeedCellStore.ReadAsync(db, feed.Tenant, keys);
                var safetyOf = await safety.OfAsync(db, feed.Tenant, [.. keys.Where(key => !cells.ContainsKey(key))]);
                return FeedPlan.Make(feed, stored.AsOf, stored.Sequence is not null, planned, absent, cells, moved, safetyOf);
            },
            cancel);
    }

    /// <summary>The lines that can be taken, and those that cannot, of one part: what other parts say of the same cells counts too.</summary>
    public static (List<PlannedLine> Taken, List<RejectedLine> Rejected) Sort(KnownCodes known, Feed feed, StoredDocument stored, FeedJudgement judged, List<FeedLine> lines)
    {
        var (taken, rejected) = known.Sort(feed.Tenant, lines, stored.Scope, stored.AsOf, []);
        if (judged.Repeats.Count == 0)
            return (taken, rejected);

        var byNumber = lines.ToDictionary(line => line.Number);
        List<PlannedLine> once = new(taken.Count);
        foreach (var line in taken)
        {
            if (!judged.Repeats.TryGetValue(line.Key, out var repeat))
                once.Add(line);
            else if (repeat.OtherLine > 0)
                rejected.Add(KnownCodes.RejectRepeat(byNumber[line.Line], repeat, stored.AsOf));
            else if (repeat.FirstLine == line.Line)
                once.Add(line);
        }

        return (once, rejected);
    }

    /// <summary>The cells that a snapshot leaves out, page by page.</summary>
    public async IAsyncEnumerable<List<StockKey>> AbsentAsync(NetworkSnapshot network, Feed feed, StoredDocument stored, FeedJudgement judged, DateTimeOffset now, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var (known, _) = await store.ReadAsync(async db => (await codes.FindAsync(db, network, feed, [], stored.Scope, now), 0), cancel);
        var items = stored.Scope.Items?.Select(code => known.Items.GetValueOrDefault(code)?.Id).ToHashSet();
        List<LocationId?> places = stored.Scope.IsLocationsInFile
            ? [.. judged.Locations.Where(known.Places.Contains)]
            : stored.Scope.Locations is { } named ? [.. named.Select(code => known.Locations.GetValueOrDefault(code)?.Id).Where(id => id is not null)] : [null];
        foreach (var place in places)
        {
            for (var after = default(StockKey); ;)
            {
                var page = await store.ReadAsync(db => FeedCellStore.NextAsync(db, feed, place, after, Page), cancel);
                var absent = page.Where(key => !judged.IsTouched(key) && (items is null || items.Contains(key.Item))).ToList();
                if (absent.Count > 0)
                    yield return absent;
                if (page.Count < Page)
                    break;
                after = page[^1];
            }
        }
    }

    private Task<(KnownCodes Known, List<FeedLine> Lines)> ReadAsync(NetworkSnapshot network, Feed feed, StoredDocument stored, int part, DateTimeOffset now, CancellationToken cancel) => store.ReadAsync(
        async db =>
        {
            var lines = await FeedPartStore.LinesAsync(db, stored, part);
            return (await codes.FindAsync(db, network, feed, lines, stored.Scope, now), lines);
        },
        cancel);
}
