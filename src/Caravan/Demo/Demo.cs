namespace Caravan.Demo;

internal static class DemoRoom
{
    public static IServiceCollection AddDemo(this IServiceCollection services) => services.AddSingleton<DemoLoader>().AddHostedService<DemoPlayers>();
}
