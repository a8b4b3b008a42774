using System.Data.Common;
using System.Runtime.CompilerServices;
using Caravan.Platform.Telemetry;
using Microsoft.Data.Sqlite;

namespace Caravan.Platform.Storage;

/// <summary>
/// A statement that its connection prepares once and runs many times: for hot paths and long lists, where parsing the SQL
/// would cost more than running it. Parameters are <c>@p0</c>, <c>@p1</c>, …; a value is a number, text, a Guid (an id's
/// <c>Value</c>), an instant or null. A writer keeps its connection, and so its statements. A null's type must follow from
/// the statement, as it does in VALUES and SET.
/// </summary>
internal sealed class Prepared
{
    private static readonly ConditionalWeakTable<DbConnection, Dictionary<string, Prepared>> OfConnections = [];

    // SQLite finds each parameter by walking its names, so a statement of many rows binds slowly; of few, it is run too often.
    // To PostgreSQL each statement is a journey.
    private static readonly int[] RowsPerSqliteStatement = [8, 1];
    private static readonly int[] RowsPerPostgresStatement = [128, 16, 1];

    private readonly DbCommand command;
    private readonly bool isSqlite;

    private Prepared(DbConnection connection, string sql, int parameters)
    {
        isSqlite = connection is SqliteConnection;
        command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is a constant of the caller's; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < parameters; i++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = $"@p{i}";
            command.Parameters.Add(parameter);
        }
    }

    /// <summary>How many rows the statement touched.</summary>
    public static Task<int> ExecuteAsync(Tx tx, string sql, params ReadOnlySpan<object?> values)
    {
        return RunAsync(Bind(tx, sql, values));

        static async Task<int> RunAsync(DbCommand command)
        {
            var since = SlowStatements.Start();
            var touched = await command.ExecuteNonQueryAsync();
            SlowStatements.End(since, command.CommandText, nameof(Prepared), nameof(ExecuteAsync));
            return touched;
        }
    }

    /// <summary>
    /// An <c>INSERT … VALUES</c> of many rows, several a statement: <paramref name="head"/> ends before VALUES, and
    /// <paramref name="tail"/> says what happens on a conflict. How many rows it touched.
    /// </summary>
    public static async Task<int> InsertAsync<T>(Tx tx, string head, int columns, string tail, IReadOnlyList<T> rows, Action<T, object?[], int> fill)
    {
        var touched = 0;
        var next = 0;
        foreach (var count in tx.IsPostgres ? RowsPerPostgresStatement : RowsPerSqliteStatement)
        {
            if (rows.Count - next < count)
                continue;

            var sql = Text(count);
            var values = new object?[count * columns];
            for (; next + count <= rows.Count; next += count)
            {
                for (var i = 0; i < count; i++)
                    fill(rows[next + i], values, i * columns);
                touched += await ExecuteAsync(tx, sql, values);
            }
        }

        return touched;

        string Text(int count) =>
            $"{head} VALUES {string.Join(", ", Enumerable.Range(0, count).Select(row => $"({string.Join(", ", Enumerable.Range(row * columns, columns).Select(i => $"@p{i}"))})"))} {tail}";
    }

    /// <summary>Reads the first row, or gives the default.</summary>
    public static Task<T?> FirstAsync<T>(Tx tx, string sql, Func<DbDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        return ReadAsync(Bind(tx, sql, values), read);

        static async Task<T?> ReadAsync(DbCommand command, Func<DbDataReader, T> read)
        {
            var since = SlowStatements.Start();
            await using var reader = await command.ExecuteReaderAsync();
            var first = await reader.ReadAsync() ? read(reader) : default;
            SlowStatements.End(since, command.CommandText, nameof(Prepared), nameof(FirstAsync));
            return first;
        }
    }

    private static DbCommand Bind(Tx tx, string sql, ReadOnlySpan<object?> values)
    {
        var statements = OfConnections.GetOrCreateValue(tx.Connection);
        if (!statements.TryGetValue(sql, out var statement))
            statements.Add(sql, statement = new Prepared(tx.Connection, sql, values.Length));
        statement.command.Transaction = tx.Transaction;
        for (var i = 0; i < values.Length; i++)
            statement.command.Parameters[i].Value = statement.Stored(values[i]);
        return statement.command;
    }

    private object Stored(object? value) => value switch
    {
        null => DBNull.Value,
        Guid id when isSqlite => id.ToByteArray(bigEndian: true),
        DateTimeOffset instant => isSqlite ? instant.ToMilliseconds() : instant.ToWholeMilliseconds(),
        _ => value,
    };
}
