using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>Puts the lines of a large document into the store as they arrive, part by part; nothing is in the book yet.</summary>
internal sealed class FeedUpload(Store store, PartnerId owner, FeedId feed, TimeProvider clock)
{
    /// <summary>How many lines are a part, and so a slice: some tens of milliseconds of the writer's time.</summary>
    public const int PartLines = 1_000;

    private const int PartsAtOnce = 8;
    private readonly List<byte[]> packed = [];
    private List<FeedLine> lines = new(PartLines);

    /// <summary>What is known of it so far.</summary>
    public StoredDocument Stored { get; private set; } = new() { Tenant = owner, Feed = feed, Document = FeedDocumentId.New(clock.GetUtcNow()) };

    public async Task AddAsync(FeedLine line, CancellationToken cancel)
    {
        lines.Add(line);
        if (lines.Count < PartLines)
            return;

        Pack();
        if (packed.Count == PartsAtOnce)
            await FlushAsync(cancel);
    }

    /// <summary>All lines have come: they are on disk.</summary>
    public async Task<StoredDocument> EndAsync(DocumentKind kind, DateTimeOffset asOf, long? sequence, FeedScope scope, CancellationToken cancel)
    {
        if (lines.Count > 0)
            Pack();
        Stored = Stored with { Kind = kind, AsOf = asOf, Sequence = sequence, Scope = scope };
        await FlushAsync(cancel);
        return Stored;
    }

    /// <summary>It is not taken after all.</summary>
    public Task ForgetAsync() => store.WriteLaterAsync(
        async tx =>
        {
            await FeedPartStore.ForgetAsync(tx, owner, Stored.Document);
            return true;
        },
        CancellationToken.None);

    private void Pack()
    {
        packed.Add(FeedPartStore.Pack(lines));
        Stored = Stored with { Lines = Stored.Lines + lines.Count };
        lines = new List<FeedLine>(PartLines);
    }

    private async Task FlushAsync(CancellationToken cancel)
    {
        var before = Stored.Parts;
        Stored = Stored with { Parts = before + packed.Count, MovedAt = clock.GetUtcNow() };
        await store.WriteLaterAsync(
            async tx =>
            {
                await FeedPartStore.PutAsync(tx, Stored);
                for (var i = 0; i < packed.Count; i++)
                    await FeedPartStore.AddPartAsync(tx, Stored, before + i, packed[i]);
                return true;
            },
            cancel);
        packed.Clear();
    }
}
