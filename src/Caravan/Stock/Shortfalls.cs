using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>Where more is reserved than is there. Kept while it lasts; told to the rooms above each time it grows.</summary>
internal static class Shortfalls
{
    public static async Task KeepAsync(Tx tx, Outbox outbox, StockKey key, int before, int after)
    {
        if (before == after)
            return;

        var args = new { owner = key.Owner, item = key.Item, location = key.Location, quantity = after, now = tx.Now };
        if (after == 0)
        {
            await tx.ExecuteAsync("DELETE FROM stock_shortfalls WHERE tenant = @owner AND item = @item AND location = @location", args);
            return;
        }

        await tx.ExecuteAsync(
            """
            INSERT INTO stock_shortfalls (tenant, item, location, quantity, since) VALUES (@owner, @item, @location, @quantity, @now)
            ON CONFLICT (tenant, item, location) DO UPDATE SET quantity = excluded.quantity
            """,
            args);
        if (after > before)
            await outbox.AddAsync(tx, key.Owner, ShortfallEvent.Type, key.Location.ToString(), new ShortfallEvent(key.Owner, key.Item, key.Location, after), StockJson.Default.ShortfallEvent);
    }

    /// <summary>Brings the open shortfalls of an owner up to date after goods came in; there are few.</summary>
    public static async Task RecheckAsync(Tx tx, Outbox outbox, PartnerId owner)
    {
        foreach (var open in await tx.QueryAsync<Row>("SELECT item, location, quantity FROM stock_shortfalls WHERE tenant = @owner", new { owner }))
        {
            var key = new StockKey(owner, open.Item, open.Location);
            if (await StockStore.ReadAsync(tx, key) is { } state)
                await KeepAsync(tx, outbox, key, open.Quantity, state.Shortfall);
        }
    }

    private sealed record Row
    {
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public int Quantity { get; init; }
    }
}
