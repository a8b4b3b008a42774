using System.Globalization;
using Caravan.Engines.Sourcing;
using Caravan.Network;

namespace Caravan.Orders;

/// <summary>Says a sourcing decision in words and data: why this shelf, and why not the others.</summary>
internal static class SourcingWords
{
    private const int PlacesMax = 5;

    /// <summary>What was noted when an order with these lines was sourced, for people.</summary>
    public static SourcingReport Report(SourcingNote note, NetworkSnapshot network, IReadOnlyList<OrderLine> lines) => new(
        note.Service,
        Sentence(note, network, lines),
        note.IsProvenBest,
        [.. note.Nodes.Select(node => (Note: node, Location: network.Find(node.Location))).Where(node => node.Location is not null).Select(node => CandidateOf(node.Note, node.Location!, note.Lines, lines, note.ByRules > 0))], // Filtered just before.
        note.CandidatesInAll);

    /// <summary>The decision, as one would say it.</summary>
    public static string Sentence(SourcingNote note, NetworkSnapshot network, IReadOnlyList<OrderLine> lines)
    {
        var chosen = note.Nodes.Where(node => node.Verdict == VerdictKind.Chosen).OrderBy(node => node.TravelSeconds).ToList();
        var goods = note.Lines == 1 ? "it" : $"all {note.Lines} lines";
        if (chosen.Count == 0)
            return "No node can serve this order by this service.";
        if (note.ByRules > 0)
            return ByRules(note, chosen, goods, Name);
        if (chosen.Count > 1)
            return $"No single node that can serve has {goods}; {string.Join(" and ", chosen.Select(node => $"{Name(node)} ({Distance(node.Metres)})"))} have them together, in {chosen.Count} parcels.";

        var rest = note.Next is { } next ? $"; the next, {Name(next)}, is {Minutes(next.SecondsBehind)} farther" : "; it is the only one";
        return chosen[0].Metres == 0
            ? $"{Name(chosen[0])} is in the same building and has {goods}."
            : $"{Name(chosen[0])} is the closest that can serve and has {goods}: {Distance(chosen[0].Metres)}, {Minutes(chosen[0].TravelSeconds)}{rest}.";

        string Name(NodeNote node) => network.Find(node.Location)?.Name ?? node.Location.ToString();
    }

    // Where the seller's rules count more than the way, the chosen need not be the closest.
    private static string ByRules(SourcingNote note, List<NodeNote> chosen, string goods, Func<NodeNote, string> name)
    {
        var next = note.Next is { } other ? $"; next, {name(other)}, counts {Minutes(other.SecondsBehind)} more" : "";
        return chosen.Count > 1
            ? $"By your rules (version {note.ByRules}): {string.Join(" and ", chosen.Select(node => $"{name(node)} ({Distance(node.Metres)})"))} give {goods} together, in {chosen.Count} parcels{next}."
            : $"By your rules (version {note.ByRules}): {name(chosen[0])} has {goods}, {Distance(chosen[0].Metres)}, {Minutes(chosen[0].TravelSeconds)}{(next.Length > 0 ? next : "; it is the only one")}.";
    }

    public static Plan.Refused Refusal(OrderFacts facts, DeliveryService service, List<Choice> choices, SourcingDecision.Unavailable unavailable, SourcingNote note)
    {
        var lines = unavailable.Lines.Where(line => line.IsShort).Select(line => Left(facts, line, choices)).ToList();
        var whole = unavailable.Verdicts
            .Where(verdict => verdict.Kind is VerdictKind.Blocked or VerdictKind.TooLate && verdict.LinesServed == facts.Lines.Count)
            .OrderBy(verdict => choices[verdict.Candidate].Travel.Seconds)
            .ToList();
        var closest = whole.Count == 0 ? null : Closest(facts, choices[whole[0].Candidate], whole[0]);
        var reason = ReasonOf(unavailable, whole);
        return new Plan.Refused(reason, Sentence(reason, service, lines, closest), lines, closest, note);
    }

