using System.Data.Common;

namespace Caravan.Platform.Storage.Backup;

/// <summary>
/// Brings all rows of one store into another, table by table in the order of their keys. Each step of rows is written together
/// with how far it has come, so that a copy that was cut off goes on where it stood; at the end every table is counted
/// and hashed on both sides.
/// </summary>
internal static class StoreCopy
{
    private const int RowsPerStep = 5_000;
    private const string InPostgres = $"FROM pg_class WHERE relname = '{Schema.CopyProgress}' AND relnamespace = current_schema()::regnamespace";
    private const string InSqlite = $"FROM sqlite_master WHERE name = '{Schema.CopyProgress}'";

    /// <summary>Whether a copy into this store has begun and not ended.</summary>
    public static Task<bool> IsUnfinishedAsync(Store store, CancellationToken cancel) =>
        store.ReadAsync(async db => await db.ValueAsync<long>(db.IsPostgres ? $"SELECT COUNT(*) {InPostgres}" : $"SELECT COUNT(*) {InSqlite}") > 0, cancel);

    /// <summary>Copies what is missing, and gives what differs in the end: nothing, if all is well.</summary>
    /// <exception cref="StoreUnreachableException">The target holds other rows.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(Database from, Database to, TableProgress progress, CancellationToken cancel)
    {
        await BeginAsync(from, to, cancel);
        Dictionary<string, TableSum> sums = [];
        await using (var snapshot = await Snapshot.OpenAsync(from, cancel))
        {
            await using var connection = await to.OpenWriterAsync();
            var targets = (await Schema.ReadAsync(connection, null)).ToDictionary(table => table.Name);
            foreach (var table in snapshot.Tables)
                sums[table.Name] = await CopyAsync(snapshot, table, connection, to, targets[table.Name], progress, cancel);
            await using var transaction = await to.BeginWriteAsync(connection);
            await StoreBackup.GoOnFromAsync(connection, transaction);
            await transaction.CommitAsync(cancel);
        }

        var differences = await CompareAsync(to, sums, progress, cancel);
        if (differences.Count == 0)
            await EndAsync(to);
        return differences;
    }

    private static async Task BeginAsync(Database from, Database to, CancellationToken cancel)
    {
        await using var connection = await to.OpenWriterAsync();
        if (!await HasProgressAsync(connection, null))
        {
            if (!await StoreBackup.IsEmptyAsync(to, cancel))
                throw new StoreUnreachableException($"{to.Place} is not empty. Copy into an empty store: another folder, or a new database (createdb).");

            await Database.ExecuteAsync(connection, null, $"CREATE TABLE {Schema.CopyProgress} (source TEXT NOT NULL, name TEXT PRIMARY KEY, copied BIGINT NOT NULL)");
            await SaveAsync(connection, null, from.Place, "", 0);
        }

        var source = await ValueAsync(connection, null, $"SELECT source FROM {Schema.CopyProgress} WHERE name = ''");
        if (source as string != from.Place)
            throw new StoreUnreachableException($"{to.Place} holds a copy of {source} that has not ended. Go on with that one, or copy into an empty store.");
    }

    private static async Task<TableSum> CopyAsync(Snapshot snapshot, StoredTable table, DbConnection connection, Database to, StoredTable target, TableProgress progress, CancellationToken cancel)
    {
        var columns = table.Columns.Select(column => column.Name).ToList();
        var of = await snapshot.CountAsync(table);
        var copied = await ValueAsync(connection, null, $"SELECT copied FROM {Schema.CopyProgress} WHERE name = '{table.Name}'") as long? ?? 0;
        List<object?[]> step = new(RowsPerStep);
        using var sum = new RowSum();
        var seen = 0L;
        await foreach (var row in snapshot.RowsAsync(table).WithCancellation(cancel))
        {
            sum.Add(row);
            if (++seen <= copied)
                continue; // It is there already; its hash still counts.

            step.Add(row);
            if (step.Count == RowsPerStep)
                await WriteAsync();
        }

        await WriteAsync();
        return sum.Total;

        async Task WriteAsync()
        {
            if (step.Count == 0)
                return;

            await using var transaction = await to.BeginWriteAsync(connection);
            await TableRows.WriteAsync(connection, target, columns, step);
            await SaveAsync(connection, transaction, "", table.Name, seen);
            await to.CommitAsync(connection, transaction);
            step.Clear();
            progress(table.Name, seen, of);
        }
    }

    private static async Task<List<string>> CompareAsync(Database to, Dictionary<string, TableSum> sums, TableProgress progress, CancellationToken cancel)
    {
        List<string> differences = [];
        await using var snapshot = await Snapshot.OpenAsync(to, cancel);
        foreach (var table in snapshot.Tables.Where(table => sums.ContainsKey(table.Name)))
        {
            var (wanted, seen) = (sums[table.Name], 0L);
            var found = await snapshot.SumAsync(table, _ =>
            {
                if (++seen % RowsPerStep == 0)
                    progress($"{table.Name}, compared", seen, wanted.Rows);
            }, cancel);
            if (found != wanted)
                differences.Add($"{table.Name}: {wanted.Rows:N0} rows ({wanted.Sha256}) there, {found.Rows:N0} ({found.Sha256}) here");
        }

        return differences;
    }

    private static async Task EndAsync(Database to)
    {
        await using var connection = await to.OpenWriterAsync();
        await Database.ExecuteAsync(connection, null, $"DROP TABLE {Schema.CopyProgress}");
    }

    private static async Task<bool> HasProgressAsync(DbConnection connection, DbTransaction? transaction) =>
        await ValueAsync(connection, transaction, connection is Npgsql.NpgsqlConnection
            ? $"SELECT 1 {InPostgres}"
            : $"SELECT 1 {InSqlite}") is not null;

    private static Task SaveAsync(DbConnection connection, DbTransaction? transaction, string source, string table, long copied) =>
        Database.ExecuteAsync(connection, transaction, $"INSERT INTO {Schema.CopyProgress} (source, name, copied) VALUES ('{source.Replace("'", "''", StringComparison.Ordinal)}', '{table}', {copied}) ON CONFLICT (name) DO UPDATE SET copied = excluded.copied");

    private static async Task<object?> ValueAsync(DbConnection connection, DbTransaction? transaction, string sql)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Constants of ours and names out of the catalogue.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }
}
