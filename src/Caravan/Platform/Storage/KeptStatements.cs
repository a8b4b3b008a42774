using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Caravan.Platform.Storage;

/// <summary>
/// A SQLite connection whose statements stay prepared from one command to the next: read into a plan anew each time, a
/// short statement costs more than it does. For a connection that is kept, as a writer's is.
/// </summary>
internal sealed class KeptStatements : DbConnection
{
    // Lists of many lengths are many texts.
    private const int StatementsMax = 500;

    private static readonly ConditionalWeakTable<SqliteConnection, KeptStatements> OfConnections = [];

    private readonly SqliteConnection connection;
    private readonly Dictionary<string, SqliteCommand> idle = [];

    private KeptStatements(SqliteConnection connection) => this.connection = connection;

    public static KeptStatements Of(SqliteConnection connection) => OfConnections.GetValue(connection, static one => new KeptStatements(one));

    [AllowNull]
    public override string ConnectionString
    {
        get => connection.ConnectionString;
        set => throw new NotSupportedException();
    }

    public override string Database => connection.Database;

    public override string DataSource => connection.DataSource;

    public override string ServerVersion => connection.ServerVersion;

    public override ConnectionState State => connection.State;

    public override void ChangeDatabase(string databaseName) => throw new NotSupportedException();

    public override void Open() => connection.Open();

    public override void Close() => connection.Close();

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => connection.BeginTransaction(isolationLevel);

    protected override DbCommand CreateDbCommand() => new Command(this);

    private SqliteCommand Take(string sql)
    {
        if (idle.Remove(sql, out var kept))
            return kept;

        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is the caller's, who gives values as parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    private void GiveBack(string sql, SqliteCommand command)
    {
        command.Parameters.Clear();
        command.Transaction = null;
        if (idle.Count < StatementsMax && idle.TryAdd(sql, command))
            return;

        command.Dispose();
    }

    /// <summary>Gathers its text and parameters, and takes a prepared statement when it runs.</summary>
    private sealed class Command(KeptStatements owner) : DbCommand
    {
        private readonly SqliteCommand asked = new();
        private SqliteCommand? running;
        private string text = "";

        [AllowNull]
        public override string CommandText
        {
            get => asked.CommandText;
#pragma warning disable CA2100 // As above.
            set => asked.CommandText = value;
#pragma warning restore CA2100
        }

        public override int CommandTimeout { get => asked.CommandTimeout; set => asked.CommandTimeout = value; }

        public override CommandType CommandType { get => asked.CommandType; set => asked.CommandType = value; }

        public override bool DesignTimeVisible { get; set; }

        public override UpdateRowSource UpdatedRowSource { get; set; }

        protected override DbConnection? DbConnection { get => owner; set => throw new NotSupportedException(); }

        protected override DbParameterCollection DbParameterCollection => asked.Parameters;

        protected override DbTransaction? DbTransaction { get; set; }

        public override void Cancel() => running?.Cancel();

        public override void Prepare()
        {
            // It is when it runs.
        }

        public override int ExecuteNonQuery() => Ready().ExecuteNonQuery();

        public override object? ExecuteScalar() => Ready().ExecuteScalar();

        public override Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken) => Ready().ExecuteNonQueryAsync(cancellationToken);

        public override Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken) => Ready().ExecuteScalarAsync(cancellationToken);

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => Ready().ExecuteReader(behavior);

        protected override Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) =>
            ((DbCommand)Ready()).ExecuteReaderAsync(behavior, cancellationToken);

        protected override DbParameter CreateDbParameter() => asked.CreateParameter();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                Leave();
            asked.Dispose();
            base.Dispose(disposing);
        }

        // It may run again, with other values or another text.
        private SqliteCommand Ready()
        {
            if (text != CommandText)
                Leave();
            if (running is null)
                (running, text) = (owner.Take(CommandText), CommandText);
            running.Transaction = (SqliteTransaction?)DbTransaction;
            running.Parameters.Clear();
            foreach (SqliteParameter parameter in asked.Parameters)
                running.Parameters.Add(parameter);
            return running;
        }

        private void Leave()
        {
            if (running is not null)
                owner.GiveBack(text, running);
            running = null;
        }
    }
}
