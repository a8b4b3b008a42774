using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Caravan.Platform.Storage;

/// <summary>
/// Numbered SQL files (<c>0005_stock.sql</c>), embedded, applied once each in order, forward only, at start and under a
/// lock of the database's own. Types that differ between stores are written as tokens: <c>{id}</c>, <c>{instant}</c>,
/// <c>{json}</c>, <c>{bytes}</c>, <c>{serial}</c>; <c>{clustered}</c> behind a table's bracket lays its rows in the primary
/// key itself, where the store can. What may outgrow 32 bits is a BIGINT, and a fraction a DOUBLE PRECISION. A line that
/// begins with <c>{postgres}</c> or <c>{sqlite}</c> is for that store alone.
/// </summary>
internal static class Migrations
{
    private const string ResourcePrefix = "migration:";

    /// <summary>Applies what is missing, inside the caller's transaction, which holds the lock.</summary>
    public static void Apply(DbConnection connection, DbTransaction transaction, Func<string, string> types, DateTimeOffset now, IReadOnlyList<int>? only = null)
    {
        Execute("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)");
        var applied = Applied();
        foreach (var (number, name, sql) in All())
        {
            if (applied.Contains(number) || only?.Contains(number) == false)
                continue;

            Execute(types(sql));
            Execute($"INSERT INTO migrations VALUES ({number}, '{name}', {now.ToUnixTimeMilliseconds()})");
        }

        void Execute(string sql)
        {
            using var command = Command(sql);
            command.ExecuteNonQuery();
        }

        HashSet<int> Applied()
        {
            using var command = Command("SELECT number FROM migrations");
            using var reader = command.ExecuteReader();
            HashSet<int> numbers = [];
            while (reader.Read())
                numbers.Add(reader.GetInt32(0));
            return numbers;
        }

        DbCommand Command(string sql)
        {
            var command = connection.CreateCommand();
            command.Transaction = transaction;
#pragma warning disable CA2100 // The text is ours: an embedded file, or a constant above.
            command.CommandText = sql;
#pragma warning restore CA2100
            return command;
        }
    }

    /// <summary>The lines of a migration that are for another store than the one at hand.</summary>
    internal static Regex OtherStore(string store) => new($@"^\{{{store}\}}.*\n", RegexOptions.Multiline | RegexOptions.CultureInvariant);

    /// <summary>Every migration in order, as it is written.</summary>
    internal static IEnumerable<(int Number, string Name, string Sql)> All()
    {
        var assembly = typeof(Migrations).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var name = resource[ResourcePrefix.Length..];
            using var stream = new StreamReader(assembly.GetManifestResourceStream(resource)!); // Listed just above.
            yield return (int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, stream.ReadToEnd());
        }
    }
}
