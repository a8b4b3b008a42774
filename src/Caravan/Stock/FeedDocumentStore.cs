using System.Text.Json;
using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>Documents and the lines of them that were rejected, in SQL.</summary>
internal static class FeedDocumentStore
{
    private const string Columns = "id, kind, as_of, sequence, state, lines, changed, unchanged, outdated, zeroed, rejected, note, handled, received_at, decided_at";
    private const string LineColumns = "document, line, location, item, quantity, is_change, reason, detail, as_of";

    public static Task<FeedDocument?> FindAsync(Db db, Feed feed, FeedDocumentId id) =>
        db.FirstAsync<FeedDocument>($"SELECT {Columns} FROM feed_documents WHERE tenant = @Tenant AND id = @id AND feed = @feed", new { feed.Tenant, id, feed = feed.Id });

    /// <summary>The document with a number, when a feed sends it again.</summary>
    public static Task<FeedDocument?> OfSequenceAsync(Db db, Feed feed, long sequence) =>
        db.FirstAsync<FeedDocument>(
            $"SELECT {Columns} FROM feed_documents WHERE tenant = @Tenant AND feed = @Id AND sequence = @sequence ORDER BY id DESC LIMIT 1",
            new { feed.Tenant, feed.Id, sequence });

    /// <summary>A feed's documents, newest first, those before a cursor.</summary>
    public static Task<List<FeedDocument>> ListAsync(Db db, Feed feed, FeedDocumentId? before, int count) =>
        db.QueryAsync<FeedDocument>(
            $"SELECT {Columns} FROM feed_documents WHERE tenant = @Tenant AND feed = @Id AND (@before IS NULL OR id < @before) ORDER BY id DESC LIMIT @count",
            new { feed.Tenant, feed.Id, before, count });

    public static Task<List<FeedDocument>> WaitingAsync(Db db, Feed feed) =>
        db.QueryAsync<FeedDocument>($"SELECT {Columns} FROM feed_documents WHERE tenant = @Tenant AND feed = @Id AND state = 'Waiting' ORDER BY id", new { feed.Tenant, feed.Id });

    /// <summary>What a waiting document said.</summary>
    public static async Task<WaitingBody> BodyAsync(Db db, Feed feed, FeedDocumentId id) =>
        JsonSerializer.Deserialize(
            await db.ValueAsync<string>("SELECT body FROM feed_documents WHERE tenant = @Tenant AND id = @id", new { feed.Tenant, id }),
            FeedJson.Default.WaitingBody) ?? throw new JsonException($"Document {id} waits and has no body.");

    public static Task PutAsync(Tx tx, Feed feed, FeedDocument document, WaitingBody? body) => tx.ExecuteAsync(
        """
        INSERT INTO feed_documents (tenant, id, feed, kind, as_of, sequence, state, lines, changed, unchanged, outdated, zeroed, rejected, note, handled, body, received_at, decided_at)
        VALUES (@Tenant, @Id, @feed, @kind, @AsOf, @Sequence, @state, @Lines, @Changed, @Unchanged, @Outdated, @Zeroed, @Rejected, @Note, @Handled, @body, @ReceivedAt, @DecidedAt)
        ON CONFLICT (tenant, id) DO UPDATE SET state = excluded.state, changed = excluded.changed, unchanged = excluded.unchanged, outdated = excluded.outdated,
            zeroed = excluded.zeroed, rejected = excluded.rejected, note = excluded.note, handled = excluded.handled, body = excluded.body, decided_at = excluded.decided_at
        """,
        new
        {
            feed.Tenant,
            document.Id,
            feed = feed.Id,
            kind = document.Kind.ToString(),
            document.AsOf,
            document.Sequence,
            state = document.State.ToString(),
            document.Lines,
            document.Changed,
            document.Unchanged,
            document.Outdated,
            document.Zeroed,
            document.Rejected,
            document.Note,
            document.Handled,
            body = body is null ? null : JsonSerializer.Serialize(body, FeedJson.Default.WaitingBody),
            document.ReceivedAt,
            document.DecidedAt,
        });

    /// <summary>Says how far a large document is.</summary>
    public static Task TellAsync(Tx tx, StoredDocument stored) => tx.ExecuteAsync(
        """
        UPDATE feed_documents SET handled = @Handled, changed = @changed, unchanged = @unchanged, outdated = @Outdated, zeroed = @Zeroed, rejected = @Rejected
        WHERE tenant = @Tenant AND id = @Document
        """,
        new
        {
            stored.Tenant,
            stored.Document,
            stored.Handled,

            // A cell that was lowered first is met again and found right; it counts as changed.
            changed = stored.Counts.Changed + stored.Counts.Lowered,
            unchanged = Math.Max(0, stored.Counts.Unchanged - stored.Counts.Lowered),
            stored.Counts.Outdated,
            stored.Counts.Zeroed,
            stored.Counts.Rejected,
        });

