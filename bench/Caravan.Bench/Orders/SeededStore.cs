using System.Globalization;

namespace Caravan.Bench.Orders;

/// <summary>
/// A store with the bench world on it, put there over the API by a server that has stopped since. Seeding takes minutes on a busy
/// machine: the folder that CARAVAN_BENCH_WORLD names keeps a seeded SQLite store for the next run.
/// </summary>
internal static class SeededStore
{
    private const string KeptIn = "CARAVAN_BENCH_WORLD";
    private const string KeyFile = "bench.key";

    /// <summary>Makes the company and fills the store of this name. Gives the company's key.</summary>
    public static async Task<string> CreateAsync(BenchWorld world, StoreUnderTest store, string name, CancellationToken cancel)
    {
        await store.CreateStoreAsync(name, cancel);
        if (Environment.GetEnvironmentVariable(KeptIn) is not { Length: > 0 } worlds)
            return await SeedAsync(world, store.Folder(name), store.Options(name), cancel);

        var kept = Path.Combine(worlds, world.Name);
        if (!File.Exists(Path.Combine(kept, KeyFile)))
        {
            if (Directory.Exists(kept))
                Directory.Delete(kept, recursive: true); // Of a run that was stopped.
            Directory.CreateDirectory(kept);
            var made = await SeedAsync(world, kept, [], cancel);
            await File.WriteAllTextAsync(Path.Combine(kept, KeyFile), made, cancel);
        }

        await store.TakeAsync(kept, name, cancel);
        return await File.ReadAllTextAsync(Path.Combine(kept, KeyFile), cancel);
    }

    private static async Task<string> SeedAsync(BenchWorld world, string folder, IReadOnlyList<string> options, CancellationToken cancel)
    {
        var key = (await ServerProcess.RunVerbAsync(["partner", "add", "bench", "Bench Retail", "--data", folder, .. options], cancel)).Split('\n')[^1];
        await using var server = await ServerProcess.StartAsync(folder, ["--demo", "off", .. options], new Dictionary<string, string>(), cancel);
        await new WorldSeeding(world, server.Address, key).RunAsync(cancel);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The seeded server holds {server.ResidentMegabytes:N0} MB."));
        await server.StopAsync();
        return key;
    }
}
