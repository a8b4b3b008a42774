using Caravan.Network;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Stock;

/// <summary>A company's safety rules: how much is kept back where, the most specific rule first.</summary>
internal static class SafetyEndpoints
{
    private const int BatchMax = 1_000;
    private const int RulesMax = 10_000;
    private const int LongestCategory = 100;

    public static void MapSafetyEndpoints(this IEndpointRouteBuilder routes)
    {
        var rules = routes.MapGroup("/v1/stock/safety-rules").WithTags("Stock").NeedsScope(Area.Stock);
        rules.MapGet("", List).WithSummary("Your safety rules").Produces<Page<SafetyRuleBody>>();
        rules.MapPut("", Put).WithSummary("Keep some of your stock back, by item, category, location or kind of location; the most specific rule holds, and replaces one of the same scope").Produces<SafetyRulesTaken>().ProducesProblem(400).ProducesProblem(409);
        rules.MapDelete("/{id}", Remove).WithSummary("Take a rule back").ProducesProblem(404);
    }

    private static async Task<IResult> List(Caller caller, Store store, CancellationToken cancel, SafetyRuleId? cursor = null, int limit = 50)
    {
        var check = new Check().Range(limit, "?limit", 1, Page<SafetyRuleBody>.Longest);
        if (check.Failed)
            return check.Refusal;

        var rows = await store.ReadAsync(db => SafetyStore.ListAsync(db, caller.Tenant, cursor ?? default, limit + 1), cancel);
        return TypedResults.Ok(Page<SafetyRuleBody>.Of(rows.ConvertAll(SafetyRuleBody.Of), limit, rule => rule.Id.ToString()));
    }

    private static async Task<IResult> Put(HttpContext context, Caller caller, SafetyRulesBody body, NamedItems names, NetworkMap map, FeedCodes codes, IdempotentWrites writes)
    {
        var check = new Check().List(body.Rules, "#/rules", BatchMax);
        var count = check.Failed ? 0 : body.Rules.Count;
        for (var i = 0; i < count; i++)
            CheckRule(check, body.Rules[i], $"#/rules/{i}");
        if (check.Failed)
            return check.Refusal;

        var network = await map.CurrentAsync(context.RequestAborted);
        return await writes.RunAsync(context, caller, async tx =>
        {
            var found = new Check();
            var places = await codes.PlacesAsync(tx, network, caller.Tenant, tx.Now);
            var items = await names.ByEitherAsync(tx, caller.Tenant, [.. body.Rules.Select(rule => (rule.Item, rule.Sku))]);
            HashSet<SafetyScope> scopes = [];
            for (var i = 0; i < body.Rules.Count; i++)
            {
                var rule = body.Rules[i];
                found.That((rule.Item is null && rule.Sku is null) || items[i] is not null, $"#/rules/{i}/{(rule.Item is null ? "sku" : "item")}", "There is no such item of yours.")
                    .That(rule.Location is not { } location || places.Contains(location), $"#/rules/{i}/location", "There is no such location where you may hold stock.")
                    .That(scopes.Add(ScopeOf(rule, items[i]?.Id)), $"#/rules/{i}", "Another rule of the list is for the same goods and places.");
            }

            if (found.Failed)
                return Outcome.Refuse(found.Refusal);

            for (var i = 0; i < body.Rules.Count; i++)
                await SafetyStore.PutAsync(tx, caller.Tenant, new SafetyRule(SafetyRuleId.New(tx.Now), ScopeOf(body.Rules[i], items[i]?.Id), body.Rules[i].Units ?? 0, body.Rules[i].Percent ?? 0));
            return await SafetyStore.CountAsync(tx, caller.Tenant) > RulesMax
                ? Outcome.Refuse(Problem.Of(409, "too-many-safety-rules", "Too many safety rules", $"A company has at most {RulesMax} rules; say it by category or by kind of location."))
                : new Answer(200, new SafetyRulesTaken(body.Rules.Count));
        });
    }

    private static Task<IResult> Remove(HttpContext context, SafetyRuleId id, Caller caller, IdempotentWrites writes) =>
        writes.RunAsync(context, caller, async tx => await SafetyStore.RemoveAsync(tx, caller.Tenant, id) ? new Answer(204) : Outcome.Refuse(Problem.NotFound("safety rule")));

    private static void CheckRule(Check check, SafetyRuleRequest? rule, string at)
    {
        check.That(rule is not null, at, "A rule is an object.");
        if (rule is null)
            return;

        check.That(rule.Units is null != rule.Percent is null, $"{at}/units", "Give units or per cent, one of the two.");
        CheckScope(check, rule.Item, rule.Sku, rule.Category, rule.Location, rule.Kind, at);
        CheckAmount(check, rule.Units, rule.Percent, at);
    }

    /// <summary>Checks which goods and places a rule is for.</summary>
    public static void CheckScope(Check check, ItemId? item, string? sku, string? category, LocationId? location, LocationKind? kind, string at) => check
        .That((item is null ? 0 : 1) + (sku is null ? 0 : 1) + (category is null ? 0 : 1) <= 1, $"{at}/item", "Name an item by id or SKU, or a category, or leave all three out for all items.")
        .That(location is null || kind is null, $"{at}/location", "Name a location or a kind of location, or leave both out for all of them.")
        .Text(category, $"{at}/category", LongestCategory, optional: true);

    /// <summary>Checks how much a rule keeps back.</summary>
    public static void CheckAmount(Check check, int? units, int? percent, string at) =>
        check.Range(units ?? 0, $"{at}/units", 0, FeedQuantity.Max).Range(percent ?? 0, $"{at}/percent", 0, 100);

    private static SafetyScope ScopeOf(SafetyRuleRequest rule, ItemId? item) => new(item, rule.Category, rule.Location, rule.Kind);
}

/// <summary>How much to keep back, in units or per cent of on hand (rounded up), of which goods and where; what is left out is any.</summary>
internal sealed record SafetyRuleRequest
{
    public ItemId? Item { get; init; }
    public string? Sku { get; init; }
    public string? Category { get; init; }
    public LocationId? Location { get; init; }
    public LocationKind? Kind { get; init; }
    public int? Units { get; init; }
    public int? Percent { get; init; }
}

/// <summary>Rules to add, or to replace by scope.</summary>
internal sealed record SafetyRulesBody(List<SafetyRuleRequest> Rules);

/// <summary>How many rules were taken.</summary>
internal sealed record SafetyRulesTaken(int Rules);

/// <summary>A rule as it is answered.</summary>
internal sealed record SafetyRuleBody(SafetyRuleId Id, ItemId? Item, string? Category, LocationId? Location, LocationKind? Kind, int? Units, int? Percent)
{
    public static SafetyRuleBody Of(SafetyRule rule) => new(
        rule.Id, rule.Scope.Item, rule.Scope.Category, rule.Scope.Location, rule.Scope.Kind, rule.Percent > 0 ? null : rule.Units, rule.Percent > 0 ? rule.Percent : null);
}
