using System.Globalization;
using System.Net;
using System.Text;
using Caravan.Engines.Geo;

namespace Caravan.Shadow;

/// <summary>
/// The day as pictures: two maps side by side, how far parcels went, and what each node gave. SVG that needs nothing from outside,
/// readable in both themes and without colours: the real side is drawn in outline, Caravan's is filled.
/// </summary>
internal static class ShadowPicture
{
    private const int LinesMax = 500;
    private const int Bins = 12;
    private const int NodesMax = 12;
    private const int Width = 960;
    private const int MapSide = 440;
    private const int Gap = 40;
    private const int Edge = 20;
    private const int ChartHeight = 220;

    private static readonly string[] Columns = ["real", "caravan"];

    /// <summary>All of it in one picture, with a title and the figures that matter most.</summary>
    /// <param name="report">The day.</param>
    /// <param name="isAlone">A file of its own, with its colours; a page has them in its style sheet, for it takes none from within.</param>
    public static string Whole(ShadowReport report, bool isAlone = true)
    {
        var svg = new StringBuilder();
        Open(svg, Width, MapSide + (2 * ChartHeight) + 130, "A day of orders, as it was and as Caravan would have served it", isAlone);
        Words(svg, Edge, 34, "title", "The same orders, decided twice");
        Words(svg, Edge, 60, "muted", FormattableString.Invariant(
$"{report.Real.Orders:N0} orders · served whole {report.Real.ServedPercent:0.0} % → {report.Caravan.ServedPercent:0.0} % · of those that both served, km an order {report.RealOfBoth.KilometresAnOrder:0.0} → {report.CaravanOfBoth.KilometresAnOrder:0.0}"));
        Maps(svg, report, 80);
        Distances(svg, report, 80 + MapSide + 10);
        NodeBars(svg, report, 80 + MapSide + ChartHeight + 30);
        return svg.Append("</svg>").ToString();
    }

    private static void Maps(StringBuilder svg, ShadowReport report, int top)
    {
        var points = report.Nodes.Select(row => row.Node.Point).Concat(report.Pairs.Select(pair => pair.Order.Destination)).ToList();
        var frame = Frame.Of(points);
        for (var side = 0; side < 2; side++)
        {
            var left = Edge + (side * (MapSide + Gap));
            svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate({left} {top})\" role=\"img\" aria-label=\"{(side == 0 ? "Map of who served whom, as it was" : "Map of who would have served whom by Caravan")}\"><rect class=\"ground\" width=\"{MapSide}\" height=\"{MapSide}\" rx=\"6\"/>");
            Words(svg, 12, 24, "label", side == 0 ? "As it was" : "Caravan");
            var step = Math.Max(1, report.Pairs.Count / LinesMax);
            for (var i = 0; i < report.Pairs.Count; i += step)
            {
                var (x, y) = frame.Of(report.Pairs[i].Order.Destination);
                foreach (var parcel in (side == 0 ? report.Pairs[i].Real : report.Pairs[i].Caravan).Parcels)
                {
                    var (fromX, fromY) = frame.Of(parcel.Node.Point);
                    svg.Append(CultureInfo.InvariantCulture, $"<line class=\"{Columns[side]} way\" x1=\"{fromX:0.#}\" y1=\"{fromY:0.#}\" x2=\"{x:0.#}\" y2=\"{y:0.#}\"/>");
                }
            }

            var most = Math.Max(1, report.Nodes.Max(row => Math.Max(row.UnitsReal, row.UnitsCaravan)));
            foreach (var row in report.Nodes)
            {
                var (x, y) = frame.Of(row.Node.Point);
                var units = side == 0 ? row.UnitsReal : row.UnitsCaravan;
                svg.Append(CultureInfo.InvariantCulture, $"<circle class=\"{Columns[side]}\" cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"{2.5 + (11 * Math.Sqrt((double)units / most)):0.#}\"><title>{Safe(row.Node.Name)}: {units:N0} units</title></circle>");
            }

            var scale = frame.KilometresOfScale;
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"axis\" d=\"M12 {MapSide - 14}h{frame.PixelsOf(scale):0.#}m0 -4v8M12 {MapSide - 18}v8\"/>");
            Words(svg, 12, MapSide - 22, "small", FormattableString.Invariant($"{scale:0.#} km"));
            svg.Append("</g>");
        }
    }

