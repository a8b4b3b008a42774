using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Caravan.Platform.Storage;
using Caravan.Tests.Platform;
using Npgsql;

[assembly: AssemblyFixture(typeof(TestStoreEnd))]

namespace Caravan.Tests.Platform;

/// <summary>
/// Which store the tests run on: <c>CARAVAN_TEST_STORE</c> is sqlite (the default) or postgres. For postgres the run starts
/// a server of its own on a free loopback port, with a database per Caravan, copied from one that is migrated once.
/// </summary>
internal static partial class TestStore
{
    private const string Template = "caravan_template";
    private static readonly SemaphoreSlim Gate = new(1);
    private static PostgresServer? server;

    public static bool IsPostgres { get; } = Environment.GetEnvironmentVariable("CARAVAN_TEST_STORE") switch
    {
        null or "" or "sqlite" => false,
        "postgres" => true,
        var other => throw new InvalidOperationException($"CARAVAN_TEST_STORE is sqlite or postgres, not {other}."),
    };

    /// <summary>The connection string of a folder's own database, made when it is not there; empty for SQLite.</summary>
    public static async Task<string> OfAsync(string folder) => IsPostgres ? await DatabaseAsync(folder) : "";

    /// <summary>The same on PostgreSQL, whatever the suite runs on.</summary>
    public static async Task<string> DatabaseAsync(string folder)
    {
        var running = await ServerAsync();
        var name = NameOf(folder);
        await Gate.WaitAsync();
        try
        {
            // One copy at a time: nobody may be connected to the template meanwhile.
            if (await running.ValueAsync($"SELECT 1 FROM pg_database WHERE datname = '{name}'") is null)
                await running.ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {Template}");
        }
        finally
        {
            Gate.Release();
        }

        return running.ConnectionString(name);
    }

    public static async Task DropAsync(string folder)
    {
        if (server is not null)
            await server.ExecuteAsync($"DROP DATABASE IF EXISTS {NameOf(folder)} WITH (FORCE)");
    }

    /// <summary>A PostgreSQL server for this test run, whatever the suite runs on; the test skips where it is not installed.</summary>
    public static async Task<PostgresServer> ServerAsync()
    {
        await Gate.WaitAsync();
        try
        {
            if (server is not null)
                return server;

            var started = await PostgresServer.StartAsync();
            await started.ExecuteAsync($"CREATE DATABASE {Template}");
            await using (var database = new PostgresDatabase(started.ConnectionString(Template) + ";Pooling=false"))
                database.Migrate(TimeProvider.System.GetUtcNow());
            return server = started;
        }
        finally
        {
            Gate.Release();
        }
    }

    public static void Stop() => server?.Dispose();

    private static string NameOf(string folder) => "t_" + NotInName().Replace(Path.GetFileName(folder).ToLowerInvariant(), "_") + "_" + (uint)string.GetHashCode(folder, StringComparison.Ordinal);

    [GeneratedRegex("[^a-z0-9]")]
    private static partial Regex NotInName();
}

/// <summary>Stops the run's server when the last test is over.</summary>
public sealed class TestStoreEnd : IDisposable
{
    public void Dispose() => TestStore.Stop();
}

/// <summary>
/// A throw-away PostgreSQL server on loopback. A shell holds it and waits for the end of its input: when the test run ends,
/// however it ends, the server stops and its files go.
/// </summary>
internal sealed class PostgresServer : IDisposable
{
    private const string User = "caravan";
    private readonly Process shell;
    private readonly int port;

    private PostgresServer(Process shell, int port)
    {
        this.shell = shell;
        this.port = port;
    }

    public string ConnectionString(string database) => $"Host=127.0.0.1;Port={port};Username={User};Database={database};Maximum Pool Size=8;Connection Idle Lifetime=5;Connection Pruning Interval=2";

    /// <summary>Which user of this machine its files belong to, when it is started by root.</summary>
    public const string FilesOf = "postgres";

    /// <param name="isDurable">Whether it keeps its word when it crashes; most tests are not about that.</param>
    /// <param name="data">An empty folder for everything but its log; none: a new one.</param>
    /// <param name="log">An empty folder for its log, in files of 1 MB; none: with the rest.</param>
    public static async Task<PostgresServer> StartAsync(bool isDurable = false, string? data = null, string? log = null)
    {
        var programs = Programs();
        if (programs is null)
            Repository.SkipOrFail("PostgreSQL is not installed (Debian: postgresql); tests with CARAVAN_TEST_STORE=postgres need it.");

        var port = FreePort();
        // The shell's input stays open as long as this process lives. A word on it is a signal, and then a new start.
        const string script = """
            bin=$1; port=$2; careless=$3; home=$(mktemp -d) && chmod 700 "$home" || exit 1
            data=${4:-$home}/data
            "$bin/initdb" -D "$data" ${5:+-X "$5/log" --wal-segsize=1} -U caravan -A trust -E UTF8 --locale=C -N >"$home/log" 2>&1 || { cat "$home/log"; rm -rf "$home"; exit 1; }
            start() {
                "$bin/postgres" -D "$data" -p "$port" -k "$home" -c listen_addresses=127.0.0.1 $careless \
                    -c max_connections=400 -c shared_buffers=64MB -c autovacuum=off -c max_locks_per_transaction=256 >>"$home/log" 2>&1 </dev/null &
                server=$!
                for i in $(seq 150); do "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" && break; kill -0 $server 2>/dev/null || break; sleep 0.1; done
                "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" && echo ready || cat "$home/log"
            }
            start
            while read -r signal pause; do kill -$signal $server 2>/dev/null; wait $server; sleep "$pause"; start; done
            kill -INT $server; wait $server; rm -rf "$home"
            """;
        var start = new ProcessStartInfo { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = Path.GetTempPath() };
        // initdb refuses root: Debian's package brings a user for it.
        string[] command = Environment.IsPrivilegedProcess ? ["runuser", "-u", FilesOf, "--", "sh", "-c", script, "sh"] : ["sh", "-c", script, "sh"];
        start.FileName = command[0];
        foreach (var word in (string[])[.. command[1..], programs!, $"{port}", isDurable ? "" : "-c fsync=off -c synchronous_commit=off -c full_page_writes=off", data ?? "", log ?? ""]) // Skipped or failed above when there are none.
            start.ArgumentList.Add(word);
        var shell = Process.Start(start)!; // Never null: no shell is used to start it.
        var said = await shell.StandardOutput.ReadLineAsync();
        if (said != "ready")
            Assert.Fail($"PostgreSQL does not start: {said} {await shell.StandardOutput.ReadToEndAsync()}");
        return new PostgresServer(shell, port);
    }

    /// <summary>Stops the server (INT: in haste; QUIT: as if it had crashed), waits, and starts it again.</summary>
    public async Task RestartAsync(string signal, int pauseSeconds)
    {
        await shell.StandardInput.WriteLineAsync($"{signal} {pauseSeconds}");
        await shell.StandardInput.FlushAsync();
        Assert.Equal("ready", await shell.StandardOutput.ReadLineAsync());
    }

    public int Port => port;

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<object?> ValueAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public void Dispose()
    {
        shell.StandardInput.Close();
        shell.WaitForExit(TimeSpan.FromSeconds(20));
        shell.Dispose();
    }

    private static string? Programs() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0).Select(folder => Path.Combine(folder, "bin")).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")))
            : null;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
