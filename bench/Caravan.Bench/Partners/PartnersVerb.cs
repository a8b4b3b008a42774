using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Net.Http.Headers;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Access;
using Caravan.Platform.Storage;

namespace Caravan.Bench.Partners;

/// <summary>
/// Many companies on one server: how long it takes to start, what it holds when each has asked once, and by how much the calls of one
/// slow down while another floods at ten times its rate. Quiet and noisy stretches take turns in one run, so that what the machine
/// does meanwhile falls on both.
/// </summary>
internal static class PartnersVerb
{
    private const int AtOnce = 1_000;
    private const int Rounds = 6;
    private const int FloodFactor = 10;
    private const int Flooders = 8;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(5);

    public static Command Create()
    {
        var partners = BenchRun.Number("--partners", "How many companies.", 50_000, 500_000);
        var seconds = BenchRun.Number("--seconds", "How long each quiet and each noisy stretch is.", 4, 60);
        var rate = BenchRun.Number("--rate", "Requests a second that a company may send.", 100, 10_000);
        var verb = new Command("partners", "Start, memory and a noisy neighbour with many companies.") { partners, seconds, rate };
        verb.SetAction((parsed, cancel) => BenchRun.GuardAsync(() => RunAsync(parsed.GetValue(partners), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(rate), cancel)));
        return verb;
    }

    private static async Task<int> RunAsync(int partners, TimeSpan stretch, int rate, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("caravan-bench-").FullName;
        var figures = new Figures("partners");
        try
        {
            var keys = await LoadAsync(folder, partners, cancel);
            var since = Stopwatch.GetTimestamp();
            await using var server = await ServerProcess.StartAsync(folder, ["--demo", "off", "--rate-limit", $"{rate}"], new Dictionary<string, string>(), cancel);
            figures.Add("partners", partners, "");
            figures.Add("start_seconds", Stopwatch.GetElapsedTime(since).TotalSeconds, "s");
            figures.Add("rss_mb_at_start", server.ResidentMegabytes, "MB");

            using var client = new HttpClient { BaseAddress = server.Address };
            since = Stopwatch.GetTimestamp();
            await Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = Flooders, CancellationToken = cancel }, async (key, stop) => await AskAsync(client, key, stop));
            figures.Add("first_calls_per_second", partners / Stopwatch.GetElapsedTime(since).TotalSeconds, "1/s");
            figures.Add("rss_mb", server.ResidentMegabytes, "MB");

            await NoiseAsync(client, keys[0], keys[1], stretch, rate, figures, cancel);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        figures.Print();
        return 0;
    }

    private static async Task<List<string>> LoadAsync(string folder, int partners, CancellationToken cancel)
    {
        await using var store = new Store(Database.Of(new Settings { DataFolder = folder }), TimeProvider.System);
        var book = new PartnerBook(store, TimeProvider.System);
        List<string> keys = [];
        for (var from = 0; from < partners; from += AtOnce)
        {
            var some = Enumerable.Range(from, Math.Min(AtOnce, partners - from)).ToList();
            keys.AddRange(await store.WriteAsync(async tx =>
            {
                List<string> made = [];
                foreach (var i in some)
                    made.Add(await ApiKeys.CreateAsync(tx, (await book.AddAsync(tx, $"company-{i}", $"Company {i}", isDemo: false)).Id, "bench"));
                return made;
            }, cancel));
        }

        return keys;
    }

    private static async Task NoiseAsync(HttpClient client, string quietOne, string loudOne, TimeSpan stretch, int rate, Figures figures, CancellationToken cancel)
    {
        List<double> alone = [], beside = [];
        var (sent, refused) = (0L, 0L);
        await CallAsync(client, quietOne, stretch, cancel); // The first calls compile.
        for (var round = 0; round < Rounds; round++)
        {
            alone.AddRange(await CallAsync(client, quietOne, stretch, cancel));
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var flood = FloodAsync(client, loudOne, rate * FloodFactor, over.Token);
            beside.AddRange(await CallAsync(client, quietOne, stretch, cancel));
            await over.CancelAsync();
            var (some, no) = await flood;
            (sent, refused) = (sent + some, refused + no);
        }

        var (before, during) = (Percentile(alone, 0.99), Percentile(beside, 0.99));
        figures.Add("calls_alone", alone.Count, "");
        figures.Add("calls_beside_noise", beside.Count, "");
        figures.Add("p50_ms_alone", Percentile(alone, 0.5), "ms");
        figures.Add("p50_ms_beside_noise", Percentile(beside, 0.5), "ms");
        figures.Add("p99_ms_alone", before, "ms");
        figures.Add("p99_ms_beside_noise", during, "ms");
        figures.Add("flood_per_second", sent / (stretch.TotalSeconds * Rounds), "1/s");
        figures.Add("flood_refused_percent", 100.0 * refused / Math.Max(1, sent), "%");
        figures.Add("noisy_neighbour_p99_growth_percent", 100 * ((during / before) - 1), "%");
    }

    // Well below its own rate; each call starts when its time has come, however long the one before took.
    private static async Task<List<double>> CallAsync(HttpClient client, string key, TimeSpan stretch, CancellationToken cancel)
    {
        var pause = Between * 4;
        ConcurrentBag<double> all = [];
        List<Task> open = [];
        var since = Stopwatch.GetTimestamp();
        for (var due = TimeSpan.Zero; due < stretch; due += pause)
        {
            if (due - Stopwatch.GetElapsedTime(since) is { Ticks: > 0 } wait)
                await Task.Delay(wait, TimeProvider.System, cancel);
            open.Add(OneAsync());
        }

        await Task.WhenAll(open);
        return [.. all];

        async Task OneAsync()
        {
            var asked = Stopwatch.GetTimestamp();
            if (await AskAsync(client, key, cancel) != 200)
                throw new BenchException("A call of the quiet company was refused.");
            all.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
        }
    }

    private static async Task<(long Sent, long Refused)> FloodAsync(HttpClient client, string key, int perSecond, CancellationToken over)
    {
        var (sent, refused) = (0L, 0L);
        await Task.WhenAll(Enumerable.Range(0, Flooders).Select(async _ =>
        {
            var (since, mine) = (Stopwatch.GetTimestamp(), 0);
            while (!over.IsCancellationRequested)
            {
                if (mine > Stopwatch.GetElapsedTime(since).TotalSeconds * perSecond / Flooders)
                {
                    await Task.Delay(Between, TimeProvider.System, CancellationToken.None);
                    continue;
                }

                mine++;
                Interlocked.Increment(ref sent);
                if (await AskAsync(client, key, CancellationToken.None) == 429)
                    Interlocked.Increment(ref refused);
            }
        }));
        return (sent, refused);
    }

    private static async Task<int> AskAsync(HttpClient client, string key, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/me");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await client.SendAsync(request, cancel);
        await answer.Content.ReadAsByteArrayAsync(cancel);
        return (int)answer.StatusCode;
    }

    private static double Percentile(List<double> all, double share)
    {
        all.Sort();
        return all[Math.Min(all.Count - 1, (int)(all.Count * share))];
    }
}
