using Caravan.Platform.Storage;
using Caravan.Stock.Lots;

namespace Caravan.Stock;

/// <summary>Transfers in SQL.</summary>
internal static class TransferStore
{
    public static Task<TransferId?> FindIdAsync(Db db, PartnerId owner, string reference) =>
        db.FirstAsync<TransferId?>("SELECT id FROM stock_transfers WHERE tenant = @owner AND reference = @reference", new { owner, reference });

    public static async Task<Transfer?> FindAsync(Db db, PartnerId owner, TransferId id) =>
        await LoadAsync(db, owner, await db.QueryAsync<Row>("SELECT * FROM stock_transfers WHERE tenant = @owner AND id = @id", new { owner, id })) is [var found] ? found : null;

    /// <summary>Transfers, newest first, those before a cursor; of one state when it is named.</summary>
    public static async Task<List<Transfer>> ListAsync(Db db, PartnerId owner, TransferState? state, TransferId? before, int count) =>
        await LoadAsync(db, owner, await db.QueryAsync<Row>(
            $"""
            SELECT * FROM stock_transfers
            WHERE tenant = @owner {(before is null ? "" : "AND id < @before")} {(state is null ? "" : "AND state = @state")} ORDER BY id DESC LIMIT @count
            """,
            new { owner, before, state = state?.ToString(), count }));

    public static async Task InsertAsync(Tx tx, Transfer transfer)
    {
        await tx.ExecuteAsync(
            """
            INSERT INTO stock_transfers (tenant, id, from_location, to_location, reference, state, sent_at, expected_at)
            VALUES (@Owner, @Id, @From, @To, @Reference, @state, @SentAt, @ExpectedAt)
            """,
            new { transfer.Owner, transfer.Id, transfer.From, transfer.To, transfer.Reference, state = transfer.State.ToString(), transfer.SentAt, transfer.ExpectedAt });
        await tx.ExecuteAsync(
            "INSERT INTO stock_transfer_lines (tenant, transfer, item, quantity) VALUES (@Owner, @Id, @Item, @Quantity)",
            transfer.Lines.Select(line => new { transfer.Owner, transfer.Id, line.Item, line.Quantity }));
        await tx.ExecuteAsync(
            "INSERT INTO stock_transfer_lots (tenant, transfer, item, code, expires_on, quantity) VALUES (@Owner, @Id, @Item, @Code, @expires, @Quantity)",
            transfer.Lines.SelectMany(line => line.Lots, (line, lot) => new { transfer.Owner, transfer.Id, line.Item, lot.Code, expires = LotStore.Text(lot.ExpiresOn), lot.Quantity }));
    }

    public static async Task UpdateAsync(Tx tx, Transfer transfer)
    {
        await tx.ExecuteAsync(
            "UPDATE stock_transfers SET state = @state, closed_at = @ClosedAt WHERE tenant = @Owner AND id = @Id",
            new { transfer.Owner, transfer.Id, state = transfer.State.ToString(), transfer.ClosedAt });
        await tx.ExecuteAsync(
            "UPDATE stock_transfer_lines SET received = @Received WHERE tenant = @Owner AND transfer = @Id AND item = @Item",
            transfer.Lines.Select(line => new { transfer.Owner, transfer.Id, line.Item, line.Received }));
        await tx.ExecuteAsync(
            "UPDATE stock_transfer_lots SET received = @Received WHERE tenant = @Owner AND transfer = @Id AND item = @Item AND code = @Code",
            transfer.Lines.SelectMany(line => line.Lots, (line, lot) => new { transfer.Owner, transfer.Id, line.Item, lot.Code, lot.Received }));
    }

    private static async Task<List<Transfer>> LoadAsync(Db db, PartnerId owner, List<Row> rows)
    {
        if (rows.Count == 0)
            return [];

        var lines = (await db.QueryAsync<LineRow>("SELECT * FROM stock_transfer_lines WHERE tenant = @owner AND transfer IN @ids", new { owner, ids = rows.Select(row => row.Id).ToKeys(db) })).ToLookup(line => line.Transfer);
        var lots = (await db.QueryAsync<LotRow>("SELECT transfer, item, code, expires_on, quantity, received FROM stock_transfer_lots WHERE tenant = @owner AND transfer IN @ids", new { owner, ids = rows.Select(row => row.Id).ToKeys(db) })).ToLookup(lot => (lot.Transfer, lot.Item));
        return rows.ConvertAll(row => new Transfer
        {
            Owner = owner,
            Id = row.Id,
            From = row.FromLocation,
            To = row.ToLocation,
            Reference = row.Reference,
            State = row.State,
            SentAt = row.SentAt,
            ExpectedAt = row.ExpectedAt,
            ClosedAt = row.ClosedAt,
            Lines = [.. lines[row.Id].OrderBy(line => line.Item).Select(line => new TransferLine(line.Item, line.Quantity, line.Received)
            {
                Lots = [.. lots[(row.Id, line.Item)].OrderBy(lot => lot.Code, StringComparer.Ordinal).Select(lot => new TransferLot(lot.Code, LotStore.Day(lot.ExpiresOn), lot.Quantity, lot.Received))],
            })],
        });
    }

    private sealed record Row
    {
        public TransferId Id { get; init; }
        public LocationId FromLocation { get; init; }
        public LocationId ToLocation { get; init; }
        public string Reference { get; init; } = "";
        public TransferState State { get; init; }
        public DateTimeOffset SentAt { get; init; }
        public DateTimeOffset ExpectedAt { get; init; }
        public DateTimeOffset? ClosedAt { get; init; }
    }

    private sealed record LotRow
    {
        public TransferId Transfer { get; init; }
        public ItemId Item { get; init; }
        public string Code { get; init; } = "";
        public string? ExpiresOn { get; init; }
        public int Quantity { get; init; }
        public int Received { get; init; }
    }

    private sealed record LineRow
    {
        public TransferId Transfer { get; init; }
        public ItemId Item { get; init; }
        public int Quantity { get; init; }
        public int Received { get; init; }
    }
}
