using System.Collections.Concurrent;
using System.Diagnostics;
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
    // Side by side, so that their commands share commits and wait for the disk together.
    private const int Sellers = 24;
    private static readonly int Sequences = int.Parse(Environment.GetEnvironmentVariable("CARAVAN_SEQUENCES") ?? "300", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Sqlite_postgres_and_a_naive_model_agree()
    {
        var folder = Directory.CreateTempSubdirectory("caravan-diff-").FullName;
        var counts = new ConcurrentDictionary<string, int>();
        var since = Stopwatch.GetTimestamp();
        await using (var sqlite = await DifferentialStore.StartAsync(folder, "", Sellers))
        await using (var postgres = await DifferentialStore.StartAsync(folder, await TestStore.DatabaseAsync(folder), Sellers))
        {
            var begun = 0;
            await Task.WhenAll(sqlite.Sellers.Zip(postgres.Sellers, async (one, other) =>
            {
                try
                {
                    while (Interlocked.Increment(ref begun) is var sequence && sequence <= Sequences)
                        await CompareAsync(sequence, one, other, counts);
                }
                catch (Exception)
                {
                    begun = Sequences; // One is enough to look at.
                    throw;
                }
            }));

            Assert.Empty(await sqlite.AuditAsync());
            Assert.Empty(await postgres.AuditAsync());
        }

        await TestStore.DropAsync(folder);
        Directory.Delete(folder, recursive: true);
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"{Sequences} sequences, {counts.Values.Sum()} commands, in {Stopwatch.GetElapsedTime(since).TotalSeconds:n0} s");
        foreach (var (word, count) in counts.OrderBy(one => one.Key, StringComparer.Ordinal))
            output.WriteLine($"{word} {count}");
        Assert.True(counts.Values.Sum() > Sequences * 5);
    }

    // One command after the other; the stores do each side by side.
    private static async Task CompareAsync(int sequence, Differential sqlite, Differential postgres, ConcurrentDictionary<string, int> counts)
    {
        var naive = new NaiveStock();
        List<string> told = [$"sequence {sequence}"];
        await Task.WhenAll(sqlite.BeginAsync(sequence), postgres.BeginAsync(sequence));
        foreach (var act in Act.Sequence(new Random(sequence)))
        {
            var answers = await Task.WhenAll(DoAsync(sqlite, act), DoAsync(postgres, act));
            var ((onSqlite, state), (onPostgres, other)) = (answers[0], answers[1]);
            told.Add($"{act} -> {onSqlite}");
            var expected = naive.Do(act, onSqlite);
            if (expected != onSqlite || onSqlite != onPostgres || naive.State != state || state != other)
                Assert.Fail($"{string.Join('\n', told)}\nexpected:   {expected}: {naive.State}\nSQLite:     {onSqlite}: {state}\nPostgreSQL: {onPostgres}: {other}");
            counts.AddOrUpdate($"{act.Kind}: {onSqlite.Split(' ')[0]}", 1, (_, count) => count + 1);
        }
    }

    private static async Task<(string Answer, string State)> DoAsync(Differential side, Act act) => (await side.DoAsync(act), await side.StateAsync());
}
