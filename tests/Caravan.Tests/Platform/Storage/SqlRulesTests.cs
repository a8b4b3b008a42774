using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Caravan.Platform.Storage;
using Caravan.Platform.Telemetry;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform.Storage;

[assembly: AssemblyFixture(typeof(SentStatements))]

namespace Caravan.Tests.Platform.Storage;

/// <summary>Keeps every statement that the service sends while the tests run, and the method it came from.</summary>
public sealed class SentStatements : IDisposable
{
    private readonly ConcurrentDictionary<(string Sql, string From), bool> all = new();

    public SentStatements() => SlowStatements.Sent += Keep;

    public IReadOnlyCollection<(string Sql, string From)> All => [.. all.Keys];

    public void Dispose() => SlowStatements.Sent -= Keep;

    private void Keep(string sql, string file, string member)
    {
        if (!file.Contains($"{Path.DirectorySeparatorChar}tests{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            all.TryAdd((sql, $"{Path.GetFileNameWithoutExtension(file)}.{member}"), true);
    }
}

/// <summary>Runs when the others have, so that their statements are seen.</summary>
[CollectionDefinition(nameof(AfterTheOthers), DisableParallelization = true)]
public sealed class AfterTheOthers;

/// <summary>
/// What Citus asks of SQL: a table's key begins with its tenant; a statement on rows that lie with their tenant names it, for
/// each table of it; rows are locked of one tenant at a time. What cannot is listed, with the reason.
/// </summary>
[Collection(nameof(AfterTheOthers))]
public sealed partial class SqlRulesTests(SentStatements sent)
{
    private const int WholeRunPercent = 90;

    /// <summary>Statements on several tenants' rows, by the method they come from, and why they are what they are.</summary>
    private static readonly Dictionary<string, string> AcrossTenants = new()
    {
        ["CourierStore.AllStopsAsync"] = "the dispatcher plans all carriers' couriers in one round, every few seconds on one server",
        ["CourierStore.WorkingAsync"] = "as AllStopsAsync",
        ["CourierStore.CarryingForAsync"] = "a shipper's jobs name couriers of other carriers; asked by the board, not by orders",
        ["CourierStore.StopsAsync"] = "a courier's stops name jobs of several shippers",
        ["JobStore.WaitingAsync"] = "the dispatcher looks for jobs of all companies that wait, as AllStopsAsync",
        ["JobStore.SilentAsync"] = "as WaitingAsync, for jobs that nobody answered",
        ["JobStore.FindCarriedAsync"] = "a carrier reads what it carries for others",
        ["JobStore.OpenOfCarrierAsync"] = "as FindCarriedAsync",
        ["JobStore.FindAtStationAsync"] = "a station reads what others send to it",
        ["JobStore.SeeAsync"] = "a job is shown with its courier, who is the carrier's",
        ["JobStore.ByReferenceAsync"] = "as SeeAsync",
        ["JobStore.ListAsync"] = "as SeeAsync",
        ["JobStore.OpenOfShipperAsync"] = "as SeeAsync",
        ["JobStore.TroubledAsync"] = "as SeeAsync",
        ["PostgresReserve.LeftAsync"] = "cells of several owners are locked in key order; on Citus this is to go owner by owner, in their order",
        ["HoldStore.DueAsync"] = "one server looks for holds of all companies that are over, once a second",
        ["ReleaseStore.DueAsync"] = "as HoldStore.DueAsync, for what nodes have not acknowledged",
        ["FeedPartStore.StandingAsync"] = "each server looks for large documents of all companies that nobody moves, every few seconds",
        ["LotStore.DueAsync"] = "one server looks for lots of all companies whose time is over, every few seconds",
        ["StopSellStore.ActiveAsync"] = "each server holds all companies' stops in memory: few, and read when they change",
        ["Payments.DueAsync"] = "as HoldStore.DueAsync, for payments that have not come",
        ["StockAudit.RunAsync"] = "an operator's check, never part of an order",
        ["LotAudit.RunAsync"] = "as StockAudit.RunAsync",
        ["ReturnAudit.RunAsync"] = "as StockAudit.RunAsync",
    };

    [Fact]
    public async Task Every_statement_on_rows_of_tenants_names_its_tenant()
    {
        // Alone it has this walk to look at; after a whole run, every statement of every test.
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.PlaceAsync("N-1");
        await world.Chain.Http.FetchAsync("/v1/orders");
        var tables = (await TablesAsync()).Select(table => table.Name).Where(name => StoreTables.SpreadOf(name) == Spread.ByTenant).ToHashSet();

        var statements = sent.All.Select(one => (one.From, Sql: Space().Replace(one.Sql, " ").Trim())).Where(one => TablesOf(one.Sql, tables).Count > 0).ToList();
        var breaches = statements.Where(one => !AcrossTenants.ContainsKey(one.From)).Select(one => (one.From, one.Sql, Why: Breach(one.Sql, TablesOf(one.Sql, tables)))).Where(one => one.Why is not null);

        Assert.True(statements.Count > 20, $"Only {statements.Count} statements were seen.");
        Assert.Empty(breaches.Select(one => $"{one.From}: {one.Why}: {one.Sql}").Distinct().Order());
        AssertNeeded(statements, tables);
    }

    [Fact]
    [Trait("Store", "once")]
    public void An_exception_names_a_method_that_there_is()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "Caravan"), "*.cs", SearchOption.AllDirectories).ToLookup(file => Path.GetFileNameWithoutExtension(file));

