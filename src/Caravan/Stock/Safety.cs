using Caravan.Network;

namespace Caravan.Stock;

/// <summary>What is kept back in a cell: the largest of its feed's buffer and its rule's units, or per cent of on hand, rounded up.</summary>
internal readonly record struct Safety(int FeedUnits, int Units, int Percent)
{
    /// <summary>Units kept back when so many are there.</summary>
    public int Of(int onHand) => Math.Max(FeedUnits, Math.Max(Units, (int)((((long)onHand * Percent) + 99) / 100)));
}

/// <summary>Which cells a rule is for: an item, a category or any, at a location, a kind of location or any.</summary>
internal readonly record struct SafetyScope(ItemId? Item, string? Category, LocationId? Location, LocationKind? Kind)
{
    /// <summary>How specific it is. What the goods are goes before where they lie, and the single thing before its sort.</summary>
    public int Rank => ((Item is not null ? 2 : Category is not null ? 1 : 0) * 3) + (Location is not null ? 2 : Kind is not null ? 1 : 0);

    /// <summary>Whether it can only be told by what catalogue and network say today.</summary>
    public bool IsBySort => Category is not null || Kind is not null;

    public bool Covers(in SafetySubject subject) =>
        (Item is null || Item == subject.Item)
        && (Category is null || Category == subject.Category)
        && (Location is null || Location == subject.Location)
        && (Kind is null || Kind == subject.Kind);

    /// <summary>As it is kept, one text a scope: <c>item itm_…|kind Store</c>.</summary>
    public override string ToString() =>
        $"{(Item is { } item ? $"item {item}" : Category is not null ? $"category {Category}" : "any")}|{(Location is { } location ? $"location {location}" : Kind is { } kind ? $"kind {kind}" : "any")}";
}

/// <summary>A cell as a rule sees it.</summary>
internal readonly record struct SafetySubject(ItemId Item, string Category, LocationId Location, LocationKind? Kind);

/// <summary>How much an owner keeps back in some of its cells, in units or per cent.</summary>
internal sealed record SafetyRule(SafetyRuleId Id, SafetyScope Scope, int Units, int Percent)
{
    /// <summary>What the most specific of the rules that cover a cell keeps back there. No two rules have one scope.</summary>
    public static Safety For(IEnumerable<SafetyRule> rules, in SafetySubject subject)
    {
        SafetyRule? best = null;
        foreach (var rule in rules)
        {
            if (rule.Scope.Covers(subject) && (best is null || rule.Scope.Rank > best.Scope.Rank))
                best = rule;
        }

        return best is null ? default : new Safety(0, best.Units, best.Percent);
    }
}
