using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Caravan.Tests.Orders;

namespace Caravan.Tests.Platform;

/// <summary>How a server goes: the real program, told to stop while orders come in.</summary>
public sealed class DrainTests
{
    [Fact]
    public async Task A_server_told_to_stop_finishes_what_it_took_on_and_loses_nothing()
    {
        var folder = Directory.CreateTempSubdirectory("caravan-drain-").FullName;
        string[] place = ["--data", folder, "--store", await TestStore.OfAsync(folder)];
        var key = await CaravanProgram.AddPartnerAsync("drained", place);
        using var program = await CaravanProgram.ServeAsync([.. place, "--drain-seconds", "2"]);
        using var http = program.Client(key);
        await CaravanProgram.FillAsync(http, 1_000_000);
        var acknowledged = new ConcurrentDictionary<string, string>();
        using var enough = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 8).Select(n => CaravanProgram.PlaceAsync(http, $"d{n}", acknowledged, enough.Token)).ToList();
        var stream = await StreamAsync(program, key);
        while (acknowledged.Count < 50)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestCaravan.Cancel);

        using var slow = await BeginOrderAsync(program.Address, key); // Kestrel gives a body five seconds.
        await program.SignalAsync("TERM");
        var since = Stopwatch.GetTimestamp();
        var before = acknowledged.Count;
        HttpStatusCode ready;
        do
            ready = (await http.GetAsync(new Uri("/health/ready", UriKind.Relative), TestCaravan.Cancel)).StatusCode;
        while (ready == HttpStatusCode.OK && Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(1));
        var answered = await FinishOrderAsync(slow);
        var live = (await http.GetAsync(new Uri("/health/live", UriKind.Relative), TestCaravan.Cancel)).StatusCode;
        await stream.WaitAsync(TimeSpan.FromSeconds(10), TestCaravan.Cancel);
        await program.Process.WaitForExitAsync(TestCaravan.Cancel);
        var took = Stopwatch.GetElapsedTime(since);
        await enough.CancelAsync();
        await Task.WhenAll(clients);

        using var again = await CaravanProgram.ServeAsync(place);
        using var after = again.Client(key);
        var stored = await CaravanProgram.OrdersAsync(after);
        await again.StopAsync();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (ready, live));
        Assert.Equal(0, program.Process.ExitCode);
        Assert.True(took < TimeSpan.FromSeconds(20), $"It took {took} to stop.");
        Assert.True(acknowledged.Count > before, "While it said that it is not ready it took orders still.");
        Assert.All(acknowledged, order => Assert.Equal(order.Value, stored[order.Key]));
        Assert.StartsWith("HTTP/1.1 201", answered, StringComparison.Ordinal);
        Assert.Contains("slow-1", stored.Keys);
        await TestStore.DropAsync(folder);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    [Trait("Store", "once")]
    public async Task A_port_that_is_taken_is_told_in_one_line()
    {
        var folder = Directory.CreateTempSubdirectory("caravan-port-").FullName;
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var (exit, output, errors) = await CaravanProgram.RunAsync("--data", folder, "--urls", $"http://127.0.0.1:{port}");

        Assert.Equal(1, exit);
        var line = Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"http://127.0.0.1:{port}", line, StringComparison.Ordinal);
        Assert.Contains("--urls", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    // A live page: it ends, without a fault, when the server goes.
    private static async Task<Task<string>> StreamAsync(CaravanProgram program, string key)
    {
        var http = program.Client(key);
        var answer = await http.GetAsync(new Uri("/operations/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestCaravan.Cancel);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return answer.Content.ReadAsStringAsync(TestCaravan.Cancel);
    }

    // An order of which the server has the head and half of the body.
    private static async Task<TcpClient> BeginOrderAsync(Uri address, string key)
    {
        var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, TestCaravan.Cancel);
        var body = Body();
        var head = $"POST /v1/orders HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: slow-1\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head).Concat(body.Take(body.Length / 2)).ToArray(), TestCaravan.Cancel);
        return client;
    }

    private static async Task<string> FinishOrderAsync(TcpClient client)
    {
        var body = Body();
        await client.GetStream().WriteAsync(body.AsMemory(body.Length / 2), TestCaravan.Cancel);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadLineAsync(TestCaravan.Cancel) ?? "";
    }

    private static byte[] Body() => JsonSerializer.SerializeToUtf8Bytes(OrderWorld.OrderBody("slow-1", "nextDay"));
}
