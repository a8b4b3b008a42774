using System.Runtime.CompilerServices;
using System.Text;
using Caravan.Platform.Ids;
using Caravan.Platform.Telemetry;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Caravan.Platform.Storage;

/// <summary>
/// A statement that its connection prepares once and runs many times by the library's own calls: the order desk runs some
/// fifteen statements an order, and a command with named parameters costs several times what the statement does.
/// </summary>
internal sealed class SqliteStatement : RowWriter
{
    private static readonly ConditionalWeakTable<SqliteConnection, Dictionary<string, SqliteStatement>> OfConnections = [];

    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;
    private readonly string sql;
    private int bound;

    private SqliteStatement(SqliteConnection connection, string sql)
    {
        this.sql = sql;
        database = connection.Handle ?? throw new InvalidOperationException("The connection is closed.");
        using var command = connection.CreateCommand(); // The text as the connection has it, like any other statement's.
#pragma warning disable CA2100 // It is a constant of the caller's; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        Check(raw.sqlite3_prepare_v3(database, command.CommandText, raw.SQLITE_PREPARE_PERSISTENT, out statement));
    }

    /// <summary>The connection's statement of this text.</summary>
    public static SqliteStatement Of(SqliteConnection connection, string sql)
    {
        var statements = OfConnections.GetOrCreateValue(connection);
        if (!statements.TryGetValue(sql, out var statement))
            statements.Add(sql, statement = new SqliteStatement(connection, sql));
        return statement;
    }

    /// <summary>Runs it with the values given since the last run, and says how many rows it touched.</summary>
    public int Run()
    {
        Step();
        Rewind();
        return raw.sqlite3_changes(database);
    }

    /// <summary>Runs a query of one row and reads it; the default when there is none.</summary>
    public T? First<T>(Func<SqliteStatement, T> read)
    {
        var result = Step() ? read(this) : default;
        Rewind();
        return result;
    }

    public long NumberAt(int column) => raw.sqlite3_column_int64(statement, column);

    public string? TextAt(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL ? null : raw.sqlite3_column_text(statement, column).utf8_to_string();

    public byte[] BytesAt(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

    public Id<TKind> IdAt<TKind>(int column)
        where TKind : IIdKind => new(new Guid(raw.sqlite3_column_blob(statement, column), bigEndian: true));

    public override RowWriter Number(long? value)
    {
        Check(value is { } number ? raw.sqlite3_bind_int64(statement, ++bound, number) : raw.sqlite3_bind_null(statement, ++bound));
        return this;
    }

    public override RowWriter Real(double value)
    {
        Check(raw.sqlite3_bind_double(statement, ++bound, value));
        return this;
    }

    public override RowWriter Text(string? value)
    {
        if (value is null)
            return Number(null);
        if (value.Length == 0)
        {
            Check(raw.sqlite3_bind_text(statement, ++bound, "")); // An empty span would be taken for null.
            return this;
        }

        Span<byte> small = stackalloc byte[256];
        var bytes = Encoding.UTF8.GetMaxByteCount(value.Length) <= small.Length ? small[..Encoding.UTF8.GetBytes(value, small)] : Encoding.UTF8.GetBytes(value);
        Check(raw.sqlite3_bind_text(statement, ++bound, bytes));
        return this;
    }

    public override RowWriter Text(byte[] utf8)
    {
        if (utf8.Length == 0)
            return Text("");

        Check(raw.sqlite3_bind_text(statement, ++bound, utf8.AsSpan()));
        return this;
    }

    public override RowWriter Bytes(byte[] value)
    {
        Check(value.Length == 0 ? raw.sqlite3_bind_zeroblob(statement, ++bound, 0) : raw.sqlite3_bind_blob(statement, ++bound, value)); // An empty span would be taken for null.
        return this;
    }

    public override RowWriter Id<TKind>(Id<TKind> id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        Check(raw.sqlite3_bind_blob(statement, ++bound, bytes));
        return this;
    }

    public override RowWriter Id<TKind>(Id<TKind>? id) => id is { } there ? Id(there) : Number(null);

    public override RowWriter Instant(DateTimeOffset? value) => Number(value?.ToMilliseconds());

    private bool Step()
    {
        var since = SlowStatements.Start();
        var code = raw.sqlite3_step(statement);
        SlowStatements.End(since, sql, nameof(SqliteStatement), nameof(Run));
        if (code is raw.SQLITE_ROW or raw.SQLITE_DONE)
            return code == raw.SQLITE_ROW;

        Rewind();
        SqliteException.ThrowExceptionForRC(code, database);
        return false;
    }

    private void Rewind()
    {
        raw.sqlite3_reset(statement);
        bound = 0;
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            bound = 0;
            SqliteException.ThrowExceptionForRC(code, database);
        }
    }
}
