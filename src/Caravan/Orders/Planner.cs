using Caravan.Delivery;
using Caravan.Engines.Geo;
using Caravan.Engines.Sourcing;
using Caravan.Network;

namespace Caravan.Orders;

/// <summary>
/// Turns facts into a plan with the sourcing engine: the node closest by travel time that can serve everything, or the
/// fewest nodes that can together; or what the seller's rules count for closest. Pure, but for the travel times it is given.
/// </summary>
internal sealed class Planner(TravelTimes travelTimes)
{
    // So many nodes are looked at first.
    private const int FirstLook = 16;

    private static readonly CourierOutlook NoCourier = new(0, 0);

    /// <summary>Plans a basket by a service. With a <paramref name="deadline"/>, nothing is planned that would come later.</summary>
    public Plan Make(OrderFacts facts, DeliveryService service, DateTimeOffset? deadline = null)
    {
        var choices = new List<Choice>(facts.Nodes.Count);
        var decision = IsWorthAFirstLook(facts, service) ? Decide(facts, service, deadline, choices, FirstLook) : null;
        if (decision is null || !IsSettled(facts, service, choices, decision))
            decision = Decide(facts, service, deadline, choices, facts.Nodes.Count);
        var note = SourcingNote.Of(facts, service, choices, decision);
        return decision switch
        {
            SourcingDecision.Sourced sourced => MadeOf(facts, service, choices, sourced, note),
            SourcingDecision.Unavailable unavailable => SourcingWords.Refusal(facts, service, choices, unavailable, note),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private SourcingDecision Decide(OrderFacts facts, DeliveryService service, DateTimeOffset? deadline, List<Choice> choices, int count)
    {
        for (var i = choices.Count; i < count; i++)
            choices.Add(ChoiceOf(facts, facts.Nodes[i], service));
        return Sourcer.Decide(ProblemOf(facts, service, choices, deadline));
    }

    // Only when one of the first nodes may serve everything can looking at them settle it, and only where no split could be better.
    private static bool IsWorthAFirstLook(OrderFacts facts, DeliveryService service)
    {
        if (service == DeliveryService.PickUp || facts.Nodes.Count <= FirstLook || facts.Rules.Weights.ParcelMinutes is not null)
            return false;

        for (var i = 0; i < FirstLook; i++)
        {
            if (facts.Nodes[i].Offers.Length >= facts.Lines.Count)
                return true;
        }

        return false;
    }

    // Nodes come in the order of their straight line to the door. When one of the first serves everything, and those that were
    // not looked at could not count closer even on the best of roads and without a handicap, looking at them would change nothing.
    private bool IsSettled(OrderFacts facts, DeliveryService service, List<Choice> choices, SourcingDecision decision) =>
        choices.Count == facts.Nodes.Count || decision is SourcingDecision.Sourced { NodeCount: 1 } sourced
        && sourced.TravelSeconds + choices[sourced.Allocations[0].Candidate].HandicapSeconds < travelTimes.AtLeastSeconds(facts.Nodes[choices.Count].Metres, VehicleOf(service), facts.Destination, facts.Now);

    private static VehicleKind VehicleOf(DeliveryService service) => service == DeliveryService.WithinHour ? VehicleKind.Scooter : VehicleKind.Van;

    private Choice ChoiceOf(OrderFacts facts, NodeOffers candidate, DeliveryService service)
    {
        var node = candidate.Node;
        var loads = facts.OrdersThisHour.GetValueOrDefault(node.Id);
        var isSameBuilding = facts.Station is { } there && IsSameBuilding(node, there);
        var isCarried = service != DeliveryService.PickUp || !isSameBuilding;
        var to = facts.Station is { } station && service == DeliveryService.PickUp ? station.Point : facts.Destination;
        var straight = to == facts.Destination ? candidate.Metres : GreatCircle.Metres(node.Point, to);
        var travel = isCarried ? travelTimes.Between(node.Point, to, VehicleOf(service), facts.Now) : new Travel(0, 0);
        var reach = service == DeliveryService.PickUp ? (isSameBuilding ? int.MaxValue : node.NextDayMetres) : node.ServiceMetres(service);
        var times = service == DeliveryService.PickUp
            ? ServiceTimes.ToStation(node, facts.Station!, isSameBuilding, loads, facts.Now) // A pick-up is only planned with a station.
            : ServiceTimes.ToDoor(node, service, service == DeliveryService.NextDay || reach == 0 ? NoCourier : facts.Couriers.Of(node, service), loads, facts.Now); // Tomorrow's couriers are not known today.
        var obstacles = times.Obstacles
            | (facts.Network.IsRegionOn(node) ? Obstacle.None : Obstacle.RegionOff)
            | (straight > reach && reach > 0 ? Obstacle.OutsideServiceArea : Obstacle.None)
            | (reach == 0 ? Obstacle.ServiceNotOffered : Obstacle.None)
            | (IsAllStale(candidate) ? Obstacle.StaleStock : Obstacle.None);
        return new Choice(candidate, travel, times.ReadySeconds, times.PromisedAt, obstacles, facts.Rules.Weights.HandicapSeconds(node, facts.Seller, times.ReadySeconds, loads));
    }

    private static bool IsAllStale(NodeOffers candidate)
    {
        foreach (ref readonly var offer in candidate.Offers)
        {
            if (!offer.IsStale)
                return false;
        }

        return true;
    }

    private static bool IsSameBuilding(Location node, Location station) =>
        (node.HostedIn ?? node.Id) == (station.HostedIn ?? station.Id);

    private static SourcingProblem ProblemOf(OrderFacts facts, DeliveryService service, List<Choice> choices, DateTimeOffset? deadline)
    {
        var lineCount = facts.Lines.Count;
        var index = new Dictionary<int, int>(lineCount);
        for (var i = 0; i < lineCount; i++)
            index[facts.Lines[i].Line] = i;

        var sellable = new int[choices.Count * lineCount];
        for (var i = 0; i < choices.Count; i++)
        {
            foreach (var offer in choices[i].Offers)
            {
                if (!offer.IsStale)
                    sellable[(i * lineCount) + index[offer.Line]] += offer.Sellable;
            }
        }

        // The nodes of one service promise the same time, but for those in other time zones: the latest is the deadline.
        var promise = deadline ?? choices.Where(choice => choice.Obstacles == Obstacle.None).Select(choice => choice.PromisedAt).DefaultIfEmpty(facts.Now).Max();
        var seconds = (promise - facts.Now).TotalSeconds - ServiceTimes.HandOver(service);
        return new SourcingProblem
        {
            Lines = [.. facts.Lines.Select(line => new DemandLine(line.Quantity, (int)line.TemperatureClass))],
            Candidates = [.. choices.Select(choice => new Candidate(choice.Travel.Seconds, choice.ReadySeconds, choice.Node.TemperatureMask, choice.Obstacles) { HandicapSeconds = choice.HandicapSeconds })],
            Sellable = sellable,
            DeadlineSeconds = service == DeliveryService.PickUp && deadline is null ? int.MaxValue : (int)Math.Clamp(seconds, 0, int.MaxValue / 2),
            MaxNodes = facts.Rules.Weights.MostNodes(service),
            ParcelSeconds = facts.Rules.Weights.ParcelSeconds,
        };
    }

    private static Plan.Made MadeOf(OrderFacts facts, DeliveryService service, List<Choice> choices, SourcingDecision.Sourced sourced, SourcingNote note)
    {
        var nodes = sourced.Allocations
            .GroupBy(allocation => allocation.Candidate)
            .Select(group => (Choice: choices[group.Key], Takes: group.SelectMany(allocation => Split(facts, choices[group.Key].Candidate, facts.Lines[allocation.Line].Line, allocation.Quantity)).ToList()))
            .Select(node => new PlanNode(
                node.Choice.Node,
                facts.Now.AddSeconds(node.Choice.ReadySeconds),
                facts.Now.AddSeconds(node.Choice.ReadySeconds + node.Choice.Travel.Seconds + ServiceTimes.HandOver(service)),
                node.Choice.Travel.Metres,
                node.Choice.Travel.Seconds,
                node.Takes))
            .ToList();
        var promised = nodes.Max(node => choices.First(choice => choice.Node.Id == node.Location.Id).PromisedAt);
        return new Plan.Made(nodes, promised, note);
    }

    /// <summary>What a node gives to a line, split by owner: the seller's own stock first.</summary>
    public static IEnumerable<PlanTake> Split(OrderFacts facts, NodeOffers node, int line, int quantity)
    {
        foreach (var offer in node.Offers.ToArray().Where(offer => offer.Line == line && !offer.IsStale).OrderBy(offer => offer.Owner != facts.Seller).ThenBy(offer => offer.Owner))
        {
            var taken = Math.Min(quantity, offer.Sellable);
            if (taken > 0)
                yield return new PlanTake(line, offer.Owner, offer.Item, taken, offer.SharePercent);
            quantity -= taken;
        }
    }
}

/// <summary>A node as the engine is asked about it.</summary>
internal sealed record Choice(NodeOffers Candidate, Travel Travel, int ReadySeconds, DateTimeOffset PromisedAt, Obstacle Obstacles, int HandicapSeconds)
{
    public Location Node => Candidate.Node;

    public ReadOnlySpan<Offer> Offers => Candidate.Offers;
}
