namespace Caravan.Stock;

/// <summary>A cell as it stands, and which feed last spoke of it.</summary>
internal readonly record struct FeedCell(StockCellState State, DateTimeOffset AsOf, FeedId? Feed);

/// <summary>What we ourselves have done to a cell since a document's as-of time.</summary>
/// <param name="OnHand">Units that came less those that left.</param>
/// <param name="Available">The same as a system sees it that leaves out our reservations: reserved goods that left change nothing.</param>
internal readonly record struct MovedSince(long OnHand, long Available);

/// <summary>A line whose codes are known. Line 0 is a cell that a snapshot leaves out.</summary>
internal readonly record struct PlannedLine(int Line, StockKey Key, int Quantity, bool IsChange);

/// <summary>What a document takes away, of what.</summary>
internal readonly record struct BreakerCount(long UnitsBefore, long UnitsWiped, int CellsBefore, int CellsWiped)
{
    public static BreakerCount operator +(BreakerCount one, BreakerCount other) => new(one.UnitsBefore + other.UnitsBefore, one.UnitsWiped + other.UnitsWiped, one.CellsBefore + other.CellsBefore, one.CellsWiped + other.CellsWiped);

    /// <summary>Whether more than a share of what may be sold, or of the cells that hold anything, would be gone; says what.</summary>
    public bool Trips(int percent, out string why)
    {
        why = $"It would take away {UnitsWiped} of {UnitsBefore} sellable units and empty {CellsWiped} of {CellsBefore} cells; the breaker is set to {percent} %.";
        return UnitsWiped * 100 > UnitsBefore * percent || (long)CellsWiped * 100 > (long)CellsBefore * percent;
    }
}

/// <summary>What a line makes of its cell.</summary>
internal sealed record CellWrite(int Line, StockKey Key, StockCellState Before, StockCellState After, bool IsChange);

/// <summary>
/// What a document does to the book, worked out before anything is written. A figure is as of a time T in the past:
/// <list type="bullet">
/// <item>gross (what lies on the shelf): on hand now = figure + what came and left through us after T;</item>
/// <item>net (what may still be sold there): available now = figure − what was reserved here after T + what came in after T,
/// and on hand = available + reserved.</item>
/// </list>
/// An older figure never overwrites a newer one; numbered documents come in order, so theirs always count.
/// </summary>
internal sealed class FeedPlan
{
    private readonly List<CellWrite> writes = [];

    private FeedPlan()
    {
    }

    /// <summary>Each cell that was told of, also those whose number stays; none twice.</summary>
    public IReadOnlyList<CellWrite> Writes => writes;

    public int Changed { get; private set; }

    public int Unchanged { get; private set; }

    /// <summary>Lines that are older than what the cell says already.</summary>
    public int Outdated { get; private set; }

    /// <summary>What it takes away, of what.</summary>
    public BreakerCount Breaker { get; private set; }

    /// <summary>Cells set to zero because the snapshot leaves them out.</summary>
    public int Zeroed { get; private set; }

    /// <summary>Works it out.</summary>
    /// <param name="feed">Whose document, and how its figures are meant.</param>
    /// <param name="asOf">When the figures were true.</param>
    /// <param name="isNumbered">Whether the document's sequence has put it in order already.</param>
    /// <param name="lines">The lines; a cell at most once.</param>
    /// <param name="absent">Cells in a snapshot's scope that no line names.</param>
    /// <param name="cells">The cells as they stand; one that is missing here does not exist.</param>
    /// <param name="moved">What we did to cells after <paramref name="asOf"/>.</param>
    /// <param name="safetyOf">What a rule keeps back in a cell that is not there yet.</param>
    public static FeedPlan Make(
        Feed feed,
        DateTimeOffset asOf,
        bool isNumbered,
        IEnumerable<PlannedLine> lines,
        IEnumerable<StockKey> absent,
        IReadOnlyDictionary<StockKey, FeedCell> cells,
        IReadOnlyDictionary<StockKey, MovedSince> moved,
        Func<StockKey, Safety> safetyOf)
    {
        var plan = new FeedPlan();
        foreach (var line in lines)
            plan.Add(feed, asOf, isNumbered, line, cells, moved, safetyOf);
        foreach (var key in absent)
            plan.Add(feed, asOf, isNumbered, new PlannedLine(0, key, 0, IsChange: false), cells, moved, safetyOf);
        plan.writes.Sort((one, other) => one.Key.CompareTo(other.Key));
        return plan;
    }

    /// <summary>As <see cref="BreakerCount.Trips"/>.</summary>
    public bool Trips(int percent, out string why) => Breaker.Trips(percent, out why);

    private void Add(Feed feed, DateTimeOffset asOf, bool isNumbered, PlannedLine line, IReadOnlyDictionary<StockKey, FeedCell> cells, IReadOnlyDictionary<StockKey, MovedSince> moved, Func<StockKey, Safety> safetyOf)
    {
        var isThere = cells.TryGetValue(line.Key, out var cell);
        var before = isThere ? cell.State : new StockCellState { Safety = safetyOf(line.Key) };

        // A figure may be told again; a change may not, since it would count twice. A cell that the feed has not told of was
        // left out of its newest snapshot of everything.
        var toldAt = cell.Feed is not null ? cell.AsOf : feed.WholeAsOf;
        if (!isNumbered && (line.IsChange ? asOf <= toldAt : asOf < toldAt))
        {
            Outdated += line.Line > 0 ? 1 : 0;
            return;
        }

        var after = before.Count(OnHandOf(feed, line, before, moved.GetValueOrDefault(line.Key)));
        after = after with { Safety = after.Safety with { FeedUnits = feed.Buffer } };
        writes.Add(new CellWrite(line.Line, line.Key, before, after, line.IsChange));
        if (line.Line == 0)
            Zeroed += after.OnHand != before.OnHand ? 1 : 0;
        else if (after.OnHand != before.OnHand || !isThere)
            Changed++;
        else
            Unchanged++;

        Breaker += new BreakerCount(
            before.Sellable,
            Math.Max(0, before.Sellable - after.Sellable),
            before.OnHand > 0 ? 1 : 0,
            before.OnHand > 0 && after.OnHand == 0 ? 1 : 0);
    }

    private static int OnHandOf(Feed feed, PlannedLine line, StockCellState before, MovedSince since)
    {
        var onHand = line.IsChange ? before.OnHand + (long)line.Quantity
            : feed.IsNetOfOrders ? line.Quantity + since.Available + before.Reserved
            : line.Quantity + since.OnHand;
        return (int)Math.Clamp(onHand, 0, StockCellState.OnHandMax);
    }
}
