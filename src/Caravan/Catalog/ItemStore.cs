using Caravan.Platform;
using Caravan.Platform.Ids;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Catalog;

internal static class ItemStore
{
    /// <summary>Items of an owner have changed.</summary>
    public const string Topic = "items";

    // SQLite takes 32,766 parameters a statement; lists go in slices well below that.
    private const int SliceLength = 500;

    private const string Columns = "tenant, id, sku, gtin, name, category, temperature_class, weight_grams, price_amount, price_currency, is_lot_controlled, is_lot_order_strict, minimum_shelf_life_days, available_from";

    public static Task PutAsync(Tx tx, IReadOnlyCollection<Item> items)
    {
        foreach (var owner in items.Select(item => item.Owner).Distinct())
            tx.Announce(Topic, owner);
        return tx.ExecuteAsync(
            $"""
            INSERT INTO items ({Columns})
            VALUES (@Tenant, @Id, @Sku, @Gtin, @Name, @Category, @TemperatureClass, @WeightGrams, @PriceAmount, @PriceCurrency, @IsLotControlled, @IsLotOrderStrict, @MinimumShelfLifeDays, @AvailableFrom)
            ON CONFLICT (tenant, sku) DO UPDATE SET gtin = excluded.gtin, name = excluded.name, category = excluded.category,
                temperature_class = excluded.temperature_class, weight_grams = excluded.weight_grams,
                price_amount = excluded.price_amount, price_currency = excluded.price_currency,
                is_lot_controlled = excluded.is_lot_controlled, is_lot_order_strict = excluded.is_lot_order_strict, minimum_shelf_life_days = excluded.minimum_shelf_life_days,
                available_from = excluded.available_from
            """,
            items.Select(item => new
            {
                Tenant = item.Owner,
                item.Id,
                item.Sku,
                item.Gtin,
                item.Name,
                item.Category,
                TemperatureClass = item.TemperatureClass.ToString(),
                item.WeightGrams,
                PriceAmount = item.Price.Amount,
                PriceCurrency = item.Price.Currency,
                item.IsLotControlled,
                item.IsLotOrderStrict,
                item.MinimumShelfLifeDays,
                item.AvailableFrom,
            }));
    }

    public static Task<IReadOnlyList<Item>> BySkuAsync(Db db, PartnerId owner, IReadOnlyCollection<string> skus) =>
        InSlicesAsync(skus, slice => db.ReadAsync($"SELECT {Columns} FROM items WHERE tenant = @owner AND sku IN @slice", new { owner, slice }, ItemOf));

    public static async Task<IReadOnlyList<Item>> ByGtinAsync(Db db, IReadOnlyCollection<PartnerId> owners, IReadOnlyCollection<string> gtins)
    {
        // Owner by owner: every statement names one tenant.
        List<Item> found = [];
        foreach (var owner in owners)
            found.AddRange(await InSlicesAsync(gtins, slice => db.ReadAsync($"SELECT {Columns} FROM items WHERE tenant = @owner AND gtin IN @slice", new { owner, slice }, ItemOf)));
        return found;
    }

    public static Task<IReadOnlyList<Item>> ByIdAsync(Db db, PartnerId owner, IReadOnlyCollection<ItemId> ids) =>
        InSlicesAsync(ids, slice => db.ReadAsync($"SELECT {Columns} FROM items WHERE tenant = @owner AND id IN @slice", new { owner, slice = slice.ToKeys(db) }, ItemOf));

    public static async Task<IReadOnlyList<Item>> ListAsync(Db db, PartnerId owner, string afterSku, string? search, int count, string? category) =>
        await db.ReadAsync(
            $"""
            SELECT {Columns} FROM items
            WHERE tenant = @owner AND sku > @afterSku AND (@category IS NULL OR category = @category) AND (@pattern IS NULL OR LOWER(name) LIKE LOWER(@pattern) ESCAPE '\' OR LOWER(sku) LIKE LOWER(@pattern) ESCAPE '\' OR gtin LIKE @pattern ESCAPE '\')
            ORDER BY sku LIMIT @count
            """,
            new { owner, afterSku, category, pattern = PatternOf(search), count },
            ItemOf);

    public static async Task<IReadOnlyList<string>> CategoriesAsync(Db db, PartnerId owner) =>
        await db.QueryAsync<string>("SELECT DISTINCT category FROM items WHERE tenant = @owner ORDER BY category", new { owner });

    private static string? PatternOf(string? search) =>
        string.IsNullOrWhiteSpace(search)
            ? null
            : "%" + search.Trim().Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal) + "%";

    private static async Task<IReadOnlyList<Item>> InSlicesAsync<T>(IReadOnlyCollection<T> keys, Func<T[], Task<List<Item>>> query)
    {
        List<Item> items = new(keys.Count);
        foreach (var slice in keys.Distinct().Chunk(SliceLength))
            items.AddRange(await query(slice));
        return items;
    }

    private static Item ItemOf(RowReader row) => new(row.Id<PartnerIdKind>(0), row.Id<ItemIdKind>(1), row.Text(2), row.TextOrNull(3), row.Text(4), row.Text(5), row.Named<TemperatureClass>(6), row.Number(7), new Money(row.Long(8), row.Text(9)))
    {
        IsLotControlled = row.IsTrue(10),
        IsLotOrderStrict = row.IsTrue(11),
        MinimumShelfLifeDays = row.Number(12),
        AvailableFrom = row.InstantOrNull(13),
    };
}
