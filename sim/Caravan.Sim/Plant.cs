using System.Text.RegularExpressions;
using Caravan.Orders.Desk;
using Caravan.Platform.Idempotency;

namespace Caravan.Sim;

/// <summary>
/// A bug that is planted to see whether the simulation finds it. The program has no switch for any of them: the simulated disk
/// spoils the statements that pass it, answers too early, or lets news be lost.
/// </summary>
internal sealed partial class Plant
{
    private Plant(string name) => Name = name;

    public string Name { get; }

    /// <summary>What becomes of a statement's text.</summary>
    public Func<string, string>? Rewrite { get; private init; }

    /// <summary>What becomes of the schema.</summary>
    public Func<string, string>? RewriteSchema { get; private init; }

    /// <summary>Called when a commit is asked for and not yet done.</summary>
    public Action<SimServer, SimConnection> BeforeCommit { get; private init; } = (_, _) => { };

    /// <summary>Whether a server that was cut off goes on as if it had missed nothing.</summary>
    public bool LosesNews { get; private init; }

    /// <summary>Every bug that can be planted.</summary>
    public static IReadOnlyList<Plant> All { get; } =
    [
        new("acknowledge-before-commit") { BeforeCommit = AnswerEarly },
        new("no-idempotency-check") { Rewrite = sql => KeyLookUp().Replace(sql, "$0 AND 1 = 0") },
        new("no-shortage-check") { Rewrite = sql => Shortage().Replace(sql, "$1 = $1"), RewriteSchema = sql => sql.Replace("CHECK (sellable >= 0)", "", StringComparison.Ordinal) },
        new("expiry-settled-twice") { Rewrite = sql => sql.Contains("expires_at <= @now", StringComparison.Ordinal) ? sql.Replace("state = 'Held' AND", "", StringComparison.Ordinal).Replace("AND state = 'Held'", "", StringComparison.Ordinal) : sql },
        new("unpaid-settled-twice") { Rewrite = sql => sql.Contains("pay_by <= @now", StringComparison.Ordinal) ? sql.Replace("state = 'Awaited' AND", "", StringComparison.Ordinal) : sql },
        new("lost-follower-row") { Rewrite = sql => sql.Replace("SET sequence = @sequence WHERE", "SET sequence = @sequence + 2 WHERE", StringComparison.Ordinal) },
        new("lost-news") { LosesNews = true },
    ];

    public static Plant Of(string name) => All.FirstOrDefault(plant => plant.Name == name) ?? throw new ArgumentException($"There is no plant {name}; there are {string.Join(", ", All.Select(plant => plant.Name))}.", nameof(name));

    // What a hasty server would say: the answers it has just written, before they are on disk.
    private static void AnswerEarly(SimServer server, SimConnection connection)
    {
        foreach (var (key, answer, _) in server.Asked.Where(asked => asked.Key is not null).ToList())
        {
            using var find = connection.CreateCommand();
            find.CommandText = "SELECT location FROM idempotency_keys WHERE key = $key";
            find.Parameters.AddWithValue("$key", key);
            if (find.ExecuteScalar() is string location)
                answer(new DeskOutcome(null, new KeptAnswer([], 201, location, [])));
        }
    }

    [GeneratedRegex(@"FROM idempotency_keys WHERE tenant = \? AND key = \?")]
    private static partial Regex KeyLookUp();

    [GeneratedRegex(@"sellable >= (\?\d+|@p\d+)")]
    private static partial Regex Shortage();
}
