using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Caravan.Sim;

/// <summary>A server's connection to the simulated disk: a real SQLite connection whose statements each take a step, may fail, and may be spoilt by a plant.</summary>
internal sealed class SimConnection(string file, SimServer server) : SqliteConnection($"Data Source={file};Default Timeout=0")
{
    public SimServer Server => server;

    /// <summary>Whether a transaction is open.</summary>
    public bool IsInTransaction => State == ConnectionState.Open && raw.sqlite3_get_autocommit(Handle) == 0;

    public override SqliteCommand CreateCommand() => new SimCommand(server) { Connection = this, CommandTimeout = 0, Transaction = Transaction };

    protected override void Dispose(bool disposing)
    {
        server.Connections.Remove(this);
        base.Dispose(disposing);
    }
}

/// <summary>A statement on its way to the simulated disk.</summary>
internal sealed class SimCommand(SimServer server) : SqliteCommand
{
    [System.Diagnostics.CodeAnalysis.AllowNull]
    public override string CommandText
    {
        get => base.CommandText;
        set => base.CommandText = server.Disk.Plant?.Rewrite is { } rewrite ? rewrite(value ?? "") : value;
    }

    public override async Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken)
    {
        await server.Disk.StatementAsync(server).ConfigureAwait(false);
        return ExecuteNonQuery();
    }

    public override async Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken)
    {
        await server.Disk.StatementAsync(server).ConfigureAwait(false);
        return ExecuteScalar();
    }

    protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken)
    {
        await server.Disk.StatementAsync(server).ConfigureAwait(false);
        return ExecuteReader(behavior);
    }
}
