using System.Globalization;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Operations.Figures;

/// <summary>A day, or an hour of one.</summary>
/// <param name="Day">As its company counts days: 2026-11-30.</param>
/// <param name="Hour">From 0; null for the whole day.</param>
/// <param name="Counts">Its orders.</param>
/// <param name="Amounts">What their units cost, by currency.</param>
/// <param name="P90Kilometres">Nine of ten parts go no further, rounded up to two figures; of whole days.</param>
public sealed record FigurePoint(string Day, int? Hour, FigureCounts Counts, IReadOnlyList<Platform.Money> Amounts, double? P90Kilometres)
{
    /// <summary>For people: 30 Nov, or 14:00.</summary>
    public string Label => Hour is { } hour ? $"{hour:00}:00" : DateOnly.ParseExact(Day, "O", CultureInfo.InvariantCulture).ToString("d MMM", CultureInfo.InvariantCulture);
}

/// <summary>What a node gave, and how often its stock turned over.</summary>
/// <param name="Location">The node.</param>
/// <param name="Name">Its name.</param>
/// <param name="Code">Its operator's code for it.</param>
/// <param name="Counts">The orders that it gave to.</param>
/// <param name="Amounts">What its units cost, by currency.</param>
/// <param name="UnitsOut">Units of the company's own stock there that left for anybody's orders.</param>
/// <param name="OnHand">What of its own stock lay there, on the average of the days.</param>
public sealed record NodeFigure(LocationId Location, string Name, string Code, FigureCounts Counts, IReadOnlyList<Platform.Money> Amounts, long UnitsOut, double? OnHand)
{
    /// <summary>How often the stock turned over; null where nothing lay there, or nobody looked yet.</summary>
    public double? Turnover => OnHand is > 0 ? UnitsOut / OnHand : null;
}

/// <summary>Which orders figures are asked of.</summary>
/// <param name="From">The first day.</param>
/// <param name="To">The last day.</param>
/// <param name="Region">Only those with a part from it.</param>
/// <param name="Location">Only those with a part from it.</param>
public sealed record FigureQuestion(DateOnly From, DateOnly To, string? Region, LocationId? Location)
{
    internal string Scope => Location?.ToString() ?? (Region is null ? CountedOrder.Everything : CountedOrder.RegionScope(Region));
}

/// <summary>Figures of some days.</summary>
/// <param name="Question">What was asked.</param>
/// <param name="Points">Each day or hour, also those without orders.</param>
/// <param name="Total">All of them.</param>
public sealed record FigureAnswer(FigureQuestion Question, IReadOnlyList<FigurePoint> Points, FigurePoint Total);

/// <summary>Reads the boards' sums. What it reads grows with the days asked for, not with the orders.</summary>
internal sealed class FigureReader(StockBook stock, NetworkMap map, TimeProvider clock)
{
    /// <summary>The longest stretch that can be asked for.</summary>
    public const int DaysMax = 400;

    /// <summary>The day that it is for a company.</summary>
    public async Task<DateOnly> TodayAsync(PartnerId company, CancellationToken cancel) =>
        DateOnly.ParseExact(CountedOrder.DayOf(clock.GetUtcNow(), FigureCounter.ZoneOf(await map.CurrentAsync(cancel), company)), "O", CultureInfo.InvariantCulture);

    /// <summary>Day by day; or the hours of a single day, which only the company as a whole has.</summary>
    public static async Task<FigureAnswer> AnswerAsync(Db db, PartnerId company, FigureQuestion question)
    {
        var (from, to) = (Written(question.From), Written(question.To));
        var byHour = question.From == question.To && question.Scope.Length == 0;
        var counts = (await FigureStore.CountsAsync(db, company, question.Scope, from, to, byHour)).ToLookup(row => (row.Day, row.Hour));
        var distances = await FigureStore.DistancesAsync(db, company, question.Scope, from, to);
        var ofDay = distances.ToLookup(row => row.Day);
        List<FigurePoint> points = [];
        for (var day = question.From; day <= question.To; day = day.AddDays(1))
        {
            for (var hour = 0; hour < (byHour ? 24 : 1); hour++)
            {
                var rows = counts[(Written(day), byHour ? hour : CountedOrder.WholeDay)];
                points.Add(PointOf(Written(day), byHour ? hour : null, rows, byHour ? [] : ofDay[Written(day)]));
            }
        }

        return new FigureAnswer(question, points, PointOf(to, null, counts.SelectMany(group => group), distances));
    }

    /// <summary>What each node gave, those that gave most first. In it are those that a company sold from, and those where its own stock went.</summary>
    public async Task<IReadOnlyList<NodeFigure>> NodesAsync(Db db, PartnerId company, FigureQuestion question, CancellationToken cancel)
    {
        var (from, to) = (Written(question.From), Written(question.To));
        var network = await map.CurrentAsync(cancel);
        var counts = (await FigureStore.OfNodesAsync(db, company, from, to)).ToLookup(row => LocationId.Parse(row.Scope, null));
        var own = (await FigureStore.StockAsync(db, company, from, to)).ToDictionary(row => row.Location);
        return
        [
            .. counts.Select(group => group.Key).Union(own.Keys)
                .Select(id => (Id: id, Node: network.Find(id)))
                .Where(one => (question.Location is null || one.Id == question.Location) && (question.Region is null || one.Node?.Region == question.Region))
                .Select(one => new NodeFigure(one.Id, one.Node?.Name ?? one.Id.ToString(), one.Node?.Code ?? "", Sum(counts[one.Id]), AmountsOf(counts[one.Id]), own.GetValueOrDefault(one.Id)?.UnitsOut ?? 0, own.GetValueOrDefault(one.Id)?.OnHand))
                .OrderByDescending(node => node.Counts.Units).ThenByDescending(node => node.UnitsOut).ThenBy(node => node.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>How old each feed is.</summary>
    public Task<IReadOnlyList<FeedHealth>> FeedsAsync(Db db, PartnerId company) => stock.FeedsAsync(db, company, clock.GetUtcNow());

    private static FigurePoint PointOf(string day, int? hour, IEnumerable<FigureStore.CountRow> rows, IEnumerable<FigureStore.DistanceRow> distances)
    {
        var list = rows.ToList();
        return new FigurePoint(day, hour, Sum(list), AmountsOf(list), NinthTenth(distances));
    }

    private static FigureCounts Sum(IEnumerable<FigureStore.CountRow> rows) => rows.Aggregate(new FigureCounts(), (sum, row) => sum.Plus(row.ToCounts()));

    private static IReadOnlyList<Platform.Money> AmountsOf(IEnumerable<FigureStore.CountRow> rows) =>
        [.. rows.GroupBy(row => row.Currency).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => new Platform.Money(group.Sum(row => row.Amount), group.Key)).Where(money => money.Amount != 0)];

    // The distance that nine of ten parts do not exceed.
    private static double? NinthTenth(IEnumerable<FigureStore.DistanceRow> rows)
    {
        var sorted = rows.OrderBy(row => row.Metres).ToList();
        var wanted = Math.Ceiling(sorted.Sum(row => row.Parts) * 0.9);
        var seen = 0L;
        foreach (var row in sorted)
        {
            if ((seen += row.Parts) >= wanted)
                return row.Metres / 1000.0;
        }

        return null;
    }

    private static string Written(DateOnly day) => day.ToString("O", CultureInfo.InvariantCulture);
}
