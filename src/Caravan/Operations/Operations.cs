using Caravan.Operations.Figures;
using Caravan.Operations.Inbox;
using Caravan.Operations.Rules;
using Caravan.Platform.Problems;

namespace Caravan.Operations;

internal static class OperationsRoom
{
    public static IServiceCollection AddOperations(this IServiceCollection services) =>
        services
            .AddSingleton<BoardReader>().AddSingleton<OrderStoryReader>().AddSingleton<StopSellPages.StopSellsReader>().AddSingleton<RulePages.RulesReader>().AddSingleton<KeyPages.KeysReader>()
            .AddSingleton<InboxFindings>().AddSingleton<InboxDesk>().AddSingleton<InboxReader>()
            .AddSingleton<InboxKeeper>().AddHostedService(provider => provider.GetRequiredService<InboxKeeper>())
            .AddSingleton(provider => provider.GetRequiredService<InboxKeeper>().OfTrouble).AddSingleton(InboxKeeper.Pruning)
            .AddSingleton<FigureReader>().AddSingleton<FigureShow>().AddSingleton<FigureCounter>().AddSingleton<FigureBooks>()
            .AddSingleton<FigureKeeper>().AddHostedService(provider => provider.GetRequiredService<FigureKeeper>())
            .AddSingleton(provider => provider.GetRequiredService<FigureCounter>().OfOrders)
            .AddRoomJson(InboxJson.Default)
            .AddRoomJson(FigureJson.Default);

    public static void MapOperations(this IEndpointRouteBuilder routes)
    {
        routes.MapStartEndpoints();
        routes.MapOperationsPages();
        routes.MapRoutePages();
        routes.MapNetworkPages();
        routes.MapLotPages();
        routes.MapStopSellPages();
        routes.MapRulePages();
        routes.MapInboxEndpoints();
        routes.MapInboxPages();
        routes.MapFigureEndpoints();
        routes.MapFigurePages();
        routes.MapReturnPages();
        routes.MapEdiPages();
        routes.MapConnectPages();
        routes.MapKeyPages();
    }
}
