using Caravan.Platform;

namespace Caravan.Bench.Orders;

/// <summary>Where the servers of a run keep their books: one store for each name, made, seeded, copied, thrown away.</summary>
internal abstract class StoreUnderTest : IAsyncDisposable
{
    protected StoreUnderTest() => Root = Directory.CreateTempSubdirectory("caravan-bench-").FullName;

    /// <summary>Processor time of the store's own processes; 0 when it lives in the server's.</summary>
    public virtual double CpuSeconds => 0;

    protected string Root { get; }

    public static async Task<StoreUnderTest> CreateAsync(string kind, CancellationToken cancel) =>
        kind == "postgres" ? new PostgresStore(await PostgresCluster.StartAsync(cancel)) : new SqliteStore();

    /// <summary>The data folder of a name.</summary>
    public string Folder(string name) => Path.Combine(Root, name);

    /// <summary>The options that make the program use the store of a name.</summary>
    public virtual IReadOnlyList<string> Options(string name) => [];

    /// <summary>The store of a name, to be opened while no server has it.</summary>
    public virtual Settings Settings(string name) => new() { DataFolder = Folder(name) };

    /// <summary>Makes an empty store.</summary>
    public virtual Task CreateStoreAsync(string name, CancellationToken cancel)
    {
        Directory.CreateDirectory(Folder(name));
        return Task.CompletedTask;
    }

    /// <summary>Makes a copy of a store whose server has stopped.</summary>
    public virtual Task CopyAsync(string name, string copy, CancellationToken cancel)
    {
        Copy(Folder(name), Folder(copy));
        return Task.CompletedTask;
    }

    /// <summary>Fills the empty store of a name from a data folder with a SQLite store.</summary>
    public virtual Task TakeAsync(string folder, string name, CancellationToken cancel)
    {
        Copy(folder, Folder(name));
        return Task.CompletedTask;
    }

    public virtual ValueTask DisposeAsync()
    {
        Directory.Delete(Root, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static void Copy(string folder, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!); // A file lies in a folder.
            File.Copy(file, target);
        }
    }
}

/// <summary>SQLite, embedded: the data folder is the store.</summary>
internal sealed class SqliteStore : StoreUnderTest;

/// <summary>PostgreSQL: a database for each name in a cluster of the run's own.</summary>
internal sealed class PostgresStore(PostgresCluster cluster) : StoreUnderTest
{
    public override double CpuSeconds => cluster.CpuSeconds;

    public override IReadOnlyList<string> Options(string name) => ["--store", cluster.ConnectionString(name)];

    public override Settings Settings(string name) => base.Settings(name) with { Store = cluster.ConnectionString(name) };

    public override async Task CreateStoreAsync(string name, CancellationToken cancel)
    {
        await base.CreateStoreAsync(name, cancel);
        await cluster.CreateAsync(name, cancel);
    }

    public override async Task CopyAsync(string name, string copy, CancellationToken cancel)
    {
        await base.CopyAsync(name, copy, cancel);
        await cluster.CopyAsync(name, copy, cancel);
    }

    public override async Task TakeAsync(string folder, string name, CancellationToken cancel) =>
        await ServerProcess.RunVerbAsync(["store", "copy", "--data", folder, "--to", cluster.ConnectionString(name)], cancel);

    public override async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        await base.DisposeAsync();
    }
}
