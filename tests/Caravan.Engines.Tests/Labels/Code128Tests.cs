using Caravan.Engines.Labels;
using FsCheck;
using FsCheck.Fluent;

namespace Caravan.Engines.Tests.Labels;

public sealed class Code128Tests
{
    private static readonly Config ManyCases = Config.QuickThrowOnFailure.WithMaxTest(3_000);

    // Mostly digits, so that the sets change often.
    private static readonly Arbitrary<string> Texts =
        (from length in Gen.Choose(1, Code128.LongestText)
         from letters in Gen.Elements("000112233445566778899AZ>^~_ \u001d\u001d".ToCharArray()).ListOf(length)
         select string.Concat(letters)).ToArbitrary();

    [Fact]
    public void An_SSCC_is_all_in_set_C()
    {
        var code = Code128.Gs1("00376104250021234569");

        // 105 + 1·102 + 2·0 + 3·37 + 4·61 + 5·4 + 6·25 + 7·0 + 8·21 + 9·23 + 10·45 + 11·69 = 2316 = 22·103 + 50.
        Assert.Equal([105, 102, 0, 37, 61, 4, 25, 0, 21, 23, 45, 69, 50, 106], code.Values);
        Assert.Equal(156, code.Modules); // 13 characters of 11 modules and a stop of 13.
        Assert.Equal(156, code.Widths.Sum());
        Assert.Equal(">;>800376104250021234569", code.ToZpl());
    }

    [Fact]
    public void Sets_change_where_it_pays()
    {
        // Start B, FNC1, then "400" in B, "PO-", Code C, 12 34 56: one change for six digits.
        var code = Code128.Gs1("400PO-123456");

        Assert.Equal([104, 102, 20, 16, 16, 48, 47, 13, 99, 12, 34, 56], code.Values[..^2]);
        Assert.Equal(">:>8400PO->5123456", code.ToZpl());
        Assert.Equal(">:>8400A>0><>=", Code128.Gs1("400A>^~").ToZpl());
    }

    [Fact]
    public void The_bars_say_the_text_again() => Check.One(ManyCases, Prop.ForAll(Texts, text =>
    {
        var code = Code128.Gs1(text);

        Assert.Equal(text, BarReading.Text(code.Widths));
        Assert.Equal(code.Modules, code.Widths.Sum());
        var values = BarReading.Values(code.ToZpl());
        Assert.Equal(code.Values, [.. values, BarReading.Check(values), 106]);
    }));

    [Fact]
    public void Nothing_shorter_says_the_same() => Check.One(ManyCases, Prop.ForAll(Texts, text =>
    {
        var most = text[..Math.Min(text.Length, 12)];

        Assert.Equal(Shortest(most), Code128.Gs1(most).Values.Length - 4); // Without start, FNC1, check and stop.
    }));

    [Theory]
    [InlineData("")]
    [InlineData("é")]
    [InlineData("a\nb")]
    [InlineData("1234567890123456789012345678901234567890123456789")]
    public void What_it_cannot_say_is_turned_away(string text) => Assert.Throws<ArgumentException>(() => Code128.Gs1(text));

    // Every way to say it, tried.
    private static int Shortest(string text)
    {
        return Math.Min(From(0, true), From(0, false));

        int From(int at, bool isC, bool hasChanged = false)
        {
            if (at == text.Length)
                return 0;

            var best = hasChanged ? 1_000 : 1 + From(at, !isC, hasChanged: true);
            if (text[at] == '\u001d' || !isC)
                return Math.Min(best, 1 + From(at + 1, isC));
            return at + 1 < text.Length && char.IsAsciiDigit(text[at]) && char.IsAsciiDigit(text[at + 1]) ? Math.Min(best, 1 + From(at + 2, isC)) : best;
        }
    }
}
