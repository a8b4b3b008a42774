using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using Caravan.Platform.Problems;

namespace Caravan.Platform.Telemetry;

/// <summary>
/// <c>GET /metrics</c>: what this server measures about itself, in Prometheus' text format 0.0.4. It is there only when
/// the operator has set a key, and answers only to that key: a company's key does not open it. No figure names a partner.
/// </summary>
internal sealed class Prometheus : IDisposable
{
    private const string ContentType = "text/plain; version=0.0.4; charset=utf-8";
    private static readonly HashSet<string> Meters = [Figures.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];

    private readonly MeterListener listener = new();
    private readonly List<PrometheusMetric> metrics = [];
    private readonly Lock writing = new();

    public Prometheus(IMeterFactory meters)
    {
        listener.InstrumentPublished = (instrument, to) =>
        {
            // Of several servers in one process each shows its own; the runtime is everybody's.
            var isOurs = ReferenceEquals(instrument.Meter.Scope, meters) && Meters.Contains(instrument.Meter.Name);
            if ((!isOurs && instrument.Meter.Name != "System.Runtime") || PrometheusMetric.Of(instrument) is not { } metric)
                return;

            lock (writing)
                metrics.Add(metric);
            to.EnableMeasurementEvents(instrument, metric);
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, metric) => ((PrometheusMetric)metric!).Record(value, tags)); // Set when it was published.
        listener.SetMeasurementEventCallback<long>((_, value, tags, metric) => ((PrometheusMetric)metric!).Record(value, tags)); // As above.
        listener.SetMeasurementEventCallback<double>((_, value, tags, metric) => ((PrometheusMetric)metric!).Record(value, tags)); // As above.
        listener.Start();
    }

    /// <summary>Everything as it stands.</summary>
    public string Write()
    {
        var text = new StringBuilder(16 * 1024);
        lock (writing)
        {
            metrics.ForEach(metric => metric.Forget());
            listener.RecordObservableInstruments();
            metrics.ForEach(metric => metric.Write(text));
        }

        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    public static void Map(IEndpointRouteBuilder routes, Settings settings)
    {
        if (settings.MetricsKey.Length > 0)
            routes.MapGet("/metrics", Answer).AllowAnonymous().ExcludeFromDescription();
    }

    private static IResult Answer(HttpContext context, Prometheus prometheus, Settings settings)
    {
        var given = Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString());
        var wanted = Encoding.UTF8.GetBytes($"Bearer {settings.MetricsKey}");
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(given), SHA256.HashData(wanted))
            ? TypedResults.Text(prometheus.Write(), ContentType)
            : Problem.Of(401, "unauthenticated", "Who are you?", "Send the server's metrics key as 'Authorization: Bearer …'; it is set by --metrics-key.");
    }
}
