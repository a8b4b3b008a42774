using System.Text.Json;
using Caravan.Platform.Storage;

namespace Caravan.Orders.Rules;

/// <summary>Rule sets in SQL. Weights, changes and what was replaced are kept as the JSON of <see cref="RulesJson"/>; a member that is added later must bear being absent.</summary>
internal static class SourcingRuleStore
{
    /// <summary>A company's rules in force are others.</summary>
    public const string Topic = "sourcing-rules";

    // Older ones were in force too long ago for any promise.
    private const int LatestMax = 20;

    private const string Columns = "tenant, id, version, note, weights, changes, replaced, made_by, made_at, published_by, published_at";

    /// <summary>The versions that were in force last, the newest first.</summary>
    public static async Task<List<SourcingRuleSet>> LatestAsync(Db db, PartnerId company) =>
        (await db.QueryAsync<Row>($"SELECT {Columns} FROM sourcing_rules WHERE tenant = @company AND version IS NOT NULL ORDER BY version DESC LIMIT {LatestMax}", new { company })).ConvertAll(row => row.ToRules());

    /// <summary>The versions after one, the oldest first.</summary>
    public static async Task<List<SourcingRuleSet>> SinceAsync(Db db, PartnerId company, int version) =>
        (await db.QueryAsync<Row>($"SELECT {Columns} FROM sourcing_rules WHERE tenant = @company AND version > @version ORDER BY version", new { company, version })).ConvertAll(row => row.ToRules());

    public static async Task<SourcingRuleSet?> FindAsync(Db db, PartnerId company, RuleSetId id) =>
        (await db.FirstAsync<Row>($"SELECT {Columns} FROM sourcing_rules WHERE tenant = @company AND id = @id", new { company, id }))?.ToRules();

    /// <summary>Drafts and versions, newest first, those before a cursor.</summary>
    public static async Task<List<SourcingRuleSet>> ListAsync(Db db, PartnerId company, RuleSetId? before, int count) => (await db.QueryAsync<Row>(
        $"SELECT {Columns} FROM sourcing_rules WHERE tenant = @company {(before is null ? "" : "AND id < @before")} ORDER BY id DESC LIMIT @count", new { company, before, count })).ConvertAll(row => row.ToRules());

    public static Task<int> DraftsAsync(Db db, PartnerId company) =>
        db.ValueAsync<int>("SELECT COUNT(*) FROM sourcing_rules WHERE tenant = @company AND version IS NULL", new { company });

    public static Task InsertAsync(Tx tx, SourcingRuleSet rules)
    {
        tx.Announce(Topic, rules.Company);
        return tx.ExecuteAsync(
            $"INSERT INTO sourcing_rules ({Columns}) VALUES (@Company, @Id, @Version, @Note, @weights, @changes, @replaced, @MadeBy, @MadeAt, @PublishedBy, @PublishedAt)",
            Arguments(rules));
    }

    /// <summary>Writes a draft anew, or makes it a version.</summary>
    public static Task UpdateAsync(Tx tx, SourcingRuleSet rules)
    {
        tx.Announce(Topic, rules.Company);
        return tx.ExecuteAsync(
            """
            UPDATE sourcing_rules SET version = @Version, note = @Note, weights = @weights, changes = @changes, replaced = @replaced, made_by = @MadeBy, made_at = @MadeAt,
                published_by = @PublishedBy, published_at = @PublishedAt
            WHERE tenant = @Company AND id = @Id
            """,
            Arguments(rules));
    }

    public static Task RemoveAsync(Tx tx, PartnerId company, RuleSetId id) => tx.ExecuteAsync("DELETE FROM sourcing_rules WHERE tenant = @company AND id = @id", new { company, id });

    private static object Arguments(SourcingRuleSet rules) => new
    {
        rules.Company,
        rules.Id,
        rules.Version,
        rules.Note,
        weights = JsonSerializer.Serialize(rules.Weights, RulesJson.Default.SourcingWeights),
        changes = JsonSerializer.Serialize(rules.Changes, RulesJson.Default.RuleChanges),
        replaced = rules.Replaced is null ? null : JsonSerializer.Serialize(rules.Replaced, RulesJson.Default.RuleChanges),
        rules.MadeBy,
        rules.MadeAt,
        rules.PublishedBy,
        rules.PublishedAt,
    };

    private sealed record Row
    {
        public PartnerId Tenant { get; init; }
        public RuleSetId Id { get; init; }
        public int? Version { get; init; }
        public string Note { get; init; } = "";
        public string Weights { get; init; } = "";
        public string Changes { get; init; } = "";
        public string? Replaced { get; init; }
        public string MadeBy { get; init; } = "";
        public DateTimeOffset MadeAt { get; init; }
        public string? PublishedBy { get; init; }
        public DateTimeOffset? PublishedAt { get; init; }

        public SourcingRuleSet ToRules() => new()
        {
            Company = Tenant,
            Id = Id,
            Version = Version,
            Note = Note,
            Weights = JsonSerializer.Deserialize(Weights, RulesJson.Default.SourcingWeights)!, // Written above.
            Changes = JsonSerializer.Deserialize(Changes, RulesJson.Default.RuleChanges)!, // As above.
            Replaced = Replaced is null ? null : JsonSerializer.Deserialize(Replaced, RulesJson.Default.RuleChanges),
            MadeBy = MadeBy,
            MadeAt = MadeAt,
            PublishedBy = PublishedBy,
            PublishedAt = PublishedAt,
        };
    }
}
