using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>Quotas, what counts against them, and by which orders, in SQL.</summary>
internal static class QuotaStore
{
    /// <summary>Quotas of an owner have changed.</summary>
    public const string Topic = "quotas";

    private const string Columns = "tenant, id, kind, item, location, channel, agreement, is_per_item, is_per_day, units, until, created_at";

    /// <summary>An owner's quotas that may hold at an instant or later, in the order they were made.</summary>
    public static async Task<List<Quota>> InForceAsync(Db db, PartnerId owner, DateTimeOffset now) =>
        (await db.QueryAsync<Row>($"SELECT {Columns} FROM quotas WHERE tenant = @owner AND (until IS NULL OR until > @now) ORDER BY id", new { owner, now })).ConvertAll(row => row.ToQuota());

    public static async Task<Quota?> FindAsync(Db db, PartnerId owner, QuotaId id) =>
        (await db.FirstAsync<Row>($"SELECT {Columns} FROM quotas WHERE tenant = @owner AND id = @id", new { owner, id }))?.ToQuota();

    /// <summary>Quotas, also over ones, newest first, those before a cursor.</summary>
    public static async Task<List<Quota>> ListAsync(Db db, PartnerId owner, QuotaId? before, int count) =>
        (await db.QueryAsync<Row>($"SELECT {Columns} FROM quotas WHERE tenant = @owner {(before is null ? "" : "AND id < @before")} ORDER BY id DESC LIMIT @count", new { owner, before, count })).ConvertAll(row => row.ToQuota());

    public static Task InsertAsync(Tx tx, Quota quota)
    {
        tx.Announce(Topic, quota.Owner);
        return tx.ExecuteAsync(
            """
            INSERT INTO quotas (tenant, id, kind, item, location, channel, agreement, is_per_item, is_per_day, units, until, created_at)
            VALUES (@Owner, @Id, @kind, @Item, @Location, @Channel, @Agreement, @IsPerItem, @IsPerDay, @Units, @Until, @CreatedAt)
            """,
            new { quota.Owner, quota.Id, kind = quota.Kind.ToString(), quota.Item, quota.Location, quota.Channel, quota.Agreement, quota.IsPerItem, quota.IsPerDay, quota.Units, quota.Until, quota.CreatedAt });
    }

    /// <summary>Ends a quota now, unless it is over; false when there is none.</summary>
    public static async Task<bool> EndAsync(Tx tx, PartnerId owner, QuotaId id)
    {
        tx.Announce(Topic, owner);
        await tx.ExecuteAsync("UPDATE quotas SET until = @now WHERE tenant = @owner AND id = @id AND (until IS NULL OR until > @now)", new { owner, id, now = tx.Now });
        return await FindAsync(tx, owner, id) is not null;
    }

    /// <summary>What has been counted against some of an owner's quotas, ever or on the day of an instant.</summary>
    public static async Task<Dictionary<QuotaCount, int>> CountsAsync(Db db, PartnerId owner, IReadOnlyCollection<QuotaId> quotas, DateTimeOffset now) => quotas.Count == 0 ? [] :
        (await db.QueryAsync<CountRow>("SELECT quota, item, day, units FROM quota_counts WHERE tenant = @owner AND quota IN @keys AND (day = 0 OR day = @today)", new { owner, keys = quotas.ToKeys(db), today = Quota.DayOf(now) }))
            .ToDictionary(row => new QuotaCount(row.Quota, row.Item, row.Day), row => row.Units);

    /// <summary>Counts what an order has taken.</summary>
    public static async Task UseAsync(Tx tx, PartnerId seller, OrderId order, IReadOnlyCollection<QuotaUse> uses)
    {
        await CountAsync(tx, uses.Select(use => (use.Take.Owner, use.Count, use.Units)));
        await tx.ExecuteAsync(
            """
            INSERT INTO quota_uses (tenant, seller, order_id, line, quota, location, item, day, units, quantity) VALUES (@Owner, @seller, @order, @Line, @Quota, @Location, @Item, @Day, @Units, @Quantity)
            ON CONFLICT (tenant, seller, order_id, line, quota, location) DO UPDATE SET units = quota_uses.units + excluded.units, quantity = quota_uses.quantity + excluded.quantity
            """,
            uses.Select(use => new { use.Take.Owner, seller, order, use.Line, use.Count.Quota, use.Take.Location, use.Count.Item, use.Count.Day, use.Units, use.Take.Quantity }));
    }

