using Caravan.Network;
using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>A pass over an owner's cells (all, one item's or one location's) that holds them against the rules.</summary>
internal sealed record SafetySweep(PartnerId Owner, string Scope, ItemId? Item, LocationId? Location, ItemId AfterItem, LocationId AfterLocation);

/// <summary>Safety rules, and what they keep back in cells, in SQL.</summary>
internal static class SafetyStore
{
    /// <summary>An owner's cells are to be held against its rules anew.</summary>
    public const string Topic = "safety";

    private const string WholeScope = "all";
    private const string Columns = "id, item, category, location, location_kind, units, percent";
    private const int SliceLength = 500;

    /// <summary>An owner's rules that may cover cells of these items.</summary>
    public static async Task<List<SafetyRule>> OfItemsAsync(Db db, PartnerId owner, IReadOnlyCollection<ItemId> items)
    {
        List<SafetyRule> rules = [];
        foreach (var slice in items.Distinct().Chunk(SliceLength))
            rules.AddRange((await db.QueryAsync<RuleRow>($"SELECT {Columns} FROM safety_rules WHERE tenant = @owner AND item IN @keys", new { owner, keys = slice.ToKeys(db) })).Select(row => row.ToRule()));
        rules.AddRange((await db.QueryAsync<RuleRow>($"SELECT {Columns} FROM safety_rules WHERE tenant = @owner AND item IS NULL", new { owner })).Select(row => row.ToRule()));
        return rules;
    }

    /// <summary>The rule of a scope.</summary>
    public static async Task<SafetyRule?> OfScopeAsync(Db db, PartnerId owner, SafetyScope scope) =>
        (await db.FirstAsync<RuleRow>($"SELECT {Columns} FROM safety_rules WHERE tenant = @owner AND scope = @scope", new { owner, scope = scope.ToString() }))?.ToRule();

    /// <summary>An owner's cells of some items.</summary>
    public static async Task<List<(StockKey Key, StockCellState State)>> CellsAsync(Db db, PartnerId owner, IReadOnlyCollection<ItemId> items)
    {
        List<(StockKey, StockCellState)> cells = [];
        foreach (var slice in items.Distinct().Chunk(SliceLength))
        {
            var rows = await db.QueryAsync<WholeCellRow>("SELECT item, location, on_hand, reserved, held, feed_buffer, safety_units, safety_percent FROM stock_cells WHERE tenant = @owner AND item IN @keys", new { owner, keys = slice.ToKeys(db) });
            cells.AddRange(rows.Select(row => (new StockKey(owner, row.Item, row.Location), new StockCellState(row.OnHand, row.Reserved, row.Held, new Safety(row.FeedBuffer, row.SafetyUnits, row.SafetyPercent)))));
        }

        return cells;
    }

    /// <summary>Rules in order of their ids, those after a cursor.</summary>
    public static async Task<List<SafetyRule>> ListAsync(Db db, PartnerId owner, SafetyRuleId after, int count) =>
        (await db.QueryAsync<RuleRow>($"SELECT {Columns} FROM safety_rules WHERE tenant = @owner AND id > @after ORDER BY id LIMIT @count", new { owner, after, count })).ConvertAll(row => row.ToRule());

    public static Task<int> CountAsync(Db db, PartnerId owner) => db.ValueAsync<int>("SELECT COUNT(*) FROM safety_rules WHERE tenant = @owner", new { owner });

    /// <summary>Adds a rule or replaces that of its scope, and has the cells it is for held against the rules anew.</summary>
    public static async Task PutAsync(Tx tx, PartnerId owner, SafetyRule rule)
    {
        await tx.ExecuteAsync(
            """
            INSERT INTO safety_rules (tenant, id, scope, item, category, location, location_kind, units, percent) VALUES (@owner, @Id, @scope, @Item, @Category, @Location, @kind, @Units, @Percent)
            ON CONFLICT (tenant, scope) DO UPDATE SET units = excluded.units, percent = excluded.percent
            """,
            new { owner, rule.Id, scope = rule.Scope.ToString(), rule.Scope.Item, rule.Scope.Category, rule.Scope.Location, kind = rule.Scope.Kind?.ToString(), rule.Units, rule.Percent });
        await SweepAsync(tx, owner, rule.Scope);
    }

