using System.Globalization;
using Caravan.Delivery;
using Caravan.Engines.Labels;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Storage;

namespace Caravan.Fulfilment.Labels;

/// <summary>What became of a wish for labels.</summary>
internal abstract record LabelOutcome
{
    private LabelOutcome()
    {
    }

    /// <summary>One label for each bag.</summary>
    public sealed record Drawn(IReadOnlyList<LabelSheet> Sheets) : LabelOutcome;

    /// <summary>The company has no such list.</summary>
    public sealed record NotFound : LabelOutcome;

    /// <summary>Nothing of it is in bags.</summary>
    public sealed record NotPacked(PickListStatus Status) : LabelOutcome;

    /// <summary>The company has no numbers to put on them.</summary>
    public sealed record NoNumbers : LabelOutcome;

    /// <summary>The company has given all its numbers.</summary>
    public sealed record UsedUp(SsccRange Range) : LabelOutcome;
}

/// <summary>Labels of packed bags. Bags that were packed before their company had numbers get theirs with the first label.</summary>
internal sealed class LabelDesk(Store store, PickFloor floor, OrderDesk orders, DeliveryDesk delivery, PartnerBook partners, NetworkMap map)
{
    public async Task<LabelOutcome> PrintAsync(PartnerId @operator, FulfilmentId id, CancellationToken cancel)
    {
        var network = await map.CurrentAsync(cancel);
        var found = await store.ReadAsync(db => floor.FindAsync(db, @operator, id), cancel);
        if (found is null)
            return new LabelOutcome.NotFound();
        if (!found.Bags.Any(bag => bag.IsPacked))
            return new LabelOutcome.NotPacked(found.Status);
        if (found.Bags.Any(bag => bag is { IsPacked: true, Sscc: null }))
        {
            // The world may have moved: number what is there now, and save nothing but the numbers.
            found = await store.WriteAsync(
                async tx =>
                {
                    if (await floor.FindAsync(tx, @operator, id) is not { } now)
                        return null;

                    var numbered = await SsccRanges.AssignAsync(tx, now);
                    await PickListStore.NumberAsync(tx, numbered);
                    return numbered;
                },
                cancel);
            if (found is null)
                return new LabelOutcome.NotFound();
        }

        return await store.ReadAsync<LabelOutcome>(
            async db =>
            {
                if (found.Bags.Any(bag => bag is { IsPacked: true, Sscc: null }))
                    return await SsccRanges.CurrentAsync(db, @operator) is { } range ? new LabelOutcome.UsedUp(range) : new LabelOutcome.NoNumbers();
                if (await orders.FulfilmentAsync(db, found.Seller, id) is not { } known)
                    return new LabelOutcome.NotFound();

                var names = (await partners.AllAsync(db)).ToDictionary(partner => partner.Id, partner => partner.Name);
                var jobs = found.Bags.Any(bag => bag.Job is not null)
                    ? await delivery.FindAsync(db, found.Seller, [.. found.Bags.Select(bag => new ParcelReference(id, bag.TemperatureClass).ToString())])
                    : [];
                return new LabelOutcome.Drawn([.. Labels(found, known.Order, network, names, jobs).Select(LogisticLabels.Draw)]);
            },
            cancel);
    }

    private static IEnumerable<LogisticLabel> Labels(PickList list, Order order, NetworkSnapshot network, Dictionary<PartnerId, string> names, IReadOnlyList<Job> jobs)
    {
        var packed = list.Bags.Where(bag => bag.IsPacked).ToList();
        var (from, station) = (network.Find(list.Location), list.Station is { } at ? network.Find(at) : null);
        foreach (var (index, bag) in packed.Index())
        {
            var lines = list.Lines.Where(line => line.TemperatureClass == bag.TemperatureClass).ToList();
            var job = jobs.FirstOrDefault(one => one.Id == bag.Job);
            yield return new LogisticLabel
            {
                Sscc = bag.Sscc!.Value, // Every packed bag has one: the caller has seen to it.
                From = string.Join('\n', new[] { names.GetValueOrDefault(list.Seller), from?.Name, list.Operator == list.Seller ? null : names.GetValueOrDefault(list.Operator) }.OfType<string>()),
                To = station is null ? order.Address : $"{station.Name}\nCollected by the customer",
                OrderNumber = list.OrderNumber,
                Carrier = $"{(job?.CourierCode is { } courier ? $"Courier {courier}" : list.IsCollectedHere ? "No courier" : "Courier being chosen")}\n{ServiceOf(list.Service)}",
                Due = from?.Hours.LocalAt(list.DueAt).ToString("ddd d MMM yyyy, HH:mm", CultureInfo.InvariantCulture) ?? list.DueAt.UtcDateTime.ToString("ddd d MMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture),
                Cold = ColdOf(bag.TemperatureClass),
                ColdMark = bag.TemperatureClass switch { TemperatureClass.Ambient => ColdMark.None, TemperatureClass.Frozen => ColdMark.Frozen, _ => ColdMark.Chilled },
                Count = lines.Sum(line => line.Picked),
                WeightGrams = lines.Sum(line => (long)line.Picked * order.Lines[line.Line - 1].WeightGrams),
                Box = (index + 1, packed.Count),
            };
        }
    }

    private static string ColdOf(TemperatureClass temperature) => temperature switch
    {
        TemperatureClass.Chilled => "CHILLED 2 to 8 °C",
        TemperatureClass.Frozen => "FROZEN -18 °C",
        TemperatureClass.Medicine => "MEDICINE 2 to 8 °C",
        _ => "",
    };

    private static string ServiceOf(DeliveryService service) => service switch
    {
        DeliveryService.WithinHour => "Within the hour",
        DeliveryService.SameDay => "Same day",
        DeliveryService.NextDay => "Next day",
        _ => "Pick-up",
    };
}
