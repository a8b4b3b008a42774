using System.Globalization;
using Caravan.Delivery;
using Caravan.Fulfilment;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Partners;
using Caravan.Platform.Outbox;
using Caravan.Platform.Screens;
using Caravan.Platform.Storage;

namespace Caravan.Operations;

/// <summary>An order with all that became of it.</summary>
/// <param name="Company">Who looks: the seller.</param>
/// <param name="Order">The order.</param>
/// <param name="Steps">What happened, in order.</param>
/// <param name="Rounds">Each time it was sourced, last first.</param>
/// <param name="Works">What each node does for it.</param>
/// <param name="Zone">The time zone of its nodes.</param>
public sealed record OrderStory(Partner Company, Order Order, IReadOnlyList<TimelineStep> Steps, IReadOnlyList<SourcingRound> Rounds, IReadOnlyList<NodeWork> Works, string Zone);

/// <summary>One time an order was sourced.</summary>
public sealed record SourcingRound(string Cause, DateTimeOffset At, SourcingReport Report);

/// <summary>What one node does for an order, and the parcels it makes of it.</summary>
public sealed record NodeWork(FulfilmentOrder Fulfilment, Location? Node, string Operator, IReadOnlyList<Job> Jobs);

/// <summary>Tells an order's story from the outbox: every act left an event in the transaction that did it.</summary>
internal sealed class OrderStoryReader(Store store, OrderDesk orders, DeliveryDesk delivery, PartnerBook partners, NetworkMap map)
{
    private const int EventsMax = 300;
    private const int NodeEventsMax = 2_000;

    public Task<OrderStory?> ReadAsync(PartnerId seller, OrderId id, CancellationToken cancel) => store.ReadAsync<OrderStory?>(async db =>
    {
        if (await orders.FindAsync(db, seller, id) is not { } order)
            return null;

        var network = await map.CurrentAsync(cancel);
        var companies = (await partners.AllAsync(db)).ToDictionary(partner => partner.Id, partner => partner.Name);
        var jobs = await delivery.FindAsync(db, seller, [.. BoardReader.ParcelsOf(order)]);
        var rounds = (await orders.SourcingAsync(db, seller, id)).Select(round => new SourcingRound(round.Cause, round.At, round.Report)).ToList();
        return new OrderStory(
            (await partners.FindAsync(db, seller))!, // The seller of an order is never deleted.
            order,
            await StepsAsync(db, order, jobs, rounds, network),
            [.. rounds.AsEnumerable().Reverse()],
            [.. order.Fulfilments.Select(one => new NodeWork(
                one,
                network.Find(one.Location),
                companies.GetValueOrDefault(one.Operator, ""),
                [.. jobs.Where(job => job.Reference.StartsWith(one.Id.ToString(), StringComparison.Ordinal)).OrderBy(job => job.Reference, StringComparer.Ordinal)]))],
            order.Fulfilments is [var first, ..] ? network.Find(first.Location)?.Hours.Zone.Id ?? "UTC" : "UTC");
    }, cancel);

    private static async Task<IReadOnlyList<TimelineStep>> StepsAsync(Db db, Order order, IReadOnlyList<Job> jobs, List<SourcingRound> rounds, NetworkSnapshot network)
    {
        List<(long Sequence, TimelineStep Step)> told = [];
        var own = await Outbox.ReadAsync(db, order.Seller, 0, order.Id.ToString(), EventsMax);
        foreach (var happened in own)
        {
            if (OfOrder(happened, order, network) is { } step)
                told.Add((happened.Type == OrderEvent.Placed ? 0 : happened.Sequence, step)); // Placed comes before the work it made, though it is written after.
        }

        foreach (var job in jobs)
        {
            foreach (var happened in await Outbox.ReadAsync(db, order.Seller, 0, job.Id.ToString(), EventsMax))
            {
                if (OfJob(happened, job, jobs.Count > 1) is { } step)
                    told.Add((happened.Sequence, step));
            }
        }

        // A node's acts stand under the node, with those on others' orders: only what came after this order can be about it.
        var since = own is [var first, ..] ? first.Sequence : 0;
        foreach (var node in order.Fulfilments.Select(one => (one.Operator, one.Location)).Distinct())
        {
            foreach (var happened in await Outbox.ReadAsync(db, node.Operator, since, node.Location.ToString(), NodeEventsMax))
            {
                if (happened.Type == PickListEvent.Type && PickListEvent.Of(happened) is var pick && pick.Order == order.Id && OfPick(happened.At, pick, network) is { } step)
                    told.Add((happened.Sequence, step));
            }
        }

        List<TimelineStep> steps = [.. told.OrderBy(one => one.Sequence).Select(one => one.Step)];
        foreach (var round in rounds.Skip(1))
            steps.Insert(steps.TakeWhile(step => step.At <= round.At).Count(), new TimelineStep($"Sourced anew: {Lower(round.Cause)}", StepState.Done, round.At, round.Report.Sentence));
        return steps;
    }