    private static PlanRefusal ReasonOf(SourcingDecision.Unavailable unavailable, List<Verdict> whole)
    {
        if (unavailable.Reason == UnavailableReason.NeedsMoreNodes)
            return PlanRefusal.TooManyParcels;

        // Where nodes stand in the way that have everything, the obstacle of the closest one that is nearly there is the answer.
        var blocked = whole.Count > 0 ? whole : [.. unavailable.Verdicts.Where(verdict => verdict.Kind is VerdictKind.Blocked or VerdictKind.TooLate && verdict.LinesServed > 0)];
        if (blocked.Count == 0 || unavailable.Lines.Any(line => line.AtEligible + line.AtBlocked < line.Wanted))
            return PlanRefusal.OutOfStock;

        var within = blocked.Where(verdict => (verdict.Obstacles & (Obstacle.OutsideServiceArea | Obstacle.ServiceNotOffered)) == 0).ToList();
        if (within.Count == 0)
            return unavailable.Reason == UnavailableReason.NotEnoughStock ? PlanRefusal.OutOfStock : PlanRefusal.OutOfArea;

        return within[0].Kind == VerdictKind.TooLate ? PlanRefusal.TooLate : Highest(within[0].Obstacles);
    }

    private static PlanRefusal Highest(Obstacle obstacles) =>
        obstacles.HasFlag(Obstacle.RegionOff) ? PlanRefusal.RegionOff
        : obstacles.HasFlag(Obstacle.StaleStock) ? PlanRefusal.StaleStock
        : obstacles.HasFlag(Obstacle.Closed) || obstacles.HasFlag(Obstacle.Suspended) ? PlanRefusal.Closed
        : obstacles.HasFlag(Obstacle.CutOffPassed) ? PlanRefusal.TooLate
        : obstacles.HasFlag(Obstacle.AtCapacity) ? PlanRefusal.NoCapacity
        : PlanRefusal.NoCourier;

