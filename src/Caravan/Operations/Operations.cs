using Caravan.Operations.Inbox;
using Caravan.Operations.Rules;
using Caravan.Platform.Problems;

namespace Caravan.Operations;

internal static class OperationsRoom
{
    public static IServiceCollection AddOperations(this IServiceCollection services) =>
        services
            .AddSingleton<BoardReader>().AddSingleton<OrderStoryReader>().AddSingleton<StopSellPages.StopSellsReader>().AddSingleton<RulePages.RulesReader>()
            .AddSingleton<InboxFindings>().AddSingleton<InboxDesk>().AddSingleton<InboxReader>()
            .AddSingleton<InboxKeeper>().AddHostedService(provider => provider.GetRequiredService<InboxKeeper>())
            .AddSingleton(provider => provider.GetRequiredService<InboxKeeper>().OfTrouble).AddSingleton(InboxKeeper.Pruning)
            .AddRoomJson(InboxJson.Default);

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
        routes.MapReturnPages();
        routes.MapEdiPages();
        routes.MapConnectPages();
    }
}
