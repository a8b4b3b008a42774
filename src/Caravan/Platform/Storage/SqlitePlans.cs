using Microsoft.Data.Sqlite;

namespace Caravan.Platform.Storage;

/// <summary>
/// What SQLite's planner believes of our tables. Left to itself it takes every tenant for a handful of rows, and walks all of
/// a company's orders along the primary key where an index would find the one that is asked for. It is told once that a
/// company has many rows and that each further column of a key narrows them down. Said, not counted: plans are the same
/// on every machine and do not change while it grows.
/// </summary>
internal static class SqlitePlans
{
    // In SQLite's own form: rows of the index, then rows for one value of its first column, of its first two, and so on.
    private const string Beliefs =
        """
        INSERT INTO sqlite_stat1 (tbl, idx, stat)
        SELECT tbl, idx, '1000000 ' || group_concat(CASE
            WHEN place = last AND is_unique THEN 1
            WHEN place = last THEN 10
            WHEN name = 'tenant' AND place = 0 THEN 100000
            ELSE max(20, 1000 >> (3 * place)) END, ' ')
        FROM (
            SELECT t.name AS tbl, CASE WHEN i.origin = 'pk' AND NOT EXISTS (SELECT 1 FROM sqlite_schema AS s WHERE s.name = i.name) THEN t.name ELSE i.name END AS idx,
                i."unique" AS is_unique, c.seqno AS place, c.name AS name, max(c.seqno) OVER (PARTITION BY t.name, i.name) AS last
            FROM sqlite_schema AS t JOIN pragma_index_list(t.name) AS i JOIN pragma_index_info(i.name) AS c
            WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY t.name, i.name, c.seqno)
        GROUP BY tbl, idx
        """;

    /// <summary>Tells it, in the caller's transaction.</summary>
    public static void Tell(SqliteConnection connection, SqliteTransaction transaction)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"ANALYZE sqlite_schema; DELETE FROM sqlite_stat1; {Beliefs}; ANALYZE sqlite_schema"; // The last has this connection look at it, too.
        command.ExecuteNonQuery();
    }
}
