using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>Feeds and what they call things, in SQL.</summary>
internal static class FeedStore
{
    private const string Columns = "tenant, id, name, item_codes, is_net_of_orders, buffer, stale_after_minutes, breaker_percent, state, last_sequence, last_as_of, whole_as_of, fresh_until, created_at";

    /// <summary>A feed was heard: its figures count as true until the change's number.</summary>
    public const string Topic = "feeds";

    private const int SliceLength = 500;

    public static Task<Feed?> FindAsync(Db db, PartnerId owner, FeedId id) =>
        db.FirstAsync<Feed>($"SELECT {Columns} FROM feeds WHERE tenant = @owner AND id = @id", new { owner, id });

    public static Task<List<Feed>> AllAsync(Db db, PartnerId owner) =>
        db.QueryAsync<Feed>($"SELECT {Columns} FROM feeds WHERE tenant = @owner ORDER BY name", new { owner });

    public static Task PutAsync(Tx tx, Feed feed)
    {
        tx.Announce(Topic, feed.Tenant, feed.Id.Value, feed.FreshUntil?.ToMilliseconds() ?? 0);
        return tx.ExecuteAsync(
            """
            INSERT INTO feeds (tenant, id, name, item_codes, is_net_of_orders, buffer, stale_after_minutes, breaker_percent, state, last_sequence, last_as_of, whole_as_of, fresh_until, created_at)
            VALUES (@Tenant, @Id, @Name, @itemCodes, @IsNetOfOrders, @Buffer, @StaleAfterMinutes, @BreakerPercent, @state, @LastSequence, @LastAsOf, @WholeAsOf, @FreshUntil, @CreatedAt)
            ON CONFLICT (tenant, id) DO UPDATE SET name = excluded.name, item_codes = excluded.item_codes, is_net_of_orders = excluded.is_net_of_orders,
                buffer = excluded.buffer, stale_after_minutes = excluded.stale_after_minutes, breaker_percent = excluded.breaker_percent,
                state = excluded.state, last_sequence = excluded.last_sequence, last_as_of = excluded.last_as_of, whole_as_of = excluded.whole_as_of, fresh_until = excluded.fresh_until
            """,
            new
            {
                feed.Tenant,
                feed.Id,
                feed.Name,
                itemCodes = feed.ItemCodes.ToString(),
                feed.IsNetOfOrders,
                feed.Buffer,
                feed.StaleAfterMinutes,
                feed.BreakerPercent,
                state = feed.State.ToString(),
                feed.LastSequence,
                feed.LastAsOf,
                feed.WholeAsOf,
                feed.FreshUntil,
                feed.CreatedAt,
            });
    }

    /// <summary>A document is missing: until a snapshot comes, changes cannot be trusted.</summary>
    public static Task AwaitSnapshotAsync(Tx tx, Feed feed) => tx.ExecuteAsync(
        "UPDATE feeds SET state = 'AwaitingSnapshot' WHERE tenant = @Tenant AND id = @Id AND last_sequence = @LastSequence",
        new { feed.Tenant, feed.Id, feed.LastSequence });

    /// <summary>Sets the buffer of all of a feed's cells, and what they may sell with it.</summary>
    public static Task SpreadBufferAsync(Tx tx, Feed feed)
    {
        tx.Announce(StockStore.Topic, feed.Tenant);
        return tx.ExecuteAsync(
            $"""
            UPDATE stock_cells SET feed_buffer = @Buffer, buffer = {SafetySql.Buffer("on_hand", feedBuffer: "@Buffer")}, sellable = {SafetySql.Sellable("on_hand", feedBuffer: "@Buffer")}
            WHERE tenant = @Tenant AND feed = @Id AND feed_buffer <> @Buffer
            """,
            new { feed.Tenant, feed.Id, feed.Buffer });
    }