    private static void Distances(StringBuilder svg, ShadowReport report, int top)
    {
        var both = new[] { report.Pairs.SelectMany(pair => pair.Real.Parcels), report.Pairs.SelectMany(pair => pair.Caravan.Parcels) }.Select(side => side.Select(parcel => parcel.Metres / 1000.0).ToList()).ToArray();
        var most = Math.Max(1, both.SelectMany(side => side).DefaultIfEmpty(1).Max());
        var width = Nice(most / Bins);
        var counts = both.Select(side => Enumerable.Range(0, Bins + 1).Select(bin => side.Count(km => (int)(km / width) == bin)).ToArray()).ToArray();
        var bins = Math.Max(1, Enumerable.Range(0, Bins + 1).Last(bin => bin == 0 || counts[0][bin] + counts[1][bin] > 0) + 1);
        var highest = Math.Max(1, counts.SelectMany(side => side).Max());
        svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate({Edge} {top})\" role=\"img\" aria-label=\"How far parcels went\">");
        Words(svg, 0, 18, "label", "How far parcels went, by road");
        Legend(svg, 560);
        var slot = (Width - (2.0 * Edge)) / bins;
        for (var bin = 0; bin < bins; bin++)
        {
            for (var side = 0; side < 2; side++)
            {
                var high = (ChartHeight - 60.0) * counts[side][bin] / highest;
                svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{Columns[side]}\" x=\"{(bin * slot) + (side * slot * 0.42) + (slot * 0.06):0.#}\" y=\"{ChartHeight - 30 - high:0.#}\" width=\"{slot * 0.4:0.#}\" height=\"{high:0.#}\"><title>{counts[side][bin]:N0} parcels, {bin * width:0.#} to {(bin + 1) * width:0.#} km</title></rect>");
            }

