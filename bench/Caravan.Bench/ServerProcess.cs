using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Caravan.Bench;

/// <summary>The real server as a child process, on a data folder and a free port of its own, watched from outside.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>How long <see cref="SettleAsync"/> waits.</summary>
    public static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(20);

    private const int WordsKept = 20;
    private const double IdleShare = 0.1;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);
    private readonly Process process;
    private readonly Queue<string> lastWords = new();

    private ServerProcess(Process process, Uri address)
    {
        this.process = process;
        Address = address;
        process.OutputDataReceived += (_, line) => Hear(line.Data); // Read, so that the server never waits for us.
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    public int Id => process.Id;

    /// <summary>Processor time since its start, user and system.</summary>
    public double CpuSeconds => ProcessFigures.CpuSeconds(process.Id);

    public double ResidentMegabytes => ProcessFigures.ResidentMegabytes(process.Id);

    /// <summary>Starts the server and waits until it answers HTTP.</summary>
    public static async Task<ServerProcess> StartAsync(string folder, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, CancellationToken cancel)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var server = new ServerProcess(Launch(["--data", folder, "--urls", address.ToString(), .. arguments], environment), address);
        try
        {
            await server.WaitAsync(cancel);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a verb of the program to its end and gives what it printed.</summary>
    public static async Task<string> RunVerbAsync(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        using var verb = Launch(arguments, new Dictionary<string, string>());
        var error = verb.StandardError.ReadToEndAsync(cancel);
        var output = await verb.StandardOutput.ReadToEndAsync(cancel);
        await verb.WaitForExitAsync(cancel);
        return verb.ExitCode == 0
            ? output.Trim()
            : throw new BenchException($"'caravan {string.Join(' ', arguments)}' ended with code {verb.ExitCode}:\n{Explained((output + await error).Trim())}");
    }

    /// <summary>
    /// What the server still does for orders it has acknowledged belongs to them: waits until it is idle, and says after how
    /// long that was; null when it was not in time.
    /// </summary>
    public async Task<TimeSpan?> SettleAsync(Func<double> cpuSeconds, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        for (var last = cpuSeconds(); Stopwatch.GetElapsedTime(started) < SettlePatience;)
        {
            await Task.Delay(Glance, TimeProvider.System, cancel);
            var now = cpuSeconds();
            if (process.HasExited)
                throw new BenchException($"The server has ended. Its last words:\n{LastWords()}");
            if (now - last < Glance.TotalSeconds * IdleShare)
                return Stopwatch.GetElapsedTime(started) - Glance;
            last = now;
        }

        return null;
    }

    /// <summary>Ends the server as an operator would, and waits until it has ended.</summary>
    public async Task StopAsync()
    {
        if (!process.HasExited)
            LibC.Terminate(process.Id);
        using var patience = new CancellationTokenSource(StopPatience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>The last lines that it printed.</summary>
    public string LastWords()
    {
        lock (lastWords)
            return string.Join('\n', lastWords);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }

    /// <summary>A port of this machine that nobody listens on at the moment.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Process Launch(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "caravan.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new BenchException("The server did not start.");
    }

    private async Task WaitAsync(CancellationToken cancel)
    {
        using var client = new HttpClient { BaseAddress = Address };
        while (true)
        {
            if (process.HasExited)
            {
                await process.WaitForExitAsync(cancel); // Until its last words are read.
                throw new BenchException($"The server ended with code {process.ExitCode} before it answered:\n{Explained(LastWords())}");
            }

            try
            {
                using var answer = await client.GetAsync("/v1/me", HttpCompletionOption.ResponseHeadersRead, cancel);
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancel);
            }
        }
    }

    private static string Explained(string words) =>
        words.Contains("argument '--store'", StringComparison.Ordinal) ? $"{words}\nThis build of the server has no --store: it can only be measured on SQLite." : words;

    private void Hear(string? line)
    {
        lock (lastWords)
        {
            if (string.IsNullOrWhiteSpace(line))
                return;

            lastWords.Enqueue(line);
            if (lastWords.Count > WordsKept)
                lastWords.Dequeue();
        }
    }
}

/// <summary>What keeps a measurement from being made, in words for whoever runs it.</summary>
internal sealed class BenchException(string message) : Exception(message);
