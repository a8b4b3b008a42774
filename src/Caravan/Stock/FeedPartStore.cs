using System.IO.Compression;
using System.Text.Json;
using Caravan.Platform.Pruning;
using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>Where a large document is.</summary>
internal enum IntakeState
{
    /// <summary>Its lines are still arriving; nobody has been answered.</summary>
    Receiving,

    /// <summary>The breaker has stopped it: a person decides.</summary>
    Waiting,

    /// <summary>It goes into the book.</summary>
    Applying,
}

/// <summary>What has become of the lines so far.</summary>
internal sealed record SliceCounts(int Changed, int Unchanged, int Outdated, int Zeroed, int Rejected, int Lowered);

/// <summary>A large document: its lines lie in parts, and a step is one of them gone through.</summary>
internal sealed record StoredDocument
{
    public PartnerId Tenant { get; init; }
    public FeedDocumentId Document { get; init; }
    public FeedId Feed { get; init; }
    public IntakeState State { get; init; }
    public DocumentKind Kind { get; init; }
    public DateTimeOffset AsOf { get; init; }
    public long? Sequence { get; init; }
    public FeedScope Scope { get; init; } = new();
    public int Lines { get; init; }
    public int Parts { get; init; }

    /// <summary>The next step. A snapshot: first what each part lowers, then what is left out, then each part whole; a delta: each part.</summary>
    public int Step { get; init; }

    public SliceCounts Counts { get; init; } = new(0, 0, 0, 0, 0, 0);
    public DateTimeOffset MovedAt { get; init; }

    /// <summary>How many lines have been gone through, as a person counts: half a snapshot's work is looking for what goes down.</summary>
    public int Handled => Parts == 0 ? Lines : (int)((long)Lines * Math.Max(0, Step - Parts - 1) / Parts);
}

/// <summary>Large documents and their parts in SQL. A part is the JSON of its lines, deflated.</summary>
internal static class FeedPartStore
{
    private const string Columns = "tenant, document, feed, state, kind, as_of, sequence, scope, lines, parts, step, counts, moved_at";
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromHours(6);

    /// <summary>Throws away what was begun and never sent to its end.</summary>
    public static Pruning Pruning => new("stock files that were broken off", IsOfEachTenant: true, async (tx, tenant, most) =>
    {
        var documents = await tx.QueryAsync<FeedDocumentId>(
            "SELECT document FROM feed_intakes WHERE tenant = @tenant AND state = 'Receiving' AND moved_at < @before LIMIT @most", new { tenant, before = tx.Now - AbandonedAfter, most });
        foreach (var document in documents)
            await ForgetAsync(tx, tenant, document);
        return documents.Count;
    });

    public static async Task<StoredDocument?> FindAsync(Db db, PartnerId tenant, FeedDocumentId document) =>
        (await db.FirstAsync<Row>($"SELECT {Columns} FROM feed_intakes WHERE tenant = @tenant AND document = @document", new { tenant, document }))?.ToDocument();

    /// <summary>The document of a feed that is being applied; none when none is.</summary>
    public static async Task<StoredDocument?> ApplyingAsync(Db db, Feed feed) =>
        (await db.FirstAsync<Row>($"SELECT {Columns} FROM feed_intakes WHERE tenant = @Tenant AND feed = @Id AND state = 'Applying'", new { feed.Tenant, feed.Id }))?.ToDocument();

    /// <summary>All companies' documents that are being applied and have not moved since an instant.</summary>
    public static async Task<List<StoredDocument>> StandingAsync(Db db, DateTimeOffset since) =>
        (await db.QueryAsync<Row>($"SELECT {Columns} FROM feed_intakes WHERE state = 'Applying' AND moved_at <= @since ORDER BY moved_at", new { since })).ConvertAll(row => row.ToDocument());

