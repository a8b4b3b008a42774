using Caravan.Platform.Access;
using Caravan.Platform.Access.Limits;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Live;
using Caravan.Platform.Outbox;
using Caravan.Platform.Problems;
using Caravan.Platform.Pruning;
using Caravan.Platform.Screens;
using Caravan.Platform.Slots;
using Caravan.Platform.Storage;
using Caravan.Platform.Telemetry;
using Microsoft.AspNetCore.DataProtection;

namespace Caravan.Platform;

/// <summary>The ground that every room stands on.</summary>
public static class PlatformRoom
{
    internal static IServiceCollection AddPlatform(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton(settings);
        services.AddTelemetry(settings);
        services.AddSingleton(provider => new Store(Database.Of(settings), provider.GetRequiredService<TimeProvider>(), new StoreFigures(Figures.Of(provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()))));
        services.AddSingleton<Outbox.Outbox>();
        services.AddSingleton<LiveEvents>();
        services.AddSingleton<IdempotentWrites>();
        services.AddSingleton(provider => new WorkSlots(provider.GetRequiredService<Store>(), provider.GetRequiredService<IHostApplicationLifetime>(), provider.GetRequiredService<ILogger<WorkSlots>>()));
        services.AddHostedService(provider => provider.GetRequiredService<WorkSlots>());
        services.AddSingleton<Pruner>();
        services.AddHostedService(provider => provider.GetRequiredService<Pruner>());
        foreach (var pruning in PlatformPrunings.Of(settings))
            services.AddSingleton(pruning);
        services.AddSingleton<OutboxFigures>();
        services.AddHostedService<OutboxPump>();
        services.AddHostedService<OutboxWatch>();
        services.AddSingleton<IProblemDetailsWriter, ProblemPageWriter>();
        services.AddProblemDetails(problems => problems.CustomizeProblemDetails = ProblemExceptionHandler.SayOurs);
        services.AddSingleton<IProblemDetailsWriter, PlainProblemWriter>(); // Asked last.
        services.AddExceptionHandler<ProblemExceptionHandler>();
        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        services.AddRoomJson(ProblemJson.Default);
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddDataProtection().SetApplicationName("caravan").PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(settings.DataFolder, "form-keys")));
        services.AddApiDescription();
        services.AddRazorComponents();
        services.AddAccess();
        return services;
    }

    internal static void UsePlatform(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<Settings>();
        app.Use(ResponseHeaders.Guard);
        if (settings.IsPublicSecure)
            app.UseCookiePolicy(new CookiePolicyOptions { Secure = CookieSecurePolicy.Always });
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use(PlainProblemWriter.TurnAwayUnknownCharsets);
        app.UseRouting();
        app.Use(ResponseHeaders.Missing);
        app.Use(IdempotentWrites.Buffer);
        app.UseAuthentication();
        app.UseTelemetry(settings);
        app.Use(app.Services.GetRequiredService<RateLimits>().HoldAsync);
        app.UseAuthorization();
        app.Use(ScopeGate.Hold);
        app.UseAntiforgery();
        app.Use(ParameterFaults.TurnAwayStrangeForms);
        app.MapStaticAssets().AllowAnonymous();
        app.MapApiDescription();
        app.MapTelemetry(settings);
        app.MapAccess();
    }
}
