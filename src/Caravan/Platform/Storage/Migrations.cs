using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Caravan.Platform.Storage;

/// <summary>
/// Numbered SQL files (<c>0005_stock.sql</c>), embedded, applied once each in order, forward only, at start and under the
/// database's own write lock. Types that differ between stores are written as tokens: <c>{id}</c>, <c>{instant}</c>,
/// <c>{json}</c>, <c>{serial}</c>; <c>{clustered}</c> behind a table's bracket lays its rows in the primary key itself.
/// </summary>
internal static class Migrations
{
    private const string ResourcePrefix = "migration:";

    public static void Apply(SqliteConnection connection, DateTimeOffset now)
    {
        using (connection)
        using (var transaction = connection.BeginTransaction(deferred: false))
        {
            Execute("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL)");
            var applied = Applied();
            foreach (var (number, name, sql) in All())
            {
                if (applied.Contains(number))
                    continue;

                Execute(sql);
                Execute($"INSERT INTO migrations VALUES ({number}, '{name}', {now.ToUnixTimeMilliseconds()})");
            }

            transaction.Commit();
        }

        void Execute(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }

        HashSet<int> Applied()
        {
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT number FROM migrations";
            using var reader = command.ExecuteReader();
            HashSet<int> numbers = [];
            while (reader.Read())
                numbers.Add(reader.GetInt32(0));
            return numbers;
        }
    }

    /// <summary>Every migration in order, its tokens replaced for SQLite.</summary>
    internal static IEnumerable<(int Number, string Name, string Sql)> All()
    {
        var assembly = typeof(Migrations).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var name = resource[ResourcePrefix.Length..];
            using var stream = new StreamReader(assembly.GetManifestResourceStream(resource)!); // Listed just above.
            var sql = stream.ReadToEnd()
                .Replace("{id}", "BLOB", StringComparison.Ordinal)
                .Replace("{instant}", "INTEGER", StringComparison.Ordinal)
                .Replace("{json}", "TEXT", StringComparison.Ordinal)
                .Replace("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT", StringComparison.Ordinal)
                .Replace("{clustered}", " WITHOUT ROWID", StringComparison.Ordinal);
            yield return (int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, sql);
        }
    }
}
