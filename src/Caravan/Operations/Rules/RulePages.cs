using System.Globalization;
using System.Text;
using Caravan.Catalog;
using Caravan.Network;
using Caravan.Orders.Rules;
using Caravan.Partners;
using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Caravan.Operations.Rules;

/// <summary>A rule set, and what it says.</summary>
public sealed record RuleSetShown(SourcingRuleSet Rules, IReadOnlyList<string> Words, Simulation? Simulation);

/// <summary>The company's rules of sourcing: written down, tried on the last days, published, and undone.</summary>
internal static class RulePages
{
    private const int OnPage = 50;
    private const int DaysMeant = 7;
    private const string Home = "/operations/rules";

    public static void MapRulePages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup(Home).ExcludeFromDescription().NeedsScope(Area.Orders);
        pages.MapGet("", List);
        pages.MapPost("", Make);
        pages.MapGet("/{id}", Show);
        pages.MapPost("/{id}", Change);
        pages.MapPost("/{id}/simulate", Simulate);
        pages.MapGet("/{id}/simulation", Part);
        pages.MapGet("/{id}/simulation.csv", Download);
        pages.MapPost("/{id}/publish", Publish);
        pages.MapPost("/{id}/discard", Discard);
    }

    private static Task<IResult> List(Caller caller, RulesReader reader, CancellationToken cancel) => reader.ListAsync(caller, null, cancel);

    private static async Task<IResult> Make(Caller caller, Store store, SourcingRulesDesk desk, RulesReader reader, NetworkMap map, IFormCollection form, CancellationToken cancel)
    {
        var (asked, read) = RuleForm.Read(form, await map.CurrentAsync(cancel), caller.Tenant);
        if (asked is null)
            return await reader.ListAsync(caller, read, cancel);

        var (draft, refusal) = await WriteAsync(store, async tx => await desk.MakeAsync(tx, caller, asked), cancel);
        return draft is null ? await reader.ListAsync(caller, read.With(refusal!), cancel) : Results.Redirect($"{Home}/{draft.Id}"); // One of the two.
    }

    private static Task<IResult> Show(RuleSetId id, Caller caller, RulesReader reader, CancellationToken cancel) => reader.OneAsync(caller, id, null, null, cancel);

    private static async Task<IResult> Change(RuleSetId id, Caller caller, Store store, SourcingRulesDesk desk, RulesReader reader, NetworkMap map, IFormCollection form, CancellationToken cancel)
    {
        var (asked, read) = RuleForm.Read(form, await map.CurrentAsync(cancel), caller.Tenant);
        if (asked is null)
            return await reader.OneAsync(caller, id, read, null, cancel);

        var (draft, refusal) = await WriteAsync(store, async tx => await desk.ChangeAsync(tx, caller, id, asked), cancel);
        return draft is null ? await reader.OneAsync(caller, id, read.With(refusal!), null, cancel) : Results.Redirect($"{Home}/{id}"); // One of the two.
    }

    private static async Task<IResult> Simulate(RuleSetId id, Caller caller, Store store, SourcingRulesDesk desk, RulesReader reader, IFormCollection form, CancellationToken cancel)
    {
        if (!int.TryParse(form["days"], NumberStyles.None, CultureInfo.InvariantCulture, out var days) || days is < 1 or > SourcingRulesDesk.DaysMax)
            return await reader.OneAsync(caller, id, null, $"Choose 1 to {SourcingRulesDesk.DaysMax} days.", cancel);

        var (asked, refusal) = await WriteAsync(store, async tx => await desk.SimulateAsync(tx, caller, id, days), cancel);
        return asked is null ? await reader.OneAsync(caller, id, null, DetailOf(refusal), cancel) : Results.Redirect($"{Home}/{id}#simulation");
    }

    private static async Task<IResult> Part(RuleSetId id, Caller caller, Store store, SourcingRulesDesk desk, CancellationToken cancel) => await store.ReadAsync(db => desk.SimulationAsync(db, caller.Tenant, id), cancel) is { } simulation
        ? new RazorComponentResult<RuleSimulation>(new { Id = id, Simulation = simulation, IsPart = true })
        : Problem.NotFound("simulation");

    private static async Task<IResult> Download(RuleSetId id, Caller caller, Store store, SourcingRulesDesk desk, CancellationToken cancel) => await store.ReadAsync(db => desk.SimulationAsync(db, caller.Tenant, id), cancel) is { Report: { } report }
        ? Results.File(Encoding.UTF8.GetBytes(SimulationCsv.Of(report)), "text/csv; charset=utf-8", "simulation.csv")
        : Problem.NotFound("finished simulation");

    private static async Task<IResult> Publish(RuleSetId id, Caller caller, Store store, SourcingRulesDesk desk, RulesReader reader, CancellationToken cancel)
    {
        var (published, refusal) = await WriteAsync(store, async tx => await desk.PublishAsync(tx, caller, id), cancel);
        return published is null ? await reader.OneAsync(caller, id, null, DetailOf(refusal), cancel) : Results.Redirect(Home);
    }

    private static async Task<IResult> Discard(RuleSetId id, Caller caller, Store store, SourcingRulesDesk desk, RulesReader reader, CancellationToken cancel)
    {
        var (_, refusal) = await WriteAsync(store, async tx => ((object?)null, await desk.DiscardAsync(tx, caller, id)), cancel);
        return refusal is null ? Results.Redirect(Home) : await reader.OneAsync(caller, id, null, DetailOf(refusal), cancel);
    }

    // A refusal leaves nothing written.
    private static Task<(T? Done, IResult? Refusal)> WriteAsync<T>(Store store, Func<Tx, Task<(T? Done, IResult? Refusal)>> work, CancellationToken cancel)
        where T : class => store.WriteAsync(async tx =>
        {
            var outcome = await work(tx);
            if (outcome.Refusal is not null)
                tx.Undo();
            return outcome;
        }, cancel);

    private static string DetailOf(IResult? refusal) => refusal is ProblemHttpResult { ProblemDetails.Detail: { } detail } ? detail : "It was not done.";

    /// <summary>Reads the pages.</summary>
    internal sealed class RulesReader(Store store, SourcingRulesDesk desk, PartnerBook partners, ItemCatalog catalog, NetworkMap map)
    {
        public async Task<IResult> ListAsync(Caller caller, RuleForm? form, CancellationToken cancel)
        {
            var network = await map.CurrentAsync(cancel);
            return await store.ReadAsync<IResult>(async db =>
            {
                var all = await desk.ListAsync(db, caller.Tenant, null, OnPage);
                var inForce = await desk.InForceAsync(db, caller.Tenant);
                var simulations = (await desk.SimulationsAsync(db, caller.Tenant, [.. all.Where(one => one.Version is null).Select(one => one.Id)])).ToDictionary(one => one.Rules);
                var skus = await SkusAsync(db, caller.Tenant, [.. all.Append(inForce).OfType<SourcingRuleSet>()]);
                return new RazorComponentResult<RulesPage>(new
                {
                    Company = await partners.FindAsync(db, caller.Tenant),
                    InForce = inForce,
                    All = (IReadOnlyList<RuleSetShown>)[.. all.Select(one => new RuleSetShown(one, [.. RuleWords.Of(one.Weights), .. RuleWords.Of(one.Changes, network, skus)], simulations.GetValueOrDefault(one.Id)))],
                    Form = form ?? RuleForm.Of("", inForce?.Weights ?? new SourcingWeights(), new RuleChanges(), network, skus),
                    Regions = RegionsOf(network, caller.Tenant),
                })
                { StatusCode = form is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest };
            }, cancel);
        }

        public async Task<IResult> OneAsync(Caller caller, RuleSetId id, RuleForm? form, string? fault, CancellationToken cancel)
        {
            var network = await map.CurrentAsync(cancel);
            return await store.ReadAsync<IResult>(async db =>
            {
                if (await desk.FindAsync(db, caller.Tenant, id) is not { } rules)
                    return Problem.NotFound("rule set");

                var skus = await SkusAsync(db, caller.Tenant, [rules]);
                return new RazorComponentResult<RulePage>(new
                {
                    Company = await partners.FindAsync(db, caller.Tenant),
                    Rules = rules,
                    IsInForce = (await desk.InForceAsync(db, caller.Tenant))?.Id == id,
                    Words = (IReadOnlyList<string>)[.. RuleWords.Of(rules.Weights), .. RuleWords.Of(rules.Changes, network, skus)],
                    Simulation = await desk.SimulationAsync(db, caller.Tenant, id),
                    Days = DaysMeant,
                    Form = form ?? RuleForm.Of(rules.Note, rules.Weights, rules.Changes, network, skus),
                    Regions = RegionsOf(network, caller.Tenant),
                    Fault = fault,
                })
                { StatusCode = form is null && fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest };
            }, cancel);
        }

        private static IReadOnlyList<Region> RegionsOf(NetworkSnapshot network, PartnerId company) => [.. network.Regions.Where(region => region.Tenant == company).OrderBy(region => region.Code, StringComparer.Ordinal)];

        private async Task<IReadOnlyDictionary<ItemId, string>> SkusAsync(Db db, PartnerId company, IReadOnlyList<SourcingRuleSet> rules) =>
            (await catalog.ByIdAsync(db, company, [.. rules.SelectMany(one => one.Changes.Buffers).Select(buffer => buffer.Item).OfType<ItemId>().Distinct()])).ToDictionary(item => item.Id, item => item.Sku);
    }
}
