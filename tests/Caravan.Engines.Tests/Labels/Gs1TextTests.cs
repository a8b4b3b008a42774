using Caravan.Engines.Labels;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Engines.Tests.Labels;

public sealed class Gs1TextTests
{
    private static readonly Config ManyCases = Config.QuickThrowOnFailure.WithMaxTest(2_000);
    private const string Letters = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

    private static Gen<string> Text(string letters, int shortest, int longest) =>
        from length in Gen.Choose(shortest, longest)
        from chosen in Gen.Elements(letters.ToCharArray()).ListOf(length)
        select string.Concat(chosen);

    private static Gen<string> Digits(int shortest, int longest) => Text("0123456789", shortest, longest);

    internal static readonly Gen<Gs1Element> Elements = Gen.OneOf(
        from body in Digits(17, 17) select new Gs1Element("00", body + Sscc.CheckDigit(body)),
        from body in Digits(13, 13) select new Gs1Element("01", body + Sscc.CheckDigit(body)),
        from lot in Text(Letters, 1, 20) select new Gs1Element("10", lot),
        from year in Gen.Choose(0, 99) from month in Gen.Choose(1, 12) from day in Gen.Choose(0, 28) select new Gs1Element("17", $"{year:00}{month:00}{day:00}"),
        from count in Digits(1, 8) select new Gs1Element("37", count),
        from number in Text(Letters, 1, 30) select new Gs1Element("400", number),
        from post in Text(Letters, 1, 20) select new Gs1Element("420", post),
        from country in Digits(3, 3) from post in Text(Letters, 1, 9) select new Gs1Element("421", country + post));

    [Fact]
    public void What_is_written_is_read_again() => Check.One(ManyCases, Prop.ForAll(Elements.NonEmptyListOf().ToArbitrary(), elements =>
    {
        Assert.True(Gs1Text.TryRead(Gs1Text.Write([.. elements]), out var read));
        Assert.Equal(elements, read);
    }));

    [Fact]
    public void Separators_stand_only_where_the_length_is_not_fixed()
    {
        var text = Gs1Text.Write(new("01", "09521234543213"), new("10", "ABC"), new("17", "270131"), new("400", "PO-7"));

        Assert.Equal("010952123454321310ABC\u001d17270131400PO-7", text);
        Assert.Equal("(01)09521234543213(10)ABC", Gs1Text.Readable(new("01", "09521234543213"), new("10", "ABC")));
    }

    [Theory]
    [InlineData("00", "376104250021234568")] // Its check digit is 9.
    [InlineData("01", "0952123454321")]
    [InlineData("10", "")]
    [InlineData("10", "123456789012345678901")]
    [InlineData("10", "a b")] // No space among the 82 signs.
    [InlineData("10", "é")]
    [InlineData("17", "271301")]
    [InlineData("17", "270230")]
    [InlineData("37", "123456789")]
    [InlineData("400", "PO#7")]
    [InlineData("421", "15")]
    [InlineData("421", "A2612345")]
    [InlineData("99", "1")]
    public void What_the_standard_does_not_allow_is_turned_away(string identifier, string value)
    {
        var element = new Gs1Element(identifier, value);

        Assert.False(Gs1Text.IsAllowed(element));
        Assert.Throws<ArgumentException>(() => Gs1Text.Write(element));
        Assert.False(Gs1Text.TryRead(identifier + value, out _));
    }

    [Fact]
    public void A_day_may_be_left_open_and_a_leap_day_be_meant()
    {
        Assert.True(Gs1Text.IsAllowed(new("17", "270200")));
        Assert.True(Gs1Text.IsAllowed(new("17", "280229")));
        Assert.False(Gs1Text.IsAllowed(new("17", "270229")));
    }

    [Fact]
    public void Any_text_is_read_or_not_without_a_fault() =>
        Check.One(ManyCases, Prop.ForAll(Text("0123456789AB\u001d", 0, 40).ToArbitrary(), text => Gs1Text.TryRead(text, out var read) == (read is not null)));
}
