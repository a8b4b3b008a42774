using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using System.Threading.Channels;

namespace Caravan.Platform.Storage;

/// <summary>The queue to the disk is full: the caller should come back in a moment (503 with Retry-After).</summary>
public sealed class StoreBusyException(Exception? reason = null) : Exception("The store has more work than it can take; try again in a second.", reason);

/// <summary>
/// The one authority: a SQLite file of this process, or a PostgreSQL server that several share. Reads run side by side on
/// snapshots. Writes share commits: pieces of work that arrive while the last commit is on its way to disk go into the next
/// transaction, each in its own savepoint, so that one refusal or fault undoes that piece alone. Whoever awaits a write is
/// answered after the commit; nothing acknowledged is ever lost. On PostgreSQL a transaction that another one got in the
/// way of is done again, and so are its pieces: what a piece sets outside its <see cref="Tx"/> must bear that.
/// </summary>
public sealed class Store : IAsyncDisposable
{
    private const int QueueLength = 4096;
    private const int BatchAttempts = 3;
    private const int PieceAttempts = 12;
    private const int AttemptsBesideLanes = 2;

    /// <summary>How many lanes are at work at a time.</summary>
    internal const int LanesMax = 2;

    // After an outage a small write may succeed where an order would not: not so soon is the store called well.
    private static readonly TimeSpan TroubledFor = TimeSpan.FromSeconds(2);

    private static readonly AsyncLocal<bool> IsReading = new();

    private readonly Channel<Work> queue;
    private readonly Database database;
    private readonly SemaphoreSlim lanes = new(LanesMax);
    private readonly ConcurrentDictionary<string, IReadOnlyList<Action<Change>>> listeners = new();
    private readonly StoreNews? news;
    private readonly TimeProvider clock;
    private readonly StoreFigures figures;
    private readonly Task writers;
    private volatile Trouble? trouble;

    internal Store(Database database, TimeProvider clock, StoreFigures? figures = null)
    {
        this.figures = figures ?? new StoreFigures(new System.Diagnostics.Metrics.Meter("Caravan"));
        this.database = database;
        this.clock = clock;
        queue = Channel.CreateUnboundedPrioritized(new UnboundedPrioritizedChannelOptions<Work> { Comparer = Work.ByDue });
        SqlTypes.Register();
        database.Migrate(clock.GetUtcNow());
        news = database.OpenNews(Tell, ForgetAll);
        writers = Task.WhenAll(Enumerable.Range(0, database.Writers).Select(_ => Start(WriteLoopAsync)));
    }

    /// <summary>Where everything is kept, as an operator may read it.</summary>
    public string Place => database.Place;

    /// <summary>How many pieces of work wait for a writer.</summary>
    public int Waiting => queue.Reader.Count;

    /// <summary>How many may wait.</summary>
    internal static int WaitingMax => QueueLength;

    /// <summary>The copies that rooms keep in memory, by name.</summary>
    internal ConcurrentDictionary<string, Func<CacheState>> Caches { get; } = new();

    /// <summary>Whether writes are turned away now.</summary>
    public bool IsBusy => Waiting >= QueueLength;

    /// <summary>The PostgreSQL server, for the few rooms with SQL of their own for it; none when the store is SQLite.</summary>
    internal PostgresDatabase? Postgres => database as PostgresDatabase;

    /// <summary>Reads on one snapshot.</summary>
    public async Task<T> ReadAsync<T>(Func<Db, Task<T>> query, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var isInsideRead = IsReading.Value;
        IsReading.Value = true; // Until this method returns.
        await using var db = new Db(database, isInsideRead);
        return await query(db);
    }

    /// <summary>Does a piece of work in a transaction and returns when it is on disk. It may be done more than once, and takes effect once.</summary>
    /// <exception cref="StoreBusyException">Too many writes are waiting, or others are in the way again and again.</exception>
    public async Task<T> WriteAsync<T>(Func<Tx, Task<T>> work, CancellationToken cancel)
    {
        var piece = new Work<T>(work, clock, cancel);
        if (IsBusy || !queue.Writer.TryWrite(piece))
        {
            figures.TurnedAway();
            throw new StoreBusyException();
        }

        return await piece.Answer;
    }

