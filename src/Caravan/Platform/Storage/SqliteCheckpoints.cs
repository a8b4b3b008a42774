using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Caravan.Platform.Storage;

/// <summary>
/// Brings what the log (WAL) holds into the database file beside the writer, who by SQLite's own rule would do it at a commit
/// every thousand pages, and wait for the disk while orders wait for him. A page that many commits changed is then copied once.
/// Only when the log has grown long does the writer finish what little is left, so that the log can begin anew.
/// </summary>
internal sealed class SqliteCheckpoints(Func<SqliteConnection> open)
{
    private const int PagesBetween = 16_000; // 64 MB.
    private const int PagesMax = 64_000; // 256 MB, and as much on disk.
    private const int WrittenPages = 9; // SQLITE_DBSTATUS_CACHE_WRITE.

    private Task running = Task.CompletedTask;
    private int sinceLast;
    private int sinceStart;

    /// <summary>Called by the writer after each commit.</summary>
    public void AfterCommit(SqliteConnection writer)
    {
        raw.sqlite3_db_status(writer.Handle!, WrittenPages, out var pages, out _, 1); // An open connection has its handle.
        sinceLast += pages;
        sinceStart += pages;
        if (!running.IsCompleted || sinceLast < PagesBetween)
            return;

        sinceLast = 0;
        if (sinceStart < PagesMax)
        {
            running = Task.Run(Run);
            return;
        }

        Run(writer.Handle!);
        sinceStart = 0;
    }

    /// <summary>Waits for the one that is under way.</summary>
    public Task DrainAsync() => running;

    private void Run()
    {
        using var connection = open();
        Run(connection.Handle!); // As above.
    }

    // A reader that still looks at an old state, or a full disk, leaves some of it to the next one: nothing is lost by that.
    private static void Run(sqlite3 database) => raw.sqlite3_wal_checkpoint_v2(database, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);
}