    /// <summary>Every feed of an owner with how it is doing.</summary>
    public static async Task<IReadOnlyList<FeedHealth>> HealthAsync(Db db, PartnerId owner, DateTimeOffset now, FeedId? only = null)
    {
        var rows = await db.QueryAsync<HealthRow>(
            """
            SELECT f.id, f.name, f.state, f.last_sequence, f.last_as_of, f.fresh_until,
                (SELECT COUNT(*) FROM stock_cells c WHERE c.tenant = f.tenant AND c.feed = f.id) AS cells,
                (SELECT COUNT(*) FROM feed_lines_rejected r WHERE r.tenant = f.tenant AND r.feed = f.id AND r.resolved_at IS NULL) AS rejected,
                (SELECT d.id FROM feed_documents d WHERE d.tenant = f.tenant AND d.feed = f.id AND d.state = 'Waiting' ORDER BY d.id LIMIT 1) AS waiting,
                (SELECT i.lines FROM feed_intakes i WHERE i.tenant = f.tenant AND i.feed = f.id AND i.state = 'Applying' LIMIT 1) AS applying,
                (SELECT d.handled FROM feed_intakes i JOIN feed_documents d ON d.tenant = i.tenant AND d.id = i.document WHERE i.tenant = f.tenant AND i.feed = f.id AND i.state = 'Applying' LIMIT 1) AS handled
            FROM feeds f WHERE f.tenant = @owner AND (@only IS NULL OR f.id = @only) ORDER BY f.name
            """,
            new { owner, only });
        return [.. rows.Select(row => row.ToHealth(now))];
    }

    /// <summary>The targets of those codes that are mapped.</summary>
    public static async Task<Dictionary<string, Guid>> MappingsAsync(Db db, Feed feed, string kind, IEnumerable<string> codes)
    {
        Dictionary<string, Guid> found = [];
        foreach (var slice in codes.Chunk(SliceLength))
        {
            foreach (var row in await db.QueryAsync<MappingRow>(
                "SELECT code, target FROM feed_mappings WHERE tenant = @Tenant AND feed = @Id AND kind = @kind AND code IN @slice",
                new { feed.Tenant, feed.Id, kind, slice }))
            {
                found.Add(row.Code, row.Target.Value);
            }
        }

        return found;
    }

    /// <summary>Mappings after a code, in order of kind and code.</summary>
    public static async Task<List<(string Kind, string Code, Guid Target)>> ListMappingsAsync(Db db, Feed feed, string afterKind, string afterCode, int count) =>
        [.. (await db.QueryAsync<MappingRow>(
            """
            SELECT kind, code, target FROM feed_mappings
            WHERE tenant = @Tenant AND feed = @Id AND (kind, code) > (@afterKind, @afterCode) ORDER BY kind, code LIMIT @count
            """,
            new { feed.Tenant, feed.Id, afterKind, afterCode, count })).Select(row => (row.Kind, row.Code, row.Target.Value))];

    /// <summary>Where a code stands twice, the last counts.</summary>
    public static Task MapAsync(Tx tx, Feed feed, string kind, IReadOnlyList<(string Code, Guid Target)> mappings) => Prepared.InsertAsync(
        tx,
        "INSERT INTO feed_mappings (tenant, feed, kind, code, target)",
        5,
        "ON CONFLICT (tenant, feed, kind, code) DO UPDATE SET target = excluded.target",
        [.. mappings.Reverse().DistinctBy(mapping => mapping.Code)],
        (mapping, values, at) =>
        {
            values[at] = feed.Tenant.Value;
            values[at + 1] = feed.Id.Value;
            values[at + 2] = kind;
            values[at + 3] = mapping.Code;
            values[at + 4] = mapping.Target;
        });

    private sealed record MappingRow
    {
        public string Kind { get; init; } = "";
        public string Code { get; init; } = "";

        // Of either kind; read through one id type and told apart by the kind.
        public ItemId Target { get; init; }
    }

    private sealed record HealthRow
    {
        public FeedId Id { get; init; }
        public string Name { get; init; } = "";
        public FeedState State { get; init; }
        public long LastSequence { get; init; }
        public DateTimeOffset? LastAsOf { get; init; }
        public DateTimeOffset? FreshUntil { get; init; }
        public int Cells { get; init; }
        public int Rejected { get; init; }
        public FeedDocumentId? Waiting { get; init; }
        public int? Applying { get; init; }
        public int? Handled { get; init; }

        public FeedHealth ToHealth(DateTimeOffset now) => new(
            Id,
            Name,
            Waiting is null ? State : FeedState.BreakerTripped,
            FreshUntil >= now,
            LastAsOf,
            FreshUntil,
            LastSequence,
            Cells,
            Rejected,
            Waiting)
        {
            ApplyingLines = Applying,
            ApplyingHandled = Handled ?? 0,
        };
    }
}
