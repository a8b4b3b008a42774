using System.Data.Common;
using Npgsql;

namespace Caravan.Platform.Storage;

/// <summary>What a column holds, whichever store it lies in.</summary>
internal enum ColumnKind
{
    Id,
    Instant,
    Number,
    Real,
    Text,
    Bytes,
}

/// <summary>A column; <paramref name="Declared"/> is the store's own word for its type.</summary>
internal sealed record StoredColumn(string Name, ColumnKind Kind, string Declared);

/// <summary>A table as it stands in the store: its columns in their order, and its key.</summary>
internal sealed record StoredTable(string Name, IReadOnlyList<StoredColumn> Columns, IReadOnlyList<string> Key);

/// <summary>
/// The tables of a store, read from its own catalogue, so that a copy knows those that the next migration adds. Left out is
/// what belongs to the place and not to the business: the list of migrations, a copy's own progress, transaction numbers.
/// </summary>
internal static class Schema
{
    public const string CopyProgress = "store_copies";
    private static readonly HashSet<string> OfThePlace = ["migrations", CopyProgress, "work_slots"];

    public static async Task<IReadOnlyList<StoredTable>> ReadAsync(DbConnection connection, DbTransaction? transaction)
    {
        var columns = connection is NpgsqlConnection
            ? await RowsAsync(
                """
                SELECT c.relname, a.attname, format_type(a.atttypid, NULL), COALESCE(array_position(i.indkey::int2[], a.attnum), -1)
                FROM pg_class AS c
                JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
                WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
                ORDER BY c.relname COLLATE "C", a.attnum
                """)
            : await RowsAsync(
                """
                SELECT t.name, c.name, c.type, c.pk - 1
                FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c
                WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'
                ORDER BY t.name, c.cid
                """);
        return
        [
            .. columns.Where(column => !OfThePlace.Contains(column.Table) && column.Type != "xid8").GroupBy(column => column.Table).Select(table => new StoredTable(
                table.Key,
                [.. table.Select(column => new StoredColumn(column.Name, KindOf(column.Type), column.Type))],
                [.. table.Where(column => column.Place >= 0).OrderBy(column => column.Place).Select(column => column.Name)])),
        ];

        async Task<List<(string Table, string Name, string Type, int Place)>> RowsAsync(string sql)
        {
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
#pragma warning disable CA2100 // One of the constants above.
            command.CommandText = sql;
#pragma warning restore CA2100
            await using var reader = await command.ExecuteReaderAsync();
            List<(string, string, string, int)> rows = [];
            while (await reader.ReadAsync())
                rows.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3)));
            return rows;
        }
    }

    /// <summary>The migrations that a store has; none when it is new.</summary>
    public static async Task<IReadOnlyList<int>> MigrationsAsync(DbConnection connection, DbTransaction? transaction)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT number FROM migrations ORDER BY number";
        await using var reader = await command.ExecuteReaderAsync();
        List<int> numbers = [];
        while (await reader.ReadAsync())
            numbers.Add(reader.GetInt32(0));
        return numbers;
    }

    private static ColumnKind KindOf(string declared) => declared switch
    {
        "uuid" or "UUID BLOB" => ColumnKind.Id,
        "timestamp with time zone" or "INSTANT INTEGER" => ColumnKind.Instant,
        "integer" or "bigint" or "INTEGER" or "BIGINT" => ColumnKind.Number,
        "double precision" or "DOUBLE PRECISION" => ColumnKind.Real,
        "text" or "TEXT" => ColumnKind.Text,
        "bytea" or "BLOB" => ColumnKind.Bytes,
        _ => throw new InvalidOperationException($"A column of type {declared} cannot be copied between stores: say in Schema what it holds."),
    };
}
