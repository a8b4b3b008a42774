using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>Where more is reserved than is there. Kept while it lasts; told to the rooms above each time it grows, shrinks or ends.</summary>
internal static class Shortfalls
{
    private const int ToldMax = 1_000;

    public static async Task KeepAsync(Tx tx, Outbox outbox, StockKey key, int before, int after)
    {
        if (before == after)
            return;

        var args = new { owner = key.Owner, item = key.Item, location = key.Location, quantity = after, now = tx.Now };
        if (after == 0)
        {
            await tx.ExecuteAsync("DELETE FROM stock_shortfalls WHERE tenant = @owner AND item = @item AND location = @location", args);
            await TellAsync(tx, outbox, ShortfallEvent.Eased, key, after);
            return;
        }

        await tx.ExecuteAsync(
            """
            INSERT INTO stock_shortfalls (tenant, item, location, quantity, since) VALUES (@owner, @item, @location, @quantity, @now)
            ON CONFLICT (tenant, item, location) DO UPDATE SET quantity = excluded.quantity
            """,
            args);
        await TellAsync(tx, outbox, after > before ? ShortfallEvent.Type : ShortfallEvent.Eased, key, after);
    }

    /// <summary>Who keeps what has changed: tells of an owner's open shortfalls as if they were new.</summary>
    public static async Task TellAgainAsync(Tx tx, Outbox outbox, PartnerId owner)
    {
        foreach (var open in await tx.QueryAsync<Row>("SELECT item, location, quantity FROM stock_shortfalls WHERE tenant = @owner ORDER BY item, location LIMIT @most", new { owner, most = ToldMax }))
        {
            var key = new StockKey(owner, open.Item, open.Location);
            await TellAsync(tx, outbox, ShortfallEvent.Eased, key, open.Quantity);
            await TellAsync(tx, outbox, ShortfallEvent.Type, key, open.Quantity);
        }
    }

    private static Task TellAsync(Tx tx, Outbox outbox, string what, StockKey key, int quantity) =>
        outbox.AddAsync(tx, key.Owner, what, key.Location.ToString(), new ShortfallEvent(key.Owner, key.Item, key.Location, quantity), StockJson.Default.ShortfallEvent);

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