            Words(svg, (bin * slot) + (slot * 0.06), ChartHeight - 12, "small", FormattableString.Invariant($"{bin * width:0.#} km"));
        }

        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"axis\" d=\"M0 {ChartHeight - 30}h{Width - (2 * Edge)}\"/></g>");
    }

    private static void NodeBars(StringBuilder svg, ShadowReport report, int top)
    {
        var rows = report.Nodes.Where(row => row.UnitsReal + row.UnitsCaravan > 0).Take(NodesMax).ToList();
        svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate({Edge} {top})\" role=\"img\" aria-label=\"What nodes gave\">");
        Words(svg, 0, 18, "label", "Units given, the nodes that gave most");
        var most = Math.Max(1, rows.Select(row => Math.Max(row.UnitsReal, row.UnitsCaravan)).DefaultIfEmpty(1).Max());
        var slot = (ChartHeight - 40.0) / NodesMax;
        for (var i = 0; i < rows.Count; i++)
        {
            var y = 32 + (i * slot);
            Words(svg, 0, y + (slot * 0.7), "small", rows[i].Node.Name.Length > 28 ? rows[i].Node.Name[..27] + "…" : rows[i].Node.Name);
            for (var side = 0; side < 2; side++)
            {
                var units = side == 0 ? rows[i].UnitsReal : rows[i].UnitsCaravan;
                svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{Columns[side]}\" x=\"200\" y=\"{y + (side * slot * 0.44):0.#}\" width=\"{(Width - (2.0 * Edge) - 260) * units / most:0.#}\" height=\"{slot * 0.4:0.#}\"><title>{Safe(rows[i].Node.Name)}: {units:N0} units {(side == 0 ? "as it was" : "by Caravan")}</title></rect>");
            }
        }

        svg.Append("</g>");
    }

    private static void Legend(StringBuilder svg, int left)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"real\" x=\"{left}\" y=\"6\" width=\"26\" height=\"13\"/>");
        Words(svg, left + 34, 18, "small", "as it was");
        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"caravan\" x=\"{left + 130}\" y=\"6\" width=\"26\" height=\"13\"/>");
        Words(svg, left + 164, 18, "small", "Caravan");
    }

    private static void Open(StringBuilder svg, int width, int height, string title, bool isAlone) => svg.Append(CultureInfo.InvariantCulture,
        $"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{title}" font-family="system-ui, sans-serif">
        <title>{title}</title>
        {(isAlone ? Style : "")}
        """);

    // The same stands in caravan.css, in the colours of the pages.
    private const string Style =
        """
        <style>
          svg { color: #1d2733; background: #ffffff }
          text { fill: currentColor; font-size: 14px } .title { font-size: 24px; font-weight: 650 } .label { font-weight: 600 } .small { font-size: 12px } .muted { opacity: .78; font-size: 15px }
          .ground { fill: currentColor; fill-opacity: .05; stroke: currentColor; stroke-opacity: .15 }
          .axis { fill: none; stroke: currentColor; stroke-opacity: .5 }
          .real { fill: #b4530933; stroke: #b45309; stroke-width: 1.5 } .caravan { fill: #0e7490; stroke: #0e7490; stroke-width: 1.5 }
          .way { stroke-width: .8; stroke-opacity: .35 }
          @media (prefers-color-scheme: dark) { svg { color: #e6edf3; background: #12181f } .real { fill: #f59e0b33; stroke: #f59e0b } .caravan { fill: #22d3ee; stroke: #22d3ee } }
        </style>
        """;

    private static void Words(StringBuilder svg, double x, double y, string kind, string words) => svg.Append(CultureInfo.InvariantCulture, $"<text class=\"{kind}\" x=\"{x:0.#}\" y=\"{y:0.#}\">{Safe(words)}</text>");

    private static string Safe(string text) => WebUtility.HtmlEncode(text);

    // 1, 2 or 5 times a power of ten, the next above.
    private static double Nice(double width)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(width, 0.1))));
        foreach (var step in (double[])[1, 2, 5])
        {
            if (step * power >= width)
                return step * power;
        }

        return 10 * power;
    }

    /// <summary>A plane around the middle of the points: true to scale where a company delivers, on paper and screen.</summary>
    private readonly record struct Frame(double West, double North, double PixelsPerKilometre, double KilometresPerDegreeEast)
    {
        private const double KilometresPerDegree = 111.2;
        private const int Margin = 36;

        public double KilometresOfScale => Nice(MapSide / PixelsPerKilometre / 6);

        public double PixelsOf(double kilometres) => kilometres * PixelsPerKilometre;

        public (double X, double Y) Of(GeoPoint point) => (Margin + ((point.Longitude - West) * KilometresPerDegreeEast * PixelsPerKilometre), Margin + ((North - point.Latitude) * KilometresPerDegree * PixelsPerKilometre));

        public static Frame Of(List<GeoPoint> points)
        {
            var (south, north) = (points.Min(point => point.Latitude), points.Max(point => point.Latitude));
            var (west, east) = (points.Min(point => point.Longitude), points.Max(point => point.Longitude));
            var eastKilometres = KilometresPerDegree * Math.Cos(double.DegreesToRadians((south + north) / 2));
            var high = Math.Max(1, (north - south) * KilometresPerDegree);
            var wide = Math.Max(1, (east - west) * eastKilometres);
            var scale = (MapSide - (2 * Margin)) / Math.Max(high, wide);
            return new Frame(
                west - ((((MapSide - (2 * Margin)) / scale) - wide) / 2 / eastKilometres),
                north + ((((MapSide - (2 * Margin)) / scale) - high) / 2 / KilometresPerDegree),
                scale,
                eastKilometres);
        }
    }
}
