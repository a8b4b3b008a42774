using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Caravan.Platform.Storage;

/// <summary>One SQLite file in WAL mode, synchronous=FULL, of this process alone: one writer, any number of readers on snapshots.</summary>
internal sealed class SqliteDatabase : Database
{
    private static readonly ConditionalWeakTable<sqlite3, object> SetUp = [];

    // Looking through more than this at the start would keep people waiting.
    private const long CheckedBytesMax = 512_000_000;

    private readonly string file;
    private readonly string connectionString;
    private readonly SqliteCheckpoints checkpoints;

    // SQLite counts its memory for whoever asks, under one lock for all threads; nobody does.
    static SqliteDatabase()
    {
        Batteries_V2.Init();
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0); // Refused where the library is in use already, as in a test: it counts on then.
    }

    public SqliteDatabase(string file)
    {
        this.file = Path.GetFullPath(file);
        connectionString = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30, Pooling = true }.ToString();
        checkpoints = new SqliteCheckpoints(Open);
    }

    public override string Place => file;

    public override int Writers => 1;

    public override int BatchLength => 256;

    public override void Migrate(DateTimeOffset now)
    {
        var log = new FileInfo(file + "-wal");
        var wasInterrupted = log.Exists && log.Length > 0; // Who stops in good order leaves no log behind.
        try
        {
            using var connection = Open();
            if (wasInterrupted && new FileInfo(file).Length <= CheckedBytesMax)
                Check(connection);
            using var transaction = connection.BeginTransaction(deferred: false);
            Migrations.Apply(connection, transaction, SqliteTypes, now);
            SqlitePlans.Tell(connection, transaction);
            transaction.Commit();
        }
        catch (SqliteException fault) when (fault.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            throw Damaged(fault.Message, fault);
        }
    }

    // The log's own checksums see to it that a torn tail is left out; what was damaged otherwise is said, not served.
    private void Check(SqliteConnection connection)
    {
        using var check = connection.CreateCommand();
        check.CommandText = "PRAGMA quick_check(1)";
        if (check.ExecuteScalar() is string said && said != "ok")
            throw Damaged(said, null);
    }

    private StoreUnreachableException Damaged(string said, Exception? reason) =>
        new($"{file} is damaged: {said.TrimEnd('.')}. Nothing is served from it. Keep the file and its -wal for whoever mends it, and start on a backup.", reason);

    public override ValueTask<DbConnection> OpenReaderAsync(bool isInsideRead, CancellationToken cancel) => ValueTask.FromResult<DbConnection>(Open());

    public override ValueTask<DbTransaction> BeginReadAsync(DbConnection connection) =>
        ValueTask.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: true));

    public override ValueTask<DbConnection> OpenWriterAsync() => ValueTask.FromResult<DbConnection>(OpenForWriting());

    private SqliteConnection OpenForWriting()
    {
        var connection = Open();
        Execute(connection, null, "PRAGMA cache_size=-16000; PRAGMA wal_autocheckpoint=0");
        return connection;
    }

    public override ValueTask<DbTransaction> BeginWriteAsync(DbConnection connection) =>
        ValueTask.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: false));

    public override async Task CommitAsync(DbConnection connection, DbTransaction transaction, string? id = null)
    {
        await transaction.CommitAsync();
        checkpoints.AfterCommit((SqliteConnection)connection);
    }

    // The one writer has nobody in its way.
    public override bool IsConflict(Exception fault) => false;

    // Input and output, damage, full, cannot open, not a database, read-only.
    public override bool IsOutage(Exception fault) => fault is SqliteException { SqliteErrorCode: 10 or 11 or 13 or 14 or 26 or 8 };

    public override async ValueTask DisposeAsync()
    {
        await checkpoints.DrainAsync();
        using (var connection = Open())
            Execute(connection, null, "PRAGMA wal_checkpoint(TRUNCATE)");
        SqliteConnection.ClearPool(new SqliteConnection(connectionString));
    }

    // A savepoint's journal stays out of memory (temp_store is left as it is): kept there, SQLite walks it from its start at
    // every statement, and a large piece of work takes a time that grows with its square.
    // Readers may be many, and the system's own cache is behind them: theirs is small.
    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        if (SetUp.TryAdd(connection.Handle!, connectionString)) // An open connection has its handle; one from the pool had it before.
            Execute(connection, null, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-500");
        return connection;
    }

    public override string TypesOf(string sql) => SqliteTypes(sql);

    /// <summary>Our migrations in SQLite's types, in words that tell a copy what a column holds. Not for PostgreSQL: lines that begin with <c>{postgres}</c>.</summary>
    internal static string SqliteTypes(string sql) =>
        Migrations.OtherStore("postgres").Replace(sql, "")
            .Replace("{sqlite}", "", StringComparison.Ordinal)
            .Replace("{id}", "UUID BLOB", StringComparison.Ordinal)
            .Replace("{bytes}", "BLOB", StringComparison.Ordinal)
            .Replace("{instant}", "INSTANT INTEGER", StringComparison.Ordinal)
            .Replace("{json}", "TEXT", StringComparison.Ordinal)
            .Replace("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT", StringComparison.Ordinal)
            .Replace("{clustered}", " WITHOUT ROWID", StringComparison.Ordinal);
}
