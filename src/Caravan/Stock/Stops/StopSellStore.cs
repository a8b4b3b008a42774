using Caravan.Platform.Storage;

namespace Caravan.Stock.Stops;

internal static class StopSellStore
{
    /// <summary>A company's stops have changed.</summary>
    public const string Topic = "stop-sells";

    private const string Columns = "tenant, id, item, location, feed, agreement, partner, reason, made_by, made_at, lifted_by, lifted_at";

    /// <summary>All companies' stops in force.</summary>
    public static async Task<List<StopSell>> ActiveAsync(Db db) =>
        (await db.QueryAsync<Row>($"SELECT {Columns} FROM stop_sells WHERE lifted_at IS NULL")).ConvertAll(row => row.ToStop());

    /// <summary>How many of a company's are in force.</summary>
    public static Task<int> CountAsync(Db db, PartnerId company) =>
        db.ValueAsync<int>("SELECT COUNT(*) FROM stop_sells WHERE tenant = @company AND lifted_at IS NULL", new { company });

    public static async Task<StopSell?> FindAsync(Db db, PartnerId company, StopSellId id) =>
        (await db.FirstAsync<Row>($"SELECT {Columns} FROM stop_sells WHERE tenant = @company AND id = @id", new { company, id }))?.ToStop();

    /// <summary>A company's, newest first, those before a cursor; only those in force, or also the lifted ones.</summary>
    public static async Task<List<StopSell>> ListAsync(Db db, PartnerId company, bool onlyActive, StopSellId? before, int count) => (await db.QueryAsync<Row>(
        $"SELECT {Columns} FROM stop_sells WHERE tenant = @company {(onlyActive ? "AND lifted_at IS NULL" : "")} {(before is null ? "" : "AND id < @before")} ORDER BY id DESC LIMIT @count", new { company, before, count })).ConvertAll(row => row.ToStop());

    public static Task InsertAsync(Tx tx, StopSell stop)
    {
        tx.Announce(Topic, stop.Company);
        return tx.ExecuteAsync(
            """
            INSERT INTO stop_sells (tenant, id, item, location, feed, agreement, partner, reason, made_by, made_at)
            VALUES (@Company, @Id, @Item, @Location, @Feed, @Agreement, @Partner, @Reason, @MadeBy, @MadeAt)
            """,
            stop);
    }

    /// <summary>Lifts a stop, unless somebody has.</summary>
    public static Task LiftAsync(Tx tx, PartnerId company, StopSellId id, string by)
    {
        tx.Announce(Topic, company);
        return tx.ExecuteAsync("UPDATE stop_sells SET lifted_by = @by, lifted_at = @now WHERE tenant = @company AND id = @id AND lifted_at IS NULL", new { company, id, by, now = tx.Now });
    }

    private sealed record Row
    {
        public PartnerId Tenant { get; init; }
        public StopSellId Id { get; init; }
        public ItemId? Item { get; init; }
        public LocationId? Location { get; init; }
        public FeedId? Feed { get; init; }
        public AgreementId? Agreement { get; init; }
        public PartnerId? Partner { get; init; }
        public string Reason { get; init; } = "";
        public string MadeBy { get; init; } = "";
        public DateTimeOffset MadeAt { get; init; }
        public string? LiftedBy { get; init; }
        public DateTimeOffset? LiftedAt { get; init; }

        public StopSell ToStop() => new()
        {
            Company = Tenant,
            Id = Id,
            Item = Item,
            Location = Location,
            Feed = Feed,
            Agreement = Agreement,
            Partner = Partner,
            Reason = Reason,
            MadeBy = MadeBy,
            MadeAt = MadeAt,
            LiftedBy = LiftedBy,
            LiftedAt = LiftedAt,
        };
    }
}
