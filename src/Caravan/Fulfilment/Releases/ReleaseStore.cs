using Caravan.Platform.Storage;

namespace Caravan.Fulfilment.Releases;

internal static class ReleaseStore
{
    private const string Columns = "tenant, id, order_id, operator, location, state, released_at, acknowledge_by, answered_at, answered_by, reason, note, units_left";

    /// <summary>How long each of an operator's nodes that say yes or no may take.</summary>
    public static async Task<Dictionary<LocationId, int>> RulesAsync(Db db, PartnerId @operator) =>
        (await db.QueryAsync<RuleRow>("SELECT location, acknowledge_minutes FROM release_rules WHERE tenant = @operator", new { @operator })).ToDictionary(row => row.Location, row => row.AcknowledgeMinutes);

    /// <summary>A node says yes or no from now on; null: it no longer does.</summary>
    public static Task SetRuleAsync(Tx tx, PartnerId @operator, LocationId location, int? minutes) => tx.ExecuteAsync(
        minutes is null
            ? "DELETE FROM release_rules WHERE tenant = @operator AND location = @location"
            : "INSERT INTO release_rules (tenant, location, acknowledge_minutes) VALUES (@operator, @location, @minutes) ON CONFLICT (tenant, location) DO UPDATE SET acknowledge_minutes = excluded.acknowledge_minutes",
        new { @operator, location, minutes });

    public static async Task InsertAsync(Tx tx, IEnumerable<NodeRelease> releases)
    {
        foreach (var release in releases)
        {
            await tx.ExecuteAsync(
                """
                INSERT INTO node_releases (tenant, id, order_id, operator, location, state, released_at, acknowledge_by)
                VALUES (@Seller, @Id, @Order, @Operator, @Location, @state, @ReleasedAt, @AcknowledgeBy)
                """,
                new { release.Seller, release.Id, release.Order, release.Operator, release.Location, state = release.State.ToString(), release.ReleasedAt, release.AcknowledgeBy });
        }
    }

    public static async Task<NodeRelease?> FindAsync(Db db, PartnerId seller, FulfilmentId id) =>
        (await db.FirstAsync<Row>($"SELECT {Columns} FROM node_releases WHERE tenant = @seller AND id = @id", new { seller, id }))?.ToRelease();

    /// <summary>All that were given for an order.</summary>
    public static async Task<List<NodeRelease>> OfOrderAsync(Db db, PartnerId seller, OrderId order) =>
        (await db.QueryAsync<Row>($"SELECT {Columns} FROM node_releases WHERE tenant = @seller AND order_id = @order", new { seller, order })).ConvertAll(row => row.ToRelease());

    /// <summary>A seller's that were declined and left units that nobody else had, oldest first.</summary>
    public static async Task<List<NodeRelease>> LeftAsync(Db db, PartnerId seller, int count) =>
        (await db.QueryAsync<Row>($"SELECT {Columns} FROM node_releases WHERE tenant = @seller AND units_left > 0 ORDER BY released_at LIMIT @count", new { seller, count })).ConvertAll(row => row.ToRelease());

    /// <summary>Those whose time is over, of all sellers.</summary>
    public static async Task<List<NodeRelease>> DueAsync(Db db, DateTimeOffset now, int count) =>
        (await db.QueryAsync<Row>($"SELECT {Columns} FROM node_releases WHERE state = 'Waiting' AND acknowledge_by <= @now ORDER BY acknowledge_by LIMIT @count", new { now, count })).ConvertAll(row => row.ToRelease());

    public static Task UpdateAsync(Tx tx, NodeRelease release) => tx.ExecuteAsync(
        "UPDATE node_releases SET state = @state, answered_at = @AnsweredAt, answered_by = @AnsweredBy, reason = @reason, note = @Note, units_left = @UnitsLeft WHERE tenant = @Seller AND id = @Id",
        new { release.Seller, release.Id, state = release.State.ToString(), release.AnsweredAt, release.AnsweredBy, reason = release.Reason?.ToString(), release.Note, release.UnitsLeft });

    private sealed record RuleRow
    {
        public LocationId Location { get; init; }
        public int AcknowledgeMinutes { get; init; }
    }

    private sealed record Row
    {
        public PartnerId Tenant { get; init; }
        public FulfilmentId Id { get; init; }
        public OrderId OrderId { get; init; }
        public PartnerId Operator { get; init; }
        public LocationId Location { get; init; }
        public ReleaseState State { get; init; }
        public DateTimeOffset ReleasedAt { get; init; }
        public DateTimeOffset AcknowledgeBy { get; init; }
        public DateTimeOffset? AnsweredAt { get; init; }
        public string? AnsweredBy { get; init; }
        public DeclineReason? Reason { get; init; }
        public string? Note { get; init; }
        public int UnitsLeft { get; init; }

        public NodeRelease ToRelease() => new()
        {
            Seller = Tenant,
            Id = Id,
            Order = OrderId,
            Operator = Operator,
            Location = Location,
            State = State,
            ReleasedAt = ReleasedAt,
            AcknowledgeBy = AcknowledgeBy,
            AnsweredAt = AnsweredAt,
            AnsweredBy = AnsweredBy,
            Reason = Reason,
            Note = Note,
            UnitsLeft = UnitsLeft,
        };
    }
}