        Assert.All(AcrossTenants.Keys.Select(from => from.Split('.')), from => Assert.Contains(sources[from[0]], file => File.ReadAllText(file).Contains($" {from[1]}(", StringComparison.Ordinal)));
    }

    // Of a few tests one cannot tell. A run that has seen nearly all methods of the list is a whole one: what it has not seen
    // nobody tests any more, and a method all of whose statements name their tenants needs no exception.
    private static void AssertNeeded(List<(string From, string Sql)> statements, HashSet<string> tables)
    {
        var listed = AcrossTenants.Keys.Where(from => TestStore.IsPostgres || !from.StartsWith("Postgres", StringComparison.Ordinal)).ToList();
        var seen = statements.Where(one => AcrossTenants.ContainsKey(one.From)).ToLookup(one => one.From, one => Breach(one.Sql, TablesOf(one.Sql, tables)) is not null);
        TestContext.Current.TestOutputHelper!.WriteLine($"{seen.Count} of {listed.Count} exceptions were seen; not {string.Join(", ", listed.Where(from => !seen.Contains(from)))}");
        if (seen.Count >= listed.Count * WholeRunPercent / 100)
            Assert.Empty(listed.Where(from => !seen[from].Any(isBreach => isBreach)).Select(from => $"{from} needs no exception: {(seen.Contains(from) ? "all its statements name their tenants" : "no test sends a statement of it")}."));
    }

    [Fact]
    public async Task Every_table_is_spread_by_a_key_that_begins_with_its_tenant_or_is_listed_with_a_reason()
    {
        var tables = await TablesAsync();
        var statements = StoreDistribute.Statements(tables);

        Assert.All(tables.Where(table => StoreTables.SpreadOf(table.Name) == Spread.ByTenant), table => Assert.Contains($"SELECT create_distributed_table('{table.Name}', 'tenant'", string.Join('\n', statements), StringComparison.Ordinal));
        Assert.All(StoreTables.Exceptions, exception => Assert.Contains(exception.Key, tables.Select(table => table.Name).Concat(["migrations", "work_slots"])));
        Assert.Equal(tables.Count(table => StoreTables.SpreadOf(table.Name) == Spread.ByTenant) - 1, statements.Count(statement => statement.Contains("colocate_with => 'allocations'", StringComparison.Ordinal)));
        var columns = tables.ToDictionary(table => table.Name, table => table.Columns.Select(column => column.Name).ToHashSet());
        Assert.All(StoreTables.Links, link => Assert.True(link.Columns.Split(", ").All(columns[link.From].Contains) && link.Key.Split(", ").All(columns[link.To].Contains), link.ToString()));
    }

    [Fact]
    public async Task A_unique_index_of_a_spread_table_holds_its_tenant()
    {
        await using var database = new SqliteDatabase(Path.Combine(Path.GetTempPath(), $"caravan-rules-{Guid.NewGuid():n}.db"));
        database.Migrate(DateTimeOffset.UnixEpoch);
        await using var db = new Db(database, isInsideRead: false);
        var indexes = await db.QueryAsync<string>(
            """
            SELECT t.name || ' ' || i.name FROM sqlite_master AS t JOIN pragma_index_list(t.name) AS i
            WHERE t.type = 'table' AND i."unique" = 1 AND NOT EXISTS (SELECT 1 FROM pragma_index_info(i.name) AS c WHERE c.name = 'tenant')
            """);

        Assert.DoesNotContain(indexes, index => StoreTables.SpreadOf(index.Split(' ')[0]) == Spread.ByTenant && !index.StartsWith("sqlite", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Store", "once")]
    public async Task Spreading_is_refused_with_what_to_do_where_there_is_no_citus_and_shown_by_a_dry_run()
    {
        var folder = Directory.CreateTempSubdirectory("caravan-citus-").FullName;
        await TestStore.ServerAsync();
        var store = await TestStore.DatabaseAsync(folder);

        var refused = await CaravanProgram.RunAsync("store", "distribute", "--store", store, "--data", folder);
        var shown = await CaravanProgram.RunAsync("store", "distribute", "--dry-run", "--store", store, "--data", folder);
        var sqlite = await CaravanProgram.RunAsync("store", "distribute", "--data", folder);
        await TestStore.DropAsync(folder);
        Directory.Delete(folder, recursive: true);

        Assert.Equal((1, 0, 1), (refused.Exit, shown.Exit, sqlite.Exit));
        Assert.Contains("CREATE EXTENSION citus", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("SELECT create_distributed_table('orders', 'tenant', colocate_with => 'allocations');", shown.Output, StringComparison.Ordinal);
        Assert.Contains("SELECT create_reference_table('partners');", shown.Output, StringComparison.Ordinal);
        Assert.Contains("-- outbox stays on the coordinator", shown.Output, StringComparison.Ordinal);
        Assert.Contains("store copy", sqlite.Errors, StringComparison.Ordinal);
    }

    private static string? Breach(string sql, List<string> tables)
    {
        if (Insert().Match(sql) is { Success: true } insert)
        {
            if (insert.Groups[2].Value.Split(',')[0] != "tenant")
                return "its key does not begin with tenant";

            tables = [.. tables.Skip(1)];
        }

        if (sql.Contains("FOR UPDATE", StringComparison.Ordinal) && !OneTenant().IsMatch(sql))
            return "it locks rows of more than one tenant";
        return NamesTenant().Count(sql) >= tables.Count ? null : $"it names {tables.Count} tables and {NamesTenant().Count(sql)} tenants";
    }

    private static List<string> TablesOf(string sql, HashSet<string> tables) => [.. TableName().Matches(sql).Select(match => match.Groups[1].Value).Where(tables.Contains)];

    private static async Task<IReadOnlyList<StoredTable>> TablesAsync()
    {
        var file = Path.Combine(Path.GetTempPath(), $"caravan-tables-{Guid.NewGuid():n}.db");
        await using var database = new SqliteDatabase(file);
        database.Migrate(DateTimeOffset.UnixEpoch);
        await using var connection = await database.OpenReaderAsync(isInsideRead: false, TestCaravan.Cancel);
        return await Schema.ReadAsync(connection, null);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex(@"\b(?:FROM|JOIN|INTO|UPDATE) ([a-z_]+)")]
    private static partial Regex TableName();

    [GeneratedRegex(@"INSERT INTO ([a-z_]+) \(([a-z_, ]+)\)")]
    private static partial Regex Insert();

    [GeneratedRegex(@"\btenant = (?:[@$?]|ANY\b|\w+\.tenant\b)|\btenant IN\b|\((?:\w+\.)?tenant, [^)]*\) (?:=|IN\b(?! \(SELECT))")]
    private static partial Regex NamesTenant();

    [GeneratedRegex(@"\btenant = [@$]\w+")]
    private static partial Regex OneTenant();
}
