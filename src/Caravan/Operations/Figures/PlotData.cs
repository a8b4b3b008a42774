using System.Text.Json;

namespace Caravan.Operations.Figures;

/// <summary>What a plot draws. Written as JSON into the attribute <c>data-plot</c>; the same numbers stand in a table beside it.</summary>
/// <param name="Kind"><c>stacked</c> bars, or <c>lines</c>.</param>
/// <param name="Unit">Behind each number: %, km, or nothing.</param>
/// <param name="Labels">Under each place, from left to right.</param>
/// <param name="Series">What is drawn, from the bottom up.</param>
public sealed record PlotData(string Kind, string Unit, IReadOnlyList<string> Labels, IReadOnlyList<PlotSeries> Series)
{
    /// <summary>The JSON of the attribute.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FigureJson.Default.PlotData);
}

/// <summary>One row of numbers of a plot.</summary>
/// <param name="Name">What they are.</param>
/// <param name="Values">One for each label; null where there is none.</param>
public sealed record PlotSeries(string Name, IReadOnlyList<double?> Values);
