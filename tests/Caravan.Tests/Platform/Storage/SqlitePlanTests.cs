using System.Text.RegularExpressions;
using Caravan.Platform.Storage;
using Caravan.Tests.Orders;
using SQLitePCL;

namespace Caravan.Tests.Platform.Storage;

/// <summary>
/// SQLite finds what it is asked for: every statement that the service sends is explained on our tables, and none walks a whole
/// table, or all rows of a company, where it should not.
/// </summary>
[Collection(nameof(AfterTheOthers))]
[Trait("Store", "once")]
public sealed partial class SqlitePlanTests(SentStatements sent)
{
    /// <summary>Statements that walk, by the method they come from, and why they may.</summary>
    private static readonly Dictionary<string, string> Walks = new()
    {
        ["ApiKeys.OpenSessionAsync"] = "people's sessions are few, and those that have ended are thrown away",
        ["PlatformPrunings.SessionsAsync"] = "as OpenSessionAsync",
        ["KeyDesk.ActiveAsync"] = "a company has at most a hundred active keys, by an index that holds no revoked ones",
        ["SigningKeys.MakeAsync"] = "a handful of rows",
        ["SigningKeys.ReadAsync"] = "as MakeAsync",
        ["RateLimits.RateOfAsync"] = "one row a company",
        ["RateLimits.SetAsync"] = "as RateOfAsync",
        ["PartnerStore.FindAsync"] = "as RateOfAsync",
        ["PartnerStore.ManyAsync"] = "as RateOfAsync",
        ["ReleaseStore.RulesAsync"] = "an operator's nodes that say yes or no, all of them",
        ["ReleaseStore.LeftAsync"] = "a seller's declined releases that nobody else could take, by an index that holds no others",
        ["InboxStore.LastingAsync"] = "what waits at a company, which is little",
        ["InboxStore.CountAsync"] = "as LastingAsync",
        ["InboxStore.SolvedAsync"] = "a page along an index, those solved last first",
        ["InboxStore.TimesAsync"] = "as SolvedAsync",
        ["FigureStore.LoadAsync"] = "an operator's check looks at all sums",
        ["FigureStore.ForgetAsync"] = "as LoadAsync, to build them anew",
        ["StockQueries.OnHandAsync"] = "four times an hour, on one server: what lies at each location",
        ["JobStore.TroubledAsync"] = "a shipper's open jobs, by an index that holds no others",
        ["ConnectionStore.CountAsync"] = "a company has at most fifty",
        ["ConnectionStore.ListAsync"] = "as CountAsync",
        ["SimulationStore.ClaimAsync"] = "one simulation a draft, and a company has few drafts",
        ["Simulator.Pruning"] = "as ClaimAsync",
        ["SourcingRuleStore.ListAsync"] = "a company's drafts are few, its versions as many as it published; a page at a time by the key",
        ["StopSellStore.ActiveAsync"] = "stops are few, and read when one changes",
        ["StopSellStore.CountAsync"] = "a company has at most a thousand in force",
        ["StopSellStore.ListAsync"] = "by its key, a page at a time",
        ["EdiStore.ListAsync"] = "a page along the key, newest first",
        ["EdiStore.PartnersAsync"] = "a company trades by EDI with few",
        ["Pruner.PruneOnceAsync"] = "once an hour, over keys, which are few",
        ["CourierStore.AllAsync"] = "a carrier's couriers, all of them",
        ["CourierStore.AllStopsAsync"] = "the dispatcher plans all routes that are open",
        ["CourierStore.WorkingAsync"] = "the dispatcher asks all couriers on shift",
        ["CourierStore.LoadsAsync"] = "a carrier's couriers, all of them, and their open stops; kept for a second",
        ["CourierStore.CarryingForAsync"] = "a shipper's open jobs, by an index that holds no others",
        ["JobStore.OpenOfShipperAsync"] = "as CarryingForAsync",
        ["JobStore.WaitingAsync"] = "jobs that are packed or to be there within the hour and wait for a courier, by an index that holds no others",
        ["JobStore.ListAsync"] = "a page along the key",
        ["OrderStore.ListAsync"] = "a page along the key, newest first",
        ["PickListStore.LoadAsync"] = "a page along the key",
        ["PickListStore.LoadsAsync"] = "a node's open lists, by an index that holds no others",
        ["FeedStore.AllAsync"] = "a company's feeds, all of them",
        ["FeedStore.HealthAsync"] = "as AllAsync",
        ["FeedCellStore.MovedSinceAsync"] = "sums what a range of the key gave",
        ["ItemStore.CategoriesAsync"] = "a company's categories, for a page",
        ["LocationStore.AllAsync"] = "the network is kept in memory whole",
        ["LocationStore.VersionAsync"] = "one row a company",
        ["PartnerStore.AllAsync"] = "every company, for an operator and for rounds over all of them",
        ["Shortfalls.RecheckAsync"] = "a company's open shortfalls, which are few",
        ["StockAudit.RunAsync"] = "an audit looks at everything",
        ["StockBooksStore.CountDifferencesAsync"] = "a company's differences, which are none",
        ["AllocationStore.OfAsync"] = "one row a company",
        ["QuotaStore.InForceAsync"] = "a company's quotas, all of them; remembered",
        ["QuotaStore.ListAsync"] = "a page along the key, newest first",
        ["SafetyStore.CountAsync"] = "a company's rules, all of them",
        ["SafetyStore.IsStaleAsync"] = "as CountAsync",
        ["SafetyStore.OfItemsAsync"] = "as CountAsync",
        ["SafetyStore.OpenAsync"] = "a company's open sweeps, which are few",
        ["Shortfalls.TellAgainAsync"] = "a company's open shortfalls, which are few",
        ["SupplyStore.AuditAsync"] = "an audit looks at everything",
        ["SupplyStore.ListAsync"] = "a page along the key, newest first",
        ["LotAudit.RunAsync"] = "as StockAudit",
        ["ReturnAudit.RunAsync"] = "as StockAudit",
        ["ReturnStore.ListAsync"] = "a page along the key, newest first",
        ["LotStore.ListAsync"] = "a page along an index, those that expire first first",
        ["LotStore.OutdatedAsync"] = "now and then, on one server: lots whose items have changed",
        ["SsccRanges.AllAsync"] = "a company has at most a hundred",
        ["SsccRanges.AssignAsync"] = "the one that is current, by an index that holds no others",
        ["SsccRanges.CurrentAsync"] = "as AssignAsync",
        ["SsccRanges.PutAsync"] = "as AssignAsync",
        ["PartnerStore.OfAsync"] = "a company's agreements, all of them",
        ["TransferStore.ListAsync"] = "a page along the key, newest first",
        ["StockQueries.MovementsAsync"] = "a page along the key, newest first",
    };

