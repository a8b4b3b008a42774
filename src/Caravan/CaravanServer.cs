using Caravan.Catalog;
using Caravan.Delivery;
using Caravan.Demo;
using Caravan.Fulfilment;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Stock;

namespace Caravan;

/// <summary>The service's table of contents: one line a room, lowest floor first.</summary>
internal static class CaravanServer
{
    public static WebApplication Build(Settings settings, TimeProvider? clock = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "caravan" });
        builder.WebHost.UseUrls(settings.Urls).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.BodyBytesMax;
        });
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services
            .AddPlatform(settings)
            .AddPartners()
            .AddCatalog()
            .AddNetwork()
            .AddStock()
            .AddDelivery()
            .AddOrders()
            .AddFulfilment()
            .AddDemo();
        var app = builder.Build();
        app.UsePlatform();
        app.MapPartners();
        app.MapCatalog();
        app.MapNetwork();
        app.MapStock();
        app.MapDelivery();
        app.MapOrders();
        app.MapFulfilment();
        return app;
    }
}
