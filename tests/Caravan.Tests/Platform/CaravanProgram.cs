using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Caravan.Tests.Orders;

namespace Caravan.Tests.Platform;

/// <summary>The real program in a process of its own, as an operator runs it.</summary>
internal sealed partial class CaravanProgram : IDisposable
{
    private CaravanProgram(Process process) => Process = process;

    public Process Process { get; }

    public Uri Address { get; private set; } = new("http://localhost");

    /// <summary>What it has written to its output so far.</summary>
    public ConcurrentQueue<string> Said { get; } = new();

    /// <summary>Runs a verb to its end.</summary>
    public static async Task<(int Exit, string Output, string Errors)> RunAsync(params string[] words)
    {
        using var process = Start(words, []);
        var output = process.StandardOutput.ReadToEndAsync(TestCaravan.Cancel);
        var errors = process.StandardError.ReadToEndAsync(TestCaravan.Cancel);
        await process.WaitForExitAsync(TestCaravan.Cancel);
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>Starts a verb and lets it run.</summary>
    public static Process Start(params string[] words) => Start(words, []);

    /// <summary>Starts a server on a free port and waits until it serves.</summary>
    public static async Task<CaravanProgram> ServeAsync(string[] words, params (string Name, string Value)[] environment)
    {
        var program = new CaravanProgram(Start(["--demo", "off", "--urls", "http://127.0.0.1:0", .. words], environment));
        while (await program.Process.StandardOutput.ReadLineAsync(TestCaravan.Cancel) is { } line)
        {
            program.Said.Enqueue(line);
            if (!line.StartsWith("Caravan is serving on", StringComparison.Ordinal))
                continue;

            program.Address = new Uri(line.Split(' ')[^1]);
            _ = program.ListenAsync(program.Process.StandardOutput);
            _ = program.ListenAsync(program.Process.StandardError);
            return program;
        }

        throw new InvalidOperationException($"The program did not start: {string.Join('\n', program.Said)} {await program.Process.StandardError.ReadToEndAsync(TestCaravan.Cancel)}");
    }

    /// <summary>Adds a company by the verb and gives its key.</summary>
    public static async Task<string> AddPartnerAsync(string slug, params string[] store)
    {
        var (exit, output, errors) = await RunAsync(["partner", "add", slug, slug, .. store]);
        Assert.True(exit == 0, errors);
        return Key().Match(output).Value;
    }

    public HttpClient Client(string? key)
    {
        var http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
        if (key is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return http;
    }

    /// <summary>A company's item, a warehouse that always works, and stock in it.</summary>
    public static async Task FillAsync(HttpClient http, int units)
    {
        var item = await http.ReplaceAsync("/v1/items", new { items = new[] { new { sku = "tea", name = "Tea", weightGrams = 500, price = new { amount = 1_200, currency = "CNY" } } } });
        var place = await http.ReplaceAsync("/v1/locations", new
        {
            code = "W1",
            name = "Warehouse",
            kind = "warehouse",
            region = "bj",
            point = new { latitude = OrderWorld.Customer.Latitude, longitude = OrderWorld.Customer.Longitude },
            timeZone = "Etc/UTC",
            hours = Enumerable.Repeat(new[] { "00:00-24:00" }, 7),
            throughputPerHour = 1_000_000,
            handlingMinutes = 10,
            temperatureClasses = new[] { "ambient" },
            nextDayCutOff = "23:59:00",
            nextDayMetres = 100_000,
        });
        var receipt = await http.SubmitAsync("/v1/stock/receipts", new { location = place.Body.GetProperty("id").GetString(), cause = "opening", lines = new[] { new { sku = "tea", quantity = units } } });
        Assert.True(item.Status == 200 && place.Status is 200 or 201 && receipt.Status is 200 or 201, $"{item.Body} {place.Body} {receipt.Body}");
    }

    /// <summary>All of a company's orders: their ids by number.</summary>
    public static async Task<Dictionary<string, string>> OrdersAsync(HttpClient http)
    {
        var stored = new Dictionary<string, string>();
        for (var cursor = ""; ;)
        {
            var page = await http.FetchAsync($"/v1/orders?limit=200{cursor}");
            foreach (var order in page.Body.GetProperty("items").EnumerateArray())
                stored.Add(order.GetProperty("number").GetString()!, order.GetProperty("id").GetString()!); // Every order has both.
            if (!page.Body.TryGetProperty("next", out var next) || next.GetString() is not { } place)
                return stored;

            cursor = $"&cursor={place}";
        }
    }

    /// <summary>Places orders one after the other until the line is cut or the test says so; what was answered is kept by its number.</summary>
    public static async Task PlaceAsync(HttpClient http, string prefix, ConcurrentDictionary<string, string> acknowledged, CancellationToken stop, Action<int>? answered = null)
    {
        for (var n = 0; !stop.IsCancellationRequested; n++)
        {
            try
            {
                var answer = await http.SubmitAsync("/v1/orders", OrderWorld.OrderBody($"{prefix}-{n}", "nextDay"), key: $"{prefix}-{n}");
                answered?.Invoke(answer.Status);
                if (answer.Status == 201)
                    acknowledged[$"{prefix}-{n}"] = answer.Body.GetProperty("id").GetString()!; // Every order has one.
            }
            catch (Exception cut) when (cut is HttpRequestException or IOException or TaskCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Orders one unit under a key: the status, or none when no answer came. What is acknowledged is noted, and is the same for the same key.</summary>
    public static async Task<int?> TryPlaceAsync(HttpClient http, string number, ConcurrentDictionary<string, string> acknowledged)
    {
        try
        {
            var answer = await http.SubmitAsync("/v1/orders", OrderWorld.OrderBody(number, "nextDay"), key: number);
            if (answer.Status == 201)
            {
                var id = answer.Body.GetProperty("id").GetString()!; // Every order has one.
                Assert.Equal(id, acknowledged.GetOrAdd(number, id));
            }

            return answer.Status;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or TaskCanceledException or ObjectDisposedException or JsonException)
        {
            return null;
        }
    }

    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", $"{Process.Id}"]))!; // Started, or it throws.
        await kill.WaitForExitAsync(TestCaravan.Cancel);
    }

    /// <summary>Tells it to stop and gives its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        await Process.WaitForExitAsync(TestCaravan.Cancel);
        return Process.ExitCode;
    }

    /// <summary>Killed as if the power had gone, if it has not ended.</summary>
    public void Dispose()
    {
        if (!Process.HasExited)
            Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
    }

    private static Process Start(string[] words, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CaravanServer).Assembly.Location, .. words]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!; // Started, or it throws.
    }

    private async Task ListenAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
            Said.Enqueue(line);
    }

    [GeneratedRegex("crv_[a-z0-9]+_[a-z0-9]+")]
    private static partial Regex Key();
}