    /// <summary>As <see cref="WriteAsync{T}"/>, for work that nobody waits for: it gives way to the rest, but not for long.</summary>
    internal async Task<T> WriteLaterAsync<T>(Func<Tx, Task<T>> work, CancellationToken cancel)
    {
        var piece = new Work<T>(work, clock, cancel) { CanWait = true };
        return queue.Writer.TryWrite(piece) ? await piece.Answer : throw new ObjectDisposedException(nameof(Store));
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Func<Tx, Task> work, CancellationToken cancel) =>
        WriteAsync(async tx =>
        {
            await work(tx);
            return true;
        }, cancel);

    /// <summary>
    /// Transactions beside those that others share, where the database has such: for a room that guards what it decides by the rows
    /// that it writes, and not by what it has read.
    /// </summary>
    internal Lane? OpenLane() => database.HasLanes ? new Lane(this) : null;

    /// <summary>Hears of committed changes to rows of a topic, before whoever made them is answered. For those who keep copies in memory.</summary>
    internal void Listen(string topic, Action<Change> heard) =>
        listeners.AddOrUpdate(topic, [heard], (_, others) => [.. others, heard]);

    /// <summary>Why the store takes no writes, if it does not: some time after an outage it is tried with a write of no effect.</summary>
    internal async Task<Exception?> TroubleAsync(CancellationToken cancel)
    {
        if (trouble is not { } last)
            return null;
        if (clock.GetElapsedTime(last.Since) < TroubledFor)
            return last.Fault;

        try
        {
            await WriteAsync(tx => tx.ExecuteAsync("UPDATE migrations SET applied_at = applied_at WHERE number = 1"), cancel);
            trouble = null;
            return null;
        }
        catch (Exception fault) when (database.IsOutage(fault) || fault is StoreOutcomeUnknownException)
        {
            return fault;
        }
    }

    /// <summary>Waits for trouble to pass.</summary>
    internal Task WaitAsync(TimeSpan time) => database.WaitAsync(time);

