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
    private readonly RowStatement<T> insert = RowStatement<T>.Insert(name, columns, fill, onConflict);

    /// <summary>Inserts rows.</summary>
    public Task InsertAsync(Tx tx, IEnumerable<T> rows) => insert.RunAsync(tx, rows);
}
