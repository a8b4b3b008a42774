using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Caravan.Platform.Storage;

/// <summary>
/// A PostgreSQL server, 15 or newer, which several Caravans may share. General writes are SERIALIZABLE, so that a piece of
/// work may decide on what it read; of two that get in each other's way one is done again. Reads are REPEATABLE READ and
/// READ ONLY. The order desk has lanes of its own, READ COMMITTED: between those and general writes the rows that both write
/// are what guards (decision 40).
/// </summary>
internal sealed partial class PostgresDatabase : Database
{
    private const int OldestVersion = 15;
    private const long MigrationLock = 0x43617261_76616E; // "Caravan"

    // A server that stands still inside a transaction must not hold its locks for long.
    private const string WriterOptions = "-c idle_in_transaction_session_timeout=5s";

    // A lane finds rows by their keys, in the order it gives them in: that is also the order of its locks.
    private const string LaneOptions = $"{WriterOptions} -c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off";
    private const string ReaderOptions = "-c default_transaction_read_only=on";
    private static readonly TimeSpan SettleDelay = TimeSpan.FromMilliseconds(200);
    private const int SettleAttempts = 10;

    private readonly NpgsqlDataSource readers;
    private readonly NpgsqlDataSource writers;
    private readonly NpgsqlDataSource lanes;

    /// <exception cref="StoreUnreachableException">The connection string is none.</exception>
    public PostgresDatabase(string connectionString)
    {
        try
        {
            var given = new NpgsqlConnectionStringBuilder(connectionString);
            if (given.Host is null or "" || given.Database is null or "")
                throw new ArgumentException("It names no Host or no Database.");

            Place = $"PostgreSQL, database {given.Database} on {given.Host}:{given.Port}";
            readers = Source(given, ReaderOptions, poolSize: 32);
            writers = Source(given, WriterOptions, poolSize: 16);
            lanes = Source(given, LaneOptions, poolSize: 4, least: Store.LanesMax);
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException)
        {
            throw new StoreUnreachableException($"This is no connection string for --store: {fault.Message} Write it like \"Host=127.0.0.1;Port=5432;Username=caravan;Database=caravan\", or leave it out to keep everything in a file of the data folder.", fault);
        }
    }

    public override string Place { get; }

    // Two of one server would mostly meet on the same pages of the same indexes and be done again; and one keeps the order
    // in which work arrived. What is worth more has transactions of its own.
    public override int Writers => 1;

    // A backend remembers 64 savepoints that wrote; beyond, every snapshot of the server costs a look-up on disk.
    public override int BatchLength => 60;

    public override void Migrate(DateTimeOffset now)
    {
        using var connection = Reach();
        using var transaction = connection.BeginTransaction(IsolationLevel.ReadCommitted);
        Execute(connection, transaction, $"SELECT pg_advisory_xact_lock({MigrationLock})");
        Migrations.Apply(connection, transaction, PostgresTypes, now);

        // Restored from another server's dump, events may name transactions that this server has yet to number: those are past.
        Execute(connection, transaction, "UPDATE outbox SET txid = '0' WHERE txid >= pg_snapshot_xmax(pg_current_snapshot())");
        transaction.Commit();
    }

