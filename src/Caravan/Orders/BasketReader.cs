using Caravan.Catalog;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Orders;

/// <summary>Reads what a basket names: items, stations, and the facts that decide where it comes from.</summary>
internal sealed class BasketReader(ItemCatalog catalog, NetworkMap map, OrderFactsReader factsReader, PartnerBook partners, TimeProvider clock)
{
    // Of each way to name an item; the rest is read basket by basket.
    private const int WarmedMax = 10_000;

    /// <summary>Reads the facts of a basket: also for promises, and for units that are sourced anew.</summary>
    public Task<OrderFacts> FactsAsync(Db db, Basket basket, IReadOnlyList<OrderLine> lines, Location? station, IReadOnlySet<LocationId> excluded, DateTimeOffset now, CancellationToken cancel) =>
        factsReader.ReadAsync(db, new QuotaBuyer(basket.Seller, basket.Channel, now), lines, basket.Destination ?? station!.Point, station, excluded, cancel); // ResolveAsync has seen to it that there is one or the other.

    /// <summary>Brings into memory by a few statements what many lines of one seller name, and where it lies: each basket then finds it there.</summary>
    public async Task WarmAsync(Db db, PartnerId seller, IReadOnlyCollection<BasketLine> lines)
    {
        List<Item> items =
        [
            .. await catalog.BySkuAsync(db, seller, [.. lines.Select(line => line.Sku).OfType<string>().Distinct().Take(WarmedMax)]),
            .. await catalog.ByIdAsync(db, seller, [.. lines.Select(line => line.Item).OfType<ItemId>().Distinct().Take(WarmedMax)]),
            .. await catalog.ByGtinAsync(db, [seller], [.. lines.Select(line => line.Gtin?.PadLeft(Gtin.Length, '0')).OfType<string>().Distinct().Take(WarmedMax)]),
        ];
        await factsReader.WarmAsync(db, seller, [.. items.DistinctBy(item => item.Id).Select((item, at) => new OrderLine { Line = at + 1, Item = item.Id, Sku = item.Sku, Gtin = item.Gtin, Name = item.Name, Quantity = 1, PriceAmount = item.Price.Amount, WeightGrams = item.WeightGrams, TemperatureClass = item.TemperatureClass })], clock.GetUtcNow());
    }

