using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Caravan.Platform.Telemetry;

/// <summary>
/// One instrument's sums, a series for each set of labels, in the words of the Prometheus text format 0.0.4: names of
/// letters, digits and underscores, the unit in the name, <c>_total</c> behind what only grows.
/// </summary>
internal sealed class PrometheusMetric
{
    private const string Counter = "counter";
    private const string Gauge = "gauge";
    private const string Histogram = "histogram";

    // Seconds, for histograms that bring no bounds of their own.
    private static readonly double[] DefaultBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    // What the framework says of a request besides these would only multiply the series.
    private static readonly HashSet<string> FrameworkLabels = ["http.request.method", "http.route", "http.response.status_code"];

    private readonly string name;
    private readonly string help;
    private readonly string type;
    private readonly bool isFramework;
    private readonly bool isAbsolute;
    private readonly double[] bounds;
    private readonly ConcurrentDictionary<string, Series> series = new();
    private readonly ConcurrentDictionary<string, Series>.AlternateLookup<ReadOnlySpan<char>> byText;

    private PrometheusMetric(Instrument instrument, string type, bool isAbsolute, double[] bounds)
    {
        this.type = type;
        this.isAbsolute = isAbsolute;
        this.bounds = bounds;
        isFramework = instrument.Meter.Name.StartsWith("Microsoft.", StringComparison.Ordinal);
        help = Escape(instrument.Description ?? instrument.Name, isLabel: false);
        name = NameOf(instrument.Name, instrument.Unit, isCounter: type == Counter);
        byText = series.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The metric of an instrument; none for a kind that Prometheus does not know.</summary>
    public static PrometheusMetric? Of(Instrument instrument)
    {
        var kind = instrument.GetType();
        kind = kind.IsGenericType ? kind.GetGenericTypeDefinition() : kind;
        return kind switch
        {
            _ when kind == typeof(Counter<>) => new PrometheusMetric(instrument, Counter, isAbsolute: false, []),
            _ when kind == typeof(ObservableCounter<>) => new PrometheusMetric(instrument, Counter, isAbsolute: true, []),
            _ when kind == typeof(UpDownCounter<>) => new PrometheusMetric(instrument, Gauge, isAbsolute: false, []),
            _ when kind == typeof(Gauge<>) || kind == typeof(ObservableGauge<>) || kind == typeof(ObservableUpDownCounter<>) => new PrometheusMetric(instrument, Gauge, isAbsolute: true, []),
            _ when kind == typeof(Histogram<>) => new PrometheusMetric(instrument, Histogram, isAbsolute: false, BoundsOf(instrument)),
            _ => null,
        };
    }

    /// <summary>The name in Prometheus' words: <c>http.server.request.duration</c> in <c>s</c> is <c>http_server_request_duration_seconds</c>.</summary>
    public static string NameOf(string name, string? unit, bool isCounter)
    {
        var plain = Plain(name);
        var suffix = unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            _ => "",
        };
        if (!plain.EndsWith(suffix, StringComparison.Ordinal))
            plain += suffix;
        return isCounter && !plain.EndsWith("_total", StringComparison.Ordinal) ? plain + "_total" : plain;
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var one = tags.IsEmpty ? SeriesOf("") : SeriesOf(tags);
        lock (one)
        {
            if (isAbsolute)
            {
                one.Sum = value;
                return;
            }

            one.Sum += value;
            if (type != Histogram)
                return;

            var place = Array.BinarySearch(bounds, value);
            one.Counts[place < 0 ? ~place : place]++;
        }
    }

    /// <summary>What is asked anew at each look must not show what is gone.</summary>
    public void Forget()
    {
        if (isAbsolute)
            series.Clear();
    }

    public void Write(StringBuilder text)
    {
        if (series.IsEmpty)
            return;

        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
        foreach (var (labels, one) in series.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            lock (one)
            {
                if (type == Histogram)
                    WriteHistogram(text, labels, one);
                else
                    text.Append(CultureInfo.InvariantCulture, $"{name}{Braced(labels)} {Number(one.Sum)}\n");
            }
        }
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture) switch
    {
        "Infinity" or "∞" => "+Inf",
        "-Infinity" or "-∞" => "-Inf",
        var number => number,
    };

    private void WriteHistogram(StringBuilder text, string labels, Series one)
    {
        var divider = labels.Length > 0 ? "," : "";
        var count = 0L;
        for (var i = 0; i <= bounds.Length; i++)
        {
            count += one.Counts[i];
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{labels}{divider}le=\"{(i < bounds.Length ? Number(bounds[i]) : "+Inf")}\"}} {count}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"{name}_sum{Braced(labels)} {Number(one.Sum)}\n{name}_count{Braced(labels)} {count}\n");
    }

    private Series SeriesOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[256]);
        var isFirst = true;
        foreach (var (label, value) in tags)
        {
            if (value is null || (isFramework && !FrameworkLabels.Contains(label)))
                continue;

            text.AppendLiteral(isFirst ? "" : ",");
            text.AppendLiteral(Plain(label));
            text.AppendLiteral("=\"");
            text.AppendLiteral(value is string word ? Escape(word, isLabel: true) : Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", isLabel: true));
            text.AppendLiteral("\"");
            isFirst = false;
        }

        var one = SeriesOf(text.Text);
        text.Clear();
        return one;
    }

    private Series SeriesOf(ReadOnlySpan<char> labels)
    {
        if (byText.TryGetValue(labels, out var one))
            return one;

        return series.GetOrAdd(labels.ToString(), _ => new Series(type == Histogram ? bounds.Length + 1 : 0));
    }

    private static double[] BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } own } => [.. own],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } own } => [.. own.Select(bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } own } => [.. own.Select(bound => (double)bound)],
        _ => DefaultBounds,
    };

    private static string Braced(string labels) => labels.Length > 0 ? $"{{{labels}}}" : "";

    private static string Plain(string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? name : string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private static string Escape(string text, bool isLabel)
    {
        if (text.AsSpan().IndexOfAny('\\', '\n', '"') < 0)
            return text;

        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return isLabel ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private sealed class Series(int buckets)
    {
        public double Sum { get; set; }

        public long[] Counts { get; } = new long[buckets];
    }
}
