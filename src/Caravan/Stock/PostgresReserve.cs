using Caravan.Platform.Storage;
using Npgsql;

namespace Caravan.Stock;

/// <summary>
/// Reservations of many orders on PostgreSQL, in few round trips. First as if there were enough for all: each cell's takes are
/// added up and taken at once. Where that is not so, the cells are locked in key order, so that servers never wait for each
/// other in a circle, and each order is decided in its turn on the true numbers.
/// </summary>
internal static class PostgresReserve
{
    private const string Take =
        """
        UPDATE stock_cells AS s SET reserved = s.reserved + u.taken, sellable = s.sellable - u.taken
        FROM unnest($1, $2, $3, $4, $5, $6) AS u (tenant, item, location, taken, needed, now)
        WHERE s.tenant = u.tenant AND s.item = u.item AND s.location = u.location AND s.sellable >= u.needed
            AND (s.feed IS NULL OR (SELECT f.fresh_until FROM feeds AS f WHERE f.tenant = s.tenant AND f.id = s.feed) >= u.now)
        """;

    private const string Lock =
        """
        SELECT s.tenant, s.item, s.location,
            CASE WHEN s.feed IS NULL OR (SELECT f.fresh_until FROM feeds AS f WHERE f.tenant = s.tenant AND f.id = s.feed) >= u.now THEN s.sellable ELSE 0 END
        FROM unnest($1, $2, $3, $4, $5, $6) AS u (tenant, item, location, taken, needed, now)
            JOIN stock_cells AS s ON s.tenant = u.tenant AND s.item = u.item AND s.location = u.location
        ORDER BY s.tenant, s.item, s.location
        FOR UPDATE OF s
        """;

    private static readonly string TakeAll = Gathered.Counting(Take, count: 7);

    /// <summary>Takes all of these with what else the transaction gathers; it fails when some cell has less.</summary>
    public static void TakeLater(Tx tx, Gathered later, IReadOnlyList<Reservation> reservations, bool isLocked)
    {
        var all = isLocked ? SumsOfLocked(reservations) : Sums(reservations);
        Rows(tx, all).AddTo(later, TakeAll, new NpgsqlParameter<long> { TypedValue = all.Count });
    }

    /// <summary>Locks the cells, in key order, and says whose wants they can serve, in the orders' turn.</summary>
    public static async Task<bool[]> LockAsync(Tx tx, IReadOnlyList<Reservation> reservations)
    {
        var left = await LeftAsync(tx, Sums(reservations));
        return [.. reservations.Select(one => TryTake(left, one.Wants))];
    }

    public static async Task<bool[]> ManyAsync(Tx tx, IReadOnlyList<Reservation> reservations)
    {
        var isReserved = new bool[reservations.Count];
        var all = Sums(reservations);
        if (all.Count == 0)
            return isReserved;

        await Database.ExecuteAsync(tx.Connection, tx.Transaction, "SAVEPOINT takes");
        if (await Rows(tx, all).ExecuteAsync(tx, Take) == all.Count)
        {
            await Database.ExecuteAsync(tx.Connection, tx.Transaction, "RELEASE takes");
            Array.Fill(isReserved, true);
            return isReserved;
        }

        await Database.ExecuteAsync(tx.Connection, tx.Transaction, "ROLLBACK TO takes; RELEASE takes");
        var left = await LeftAsync(tx, all);
        for (var i = 0; i < isReserved.Length; i++)
            isReserved[i] = TryTake(left, reservations[i].Wants);

        var taken = SumsOfLocked([.. reservations.Where((_, i) => isReserved[i])]);
        return await Rows(tx, taken).ExecuteAsync(tx, Take) == taken.Count
            ? isReserved
            : throw new InvalidOperationException("Cells that were locked have changed.");
    }

    private static async Task<Dictionary<StockKey, int>> LeftAsync(Tx tx, List<(StockKey Key, long Taken, long Needed)> cells) =>
        (await Rows(tx, cells).QueryAsync(tx, Lock, row => (Key: new StockKey(new PartnerId(row.GetGuid(0)), new ItemId(row.GetGuid(1)), new LocationId(row.GetGuid(2))), Sellable: row.GetInt32(3))))
            .ToDictionary(row => row.Key, row => row.Sellable);

    private static bool TryTake(Dictionary<StockKey, int> left, IReadOnlyList<Want> wants)
    {
        foreach (var want in wants)
        {
            if (left.GetValueOrDefault(StockKey.Of(want.Take)) < want.AtLeast)
                return false;
        }

        foreach (var want in wants)
            left[StockKey.Of(want.Take)] -= want.Take.Quantity;
        return true;
    }

    // Several orders on one cell need what they take together, and what the most demanding of them wants to see left besides.
    private static List<(StockKey Key, long Taken, long Needed)> Sums(IReadOnlyList<Reservation> reservations) =>
        [.. reservations.SelectMany(one => one.Wants).GroupBy(want => StockKey.Of(want.Take))
            .Select(cell => (cell.Key, Taken: cell.Sum(want => (long)want.Take.Quantity), Needed: cell.Sum(want => (long)want.Take.Quantity) + cell.Max(want => want.AtLeast - want.Take.Quantity)))
            .OrderBy(cell => cell.Key)];

    // Each was seen to in its turn.
    private static List<(StockKey Key, long Taken, long Needed)> SumsOfLocked(IReadOnlyList<Reservation> reservations) =>
        Sums(reservations).ConvertAll(cell => (cell.Key, cell.Taken, Needed: cell.Taken));

    private static PostgresRows Rows(Tx tx, List<(StockKey Key, long Taken, long Needed)> cells) =>
        PostgresRows.Of(cells, (row, cell) => row.Id(cell.Key.Owner).Id(cell.Key.Item).Id(cell.Key.Location).Number(cell.Taken).Number(cell.Needed).Instant(tx.Now));
}
