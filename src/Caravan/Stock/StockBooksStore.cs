using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>Where an owner's books stand: what is closed, and how the audit goes. In SQL.</summary>
internal static class StockBooksStore
{
    public static Task<StockBooks?> FindAsync(Db db, PartnerId owner) => db.FirstAsync<StockBooks>("SELECT * FROM stock_books WHERE tenant = @owner", new { owner });

    public static Task SetClosedAsync(Tx tx, PartnerId owner, DateTimeOffset until) => tx.ExecuteAsync(
        "INSERT INTO stock_books (tenant, closed_until) VALUES (@owner, @until) ON CONFLICT (tenant) DO UPDATE SET closed_until = excluded.closed_until",
        new { owner, until });

    public static Task SetForgottenAsync(Tx tx, PartnerId owner, MovementId after) => tx.ExecuteAsync(
        "UPDATE stock_books SET forgotten_after = @after WHERE tenant = @owner", new { owner, after });

    /// <summary>Takes an owner's audit on until an instant; none while another server has it.</summary>
    public static async Task<StockBooks?> HoldAsync(Tx tx, PartnerId owner, string holder, DateTimeOffset until)
    {
        await tx.ExecuteAsync("INSERT INTO stock_books (tenant) VALUES (@owner) ON CONFLICT DO NOTHING", new { owner });
        var isHeld = await tx.ExecuteAsync(
            "UPDATE stock_books SET holder = @holder, held_until = @until WHERE tenant = @owner AND (holder IS NULL OR holder = @holder OR held_until < @now)",
            new { owner, holder, until, now = tx.Now }) > 0;
        return isHeld ? await FindAsync(tx, owner) : null;
    }

    public static Task BeginAsync(Tx tx, PartnerId owner) => tx.ExecuteAsync(
        "UPDATE stock_books SET started_at = @now, after_item = NULL, after_location = NULL, cells = 0 WHERE tenant = @owner", new { owner, now = tx.Now });

    /// <summary>
    /// Writes what came of a range: its differences as they are, and how far the round has come. Gives those that were not known
    /// before; null when another server went on with the round.
    /// </summary>
    public static async Task<IReadOnlyList<StockDifference>?> AdvanceAsync(Tx tx, StockBooks books, StockRange range, int cells, bool isLast, IReadOnlyList<StockDifference> differences, DateTimeOffset heldUntil)
    {
        var isOurs = await tx.ExecuteAsync(
            $"""
            UPDATE stock_books SET {(isLast
                ? "last_started_at = started_at, last_finished_at = @now, last_cells = cells + @cells, started_at = NULL, holder = NULL, held_until = NULL, after_item = NULL, after_location = NULL, cells = 0"
                : "after_item = @ToItem, after_location = @ToLocation, cells = cells + @cells, held_until = @heldUntil")}
            WHERE tenant = @Owner AND holder = @Holder AND started_at = @StartedAt AND cells = @before
            """,
            new { range.Owner, books.Holder, books.StartedAt, heldUntil, before = books.Cells, now = tx.Now, cells, range.ToItem, range.ToLocation }) > 0;
        if (!isOurs)
            return null;

        var known = (await DifferencesAsync(tx, range, int.MaxValue)).ToDictionary(one => (one.Item, one.Location, one.What));
        await tx.ExecuteAsync("DELETE FROM stock_differences WHERE tenant = @Owner AND (item, location) > (@AfterItem, @AfterLocation) AND (item, location) <= (@ToItem, @ToLocation)", range);
        await tx.ExecuteAsync(
            "INSERT INTO stock_differences (tenant, item, location, what, is_now, should_be, since) VALUES (@Owner, @Item, @Location, @What, @IsNow, @ShouldBe, @since)",
            differences.Select(one => new
            {
                one.Key.Owner,
                one.Key.Item,
                one.Key.Location,
                one.What,
                one.IsNow,
                one.ShouldBe,
                since = known.GetValueOrDefault((one.Key.Item, one.Key.Location, one.What))?.Since ?? tx.Now,
            }));
        return [.. differences.Where(one => !known.ContainsKey((one.Key.Item, one.Key.Location, one.What)))];
    }

    /// <summary>The differences known of a range.</summary>
    public static Task<List<DifferenceBody>> DifferencesAsync(Db db, StockRange range, int count) => db.QueryAsync<DifferenceBody>(
        """
        SELECT item, location, what, is_now, should_be, since FROM stock_differences
        WHERE tenant = @Owner AND (item, location) > (@AfterItem, @AfterLocation) AND (item, location) <= (@ToItem, @ToLocation) ORDER BY item, location, what LIMIT @count
        """,
        new { range.Owner, range.AfterItem, range.AfterLocation, range.ToItem, range.ToLocation, count });

    public static Task<long> CountDifferencesAsync(Db db, PartnerId owner) => db.ValueAsync<long>("SELECT COUNT(*) FROM stock_differences WHERE tenant = @owner", new { owner });

    /// <summary>The last key of the next cells after one, and how many there are.</summary>
    public static async Task<(StockRange Range, int Cells, bool IsLast)> NextAsync(Db db, StockBooks books, int count)
    {
        var (item, location) = (books.AfterItem ?? default, books.AfterLocation ?? default);
        var args = new { owner = books.Tenant, item, location, skipped = count - 1 };
        if (await db.FirstAsync<KeyRow>("SELECT item, location FROM stock_cells WHERE tenant = @owner AND (item, location) > (@item, @location) ORDER BY item, location LIMIT 1 OFFSET @skipped", args) is { } last)
            return (new StockRange(books.Tenant, item, location, last.Item, last.Location), count, false);

        var rest = await db.ValueAsync<int>("SELECT COUNT(*) FROM stock_cells WHERE tenant = @owner AND (item, location) > (@item, @location)", args);
        return (new StockRange(books.Tenant, item, location, StockRange.LastItem, StockRange.LastLocation), rest, true);
    }

    private sealed record KeyRow
    {
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
    }
}

/// <summary>Where an owner's books stand.</summary>
internal sealed record StockBooks
{
    public PartnerId Tenant { get; init; }
    public DateTimeOffset? ClosedUntil { get; init; }
    public MovementId? ForgottenAfter { get; init; }
    public string? Holder { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public ItemId? AfterItem { get; init; }
    public LocationId? AfterLocation { get; init; }
    public long Cells { get; init; }
    public DateTimeOffset? LastStartedAt { get; init; }
    public DateTimeOffset? LastFinishedAt { get; init; }
    public long LastCells { get; init; }
}
