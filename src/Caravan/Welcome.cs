using Caravan.Demo;
using Caravan.Platform;
using Caravan.Platform.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Caravan;

/// <summary>What a newcomer sees when the server starts.</summary>
internal static class Welcome
{
    /// <summary>Seeds the demo network into an empty store.</summary>
    public static Task PrepareAsync(WebApplication app, CancellationToken cancel) => app.Services.GetRequiredService<DemoLoader>().SeedOnceAsync(cancel);

    public static async Task SayAsync(WebApplication app, Settings settings, CancellationToken cancel)
    {
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? settings.Urls;
        Console.WriteLine($"Caravan is serving on {address}");
        Console.WriteLine($"  data          {Path.GetFullPath(settings.DataFolder)}");
        if (settings.Store.Length > 0)
            Console.WriteLine($"  store         {app.Services.GetRequiredService<Store>().Place}");
        Console.WriteLine($"  API           {address}/openapi/v1.json");
        if (!settings.IsDemo)
        {
            Console.WriteLine("  Add a company and get its key:  caravan partner add SLUG NAME");
            return;
        }

        var keys = await app.Services.GetRequiredService<DemoLoader>().KeysAsync(cancel);
        Console.WriteLine($"  shop          {address}/shop/lantern");
        Console.WriteLine($"  operations    {address}/operations");
        Console.WriteLine($"  picking       {address}/picking");
        Console.WriteLine($"  courier       {address}/courier");
        Console.WriteLine();
        Console.WriteLine("This is a demo network: its companies are invented, its couriers and pickers simulated. Demo keys:");
        foreach (var (slug, key) in keys)
            Console.WriteLine($"  {slug,-10}{key}");
        if (keys.TryGetValue(DemoLoader.SellerSlug, out var seller))
        {
            Console.WriteLine();
            Console.WriteLine("Ask for a promise:");
            Console.WriteLine(await app.Services.GetRequiredService<DemoLoader>().CurlAsync(address, seller, cancel));
        }
    }
}
