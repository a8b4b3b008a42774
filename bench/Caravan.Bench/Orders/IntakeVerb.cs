using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Caravan.Bench.Orders;

/// <summary>How fast whole batches of orders are taken: <c>POST /v1/orders:batch</c>, as a marketplace's feed brings them.</summary>
internal static class IntakeVerb
{
    private const ulong Seed = 20_260_102;
    private const string Name = "intake";
    private const int SettleWaits = 30;

    public static Command Create()
    {
        var store = new Option<string>("--store") { Description = "Where the server keeps its books: sqlite (embedded) or postgres (a throw-away cluster on loopback).", DefaultValueFactory = _ => "sqlite" };
        store.AcceptOnlyFromAmong("sqlite", "postgres");
        var orders = BenchRun.Number("--orders", "How many orders are sent while the clock runs.", 20_000, 10_000_000);
        var length = BenchRun.Number("--batch", "How many orders a batch has.", 500, 1_000);
        var senders = BenchRun.Number("--senders", "How many batches are on their way at once.", 4, 64);
        var verb = new Command(
            "intake",
            """
            POST /v1/orders:batch on the real server: 2-line orders, 10,000 items, 1,800 locations, sourcing and everything included.

            Afterwards the books are checked: what was acknowledged is reserved, and nothing besides. Ends with 1 when they
            differ or a batch met a server error.

              intake --store sqlite --orders 20000

            Figures: orders_per_second (placed), cpu_ms_per_order (server and PostgreSQL, until both are idle again; what follows
            the warm-up is done before), rss_mb.
            """)
        {
            store, orders, length, senders,
        };
        verb.SetAction((parsed, cancel) => BenchRun.GuardAsync(() => RunAsync(parsed.GetValue(store)!, parsed.GetValue(orders), parsed.GetValue(length), parsed.GetValue(senders), cancel))); // It has a default.
        return verb;
    }

    private static async Task<int> RunAsync(string storeKind, int orders, int length, int senders, CancellationToken cancel)
    {
        var world = new BenchWorld(Seed);
        await using var store = await StoreUnderTest.CreateAsync(storeKind, cancel);
        var key = await SeededStore.CreateAsync(world, store, Name, cancel);
        await using var server = await ServerProcess.StartAsync(store.Folder(Name), ["--demo", "off", .. store.Options(Name)], new Dictionary<string, string>(), cancel);
        var mix = new MixedOrders(world, Seed);
        var request = new OrderRequest(server.Address, key, mix.LineCount);
        var number = 0L;
        using var client = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromMinutes(5) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);

        var answers = new Answers();
        await SendAsync(Math.Max(length, orders / 4)); // Warm-up: it counts for the books only.
        await SettleAsync();
        var cpu = server.CpuSeconds + store.CpuSeconds;
        var before = answers.Placed;
        var started = Stopwatch.GetTimestamp();
        await SendAsync(orders);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var placed = answers.Placed - before;
        await SettleAsync();

        var figures = new Figures("intake");
        figures.Add("orders_per_second", placed / seconds, "1/s");
        figures.Add("cpu_ms_per_order", 1_000 * (server.CpuSeconds + store.CpuSeconds - cpu) / Math.Max(1, placed), "ms");
        figures.Add("rss_mb", server.ResidentMegabytes, "MB");
        answers.Tell(Name);
        var agree = await new Books(server.Address, key).AgreeAsync(Name, answers, answers.Placed * mix.LineCount, mix.LineCount, cancel);
        figures.Print();
        return agree && answers.Errors5xx == 0 ? 0 : 1;

        // What follows so many orders takes longer than one wait; it is counted whole, and that of the warm-up not at all.
        async Task SettleAsync()
        {
            for (var wait = 0; wait < SettleWaits; wait++)
            {
                if (await server.SettleAsync(() => server.CpuSeconds + store.CpuSeconds, cancel) is not null)
                    return;
            }

            throw new BenchException("The server is still busy with what follows the orders: its processor time an order cannot be told.");
        }

        async Task SendAsync(int count)
        {
            var batches = new Queue<byte[]>(Enumerable.Range(0, count).Chunk(length).Select(batch => BatchOf(batch.Length)));
            await Task.WhenAll(Enumerable.Range(0, senders).Select(async _ =>
            {
                while (Next(batches) is { } batch)
                {
                    using var content = new ByteArrayContent(batch);
                    content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                    using var answer = await client.PostAsync(new Uri("/v1/orders:batch", UriKind.Relative), content, cancel);
                    var body = await answer.Content.ReadAsByteArrayAsync(cancel);
                    lock (answers)
                        Count(answers, (int)answer.StatusCode, body);
                }
            }));
        }

        byte[] BatchOf(int count)
        {
            using var body = new MemoryStream();
            body.Write("{\"orders\":["u8);
            for (var i = 0; i < count; i++)
            {
                mix.Fill(request, ++number);
                if (i > 0)
                    body.WriteByte((byte)',');
                body.Write(request.Body);
            }

            body.Write("]}"u8);
            return body.ToArray();
        }
    }

    private static byte[]? Next(Queue<byte[]> batches)
    {
        lock (batches)
            return batches.TryDequeue(out var batch) ? batch : null;
    }

    private static void Count(Answers answers, int status, byte[] body)
    {
        if (status != 200)
        {
            answers.Add(status, System.Text.Encoding.UTF8.GetString(body));
            return;
        }

        using var document = JsonDocument.Parse(body);
        foreach (var result in document.RootElement.GetProperty("results").EnumerateArray())
        {
            if (result.GetProperty("status").GetInt32() == 201)
                answers.AddPlaced();
            else
                answers.Add(result.GetProperty("status").GetInt32(), result.GetRawText());
        }
    }
}
