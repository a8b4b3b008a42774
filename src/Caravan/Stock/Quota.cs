namespace Caravan.Stock;

/// <summary>What a quota does.</summary>
public enum QuotaKind
{
    /// <summary>It keeps units of an item for one channel of their owner's.</summary>
    Channel,

    /// <summary>It limits what a partner may take under an agreement.</summary>
    Agreement,
}

/// <summary>Units of an item kept for a channel, or the most that a partner may take under an agreement.</summary>
public sealed record Quota
{
    /// <summary>Whose stock.</summary>
    public required PartnerId Owner { get; init; }

    /// <summary>Its id.</summary>
    public required QuotaId Id { get; init; }

    /// <summary>What it does.</summary>
    public required QuotaKind Kind { get; init; }

    /// <summary>Of which item; null, under an agreement: of any.</summary>
    public ItemId? Item { get; init; }

    /// <summary>At which location; null: over all of the owner's.</summary>
    public LocationId? Location { get; init; }

    /// <summary>For which channel.</summary>
    public string? Channel { get; init; }

    /// <summary>Under which agreement.</summary>
    public AgreementId? Agreement { get; init; }

    /// <summary>Each item is counted by itself.</summary>
    public bool IsPerItem { get; init; }

    /// <summary>Each day (UTC) is counted by itself.</summary>
    public bool IsPerDay { get; init; }

    /// <summary>How many.</summary>
    public required int Units { get; init; }

    /// <summary>Until when, exclusive; null: without end.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether it holds at an instant.</summary>
    public bool IsInForce(DateTimeOffset at) => Until is null || Until > at;

    /// <summary>Where a unit of an item that is taken at an instant is counted.</summary>
    internal QuotaCount CountOf(ItemId item, DateTimeOffset at) => new(Id, IsPerItem ? item : default, IsPerDay ? DayOf(at) : 0);

    /// <summary>The day of an instant, counted since 1970, UTC.</summary>
    internal static long DayOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / 86_400;
}

/// <summary>What is counted together: units of a quota, in all or of one item, ever or on one day.</summary>
public readonly record struct QuotaCount(QuotaId Quota, ItemId Item, long Day);

/// <summary>Who takes: a channel of a seller's.</summary>
public readonly record struct QuotaBuyer(PartnerId Seller, string? Channel, DateTimeOffset At);

/// <summary>What an order's line takes of a cell, and under which agreements it may, the best first; none is needed for one's own.</summary>
public readonly record struct QuotaTake(int Line, StockTake Take, IReadOnlyList<AgreementId> Agreements);

/// <summary>What a take counts against a quota: of so many units taken, so many.</summary>
public readonly record struct QuotaUse(QuotaCount Count, int Line, StockTake Take, int Units);

/// <summary>
/// Decides what quotas leave, on numbers that are true: quotas, what has been counted against each, and what each cell may sell.
/// A channel's quota keeps what is unsold of it: at its location, or over all locations, others must leave so much. Its own channel
/// uses it up first, a location's before that of all. A quota under an agreement lets no more be taken than it has left. Pure, but
/// that it follows what it is told is taken.
/// </summary>
public sealed class QuotaLedger
{
    private readonly ILookup<(PartnerId Owner, ItemId Item), Quota> channels;
    private readonly ILookup<AgreementId, Quota> agreements;
    private readonly Dictionary<QuotaCount, int> counts;
    private readonly Dictionary<(PartnerId Owner, ItemId Item), Dictionary<LocationId, int>> sellable;

    internal QuotaLedger(IEnumerable<Quota> quotas, IReadOnlyDictionary<QuotaCount, int> counts, IEnumerable<(StockTake Cell, bool IsStale)> cells, DateTimeOffset now)
    {
        var inForce = quotas.Where(quota => quota.IsInForce(now)).ToList();
        channels = inForce.Where(quota => quota is { Kind: QuotaKind.Channel, Item: not null }).ToLookup(quota => (quota.Owner, quota.Item!.Value)); // Filtered just before.
        agreements = inForce.Where(quota => quota is { Kind: QuotaKind.Agreement, Agreement: not null }).ToLookup(quota => quota.Agreement!.Value); // As above.
        this.counts = new(counts);
        sellable = cells.GroupBy(cell => (cell.Cell.Owner, cell.Cell.Item)).ToDictionary(item => item.Key, item => item.ToDictionary(cell => cell.Cell.Location, cell => cell.IsStale ? 0 : cell.Cell.Quantity));
    }

    /// <summary>What others must leave in a cell for channels with a quota there.</summary>
    public int KeptAt(QuotaBuyer buyer, PartnerId owner, ItemId item, LocationId location) =>
        Foreign(buyer, owner, item).Where(quota => quota.Location == location).Sum(quota => Unsold(quota, item, buyer.At));

    /// <summary>What a buyer may take of a cell.</summary>
    public int LeftAt(QuotaBuyer buyer, PartnerId owner, ItemId item, LocationId location) =>
        Math.Max(0, CellsOf(owner, item).GetValueOrDefault(location) - KeptAt(buyer, owner, item, location));

