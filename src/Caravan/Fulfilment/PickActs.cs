using System.Diagnostics;
using System.Text.Json;
using Caravan.Delivery;
using Caravan.Fulfilment.Labels;
using Caravan.Orders;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;
using Caravan.Stock.Lots;

namespace Caravan.Fulfilment;

/// <summary>Acts on pick lists: load, bring up to the order, decide, tell order desk and delivery, save. All in the caller's transaction.</summary>
internal sealed class PickActs(OrderDesk orders, DeliveryDesk delivery, LotDesk lots, Outbox outbox)
{
    /// <summary>Units go into the tote. A lot that was only read off a pack whose goods are not kept by lot says nothing.</summary>
    public Task<PickOutcome> PickAsync(Tx tx, PartnerId @operator, FulfilmentId id, Func<PickList, PickOutcome> decide, string? lot, bool isLotRead = false) =>
        ActAsync(tx, @operator, id, PickAct.Picked, decide, async done =>
        {
            foreach (var move in done.Moves)
            {
                var line = done.List.Lines.First(one => one.Line == move.Line && one.Owner == move.Owner);
                var named = lot is not null && isLotRead && !await lots.IsKeptByLotAsync(tx, move.Owner, line.Item, done.List.Location) ? null : lot;
                if (await orders.PickedAsync(tx, done.List.Seller, id, move.Line, move.Units, move.Owner, named) is { } refusal)
                    return Refused(refusal, done.List.Lines.Count(one => one.Item == line.Item) > 1 ? null : refusal.Left);
            }

            return done;
        });

    private static PickOutcome.Refused Refused(LotRefusal refusal, int? left) => refusal.Fault switch
    {
        LotFault.Unknown => new PickOutcome.Refused(PickRefusal.LotUnknown, "lot", refusal.Detail, null, null),
        LotFault.Held => new PickOutcome.Refused(PickRefusal.LotHeld, "lot", refusal.Detail, null, null),
        LotFault.Expired => new PickOutcome.Refused(PickRefusal.LotExpired, "lot", refusal.Detail, null, null),
        LotFault.TooFew => new PickOutcome.Refused(PickRefusal.TooMany, "quantity", refusal.Detail, left, null),
        LotFault.NotNext => new PickOutcome.Refused(PickRefusal.LotNotNext, "lot", refusal.Detail, left, null),
        LotFault.NoneGood => new PickOutcome.Refused(PickRefusal.NoLotGood, "", refusal.Detail, left, null),
        _ => throw new UnreachableException(),
    };

    public Task<PickOutcome> ShortAsync(Tx tx, PartnerId @operator, FulfilmentId id, Func<PickList, PickOutcome> decide, CancellationToken cancel) =>
        ActAsync(tx, @operator, id, PickAct.Short, decide, async done =>
        {
            var found = 0;
            foreach (var move in done.Moves)
                found += await orders.ShortAsync(tx, done.List.Seller, id, move.Line, move.Units, cancel, move.Owner);
            return done with { FoundElsewhere = found };
        });

    /// <summary>Something else goes into the tote instead of units of a line, which go short.</summary>
    public Task<PickOutcome> SubstituteAsync(Tx tx, PartnerId @operator, FulfilmentId id, int line, int units, string code, string? lot)
    {
        PickList? before = null;
        return ActAsync(
            tx,
            @operator,
            id,
            PickAct.Picked,
            list =>
            {
                before = list;
                return list.GoShort(line, list.Seller, units, ShortReason.NotOnShelf);
            },
            async done =>
            {
                var scanned = ScannedCode.Of(code);
                switch (await orders.SubstituteAsync(tx, done.List.Seller, id, line, units, item => scanned.IsOf(item.Sku, item.Gtin), lot ?? scanned.Lot))
                {
                    case SubstituteOutcome.Refused { Lot: { } refusal }:
                        return Refused(refusal, refusal.Left);
                    case SubstituteOutcome.Refused refused:
                        return new PickOutcome.Refused(refused.Why switch { SubstituteRefusal.NotAgreed => PickRefusal.NoSubstitute, SubstituteRefusal.NotASubstitute => PickRefusal.NotASubstitute, _ => PickRefusal.SubstituteOut }, "code", refused.Detail, null, null);
                    case SubstituteOutcome.Done { Line: var added, Item: var item }:
                        var instead = new PickLine(added.Line, done.List.Seller, item.Id, item.Sku, item.Gtin, item.Name, item.Category, item.TemperatureClass, units, Picked: units) { SubstituteFor = line };
                        await PickListStore.InsertAsync(tx, done.List, instead);

                        // From the list as it was: one on which nothing else is left would have been closed without this line.
                        return done with { List = PickList.Restated(before! with { Lines = [.. done.List.Lines, instead] }) }; // Decided just before.
                    default:
                        throw new UnreachableException();
                }
            });
    }