    private static TimelineStep? OfOrder(OutboxEvent happened, Order order, NetworkSnapshot network)
    {
        switch (happened.Type)
        {
            case OrderEvent.Placed:
                return new TimelineStep("Ordered and reserved", StepState.Done, happened.At, string.Create(CultureInfo.InvariantCulture, $"Through {order.Channel}; {OrderWords.Service(order.Service).ToLowerInvariant()}; {order.Lines.Sum(line => line.Quantity)} units on {order.Lines.Count} lines"));
            case FulfilmentEvent.Placed:
                return new TimelineStep($"Work for {NameOf(network, FulfilmentEvent.Of(happened).Location)}", StepState.Done, happened.At);
            case FulfilmentEvent.Reduced:
                return new TimelineStep($"Less work for {NameOf(network, FulfilmentEvent.Of(happened).Location)}", StepState.Failed, happened.At, "Units were called off or taken from elsewhere");
            default:
                return null; // "Changed" says that something else happened, which is told by itself.
        }
    }

    private static TimelineStep? OfJob(OutboxEvent happened, Job job, bool isOneOfMany)
    {
        var facts = JobEvent.Of(happened);
        var who = job.CourierCode is null ? "" : $"{(job.IsCourierSimulated ? "◇ " : "")}{job.CourierCode}{(job.IsCourierSimulated ? ", simulated" : "")}";
        var parcel = isOneOfMany && ParcelReference.TryParse(job.Reference, out var reference) ? $"{reference.TemperatureClass} parcel" : null;
        return happened.Type switch
        {
            JobEvent.Assigned => new TimelineStep("Courier chosen", StepState.Done, happened.At, Joined(parcel, who)),
            JobEvent.Accepted => new TimelineStep("Courier accepted", StepState.Done, happened.At, Joined(parcel, who)),
            JobEvent.Collected => new TimelineStep("Collected by the courier", StepState.Done, happened.At, Joined(parcel, who)),
            JobEvent.OutForDelivery => new TimelineStep("On the way to this customer", StepState.Done, happened.At, parcel),
            JobEvent.Delivered => new TimelineStep("Handed over", StepState.Done, happened.At, Joined(parcel, happened.At > job.DueAt ? "later than promised" : "as promised")),
            JobEvent.Failed => new TimelineStep("Could not be handed over", StepState.Failed, happened.At, Joined(parcel, facts.Reason)),
            JobEvent.Returned => new TimelineStep("Back at its node", StepState.Failed, happened.At, parcel),
            JobEvent.Cancelled => new TimelineStep("Delivery called off", StepState.Failed, happened.At, parcel),
            _ => null, // Estimates move all the time.
        };
    }

    private static TimelineStep? OfPick(DateTimeOffset at, PickListEvent pick, NetworkSnapshot network)
    {
        var node = NameOf(network, pick.Location);
        return pick.Act switch
        {
            PickAct.Released => new TimelineStep("The node was told", StepState.Done, at, node),
            PickAct.Picked => new TimelineStep("Units picked", StepState.Done, at, node),
            PickAct.Short => new TimelineStep("Not on the shelf", StepState.Failed, at, node),
            PickAct.Packed => new TimelineStep("Packed", StepState.Done, at, node),
            PickAct.HandedOver => new TimelineStep("Handed over at the counter", StepState.Done, at, node),
            _ => null,
        };
    }

    private static string NameOf(NetworkSnapshot network, LocationId id) => network.Find(id)?.Name ?? id.ToString();

    private static string? Joined(params IEnumerable<string?> words) => string.Join(", ", words.Where(word => !string.IsNullOrEmpty(word))) is { Length: > 0 } said ? said : null;

    private static string Lower(string words) => words.Length == 0 ? words : char.ToLowerInvariant(words[0]) + words[1..];
}