    [Fact]
    public async Task No_statement_walks_all_rows_of_a_company_to_find_a_few()
    {
        // Alone it has this walk to look at; after a whole run, every statement of every test.
        await using var world = await OrderWorld.StartAsync();
        await world.ReceiveAsync("chain", "tea", "near", 5);
        await world.PlaceAsync("N-1");
        await world.Chain.Http.FetchAsync("/v1/orders");
        var file = Path.Combine(Path.GetTempPath(), $"caravan-plans-{Guid.NewGuid():n}.db");
        await using var database = new SqliteDatabase(file);
        database.Migrate(DateTimeOffset.UnixEpoch);
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_open(file, out var connection));

        var walks = sent.All.Where(one => !Walks.ContainsKey(one.From))
            .SelectMany(one => PlanOf(connection, one.Sql).Where(step => Walk().IsMatch(step)), (one, step) => $"{one.From}: {step}: {Space().Replace(one.Sql, " ").Trim()}")
            .Distinct().Order().ToList();
        connection.Dispose();
        File.Delete(file);

        Assert.True(sent.All.Count > 20, $"Only {sent.All.Count} statements were seen.");
        Assert.True(walks.Count == 0, $"{walks.Count} walk:\n{string.Join('\n', walks)}");
    }

    // A statement of another store's, or on a table of a test's own, has no plan here.
    private static IEnumerable<string> PlanOf(sqlite3 connection, string sql)
    {
        if (!Looks().IsMatch(sql) || raw.sqlite3_prepare_v2(connection, $"EXPLAIN QUERY PLAN {sql}", out var statement) != raw.SQLITE_OK)
            yield break;

        using (statement)
        {
            while (raw.sqlite3_step(statement) == raw.SQLITE_ROW)
                yield return raw.sqlite3_column_text(statement, 3).utf8_to_string();
        }
    }

    [GeneratedRegex(@"^\s*(SELECT|WITH|UPDATE|DELETE|INSERT[\s\S]*SELECT)", RegexOptions.IgnoreCase)]
    private static partial Regex Looks();

    // stock_books has one row a company.
    [GeneratedRegex(@"^SCAN (?!CONSTANT ROW|\(subquery|json_each|pragma_)|(?<!stock_books_1 )\(tenant=\?\)$")]
    private static partial Regex Walk();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
