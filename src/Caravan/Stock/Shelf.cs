namespace Caravan.Stock;

/// <summary>
/// One owner's item, wherever it lies: location by location what may still be reserved. From memory it may be a moment old;
/// whoever plans on it takes what it plans off, so that the next one sees it gone.
/// </summary>
public sealed class Shelf
{
    private readonly LocationId[] locations;
    private readonly int[] sellable;
    private readonly FeedClock?[]? feeds;

    internal Shelf(PartnerId owner, ItemId item, LocationId[] locations, int[] sellable, FeedClock?[]? feeds)
    {
        Owner = owner;
        Item = item;
        this.locations = locations;
        this.sellable = sellable;
        this.feeds = feeds;
    }

    /// <summary>Whose.</summary>
    public PartnerId Owner { get; }

    /// <summary>What.</summary>
    public ItemId Item { get; }

    /// <summary>At how many locations.</summary>
    public int Count => locations.Length;

    /// <summary>Bytes in memory, about.</summary>
    internal long Weight => 200 + (locations.Length * (feeds is null ? 20L : 28L));

    /// <summary>A location that has, or had, some.</summary>
    public LocationId LocationAt(int index) => locations[index];

    /// <summary>What may be reserved there.</summary>
    public int SellableAt(int index) => Math.Max(0, Volatile.Read(ref sellable[index]));

    /// <summary>Whether its feed has been silent longer than it may, so that it is not promised.</summary>
    public bool IsStaleAt(int index, DateTimeOffset now) => feeds?[index] is { } feed && feed.FreshUntil < now.ToUnixTimeMilliseconds();

    /// <summary>The feed that tells of it.</summary>
    internal FeedId? FeedAt(int index) => feeds?[index]?.Feed;

    /// <summary>Adds to what may be reserved at a location, or takes off it.</summary>
    internal void Add(LocationId location, int quantity)
    {
        var index = Array.IndexOf(locations, location);
        if (index >= 0)
            Interlocked.Add(ref sellable[index], quantity);
    }
}

/// <summary>Until when a feed's figures count as true, in milliseconds since 1970; shared by all of its cells.</summary>
internal sealed class FeedClock(FeedId feed)
{
    /// <summary>Which.</summary>
    public FeedId Feed => feed;

    private long freshUntil;

    public long FreshUntil
    {
        get => Volatile.Read(ref freshUntil);
        set => Volatile.Write(ref freshUntil, value);
    }
}
