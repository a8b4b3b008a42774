namespace Caravan.Platform.Storage.Backup;

/// <summary>
/// PostgreSQL's outbox is followed in the order (transaction, sequence); transaction numbers mean nothing in another place, so
/// there it is followed by sequence alone. An event whose sequence is smaller than one before it gets the next free one, and
/// so do those it pushes on; a subscriber's place moves along with its event. Tables are read by name: the outbox first,
/// then what points into it.
/// </summary>
internal static class OutboxOrder
{
    /// <summary>A table's rows as they are in another place; <paramref name="moved"/> is kept from the outbox to what points into it.</summary>
    public static IAsyncEnumerable<object?[]> Numbered(StoredTable table, IAsyncEnumerable<object?[]> rows, Dictionary<long, long> moved)
    {
        if (!table.Name.StartsWith("outbox", StringComparison.Ordinal))
            return rows;

        var place = table.Columns.ToList().FindIndex(column => column.Name == "sequence");
        return table.Name == "outbox" ? EventsAsync(rows, place, moved) : PointersAsync(rows, place, moved);
    }

    private static async IAsyncEnumerable<object?[]> EventsAsync(IAsyncEnumerable<object?[]> rows, int place, Dictionary<long, long> moved)
    {
        var last = 0L;
        await foreach (var row in rows)
        {
            var sequence = (long)row[place]!; // It is the key.
            last = Math.Max(sequence, last + 1);
            if (last != sequence)
            {
                moved[sequence] = last;
                row[place] = last;
            }

            yield return row;
        }
    }

    private static async IAsyncEnumerable<object?[]> PointersAsync(IAsyncEnumerable<object?[]> rows, int place, Dictionary<long, long> moved)
    {
        await foreach (var row in rows)
        {
            if (moved.TryGetValue((long)row[place]!, out var to)) // Never null in these tables.
                row[place] = to;
            yield return row;
        }
    }
}