    /// <summary>Starts a loop of this server's, for as long as it runs.</summary>
    internal Task Start(Func<Task> loop) => database.Start(loop);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await writers;
        lanes.Dispose();
        if (news is not null)
            await news.DisposeAsync();
        await database.DisposeAsync();
    }

    // Something may have changed, and nobody says what.
    private void ForgetAll()
    {
        foreach (var topic in listeners.Keys)
            Tell(new Change(topic, default, default, 0));
    }

    private void Tell(Change change)
    {
        foreach (var heard in listeners.GetValueOrDefault(change.Topic) ?? [])
            heard(change);
    }

    private async Task WriteLoopAsync()
    {
        await using var line = new Line(database);
        var batch = new List<Work>(database.BatchLength);
        while (await queue.Reader.WaitToReadAsync())
        {
            // What can wait goes by itself when its turn has come, so that nobody is kept waiting by much of it at once.
            while (batch.Count < database.BatchLength && queue.Reader.TryPeek(out var next) && !(next.CanWait && batch.Count > 0) && queue.Reader.TryRead(out next))
                batch.Add(next);

            if (batch.Count > 0)
                await WriteAsync(line, batch);
            batch.Clear();
        }
    }

    /// <summary>Does a batch until it is on disk; when others are in its way again and again, each of its pieces alone.</summary>
    private async Task WriteAsync(Line line, IReadOnlyList<Work> batch)
    {
        var attempts = batch.Count > 1 ? BatchAttempts : PieceAttempts;
        for (var attempt = 1; ; attempt++)
        {
            // A feed of many cells would be done again for ever while orders take from them: from then on lanes wait for it.
            var isAlone = database.HasLanes && !line.IsLane && attempt > AttemptsBesideLanes;
            for (var lane = 0; isAlone && lane < LanesMax; lane++)
                await lanes.WaitAsync();
            var (fault, again) = await TryWriteAsync(line, batch);
            if (isAlone)
                lanes.Release(LanesMax);
            if (fault is null)
                return;

            if (again == Again.Never || (again == Again.OnNewConnection && attempt > 1))
            {
                if (database.IsOutage(fault) || fault is StoreOutcomeUnknownException)
                    trouble = new Trouble(fault, clock.GetTimestamp());
                if (fault is StoreOutcomeUnknownException)
                    ForgetAll();
                Finish(batch, again == Again.OnNewConnection && fault is InvalidOperationException ? database.GivenUp(fault) : fault); // A connection that broke under a statement.
                return;
            }

            if (attempt == attempts)
            {
                if (batch.Count == 1)
                    Finish(batch, database.GivenUp(fault));
                foreach (var piece in batch.Count == 1 ? [] : batch)
                    await WriteAsync(line, [piece]);
                return;
            }

            figures.Redone();
            await database.PauseAsync(attempt);
        }
    }

    private static void Finish(IReadOnlyList<Work> batch, Exception? fault)
    {
        foreach (var piece in batch)
            piece.Finish(fault);
    }

    /// <summary>Runs the pieces and commits. Nobody is answered before: a refusal, too, may rest on what a piece before it wrote.</summary>
    private async Task<(Exception? Fault, Again Again)> TryWriteAsync(Line line, IReadOnlyList<Work> batch)
    {
        List<(Work Piece, Tx? Tx)> done = new(batch.Count);
        try
        {
            var connection = await line.OpenAsync();
            await using var transaction = await line.BeginAsync(connection);
            foreach (var piece in batch)
            {
                if (piece.IsCancelled)
                    continue;

                // A piece that has the transaction for itself is undone with it.
                if (batch.Count > 1)
                    await Database.ExecuteAsync(connection, transaction, "SAVEPOINT piece");
                var tx = new Tx(connection, transaction, clock.GetUtcNow()) { HasNeighbours = news is not null, Later = line.IsLane ? new Gathered() : null };
                await piece.RunAsync(tx);
                if (piece.Thrown is { } thrown && (line.IsBroken || database.IsConflict(thrown) || database.IsOutage(thrown)))
                    return (thrown, line.IsBroken ? Again.OnNewConnection : database.IsConflict(thrown) ? Again.Later : Again.Never);

                var isKept = piece.Thrown is null && !tx.IsUndone;
                if (batch.Count > 1)
                    await Database.ExecuteAsync(connection, transaction, isKept ? "RELEASE piece" : "ROLLBACK TO piece; RELEASE piece");
                done.Add((piece, isKept ? tx : null));
            }

            string? id = null;
            if (done is [(_, { Later: { } later } gathering)])
            {
                news?.Add(later, gathering.ChangesForOthers.Distinct());
                id = await later.SendAsync((Npgsql.NpgsqlConnection)connection, (Npgsql.NpgsqlTransaction)transaction);
            }
            else if (news is not null)
                await news.SendAsync(connection, transaction, done.SelectMany(one => one.Tx?.ChangesForOthers ?? []).Distinct());
            if (batch.Count > 1 || done is not [(_, null)])
            {
                var since = System.Diagnostics.Stopwatch.GetTimestamp();
                await database.CommitAsync(connection, transaction, id);
                figures.Committed(since, done.Count);
            }
        }
#pragma warning disable CA1031 // Nobody of this batch has been answered, so everybody hears of it, whatever it is (disk full, media, network).
        catch (Exception fault)
#pragma warning restore CA1031
        {
            return (fault, fault is StoreOutcomeUnknownException ? Again.Never : database.IsConflict(fault) ? Again.Later : line.IsBroken ? Again.OnNewConnection : Again.Never);
        }

        foreach (var (piece, tx) in done)
        {
            foreach (var change in tx?.Changes ?? [])
                Tell(change);
            foreach (var action in tx?.Afterwards ?? [])
                action();
            piece.Finish(null);
        }

        return (null, Again.Never);
    }

    /// <summary>One transaction after the other on a connection of its own; statements on many rows are sent together at the end of each.</summary>
    internal sealed class Lane(Store store) : IAsyncDisposable
    {
        private readonly Line line = new(store.database, isLane: true);

        /// <summary>Does a piece of work in a transaction and returns when it is on disk. It may be done more than once, and takes effect once.</summary>
        public async Task<T> WriteAsync<T>(Func<Tx, Task<T>> work)
        {
            var piece = new Work<T>(work, store.clock, CancellationToken.None);
            await store.lanes.WaitAsync();
            try
            {
                await store.WriteAsync(line, [piece]);
            }
            finally
            {
                store.lanes.Release();
            }

            return await piece.Answer;
        }

        public ValueTask DisposeAsync() => line.DisposeAsync();
    }

    private sealed record Trouble(Exception Fault, long Since);

    /// <summary>Whether a transaction that failed is worth another try.</summary>
    private enum Again
    {
        Never,
        Later,
        OnNewConnection,
    }

    /// <summary>A writer's connection: kept, and opened anew when it broke.</summary>
    private sealed class Line(Database database, bool isLane = false) : IAsyncDisposable
    {
        private DbConnection? connection;

        public bool IsLane { get; } = isLane;

        public bool IsBroken => connection is { State: not ConnectionState.Open };

        public async ValueTask<DbConnection> OpenAsync()
        {
            if (IsBroken)
                await DisposeAsync();
            return connection ??= await (IsLane ? database.OpenLaneAsync() : database.OpenWriterAsync());
        }

        public ValueTask<DbTransaction> BeginAsync(DbConnection to) => IsLane ? database.BeginLaneAsync(to) : database.BeginWriteAsync(to);

        public async ValueTask DisposeAsync()
        {
            if (connection is not null)
                await connection.DisposeAsync();
            connection = null;
        }
    }

    private abstract class Work(TimeProvider clock)
    {
        private readonly long since = clock.GetTimestamp();
        private readonly long waits = clock.TimestampFrequency * 4 / 10;

        /// <summary>First come, first served, but what can wait gives way to whoever comes within 0.4 s.</summary>
        public static IComparer<Work> ByDue { get; } = Comparer<Work>.Create((a, b) => a.Due.CompareTo(b.Due));

        public bool CanWait { get; init; }

        private long Due => CanWait ? since + waits : since;

        public abstract bool IsCancelled { get; }

        /// <summary>What the last run threw.</summary>
        public Exception? Thrown { get; protected set; }

        /// <summary>Does the work and keeps what came of it.</summary>
        public abstract Task RunAsync(Tx tx);

        /// <summary>Answers the caller with what <see cref="RunAsync"/> gave, or with the fault. The first answer stands.</summary>
        public abstract void Finish(Exception? fault);
    }

    private sealed class Work<T>(Func<Tx, Task<T>> work, TimeProvider clock, CancellationToken cancel) : Work(clock)
    {
        // Continuations run elsewhere: the writer never does its callers' work.
        private readonly TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? result;

        public Task<T> Answer => answer.Task;

        public override bool IsCancelled => cancel.IsCancellationRequested && answer.TrySetCanceled(cancel);

        public override async Task RunAsync(Tx tx)
        {
            Thrown = null;
            try
            {
                result = await work(tx);
            }
#pragma warning disable CA1031 // Whatever the work throws belongs to its caller, not to the other pieces of the batch.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Thrown = exception;
            }
        }

        public override void Finish(Exception? fault)
        {
            if ((fault ?? Thrown) is { } exception)
                answer.TrySetException(exception);
            else
                answer.TrySetResult(result!); // Set by RunAsync, which did not throw.
        }
    }
}
