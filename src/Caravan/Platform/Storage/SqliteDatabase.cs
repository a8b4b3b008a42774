using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Caravan.Platform.Storage;

/// <summary>One SQLite file in WAL mode, synchronous=FULL, of this process alone: one writer, any number of readers on snapshots.</summary>
internal sealed class SqliteDatabase : Database
{
    private static readonly ConditionalWeakTable<sqlite3, object> SetUp = [];

    private readonly string file;
    private readonly string connectionString;

    public SqliteDatabase(string file)
    {
        this.file = Path.GetFullPath(file);
        connectionString = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30, Pooling = true }.ToString();
    }

    public override string Place => file;

    public override int Writers => 1;

    public override int BatchLength => 256;

    public override void Migrate(DateTimeOffset now)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction(deferred: false);
        Migrations.Apply(connection, transaction, SqliteTypes, now);
        transaction.Commit();
    }

    public override ValueTask<DbConnection> OpenReaderAsync(bool isInsideRead, CancellationToken cancel) => ValueTask.FromResult<DbConnection>(Open());

    public override ValueTask<DbTransaction> BeginReadAsync(DbConnection connection) =>
        ValueTask.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: true));

    public override ValueTask<DbConnection> OpenWriterAsync() => ValueTask.FromResult<DbConnection>(OpenForWriting());

    private SqliteConnection OpenForWriting()
    {
        var connection = Open();
        Execute(connection, null, "PRAGMA cache_size=-8000");
        return connection;
    }

    public override ValueTask<DbTransaction> BeginWriteAsync(DbConnection connection) =>
        ValueTask.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: false));

    public override Task CommitAsync(DbConnection connection, DbTransaction transaction) => transaction.CommitAsync();

    // The one writer has nobody in its way.
    public override bool IsConflict(Exception fault) => false;

    public override ValueTask DisposeAsync()
    {
        using (var connection = Open())
            Execute(connection, null, "PRAGMA wal_checkpoint(TRUNCATE)");
        SqliteConnection.ClearPool(new SqliteConnection(connectionString));
        return ValueTask.CompletedTask;
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
