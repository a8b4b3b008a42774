using Caravan.Fulfilment;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Tests.Fulfilment;

public sealed class PickListTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 3, 4, 0, 0, TimeSpan.Zero);
    private static readonly PartnerId Chain = PartnerId.New(Noon);
    private static readonly PartnerId Neighbour = PartnerId.New(Noon);
    private static readonly ItemId Tea = ItemId.New(Noon);
    private static readonly ItemId NeighboursTea = ItemId.New(Noon);
    private static readonly ItemId Milk = ItemId.New(Noon);
    private static readonly FulfilmentId Id = FulfilmentId.New(Noon);
    private static readonly LocationId Store = LocationId.New(Noon);

    private static readonly Config ManyCases = Config.QuickThrowOnFailure.WithMaxTest(500);

    private abstract record Act
    {
        public sealed record Pick(int Line, int Owner, int Units) : Act;

        public sealed record Scan(string Code, int Units) : Act;

        public sealed record Short(int Line, int Owner, int Units) : Act;

        public sealed record Cancel(int Line, int Owner, int Units) : Act;

        public sealed record Pack : Act;
    }

    private static readonly Gen<Act> AnyAct =
        from kind in Gen.Choose(0, 9)
        from line in Gen.Choose(0, 3)
        from owner in Gen.Choose(0, 2)
        from units in Gen.Choose(0, 4)
        from code in Gen.Elements("tea", "n-tea", "milk", "2900000000018", "12345678", "")
        select kind switch
        {
            0 or 1 or 2 or 3 => (Act)new Act.Pick(line, owner, units),
            4 or 5 => new Act.Scan(code, units),
            6 => new Act.Short(line, owner, units),
            7 => new Act.Cancel(line, owner, units),
            _ => new Act.Pack(),
        };

    [Fact]
    public void Whatever_is_done_the_units_add_up_and_nothing_is_packed_that_is_not_complete() =>
        Check.One(ManyCases, Prop.ForAll(AnyAct.ListOf().ToArbitrary(), acts =>
        {
            var list = NewList();
            foreach (var act in acts)
            {
                var before = list;
                list = Do(list, act);
                foreach (var line in list.Lines)
                {
                    Assert.True(line.Picked >= 0 && line.Short >= 0 && line.Cancelled >= 0, $"{act}: {line}");
                    Assert.True(line.Picked + line.Short + line.Cancelled <= line.Quantity, $"{act}: {line}");
                }

                if (list.Status == PickListStatus.Packed && before.Status != PickListStatus.Packed)
                    Assert.Equal(0, before.Left);
                if (list.Lines.All(line => line.Wanted == 0))
                    Assert.True(list.Status is PickListStatus.Cancelled or PickListStatus.Closed, $"{act}: {list.Status}");
                Assert.Equal(list.Status == PickListStatus.Packed, list.Bags.Any(bag => bag.Status == BagStatus.Packed));
            }
        }));

    [Fact]
    public void Two_owners_stock_of_one_line_is_told_apart_or_taken_together()
    {
        var list = NewList();

        var one = Assert.IsType<PickOutcome.Done>(list.Pick(1, Neighbour, 1));
        var both = Assert.IsType<PickOutcome.Done>(list.Pick(1, null, 5));
        var tooMany = Assert.IsType<PickOutcome.Refused>(list.Pick(1, Neighbour, 3));

        Assert.Equal([new PickMove(1, Neighbour, 1)], one.Moves);
        Assert.Equal([new PickMove(1, Chain, 3), new PickMove(1, Neighbour, 2)], both.Moves);
        Assert.Equal((PickRefusal.TooMany, 2), (tooMany.Why, tooMany.Left));
    }

    [Fact]
    public void Hearing_of_a_reduction_twice_changes_nothing_more()
    {
        var picked = Assert.IsType<PickOutcome.Done>(NewList().Pick(1, Chain, 3)).List;
        var allocations = AllocationsOf(picked);
        allocations[0] = allocations[0].Move(LineStatus.Picked, LineStatus.Cancelled, 2);

        var once = picked.Follow(allocations);
        var twice = once.Follow(allocations);

        Assert.Equal((1, 2, 2), (once.Lines[0].Picked, once.Lines[0].Cancelled, once.Lines[0].PutBack));
        Assert.Equal(once.Lines, twice.Lines);
    }

    private static PickList Do(PickList list, Act act) => act switch
    {
        Act.Pick pick => After(list, list.Pick(pick.Line, OwnerOf(pick.Owner), pick.Units)),
        Act.Scan scan => After(list, list.Scan(scan.Code, scan.Units)),
        Act.Short gone => After(list, list.GoShort(gone.Line, OwnerOf(gone.Owner), gone.Units, ShortReason.NotOnShelf)),
        Act.Cancel cancel => list.Follow(Cancelled(list, cancel)),
        _ => After(list, list.Pack(Noon)),
    };

    private static PickList After(PickList list, PickOutcome outcome) => outcome is PickOutcome.Done done ? done.List : list;

    private static PartnerId? OwnerOf(int owner) => owner switch { 0 => null, 1 => Chain, _ => Neighbour };

    // The order desk cancels what it can, whatever the floor has done meanwhile.
    private static List<Allocation> Cancelled(PickList list, Act.Cancel cancel)
    {
        var after = AllocationsOf(list);
        for (var i = 0; i < after.Count; i++)
        {
            if (after[i].Line != cancel.Line)
                continue;

            var left = Math.Min(cancel.Units, after[i][LineStatus.Released] + after[i][LineStatus.Picked]);
            var fromShelf = Math.Min(left, after[i][LineStatus.Released]);
            after[i] = after[i].Move(LineStatus.Released, LineStatus.Cancelled, fromShelf).Move(LineStatus.Picked, LineStatus.Cancelled, left - fromShelf);
        }

        return after;
    }

    private static List<Allocation> AllocationsOf(PickList list) =>
    [
        .. list.Lines.Select(line => new Allocation
        {
            Fulfilment = Id,
            Line = line.Line,
            Owner = line.Owner,
            Item = line.Item,
            Location = Store,
            Units = [0, line.Left, line.Picked, 0, 0, 0, line.Short, line.Cancelled, 0],
        }),
    ];

    private static PickList NewList() => new()
    {
        Operator = Chain,
        Id = Id,
        Seller = Chain,
        Order = OrderId.New(Noon),
        OrderNumber = "1",
        Location = Store,
        Service = DeliveryService.WithinHour,
        ReadyAt = Noon,
        DueAt = Noon,
        ReleasedAt = Noon,
        Lines =
        [
            new PickLine(1, Chain, Tea, "tea", "02900000000018", "Tea", "", TemperatureClass.Ambient, 3),
            new PickLine(1, Neighbour, NeighboursTea, "n-tea", "02900000000018", "Tea", "", TemperatureClass.Ambient, 2),
            new PickLine(2, Chain, Milk, "milk", null, "Milk", "", TemperatureClass.Chilled, 2),
        ],
        Bags = [new Bag(TemperatureClass.Ambient, null, BagStatus.ToPack), new Bag(TemperatureClass.Chilled, null, BagStatus.ToPack)],
    };
}
