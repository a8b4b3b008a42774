using System.Globalization;
using Caravan.Catalog;

namespace Caravan.Stock.Connect;

/// <summary>A column of a file: its name, and what stands in it.</summary>
internal sealed class ColumnTraits
{
    private readonly int count;
    private readonly int skus;
    private readonly int gtinsKnown;
    private readonly int gtins;
    private readonly int spoiled;
    private readonly int places;
    private readonly int numbers;
    private readonly int whole;

    public ColumnTraits(string header, IReadOnlyList<string> values, KnownWords known)
    {
        Header = header;
        count = values.Count;
        foreach (var value in values)
        {
            skus += known.Skus.Contains(value) ? 1 : 0;
            if (Gtin.TryParse(value, out var gtin))
            {
                gtins++;
                gtinsKnown += known.Gtins.Contains(gtin.Digits) ? 1 : 0;
            }

            spoiled += FeedCheck.IsSpoiledBySpreadsheet(value) ? 1 : 0;
            places += known.LocationCodes.Contains(value) || known.LocationNames.Contains(value) ? 1 : 0;
            var isNumber = value.All(c => char.IsAsciiDigit(c) || c is '.' or ',' or '-' or ' ' or '\'' or '\u00A0') && value.Any(char.IsAsciiDigit);
            numbers += isNumber ? 1 : 0;
            whole += isNumber && value.Length <= 9 ? 1 : 0;
        }
    }

    public string Header { get; }

    public (int Percent, string Why) AsItem()
    {
        if (count == 0)
            return (0, "");

        var known = Math.Max(skus, gtinsKnown);
        if (known * 10 >= count)
            return (Math.Min(99, 65 + (35 * known / count)), $"{known} of {Of} are {(skus >= gtinsKnown ? "SKUs" : "GTINs")} of your catalogue.");

        var byName = FeedWords.IsNoItem(Header) ? 0 : FeedWords.Percent(Header, FeedWords.Item);
        if (gtins * 2 > count)
            return (Math.Max(byName, 70) + (byName > 0 ? 10 : 0), $"{gtins} of {Of} are barcodes with a right check digit{(byName > 0 ? ", and its name says so" : "")}.");
        if (spoiled > 0)
            return (Math.Max(byName, 55), $"{spoiled} of {Of} are barcodes that a spreadsheet has spoiled (4.00638E+12): export them as text.");
        return (places * 2 > count ? 0 : byName * 8 / 10, "Its name says so; none of its codes is in your catalogue yet.");
    }

    public (int Percent, string Why) AsLocation()
    {
        var byName = FeedWords.Percent(Header, FeedWords.Location);
        if (count == 0)
            return (0, "");
        if (places > 0)
            return (Math.Min(99, 60 + (40 * places / count)), $"{places} of {Of} are codes or names of your locations.");
        return (FeedWords.Percent(Header, FeedWords.Quantity) >= byName ? byName / 2 : byName * 8 / 10, "Its name says so; none of its codes is one of yours yet.");
    }

    public (int Percent, string Why) AsQuantity()
    {
        if (count == 0 || whole * 2 < count || FeedWords.IsNoQuantity(Header))
            return (0, "");

        var byName = FeedWords.Percent(Header, FeedWords.Quantity);
        var share = whole * 100 / count;
        return byName > 0 ? (Math.Min(99, byName + (share / 8)), $"Its name says so, and {share} % of it are numbers.")
            : gtins * 2 > count ? (0, "")
            : (35 * share / 100, "It holds numbers, and no other column does better.");
    }

    private string Of => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "value" : "values")} looked at");
}
