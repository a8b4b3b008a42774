using System.Text.Json.Serialization;
using Caravan.Engines.Sourcing;
using Caravan.Network;

namespace Caravan.Orders;

/// <summary>What is kept of how an order was sourced: numbers. <see cref="SourcingWords"/> says them when somebody asks, which few do.</summary>
/// <param name="Service">By which service.</param>
/// <param name="IsProvenBest">No better choice exists.</param>
/// <param name="Lines">How many lines were wanted.</param>
/// <param name="CandidatesInAll">How many nodes had any of the goods.</param>
/// <param name="Nodes">Some of them: first the chosen, then the closest.</param>
/// <param name="Next">The closest that could have served everything as well.</param>
internal sealed record SourcingNote(DeliveryService Service, bool IsProvenBest, int Lines, int CandidatesInAll, IReadOnlyList<NodeNote> Nodes, NodeNote? Next)
{
    /// <summary>The version of the seller's rules by which more than the way and the number of parcels counted; 0: nothing else did.</summary>
    public int ByRules { get; init; }

    private const int NodesMax = 10;

    /// <summary>Nobody was asked.</summary>
    public static SourcingNote Nobody(DeliveryService service) => new(service, true, 0, 0, [], null);

    /// <summary>Notes a decision.</summary>
    public static SourcingNote Of(OrderFacts facts, DeliveryService service, List<Choice> choices, SourcingDecision decision)
    {
        var verdicts = decision.Verdicts; // One for each choice, in their order.
        Span<int> first = stackalloc int[NodesMax];
        var (count, next) = (0, -1);
        for (var i = 0; i < choices.Count; i++)
        {
            if (verdicts[i].Kind == VerdictKind.Farther && (next < 0 || verdicts[i].SecondsBehind < verdicts[next].SecondsBehind))
                next = i;

            var at = count;
            while (at > 0 && IsBefore(i, first[at - 1]))
                at--;
            if (at == NodesMax)
                continue;

            count = Math.Min(count + 1, NodesMax);
            first[at..(count - 1)].CopyTo(first[(at + 1)..]);
            first[at] = i;
        }

        var nodes = new NodeNote[count];
        for (var i = 0; i < nodes.Length; i++)
            nodes[i] = NodeNote.Of(facts, choices[first[i]], verdicts[first[i]]);
        return new SourcingNote(
            service,
            decision is not SourcingDecision.Sourced { IsProvenBest: false },
            facts.Lines.Count,
            facts.Nodes.Count,
            nodes,
            next < 0 ? null : NodeNote.Of(facts, choices[next], verdicts[next]))
        {
            ByRules = facts.Rules.Weights is { IsByWayAlone: true, ParcelMinutes: null } ? 0 : facts.Rules.Version,
        };

        // Those that come alike stay in their order.
        bool IsBefore(int a, int b)
        {
            var isChosen = verdicts[a].Kind == VerdictKind.Chosen;
            return isChosen != (verdicts[b].Kind == VerdictKind.Chosen) ? isChosen : choices[a].Travel.Seconds < choices[b].Travel.Seconds;
        }
    }
}

/// <summary>What became of one node, and why.</summary>
/// <param name="Location">Which.</param>
/// <param name="Metres">How far it is.</param>
/// <param name="TravelSeconds">How long the way takes.</param>
/// <param name="ReadySeconds">When it would be ready.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Obstacles">What keeps it out.</param>
/// <param name="SecondsBehind">How much too late, or farther than the chosen; by rules, as they count it.</param>
/// <param name="LinesServed">How many lines it could serve whole.</param>
/// <param name="LineLacking">The number of the first line that it could not; 0: none.</param>
internal readonly record struct NodeNote(
    LocationId Location,
    int Metres,
    int TravelSeconds,
    int ReadySeconds,
    VerdictKind Verdict,
    Obstacle Obstacles,
    long SecondsBehind,
    int LinesServed,
    int LineLacking)
{
    public static NodeNote Of(OrderFacts facts, Choice choice, in Verdict verdict) => new(
        choice.Node.Id,
        choice.Travel.Metres,
        choice.Travel.Seconds,
        choice.ReadySeconds,
        verdict.Kind,
        verdict.Obstacles,
        verdict.SecondsBehind,
        verdict.LinesServed,
        verdict.FirstLineLacking < 0 ? 0 : facts.Lines[verdict.FirstLineLacking].Line);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(SourcingNote))]
internal sealed partial class SourcingNoteJson : JsonSerializerContext;
