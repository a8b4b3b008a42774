using System.Text.Json;
using Caravan.Orders;
using Caravan.Platform.Storage;

namespace Caravan.Operations.Figures;

/// <summary>The sums' rows: added to, and read by a range of days.</summary>
internal static class FigureStore
{
    private const string CountColumns = "orders, served, split, parts, metres, units, amount, kept, broken, reserved, released, picked, packed, shipped, delivered, short, cancelled, returned, back_ordered";

    private static readonly Table<(CountKey Key, FigureCounts More)> Counts = new(
        "figure_counts",
        $"tenant, day, scope, hour, currency, {CountColumns}",
        (row, one) =>
        {
            row.Id(one.Key.Company).Text(one.Key.Day).Text(one.Key.Scope).Number(one.Key.Hour).Text(one.Key.Currency)
                .Number(one.More.Orders).Number(one.More.Served).Number(one.More.Split).Number(one.More.Parts).Number(one.More.Metres)
                .Number(one.More.Units).Number(one.More.Amount).Number(one.More.Kept).Number(one.More.Broken);
            foreach (var count in one.More.States)
                row.Number(count);
        },
        $"ON CONFLICT (tenant, day, scope, hour, currency) DO UPDATE SET {string.Join(", ", CountColumns.Split(", ").Select(column => $"{column} = figure_counts.{column} + excluded.{column}"))}");

    private static readonly Table<(DistanceKey Key, long More)> Distances = new(
        "figure_distances",
        "tenant, scope, day, metres, parts",
        (row, one) => row.Id(one.Key.Company).Text(one.Key.Scope).Text(one.Key.Day).Number(one.Key.Metres).Number(one.More),
        "ON CONFLICT (tenant, scope, day, metres) DO UPDATE SET parts = figure_distances.parts + excluded.parts");

    private static readonly Table<(OwnStockKey Key, long More)> Outs = new(
        "figure_stock",
        "tenant, day, location, units_out",
        (row, one) => row.Id(one.Key.Owner).Text(one.Key.Day).Id(one.Key.Location).Number(one.More),
        "ON CONFLICT (tenant, day, location) DO UPDATE SET units_out = figure_stock.units_out + excluded.units_out");

    private static readonly Table<(OwnStockKey Key, long OnHand)> OnHand = new(
        "figure_stock",
        "tenant, day, location, units_out, on_hand",
        (row, one) => row.Id(one.Key.Owner).Text(one.Key.Day).Id(one.Key.Location).Number(0).Number(one.OnHand),
        "ON CONFLICT (tenant, day, location) DO UPDATE SET on_hand = excluded.on_hand");

    private static readonly Table<(PartnerId Company, OrderId Order, string Counted)> Counted = new(
        "figure_orders",
        "tenant, order_id, counted",
        (row, one) => row.Id(one.Company).Id(one.Order).Text(one.Counted),
        "ON CONFLICT (tenant, order_id) DO UPDATE SET counted = excluded.counted");

    public static async Task<Dictionary<OrderId, CountedOrder>> CountedAsync(Db db, PartnerId company, IReadOnlyCollection<OrderId> orders) =>
        (await db.QueryAsync<CountedRow>("SELECT order_id, counted FROM figure_orders WHERE tenant = @company AND order_id IN @ids", new { company, ids = orders.ToKeys(db) }))
            .ToDictionary(row => row.OrderId, row => JsonSerializer.Deserialize(row.Counted, FigureJson.Default.CountedOrder)!); // Written by AddAsync.

    /// <summary>Writes what has changed in the sums, and what each order counts as from now on. In key order, so that two servers never wait for each other.</summary>
    public static async Task AddAsync(Tx tx, FigureChange change)
    {
        await Counts.InsertAsync(tx, change.Counts.Where(one => !one.Value.IsNothing).OrderBy(one => (one.Key.Company, one.Key.Day, one.Key.Scope, one.Key.Hour)).Select(one => (one.Key, one.Value)));
        await Distances.InsertAsync(tx, change.Distances.Where(one => one.Value != 0).OrderBy(one => (one.Key.Company, one.Key.Scope, one.Key.Day, one.Key.Metres)).Select(one => (one.Key, one.Value)));
        await Outs.InsertAsync(tx, change.Stock.Where(one => one.Value != 0).OrderBy(one => (one.Key.Owner, one.Key.Day, one.Key.Location)).Select(one => (one.Key, one.Value)));
        await Counted.InsertAsync(tx, change.Orders.OrderBy(one => (one.Company, one.Order)).Select(one => (one.Company, one.Order, JsonSerializer.Serialize(one.Facts, FigureJson.Default.CountedOrder))));
    }

    public static Task SetOnHandAsync(Tx tx, PartnerId owner, string day, IEnumerable<(LocationId Location, long Units)> onHand) =>
        OnHand.InsertAsync(tx, onHand.OrderBy(one => one.Location).Select(one => (new OwnStockKey(owner, day, one.Location), one.Units)));

