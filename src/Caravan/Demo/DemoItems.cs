using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Family = Caravan.Demo.DemoVocabulary.Family;

namespace Caravan.Demo;

/// <summary>
/// Two thousand articles drawn from the vocabulary, the best seller first. An article has the same GTIN, name and SKUs whatever the
/// seed; the seed says which articles are listed, by whom, at what price, and how well they sell.
/// </summary>
internal static class DemoItems
{
    public const int Count = 2_000;
    public const int SharedCount = 1_500;

    // GS1 gives the prefixes 020-029, 040-049 and 200-299 to no company: they are for restricted circulation, with a meaning only where
    // they were made. Behind the indicator digit 0 ours is 29, so no demo GTIN can ever be a real article's.
    private const string RestrictedPrefix = "029";

    private static readonly ImmutableArray<(DemoTemperatures Temperature, int Count)> Quotas =
    [
        (DemoTemperatures.Ambient, 1_180), (DemoTemperatures.Chilled, 470), (DemoTemperatures.Frozen, 240), (DemoTemperatures.Medicine, 110),
    ];

    private readonly record struct Article(Family Family, int Number, int Variety, int Product, int Size, int PriceFactorPercent);

    public static ImmutableArray<DemoItem> Generate(DemoRandom random)
    {
        var articles = CollectionsMarshal.AsSpan(Articles(random));
        random.Shuffle(articles);
        var chosen = TakeQuotas(articles);
        RankBySales(chosen, random);

        // Who lists what: three quarters both, the rest one of the two, half each.
        var listing = new byte[Count];
        listing.AsSpan(SharedCount, (Count - SharedCount) / 2).Fill(1);
        listing.AsSpan(SharedCount + ((Count - SharedCount) / 2)).Fill(2);
        random.Shuffle<byte>(listing);

        var items = new DemoItem[Count];
        for (var index = 0; index < Count; index++)
        {
            var article = chosen[index];
            items[index] = new(
                Gtin: Gtin(article.Number),
                Name: Name(article),
                article.Family.Category,
                article.Family.Temperature,
                WeightGrams: Size(article).Grams + (Size(article).Grams / 20) + 10,
                PriceMinor: Price(article),
                SilkRoadSku: listing[index] == 2 ? null : $"SR-{100_000 + (article.Number * 7_919 % 899_981)}",
                LanternSku: listing[index] == 1 ? null : $"L{article.Family.Temperature.ToString()[0]}{article.Number + 1:D5}");
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(items);
    }

    /// <summary>Every article the vocabulary can name. A product is dear or cheap in all its sizes.</summary>
    private static List<Article> Articles(DemoRandom random)
    {
        var articles = new List<Article>(capacity: 2_500);
        foreach (var family in DemoVocabulary.Families)
        {
            for (var product = 0; product < family.Products.Length; product++)
            {
                var priceFactorPercent = random.Between(70, 150);
                for (var variety = 0; variety < family.Varieties.Length; variety++)
                {
                    for (var size = 0; size < family.Sizes.Length; size++)
                        articles.Add(new(family, Number: articles.Count, variety, product, size, priceFactorPercent));
                }
            }
        }

        return articles;
    }

    private static Article[] TakeQuotas(ReadOnlySpan<Article> shuffled)
    {
        var chosen = new Article[Count];
        var count = 0;
        foreach (var (temperature, quota) in Quotas)
        {
            var left = quota;
            for (var index = 0; index < shuffled.Length && left > 0; index++)
            {
                if (shuffled[index].Family.Temperature != temperature)
                    continue;
                chosen[count++] = shuffled[index];
                left--;
            }

            Debug.Assert(left == 0, "The vocabulary is too small for its quota.");
        }

        Debug.Assert(count == Count, "The quotas add up to the count.");
        return chosen;
    }

    /// <summary>Luck plus the family's rarity; the article's number breaks ties, so the order is total.</summary>
    private static void RankBySales(Article[] chosen, DemoRandom random)
    {
        var keys = new long[chosen.Length];
        for (var index = 0; index < chosen.Length; index++)
            keys[index] = ((long)(random.Below(1_000_000) + (chosen[index].Family.Rarity * 10_000)) << 16) | (long)chosen[index].Number;
        Array.Sort(keys, chosen);
    }

    private static DemoVocabulary.Size Size(in Article article) => article.Family.Sizes[article.Size];

    private static string Name(in Article article)
    {
        var variety = article.Family.Varieties[article.Variety];
        var product = article.Family.Products[article.Product];
        var first = variety.Length == 0 ? product : variety;
        return variety.Length == 0
            ? $"{char.ToUpperInvariant(first[0])}{first.AsSpan(1)} {Size(article).Label}"
            : $"{char.ToUpperInvariant(first[0])}{first.AsSpan(1)} {product} {Size(article).Label}";
    }

    /// <summary>Larger sizes cost less by weight; a second variety costs a fifth more. Ends in 9 tenths of a yuan from ten yuan on.</summary>
    private static long Price(in Article article)
    {
        var perKilogram = (long)article.Family.PriceMinorPerKilogram * article.PriceFactorPercent / 100;
        var discountPercent = article.Size * 6;
        var surchargePercent = article.Variety > 0 && article.Family.Varieties[0].Length == 0 ? 20 : 0;
        var price = 150 + (perKilogram * Size(article).Grams / 1_000 * (100 - discountPercent) / 100 * (100 + surchargePercent) / 100);
        return price < 1_000 ? price / 10 * 10 : (price / 100 * 100) + 90;
    }

    /// <summary>Indicator digit 0, the prefix, ten digits of our own and the check digit.</summary>
    private static string Gtin(int number)
    {
        Span<char> digits = stackalloc char[14];
        RestrictedPrefix.CopyTo(digits);
        number.TryFormat(digits[3..13], out var written, "D10", provider: null);
        Debug.Assert(written == 10, "Ten digits hold any article's number.");
        digits[13] = (char)('0' + Gs1CheckDigit(digits[..13]));
        return new string(digits);
    }

    /// <summary>GS1 General Specifications, 7.9.1: weights 3 and 1 alternate from the right; the sum is filled up to a multiple of ten.</summary>
    private static int Gs1CheckDigit(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        var weight = 3;
        for (var index = digits.Length - 1; index >= 0; index--)
        {
            sum += (digits[index] - '0') * weight;
            weight = 4 - weight;
        }

        return (10 - (sum % 10)) % 10;
    }
}
