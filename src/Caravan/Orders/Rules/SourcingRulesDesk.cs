using Caravan.Network;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Caravan.Stock;

namespace Caravan.Orders.Rules;

/// <summary>Writes rules down, has them simulated, publishes them and goes back, for the API and the page alike.</summary>
public sealed class SourcingRulesDesk
{
    /// <summary>Most days of a simulation.</summary>
    public const int DaysMax = 14;

    private const int DraftsMax = 50;
    private const int NoteLength = 200;
    private const int ChangesMax = 1_000;
    private const int MinutesMax = 1_440;

    private static readonly SourcingWeights AsMade = SourcingWeights.Default;

    private readonly NetworkMap map;
    private readonly BufferDesk buffers;
    private readonly TimeProvider clock;

    internal SourcingRulesDesk(NetworkMap map, BufferDesk buffers, TimeProvider clock) => (this.map, this.buffers, this.clock) = (map, buffers, clock);

    /// <summary>What is wrong with rules, before anything is looked up.</summary>
    public static Check Check(RulesRequest asked)
    {
        var weights = asked.Weights;
        var check = new Check()
            .Text(asked.Note, "#/note", NoteLength)
            .That(weights.KindOrder.Distinct().Count() == weights.KindOrder.Count, "#/weights/kindOrder", "Name each kind of node once.")
            .That(weights.KindMinutes is null || weights.KindOrder.Count > 0, "#/weights/kindMinutes", "Say in which order the kinds come, or leave the minutes out.")
            .Range(weights.KindMinutes ?? 0, "#/weights/kindMinutes", 0, MinutesMax)
            .Range(weights.ParcelMinutes ?? 0, "#/weights/parcelMinutes", 0, MinutesMax)
            .Range(weights.ReadyPercent, "#/weights/readyPercent", 0, 100)
            .Range(weights.LoadMinutes, "#/weights/loadMinutes", 0, MinutesMax)
            .Range(weights.OtherOperatorMinutes, "#/weights/otherOperatorMinutes", 0, MinutesMax)
            .Range(weights.MostParcelsWithinHour, "#/weights/mostParcelsWithinHour", 1, SourcingWeights.ParcelsMax)
            .Range(weights.MostParcels, "#/weights/mostParcels", 1, SourcingWeights.ParcelsMax)
            .That((asked.Regions?.Count ?? 0) <= ChangesMax, "#/regions", $"At most {ChangesMax} at once.")
            .That((asked.CutOffs?.Count ?? 0) <= ChangesMax, "#/cutOffs", $"At most {ChangesMax} at once.")
            .That((asked.Buffers?.Count ?? 0) <= ChangesMax, "#/buffers", $"At most {ChangesMax} at once.");
        if (check.Failed)
            return check;

        CheckEach(check, asked.Regions, "#/regions", region => region.Code);
        CheckEach(check, asked.CutOffs, "#/cutOffs", one => one.Location.ToString());
        for (var i = 0; i < asked.CutOffs?.Count; i++)
        {
            check.That(IsWhole(asked.CutOffs[i]?.SameDay), $"#/cutOffs/{i}/sameDay", "Give a time in whole minutes.")
                .That(IsWhole(asked.CutOffs[i]?.NextDay), $"#/cutOffs/{i}/nextDay", "Give a time in whole minutes.");
        }

        BufferDesk.Check(check, asked.Buffers ?? [], "#/buffers");
        return check;
    }

    /// <summary>Drafts and versions, newest first, those before a cursor.</summary>
    public Task<List<SourcingRuleSet>> ListAsync(Db db, PartnerId company, RuleSetId? before, int count) => SourcingRuleStore.ListAsync(db, company, before, count);

    /// <summary>A rule set.</summary>
    public Task<SourcingRuleSet?> FindAsync(Db db, PartnerId company, RuleSetId id) => SourcingRuleStore.FindAsync(db, company, id);

    /// <summary>The version that orders are decided by; none: as it is made.</summary>
    public async Task<SourcingRuleSet?> InForceAsync(Db db, PartnerId company) => (await SourcingRuleStore.LatestAsync(db, company)).FirstOrDefault();

    /// <summary>A rule set's simulation. Of one that a server has left behind it says that it was cut off.</summary>
    public async Task<Simulation?> SimulationAsync(Db db, PartnerId company, RuleSetId id) => await SimulationStore.FindAsync(db, company, id) is { } found ? Living(found) : null;

    /// <summary>How the simulations of these rule sets stand, without their reports.</summary>
    public async Task<IReadOnlyList<Simulation>> SimulationsAsync(Db db, PartnerId company, IReadOnlyCollection<RuleSetId> ids) => (await SimulationStore.StatesAsync(db, company, ids)).ConvertAll(Living);

