namespace Caravan.Routing;

/// <summary>The room of route planning for partners' own fleets: what is asked is answered, nothing is kept.</summary>
internal static class RoutingRoom
{
    public static IServiceCollection AddRoutePlanning(this IServiceCollection services) => services.AddSingleton<EnginePool>();

    public static void MapRoutePlanning(this IEndpointRouteBuilder routes) => routes.MapRoutingEndpoints();
}
