using Caravan.Platform.Ids;
using Microsoft.Data.Sqlite;

namespace Caravan.Platform.Storage;

/// <summary>
/// A table and how a record fills a row of it, for hot paths that write many rows at once. The columns stand in one
/// string and the values follow in their order.
/// </summary>
/// <param name="name">The table.</param>
/// <param name="columns">Its columns, divided by commas.</param>
/// <param name="fill">Writes a record's values, in the columns' order.</param>
/// <param name="onConflict">What happens when the key is there already; without it, that is an error.</param>
internal sealed class Table<T>(string name, string columns, Action<RowWriter, T> fill, string onConflict = "")
{
    private readonly string insertRow =
        $"INSERT INTO {name} ({columns}) VALUES ({string.Join(", ", Enumerable.Repeat("?", columns.Count(c => c == ',') + 1))}) {onConflict}";

    private readonly string insertColumns =
        $"INSERT INTO {name} ({columns}) SELECT * FROM unnest({string.Join(", ", Enumerable.Range(1, columns.Count(c => c == ',') + 1).Select(i => $"${i}"))}) {onConflict}";

    /// <summary>Inserts rows.</summary>
    public async Task InsertAsync(Tx tx, IEnumerable<T> rows)
    {
        if (tx.IsPostgres)
        {
            await PostgresRows.Of(rows, fill).ExecuteAsync(tx, insertColumns);
            return;
        }

        var statement = SqliteStatement.Of((SqliteConnection)tx.Connection, insertRow);
        foreach (var row in rows)
        {
            fill(statement, row);
            statement.Run();
        }
    }
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
