namespace Caravan.Demo;

internal static class DemoRoom
{
    public static IServiceCollection AddDemo(this IServiceCollection services) => services
        .AddHttpClient()
        .AddSingleton<DemoLoader>()
        .AddHostedService<DemoPlayers>()
        .AddHostedService<DemoStockSystems>();
}