    /// <summary>Writes a draft down, or says what it names that is not there. The request was checked.</summary>
    public async Task<(SourcingRuleSet? Draft, IResult? Refusal)> MakeAsync(Tx tx, Caller caller, RulesRequest asked)
    {
        var (changes, refusal) = await ResolveAsync(tx, caller.Tenant, asked);
        if (changes is null)
            return (null, refusal);
        if (await SourcingRuleStore.DraftsAsync(tx, caller.Tenant) >= DraftsMax)
            return (null, Problem.Of(409, "too-many-drafts", "Too many drafts", $"A company has at most {DraftsMax} drafts of rules: discard one first."));

        var draft = new SourcingRuleSet { Company = caller.Tenant, Id = RuleSetId.New(tx.Now), Note = asked.Note, Weights = asked.Weights, Changes = changes, MadeBy = caller.Name, MadeAt = tx.Now };
        await SourcingRuleStore.InsertAsync(tx, draft);
        return (draft, null);
    }

    /// <summary>Writes a draft anew; its simulation is void.</summary>
    public async Task<(SourcingRuleSet? Draft, IResult? Refusal)> ChangeAsync(Tx tx, Caller caller, RuleSetId id, RulesRequest asked)
    {
        var (draft, refusal) = await DraftAsync(tx, caller.Tenant, id);
        if (draft is null)
            return (null, refusal);

        (var changes, refusal) = await ResolveAsync(tx, caller.Tenant, asked);
        if (changes is null)
            return (null, refusal);

        draft = draft with { Note = asked.Note, Weights = asked.Weights, Changes = changes, MadeBy = caller.Name, MadeAt = tx.Now };
        await SourcingRuleStore.UpdateAsync(tx, draft);
        await SimulationStore.RemoveAsync(tx, caller.Tenant, id);
        return (draft, null);
    }

    /// <summary>Throws a draft away; null when that is done.</summary>
    public async Task<IResult?> DiscardAsync(Tx tx, Caller caller, RuleSetId id)
    {
        var (draft, refusal) = await DraftAsync(tx, caller.Tenant, id);
        if (draft is null)
            return refusal;

        await SimulationStore.RemoveAsync(tx, caller.Tenant, id);
        await SourcingRuleStore.RemoveAsync(tx, caller.Tenant, id);
        return null;
    }

    /// <summary>Has a draft tried on the orders of the last days; it runs after the answer.</summary>
    public async Task<(Simulation? Asked, IResult? Refusal)> SimulateAsync(Tx tx, Caller caller, RuleSetId id, int days)
    {
        var (draft, refusal) = await DraftAsync(tx, caller.Tenant, id);
        if (draft is null)
            return (null, refusal);

        var against = (await InForceAsync(tx, caller.Tenant))?.Version ?? 0;
        var asked = new Simulation { Rules = id, State = SimulationState.Waiting, Against = against, Days = days, AskedAt = tx.Now, BeatAt = tx.Now };
        await SimulationStore.AskAsync(tx, caller.Tenant, asked);
        return (asked, null);
    }

    /// <summary>
    /// Publishes a draft that was simulated; or an earlier version again: its weights, and what later ones changed elsewhere as it was before
    /// them. From the next order on it is in force on every server.
    /// </summary>
    public async Task<(SourcingRuleSet? Published, IResult? Refusal)> PublishAsync(Tx tx, Caller caller, RuleSetId id)
    {
        if (await SourcingRuleStore.FindAsync(tx, caller.Tenant, id) is not { } rules)
            return (null, Problem.NotFound("rule set"));

        var current = await InForceAsync(tx, caller.Tenant);
        if (rules.Id == current?.Id)
            return (null, Problem.Of(409, "rules-in-force", "These rules are in force", "Orders are decided by them already; to go back, publish an earlier version."));
        if (rules.Version is null && await SimulationStore.FindAsync(tx, caller.Tenant, id) switch
        {
            not { State: SimulationState.Done } => "Simulate the draft first: it shows what would differ.",
            { Against: var against } when against != (current?.Version ?? 0) => "Other rules were published after it was simulated: simulate it again.",
            _ => null,
        } is { } lacking)
        {
            return (null, Problem.Of(409, "not-simulated", "Not simulated", lacking));
        }

        current ??= await BeginAsync(tx, caller);
        var changes = rules.Version is { } version ? RuleChanges.Back((await SourcingRuleStore.SinceAsync(tx, caller.Tenant, version)).Select(later => later.Replaced ?? new RuleChanges())) : rules.Changes;
        var (put, replaced) = await PutAsync(tx, caller.Tenant, changes);
        var published = rules with
        {
            Id = rules.Version is null ? rules.Id : RuleSetId.New(tx.Now),
            Version = current.Version + 1,
            Note = rules.Version is { } again ? $"Version {again} again" : rules.Note,
            Changes = put,
            Replaced = replaced,
            MadeBy = rules.Version is null ? rules.MadeBy : caller.Name,
            MadeAt = rules.Version is null ? rules.MadeAt : tx.Now,
            PublishedBy = caller.Name,
            PublishedAt = tx.Now,
        };
        await (rules.Version is null ? SourcingRuleStore.UpdateAsync(tx, published) : SourcingRuleStore.InsertAsync(tx, published));
        return (published, null);
    }

