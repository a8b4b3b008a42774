using Caravan.Catalog;
using Caravan.Delivery;
using Caravan.Demo;
using Caravan.Edi;
using Caravan.Fulfilment;
using Caravan.Network;
using Caravan.Operations;
using Caravan.Orders;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Returns;
using Caravan.Routing;
using Caravan.Shadow;
using Caravan.Stock;
using Caravan.Storefronts;
using Microsoft.Extensions.Configuration.Memory;

namespace Caravan;

/// <summary>The service's table of contents: one line a room, lowest floor first.</summary>
internal static class CaravanServer
{
    // The log is for what a person should know. The framework's own talk comes back with, say, Logging__LogLevel__Microsoft.AspNetCore=Information.
    private static readonly Dictionary<string, string?> Quiet = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Logging:LogLevel:Microsoft.AspNetCore.DataProtection"] = "Error",
        ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Warning",

        // What keeps the server from starting is told in words by the verb, or thrown.
        ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "Critical",
        ["Logging:LogLevel:System.Net.Http"] = "Warning",
    };

    public static WebApplication Build(Settings settings, TimeProvider? clock = null)
    {
        // Screens' files lie beside the program, wherever it is started from; out of a build they are found by its manifest.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "caravan", ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Quiet });
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
            .AddRoutePlanning()
            .AddStock()
            .AddDelivery()
            .AddOrders()
            .AddFulfilment()
            .AddReturns()
            .AddEdi()
            .AddStorefronts()
            .AddOperations()
            .AddShadow()
            .AddDemo();
        var app = builder.Build();
        app.UsePlatform();
        app.MapPartners();
        app.MapCatalog();
        app.MapNetwork();
        app.MapRoutePlanning();
        app.MapStock();
        app.MapDelivery();
        app.MapOrders();
        app.MapFulfilment();
        app.MapReturns();
        app.MapEdi();
        app.MapStorefronts();
        app.MapOperations();
        app.MapShadow();
        return app;
    }
}
