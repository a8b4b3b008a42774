namespace Caravan.Fulfilment;

internal static class PickPages
{
    public static void MapPickPages(this IEndpointRouteBuilder routes)
    {
    }
}
