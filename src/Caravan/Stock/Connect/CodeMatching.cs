using System.Globalization;
using System.Text;
using Caravan.Catalog;
using Caravan.Network;

namespace Caravan.Stock.Connect;

/// <summary>
/// Says what an unknown code may be, from the company's own items and locations: the same but for dashes, case and leading zeros, the
/// same digits, part of one another, a letter apart, or the same name beside it.
/// </summary>
internal sealed class CodeMatching
{
    private const int SuggestionsMax = 4;
    private const int NearWithin = 20_000;
    private readonly List<(string Target, string Plain, string Digits, string Words, HashSet<string> Tokens)> all = [];
    private readonly Dictionary<string, List<int>> byPlain = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<int>> byDigits = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<int>> byToken = new(StringComparer.Ordinal);

    public static CodeMatching OfItems(IEnumerable<Item> items)
    {
        var matching = new CodeMatching();
        foreach (var item in items)
        {
            var at = matching.Add(item.Sku, item.Name, item.Sku);
            if (item.Gtin is { } gtin)
                matching.Know(at, Plain(gtin), Digits(gtin));
        }

        return matching;
    }

    public static CodeMatching OfLocations(IEnumerable<Location> locations)
    {
        var matching = new CodeMatching();
        foreach (var location in locations)
        {
            var at = matching.Add(location.Code, location.Name, location.Code);
            matching.Know(at, Plain(location.Name), "");
        }

        return matching;
    }

    /// <summary>What it may be, the likeliest first.</summary>
    /// <param name="code">The file's code.</param>
    /// <param name="beside">What the file says beside it, such as a name.</param>
    /// <param name="withLikeness">Whether it is also compared with every code sign by sign, which is slow and never sure.</param>
    public IReadOnlyList<CodeSuggestion> Of(string code, string beside, bool withLikeness = true)
    {
        Dictionary<int, (int Percent, string Why)> found = [];
        var (plain, digits) = (Plain(code), Digits(code));
        foreach (var at in byPlain.GetValueOrDefault(plain) ?? [])
            Note(at, 95, "the same but for case, dashes or leading zeros");
        if (digits.Length >= 3)
        {
            foreach (var at in byDigits.GetValueOrDefault(digits) ?? [])
                Note(at, 80, "the same digits");
        }

        ByName(beside);
        ByName(code);
        if (withLikeness && found.Count < SuggestionsMax && all.Count <= NearWithin)
            ByLikeness(plain);
        return [.. found.OrderByDescending(one => one.Value.Percent).ThenBy(one => all[one.Key].Target, StringComparer.Ordinal).Take(SuggestionsMax).Select(one => new CodeSuggestion(all[one.Key].Target, all[one.Key].Words, one.Value.Percent, one.Value.Why))];

        void Note(int at, int percent, string why)
        {
            if (!found.TryGetValue(at, out var before) || before.Percent < percent)
                found[at] = (before.Percent > 0 ? Math.Min(99, percent + 4) : percent, why);
        }

        void ByName(string words)
        {
            var tokens = Tokens(words);
            if (tokens.Count == 0)
                return;

            foreach (var at in tokens.SelectMany(token => byToken.GetValueOrDefault(token) ?? []).GroupBy(at => at).OrderByDescending(group => group.Count()).Take(20).Select(group => group.Key))
            {
                var shared = all[at].Tokens.Count(tokens.Contains);
                var percent = 90 * shared * 2 / (all[at].Tokens.Count + tokens.Count);
                if (percent >= 40)
                    Note(at, percent, percent >= 90 ? "the same name" : string.Create(CultureInfo.InvariantCulture, $"{shared} words of its name"));
            }
        }

        void ByLikeness(string like)
        {
            if (like.Length < 3)
                return;

            for (var at = 0; at < all.Count; at++)
            {
                var other = all[at].Plain;
                if (other.Length >= 3 && (other.Contains(like, StringComparison.Ordinal) || like.Contains(other, StringComparison.Ordinal)))
                    Note(at, 40 + (35 * Math.Min(other.Length, like.Length) / Math.Max(other.Length, like.Length)), "one is part of the other");
                else if (Math.Abs(other.Length - like.Length) <= 1 && like.Length >= 4 && IsOneApart(other, like))
                    Note(at, 55, "one sign apart: look twice");
            }
        }
    }

    public static string Plain(string code)
    {
        var plain = new StringBuilder(code.Length);
        foreach (var c in code.Normalize(NormalizationForm.FormKC))
        {
            if (char.IsLetterOrDigit(c) && (plain.Length > 0 || c != '0'))
                plain.Append(char.ToUpperInvariant(c));
        }

        return plain.ToString();
    }

    private static string Digits(string code) => new string([.. code.Where(char.IsAsciiDigit)]).TrimStart('0');

    private static HashSet<string> Tokens(string words) =>
        [.. words.Split([' ', ',', '.', '-', '_', '/', '(', ')'], StringSplitOptions.RemoveEmptyEntries).Select(word => word.ToUpperInvariant()).Where(word => word.Length > 1 && !word.All(char.IsAsciiDigit))];

    private static bool IsOneApart(string one, string other)
    {
        var (shorter, longer) = one.Length <= other.Length ? (one, other) : (other, one);
        var at = 0;
        while (at < shorter.Length && shorter[at] == longer[at])
            at++;
        return shorter.Length == longer.Length ? shorter.AsSpan(Math.Min(at + 1, shorter.Length)).SequenceEqual(longer.AsSpan(Math.Min(at + 1, longer.Length))) : shorter.AsSpan(at).SequenceEqual(longer.AsSpan(at + 1));
    }

    private int Add(string target, string name, string code)
    {
        var at = all.Count;
        all.Add((target, Plain(code), Digits(code), name, Tokens(name)));
        Know(at, Plain(code), Digits(code));
        foreach (var token in all[at].Tokens)
            Put(byToken, token, at);
        return at;
    }

    private void Know(int at, string plain, string digits)
    {
        Put(byPlain, plain, at);
        if (digits.Length >= 3)
            Put(byDigits, digits, at);
    }

    private static void Put(Dictionary<string, List<int>> where, string key, int at)
    {
        if (key.Length == 0)
            return;
        if (!where.TryGetValue(key, out var list))
            where.Add(key, list = []);
        list.Add(at);
    }
}
