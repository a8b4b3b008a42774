using Caravan.Platform;

namespace Caravan;

internal static class Verbs
{
    public static async Task<int> RunAsync(string[] args)
    {
        await CaravanServer.Build(new Settings()).RunAsync();
        return 0;
    }
}
