using System.Text.Json.Serialization;
using Caravan.Catalog;
using Caravan.Network;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>A safety rule to put, in units or per cent of on hand, for an item, a category or any at a location, a kind of location or any; with neither, the rule of that scope is taken back.</summary>
public sealed record BufferChange
{
    /// <summary>An item of the owner's, by its id.</summary>
    public ItemId? Item { get; init; }

    /// <summary>Or by its SKU.</summary>
    public string? Sku { get; init; }

    /// <summary>Or all items of a category.</summary>
    public string? Category { get; init; }

    /// <summary>A location.</summary>
    public LocationId? Location { get; init; }

    /// <summary>Or all locations of a kind.</summary>
    public LocationKind? Kind { get; init; }

    /// <summary>How many units are kept back.</summary>
    public int? Units { get; init; }

    /// <summary>Or how many per cent of on hand, rounded up.</summary>
    public int? Percent { get; init; }

    /// <summary>Which cells it is for, as one text.</summary>
    [JsonIgnore]
    public string Scope => Cells.ToString();

    internal SafetyScope Cells => new(Item, Category, Location, Kind);

    internal static BufferChange Of(SafetyScope scope, SafetyRule? rule) => new()
    {
        Item = scope.Item,
        Category = scope.Category,
        Location = scope.Location,
        Kind = scope.Kind,
        Units = rule is null || rule.Percent > 0 ? null : rule.Units,
        Percent = rule is { Percent: > 0 } ? rule.Percent : null,
    };
}

/// <summary>A cell on paper: what it may sell as its buffer is, and as it would be.</summary>
public sealed record BufferedCell
{
    /// <summary>Whose stock.</summary>
    public required PartnerId Owner { get; init; }

    /// <summary>Of what.</summary>
    public required ItemId Item { get; init; }

    /// <summary>Where.</summary>
    public required LocationId Location { get; init; }

    internal StockCellState State { get; init; }

    internal Safety Changed { get; init; }

    /// <summary>What it may sell with so many more on hand and so many fewer reserved.</summary>
    public int Sellable(int moreOnHand, int fewerReserved, bool isChanged) => Math.Max(0,
        State.OnHand + moreOnHand - (State.Reserved - fewerReserved) - State.Held - (isChanged ? Changed : State.Safety).Of(State.OnHand + moreOnHand));
}

/// <summary>Safety rules for those who change several things at once: what a change would do, and putting it.</summary>
public sealed class BufferDesk
{
    private readonly NamedItems names;
    private readonly FeedCodes codes;
    private readonly NetworkMap map;
    private readonly ItemCatalog catalog;

    internal BufferDesk(NamedItems names, FeedCodes codes, NetworkMap map, ItemCatalog catalog) => (this.names, this.codes, this.map, this.catalog) = (names, codes, map, catalog);

    /// <summary>Whether they can be told apart without looking anything up.</summary>
    public static void Check(Check check, IReadOnlyList<BufferChange?> changes, string at)
    {
        for (var i = 0; i < changes.Count; i++)
        {
            if (changes[i] is not { } change)
            {
                check.That(false, $"{at}/{i}", "A rule is an object.");
                continue;
            }

            check.That(change.Units is null || change.Percent is null, $"{at}/{i}/units", "Give units or per cent, one of the two; with neither, the rule is taken back.");
            SafetyEndpoints.CheckScope(check, change.Item, change.Sku, change.Category, change.Location, change.Kind, $"{at}/{i}");
            SafetyEndpoints.CheckAmount(check, change.Units, change.Percent, $"{at}/{i}");
        }
    }

    /// <summary>The changes with their items found, or what they name that is not there.</summary>
    public async Task<IReadOnlyList<BufferChange>> ResolveAsync(Db db, PartnerId owner, IReadOnlyList<BufferChange> changes, DateTimeOffset now, Check check, string at)
    {
        if (changes.Count == 0)
            return changes;

        var items = await names.ByEitherAsync(db, owner, [.. changes.Select(change => (change.Item, change.Sku))]);
        var places = await codes.PlacesAsync(db, await map.CurrentAsync(CancellationToken.None), owner, now);
        List<BufferChange> found = [];
        HashSet<string> scopes = [];
        for (var i = 0; i < changes.Count; i++)
        {
            var change = changes[i] with { Item = items[i]?.Id, Sku = null };
            check.That((changes[i].Item is null && changes[i].Sku is null) || items[i] is not null, $"{at}/{i}/{(changes[i].Item is null ? "sku" : "item")}", "There is no such item of yours.")
                .That(change.Location is not { } location || places.Contains(location), $"{at}/{i}/location", "There is no such location where you may hold stock.")
                .That(items[i] is null && (changes[i].Item ?? (object?)changes[i].Sku) is not null || scopes.Add(change.Scope), $"{at}/{i}", "Another rule of the list is for the same goods and places.");
            found.Add(change);
        }

        return found;
    }

    /// <summary>Puts the changes, and says what stood in their places.</summary>
    public async Task<IReadOnlyList<BufferChange>> PutAsync(Tx tx, PartnerId owner, IReadOnlyList<BufferChange> changes)
    {
        List<BufferChange> replaced = [];
        foreach (var change in changes)
        {
            var before = await SafetyStore.OfScopeAsync(tx, owner, change.Cells);
            replaced.Add(BufferChange.Of(change.Cells, before));
            if (change is { Units: null, Percent: null })
            {
                if (before is not null)
                    await SafetyStore.RemoveAsync(tx, owner, before.Id);
                continue;
            }

            await SafetyStore.PutAsync(tx, owner, new SafetyRule(SafetyRuleId.New(tx.Now), change.Cells, change.Units ?? 0, change.Percent ?? 0));
        }

        return replaced;
    }

    /// <summary>An owner's cells of some items, each with what it keeps back now and what it would with these changes.</summary>
    public async Task<IReadOnlyList<BufferedCell>> CellsAsync(Db db, PartnerId owner, IReadOnlyCollection<ItemId> items, IReadOnlyList<BufferChange> changes)
    {
        var cells = await SafetyStore.CellsAsync(db, owner, items);
        if (changes.Count == 0)
            return cells.ConvertAll(cell => Of(cell.Key, cell.State, cell.State.Safety));

        var scopes = changes.Select(change => change.Scope).ToHashSet();
        var rules = (await SafetyStore.OfItemsAsync(db, owner, items)).Where(rule => !scopes.Contains(rule.Scope.ToString()))
            .Concat(changes.Where(change => change.Units is not null || change.Percent is not null).Select(change => new SafetyRule(default, change.Cells, change.Units ?? 0, change.Percent ?? 0)))
            .ToList();
        var categories = (await catalog.ByIdAsync(db, owner, [.. items])).ToDictionary(item => item.Id, item => item.Category);
        var network = await map.CurrentAsync(CancellationToken.None);
        return cells.ConvertAll(cell => Of(cell.Key, cell.State, SafetyRule.For(rules, new SafetySubject(cell.Key.Item, categories.GetValueOrDefault(cell.Key.Item, ""), cell.Key.Location, network.Find(cell.Key.Location)?.Kind)) with { FeedUnits = cell.State.Safety.FeedUnits }));
    }

    private static BufferedCell Of(StockKey key, StockCellState state, Safety changed) => new() { Owner = key.Owner, Item = key.Item, Location = key.Location, State = state, Changed = changed };
}
