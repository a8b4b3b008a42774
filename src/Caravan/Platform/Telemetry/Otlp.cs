using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Caravan.Platform.Telemetry;

/// <summary>
/// Sends figures, traces and logs to an OpenTelemetry collector, when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names one. Protocol,
/// headers, sampling and the service's name follow OpenTelemetry's own environment variables.
/// </summary>
internal sealed class Otlp : IHostedService, IDisposable
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private MeterProvider? metrics;
    private TracerProvider? traces;

    public static bool IsOn => Environment.GetEnvironmentVariable(Endpoint) is { Length: > 0 };

    public static void AddLogs(ILoggingBuilder logging) => logging.AddOpenTelemetry(options =>
    {
        options.IncludeScopes = true;
        options.IncludeFormattedMessage = true;
        options.SetResourceBuilder(Resource()).AddOtlpExporter();
    });

    public Task StartAsync(CancellationToken cancellationToken)
    {
        metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(Resource())
            .AddMeter(Figures.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Npgsql")
            .AddOtlpExporter()
            .Build();
        traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(Resource())
            .AddSource(Figures.Traces.Name, "Microsoft.AspNetCore", "Npgsql")
            .AddOtlpExporter()
            .Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sends what is left, after the last request.</summary>
    public void Dispose()
    {
        metrics?.Dispose();
        traces?.Dispose();
    }

    // What the environment says stands last and wins.
    private static ResourceBuilder Resource() =>
        ResourceBuilder.CreateEmpty().AddService("caravan", serviceVersion: typeof(Otlp).Assembly.GetName().Version?.ToString(3)).AddTelemetrySdk().AddEnvironmentVariableDetector();
}
