using Caravan.Partners;

namespace Caravan.Stock.Stops;

/// <summary>
/// Something that must not be sold until the stop is lifted: an item, all of a location, an item there, what a feed tells of, what
/// an agreement or a partner lets be sold. What is ordered already goes on.
/// </summary>
public sealed record StopSell
{
    /// <summary>Who said so: owner, seller or operator.</summary>
    public required PartnerId Company { get; init; }

    /// <summary>Its id.</summary>
    public required StopSellId Id { get; init; }

    /// <summary>An item of the company's.</summary>
    public ItemId? Item { get; init; }

    /// <summary>A location: of an owner, its stock there; of the operator, everybody's.</summary>
    public LocationId? Location { get; init; }

    /// <summary>A feed of the company's.</summary>
    public FeedId? Feed { get; init; }

    /// <summary>An agreement that it granted or was granted.</summary>
    public AgreementId? Agreement { get; init; }

    /// <summary>A partner: nothing of theirs is sold by the company, and nothing of the company's by them.</summary>
    public PartnerId? Partner { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>By whose key or session.</summary>
    public required string MadeBy { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>Who lifted it.</summary>
    public string? LiftedBy { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset? LiftedAt { get; init; }
}

/// <summary>All stops in force, as orders are decided by them: small, and held whole.</summary>
public sealed class StopSells
{
    /// <summary>None.</summary>
    internal static readonly StopSells None = new([]);

    private readonly ILookup<PartnerId, StopSell> goods;
    private readonly ILookup<PartnerId, StopSell> sources;

    internal StopSells(IReadOnlyCollection<StopSell> stops)
    {
        Count = stops.Count;
        goods = stops.Where(stop => stop.Item is not null || stop.Location is not null || stop.Feed is not null).ToLookup(stop => stop.Company);
        sources = stops.Where(stop => stop.Agreement is not null || stop.Partner is not null).ToLookup(stop => stop.Company);
    }

    /// <summary>How many.</summary>
    public int Count { get; }

    /// <summary>The agreements under which goods may still be sold by a seller.</summary>
    public IReadOnlyList<Agreement> Allowed(PartnerId seller, IReadOnlyList<Agreement> grants) =>
        Count == 0 ? grants : [.. grants.Where(grant => !IsStopped(grant, seller, grant.Grantor) && !IsStopped(grant, grant.Grantor, seller))];

    /// <summary>Whether an owner's item at a node must not be sold by a seller, who knows it by an item of its own.</summary>
    public bool IsStopped(PartnerId seller, ItemId sellersItem, PartnerId owner, ItemId item, LocationId location, PartnerId @operator, FeedId? feed)
    {
        if (Count == 0)
            return false;

        foreach (var stop in goods[owner])
        {
            if ((stop.Item is null || stop.Item == item) && (stop.Location is null || stop.Location == location) && (stop.Feed is null || stop.Feed == feed))
                return true;
        }

        foreach (var stop in seller == owner ? [] : goods[seller])
        {
            if (stop.Feed is null && (stop.Item is null || stop.Item == sellersItem) && (stop.Location is null || stop.Location == location))
                return true;
        }

        foreach (var stop in @operator == owner || @operator == seller ? [] : goods[@operator])
        {
            if (stop is { Item: null, Feed: null } && stop.Location == location)
                return true;
        }

        return false;
    }

    private bool IsStopped(Agreement grant, PartnerId by, PartnerId other)
    {
        foreach (var stop in sources[by])
        {
            if (stop.Agreement == grant.Id || stop.Partner == other)
                return true;
        }

        return false;
    }
}
