using System.Text.Json;
using Caravan.Platform.Storage;

namespace Caravan.Orders.Holds;

/// <summary>Holds in SQL.</summary>
internal static class HoldStore
{
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(30);

    public static async Task<Hold?> FindAsync(Db db, PartnerId seller, HoldId id) =>
        (await db.FirstAsync<Row>("SELECT * FROM holds WHERE tenant = @seller AND id = @id", new { seller, id }))?.ToHold();

    public static async Task InsertAsync(Tx tx, Hold hold)
    {
        await tx.ExecuteAsync("DELETE FROM holds WHERE tenant = @Seller AND state <> 'Held' AND expires_at < @old", new { hold.Seller, old = tx.Now - Remembered });
        await tx.ExecuteAsync(
            "INSERT INTO holds (tenant, id, state, expires_at, created_at, body) VALUES (@Seller, @Id, @state, @ExpiresAt, @CreatedAt, @body)",
            new { hold.Seller, hold.Id, state = hold.State.ToString(), hold.ExpiresAt, hold.CreatedAt, body = JsonSerializer.Serialize(new KeptHold(hold.Lines, hold.Takes), OrderJson.Default.KeptHold) });
        await tx.ExecuteAsync(
            "INSERT INTO hold_claims (tenant, item, location, seller, hold) VALUES (@Owner, @Item, @Location, @Seller, @Id)",
            hold.Cells.Select(cell => new { cell.Owner, cell.Item, cell.Location, hold.Seller, hold.Id }));
    }

    /// <summary>
    /// Settles a hold, if nobody has before: of all who try, on whatever server, one hears that it was theirs. An order must come
    /// before its time is over, and it expires no sooner.
    /// </summary>
    public static async Task<Hold?> SettleAsync(Tx tx, PartnerId seller, HoldId id, HoldState to)
    {
        var when = to switch { HoldState.Ordered => "AND expires_at > @now", HoldState.Expired => "AND expires_at <= @now", _ => "" };
        if (await tx.ExecuteAsync($"UPDATE holds SET state = @to, settled_at = @now WHERE tenant = @seller AND id = @id AND state = 'Held' {when}", new { seller, id, to = to.ToString(), now = tx.Now }) == 0)
            return null;

        var hold = (await FindAsync(tx, seller, id))!; // Updated just above.
        await tx.ExecuteAsync(
            "DELETE FROM hold_claims WHERE tenant = @Owner AND item = @Item AND location = @Location AND seller = @seller AND hold = @id",
            hold.Cells.Select(cell => new { cell.Owner, cell.Item, cell.Location, seller, id }));
        return hold;
    }

    public static async Task<bool> ExtendAsync(Tx tx, PartnerId seller, HoldId id, DateTimeOffset until) =>
        await tx.ExecuteAsync("UPDATE holds SET expires_at = @until WHERE tenant = @seller AND id = @id AND state = 'Held' AND expires_at > @now", new { seller, id, until, now = tx.Now }) > 0;

    public static Task SetOrderAsync(Tx tx, PartnerId seller, HoldId id, OrderId order) =>
        tx.ExecuteAsync("UPDATE holds SET order_id = @order WHERE tenant = @seller AND id = @id", new { seller, id, order });

    /// <summary>Holds of anybody whose time is over, the longest over first.</summary>
    public static async Task<List<(PartnerId Seller, HoldId Id)>> DueAsync(Db db, DateTimeOffset now, int count) =>
        [.. (await db.QueryAsync<DueRow>("SELECT tenant, id FROM holds WHERE state = 'Held' AND expires_at <= @now ORDER BY expires_at LIMIT @count", new { now, count })).Select(row => (row.Tenant, row.Id))];

    /// <summary>Who holds some of a cell, the newest first.</summary>
    public static async Task<List<(PartnerId Seller, HoldId Id)>> ClaimsAsync(Db db, PartnerId owner, ItemId item, LocationId location) =>
        [.. (await db.QueryAsync<DueRow>("SELECT seller AS tenant, hold AS id FROM hold_claims WHERE tenant = @owner AND item = @item AND location = @location ORDER BY hold DESC", new { owner, item, location })).Select(row => (row.Tenant, row.Id))];

    private sealed record DueRow
    {
        public PartnerId Tenant { get; init; }
        public HoldId Id { get; init; }
    }

    private sealed record Row
    {
        public PartnerId Tenant { get; init; }
        public HoldId Id { get; init; }
        public HoldState State { get; init; }
        public DateTimeOffset ExpiresAt { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
        public DateTimeOffset? SettledAt { get; init; }
        public OrderId? OrderId { get; init; }
        public string Body { get; init; } = "";

        public Hold ToHold()
        {
            var kept = JsonSerializer.Deserialize(Body, OrderJson.Default.KeptHold)!; // Written by InsertAsync.
            return new Hold { Seller = Tenant, Id = Id, State = State, ExpiresAt = ExpiresAt, CreatedAt = CreatedAt, SettledAt = SettledAt, Order = OrderId, Lines = kept.Lines, Takes = kept.Takes };
        }
    }
}

internal sealed record KeptHold(IReadOnlyList<HoldLine> Lines, IReadOnlyList<HoldTake> Takes);
