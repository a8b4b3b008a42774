using Caravan.Stock;

namespace Caravan.Tests.Stock;

/// <summary>What is remembered of one item, wherever it lies.</summary>
[Trait("Store", "once")]
public sealed class ShelfTests
{
    private static readonly LocationId[] Places = [new(new Guid(1, 0, 0, new byte[8])), new(new Guid(2, 0, 0, new byte[8]))];

    [Fact]
    public void What_is_planned_is_taken_off_one_place_and_never_shown_below_nothing()
    {
        var shelf = new Shelf(default, default, Places, [5, 7], feeds: null);

        shelf.Add(Places[1], -3);
        shelf.Add(new LocationId(Guid.NewGuid()), -1);
        Assert.Equal((5, 4), (shelf.SellableAt(0), shelf.SellableAt(1)));

        shelf.Add(Places[0], -6);
        Assert.Equal(0, shelf.SellableAt(0));
        shelf.Add(Places[0], 6);
        Assert.Equal(5, shelf.SellableAt(0));
    }

    [Fact]
    public void A_place_is_stale_when_its_feed_has_been_silent_longer_than_it_may_and_not_before()
    {
        var until = DateTimeOffset.FromUnixTimeMilliseconds(1_000);
        var shelf = new Shelf(default, default, Places, [5, 7], [new FeedClock(FeedId.New(DateTimeOffset.UnixEpoch)) { FreshUntil = 1_000 }, null]);

        Assert.False(shelf.IsStaleAt(0, until));
        Assert.True(shelf.IsStaleAt(0, until.AddMilliseconds(1)));
        Assert.False(shelf.IsStaleAt(1, until.AddDays(1)));
        Assert.False(new Shelf(default, default, Places, [5, 7], feeds: null).IsStaleAt(0, until.AddDays(1)));
    }

    [Fact]
    public void A_shelf_weighs_by_its_places_and_more_where_feeds_are()
    {
        // 200 for itself; a place is an id and a number (20), with a feed a reference more (28).
        Assert.Equal(240, new Shelf(default, default, Places, [5, 7], feeds: null).Weight);
        Assert.Equal(256, new Shelf(default, default, Places, [5, 7], [null, null]).Weight);
    }
}
