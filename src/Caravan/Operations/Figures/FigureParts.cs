using Caravan.Orders;
using Caravan.Partners;
using Caravan.Stock;

namespace Caravan.Operations.Figures;

/// <summary>How far back a page of figures looks.</summary>
public enum FigurePeriod
{
    /// <summary>Hour by hour.</summary>
    Today,

    /// <summary>The last seven days.</summary>
    Week,

    /// <summary>The last thirty.</summary>
    Month,

    /// <summary>The last ninety.</summary>
    Quarter,
}

/// <summary>What the page of figures shows.</summary>
/// <param name="Company">Whose.</param>
/// <param name="Period">How far back.</param>
/// <param name="Answer">The orders' figures.</param>
/// <param name="Nodes">What each node gave.</param>
/// <param name="Feeds">How old each feed is.</param>
/// <param name="LateNow">Orders still on their way whose time is past: they count when they arrive.</param>
/// <param name="Regions">The regions to choose from, by code and name.</param>
/// <param name="Choices">The nodes to choose from.</param>
/// <param name="Now">When it was read.</param>
public sealed record FiguresShown(Partner Company, FigurePeriod Period, FigureAnswer Answer, IReadOnlyList<NodeFigure> Nodes, IReadOnlyList<FeedHealth> Feeds, int LateNow, IReadOnlyList<(string Code, string Name)> Regions, IReadOnlyList<(LocationId Id, string Name)> Choices, DateTimeOffset Now)
{
    /// <summary>The page's own address with another period.</summary>
    public string Url(FigurePeriod period, string path = "/operations/figures", string? table = null)
    {
        var parts = new List<string> { $"period={period.ToString().ToLowerInvariant()}" };
        if (Answer.Question.Region is { } region)
            parts.Add($"region={Uri.EscapeDataString(region)}");
        if (Answer.Question.Location is { } location)
            parts.Add($"node={location}");
        if (table is not null)
            parts.Add($"table={table}");
        return $"{path}?{string.Join('&', parts)}";
    }

    /// <summary>The states that orders go through, put together as a plot can show them, from the bottom up.</summary>
    public static IReadOnlyList<(string Name, LineStatus[] States)> StateGroups { get; } =
    [
        ("Delivered", [LineStatus.Delivered]),
        ("On the road", [LineStatus.Shipped]),
        ("Picked and packed", [LineStatus.Picked, LineStatus.Packed]),
        ("At the node", [LineStatus.Reserved, LineStatus.Released]),
        ("Waiting for supply", [LineStatus.BackOrdered]),
        ("Called off, short or back", [LineStatus.Cancelled, LineStatus.Short, LineStatus.Returned]),
    ];

    /// <summary>Orders by state.</summary>
    public PlotData StatesPlot => new("stacked", "", Labels, [.. StateGroups.Select(group => new PlotSeries(group.Name, [.. Answer.Points.Select(point => (double?)point.Counts.In(group.States))]))]);

    /// <summary>Promise kept and split rate.</summary>
    public PlotData QualityPlot => new("lines", "%", Labels,
    [
        new PlotSeries("Promise kept", [.. Answer.Points.Select(point => Rounded(point.Counts.KeptPercent))]),
        new PlotSeries("From more than one node", [.. Answer.Points.Select(point => Rounded(point.Counts.SplitPercent))]),
    ]);

    /// <summary>How far parts go.</summary>
    public PlotData DistancePlot => new("lines", "km", Labels, Answer.Points is [{ Hour: not null }, ..]
        ? [new PlotSeries("Mean", [.. Answer.Points.Select(point => Rounded(point.Counts.MeanKilometres))])]
        : [new PlotSeries("Mean", [.. Answer.Points.Select(point => Rounded(point.Counts.MeanKilometres))]), new PlotSeries("Nine of ten at most", [.. Answer.Points.Select(point => point.P90Kilometres)])]);

    private IReadOnlyList<string> Labels => [.. Answer.Points.Select(point => point.Label)];

    private static double? Rounded(double? number) => number is { } there ? Math.Round(there, 1) : null;
}
