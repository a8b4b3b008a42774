using Caravan.Platform.Ids;
using Microsoft.Data.Sqlite;

namespace Caravan.Platform.Storage;

/// <summary>
/// A statement that runs for many records at once, for hot paths: on SQLite row by row by one prepared statement, on
/// PostgreSQL in one round trip on arrays.
/// </summary>
/// <param name="each">For SQLite, with a <c>?</c> for each value.</param>
/// <param name="all">For PostgreSQL, with an array for each value, <c>$1</c>, <c>$2</c>, …</param>
/// <param name="fill">Writes a record's values, in the statement's order.</param>
internal sealed class RowStatement<T>(string each, string all, Action<RowWriter, T> fill)
{
    /// <summary>Changes rows: <paramref name="fill"/> writes the values of <paramref name="set"/>, then those of <paramref name="key"/>.</summary>
    public static RowStatement<T> Update(string table, string set, string key, Action<RowWriter, T> fill)
    {
        var (changed, named) = (Columns(set), Columns(key));
        return new RowStatement<T>(
            $"UPDATE {table} SET {Join(changed, ", ", column => $"{column} = ?")} WHERE {Join(named, " AND ", column => $"{column} = ?")}",
            $"UPDATE {table} AS t SET {Join(changed, ", ", column => $"{column} = u.{column}")} FROM unnest({Arrays(changed.Length + named.Length)}) AS u ({set}, {key}) WHERE {Join(named, " AND ", column => $"t.{column} = u.{column}")}",
            fill);
    }

    /// <summary>Removes rows by their key.</summary>
    public static RowStatement<T> Delete(string table, string key, Action<RowWriter, T> fill)
    {
        var named = Columns(key);
        return new RowStatement<T>(
            $"DELETE FROM {table} WHERE {Join(named, " AND ", column => $"{column} = ?")}",
            $"DELETE FROM {table} AS t USING unnest({Arrays(named.Length)}) AS u ({key}) WHERE {Join(named, " AND ", column => $"t.{column} = u.{column}")}",
            fill);
    }

    /// <summary>Adds rows; what <paramref name="onConflict"/> says happens when the key is there already, without it that is an error.</summary>
    public static RowStatement<T> Insert(string table, string columns, Action<RowWriter, T> fill, string onConflict = "")
    {
        var count = Columns(columns).Length;
        return new RowStatement<T>(
            $"INSERT INTO {table} ({columns}) VALUES ({string.Join(", ", Enumerable.Repeat("?", count))}) {onConflict}",
            $"INSERT INTO {table} ({columns}) SELECT * FROM unnest({Arrays(count)}) {onConflict}",
            fill);
    }

    /// <summary>Runs it for each of these.</summary>
    public async Task RunAsync(Tx tx, IEnumerable<T> rows)
    {
        if (tx.IsPostgres)
        {
            if (tx.Later is { } later)
                PostgresRows.Of(rows, fill).AddTo(later, all);
            else
                await PostgresRows.Of(rows, fill).ExecuteAsync(tx, all);
            return;
        }

        var statement = SqliteStatement.Of((SqliteConnection)tx.Connection, each);
        foreach (var row in rows)
        {
            fill(statement, row);
            statement.Run();
        }
    }

    private static string[] Columns(string columns) => columns.Split(", ");

    private static string Join(string[] columns, string between, Func<string, string> form) => string.Join(between, columns.Select(form));

    private static string Arrays(int count) => string.Join(", ", Enumerable.Range(1, count).Select(i => $"${i}"));
}

/// <summary>Takes a row's values, one after the other.</summary>
internal abstract class RowWriter
{
    public abstract RowWriter Number(long? value);

    public abstract RowWriter Real(double value);

    public abstract RowWriter Text(string? value);

    /// <summary>Text that is in UTF-8 already.</summary>
    public abstract RowWriter Text(byte[] utf8);

    public abstract RowWriter Bytes(byte[] value);

    public abstract RowWriter Id<TKind>(Id<TKind> id)
        where TKind : IIdKind;

    public abstract RowWriter Id<TKind>(Id<TKind>? id)
        where TKind : IIdKind;

    public abstract RowWriter Instant(DateTimeOffset? value);
}