    public Task<PickOutcome> PackAsync(Tx tx, PartnerId @operator, FulfilmentId id) =>
        ActAsync(tx, @operator, id, PickAct.Packed, list => list.Pack(tx.Now), async done =>
        {
            await orders.PackedAsync(tx, done.List.Seller, id);
            foreach (var job in done.List.Bags.Where(bag => bag.Status == BagStatus.Packed).Select(bag => bag.Job).OfType<JobId>())
                await delivery.PackedAsync(tx, done.List.Seller, job);
            return done with { List = await SsccRanges.AssignAsync(tx, done.List) };
        });

    public async Task<PickOutcome> HandOverAsync(Tx tx, PartnerId company, FulfilmentId id, string? code, string? overrideReason)
    {
        var own = await PickListStore.FindAsync(tx, company, id);
        var list = await PickListStore.FindAtStationAsync(tx, company, id) ?? own;
        if (list is null)
            return new PickOutcome.NotFound();
        if (list.Station is not null && list.StationOperator != company && !list.IsCollectedHere)
            return new PickOutcome.Refused(PickRefusal.NotHere, "", "It is collected at another company's station; their people hand it over.", null, null);

        var before = list;
        return await ActAsync(
            tx,
            list.Operator,
            id,
            PickAct.HandedOver,
            (now, order) => now.HandOver(code, overrideReason, order.ProofCode, tx.Now),
            async done =>
            {
                // Whatever delivery has told of these bags may not have reached the order yet: both ways count as handed over.
                var bags = done.List.Bags.Where((bag, index) => bag.Status == BagStatus.HandedOver && before.Bags[index].Status != BagStatus.HandedOver).Select(bag => bag.TemperatureClass).ToHashSet();
                await orders.HandedOverAsync(tx, done.List.Seller, id, bags);
                return done;
            });
    }

    /// <summary>Saves what has changed, calls off the jobs of bags that stay empty, and tells of it.</summary>
    public async Task SaveAsync(Tx tx, PickList before, PickList after, PickAct act)
    {
        foreach (var bag in after.Bags.Where(bag => bag is { Status: BagStatus.Cancelled, Job: not null } && !before.Bags.Contains(bag)))
            await delivery.CancelAsync(tx, after.Seller, bag.Job!.Value); // Matched just above. False when the courier has it: then it comes back or arrives, and says so.
        await PickListStore.UpdateAsync(tx, after);
        await TellAsync(tx, [after], act);
    }

    public Task TellAsync(Tx tx, IEnumerable<PickList> lists, PickAct act) => outbox.AddAsync(tx, lists.SelectMany(list => EventsOf(list, act)));

    private static IEnumerable<NewEvent> EventsOf(PickList list, PickAct act)
    {
        var told = JsonSerializer.SerializeToUtf8Bytes(new PickListEvent(list.Id, list.Location, list.Order, list.Seller, act, list.Status), PickJson.Default.PickListEvent);
        yield return new NewEvent(list.Operator, PickListEvent.Type, list.Location.ToString(), told);
        if (list is { Station: { } station, StationOperator: { } stationOperator } && station != list.Location)
            yield return new NewEvent(stationOperator, PickListEvent.Type, station.ToString(), told);
    }

    private Task<PickOutcome> ActAsync(Tx tx, PartnerId @operator, FulfilmentId id, PickAct act, Func<PickList, PickOutcome> decide, Func<PickOutcome.Done, Task<PickOutcome>> effect) =>
        ActAsync(tx, @operator, id, act, (list, _) => decide(list), effect);

    private async Task<PickOutcome> ActAsync(Tx tx, PartnerId @operator, FulfilmentId id, PickAct act, Func<PickList, Order, PickOutcome> decide, Func<PickOutcome.Done, Task<PickOutcome>> effect)
    {
        if (await PickListStore.FindAsync(tx, @operator, id) is not { } before)
            return new PickOutcome.NotFound();
        if (await orders.FulfilmentAsync(tx, before.Seller, id) is not { } known)
            throw new UnreachableException($"Pick list {id} is there and its fulfilment order is not.");

        // The order may have been called off a moment ago, and the news still be on its way here.
        switch (decide(before.Follow(known.Fulfilment.Allocations), known.Order))
        {
            case PickOutcome.Done done:
                var outcome = await effect(done);
                if (outcome is PickOutcome.Done changed)
                    await SaveAsync(tx, before, changed.List, act);
                return outcome;
            case PickOutcome.Refused { Counted: { } counted } refused:
                await SaveAsync(tx, before, counted, act);
                return refused;
            case var refused:
                return refused;
        }
    }
}
