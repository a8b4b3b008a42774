using System.Security.Cryptography;
using Caravan.Catalog;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform.Outbox;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Orders;

/// <summary>
/// Choose, reserve, store: one durable step. The choice is made on a snapshot before the transaction and holds when the
/// stock is still there; when it has just run out, the order is chosen anew inside the transaction, on the true numbers.
/// </summary>
internal sealed class OrderPlacing(Store store, ItemCatalog catalog, NetworkMap map, OrderFactsReader factsReader, Planner planner, StockBook stock, PartnerBook partners, Outbox outbox, TimeProvider clock)
{
    private const string SecretLetters = "abcdefghijkmnpqrstuvwxyz23456789";
    private static readonly HashSet<LocationId> Nowhere = [];

    public Task<PlaceOutcome> PlaceAsync(OrderRequest request, CancellationToken cancel) => PlaceAsync(request, [request.Service], cancel);

    /// <summary>Places an order by the first of these services that can serve it.</summary>
    public async Task<PlaceOutcome> PlaceAsync(OrderRequest request, IReadOnlyList<DeliveryService> services, CancellationToken cancel)
    {
        var draft = await PrepareAsync(request, services, cancel);
        return await store.WriteAsync(async tx =>
        {
            var outcome = await PlaceAsync(tx, draft, cancel);
            if (outcome is not PlaceOutcome.Placed)
                tx.Undo();
            return outcome;
        }, cancel);
    }

    /// <summary>Reads a basket's items and plans it, before any transaction.</summary>
    public Task<OrderDraft> PrepareAsync(OrderRequest request, CancellationToken cancel) => PrepareAsync(request, [request.Service], cancel);

    private Task<OrderDraft> PrepareAsync(OrderRequest request, IReadOnlyList<DeliveryService> services, CancellationToken cancel) => store.ReadAsync(async db =>
    {
        var (lines, station, faults) = await ResolveAsync(db, request.Basket, request.Service, cancel);
        if (faults.Count > 0)
            return new OrderDraft(request, lines, station, null, faults);

        var facts = await FactsAsync(db, request.Basket, lines, station, Nowhere, clock.GetUtcNow(), cancel);
        var plans = services.Select(service => (service, Plan: planner.Make(facts, service))).ToList();
        var (chosen, plan) = plans.FirstOrDefault(one => one.Plan is Plan.Made, plans[^1]);
        return new OrderDraft(request with { Service = chosen }, lines, station, plan, faults);
    }, cancel);

    /// <summary>Places a prepared order in the caller's transaction. Unless it is placed, the caller must undo.</summary>
    public async Task<PlaceOutcome> PlaceAsync(Tx tx, OrderDraft draft, CancellationToken cancel)
    {
        var request = draft.Request;
        var seller = request.Basket.Seller;
        if (draft.Plan is not { } plan)
            return new PlaceOutcome.Faulty(draft.Faults);

        if (await OrderStore.FindIdAsync(tx, seller, request.Channel, request.Number) is { } known)
            return new PlaceOutcome.Known(known);
        if (plan is Plan.Refused unserved)
            return new PlaceOutcome.Refused(unserved.Reason, unserved.Sentence, unserved.Lines, unserved.Closest); // True on the snapshot, an instant ago.

        DateTimeOffset? promised = null;
        if (request.Promise is { } promise)
        {
            var (at, gone) = await PromiseBook.RedeemAsync(tx, promise, request, draft.Lines);
            if (gone is not null)
                return new PlaceOutcome.PromiseGone(gone);

            promised = at;
        }

        var made = plan is Plan.Made first && (promised is null || first.Nodes.All(node => node.ArrivesAt <= promised)) && await ReserveAsync(tx, seller, request.Number, first)
            ? first
            : null;
        if (made is null)
        {
            var facts = await FactsAsync(tx, request.Basket, draft.Lines, draft.Station, Nowhere, tx.Now, cancel);
            plan = planner.Make(facts, request.Service, promised);
            if (plan is Plan.Refused refused)
                return new PlaceOutcome.Refused(refused.Reason, refused.Sentence, refused.Lines, refused.Closest);

            made = (Plan.Made)plan;
            if (!await ReserveAsync(tx, seller, request.Number, made))
                throw new InvalidOperationException($"Order {request.Number} was planned on true numbers and could not be reserved."); // Nobody else writes inside our transaction.
        }

        return new PlaceOutcome.Placed(await StoreAsync(tx, draft, made, promised ?? made.PromisedAt));
    }