    // So that one may go back to how it was before there were any rules.
    private static async Task<SourcingRuleSet> BeginAsync(Tx tx, Caller caller)
    {
        var first = new SourcingRuleSet { Company = caller.Tenant, Id = RuleSetId.New(tx.Now), Version = 1, Note = "As it was before there were rules", Weights = AsMade, Changes = new RuleChanges(), MadeBy = caller.Name, MadeAt = tx.Now, PublishedBy = caller.Name, PublishedAt = tx.Now };
        await SourcingRuleStore.InsertAsync(tx, first);
        return first;
    }

    // Regions and locations that are gone are left out; whoever removed them meant it.
    private async Task<(RuleChanges Put, RuleChanges Replaced)> PutAsync(Tx tx, PartnerId company, RuleChanges changes)
    {
        List<RegionSwitch> regions = [];
        List<CutOffs> cutOffs = [];
        foreach (var region in changes.Regions)
        {
            if (await map.SwitchAsync(tx, company, region.Code, region.IsActive) is { } before)
                regions.Add(region with { IsActive = before });
        }

        foreach (var one in changes.CutOffs)
        {
            if (await map.SetCutOffsAsync(tx, company, one.Location, one.SameDay, one.NextDay) is { } before)
                cutOffs.Add(one with { SameDay = before.SameDay, NextDay = before.NextDay });
        }

        var put = changes with { Regions = [.. changes.Regions.Where(region => regions.Exists(one => one.Code == region.Code))], CutOffs = [.. changes.CutOffs.Where(one => cutOffs.Exists(other => other.Location == one.Location))] };
        return (put, new RuleChanges { Regions = regions, CutOffs = cutOffs, Buffers = await buffers.PutAsync(tx, company, changes.Buffers) });
    }

    private async Task<(RuleChanges? Changes, IResult? Refusal)> ResolveAsync(Db db, PartnerId company, RulesRequest asked)
    {
        var check = new Check();
        var network = await map.CurrentAsync(CancellationToken.None);
        for (var i = 0; i < asked.Changes.Regions.Count; i++)
            check.That(network.Regions.Any(region => region.Tenant == company && region.Code == asked.Changes.Regions[i].Code), $"#/regions/{i}/code", "There is no such region of yours; regions are put by PUT /v1/regions.");
        for (var i = 0; i < asked.Changes.CutOffs.Count; i++)
            check.That(network.Find(asked.Changes.CutOffs[i].Location)?.Operator == company, $"#/cutOffs/{i}/location", "There is no such location of yours.");
        var found = await buffers.ResolveAsync(db, company, asked.Changes.Buffers, clock.GetUtcNow(), check, "#/buffers");
        return check.Failed ? (null, check.Refusal) : (asked.Changes with { Buffers = found }, null);
    }

    private static async Task<(SourcingRuleSet? Draft, IResult? Refusal)> DraftAsync(Db db, PartnerId company, RuleSetId id) => await SourcingRuleStore.FindAsync(db, company, id) switch
    {
        null => (null, Problem.NotFound("rule set")),
        { Version: { } version } => (null, Problem.Of(409, "not-a-draft", "Not a draft", $"These rules were published as version {version} and stay as they are: write a new draft, or publish them again.")),
        var draft => (draft, null),
    };

    private static void CheckEach<T>(Check check, List<T>? list, string at, Func<T, string> keyOf)
        where T : class
    {
        HashSet<string> seen = [];
        for (var i = 0; i < list?.Count; i++)
            check.That(list[i] is not null, $"{at}/{i}", "An entry is an object.").That(list[i] is null || seen.Add(keyOf(list[i])), $"{at}/{i}", "This stands in the list twice.");
    }

    private static bool IsWhole(TimeOnly? time) => time is null || time.Value.Ticks % TimeSpan.TicksPerMinute == 0;

    private Simulation Living(Simulation simulation) => simulation.State switch
    {
        SimulationState.Waiting when simulation.BeatAt < clock.GetUtcNow() - Simulator.WaitingMax => simulation with { State = SimulationState.Failed },
        SimulationState.Running when simulation.BeatAt < clock.GetUtcNow() - Simulator.SilentMax => simulation with { State = SimulationState.Failed },
        _ => simulation,
    };
}
