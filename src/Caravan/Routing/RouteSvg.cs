using System.Globalization;
using System.Text;
using Caravan.Engines.Routing;

namespace Caravan.Routing;

/// <summary>Draws a plan's routes, each in a colour of its own, as an SVG picture; stops of which nobody knows where they are are left out.</summary>
internal static class RouteSvg
{
    private const double Edge = 20;
    private const double Size = 1000;
    private const double HueStep = 137.508; // The golden angle: neighbours in the list are far apart in colour.

    public static string Draw(RoutingPlan plan, Func<int, (double X, double Y)?> where)
    {
        var routes = plan.Routes.Select(route => (route.Vehicle, Points: route.Steps.Where(step => step.Place >= 0).Select(step => (step.Kind, At: where(step.Place))).Where(one => one.At is not null).Select(one => (one.Kind, At: one.At!.Value)).ToList())).ToList(); // Filtered.
        var all = routes.SelectMany(route => route.Points).Select(point => point.At).DefaultIfEmpty((0, 0)).ToList();
        var (left, right, low, high) = (all.Min(at => at.X), all.Max(at => at.X), all.Min(at => at.Y), all.Max(at => at.Y));
        var scale = (Size - 2 * Edge) / Math.Max(1e-9, Math.Max(right - left, high - low));
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Size} {Size}\" role=\"img\"><title>{plan.Routes.Count} routes</title><rect width=\"{Size}\" height=\"{Size}\" fill=\"white\"/>\n");
        for (var r = 0; r < routes.Count; r++)
        {
            var colour = string.Create(CultureInfo.InvariantCulture, $"hsl({r * HueStep % 360:0} 65% {(r % 2 == 0 ? 40 : 55)}%)");
            svg.Append(CultureInfo.InvariantCulture, $"<g stroke=\"{colour}\" fill=\"{colour}\"><title>vehicle {routes[r].Vehicle}</title><polyline fill=\"none\" stroke-width=\"2\" stroke-linejoin=\"round\" points=\"");
            foreach (var (_, at) in routes[r].Points)
                svg.Append(CultureInfo.InvariantCulture, $"{Edge + (at.X - left) * scale:0.#},{Size - Edge - (at.Y - low) * scale:0.#} ");
            svg.Append("\"/>");
            foreach (var (kind, at) in routes[r].Points)
            {
                var (x, y) = (Edge + (at.X - left) * scale, Size - Edge - (at.Y - low) * scale);
                if (kind is PlanStepKind.Start or PlanStepKind.End or PlanStepKind.Reload)
                    svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x - 6:0.#}\" y=\"{y - 6:0.#}\" width=\"12\" height=\"12\" fill=\"black\" stroke=\"none\"/>");
                else
                    svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"3\" stroke=\"none\"{(kind == PlanStepKind.Delivery ? " fill-opacity=\"0.6\"" : "")}/>");
            }

            svg.Append("</g>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }
}