    /// <summary>What a buyer may take of an item from all its locations together.</summary>
    public int LeftOf(QuotaBuyer buyer, PartnerId owner, ItemId item)
    {
        var kept = Foreign(buyer, owner, item).Where(quota => quota.Location is null).Sum(quota => Unsold(quota, item, buyer.At));
        return Math.Max(0, CellsOf(owner, item).Keys.Sum(location => LeftAt(buyer, owner, item, location)) - kept);
    }

    /// <summary>What may still be taken of an item under an agreement.</summary>
    public int LeftUnder(AgreementId agreement, ItemId item, DateTimeOffset at) =>
        QuotasUnder(agreement, item).Select(quota => Unsold(quota, item, at)).DefaultIfEmpty(int.MaxValue).Min();

    /// <summary>What all items together may still be taken of under an agreement.</summary>
    public int LeftTogether(AgreementId agreement, DateTimeOffset at) =>
        agreements[agreement].Where(quota => quota is { IsPerItem: false, Item: null }).Select(quota => Unsold(quota, default, at)).DefaultIfEmpty(int.MaxValue).Min();

    /// <summary>What a cell may sell, quotas aside.</summary>
    public int SellableAt(PartnerId owner, ItemId item, LocationId location) => CellsOf(owner, item).GetValueOrDefault(location);

    /// <summary>What counts against which quota when all of it is taken, whether quotas leave it or not: it was taken before they were asked.</summary>
    public IReadOnlyList<QuotaUse> Count(QuotaBuyer buyer, IReadOnlyList<QuotaTake> takes)
    {
        var uses = new List<QuotaUse>(takes.Count);
        foreach (var take in takes)
            Follow(buyer, take, take.Agreements.Count == 0 ? null : take.Agreements[0], uses);
        return uses;
    }

    /// <summary>Takes all of it, and says what counts against which quota; or nothing, when a quota does not leave it.</summary>
    public IReadOnlyList<QuotaUse>? TryTake(QuotaBuyer buyer, IReadOnlyList<QuotaTake> takes)
    {
        var uses = new List<QuotaUse>(takes.Count);
        var done = new List<QuotaTake>(takes.Count);
        foreach (var take in takes)
        {
            if (Take(buyer, take, uses))
            {
                done.Add(take);
                continue;
            }

            Undo(done, uses);
            return null;
        }

        return uses;
    }

    /// <summary>As if it had never been taken.</summary>
    public void Undo(IReadOnlyList<QuotaTake> takes, IReadOnlyList<QuotaUse> uses)
    {
        foreach (var take in takes)
            CellsOf(take.Take.Owner, take.Take.Item)[take.Take.Location] += take.Take.Quantity;
        foreach (var use in uses)
            counts[use.Count] -= use.Units;
    }

    private bool Take(QuotaBuyer buyer, in QuotaTake take, List<QuotaUse> uses)
    {
        var (owner, item, location, quantity) = take.Take;
        if (quantity > LeftAt(buyer, owner, item, location) || quantity > LeftOf(buyer, owner, item))
            return false;

        var agreement = owner == buyer.Seller ? null : take.Agreements.Where(one => LeftUnder(one, item, buyer.At) >= quantity).Select(one => (AgreementId?)one).FirstOrDefault();
        if (owner != buyer.Seller && agreement is null)
            return false;

        Follow(buyer, take, agreement, uses);
        return true;
    }

    // Writes down what is taken: of the cell, and against its quotas.
    private void Follow(QuotaBuyer buyer, in QuotaTake take, AgreementId? agreement, List<QuotaUse> uses)
    {
        var (owner, item, location, quantity) = take.Take;
        if (owner != buyer.Seller)
        {
            foreach (var quota in agreement is { } one ? QuotasUnder(one, item) : [])
                Use(quota, take, quantity);
        }
        else
        {
            // Those of the location first, then those of all locations; the rest is out of what anybody may have.
            var rest = quantity;
            foreach (var quota in channels[(owner, item)].Where(quota => quota.Channel == buyer.Channel && (quota.Location is null || quota.Location == location)).OrderBy(quota => quota.Location is null).ThenBy(quota => quota.Id))
            {
                var used = Math.Min(rest, Unsold(quota, item, buyer.At));
                if (used > 0)
                    Use(quota, take, used);
                rest -= used;
            }
        }

        var cells = CellsOf(owner, item);
        cells[location] = cells.GetValueOrDefault(location) - quantity;

        void Use(Quota quota, in QuotaTake of, int units)
        {
            var count = quota.CountOf(item, buyer.At);
            counts[count] = counts.GetValueOrDefault(count) + units;
            uses.Add(new QuotaUse(count, of.Line, of.Take, units));
        }
    }

    private IEnumerable<Quota> Foreign(QuotaBuyer buyer, PartnerId owner, ItemId item) =>
        channels[(owner, item)].Where(quota => owner != buyer.Seller || quota.Channel != buyer.Channel);

    private IEnumerable<Quota> QuotasUnder(AgreementId agreement, ItemId item) => agreements[agreement].Where(quota => quota.Item is null || quota.Item == item);

    private int Unsold(Quota quota, ItemId item, DateTimeOffset at) => Math.Max(0, quota.Units - counts.GetValueOrDefault(quota.CountOf(item, at)));

    private Dictionary<LocationId, int> CellsOf(PartnerId owner, ItemId item)
    {
        if (!sellable.TryGetValue((owner, item), out var cells))
            sellable[(owner, item)] = cells = [];
        return cells;
    }
}