    /// <summary>Removes a rule; false when there is none.</summary>
    public static async Task<bool> RemoveAsync(Tx tx, PartnerId owner, SafetyRuleId id)
    {
        if (await tx.FirstAsync<RuleRow>($"SELECT {Columns} FROM safety_rules WHERE tenant = @owner AND id = @id", new { owner, id }) is not { } row)
            return false;

        await tx.ExecuteAsync("DELETE FROM safety_rules WHERE tenant = @owner AND id = @id", new { owner, id });
        await SweepAsync(tx, owner, row.ToRule().Scope);
        return true;
    }

    /// <summary>Has an owner's cells held against the rules anew, those that a scope can concern.</summary>
    public static Task SweepAsync(Tx tx, PartnerId owner, SafetyScope scope)
    {
        tx.Announce(Topic, owner);
        var location = scope.Item is null ? scope.Location : null;
        return tx.ExecuteAsync(
            """
            INSERT INTO safety_sweeps (tenant, scope, item, location, after_item, after_location, finished_at) VALUES (@owner, @name, @Item, @location, @afterItem, @afterLocation, NULL)
            ON CONFLICT (tenant, scope) DO UPDATE SET after_item = excluded.after_item, after_location = excluded.after_location, finished_at = NULL
            """,
            new { owner, name = scope.Item is { } item ? $"item {item}" : location is { } there ? $"location {there}" : WholeScope, scope.Item, location, afterItem = default(ItemId), afterLocation = default(LocationId) });
    }

    /// <summary>Has all of an owner's cells held against the rules anew.</summary>
    public static Task SweepAllAsync(Tx tx, PartnerId owner) => SweepAsync(tx, owner, default);

    /// <summary>Whether an owner's rules depend on what catalogue and network say, and were last held against all cells before an instant.</summary>
    public static Task<bool> IsStaleAsync(Db db, PartnerId owner, DateTimeOffset before) => db.ValueAsync<bool>(
        """
        SELECT CASE WHEN EXISTS (SELECT 1 FROM safety_rules WHERE tenant = @owner AND (category IS NOT NULL OR location_kind IS NOT NULL))
            AND NOT EXISTS (SELECT 1 FROM safety_sweeps WHERE tenant = @owner AND scope = @whole AND (finished_at IS NULL OR finished_at > @before)) THEN 1 ELSE 0 END
        """,
        new { owner, whole = WholeScope, before });

    /// <summary>A pass of an owner's that is not finished.</summary>
    public static async Task<SafetySweep?> OpenAsync(Db db, PartnerId owner) =>
        (await db.FirstAsync<SweepRow>("SELECT scope, item, location, after_item, after_location FROM safety_sweeps WHERE tenant = @owner AND finished_at IS NULL ORDER BY scope LIMIT 1", new { owner }))?.ToSweep(owner);

    /// <summary>The next cells of a pass, with what a rule keeps back in them now.</summary>
    public static async Task<List<(StockKey Key, Safety Safety)>> NextAsync(Tx tx, SafetySweep sweep, int count) =>
        (await tx.QueryAsync<CellRow>(
            $"""
            SELECT item, location, safety_units, safety_percent FROM stock_cells
            WHERE tenant = @Owner AND (item, location) > (@AfterItem, @AfterLocation) {(sweep.Item is null ? "" : "AND item = @Item")} {(sweep.Location is null ? "" : "AND location = @Location")}
            ORDER BY item, location LIMIT @count
            """,
            new { sweep.Owner, sweep.AfterItem, sweep.AfterLocation, sweep.Item, sweep.Location, count })).ConvertAll(row => (new StockKey(sweep.Owner, row.Item, row.Location), new Safety(0, row.SafetyUnits, row.SafetyPercent)));

