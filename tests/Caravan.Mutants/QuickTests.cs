using System.Globalization;
using Caravan.Sim;
using Caravan.Tests.Sim;

namespace Caravan.Tests;

/// <summary>The simulation and the differential, short enough to be run for every mutant.</summary>
public sealed class QuickTests
{
    private const int Seeds = 20;
    private const int Sequences = 12;

    [Fact]
    public void Simulated_histories_hold()
    {
        var (_, failures) = Simulation.Live(from: 1, Seeds, threads: 1, plant: null, failuresMax: 1);

        Assert.Empty(failures.Select(failure => failure.Violation));
    }

    [Fact]
    public async Task Sqlite_and_a_naive_model_agree()
    {
        var folder = Directory.CreateTempSubdirectory("caravan-mutant-").FullName;
        await using (var store = await DifferentialStore.StartAsync(folder, "", sellers: 6))
        {
            var begun = 0;
            await Task.WhenAll(store.Sellers.Select(async seller =>
            {
                while (Interlocked.Increment(ref begun) is var sequence && sequence <= Sequences)
                {
                    var naive = new NaiveStock();
                    await seller.BeginAsync(sequence);
                    foreach (var act in Act.Sequence(new Random(sequence)))
                    {
                        var said = await seller.DoAsync(act);
                        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{sequence}: {naive.Do(act, said)}: {naive.State}"), $"{sequence}: {said}: {await seller.StateAsync()}");
                    }
                }
            }));
            Assert.Empty(await store.AuditAsync());
        }

        Directory.Delete(folder, recursive: true);
    }
}
