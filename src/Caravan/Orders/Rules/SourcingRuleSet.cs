using Caravan.Network;
using Caravan.Stock;

namespace Caravan.Orders.Rules;

/// <summary>A region of the company's, on or off.</summary>
public sealed record RegionSwitch(string Code, bool IsActive);

/// <summary>Until when orders are taken at a location of the company's, by its wall clock; a time left out: the service is not offered.</summary>
public sealed record CutOffs(LocationId Location)
{
    /// <summary>For the same day.</summary>
    public TimeOnly? SameDay { get; init; }

    /// <summary>For the next day.</summary>
    public TimeOnly? NextDay { get; init; }
}

/// <summary>What of other rooms a version changes when it is published. What it does not name stays as it is.</summary>
public sealed record RuleChanges
{
    /// <summary>Regions to switch.</summary>
    public IReadOnlyList<RegionSwitch> Regions { get; init; } = [];

    /// <summary>Cut-offs to move.</summary>
    public IReadOnlyList<CutOffs> CutOffs { get; init; } = [];

    /// <summary>Safety rules to put, or to take back.</summary>
    public IReadOnlyList<BufferChange> Buffers { get; init; } = [];

    /// <summary>
    /// What leads back: of several publications, the oldest first, what each replaced. For a thing that several changed, what the first
    /// of them found.
    /// </summary>
    internal static RuleChanges Back(IEnumerable<RuleChanges> replaced)
    {
        var regions = new Dictionary<string, RegionSwitch>();
        var cutOffs = new Dictionary<LocationId, CutOffs>();
        var buffers = new Dictionary<string, BufferChange>();
        foreach (var one in replaced)
        {
            foreach (var region in one.Regions)
                regions.TryAdd(region.Code, region);
            foreach (var cutOff in one.CutOffs)
                cutOffs.TryAdd(cutOff.Location, cutOff);
            foreach (var buffer in one.Buffers)
                buffers.TryAdd(buffer.Scope, buffer);
        }

        return new RuleChanges { Regions = [.. regions.Values], CutOffs = [.. cutOffs.Values], Buffers = [.. buffers.Values] };
    }
}

/// <summary>A set of rules: a draft, or a version that was published.</summary>
public sealed record SourcingRuleSet
{
    /// <summary>Whose.</summary>
    public required PartnerId Company { get; init; }

    /// <summary>Its id.</summary>
    public required RuleSetId Id { get; init; }

    /// <summary>Its number, from 1; null: it is a draft.</summary>
    public int? Version { get; init; }

    /// <summary>What it is for; colleagues read it.</summary>
    public required string Note { get; init; }

    /// <summary>What counts when a node is chosen.</summary>
    public required SourcingWeights Weights { get; init; }

    /// <summary>What else it changes.</summary>
    public required RuleChanges Changes { get; init; }

    /// <summary>What stood there before it was published.</summary>
    internal RuleChanges? Replaced { get; init; }

    /// <summary>By whose key or session.</summary>
    public required string MadeBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>Who published it.</summary>
    public string? PublishedBy { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset? PublishedAt { get; init; }
}

/// <summary>Rules as somebody writes them down.</summary>
/// <param name="Note">What they are for; colleagues read it.</param>
/// <param name="Weights">What counts when a node is chosen, all of it: what is left out is as it is made.</param>
public sealed record RulesRequest(string Note, SourcingWeights Weights)
{
    /// <summary>Regions of the company's to switch.</summary>
    public List<RegionSwitch>? Regions { get; init; }

    /// <summary>Cut-offs of the company's locations to move.</summary>
    public List<CutOffs>? CutOffs { get; init; }

    /// <summary>Safety rules to put, or to take back.</summary>
    public List<BufferChange>? Buffers { get; init; }

    /// <summary>The changes.</summary>
    internal RuleChanges Changes => new() { Regions = Regions ?? [], CutOffs = CutOffs ?? [], Buffers = Buffers ?? [] };
}
