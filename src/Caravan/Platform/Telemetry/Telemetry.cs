using System.Diagnostics.Metrics;
using Caravan.Platform.Storage;

namespace Caravan.Platform.Telemetry;

/// <summary>What the server tells its operator: figures, traces, logs, health.</summary>
internal static class TelemetryRoom
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services, Settings settings)
    {
        services.AddMetrics();
        services.AddSingleton<Drain>();
        services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        services.Configure<HostOptions>(host => (host.ServicesStopConcurrently, host.ShutdownTimeout) = (true, TimeSpan.FromSeconds(settings.DrainSeconds) + Drain.Patience));
        services.AddSingleton<SlowStatements>();
        services.AddSingleton<Prometheus>();
        services.AddLogging(logging =>
        {
            if (settings.IsLogJson)
                logging.ClearProviders().AddJsonConsole(json => (json.IncludeScopes, json.UseUtcTimestamp, json.TimestampFormat) = (true, true, "yyyy-MM-ddTHH:mm:ss.fffZ"));
            if (Otlp.IsOn)
                Otlp.AddLogs(logging);
        });
        if (Otlp.IsOn)
            services.AddHostedService<Otlp>();
        return services;
    }

    /// <summary>Begins to watch: from here on nothing is missed.</summary>
    public static void UseTelemetry(this WebApplication app, Settings settings)
    {
        if (settings.MetricsKey.Length > 0)
            app.Services.GetRequiredService<Prometheus>();
        app.Services.GetRequiredService<SlowStatements>();
        Figures.Watch(app.Services.GetRequiredService<IMeterFactory>(), app.Services.GetRequiredService<Store>());
        if (settings.IsLogJson || Otlp.IsOn)
            app.Use(RequestWords.Tell);
    }

    public static void MapTelemetry(this IEndpointRouteBuilder routes, Settings settings)
    {
        routes.MapHealth();
        Prometheus.Map(routes, settings);
    }
}
