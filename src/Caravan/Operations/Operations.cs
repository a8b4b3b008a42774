namespace Caravan.Operations;

internal static class OperationsRoom
{
    public static IServiceCollection AddOperations(this IServiceCollection services) =>
        services.AddSingleton<BoardReader>().AddSingleton<OrderStoryReader>().AddSingleton<StopSellPages.StopSellsReader>();

    public static void MapOperations(this IEndpointRouteBuilder routes)
    {
        routes.MapStartEndpoints();
        routes.MapOperationsPages();
        routes.MapNetworkPages();
        routes.MapLotPages();
        routes.MapStopSellPages();
        routes.MapEdiPages();
    }
}
