using System.CommandLine;
using Caravan.Operations.Figures;
using Caravan.Platform;

namespace Caravan;

/// <summary><c>caravan figures …</c>: the boards' sums, checked against the orders or built anew from them.</summary>
internal static class FigureVerbs
{
    private const int DifferencesShown = 20;

    public static Command Create() => new("figures", "The sums that the page of figures shows. They are kept up as orders change; these verbs go through all orders.")
    {
        Check(),
        Rebuild(),
    };

    private static Command Check()
    {
        var check = new Command("check", "Count all orders and hold them against the sums. Exit code 0 when they agree, 1 when not. An order that changed just now may wait to be counted: ask again when the servers are quiet.");
        check.SetAction((parsed, cancel) => Verbs.ReachingAsync(async () =>
        {
            await using var app = Build(parsed);
            var differences = await app.Services.GetRequiredService<FigureBooks>().DifferencesAsync(cancel);
            foreach (var difference in differences.Take(DifferencesShown))
                await Console.Error.WriteLineAsync(difference);
            Console.WriteLine(differences.Count == 0 ? "The sums are what the orders say." : $"{differences.Count:N0} sums are not what the orders say. Build them anew with: caravan figures rebuild");
            return differences.Count == 0 ? 0 : 1;
        }));
        return check;
    }

    private static Command Rebuild()
    {
        var rebuild = new Command("rebuild", "Throw the sums away and count all orders: once after coming from a version without them, and when check says so. On SQLite stop the server first.");
        rebuild.SetAction((parsed, cancel) => Verbs.ReachingAsync(async () =>
        {
            await using var app = Build(parsed);
            Console.WriteLine($"{await app.Services.GetRequiredService<FigureBooks>().RebuildAsync(cancel):N0} orders are counted.");
            return 0;
        }));
        return rebuild;
    }

    private static WebApplication Build(ParseResult parsed) => CaravanServer.Build(new Settings { DataFolder = parsed.GetValue(Verbs.Data)!, Store = parsed.GetValue(Verbs.Store)!, IsDemo = false, IsSimulated = false }); // They have defaults.
}