    /// <summary>Days, or the hours of a day, of one scope.</summary>
    public static Task<List<CountRow>> CountsAsync(Db db, PartnerId company, string scope, string from, string to, bool byHour) => db.QueryAsync<CountRow>(
        $"SELECT day, scope, hour, currency, {CountColumns} FROM figure_counts WHERE tenant = @company AND scope = @scope AND day >= @from AND day <= @to AND {(byHour ? "hour >= 0" : "hour = -1")}",
        new { company, scope, from, to });

    /// <summary>All scopes of some days, whole days only.</summary>
    public static Task<List<CountRow>> OfNodesAsync(Db db, PartnerId company, string from, string to) => db.QueryAsync<CountRow>(
        $"""
        SELECT scope, currency, {string.Join(", ", CountColumns.Split(", ").Select(column => $"CAST(SUM({column}) AS BIGINT) AS {column}"))} FROM figure_counts
        WHERE tenant = @company AND day >= @from AND day <= @to AND hour = -1 AND scope LIKE 'loc%' GROUP BY scope, currency
        """,
        new { company, from, to });

    public static Task<List<DistanceRow>> DistancesAsync(Db db, PartnerId company, string scope, string from, string to) => db.QueryAsync<DistanceRow>(
        "SELECT day, metres, parts FROM figure_distances WHERE tenant = @company AND scope = @scope AND day >= @from AND day <= @to AND parts > 0 ORDER BY metres",
        new { company, scope, from, to });

    /// <summary>What left a company's own stock at each location, and what lay there on average of the days that were looked at.</summary>
    public static Task<List<StockRow>> StockAsync(Db db, PartnerId owner, string from, string to) => db.QueryAsync<StockRow>(
        """
        SELECT location, CAST(SUM(units_out) AS BIGINT) AS units_out, CAST(AVG(on_hand) AS DOUBLE PRECISION) AS on_hand FROM figure_stock
        WHERE tenant = @owner AND day >= @from AND day <= @to GROUP BY location
        """,
        new { owner, from, to });

    /// <summary>All sums of a company, for a check.</summary>
    public static async Task LoadAsync(Db db, PartnerId company, FigureChange into)
    {
        foreach (var row in await db.QueryAsync<CountRow>($"SELECT day, scope, hour, currency, {CountColumns} FROM figure_counts WHERE tenant = @company", new { company }))
            into.Counts[new CountKey(company, row.Day, row.Scope, row.Hour, row.Currency)] = row.ToCounts();
        foreach (var row in await db.QueryAsync<DistanceRow>("SELECT scope, day, metres, parts FROM figure_distances WHERE tenant = @company", new { company }))
            into.Distances[new DistanceKey(company, row.Scope, row.Day, row.Metres)] = row.Parts;
        foreach (var row in await db.QueryAsync<StockRow>("SELECT day, location, units_out FROM figure_stock WHERE tenant = @company", new { company }))
            into.Stock[new OwnStockKey(company, row.Day, row.Location)] = row.UnitsOut;
    }

    /// <summary>Throws a company's sums away, to be built anew; what lay on hand is kept, for it cannot be had again.</summary>
    public static async Task ForgetAsync(Tx tx, PartnerId company)
    {
        await tx.ExecuteAsync("DELETE FROM figure_counts WHERE tenant = @company", new { company });
        await tx.ExecuteAsync("DELETE FROM figure_distances WHERE tenant = @company", new { company });
        await tx.ExecuteAsync("DELETE FROM figure_orders WHERE tenant = @company", new { company });
        await tx.ExecuteAsync("UPDATE figure_stock SET units_out = 0 WHERE tenant = @company", new { company });
    }

    internal sealed record CountRow
    {
        public string Day { get; init; } = "";
        public string Scope { get; init; } = "";
        public int Hour { get; init; }
        public string Currency { get; init; } = "";
        public long Orders { get; init; }
        public long Served { get; init; }
        public long Split { get; init; }
        public long Parts { get; init; }
        public long Metres { get; init; }
        public long Units { get; init; }
        public long Amount { get; init; }
        public long Kept { get; init; }
        public long Broken { get; init; }
        public long Reserved { get; init; }
        public long Released { get; init; }
        public long Picked { get; init; }
        public long Packed { get; init; }
        public long Shipped { get; init; }
        public long Delivered { get; init; }
        public long Short { get; init; }
        public long Cancelled { get; init; }
        public long Returned { get; init; }
        public long BackOrdered { get; init; }

        public FigureCounts ToCounts() => new()
        {
            Orders = Orders,
            Served = Served,
            Split = Split,
            Parts = Parts,
            Metres = Metres,
            Units = Units,
            Amount = Amount,
            Kept = Kept,
            Broken = Broken,
            States = [Reserved, Released, Picked, Packed, Shipped, Delivered, Short, Cancelled, Returned, BackOrdered],
        };
    }

    internal sealed record DistanceRow
    {
        public string Scope { get; init; } = "";
        public string Day { get; init; } = "";
        public long Metres { get; init; }
        public long Parts { get; init; }
    }

    internal sealed record StockRow
    {
        public string Day { get; init; } = "";
        public LocationId Location { get; init; }
        public long UnitsOut { get; init; }
        public double? OnHand { get; init; }
    }

    private sealed record CountedRow
    {
        public OrderId OrderId { get; init; }
        public string Counted { get; init; } = "";
    }
}