    /// <summary>Sets what a rule keeps back in cells, and what they may sell with it.</summary>
    public static Task WriteAsync(Tx tx, IReadOnlyCollection<(StockKey Key, Safety Safety)> cells)
    {
        StockStore.Announce(tx, cells.Select(cell => cell.Key));
        return tx.ExecuteAsync(
            $"""
            UPDATE stock_cells SET safety_units = @Units, safety_percent = @Percent, buffer = {SafetySql.Buffer("on_hand", units: "@Units", percent: "@Percent")}, sellable = {SafetySql.Sellable("on_hand", units: "@Units", percent: "@Percent")}
            WHERE tenant = @Owner AND item = @Item AND location = @Location
            """,
            cells.Select(cell => new { cell.Key.Owner, cell.Key.Item, cell.Key.Location, cell.Safety.Units, cell.Safety.Percent }));
    }

    /// <summary>A pass has come so far; without a last cell it is finished.</summary>
    public static Task AdvanceAsync(Tx tx, SafetySweep sweep, StockKey? last) => tx.ExecuteAsync(
        last is null && sweep.Scope != WholeScope
            ? "DELETE FROM safety_sweeps WHERE tenant = @Owner AND scope = @Scope"
            : "UPDATE safety_sweeps SET after_item = @item, after_location = @location, finished_at = @finished WHERE tenant = @Owner AND scope = @Scope",
        new { sweep.Owner, sweep.Scope, item = last?.Item ?? default, location = last?.Location ?? default, finished = last is null ? tx.Now : (DateTimeOffset?)null });

    private sealed record RuleRow
    {
        public SafetyRuleId Id { get; init; }
        public ItemId? Item { get; init; }
        public string? Category { get; init; }
        public LocationId? Location { get; init; }
        public LocationKind? LocationKind { get; init; }
        public int Units { get; init; }
        public int Percent { get; init; }

        public SafetyRule ToRule() => new(Id, new SafetyScope(Item, Category, Location, LocationKind), Units, Percent);
    }

    private sealed record SweepRow
    {
        public string Scope { get; init; } = "";
        public ItemId? Item { get; init; }
        public LocationId? Location { get; init; }
        public ItemId AfterItem { get; init; }
        public LocationId AfterLocation { get; init; }

        public SafetySweep ToSweep(PartnerId owner) => new(owner, Scope, Item, Location, AfterItem, AfterLocation);
    }

    private sealed record WholeCellRow
    {
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public int OnHand { get; init; }
        public int Reserved { get; init; }
        public int Held { get; init; }
        public int FeedBuffer { get; init; }
        public int SafetyUnits { get; init; }
        public int SafetyPercent { get; init; }
    }

    private sealed record CellRow
    {
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public int SafetyUnits { get; init; }
        public int SafetyPercent { get; init; }
    }
}

/// <summary>A cell's buffer and sellable as SQL works them out; <see cref="Safety"/> and <see cref="StockCellState"/> are the rule.</summary>
internal static class SafetySql
{
    /// <summary>The buffer, when so many are on hand.</summary>
    /// <param name="onHand">An expression for what is on hand.</param>
    /// <param name="cell">What stands before the cell's columns.</param>
    /// <param name="feedBuffer">Instead of the cell's feed buffer.</param>
    /// <param name="units">Instead of the cell's safety units.</param>
    /// <param name="percent">Instead of the cell's safety per cent.</param>
    public static string Buffer(string onHand, string cell = "", string? feedBuffer = null, string? units = null, string? percent = null)
    {
        var feed = feedBuffer ?? $"{cell}feed_buffer";
        var fixedUnits = units ?? $"{cell}safety_units";
        var share = $"((CAST({onHand} AS BIGINT) * {percent ?? $"{cell}safety_percent"} + 99) / 100)";
        return $"CASE WHEN {feed} >= {fixedUnits} AND {feed} >= {share} THEN {feed} WHEN {fixedUnits} >= {share} THEN {fixedUnits} ELSE {share} END";
    }

    /// <inheritdoc cref="Buffer"/>
    /// <summary>What may be sold, when so many are on hand.</summary>
    public static string Sellable(string onHand, string cell = "", string? feedBuffer = null, string? units = null, string? percent = null)
    {
        var left = $"{onHand} - {cell}reserved - {cell}held - ({Buffer(onHand, cell, feedBuffer, units, percent)})";
        return $"CASE WHEN {left} > 0 THEN {left} ELSE 0 END";
    }
}
