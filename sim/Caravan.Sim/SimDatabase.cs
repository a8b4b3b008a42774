using System.Data.Common;
using Caravan.Platform.Storage;
using SQLitePCL;

namespace Caravan.Sim;

/// <summary>A server's way to the simulated disk: one transaction writes at a time, and on its commit anything may happen.</summary>
internal sealed class SimDatabase(SimDisk disk, SimServer server, Scheduler scheduler) : Database
{
    private List<Change> news = [];
    private int changesBefore;

    public override string Place => "the simulated disk";

    public override int Writers => 1;

    public override int BatchLength => 60;

    public override void Migrate(DateTimeOffset now)
    {
        // The world's file is a copy of one that is migrated.
    }

    public override async ValueTask<DbConnection> OpenReaderAsync(bool isInsideRead, CancellationToken cancel)
    {
        await scheduler.StepAsync(server.Party);
        return server.Open();
    }

    public override ValueTask<DbTransaction> BeginReadAsync(DbConnection connection) => ValueTask.FromResult<DbTransaction>(((SimConnection)connection).BeginTransaction(deferred: true));

    public override async ValueTask<DbConnection> OpenWriterAsync()
    {
        await scheduler.StepAsync(server.Party);
        return server.Open();
    }

    public override async ValueTask<DbTransaction> BeginWriteAsync(DbConnection connection)
    {
        await scheduler.StepAsync(server.Party);
        while (disk.Writer is { IsInTransaction: true })
            await scheduler.DelayAsync(server.Party, TimeSpan.FromMilliseconds(scheduler.Dice.Next(1, 10)));

        news = [];
        disk.Writer = (SimConnection)connection;
        changesBefore = raw.sqlite3_total_changes(disk.Writer.Handle);
        return disk.Writer.BeginTransaction(deferred: false);
    }

    public override async Task CommitAsync(DbConnection connection, DbTransaction transaction, string? id = null)
    {
        disk.Plant?.BeforeCommit(server, (SimConnection)connection);
        await scheduler.StepAsync(server.Party);
        if (disk.Strikes(Fault.CommitDelayed, 0.1, server))
            await scheduler.DelayAsync(server.Party, TimeSpan.FromMilliseconds(scheduler.Dice.Next(1, 2_000)));
        if (disk.Strikes(Fault.CommitFailed, 0.02, server))
            throw SimDisk.Failed();
        if (disk.Strikes(Fault.CommitConflict, 0.03, server))
            throw new SimConflictException();
        if (disk.Strikes(Fault.CommitUnknownAndUndone, 0.02, server))
        {
            await transaction.RollbackAsync();
            throw new StoreOutcomeUnknownException(SimDisk.Failed());
        }

        if (disk.Strikes(Fault.ConnectionLost, 0.02, server))
        {
            await connection.CloseAsync();
            throw SimDisk.Failed();
        }

        if (disk.Strikes(Fault.ServerKilledBeforeCommit, 0.005, server))
        {
            server.Kill();
            await scheduler.StepAsync(server.Party);
        }

        await transaction.CommitAsync();
        if (raw.sqlite3_total_changes(((SimConnection)connection).Handle) != changesBefore)
            disk.Committed();
        server.Post(news);
        if (disk.Strikes(Fault.ServerKilledAfterCommit, 0.01, server))
            server.Kill();
        await scheduler.StepAsync(server.Party);
        if (disk.Strikes(Fault.CommitUnacknowledged, 0.03, server))
            throw new StoreOutcomeUnknownException(SimDisk.Failed());
    }

    public override bool IsConflict(Exception fault) => fault is SimConflictException;

    public override bool IsOutage(Exception fault) => fault is Microsoft.Data.Sqlite.SqliteException { SqliteErrorCode: 10 };

    public override Exception GivenUp(Exception fault) => new StoreBusyException(fault);

    public override StoreNews OpenNews(Action<Change> heard, Action missed)
    {
        server.Heard = heard;
        server.Missed = missed;
        return new News(this);
    }

    public override Task Start(Func<Task> loop) => loop();

    public override Task PauseAsync(int attempt) => scheduler.DelayAsync(server.Party, TimeSpan.FromMilliseconds(scheduler.Dice.Next(2 << attempt)));

    public override string TypesOf(string sql) => SqliteDatabase.SqliteTypes(sql);

    public override Task WaitAsync(TimeSpan time) => scheduler.DelayAsync(server.Party, time);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class News(SimDatabase database) : StoreNews
    {
        public override Task SendAsync(DbConnection connection, DbTransaction transaction, IEnumerable<Change> changes)
        {
            database.news = [.. changes];
            return Task.CompletedTask;
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>Another transaction was in the way.</summary>
internal sealed class SimConflictException() : Exception("Another transaction was in the way (simulated).");
