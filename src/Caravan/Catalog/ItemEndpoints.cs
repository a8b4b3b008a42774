using Caravan.Platform;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Catalog;

internal static class ItemEndpoints
{
    private const int BatchMax = 1_000;
    private const int WeightGramsMax = 10_000_000;
    private const long PriceMax = 1_000_000_000_000;
    private const int ShelfLifeDaysMax = 3_650;
    private const int SubstitutesMax = 20;

    public static void MapItemEndpoints(this IEndpointRouteBuilder routes)
    {
        var items = routes.MapGroup("/v1/items").WithTags("Catalogue").NeedsScope(Area.Catalog);
        items.MapGet("", List).WithSummary("Your items, by SKU; search finds part of a name, SKU or GTIN").Produces<Page<Item>>();
        items.MapGet("/{id}", Get).WithSummary("One of your items").Produces<Item>().ProducesProblem(404);
        items.MapGet("/{id}/substitutes", Substitutes).WithSummary("What may be put in instead where the customer agrees, the best first").Produces<SubstitutesKnown>().ProducesProblem(404);
        items.MapPut("/{id}/substitutes", SetSubstitutes).WithSummary("Say what may be put in instead, the best first; an empty list: nothing").Produces<SubstitutesKnown>().ProducesProblem(400).ProducesProblem(404);
        items.MapPut("", Put).WithSummary("Add up to 1000 items, or replace by SKU").Produces<ItemsTaken>().ProducesProblem(400);
    }

    private static async Task<IResult> List(Caller caller, Store store, ItemCatalog catalog, CancellationToken cancel, string? search = null, string? cursor = null, int limit = 50)
    {
        var check = new Check().Text(search, "?search", 100, optional: true).Text(cursor, "?cursor", 100, optional: true).Range(limit, "?limit", 1, Page<Item>.Longest);
        if (check.Failed)
            return check.Refusal;

        var rows = await store.ReadAsync(db => catalog.ListAsync(db, caller.Tenant, cursor ?? "", search, limit + 1), cancel);
        return TypedResults.Ok(Page<Item>.Of([.. rows], limit, item => item.Sku));
    }

    private static async Task<IResult> Get(ItemId id, Caller caller, Store store, ItemCatalog catalog, CancellationToken cancel) =>
        await store.ReadAsync(db => catalog.ByIdAsync(db, caller.Tenant, [id]), cancel) is [var item] ? TypedResults.Ok(item) : Problem.NotFound("item");

    private static async Task<IResult> Substitutes(ItemId id, Caller caller, Store store, ItemCatalog catalog, CancellationToken cancel) =>
        await store.ReadAsync(
            async db => await catalog.ByIdAsync(db, caller.Tenant, [id]) is [_] ? new SubstitutesKnown((await catalog.SubstitutesAsync(db, caller.Tenant, [id])).GetValueOrDefault(id) ?? []) : null,
            cancel) is { } known
            ? TypedResults.Ok(known)
            : Problem.NotFound("item");

    private static async Task<IResult> SetSubstitutes(ItemId id, HttpContext context, Caller caller, SubstitutesBody body, ItemCatalog catalog, IdempotentWrites writes)
    {
        var check = new Check().That(body.Items is { Count: <= SubstitutesMax }, "#/items", $"Give at most {SubstitutesMax} items.");
        if (check.Failed)
            return check.Refusal;

        return await writes.RunAsync(context, caller, async tx =>
        {
            var known = (await catalog.ByIdAsync(tx, caller.Tenant, [id, .. body.Items])).ToDictionary(item => item.Id);
            if (!known.TryGetValue(id, out var wanted))
                return Outcome.Refuse(Problem.NotFound("item"));

            var found = new Check();
            foreach (var (index, other) in body.Items.Index())
            {
                var instead = known.GetValueOrDefault(other);
                found.That(instead is not null, $"#/items/{index}", "No item of your catalogue.")
                    .That(other != id, $"#/items/{index}", "An item cannot stand in for itself.")
                    .That(body.Items.IndexOf(other) == index, $"#/items/{index}", "This item stands in the list twice.")
                    .That(instead is null || instead.TemperatureClass == wanted.TemperatureClass, $"#/items/{index}", "It is kept in another cold than the item it would stand in for, and would need another bag.")
                    .That(instead is null || instead.Price.Currency == wanted.Price.Currency, $"#/items/{index}", "It is priced in another currency.");
            }

            if (found.Failed)
                return Outcome.Refuse(found.Refusal);

            await catalog.SetSubstitutesAsync(tx, caller.Tenant, id, body.Items);
            return new Answer(200, new SubstitutesKnown([.. body.Items.Select(other => known[other])]));
        });
    }

