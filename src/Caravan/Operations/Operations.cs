namespace Caravan.Operations;

internal static class OperationsRoom
{
    public static IServiceCollection AddOperations(this IServiceCollection services) => services;

    public static void MapOperations(this IEndpointRouteBuilder routes)
    {
        routes.MapStartEndpoints();
    }
}
