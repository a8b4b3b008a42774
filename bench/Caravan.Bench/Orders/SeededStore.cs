using System.Globalization;

namespace Caravan.Bench.Orders;

/// <summary>A store with the bench world on it, put there over the API by a server that has stopped since.</summary>
internal static class SeededStore
{
    /// <summary>Makes the company and fills the store of this name. Gives the company's key.</summary>
    public static async Task<string> CreateAsync(BenchWorld world, StoreUnderTest store, string name, CancellationToken cancel)
    {
        await store.CreateStoreAsync(name, cancel);
        var key = (await ServerProcess.RunVerbAsync(["partner", "add", "bench", "Bench Retail", "--data", store.Folder(name), .. store.Options(name)], cancel)).Split('\n')[^1];
        await using var server = await ServerProcess.StartAsync(store.Folder(name), ["--demo", "off", .. store.Options(name)], new Dictionary<string, string>(), cancel);
        await new WorldSeeding(world, server.Address, key).RunAsync(cancel);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The seeded server holds {server.ResidentMegabytes:N0} MB."));
        await server.StopAsync();
        return key;
    }
}