    /// <summary>The basket's items out of the seller's catalogue, and every fault there is.</summary>
    public async Task<ReadBasket> ResolveAsync(Db db, Basket basket, DeliveryService? service, CancellationToken cancel)
    {
        var check = new Check();
        var station = basket.Station is { } id ? (await map.CurrentAsync(cancel)).Find(id) : null;
        if (basket.Station is not null)
            check.That(station is { Kind: LocationKind.Station } && (await HandOverRuleAsync(db, basket.Seller))(station), "#/station", "There is no such station, or no agreement to hand over there.");
        check.That(service != DeliveryService.PickUp || basket.Station is not null, "#/station", "Say at which station the customer collects.")
            .That(service is null or DeliveryService.PickUp || basket.Destination is not null, "#/destination", "Say where the order goes.")
            .That(basket.Destination is not null || basket.Station is not null, "#/destination", "Give a destination, a station, or both.");

        var bySku = (await catalog.BySkuAsync(db, basket.Seller, [.. basket.Lines.Select(line => line.Sku).OfType<string>()])).ToDictionary(item => item.Sku);
        var byId = (await catalog.ByIdAsync(db, basket.Seller, [.. basket.Lines.Select(line => line.Item).OfType<ItemId>()])).ToDictionary(item => item.Id);
        var byGtin = (await catalog.ByGtinAsync(db, [basket.Seller], [.. basket.Lines.Select(line => line.Gtin?.PadLeft(Gtin.Length, '0')).OfType<string>()])).ToDictionary(item => item.Gtin!); // Found by it.
        var lines = new List<OrderLine>(basket.Lines.Count);
        var firstLineOf = new Dictionary<ItemId, int>(basket.Lines.Count);
        var currency = "";
        Dictionary<int, DateTimeOffset>? ahead = null;
        HashSet<int>? mayWait = null;
        var now = clock.GetUtcNow();
        for (var i = 0; i < basket.Lines.Count; i++)
        {
            var line = basket.Lines[i];
            var (item, field) = line switch
            {
                { Sku: { } sku } => (bySku.GetValueOrDefault(sku), "sku"),
                { Gtin: { } gtin } => (byGtin.GetValueOrDefault(gtin.PadLeft(Gtin.Length, '0')), "gtin"),
                { Item: { } itemId } => (byId.GetValueOrDefault(itemId), "item"),
                _ => (null, "sku"),
            };
            if (item is null)
            {
                check.That(false, $"#/lines/{i}/{field}", "No item of your catalogue. Name it by sku, gtin or item; items are put by PUT /v1/items.");
                continue;
            }

            if (!firstLineOf.TryAdd(item.Id, i))
                check.That(false, $"#/lines/{i}/{field}", $"The same item as line {firstLineOf[item.Id] + 1}: put them on one line.");
            if (lines.Count == 0)
                currency = item.Price.Currency;
            else if (item.Price.Currency != currency)
                check.That(false, $"#/lines/{i}", $"The items of an order are priced in one currency; those before are in {currency}.");
            if (item.AvailableFrom is { } from && from > now)
                (ahead ??= [])[i + 1] = from;
            if (basket.AllowsBackorder || line.AllowsBackorder || ahead?.ContainsKey(i + 1) == true)
                (mayWait ??= []).Add(i + 1);
            lines.Add(new OrderLine
            {
                Line = i + 1,
                Item = item.Id,
                Sku = item.Sku,
                Gtin = item.Gtin,
                Name = item.Name,
                Quantity = line.Quantity,
                PriceAmount = line.PriceAmount ?? item.Price.Amount,
                WeightGrams = item.WeightGrams,
                TemperatureClass = item.TemperatureClass,
                AllowsSubstitute = line.AllowsSubstitute,
            });
        }

        return new ReadBasket(lines, station, currency, check.Faults) { Ahead = ahead, MayWait = mayWait };
    }

    /// <summary>At which stations a seller may hand over: its own, and those an agreement names.</summary>
    public async Task<Func<Location, bool>> HandOverRuleAsync(Db db, PartnerId seller)
    {
        var grants = await partners.GrantedToAsync(db, seller, AgreementKind.HandOver, clock.GetUtcNow());
        return station => station.Operator == seller || grants.Any(grant => grant.Grantor == station.Operator && grant.Covers(null, station.Id, station.Region));
    }
}

/// <summary>A basket as its seller's catalogue and the network know it, and what is wrong with it.</summary>
internal readonly record struct ReadBasket(IReadOnlyList<OrderLine> Lines, Location? Station, string Currency, IReadOnlyList<Fault> Faults)
{
    /// <summary>Lines of items that are not out yet, and from when they may be had.</summary>
    public IReadOnlyDictionary<int, DateTimeOffset>? Ahead { get; init; }

    /// <summary>Lines that may wait for supply.</summary>
    public IReadOnlySet<int>? MayWait { get; init; }
}

/// <summary>What a delivery costs, in minor units of the order's currency: a fare by service, and more above 5 kg.</summary>
internal static class DeliveryPrice
{
    private const int LightGrams = 5_000;
    private const int PerKilogram = 100;

    public static long Of(DeliveryService service, IReadOnlyList<OrderLine> lines)
    {
        long fare = service switch
        {
            DeliveryService.WithinHour => 800,
            DeliveryService.SameDay => 500,
            DeliveryService.NextDay => 300,
            _ => 0,
        };
        var grams = lines.Sum(line => (long)line.WeightGrams * line.Quantity);
        return fare == 0 ? 0 : fare + (Math.Max(0, grams - LightGrams + 999) / 1000 * PerKilogram);
    }
}
