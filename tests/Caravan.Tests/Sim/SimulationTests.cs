using System.Globalization;
using Caravan.Sim;

namespace Caravan.Tests.Sim;

/// <summary>
/// The order desk through simulated histories (<c>sim/Caravan.Sim</c>). More of them: CARAVAN_SEEDS=100000, or by command
/// <c>dotnet run --project sim/Caravan.Sim -- --seeds 100000</c>.
/// </summary>
[Trait("Store", "once")]
public sealed class SimulationTests
{
    private const int CatchingSeeds = 1_000;
    private static readonly int Seeds = int.Parse(Environment.GetEnvironmentVariable("CARAVAN_SEEDS") ?? "2000", CultureInfo.InvariantCulture);

    public static TheoryData<string> Plants => [.. Plant.All.Select(plant => plant.Name)];

    [Fact]
    public void Whatever_goes_wrong_the_books_agree_and_nothing_acknowledged_is_lost()
    {
        var (total, failures) = Simulation.Live(from: 1, Seeds, Environment.ProcessorCount, plant: null);

        foreach (var (what, count) in total.Rows())
            TestContext.Current.TestOutputHelper!.WriteLine($"{what}: {count:n0}");
        Assert.True(failures.Count == 0, string.Join("\n", failures.Take(5).Select(one => $"{one.Violation}: {Simulation.Command(one.Seed, null)}")));
        Assert.All(total.Rows(), row => Assert.True(row.Count > 0, $"It never came to this: {row.What}."));
    }

    [Theory]
    [MemberData(nameof(Plants))]
    public void A_planted_bug_is_caught(string name)
    {
        var (total, failures) = Simulation.Live(from: 1, CatchingSeeds, Environment.ProcessorCount, Plant.Of(name), failuresMax: 1);

        Assert.True(failures.Count > 0, $"{name} was not caught in {total.Seeds} seeds.");
        TestContext.Current.TestOutputHelper!.WriteLine($"{name}: caught by seed {failures[0].Seed}, after {total.Seeds}: {failures[0].Violation}");
    }

    [Theory]
    [InlineData(7, null)]
    [InlineData(19, "no-shortage-check")]
    public void A_seed_is_the_same_history_every_time(int seed, string? plant)
    {
        var planted = plant is null ? null : Plant.Of(plant);
        using var town = new Town(planted);

        var first = World.Run(seed, town, planted, isTraced: true);
        var again = World.Run(seed, town, planted, isTraced: true);

        Assert.NotEmpty(first.Trace);
        Assert.Equal(first.Trace, again.Trace);
    }
}