    /// <summary>Reads the facts of a basket: also for promises, and for units that are sourced anew.</summary>
    public Task<OrderFacts> FactsAsync(Db db, Basket basket, IReadOnlyList<OrderLine> lines, Location? station, IReadOnlySet<LocationId> excluded, DateTimeOffset now, CancellationToken cancel) =>
        factsReader.ReadAsync(db, basket.Seller, lines, basket.Destination ?? station!.Point, station, excluded, now, cancel); // ResolveAsync has seen to it that there is one or the other.

    /// <summary>The basket's items out of the seller's catalogue, and every fault there is.</summary>
    public async Task<(IReadOnlyList<OrderLine> Lines, Location? Station, IReadOnlyList<Fault> Faults)> ResolveAsync(Db db, Basket basket, DeliveryService? service, CancellationToken cancel)
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
        var firstLineOf = new Dictionary<ItemId, int>();
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
            check.That(item is not null, $"#/lines/{i}/{field}", "No item of your catalogue. Name it by sku, gtin or item; items are put by PUT /v1/items.");
            if (item is null)
                continue;

            check.That(firstLineOf.TryAdd(item.Id, i), $"#/lines/{i}/{field}", $"The same item as line {firstLineOf[item.Id] + 1}: put them on one line.");
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
            });
            check.That(bySku.Values.Concat(byId.Values).Concat(byGtin.Values).All(other => other.Price.Currency == item.Price.Currency), $"#/lines/{i}", "The items of an order are priced in one currency.");
        }

        return (lines, station, check.Faults);
    }

    /// <summary>At which stations a seller may hand over: its own, and those an agreement names.</summary>
    public async Task<Func<Location, bool>> HandOverRuleAsync(Db db, PartnerId seller)
    {
        var grants = await partners.GrantedToAsync(db, seller, AgreementKind.HandOver, clock.GetUtcNow());
        return station => station.Operator == seller || grants.Any(grant => grant.Grantor == station.Operator && grant.Covers(null, station.Id, station.Region));
    }

    /// <summary>The one currency of an order's items.</summary>
    public async Task<string> CurrencyAsync(Db db, PartnerId seller, IReadOnlyList<OrderLine> lines) =>
        (await catalog.ByIdAsync(db, seller, [lines[0].Item]))[0].Price.Currency;

    private async Task<bool> ReserveAsync(Tx tx, PartnerId seller, string number, Plan.Made plan)
    {
        if (!await MayTakeAsync(tx, seller, plan))
            return false;

        var takes = plan.Nodes.SelectMany(node => node.Takes.Select(take => take.At(node.Location.Id))).ToList();
        return await stock.ReserveAsync(tx, takes, CauseOf(seller, number)) is ReserveOutcome.Reserved;
    }

    // An agreement may have ended, or its share of a cell been used up, since the plan was made: it is checked inside the order's transaction.
    private async Task<bool> MayTakeAsync(Tx tx, PartnerId seller, Plan.Made plan)
    {
        var foreign = plan.Nodes.SelectMany(node => node.Takes.Where(take => take.Owner != seller).Select(take => (node.Location, take))).ToList();
        if (foreign.Count == 0)
            return true;

        var grants = await partners.GrantedToAsync(tx, seller, AgreementKind.SellStock, tx.Now);
        var items = foreign.Select(one => (one.take.Owner, one.take.Item)).ToHashSet();
        var sellable = (await stock.CellsAsync(tx, items, tx.Now)).ToDictionary(cell => (cell.Owner, cell.Item, cell.Location), cell => cell.Sellable);
        var gtins = new Dictionary<(PartnerId, ItemId), string?>();
        foreach (var group in items.GroupBy(item => item.Owner))
        {
            foreach (var item in await catalog.ByIdAsync(tx, group.Key, [.. group.Select(one => one.Item)]))
                gtins[(item.Owner, item.Id)] = item.Gtin;
        }

        return foreign.All(one => grants.Any(grant =>
            grant.Grantor == one.take.Owner
            && grant.Covers(gtins.GetValueOrDefault((one.take.Owner, one.take.Item)), one.Location.Id, one.Location.Region)
            && one.take.Quantity <= (long)sellable.GetValueOrDefault((one.take.Owner, one.take.Item, one.Location.Id)) * grant.SharePercent / 100));
    }

    private async Task<Order> StoreAsync(Tx tx, OrderDraft draft, Plan.Made plan, DateTimeOffset promisedAt)
    {
        var request = draft.Request;
        var seller = request.Basket.Seller;
        var id = OrderId.New(tx.Now);
        var order = new Order
        {
            Seller = seller,
            Id = id,
            Channel = request.Channel,
            Number = request.Number,
            Service = request.Service,
            PlacedAt = tx.Now,
            RequestedAt = request.RequestedAt,
            PromisedAt = promisedAt,
            Currency = await CurrencyAsync(tx, seller, draft.Lines),
            GoodsAmount = draft.Lines.Sum(line => line.PriceAmount * line.Quantity),
            DeliveryAmount = DeliveryPrice.Of(request.Service, draft.Lines),
            Destination = request.Service == DeliveryService.PickUp ? draft.Station!.Point : request.Basket.Destination!.Value, // Both seen to in ResolveAsync.
            Address = request.Service == DeliveryService.PickUp ? $"Station {draft.Station!.Name}" : request.Address,
            Station = request.Service == DeliveryService.PickUp ? request.Basket.Station : null,
            Promise = request.Promise,
            TrackingSecret = RandomNumberGenerator.GetString(SecretLetters, 26),
            ProofCode = RandomNumberGenerator.GetString("0123456789", 6),
            Lines = draft.Lines,
            Fulfilments = [.. plan.Nodes.Select(node => FulfilmentOf(tx, id, node, promisedAt))],
        };
        await OrderStore.InsertAsync(tx, order);
        foreach (var fulfilment in order.Fulfilments)
            await AddFulfilmentAsync(tx, seller, fulfilment);
        await OrderStore.InsertReportAsync(tx, seller, id, "placed", plan.Report);
        await outbox.AddAsync(tx, seller, OrderEvent.Placed, id.ToString(), new OrderEvent(id, order.Number), OrderJson.Default.OrderEvent);
        return order;
    }

    /// <summary>Gives a node its part of an order, also when units are sourced anew.</summary>
    public async Task AddFulfilmentAsync(Tx tx, PartnerId seller, FulfilmentOrder fulfilment)
    {
        await OrderStore.InsertAsync(tx, seller, fulfilment);
        await outbox.AddAsync(
            tx,
            seller,
            FulfilmentEvent.Placed,
            fulfilment.Order.ToString(),
            new FulfilmentEvent(fulfilment.Id, fulfilment.Order, fulfilment.Location, fulfilment.Operator),
            OrderJson.Default.FulfilmentEvent);
    }

    public static FulfilmentOrder FulfilmentOf(Tx tx, OrderId order, PlanNode node, DateTimeOffset dueAt)
    {
        var id = FulfilmentId.New(tx.Now);
        return new FulfilmentOrder
        {
            Id = id,
            Order = order,
            Location = node.Location.Id,
            Operator = node.Location.Operator,
            ReadyAt = node.ReadyAt,
            DueAt = dueAt,
            DistanceMetres = node.Metres,
            Allocations = [.. node.Takes.Select(take => new Allocation { Fulfilment = id, Line = take.Line, Owner = take.Owner, Item = take.Item, Location = node.Location.Id, Units = Allocation.AllReserved(take.Quantity) })],
        };
    }

    // Unique for ever, since the number is; a new attempt after a refusal has left no movement behind.
    private static string CauseOf(PartnerId seller, string number) => $"order {seller} {number} {Guid.CreateVersion7():N}";
}

/// <summary>An order ready to be placed: its lines found, its plan made.</summary>
internal sealed record OrderDraft(OrderRequest Request, IReadOnlyList<OrderLine> Lines, Location? Station, Plan? Plan, IReadOnlyList<Fault> Faults);

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