    /// <summary>Units that an order took from an owner's stock were called off: what it took beyond its quotas goes first.</summary>
    public static async Task GiveBackAsync(Tx tx, PartnerId seller, OrderId order, int line, StockTake units)
    {
        foreach (var use in await tx.QueryAsync<UseRow>(
            "SELECT quota, item, day, units, quantity FROM quota_uses WHERE tenant = @Owner AND seller = @seller AND order_id = @order AND line = @line AND location = @Location",
            new { units.Owner, seller, order, line, units.Location }))
        {
            var quantity = Math.Max(0, use.Quantity - units.Quantity);
            var kept = Math.Min(use.Units, quantity);
            await tx.ExecuteAsync(
                "UPDATE quota_uses SET units = @kept, quantity = @quantity WHERE tenant = @Owner AND seller = @seller AND order_id = @order AND line = @line AND quota = @Quota AND location = @Location",
                new { units.Owner, seller, order, line, use.Quota, units.Location, kept, quantity });
            await CountAsync(tx, [(units.Owner, new QuotaCount(use.Quota, use.Item, use.Day), kept - use.Units)]);
        }
    }

    // What is taken back was counted before, so that a row is there.
    private static async Task CountAsync(Tx tx, IEnumerable<(PartnerId Owner, QuotaCount Count, int Units)> counts)
    {
        foreach (var (owner, count, units) in counts.GroupBy(one => (one.Owner, one.Count)).Select(one => (one.Key.Owner, one.Key.Count, one.Sum(count => count.Units))).OrderBy(one => one.Owner).ThenBy(one => one.Count.Quota).ThenBy(one => one.Count.Item).ThenBy(one => one.Count.Day))
        {
            await tx.ExecuteAsync(
                units < 0
                    ? "UPDATE quota_counts SET units = units + @units WHERE tenant = @owner AND quota = @Quota AND item = @Item AND day = @Day"
                    : "INSERT INTO quota_counts (tenant, quota, item, day, units) VALUES (@owner, @Quota, @Item, @Day, @units) ON CONFLICT (tenant, quota, item, day) DO UPDATE SET units = quota_counts.units + excluded.units",
                new { owner, count.Quota, count.Item, count.Day, units });
        }
    }

    private sealed record Row
    {
        public PartnerId Tenant { get; init; }
        public QuotaId Id { get; init; }
        public QuotaKind Kind { get; init; }
        public ItemId? Item { get; init; }
        public LocationId? Location { get; init; }
        public string? Channel { get; init; }
        public AgreementId? Agreement { get; init; }
        public bool IsPerItem { get; init; }
        public bool IsPerDay { get; init; }
        public int Units { get; init; }
        public DateTimeOffset? Until { get; init; }
        public DateTimeOffset CreatedAt { get; init; }

        public Quota ToQuota() => new()
        {
            Owner = Tenant,
            Id = Id,
            Kind = Kind,
            Item = Item,
            Location = Location,
            Channel = Channel,
            Agreement = Agreement,
            IsPerItem = IsPerItem,
            IsPerDay = IsPerDay,
            Units = Units,
            Until = Until,
            CreatedAt = CreatedAt,
        };
    }

    private sealed record CountRow
    {
        public QuotaId Quota { get; init; }
        public ItemId Item { get; init; }
        public long Day { get; init; }
        public int Units { get; init; }
    }

    private sealed record UseRow
    {
        public QuotaId Quota { get; init; }
        public ItemId Item { get; init; }
        public long Day { get; init; }
        public int Units { get; init; }
        public int Quantity { get; init; }
    }
}