    private static async Task<IResult> Put(HttpContext context, Caller caller, ItemsBody body, ItemCatalog catalog, IdempotentWrites writes)
    {
        var check = new Check().List(body.Items, "#/items", BatchMax);
        if (check.Failed)
            return check.Refusal;

        HashSet<string> skus = [], gtins = [];
        for (var i = 0; i < body.Items.Count; i++)
            CheckItem(check, body.Items[i], $"#/items/{i}", skus, gtins);
        if (check.Failed)
            return check.Refusal;

        return await writes.RunAsync(context, caller, async tx =>
        {
            var items = body.Items.Select(item => ToItem(item, caller.Tenant, tx.Now)).ToList();
            var taken = await catalog.ByGtinAsync(tx, [caller.Tenant], [.. items.Where(item => item.Gtin is not null).Select(item => item.Gtin!)]); // Filtered just before.
            var found = new Check();
            var skuOfGtin = taken.ToDictionary(item => item.Gtin!, item => item.Sku); // Found by GTIN, so each has one.
            for (var i = 0; i < items.Count; i++)
            {
                if (items[i].Gtin is { } gtin && skuOfGtin.TryGetValue(gtin, out var sku) && sku != items[i].Sku)
                    found.That(false, $"#/items/{i}/gtin", $"Your item '{sku}' has this GTIN already; a GTIN is one item.");
            }

            if (found.Failed)
                return Outcome.Refuse(found.Refusal);

            await catalog.PutAsync(tx, items);
            return new Answer(200, new ItemsTaken(items.Count));
        });
    }

    private static void CheckItem(Check check, ItemBody? item, string at, HashSet<string> skus, HashSet<string> gtins)
    {
        if (item is null)
        {
            check.That(false, at, "An item is an object.");
            return;
        }

        check.Text(item.Sku, $"{at}/sku", 50)
            .Text(item.Name, $"{at}/name", 200)
            .That(item.Category.Length <= 100, $"{at}/category", "At most 100 characters.")
            .Range(item.WeightGrams, $"{at}/weightGrams", 1, WeightGramsMax)
            .Range(item.MinimumShelfLifeDays, $"{at}/minimumShelfLifeDays", 0, ShelfLifeDaysMax)
            .Range(item.Price.Amount, $"{at}/price/amount", 0, PriceMax)
            .That(item.Price.Currency is { Length: 3 } currency && currency.All(char.IsAsciiLetterUpper), $"{at}/price/currency", "Give three capital letters, ISO 4217.")
            .That(item.Sku is null || skus.Add(item.Sku), $"{at}/sku", "This SKU stands in the list twice.")
            .That(item.Gtin is null || Gtin.TryParse(item.Gtin, out _), $"{at}/gtin", "Not a GTIN: give 8, 12, 13 or 14 digits whose last is the GS1 check digit.")
            .That(item.Gtin is null || gtins.Add(item.Gtin.PadLeft(Gtin.Length, '0')), $"{at}/gtin", "This GTIN stands in the list twice.");
    }

    private static Item ToItem(ItemBody body, PartnerId owner, DateTimeOffset now) =>
        new(owner, ItemId.New(now), body.Sku, Gtin.TryParse(body.Gtin, out var gtin) ? gtin.Digits : null, body.Name, body.Category, body.TemperatureClass, body.WeightGrams, body.Price)
        {
            AvailableFrom = body.AvailableFrom,
            IsLotControlled = body.IsLotControlled,
            IsLotOrderStrict = body.IsLotOrderStrict,
            MinimumShelfLifeDays = body.MinimumShelfLifeDays,
        };
}
