using Caravan.Stock;
using Caravan.Stock.Lots;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Tests.Stock.Lots;

/// <summary>First expired, first out, against a model that knows single packs and sorts them.</summary>
public sealed class LotShelfTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private sealed record Pack(string Code, DateOnly? ExpiresOn, DateTimeOffset ReceivedAt);

    [Fact]
    public void Units_are_taken_as_if_every_pack_were_sorted_by_its_date()
    {
        var lots = from code in Gen.Elements("A", "B", "C", "D", "E", "F")
                   from days in Gen.Elements<int?>(null, -1, 0, 1, 1, 2, 5)
                   from received in Gen.Choose(0, 2)
                   from onHand in Gen.Choose(0, 6)
                   from picked in Gen.Choose(0, 3)
                   from returned in Gen.Choose(0, 2)
                   from isHeld in Gen.Elements(true, false, false, false)
                   select Lot(code, days, received, onHand, Math.Min(picked, onHand), returned, isHeld);
        var cases = from many in lots.ListOf(6) from rest in Gen.Choose(0, 5) from units in Gen.Choose(1, 14) from due in Gen.Choose(0, 2) select (Lots: many.DistinctBy(lot => lot.Code).ToList(), Unnamed: rest, Units: units, Due: due);

        foreach (var (some, rest, units, due) in cases.Sample(6, 3_000))
        {
            var dueAt = Now.AddDays(due);
            var cell = new StockCellState(some.Sum(lot => lot.OnHand) + rest, 0, some.Sum(lot => lot.Held), default, some.Sum(lot => lot.Picked), HasLots: true);
            var packs = some.Where(lot => lot.HoldReason is null && (lot.SellUntil is null || (lot.SellUntil > Now && lot.SellUntil > dueAt)))
                .SelectMany(lot => Enumerable.Repeat(new Pack(lot.Code, lot.ExpiresOn, lot.ReceivedAt), Math.Max(0, lot.OnHand - lot.Picked - Math.Min(lot.Returned, lot.OnHand - lot.Picked))))
                .OrderBy(pack => pack.ExpiresOn is null).ThenBy(pack => pack.ExpiresOn).ThenBy(pack => pack.ReceivedAt).ThenBy(pack => pack.Code, StringComparer.Ordinal)
                .ToList();
            var isHeldBack = some.Exists(lot => lot.OnHand > lot.Picked && (lot.HoldReason is not null || lot.SellUntil <= Now || lot.SellUntil <= dueAt));

            var (taken, refusal) = new LotShelf(cell, some).Pick(units, null, isStrict: false, Now, dueAt);

            var told = $"{units} of {string.Join("; ", some)} and {rest}, due in {due} days";
            if (isHeldBack && units > packs.Count + rest)
                Assert.True(refusal is { Fault: LotFault.NoneGood } && refusal.Left == packs.Count + rest, told);
            else
                Assert.True(refusal is null && taken.SelectMany(one => Enumerable.Repeat(one.Lot.Code, one.Units)).SequenceEqual(packs.Take(units).Select(pack => pack.Code)), told);
        }
    }

    [Fact]
    public void A_lot_in_hand_is_taken_unless_it_is_held_too_old_or_must_wait_its_turn()
    {
        List<StockLot> lots = [Lot("OLD", -1, 0, 5), Lot("NEXT", 2, 0, 3), Lot("LATER", 9, 0, 5), Lot("HELD", 9, 0, 5, isHeld: true)];
        var cell = new StockCellState(18, 0, 5, default, 0, HasLots: true);

        var passed = Pick("LATER", 4, false);
        LotFault?[] faults = [Pick("OLD", 1, false).Refusal?.Fault, Pick("HELD", 1, false).Refusal?.Fault, Pick("NONE", 1, false).Refusal?.Fault, Pick("LATER", 6, false).Refusal?.Fault, Pick("LATER", 1, true).Refusal?.Fault, Pick("NEXT", 1, false, days: 3).Refusal?.Fault];

        // In turn 3 of NEXT and 1 of LATER would have gone.
        Assert.Equal(("LATER", 4, 3), (Assert.Single(passed.Taken).Lot.Code, passed.Taken[0].Units, passed.Taken[0].PassedOver));
        Assert.Equal([LotFault.Expired, LotFault.Held, LotFault.Unknown, LotFault.TooFew, LotFault.NotNext, LotFault.Expired], faults);
        Assert.Null(Pick("NEXT", 3, true).Refusal);
        Assert.Null(Pick("LATER", 1, true, days: 3).Refusal); // The one before it would not last.

        (List<(StockLot Lot, int Units, int PassedOver)> Taken, LotRefusal? Refusal) Pick(string code, int units, bool isStrict, int days = 0) => new LotShelf(cell, lots).Pick(units, code, isStrict, Now, Now.AddDays(days));
    }

    [Theory]
    [InlineData("HBSTK-20/A_b", true)]
    [InlineData("12345678901234567890", true)]
    [InlineData("123456789012345678901", false)]
    [InlineData("", false)]
    [InlineData("A B", false)]
    [InlineData("Ä", false)]
    [InlineData("A#1", false)]
    public void A_code_is_what_a_barcode_may_hold(string code, bool isCode) => Assert.Equal(isCode, LotLine.IsCode(code));

    private static StockLot Lot(string code, int? days, int received, int onHand, int picked = 0, int returned = 0, bool isHeld = false)
    {
        DateOnly? day = days is { } d ? DateOnly.FromDateTime(Now.Date).AddDays(d) : null;
        return new StockLot
        {
            Owner = default,
            Id = LotId.New(Now),
            Item = default,
            Location = default,
            Code = code,
            ReceivedAt = Now.AddMinutes(received),
            ExpiresOn = day,
            SellUntil = day is { } last ? LotBook.SellUntil(last, 0, NodaTime.DateTimeZone.Utc) : null,
            OnHand = onHand,
            Picked = picked,
            Returned = returned,
            HoldReason = isHeld ? LotHold.Quality : null,
        };
    }
}
