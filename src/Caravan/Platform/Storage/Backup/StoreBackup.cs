using System.Data.Common;
using System.Text.Json;

namespace Caravan.Platform.Storage.Backup;

/// <summary>Hears how far a long piece of work is: which table, how many rows of how many.</summary>
internal delegate void TableProgress(string table, long rows, long of);

/// <summary>Writes a store to a file, while it is in use, and reads it back, into whichever store.</summary>
internal static class StoreBackup
{
    private const int ChunkBytes = 1 << 20;
    private const int RowsPerWrite = 5_000;

    /// <summary>Writes one moment of the store. The file appears under its name when it is whole and on disk.</summary>
    public static async Task<BackupEnd> WriteAsync(Database database, string path, DateTimeOffset now, TableProgress progress, CancellationToken cancel)
    {
        var unfinished = path + ".part";
        try
        {
            BackupEnd end;
            await using (var snapshot = await Snapshot.OpenAsync(database, cancel))
            {
                using var file = BackupFile.Create(unfinished);
                file.Write('H', new BackupHead(now, typeof(StoreBackup).Assembly.GetName().Version?.ToString(3) ?? "", database.Place, snapshot.Migrations), BackupJson.Default.BackupHead);
                var rows = 0L;
                foreach (var table in snapshot.Tables)
                    rows += await WriteAsync(file, snapshot, table, progress, cancel);
                end = new BackupEnd(snapshot.Tables.Count, rows);
                file.Write('Z', end, BackupJson.Default.BackupEnd);
                file.Flush();
            }

            File.Move(unfinished, path, overwrite: true);
            return end;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Reads a backup through: every hash and count.</summary>
    /// <exception cref="BackupDamagedException">It is not as it was written.</exception>
    public static async Task<(BackupHead Head, BackupEnd End)> VerifyAsync(string path, TableProgress progress, CancellationToken cancel) =>
        await ReadAsync(path, (_, _) => Task.CompletedTask, (_, _) => Task.CompletedTask, progress, cancel);

    /// <summary>
    /// Puts a backup in the place of all tables of a store, in one transaction: they are as they were then, and brought on by
    /// the migrations that have come since.
    /// </summary>
    /// <exception cref="BackupDamagedException">It is not as it was written; nothing is changed.</exception>
    public static async Task<BackupEnd> RestoreAsync(Database database, string path, DateTimeOffset now, TableProgress progress, CancellationToken cancel)
    {
        await using var connection = await database.OpenWriterAsync();
        await using var transaction = await database.BeginWriteAsync(connection);
        Dictionary<string, StoredTable> tables = [];
        var (head, end) = await ReadAsync(
            path,
            async (head, _) =>
            {
                await DropAsync(connection, transaction);
                Migrations.Apply(connection, transaction, database.TypesOf, now, only: head.Migrations);
                if (head.Migrations.Except(await Schema.MigrationsAsync(connection, transaction)).ToList() is { Count: > 0 } unknown)
                    throw new BackupDamagedException($"The backup is of a newer Caravan: this one does not know its migration {unknown[0]:0000}. Restore it with the version that made it, or a newer one.");
                tables = (await Schema.ReadAsync(connection, transaction)).ToDictionary(table => table.Name);
            },
            (table, rows) => tables.TryGetValue(table.Name, out var target)
                ? TableRows.WriteAsync(connection, target, table.Columns, rows)
                : throw new BackupDamagedException($"The backup has a table {table.Name} that its migrations do not make."),
            progress,
            cancel);
        Migrations.Apply(connection, transaction, database.TypesOf, now);
        await GoOnFromAsync(connection, transaction);
        await transaction.CommitAsync(cancel);
        return end;
    }

    /// <summary>Whether a store has rows of anybody's.</summary>
    public static async Task<bool> IsEmptyAsync(Database database, CancellationToken cancel)
    {
        await using var snapshot = await Snapshot.OpenAsync(database, cancel);
        foreach (var table in snapshot.Tables)
        {
            await foreach (var _ in snapshot.RowsAsync(table))
                return false;
        }

        return true;
    }

    /// <summary>New events come after all that were ever told of, also those that are no longer kept.</summary>
    public static async Task GoOnFromAsync(DbConnection connection, DbTransaction transaction)
    {
        const string Last = "(SELECT MAX(sequence) FROM (SELECT 1 AS sequence UNION ALL SELECT sequence FROM outbox UNION ALL SELECT sequence FROM outbox_cursors) AS told)";
        await Database.ExecuteAsync(
            connection,
            transaction,
            connection is Npgsql.NpgsqlConnection
                ? $"SELECT setval(pg_get_serial_sequence('outbox', 'sequence'), {Last})"
                : $"DELETE FROM sqlite_sequence WHERE name = 'outbox'; INSERT INTO sqlite_sequence (name, seq) VALUES ('outbox', {Last})");
    }

    private static async Task<long> WriteAsync(BackupFile file, Snapshot snapshot, StoredTable table, TableProgress progress, CancellationToken cancel)
    {
        var count = await snapshot.CountAsync(table);
        file.Write('T', new BackupTable(table.Name, [.. table.Columns.Select(column => column.Name)]), BackupJson.Default.BackupTable);
        using var chunk = new MemoryStream();
        using var writer = new BinaryWriter(chunk);
        using var sum = new RowSum();
        await foreach (var row in snapshot.RowsAsync(table).WithCancellation(cancel))
        {
            var start = (int)chunk.Position;
            writer.Write(0);
            RowCodec.Write(writer, row);
            var length = (int)chunk.Position - start - sizeof(int);
            BitConverter.TryWriteBytes(chunk.GetBuffer().AsSpan(start), length);
            sum.Add(chunk.GetBuffer().AsSpan(start + sizeof(int), length));
            if (chunk.Position < ChunkBytes)
                continue;

            file.WriteRows(chunk.GetBuffer().AsSpan(0, (int)chunk.Position));
            chunk.SetLength(0);
            progress(table.Name, sum.Total.Rows, count);
        }

        if (chunk.Position > 0)
            file.WriteRows(chunk.GetBuffer().AsSpan(0, (int)chunk.Position));
        var total = sum.Total;
        file.Write('E', new BackupTableEnd(total.Rows, total.Sha256), BackupJson.Default.BackupTableEnd);
        progress(table.Name, total.Rows, count);
        return total.Rows;
    }

    private static async Task<(BackupHead Head, BackupEnd End)> ReadAsync(string path, Func<BackupHead, CancellationToken, Task> begin, Func<BackupTable, IReadOnlyCollection<object?[]>, Task> take, TableProgress progress, CancellationToken cancel)
    {
        using var file = BackupFile.Open(path);
        var head = Json(file.Read(), 'H', BackupJson.Default.BackupHead);
        await begin(head, cancel);
        var (tables, rows) = (0, 0L);
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var frame = file.Read();
            if (frame.Kind == 'Z')
            {
                var end = Json(frame, 'Z', BackupJson.Default.BackupEnd);
                if (end != new BackupEnd(tables, rows) || !file.IsAtEnd)
                    throw new BackupDamagedException($"The backup says {end.Tables} tables and {end.Rows:N0} rows, and holds {tables} and {rows:N0}, or goes on after its end.");
                return (head, end);
            }

            tables++;
            rows += await ReadTableAsync(file, Json(frame, 'T', BackupJson.Default.BackupTable), take, progress);
        }
    }

    private static async Task<long> ReadTableAsync(BackupFile file, BackupTable table, Func<BackupTable, IReadOnlyCollection<object?[]>, Task> take, TableProgress progress)
    {
        using var sum = new RowSum();
        List<object?[]> rows = [];
        while (true)
        {
            var frame = file.Read();
            if (frame.Kind == 'R')
            {
                Decode(BackupFile.Unpack(frame.Bytes), table.Columns.Count, sum, rows);
                if (rows.Count >= RowsPerWrite)
                    await TakeAsync();
                continue;
            }

            var end = Json(frame, 'E', BackupJson.Default.BackupTableEnd);
            if (new TableSum(end.Rows, end.Sha256) != sum.Total)
                throw new BackupDamagedException($"Table {table.Name} is not what was written: {end.Rows:N0} rows, hash {end.Sha256}; here {sum.Total.Rows:N0}, {sum.Total.Sha256}.");
            await TakeAsync();
            return end.Rows;
        }

        async Task TakeAsync()
        {
            if (rows.Count > 0)
                await take(table, rows);
            rows.Clear();
            progress(table.Name, sum.Total.Rows, 0);
        }
    }

    private static void Decode(byte[] bytes, int columns, RowSum sum, List<object?[]> rows)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        for (var at = 0; at < bytes.Length;)
        {
            var length = reader.ReadInt32();
            sum.Add(bytes.AsSpan(at + sizeof(int), length));
            rows.Add(RowCodec.Read(reader, columns));
            at += sizeof(int) + length;
        }
    }

    private static T Json<T>((char Kind, byte[] Bytes) frame, char wanted, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class =>
        frame.Kind == wanted && JsonSerializer.Deserialize(frame.Bytes, type) is { } value
            ? value
            : throw new BackupDamagedException($"The backup is not in order: '{wanted}' was to follow, and '{frame.Kind}' stands there.");

    private static async Task DropAsync(DbConnection connection, DbTransaction transaction)
    {
        foreach (var table in await Schema.ReadAsync(connection, transaction))
            await Database.ExecuteAsync(connection, transaction, $"DROP TABLE {table.Name}");
        foreach (var table in (string[])["migrations", "work_slots", Schema.CopyProgress])
            await Database.ExecuteAsync(connection, transaction, $"DROP TABLE IF EXISTS {table}");
    }
}
