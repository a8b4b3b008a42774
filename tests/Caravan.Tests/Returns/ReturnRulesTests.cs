using Caravan.Returns;
using FsCheck;
using FsCheck.Fluent;
using static Caravan.Returns.ReturnRules;

namespace Caravan.Tests.Returns;

[Trait("Store", "once")]
public sealed class ReturnRulesTests
{
    [Fact]
    public void What_needs_a_release_is_never_sold_again_by_itself_and_what_is_broken_never_at_all()
    {
        var free = new List<(ReturnGrade, ReturnReason, bool)>();
        foreach (var grade in Enum.GetValues<ReturnGrade>())
        {
            foreach (var reason in Enum.GetValues<ReturnReason>())
            {
                foreach (var needsRelease in new[] { true, false })
                {
                    var may = RestockingOf(grade, reason, needsRelease);
                    if (may == Restocking.Free)
                        free.Add((grade, reason, needsRelease));
                    if (grade is ReturnGrade.Damaged or ReturnGrade.Spoiled or ReturnGrade.WrongItem || reason == ReturnReason.Recalled)
                        Assert.Equal(Restocking.Never, may);
                }
            }
        }

        Assert.All(free, one => Assert.Equal((ReturnGrade.New, false), (one.Item1, one.Item3)));
        Assert.Equal(Enum.GetValues<ReturnReason>().Length - 1, free.Count); // All but recalled.
        Assert.Equal(Restocking.OnRelease, RestockingOf(ReturnGrade.New, ReturnReason.NotWanted, needsRelease: true));
        Assert.Equal(Restocking.OnRelease, RestockingOf(ReturnGrade.Opened, ReturnReason.NotWanted, needsRelease: false));
        Assert.Equal(Restocking.Never, RestockingOf(ReturnGrade.Opened, ReturnReason.NotWanted, needsRelease: true));
    }

    [Fact]
    public void However_units_are_graded_apart_no_more_is_paid_back_than_was_paid()
    {
        var graded = from price in Gen.Choose(0, 1_000_000) from units in Gen.Choose(1, 9).ListOf(6) from percent in Gen.Choose(0, 100) select (Price: (long)price, Units: units, Percent: percent);

        foreach (var (price, units, percent) in graded.Sample(500, 50).Append((long.MaxValue / 1_000, [1, 999], 100)))
        {
            var apart = units.Sum(some => Refund(price, some, percent));
            var paid = price * units.Sum();
            Assert.True(apart <= paid, $"{apart} of {paid}");
            Assert.Equal(percent == 100 ? paid : apart, apart);
            Assert.True(apart >= ((Int128)paid * percent / 100) - units.Count, $"{apart} of {paid} × {percent} %"); // Each is rounded down by less than one.
        }

        // 33 % of 3 × 999: 989.01.
        Assert.Equal(989, Refund(999, 3, 33));
    }

    [Fact]
    public void A_code_is_read_however_it_is_typed()
    {
        var code = ReturnCode.Of(ReturnId.New(DateTimeOffset.UnixEpoch));

        Assert.Matches("^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$", code);
        Assert.Equal(code, ReturnCode.Read(code));
        Assert.Equal(code, ReturnCode.Read($" {code.ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal)} "));
        Assert.Equal(code, ReturnCode.Read(code.Replace('0', 'o').Replace('1', 'l')));
        Assert.Null(ReturnCode.Read("12345"));
        Assert.Equal(1_000, Enumerable.Range(0, 1_000).Select(_ => ReturnCode.Of(ReturnId.New(DateTimeOffset.UnixEpoch))).Distinct().Count());
    }
}