    /// <summary>A connection for a room that runs its own READ COMMITTED transactions with its own SQL; dispose it to give it back.</summary>
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancel) => writers.OpenConnectionAsync(cancel);

    public override async ValueTask<DbConnection> OpenReaderAsync(bool isInsideRead, CancellationToken cancel) =>
        await (isInsideRead ? writers : readers).OpenConnectionAsync(cancel);

    public override ValueTask<DbTransaction> BeginReadAsync(DbConnection connection) => connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);

    public override async ValueTask<DbConnection> OpenWriterAsync() => await writers.OpenConnectionAsync();

    public override ValueTask<DbTransaction> BeginWriteAsync(DbConnection connection) => connection.BeginTransactionAsync(IsolationLevel.Serializable);

    public override bool HasLanes => true;

    public override async ValueTask<DbConnection> OpenLaneAsync() => await lanes.OpenConnectionAsync();

    public override ValueTask<DbTransaction> BeginLaneAsync(DbConnection connection) => connection.BeginTransactionAsync(IsolationLevel.ReadCommitted);

    public override async Task CommitAsync(DbConnection connection, DbTransaction transaction, string? id = null)
    {
        id ??= await TransactionAsync(connection);
        try
        {
            await transaction.CommitAsync();
        }
        catch (Exception fault) when (id is not null && connection.State != ConnectionState.Open)
        {
            if (!await IsCommittedAsync(id, fault))
                throw;
        }
    }

    public override bool IsConflict(Exception fault)
    {
        for (var one = fault; one is not null; one = one.InnerException)
        {
            // A row that another transaction added since our snapshot shows as a unique violation; done again, it is seen.
            if (one is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation })
                return true;
        }

        return false;
    }

    // What the server itself objects to is no outage, unless it says that it is going, or is full.
    public override bool IsOutage(Exception fault) => fault is PostgresException server
        ? server.SqlState is PostgresErrorCodes.DiskFull or PostgresErrorCodes.IoError or PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.ReadOnlySqlTransaction
        : fault is NpgsqlException { InnerException: IOException or System.Net.Sockets.SocketException };

    // A violation that stays is a fault of ours; the rest is a crowd.
    public override Exception GivenUp(Exception fault) =>
        fault is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } ? fault : new StoreBusyException(fault);

    public override StoreNews OpenNews(Action<Change> heard, Action missed) => new PostgresNews(this, heard, missed);

    public override async ValueTask DisposeAsync()
    {
        await readers.DisposeAsync();
        await writers.DisposeAsync();
        await lanes.DisposeAsync();
    }

    public override string TypesOf(string sql) => PostgresTypes(sql);

    /// <summary>
    /// Our migrations in PostgreSQL's types. Text is compared by its bytes, as in SQLite, whatever the database's own
    /// collation is: lists have one order everywhere.
    /// </summary>
    internal static string PostgresTypes(string sql) =>
        Text().Replace(Migrations.OtherStore("sqlite").Replace(sql, ""), "TEXT COLLATE \"C\"")
            .Replace("{postgres}", "", StringComparison.Ordinal)
            .Replace("{id}", "uuid", StringComparison.Ordinal)
            .Replace("{bytes}", "bytea", StringComparison.Ordinal)
            .Replace("{instant}", "timestamptz", StringComparison.Ordinal)
            .Replace("{json}", "TEXT", StringComparison.Ordinal)
            .Replace("{serial}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", StringComparison.Ordinal)
            .Replace("{clustered}", "", StringComparison.Ordinal);

    private static NpgsqlDataSource Source(NpgsqlConnectionStringBuilder given, string options, int poolSize, int least = 1)
    {
        var own = new NpgsqlConnectionStringBuilder(given.ConnectionString);
        own.Options = own.Options is { Length: > 0 } ? $"{own.Options} {options}" : options;
        if (!given.ShouldSerialize("Maximum Pool Size"))
            own.MaxPoolSize = poolSize;
        own.MaxPoolSize = Math.Max(own.MaxPoolSize, least);
        if (!given.ShouldSerialize("Max Auto Prepare"))
            own.MaxAutoPrepare = 200;
        own.ApplicationName ??= "caravan";
        return NpgsqlDataSource.Create(own);
    }

    private NpgsqlConnection Reach()
    {
        NpgsqlConnection connection;
        try
        {
            connection = writers.OpenConnection();
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException)
        {
            var next = fault is PostgresException refused
                ? refused.SqlState switch
                {
                    PostgresErrorCodes.InvalidCatalogName => "Make the database first: createdb, with the role of the connection string as its owner.",
                    PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => "Check Username and Password in the connection string, and the server's pg_hba.conf.",
                    _ => "Look at the server's log.",
                }
                : "Check Host and Port in the connection string, and that the server runs: pg_isready.";
            throw new StoreUnreachableException($"{Place}, cannot be reached: {fault.Message} {next}", fault);
        }

        if (connection.PostgreSqlVersion.Major >= OldestVersion)
            return connection;

        var version = connection.PostgreSqlVersion;
        connection.Dispose();
        throw new StoreUnreachableException($"{Place}, is version {version}. Caravan needs {OldestVersion} or newer.");
    }

    // None when the transaction wrote nothing.
    private static async Task<string?> TransactionAsync(DbConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT pg_current_xact_id_if_assigned()::text";
        return await command.ExecuteScalarAsync() as string;
    }

    /// <summary>Asks the server what became of a transaction whose commit was not answered.</summary>
    private async Task<bool> IsCommittedAsync(string id, Exception lost)
    {
        for (var attempt = 1; attempt <= SettleAttempts; attempt++)
        {
            await Task.Delay(SettleDelay, TimeProvider.System);
            try
            {
                await using var connection = await writers.OpenConnectionAsync();
                await using var command = connection.CreateCommand();
                command.CommandText = "SELECT pg_xact_status(@id::xid8)";
                var parameter = command.CreateParameter();
                parameter.ParameterName = "id";
                parameter.Value = id;
                command.Parameters.Add(parameter);
                switch (await command.ExecuteScalarAsync() as string)
                {
                    case "committed":
                        return true;
                    case "aborted":
                        return false;
                }
            }
            catch (NpgsqlException)
            {
                // Not reachable yet; the last attempt gives up.
            }
        }

        throw new StoreOutcomeUnknownException(lost);
    }

    [GeneratedRegex(@"\bTEXT\b")]
    private static partial Regex Text();
}