    private static string Sentence(PlanRefusal reason, DeliveryService service, List<LineLeft> lines, ClosestNode? closest)
    {
        var near = closest is null ? "" : $" The closest with everything is {closest.Name}, {Distance(closest.Metres)} away: {closest.Because}";
        return reason switch
        {
            PlanRefusal.OutOfStock => lines.Count == 0
                ? $"Not enough is left near this place.{near}"
                : $"Not enough is left of {string.Join(", ", lines.Take(3).Select(line => $"{line.Sku} ({line.Left} of {line.Wanted})"))}{(lines.Count > 3 ? $" and {lines.Count - 3} more" : "")}.{near}",
            PlanRefusal.OutOfArea => $"No node with these goods delivers {Said(service)} to this place.{near}",
            PlanRefusal.Closed => $"The nodes with these goods are closed.{near}",
            PlanRefusal.TooLate => $"It is too late {Said(service)}.{near}",
            PlanRefusal.NoCapacity => $"The nodes with these goods have all the orders they can pick in this hour.{near}",
            PlanRefusal.NoCourier => $"No courier is on duty near these goods.{near}",
            PlanRefusal.RegionOff => "This region is switched off.",
            PlanRefusal.StaleStock => "The stock figures for these goods are too old to promise from; their feed must report first.",
            PlanRefusal.TooManyParcels => "It would take more parcels than this service allows. Order fewer different goods at once.",
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static LineLeft Left(OrderFacts facts, LineShortage shortage, List<Choice> choices)
    {
        var line = facts.Lines[shortage.Line];
        var places = new List<(Choice Choice, int Left)>(PlacesMax + 1);
        foreach (var choice in choices)
        {
            var left = LeftAt(choice, line.Line);
            if (left == 0 || (places.Count == PlacesMax && choice.Travel.Seconds >= places[^1].Choice.Travel.Seconds))
                continue;

            var at = places.Count;
            while (at > 0 && places[at - 1].Choice.Travel.Seconds > choice.Travel.Seconds)
                at--;
            places.Insert(at, (choice, left));
            if (places.Count > PlacesMax)
                places.RemoveAt(PlacesMax);
        }

        return new LineLeft(line.Line, line.Sku, shortage.Wanted, shortage.AtEligible, places.ConvertAll(place => new PlaceLeft(place.Choice.Node.Id, place.Choice.Node.Name, place.Left, place.Choice.Travel.Metres)));
    }

    private static int LeftAt(Choice choice, int line)
    {
        var left = 0;
        foreach (ref readonly var offer in choice.Offers)
            left += offer.Line == line ? offer.Sellable : 0;
        return left;
    }

    private static ClosestNode Closest(OrderFacts facts, Choice choice, in Verdict verdict) =>
        new(choice.Node.Id, choice.Node.Name, choice.Travel.Metres, Because(NodeNote.Of(facts, choice, verdict), choice.Node, facts.Lines.Count, facts.Lines));

    private static CandidateReport CandidateOf(NodeNote note, Location node, int wanted, IReadOnlyList<OrderLine> lines, bool isByRules) => new(
        node.Id,
        node.Code,
        node.Name,
        node.Kind,
        node.Operator,
        node.Point.Latitude,
        node.Point.Longitude,
        note.Metres,
        note.TravelSeconds,
        note.ReadySeconds,
        note.Verdict == VerdictKind.Chosen,
        JsonName(note.Verdict),
        note.LinesServed,
        Because(note, node, wanted, lines, isByRules));

    private static string Because(NodeNote note, Location node, int wanted, IReadOnlyList<OrderLine> lines, bool isByRules = false) => note.Verdict switch
    {
        VerdictKind.Chosen => "It was chosen.",
        VerdictKind.Blocked => Obstacles(node, note.Obstacles),
        VerdictKind.TooLate => $"It could only be there {Minutes(note.SecondsBehind)} too late.",
        VerdictKind.Farther when isByRules => $"By your rules it counts {Minutes(note.SecondsBehind)} farther than what was chosen.",
        VerdictKind.Farther => $"It is {Minutes(note.SecondsBehind)} farther than the chosen one.",
        VerdictKind.NotNeeded => "The chosen nodes have everything between them.",
        VerdictKind.WrongTemperature => $"It does not keep {Words(Lacking(note, lines).TemperatureClass.ToString())} goods.",
        VerdictKind.LacksStock => $"It has {note.LinesServed} of {wanted} lines; it lacks {Lacking(note, lines).Name}.",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static OrderLine Lacking(NodeNote note, IReadOnlyList<OrderLine> lines) => lines.First(line => line.Line == note.LineLacking);

    private static string Obstacles(Location node, Obstacle obstacles)
    {
        List<string> words = [];
        Add(Obstacle.RegionOff, "its region is switched off");
        Add(Obstacle.Suspended, "it is suspended");
        Add(Obstacle.ServiceNotOffered, "it does not offer this service");
        Add(Obstacle.OutsideServiceArea, "the address lies outside its service area");
        Add(Obstacle.Closed, "it is closed");
        Add(Obstacle.CutOffPassed, "its cut-off has passed");
        Add(Obstacle.AtCapacity, $"it has all the {node.ThroughputPerHour} orders it can pick in an hour");
        Add(Obstacle.NoAgreement, "there is no agreement to sell from it");
        Add(Obstacle.StaleStock, "its stock figures are too old");
        Add(Obstacle.NoCourier, "no courier is on duty near it");
        var said = string.Join(", and ", words);
        return said.Length == 0 ? "It cannot serve." : $"{char.ToUpperInvariant(said[0])}{said[1..]}.";

        void Add(Obstacle one, string word)
        {
            if (obstacles.HasFlag(one))
                words.Add(word);
        }
    }

    private static string Said(DeliveryService service) => service switch
    {
        DeliveryService.WithinHour => "within the hour",
        DeliveryService.SameDay => "the same day",
        DeliveryService.NextDay => "by the next day",
        _ => "for pick-up",
    };

    private static string Distance(int metres) =>
        metres < 1000 ? $"{metres} m" : string.Create(CultureInfo.InvariantCulture, $"{metres / 1000.0:0.#} km");

    private static string Minutes(long seconds) => seconds < 60 ? $"{seconds} s" : $"{(seconds + 30) / 60} min";

    private static string Words(string name) => name.ToLowerInvariant();

    private static string JsonName(VerdictKind kind) => char.ToLowerInvariant(kind.ToString()[0]) + kind.ToString()[1..];
}
