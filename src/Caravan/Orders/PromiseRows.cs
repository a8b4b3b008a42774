using Caravan.Platform.Storage;

namespace Caravan.Orders;

/// <summary>A promise as it lies in the store.</summary>
internal sealed record PromiseRow(PartnerId Seller, PromiseId Id, DateTimeOffset ExpiresAt, byte[] Body);

/// <summary>
/// Promises on their way to the store: those that come while a writer is busy go together as one piece of work, for a shopper
/// waits for each.
/// </summary>
internal sealed class PromiseRows(Store store)
{
    private const int RowsMax = 500;

    private static readonly Table<PromiseRow> Promises = new("promises", "tenant, id, expires_at, body", (writer, row) =>
        writer.Id(row.Seller).Id(row.Id).Instant(row.ExpiresAt).Text(row.Body));

    private readonly Lock gate = new();
    private Gathering? open;

    /// <summary>Writes a promise and returns when it is on disk.</summary>
    public async Task WriteAsync(PromiseRow row)
    {
        Task written;
        lock (gate)
        {
            if (open is null || open.Rows.Count == RowsMax)
            {
                var gathering = new Gathering();
                open = gathering;
                gathering.Written = store.WriteAsync(tx => Promises.InsertAsync(tx, Close(gathering)), CancellationToken.None);
            }

            open.Rows.Add(row);
            written = open.Written;
        }

        await written;
    }

    // Whoever comes from now on goes with the next.
    private List<PromiseRow> Close(Gathering gathering)
    {
        lock (gate)
        {
            if (open == gathering)
                open = null;
            return gathering.Rows;
        }
    }

    private sealed class Gathering
    {
        public List<PromiseRow> Rows { get; } = [];

        public Task Written { get; set; } = Task.CompletedTask;
    }
}