    /// <summary>The first lines of a document that were rejected.</summary>
    public static Task<List<RejectedLine>> FirstRejectedAsync(Db db, Feed feed, FeedDocumentId document, int count) =>
        db.QueryAsync<RejectedLine>(
            $"SELECT {LineColumns} FROM feed_lines_rejected WHERE tenant = @Tenant AND document = @document ORDER BY line LIMIT @count",
            new { feed.Tenant, document, count });

    /// <summary>Open rejected lines in order of document and line, those after a cursor.</summary>
    public static Task<List<RejectedLine>> RejectedAsync(Db db, Feed feed, FeedDocumentId after, int afterLine, int count) =>
        db.QueryAsync<RejectedLine>(
            $"""
            SELECT {LineColumns} FROM feed_lines_rejected
            WHERE tenant = @Tenant AND feed = @Id AND resolved_at IS NULL AND (document, line) > (@after, @afterLine) ORDER BY document, line LIMIT @count
            """,
            new { feed.Tenant, feed.Id, after, afterLine, count });

    /// <summary>Open rejected lines that a changed mapping may have mended, oldest document first.</summary>
    public static Task<List<RejectedLine>> MendableAsync(Db db, Feed feed, int count) =>
        db.QueryAsync<RejectedLine>(
            $"""
            SELECT {LineColumns} FROM feed_lines_rejected
            WHERE tenant = @Tenant AND feed = @Id AND resolved_at IS NULL AND reason IN @reasons ORDER BY document, line LIMIT @count
            """,
            new { feed.Tenant, feed.Id, reasons = Reasons.Mendable, count });

    public static Task RejectAsync(Tx tx, Feed feed, FeedDocumentId document, IReadOnlyList<RejectedLine> lines) => Prepared.InsertAsync(
        tx,
        "INSERT INTO feed_lines_rejected (tenant, document, line, feed, location, item, quantity, is_change, reason, detail, as_of)",
        11,
        "ON CONFLICT (tenant, document, line) DO UPDATE SET reason = excluded.reason, detail = excluded.detail",
        lines,
        (line, values, at) =>
        {
            values[at] = feed.Tenant.Value;
            values[at + 1] = document.Value;
            values[at + 2] = line.Line;
            values[at + 3] = feed.Id.Value;
            values[at + 4] = line.Location;
            values[at + 5] = line.Item;
            values[at + 6] = line.Quantity;
            values[at + 7] = line.IsChange ? 1 : 0;
            values[at + 8] = line.Reason;
            values[at + 9] = line.Detail;
            values[at + 10] = line.AsOf;
        });

    public static async Task ResolveAsync(Tx tx, Feed feed, FeedDocumentId document, IEnumerable<int> lines)
    {
        foreach (var line in lines)
        {
            await Prepared.ExecuteAsync(
                tx,
                "UPDATE feed_lines_rejected SET resolved_at = @p3 WHERE tenant = @p0 AND document = @p1 AND line = @p2",
                feed.Tenant.Value,
                document.Value,
                line,
                tx.Now);
        }
    }

    /// <summary>A snapshot of everything makes the lines rejected before it moot.</summary>
    public static Task ResolveOlderAsync(Tx tx, Feed feed, DateTimeOffset asOf) => tx.ExecuteAsync(
        "UPDATE feed_lines_rejected SET resolved_at = @now WHERE tenant = @Tenant AND feed = @Id AND resolved_at IS NULL AND as_of <= @asOf",
        new { feed.Tenant, feed.Id, asOf, now = tx.Now });

    /// <summary>Newer figures for the same codes make rejected figures moot, so that a line that is wrong every day stands here once.</summary>
    public static async Task ResolveRepeatedAsync(Tx tx, Feed feed, DateTimeOffset asOf, IReadOnlyList<RejectedLine> lines)
    {
        foreach (var line in lines.Where(line => !line.IsChange))
        {
            await Prepared.ExecuteAsync(
                tx,
                """
                UPDATE feed_lines_rejected SET resolved_at = @p5
                WHERE tenant = @p0 AND feed = @p1 AND location = @p2 AND item = @p3 AND as_of <= @p4 AND is_change = 0 AND resolved_at IS NULL
                """,
                feed.Tenant.Value,
                feed.Id.Value,
                line.Location,
                line.Item,
                asOf,
                tx.Now);
        }
    }
}

/// <summary>A waiting document's scope and lines, as they are kept.</summary>
internal sealed record WaitingBody(FeedScope Scope, List<FeedLine> Lines);
