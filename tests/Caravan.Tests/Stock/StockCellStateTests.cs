using Caravan.Stock;

namespace Caravan.Tests.Stock;

/// <summary>What each act makes of a cell's numbers, by hand.</summary>
[Trait("Store", "once")]
public sealed class StockCellStateTests
{
    // 10 there, 4 promised (1 of them in a tote), 2 held, 1 kept back.
    private static readonly StockCellState Cell = new(10, 4, 2, new Safety(1, 0, 0), Picked: 1);

    [Fact]
    public void What_may_be_sold_is_what_is_neither_promised_nor_held_nor_kept_back()
    {
        // 10 - 4 - 2 - 1 = 3; the owner may move the one that is kept back, too.
        Assert.Equal((1, 3, 4, 0), (Cell.Buffer, Cell.Sellable, Cell.Free, Cell.Shortfall));
        Assert.Equal((0, 0), (Cell.Count(5).Sellable, Cell.Count(5).Free));
        Assert.Equal((0, 1), (Cell.Count(7).Sellable, Cell.Count(7).Free));
        Assert.Equal(0, (Cell with { Safety = new Safety(9, 0, 0) }).Sellable);
    }

    [Theory]
    [InlineData(6, 0)]
    [InlineData(5, 1)]
    [InlineData(2, 4)]
    [InlineData(1, 4)]
    [InlineData(0, 4)]
    public void What_is_promised_and_not_there_is_short_and_never_more_than_is_promised(int counted, int shortfall) => Assert.Equal(shortfall, Cell.Count(counted).Shortfall);

    [Fact]
    public void Each_act_changes_what_it_says_and_nothing_else()
    {
        Assert.Equal(Cell with { OnHand = 13 }, Cell.Receive(3));
        Assert.Equal(Cell with { Reserved = 7 }, Cell.Reserve(3));
        Assert.Equal(Cell with { Reserved = 1 }, Cell.Release(3));
        Assert.Equal(Cell with { Reserved = 0 }, Cell.Release(4));
        Assert.Equal(Cell with { Picked = 4 }, Cell.Pick(3));
        Assert.Equal(Cell with { Picked = 0 }, Cell.PutBack(1));
        Assert.Equal(Cell with { Picked = 0 }, Cell.PutBack(3));
        Assert.Equal(Cell with { OnHand = 8, Reserved = 2, Picked = 0 }, Cell.Ship(2));
        Assert.Equal(Cell with { OnHand = 8, Reserved = 2 }, Cell.WriteOff(2));
        Assert.Equal(Cell with { OnHand = 9, Reserved = 1 }, Cell.WriteOff(3, gone: 1));
        Assert.Equal(Cell with { OnHand = 7 }, Cell.Transfer(-3));
        Assert.Equal(Cell with { OnHand = 12 }, Cell.Return(2, isRestocked: true));
        Assert.Equal(Cell with { OnHand = 12, Held = 4 }, Cell.Return(2, isRestocked: false));
        Assert.Equal(Cell with { OnHand = 6 }, Cell.Count(6));
        Assert.Equal(Cell with { OnHand = 0 }, Cell.Count(-1));
    }

    [Fact]
    public void What_left_was_there_whatever_the_book_says()
    {
        var counted = Cell.Count(1);

        Assert.Equal((0, 1), (counted.Ship(3).OnHand, counted.Ship(3).Reserved));
        Assert.Equal((0, 1), (counted.WriteOff(3).OnHand, counted.WriteOff(3).Reserved));
    }

    [Fact]
    public void More_than_is_promised_cannot_leave_and_no_number_turns_over()
    {
        Assert.Throws<InvalidOperationException>(() => Cell.Release(5));
        Assert.Throws<InvalidOperationException>(() => Cell.Ship(5));
        Assert.Throws<OverflowException>(() => Cell.Receive(int.MaxValue));
        Assert.Throws<OverflowException>(() => Cell.Reserve(int.MaxValue));
        Assert.Throws<OverflowException>(() => Cell.Pick(int.MaxValue));
        Assert.Throws<OverflowException>(() => Cell.Transfer(int.MaxValue));
        Assert.Throws<OverflowException>(() => Cell.Return(int.MaxValue, isRestocked: true));
        Assert.Throws<OverflowException>(() => (Cell with { OnHand = 0 }).Return(int.MaxValue, isRestocked: false));
    }

    [Fact]
    public void The_ledgers_line_is_the_difference()
    {
        var key = new StockKey(new PartnerId(Guid.NewGuid()), new ItemId(Guid.NewGuid()), new LocationId(Guid.NewGuid()));

        var line = Cell.MovementTo(new StockCellState(7, 6, 1, Picked: 5), key, MovementKind.Adjust, "sheet 7");

        Assert.Equal(new Movement(key.Owner, key.Item, key.Location, MovementKind.Adjust, OnHandDelta: -3, ReservedDelta: 2, HeldDelta: -1, PickedDelta: 4, "sheet 7"), line);
    }

    [Fact]
    public void Cells_are_taken_in_key_order_each_once_and_something_of_it()
    {
        var ids = Enumerable.Range(1, 2).Select(number => new Guid(number, 0, 0, new byte[8])).ToList();
        List<StockTake> sorted = [.. from owner in ids from item in ids from location in ids select new StockTake(new PartnerId(owner), new ItemId(item), new LocationId(location), 1)];

        Assert.Equal(sorted, StockKey.InOrder([.. sorted.AsEnumerable().Reverse()]));
        Assert.Throws<ArgumentException>(() => StockKey.InOrder([sorted[0] with { Quantity = 0 }]));
        Assert.Throws<ArgumentException>(() => StockKey.InOrder([sorted[0], sorted[1], sorted[0]]));
    }
}
