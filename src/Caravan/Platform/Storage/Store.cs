using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Caravan.Platform.Storage;

/// <summary>The queue to the disk is full: the caller should come back in a moment (503 with Retry-After).</summary>
public sealed class StoreBusyException() : Exception("The store has more work than it can take; try again in a second.");

/// <summary>
/// The one authority: a SQLite file in WAL mode, synchronous=FULL. Reads run side by side on snapshots. Writes share
/// commits: pieces of work that arrive while the last commit is on its way to disk go into the next transaction, each
/// in its own savepoint, so that one refusal or fault undoes that piece alone. Whoever awaits a write is answered after
/// the commit; nothing acknowledged is ever lost.
/// </summary>
public sealed class Store : IAsyncDisposable
{
    private const int QueueLength = 4096;
    private const int BatchLength = 256;

    private static readonly ConditionalWeakTable<sqlite3, object> SetUp = [];

    private readonly Channel<Work> queue = Channel.CreateBounded<Work>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly ConcurrentDictionary<string, IReadOnlyList<Action<Change>>> listeners = new();
    private readonly string connectionString;
    private readonly TimeProvider clock;
    private readonly Task writer;

    internal Store(string file, TimeProvider clock)
    {
        this.clock = clock;
        File = file;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!); // A full path of a file has a folder.
        connectionString = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30, Pooling = true }.ToString();
        SqlTypes.Register();
        Migrations.Apply(Open(), clock.GetUtcNow());
        writer = Task.Factory.StartNew(WriteLoopAsync, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
    }

    /// <summary>The database file.</summary>
    public string File { get; }

    /// <summary>How many pieces of work wait for the writer.</summary>
    public int Waiting => queue.Reader.Count;

    /// <summary>Reads on one snapshot.</summary>
    public async Task<T> ReadAsync<T>(Func<Db, Task<T>> query, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var db = new Db(() =>
        {
            var connection = Open();
            return (connection, connection.BeginTransaction(deferred: true));
        });
        try
        {
            return await query(db);
        }
        finally
        {
            if (db.IsOpen)
            {
                await db.Transaction!.DisposeAsync(); // Opened with one.
                await db.Connection.DisposeAsync();
            }
        }
    }

    /// <summary>Does a piece of work in a transaction and returns when it is on disk.</summary>
    /// <exception cref="StoreBusyException">Too many writes are waiting.</exception>
    public async Task<T> WriteAsync<T>(Func<Tx, Task<T>> work, CancellationToken cancel)
    {
        var piece = new Work<T>(work, cancel);
        if (!queue.Writer.TryWrite(piece))
            throw new StoreBusyException();

        return await piece.Answer;
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Func<Tx, Task> work, CancellationToken cancel) =>
        WriteAsync(async tx =>
        {
            await work(tx);
            return true;
        }, cancel);

    /// <summary>Hears of committed changes to rows of a topic, before whoever made them is answered. For those who keep copies in memory.</summary>
    internal void Listen(string topic, Action<Change> heard) =>
        listeners.AddOrUpdate(topic, [heard], (_, others) => [.. others, heard]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await writer;
        await using (var connection = Open())
            Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        SqliteConnection.ClearPool(new SqliteConnection(connectionString));
    }

    // Readers may be many, and the system's own cache is behind them: theirs is small.
    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        if (SetUp.TryAdd(connection.Handle!, connection)) // An open connection has its handle; a pooled one had it before.
        {
            Execute(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-500");
        }

        return connection;
    }

    private void Tell(IReadOnlyCollection<Change> changes)
    {
        foreach (var change in changes)
        {
            foreach (var heard in listeners.GetValueOrDefault(change.Topic) ?? [])
                heard(change);
        }
    }

    private async Task WriteLoopAsync()
    {
        await using var connection = Open();
        Execute(connection, "PRAGMA cache_size=-8000");
        var batch = new List<Work>(BatchLength);
        while (await queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < BatchLength && queue.Reader.TryRead(out var next))
                batch.Add(next);

            await WriteBatchAsync(connection, batch);
            batch.Clear();
        }
    }

    private async Task WriteBatchAsync(SqliteConnection connection, List<Work> batch)
    {
        var done = new List<(Work Piece, Tx Tx)>(batch.Count);
        try
        {
            await using var transaction = connection.BeginTransaction(deferred: false);
            foreach (var piece in batch)
            {
                if (piece.IsCancelled)
                    continue;

                Execute(connection, "SAVEPOINT piece");
                var tx = new Tx(connection, transaction, clock.GetUtcNow());
                if (await piece.RunAsync(tx) && !tx.IsUndone)
                {
                    Execute(connection, "RELEASE piece");
                    done.Add((piece, tx));
                }
                else
                {
                    Execute(connection, "ROLLBACK TO piece; RELEASE piece");
                    piece.Finish(null);
                }
            }

            await transaction.CommitAsync();
        }
        catch (SqliteException fault)
        {
            // The commit failed (disk full, media): nobody of this batch has been answered yes, so everybody hears of it.
            foreach (var piece in batch)
                piece.Finish(fault);
            return;
        }

        foreach (var (piece, tx) in done)
        {
            Tell(tx.Changes);
            foreach (var action in tx.Afterwards)
                action();
            piece.Finish(null);
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private abstract class Work
    {
        public abstract bool IsCancelled { get; }

        /// <summary>Does the work; false when it threw, in which case its writes must be undone.</summary>
        public abstract Task<bool> RunAsync(Tx tx);

        /// <summary>Answers the caller with what <see cref="RunAsync"/> gave, or with the fault. The first answer stands.</summary>
        public abstract void Finish(Exception? fault);
    }

    private sealed class Work<T>(Func<Tx, Task<T>> work, CancellationToken cancel) : Work
    {
        // Continuations run elsewhere: the writer never does its callers' work.
        private readonly TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Exception? thrown;
        private T? result;

        public Task<T> Answer => answer.Task;

        public override bool IsCancelled => cancel.IsCancellationRequested && answer.TrySetCanceled(cancel);

        public override async Task<bool> RunAsync(Tx tx)
        {
            try
            {
                result = await work(tx);
                return true;
            }
#pragma warning disable CA1031 // Whatever the work throws belongs to its caller, not to the other pieces of the batch.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                thrown = exception;
                return false;
            }
        }

        public override void Finish(Exception? fault)
        {
            if ((fault ?? thrown) is { } exception)
                answer.TrySetException(exception);
            else
                answer.TrySetResult(result!); // Set by RunAsync, which did not throw.
        }
    }
}
