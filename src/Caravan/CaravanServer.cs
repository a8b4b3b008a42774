using Caravan.Catalog;
using Caravan.Delivery;
using Caravan.Demo;
using Caravan.Fulfilment;
using Caravan.Network;
using Caravan.Operations;
using Caravan.Orders;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Stock;
using Caravan.Storefronts;

namespace Caravan;

/// <summary>The service's table of contents: one line a room, lowest floor first.</summary>
internal static class CaravanServer
{
    public static WebApplication Build(Settings settings, TimeProvider? clock = null)
    {
        // Screens' files lie beside the program, wherever it is started from; out of a build they are found by its manifest.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "caravan", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseStaticWebAssets();
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
            .AddStorefronts()
            .AddOperations()
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
        app.MapStorefronts();
        app.MapOperations();
        return app;
    }
}
