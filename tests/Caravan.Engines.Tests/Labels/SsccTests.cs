using Caravan.Engines.Labels;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Engines.Tests.Labels;

public sealed class SsccTests
{
    private static readonly Config ManyCases = Config.QuickThrowOnFailure.WithMaxTest(2_000);

    private static readonly Arbitrary<(int Extension, string Prefix, long Serial)> Parts =
        (from extension in Gen.Choose(0, 9)
         from length in Gen.Choose(Sscc.PrefixShortest, Sscc.PrefixLongest)
         from digits in Gen.Choose(0, 9).ListOf(length)
         from high in Gen.Choose(0, int.MaxValue)
         from low in Gen.Choose(0, int.MaxValue)
         select (extension, string.Concat(digits), (((long)high << 31) | (uint)low) % (Sscc.SerialMax(length) + 1))).ToArbitrary();

    [Theory]
    // GS1 General Specifications, section 7.9.1: 3·3+7+6·3+1+0·3+4+2·3+5+0·3+0+2·3+1+2·3+3+4·3+5+6·3 = 101, so 9 completes 110.
    [InlineData(3, "7610425", 2123456L, "376104250021234569")]
    // GS1 US, an SSCC on a pallet: 1·3+0+6·3+1+4·3+1+4·3+1+2·3+3+4·3+5+6·3+7+8·3+9+0·3 = 132, so 8 completes 140.
    [InlineData(1, "0614141", 234567890L, "106141412345678908")]
    // The shortest and the longest prefix: 0+1+0+1 … : (0+9+0+…)·3: 0·3+1+2·3+3+4·3+0·12 places+1·3 = 25, so 5; 9·3+9+…+9: nine digits weigh 3, eight 1: 9·35 = 315, so 5.
    [InlineData(0, "1234", 1L, "012340000000000015")]
    [InlineData(9, "999999999999", 9999L, "999999999999999995")]
    public void It_is_made_of_its_parts(int extension, string prefix, long serial, string expected)
    {
        var made = Sscc.Of(extension, prefix, serial);

        Assert.Equal(expected, made.ToString());
        Assert.True(Sscc.TryParse(expected, out var read));
        Assert.Equal(made, read);
    }

    [Fact]
    public void Each_wrong_digit_and_each_swap_that_the_sum_can_tell_is_caught() => Check.One(ManyCases, Prop.ForAll(Parts, it =>
    {
        var good = Sscc.Of(it.Extension, it.Prefix, it.Serial).ToString();
        for (var at = 0; at < good.Length; at++)
        {
            for (var digit = '0'; digit <= '9'; digit++)
                Assert.Equal(digit == good[at], Sscc.TryParse($"{good[..at]}{digit}{good[(at + 1)..]}", out _));

            if (at == 0)
                continue;

            // Neighbours weigh 3 and 1: a swap moves the sum by twice their difference, which tens do not show when they differ by five.
            var swapped = $"{good[..(at - 1)]}{good[at]}{good[at - 1]}{good[(at + 1)..]}";
            Assert.Equal(Math.Abs(good[at] - good[at - 1]) is 0 or 5, Sscc.TryParse(swapped, out _));
        }
    }));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("37610425002123456")]
    [InlineData("0376104250021234569")]
    [InlineData("37610425002123456٩")]
    [InlineData("3761O4250021234569")]
    public void What_is_not_eighteen_digits_is_none(string? text) => Assert.False(Sscc.TryParse(text, out _));

    [Theory]
    [InlineData(-1, "7610425", 0)]
    [InlineData(10, "7610425", 0)]
    [InlineData(3, "761", 0)]
    [InlineData(3, "7610425000000", 0)]
    [InlineData(3, "76104x5", 0)]
    [InlineData(3, "7610425", -1)]
    [InlineData(3, "7610425", 1_000_000_000)]
    [InlineData(3, "999999999999", 10_000)]
    public void Parts_that_make_none_are_turned_away(int extension, string prefix, long serial) => Assert.ThrowsAny<ArgumentException>(() => Sscc.Of(extension, prefix, serial));

    [Fact]
    public void The_default_says_nothing() => Assert.Equal("", default(Sscc).ToString());
}
