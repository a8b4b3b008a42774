using Caravan.Platform.Storage;

namespace Caravan.Catalog;

/// <summary>What may be put in instead of an item, in SQL.</summary>
internal static class SubstituteStore
{
    /// <summary>For each of an owner's items that has any: the ids of what may go instead, the best first.</summary>
    public static async Task<ILookup<ItemId, ItemId>> OfAsync(Db db, PartnerId owner, IReadOnlyCollection<ItemId> items) =>
        (await db.QueryAsync<Row>("SELECT item, rank, substitute FROM item_substitutes WHERE tenant = @owner AND item IN @items", new { owner, items = items.ToKeys(db) }))
            .OrderBy(row => row.Rank).ToLookup(row => row.Item, row => row.Substitute);

    public static async Task SetAsync(Tx tx, PartnerId owner, ItemId item, IReadOnlyList<ItemId> substitutes)
    {
        await tx.ExecuteAsync("DELETE FROM item_substitutes WHERE tenant = @owner AND item = @item", new { owner, item });
        await tx.ExecuteAsync(
            "INSERT INTO item_substitutes (tenant, item, rank, substitute) VALUES (@owner, @item, @rank, @substitute)",
            substitutes.Select((substitute, index) => new { owner, item, rank = index + 1, substitute }));
    }

    private sealed record Row
    {
        public ItemId Item { get; init; }
        public int Rank { get; init; }
        public ItemId Substitute { get; init; }
    }
}
