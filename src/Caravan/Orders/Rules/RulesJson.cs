using System.Text.Json.Serialization;
using Caravan.Network;
using Caravan.Platform.Problems;
using Caravan.Stock;

namespace Caravan.Orders.Rules;

/// <summary>Where a rule set stands.</summary>
internal enum RuleSetState
{
    Draft,
    InForce,
    Replaced,
}

/// <summary>A rule set as it is answered; with what of other rooms it changes, or changed when it was published.</summary>
internal sealed record RuleSetBody(
    RuleSetId Id,
    RuleSetState State,
    int? Version,
    string Note,
    SourcingWeights Weights,
    IReadOnlyList<RegionSwitch> Regions,
    IReadOnlyList<CutOffs> CutOffs,
    IReadOnlyList<BufferChange> Buffers,
    string MadeBy,
    DateTimeOffset MadeAt,
    string? PublishedBy,
    DateTimeOffset? PublishedAt)
{
    public static RuleSetBody Of(SourcingRuleSet rules, SourcingRuleSet? inForce) => new(
        rules.Id,
        rules.Version is null ? RuleSetState.Draft : rules.Version == inForce?.Version ? RuleSetState.InForce : RuleSetState.Replaced,
        rules.Version,
        rules.Note,
        rules.Weights,
        rules.Changes.Regions,
        rules.Changes.CutOffs,
        rules.Changes.Buffers,
        rules.MadeBy,
        rules.MadeAt,
        rules.PublishedBy,
        rules.PublishedAt);
}

/// <summary>A simulation as it is answered: how far it is, and, when it is done, what would differ.</summary>
internal sealed record SimulationBody(SimulationState State, int Days, int Against, int Done, int Total, DateTimeOffset AskedAt, SimulationResultBody? Result)
{
    public static SimulationBody Of(Simulation simulation) => new(
        simulation.State, simulation.Days, simulation.Against, simulation.Done, simulation.Total, simulation.AskedAt, simulation.Report is { } report ? SimulationResultBody.Of(report) : null);
}

/// <summary>Both sides in figures, and the orders that would be served otherwise: the newest two hundred; the CSV has all.</summary>
internal sealed record SimulationResultBody(int Orders, int OrdersLeftOut, int Differing, SimulationSide Now, SimulationSide Draft, IReadOnlyList<SimulationNode> Nodes, IReadOnlyList<SimulationPair> Different)
{
    private const int PairsMax = 200;

    public static SimulationResultBody Of(SimulationReport report) => new(
        report.Orders, report.OrdersLeftOut, report.Differing, report.Now, report.Draft, report.Nodes, [.. report.Pairs.Where(pair => pair.IsDifferent).Reverse().Take(PairsMax)]);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(RulesRequest))]
[JsonSerializable(typeof(SourcingWeights))]
[JsonSerializable(typeof(RuleChanges))]
[JsonSerializable(typeof(RuleSetBody))]
[JsonSerializable(typeof(Page<RuleSetBody>))]
[JsonSerializable(typeof(SimulationBody))]
[JsonSerializable(typeof(SimulationReport))]
[JsonSerializable(typeof(LocationKind))]
internal sealed partial class RulesJson : JsonSerializerContext;
