using System.Diagnostics;
using System.Globalization;

namespace Caravan.Bench;

/// <summary>
/// A PostgreSQL cluster made for one run and thrown away: loopback only, fsync on. PostgreSQL refuses to run as root, so for
/// root all of it is done as the user <c>postgres</c>.
/// </summary>
internal sealed class PostgresCluster : IAsyncDisposable
{
    private const string Owner = "caravan";

    // As durable as PostgreSQL is by default; only roomier than its defaults, which are made for a machine of long ago.
    private static readonly string[] Settings =
    [
        "listen_addresses=127.0.0.1", "fsync=on", "synchronous_commit=on", "full_page_writes=on", "shared_buffers=256MB", "max_wal_size=2GB", "max_connections=100",
    ];

    private readonly string folder;
    private readonly string binaries;
    private readonly int port = ServerProcess.FreePort();

    private PostgresCluster(string folder, string binaries)
    {
        this.folder = folder;
        this.binaries = binaries;
    }

    /// <summary>Processor time of all of the cluster's processes since its start.</summary>
    public double CpuSeconds => ProcessFigures.CpuSecondsOfFamily(int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture));

    private string Data => Path.Combine(folder, "data");

    public static async Task<PostgresCluster> StartAsync(CancellationToken cancel)
    {
        var cluster = new PostgresCluster(Directory.CreateTempSubdirectory("caravan-bench-pg-").FullName, FindBinaries());
        try
        {
            if (Environment.IsPrivilegedProcess)
                await RunAsync("chown", ["postgres", cluster.folder], cancel);
            await cluster.RunAsOwnerAsync("initdb", ["-D", cluster.Data, "-U", Owner, "--auth=trust", "--encoding=UTF8", "--locale=C"], cancel);
            var options = string.Join(' ', Settings.Append($"unix_socket_directories={cluster.folder}").Append(string.Create(CultureInfo.InvariantCulture, $"port={cluster.port}")).Select(one => $"-c {one}"));
            await cluster.RunAsOwnerAsync("pg_ctl", ["-D", cluster.Data, "-l", Path.Combine(cluster.folder, "log"), "-o", options, "-w", "start"], cancel);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public string ConnectionString(string database) => $"Host=127.0.0.1;Port={port};Username={Owner};Database={database}";

    public Task CreateAsync(string database, CancellationToken cancel) => RunAsOwnerAsync("createdb", [.. Connection, database], cancel);

    /// <summary>Copies a database that nobody is connected to.</summary>
    public Task CopyAsync(string database, string copy, CancellationToken cancel) => RunAsOwnerAsync("createdb", [.. Connection, "-T", database, copy], cancel);

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(Data, "postmaster.pid")))
            await RunAsOwnerAsync("pg_ctl", ["-D", Data, "-m", "immediate", "-w", "stop"], CancellationToken.None);
        Directory.Delete(folder, recursive: true);
    }

    private string[] Connection => ["-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-U", Owner];

    private static string FindBinaries()
    {
        const string Root = "/usr/lib/postgresql"; // Where Debian keeps its versions.
        var versions = Directory.Exists(Root) ? Directory.GetDirectories(Root) : [];
        return versions.Select(version => Path.Combine(version, "bin"))
            .Where(bin => File.Exists(Path.Combine(bin, "initdb")))
            .MaxBy(bin => int.TryParse(Path.GetFileName(Path.GetDirectoryName(bin)), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0)
            ?? throw new BenchException($"No PostgreSQL under {Root}. Install it (apt-get install postgresql), or measure --store sqlite.");
    }

    private Task RunAsOwnerAsync(string program, string[] arguments, CancellationToken cancel)
    {
        var path = Path.Combine(binaries, program);
        return Environment.IsPrivilegedProcess
            ? RunAsync("runuser", ["-u", "postgres", "--", path, .. arguments], cancel)
            : RunAsync(path, arguments, cancel);
    }

    // Output goes nowhere rather than through a pipe: the server that pg_ctl starts would keep the pipe open.
    private static async Task RunAsync(string program, string[] arguments, CancellationToken cancel)
    {
        var shell = new ProcessStartInfo("sh", ["-c", "exec \"$@\" >/dev/null", "sh", program, .. arguments]) { WorkingDirectory = "/" };
        using var process = Process.Start(shell) ?? throw new BenchException($"{program} did not start.");
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0)
            throw new BenchException($"{program} {string.Join(' ', arguments)} ended with code {process.ExitCode}; what it said stands above.");
    }
}