    public static Task PutAsync(Tx tx, StoredDocument stored) => tx.ExecuteAsync(
        """
        INSERT INTO feed_intakes (tenant, document, feed, state, kind, as_of, sequence, scope, lines, parts, step, counts, moved_at)
        VALUES (@Tenant, @Document, @Feed, @state, @kind, @AsOf, @Sequence, @scope, @Lines, @Parts, @Step, @counts, @MovedAt)
        ON CONFLICT (tenant, document) DO UPDATE SET state = excluded.state, kind = excluded.kind, as_of = excluded.as_of, sequence = excluded.sequence, scope = excluded.scope,
            lines = excluded.lines, parts = excluded.parts, step = excluded.step, counts = excluded.counts, moved_at = excluded.moved_at
        """,
        new
        {
            stored.Tenant,
            stored.Document,
            stored.Feed,
            state = stored.State.ToString(),
            kind = stored.Kind.ToString(),
            stored.AsOf,
            stored.Sequence,
            scope = JsonSerializer.Serialize(stored.Scope, FeedJson.Default.FeedScope),
            stored.Lines,
            stored.Parts,
            stored.Step,
            counts = JsonSerializer.Serialize(stored.Counts, FeedJson.Default.SliceCounts),
            stored.MovedAt,
        });

    public static async Task AddPartAsync(Tx tx, StoredDocument of, int part, byte[] body) => await Prepared.ExecuteAsync(
        tx,
        "INSERT INTO feed_parts (tenant, document, part, body) VALUES (@p0, @p1, @p2, @p3)",
        of.Tenant.Value,
        of.Document.Value,
        part,
        body);

    public static async Task<List<FeedLine>> LinesAsync(Db db, StoredDocument of, int part) =>
        Unpack(await db.ValueAsync<byte[]>("SELECT body FROM feed_parts WHERE tenant = @Tenant AND document = @Document AND part = @part", new { of.Tenant, of.Document, part }));

    public static async Task ForgetAsync(Tx tx, PartnerId tenant, FeedDocumentId document)
    {
        await tx.ExecuteAsync("DELETE FROM feed_parts WHERE tenant = @tenant AND document = @document", new { tenant, document });
        await tx.ExecuteAsync("DELETE FROM feed_intakes WHERE tenant = @tenant AND document = @document", new { tenant, document });
    }

    public static byte[] Pack(List<FeedLine> lines)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest))
            JsonSerializer.Serialize(deflate, lines, FeedJson.Default.ListFeedLine);
        return packed.ToArray();
    }

    public static List<FeedLine> Unpack(byte[] body)
    {
        using var deflate = new DeflateStream(new MemoryStream(body), CompressionMode.Decompress);
        return JsonSerializer.Deserialize(deflate, FeedJson.Default.ListFeedLine) ?? [];
    }

    private sealed record Row
    {
        public PartnerId Tenant { get; init; }
        public FeedDocumentId Document { get; init; }
        public FeedId Feed { get; init; }
        public IntakeState State { get; init; }
        public DocumentKind Kind { get; init; }
        public DateTimeOffset AsOf { get; init; }
        public long? Sequence { get; init; }
        public string Scope { get; init; } = "";
        public int Lines { get; init; }
        public int Parts { get; init; }
        public int Step { get; init; }
        public string Counts { get; init; } = "";
        public DateTimeOffset MovedAt { get; init; }

        public StoredDocument ToDocument() => new()
        {
            Tenant = Tenant,
            Document = Document,
            Feed = Feed,
            State = State,
            Kind = Kind,
            AsOf = AsOf,
            Sequence = Sequence,
            Scope = JsonSerializer.Deserialize(Scope, FeedJson.Default.FeedScope) ?? new FeedScope(),
            Lines = Lines,
            Parts = Parts,
            Step = Step,
            Counts = JsonSerializer.Deserialize(Counts, FeedJson.Default.SliceCounts) ?? new SliceCounts(0, 0, 0, 0, 0, 0),
            MovedAt = MovedAt,
        };
    }
}
