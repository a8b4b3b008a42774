using Caravan.Catalog;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform.Outbox;
using Caravan.Platform.Storage;
using Caravan.Stock.Connect;
using Caravan.Stock.Lots;
using Caravan.Stock.Stops;

namespace Caravan.Stock;

internal static class StockRoom
{
    public static IServiceCollection AddStock(this IServiceCollection services) =>
        services
            .AddSingleton<Availability>()
            .AddSingleton(provider => new StockBook(provider.GetRequiredService<Outbox>(), provider.GetRequiredService<Availability>(), provider.GetRequiredService<LotBook>(), provider.GetRequiredService<SafetyBook>()))
            .AddSingleton<LotBook>()
            .AddSingleton(provider => new ReturnedStock(provider.GetRequiredService<StockBook>()))
            .AddSingleton(provider => new LotDesk(provider.GetRequiredService<StockBook>()))
            .AddSingleton<LotExpiry>().AddHostedService(provider => provider.GetRequiredService<LotExpiry>())
            .AddSingleton(provider => new QuotaBook(provider.GetRequiredService<Store>(), provider.GetRequiredService<StockBook>()))
            .AddSingleton(provider => new StockPlaces(provider.GetRequiredService<FeedCodes>()))
            .AddSingleton(provider => new StopSellBook(provider.GetRequiredService<Store>()))
            .AddSingleton(provider => new StopSellDesk(provider.GetRequiredService<NamedItems>(), provider.GetRequiredService<FeedCodes>(), provider.GetRequiredService<NetworkMap>(), provider.GetRequiredService<PartnerBook>()))
            .AddSingleton<SafetyBook>()
            .AddSingleton(provider => new BufferDesk(provider.GetRequiredService<NamedItems>(), provider.GetRequiredService<FeedCodes>(), provider.GetRequiredService<NetworkMap>(), provider.GetRequiredService<ItemCatalog>()))
            .AddSingleton<SafetySweeper>().AddHostedService(provider => provider.GetRequiredService<SafetySweeper>())
            .AddSingleton<FeedCodes>()
            .AddSingleton<FeedIntake>().AddSingleton<FeedWake>().AddSingleton<FeedJudge>().AddSingleton(FeedPartStore.Pruning)
            .AddSingleton<FeedSlices>().AddHostedService(provider => provider.GetRequiredService<FeedSlices>())
            .AddSingleton<FeedPost>()
            .AddSingleton<ConnectionReading>()
            .AddSingleton(provider => new ConnectionDesk(
                provider.GetRequiredService<Store>(),
                provider.GetRequiredService<ConnectionReading>(),
                provider.GetRequiredService<FeedIntake>(),
                provider.GetRequiredService<FeedSlices>(),
                provider.GetRequiredService<FeedWake>(),
                provider.GetRequiredService<NetworkMap>(),
                provider.GetRequiredService<TimeProvider>()))
            .AddSingleton(provider => new FeedDoor(provider.GetRequiredService<FeedIntake>(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<NamedItems>()
            .AddSingleton<StockHand>()
            .AddSingleton(provider => new TransferDesk(provider.GetRequiredService<StockBook>()))
            .AddSingleton<StockAuditor>()
            .AddHostedService(provider => provider.GetRequiredService<StockAuditor>())
            .AddStockJson();

    public static void MapStock(this IEndpointRouteBuilder routes)
    {
        routes.MapStockEndpoints();
        routes.MapSafetyEndpoints();
        routes.MapQuotaEndpoints();
        routes.MapStopSellEndpoints();
        routes.MapAllocationEndpoints();
        routes.MapTransferEndpoints();
        routes.MapLotEndpoints();
        routes.MapFeedEndpoints();
        routes.MapFeedDocumentEndpoints();
        routes.MapConnectionEndpoints();
    }
}
