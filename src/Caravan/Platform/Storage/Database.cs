using System.Data.Common;

namespace Caravan.Platform.Storage;

/// <summary>The database cannot be used as it was named; the message says what to do next.</summary>
public sealed class StoreUnreachableException(string message, Exception? reason = null) : Exception(message, reason);

/// <summary>
/// The connection broke while the commit was on its way, and afterwards nobody could say whether it arrived. Whoever asks
/// again with the same idempotency key hears the truth.
/// </summary>
public sealed class StoreOutcomeUnknownException(Exception reason) : Exception("The connection to the database broke during the commit, and its outcome could not be read.", reason);

/// <summary>
/// What differs between an embedded SQLite file and a PostgreSQL server: how to connect, how a transaction begins and
/// ends, which faults go away when the work is done again. Everything above it, and nearly all SQL, is the same for both.
/// </summary>
internal abstract class Database : IAsyncDisposable
{
    /// <summary>PostgreSQL when a connection string is given, otherwise the SQLite file in the data folder.</summary>
    public static Database Of(Settings settings)
    {
        Directory.CreateDirectory(settings.DataFolder);
        return string.IsNullOrWhiteSpace(settings.Store) ? new SqliteDatabase(settings.DatabaseFile) : new PostgresDatabase(settings.Store);
    }

    /// <summary>Where it is, as an operator may read it: never a password.</summary>
    public abstract string Place { get; }

    /// <summary>How many transactions of general writes may run side by side.</summary>
    public abstract int Writers { get; }

    /// <summary>How many pieces of work share one transaction at most.</summary>
    public abstract int BatchLength { get; }

    /// <summary>Applies what is missing of the migrations, one server at a time.</summary>
    /// <exception cref="StoreUnreachableException">The database cannot be used as it was named.</exception>
    public abstract void Migrate(DateTimeOffset now);

    /// <summary>A migration in this database's types.</summary>
    public abstract string TypesOf(string sql);

    /// <summary>A connection to read from. A read inside another read must not wait for the likes of the one it is in: those could all be waiting so.</summary>
    public abstract ValueTask<DbConnection> OpenReaderAsync(bool isInsideRead, CancellationToken cancel);

    /// <summary>Begins a read-only transaction that sees one snapshot.</summary>
    public abstract ValueTask<DbTransaction> BeginReadAsync(DbConnection connection);

    /// <summary>A connection that a writer keeps.</summary>
    public abstract ValueTask<DbConnection> OpenWriterAsync();

    /// <summary>Begins a transaction whose effect is as if it ran alone.</summary>
    public abstract ValueTask<DbTransaction> BeginWriteAsync(DbConnection connection);

    /// <summary>Whether a room that guards what it decides by the rows it writes may have a <see cref="Store.Lane"/>.</summary>
    public virtual bool HasLanes => false;

    /// <summary>A connection that a lane keeps.</summary>
    public virtual ValueTask<DbConnection> OpenLaneAsync() => OpenWriterAsync();

    /// <summary>Begins a lane's transaction.</summary>
    public virtual ValueTask<DbTransaction> BeginLaneAsync(DbConnection connection) => BeginWriteAsync(connection);

    /// <summary>Commits; returns only when the effect is on disk.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="transaction">What.</param>
    /// <param name="id">The transaction's id, where it is known already.</param>
    /// <exception cref="StoreOutcomeUnknownException">Nobody can say whether it is.</exception>
    public abstract Task CommitAsync(DbConnection connection, DbTransaction transaction, string? id = null);

    /// <summary>Whether a fault came of another transaction's being in the way: the same work may well succeed when done again.</summary>
    public abstract bool IsConflict(Exception fault);

    /// <summary>Whether a fault is the store's own, so that no piece of work would fare better: a full disk, damaged media, a server that is gone.</summary>
    public abstract bool IsOutage(Exception fault);

    /// <summary>What the caller hears when conflicts do not end.</summary>
    public virtual Exception GivenUp(Exception fault) => fault;

    /// <summary>How servers that share the database hear of each other's changes; none where it is one server's alone.</summary>
    /// <param name="heard">Called for each change that another server made.</param>
    /// <param name="missed">Called when changes may have gone unheard.</param>
    public virtual StoreNews? OpenNews(Action<Change> heard, Action missed) => null;

    /// <summary>Starts a loop that runs for as long as the server does.</summary>
    public virtual Task Start(Func<Task> loop) => Task.Run(loop);

    /// <summary>Waits before another try: who got in each other's way should not meet again.</summary>
    public virtual Task PauseAsync(int attempt) => WaitAsync(TimeSpan.FromMilliseconds(Random.Shared.Next(0, 2 << Math.Min(attempt, 6))));

    /// <summary>Waits for the store to be well again: by the clock on the wall, whatever the time of the business is.</summary>
    public virtual Task WaitAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>Runs a fixed statement without parameters.</summary>
    public static async Task ExecuteAsync(DbConnection connection, DbTransaction? transaction, string sql)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // The text is a constant of the caller's.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    /// <inheritdoc cref="ExecuteAsync"/>
    protected static void Execute(DbConnection connection, DbTransaction? transaction, string sql)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // The text is a constant of ours.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}

/// <summary>Carries what a commit changed to the other servers of a database.</summary>
internal abstract class StoreNews : IAsyncDisposable
{
    /// <summary>Sends what the others are to hear, in the transaction that makes it true.</summary>
    public abstract Task SendAsync(DbConnection connection, DbTransaction transaction, IEnumerable<Change> changes);

    /// <summary>As above, with the statements that a transaction has gathered.</summary>
    public virtual void Add(Gathered statements, IEnumerable<Change> changes) => throw new NotSupportedException("Only a database with lanes gathers statements.");

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
