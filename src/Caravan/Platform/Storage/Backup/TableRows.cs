using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace Caravan.Platform.Storage.Backup;

/// <summary>
/// A table's rows out of one store and into another, each value as what it is: a Guid, a number, an instant as milliseconds,
/// text, bytes, or nothing. PostgreSQL's go by COPY.
/// </summary>
internal static class TableRows
{
    /// <summary>All rows in the order of the key, which is the same on both stores; the outbox in the order in which it is followed.</summary>
    public static IAsyncEnumerable<object?[]> ReadAsync(DbConnection connection, DbTransaction? transaction, StoredTable table, Dictionary<long, long> moved)
    {
        if (connection is NpgsqlConnection postgres)
        {
            var columns = string.Join(", ", table.Columns.Select(column => column.Kind == ColumnKind.Number ? $"{column.Name}::bigint" : column.Name));
            var order = table.Name == "outbox" ? "txid, sequence" : string.Join(", ", table.Key);
            return OutboxOrder.Numbered(table, CopyAsync(postgres, $"COPY (SELECT {columns} FROM {table.Name} ORDER BY {order}) TO STDOUT (FORMAT BINARY)", table.Columns), moved);
        }

        var key = table.Name == "outbox" ? "sequence" : string.Join(", ", table.Key);
        return SelectAsync((SqliteConnection)connection, (SqliteTransaction?)transaction, $"SELECT {string.Join(", ", table.Columns.Select(column => column.Name))} FROM {table.Name} ORDER BY {key}", table.Columns);
    }

    /// <summary>Adds rows to a table of the target, whose columns may be more than those that are brought.</summary>
    public static async Task WriteAsync(DbConnection connection, StoredTable target, IReadOnlyList<string> columns, IReadOnlyCollection<object?[]> rows)
    {
        var into = columns.Select(name => target.Columns.FirstOrDefault(column => column.Name == name) ?? throw new InvalidDataException($"There is no column {target.Name}.{name} here: the data is of a newer Caravan.")).ToList();
        if (connection is NpgsqlConnection postgres)
        {
            await using var import = await postgres.BeginBinaryImportAsync($"COPY {target.Name} ({string.Join(", ", columns)}) FROM STDIN (FORMAT BINARY)");
            foreach (var row in rows)
            {
                await import.StartRowAsync();
                for (var i = 0; i < into.Count; i++)
                    await WriteAsync(import, into[i], row[i]);
            }

            await import.CompleteAsync();
            return;
        }

        var insert = SqliteStatement.Of((SqliteConnection)connection, $"INSERT INTO {target.Name} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select(_ => "?"))})");
        foreach (var row in rows)
        {
            foreach (var value in row)
                Bind(insert, value);
            insert.Run();
        }
    }

    private static async IAsyncEnumerable<object?[]> CopyAsync(NpgsqlConnection connection, string sql, IReadOnlyList<StoredColumn> columns)
    {
        await using var export = await connection.BeginBinaryExportAsync(sql);
        while (await export.StartRowAsync() != -1)
        {
            var row = new object?[columns.Count];
            for (var i = 0; i < row.Length; i++)
            {
                if (export.IsNull)
                    await export.SkipAsync();
                else
                    row[i] = await ValueAsync(export, columns[i].Kind);
            }

            yield return row;
        }
    }

    private static async ValueTask<object> ValueAsync(NpgsqlBinaryExporter export, ColumnKind kind) => kind switch
    {
        ColumnKind.Id => await export.ReadAsync<Guid>(NpgsqlDbType.Uuid),
        ColumnKind.Instant => new DateTimeOffset(await export.ReadAsync<DateTime>(NpgsqlDbType.TimestampTz)).ToUnixTimeMilliseconds(),
        ColumnKind.Number => await export.ReadAsync<long>(NpgsqlDbType.Bigint),
        ColumnKind.Real => await export.ReadAsync<double>(NpgsqlDbType.Double),
        ColumnKind.Text => await export.ReadAsync<string>(NpgsqlDbType.Text),
        _ => await export.ReadAsync<byte[]>(NpgsqlDbType.Bytea),
    };

    private static async IAsyncEnumerable<object?[]> SelectAsync(SqliteConnection connection, SqliteTransaction? transaction, string sql, IReadOnlyList<StoredColumn> columns)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Names out of the store's own catalogue.
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var row = new object?[columns.Count];
            for (var i = 0; i < row.Length; i++)
                row[i] = reader.IsDBNull(i) ? null : Value(reader, i, columns[i].Kind);
            yield return row;
        }
    }

    private static object Value(SqliteDataReader reader, int i, ColumnKind kind) => kind switch
    {
        ColumnKind.Id => new Guid(reader.GetFieldValue<byte[]>(i), bigEndian: true),
        ColumnKind.Instant or ColumnKind.Number => reader.GetInt64(i),
        ColumnKind.Real => reader.GetDouble(i),
        ColumnKind.Text => reader.GetString(i),
        _ => reader.GetFieldValue<byte[]>(i),
    };

    private static Task WriteAsync(NpgsqlBinaryImporter import, StoredColumn column, object? value) => (column.Kind, value) switch
    {
        (_, null) => import.WriteNullAsync(),
        (ColumnKind.Instant, long milliseconds) => import.WriteAsync(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime, NpgsqlDbType.TimestampTz),
        (_, long number) when column.Declared == "integer" => import.WriteAsync(checked((int)number), NpgsqlDbType.Integer),
        (_, long number) => import.WriteAsync(number, NpgsqlDbType.Bigint),
        (_, Guid id) => import.WriteAsync(id, NpgsqlDbType.Uuid),
        (_, double real) => import.WriteAsync(real, NpgsqlDbType.Double),
        (_, string text) => import.WriteAsync(text, NpgsqlDbType.Text),
        _ => import.WriteAsync((byte[])value, NpgsqlDbType.Bytea),
    };

    private static void Bind(RowWriter row, object? value) => _ = value switch
    {
        null => row.Number(null),
        Guid id => row.Bytes(id.ToByteArray(bigEndian: true)),
        long number => row.Number(number),
        double real => row.Real(real),
        string text => row.Text(text),
        _ => row.Bytes((byte[])value),
    };
}
