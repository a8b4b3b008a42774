using System.Globalization;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Sim;

/// <summary>
/// Random sequences of commands on SQLite, on PostgreSQL and on a naive model: the same answers and the same stock after each
/// command. More of them: CARAVAN_SEQUENCES=10000.
/// </summary>
[Trait("Store", "once")]
public sealed class DifferentialTests
{
    private static readonly int Sequences = int.Parse(Environment.GetEnvironmentVariable("CARAVAN_SEQUENCES") ?? "100", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Sqlite_postgres_and_a_naive_model_agree()
    {
        var folder = Directory.CreateTempSubdirectory("caravan-diff-").FullName;
        var counts = new SortedDictionary<string, int>();
        await using (var sqlite = await Differential.StartAsync(folder, ""))
        await using (var postgres = await Differential.StartAsync(folder, await TestStore.DatabaseAsync(folder)))
        {
            for (var sequence = 0; sequence < Sequences; sequence++)
            {
                var naive = new NaiveStock();
                List<string> told = [$"sequence {sequence}"];
                await sqlite.BeginAsync(sequence);
                await postgres.BeginAsync(sequence);
                foreach (var act in Act.Sequence(new Random(sequence)))
                {
                    var onSqlite = await sqlite.DoAsync(act);
                    var onPostgres = await postgres.DoAsync(act);
                    told.Add($"{act} -> {onSqlite}");
                    var expected = naive.Do(act, onSqlite);
                    var history = string.Join("\n", told);
                    Assert.True(expected == onSqlite, $"{history}\nexpected: {expected}");
                    Assert.True(onSqlite == onPostgres, $"{history}\nPostgreSQL: {onPostgres}");
                    var (state, other) = (await sqlite.StateAsync(), await postgres.StateAsync());
                    Assert.True(naive.State == state, $"{history}\nexpected: {naive.State}\nSQLite:   {state}");
                    Assert.True(state == other, $"{history}\nSQLite:     {state}\nPostgreSQL: {other}");
                    var word = $"{act.Kind}: {onSqlite.Split(' ')[0]}";
                    counts[word] = counts.GetValueOrDefault(word) + 1;
                }
            }

            Assert.Empty(await sqlite.AuditAsync());
            Assert.Empty(await postgres.AuditAsync());
        }

        await TestStore.DropAsync(folder);
        Directory.Delete(folder, recursive: true);
        foreach (var (word, count) in counts)
            TestContext.Current.TestOutputHelper!.WriteLine($"{word} {count}");
        Assert.True(counts.Values.Sum() > Sequences * 5);
    }
}
