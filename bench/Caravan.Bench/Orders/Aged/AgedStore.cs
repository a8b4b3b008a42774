using System.Data.Common;
using System.Globalization;
using Caravan.Platform.Storage;
using Caravan.Platform.Storage.Backup;
using Caravan.Stock;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Caravan.Bench.Orders.Aged;

/// <summary>Puts a year of history into a store that no server has open: by COPY into PostgreSQL, in big careless transactions into SQLite.</summary>
internal static class AgedStore
{
    private const int RowsAStep = 20_000;

    // Nobody acknowledges anything here: a run that is cut off is thrown away. The server puts all of it back in order when it opens the file.
    private const string Careless = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA cache_size=-1000000";

    /// <summary>Writes the history of the store's first company that has stock, and tells after each step what was done of how much.</summary>
    public static async Task<History> WriteAsync(Database database, int orders, DateTimeOffset now, ulong seed, Action<string, long, long> progress, CancellationToken cancel)
    {
        await using var connection = await OpenAsync(database);
        var tenant = await OwnerAsync(connection, cancel);
        var courier = await CourierAsync(connection, tenant, cancel);
        var history = new History(await CellsAsync(connection, tenant, cancel), orders, now, seed);
        var closedUntil = new DateTimeOffset(now.UtcDateTime.Date.AddDays(1 - new Platform.Settings().LedgerOpenDays), TimeSpan.Zero);
        var targets = (await Schema.ReadAsync(connection, null)).ToDictionary(table => table.Name);
        foreach (var table in new HistoryRows(history, tenant, closedUntil.ToUnixTimeMilliseconds()).Tables(tenant.Value, courier))
            await WriteAsync(connection, targets[table.Name], table, progress, cancel);

        // Everybody has had the events, and the days are closed.
        await Database.ExecuteAsync(connection, null, "UPDATE outbox_cursors SET sequence = (SELECT MAX(sequence) FROM outbox)");
        await using (var closed = Command(connection, "INSERT INTO stock_books (tenant, closed_until) VALUES (@tenant, @until) ON CONFLICT (tenant) DO UPDATE SET closed_until = excluded.closed_until", tenant))
        {
            Add(closed, "until", connection is NpgsqlConnection ? closedUntil : closedUntil.ToUnixTimeMilliseconds());
            await closed.ExecuteNonQueryAsync(cancel);
        }

        if (connection is NpgsqlConnection)
        {
            progress("vacuum, as a year's autovacuum would have", 0, 1);
            await Database.ExecuteAsync(connection, null, "VACUUM (ANALYZE)");
            await Database.ExecuteAsync(connection, null, "CHECKPOINT");
        }

        return history;
    }

    /// <summary>What the audit finds of all cells: nothing, if the books are consistent.</summary>
    public static async Task<IReadOnlyList<string>> AuditAsync(Database database, TimeProvider clock, CancellationToken cancel)
    {
        await using var store = new Store(database, clock);
        return await store.ReadAsync(async db => (await StockAudit.RunAsync(db)).ConvertAll(difference => difference.ToString()), cancel);
    }

    /// <summary>How large the store is.</summary>
    public static async Task<double> GigabytesAsync(Database database, Platform.Settings settings, CancellationToken cancel)
    {
        if (database is SqliteDatabase)
            return Directory.EnumerateFiles(settings.DataFolder).Sum(file => new FileInfo(file).Length) / 1e9;

        await using var connection = await database.OpenWriterAsync();
        await using var command = Command(connection, "SELECT pg_database_size(current_database())");
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancel), CultureInfo.InvariantCulture) / 1e9;
    }

    private static async Task<DbConnection> OpenAsync(Database database)
    {
        var connection = await database.OpenWriterAsync();
        if (connection is SqliteConnection)
            await Database.ExecuteAsync(connection, null, Careless);
        return connection;
    }

    private static async Task WriteAsync(DbConnection connection, StoredTable target, HistoryTable table, Action<string, long, long> progress, CancellationToken cancel)
    {
        var columns = table.Columns.Split(", ");
        var done = 0L;
        foreach (var step in table.Rows.Chunk(RowsAStep))
        {
            cancel.ThrowIfCancellationRequested();
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await TableRows.WriteAsync(connection, target, columns, step);
            await transaction.CommitAsync(cancel);
            progress(table.Name, done += step.Length, table.Count);
        }

        progress(table.Name, table.Count, table.Count);
    }

    private static async Task<PartnerId> OwnerAsync(DbConnection connection, CancellationToken cancel)
    {
        await using var command = Command(connection, "SELECT tenant FROM stock_cells LIMIT 1");
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? new PartnerId(IdAt(reader, 0)) : throw new BenchException("The store has no stock: there is nothing that could have a history.");
    }

    private static async Task<Guid> CourierAsync(DbConnection connection, PartnerId tenant, CancellationToken cancel)
    {
        await using var command = Command(connection, "SELECT id FROM couriers WHERE tenant = @tenant ORDER BY id LIMIT 1", tenant);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? IdAt(reader, 0) : throw new BenchException("The company has no courier who could have brought its orders.");
    }

    private static async Task<List<HistoryCell>> CellsAsync(DbConnection connection, PartnerId tenant, CancellationToken cancel)
    {
        await using var command = Command(
            connection,
            """
            SELECT c.item, c.location, i.sku, i.name, i.weight_grams, i.price_amount, l.latitude, l.longitude
            FROM stock_cells AS c JOIN items AS i ON i.tenant = c.tenant AND i.id = c.item JOIN locations AS l ON l.tenant = c.tenant AND l.id = c.location
            WHERE c.tenant = @tenant ORDER BY c.item, c.location
            """,
            tenant);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        List<HistoryCell> cells = [];
        while (await reader.ReadAsync(cancel))
            cells.Add(new HistoryCell(IdAt(reader, 0), IdAt(reader, 1), reader.GetString(2), reader.GetString(3), reader.GetInt32(4), reader.GetInt64(5), reader.GetDouble(6), reader.GetDouble(7)));
        return cells;
    }

    private static DbCommand Command(DbConnection connection, string sql, PartnerId? tenant = null)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are constants of ours.
        command.CommandText = sql;
#pragma warning restore CA2100
        if (tenant is { } one)
            Add(command, "tenant", connection is NpgsqlConnection ? one.Value : one.Value.ToByteArray(bigEndian: true));
        return command;
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }

    private static Guid IdAt(DbDataReader reader, int column) => reader is SqliteDataReader ? new Guid(reader.GetFieldValue<byte[]>(column), bigEndian: true) : reader.GetGuid(column);
}
